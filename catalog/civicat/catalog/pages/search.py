"""The search, at `/search?q=…`: the datasets that match, why each did, and how to narrow them down."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

from datasette.utils.asgi import Response
from markupsafe import Markup

from civicat.catalog.facts.freshness import LEVELS, Freshness, freshness
from civicat.catalog.i18n import Words
from civicat.catalog.model import Card, Hit, Results
from civicat.catalog.pages.asked import LONGEST, PAGE, Asked, is_canonical, read_asked
from civicat.catalog.pages.asked_place import MAP
from civicat.catalog.pages.narrowing import (
    chips,
    drawn,
    facets,
    labels,
    presets,
    sort_in_force,
    sorts,
    told,
    wrong_fields,
)
from civicat.catalog.pages.nothing import Nothing, inside, nothing
from civicat.catalog.pages.rendering import page
from civicat.catalog.search.marks import Wanted, marked
from civicat.catalog.search.reasons import Reason, reason
from civicat.catalog.site_context import Site, origin, site_of, words_of
from civicat.text import Language, Text
from civicat.vocabulary import OPENINGS

# What the formats are called in a line of few words, in either language; the facet has their long names.
_SHORT = {
    "csv": "CSV",
    "xlsx": "Excel",
    "parquet": "Parquet",
    "ndjson": "NDJSON",
    "geojson": "GeoJSON",
    "sqlite": "SQLite",
    "arrow": "Arrow",
}
_INSTEAD = frozenset(("near", "apart", "synonym"))  # the results are those of another text
_COLUMNS = 3  # of a result that are named; how many more there are is said


@dataclass(frozen=True, slots=True)
class FoundColumn:
    """A column with the words: name and title as safe HTML; `is_inside`: only its description or codes have them."""

    name: Markup
    title: Markup
    is_inside: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One result: the hit, how fresh it is today, the first of its columns with the words, or where else they are."""

    hit: Hit
    fresh: Freshness
    columns: tuple[FoundColumn, ...]
    reason: Markup | None
    chosen: Mapping[str, str]

    @property
    def formats(self) -> str:
        """The formats that the dataset can be had in, where somebody asks for one or the plainest is missing."""
        if "format" not in self.chosen and "csv" in self.hit.card.formats:
            return ""
        return ", ".join(_SHORT.get(one, one) for one in self.hit.card.formats)

    @property
    def more(self) -> int:
        """The columns with the words that are not named."""
        return len(self.hit.found_in) - len(self.columns)


async def search(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    """The datasets that match, why each did, and how to narrow them down; one address for one question."""
    site = site_of(datasette)
    asked = read_asked(request.args)
    if not is_canonical(asked, parse_qsl(request.query_string, keep_blank_values=True)):
        return Response.redirect(asked.address())
    words = words_of(site, request.scope)
    results, why = await asyncio.to_thread(_answer, site, asked, words.language)
    is_empty = results.searchable and not results.total
    rows = await inside(datasette, site.search, asked.q) if is_empty and asked.q else ()
    found = await asyncio.to_thread(_found, site, results, asked, words)
    world = drawn(asked, (hit.card for hit in results.hits))
    return await page(
        datasette,
        request,
        "search.html",
        section="search",
        asked=asked,
        longest=LONGEST,
        results=results,
        why=why,
        is_empty=is_empty,
        inside=rows,
        found=found,
        first=(results.page - 1) * PAGE + 1,
        heading=_heading(words, asked, results),
        canonical=origin(request) + asked.turn(results.page),
        facets=facets(asked, results, words),
        facet_labels=labels(words),
        chips=chips(asked, results),
        sorts=sorts(asked, words),
        sort=sort_in_force(asked),
        presets=presets(asked),
        map=world,
        map_size=MAP,
        map_said=world.said(words),
        ask=_ask(asked),
        levels=LEVELS,
        openings=OPENINGS,
        problems=[told(one, words) for one in asked.problems],
        wrong=wrong_fields(asked.problems),
        totals=site.catalogue.totals(),
    )


def _answer(site: Site, asked: Asked, language: Language) -> tuple[Results, Nothing | None]:
    """The results, and why there are none where there are none."""
    results = site.search.find(asked.question(language))
    if not results.searchable or (results.total and results.relaxed != "any"):
        return results, None
    return results, nothing(asked, results, partial(_count, site, language), site.search.unknown)


def _count(site: Site, language: Language, asked: Asked) -> int:
    """How many datasets a search finds just as it is asked."""
    return site.search.count(asked.question(language))


def _ask(asked: Asked) -> str:
    """The page on which to ask for what was looked for."""
    return f"/ask?{urlencode({'q': asked.q})}" if asked.q else "/ask"


def _found(site: Site, results: Results, asked: Asked, words: Words) -> list[Found]:
    text = results.suggestion[0] if results.relaxed in _INSTEAD and results.suggestion else asked.q
    wanted, today = site.search.wanted(text), datetime.now(UTC).date()
    return [
        Found(
            hit,
            _fresh(hit.card, today),
            _columns(hit, wanted, words),
            _reason(site, hit, wanted, text, words),
            asked.chosen,
        )
        for hit in results.hits
    ]


def _reason(site: Site, hit: Hit, wanted: Wanted, text: str, words: Words) -> Markup | None:
    """Where else a dataset has the words, when neither its title, its description nor its columns show them."""
    shown = (*hit.title.values(), *hit.snippet.values())
    if not text or hit.found_in or any("<mark>" in one for one in shown):
        return None
    release = site.layout.readable().newest(hit.card.id)
    found = reason(release, wanted, text, words.language) if release else None
    return _told(found, words) if found else None


def _told(found: Reason, words: Words) -> Markup:
    """The place and its words, marked, with their language where that is not the page's."""
    html = words.scripted(found.html) if found.language == "zh" else found.html
    around = str(words.foreign("\0", found.language))  # no text holds NUL
    return Markup("{}{}{}").format(_places(words)[found.kind], words.gettext(": "), Markup(around.replace("\0", html)))  # noqa: S704 (foreign and snippet give safe HTML)


def _places(words: Words) -> dict[str, str]:
    """What the places are called in which words can be found besides, by their kind."""
    return {
        "title": words.gettext("Title"),
        "keyword": words.gettext("Keywords"),
        "theme": words.gettext("Theme"),
        "department": words.gettext("Department"),
        "place": words.gettext("Place"),
        "table": words.gettext("Table"),
        "caveat": words.gettext("Caveat"),
        "use": words.gettext("Use"),
        "bias": words.gettext("Bias"),
        "source": words.gettext("Source"),
        "format": words.gettext("Format"),
        "name": words.gettext("Name"),
    }


def _fresh(card: Card, today: date) -> Freshness:
    return freshness(card.frequency, card.due, today)


def _columns(hit: Hit, wanted: Wanted, words: Words) -> tuple[FoundColumn, ...]:
    """The first columns that have the words, marked."""
    return tuple(_column(name, title, wanted, words) for name, title in hit.found_in[:_COLUMNS])


def _column(name: str, title: Text, wanted: Wanted, words: Words) -> FoundColumn:
    spoken = title.spoken(words.language)
    is_inside = not any(wanted.spans(one) for one in (name, title.within(spoken)))
    return FoundColumn(_marked(name, wanted), _spoken(words, words.plain(title), spoken, wanted), is_inside)


def _spoken(words: Words, title: str, spoken: Language, wanted: Wanted) -> Markup:
    """A title, marked, with its language where that is not the page's."""
    around = str(words.foreign("\0", spoken))  # no text holds NUL
    return Markup(around.replace("\0", _marked(title, wanted)))  # noqa: S704 (foreign and marked give safe HTML)


def _marked(text: str, wanted: Wanted) -> Markup:
    return Markup(marked(text, wanted))  # noqa: S704 (marks.py escapes the text and adds <mark>)


def _heading(words: Words, asked: Asked, results: Results) -> str:
    is_empty = results.searchable and (not results.total or results.relaxed)
    if not asked.q:
        if is_empty and asked.filters:
            return words.gettext("No dataset matches these filters")
        return words.gettext("All datasets") if not asked.filters else words.gettext("Datasets")
    if is_empty:
        return words.gettext("No dataset matches “%(words)s”", words=asked.q)
    return words.gettext("Search results for “%(words)s”", words=asked.q)


ROUTES = ((r"^/search$", search),)

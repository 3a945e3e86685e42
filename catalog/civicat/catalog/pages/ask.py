"""Asking for data that is not here, at `/ask?q=…`: what to write, and to which department's desk.

Nothing is stored: the text goes from the reader to the desk, not through this site.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from datasette.utils.asgi import Response
from markupsafe import Markup

from civicat.catalog.i18n import Words
from civicat.catalog.model import DepartmentCard, Question
from civicat.catalog.pages.asked import LONGEST, Asked, read_asked
from civicat.catalog.pages.nothing import words_in
from civicat.catalog.pages.rendering import page
from civicat.catalog.search.marks import Wanted
from civicat.catalog.search.query import asked as pieces_of
from civicat.catalog.search.searching import Search
from civicat.catalog.search.tokens import tokens
from civicat.catalog.site_context import Site, site_of, words_of
from civicat.text import Text

_GUESSED = frozenset(("near", "any"))  # results that are not of the word itself
NEAREST = 3  # desks that are shown first
_TITLE, _GAP = 4, 3  # what a word weighs that stands there, in its description 1


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the text with the department's datasets that have it, and the search for them."""

    word: str
    datasets: int
    address: str


@dataclass(frozen=True, slots=True)
class Desk:
    """A department, its datasets by word, and the mail to its desk (blank without one)."""

    department: DepartmentCard
    having: tuple[Word, ...]
    mail: str


@dataclass(frozen=True, slots=True)
class Gap:
    """What a department says is missing."""

    department: DepartmentCard
    what: Text


@dataclass(frozen=True, slots=True)
class Wish:
    """What to send to whom: desks whose words are `near`, all `others`, and what is known to be missing already."""

    near: tuple[Desk, ...]
    others: tuple[Desk, ...]
    gaps: tuple[Gap, ...]


async def ask(datasette: Any, request: Any) -> Response:  # noqa: ANN401 (Datasette ships no types)
    """What to write, whom to send it to, and what others miss as well."""
    site, asked = site_of(datasette), read_asked(request.args)
    words = words_of(site, request.scope)
    letter = text_of(asked.q, words)
    wish = await asyncio.to_thread(_wish, site, asked.q, words, letter)
    return await page(
        datasette,
        request,
        "ask.html",
        section="ask",
        q=asked.q,
        is_cut=asked.is_cut,
        longest=LONGEST,
        letter=letter,
        wish=wish,
    )


def _wish(site: Site, q: str, words: Words, letter: str) -> Wish:
    wanted, having = Wanted.of(pieces_of(q)), _having(site.search, q)
    departments = site.catalogue.departments()
    scores = {one.code: _score(one, wanted, having[one.code]) for one in departments}
    desks = [
        Desk(one, tuple(having[one.code]), mail(one.contact_email, subject(q, words), letter))
        for one in sorted(departments, key=lambda one: (-scores[one.code], one.code))
    ]
    near = [desk for desk in desks if scores[desk.department.code]][:NEAREST]
    return Wish(tuple(near), tuple(desk for desk in desks if desk not in near), tuple(_gaps(departments, wanted)))


def _having(search: Search, q: str) -> Mapping[str, list[Word]]:
    """What each department has of each word of a text, by its code."""
    found: defaultdict[str, list[Word]] = defaultdict(list)
    for word in words_in(q):
        results = search.find(Question(word, size=1))
        for bucket in () if results.relaxed in _GUESSED else results.facets.get("department", ()):
            address = Asked(word, {"department": bucket.code}).address()
            found[bucket.code].append(Word(word, bucket.count, address))
    return found


def _score(department: DepartmentCard, wanted: Wanted, having: Iterable[Word]) -> int:
    """How much a department has to do with the words: what it is called, what it misses, what it does, what it has."""
    said = _TITLE * _count(wanted, department.title) + _GAP * sum(_count(wanted, gap) for gap in department.gaps)
    return said + _count(wanted, department.description) + sum(one.datasets for one in having)


def _gaps(departments: Iterable[DepartmentCard], wanted: Wanted) -> list[Gap]:
    """What is missing and has any of the words, that with most of them first."""
    found = [(_count(wanted, gap), Gap(one, gap)) for one in departments for gap in one.gaps]
    return [gap for count, gap in sorted(found, key=lambda one: -one[0]) if count]


def _count(wanted: Wanted, text: Text) -> int:
    """How many of the words stand in a text, in the language where most of them do."""
    return max(wanted.count(f" {' '.join(tokens(side))} ") for side in (text.zh, text.en))


def subject(q: str, words: Words) -> str:
    """The subject of the mail."""
    if not q:
        return words.gettext("Request for open data").unescape()
    return words.gettext("Request for open data: %(words)s", words=q).unescape()


def text_of(q: str, words: Words) -> str:
    """The text to send, with places to fill in."""
    blank, empty = "…", Markup()
    lines = (
        words.gettext("Dear colleagues,"),
        empty,
        words.gettext("I looked for data on “%(words)s” in your open data and did not find it.", words=q or blank),
        words.gettext("Please publish it as open data, or tell me who keeps it."),
        empty,
        words.gettext("What I need to know: %(blank)s", blank=blank),
        words.gettext("Place: %(blank)s", blank=blank),
        words.gettext("Time: %(blank)s", blank=blank),
        words.gettext("How fine (each case, street, district, month): %(blank)s", blank=blank),
        words.gettext("What I want to do with it: %(blank)s", blank=blank),
        words.gettext("A file that a computer can read (CSV, for example) would help most."),
        empty,
        words.gettext("You can reach me at: %(blank)s", blank=blank),
        words.gettext("Kind regards"),
    )
    return "\n".join(line.unescape() for line in lines)


def mail(address: str, about: str, text: str) -> str:
    """The address that begins a mail (RFC 6068); blank where a desk has none."""
    if not address:
        return ""
    body = text.replace("\n", "\r\n")
    return f"mailto:{quote(address, safe='@')}?subject={quote(about)}&body={quote(body)}"


ROUTES = ((r"^/ask$", ask),)

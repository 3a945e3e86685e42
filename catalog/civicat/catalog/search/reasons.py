"""Where a dataset has words that neither its title, its description nor its columns show: one place, with the words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from civicat.catalog.facts.distributions import FORMATS, formats
from civicat.catalog.search.marks import Wanted, snippet
from civicat.catalog.search.pinyin import initials, syllables
from civicat.catalog.search.query import asked
from civicat.catalog.search.tokens import Kind, fold, pairs, pieces
from civicat.release import Release
from civicat.text import LANGUAGES, Language, Text
from civicat.vocabulary import THEMES


@dataclass(frozen=True, slots=True)
class Reason:
    """A place with the words: its kind, and its text in one language as safe HTML with `<mark>`."""

    kind: str
    html: str
    language: Language


def reason(release: Release, wanted: Wanted, text: str, language: Language) -> Reason | None:
    """The first place that has the words, in one language before the other; None where none shows them."""
    every = list(_places(release))
    found = _first(every, wanted, language)
    return found or _first(*_by_initials(text, every), language)


def _first(places: Iterable[tuple[str, Text]], wanted: Wanted, language: Language) -> Reason | None:
    both = sorted(LANGUAGES, key=lambda one: one != language)
    sides = ((kind, side, one.within(side)) for side in both for kind, one in places)
    return next((Reason(kind, snippet(one, wanted), side) for kind, side, one in sides if wanted.spans(one)), None)


def _places(release: Release) -> Iterator[tuple[str, Text]]:
    """All that the search reads of a release besides its description and its columns, what tells most first."""
    dataset = release.dataset
    yield "title", dataset.title
    yield from (("keyword", _same(one)) for one in dataset.keywords)
    yield from (("theme", THEMES.get(one, Text())) for one in dataset.themes)
    yield "department", release.department.title
    if dataset.place:
        yield "place", dataset.place.title
    for resource in (table.resource for table in release.tables):
        yield from (("table", one) for one in (resource.title, resource.description, _same(resource.name)))
    told = {"caveat": dataset.caveats, "use": dataset.uses, "bias": dataset.biases}
    yield from ((kind, one) for kind, many in told.items() for one in many)
    yield from (("source", _same(source.title)) for source in dataset.sources)
    yield from (("name", _same(one)) for one in (dataset.name, dataset.department))
    for name in formats(release):
        yield from (("format", one) for one in (FORMATS[name], _same(name)))


def _same(text: str) -> Text:
    return Text(text, text)


def _by_initials(text: str, places: Iterable[tuple[str, Text]]) -> tuple[list[tuple[str, Text]], Wanted]:
    """The characters whose pinyin begins with the letters of a text, and the places that have them side by side."""
    places = list(places)
    words = [piece.text for piece in asked(text) if piece.kind is Kind.WORD and initials(piece.text)]
    runs = {piece.text for _, one in places for piece in pieces(one.zh) if piece.kind is Kind.HAN} if words else set()
    found = {part for run in runs for word in words if (part := _spoken(run, word))}
    having = [(kind, one) for kind, one in places if any(part in fold(one.zh) for part in found)]
    return having, Wanted(frozenset(pair for part in found for pair in pairs(part)), frozenset())


def _spoken(run: str, word: str) -> str:
    """The part of a run that has a word as its initials; blank where none has."""
    first = "".join(one[:1] or " " for one in syllables(fold(run)))
    at = first.find(word)
    return run[at : at + len(word)] if at >= 0 else ""

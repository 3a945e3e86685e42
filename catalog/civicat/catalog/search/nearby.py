"""What there is near an address that has nothing: the words that it is made of, and the names that are like it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from civicat.catalog.index.reader import Catalogue
from civicat.catalog.model import Card, DepartmentCard, Question
from civicat.catalog.search.searching import Search

_WORD = re.compile(r"[^\W\d_][^\W_]*")  # a letter, then letters and figures: no versions
_FRAME = frozenset(
    (
        *("d", "diff", "latest", "search", "calendar", "joins", "join", "ledger", "ask", "charts", "chart", "static"),
        *("csv", "json", "parquet", "xlsx", "ndjson", "geojson", "svg", "png", "html", "php", "aspx"),
    )
)  # what addresses of the site, and of others before it, have besides names
_LONGEST = 120  # characters of an address that are looked at
_MOST_WORDS = 6
_MOST_NAMES = 3
_MOST_COMPARED = 2_000  # names of one department; of a larger one the search tells
_NEAR = 60  # of 100: below, two names have little in common


@dataclass(frozen=True, slots=True)
class Nearby:
    """The words of an address, what is spelt like it, datasets that it may have meant besides, and its department."""

    words: str
    nearest: Card | None
    others: tuple[Card, ...]
    department: DepartmentCard | None


def words_of(path: str) -> str:
    """The words of an address, for a search: without the frame of addresses, versions and endings."""
    found = dict.fromkeys(_WORD.findall(path[:_LONGEST]))
    return " ".join([one for one in found if one.lower() not in _FRAME and len(one) > 1][:_MOST_WORDS])


def nearby(catalogue: Catalogue, search: Search, path: str) -> Nearby:
    """What there is near an address: by the spelling of names within its department, else by a search for its words.

    The names of one department are compared, never those of the whole catalogue.
    """
    first, *rest = [one[:_LONGEST] for one in path.split("/") if one and one not in _FRAME] or [""]
    department = _department(catalogue, first)
    is_small = department is not None and department.datasets <= _MOST_COMPARED
    alike = _spelt_like(rest[0], catalogue.cards(department.code)) if department and is_small and rest else ()
    words = words_of("/".join(rest if department and rest else [first, *rest]))
    others = alike[1:] if alike else _found(search, words)
    return Nearby(words, alike[0] if alike else None, others, department)


def _department(catalogue: Catalogue, code: str) -> DepartmentCard | None:
    known = {one.code: one for one in catalogue.departments()}
    found = process.extractOne(code, list(known), scorer=fuzz.ratio, score_cutoff=_NEAR)
    return known[found[0]] if found else None


def _spelt_like(name: str, cards: Iterable[Card]) -> tuple[Card, ...]:
    known = {card.name: card for card in cards}
    found = process.extract(name, list(known), scorer=fuzz.ratio, score_cutoff=_NEAR, limit=_MOST_NAMES)
    return tuple(known[one[0]] for one in found)


def _found(search: Search, words: str) -> tuple[Card, ...]:
    """What has all the words, else what has the longest of them that finds anything."""
    each = sorted(words.split(), key=lambda one: -len(one))
    found = (search.find(Question(one, size=_MOST_NAMES)).hits for one in dict.fromkeys((words, *each)) if one)
    return tuple(hit.card for hit in next(filter(None, found), ()))

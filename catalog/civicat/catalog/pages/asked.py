"""What a reader asked of /search, as a value, and the addresses of the next questions.

An address holds what was asked and nothing that goes without saying, always in the same order: one question has one
address, which caches and people can keep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from unicodedata import category
from urllib.parse import urlencode

from civicat.catalog.facts.coverage import first_day, last_day
from civicat.catalog.model import Question
from civicat.catalog.pages.asked_place import SIDES, Box, Problem, read_place, written_box
from civicat.catalog.pages.asked_time import read_day
from civicat.catalog.search import fields
from civicat.text import Language

FACETS = fields.FACETS
SORTS = ("relevance", "released", "title", "quality", "rows")
PAGE = 20  # datasets on a page of results
LONGEST = 200  # characters of a query: more is no question
_CONTROLS = ("Cc", "Cs")  # of Unicode: controls, and halves of pairs that are no characters
_READ = (*SIDES, "at.x", "at.y", "box")
_LONGEST_PAGE = 6  # figures: a million pages are enough

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: words, one value for each facet that is filtered by, a place, a time, an order, and a page from 1.

    `begins` and `ends` are years, months or days. `is_cut` where more words were typed than are looked for;
    `problems` are the values that could not be read, and `written` is what stood in their form.
    """

    q: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    box: Box | None = None
    begins: str = ""
    ends: str = ""
    sort: str = ""
    page: int = 1
    is_cut: bool = False
    problems: tuple[Problem, ...] = ()
    written: Mapping[str, str] = field(default_factory=dict)

    @property
    def filters(self) -> Pairs:
        """What the words are narrowed down by, in their order: facets, place, time."""
        place = (("box", written_box(self.box)),) if self.box else ()
        time = tuple(pair for pair in (("since", self.begins), ("until", self.ends)) if pair[1])
        return (*((name, self.chosen[name]) for name in FACETS if name in self.chosen), *place, *time)

    @property
    def is_narrowed(self) -> bool:
        """Whether it is anything else than the first page of all datasets: no page for search engines."""
        return bool(self.pairs())

    def pairs(self) -> Pairs:
        """The parameters of its address, in their order."""
        sort = "" if self.sort == default_sort(self.q) else self.sort
        page = str(self.page) if self.page > 1 else ""
        return tuple(pair for pair in (("q", self.q), *self.filters, ("sort", sort), ("page", page)) if pair[1])

    def address(self) -> str:
        """The address of this search."""
        pairs = self.pairs()
        return f"/search?{urlencode(pairs, safe=',')}" if pairs else "/search"

    def turn(self, page: int) -> str:
        """The address of another page of the same results."""
        return replace(self, page=page).address()

    def toggle(self, facet: str, code: str) -> str:
        """The address with one value of a facet chosen, or let go where it was chosen."""
        rest = {name: value for name, value in self.chosen.items() if name != facet}
        chosen = rest if self.chosen.get(facet) == code else {**rest, facet: code}
        return replace(self, chosen=chosen, page=1).address()

    def without(self, name: str) -> Asked:
        """The same search without one filter: a facet, `box`, or `since` with `until`."""
        if name == "box":
            return replace(self, box=None, page=1)
        if name in {"since", "until"}:
            return replace(self, begins="", ends="", page=1)
        return replace(self, chosen={one: code for one, code in self.chosen.items() if one != name}, page=1)

    def within(self, box: Box) -> str:
        """The address of the same search in another place."""
        return replace(self, box=box, page=1).address()

    def saying(self, words: str) -> Asked:
        """A search for other words with the same filters."""
        return replace(self, q=words, page=1)

    def bare(self) -> Asked:
        """The same words without filters."""
        return Asked(q=self.q, sort=self.sort)

    def carried(self, *names: str) -> Pairs:
        """What a form has to carry along that sets the named parameters itself: all others but the page."""
        return tuple(pair for pair in replace(self, page=1).pairs() if pair[0] not in names)

    def question(self, language: Language, size: int = PAGE) -> Question:
        """The search as the engine takes it."""
        return Question(
            self.q,
            self.chosen,
            self.box,
            first_day(self.begins),
            last_day(self.ends),
            self.sort or default_sort(self.q),
            self.page,
            size,
            language,
        )


def default_sort(q: str) -> str:
    """The order that goes without saying: without words there is no best match."""
    return "relevance" if q else "released"


def read_asked(args: Any) -> Asked:  # noqa: ANN401 (Datasette's MultiParams)
    """The search in a query string. Of a repeated parameter the first value counts, unknown ones are left out."""
    values = {name: _plain(args.get(name)) for name in ("q", *FACETS, *_READ, "since", "until", "sort", "page")}
    place = read_place({name: values[name] for name in _READ})
    begins, ends, late = _time(values["since"], values["until"])
    page, sort, q = values["page"], values["sort"], values["q"]
    return Asked(
        q=q[:LONGEST].strip(),
        chosen={name: values[name][:LONGEST].strip() for name in FACETS if values[name]},
        box=place.box,
        begins=begins,
        ends=ends,
        sort=sort if sort in SORTS and (q or sort != "relevance") else "",
        page=max(int(page), 1) if page.isdecimal() and len(page) <= _LONGEST_PAGE else 1,
        is_cut=len(q) > LONGEST,
        problems=(*place.problems, *late),
        written={
            **(place.written or {}),
            "since": begins or values["since"][:LONGEST],
            "until": ends or values["until"][:LONGEST],
        },
    )


def _time(begins: str, ends: str) -> tuple[str, str, tuple[Problem, ...]]:
    """From when, until when, and what of both could not be read; a time that ends before it begins is none."""
    read = {name: read_day(value) if value else "" for name, value in (("since", begins), ("until", ends))}
    problems = tuple(
        Problem(name, value[:LONGEST]) for name, value in (("since", begins), ("until", ends)) if read[name] is None
    )
    first, last = read["since"] or "", read["until"] or ""
    if first and last and first_day(first) > last_day(last):
        return "", "", (Problem("since>until", f"{first} > {last}"),)
    return first, last, problems


def _plain(written: str | None) -> str:
    """What was typed without control characters, which no page may hold (HTML, 13.2.3.5)."""
    return "".join(" " if category(sign) in _CONTROLS else sign for sign in written or "").strip()


def is_canonical(asked: Asked, pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether a query string's pairs are those of the search's own address; what is told to the reader may stand."""
    return bool(asked.problems) or asked.is_cut or tuple(pairs) == asked.pairs()

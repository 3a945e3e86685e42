"""What a reader asked of /search, as a value, and the addresses of the next questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from unicodedata import category
from urllib.parse import urlencode

from civicat.catalog.i18n import Words
from civicat.catalog.model import Bucket, Results
from civicat.text import Text

FACETS = ("theme", "department", "frequency", "licence")
SORTS = ("relevance", "released", "title")
OPEN = ("theme", "department")  # facets whose lists are open without a click
LONGEST = 200  # characters of a query: more is no question


_CONTROLS = ("Cc", "Cs")  # of Unicode: controls, and halves of pairs that are no characters


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: words, one value for each facet that is filtered by, an order, and a page from 1.

    `is_cut` where more words were typed than are looked for.
    """

    q: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    is_cut: bool = False

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """The facets filtered by, in their order."""
        return tuple((name, self.chosen[name]) for name in FACETS if name in self.chosen)

    def address(self) -> str:
        """The address of this search, with nothing in it that goes without saying."""
        pairs = [("q", self.q), *self.filters, ("sort", self.sort), ("page", str(self.page) if self.page > 1 else "")]
        query = urlencode([pair for pair in pairs if pair[1]])
        return f"/search?{query}" if query else "/search"

    def turn(self, page: int) -> str:
        """The address of another page of the same results."""
        return replace(self, page=page).address()

    def toggle(self, facet: str, code: str) -> str:
        """The address with one value of a facet chosen, or let go where it was chosen."""
        rest = {name: value for name, value in self.chosen.items() if name != facet}
        chosen = rest if self.chosen.get(facet) == code else {**rest, facet: code}
        return replace(self, chosen=chosen, page=1).address()

    def suggest(self, words: str) -> str:
        """The address of a search for other words with the same filters."""
        return replace(self, q=words, page=1).address()

    def clear(self) -> str:
        """The address of the same words without filters."""
        return Asked(q=self.q, sort=self.sort).address()

    def without_sort(self) -> tuple[tuple[str, str], ...]:
        """What a form that chooses the order has to carry along."""
        return tuple(pair for pair in (("q", self.q), *self.filters) if pair[1])


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force: what it says, and the address without it."""

    label: Text
    address: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet, and the address that chooses it or lets it go."""

    bucket: Bucket
    address: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A list of values to narrow down by."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    open: bool


def sorts(asked: Asked, words: Words) -> tuple[tuple[str, str], ...]:
    """The orders to choose from; without words there is no best match."""
    best = (("relevance", words.gettext("Best match")),) if asked.q else ()
    return (*best, ("released", words.gettext("Newest")), ("title", words.gettext("Title")))


def read_asked(args: Any) -> Asked:  # noqa: ANN401 (Datasette's MultiParams)
    """The search in a query string; what cannot be read is left out."""
    page, sort, q = args.get("page") or "", args.get("sort") or "", _plain(args.get("q"))
    return Asked(
        q=q[:LONGEST].strip(),
        chosen={name: _plain(args.get(name))[:LONGEST] for name in FACETS if _plain(args.get(name))},
        sort=sort if sort in SORTS else "",
        page=max(int(page), 1) if page.isdecimal() and len(page) <= 6 else 1,  # noqa: PLR2004 (a million pages are enough)
        is_cut=len(q) > LONGEST,
    )


def _plain(written: str | None) -> str:
    """What was typed without control characters, which no page may hold (HTML, 13.2.3.5)."""
    return "".join(" " if category(sign) in _CONTROLS else sign for sign in written or "").strip()


def chips(asked: Asked, results: Results) -> tuple[Chip, ...]:
    """The filters in force; a value that no dataset has is shown by its code."""
    return tuple(Chip(_label(results, *pair), asked.toggle(*pair)) for pair in asked.filters)


def _label(results: Results, facet: str, code: str) -> Text:
    return next((one.label for one in results.facets.get(facet, ()) if one.code == code), Text(code, code))


def facets(asked: Asked, results: Results, words: Words) -> tuple[Facet, ...]:
    """The facets that have anything to choose, each value with its address."""
    labels = {
        "theme": words.gettext("Theme"),
        "department": words.gettext("Department"),
        "frequency": words.gettext("Update frequency"),
        "licence": words.gettext("Licence"),
    }
    return tuple(_facet(asked, name, labels[name], results.facets[name]) for name in FACETS if results.facets.get(name))


def _facet(asked: Asked, name: str, label: str, buckets: tuple[Bucket, ...]) -> Facet:
    choices = tuple(Choice(bucket, asked.toggle(name, bucket.code)) for bucket in buckets)
    return Facet(name, label, choices, name in OPEN or any(bucket.chosen for bucket in buckets))

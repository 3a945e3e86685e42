"""Addresses of a table's page: the same question with one thing more, less or otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

Pair = tuple[str, str]

_PLACE = "_next"  # where a page goes on: any other question begins at its first row
FORM = "_form"  # sent by our own forms, whose empty fields ask for nothing
_OF_PAGES = ("_size", "_facet")  # a file of all rows has neither
_CHOSEN = ("_filter_column", "_filter_op", "_filter_value")
_WITHOUT_VALUE = ("isnull", "notnull", "isblank", "notblank")


@dataclass(frozen=True, slots=True)
class Address:
    """The path of a table's page and its parameters in their order."""

    path: str
    pairs: tuple[Pair, ...]

    def __str__(self) -> str:
        return f"{self.path}?{urlencode(self.pairs)}" if self.pairs else self.path

    def first_page(self) -> Address:
        """The same question from its first row."""
        return self.without(_PLACE)

    def next_page(self, place: str) -> Address:
        """The same question from a place on."""
        return Address(self.path, (*self.first_page().pairs, (_PLACE, place)))

    def without(self, *names: str) -> Address:
        """The question without some parameters."""
        return Address(self.path, tuple(pair for pair in self.pairs if pair[0] not in names))

    def lacking(self, *pairs: Pair) -> Address:
        """The question without some filters, from its first row."""
        return Address(self.path, tuple(pair for pair in self.first_page().pairs if pair not in pairs))

    def having(self, *pairs: Pair) -> Address:
        """The question with more filters, from its first row."""
        return Address(self.path, (*self.first_page().pairs, *pairs))

    def sorted_by(self, column: str, *, descending: bool) -> Address:
        """The question in another order, from its first row."""
        kept = self.first_page().without("_sort", "_sort_desc")
        return Address(self.path, (*kept.pairs, ("_sort_desc" if descending else "_sort", column)))

    def as_format(self, extension: str) -> Address:
        """All rows of the question in a machine's format."""
        kept = self.first_page().without(*(_OF_PAGES if extension == "csv" else ()))
        return Address(f"{self.path}.{extension}", kept.pairs)


def from_form(path: str, pairs: Sequence[Pair]) -> Address | None:
    """Where a form of ours leads: its question without what was left empty. None for any other request."""
    if not any(name in (FORM, _CHOSEN[0]) for name, _ in pairs):
        return None
    kept = [(name, value) for name, value in pairs if value and name not in (FORM, _PLACE, *_CHOSEN)]
    return Address(path, (*dict.fromkeys((*kept, *_chosen(dict(pairs)))),))


def _chosen(asked: dict[str, str]) -> list[Pair]:
    """The filter that was put together from a column, an operator and a value."""
    column, operator, value = (asked.get(name, "") for name in _CHOSEN)
    if not column or not (value or operator in _WITHOUT_VALUE):
        return []
    return [(f"{column}__{operator or 'exact'}", "1" if operator in _WITHOUT_VALUE else value)]

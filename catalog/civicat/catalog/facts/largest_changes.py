"""Which changed numbers moved furthest: each held against how far the values of its column lie apart.

The measure is the width of the middle half of the column before (from the first quartile to the third, as its profile
has them); where that is not known or nothing, the size of the value before. A value that had none is not measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from civicat.catalog.facts.release_facts import Values
from civicat.catalog.facts.withdrawn import read_json
from civicat.layout import PROFILE
from civicat.mapping import mappings
from civicat.release import Release

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Move:
    """One number that changed: the values of its row's key, its column, what it held, and what it is held against.

    `times` is the change in widths of the middle half where `is_spread`, else in sizes of the value before.
    """

    key: tuple[str, ...]
    column: str
    old: str
    new: str
    times: Decimal
    is_spread: bool


def largest(
    changed: Iterable[tuple[tuple[str, ...], str, str, str]], widths: Mapping[str, Decimal]
) -> tuple[Move, ...]:
    """The SHOWN largest of some changes (key, column, old, new); `widths` is of the columns, by name."""
    found = (move for one in changed if (move := _move(*one, widths)))
    return tuple(sorted(found, key=lambda one: -one.times)[:SHOWN])


def _move(key: tuple[str, ...], column: str, old: str, new: str, widths: Mapping[str, Decimal]) -> Move | None:
    before, after = _number(old), _number(new)
    if before is None or after is None:
        return None
    width = widths.get(column)
    measure = width or abs(before)
    return Move(key, column, old, new, abs(after - before) / measure, bool(width)) if measure else None


def widths(release: Release, resource: str) -> dict[str, Decimal]:
    """The width of the middle half of each column of a table, where its profile tells it."""
    tables = mappings(read_json(release.folder / PROFILE).get("tables"))
    own = (one for one in tables if one.get("resource") == resource)
    return {name: width for table in own for name, width in _widths(table)}


def _widths(table: Values) -> Iterator[tuple[str, Decimal]]:
    for column in mappings(table.get("columns")):
        quantiles = column.get("quantiles")
        values = quantiles.get("values") if isinstance(quantiles, dict) else None
        if isinstance(values, dict):
            low, high = _number(values.get("0.25")), _number(values.get("0.75"))
            if low is not None and high is not None and high > low:
                yield str(column.get("name", "")), high - low


def _number(value: object) -> Decimal | None:
    try:
        found = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None

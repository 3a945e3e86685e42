"""What changed from one version of a table to the next, each change as an amount that a bound can be held against."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from civicat.text import Text
from civicat.validators.bounds import Limit
from civicat.validators.measures import ColumnMeasure, TableMeasure
from civicat.validators.messages import quoted

_NAMED = 5  # categories that a message names; the others are counted
_WHOLE = 1_000  # from here on the decimals of a mean say nothing
_LONG = 1e12  # and from here on its digits


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `size` is in the unit of its limit: percent, points, a count or times (inf: all became 0).

    `rows` is how many rows it touches; `facts` are what a message says of it.
    """

    limit: Limit
    column: str
    size: Fraction | float
    rows: Fraction
    facts: Mapping[str, Text] = field(default_factory=dict)


def changes(was: TableMeasure, now: TableMeasure) -> Iterator[Change]:
    """Every change of the rows, and of the columns that both have.

    A column that was retyped is only looked at for how many of its cells are filled.
    """
    yield from _rows(was, now)
    for name, before in was.columns.items():
        after = now.columns.get(name)
        if after is not None and was.rows and now.rows:
            yield from _fill(name, (was.rows, before), (now.rows, after))
            if before.kind == after.kind:
                yield from _categories(name, before, after)
                yield from _magnitude(name, before, after)


def unchanged(was: TableMeasure, now: TableMeasure) -> bool:
    """Whether nothing that is measured differs: the same data, handed in with other words."""
    dates = [{name: one.latest for name, one in table.columns.items()} for table in (was, now)]
    same_dates = all(dates[1].get(name, day) == day for name, day in dates[0].items())
    return was.rows == now.rows and same_dates and not any(change.size for change in changes(was, now))


def amount(size: Fraction | float, most: Fraction) -> str:
    """A size with as many decimals as it takes to tell it from the bound that it crosses."""
    value = float(size)
    if value >= _LONG:
        return f"{value:.4g}"
    for decimals in range(1, 7):
        text = f"{value:,.{decimals}f}"
        if Fraction(text.replace(",", "")) != most:
            return text.rstrip("0").rstrip(".")
    return text


def listed(values: list[str]) -> Text:
    """The first few values, quoted, and how many more."""
    shown = [quoted(value) or " " for value in values[:_NAMED]]
    more = len(values) - len(shown)
    zh = "、".join(f"“{value}”" for value in shown) + (f"等 {len(values):,} 个" if more else "")
    en = ", ".join(f"“{value}”" for value in shown) + (f" and {more:,} more" if more else "")
    return Text(zh, en)


def _rows(was: TableMeasure, now: TableMeasure) -> Iterator[Change]:
    if not was.rows or was.rows == now.rows:
        return
    size = Fraction(100 * abs(now.rows - was.rows), was.rows)
    limit = Limit.ROWS_DOWN if now.rows < was.rows else Limit.ROWS_UP
    facts = {"was": _same(f"{was.rows:,}"), "now": _same(f"{now.rows:,}")}
    yield Change(limit, "", size, Fraction(abs(now.rows - was.rows)), facts)


def _fill(name: str, was: tuple[int, ColumnMeasure], now: tuple[int, ColumnMeasure]) -> Iterator[Change]:
    before, after = (Fraction(one.filled, rows) for rows, one in (was, now))
    if before != after:
        limit = Limit.FILL_DOWN if after < before else Limit.FILL_UP
        facts = {"was": _share(was[1].filled, was[0]), "now": _share(now[1].filled, now[0])}
        yield Change(limit, name, 100 * abs(after - before), abs(after - before) * max(was[0], now[0]), facts)


def _categories(name: str, was: ColumnMeasure, now: ColumnMeasure) -> Iterator[Change]:
    if was.categories is None or not was.filled or not now.filled:
        return
    if now.categories is None:
        yield Change(Limit.CATEGORIES_NEW, name, math.inf, Fraction(now.filled))
        return
    yield from _listed(Limit.CATEGORIES_GONE, name, was.categories, now.categories)
    yield from _listed(Limit.CATEGORIES_NEW, name, now.categories, was.categories)
    both = [value for value in was.categories if value in now.categories]
    if both:
        yield max((_moved(name, value, was, now) for value in both), key=lambda one: one.size)


def _listed(limit: Limit, name: str, here: Mapping[str, int], there: Mapping[str, int]) -> Iterator[Change]:
    only = sorted((value for value in here if value not in there), key=lambda value: (-here[value], value))
    if only:
        rows = Fraction(sum(here[value] for value in only))
        facts = {"values": listed(only), "rows": _same(f"{int(rows):,}")}
        yield Change(limit, name, Fraction(len(only)), rows, facts)


def _moved(name: str, value: str, was: ColumnMeasure, now: ColumnMeasure) -> Change:
    held = [((one.categories or {})[value], one.filled) for one in (was, now)]
    before, after = (Fraction(*one) for one in held)
    facts = {"value": _same(quoted(value)), "was": _share(*held[0]), "now": _share(*held[1])}
    gap = abs(after - before)
    return Change(Limit.CATEGORIES_SHARE, name, 100 * gap, gap * max(was.filled, now.filled), facts)


def _magnitude(name: str, was: ColumnMeasure, now: ColumnMeasure) -> Iterator[Change]:
    before, after = was.magnitude, now.magnitude
    if not before or after is None or before == after or math.inf in {before, after}:
        return
    facts = {"was": _mean(before), "now": _mean(after)}
    larger, smaller = max(before, after), min(before, after)
    size = min(larger / smaller, sys.float_info.max) if smaller else math.inf
    limit = Limit.MAGNITUDE_UP if after > before else Limit.MAGNITUDE_DOWN
    yield Change(limit, name, size, Fraction(now.filled), facts)


def _share(part: int, whole: int) -> Text:
    """A share with its counts, cut and not rounded: what is not all of them is never 100 %."""
    cut = Fraction(1000 * part // whole, 10)
    percent = f"{float(cut):g}%"
    return Text(f"{percent}（{whole:,} 行中的 {part:,} 行）", f"{percent} ({part:,} of {whole:,})")


def _mean(value: float) -> Text:
    return _same(f"{value:,.0f}" if _WHOLE <= value < _LONG else f"{value:.4g}")


def _same(text: str) -> Text:
    return Text(text, text)

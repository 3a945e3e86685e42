"""A distribution from what profile.json says of a column: no row is read."""

from __future__ import annotations

from collections.abc import Mapping

from civicat.catalog.charts.columns import Column
from civicat.catalog.charts.plot import Grain, Mark, Plot

ONE_BY_ONE = 32  # whole numbers from the least to the greatest up to which each has a bar of its own
_SKEWED = 0.9  # of all values in one bin: the others can hardly be seen, and finer bins are counted
_GRAINS: Mapping[str, Grain] = {"date": "day", "datetime": "second", "year": "year"}


def profiled(column: Column, rows: int) -> Plot | None:
    """The distribution of a column; None where its profile has none that is exact."""
    missing = column.profile.get("missing")
    missing = missing if isinstance(missing, int) else 0
    if column.role in {"code", "text"}:
        top = _top(column, rows, missing)
        if top or column.role == "code" or not column.is_number:
            return top
    told = column.profile.get("histogram")
    if not isinstance(told, dict):
        return None
    edges, counts = told.get("edges"), told.get("counts")
    if not isinstance(edges, list) or not isinstance(counts, list) or len(edges) != len(counts) + 1 or not counts:
        return None
    marks = [
        Mark(str(low), float(count), int(count), str(high))
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    ]
    if column.is_number and column.role != "date" and _is_coarse(marks):
        return None
    grain = _GRAINS.get(column.field.type, "year" if column.role == "date" else "number")
    return Plot("histogram", "count", tuple(marks), rows, missing, grain)


def _is_coarse(marks: list[Mark]) -> bool:
    """Whether finer bins say more: of a few whole numbers, which bins of two hold unevenly, or of values that crowd."""
    counts = [mark.rows for mark in marks]
    try:
        low, high = float(marks[0].key), float(marks[-1].until)
    except ValueError:
        return False
    return max(counts) >= _SKEWED * sum(counts) or ((high - low) / len(marks) > 1 and high - low <= 2 * ONE_BY_ONE)


def _top(column: Column, rows: int, missing: int) -> Plot | None:
    told, distinct = column.profile.get("top"), column.distinct
    if not isinstance(told, dict) or told.get("exact") is not True or distinct is None:
        return None
    listed = [one for one in told.get("values") or () if isinstance(one, dict)]
    marks = tuple(Mark(str(one["value"]), float(one["count"]), int(one["count"])) for one in listed)
    if not marks or any(mark.key.endswith("…") for mark in marks):
        return None
    if column.is_whole and column.role == "code" and distinct > len(marks):
        return None  # days, months: each has its bar
    left = rows - missing - sum(mark.rows for mark in marks)
    rest = Mark("", float(left), left) if left > 0 else None
    return Plot("bars", "count", marks, rows, missing, rest=rest, groups=max(0, distinct - len(marks)))

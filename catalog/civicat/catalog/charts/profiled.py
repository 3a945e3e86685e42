"""A distribution from what profile.json says of a column: no row is read."""

from __future__ import annotations

from collections.abc import Mapping

from civicat.catalog.charts.columns import Column
from civicat.catalog.charts.plot import Grain, Mark, Plot

_GRAINS: Mapping[str, Grain] = {"date": "day", "datetime": "second", "year": "year"}


def profiled(column: Column, rows: int) -> Plot | None:
    """The distribution of a column; None where its profile has none that is exact."""
    missing = column.profile.get("missing")
    missing = missing if isinstance(missing, int) else 0
    if column.role in {"code", "text"}:
        return _top(column, rows, missing)
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
    grain = _GRAINS.get(column.field.type, "year" if column.role == "date" else "number")
    return Plot("histogram", "count", tuple(marks), rows, missing, grain)


def _top(column: Column, rows: int, missing: int) -> Plot | None:
    told, distinct = column.profile.get("top"), column.distinct
    if not isinstance(told, dict) or told.get("exact") is not True or distinct is None:
        return None
    listed = [one for one in told.get("values") or () if isinstance(one, dict)]
    marks = tuple(Mark(str(one["value"]), float(one["count"]), int(one["count"])) for one in listed)
    if not marks or any(mark.key.endswith("…") for mark in marks):
        return None
    left = rows - missing - sum(mark.rows for mark in marks)
    rest = Mark("", float(left), left) if left > 0 else None
    return Plot("bars", "count", marks, rows, missing, rest=rest, groups=max(0, distinct - len(marks)))

"""The figures of one chart, in no language: what is drawn, told and tabled is made of this alone."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal, cast

Grain = Literal["", "number", "second", "hour", "day", "month", "year"]
How = Literal["count", "sum", "mean", "value", "length"]
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """One figure. `key` is its bin's lower edge, its code or its period, `until` the bin's upper edge.

    `value` is what is drawn, None where there is none; `rows` how many rows it is made of; `panel` its small multiple.
    On a map `x` and `y` are degrees east and north, `rings` the outlines of a shape (x, y).
    """

    key: str
    value: float | None
    rows: int
    until: str = ""
    panel: str = ""
    x: float = 0.0
    y: float = 0.0
    rings: tuple[Ring, ...] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """All figures of a chart.

    `rest` are those of the groups that have no bar of their own, `groups` how many these are. `rows` are all rows of
    the table, `missing` those that are left out for want of a value or place. `sql` made the figures; blank: profile.
    `cell` is the side of the squares in which a map counts its rows, in degrees. `ends` are the first and the last
    moment of a series whose first and last periods may not be whole. `below` and `above` are the few values of a
    histogram that lie so far from the others that its bins leave them out.
    """

    shape: Literal["histogram", "bars", "series", "points", "shapes"]
    how: How
    marks: tuple[Mark, ...]
    rows: int
    missing: int
    grain: Grain = ""
    rest: Mark | None = None
    groups: int = 0
    sql: str = ""
    cell: float = 0.0
    ends: tuple[str, ...] = ()
    below: Mark | None = None
    above: Mark | None = None

    @property
    def is_cut(self) -> bool:
        """Whether the bar of the rest is so long that it would hide what the others say: its end is not drawn."""
        longest = max((abs(mark.value or 0.0) for mark in self.marks), default=0.0)
        return self.rest is not None and abs(self.rest.value or 0.0) > 2 * longest > 0

    def to_json(self) -> bytes:
        """As it is kept."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode()


def read_plot(kept: bytes) -> Plot:
    """A plot from `to_json`.

    Raises:
        ValueError, TypeError, KeyError: it is not what was kept.
    """
    held = json.loads(kept)
    rest, below, above = (_mark(one) if (one := held.pop(name)) else None for name in ("rest", "below", "above"))
    marks = tuple(_mark(one) for one in held.pop("marks"))
    ends = tuple(held.pop("ends"))
    return Plot(**held, marks=marks, rest=rest, below=below, above=above, ends=ends)


def _mark(held: dict[str, object]) -> Mark:
    rings = cast("list[list[tuple[float, float]]]", held.pop("rings"))
    return Mark(**held, rings=tuple(tuple((x, y) for x, y in ring) for ring in rings))  # type: ignore[arg-type] # of to_json

"""deviated-cell: texts that are far longer than the others of their column, and than 5,000 characters.

Of a column only how often each length occurs is kept, and the rows of the very long ones.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow.compute as pc

from civicat.validators.engine.arrays import widths
from civicat.validators.engine.block import Mask
from civicat.validators.engine.checks.theirs import Theirs
from civicat.validators.engine.checks.watch import Columns, Views, Watch
from civicat.validators.engine.problem import Problem
from civicat.validators.engine.view import View

_THRESHOLD = 5000  # characters; frictionless 5.21, checks/cell/deviated_cell.py
_STEEPEST = 10**15  # an interval beyond it is left to frictionless


@dataclass(slots=True)
class _Lengths:
    """The lengths of the texts of one column, in characters; an empty one is none."""

    name: str
    place: int
    times: Counter[int] = field(default_factory=Counter)
    long: list[tuple[int, int]] = field(default_factory=list)  # row number, length
    first: int = 0  # the first row that holds a text

    def add(self, view: View) -> None:
        typed = view.typed(self.place)
        counted = pc.utf8_length(typed) if len(typed) else typed.cast("int32")
        self._count(view.block.numbers, counted.fill_null(0).to_numpy(zero_copy_only=False), widths(typed))
        apart = view.apart([self.place])
        rows = [
            (int(view.block.numbers[row]), key) for row, key in zip(apart, view.keys(apart, [self.place]), strict=True)
        ]
        for number, key in (*rows, *view.odd_keys([self.place])):
            if key[0]:
                self._add_one(number, len(str(key[0])))

    def _count(self, numbers: Any, lengths: Any, bytes_: Any) -> None:  # noqa: ANN401 (numpy's arrays)
        there = np.flatnonzero(lengths)
        if not len(there):
            return
        self._begin(int(numbers[there[0]]))
        found, times = np.unique(lengths[there], return_counts=True)
        self.times.update(dict(zip(found.tolist(), times.tolist(), strict=True)))
        if bytes_.max() > _THRESHOLD:
            rows = np.flatnonzero(lengths > _THRESHOLD)
            self.long += zip(numbers[rows].tolist(), lengths[rows].tolist(), strict=True)

    def _add_one(self, number: int, length: int) -> None:
        self._begin(number)
        self.times[length] += 1
        if length > _THRESHOLD:
            self.long.append((number, length))

    def _begin(self, number: int) -> None:
        self.first = min(self.first or number, number)

    def deviated(self, interval: float) -> list[int]:
        """The rows whose text is too long, in their order."""
        if not self.long or self.times.total() < 2:  # noqa: PLR2004 (one alone deviates from nothing)
            return []
        highest = statistics.median(self.times.elements()) + statistics.stdev(self.times.elements()) * interval
        threshold = max(highest, _THRESHOLD)
        return [number for number, length in sorted(self.long) if length > threshold]


@dataclass(slots=True)
class _Deviated:
    theirs: Theirs
    interval: float
    lengths: list[_Lengths]

    def see(self, view: View, most: int) -> Mask | None:
        """See Watch."""
        del most
        for one in self.lengths:
            one.add(view)
        return None

    def row(self, number: int, row: Any, repeats: Mapping[int, int]) -> list[Problem]:  # noqa: ANN401 (frictionless' Row)
        """See Watch."""
        del number, row, repeats
        return []

    def end(self, rows: int, again: Views) -> list[Problem]:
        """See Watch. frictionless tells the columns in the order in which they came to hold a text."""
        del rows, again
        note = 'cell at row "%s" and field "%s" has deviated size'
        return [
            self.theirs.table_problem("deviated-cell", note % (number, one.name))
            for one in sorted(self.lengths, key=lambda one: (one.first, one.place))
            for number in one.deviated(self.interval)
        ]


def watch(theirs: Theirs, check: Any, columns: Columns) -> Watch | None:  # noqa: ANN401 (frictionless is loaded late)
    """The watch of such a check."""
    if abs(check.interval) > _STEEPEST:
        return None
    places = [place for place in columns.of("string") if columns.names[place] not in check.ignore_fields]
    return _Deviated(theirs, check.interval, [_Lengths(columns.names[place], place) for place in places])

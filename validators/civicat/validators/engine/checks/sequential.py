"""sequential-value: a column that counts up by one from row to row; what breaks the count is told once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from civicat.validators.engine.block import Mask
from civicat.validators.engine.checks.theirs import Theirs
from civicat.validators.engine.checks.watch import Columns, Views, Watch, nothing, values_in_order
from civicat.validators.engine.problem import Problem
from civicat.validators.engine.view import View

_NOTE = "the value is not sequential"
_LARGE = 2**62  # a count that stays in 64 bits whatever follows in a block


@dataclass(slots=True)
class _Sequential:
    theirs: Theirs
    name: str
    place: int
    columns: Columns
    cursor: Any = None  # the value that the next row is due to hold
    broken: int | None = None  # the row that does not

    def see(self, view: View, most: int) -> Mask | None:
        """See Watch."""
        del most
        if self.broken is not None or self._counts_on(view):
            return None
        for number, cell in values_in_order(view, self.columns, self.place):
            if not self._step(cell):
                self.broken = number
                break
        return view.block.numbers == self.broken if self.broken is not None else nothing(view)

    def _counts_on(self, view: View) -> bool:
        """Whether the whole block counts on; False too where that is not plain to see."""
        typed = view.typed(self.place)
        plain = self.columns.types[self.place] == "integer" and not view.block.odd and not view.apart([self.place])
        if not plain or typed.null_count or not len(typed):
            return False
        numbers = typed.to_numpy()
        first = self.cursor or int(numbers[0])
        if not isinstance(first, int) or not 0 < first < _LARGE:
            return False
        if not (numbers == np.arange(first, first + len(numbers))).all():
            return False
        self.cursor = first + len(numbers)
        return True

    def _step(self, cell: Any) -> bool:  # noqa: ANN401 (a value of any type)
        """One row, as frictionless takes it: a count that has come to 0 begins anew."""
        try:
            self.cursor = self.cursor or cell
            same = bool(self.cursor == cell)
            self.cursor += 1
        except (ArithmeticError, TypeError, ValueError):
            return False
        return same

    def row(self, number: int, row: Any, repeats: Mapping[int, int]) -> list[Problem]:  # noqa: ANN401 (frictionless' Row)
        """See Watch."""
        del repeats
        return [self.theirs.cell_problem("sequential-value", _NOTE, row, self.name)] if number == self.broken else []

    def end(self, rows: int, again: Views) -> list[Problem]:
        """See Watch."""
        del rows, again
        return []


def watch(theirs: Theirs, check: Any, columns: Columns) -> Watch | None:  # noqa: ANN401 (frictionless is loaded late)
    """The watch of such a check."""
    place = columns.place(check.field_name)
    return None if place is None else _Sequential(theirs, check.field_name, place, columns)

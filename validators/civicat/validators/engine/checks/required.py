"""required-value: values that must stand in a column at least once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from civicat.validators.engine.block import Mask, Numbers
from civicat.validators.engine.checks.equals import COMPARED, may_equal
from civicat.validators.engine.checks.theirs import Theirs, applying
from civicat.validators.engine.checks.watch import SAME_IN_PYTHON, Columns, Views, Watch
from civicat.validators.engine.problem import Problem
from civicat.validators.engine.view import View


@dataclass(slots=True)
class _Required:
    theirs: Theirs
    check: Any  # frictionless' Check, which is loaded late
    place: int
    exact: bool  # whether values that are equal in Arrow are equal
    missing: list[Any] = field(default_factory=list)

    def see(self, view: View, most: int) -> Mask | None:
        """See Watch. Nothing is said of a row: the rows that hold what is still missing are looked up here."""
        del most
        if self.missing:
            rows = np.flatnonzero(may_equal(view, self.place, self.missing))
            rows = self._different(view, rows) if self.exact else rows
            odd = (key for _, key in view.odd_keys([self.place]))
            found = [key[0] for key in chain(view.keys(rows.tolist(), [self.place]), odd)]
            with applying():
                self.missing = [one for one in self.missing if one not in found]
        return None

    def _different(self, view: View, rows: Numbers) -> Numbers:
        """One row for each different value, and all that the type cannot hold."""
        codes = view.typed(self.place).take(rows).dictionary_encode(null_encoding="encode").indices.to_numpy()
        first = rows[np.unique(codes, return_index=True)[1]]
        apart = np.array(view.apart([self.place]), np.int64)
        return np.union1d(first, np.intersect1d(rows, apart))

    def row(self, number: int, row: Any, repeats: Mapping[int, int]) -> list[Problem]:  # noqa: ANN401 (frictionless' Row)
        """See Watch."""
        del number, row, repeats
        return []

    def end(self, rows: int, again: Views) -> list[Problem]:
        """See Watch. frictionless says it in the order of a set, which differs from run to run; here as listed."""
        del rows, again
        note = 'The value "%s" is required to be present in field "%s" in at least one row.'
        name = self.check.field_name
        return [self.theirs.table_problem("required-value", note % (one, name)) for one in self.missing]


def watch(theirs: Theirs, check: Any, columns: Columns) -> Watch | None:  # noqa: ANN401 (frictionless is loaded late)
    """The watch of such a check; None where the column's values are of a type that Arrow does not compare."""
    place = columns.place(check.field_name)
    if (
        place is None
        or columns.types[place] not in COMPARED
        or any(isinstance(one, (dict, list)) for one in check.values)
    ):
        return None
    return _Required(theirs, check, place, columns.types[place] in SAME_IN_PYTHON, list(dict.fromkeys(check.values)))

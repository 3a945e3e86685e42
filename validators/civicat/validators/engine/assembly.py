"""One row, cell by cell, as frictionless goes through it: its problems, in frictionless' order.

frictionless reads the cells of keys first and the others when somebody asks for the row's errors, so the order of the
problems of a row depends on its keys; this module follows it step by step (frictionless 5.21, `row_stream`, `Row`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from civicat.validators.engine.exact import error_shape
from civicat.validators.engine.kernels.kernel import CellReader
from civicat.validators.engine.problem import Problem
from civicat.validators.engine.rules import ABSENT, Foreign, Rules, Values

_ALL_EMPTY = 'cells composing the primary keys are all "None"'


class Known(NamedTuple):
    """What is known of a row that is not blank: `wrong` are its wrong columns, in their order.

    `empty` says that its primary key may have no value, `lost` of each foreign key that it may lead nowhere.
    """

    wrong: Sequence[int]
    empty: bool
    lost: Sequence[bool]


def assemble(  # noqa: PLR0913, PLR0917 (what a row is, and what is known of it)
    rules: Rules,
    readers: Sequence[CellReader],
    number: int,
    cells: Sequence[object],
    repeats: Mapping[int, int],
    known: Known | None = None,
) -> list[Problem]:
    """The problems of a row. `repeats` gives, by the place of a key in `rules.keys`, the row that holds the same.

    Of a row of which something is `known`, only the cells that matter are read.
    """
    row = _Row(rules, readers, number, cells, known)
    for place, column in enumerate(rules.unique):
        row.touch((column,))
        if place in repeats and (value := row.value(column)) is not None:
            row.unique(column, value, repeats[place])
    if rules.primary:
        row.touch(rules.primary)
        if (known is None or known.empty) and is_empty(row.values(rules.primary)):
            row.primary(_ALL_EMPTY, "empty", 0)
        elif (other := repeats.get(len(rules.unique))) is not None:
            row.primary(_same(other), "", other)
    for place, one in enumerate(rules.foreign):
        row.touch(one.columns)
        if known is None or known.lost[place]:
            row.follow(one)
    row.finish()
    return row.problems


def values(readers: Sequence[CellReader], cells: Sequence[object], columns: Sequence[int]) -> Values:
    """The values of some cells of a row, None where one is missing or wrong, or its column is not there (ABSENT)."""
    return tuple(
        None if column == ABSENT else readers[column](cells[column] if column < len(cells) else None)[0]
        for column in columns
    )


def is_empty(key: Values) -> bool:
    """Whether a key has no value at all; told without a set, for some values have no hash."""
    return bool(key) and all(value is None for value in key)


class _Row:
    """A row while its problems are gathered."""

    def __init__(
        self,
        rules: Rules,
        readers: Sequence[CellReader],
        number: int,
        cells: Sequence[object],
        known: Known | None,
    ) -> None:
        self._rules = rules
        self._wrong = range(len(rules.names)) if known is None else known.wrong
        self._readers = readers
        self._number = number
        self._cells = cells
        self._values: dict[int, object] = {}
        self._blank = 0
        self._finished = False
        self.problems: list[Problem] = []

    def value(self, column: int) -> object:
        """The value of a cell; the first time, its problems are noted."""
        if column not in self._values:
            self._read(column)
        return self._values[column]

    def values(self, columns: Sequence[int]) -> Values:
        """The values of a key."""
        return tuple(self.value(column) for column in columns)

    def touch(self, columns: Sequence[int]) -> None:
        """Notes what is wrong in these columns, if anything may be."""
        for column in columns:
            if column in self._wrong:
                self.value(column)

    def finish(self) -> None:
        """Reads what has not been read yet, then notes what is wrong with the row as a whole."""
        if self._finished:
            return
        self._finished = True
        width = len(self._rules.names)
        for column in self._wrong:
            self.value(column)
        for column in range(width, len(self._cells)):
            self._cell("extra-cell", column, self._cells[column], "")
        for column in range(len(self._cells), width):
            self._cell("missing-cell", column, "", "")
        if self._blank == width:
            self.problems[:] = [self._problem("blank-row", "")]

    def unique(self, column: int, value: object, other: int) -> None:
        """Notes that the value stands in another row."""
        self.finish()
        self._cell("unique-error", column, value, _same(other), other=str(other))

    def primary(self, note: str, rule: str, other: int) -> None:
        """Notes what is wrong with the primary key."""
        self.finish()
        facts = {"other": str(other) if other else ""}
        self.problems.append(self._problem("primary-key", note, rule=rule, facts=facts))

    def follow(self, one: Foreign) -> None:
        """Notes a foreign key that is not found."""
        key = self.values(one.columns)
        if is_empty(key) or one.holds(key):
            return
        self.finish()
        names = [self._rules.names[column] for column in one.columns]
        found = ["" if value is None else str(value) for value in key]
        note = (
            f'for "{", ".join(names)}": values "{", ".join(map(str, key))}" not found in the lookup table '
            f'"{one.resource}" as "{", ".join(one.fields)}"'
        )
        parts: dict[str, object] = {
            "fieldNames": names,
            "fieldCells": found,
            "referenceName": one.resource,
            "referenceFieldNames": list(one.fields),
        }
        self.problems.append(
            self._problem(
                "foreign-key",
                note,
                parts=parts,
                field=", ".join(names),
                cell=", ".join(found),
                facts={"reference": f"{one.resource} {', '.join(one.fields)}".strip()},
            )
        )

    def _read(self, column: int) -> None:
        source = self._cells[column] if column < len(self._cells) else None
        value, notes = self._readers[column](source)
        self._values[column] = value
        wrong_type = notes.get("type") if notes else None
        if value is None and not wrong_type:
            self._blank += 1
        if wrong_type:
            self._cell("type-error", column, source, wrong_type)
        for rule, note in (notes or {}).items():
            if rule != "type":
                self._cell("constraint-error", column, source, note, rule)

    def _cell(  # noqa: PLR0913, PLR0917 (the parts of a problem)
        self, code: str, column: int, cell: object, note: str, rule: str = "", other: str = ""
    ) -> None:
        field = self._rules.names[column] if column < len(self._rules.names) else ""
        parts = {"cell": str(cell), "fieldName": field, "fieldNumber": column + 1}
        self.problems.append(
            self._problem(
                code,
                note,
                parts=parts,
                rule=rule,
                field=field,
                column=column + 1,
                cell=str(cell),
                facts={"other": other},
            )
        )

    def _problem(  # noqa: PLR0913 (the parts of a problem)
        self,
        code: str,
        note: str,
        *,
        parts: Mapping[str, object] | None = None,
        rule: str = "",
        field: str = "",
        column: int | None = None,
        cell: str = "",
        facts: Mapping[str, str] | None = None,
    ) -> Problem:
        shape = partial(_shape, code, note, self._cells, self._number, parts or {})
        known = {"label": "", "other": "", "reference": "", **(facts or {})}
        return Problem(code, shape, known, rule, note, self._number, field, column, cell)


def _shape(
    code: str, note: str, cells: Sequence[object], number: int, parts: Mapping[str, object]
) -> Mapping[str, object]:
    written = ["" if cell is None else str(cell) for cell in cells]
    return error_shape(code, note, cells=written, rowNumber=number, **parts)


def _same(other: int) -> str:
    return f"the same as in the row at position {other}"

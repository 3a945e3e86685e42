"""All checks of a checklist over one table, in frictionless' order: each row goes through all of them in turn."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from civicat.validators.engine.block import Block, Mask
from civicat.validators.engine.checks import (
    ascii_letters,
    constraint,
    deviated_cells,
    deviated_values,
    forbidden,
    required,
    sequential,
    truncated,
)
from civicat.validators.engine.checks.asked import RowKey
from civicat.validators.engine.checks.checklist import Checklist
from civicat.validators.engine.checks.duplicates import Duplicates
from civicat.validators.engine.checks.theirs import Theirs, is_baseline
from civicat.validators.engine.checks.through import Through, records
from civicat.validators.engine.checks.watch import Columns, Views, Watch
from civicat.validators.engine.exact import Opened
from civicat.validators.engine.faults import RecordError
from civicat.validators.engine.problem import Problem
from civicat.validators.engine.view import View

# The checks that have a watch of their own; of a table for which one makes nothing, every row goes to frictionless.
_WATCHES: Mapping[str, Callable[[Theirs, Any, Columns], Watch | None]] = {
    "ascii-value": ascii_letters.watch,
    "deviated-cell": deviated_cells.watch,
    "deviated-value": deviated_values.watch,
    "forbidden-value": forbidden.watch,
    "required-value": required.watch,
    "row-constraint": constraint.watch,
    "sequential-value": sequential.watch,
    "truncated-value": truncated.watch,
}


def begin(  # noqa: PLR0913, PLR0917 (what is checked, and what reading.py has for it)
    checklist: Checklist, opened: Opened, types: Sequence[pa.DataType], folder: Path, keys: int, again: Views
) -> RunningChecks:
    """The checks of a table that frictionless has opened.

    Args:
        checklist: which checks.
        opened: the table.
        types: the Arrow types of the expected fields.
        folder: where fingerprints are spilled.
        keys: how many keys the schema has; those of the checks come behind them.
        again: reads the blocks of the table once more.

    Raises:
        UnreadableError: frictionless does not take the checklist; the problems say why.
    """
    columns = Columns(opened.names, tuple(str(one.type) for one in opened.fields))
    theirs = Theirs(checklist, opened)
    return RunningChecks(checklist, opened, theirs, columns, tuple(types), folder, keys, again)


@dataclass(slots=True)
class RunningChecks:
    """The checks of a checklist; see Checks."""

    checklist: Checklist
    opened: Opened
    theirs: Theirs
    columns: Columns
    types: tuple[pa.DataType, ...]
    folder: Path
    first_key: int
    again: Views
    keys: Sequence[RowKey] = ()
    hides: bool = False
    baselines: int = 1
    _watches: list[tuple[Any, Watch | None]] = field(default_factory=list)  # None: the baseline, which the engine makes
    _duplicates: Duplicates | None = None

    def start(self, head: Sequence[Problem]) -> Sequence[Problem]:
        """See Checks.

        Raises:
            RuleBrokenError: frictionless breaks off here.
        """
        found = self.theirs.start(head)
        self._listed([head])
        wanted = [one for one in self.theirs.checks if is_baseline(one) or self.theirs.is_listed(one)]
        self._watches = [(one, None if is_baseline(one) else self._watch(one)) for one in wanted]
        self.baselines = sum(watch is None for _, watch in self._watches)
        return found

    def see(self, view: View, most: int) -> list[Mask]:
        """See Checks."""
        masks = [watch.see(view, most) for watch in self._distinct()]
        return [one for one in masks if one is not None]

    def of_row(
        self, number: int, cells: Sequence[object], found: Sequence[Problem], repeats: Mapping[int, int]
    ) -> list[Problem]:
        """See Checks."""
        row = self.theirs.row(number, cells) if len(self._watches) > 1 else None
        return self._listed([found if watch is None else watch.row(number, row, repeats) for _, watch in self._watches])

    def end(self, rows: int, tail: Sequence[Problem]) -> list[Problem]:
        """See Checks."""
        return self._listed([tail if watch is None else watch.end(rows, self.again) for _, watch in self._watches])

    def broken_off(self, last: int, blocks: Generator[Block, None, None]) -> list[Problem]:
        """See Checks. What the watches saw goes beyond what frictionless reads, so it is all asked of frictionless."""
        anew = Theirs(self.checklist, self.opened)
        anew.start(())
        checks = [one for one in anew.checks if not is_baseline(one)]
        rows = 0
        for number, cells in _until(last, blocks) if checks else ():
            rows += 1
            row = anew.row(number, cells)
            for check in checks:
                anew.of_row(check, row)
        return self._listed([anew.at_end(check, rows) for check in checks])

    def lists(self, code: str) -> bool:
        """See Checks."""
        return self.theirs.lists(code)

    def faults(self) -> list[Problem]:
        """See Checks."""
        return [one for watch in self._distinct() for one in getattr(watch, "faults", list)()]

    def close(self) -> None:
        """See Checks."""
        if self._duplicates is not None:
            self._duplicates.close()

    def _watch(self, check: Any) -> Watch:  # noqa: ANN401 (frictionless is loaded late)
        if len(set(self.columns.names)) < len(self.columns.names):
            return Through(self.theirs, check)  # two columns of one name: frictionless knows only the latter
        if check.type == "duplicate-row":
            return self._duplicate_rows()
        made = _WATCHES[check.type](self.theirs, check, self.columns) if check.type in _WATCHES else None
        if made is None and check.type == "table-dimensions":
            return _AtEnd(self.theirs, check)
        return made or Through(self.theirs, check)

    def _duplicate_rows(self) -> Duplicates:
        if self._duplicates is None:
            self._duplicates = Duplicates(
                self.theirs, self.columns, self.types, self.folder, self.first_key, self.again
            )
        self.keys = [replace(self._duplicates.key, times=sum(one.times for one in self.keys) + 1)]
        return self._duplicates

    def _distinct(self) -> Iterable[Watch]:
        return {id(watch): watch for _, watch in self._watches if watch is not None}.values()

    def _listed(self, said: Iterable[Sequence[Problem]]) -> list[Problem]:
        found = [one for problems in said for one in problems]
        listed = [one for one in found if self.theirs.lists(one.code)]
        self.hides = self.hides or len(listed) < len(found)
        return listed


@dataclass(frozen=True, slots=True)
class _AtEnd:
    """A check that looks at no row."""

    theirs: Theirs
    check: Any  # frictionless' Check, which is loaded late

    def see(self, view: View, most: int) -> Mask | None:
        """See Watch."""
        del view, most
        return None

    def row(self, number: int, row: Any, repeats: Mapping[int, int]) -> list[Problem]:  # noqa: ANN401 (frictionless' Row)
        """See Watch."""
        del number, row, repeats
        return []

    def end(self, rows: int, again: Views) -> list[Problem]:
        """See Watch."""
        del again
        return self.theirs.at_end(self.check, rows)


def _until(last: int, blocks: Generator[Block, None, None]) -> Iterator[tuple[int, Sequence[object]]]:
    """The records up to a row, or to where they can be read no further."""
    try:
        with closing(blocks):
            for block in blocks:
                yield from (one for one in records(block) if one[0] <= last)
    except RecordError:
        return

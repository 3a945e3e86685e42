"""What a watch is: one check over the rows of a table, a block at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from operator import itemgetter
from typing import Any, Protocol, TypeAlias

import numpy as np

from civicat.validators.engine.block import Mask
from civicat.validators.engine.checks.theirs import Theirs
from civicat.validators.engine.problem import Problem
from civicat.validators.engine.view import View

Views: TypeAlias = Callable[[], Iterator[View]]  # the blocks of the table once more

# Types whose values Arrow hands back as frictionless has them.
SAME_IN_PYTHON = frozenset({"string", "integer", "boolean", "date", "year"})


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table: the names and the Table Schema types of the fields that frictionless expects."""

    names: tuple[str, ...]
    types: tuple[str, ...]

    def place(self, name: str) -> int | None:
        """The place of a column, None where there is none of that name."""
        return self.names.index(name) if name in self.names else None

    def of(self, kind: str) -> list[int]:
        """The places of the columns of a type."""
        return [place for place, one in enumerate(self.types) if one == kind]


class Watch(Protocol):
    """One check over a table. Blocks come in their order; a row may be asked about more than once, or never."""

    def see(self, view: View, most: int) -> Mask | None:
        """The rows of a block that may be wrong (None: none). After `most` wrong rows (0: never) nobody asks on.

        Records of another width are not marked: they are asked about anyway.
        """

    def row(self, number: int, row: Any, repeats: Mapping[int, int]) -> list[Problem]:  # noqa: ANN401 (frictionless' Row)
        """What is wrong with a row that has been seen; `repeats` as links.repeated has it."""

    def end(self, rows: int, again: Views) -> list[Problem]:
        """What is wrong with the table, of which all rows have been seen."""


@dataclass(frozen=True, slots=True)
class Rowwise:
    """A check that looks at each row alone. `marks` says which rows it may find wrong; frictionless says what."""

    theirs: Theirs
    check: Any  # frictionless' Check, which is loaded late
    marks: Callable[[View], Mask | None]

    def see(self, view: View, most: int) -> Mask | None:
        """See Watch."""
        del most
        return self.marks(view)

    def row(self, number: int, row: Any, repeats: Mapping[int, int]) -> list[Problem]:  # noqa: ANN401 (frictionless' Row)
        """See Watch."""
        del number, repeats
        return self.theirs.of_row(self.check, row)

    def end(self, rows: int, again: Views) -> list[Problem]:
        """See Watch."""
        del again
        return self.theirs.at_end(self.check, rows)


def values(view: View, columns: Columns, place: int) -> list[object]:
    """The values of a column of a block, as frictionless has them."""
    if columns.types[place] in SAME_IN_PYTHON and not view.apart([place]):
        return list(view.typed(place).to_pylist())
    return view.python(place)


def values_in_order(view: View, columns: Columns, place: int) -> Iterator[tuple[int, object]]:
    """The numbers of all records of a block, those of another width included, and their values in a column."""
    own = zip(view.block.numbers.tolist(), values(view, columns, place), strict=True)
    odd = ((number, key[0]) for number, key in view.odd_keys([place]))
    return merge(own, odd, key=itemgetter(0))


def nothing(view: View) -> Mask:
    """A mask that marks no row."""
    return np.zeros(len(view.block.numbers), np.bool_)

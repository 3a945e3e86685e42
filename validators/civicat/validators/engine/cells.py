"""Rows of cells (of a workbook, a JSON file, a Parquet file) -> blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from civicat.validators.engine.block import Numbers, Odd
from civicat.validators.engine.tokens import Omitted, is_blank

_CELLS = 1 << 17  # cells of a block, about
_ROWS = 1 << 13  # rows of a block at the most


@dataclass(frozen=True, slots=True)
class CellBlock:
    """A block (see block.py) of Python objects."""

    numbers: Numbers
    columns: Sequence[list[object]]
    odd: Sequence[Odd]

    def cells(self, rows: Sequence[int]) -> list[list[object]]:
        """The cells of these rows (indices into the columns)."""
        return [[column[row] for column in self.columns] for row in rows]


def blocks_of_cells(  # noqa: PLR0913, PLR0917 (as the dialect has them)
    rows: Iterable[Sequence[object]],
    first: int,
    width: int,
    comment_char: str = "",
    comment_rows: frozenset[int] = frozenset(),
    skip_blank_rows: bool = False,  # noqa: FBT001, FBT002 (in the order of Cut's fields)
    size: int = _ROWS,
) -> Iterator[CellBlock]:
    """The blocks of a table's rows, all of them given: `first` is the number (from 1) of the first that is wanted.

    What `rows` raises loses the rows of the block that it is raised in: let them end there instead, and raise after.
    """
    omitted = Omitted(comment_char, comment_rows, skip_blank_rows)
    numbered = islice(enumerate(rows, 1), first - 1, None)
    most = max(min(size, _CELLS // max(width, 1)), 1)
    while batch := list(islice(numbered, most)):
        kept = [(number, cells) for number, cells in batch if not omitted.drops(number, cells)]
        if kept:
            yield _block(kept, width)


def _block(kept: list[tuple[int, Sequence[object]]], width: int) -> CellBlock:
    straight, odd = [], []
    for number, cells in kept:
        if len(cells) == width and not is_blank(cells):
            straight.append((number, cells))
        else:
            odd.append(Odd(number, cells))
    columns = [list(one) for one in zip(*(cells for _, cells in straight), strict=True)]
    return CellBlock(np.array([number for number, _ in straight], np.int64), columns or [[] for _ in range(width)], odd)

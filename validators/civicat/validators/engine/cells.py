"""Rows of cells (of a workbook, a JSON file, a Parquet file) -> blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from civicat.validators.engine.block import Column, Numbers, Odd
from civicat.validators.engine.tokens import Omitted, is_blank

if TYPE_CHECKING:
    from civicat.validators.sheetdata import SheetData

_CELLS = 1 << 17  # cells of a block, about
_ROWS = 1 << 13  # rows of a block at the most


@dataclass(frozen=True, slots=True)
class CellBlock:
    """A block (see block.py) of Python objects; a column of texts may be an array of them."""

    numbers: Numbers
    columns: Sequence[Column]
    odd: Sequence[Odd]

    def cells(self, rows: Sequence[int]) -> list[list[object]]:
        """The cells of these rows (indices into the columns)."""
        return list(map(list, zip(*(_some(column, rows) for column in self.columns), strict=True)))


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


def blocks_of_sheet(sheet: SheetData, first: int) -> Iterator[CellBlock]:
    """The blocks of a sheet as wide as the table, of which no row is left out, from that row on."""
    last = first - 1
    for some in sheet.from_row(first, max(min(_ROWS, _CELLS // max(sheet.width, 1)), 1)):
        between = np.setdiff1d(np.arange(last + 1, some.numbers[-1]), some.numbers, assume_unique=True)
        odd = [Odd(number, [None] * sheet.width) for number in between.tolist()]
        yield CellBlock(some.numbers, [_plain(one) for one in some.columns], odd)
        last = int(some.numbers[-1])


def _plain(column: Column) -> Column:
    """A column as the kernels take it: texts without gaps, or objects."""
    if not isinstance(column, list) and pa.types.is_string(column.type) and not column.null_count:
        return column
    from civicat.validators.sheetvalues import as_list  # noqa: PLC0415 (delimited text need not pay for it)

    return as_list(column)


def _some(column: Column, rows: Sequence[int]) -> list[object]:
    if isinstance(column, list):
        return [column[row] for row in rows]
    return list(column.take(pa.array(rows, pa.int64())).to_pylist())


def _block(kept: list[tuple[int, Sequence[object]]], width: int) -> CellBlock:
    straight, odd = [], []
    for number, cells in kept:
        if len(cells) == width and not is_blank(cells):
            straight.append((number, cells))
        else:
            odd.append(Odd(number, cells))
    columns = [list(one) for one in zip(*(cells for _, cells in straight), strict=True)]
    return CellBlock(np.array([number for number, _ in straight], np.int64), columns or [[] for _ in range(width)], odd)

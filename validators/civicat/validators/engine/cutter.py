"""The blocks of a resource: delimited text is cut here, other files bring their cells."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TypeVar

import numpy as np
import pyarrow as pa

from civicat.validators.engine.block import Block
from civicat.validators.engine.cells import blocks_of_cells, blocks_of_sheet
from civicat.validators.engine.cutting import Cut, records, worked
from civicat.validators.engine.incoming import OnBytes
from civicat.validators.engine.opening import Start, first_records
from civicat.validators.formats import Source

T = TypeVar("T")


class Cutter:
    """Cuts the records of one resource into blocks, as often as it is asked.

    `head` are the first records of a file that is no delimited text, else None.
    """

    def __init__(self, source: Source, on_bytes: OnBytes) -> None:
        self._source = source
        self._on_bytes = on_bytes
        self.head: list[Sequence[object]] | None = None
        self._rows: Iterator[Sequence[object]] | None = None
        if source.cells is not None:
            self.head, self._rows = first_records(source.cells())

    def blocks(
        self, start: Start, wanted: Sequence[pa.DataType | None], then: Callable[[Block], T]
    ) -> Generator[T, None, None]:
        """What `then` makes of each block, in their order; the bytes of delimited text are heard as they are read."""
        if self._source.cells is None:
            yield from worked(self._source.path, self._cut(start), then, wanted, self._on_bytes)
            return
        rows = self._rows if self._rows is not None else self._source.cells()
        self._rows = None  # the next pass begins anew
        yield from map(then, self._of(rows, start))

    def again(self, start: Start) -> Generator[Block, None, None]:
        """The blocks once more, all as text, and not heard."""
        if self._source.cells is None:
            yield from worked(self._source.path, self._cut(start), lambda block: block)
        else:
            yield from self._of(self._source.cells(), start)

    def records(self, start: Start, numbers: Sequence[int]) -> dict[int, Sequence[object]]:
        """The cells of the records of these numbers, from another pass that ends where the last of them stands."""
        if self._source.cells is None:
            return dict(records(self._source.path, self._cut(start), sorted(numbers)))
        found: dict[int, Sequence[object]] = {}
        asked, wanted = set(numbers), np.array(sorted(numbers), np.int64)
        for block in self._of(self._source.cells(), start):
            rows = np.flatnonzero(np.isin(block.numbers, wanted))
            found.update(zip(block.numbers[rows].tolist(), block.cells(rows.tolist()), strict=True))
            found.update({one.number: one.cells for one in block.odd if one.number in asked})
            if len(found) == len(wanted):
                break
        return found

    def _of(self, rows: Iterator[Sequence[object]], start: Start) -> Iterator[Block]:
        sheet = None if start.leaves_out or self._source.workbook is None else self._source.workbook.columns()
        if sheet is not None and sheet.width == len(start.names):
            return blocks_of_sheet(sheet, start.first)
        return blocks_of_cells(
            rows, start.first, len(start.names), start.comment_char, start.comment_rows, start.skip_blank_rows
        )

    def _cut(self, start: Start) -> Cut:
        assert start.cut is not None  # noqa: S101 (delimited text always has one)
        return Cut(
            encoding=self._source.encoding,
            dialect=start.cut,
            first=start.first,
            width=len(start.names),
            newline="" if self._source.format == "csv" else None,
            comment_char=start.comment_char,
            comment_rows=start.comment_rows,
            skip_blank_rows=start.skip_blank_rows,
        )

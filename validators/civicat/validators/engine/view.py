"""A block with all its columns judged and settled: values, whole or one by one, and rows that need a second look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from civicat.validators.engine.assembly import is_empty, values
from civicat.validators.engine.block import Block, Column, Mask, Numbers
from civicat.validators.engine.kernels.kernel import CellReader, Judged, Kernel
from civicat.validators.engine.rules import Values
from civicat.validators.engine.settling import Settled


class Sight(NamedTuple):
    """A block with what the kernels say of each column; None where one has not been asked yet."""

    block: Block
    judged: Sequence[Judged | None]


class Readers(Sequence[CellReader]):
    """Frictionless' readers of the cells, one for each column; got when the first of them is needed."""

    def __init__(self, get: Callable[[], Sequence[CellReader]]) -> None:
        self._get = get

    @cached_property
    def _readers(self) -> Sequence[CellReader]:
        return self._get()

    def __getitem__(self, place: Any) -> Any:  # noqa: ANN401 (as Sequence has it: a number or a slice)
        return self._readers[place]

    def __len__(self) -> int:
        return len(self._readers)


class View:
    """What the keys and the counts are taken from. A column is called by its place, from 0; a row by its index."""

    def __init__(self, block: Block, settled: Sequence[Settled], blank: Mask, readers: Sequence[CellReader]) -> None:
        self.block = block
        self.settled = settled
        self.blank = blank
        self._readers = readers
        self._python: dict[int, list[object]] = {}

    def numbers(self) -> Numbers:
        """The numbers of all records, those of another width included."""
        odd = np.fromiter((one.number for one in self.block.odd), np.int64, len(self.block.odd))
        return np.concatenate([self.block.numbers, odd])

    def suspects(self, masks: Sequence[Mask]) -> Numbers:
        """Rows with a wrong cell, blank rows, and those that a mask names."""
        suspects = self.blank.copy()
        for one in self.settled:
            suspects[one.wrong] = True
        for mask in masks:
            suspects |= mask
        return np.flatnonzero(suspects)

    def wrong(self) -> Mapping[int, list[int]]:
        """The columns whose cells are wrong, in their order, by row; rows without any are not there."""
        wrong: dict[int, list[int]] = {}
        for place, one in enumerate(self.settled):
            for row in one.wrong.tolist():
                wrong.setdefault(row, []).append(place)
        return wrong

    def typed(self, place: int) -> pa.Array[Any]:
        """The values of a column in its Arrow type; null where a value is missing, wrong or does not fit."""
        return self.settled[place].values

    def python(self, place: int) -> list[object]:
        """The values of a column as frictionless has them."""
        if place not in self._python:
            read = self._readers[place]
            rows = np.arange(len(self.block.numbers))
            self._python[place] = [read(cell)[0] for cell in listed(cells_of(self.block, place, rows))]
        return self._python[place]

    def apart(self, places: Sequence[int]) -> list[int]:
        """Rows with a value in these columns that their types cannot hold."""
        return sorted({one.place for place in places for one in self.settled[place].misfits})

    def keys(self, rows: Sequence[int], places: Sequence[int]) -> list[Values]:
        """The values of some rows in these columns, as frictionless has them."""
        return [values(self._readers, cells, places) for cells in self.block.cells(rows)] if rows else []

    def odd_keys(self, places: Sequence[int]) -> list[tuple[int, Values]]:
        """The records of another width: their numbers and their values in these columns."""
        return [(one.number, values(self._readers, one.cells, places)) for one in self.block.odd]

    def empty(self, places: Sequence[int]) -> Mask:
        """Rows that have no value in any of these columns."""
        empty = everywhere([nulls(self.typed(place)) for place in places], len(self.block.numbers))
        for row, key in zip(self.apart(places), self.keys(self.apart(places), places), strict=True):
            empty[row] = is_empty(key)
        return empty


def judge(kernel: Kernel, column: Column) -> Judged:
    """What a kernel says of a column, whichever way it comes."""
    if isinstance(column, list):
        return kernel.from_objects(column)
    if kernel.wanted is not None and column.type == kernel.wanted:
        return kernel.from_read(column)
    return kernel.from_text(column)


def cells_of(block: Block, place: int, rows: Numbers) -> Column:
    """The cells of some rows in one column, as they stand in the file."""
    column = block.columns[place]
    if isinstance(column, list):
        return [column[row] for row in rows]
    some = column.take(pa.array(rows))
    if pa.types.is_string(column.type):
        return some
    if some.null_count == len(some):  # what the tokenizer has converted is null where the cell was empty
        return pa.repeat("", len(some))
    return [cells[place] for cells in block.cells(rows.tolist())]


def listed(column: Column) -> list[object]:
    """A column as Python objects."""
    return column if isinstance(column, list) else list(column.to_pylist())


def everywhere(masks: Iterable[Mask], length: int) -> Mask:
    """Where all masks are true."""
    every = np.ones(length, np.bool_)
    for one in masks:
        every &= one
    return every


def nulls(array: pa.Array[Any]) -> Mask:
    """Where an array holds nothing."""
    if not array.null_count:
        return np.zeros(len(array), np.bool_)
    found: Mask = array.is_null().to_numpy(zero_copy_only=False)
    return found

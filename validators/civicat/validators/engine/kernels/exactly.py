"""Any type at all: frictionless' own reader, once for each different text of a column. Slow to begin with, exact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from civicat.validators.engine.arrays import Read, marked
from civicat.validators.engine.block import Mask
from civicat.validators.engine.kernels.asked import Asked

_AS_WRITTEN = frozenset({"duration", "geopoint"})  # kept as the text that stands in the cell
_ALIKE = (str, int, bool, dt.date)  # of these, equal cells of one type are read alike; 0.0 and -0.0 are not


@dataclass(frozen=True, slots=True)
class Exactly:
    """Reads cells as frictionless and `Column.convert` do; unsure is only what one of the two refuses.

    The reader may remember what it said: a text that comes back in another block is asked about again.
    """

    asked: Asked

    def texts(self, texts: pa.Array[Any]) -> Read:
        """A column of text; null stays null."""
        encoded = texts.dictionary_encode()
        read = self._cells(encoded.dictionary.to_pylist())
        values = read.values.take(encoded.indices)
        if read.unsure is None:
            return Read(values)
        codes = encoded.indices.fill_null(len(read.unsure)).to_numpy(zero_copy_only=False)
        return Read(values, marked(np.append(read.unsure, False)[codes]))

    def objects(self, cells: Sequence[object]) -> Read:
        """Cells of a workbook or of JSON; None is null."""
        places: dict[Hashable, int] = {}
        distinct: list[object] = []
        codes = np.empty(len(cells), np.int64)
        for number, cell in enumerate(cells):
            key = (type(cell), cell) if type(cell) in _ALIKE else number
            codes[number] = place = places.setdefault(key, len(distinct))
            if place == len(distinct):
                distinct.append(cell)
        read = self._cells(distinct)
        return Read(read.values.take(pa.array(codes)), None if read.unsure is None else marked(read.unsure[codes]))

    def first(self, cells: Iterable[object]) -> None:
        """Finds out by the first time whether a column of them carries offsets, where that is not known yet.

        A time that breaks a rule counts as well.
        """
        column = self.asked.column
        for cell in cells:
            if column.aware is not None:
                return
            plain = cell is None or isinstance(cell, dt.datetime)  # frictionless takes a time as it is
            value = cell if plain else self.asked.reader(cell)[0]
            if isinstance(value, dt.datetime):
                column.aware = value.tzinfo is not None

    def _cells(self, cells: Sequence[object]) -> Read:
        refused = np.zeros(len(cells), np.bool_)
        values: list[object] = []
        for place, cell in enumerate(cells):
            value, refused[place] = self._cell(cell)
            values.append(value)
        return self._stored(values, refused)

    def _cell(self, cell: object) -> tuple[object, bool]:
        """The value of a cell, and whether frictionless finds anything in it. Its reader may write into a list."""
        if cell is None:
            return None, False
        value, notes = self.asked.reader(deepcopy(cell) if isinstance(cell, (list, dict)) else cell)
        written = value is not None and self.asked.field.type in _AS_WRITTEN
        return (cell if written else value), bool(notes)

    def _stored(self, values: list[object], refused: Mask) -> Read:
        kept = [None if wrong else value for value, wrong in zip(values, refused.tolist(), strict=True)]
        array, misfits = self.asked.column.convert(kept)
        refused[[one.place for one in misfits]] = True
        return Read(array, marked(refused))

"""A kernel out of a fast way of reading, and frictionless for the cells that it leaves open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.columns import Column
from civicat.validators.engine.arrays import Read, as_texts, emptied, extremes, marked, parts, scattered, valid, without
from civicat.validators.engine.block import Mask
from civicat.validators.engine.kernels.asked import Asked
from civicat.validators.engine.kernels.exactly import Exactly
from civicat.validators.engine.kernels.kernel import Judged

Texts: TypeAlias = Callable[["pa.Array[Any]"], Read]
Objects: TypeAlias = Callable[[list[object]], Read]


@dataclass(frozen=True, slots=True)
class Way:
    """A fast way of reading the cells of a field, constraints included; what it leaves unsure is read exactly.

    `texts` reads a column of text, in which missing values are null. `kinds` reads cells of one Python type, as
    workbooks and JSON have them; before, `first` may look at all of them in their order. `read` takes a column that
    the tokenizer converted to `wanted`. `settled` says that to read exactly what the way is unsure of would be in vain.
    """

    texts: Texts
    kinds: Mapping[type, Objects] = field(default_factory=dict)
    wanted: pa.DataType | None = None
    read: Texts | None = None
    settled: bool = False
    first: Callable[[Iterable[object]], None] | None = None


@dataclass(frozen=True, slots=True)
class Fast:
    """The kernel of a field."""

    asked: Asked
    way: Way

    @property
    def column(self) -> Column:
        """Its way to Arrow, which follows what has been judged."""
        return self.asked.column

    @property
    def stored(self) -> pa.DataType:
        """The type of its values."""
        return self.asked.stored

    @property
    def wanted(self) -> pa.DataType | None:
        """The type that the tokenizer may convert to. A second missing value might be one that it would convert."""
        return self.way.wanted if self.asked.missing == {""} else None

    def from_text(self, texts: pa.Array[Any]) -> Judged:
        """A column of text as it stands in the file."""
        gaps = _missing(texts, self.asked.missing)
        return self._judged(self._texts(_nulled(texts, gaps, self.asked.missing)), gaps)

    def from_read(self, values: pa.Array[Any]) -> Judged:
        """A column that the tokenizer converted; an empty cell is null, and missing."""
        gaps = ~valid(values) if values.null_count else None
        return self._judged(self.way.read(values) if self.way.read else Read(values, valid(values)), gaps)

    def from_objects(self, cells: list[object]) -> Judged:
        """Cells of a workbook, JSON or Parquet."""
        gaps = _missing_objects(cells, self.asked.missing)
        present = _present(cells, gaps)
        if self.way.first:
            self.way.first(present)
        return self._judged(self._objects(present), gaps)

    def _texts(self, texts: pa.Array[Any]) -> Read:
        if self.way.first:
            self.way.first(text.as_py() for text in texts)
        read = self.way.texts(texts)
        if read.unsure is None or self.way.settled:
            return read
        return _mended(read, Exactly(self.asked).texts(texts.filter(pa.array(read.unsure))))

    def _objects(self, cells: list[object]) -> Read:
        """Cells by their Python types, each type in its own way."""
        kinds = set(map(type, cells)) - {NoneType}
        if len(kinds) <= 1:
            return self._kind(cells, kinds.pop() if kinds else str)
        types = np.fromiter(map(id, map(type, cells)), np.int64, len(cells))
        found = []
        for kind in kinds:
            places = np.flatnonzero(types == id(kind))
            found.append((places, self._kind([cells[place] for place in places], kind)))
        return scattered(found, len(cells), self.stored)

    def _kind(self, cells: list[object], kind: type) -> Read:
        if kind is str:
            texts = as_texts(cells)
            return Exactly(self.asked).objects(cells) if texts is None else self._texts(texts)
        return self._rest(cells, self.way.kinds[kind]) if kind in self.way.kinds else Exactly(self.asked).objects(cells)

    def _rest(self, cells: list[object], way: Objects) -> Read:
        read = way(cells)
        if read.unsure is None:
            return read
        return _mended(read, Exactly(self.asked).objects([cells[place] for place in np.flatnonzero(read.unsure)]))

    def _judged(self, read: Read, gaps: Mask | None) -> Judged:
        missing = np.zeros(len(read.values), np.bool_) if gaps is None else gaps
        values = without(read.values, read.unsure)
        unsure = read.unsure
        if self.asked.required and gaps is not None:
            unsure = gaps if unsure is None else unsure | gaps
        self._follow(values)
        return Judged(values, missing, None if unsure is None else marked(unsure))

    def _follow(self, values: pa.Array[Any]) -> None:
        """Notes on the column when decimals need the wide type; by the bytes, for casting takes ten times as long."""
        column = self.column
        if column.narrow and pa.types.is_decimal(column.stored):
            found = extremes(values) if pa.types.is_decimal128(column.final) else None
            column.narrow = found is None or max(-found[0], found[1]) < 10**column.final.precision


def _missing(texts: pa.Array[Any], words: frozenset[str]) -> Mask | None:
    if not words:
        return None
    if words == {""}:
        return marked(np.diff(parts(texts)[1]) == 0)
    found: Mask = pc.is_in(texts, pa.array(sorted(words), pa.string())).to_numpy(zero_copy_only=False)
    return marked(found)


def _nulled(texts: pa.Array[Any], gaps: Mask | None, words: frozenset[str]) -> pa.Array[Any]:
    if gaps is None:
        return texts
    return emptied(texts, gaps) if words == {""} else without(texts, gaps)


def _missing_objects(cells: Sequence[object], words: frozenset[str]) -> Mask:
    """Frictionless compares the text of a cell: with `1.0` among the missing values, the number 1.0 is one."""
    if words <= {""}:
        return _empty(cells, texts=bool(words) and "" in cells)
    return np.fromiter((cell is None or str(cell) in words for cell in cells), np.bool_, len(cells))


def _empty(cells: Sequence[object], *, texts: bool) -> Mask:
    """Which cells hold nothing, or an empty text where some do; most columns have no such cell."""
    if texts:
        return np.array([cell is None or cell == "" for cell in cells], np.bool_)
    if None in cells:
        return np.array([cell is None for cell in cells], np.bool_)
    return np.zeros(len(cells), np.bool_)


def _present(cells: list[object], gaps: Mask) -> list[object]:
    """The cells, with None for what is missing."""
    if not gaps.any():
        return cells
    return [None if gone else cell for cell, gone in zip(cells, gaps.tolist(), strict=True)]


def _mended(read: Read, again: Read) -> Read:
    """Has the cells that were unsure taken from a second reading of them."""
    if read.unsure is None:
        return again
    places = pa.array(read.unsure)
    unsure = np.zeros(len(read.values), np.bool_)
    if again.unsure is not None:
        unsure[np.flatnonzero(read.unsure)[again.unsure]] = True
    return Read(pc.replace_with_mask(read.values, places, again.values), marked(unsure))

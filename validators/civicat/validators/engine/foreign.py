"""The values that a foreign key may hold, and which rows hold another: exactly as Python compares the values.

Frictionless looks a row's key, a tuple of its values, up in a set of tuples. This set is kept as Arrow columns sorted
by fingerprint: a whole column is looked up at once, and what is found is compared value by value. Kept are the
distinct keys, their bytes in Arrow and 8 more each: a million codes of 18 characters take 30 MB, some four times that
while more are added.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.engine.block import Column, Mask
from civicat.validators.engine.hashing import Hasher, Words, empty, is_nan, settle

Key: TypeAlias = tuple[object, ...]
Arrays: TypeAlias = "list[pa.Array[Any]]"

_NO_WORDS: Words = np.zeros(0, np.uint64)
_FIRST_SORTED = 65_536  # rows waiting before they are sorted into the rest; then whenever the set would double


class _Settled(NamedTuple):
    """Keys in Arrow columns, and those rows whose key has no exact place in them, as Python values."""

    arrays: Arrays
    others: dict[int, Key]


@dataclass(slots=True)
class Lookup:
    """The keys that are there. `types` are the Arrow types of the referenced columns, None for Python values in a list.

    Compared are the values as they are given: a float64 column holds floats. Where frictionless compares Decimals (a
    number without a scale in the same dataset), give both sides as lists of them. A naive timestamp column holds naive
    times.
    """

    types: Sequence[pa.DataType | None]
    _hasher: Hasher = field(init=False)
    _first: Words = field(init=False)
    _sorted: Arrays = field(init=False)
    _waiting: list[Arrays] = field(init=False, default_factory=list)
    _others: set[Key] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.types = [None if kind is None else _plain(kind) for kind in self.types]
        self._hasher = Hasher(self.types)
        self._first = _NO_WORDS
        self._sorted = [pa.nulls(0) if kind is None else pa.array([], kind) for kind in self.types]

    def __len__(self) -> int:
        """How many keys are there."""
        self._sort()
        return len(self._first) + len(self._others)

    @property
    def nbytes(self) -> int:
        """What the keys in Arrow columns take, in bytes."""
        self._sort()
        return int(self._first.nbytes + sum(one.nbytes for one in self._sorted))

    def add(self, columns: Sequence[Column], skip: Mask | None = None) -> None:
        """Adds the keys of some rows, but for those that `skip` marks and those wholly empty.

        Raises:
            TypeError: a Python value that has no hash: frictionless cannot look for it either.
        """
        arrays, others = self._settle(columns)
        self._others.update(key for row, key in others.items() if _is_equal_to_itself(key) and not _is_out(skip, row))
        out: Mask = np.logical_and.reduce([empty(one) for one in arrays])
        out[list(others)] = True
        out = out if skip is None else out | skip
        self._wait([one.filter(pa.array(~out)) for one in arrays] if out.any() else arrays)

    def add_rows(self, keys: Sequence[Key]) -> None:
        """Adds single keys, as frictionless' values."""
        if keys:
            self.add(_columns(keys))

    def missing(self, columns: Sequence[Column], *, partly: bool = True) -> Mask:
        """Which rows hold a key that is not there. Wholly empty keys pass, and partly empty ones where not `partly`.

        Frictionless looks partly empty keys up. A dictionary column is judged once for each entry.
        """
        self._sort()
        column = columns[0]
        if len(columns) == 1 and not isinstance(column, list) and self._by_entry(column):
            return self._missing_entries(column)
        return self._missing(columns, partly=partly)

    def missing_rows(self, keys: Sequence[Key], *, partly: bool = True) -> Mask:
        """The same for single keys, as frictionless' values."""
        return self.missing(_columns(keys), partly=partly) if keys else np.zeros(0, np.bool_)

    def _by_entry(self, column: pa.Array[Any]) -> bool:
        """Whether to judge each different value once: where they are known, or dear because of another type."""
        return bool(pa.types.is_dictionary(column.type) or _plain(column.type) != self.types[0])

    def _missing_entries(self, column: pa.Array[Any]) -> Mask:
        coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        entries = coded.dictionary
        missing = self._missing([entries if entries.type == self.types[0] else entries.to_pylist()], partly=True)
        taken = pc.fill_null(pa.array(missing).take(coded.indices), fill_value=False)
        found: Mask = taken.to_numpy(zero_copy_only=False)
        return found

    def _missing(self, columns: Sequence[Column], *, partly: bool) -> Mask:
        arrays, others = self._settle(columns)
        nulls = [empty(column) for column in columns]
        missing = ~self._holds(arrays)
        for row, key in others.items():
            missing[row] = key not in self._others
        passes: Mask = (np.logical_and if partly else np.logical_or).reduce(nulls)
        return missing & ~passes

    def _settle(self, columns: Sequence[Column]) -> _Settled:
        """Keys in the types of the lookup. Python values that are not the same there make their row one of `others`."""
        aligned = [_aligned(column, kind) for column, kind in zip(columns, self.types, strict=True)]
        settled = [settle(column, kind).values for column, kind in zip(aligned, self.types, strict=True)]
        odd = {
            row
            for column, values in zip(aligned, settled, strict=True)
            if isinstance(column, list)
            for row, changed in enumerate(map(_is_changed, column, values.to_pylist()))
            if changed
        }
        return _Settled(settled, {row: _key(columns, row) for row in sorted(odd)})

    def _holds(self, arrays: Arrays) -> Mask:
        """Which rows of these columns are among the sorted keys."""
        found = np.zeros(len(arrays[0]), np.bool_)
        if not len(self._first):
            return found
        if len(arrays) == 1 and len(self._first) <= len(found) and not pa.types.is_floating(arrays[0].type):
            known: Mask = pc.is_in(arrays[0], self._sorted[0]).to_numpy(zero_copy_only=False)  # where NaN equals NaN
            return known
        first = self._hasher.prints(arrays).first
        place = np.searchsorted(self._first, first)
        open_ = np.arange(len(first))  # rows whose fingerprint stands at `place`, and not yet their value
        while len(open_ := open_[self._stands(first[open_], place[open_])]):
            same = _same([one.take(pa.array(open_)) for one in arrays], self._at(place[open_]))
            found[open_] = same
            open_ = open_[~same]
            place[open_] += 1  # another key of the same fingerprint: rare
        return found

    def _stands(self, first: Words, place: npt.NDArray[np.intp]) -> Mask:
        inside = place < len(self._first)
        stands: Mask = inside & (self._first[np.where(inside, place, 0)] == first)
        return stands

    def _at(self, places: npt.NDArray[np.intp]) -> Arrays:
        return [one.take(pa.array(places)) for one in self._sorted]

    def _wait(self, arrays: Arrays) -> None:
        if len(arrays[0]):
            self._waiting.append(arrays)
        if sum(len(one[0]) for one in self._waiting) > max(_FIRST_SORTED, len(self._first)):
            self._sort()

    def _sort(self) -> None:
        """Sorts what waits into the rest, each key once."""
        if not self._waiting:
            return
        arrays = [pa.concat_arrays(parts) for parts in zip(self._sorted, *self._waiting, strict=True)]
        self._waiting, self._sorted, self._first = [], [], _NO_WORDS  # at each step no more is held than it needs
        first = self._hasher.prints(arrays).first.copy()  # a part of what holds the second lane as well
        order = np.argsort(first, kind="stable")
        first = first[order]
        for place, one in enumerate(arrays):
            arrays[place] = one.take(pa.array(order))
        del order
        again = np.append([False], _repeats(first, arrays))
        if again.any():
            first, arrays = first[~again], [one.filter(pa.array(~again)) for one in arrays]
        self._first, self._sorted = first, arrays


def _plain(kind: pa.DataType) -> pa.DataType:
    """The type in which values are compared: codes by their entries, whole numbers at their widest."""
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_integer(kind):
        return pa.int64()
    return pa.string() if pa.types.is_large_string(kind) else kind


def _aligned(column: Column, kind: pa.DataType | None) -> Column:
    """A column in the type of the lookup where that changes no value; else its Python values."""
    if isinstance(column, list):
        return column
    if kind is not None and _plain(column.type) == kind:
        return column.cast(kind)
    return list(column.to_pylist())


def _is_equal_to_itself(key: Key) -> bool:
    return not any(is_nan(part) for part in key)


def _is_out(skip: Mask | None, row: int) -> bool:
    return skip is not None and bool(skip[row])


def _is_changed(value: object, settled: object) -> bool:
    """Whether a Python value is another one in Arrow: a Decimal as a float, a time without its offset."""
    if isinstance(value, dt.datetime) and isinstance(settled, dt.datetime):
        return (value.tzinfo is None) is not (settled.tzinfo is None)
    return is_nan(value) or (value is not settled and value != settled)


def _repeats(first: Words, arrays: Arrays) -> Mask:
    """Which key equals the one before it, of keys sorted by fingerprint."""
    if not len(first):
        return np.zeros(0, np.bool_)
    repeats: Mask = first[1:] == first[:-1]
    rows = np.flatnonzero(repeats)
    before, after = ([one.take(pa.array(which)) for one in arrays] for which in (rows, rows + 1))
    repeats[rows] = _same(before, after)
    return repeats


def _same(ours: Arrays, theirs: Arrays) -> Mask:
    """Which rows are equal, null and null too."""
    same = np.ones(len(ours[0]), np.bool_)
    for one, other in zip(ours, theirs, strict=True):
        both = pc.and_(one.is_null(), other.is_null())
        equal = (
            both if pa.types.is_null(one.type) else pc.or_(both, pc.fill_null(pc.equal(one, other), fill_value=False))
        )
        same &= equal.to_numpy(zero_copy_only=False)
    return same


def _columns(keys: Sequence[Key]) -> list[Column]:
    return [list(column) for column in zip(*keys, strict=True)]


def _key(columns: Sequence[Column], row: int) -> Key:
    return tuple(column[row] if isinstance(column, list) else column[row].as_py() for column in columns)

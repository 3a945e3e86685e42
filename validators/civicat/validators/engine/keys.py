"""Which rows repeat a key that may stand only once: a unique field, a primary key, a unique key. In bounded memory.

Of each row only a fingerprint and its number are kept (16 or 24 bytes), in memory first and on disk, parted by the
fingerprint, once they are many. Rows whose fingerprints are equal are told from their values, which the caller reads
again: of a file without faults there are none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.engine.block import Column, Mask, Numbers
from civicat.validators.engine.hashing import Hasher, Words, empty, is_nan
from civicat.validators.engine.partitions import Partitions

Key: TypeAlias = tuple[object, ...]
Values: TypeAlias = Callable[[Sequence[int]], Mapping[int, Key]]  # row numbers, ascending -> their exact values

DEFAULT_MEMORY = 64 * 1024 * 1024  # bytes: two million rows and more stay in memory; a watch takes about thrice as much
_PART_BITS = np.uint64(56)  # the top byte of a fingerprint is its part: 256 of them
_BUCKET_BITS = 20  # a bucket holds the repeats of 2**20 row numbers: 16 MB at most
_FEW = 8  # below one repeat in so many rows, the repeated ones are taken out before they are sorted
# Repeats whose values are asked for at once, where each asking is a pass over the file: few for who stops at a limit,
# soon many for who goes on.
_FIRST_ASKED, _MOST_ASKED, _GROWTH = 1024, 65_536, 8


class Nulls(Enum):
    """Which keys take no part because of what they lack."""

    ALL = "all"  # those wholly empty: a unique field, a primary key (frictionless compares the partly empty ones)
    ANY = "any"  # those with an empty part too: SQL's unique key


class _Entries(NamedTuple):
    """Fingerprints with their row numbers; `second` is None where `first` tells all values apart."""

    first: Words
    second: Words | None
    rows: Numbers

    @property
    def bytes(self) -> int:
        return 8 * len(self.rows) * (2 if self.second is None else 3)

    def take(self, which: npt.NDArray[Any]) -> _Entries:
        return _Entries(self.first[which], None if self.second is None else self.second[which], self.rows[which])

    def columns(self) -> list[npt.NDArray[Any]]:
        return [self.first, self.rows] if self.second is None else [self.first, self.second, self.rows]


class KeyWatch:
    """Watches one key over the rows of a table; a context manager.

    Blocks are added in the order of their rows; within a block, its columns and its single rows in any order, each row
    once. `types` are the Arrow types of the key's columns, None for one whose values come as Python values in a list.
    A key that holds NaN repeats none.
    """

    def __init__(
        self,
        folder: Path,
        types: Sequence[pa.DataType | None],
        *,
        nulls: Nulls = Nulls.ALL,
        memory_bytes: int = DEFAULT_MEMORY,
    ) -> None:
        self.certain = True  # whether equal fingerprints have been equal values so far: no value needs to be read again
        self._sure = True  # whether they have been but for chance
        self._folder, self._nulls, self._memory = folder, nulls, memory_bytes
        self._hasher = Hasher(types)
        self._kept: list[_Entries] = []
        self._kept_bytes = 0
        self._seen = self._spilled_to = 0  # the highest row number so far, and the highest that is on disk
        self._spilled: Partitions | None = None
        self._links: _Links | None = None
        self._ask_at, self._early = 0, False

    def add(self, numbers: Numbers, columns: Sequence[Column], skip: Mask | None = None) -> None:
        """Adds rows. `numbers` ascend; a null or None is an empty part; rows that `skip` marks take no part.

        Raises:
            TypeError: a Python value that has no hash (a list, an object): frictionless cannot compare it either.
            ValueError: rows that come before those of an earlier block.
        """
        out = self._out(columns, skip)
        if out.any():
            keep = np.flatnonzero(~out)
            numbers, columns = numbers[keep], [_take(column, keep) for column in columns]
        if len(numbers):
            self._make_room(int(numbers[0]), int(numbers[-1]))
            first, second, sure = self._hasher.prints(columns)
            self._sure = self._sure and sure
            self.certain = self._sure and self._hasher.plain
            self._keep(_Entries(first, second, numbers))

    def add_rows(self, rows: Sequence[tuple[int, Key]]) -> None:
        """Adds single rows, as frictionless' values: their numbers, ascending, and their keys."""
        if rows:
            numbers = np.array([number for number, _ in rows], np.int64)
            self.add(numbers, [list(column) for column in zip(*(key for _, key in rows), strict=True)])

    def early(self, enough: int) -> bool:
        """Whether there seem to be `enough` repeats already: a cheap guess, so that a hopeless table ends early.

        It looks anew only when the rows have doubled since it last did, and not once they are on disk.
        """
        if self._spilled is None and self._kept_bytes >= self._ask_at:
            self._ask_at = 2 * self._kept_bytes
            self._early = _equals(np.concatenate([_NOTHING, *(one.first for one in self._kept)])) >= enough
        return self._early

    def count(self, values: Values | None = None) -> int:
        """How many rows repeat a key, by their `values` (see `repeats`) where fingerprints cannot tell.

        They can but for numbers that are equal as floats, times at the same instant, and values of types that Arrow has
        not and that share Python's hash; without `values`, these count as repeats. Any others do with a chance below
        one in 100,000 among 31 million rows made to deceive, and next to none among rows that are not.
        """
        if values is None or self._sure:
            return self._found().count
        return sum(1 for _ in self.repeats(values))

    def repeats(self, values: Values | None = None) -> Iterator[tuple[int, int]]:
        """Each row that repeats a key, by ascending number, with the last row before it that has the same.

        `values` gives the exact keys of rows (frictionless' values); without it, or where the watch is `certain`,
        fingerprints decide as in `count`. May be called in between, and left off at any point.
        """
        links = self._found()
        pairs = chain.from_iterable(zip(rows.tolist(), last.tolist(), strict=True) for rows, last in links.read())
        return pairs if values is None or self.certain else _confirmed(pairs, links, values)

    def linked(self) -> Iterator[tuple[Numbers, Numbers]]:
        """What `repeats` says without `values`, as arrays, some thousand rows at a time."""
        return self._found().read()

    def close(self) -> None:
        """Gives back what lies on disk."""
        for one in (self._spilled, self._links):
            if one is not None:
                one.close()
        self._spilled = self._links = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _out(self, columns: Sequence[Column], skip: Mask | None) -> Mask:
        nulls = [empty(column) for column in columns]
        together = np.logical_and if self._nulls is Nulls.ALL else np.logical_or
        out: Mask = together.reduce(nulls)
        for column in columns:
            if (never := _nans(column)) is not None:
                out |= never
        return out if skip is None else out | skip

    def _make_room(self, lowest: int, highest: int) -> None:
        if lowest <= self._spilled_to:
            raise ValueError(f"row {lowest} was added after a later block")
        if self._kept_bytes > self._memory and lowest > self._seen:
            self._spill()
        self._seen = max(self._seen, highest)

    def _keep(self, entries: _Entries) -> None:
        self._kept.append(entries)
        self._kept_bytes += entries.bytes
        if self._links is not None:
            self._links.close()
            self._links = None

    def _spill(self) -> None:
        if self._spilled is None:
            self._spilled = Partitions(self._folder)
        entries = _in_order(_joined(self._kept))
        self._spilled.write((entries.first >> _PART_BITS).astype(np.uint8), entries.columns())
        self._kept, self._kept_bytes, self._spilled_to = [], 0, self._seen

    def _found(self) -> _Links:
        if self._links is None:
            self._links = _Links(
                self._folder, self._memory // 4
            )  # sorting them takes about that much again, four times
            for pieces in self._parts():
                _link(pieces, self._links)
        return self._links

    def _parts(self) -> Iterator[Iterator[_Entries]]:
        """Entries that share no key between parts; each part in pieces, in the order of their rows."""
        if self._spilled is None:
            yield iter([_in_order(_joined(self._kept))] if self._kept else [])
            return
        if self._kept:
            self._spill()
        for part in self._spilled.parts:
            yield self._pieces(self._spilled, part)

    def _pieces(self, spilled: Partitions, part: int) -> Iterator[_Entries]:
        """A part is one piece, unless a key that stands everywhere has made it large."""
        piece: list[_Entries] = []
        for columns in spilled.read(part):
            piece.append(_Entries(columns[0], columns[1] if len(columns) == 3 else None, columns[-1]))  # noqa: PLR2004
            if sum(one.bytes for one in piece) > self._memory // 2:
                yield _joined(piece)
                piece = []
        if piece:
            yield _joined(piece)


class _Links:
    """Rows that repeat, each with the last row before it of the same fingerprint; by row number, in buckets."""

    def __init__(self, folder: Path, memory_bytes: int) -> None:
        self.count = 0
        self._folder, self._memory = folder, memory_bytes
        self._kept: list[tuple[Numbers, Numbers]] = []
        self._kept_bytes = 0
        self._spilled: Partitions | None = None
        self._bucket: tuple[int, Numbers, Numbers] | None = None

    def add(self, rows: Numbers, last: Numbers) -> None:
        self.count += len(rows)
        self._kept.append((rows, last))
        self._kept_bytes += rows.nbytes + last.nbytes
        if self._kept_bytes > self._memory:
            self._spill()

    def read(self) -> Iterator[tuple[Numbers, Numbers]]:
        """All of them, by ascending row number, some thousand at a time."""
        if self._spilled is None:
            yield from _sliced(*_by_row(self._kept))
            return
        self._spill()
        for bucket in self._spilled.parts:
            yield from _sliced(*self._load(self._spilled, bucket))

    def last(self, row: int) -> int:
        """The last row before this one of the same fingerprint; 0 where there is none."""
        bucket = row >> _BUCKET_BITS if self._spilled is not None else 0
        if self._bucket is None or self._bucket[0] != bucket:
            found = _by_row(self._kept) if self._spilled is None else self._load(self._spilled, bucket)
            self._bucket = (bucket, *found)
        _, rows, last = self._bucket
        place = int(np.searchsorted(rows, row))
        return int(last[place]) if place < len(rows) and rows[place] == row else 0

    def close(self) -> None:
        if self._spilled is not None:
            self._spilled.close()

    def _spill(self) -> None:
        if self._spilled is None:
            self._spilled = Partitions(self._folder)
        if self._kept:
            rows, last = _by_row(self._kept)
            self._spilled.write(rows >> _BUCKET_BITS, (rows, last))
            self._kept, self._kept_bytes = [], 0

    @staticmethod
    def _load(spilled: Partitions, bucket: int) -> tuple[Numbers, Numbers]:
        return _by_row([(rows, last) for rows, last in spilled.read(bucket)])


def _link(pieces: Iterator[_Entries], links: _Links) -> None:
    """Links the repeats of a part. What one piece ends with, the last row of each key, is carried into the next."""
    carried: _Entries | None = None
    piece = next(pieces, None)
    while piece is not None:
        entries = piece if carried is None else _joined([carried, piece])
        piece = next(pieces, None)
        if piece is not None:
            entries, same = _grouped(entries)
            carried = entries.take(np.flatnonzero(~np.append(same, [False])))
        elif not _equals(entries.first):
            return
        else:
            entries, same = _grouped(_suspected(entries))
        if same.any():
            links.add(entries.rows[1:][same], entries.rows[:-1][same])


def _grouped(entries: _Entries) -> tuple[_Entries, Mask]:
    """Equal fingerprints side by side, in the order of their rows; and which of them equals the next one."""
    ordered = entries.take(np.argsort(entries.first, kind="stable"))
    same = _next_is_equal(ordered.first)
    if ordered.second is None or (same & ~_next_is_equal(ordered.second)).sum() == 0:
        return ordered, same
    ordered = ordered.take(np.lexsort((ordered.rows, ordered.second, ordered.first)))  # the two lanes disagree: rare
    return ordered, _next_is_equal(ordered.first) & _next_is_equal(cast("Words", ordered.second))


def _suspected(entries: _Entries) -> _Entries:
    """The entries whose first lane stands more than once, where they are few; else all."""
    ordered = np.sort(entries.first)
    twice = ordered[1:][_next_is_equal(ordered)]
    if len(twice) * _FEW > len(ordered):
        return entries
    places = np.minimum(np.searchsorted(twice, entries.first), len(twice) - 1)
    return entries.take(np.flatnonzero(twice[places] == entries.first))


def _confirmed(pairs: Iterator[tuple[int, int]], links: _Links, values: Values) -> Iterator[tuple[int, int]]:
    """The pairs whose values are equal, and for the others the row further back that has the same value, if any."""
    size = _FIRST_ASKED
    while chunk := [pair for _, pair in zip(range(size), pairs, strict=False)]:
        size = min(_GROWTH * size, _MOST_ASKED)
        known = dict(values(sorted({row for pair in chunk for row in pair})))
        for row, last in chunk:
            before = last
            while before and known[before] != known[row]:
                before = links.last(before)
                if before and before not in known:
                    known.update(values([before]))
            if before:
                yield row, before


def _equals(first: Words) -> int:
    return int(np.count_nonzero(_next_is_equal(np.sort(first))))


def _next_is_equal(ordered: npt.NDArray[Any]) -> Mask:
    equal: Mask = ordered[1:] == ordered[:-1]
    return equal


def _joined(entries: Sequence[_Entries]) -> _Entries:
    if len(entries) == 1:
        return entries[0]
    seconds = [one.second for one in entries if one.second is not None]
    return _Entries(
        np.concatenate([one.first for one in entries]),
        np.concatenate(seconds) if seconds else None,
        np.concatenate([one.rows for one in entries]),
    )


def _in_order(entries: _Entries) -> _Entries:
    if (entries.rows[1:] > entries.rows[:-1]).all():
        return entries
    return entries.take(np.argsort(entries.rows))


def _by_row(links: Sequence[tuple[Numbers, Numbers]]) -> tuple[Numbers, Numbers]:
    rows = np.concatenate([np.zeros(0, np.int64), *(rows for rows, _ in links)])
    last = np.concatenate([np.zeros(0, np.int64), *(last for _, last in links)])
    order = np.argsort(rows)
    return rows[order], last[order]


def _sliced(rows: Numbers, last: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    for start in range(0, len(rows), _MOST_ASKED):
        yield rows[start : start + _MOST_ASKED], last[start : start + _MOST_ASKED]


def _take(column: Column, rows: npt.NDArray[np.intp]) -> Column:
    return [column[row] for row in rows] if isinstance(column, list) else column.take(pa.array(rows))


def _nans(column: Column) -> Mask | None:
    if isinstance(column, list):
        return np.array([is_nan(value) for value in column], np.bool_)
    if not pa.types.is_floating(column.type):
        return None
    nans: Mask = pc.fill_null(column.is_nan(), fill_value=False).to_numpy(zero_copy_only=False)
    return nans


_NOTHING = np.zeros(0, np.uint64)

"""Rows of numbers on disk, parted by a small number, so that one part at a time is read into memory."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Numbers8: TypeAlias = npt.NDArray[Any]  # a column of numbers of eight bytes each

_BYTES = 8
_AT_ONCE = 2**18  # rows: 2 MB a column


class _Stretch(NamedTuple):
    """Where one part of one written table lies in the file: the offset, in bytes, of each column, and its rows."""

    offsets: tuple[int, ...]
    rows: int


class Partitions:
    """Tables of eight-byte numbers, each written with the part that every row belongs to, read back part by part.

    They lie in one nameless file of `folder`, which is gone when this is closed. Disk faults are OSError.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (open as long as this is)
        self._stretches: dict[int, list[_Stretch]] = defaultdict(list)
        self._types: tuple[np.dtype[Any], ...] = ()

    def write(self, parts: npt.NDArray[Any], columns: Sequence[Numbers8]) -> None:
        """Adds a table; its rows keep their order within their part. The types of the columns are always the same."""
        order = np.argsort(parts, kind="stable")
        kinds, begins = np.unique(parts[order], return_index=True)
        ends = np.append(begins[1:], len(order))
        base = self._file.seek(0, 2)
        self._types = tuple(column.dtype for column in columns)
        for column in columns:
            self._file.write(column[order].data)
        for part, begin, end in zip(kinds.tolist(), begins.tolist(), ends.tolist(), strict=True):
            offsets = (base + _BYTES * (place * len(order) + begin) for place in range(len(columns)))
            self._stretches[part].append(_Stretch(tuple(offsets), end - begin))

    @property
    def parts(self) -> list[int]:
        """Those that hold rows, ascending."""
        return sorted(self._stretches)

    def read(self, part: int) -> Iterator[tuple[Numbers8, ...]]:
        """A part's rows as they were written, a stretch of them at a time."""
        for stretch in self._stretches.get(part, []):
            for start in range(0, stretch.rows, _AT_ONCE):
                rows = min(_AT_ONCE, stretch.rows - start)
                yield tuple(
                    self._column(offset + _BYTES * start, rows, kind)
                    for offset, kind in zip(stretch.offsets, self._types, strict=True)
                )

    def close(self) -> None:
        """Gives the file back."""
        self._file.close()

    def _column(self, offset: int, rows: int, kind: np.dtype[Any]) -> Numbers8:
        self._file.seek(offset)
        return np.frombuffer(self._file.read(rows * _BYTES), kind)

"""Compound files, which old workbooks are (MS-CFB): whether their chains of sectors come to an end.

A stream is a chain of sectors, each of which names the next. Where a chain leads back into itself a reader follows it
until all memory is gone, so it is walked here first.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

MAGIC = b"\xd0\xcf\x11\xe0"
_HEADER = 512  # bytes
_SECTOR = {3: 512, 4: 4096}  # bytes of a sector, by the version of the format
_LAST = 0xFFFFFFFA  # from here on a number is no sector: an end of a chain, or a mark
_ENTRY = 128  # bytes of an entry of the directory
_STREAM, _ROOT = 2, 5  # types of an entry
_SHORT = 4096  # bytes of a stream; shorter ones lie in the small sectors of one stream, the root's


def is_circular(path: Path) -> bool:
    """Whether a file is a compound file with a chain that has no end. One that is damaged otherwise is not."""
    with path.open("rb") as file:
        head = file.read(_HEADER)
        if not head.startswith(MAGIC) or len(head) < _HEADER:
            return False
        size = _SECTOR.get(struct.unpack_from("<H", head, 26)[0], 0)
        return bool(size) and _Chains(file, head, size, path.stat().st_size).lead_in_a_circle()


class _Chains:
    """The chains of an open compound file of `length` bytes, whose sectors have `size` bytes."""

    def __init__(self, file: BinaryIO, head: bytes, size: int, length: int) -> None:
        self._file, self._head, self._size = file, head, size
        self._most = length // size + 1

    def lead_in_a_circle(self) -> bool:
        """Whether any chain does that a reader may follow."""
        blocks = self._blocks()
        if blocks is None or len(blocks) > self._most:
            return True
        table = self._numbers(blocks)
        directory, small = self._word(48), self._word(60)
        if _circles(table, [directory, small]):
            return True
        entries = list(self._entries(_chain(table, directory)))
        in_small = [start for kind, start, length in entries if kind == _STREAM and length < _SHORT]
        others = [start for kind, start, length in entries if kind == _ROOT or length >= _SHORT]
        return _circles(table, others) or _circles(self._numbers(_chain(table, small)), in_small)

    def _blocks(self) -> list[int] | None:
        """The sectors that the table of chains lies in; None where their own list is a circle."""
        blocks = list(struct.unpack_from("<109I", self._head, 76))
        at, seen = self._word(68), set[int]()
        while at < _LAST and (numbers := self._numbers([at])):
            if at in seen:
                return None
            seen.add(at)
            blocks += numbers[:-1]
            at = numbers[-1]
        return [one for one in blocks if one < _LAST]

    def _entries(self, sectors: Iterable[int]) -> Iterator[tuple[int, int, int]]:
        """Type, first sector and bytes of each entry of the directory."""
        for sector in sectors:
            text = self._sector(sector)
            for begin in range(0, len(text) - _ENTRY + 1, _ENTRY):
                yield (text[begin + 66], *struct.unpack_from("<II", text, begin + 116))

    def _numbers(self, sectors: Iterable[int]) -> list[int]:
        text = b"".join(map(self._sector, sectors))
        return list(struct.unpack(f"<{len(text) // 4}I", text[: len(text) // 4 * 4]))

    def _sector(self, number: int) -> bytes:
        self._file.seek((number + 1) * self._size)
        return self._file.read(self._size)

    def _word(self, offset: int) -> int:
        return int(struct.unpack_from("<I", self._head, offset)[0])


def _circles(table: Sequence[int], starts: Iterable[int]) -> bool:
    """Whether a chain that begins at any of the starts leads back into itself; each sector is looked at once."""
    done = set[int]()
    for start in starts:
        trail, at = set[int](), start
        while at < len(table) and at not in done:
            if at in trail:
                return True
            trail.add(at)
            at = table[at]
        done |= trail
    return False


def _chain(table: Sequence[int], start: int) -> list[int]:
    """The sectors of a chain that has an end."""
    found, at = [], start
    while at < len(table):
        found.append(at)
        at = table[at]
    return found

"""How far frictionless would have read a file that it does not read to its end: to a limit of errors, or to bad bytes.

It reads text in buffers, takes 100 lines to guess the dialect and 100 records to look for the header, and counts the
bytes of the buffers that it took. A buffer with bytes that the encoding cannot read yields none of its lines. All of
this shows in its report, so the beginning of such a file is read here the same way.
"""

from __future__ import annotations

import csv
import io
from itertools import chain, islice
from typing import BinaryIO, NamedTuple

from civicat.validators.engine.opening import Start
from civicat.validators.formats import Source

AT_ONCE = 100  # lines, then records, that frictionless reads when it opens a table


class Reach(NamedTuple):
    """How far frictionless comes: its last record, the bytes it took, whether it met the end, the codec's words."""

    last: int
    bytes: int
    ended: bool
    note: str = ""


def reach(source: Source, start: Start, last: int | None = None) -> Reach:
    """Reads a delimited file as frictionless does, until record `last`, or the first bytes that are no text."""
    newline = "" if source.format == "csv" else None
    wanted = None if last is None else max(last, AT_ONCE)
    number, note = 0, ""
    with source.path.open("rb") as file:
        taken = _Taken(file)
        text = io.TextIOWrapper(taken, source.encoding, newline=newline)  # type: ignore[type-var] # read1 is all it asks of it
        try:
            lines = list(islice(text, AT_ONCE))
            records = csv.reader(chain(lines, text), start.cut or csv.excel())
            for number, _ in enumerate(islice(records, wanted), 1):  # noqa: B007 (used after the loop)
                pass
        except (UnicodeDecodeError, csv.Error) as error:
            note = str(error)
        text.detach()
    return Reach(number, taken.bytes, taken.ended, note)


class _Taken(io.BufferedIOBase):
    """A file that counts what is taken from it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.bytes = 0
        self.ended = False

    def readable(self) -> bool:
        return True

    def read1(self, size: int = -1, /) -> bytes:
        """The next bytes, as many as there are at once."""
        data = self._file.read1(size)  # type: ignore[attr-defined] # a buffered file, which has it
        self.bytes += len(data)
        self.ended = self.ended or not data
        return bytes(data)

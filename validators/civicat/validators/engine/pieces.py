"""UTF-8 cut into pieces of whole records, as Python's csv would cut them.

Where all quotes stand as RFC 4180 has them, a line break with an even number of quotes before it ends a record: that is
proved for a piece by looking at its quotes alone. Where they do not, csv.reader itself cuts the next stretch, and the
proof is tried again behind it.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from civicat.validators.engine.block import Numbers
from civicat.validators.engine.faults import (
    BadBytesError,
    CrowdedRecordError,
    CsvRecordError,
    LongRecordError,
    RecordError,
)
from civicat.validators.engine.incoming import Incoming

RECORD_LIMIT = 1 << 25  # bytes of one record: csv.reader takes a dozen times as much to hold it
CELL_LIMIT = 200_000  # cells of one record: a dozen times a workbook's columns; each that is too many is an error
_MOST = 1 << 16  # records of a piece: each may turn out odd, and then takes a hundred times its bytes
_FIRST, _WIDENED = 1 << 16, 8  # bytes of the first piece: a hopeless table ends with it; the next is so much longer
_STRETCH = 8  # the part of a window that csv.reader cuts before the proof is tried again
_SEARCHED = 1 << 14  # bytes that are searched at once for the end of a record, then twice as many, and so on
_LF, _CR = 10, 13

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Marks:
    """How records are cut: `quick` where one byte separates cells and one quotes them, and nothing else matters."""

    dialect: csv.Dialect
    newline: str | None  # as open() has it: None where each line break is read as a line feed
    quick: bool
    delimiter: bytes
    quote: bytes  # empty where nothing quotes

    @classmethod
    def of(cls, dialect: csv.Dialect, newline: str | None) -> Marks:
        """The marks of a dialect."""
        plain = dialect.quoting == csv.QUOTE_NONE
        quote = "" if plain else dialect.quotechar or ""
        marks = [dialect.delimiter] if plain else [dialect.delimiter, quote]
        quick = (
            len(set(marks)) == len(marks)
            and all(len(mark) == 1 and mark.isascii() and mark not in "\r\n\0" for mark in marks)
            and dialect.quoting in {csv.QUOTE_NONE, csv.QUOTE_MINIMAL, csv.QUOTE_ALL}
            and (plain or bool(dialect.doublequote))
            and not (dialect.escapechar or dialect.skipinitialspace or getattr(dialect, "strict", False))
        )
        return cls(dialect, newline, quick, dialect.delimiter.encode(), quote.encode())


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole records: their bytes, or `rows` where csv.reader has cut them; `at` is the file's offset of the first byte.

    A piece of no records bears the `fault` for which the table cannot be read any further, which does not know its
    record yet; `missing` are the records before the first piece that are not there.
    """

    data: memoryview
    at: int
    quoted: bool = False
    rows: list[list[str]] | None = None
    fault: RecordError | None = None
    missing: int = 0


def pieces(stream: Incoming, marks: Marks, skip: int, size: int) -> Iterator[Piece]:
    """The pieces behind the first `skip` records, each about `size` bytes, or as long as its only record."""
    window = _Window(stream, min(size, _FIRST))
    while skip and window.load():
        piece, used = _cut_by_csv(window, marks, most=skip)
        skip -= len(piece.rows or ())
        fault = piece.fault or (None if window.advance(used) else window.beyond())
        if fault is not None:
            yield Piece(memoryview(b""), window.at, missing=skip, fault=fault)
            return
    while window.load():
        piece, used = _cut(window, marks)
        window.widen(size)
        if used:
            yield from _shares(replace(piece, fault=None), marks)  # the fault stands behind all of them
        fault = piece.fault or (None if window.advance(used) else window.beyond())
        if fault is not None:
            yield Piece(memoryview(b""), window.at, fault=fault)
            return


def _shares(piece: Piece, marks: Marks) -> Iterator[Piece]:
    """A piece, or where it holds very many records several, of which none does."""
    if piece.rows is not None:
        for begin in range(0, len(piece.rows), _MOST):
            yield replace(piece, rows=piece.rows[begin : begin + _MOST])
        return
    data = np.frombuffer(piece.data, np.uint8)
    if np.count_nonzero(data == _LF) + np.count_nonzero(data == _CR) <= _MOST:
        yield piece
        return
    bounds = record_bounds(piece.data, marks.quote if piece.quoted else b"")
    for begin, end in pairwise([*bounds[:-1:_MOST].tolist(), len(data)]):
        yield replace(piece, data=piece.data[begin:end], at=piece.at + begin)


class _Window:
    """What has come in and is not cut yet: the bytes of `buffer` from `low` to `high`. `ended` where it is the rest.

    Within the first `barren` of them no record ends, as was found when the window was shorter.
    """

    def __init__(self, stream: Incoming, size: int) -> None:
        self._stream, self._size = stream, size
        self._wanted = size
        self.buffer = bytearray()
        self.low = self.high = self.barren = 0
        self.at = stream.start
        self.drained = self.starved = False

    def widen(self, most: int) -> None:
        """Takes longer pieces from here on, `most` bytes at the most."""
        self._size = min(_WIDENED * self._size, most)

    def load(self) -> bool:
        """Fills the window where it has run low; False where nothing is left, nor a fault to be told."""
        if self.high - self.low < self._wanted and not self.drained:
            self._fill()
        return self.high > self.low or self._stream.fault is not None

    def advance(self, used: int) -> bool:
        """Goes on behind what is cut; where that is nothing, a longer window is needed, and False."""
        self.low += used
        self.at += used
        self.starved = not used
        self.barren = 0 if used else self.barren
        self._wanted = (self._size + 1) // 2 if used else 2 * max(self.high - self.low, self._size)
        return used > 0

    def beyond(self) -> RecordError | None:
        """Why no longer window can help: the record is too long, or the rest cannot be read."""
        if self.drained and self._stream.fault is not None:
            return self._stream.fault
        return LongRecordError(0, self.high - self.low) if self.high - self.low >= RECORD_LIMIT else None

    @property
    def ended(self) -> bool:
        """Whether the file ends where the window does. One that breaks off has no end."""
        return self.drained and self._stream.fault is None

    @property
    def span(self) -> memoryview:
        """The bytes."""
        return memoryview(self.buffer)[self.low : self.high]

    def line_end(self, limit: int) -> int:
        """How many bytes the last whole lines take that end at `limit` or before; both count from its start."""
        end = self.low + limit
        stop = end - self.is_half(limit)
        feed, back = self.buffer.rfind(b"\n", self.low, end), self.buffer.rfind(b"\r", self.low, stop)
        return max(feed, back, self.low - 1) + 1 - self.low

    def is_half(self, limit: int) -> bool:
        """Whether there is a CR before `limit` that may be half a line break: its LF follows, or is yet to come."""
        end = self.low + limit
        if not limit or self.buffer[end - 1] != _CR:
            return False
        return self.buffer[end] == _LF if end < self.high else not self.ended

    def _fill(self) -> None:
        rest = self.span
        size = max(self._size, self._wanted, len(rest))
        buffer = bytearray(size)
        buffer[: len(rest)] = rest
        high = len(rest)
        while high < size:
            got = self._stream.fill(memoryview(buffer)[high:])
            if not got:
                self.drained = True
                break
            high += got
        self.buffer, self.low, self.high = buffer, 0, high


def _cut(window: _Window, marks: Marks) -> tuple[Piece, int]:
    """The next piece, and how many bytes it takes: 0 where the window holds no whole record."""
    if marks.quick and bytes(window.span[:3]) != codecs.BOM_UTF8:  # which pyarrow would drop
        used, quotes = _proved(window, marks)
        if used > 0:
            used, fault = _uncrowded(window, quotes, used, marks)
            return Piece(window.span[:used], window.at, bool(len(quotes)), fault=fault), used
        if used == 0:
            return Piece(window.span[:0], window.at), 0
    return _cut_by_csv(window, marks)


def _proved(window: _Window, marks: Marks) -> tuple[int, Numbers]:
    """How many bytes are proved to be whole records, and where quotes stand; -1 where csv.reader must cut."""
    length = window.high - window.low
    null = window.buffer.find(b"\0", window.low, window.high)
    clean = length if null < 0 else null - window.low
    quotes = _places(window.span[:clean], marks.quote)
    good = _well_formed(np.frombuffer(window.span, np.uint8), quotes, marks)
    limit = clean if good == len(quotes) else int(quotes[good])
    if limit == length and window.ended and good % 2 == 0:
        return length, quotes
    end = _record_end(window, quotes[:good], window.barren, limit)
    if end == 0 and limit == length:
        window.barren = max(length - 1, 0)  # a CR at the end may turn out to be one, when more has come
    # Nothing is proved: a longer window helps only where all of this one was well-formed.
    return -1 if end == 0 and (limit < length or window.ended) else end, quotes[:good]


def _uncrowded(window: _Window, quotes: Numbers, used: int, marks: Marks) -> tuple[int, CrowdedRecordError | None]:
    """How many of the proved bytes come before a record with too many cells, and that fault; all, where there is none.

    Cells are counted only where no record ends for as many bytes as there may be cells.
    """
    begin = 0
    while used - begin >= CELL_LIMIT:
        end = _record_end(window, quotes, begin, begin + CELL_LIMIT)
        if not end:
            end = _next_end(window.span[:used], quotes, begin)
            cells = _cells(window.span[begin:end], quotes, begin, marks)
            if cells > CELL_LIMIT:
                return begin, CrowdedRecordError(0, cells)
        begin = end
    return used, None


def _next_end(data: memoryview, quotes: Numbers, begin: int) -> int:
    """The end of the first record behind `begin`: of all there is, where no line ends outside quotes."""
    size = _SEARCHED
    while begin < len(data):
        stop = min(begin + size, len(data))
        stop += stop < len(data) and data[stop] == _LF  # which may belong to a CR before it
        ends = _ends(data, quotes, begin, stop)
        if len(ends):
            return int(ends[0])
        begin, size = stop, 2 * size
    return len(data)


def _cells(data: memoryview, quotes: Numbers, begin: int, marks: Marks) -> int:
    """How many cells a record has that starts at `begin`."""
    return 1 + int(np.count_nonzero(_outside(_places(data, marks.delimiter) + begin, quotes)))


def _outside(places: Numbers, quotes: Numbers) -> npt.NDArray[np.bool_]:
    """Which places stand outside quotes."""
    outside: npt.NDArray[np.bool_] = np.searchsorted(quotes, places) % 2 == 0
    return outside


def _record_end(window: _Window, quotes: Numbers, begin: int, limit: int) -> int:
    """The end of the last record that ends behind `begin` and within `limit`; 0 where none does."""
    stop, size = limit - window.is_half(limit), _SEARCHED
    while stop > begin:
        start = max(stop - size, begin)
        ends = _ends(window.span, quotes, start, stop)
        if len(ends):
            return int(ends[-1])
        stop, size = start, 2 * size
    return 0


def _ends(data: memoryview, quotes: Numbers, start: int, stop: int) -> Numbers:
    """Where records end between two places: behind the line breaks outside quotes. A CR at the very end is one."""
    breaks = line_breaks(np.frombuffer(data[start:stop], np.uint8)) + start
    ends: Numbers = breaks[_outside(breaks, quotes)] + 1
    return ends


def _well_formed(data: Bytes, quotes: Numbers, marks: Marks) -> int:
    """How many quotes stand well: the first at the start of a cell, the second at its end, or two in a row, and so on.

    The last one may be open.
    """
    if not len(quotes):
        return 0
    beside = np.zeros(256, np.bool_)
    beside[[_LF, _CR, marks.delimiter[0], marks.quote[0]]] = True
    openers, closers = quotes[0::2], quotes[1::2]
    good = beside[data[openers - 1]] | (openers == 0)
    last = len(data) - 1
    good[: len(closers)] &= beside[data[np.minimum(closers + 1, last)]] | (closers == last)
    return len(quotes) if good.all() else 2 * int(np.argmin(good))


def _cut_by_csv(window: _Window, marks: Marks, most: int | None = None) -> tuple[Piece, int]:
    """The next records as csv.reader cuts them, `most` at the most, and how many bytes they take."""
    end = _stretch(window)
    final = window.ended and end == window.high - window.low
    fault: RecordError | None = None
    try:
        text = str(window.span[:end], "utf-8")
    except UnicodeDecodeError as error:
        fault = BadBytesError(0, window.at + error.start, error.reason)
        end, final = window.line_end(error.start), False
        text = str(window.span[:end], "utf-8")
    breaks = line_breaks(np.frombuffer(window.span[:end], np.uint8))
    whole = len(breaks) + int(final)  # what the last line lacks is its break
    rows, lines, refused = _read(text, marks, whole, ended=final, most=most)
    if len(rows) == most:
        fault = None
    used = 0 if not lines else end if lines > len(breaks) else int(breaks[lines - 1]) + 1
    return Piece(window.span[:used], window.at, rows=rows, fault=refused or fault), used


def _stretch(window: _Window) -> int:
    """How much csv.reader is to cut at once: whole lines, or all there is where it has found no end of a record yet."""
    length = window.high - window.low
    if window.starved:
        return length if window.ended else window.line_end(length)
    part = window.line_end(max(length // _STRETCH, 1))
    return part or (length if window.ended else window.line_end(length))


def _read(
    text: str, marks: Marks, whole: int, *, ended: bool, most: int | None
) -> tuple[list[list[str]], int, CsvRecordError | CrowdedRecordError | None]:
    """The whole records of a text of `whole` lines, how many lines they take, and what is refused behind them.

    Where the text is not the end of the file, one more line follows it: a record that takes it was not whole.
    """
    rows: list[list[str]] = []
    lines = 0
    reader = csv.reader(chain(StringIO(text, marks.newline), () if ended else ("0",)), marks.dialect)
    try:
        for row in reader:
            if reader.line_num > whole:
                break
            if len(row) > CELL_LIMIT:
                return rows, lines, CrowdedRecordError(0, len(row))
            rows.append(row)
            lines = reader.line_num
            if len(rows) == most:
                break
    except csv.Error as error:
        return rows, lines, CsvRecordError(0, str(error))
    return rows, lines, None


def line_breaks(data: Bytes) -> Numbers:
    """Where lines end: each LF, and each CR that no LF follows."""
    feeds = np.flatnonzero(data == _LF)
    backs = np.flatnonzero(data == _CR)
    if not len(backs):
        return feeds
    last = len(data) - 1
    alone = backs[(backs == last) | (data[np.minimum(backs + 1, last)] != _LF)]
    return np.sort(np.concatenate([feeds, alone]))


def record_bounds(data: memoryview, quote: bytes) -> Numbers:
    """Where the records of a proved piece begin, and where the last one ends."""
    breaks = line_breaks(np.frombuffer(data, np.uint8))
    quotes = _places(data, quote)
    ends = breaks[np.searchsorted(quotes, breaks) % 2 == 0] + 1
    inner = ends[:-1] if len(ends) and ends[-1] == len(data) else ends
    return np.concatenate([[0], inner, [len(data)]])


def _places(data: memoryview, mark: bytes) -> Numbers:
    if not mark:
        return np.empty(0, np.int64)
    return np.flatnonzero(np.frombuffer(data, np.uint8) == mark[0])

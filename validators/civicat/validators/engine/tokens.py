"""A piece of whole records -> a block of columns, by pyarrow's tokenizer or from the cells that csv.reader has cut."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pacsv

from civicat.validators.engine.block import Column, Mask, Numbers, Odd
from civicat.validators.engine.faults import BadBytesError, RecordError
from civicat.validators.engine.pieces import Bytes, Marks, Piece, record_bounds

_TEXT = pa.string()
_NAMED = pa.dictionary(pa.int32(), pa.string())
_TRUE, _FALSE = ["true", "True", "TRUE", "1"], ["false", "False", "FALSE", "0"]  # Table Schema's own

_NEAR = 1 << 17  # bytes that a processor keeps near while they are looked at more than once
_LOWER = 0x20  # the bit that makes a small letter of a capital
_UNIT = "\x1f"  # ASCII's own unit separator, which hardly any text holds
_UNITS = Marks(csv.excel(), "", quick=True, delimiter=_UNIT.encode(), quote=b"")


def converts(asked: pa.DataType) -> bool:
    """Whether the tokenizer converts to a type: then every value that it gives is one that frictionless reads alike.

    Not to dates and times: pyarrow drops blanks around a date and takes `2020-01-01T10Z` and `10:00`, and to tell such
    cells afterwards costs more than to convert the text.
    """
    return asked == _NAMED or pa.types.is_decimal(asked) or asked in {pa.int64(), pa.float64(), pa.bool_()}


@dataclass(frozen=True, slots=True)
class Omitted:
    """The records that the dialect leaves out, as frictionless' filters do."""

    comment_char: str
    comment_rows: frozenset[int]
    blank: bool

    @property
    def some(self) -> bool:
        """Whether there are any."""
        return bool(self.comment_char or self.comment_rows or self.blank)

    def drops(self, number: int, cells: Sequence[object]) -> bool:
        """Whether a record is left out."""
        return self.comment(cells) or number in self.comment_rows or (self.blank and is_blank(cells))

    def comment(self, cells: Sequence[object]) -> bool:
        """Whether the first cell says that the record is a comment."""
        first = cells[0] if cells else None
        return bool(self.comment_char) and isinstance(first, str) and first.startswith(self.comment_char)


def is_blank(cells: Iterable[object]) -> bool:
    """Whether a record holds nothing."""
    return all(cell in (None, "") for cell in cells)


@dataclass(frozen=True, slots=True)
class Records:
    """Records without their numbers yet: `places` counts, from 0, the records of the piece that stand in `columns`.

    `odd` holds the place and the cells of the others. `total` counts all records, also those that are left out.
    """

    columns: Sequence[Column]
    places: Numbers
    odd: Sequence[tuple[int, list[str]]]
    total: int
    read: Callable[[Sequence[int]], list[list[str]]]  # the cells of records, by their places
    fault: RecordError | None = None
    proved: bool = True  # that each quote is closed; where csv.reader had to cut, the last one may be open

    def numbered(self, base: int, omitted: Omitted) -> TextBlock:
        """The block, where `base` is the number of the first record."""
        numbered = ((base + place, cells) for place, cells in self.odd)
        kept = [Odd(*one) for one in numbered if not (omitted.some and omitted.drops(*one))]
        numbers = self.places + base
        left_out = [one - base for one in omitted.comment_rows if base <= one < base + self.total]
        if not left_out:
            return TextBlock(numbers, self.columns, kept, self.places, self.read, self.proved)
        keep = ~np.isin(self.places, left_out)
        return TextBlock(numbers[keep], _filtered(self.columns, keep), kept, self.places[keep], self.read, self.proved)


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A block (see block.py) of delimited text."""

    numbers: Numbers
    columns: Sequence[Column]
    odd: Sequence[Odd]
    _places: Numbers
    _read: Callable[[Sequence[int]], list[list[str]]]
    proved: bool = True

    def cells(self, rows: Sequence[int]) -> list[list[object]]:
        """The cells of these rows (indices into the columns, ascending), as csv.reader cuts them."""
        return [list[object](one) for one in self._read([int(self._places[row]) for row in rows])]


class Tokenizer:
    """Makes records of pieces; the threads share it. `typed` turns false at the first cell that does not convert."""

    def __init__(self, marks: Marks, wanted: Sequence[pa.DataType | None], omitted: Omitted) -> None:
        self._marks, self._omitted = marks, omitted
        self._width = len(wanted)
        self._names = [str(place) for place in range(self._width)]
        asked = [one if one is not None and converts(one) else _TEXT for one in wanted]
        if omitted.comment_char and asked:
            asked[0] = _TEXT  # a comment is told by its text
        self._text = _options(dict.fromkeys(self._names, _TEXT))
        self._typed = _options(dict(zip(self._names, asked, strict=True)))
        self._whole = pa.int64() in asked
        self._beginning = np.zeros(256, np.bool_)  # what may stand before the first digit of a cell
        self._beginning[list(b"\r\n \t" + marks.delimiter[:1] + marks.quote[:1] + _UNITS.delimiter)] = True
        self.typed = any(one != _TEXT for one in asked)

    def __call__(self, piece: Piece) -> Records:
        """The records of a piece. Where bytes are no UTF-8, those before them, and the fault."""
        if piece.rows is not None or not piece.data:
            return self._of_rows(piece.rows or ())
        fault = _undecodable(piece)
        if fault is not None:
            return self._before(piece, fault)
        try:
            return self._tokenized(piece) if self._width else self._by_csv(piece)
        except pa.ArrowInvalid:  # more than pyarrow holds
            return self._by_csv(piece)

    def _tokenized(self, piece: Piece) -> Records:
        read = Rereader.of(piece, self._marks)
        ragged: list[int] = []
        columns = self._columns(read.data, self._marks, ragged)
        total = len(columns[0]) + len(ragged)
        places = np.delete(np.arange(total), ragged)
        empty = _empty(columns)
        odd = np.sort(np.concatenate([np.array(ragged, np.int64), places[empty]]))
        keep = ~empty
        if self._omitted.comment_char:
            keep &= ~_mask(pc.starts_with(columns[0], self._omitted.comment_char))
        if not keep.all():
            columns, places = _filtered(columns, keep), places[keep]
        cells = read(odd.tolist())
        return Records(columns, places, list(zip(odd.tolist(), cells, strict=True)), total, read)

    def _columns(self, data: memoryview, marks: Marks, ragged: list[int]) -> Sequence[pa.Array[Any]]:
        """The columns as asked for; as text from the first piece on that has a cell that does not convert."""
        columns = self._converted(data, marks, ragged) if self.typed else None
        if columns is not None:
            return columns
        self.typed = False
        ragged.clear()
        return self._parsed(data, marks, self._text, ragged)

    def _converted(self, data: memoryview, marks: Marks, ragged: list[int]) -> Sequence[pa.Array[Any]] | None:
        """The columns converted; None where a cell does not convert, or might to what frictionless does not read."""
        if self._whole and self._has_hexadecimal(np.frombuffer(data, np.uint8)):
            return None
        try:
            columns = self._parsed(data, marks, self._typed, ragged)
        except pa.ArrowInvalid:
            return None
        return columns if all(map(_finite, columns)) else None

    def _has_hexadecimal(self, data: Bytes) -> bool:
        """Whether a cell may begin like 0x1F, which pyarrow reads as an integer."""
        for begin in range(0, len(data), _NEAR):
            crosses = np.flatnonzero((data[begin : begin + _NEAR] | _LOWER) == ord("x")) + begin
            before = crosses[crosses > 0] - 1
            zeros = before[data[before] == ord("0")]
            if (self._beginning[data[zeros - 1]] | (zeros == 0)).any():
                return True
        return False

    def _parsed(
        self, data: memoryview, marks: Marks, into: pacsv.ConvertOptions, ragged: list[int]
    ) -> Sequence[pa.Array[Any]]:
        def skip(row: pacsv.InvalidRow) -> str:
            ragged.append(row.number - 1)
            return "skip"

        table = pacsv.read_csv(
            pa.BufferReader(pa.py_buffer(data)),
            read_options=pacsv.ReadOptions(column_names=self._names, use_threads=False, block_size=len(data) + 1),
            parse_options=pacsv.ParseOptions(
                delimiter=marks.delimiter.decode(),
                quote_char=marks.quote.decode() or False,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=skip,
            ),
            convert_options=into,
        )
        return [one.chunk(0) if one.num_chunks == 1 else one.combine_chunks() for one in table.itercolumns()]

    def _by_csv(self, piece: Piece) -> Records:
        text = StringIO(str(piece.data, "utf-8"), self._marks.newline)
        return self._of_rows(list(csv.reader(text, self._marks.dialect)))

    def _of_rows(self, rows: Sequence[list[str]]) -> Records:
        """Records that csv.reader has cut, turned into columns."""
        straight = [place for place, cells in enumerate(rows) if len(cells) == self._width and any(cells)]
        odd = [(place, rows[place]) for place in sorted(set(range(len(rows))).difference(straight))]
        if self._omitted.comment_char:
            straight = [place for place in straight if not self._omitted.comment(rows[place])]
        arrays = self._arrays([rows[place] for place in straight])
        numbers = np.array(straight, np.int64)
        return Records(arrays, numbers, odd, len(rows), lambda places: [rows[one] for one in places], proved=False)

    def _arrays(self, rows: Sequence[list[str]]) -> Sequence[pa.Array[Any]]:
        """The columns of rows of the right width. Twice as fast by way of text, where no cell can be torn there."""
        text = "\n".join(map(_UNIT.join, rows))
        torn = text.count(_UNIT) != len(rows) * (self._width - 1) or text.count("\n") != len(rows) - 1
        if torn or "\r" in text or "\0" in text or text.startswith("\ufeff"):
            columns = zip(*rows, strict=True) if rows else [()] * self._width
            return [pa.array(one, _TEXT) for one in columns]
        return self._columns(memoryview(text.encode()), _UNITS, [])

    def _before(self, piece: Piece, fault: BadBytesError) -> Records:
        """The records before the one with bytes that are no UTF-8."""
        bounds = record_bounds(piece.data, self._marks.quote)
        good = int(bounds[np.searchsorted(bounds, fault.offset - piece.at, "right") - 1])
        rest = replace(piece, data=piece.data[:good])
        return replace(self(rest), fault=fault)


@dataclass(slots=True)
class Rereader:
    """Reads records of a piece by csv.reader, one by one. Where they begin is found when it is first asked for."""

    data: memoryview
    marks: Marks
    quoted: bool
    _bounds: Numbers = field(default_factory=lambda: np.empty(0, np.int64))

    @classmethod
    def of(cls, piece: Piece, marks: Marks) -> Rereader:
        """The reader of a piece that is proved."""
        return cls(_line_fed(piece.data) if marks.newline is None else piece.data, marks, quoted=piece.quoted)

    @property
    def bounds(self) -> Numbers:
        """Where each record begins, and where the last one ends."""
        if not len(self._bounds):
            self._bounds = record_bounds(self.data, self.marks.quote if self.quoted else b"")
        return self._bounds

    def __call__(self, places: Sequence[int]) -> list[list[str]]:
        """The cells of the records at these places, which ascend."""
        if not places:
            return []
        begins, ends = self.bounds[places].tolist(), self.bounds[np.array(places) + 1].tolist()
        # Each record as one line: csv.reader minds a line break in quotes no more than another character.
        lines = (str(self.data[begin:end], "utf-8") for begin, end in zip(begins, ends, strict=True))
        return list(csv.reader(lines, self.marks.dialect))


def reread(piece: Piece, marks: Marks) -> tuple[int, Callable[[Sequence[int]], list[list[str]]]]:
    """How many records a piece holds, and what reads those of them that are asked for, by their places."""
    rows = piece.rows
    if rows is not None:
        return len(rows), lambda places: [rows[place] for place in places]
    read = Rereader.of(piece, marks)
    return max(len(read.bounds) - 1, 0), read


def _options(types: dict[str, pa.DataType]) -> pacsv.ConvertOptions:
    return pacsv.ConvertOptions(
        column_types=types,
        null_values=[""],
        true_values=_TRUE,
        false_values=_FALSE,
        strings_can_be_null=False,
        check_utf8=False,  # the whole piece has been checked, which is faster
    )


def _line_fed(data: memoryview) -> memoryview:
    if b"\r" not in (whole := bytes(data)):
        return data
    return memoryview(whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))


def _undecodable(piece: Piece) -> BadBytesError | None:
    """The first bytes of a piece that are no UTF-8."""
    ends = pa.py_buffer(np.array([0, len(piece.data)], np.int32))
    try:
        pa.Array.from_buffers(_TEXT, 1, [None, ends, pa.py_buffer(piece.data)]).validate(full=True)
    except pa.ArrowInvalid:
        return _bad_bytes(piece)
    return None


def _bad_bytes(piece: Piece) -> BadBytesError | None:
    try:
        str(piece.data, "utf-8")
    except UnicodeDecodeError as error:
        return BadBytesError(0, piece.at + error.start, error.reason)
    return None


def _finite(column: pa.Array[Any]) -> bool:
    """Whether a column holds no NaN or infinity, which pyarrow reads from words and from numbers too large."""
    return not pa.types.is_floating(column.type) or pc.all(pc.is_finite(column)).as_py() is not False


def _empty(columns: Sequence[pa.Array[Any]]) -> Mask:
    """Which rows are empty strings throughout."""
    empty = _no_text(columns[0])
    for column in columns[1:]:
        if not empty.any():
            break
        empty &= _no_text(column)
    return empty


def _no_text(column: pa.Array[Any]) -> Mask:
    if pa.types.is_dictionary(column.type):
        return _mask(pc.equal(column.indices, column.dictionary.index("").as_py()))
    if column.type != _TEXT:
        return _mask(column.is_null()) if column.null_count else np.zeros(len(column), np.bool_)
    if not len(column):
        return np.zeros(0, np.bool_)
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
    return np.equal(offsets[1:], offsets[:-1])


def _filtered(columns: Sequence[Column], keep: Mask) -> list[Column]:
    mask = pa.array(keep)
    return [column.filter(mask) for column in columns if not isinstance(column, list)]


def _mask(array: pa.Array[Any]) -> Mask:
    return np.asarray(array.to_numpy(zero_copy_only=False), np.bool_)

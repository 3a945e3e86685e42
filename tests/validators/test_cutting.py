"""Delimited text is cut exactly as Python's csv.reader cuts it, however the file is divided into pieces."""

from __future__ import annotations

import csv
import gzip
import io
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, cast

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from civicat.validators.engine import pieces
from civicat.validators.engine.block import Block, Numbers
from civicat.validators.engine.cutting import Cut, blocks, worked
from civicat.validators.engine.faults import (
    BadBytesError,
    CrowdedRecordError,
    CsvRecordError,
    LongRecordError,
    RecordError,
)
from civicat.validators.engine.incoming import incoming
from civicat.validators.engine.pieces import Marks, Piece
from civicat.validators.engine.tokens import Omitted, Tokenizer, converts

Records: TypeAlias = list[tuple[int, list[Any]]]
NAMED = pa.dictionary(pa.int32(), pa.string())
WILD = [
    *("a", "b,", ",", '"', '""', ',"', '",', '"\n', "\n", "\r", "\r\n", "\0", "é", "中", "𠀀", "\ufeff", " ", "0x1F"),
    *("\\", "'", ";", "；", "\u2028", "\x85"),
]
TAME = ["a", "b,", ",", '"a"', '"a,"\n', '""', "\n", "\r\n", '"x\ny"', "中"]


class Escaped(csv.excel):
    escapechar = "\\"


class Spaced(csv.excel):
    skipinitialspace = True


class Semicolon(csv.excel):
    delimiter = ";"


class Apostrophe(csv.excel):
    quotechar = "'"


class Unquoted(csv.excel):
    quoting = csv.QUOTE_NONE
    quotechar = None


class Single(csv.excel):
    doublequote = False


class Wide(csv.excel):
    delimiter = "；"


def expected(data: bytes, cut: Cut) -> Records:
    text = io.TextIOWrapper(io.BytesIO(data), cut.encoding, newline=cut.newline)
    return [(number, cells) for number, cells in enumerate(csv.reader(text, cut.dialect), 1) if number >= cut.first]


def cut_of(width: int, first: int = 1, encoding: str = "utf-8", dialect: csv.Dialect | None = None, **more: Any) -> Cut:  # noqa: ANN401 (Cut's own)
    return Cut(encoding, dialect or csv.excel(), first, width, **more)


def records(found: Iterator[Block], width: int) -> Records:
    """All records, those of the columns with the cells that the block reads again, checked against its columns."""
    rows: Records = []
    for block in found:
        cells = block.cells(range(len(block.numbers)))
        assert len(block.columns) == width
        assert [list(column) for column in zip(*cells, strict=True)] == [
            cast("pa.Array[Any]", one).to_pylist() for one in block.columns if len(block.numbers)
        ]
        assert all(len(one) == width and any(one) for one in cells)
        assert all(len(one.cells) != width or not any(one.cells) for one in block.odd)
        rows += rows_of(block)
    return rows


def rows_of(block: Block) -> Records:
    cells = block.cells(range(len(block.numbers)))
    odd = [(one.number, list(one.cells)) for one in block.odd]
    return sorted([*zip(block.numbers.tolist(), cells, strict=True), *odd])


def until_broken(found: Iterator[Block]) -> tuple[Records, RecordError | None]:
    rows: Records = []
    try:
        for block in found:
            rows += rows_of(block)
    except RecordError as error:
        return rows, error
    return rows, None


def opener(data: bytes) -> Callable[[], BinaryIO]:
    return lambda: io.BytesIO(data)


NEAR_CSV = st.lists(st.sampled_from(WILD + 3 * TAME), max_size=30).map("".join)
SIZES = st.sampled_from([1, 2, 3, 5, 8, 13, 64, 1 << 20])
EXCEL = Marks.of(csv.excel(), "")
DIALECTS = st.sampled_from(
    [csv.excel, csv.excel, csv.excel, Escaped, Spaced, Semicolon, Apostrophe, Unquoted, Single, Wide]
)


@settings(max_examples=600, deadline=None)
@given(
    text=NEAR_CSV,
    width=st.integers(0, 3),
    first=st.integers(1, 3),
    size=SIZES,
    dialect=DIALECTS,
    newline=st.sampled_from(["", None]),
)
@example(text='b,"x\ny","x\ny","x\ny",,', width=2, first=1, size=3, dialect=csv.excel, newline="")
@example(text=',\r"a""","a"\n\nb,"', width=2, first=1, size=64, dialect=Unquoted, newline="")
@example(text="a\n\n\n\nb\n", width=3, first=1, size=1, dialect=Spaced, newline=None)
def test_any_text_is_cut_as_csv_cuts_it(  # noqa: PLR0913, PLR0917 (what a file and its dialect are made of)
    text: str, width: int, first: int, size: int, dialect: type[csv.Dialect], newline: str | None
) -> None:
    data = text.encode()
    cut = cut_of(width, first, dialect=dialect(), newline=newline)
    assert records(blocks(opener(data), cut, size=size), width) == expected(data, cut)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 1 << 20])
@pytest.mark.parametrize("encoding", ["cp1252", "gb18030", "big5", "utf-16", "utf-16-be", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize(
    "text",
    ["", "a,b\n", 'é,b\r\n"x\r\ny",\r\n\r\n', "中文,国\n中,\r\r一,二", "\ufeffa,b\n\ufeffc,d\n", "𠀀,𠀁\n𠀂,b\n"],
)
def test_every_encoding_is_cut_as_csv_cuts_it(text: str, encoding: str, size: int) -> None:
    data = text.encode(encoding, "ignore")
    cut = cut_of(2, 1, encoding)
    assert records(blocks(opener(data), cut, size=size), 2) == expected(data, cut)


BYTES = st.lists(
    st.sampled_from(
        [
            b"a",
            b",",
            b'"',
            b'""',
            b"\n",
            b"\r\n",
            b"\xe4\xb8\xad",
            b"\xff",
            b"\xe4\xb8",
            b"\xed\xa0\x80",
            b"\xc0\xaf",
            b"\xf4\x90\x80\x80",
            b"1",
        ]
    ),
    max_size=20,
).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(data=BYTES, width=st.integers(1, 3), size=SIZES, wanted=st.sampled_from([None, NAMED, pa.int64()]))
def test_bytes_that_are_no_utf_8_end_the_records_before_them(
    data: bytes, width: int, size: int, wanted: pa.DataType
) -> None:
    cut = cut_of(width)
    found, error = until_broken(blocks(opener(data), cut, [wanted] * width, size=size))
    start = _first_bad(data)
    if error is None:
        assert (start, found) == (len(data), expected(data, cut))
        return
    before = expected(data[:start] + b"!", cut)
    assert isinstance(error, BadBytesError)
    assert (error.offset, error.number, found) == (start, len(before), before[:-1])
    assert error.note in {"invalid start byte", "invalid continuation byte", "unexpected end of data"}


def _first_bad(data: bytes) -> int:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return len(data)


@pytest.mark.parametrize("size", [1, 3, 64])
@pytest.mark.parametrize(
    ("encoding", "data", "offset", "number"),
    [
        ("gb18030", "中,b\n国,".encode("gb18030") + b"\xff\n1,2\n", 8, 2),
        ("big5", "中,b\n國,".encode("big5") + b"\xff\n1,2\n", 8, 2),
        ("cp1252", b"a,b\n1,\x81\n", 6, 2),
        ("utf-16-le", "a,b\n1,2\n".encode("utf-16-le") + b"\x00\xdc", 16, 3),
        ("utf-16-le", "a,b\n1".encode("utf-16-le") + b"\x31", 10, 2),
        ("ascii", b"a,b\n1,\xe4\n", 6, 2),
        ("utf-8-sig", b"\xef\xbb\xbfa,b\n1,\xe4\n", 9, 2),
    ],
)
def test_bytes_that_another_encoding_cannot_read_are_told_by_their_place(
    encoding: str, data: bytes, offset: int, number: int, size: int
) -> None:
    found, error = until_broken(blocks(opener(data), cut_of(2, 1, encoding), size=size))
    assert isinstance(error, BadBytesError)
    assert (error.offset, error.number, len(found)) == (offset, number, number - 1)


def test_a_header_that_is_no_utf_8_is_told_by_its_number() -> None:
    with pytest.raises(BadBytesError) as raised:
        list(blocks(opener(b"a\nb\xff\nc\n"), cut_of(1, 4)))
    assert (raised.value.offset, raised.value.number) == (3, 2)


# -- what is converted ----------------------------------------------------------------------------------------------


def _integer(cell: str) -> object:
    return int(cell.strip())


def _number(cell: str) -> object:
    return Decimal(cell.strip())


def _flag(cell: str) -> object:
    return {
        "true": True,
        "True": True,
        "TRUE": True,
        "1": True,
        "false": False,
        "False": False,
        "0": False,
        "FALSE": False,
    }[cell]


@pytest.mark.parametrize(
    ("wanted", "reads"),
    [(pa.int64(), _integer), (pa.float64(), _number), (pa.decimal128(20, 2), _number), (pa.bool_(), _flag)],
)
def test_a_cell_is_converted_only_to_what_python_reads(wanted: pa.DataType, reads: Callable[[str], object]) -> None:
    short = ["".join(one) for length in range(1, 4) for one in product("01-.xe ", repeat=length)]
    words = [
        "inf",
        "nan",
        "-inf",
        "NaN",
        "infinity",
        "nan(1)",
        "1e400",
        "1e-2",
        "9" * 19,
        "9" * 400,
        "true",
        " true",
        "True",
        "1 000",
        "0xff",
        "+1",
        "-0X1",
        "1_0",
        "1E+1",
        " 0x1",
        "\t0X1",
        "００",
        "1\xa0",
        "0" * 30 + "7",
    ]
    converted = 0
    for cell in [*short, *words]:
        for text in (cell, f'"{cell}"'):
            (block,) = blocks(opener(f"a\n{text},x\n".encode()), cut_of(2, 2), [wanted, None])
            column = cast("pa.Array[Any]", block.columns[0])
            if column.type == wanted:
                converted += 1
                read = reads(cell)
                assert column[0].as_py() == (float(cast("Decimal", read)) if wanted == pa.float64() else read), text
            else:
                assert column.to_pylist() == [cell]
    assert converted >= 8


def test_columns_come_in_the_types_that_are_wanted_until_a_cell_does_not_convert() -> None:
    wanted = [pa.int64(), NAMED, pa.bool_(), pa.date32()]
    tokenizer = Tokenizer(Marks.of(csv.excel(), ""), wanted, Omitted("", frozenset(), blank=False))
    good, bad = (Piece(memoryview(data), 0) for data in (b"1,x,true,2020-01-01\n,,,\n2,,,\n", b"no,y,1,\n"))
    types = [
        [str(cast("pa.Array[Any]", one).type) for one in tokenizer(piece).columns] for piece in (good, good, bad, good)
    ]
    named = "dictionary<values=string, indices=int32, ordered=0>"
    assert types == [["int64", named, "bool", "string"]] * 2 + [["string"] * 4] * 2


def test_a_row_of_empty_cells_is_odd_whatever_its_columns_are_converted_to() -> None:
    wanted = [pa.int64(), NAMED, pa.bool_(), None]
    (block,) = blocks(opener(b"1,x,true,\n,,,\n\n2,,,\n"), cut_of(4), wanted)
    assert block.numbers.tolist() == [1, 4]
    assert [(one.number, one.cells) for one in block.odd] == [(2, ["", "", "", ""]), (3, [])]


@pytest.mark.parametrize("ahead", range(-3, 4))
def test_a_hexadecimal_cell_is_text_wherever_it_stands_in_its_piece(ahead: int) -> None:
    data = b"1" * ((1 << 17) + ahead - 5) + b",\n2,0x1F\n"
    (block,) = blocks(opener(data), cut_of(2), [None, pa.int64()])
    assert cast("pa.Array[Any]", block.columns[1]).to_pylist() == ["", "0x1F"]


def test_so_is_one_with_which_a_piece_begins_that_ends_without_a_line_break() -> None:
    tokenizer = Tokenizer(Marks.of(csv.excel(), ""), [pa.int64()], Omitted("", frozenset(), blank=False))
    (column,) = tokenizer(Piece(memoryview(b"0x1F\n23"), 0)).columns
    assert cast("pa.Array[Any]", column).to_pylist() == ["0x1F", "23"]


def test_an_empty_cell_is_null_where_it_is_converted_and_empty_where_it_is_text() -> None:
    (block,) = blocks(opener(b'x,,\ny,"",""\n'), cut_of(3), [None, pa.float64(), NAMED])
    assert [cast("pa.Array[Any]", one).to_pylist() for one in block.columns] == [["x", "y"], [None, None], ["", ""]]


@pytest.mark.parametrize("kind", [pa.date32(), pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.time64("us")])
def test_dates_and_times_are_left_as_text(kind: pa.DataType) -> None:
    assert not converts(kind)
    (block,) = blocks(opener(b"2020-01-01\n"), cut_of(1), [kind])
    assert cast("pa.Array[Any]", block.columns[0]).type == pa.string()


# -- what is left out -----------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(
    text=NEAR_CSV,
    size=SIZES,
    mark=st.sampled_from(["", "a", "1"]),
    rows=st.frozensets(st.integers(1, 6)),
    blank=st.booleans(),
)
def test_comments_and_blank_rows_are_left_out_as_frictionless_leaves_them_out(
    text: str,
    size: int,
    mark: str,
    rows: frozenset[int],
    blank: bool,  # noqa: FBT001 (hypothesis gives it)
) -> None:
    from frictionless import Dialect  # noqa: PLC0415 (slow to import, and for this test alone)

    dialect = Dialect(header=False, comment_char=mark or None, comment_rows=sorted(rows), skip_blank_rows=blank)
    cut = cut_of(2, comment_char=mark, comment_rows=rows, skip_blank_rows=blank)
    kept = dialect.read_enumerated_content_stream(cells for _, cells in expected(text.encode(), cut))
    assert records(blocks(opener(text.encode()), cut, size=size), 2) == list(kept)


def test_a_comment_is_told_by_its_text_also_where_the_column_is_to_be_converted() -> None:
    (block,) = blocks(opener(b"1,2\n-3,4\n"), cut_of(2, comment_char="-"), [pa.int64(), pa.int64()])
    assert block.numbers.tolist() == [1]


# -- what cannot be read --------------------------------------------------------------------------------------------


class Endless(io.RawIOBase):
    """A first part, and then the same byte again and again."""

    def __init__(self, head: bytes, byte: bytes) -> None:
        self._head, self._byte = head, byte
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:  # noqa: ANN401 (any writable buffer)
        head = self._head[: len(into)]
        self._head = self._head[len(head) :]
        into[: len(head)] = head
        into[len(head) :] = self._byte * (len(into) - len(head))
        self.given += len(into)
        return len(into)


@pytest.mark.parametrize("dialect", [csv.excel, Escaped])
@pytest.mark.parametrize(
    ("head", "byte"), [(b"a\n1\n", b"x"), (b'a\n1\n"', b"\n"), (b'a\n1\nx"y"\n"', b"\n"), (b"a\n1\n", b"\0")]
)
def test_a_record_without_end_is_refused(
    head: bytes, byte: bytes, dialect: type[csv.Dialect], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "RECORD_LIMIT", 1 << 16)
    file = Endless(head, byte)
    found, error = until_broken(blocks(lambda: cast("BinaryIO", file), cut_of(1, 2, dialect=dialect()), size=1 << 12))
    assert isinstance(error, LongRecordError)
    assert error.number == len(found) + 2
    assert 1 << 16 <= error.size <= file.given <= 1 << 18


@pytest.mark.parametrize("surplus", [0, 1])
def test_a_record_may_be_as_long_as_the_limit(surplus: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "RECORD_LIMIT", 1 << 12)
    data = b"x" * ((1 << 12) - 1 + surplus) + b"\n1\n"
    found = blocks(opener(data), cut_of(1), size=1 << 10)
    if surplus:
        with pytest.raises(LongRecordError):
            list(found)
    else:
        assert [number for block in found for number in block.numbers.tolist()] == [1, 2]


@pytest.mark.parametrize("dialect", [csv.excel, Escaped])
@pytest.mark.parametrize("cell", [b"", b"x", b'"y"', b'"\n"', b'","'])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
@pytest.mark.parametrize("surplus", [0, 1])
def test_a_record_has_as_many_cells_as_the_limit(
    surplus: int, end: bytes, cell: bytes, dialect: type[csv.Dialect], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "CELL_LIMIT", 50)
    row = b",".join([cell] * (50 + surplus))
    data = b'a\n1\n"' + b"," * 99 + b'"\n' + row + end + (b"2\n" if end else b"")
    for size in (64, 1 << 12):
        found, error = until_broken(blocks(opener(data), cut_of(1, 2, dialect=dialect()), size=size))
        if surplus:
            assert isinstance(error, CrowdedRecordError)
            assert (error.number, error.size, [number for number, _ in found]) == (4, 51, [2, 3])
        else:
            assert error is None
            assert [number for number, _ in found] == ([2, 3, 4, 5] if end else [2, 3, 4])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*TAME, "\r", "\r", ",,,"]), max_size=40).map("".join), SIZES, st.integers(1, 5))
def test_the_ends_of_records_are_found_in_however_small_steps(text: str, size: int, step: int) -> None:
    data, most = text.encode(), 6
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "_SEARCHED", step)
        patch.setattr(pieces, "CELL_LIMIT", most)
        found, error = until_broken(blocks(opener(data), cut_of(2), size=size))
    rows = expected(data, cut_of(2))
    crowded = next((number for number, cells in rows if len(cells) > most), None)
    assert found == [one for one in rows if crowded is None or one[0] < crowded]
    assert (error.number if error else None) == crowded


@pytest.mark.parametrize("cell", [b'"a\n",', b'"a\r",', b'"a\r\n"', b'"\n\n\n\n\n\n"', b'x,"\n"'])
def test_a_long_record_is_searched_for_its_end_a_few_times_only(cell: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[int] = []

    def heard(data: pieces.Bytes) -> Numbers:
        searched.append(len(data))
        return line_breaks(data)

    line_breaks = pieces.line_breaks
    monkeypatch.setattr(pieces, "line_breaks", heard)
    record = b"".join([cell] * (2_000_000 // len(cell))) if b"," in cell else b'"' + cell[1:-1] * 400_000 + b'"'
    (piece,) = pieces.pieces(incoming(io.BytesIO(record), "utf-8", lambda _: None), EXCEL, 0, 1 << 12)
    assert isinstance(piece.fault, CrowdedRecordError) or len(piece.data) == len(record)
    assert len(record) < sum(searched) <= 4 * len(record)
    assert len(searched) <= 300


def test_the_records_of_a_long_stretch_come_before_its_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_MOST", 10)
    monkeypatch.setattr(pieces, "CELL_LIMIT", 50)
    found, error = until_broken(blocks(opener(b"a\n" + b"1\n" * 35 + b"," * 50), cut_of(1, 2, dialect=Escaped())))
    assert isinstance(error, CrowdedRecordError)
    assert (error.number, len(found)) == (37, 35)


def test_what_csv_refuses_is_told_by_its_record() -> None:
    strict = csv.excel()
    strict.strict = True
    with pytest.raises(CsvRecordError) as raised:
        list(blocks(opener(b'a\n1\n"x"y\n'), cut_of(1, 2, dialect=strict)))
    assert (raised.value.number, raised.value.note) == (3, "',' expected after '\"'")


# -- threads --------------------------------------------------------------------------------------------------------

MANY = b"a,b\n" + b"".join(b"%d,x\n" % number for number in range(5000))


def test_blocks_come_in_their_order_from_two_threads() -> None:
    def then(block: Block) -> tuple[int, int, str]:
        return int(block.numbers[0]), len(block.numbers), threading.current_thread().name

    done = list(worked(opener(MANY), cut_of(2, 2), then, size=256))
    assert [first for first, _, _ in done] == np.cumsum([2, *(length for _, length, _ in done[:-1])]).tolist()
    assert sum(length for _, length, _ in done) == 5000
    assert threading.main_thread().name not in {name for _, _, name in done}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_byte_is_heard_once_and_in_order(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(MANY.decode().encode(encoding))
    heard = bytearray()
    list(blocks(path, cut_of(2, 2, encoding), on_bytes=heard.extend, size=100))
    assert heard == path.read_bytes()


def test_a_compressed_file_is_cut_as_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(MANY))
    with gzip.open(path) as file:
        found = blocks(lambda: cast("BinaryIO", file), cut_of(2, 2), size=999)
        assert sum(len(block.numbers) for block in found) == 5000


def test_no_thread_is_left_when_the_reader_stops_early() -> None:
    before = threading.active_count()
    found = worked(opener(MANY * 20), cut_of(2, 2), lambda block: block, on_bytes=lambda _: None, size=256)
    next(found)
    found.close()
    assert threading.active_count() == before


def test_what_then_raises_reaches_the_reader() -> None:
    def then(block: Block) -> int:
        return 1 // (int(block.numbers[0]) - 2)

    with pytest.raises(ZeroDivisionError):
        list(worked(opener(MANY), cut_of(2, 2), then, size=256))


def test_a_piece_of_very_many_records_is_divided() -> None:
    sizes = [len(block.odd) for block in blocks(opener(b"\n" * 150_000), cut_of(1))]
    assert (sum(sizes), max(sizes)) == (150_000, 1 << 16)

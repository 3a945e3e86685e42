"""Where a file differs from the one that it should be: a line, a table, or else a byte.

What differs is told by what the right file says of itself; the other one may hold anything.
"""

from __future__ import annotations

import itertools
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import IO

import pyarrow as pa

from civicat.publish.damage import shown
from civicat.text import Text

_CHUNK = 2**20
_TEXTS = frozenset({".csv", ".ndjson", ".geojson"})
_SHEET = re.compile(r'<sheet name="([^"]*)"')
_SHEET_FILE = re.compile(r"xl/worksheets/sheet([0-9]+)\.xml")
_BAD_ZIP = (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError, RuntimeError)
_BAD_ARROW = (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError)


def place(found: Path, right: Path) -> Text:
    """Where `found` begins to differ from `right`, whose name says what it is; blank where they are the same."""
    byte = first_difference(found, right)
    if byte is None:
        return Text()
    if right.suffix in _TEXTS:
        return _line(found, right, byte)
    inside = _INSIDE.get(right.suffix, _nothing)(found, right)
    sizes = found.stat().st_size, right.stat().st_size
    zh = f"第 {byte + 1:,} 个字节起" if byte < min(sizes) else f"应为 {sizes[1]} 字节，实为 {sizes[0]} 字节"
    en = f"from byte {byte + 1:,} on" if byte < min(sizes) else f"{sizes[0]} bytes instead of {sizes[1]}"
    return Text(f"{inside.zh}，{zh}", f"{inside.en}, {en}") if inside else Text(zh, en)


def first_difference(one: Path, other: Path) -> int | None:
    """The first byte that differs, from 0; where one file is the beginning of the other, its size. None: no byte."""
    with one.open("rb") as first, other.open("rb") as second:
        return _first_difference(first, second)


def _first_difference(first: IO[bytes], second: IO[bytes]) -> int | None:
    at = 0
    while True:
        pieces = first.read(_CHUNK), second.read(_CHUNK)
        if pieces[0] != pieces[1]:
            same = (place for place, (left, right) in enumerate(zip(*pieces, strict=False)) if left != right)
            return at + next(same, min(map(len, pieces)))
        if not pieces[0]:
            return None
        at += len(pieces[0])


def _line(found: Path, right: Path, byte: int) -> Text:
    """The line and the character of it, both from 1, as an editor counts them."""
    line, last = 1, b""
    with right.open("rb") as file:
        left = byte
        while left and (piece := file.read(min(left, _CHUNK))):
            left -= len(piece)
            line += piece.count(b"\n")
            last = piece.rpartition(b"\n")[2] if b"\n" in piece else last + piece
    column = len(last.decode(errors="ignore").removeprefix("\ufeff")) + 1
    at = Text(f"第 {line:,} 行第 {column:,} 个字符", f"line {line:,}, character {column:,}")
    sizes = found.stat().st_size, right.stat().st_size
    if byte < min(sizes):
        return at
    zh, en = f"应为 {sizes[1]} 字节，实为 {sizes[0]} 字节", f"{sizes[0]} bytes instead of {sizes[1]}"
    if sizes[0] < sizes[1]:
        return Text(f"到{at.zh}为止，{zh}", f"it ends at {at.en}: {en}")
    return Text(f"{at.zh}起为多出的内容，{zh}", f"there is more from {at.en} on: {en}")


def _nothing(_found: Path, _right: Path) -> Text:
    return Text()


def _of_sqlite(found: Path, right: Path) -> Text:
    """The first table whose rows differ, and the row."""
    try:
        with closing(_opened(found)) as one, closing(_opened(right)) as other:
            for name, built in other.execute("select name, sql from sqlite_master where type = 'table' order by rowid"):
                if (name, built) not in set(one.execute("select name, sql from sqlite_master where type = 'table'")):
                    return Text(f"数据表 {_said(name)} 的结构", f"how the table {_said(name)} is built")
                row = _row(one, other, name)
                if row:
                    return Text(f"数据表 {_said(name)} 第 {row:,} 行", f"table {_said(name)}, row {row:,}")
    except (sqlite3.Error, ValueError, OverflowError, MemoryError):
        return Text()
    return Text("各表的行均相同", "the rows of every table are the same")


def _opened(file: Path) -> sqlite3.Connection:
    address = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
    database = sqlite3.connect(address, uri=True)
    database.text_factory = bytes  # what is no UTF-8 differs, and is no error
    return database


def _said(name: bytes) -> str:
    return shown(name.decode(errors="replace"))


def _row(one: sqlite3.Connection, other: sqlite3.Connection, table: bytes) -> int:
    quoted = table.decode().replace('"', '""')
    many = (database.execute(f'select * from "{quoted}"') for database in (one, other))  # noqa: S608 - a name, quoted
    pairs = enumerate(itertools.zip_longest(*many), start=1)
    return next((number for number, (left, right) in pairs if left != right), 0)


def _of_workbook(found: Path, right: Path) -> Text:
    """The first sheet that differs."""
    try:
        with zipfile.ZipFile(found) as one, zipfile.ZipFile(right) as other:
            sheets = _SHEET.findall(other.read("xl/workbook.xml").decode())
            for name in other.namelist():
                if not _is_same(one, other, name):
                    return _sheet(name, sheets)
            return Text("各工作表均相同", "every sheet is the same") if one.namelist() == other.namelist() else Text()
    except _BAD_ZIP:
        return Text("已不是完整的工作簿", "it is no whole workbook any more")


def _is_same(one: zipfile.ZipFile, other: zipfile.ZipFile, name: str) -> bool:
    try:
        with one.open(name) as found, other.open(name) as right:
            return _first_difference(found, right) is None
    except (KeyError, *_BAD_ZIP):
        return False


def _sheet(name: str, sheets: list[str]) -> Text:
    number = _SHEET_FILE.fullmatch(name)
    if number and int(number[1]) <= len(sheets):
        title = sheets[int(number[1]) - 1]
        return Text(f"工作表“{title}”", f"sheet “{title}”")
    return Text(f"其中的 {name}", f"{name} in it")


def _of_arrow(found: Path, right: Path) -> Text:
    """The first batch that differs: its rows, from 1, and the column."""
    try:
        with pa.OSFile(str(found)) as one, pa.OSFile(str(right)) as other:
            return _batch(pa.ipc.open_file(one), pa.ipc.open_file(other))
    except _BAD_ARROW:
        return Text()


def _batch(found: pa.RecordBatchFileReader, right: pa.RecordBatchFileReader) -> Text:
    if not found.schema.equals(right.schema, check_metadata=True):
        return Text("表的结构", "how the table is built")
    first = 1
    for number in range(min(found.num_record_batches, right.num_record_batches)):
        one, other = found.get_batch(number), right.get_batch(number)
        for name in _columns_that_differ(one, other):
            last = first + other.num_rows - 1
            return Text(
                f"第 {first:,} 至 {last:,} 行，字段 {shown(name)}", f"rows {first:,} to {last:,}, column {shown(name)}"
            )
        first += other.num_rows
    return Text()


def _columns_that_differ(one: pa.RecordBatch, other: pa.RecordBatch) -> Iterator[str]:
    for name, left, right in zip(other.schema.names, one.columns, other.columns, strict=True):
        if not left.equals(right):
            yield name


_INSIDE: Mapping[str, Callable[[Path, Path], Text]] = {
    ".sqlite": _of_sqlite,
    ".xlsx": _of_workbook,
    ".arrow": _of_arrow,
}

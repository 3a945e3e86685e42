"""The parts of a workbook's archive: refused where they are a bomb, and searched for what its reader does not tell.

No XML is parsed here but the two small lists of sheets: a sheet is searched as bytes, many times as fast.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree as ET

from civicat.errors import SourceError
from civicat.text import Text
from civicat.validators.compound import is_circular
from civicat.validators.sheetdata import Cutter, SheetData
from civicat.validators.sheetvalues import Values

LARGEST = 4 << 30  # bytes of all parts together, unpacked
STEEPEST = 200  # bytes of a part for each packed byte; sheets pack 5 to 50 times smaller
MOST_CELLS = 64 << 20  # cells of a sheet, empty ones counted: the reader keeps 24 bytes for each
_ALWAYS = 64 << 20  # bytes of a part that are unpacked whatever the ratio
_LIST = 16 << 20  # bytes of a list of sheets
_TABLE = 256 << 20  # bytes of a table of texts that is read at once
_CHUNK = 1 << 18  # bytes that are searched at a time: they stay in the processor's cache
_LONGEST = 256 << 20  # bytes of one row
_MANY = 1000  # repeats of a row or a cell that are looked into
_SHEETS, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"

# What zipfile raises of a damaged file; RuntimeError is its word for a password.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, UnicodeError)
_N = rb"(?:\w+:)?"  # a namespace's prefix
_FORMULA = rb"<" + _N + rb"f\b(?:[^<>]*/>|[^<>]*>[^<]*</" + _N + rb"f>)\s*"
_ERROR_CELL = re.compile(
    rb"<" + _N + rb"c\b([^<>]*\bt=[\"']e[\"'][^<>]*)>\s*(?:" + _FORMULA + rb")?<" + _N + rb"v\b[^<>]*>([^<]*)<"
)
_NO_VALUE = re.compile(
    rb"<" + _N + rb"c\b([^<>]*)>\s*" + _FORMULA + rb"(?:<" + _N + rb"v\s*/>|<" + _N + rb"v>\s*</" + _N + rb"v>)?\s*</"
)
_HIDDEN = re.compile(rb"<" + _N + rb"(row|col)\b([^<>]*\bhidden=[\"'](?:1|true)[\"'][^<>]*)>")
_AT = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_ROW = re.compile(rb"\br=[\"'](\d{1,7})[\"']")
_SPAN = re.compile(rb"\b(min|max)=[\"'](\d{1,5})[\"']")
_TEXT_RESULT = re.compile(rb"\bt=[\"']str[\"']")
_UNUSUAL = re.compile(rb"='|<\w+:")
_WIDE = re.compile(rb"r=.[A-Z][A-Z]")  # beyond column Z: before that, no number of rows is too many
_FAR = re.compile(rb"r=.(?:[A-Z]{3}\d|[B-Z][A-Z]\d|[A-Z]+\d{7})")  # beyond column AZ or row 999,999
_ROW_END = b"row>"
_ODS_ROW_END = b"table-row>"
_ODS_REPEATED = re.compile(rb"number-(columns|rows)-repeated=[\"'](\d{1,10})[\"']")
_ODS_ROW = re.compile(rb"<" + _N + rb"table-row\b([^<>]*)>")
_ODS_CELL = re.compile(rb"<" + _N + rb"(?:covered-)?table-cell\b([^<>]*)>")
_VALUE = b"value-type"

Place = tuple[int, int]  # row and column, from 1


@dataclass(slots=True)
class Search:
    """What was found in a sheet: cells with an error and its text, formulas without a value, what is hidden."""

    errors: dict[Place, str] = field(default_factory=dict)
    unvalued: list[Place] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    corner: Place = (0, 0)  # last row and column, where they are far out; else 0
    plain: bool | None = None  # whether it is written as most are: without prefixes, in double quotes

    def take(self, window: bytes) -> None:
        """Searches whole rows. What is nowhere in them is soon passed over."""
        if self.plain is None:
            self.plain = not _UNUSUAL.search(window)
        if not self.plain or b't="e"' in window:
            found = _ERROR_CELL.findall(window)
            self.errors.update((_place(one), text.decode("utf-8", "replace")) for one, text in found)
        if not self.plain or b"<f" in window:
            self.unvalued += [_place(one) for one in _NO_VALUE.findall(window) if not _TEXT_RESULT.search(one)]
        if b"hidden=" in window:
            self._take_hidden(window)
        if _WIDE.search(window) and _FAR.search(window):
            self._take_corner(window)

    def _take_corner(self, window: bytes) -> None:
        for reference in set(_REFERENCE.findall(window)):
            row, column = _place(b'r="' + reference + b'"')
            self.corner = max(self.corner[0], row), max(self.corner[1], column)

    def _take_hidden(self, window: bytes) -> None:
        for kind, attributes in _HIDDEN.findall(window):
            if kind == b"row" and (row := _ROW.search(attributes)):
                self.hidden_rows.append(int(row[1]))
            elif kind == b"col":
                span = {name: int(number) for name, number in _SPAN.findall(attributes)}
                self.hidden_columns += range(span.get(b"min", 1), min(span.get(b"max", 0), _LAST_COLUMN) + 1)


_REFERENCE = re.compile(rb"\br=[\"']([A-Z]{1,3}\d{1,7})[\"']")
_LAST_COLUMN = 16_384


@dataclass(frozen=True, slots=True)
class Parts:
    """The archive of a workbook: `sheets` maps the name of each sheet to its part; empty where that is not xlsx."""

    path: Path
    sheets: Mapping[str, str]
    others: Mapping[str, str] = field(default_factory=dict)  # parts that sheets refer to, by their kind
    from_1904: bool = False  # whether dates are counted from 1904

    def strings(self) -> bytes:
        """The table of texts; empty where there is none, or where it is too large to be held."""
        with _archive(self.path) as archive:
            name = self.others.get("sharedStrings", "")
            return archive.read(name) if name and archive.getinfo(name).file_size < _TABLE else b""

    def styles(self) -> ET.Element:
        """The styles of cells; nothing where there are none.

        Raises:
            SourceError: they are no XML.
        """
        with _archive(self.path) as archive:
            name = self.others.get("styles", "")
            return _tree(self.path, archive, name) if name else ET.Element("styleSheet")

    def search(self, sheet: str) -> tuple[Search, SheetData | None]:
        """Searches a sheet to its end, and cuts its cells where it is written as most are.

        Raises:
            SourceError: it spans so many cells that nothing could read it, or it is damaged.
        """
        found, cutter = Search(), Cutter(Values(self))
        for window in _windows(self.path, self.sheets.get(sheet, ""), _ROW_END):
            if not cutter.take(window):
                found.take(window)
            for corner in (found.corner, cutter.corner):
                _refuse_area(self.path, *corner)
        return found, cutter.finish()

    def has_data(self, sheet: str) -> bool:
        """Whether any cell of a sheet holds something."""
        return any(
            b"v>" in window or b"<is" in window for window in _windows(self.path, self.sheets.get(sheet, ""), _ROW_END)
        )


def open_parts(path: Path) -> Parts | None:
    """The parts of a workbook; None where it is no archive (xls).

    Raises:
        SourceError: it is a bomb, or damaged.
    """
    if not zipfile.is_zipfile(path):
        if is_circular(path):
            raise damaged(path)
        return None
    with _archive(path) as archive:
        names = {one.filename.lower(): one.filename for one in archive.infolist()}
        for one in archive.infolist():
            if one.file_size > _ALWAYS and one.file_size > STEEPEST * one.compress_size:
                raise _bomb(path)
        if sum(one.file_size for one in archive.infolist()) > LARGEST:
            raise _bomb(path)
        for name in sorted(names.values()):
            if name == "content.xml":
                _refuse_repeats(path)
            elif name.startswith("xl/worksheets/") and name.endswith(".bin"):
                _refuse_area(path, *_corner(archive.read(name)))
        return _related(path, archive, names) if {_SHEETS, _RELATIONS} <= names.keys() else Parts(path, {})


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """An open archive, whose faults are ours."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _BROKEN as error:
        raise damaged(path) from error


def damaged(path: Path) -> SourceError:
    """The refusal of a workbook that cannot be read."""
    return SourceError(
        Text(f"{path} 不是可读的工作簿。", f"{path} is not a workbook that can be read."),
        Text("请在 Excel 中打开，另存一份。", "Open it in Excel and save it again."),
        kind="format-error",
        note=f'invalid {"ods" if path.suffix.lower() == ".ods" else "excel"} file "{path}"',
    )


def _bomb(path: Path) -> SourceError:
    return SourceError(
        Text(f"{path} 解压后大得不正常，不像工作簿。", f"{path} unpacks to something far larger than a workbook."),
        Text("请另存为 CSV 再提交。", "Save the sheet as CSV, and hand that in."),
        kind="format-error",
    )


def _refuse_area(path: Path, rows: int, columns: int) -> None:
    if rows * columns > MOST_CELLS:
        raise SourceError(
            Text(
                f"{path} 的工作表一直延伸到第 {rows} 行、第 {columns} 列。",
                f"{path} has a sheet that reaches as far as row {rows} and column {columns}.",
            ),
            Text("请删去表格之外的内容，或另存为 CSV。", "Clear what stands outside the table, or save it as CSV."),
            kind="format-error",
        )


def _related(path: Path, archive: zipfile.ZipFile, names: Mapping[str, str]) -> Parts:
    """The part of each sheet by its name, and what they share (ECMA-376 part 1, 18.2.19 and 12.3)."""
    relations = list(_tree(path, archive, names[_RELATIONS]).iter())
    targets = {one.get("Id", ""): names.get(_part(one.get("Target", "")).lower(), "") for one in relations}
    kinds = {one.get("Type", "").rpartition("/")[2]: targets[one.get("Id", "")] for one in relations}
    sheets, from_1904 = {}, False
    for one in _tree(path, archive, names[_SHEETS]).iter():
        kind = one.tag.rpartition("}")[2]
        if kind == "sheet":
            number = next((value for key, value in one.items() if key.rpartition("}")[2] == "id"), "")
            sheets[one.get("name", "")] = targets.get(number, "")
        from_1904 |= kind == "workbookPr" and one.get("date1904", "0") not in {"0", "false"}
    return Parts(path, sheets, kinds, from_1904)


def _part(target: str) -> str:
    target = target.replace("\\", "/")
    return target.lstrip("/") if target.startswith(("/", "xl/")) else posixpath.normpath(f"xl/{target}")


def _tree(path: Path, archive: zipfile.ZipFile, name: str) -> ET.Element:
    """A small part as XML. One that declares entities, which could expand without end, is no workbook's."""
    if archive.getinfo(name).file_size > _LIST:
        raise _bomb(path)
    text = archive.read(name)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text:
        raise damaged(path)
    try:
        return ET.fromstring(text)  # noqa: S314 (it declares no entities)
    except (ET.ParseError, LookupError, ValueError) as error:  # the last two: an encoding that nobody knows
        raise damaged(path) from error


def _windows(path: Path, name: str, end: bytes) -> Iterator[bytes]:
    """A part in pieces that end with a whole row. Its checksum is verified, so it is as long as the archive says."""
    if not name:
        return
    with _archive(path) as archive, archive.open(name) as part:
        left = b""
        while chunk := part.read(_CHUNK):
            window = left + chunk
            cut = window.rfind(end) + len(end) if end in window else 0
            left = window[cut:]
            if len(left) > _LONGEST:
                raise _bomb(path)
            if cut:
                yield window[:cut]
        yield left


def _place(attributes: bytes) -> Place:
    """Row and column of a cell, (0, 0) where it does not say."""
    at = _AT.search(attributes)
    if at is None:
        return 0, 0
    column = 0
    for letter in at[1]:
        column = column * 26 + letter - ord("@")
    return int(at[2]), column


def _refuse_repeats(path: Path) -> None:
    """An OpenDocument sheet says of a cell or a row how often it is repeated; the reader writes every one out."""
    rows = last = width = 0
    for window in _windows(path, "content.xml", _ODS_ROW_END):
        if all(int(number) < _MANY for _, number in _ODS_REPEATED.findall(window)):
            continue
        for row in window.split(_ODS_ROW_END):
            rows += _repeats(*_ODS_ROW.findall(row)[-1:])
            if cells := _filled(row):
                last, width = rows, max(width, cells)
        _refuse_area(path, last, width)


def _filled(row: bytes) -> int:
    """How many cells a row has up to the last that holds a value."""
    cells = _ODS_CELL.findall(row)
    last = max((number for number, one in enumerate(cells, 1) if _VALUE in one), default=0)
    return sum(_repeats(one) for one in cells[:last])


def _repeats(attributes: bytes = b"") -> int:
    return max((int(number) for _, number in _ODS_REPEATED.findall(attributes)), default=1)


def _corner(sheet: bytes) -> Place:
    """The last row and column of a binary sheet: the records of its rows and cells (MS-XLSB 2.1.4, 2.4)."""
    rows = columns = 0
    for kind, begin, size in _records(sheet):
        if kind <= _LAST_CELL and size >= _NUMBER:
            number = int.from_bytes(sheet[begin : begin + _NUMBER], "little") + 1
            rows, columns = (max(rows, number), columns) if kind == 0 else (rows, max(columns, number))
    return rows, columns


_LAST_CELL = 11  # records 1 to 11 are cells, 0 is a row
_NUMBER = 4  # bytes of a row's or column's number


def _records(sheet: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, first byte and size of each record."""
    at = 0
    while at < len(sheet):
        kind, at = _varint(sheet, at, 2)
        size, at = _varint(sheet, at, 4)
        yield kind, at, size
        at += size


def _varint(sheet: bytes, at: int, longest: int) -> tuple[int, int]:
    """Seven bits from each byte, the lowest first, until one has its highest bit clear."""
    value = 0
    for place, byte in enumerate(islice(sheet[at : at + longest], longest)):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:  # noqa: PLR2004 (the highest bit)
            return value, at + place + 1
    return value, at + longest

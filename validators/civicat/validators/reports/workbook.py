"""A report as a workbook: the clerk's own sheet with the cells to mend marked, and a summary before it.

A workbook that was handed in stays as it is (formats, widths, other sheets); anything else is written cell by cell. A
table beyond FULL_ROWS or FULL_CELLS is not copied: only its rows with findings are there, so memory stays flat.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812 (a class by the name of a variable)

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from civicat.dataset import Dataset
from civicat.errors import CivicatError
from civicat.finding import Finding
from civicat.report import Report, ResourceReport
from civicat.text import Language, Text
from civicat.validators.descriptors import find_descriptor
from civicat.validators.formats import BINARY, DELIMITED, Source, find_source
from civicat.validators.messages import quoted
from civicat.validators.reports.kinds import Causes, is_cut
from civicat.validators.reports.marks import Marks, marks_of
from civicat.validators.reports.ours import MARK
from civicat.validators.reports.records import header_row, records
from civicat.validators.reports.sheets import (
    MOST_COLUMNS,
    MOST_ROWS,
    mark_kept,
    write_all,
    write_marked,
    write_summary,
)
from civicat.validators.reports.summary import summary
from civicat.validators.reports.words import letters, word

FULL_ROWS = 200_000  # rows of a table that is copied whole; more take minutes to write, and to open
FULL_CELLS = 1_000_000  # cells of such a table: 10 to 20 seconds
FULL_BYTES = 1 << 24  # bytes of such a file where the check stopped early, and nobody knows its rows
_PACKED = 5  # how much smaller a workbook or a Parquet file is than the same table as text
KEPT_CELLS = 500_000  # cells of a workbook that is kept as it is: it has to be in memory as a whole
KEPT_BYTES = 3 << 24  # bytes of such a workbook, unpacked
MOST_MARKED = 100_000  # rows with findings that are listed of a larger table
COMMENTED = 5_000  # cells with a comment: with many more Excel takes minutes to open
_KEPT = frozenset(("xlsx", "xlsm"))
_LONGEST_TITLE = 31  # characters of a sheet's name
_NOT_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\'", "-"))
# What openpyxl raises on a workbook that another reader takes; the cells are then written anew.
_UNREADABLE = (
    *(AttributeError, BadZipFile, IndexError, InvalidFileException, KeyError, OSError, ParseError, TypeError),
    *(ValueError, ZlibError),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with findings and the sheet on which it is marked.

    `order` is the row of the sheet on which a record stands, where not all are there; `header` is its last header row.
    """

    resource: ResourceReport
    source: Source
    title: str
    marks: Marks
    header: int
    order: Mapping[int, int] | None

    def place(self, row: int, column: int) -> str:
        """Where a cell of the table stands in the workbook."""
        letter = get_column_letter(column if self.order is None else column + 1)
        return f"'{self.title}'!{letter}{row if self.order is None else self.order.get(row, 1)}"


def annotate(report: Report, dataset: Dataset, target: Path, language: Language, causes: Causes | None = None) -> None:
    """Writes the report as a workbook to `target`, never over what was handed in.

    `dataset` is what the report is about; `causes` are the likely ones of each resource, by its name.

    Raises:
        CivicatError: the target is one of the dataset's own files, or cannot be written.
    """
    _refuse_input(target, dataset)
    with _staged(target) as file:
        _book(report, dataset, causes or {}, language).save(file)


def _book(report: Report, dataset: Dataset, causes: Causes, language: Language) -> Any:  # noqa: ANN401 (see sheets.py)
    sheets = _plan(report, dataset, language)
    shown = _limit_comments(sheets)
    kept = _load(sheets)
    if kept is not None:
        sheets = _retitled(sheets, kept)
    book = kept or Workbook(write_only=True)
    remarks = [*_remarks(sheets, language, is_kept=kept is not None), *_cut(shown, language)]
    front = book.create_sheet(_free(word("sheet", language), book.sheetnames), 0)
    write_summary(front, summary(report, remarks, _linker(sheets, language), causes, language))
    for sheet in sheets:
        _fill(book, sheet, language, is_kept=kept is not None)
    if kept is not None:
        _show_first(kept)
    book.properties.lastModifiedBy = MARK
    return book


def _refuse_input(target: Path, dataset: Dataset) -> None:
    inputs = [dataset.folder / one.path for one in dataset.resources]
    descriptor = find_descriptor(dataset.folder)
    inputs += [descriptor] if descriptor is not None else []
    if target.exists() and (target.is_dir() or any(one.exists() and target.samefile(one) for one in inputs)):
        raise CivicatError(
            Text(
                f"{target} 已存在，不能覆盖。请另选 --output。",
                f"{target} is there already and stays. Choose another --output.",
            )
        )


def _plan(report: Report, dataset: Dataset, language: Language) -> list[Sheet]:
    """The tables that get a sheet: those with findings in a row or a cell."""
    sheets: list[Sheet] = []
    taken = [word("sheet", language)]
    for resource in report.resources:
        one = dataset.resource(resource.name)
        marks = marks_of(resource)
        if one is None or not marks:
            continue
        source = find_source(dataset, one)
        title = _free(resource.name, taken)
        taken.append(title)
        header = header_row(source)
        order = _order(marks, header) if _is_large(resource, source) else None
        sheets.append(Sheet(resource, source, title, _within(marks, order, header), header, order))
    return sheets


def _is_large(resource: ResourceReport, source: Source) -> bool:
    if resource.rows > FULL_ROWS or resource.rows * len(resource.labels) > FULL_CELLS:
        return True
    is_read = resource.complete and resource.stopped is None
    return not is_read and source.path.stat().st_size > (
        FULL_BYTES // _PACKED if source.format in BINARY else FULL_BYTES
    )


def _order(marks: Marks, header: int) -> Mapping[int, int]:
    """The rows of the sheet on which the marked records stand: the header on 1, then record by record."""
    rows = sorted(row for row in marks if row > header)
    return {header: 1} | {row: place for place, row in enumerate(rows[:MOST_MARKED], 2)}


def _within(marks: Marks, order: Mapping[int, int] | None, header: int) -> Marks:
    rows = sorted(row for row in marks if row <= MOST_ROWS or order is not None)
    return {row: marks[row] for row in rows if order is None or row in order or row == header}


def _limit_comments(sheets: Sequence[Sheet]) -> int:
    """Leaves a comment at the first cells alone; answers how many have one if others lost theirs, else 0."""
    marks = [mark for sheet in sheets for row in sheet.marks.values() for mark in row.values() if mark.findings]
    for mark in marks[COMMENTED:]:
        mark.findings.clear()
    return COMMENTED if len(marks) > COMMENTED else 0


def _load(sheets: Sequence[Sheet]) -> Any:  # noqa: ANN401 (openpyxl has no types)
    """The workbook that was handed in, where all that is marked is in it and openpyxl can keep it; else None."""
    paths = {sheet.source.path for sheet in sheets}
    cells = sum(sheet.resource.rows * len(sheet.resource.labels) for sheet in sheets)
    if len(paths) != 1 or cells > KEPT_CELLS or any(sheet.source.format not in _KEPT for sheet in sheets):
        return None
    path = paths.pop()
    try:
        with ZipFile(path) as packed:
            if sum(one.file_size for one in packed.infolist()) > KEPT_BYTES:
                return None
        with warnings.catch_warnings():  # of what it leaves out: the copy is to look at
            warnings.simplefilter("ignore")
            book = load_workbook(path)
        return book if all(_sheet_name(sheet, book.sheetnames) for sheet in sheets) else None
    except _UNREADABLE:
        return None


def _sheet_name(sheet: Sheet, names: Sequence[str]) -> str:
    """The sheet of a workbook that a resource is, as its dialect names it: by name, or by number from 1."""
    dialect = sheet.source.resource.dialect
    below = dialect.get("excel")
    wanted = {**(below if isinstance(below, dict) else {}), **dialect}
    named = next((wanted[key] for key in ("sheet", "sheetName", "sheetNumber") if key in wanted), 1)
    if isinstance(named, int):
        return names[named - 1] if 0 < named <= len(names) else ""
    return str(named) if named in names else ""


def _retitled(sheets: Sequence[Sheet], book: Any) -> list[Sheet]:  # noqa: ANN401 (openpyxl has no types)
    """The same tables on the sheets that they have in the workbook, with every row there."""
    return [
        Sheet(one.resource, one.source, _sheet_name(one, book.sheetnames), one.marks, one.header, None)
        for one in sheets
    ]


def _free(name: str, taken: Sequence[str]) -> str:
    """A name for a sheet that Excel takes and no other sheet has."""
    used = {one.lower() for one in taken}
    plain = name.translate(_NOT_IN_TITLES)[:_LONGEST_TITLE] or "-"
    others = (f"{plain[: _LONGEST_TITLE - 4]} {number}" for number in range(2, len(used) + 3))
    return next(one for one in (plain, *others) if one.lower() not in used)


def _linker(sheets: Sequence[Sheet], language: Language) -> Callable[[ResourceReport, Finding], tuple[str, str]]:
    known = {sheet.resource.name: sheet for sheet in sheets}

    def link(resource: ResourceReport, first: Finding) -> tuple[str, str]:
        row, sheet = first.place.row, known.get(resource.name)
        if row is None:
            line = first.place.line
            return ("" if line is None else word("line-one", language, rows=f"{line:,}"), "")
        if sheet is None or row not in sheet.marks:
            return (word("row-one", language, rows=f"{row:,}"), "")
        column = next((c for c, mark in sheet.marks[row].items() if first in mark.findings), 1)
        is_there = column + (sheet.order is not None) <= MOST_COLUMNS  # the numbers of rows take the first column
        return (f"{letters(column)}{row}", sheet.place(row, column) if is_there else "")

    return link


def _remarks(sheets: Sequence[Sheet], language: Language, *, is_kept: bool) -> Iterator[str]:
    if sheets:
        yield from (word(key, language) for key in ("sheet-colours", "sheet-filter", "sheet-copy"))
    for sheet in sheets:
        resource, name = sheet.resource, quoted(sheet.resource.name)
        if sheet.order is not None:
            yield word("sheet-rows-only", language, name=name, rows=resource.rows)
        elif not is_kept and sheet.source.format not in DELIMITED:
            yield word("sheet-not-kept", language, name=name)
        yield from _left_out(sheet, name, language)


def _left_out(sheet: Sheet, name: str, language: Language) -> Iterator[str]:
    resource = sheet.resource
    rows = len({one.place.row for one in resource.findings if one.place.row is not None})
    if rows > len(sheet.marks):
        yield word("sheet-rows-cut", language, name=name, rows=rows, shown=len(sheet.marks))
    explained = sum(one.place.row is not None for one in resource.findings)
    if is_cut(resource):
        yield word("cut", language, name=name, limit=resource.limit or 0, row=resource.stopped or 0)
    if resource.errors > len(resource.findings):
        yield word("sheet-some", language, name=name, all=resource.errors, shown=explained)
    if len(resource.labels) > MOST_COLUMNS:
        yield word("sheet-columns-cut", language, name=name)


def _cut(comments: int, language: Language) -> Iterator[str]:
    if comments:
        yield word("sheet-comments", language, shown=comments)


def _fill(book: Any, sheet: Sheet, language: Language, *, is_kept: bool) -> None:  # noqa: ANN401 (openpyxl has no types)
    if is_kept:
        mark_kept(book[sheet.title], sheet.marks, language)
        return
    page = book.create_sheet(sheet.title)
    rows = records(sheet.source, sheet.resource.labels)
    write = write_all if sheet.order is None else write_marked
    write(page, rows, sheet.marks, sheet.header, language)


def _show_first(book: Any) -> None:  # noqa: ANN401 (openpyxl has no types)
    """Opens the workbook on its summary, and on that alone."""
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = False
    book.active = 0


@contextmanager
def _staged(target: Path) -> Iterator[IO[bytes]]:
    """A file beside the target that takes its place when all of it is written: half a workbook opens nowhere.

    Raises:
        CivicatError: it cannot be written, which is known before anything is.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            yield file
        beside.replace(target)
    except OSError as error:
        raise CivicatError(
            Text(f"无法写入 {target}（{error.strerror}）。", f"{target} cannot be written ({error.strerror}).")
        ) from error
    finally:
        beside.unlink(missing_ok=True)

"""Workbooks (xlsx, xls, xlsb, ods): one sheet as rows of typed cells, numbered as the program shows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, islice
from pathlib import Path
from threading import get_ident
from typing import Any, TypeGuard

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from civicat.errors import SourceError
from civicat.finding import Severity
from civicat.text import Text
from civicat.validators.encodings import refuse_text
from civicat.validators.opendocument import find_faults
from civicat.validators.parts import Parts, Place, Search, damaged, open_parts
from civicat.validators.remarks import Remark, listed
from civicat.validators.sheetdata import SheetData
from civicat.validators.sheetvalues import LONG
from civicat.validators.silence import silent

Cell = object
_IN_WORDS = 10**16  # numbers from here on are written as 1.2e+17, by the workbook as by Python: they stay as they are
_BLOCK = 256  # rows that are dealt with at a time: their cells stay in the processor's cache
_LETTERS = 26
_NAMED = ("sheet", "sheetName", "sheetNumber")  # keys of a dialect that name the sheet


class Workbook:
    """One sheet of a workbook: `rows` reads it, `remarks` says what is odd about it.

    Which sheet it is and in which row its header stands, the dialect says (sheet by name or number from 1; headerRows).
    `missing` are the texts that stand for an empty cell: an error value among them is as it should be.
    """

    def __init__(self, path: Path, dialect: Mapping[str, object], missing: Collection[str] = ()) -> None:
        self._path = path
        below = dialect.get("excel") or dialect.get("ods")
        self._dialect = {**(below if isinstance(below, dict) else {}), **dialect}
        self._missing = frozenset(missing)
        self._long: dict[Place, float] = {}  # whole numbers of too many digits among the rows that were read
        self._filled = 0  # the last row that is filled, among those
        self._complete = False  # whether all rows were read
        self._merges: Sequence[tuple[Place, Place]] = ()  # first and last cell of each range, from 0
        self._width = 0  # columns of the sheet

    def rows(self) -> Iterator[list[Cell]]:
        """The rows of the sheet, as wide as the widest.

        Empty cells are None, whole numbers are int, dates are datetime; an error value is its text (#N/A), as in
        frictionless. Empty rows at the end are not data and left out.

        Raises:
            SourceError: the workbook is damaged or locked, has no such sheet, or is a bomb.
        """
        one = self._file.sheet(self._name)
        if isinstance(one.sheet, SheetData):
            self._know(one.sheet)
            yield from one.sheet
            return
        self._merges, blank = one.sheet.merged_cell_ranges or (), 0
        self._width = one.sheet.end[1] + 1 if one.sheet.end else 0
        for number, cells in enumerate(self._cells(one.sheet, one.search.errors), 1):
            if cells.count(None) == len(cells):
                blank += 1
                continue
            yield from (list[Cell]([None] * len(cells)) for _ in range(blank))
            yield cells
            self._filled, blank = number, 0
        self._complete = True

    def remarks(self) -> tuple[Remark, ...]:
        """What is odd about the sheet; nearly free of charge once all rows were read.

        Raises:
            SourceError: as `rows`.
        """
        if not self._complete:
            for _ in self.rows():
                pass
        cells = (self._merged(), self._hidden_cells(), self._errors(), self._unvalued(), self._digits())
        found = tuple(chain(self._other_sheets(), *cells))
        _opened.cache_clear()  # whoever asks for remarks has read the rows
        return found

    def columns(self) -> SheetData | None:
        """The sheet by columns, where it could be cut into them; else `rows` reads it.

        Raises:
            SourceError: as `rows`.
        """
        sheet = self._file.sheet(self._name).sheet
        if not isinstance(sheet, SheetData):
            return None
        self._know(sheet)
        return sheet

    def _know(self, sheet: SheetData) -> None:
        self._merges, self._width, self._filled, self._long = sheet.merges, sheet.width, sheet.last, dict(sheet.long())
        self._complete = True

    def _cells(self, sheet: CalamineSheet, errors: Mapping[Place, str]) -> Iterator[list[Cell]]:
        """The rows, with the texts of errors in their cells."""
        amiss = {row for row, _ in errors}
        for number, plain in enumerate(self._plain(sheet), 1):
            yield [errors.get((number, at), one) for at, one in enumerate(plain, 1)] if number in amiss else plain

    def _plain(self, sheet: CalamineSheet) -> Iterator[list[Cell]]:
        """The rows, with their cells as openpyxl would give them, which is what frictionless reads.

        Columns are dealt with as a whole, some rows at a time: most hold cells of one type, which need little work.
        """
        margin: list[Cell] = [None] * (sheet.start[1] if sheet.start else 0)  # columns that are empty, on the left
        stream, first = iter(sheet.iter_rows()), 1
        while block := self._some(stream):
            turned = enumerate(zip(*block, strict=True), len(margin) + 1)
            columns = [self._column(column, first, at) for at, column in turned]
            yield from ([*margin, *row] for row in zip(*columns, strict=True))
            first += len(block)

    def _some(self, stream: Iterator[list[Any]]) -> list[list[Any]]:
        with _reading(self._path):
            return list(islice(stream, _BLOCK))

    def _column(self, column: Sequence[Any], first: int, at: int) -> Sequence[Cell]:
        """Cells of one column as openpyxl would give them; `first` is the row of the first of them."""
        kinds = set(map(type, column))
        if kinds == {str}:
            return [cell or None for cell in column] if "" in column else column
        if kinds & _NUMBERS and _are_long(
            column if kinds <= _NUMBERS else [one for one in column if type(one) in _NUMBERS]
        ):
            self._long.update({(row, at): cell for row, cell in enumerate(column, first) if _is_long(cell)})
        if kinds == {float} and not _are_long(column):
            return [int(cell) if cell.is_integer() else cell for cell in column]
        return column if kinds <= _AS_THEY_ARE else [_PLAIN[type(cell)](cell) for cell in column]

    @property
    def _file(self) -> _File:
        about = self._path.stat()
        return _opened(self._path, about.st_size, about.st_mtime_ns, get_ident())

    @property
    def _parts(self) -> Parts | None:
        return self._file.parts

    @property
    def _book(self) -> CalamineWorkbook:
        return self._file.book

    @property
    def _search(self) -> Search:
        return self._file.sheet(self._name).search

    @cached_property
    def _name(self) -> str:
        names = self._book.sheet_names
        sheet = next((self._dialect[key] for key in _NAMED if key in self._dialect), 1)
        if isinstance(sheet, int) and 0 < sheet <= len(names):
            return names[sheet - 1]
        if sheet in names:
            return str(sheet)
        raise SourceError(
            Text(
                f"{self._path} 中没有工作表“{sheet}”。有：{'、'.join(names)}。",
                f"{self._path} has no sheet “{sheet}”. It has: {', '.join(names)}.",
            )
        )

    @property
    def _header(self) -> int:
        """The row of the header; 0 where there is none."""
        rows = self._dialect.get("headerRows")
        if self._dialect.get("header") is False:
            return 0
        return max((one for one in rows if isinstance(one, int)), default=1) if isinstance(rows, list) else 1

    def _has_data(self, name: str) -> bool:
        if self._parts is not None and name in self._parts.sheets:
            return self._parts.has_data(name)
        return not self._file.sheet(name).is_empty

    def _other_sheets(self) -> Iterator[Remark]:
        """Sheets that hold something and are not read: hidden ones, and others where the dialect names none."""
        visible = {one.name: one.visible == SheetVisibleEnum.Visible for one in self._book.sheets_metadata}
        others = [name for name in visible if name != self._name and self._has_data(name)]
        if not visible[self._name]:
            yield Remark("hidden-sheet", rule="read", facts={"sheets": listed([self._name])})
        if hidden := [name for name in others if not visible[name]]:
            yield Remark("hidden-sheet", facts={"sheets": listed(hidden)})
        open_ones = [name for name in others if visible[name]]
        if open_ones and not any(key in self._dialect for key in _NAMED):
            yield Remark("several-sheets", facts={"sheet": self._name, "sheets": listed(open_ones)})

    def _merged(self) -> Iterator[Remark]:
        """Merged cells from the header on: all but the first cell of each are empty."""
        ranges = [
            ((top + 1, left + 1), (bottom + 1, right + 1))
            for (top, left), (bottom, right) in self._merges
            if bottom + 1 >= max(self._header, 1) and top < self._filled
        ]
        yield from _at(
            "merged-cells", [first for first, _ in ranges], [f"{_a1(one)}:{_a1(end)}" for one, end in ranges]
        )

    def _hidden_cells(self) -> Iterator[Remark]:
        rows = sorted(row for row in self._search.hidden_rows if self._header < row <= self._filled)
        if rows:
            named = listed([str(row) for row in rows])
            yield Remark("hidden-cells", rule="rows", facts={"rows": named}, row=rows[0])
        if columns := sorted(one for one in set(self._search.hidden_columns) if one <= self._width):
            named = listed([_letters(column) for column in columns])
            yield Remark("hidden-cells", rule="columns", facts={"columns": named}, column=columns[0])

    def _errors(self) -> Iterator[Remark]:
        found = {
            place: text
            for place, text in self._search.errors.items()
            if text not in self._missing and place[0] > self._header
        }
        named = [f"{_a1(place)} {text}" for place, text in found.items()]
        yield from _at("error-cell", list(found), named, Severity.ERROR, next(iter(found.values()), ""))

    def _unvalued(self) -> Iterator[Remark]:
        places = [place for place in self._search.unvalued if place[0]]
        yield from _at("formula-empty", places, [_a1(place) for place in places], Severity.ERROR)

    def _digits(self) -> Iterator[Remark]:
        places = sorted(self._long)
        first = str(self._long[places[0]]) if places else ""
        yield from _at("digits-lost", places, [_a1(place) for place in places], found=first)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet that was read, and what was found in its part."""

    sheet: CalamineSheet | SheetData
    search: Search

    @property
    def is_empty(self) -> bool:
        """Whether no cell holds anything."""
        return not self.sheet.width if isinstance(self.sheet, SheetData) else self.sheet.start is None


class _File:
    """A workbook that is open: its parts, which were found harmless before, and the sheets that were read."""

    def __init__(self, path: Path) -> None:
        refuse_text(path)
        self._path = path
        self.parts = open_parts(path)
        with _reading(path):
            self.book = CalamineWorkbook.from_path(path)
        self._sheets: dict[str, _Sheet] = {}

    def sheet(self, name: str) -> _Sheet:
        """A sheet, searched before it is read: the search refuses what would take all memory."""
        if name not in self._sheets:
            search, cut = self.parts.search(name) if self.parts is not None else (Search(), None)
            if self._path.suffix.lower() == ".ods":
                faults = find_faults(self._path, name)
                search.errors, search.unvalued = faults.errors, faults.unvalued
            with _reading(self._path):
                self._sheets[name] = _Sheet(cut or self.book.get_sheet_by_name(name), search)
        return self._sheets[name]


@lru_cache(maxsize=1)
def _opened(path: Path, size: int, changed: int, thread: int) -> _File:
    """The last workbook that was opened: who finds its header, its columns and its faults would read it three times.

    Another file at that path, and another thread, which may not touch what calamine made in this one, open it anew.
    """
    del size, changed, thread
    return _File(path)


def _at(
    code: str,
    places: Sequence[Place],
    named: Sequence[str],
    severity: Severity = Severity.WARNING,
    found: str = "",
) -> Iterator[Remark]:
    """One remark for all the cells that it is about, at the first of them; none where there are none."""
    if places:
        row, column = places[0]
        yield Remark(code, severity, {"cells": listed(named)}, found=found, row=row, column=column)


def _a1(place: Place) -> str:
    return f"{_letters(place[1])}{place[0]}"


def _letters(column: int) -> str:
    """A column as a workbook names it: A to Z, AA and so on."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, _LETTERS)
        letters = chr(ord("A") + letter) + letters
    return letters


def _are_long(numbers: Sequence[float]) -> bool:
    return max(numbers) >= LONG or min(numbers) <= -LONG


def _is_long(cell: Cell) -> TypeGuard[float]:
    return isinstance(cell, int | float) and abs(cell) >= LONG and float(cell).is_integer()


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Around every call into calamine: its exceptions become ours, and so do its panics, which are no Exception."""
    try:
        with silent():
            yield
    except PasswordError as error:
        raise _locked(path) from error
    except (CalamineError, OSError, OverflowError) as error:  # the last: a time that Python cannot hold
        raise damaged(path) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise damaged(path) from error
        raise


def _locked(path: Path) -> SourceError:
    return SourceError(
        Text(
            f"{path} 有密码保护。请在 Excel 中去掉密码，再提交一次。",
            f"{path} is locked with a password. Take it off in Excel, and hand the file in again.",
        )
    )


def _midnight(cell: dt.date) -> dt.datetime:
    return dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 (a workbook knows no time zone)


# What a cell of each type becomes.
_PLAIN: Mapping[type, Callable[..., Cell]] = {
    str: lambda cell: cell or None,
    float: lambda cell: int(cell) if cell.is_integer() and abs(cell) < _IN_WORDS else cell,
    int: lambda cell: cell,
    bool: lambda cell: cell,
    dt.datetime: lambda cell: cell,
    dt.time: lambda cell: cell,
    dt.date: _midnight,
    dt.timedelta: str,
}
_NUMBERS = frozenset({int, float})
_AS_THEY_ARE = frozenset({int, bool, dt.datetime, dt.time})

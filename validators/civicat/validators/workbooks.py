"""Workbooks (xlsx, xls, xlsb, ods): one sheet as rows of typed cells, numbered as the program shows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from civicat.errors import SourceError
from civicat.text import Text
from civicat.validators.encodings import refuse_text

Cell = object


def read_sheet(path: Path, dialect: Mapping[str, object]) -> Iterator[list[Cell]]:
    """The rows of the sheet that the dialect names (by name or number from 1), the first sheet unless it does.

    Empty cells are None, whole numbers are int, dates are datetime. Empty rows at the end are not data and left out.

    Raises:
        SourceError: the workbook is damaged or locked, or has no such sheet.
    """
    refuse_text(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            sheet = book.get_sheet_by_name(_name(path, book.sheet_names, dialect))
            rows = sheet.to_python(skip_empty_area=False)  # else row 1 is the first row that is filled
    except (CalamineError, OSError) as error:
        raise SourceError(
            Text(
                f"{path} 不是可读的工作簿。请在 Excel 中打开，另存一份。",
                f"{path} is not a workbook that can be read. Open it in Excel and save it again.",
            )
        ) from error
    filled = max((number for number, row in enumerate(rows, 1) if any(cell != "" for cell in row)), default=0)
    return ([_plain(cell) for cell in row] for row in rows[:filled])


def _name(path: Path, names: list[str], dialect: Mapping[str, object]) -> str:
    below = dialect.get("excel") or dialect.get("ods")
    wanted = {**(below if isinstance(below, dict) else {}), **dialect}
    sheet = next((wanted[key] for key in ("sheet", "sheetName", "sheetNumber") if key in wanted), 1)
    if isinstance(sheet, int) and 0 < sheet <= len(names):
        return names[sheet - 1]
    if sheet in names:
        return str(sheet)
    raise SourceError(
        Text(
            f"{path} 中没有工作表“{sheet}”。有：{'、'.join(names)}。",
            f"{path} has no sheet “{sheet}”. It has: {', '.join(names)}.",
        )
    )


def _plain(cell: Cell) -> Cell:
    """A cell as openpyxl would give it, which is what frictionless reads."""
    match cell:
        case "":
            return None
        case float() if cell.is_integer():
            return int(cell)
        case dt.datetime() | dt.time():
            return cell
        case dt.date():
            return dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 (a workbook knows no time zone)
        case dt.timedelta():
            return str(cell)
        case _:
            return cell

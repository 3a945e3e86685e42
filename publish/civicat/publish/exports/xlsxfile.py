"""An XLSX file of named sheets, the same bytes each time. The one module that knows the library that writes it.

It is in Rust and takes Arrow batches one at a time. Three things it does are put right here: it writes the time of day
into the file, it ends in a panic where its temporary file does not fit on the disk, and it speaks of neither by number.
"""

from __future__ import annotations

import errno
import os
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from rustpy_xlsxwriter import Format

MOST_CHARACTERS = 32_767  # of a cell, in units of UTF-16
LONGEST_NAME = 31  # characters of a sheet's name

_HEADER_COLOUR = "#E8EEF4"
# Who prints a sheet gets all columns side by side, as many pages as it takes, each with the header (0: any number).
_ON_PAPER = {"landscape": True, "fit_to_pages": (1, 0), "repeat_rows": 0}
_PANIC = "PanicException"
_ERROR_NUMBER = re.compile(r"(?:code:|os error) (\d+)")
_CORE = "docProps/core.xml"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say, and what the library says of every entry
_TIMES = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass(frozen=True, slots=True)
class Column:
    """How a column looks: characters wide, its number format (empty for the usual), text in several lines or not.

    `text` says that it holds texts, digits among them, of which the program need not warn.
    """

    width: float
    number: str = ""
    wrapped: bool = False
    text: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a header row, frozen and with filters, and its rows; a cell for each value, nothing for a null.

    `heights` has those of rows that are higher than one line, in points, by their number (the header is 0). A text has
    at most MOST_CHARACTERS. There is no kind of decimal, time of day or moment with a zone.
    """

    name: str
    data: pa.RecordBatchReader | pa.Table
    columns: Sequence[Column]
    filters: bool = True
    heights: Mapping[int, float] = field(default_factory=dict)


def write(sheets: Sequence[Sheet], target: Path, created: str) -> None:
    """Writes a workbook that says it was made at `created` (UTC, ISO 8601, to the second).

    Raises:
        OSError: it cannot be written, or the rows not be read.
    """
    from rustpy_xlsxwriter import Format, write_worksheets  # noqa: PLC0415 - only who makes a workbook pays for it

    head = Format().set_bold().set_background_color(_HEADER_COLOUR).set_align("top")
    with _as_os_error(target):
        write_worksheets(
            [(sheet.name, sheet.data) for sheet in sheets],
            str(target),
            freeze_panes={"general": {"row": 1, "col": 0}},
            header_format={sheet.name: head for sheet in sheets},
            autofilter={sheet.name: sheet.filters for sheet in sheets},
            column_widths={sheet.name: [column.width for column in sheet.columns] for sheet in sheets},
            column_formats={sheet.name: [_format(column) for column in sheet.columns] for sheet in sheets},
            ignore_errors={sheet.name: _texts(sheet) for sheet in sheets},
            row_heights={sheet.name: dict(sheet.heights) for sheet in sheets},
            page_setup={sheet.name: {**_ON_PAPER} for sheet in sheets},
        )
    _date(target, created)


def _format(column: Column) -> Format:
    from rustpy_xlsxwriter import Format  # noqa: PLC0415 - as above

    form = Format().set_num_format(column.number) if column.number else Format()
    return form.set_text_wrap().set_align("top") if column.wrapped else form


def _texts(sheet: Sheet) -> list[str]:
    names = sheet.data.schema.names
    return [name for name, column in zip(names, sheet.columns, strict=True) if column.text]


@contextmanager
def _as_os_error(target: Path) -> Iterator[None]:
    """A failure to write with the number that the system gave; what comes from reading passes as it is."""
    try:
        yield
    except BaseException as error:  # a panic is no Exception
        ours = isinstance(error, OSError) or type(error).__name__ == _PANIC
        found = _ERROR_NUMBER.search(str(error)) if ours else None
        if found is None:
            raise
        number = int(found[1])
        raise OSError(number, os.strerror(number), str(target)) from error


def _date(file: Path, created: str) -> None:
    """Writes the time of the release where the library has written the time of day; the rest stays as it is.

    Raises:
        OSError: the file cannot be written, or is not laid out as the library does.
    """
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        entries = archive.infolist()
        place = next((number for number, entry in enumerate(entries) if entry.filename == _CORE), None)
        if place is None:
            raise OSError(errno.EIO, f"no {_CORE} in the workbook", str(file))
        last = [(entry.filename, archive.read(entry)) for entry in entries[place:]]
        archive.start_dir = entries[place].header_offset  # what follows is written again, from here on
        for entry in entries[place:]:
            archive.filelist.remove(entry)
            del archive.NameToInfo[entry.filename]
        for name, content in last:
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, _TIMES.sub(created.encode(), content) if name == _CORE else content)

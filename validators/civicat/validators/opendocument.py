"""What the reader of OpenDocument sheets (ods) does not tell: cells with an error, and formulas without a value.

Of both it makes an empty cell. LibreOffice marks an error with `calcext:value-type="error"` and shows it as the cell's
text; a formula that was never calculated has no value type at all (OpenDocument 1.3 part 3, 9.1.4 and 19.387).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

_CONTENT = "content.xml"
_CHUNK = 1 << 18  # bytes that are searched at a time
_END = b"</table:table-row>"
_INSIDE = rb"(?:[^<>\"]|\"[^\"]*\")*"
_ERROR = b'calcext:value-type="error"'
_UNVALUED = re.compile(rb"<table:table-cell(?=[^<>]*\btable:formula=)(?![^<>]*value-type=)")
_TAG = re.compile(rb"<table:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])(" + _INSIDE + rb")>")
_NAME = re.compile(rb"\btable:name=\"([^\"]*)\"")
_REPEATED = re.compile(rb"\bnumber-(?:columns|rows)-repeated=\"(\d{1,7})\"")
_TEXT = re.compile(rb"<text:p[^<>]*>([^<]*)<")

Place = tuple[int, int]  # row and column, from 1


@dataclass(slots=True)
class Faults:
    """Cells of a sheet that hold an error, with its text, and those whose formula has no value."""

    errors: dict[Place, str] = field(default_factory=dict)
    unvalued: list[Place] = field(default_factory=list)


def find_faults(path: Path, sheet: str) -> Faults:
    """The faults of a sheet; of a file that cannot be read, or is no OpenDocument, none: its reader refuses it."""
    found = Faults()
    try:
        if any(_ERROR in window or _UNVALUED.search(window) for window in _windows(path)):
            _search(path, sheet, found)
    except (zipfile.BadZipFile, KeyError, OSError, EOFError):
        return Faults()
    return found


def _search(path: Path, sheet: str, found: Faults) -> None:
    """Counts the rows and cells of the sheet as far as they go, with their repeats."""
    wanted, row, column, repeats = False, 0, 0, 1
    for window in _windows(path):
        for tag in _TAG.finditer(window):
            kind, attributes = tag[1], tag[2]
            if kind == b"table":
                name = _NAME.search(attributes)
                wanted, row, repeats = name is not None and unescape(name[1].decode()) == sheet, 0, 1
            elif kind == b"table-row":
                row, column, repeats = row + repeats, 0, _repeats(attributes)
            else:
                if wanted:
                    _take(found, (row, column + 1), attributes, window[tag.end() :][:_CHUNK])
                column += _repeats(attributes)


def _take(found: Faults, place: Place, attributes: bytes, behind: bytes) -> None:
    if _ERROR in attributes:
        text = _TEXT.match(behind)
        found.errors[place] = unescape(text[1].decode("utf-8", "replace")) if text else ""
    elif b"table:formula=" in attributes and b"value-type=" not in attributes:
        found.unvalued.append(place)


def _repeats(attributes: bytes) -> int:
    repeated = _REPEATED.search(attributes)
    return int(repeated[1]) if repeated else 1


def _windows(path: Path) -> Iterator[bytes]:
    """The content in pieces that end with a whole row."""
    with zipfile.ZipFile(path) as archive, archive.open(_CONTENT) as part:
        left = b""
        while chunk := part.read(_CHUNK):
            window = left + chunk
            cut = window.rfind(_END) + len(_END) if _END in window else 0
            left = window[cut:]
            if cut:
                yield window[:cut]
        yield left

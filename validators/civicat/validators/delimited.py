"""Delimited text as it comes: which character separates the cells, and the cells themselves."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from civicat.errors import DescriptorError
from civicat.text import Text

_SEPARATORS = ",;\t|"
_SAMPLE = 200  # records that the separator is judged by, ...
_BEGINNING = 1 << 22  # ... and characters at the most: a line may have no end
_END = "."  # a last line of our own: a quote that is still open swallows it
_PIECE = 1 << 20  # bytes read at a time
csv.field_size_limit(1 << 27)  # bytes: a polygon in one cell is larger than the 128 KiB that Python allows


def separator(path: Path, encoding: str) -> str:
    """The character that cuts most records into the same number of cells, the more cells the better."""
    try:
        with path.open(encoding=encoding, newline="", errors="replace") as file:
            text = file.read(_BEGINNING)
    except UnicodeError:  # UTF-16 without the mark that it must begin with
        text = ""
    *whole, last = list(islice(io.StringIO(text, newline=""), _SAMPLE)) or [""]
    sample = [*whole, last] if len(text) < _BEGINNING or not whole else whole  # the last one may be cut
    return max(_SEPARATORS, key=lambda one: _agreement(sample, one))


def cells(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    """Every record as its cells, header and all.

    Raises:
        DescriptorError: the delimiter is not one character.
    """
    refuse_delimiter(delimiter, str(path.parent))
    with path.open(encoding=encoding, newline="") as file:
        yield from csv.reader(file, delimiter=delimiter)


def refuse_delimiter(delimiter: object, at: str) -> None:
    """Refuses what cannot separate cells; `at` says which descriptor asks for it.

    Raises:
        DescriptorError: it is not one character, or it is a line break.
    """
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in "\r\n":
        raise DescriptorError(
            Text(
                f'{at}：描述文件中的 dialect.delimiter 应为一个字符，例如 ","，不能是“{delimiter}”。',
                f'{at}: dialect.delimiter in the descriptor must be one character, such as ",", not “{delimiter}”.',
            )
        )


def unclosed_quote(path: Path, encoding: str, dialect: csv.Dialect | type[csv.Dialect]) -> int:
    """The line (from 1) of the record whose quote is still open when the file ends; 0 where all are closed."""
    with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as file:
        reader = csv.reader(chain(_ended(file), [_END]), dialect)
        begin, line = 0, 0
        try:
            for _ in reader:
                begin, line = line + 1, reader.line_num
        except csv.Error:
            return 0  # whoever reads the cells says so
    return 0 if begin == line else begin


def record_at(path: Path, encoding: str, offset: int, delimiter: str) -> tuple[int, int]:
    """The record and the column, both from 1, in which the byte at an offset stands; 0 where no records can be cut."""
    record, cells = 0, list[str]()
    try:
        for record, cells in enumerate(csv.reader(_until(path, encoding, offset), delimiter=delimiter), 1):  # noqa: B007 (the last)
            pass
    except (csv.Error, UnicodeError):  # the latter: UTF-16 without its mark
        return 0, 0
    return record, len(cells)


def _until(path: Path, encoding: str, offset: int) -> Iterator[str]:
    """The lines before an offset, and the one that it stands in with a letter at its place."""
    held = ""
    with path.open("rb") as file:
        pieces = (file.read(min(_PIECE, offset - at)) for at in range(0, offset, _PIECE))
        for piece in codecs.iterdecode(pieces, encoding, "ignore"):
            *whole, held = io.StringIO(held + piece, newline="")
            yield from whole
    yield from io.StringIO(f"{held}x", newline="")


def _ended(lines: Iterable[str]) -> Iterator[str]:
    """The lines, each with its line break, which the last one of a file may lack."""
    return (line if line.endswith(("\n", "\r")) else f"{line}\n" for line in lines)


def _agreement(sample: list[str], delimiter: str) -> tuple[float, int]:
    try:
        widths = Counter(len(record) for record in csv.reader(sample, delimiter=delimiter) if record)
    except csv.Error:
        return (0, 0)
    width, times = widths.most_common(1)[0] if widths else (0, 0)
    return (times / max(widths.total(), 1) if width > 1 else 0, width)

"""How delimited text is cut: every mark of it pinned, so that whoever reads the file next need not guess."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from civicat.validators import delimited
from civicat.validators.engine.pieces import RECORD_LIMIT

_SAMPLE = 200  # lines that are looked at, ...
_BEGINNING = 1 << 22  # ... and characters at the most: a line may have no end
_QUOTE, _OTHER_QUOTE = '"', "'"


def dialect_of(path: Path, encoding: str, kind: str) -> dict[str, Any]:
    """The dialect of a delimited file, as a descriptor writes it; `kind` is csv or tsv."""
    mark = delimited.separator(path, encoding)
    sample = _sample(path, encoding)
    if kind == "tsv" and not any(mark in line for line in sample):
        mark = "\t"
    quote = _quote(sample, mark)
    return {"delimiter": mark, "quoteChar": quote, "skipInitialSpace": _skips(sample, mark, quote)}


def csv_dialect(dialect: Mapping[str, Any]) -> csv.Dialect:
    """The same as Python's csv has it; what is not said is as in RFC 4180."""
    cut = csv.excel()
    cut.delimiter = str(dialect.get("delimiter", ","))
    cut.quotechar = str(dialect.get("quoteChar", _QUOTE))
    cut.skipinitialspace = bool(dialect.get("skipInitialSpace", False))
    return cut


def head_of(path: Path, encoding: str, dialect: Mapping[str, Any], count: int) -> list[list[str]]:
    """The first records; those before one that is too long to be held.

    Raises:
        DescriptorError: the delimiter is not one character.
    """
    delimited.refuse_delimiter(dialect.get("delimiter", ","), str(path.parent))
    try:
        with path.open(encoding=encoding, newline="", errors="replace") as file:
            return list(islice(csv.reader(_held(file), csv_dialect(dialect)), count))
    except (csv.Error, UnicodeError):  # the check says where
        return []


def _held(file: TextIO) -> Iterator[str]:
    """The lines of a file, up to as many characters as one record may have."""
    left = RECORD_LIMIT
    while left > 0 and (line := file.readline(left)):
        left -= len(line)
        if left > 0 or line.endswith(("\n", "\r")):  # else it may be cut
            yield line


def _sample(path: Path, encoding: str) -> list[str]:
    try:
        with path.open(encoding=encoding, newline="", errors="replace") as file:
            return list(islice(io.StringIO(file.read(_BEGINNING), newline=""), _SAMPLE))
    except UnicodeError:  # UTF-16 without the mark that it must begin with
        return []


def _quote(sample: Sequence[str], mark: str) -> str:
    """The single quote only where cells stand in it, none stands in the double one, and the rows then agree better."""
    quoted = {quote: sum(_whole_cells(line, mark, quote) for line in sample) for quote in (_QUOTE, _OTHER_QUOTE)}
    if quoted[_QUOTE] or not quoted[_OTHER_QUOTE]:
        return _QUOTE
    return max((_QUOTE, _OTHER_QUOTE), key=lambda quote: _agreement(sample, mark, quote))


def _whole_cells(line: str, mark: str, quote: str) -> int:
    """How many cells of a line stand in these quotes."""
    edge = re.escape(mark)
    return len(re.findall(rf"(?:^|{edge}){quote}[^{quote}\r\n]*{quote}(?={edge}|[\r\n]|$)", line))


def _agreement(sample: Sequence[str], mark: str, quote: str) -> int:
    try:
        widths = Counter(len(row) for row in csv.reader(sample, delimiter=mark, quotechar=quote))
    except csv.Error:
        return 0
    return max(widths.values(), default=0)


def _skips(sample: Sequence[str], mark: str, quote: str) -> bool:
    """Whether a blank stands before quoted cells: without skipping it the quotes would be part of the text."""
    spaced = sum(line.count(f"{mark} {quote}") for line in sample)
    return spaced > 0 and spaced > sum(line.count(f"{mark}{quote}") for line in sample)

"""Delimited text as it comes: which character separates the cells, and the cells themselves."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

_SEPARATORS = ",;\t|"
_SAMPLE = 200  # records that the separator is judged by
csv.field_size_limit(1 << 27)  # bytes: a polygon in one cell is larger than the 128 KiB that Python allows


def separator(path: Path, encoding: str) -> str:
    """The character that cuts most records into the same number of cells, the more cells the better."""
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        sample = list(islice(file, _SAMPLE))
    return max(_SEPARATORS, key=lambda one: _agreement(sample, one))


def cells(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    """Every record as its cells, header and all."""
    with path.open(encoding=encoding, newline="") as file:
        yield from csv.reader(file, delimiter=delimiter)


def _agreement(sample: list[str], delimiter: str) -> tuple[float, int]:
    try:
        widths = Counter(len(record) for record in csv.reader(sample, delimiter=delimiter) if record)
    except csv.Error:
        return (0, 0)
    width, times = widths.most_common(1)[0] if widths else (0, 0)
    return (times / max(widths.total(), 1) if width > 1 else 0, width)

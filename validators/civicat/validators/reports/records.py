"""The records of a resource as they stand in its file: the n-th of them is what a finding calls row n."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from civicat.validators import delimited
from civicat.validators.formats import Source

_LOOKED_AT = 50  # records among which the header is
_QUOTING = {"quoteChar": "quotechar", "escapeChar": "escapechar"}
_SWITCHES = {"doubleQuote": "doublequote", "skipInitialSpace": "skipinitialspace"}


def records(source: Source, labels: Sequence[str]) -> Iterator[Sequence[object]]:
    """Every record of a file, header and all. `labels` is the header as the check read it: it tells the delimiter."""
    if source.cells is not None:
        yield from source.cells()
        return
    if not source.format:
        return
    dialect = _flat(source.resource.dialect)
    yield from _delimited(source, dialect, _delimiter(source, dialect, labels))


def header_row(source: Source) -> int:
    """The number of the last row of the header; 0 where there is none."""
    dialect = _flat(source.resource.dialect)
    rows = dialect.get("headerRows")
    if dialect.get("header") is False:
        return 0
    return max((row for row in rows if isinstance(row, int)), default=1) if isinstance(rows, list) else 1


def _delimited(source: Source, dialect: Mapping[str, object], delimiter: str) -> Iterator[list[str]]:
    options: dict[str, Any] = {"delimiter": delimiter}
    options |= {ours: dialect[key] for key, ours in _QUOTING.items() if isinstance(dialect.get(key), str)}
    options |= {ours: dialect[key] for key, ours in _SWITCHES.items() if isinstance(dialect.get(key), bool)}
    encoding = "utf-8-sig" if source.encoding == "utf-8" else source.encoding
    with source.path.open(encoding=encoding, errors="replace", newline="") as file:
        try:
            yield from csv.reader(file, **options)
        except csv.Error:  # a cell beyond all bounds: the report says so, and the sheet ends before it
            return


def _delimiter(source: Source, dialect: Mapping[str, object], labels: Sequence[str]) -> str:
    declared = dialect.get("delimiter")
    if isinstance(declared, str) and len(declared) == 1:
        return declared
    likely = delimited.separator(source.path, source.encoding)
    return next((one for one in (likely, *",;\t|") if _fits(source, dialect, one, labels)), likely)


def _fits(source: Source, dialect: Mapping[str, object], delimiter: str, labels: Sequence[str]) -> bool:
    return any(record == list(labels) for record in islice(_delimited(source, dialect, delimiter), _LOOKED_AT))


def _flat(dialect: Mapping[str, object]) -> Mapping[str, object]:
    below = dialect.get("csv")
    return {**dialect, **(below if isinstance(below, dict) else {})}

"""The likely causes of what a report finds: what to mend once, instead of cell by cell.

A cause is said only where the evidence is clear: each threshold is a named constant with its reason.

cause.py         what a cause is, and the facts that it is judged by
table_causes.py  the whole file: encoding, delimiter, header, rows that are no data
cell_causes.py   one column: how its cells are written
causes.toml      what each cause says
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice

from civicat.errors import CivicatError, SourceError
from civicat.finding import Cause
from civicat.report import ResourceReport
from civicat.text import Text
from civicat.validators import delimited, encodings
from civicat.validators.cause import LABELS, Evidence, Glimpse, because
from civicat.validators.cell_causes import cell_causes
from civicat.validators.formats import DELIMITED, Source
from civicat.validators.guesses import LOOKED_AT
from civicat.validators.headers import find_headers
from civicat.validators.messages import plain, quoted
from civicat.validators.remarks import listed
from civicat.validators.table_causes import LINES_LOOKED_AT, header_causes, table_causes

__all__ = ["Cause", "Glimpse", "glimpse", "likely_causes"]

_BEGINNING = 1 << 16  # bytes of a file: many lines of a table, and little of one endless line


def likely_causes(report: ResourceReport, seen: Glimpse) -> tuple[Cause, ...]:
    """The likely causes of a resource's findings: those of the whole file first, then column by column."""
    if not report.findings:
        return ()
    evidence = Evidence(report, seen)
    whole = (*header_causes(evidence), *_title_of_guessed(evidence))
    return whole or (*table_causes(evidence), *cell_causes(evidence), *_guessed_types(evidence))


def _title_of_guessed(evidence: Evidence) -> Iterator[Cause]:
    """A title that was taken for the header, where nobody has said what the columns are called."""
    seen = evidence.glimpse
    if not seen.resource.guessed or not seen.head or tuple(one.strip() for one in seen.head[0]) != evidence.labels:
        return
    header = find_headers(seen.head)[0]
    if header > 1:
        label = quoted(next((one for one in evidence.labels if one.strip()), ""))
        yield because("title-above-header", codes=LABELS, header=str(header), above=str(header - 1), label=label)


def _guessed_types(evidence: Evidence) -> Iterator[Cause]:
    """Values of another type than the first rows have, where nobody has said which one is meant."""
    resource = evidence.glimpse.resource
    names = list(dict.fromkeys(one.place.field for one in evidence.of("type-error"))) if resource.guessed else []
    if names:
        file = plain(resource.place or resource.path)
        yield because("types-guessed", columns=listed(names), rows=str(LOOKED_AT), file=file)


def glimpse(source: Source, report: ResourceReport) -> Glimpse:
    """What the causes are judged by, from the first lines of a file; next to nothing where the report has no findings.

    Raises:
        SourceError: the file cannot be opened any more.
    """
    if not report.findings:
        return Glimpse(source.resource)
    if not source.encoding:
        return Glimpse(source.resource, head=tuple(_cells(source)))
    encoding, mark = source.encoding, _delimiter(source)
    detected = encodings.detect(source.path) if "encoding-error" in report.counts else encoding
    text = _first(source).decode(encoding, errors="replace" if detected != encoding else "ignore")
    head = _records(text, mark) if mark else _cells(source)
    return Glimpse(source.resource, tuple(text.splitlines()), tuple(head), encoding, detected, mark)


def _first(source: Source) -> bytes:
    try:
        with source.path.open("rb") as file:
            return file.read(_BEGINNING)
    except OSError as error:
        raise SourceError(
            Text(f"{source.path} 打不开（{error.strerror}）。", f"{source.path} cannot be opened ({error.strerror}).")
        ) from error


def _delimiter(source: Source) -> str:
    if source.format not in DELIMITED:
        return ""
    declared = source.resource.dialect.get("delimiter")
    is_mark = isinstance(declared, str) and len(declared) == 1
    return str(declared) if is_mark else delimited.separator(source.path, source.encoding)


def _records(text: str, mark: str) -> Iterator[list[str]]:
    try:
        yield from islice(csv.reader(io.StringIO(text, newline=""), delimiter=mark), LINES_LOOKED_AT)
    except csv.Error:  # a quote that is never closed, a zero byte: whoever reads the cells says so
        return


def _cells(source: Source) -> Iterator[list[str]]:
    """The first records by our own reader; none where the file is damaged: the report says so."""
    if source.cells is None:
        return
    try:
        for row in islice(source.cells(), LINES_LOOKED_AT):
            yield ["" if cell is None else str(cell) for cell in row]
    except (CivicatError, UnicodeError):
        return

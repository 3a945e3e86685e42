"""The record of what departments handed in: a line for each time that it was checked, published or refused.

hand-ins/<department>/<dataset>.jsonl in the store, one JSON object a line, oldest first; lines are added and never
changed. It counts and names columns of the descriptor; it holds no value of any cell (docs/ledger.md).
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from dataclasses import field as kept  # a Found has a `field` of its own
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

from civicat.conversion import ColumnConversion
from civicat.finding import Finding, Severity
from civicat.report import Report, ResourceReport

DESCRIPTOR = ""  # the name of the resource under which stands what was found in the descriptor
MOST_PLACES = 200  # kinds of finding told apart by column, of one resource; beyond, they are told by code alone
MOST_ROWS = 5  # numbers of rows that are kept of one kind of finding in one column, the first
_MOST_BYTES = 32 * 1024 * 1024  # of one file that are read: thousands of hand-ins
_TAIL_BYTES = 1024 * 1024  # more than any line has
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T")

Rows = Mapping[tuple[str, str], Iterable[int]]  # numbers of rows, by code and column

log = logging.getLogger("civicat")


class Became(StrEnum):
    """What became of a hand-in."""

    PUBLISHED = "published"
    REFUSED = "refused"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Found:
    """How often one thing was found: its code, and the column where it is one of the descriptor's.

    `rows` are the numbers of the first rows that had it, the header counted; empty where nobody kept them, as in older
    records: two that differ in nothing else are the same.
    """

    code: str
    field: str
    count: int
    rows: tuple[int, ...] = kept(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class HandedResource:
    """What was found in one resource of a hand-in: `rows` without the header, errors, remarks (`warnings`).

    `complete` says that it was read to its end, so that what was not found is not there. `mended` has what was
    spelled anew for the department: a code of conversion.RULES (as Found.code), and its cells.
    """

    name: str
    rows: int = 0
    complete: bool = True
    errors: tuple[Found, ...] = ()
    warnings: tuple[Found, ...] = ()
    mended: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class HandIn:
    """One hand-in: `when` (UTC, ISO 8601), the sha256 of its files (`inputs`), and the version that it became."""

    when: str
    inputs: str
    result: Became
    version: str
    resources: tuple[HandedResource, ...]

    def to_line(self) -> bytes:
        """The line that the record holds of it."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    @property
    def kinds(self) -> int:
        """How many things there are to mend: one is one kind of error in one column of one resource."""
        return sum(len(resource.errors) for resource in self.resources)

    @property
    def errors(self) -> int:
        """Every error of all resources."""
        return sum(one.count for resource in self.resources for one in resource.errors)


def summed(
    report: Report,
    columns: Mapping[str, Iterable[str]],
    conversions: Mapping[str, Iterable[ColumnConversion]],
) -> tuple[HandedResource, ...]:
    """A report as counts. `columns` are those of each resource's descriptor, `conversions` what typing changed.

    A column that is not the descriptor's is not named: in a file without a header its name is the value of a cell.
    """
    ours = HandedResource(
        DESCRIPTOR,
        errors=_found(Counter((one.code, "") for one in report.findings if one.severity is Severity.ERROR)),
        warnings=_remarks(report.findings, frozenset()),
    )
    named = (
        _resource(one, frozenset(columns.get(one.name, ())), conversions.get(one.name, ())) for one in report.resources
    )
    return (ours, *named)


def _resource(one: ResourceReport, columns: frozenset[str], conversion: Iterable[ColumnConversion]) -> HandedResource:
    spelled: Counter[tuple[str, str]] = Counter()
    for column in conversion:
        for rewrite in column.rewrites:
            spelled[rewrite.rule, ""] += rewrite.cells
    return HandedResource(
        name=one.name,
        rows=one.rows,
        complete=one.complete and not one.refused and one.stopped is None,
        errors=_errors(one, columns),
        warnings=_remarks(one.findings, columns),
        mended=_found(spelled),
    )


def _errors(one: ResourceReport, columns: frozenset[str]) -> tuple[Found, ...]:
    counts: Counter[tuple[str, str]] = Counter()
    for tally in one.tallies:
        counts[tally.code, _known(tally.field, columns)] += tally.count
    told: Counter[str] = Counter()
    for (code, _), count in counts.items():
        told[code] += count
    for code, count in one.counts.items():
        counts[code, ""] += max(count - told[code], 0)
    for finding in one.findings:  # what could not be read at all is not tallied
        if finding.severity is Severity.ERROR and not one.counts.get(finding.code):
            counts[finding.code, ""] += 1
    return _found(+counts, _rows(one.findings, Severity.ERROR, columns))


def _rows(findings: Iterable[Finding], severity: Severity, columns: frozenset[str]) -> Rows:
    """The rows of the findings that were explained, by code and column."""
    rows: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for one in findings:
        if one.severity is severity and one.place.row is not None:
            rows[one.code, _known(one.place.field, columns)].add(one.place.row)
    return rows


def _remarks(findings: Iterable[Finding], columns: frozenset[str]) -> tuple[Found, ...]:
    many = tuple(findings)
    warnings = (one for one in many if one.severity is Severity.WARNING)
    counts = Counter((one.code, _known(one.place.field, columns)) for one in warnings)
    return _found(counts, _rows(many, Severity.WARNING, columns))


def _known(field: str, columns: frozenset[str]) -> str:
    return field if field in columns else ""


def _found(counts: Counter[tuple[str, str]], rows: Rows = MappingProxyType({})) -> tuple[Found, ...]:
    """By code and column; by code alone where there are too many kinds."""
    if len(counts) > MOST_PLACES:
        counts, rows = _by_code(counts, rows)
    return tuple(Found(*kind, count, _first(rows.get(kind, ()))) for kind, count in sorted(counts.items()))


def _by_code(counts: Counter[tuple[str, str]], rows: Rows) -> tuple[Counter[tuple[str, str]], Rows]:
    whole: Counter[tuple[str, str]] = Counter()
    for (code, _), count in counts.items():
        whole[code, ""] += count
    together: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for (code, _), numbers in rows.items():
        together[code, ""].update(numbers)
    return whole, together


def _first(rows: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(rows)[:MOST_ROWS])


def record(file: Path, handed: HandIn) -> bool:
    """Adds a hand-in to a record, and answers whether it did: the one before, handed in again, is not a new line.

    Writers wait for each other. A line that cannot be written leaves a warning in the log and the record as it was:
    what is published does not hang on it.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a+b") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            return _added(stream, handed)
    except OSError as error:
        log.warning("%s 无法写入，本次提交未入账；this hand-in is not recorded: %s", file, error)
        return False


def _added(stream: BinaryIO, handed: HandIn) -> bool:
    end = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, end - _TAIL_BYTES))
    tail = stream.read()
    last = _last(tail)
    if last is not None and replace(last, when=handed.when) == handed:
        return False
    torn = b"" if not tail or tail.endswith(b"\n") else b"\n"
    try:
        _write(stream.fileno(), torn + handed.to_line())
    except OSError:
        os.ftruncate(stream.fileno(), end)  # half a line of a full disk
        raise
    return True


def _write(handle: int, line: bytes) -> None:
    while line:
        line = line[os.write(handle, line) :]
    os.fsync(handle)


def _last(tail: bytes) -> HandIn | None:
    lines = [line for line in tail.splitlines() if line.strip()]
    return parse(lines[-1]) if lines else None


def read(file: Path) -> tuple[HandIn, ...]:
    """The hand-ins of a record, oldest first; empty where there is none. A line that cannot be read is skipped."""
    try:
        with file.open("rb") as stream:
            lines = stream.read(_MOST_BYTES).split(b"\n")
    except FileNotFoundError:
        return ()
    except OSError as error:
        _tell(f"{file} 无法读取；it cannot be read: {error}")
        return ()
    found = [(number, parse(line)) for number, line in enumerate(lines, 1) if line.strip()]
    for number, handed in found:
        if handed is None:
            _tell(f"{file} 第 {number} 行无法读取，已略过；line {number} cannot be read and is skipped")
    return tuple(handed for _, handed in found if handed is not None)


@lru_cache(maxsize=1024)
def _tell(line: str) -> None:
    """Once in the life of a process: pages read the same record again and again."""
    log.warning("%s", line)


def parse(line: bytes) -> HandIn | None:
    """A hand-in from its line; None where it is none."""
    try:
        told: dict[str, Any] = json.loads(line)
        return HandIn(
            when=_moment(told["when"]),
            inputs=_text(told["inputs"]),
            result=Became(told["result"]),
            version=_text(told["version"]),
            resources=tuple(_parsed(one) for one in told["resources"]),
        )
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None


def _parsed(told: dict[str, Any]) -> HandedResource:
    return HandedResource(
        name=_text(told["name"]),
        rows=_count(told["rows"]),
        complete=told["complete"] is True,
        errors=tuple(map(_parsed_found, told["errors"])),
        warnings=tuple(map(_parsed_found, told["warnings"])),
        mended=tuple(map(_parsed_found, told["mended"])),
    )


def _parsed_found(told: dict[str, Any]) -> Found:
    rows = tuple(map(_count, told.get("rows", ())))  # lines from before rows were kept have none
    return Found(_text(told["code"]), _text(told["field"]), _count(told["count"]), rows)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _moment(value: object) -> str:
    if not is_moment(_text(value)):
        raise ValueError
    return _text(value)


def is_moment(written: str) -> bool:
    """Whether a text is a time as the store writes it: ISO 8601, with the day's hyphens (2026-02-22T09:00:00Z)."""
    try:
        return _DAY.match(written) is not None and datetime.fromisoformat(written) is not None
    except ValueError:
        return False


def _count(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError
    return value

"""Findings of one kind in one column, told once: how many there are, where the first are, and why, where known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from civicat.finding import Finding, Severity
from civicat.report import Report, ResourceReport, Tally
from civicat.text import Text

# What is mended first: while the file cannot be read, or its header is not the right one, other findings say little.
_OF_THE_FILE = frozenset(
    ("source-error", "scheme-error", "format-error", "encoding-error", "compression-error", "unclosed-quote")
)
OF_THE_HEADER = frozenset(
    (
        *("blank-header", "unmatched-header", "extra-label", "missing-label", "blank-label", "duplicate-label"),
        "incorrect-label",
    )
)


class Because(Protocol):
    """A likely cause: what it says, and which findings it explains (a whole file's, where `field` is empty)."""

    @property
    def message(self) -> Text:
        """Why the findings are there, most likely."""

    @property
    def remedy(self) -> Text:
        """What mends them all at once."""

    @property
    def field(self) -> str:
        """The column that it explains; empty where it is the whole file."""

    @property
    def codes(self) -> frozenset[str]:
        """The codes of findings that it explains; all, where there are none."""


Causes = Mapping[str, Sequence[Because]]  # by the name of the resource


@dataclass(frozen=True, slots=True)
class Kind:
    """Findings of one kind in one column. `count` counts all, `findings` holds those that were explained.

    `findings` may be empty: the limit of errors can be reached before one of a kind is explained.
    """

    code: str
    rule: str
    field: str
    severity: Severity
    count: int
    findings: tuple[Finding, ...]
    causes: tuple[Because, ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether it keeps the dataset from passing."""
        return self.severity is Severity.ERROR

    @property
    def stage(self) -> int:
        """0 what keeps the file from being read, 1 its header, 2 the rest."""
        if self.code in _OF_THE_FILE:
            return 0
        return 1 if self.is_of_header else 2

    @property
    def is_of_header(self) -> bool:
        """Whether it is about the names of the columns."""
        return self.code in OF_THE_HEADER

    @property
    def column(self) -> int | None:
        """The number of the column, from 1, where the findings say it."""
        return next((one.place.column for one in self.findings if one.place.column is not None), None)


def kinds_of(resource: ResourceReport, causes: Sequence[Because] = ()) -> list[Kind]:
    """What is wrong with a resource, what is best mended first at the beginning; remarks at the end."""
    found = _grouped(resource.findings, resource.tallies, causes)
    return sorted(found, key=lambda one: (not one.is_error, one.stage, -one.count))


def kinds_of_descriptor(report: Report) -> list[Kind]:
    """What is wrong with the descriptor, in its own order; remarks at the end."""
    return sorted(_grouped(report.findings), key=lambda one: not one.is_error)


def is_cut(resource: ResourceReport) -> bool:
    """Whether reading was given up at the limit of errors, so that nobody knows how many there are."""
    return resource.limit is not None and resource.errors <= len(resource.findings)


def whole_file(causes: Iterable[Because]) -> list[Because]:
    """The causes that explain a whole file."""
    return [one for one in causes if not one.field]


def _grouped(findings: Iterable[Finding], tallies: Iterable[Tally] = (), causes: Sequence[Because] = ()) -> list[Kind]:
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for one in findings:
        groups.setdefault(_key(one.code, one.rule, one.place.field), []).append(one)
    counted = Counter[tuple[str, str, str]]()
    for tally in tallies:
        key = _key(tally.code, tally.rule, tally.field)
        counted[key] += tally.count
        groups.setdefault(key, [])
    return [_kind(key, group, counted[key] or len(group), causes) for key, group in groups.items()]


def _key(code: str, rule: str, field: str) -> tuple[str, str, str]:
    """What is told together: one column's findings of one kind; in the header, all of one kind."""
    return (code, rule, "" if code in OF_THE_HEADER else field)


def _explains(cause: Because, code: str, field: str) -> bool:
    """A cause of the whole file that names no codes explains all of it, and stands above."""
    if not cause.field:
        return code in cause.codes
    return cause.field == field and (not cause.codes or code in cause.codes)


def _kind(key: tuple[str, str, str], group: Sequence[Finding], count: int, causes: Sequence[Because]) -> Kind:
    code, rule, field = key
    severity = group[0].severity if group else Severity.ERROR  # only errors are tallied
    why = tuple(one for one in causes if _explains(one, code, field))
    return Kind(code, rule, field, severity, count, tuple(group), why)

"""What the checks of a dataset say together: passed, failed, or could not be checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count

from civicat.finding import Cause, Finding, Severity


class Outcome(StrEnum):
    """The three ways a check can end."""

    PASSED = "passed"
    FAILED = "failed"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many errors of one kind one column of a resource has, those that were not explained included."""

    code: str
    rule: str
    field: str
    count: int


@dataclass(frozen=True, slots=True)
class ResourceReport:
    """The checks of one resource. `counts` counts every error by code, `findings` holds those that were explained.

    `bytes` and `rows` are as read (rows without the header); `md5` and `sha256` are of the file as handed in. `tallies`
    counts every error by code, rule and column. `stopped` is the row at which reading was given up since the limit of
    errors was reached, and `limit` that limit where it was reached; `stats` is what frictionless counts of the table.
    `causes` are the likely ones of what was found. `place` is where frictionless says that the table is, where that is
    not its path alone: how the file was named, and which member of an archive it is. `refused` says that it could
    not be checked at all: its one finding says why.
    """

    name: str
    path: str
    labels: tuple[str, ...]
    rows: int
    bytes: int
    sha256: str
    findings: tuple[Finding, ...]
    counts: Mapping[str, int]
    complete: bool = True
    tallies: tuple[Tally, ...] = ()
    stopped: int | None = None
    limit: int | None = None
    stats: Mapping[str, int | str] = field(default_factory=dict)
    causes: tuple[Cause, ...] = ()
    refused: bool = False
    place: str = ""

    @property
    def outcome(self) -> Outcome:
        """Failed when any finding is an error; unchecked when the reading could not be finished for another reason."""
        if self.refused:
            return Outcome.UNCHECKED
        if any(finding.severity is Severity.ERROR for finding in self.findings):
            return Outcome.FAILED
        return Outcome.PASSED if self.complete else Outcome.UNCHECKED

    @property
    def errors(self) -> int:
        """Every error, those that were not explained included."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found in a dataset: `findings` on its descriptor, then one report for each resource.

    `refused` says that it could not be checked: the one finding says why.
    """

    subject: str
    findings: tuple[Finding, ...]
    resources: tuple[ResourceReport, ...]
    refused: bool = False

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of all parts."""
        if self.refused:
            return Outcome.UNCHECKED
        outcomes = {resource.outcome for resource in self.resources}
        if Outcome.FAILED in outcomes or any(one.severity is Severity.ERROR for one in self.findings):
            return Outcome.FAILED
        return Outcome.UNCHECKED if Outcome.UNCHECKED in outcomes else Outcome.PASSED

    @property
    def rows(self) -> int:
        """Rows read, over all resources."""
        return sum(resource.rows for resource in self.resources)

    @property
    def errors(self) -> int:
        """Every error of the descriptor and of all resources, those that were not explained included."""
        return len(_of(Severity.ERROR, self.findings)) + sum(resource.errors for resource in self.resources)

    def all_findings(self) -> tuple[Finding, ...]:
        """Every explained finding, the descriptor's first."""
        return (*self.findings, *(one for resource in self.resources for one in resource.findings))

    def to_descriptor(self) -> dict[str, object]:
        """The report as frictionless' `Report.to_descriptor()` has it, and one key of our own beside it, `civicat`.

        What frictionless has no error for stands under that key alone, as does what each error says to people: there
        `error` is the place of an error in the list of its task. Times are 0: same input, same bytes.
        """
        errors = _standard(self.findings)
        read = () if errors else self.resources  # it reads no table of a faulty descriptor
        tasks = [_task(resource) for resource in read]
        listed = len(errors) + sum(len(_standard(resource.findings)) for resource in read)
        return {
            "valid": not listed,
            "stats": {
                "tasks": len(tasks),
                "errors": listed,
                "warnings": sum(resource.limit is not None for resource in read),
                "seconds": 0,
            },
            "warnings": [],
            "errors": [dict(one.descriptor) for one in errors],
            "tasks": tasks,
            "civicat": {
                "subject": self.subject,
                "outcome": str(self.outcome),
                "errors": self.errors,
                "findings": _numbered(self.findings),
                "resources": [_beside(resource) for resource in self.resources],
            },
        }


def _of(severity: Severity, findings: Iterable[Finding]) -> list[Finding]:
    return [one for one in findings if one.severity is severity]


def _standard(findings: Iterable[Finding]) -> list[Finding]:
    """Those that are errors of frictionless."""
    return [one for one in findings if one.descriptor]


def _numbered(findings: Iterable[Finding]) -> list[dict[str, object]]:
    """What each finding says; `error` is its place in frictionless' list, where it stands in it."""
    place = count()
    return [{**({"error": next(place)} if one.descriptor else {}), **one.to_descriptor()} for one in findings]


def _task(resource: ResourceReport) -> dict[str, object]:
    """A task as frictionless reports it."""
    errors = _standard(resource.findings)
    warnings = [] if resource.limit is None else [f"reached error limit: {resource.limit}"]
    return {
        "name": resource.name,
        "type": "table",
        "valid": not errors,
        "place": resource.place or resource.path,
        "labels": list(resource.labels),
        "stats": {"errors": len(errors), "warnings": len(warnings), "seconds": 0, **resource.stats},
        "warnings": warnings,
        "errors": [dict(one.descriptor) for one in errors],
    }


def _beside(resource: ResourceReport) -> dict[str, object]:
    """What we say of a resource beyond frictionless."""
    return {
        "name": resource.name,
        "outcome": str(resource.outcome),
        "complete": resource.complete,
        "rows": resource.rows,
        "bytes": resource.bytes,
        "sha256": resource.sha256,
        "errors": resource.errors,
        "counts": dict(sorted(resource.counts.items())),
        **({} if resource.stopped is None else {"stoppedAtRow": resource.stopped}),
        "causes": [one.to_descriptor() for one in resource.causes],
        "findings": _numbered(resource.findings),
    }

"""What the checks of a dataset say together: passed, failed, or could not be checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from civicat.finding import Finding, Severity


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

    `bytes` and `rows` are as read (rows without the header); `sha256` is of the file as handed in. `tallies` counts
    every error by code, rule and column.
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

    @property
    def outcome(self) -> Outcome:
        """Failed when any finding is an error; unchecked when the reading could not be finished for another reason."""
        if any(finding.severity is Severity.ERROR for finding in self.findings):
            return Outcome.FAILED
        return Outcome.PASSED if self.complete else Outcome.UNCHECKED

    @property
    def errors(self) -> int:
        """Every error, those that were not explained included."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found in a dataset: `findings` on its descriptor, then one report for each resource."""

    subject: str
    findings: tuple[Finding, ...]
    resources: tuple[ResourceReport, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of all parts."""
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
        """The report in the shape of frictionless' `Report.to_descriptor()`, with one key of our own, `civicat`.

        As there, `stats.errors` counts the errors that are listed, and a warning says where the list stops at the
        limit; `civicat.errors` counts all of them. Times are 0: same input, same bytes.
        """
        errors = [one.to_descriptor() for one in _of(Severity.ERROR, self.findings)]
        warnings = [one.message.en for one in _of(Severity.WARNING, self.findings)]
        listed = sum(len(_of(Severity.ERROR, resource.findings)) for resource in self.resources)
        return {
            "valid": self.outcome is Outcome.PASSED,
            "stats": {
                "tasks": len(self.resources),
                "errors": len(errors) + listed,
                "warnings": len(warnings),
                "seconds": 0,
            },
            "warnings": warnings,
            "errors": errors,
            "tasks": [_task(resource) for resource in self.resources],
            "civicat": {
                "subject": self.subject,
                "outcome": str(self.outcome),
                "errors": self.errors,
                "warnings": [one.to_descriptor() for one in _of(Severity.WARNING, self.findings)],
            },
        }


def _of(severity: Severity, findings: Iterable[Finding]) -> list[Finding]:
    return [one for one in findings if one.severity is severity]


def _task(resource: ResourceReport) -> dict[str, object]:
    errors = _of(Severity.ERROR, resource.findings)
    ours = _of(Severity.WARNING, resource.findings)
    warnings = [one.message.en for one in ours]
    if resource.errors > len(errors):
        warnings.append(f"reached error limit: {len(errors)}")  # frictionless' own words
    return {
        "name": resource.name,
        "type": "table",
        "valid": resource.outcome is Outcome.PASSED,
        "place": resource.path,
        "labels": list(resource.labels),
        "stats": {
            "errors": len(errors),
            "warnings": len(warnings),
            "seconds": 0,
            "sha256": resource.sha256,
            "bytes": resource.bytes,
            "fields": len(resource.labels),
            "rows": resource.rows,
        },
        "warnings": warnings,
        "errors": [one.to_descriptor() for one in errors],
        "civicat": {
            "outcome": str(resource.outcome),
            "complete": resource.complete,
            "errors": resource.errors,
            "counts": dict(sorted(resource.counts.items())),
            "warnings": [one.to_descriptor() for one in ours],
        },
    }

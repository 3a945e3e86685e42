"""Three outcomes, and a report in the shape that frictionless gives to its own."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from frictionless import Report as Theirs

from civicat.finding import Finding, Place, Severity
from civicat.report import Outcome, Report, ResourceReport
from civicat.text import Text

SHAPE = {
    "type": "type-error",
    "title": "t",
    "description": "d",
    "message": "m",
    "tags": [],
    "note": "n",
    "cells": ["x"],
    "rowNumber": 3,
    "cell": "x",
    "fieldName": "count",
    "fieldNumber": 1,
}


def finding(severity: Severity = Severity.ERROR) -> Finding:
    shape = SHAPE if severity is Severity.ERROR else {}
    place = Place("x/data/a.csv", "a", 3, "count", 1)
    return Finding("type-error", severity, place, Text("坏", "bad"), Text("改", "mend"), "x", shape, "integer")


def own() -> Finding:
    """An error that frictionless has no word for."""
    return dataclasses.replace(finding(), code="range-error", descriptor={})


def resource(*findings: Finding, complete: bool = True, more: int = 0) -> ResourceReport:
    errors = sum(one.severity is Severity.ERROR for one in findings) + more
    counts = {"type-error": errors} if errors else {}
    return ResourceReport("a", "a.csv", ("count",), 10, 20, "00", findings, counts, complete)


@pytest.mark.parametrize(
    ("resources", "findings", "outcome"),
    [
        ((), (), Outcome.PASSED),
        ((resource(),), (), Outcome.PASSED),
        ((resource(finding(Severity.WARNING)),), (), Outcome.PASSED),
        ((resource(complete=False),), (), Outcome.UNCHECKED),
        ((resource(finding(Severity.WARNING), complete=False),), (), Outcome.UNCHECKED),
        ((resource(finding()),), (), Outcome.FAILED),
        ((resource(finding(), complete=False),), (), Outcome.FAILED),
        ((resource(complete=False), resource(finding())), (), Outcome.FAILED),
        ((resource(),), (finding(),), Outcome.FAILED),
        ((resource(),), (finding(Severity.WARNING),), Outcome.PASSED),
    ],
)
def test_the_worst_part_decides(
    resources: tuple[ResourceReport, ...], findings: tuple[Finding, ...], outcome: Outcome
) -> None:
    report = Report("x", findings, resources)
    assert report.outcome is outcome
    assert report.to_descriptor()["valid"] is (outcome is not Outcome.FAILED)


def test_frictionless_reads_our_report_as_its_own() -> None:
    stopped = dataclasses.replace(resource(finding(), own(), more=4), limit=1, stopped=3)
    descriptor: Any = Report("x", (), (stopped,)).to_descriptor()
    theirs = Theirs.from_descriptor(json.loads(json.dumps(descriptor)))
    assert (theirs.valid, theirs.stats["tasks"], theirs.stats["errors"], theirs.stats["warnings"]) == (False, 1, 1, 1)
    assert theirs.tasks[0].errors[0].note == "n"
    assert theirs.tasks[0].warnings == ["reached error limit: 1"]
    assert (descriptor["civicat"]["errors"], descriptor["civicat"]["resources"][0]["errors"]) == (6, 6)


def test_of_a_faulty_descriptor_frictionless_reports_no_task() -> None:
    descriptor: Any = Report("x", (finding(),), (resource(finding()),)).to_descriptor()
    assert (descriptor["tasks"], descriptor["stats"]["errors"], descriptor["valid"]) == ([], 1, False)
    assert len(descriptor["civicat"]["resources"]) == 1


def test_the_errors_of_a_task_are_frictionless_own_and_nothing_else() -> None:
    descriptor: Any = Report("x", (), (resource(finding(), own()),)).to_descriptor()
    (task,) = descriptor["tasks"]
    assert task["errors"] == [SHAPE]
    assert "civicat" not in task
    (beside,) = descriptor["civicat"]["resources"]
    assert [(one["code"], one.get("error")) for one in beside["findings"]] == [("type-error", 0), ("range-error", None)]


def test_what_only_we_find_makes_a_report_fail_that_frictionless_calls_valid() -> None:
    descriptor: Any = Report("x", (), (resource(own()),)).to_descriptor()
    assert (descriptor["valid"], descriptor["civicat"]["outcome"]) == (True, "failed")


def test_what_people_read_stands_in_both_languages() -> None:
    ours: Any = finding().to_descriptor()
    assert ours["message"] == {"zh": "坏", "en": "bad"}
    assert ours["remedy"] == {"zh": "改", "en": "mend"}
    assert ours["place"] == {"resource": "a", "row": 3, "field": "count", "column": 1}


def test_a_report_names_no_folder_of_this_machine() -> None:
    assert "x/data" not in json.dumps(Report("x", (finding(),), (resource(finding()),)).to_descriptor())


def test_all_findings_begin_with_those_of_the_descriptor() -> None:
    first, second = finding(), finding(Severity.WARNING)
    report = Report("x", (first,), (resource(second),))
    assert report.all_findings() == (first, second)
    assert (report.rows, report.errors) == (10, 1)

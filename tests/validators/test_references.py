"""Foreign keys into another department's dataset, looked up in its latest release."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from handing_in import DEPARTMENT, field, package, resource

from civicat.errors import StoreError
from civicat.layout import Layout
from civicat.report import Outcome, Report
from civicat.validators import check, read_submission

HandIn = Callable[..., Path]


@pytest.fixture
def released(layout: Layout) -> Layout:
    """A store in which us-census/states is released, with the columns code (text) and number (whole)."""
    folder = layout.dataset("us-census/states") / "1.0.0"
    folder.mkdir(parents=True)
    fields = [field("code"), field("number", "integer")]
    descriptor: dict[str, Any] = package("states", [resource("states", "states.parquet", fields)])
    descriptor["civicat"]["release"] = {
        "department": {**DEPARTMENT, "code": "us-census"},
        "version": "1.0.0",
        "inputs": "x",
    }
    (folder / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    for name in ("report.json", "provenance.json"):
        (folder / name).write_text("{}", "utf-8")
    codes = pa.array(["01", "02", None]).dictionary_encode()
    pq.write_table(pa.table({"code": codes, "number": [1, 2, None]}), folder / "states.parquet")
    return layout


def run(hand_in: HandIn, layout: Layout, rows: str, fields: list[str], reference: dict[str, Any]) -> Report:
    keys = {"foreignKeys": [{"fields": fields, "reference": reference}]}
    columns = [field("state"), field("number", "integer")]
    folder = hand_in(package("counties", [resource("counties", "c.csv", columns, civicat=keys)]), {"c.csv": rows})
    with check(read_submission(folder).dataset, layout) as checked:
        assert bool(checked.tables) is (checked.report.outcome is Outcome.PASSED)
        return checked.report


STATES = {"dataset": "us-census/states", "resource": "states", "fields": ["code"]}
BOTH = {"dataset": "us-census/states", "resource": "states", "fields": ["code", "number"]}


def test_a_value_that_is_not_there_is_found(hand_in: HandIn, released: Layout) -> None:
    report = run(hand_in, released, "state,number\n01,1\n1,1\n,1\n", ["state"], STATES)
    (finding,) = report.all_findings()
    assert (finding.code, finding.place.row, finding.place.field, finding.found) == ("foreign-key", 3, "state", "1")
    assert finding.message.en == "“1” in state is not to be found in us-census/states/states code."
    assert not finding.descriptor  # frictionless knows nothing of other datasets


def test_keys_of_two_columns_are_compared_together(hand_in: HandIn, released: Layout) -> None:
    report = run(hand_in, released, "state,number\n01,1\n01,2\n01,\n", ["state", "number"], BOTH)
    assert [finding.place.row for finding in report.all_findings()] == [3]


def test_rows_with_other_errors_are_followed_too(hand_in: HandIn, released: Layout) -> None:
    report = run(hand_in, released, "state,number\n99,x\n", ["state"], STATES)
    assert report.resources[0].counts == {"type-error": 1, "foreign-key": 1}


def test_a_dataset_that_is_not_published_cannot_be_followed(hand_in: HandIn, layout: Layout) -> None:
    report = run(hand_in, layout, "state,number\n01,1\n", ["state"], STATES)
    (finding,) = report.all_findings()
    assert (finding.code, report.outcome) == ("reference-unavailable", Outcome.UNCHECKED)
    assert finding.remedy.en == "Publish it first: civicat publish us-census/states."


@pytest.mark.parametrize(
    ("fields", "reference", "code"),
    [
        (["state"], {**STATES, "fields": ["name"]}, "reference-unknown"),
        (["state"], {**STATES, "resource": "cities"}, "reference-unknown"),
        (["gone"], STATES, "reference-unknown"),
        (["state"], BOTH, "reference-unknown"),
        (["number"], STATES, "reference-type"),
    ],
)
def test_a_reference_that_can_never_hold_is_said_once(
    hand_in: HandIn, released: Layout, fields: list[str], reference: dict[str, Any], code: str
) -> None:
    report = run(hand_in, released, "state,number\n01,1\n02,2\n", fields, reference)
    assert [finding.code for finding in report.all_findings()] == [code]
    assert (report.outcome, report.errors) == (Outcome.FAILED, 1)


def test_a_release_that_is_damaged_says_so(hand_in: HandIn, released: Layout) -> None:
    (released.dataset("us-census/states") / "1.0.0" / "states.parquet").write_bytes(b"PAR1")
    with pytest.raises(StoreError, match="Run civicat verify"):
        run(hand_in, released, "state,number\n01,1\n", ["state"], STATES)

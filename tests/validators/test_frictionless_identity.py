"""The oracle: the errors that we list are frictionless' own, field by field, on its own fixtures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from frictionless import Resource
from frictionless.resources import TableResource

from civicat.dataset import read_dataset
from civicat.layout import Layout
from civicat.validators import check

FIXTURES = Path(__file__).resolve().parents[2] / "../shared/data/frictionless-fixtures/data"
pytestmark = pytest.mark.skipif(not FIXTURES.is_dir(), reason="frictionless' fixtures in ../shared/data are not here")

# What we find beyond frictionless: values that no typed column can hold exactly.
BEYOND = {"range-error", "offset-error", "scale-error", "text-error"}
LARGEST = 50_000  # bytes of a fixture that is compared: the wide ones take long and show no more


def _names() -> list[str]:
    found = (
        *FIXTURES.glob("*.csv"),
        *FIXTURES.glob("*.tsv"),
        *FIXTURES.glob("table*.xlsx"),
        *FIXTURES.glob("sheet*.xlsx"),
    )
    return sorted(path.name for path in found if 0 < path.stat().st_size < LARGEST)


def _ours(name: str, schema: dict[str, Any], limit: int) -> list[dict[str, Any]]:
    package = {"name": "x", "resources": [{"name": "x", "path": name, "schema": schema}]}
    dataset = read_dataset(package, name, "", FIXTURES)
    with check(dataset, Layout(FIXTURES / "store"), profile=False, limit_errors=limit) as checked:
        report: Any = checked.report.to_descriptor()
        (task,) = report["tasks"]
        listed = [error for error in task["errors"] if error["civicat"]["code"] not in BEYOND]
        return [{key: value for key, value in error.items() if key != "civicat"} for error in listed]


def _theirs(name: str, schema: dict[str, Any], limit: int) -> list[dict[str, Any]]:
    resource = Resource.from_descriptor({"name": "x", "path": name, "schema": schema}, basepath=str(FIXTURES))
    return [error.to_descriptor() for error in resource.validate(limit_errors=limit).tasks[0].errors]


def _inferred(name: str) -> dict[str, Any]:
    resource = TableResource.from_descriptor({"name": "x", "path": name}, basepath=str(FIXTURES))
    resource.infer()
    return dict(resource.schema.to_descriptor())


def test_there_are_enough_of_them() -> None:
    assert len(_names()) >= 30


@pytest.mark.parametrize("name", _names())
def test_the_errors_of_a_fixture_are_those_of_frictionless(name: str) -> None:
    schema = _inferred(name)
    assert _ours(name, schema, 1000) == _theirs(name, schema, 1000)


@pytest.mark.parametrize("name", ["table.csv", "invalid.csv", "countries.csv", "long.csv"])
def test_and_so_they_are_where_no_cell_is_of_its_type(name: str) -> None:
    names = [one["name"] for one in _inferred(name)["fields"]]
    rules = {"required": True}
    schema = {"fields": [{"name": one, "type": "date", "constraints": rules} for one in names], "primaryKey": names[:1]}
    for limit in (1000, 3):
        assert _ours(name, schema, limit) == _theirs(name, schema, limit)

"""With all errors counted and few listed, the counts are those of frictionless' own whole list, by type and field."""

from __future__ import annotations

import csv
import io
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sameness import compared, one_table, theirs

from civicat.dataset import read_dataset
from civicat.layout import Layout
from civicat.report import Report
from civicat.validators import check
from civicat.validators.engine.checks.checklist import Checklist

Counts = Counter[tuple[str, str]]

# Types of keys, each with cells of which some are equal only as floats, as instants, or by Python's hash.
_NUMBERS = (
    "0.1",
    "0.10",
    "0.10000000000000000001",
    "9007199254740993",
    "9007199254740992",
    "-0",
    "0",
    "1e2",
    "100",
    "",
)
_POOLS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "float": ({"type": "number"}, (*_NUMBERS, "x")),
    "decimal": ({"type": "number", "civicat": {"scale": 2}}, ("1.5", "1.50", "1.25", "0", "-0.00", "", "x")),
    "date": ({"type": "date"}, ("2024-01-05", "2024-01-06", "2024-13-01", "", "2024-02-29")),
    "instant": (
        {"type": "datetime"},
        ("2024-05-01T08:00:00", "2024-05-01T08:00:00Z", "2024-05-01T16:00:00+08:00", "2024-05-01T00:00:00Z", ""),
    ),
    "any": ({"type": "any"}, ("-1", "-2", "a", "A", "")),
    "place": ({"type": "geopoint"}, ("1,2", "1.0,2", "1.0,2.0", "2,1", "", "x")),
    "text": ({"type": "string"}, ("a", "b", "A", "编号", "x y", "")),
    "whole": ({"type": "integer"}, ("1", "2", "01", "9223372036854775808", "x", "")),
}

_BEYOND = frozenset({"range-error", "offset-error", "scale-error"})  # errors that frictionless has no word for


def _table(seed: int) -> tuple[str, dict[str, Any]]:
    """A small table with unique fields, a primary key and a foreign key into itself."""
    chance = random.Random(seed)  # noqa: S311 (nothing secret)
    kinds = chance.sample(sorted(_POOLS), chance.randint(1, 3))
    fields = [{"name": kind, **_POOLS[kind][0], "constraints": {"unique": chance.random() < 0.5}} for kind in kinds]
    schema: dict[str, Any] = {"fields": fields}
    if chance.random() < 0.7:
        schema["primaryKey"] = chance.sample(kinds, chance.randint(1, len(kinds)))
    if chance.random() < 0.5:
        own, other = chance.choice(kinds), chance.choice(kinds)
        schema["foreignKeys"] = [{"fields": [own], "reference": {"resource": "", "fields": [other]}}]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(kinds)
    for _ in range(chance.choice((3, 12, 40))):
        row = [chance.choice(_POOLS[kind][1]) for kind in kinds]
        writer.writerow([*row, "more"] if chance.random() < 0.03 else row[: chance.choice((3, 3, 3, 3, 3, 1))])
    return text.getvalue(), schema


def _counted(folder: Path, package: dict[str, Any], checklist: Checklist | None = None) -> Report:
    dataset = read_dataset(json.loads(json.dumps(package)), "datapackage.json", "", folder)
    layout, asked = Layout(folder / "store"), checklist or Checklist()
    with check(dataset, layout, profile=False, limit_errors=2, count_all=True, checklist=asked) as checked:
        return checked.report


def _tallied(report: Report) -> Counts:
    counts: Counts = Counter()
    for one in report.resources[0].tallies:
        if one.code not in _BEYOND:
            counts[one.code, one.field] += one.count
    return counts


def _listed(folder: Path, package: dict[str, Any]) -> Counts:
    errors = theirs(folder, package, 0).report["tasks"][0]["errors"]
    return Counter((one["type"], _field(one)) for one in errors)


def _field(error: dict[str, Any]) -> str:
    return ", ".join(error["fieldNames"]) if "fieldNames" in error else str(error.get("fieldName", ""))


@pytest.mark.filterwarnings("ignore")  # dateutil's, on time zones that it guesses at
@pytest.mark.parametrize("first", [0, 100, 200])
def test_the_counts_are_those_of_frictionless_own_list(tmp_path: Path, first: int) -> None:
    kinds: Counts = Counter()
    for seed in range(first, first + 100):
        content, schema = _table(seed)
        (tmp_path / "t.csv").write_text(content, "utf-8")
        package = one_table("t.csv", schema, encoding="utf-8", dialect={"delimiter": ","})
        listed = _listed(tmp_path, package)
        assert _tallied(_counted(tmp_path, package)) == listed, (seed, content, schema)
        kinds += listed
    assert {"unique-error", "primary-key", "foreign-key"} <= {code for code, _ in kinds}


@pytest.mark.parametrize(
    ("kind", "cells", "repeats"),
    [
        ("number", ["0.1", "0.10000000000000000001", "0.10"], 1),
        ("datetime", ["2024-05-01T08:00:00", "2024-05-01T08:00:00Z", "2024-05-01T16:00:00+08:00"], 1),
        ("number", ["1", "2", "3"], 0),
    ],
)
def test_values_that_only_look_equal_are_not_counted(tmp_path: Path, kind: str, cells: list[str], repeats: int) -> None:
    (tmp_path / "t.csv").write_text("\n".join(["a", *cells, ""]), "utf-8")
    package = one_table("t.csv", {"fields": [{"name": "a", "type": kind, "constraints": {"unique": True}}]})
    report = _counted(tmp_path, package)
    assert report.resources[0].counts.get("unique-error", 0) == repeats
    found = [one for one in report.resources[0].findings if one.code == "unique-error"]
    assert len(found) == repeats
    for one in found:
        assert one.message.en
        assert one.message.zh


@pytest.mark.parametrize("content", ["f,f\nNA,\nNA,NA\n,NA\n,\n", "f,x\nNA,\nNA,NA\n"])
def test_a_column_that_only_the_header_names_has_no_missing_values_of_the_schemas(tmp_path: Path, content: str) -> None:
    (tmp_path / "t.csv").write_text(content, "utf-8")
    package = one_table("t.csv", {"fields": [{"name": "f"}], "missingValues": ["NA"]}, dialect={"delimiter": ","})
    for limit in (0, 1000):
        assert not compared(tmp_path, package, limit)[1]
    listed = _listed(tmp_path, package)
    assert listed["blank-row", ""] == 1
    report = _counted(tmp_path, package)
    assert _tallied(report)["blank-row", ""] == 1


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("kind", ["duplicate-row", "baseline", "ascii-value"])
def test_a_check_that_is_listed_again_is_counted_again(tmp_path: Path, kind: str, times: int) -> None:
    import frictionless  # noqa: PLC0415 (half a second)

    (tmp_path / "t.csv").write_text("a,b\n1,é\n1,é\nx,y\n1,é\n", "utf-8")
    schema = {"fields": [{"name": "a", "type": "integer"}, {"name": "b", "type": "string"}], "primaryKey": ["a"]}
    package = one_table("t.csv", schema, encoding="utf-8", dialect={"delimiter": ","})
    listed = Checklist(tuple({"type": kind} for _ in range(times)))
    resource = frictionless.Resource.from_descriptor(package["resources"][0], basepath=str(tmp_path))
    made = frictionless.Checklist.from_descriptor(listed.to_descriptor())
    errors = resource.validate(made, limit_errors=0).tasks[0].errors
    assert _counted(tmp_path, package, listed).resources[0].counts == Counter(one.type for one in errors)

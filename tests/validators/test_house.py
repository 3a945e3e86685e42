"""The house profile: each rule finds its gap, and only that."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from handing_in import field, package, resource

from civicat.finding import Finding
from civicat.layout import Layout
from civicat.report import Outcome
from civicat.validators import check, read_submission

HandIn = Callable[..., Path]
WHOLE = package("counts", [resource("counts", "c.csv", [field("code"), field("count", "integer")])])


def without(*path: str | int, value: object = None) -> dict[str, Any]:
    """The whole descriptor with one value taken out, or replaced."""
    changed: dict[str, Any] = copy.deepcopy(WHOLE)
    at: Any = changed
    for step in path[:-1]:
        at = at[step]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return changed


def findings(folder: Path, layout: Layout) -> tuple[Finding, ...]:
    submission = read_submission(folder)
    with check(submission.dataset, layout, department=submission.department) as checked:
        assert (checked.report.outcome is Outcome.PASSED) is not bool(checked.report.findings)
        return checked.report.findings


def test_a_whole_descriptor_has_no_gap(hand_in: HandIn, layout: Layout) -> None:
    assert findings(hand_in(WHOLE, {"c.csv": "code,count\na,1\n"}), layout) == ()


@pytest.mark.parametrize(
    ("descriptor", "code", "key"),
    [
        (without("title"), "title-missing", "title"),
        (without("civicat", "zh", "title"), "title-missing", "title"),
        (without("resources", 0, "title"), "title-missing", "resources[0].title"),
        (
            without("resources", 0, "schema", "fields", 1, "civicat", "zh", "title"),
            *("title-missing", "resources[0].schema.fields[1].title"),
        ),
        (without("description", value=" "), "description-missing", "description"),
        (
            without("resources", 0, "schema", "fields", 0, "description"),
            *("description-missing", "resources[0].schema.fields[0].description"),
        ),
        (
            without("resources", 0, "schema", "fields", 1, "civicat", "unit"),
            *("unit-missing", "resources[0].schema.fields[1]"),
        ),
        (
            without("resources", 0, "schema", "fields", 0, "example"),
            *("example-missing", "resources[0].schema.fields[0]"),
        ),
        (without("licenses"), "licence-missing", "licenses"),
        (without("licenses", 0, "path"), "licence-missing", "licenses"),
        (without("sources"), "source-missing", "sources"),
        (without("contributors", 0, "roles"), "steward-missing", "contributors"),
        (without("contributors", 0, "path"), "steward-missing", "contributors"),
        (without("civicat", "themes"), "theme-missing", "civicat.themes"),
        (without("civicat", "frequency"), "frequency-missing", "civicat.frequency"),
        (without("civicat", "caveats"), "caveat-missing", "civicat.caveats"),
        (without("civicat", "caveats", 0, "zh"), "caveat-untranslated", "civicat.caveats[0]"),
        (without("civicat", "frequency", value="TODO: how often"), "todo-left", "civicat.frequency"),
        (without("title", value="请补TODO"), "todo-left", "title"),
    ],
)
def test_a_gap_is_found_where_it_is(
    hand_in: HandIn, layout: Layout, descriptor: dict[str, Any], code: str, key: str
) -> None:
    (finding,) = findings(hand_in(descriptor, {"c.csv": "code,count\na,1\n"}), layout)
    assert (finding.code, finding.place.key) == (code, key)
    assert finding.place.file.endswith("counts/datapackage.yaml")
    assert not finding.descriptor  # frictionless has no such error
    assert finding.message.missing() == finding.remedy.missing() == ()


def test_a_word_that_only_holds_todo_is_none(hand_in: HandIn, layout: Layout) -> None:
    folder = hand_in(without("title", value="TODOS los condados"), {"c.csv": "code,count\na,1\n"})
    assert findings(folder, layout) == ()


def test_a_whole_number_that_is_a_key_or_a_category_has_no_unit(hand_in: HandIn, layout: Layout) -> None:
    fields = [
        field("id", "integer"),
        field("kind", "integer", categories=[{"value": 1, "label": "one"}]),
        field("count", "integer"),
    ]
    for one in fields:
        del one["civicat"]["unit"]
    folder = hand_in(
        package("c", [resource("c", "c.csv", fields, schema={"primaryKey": ["id"]})]),
        {"c.csv": "id,kind,count\n1,1,1\n"},
    )
    assert [finding.message.en for finding in findings(folder, layout)] == ["Column count is a number without a unit."]


def test_no_file_and_no_columns(hand_in: HandIn, layout: Layout) -> None:
    assert [one.code for one in findings(hand_in(package("a", []), {}), layout)] == ["resource-missing"]
    folder = hand_in(package("b", [resource("b", "b.csv", [])]), {"b.csv": "a\n1\n"})
    assert [one.code for one in findings(folder, layout)] == ["schema-missing"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"zh": "\\u4ea4\\u901a\\u5c40"', '"zh": ""', "title-missing"),
        ('"en": "Roads and vehicles."', '"en": ""', "description-missing"),
        ('"url": "https://example.org/desk"', '"phone": ""', "contact-missing"),
        ("Transport", "TODO", "todo-left"),
    ],
)
def test_the_department_is_held_to_it_too(hand_in: HandIn, layout: Layout, old: str, new: str, code: str) -> None:
    folder = hand_in(WHOLE, {"c.csv": "code,count\na,1\n"})
    path = folder.parent / "department.yaml"
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    assert [(one.code, one.place.file) for one in findings(folder, layout)] == [(code, str(path))]

"""A schema that contradicts itself is its author's fault: told once, by name, and no cell is blamed for it."""

from __future__ import annotations

import json
import os
import random
import re
import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fuzzing_cells import TYPES, field_near, missing_near, reader_of, text_near
from handing_in import Json, field
from sameness import compared, one_table, ours, theirs

from civicat.dataset import read_dataset
from civicat.errors import DescriptorError
from civicat.finding import Finding
from civicat.layout import Layout
from civicat.report import Outcome, Report
from civicat.validators import check, open_path
from civicat.validators.contradictions import contradictions
from civicat.validators.engine.plain import is_plain

_SECONDS = float(os.environ.get("CIVICAT_FUZZ_SECONDS", "4"))
_VERSION_2 = "https://datapackage.org/profiles/2.0/"


def _schema_file(folder: Path, schema: dict[str, Any], name: str = "rules.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(schema), "utf-8")
    return path


def _checked(folder: Path, schema: dict[str, Any], content: str = "a,b\n1,x\n2,y\n") -> Report:
    """The report on a file against a schema in a file of its own, as `validate --schema` makes it."""
    (folder / "data.csv").write_text(content, "utf-8")
    second = {"$schema": f"{_VERSION_2}tableschema.json", **schema}
    dataset, department, profile = open_path(folder / "data.csv", _schema_file(folder, second))
    with check(dataset, Layout(folder / "store"), department=department, profile=profile) as checked:
        return checked.report


def _column(kind: str, constraints: Json = None, **more: Json) -> dict[str, Any]:
    rules = {"constraints": constraints} if constraints is not None else {}
    return {"fields": [{"name": "a", "type": kind, **rules, **more}, {"name": "b"}]}


def _only(report: Report) -> Finding:
    (found,) = report.all_findings()
    return found


# ---- what is certain, and what only looks like it --------------------------------------------------------------------

_DAY, _NEXT, _AFTER = "2024-01-05", "2024-01-06", "2024-01-07"
_REFUSED: list[tuple[str, str, dict[str, Json], dict[str, Json]]] = [
    ("", "integer", {"minimum": 2, "maximum": 1}, {}),
    ("", "integer", {"minimum": 1, "exclusiveMaximum": 1}, {}),
    ("", "integer", {"exclusiveMinimum": 1, "maximum": 1}, {}),
    ("", "integer", {"exclusiveMinimum": 1, "exclusiveMaximum": 2}, {}),
    ("", "integer", {"minimum": "2", "maximum": 1}, {}),
    ("", "number", {"exclusiveMinimum": 1, "exclusiveMaximum": 1}, {}),
    ("", "number", {"minimum": 0.2, "maximum": 0.1}, {}),
    ("", "number", {"minimum": "1,6", "maximum": "1,5"}, {"decimalChar": ",", "groupChar": ""}),
    ("", "date", {"minimum": _NEXT, "maximum": _DAY}, {}),
    ("", "date", {"exclusiveMinimum": _DAY, "exclusiveMaximum": _NEXT}, {}),
    ("", "date", {"minimum": "01/02/2024", "maximum": "02/01/2024"}, {"format": "%d/%m/%Y"}),
    ("", "datetime", {"minimum": f"{_DAY}T00:00:01", "maximum": f"{_DAY}T00:00:00"}, {}),
    ("", "datetime", {"minimum": f"{_DAY}T00:00:00Z", "maximum": f"{_DAY}T00:00:00+08:00"}, {}),
    ("", "time", {"minimum": "10:00:00", "exclusiveMaximum": "10:00:00"}, {}),
    ("", "year", {"exclusiveMinimum": 2023, "exclusiveMaximum": 2024}, {}),
    ("", "yearmonth", {"minimum": "2024-02", "maximum": "2024-01"}, {}),
    ("", "string", {"minLength": 6, "maxLength": 5}, {}),
    ("", "array", {"minLength": 1, "maxLength": 0}, {}),
    ("", "string", {"pattern": "[0-9]{18}", "maxLength": 17}, {}),
    ("", "string", {"enum": ["ab", "cd"], "minLength": 3}, {}),
    ("", "string", {"enum": ["ab", "cd"], "maxLength": 1}, {}),
    ("", "string", {"enum": ["ab", "cd"], "pattern": "[0-9]+"}, {}),
    ("", "string", {"enum": ["a", "12345"], "minLength": 2, "maxLength": 4}, {}),
    ("", "integer", {"enum": [1, "2"], "minimum": 3}, {}),
    ("", "integer", {"enum": [1, 9], "minimum": 2, "maximum": 8}, {}),
    ("negative", "string", {"maxLength": -1}, {}),
    ("limit", "integer", {"minimum": 1.5}, {}),
    ("limit", "integer", {"maximum": "zz"}, {}),
    ("limit", "number", {"minimum": "NaN"}, {}),
    ("limit", "date", {"minimum": "2024-02-30"}, {}),
    ("limit", "date", {"exclusiveMaximum": "2024-01-05"}, {"format": "%d/%m/%Y"}),
    ("limit", "year", {"maximum": 10_000}, {}),
    ("enum", "string", {"enum": []}, {}),
    ("enum-type", "integer", {"enum": ["x", 1.5]}, {}),
    ("enum-type", "date", {"enum": ["05.01.2024"]}, {}),
    ("enum-empty", "string", {"enum": [""], "required": True}, {}),
    ("directive", "date", {}, {"format": "%Y-%Q"}),
    ("directive", "date", {}, {"format": "%Y-%m-%"}),
    ("directive", "date", {}, {"format": "%Y %Y"}),
    ("words", "boolean", {}, {"trueValues": ["yes", "1"], "falseValues": ["no", "1"]}),
    ("pattern", "string", {"pattern": "(unclosed"}, {}),
    ("pattern", "string", {"pattern": "(?i)abc"}, {}),
    ("pattern", "string", {"pattern": "(unclosed", "enum": ["ab"]}, {}),
    ("marks", "number", {}, {"decimalChar": ",", "groupChar": ","}),
    ("digit", "number", {}, {"decimalChar": "5"}),
    ("digit", "number", {}, {"groupChar": "0"}),
]
_TAKEN: list[tuple[str, dict[str, Json], dict[str, Json]]] = [
    ("integer", {"minimum": 1, "maximum": 1}, {}),
    ("integer", {"exclusiveMinimum": 1, "exclusiveMaximum": 3}, {}),
    ("integer", {"exclusiveMinimum": 1, "maximum": 2}, {}),
    ("integer", {"minimum": 10**20, "maximum": 10**20}, {}),
    ("number", {"exclusiveMinimum": 1, "exclusiveMaximum": 2}, {}),
    ("number", {"minimum": "0.1", "maximum": 0.1}, {}),
    ("number", {"minimum": "INF"}, {}),
    ("date", {"minimum": _DAY, "maximum": _DAY}, {}),
    ("date", {"exclusiveMinimum": _DAY, "exclusiveMaximum": _AFTER}, {}),
    ("datetime", {"exclusiveMinimum": f"{_DAY}T00:00:00", "exclusiveMaximum": f"{_DAY}T00:00:01"}, {}),
    ("datetime", {"minimum": f"{_DAY}T00:00:00Z", "maximum": f"{_DAY}T00:00:00"}, {}),
    ("year", {"exclusiveMinimum": 2023, "exclusiveMaximum": 2025}, {}),
    ("year", {"maximum": 9999}, {}),
    ("string", {"minLength": 5, "maxLength": 5}, {}),
    ("string", {"maxLength": 0}, {}),
    ("string", {"pattern": "[0-9]{18}", "maxLength": 18}, {}),
    ("string", {"pattern": "[0-9]{18}|x", "maxLength": 1}, {}),
    ("string", {"pattern": "(?=[0-9]{18}).*", "maxLength": 1}, {}),
    ("string", {"enum": ["ab", "cde"], "minLength": 3}, {}),
    ("string", {"enum": ["ab", "1"], "pattern": "[0-9]+"}, {}),
    ("string", {"enum": ["a", "123"], "minLength": 2, "maxLength": 4}, {}),
    ("string", {"enum": [""]}, {}),
    ("string", {"enum": ["", "x"], "required": True}, {}),
    ("integer", {"enum": ["x", "1"]}, {}),
    ("integer", {"enum": [0], "required": True}, {"missingValues": ["0"]}),  # 00 is 0 and not missing
    ("date", {}, {"format": "%Y"}),
    ("date", {}, {"format": "YYYY-MM-DD"}),  # as it stands, this text is a date to frictionless
    ("datetime", {}, {"format": "%%Y"}),
    ("date", {}, {"format": "any"}),
    ("date", {}, {"format": "%d.%m.%y%%"}),
    ("boolean", {"unique": True}, {"trueValues": ["0"], "falseValues": ["1"]}),
    ("boolean", {}, {"trueValues": ["0"]}),  # where one list is not written, its author says nothing of it
    ("boolean", {}, {"falseValues": ["1"]}),
    ("string", {"pattern": "(closed)"}, {}),
    ("number", {}, {"decimalChar": ",", "groupChar": "."}),
    ("number", {}, {"groupChar": "."}),  # 1.234.567 can be read
]


@pytest.mark.parametrize(("rule", "kind", "constraints", "more"), _REFUSED)
def test_what_no_value_can_obey_is_told_once_and_no_cell_is_blamed(
    rule: str, kind: str, constraints: dict[str, Json], more: dict[str, Json], tmp_path: Path
) -> None:
    report = _checked(tmp_path, _column(kind, constraints, **more))
    found = _only(report)
    assert (found.code, found.rule) == ("schema-contradiction", rule)
    assert (found.place.file, found.place.resource) == (str(tmp_path / "rules.json"), "data")
    assert (found.place.field, found.place.column, found.place.row) == ("a", 1, None)
    assert found.place.key.startswith("fields[0].")
    assert report.outcome is Outcome.FAILED
    assert report.rows == 0  # none was read
    for text in (found.message, found.remedy):
        assert "rules.json" in text.zh
        assert "rules.json" in text.en
        assert not re.search(r"\{[a-z]+\}", text.zh + text.en)


@pytest.mark.parametrize(("kind", "constraints", "more"), _TAKEN)
def test_what_some_value_can_obey_is_never_refused(
    kind: str, constraints: dict[str, Json], more: dict[str, Json], tmp_path: Path
) -> None:
    codes = {one.code for one in _checked(tmp_path, _column(kind, constraints, **more)).all_findings()}
    assert "schema-contradiction" not in codes
    assert "field-error" not in codes  # else frictionless did not take it, and nothing was looked at


@pytest.mark.parametrize(("kind", "of"), [("integer", "minimum"), ("date", "exclusiveMaximum")])
def test_a_limit_that_is_null_is_none(kind: str, of: str, tmp_path: Path) -> None:
    assert all(
        one.code != "schema-contradiction" for one in _checked(tmp_path, _column(kind, {of: None})).all_findings()
    )


@pytest.mark.parametrize(("file", "refused"), [("data.csv", True), ("data.xlsx", False)])
def test_a_workbook_has_dates_of_its_own_whatever_the_format(file: str, refused: bool) -> None:  # noqa: FBT001 (a table's column)
    schema = _column("date", format="%Q")
    one = read_dataset(one_table(file, schema), "datapackage.json", "", Path()).resources[0]
    found = list(contradictions(one, [one], lambda _number: lambda value: value, typed=not file.endswith("csv")))
    assert bool(found) is refused


def _rules(report: Report) -> list[tuple[str, str]]:
    return [(one.rule, one.place.key) for one in report.all_findings()]


def test_every_fault_of_a_column_is_told(tmp_path: Path) -> None:
    wrong = {"minimum": "x", "maximum": 1.5, "enum": ["x"]}
    report = _checked(tmp_path, _column("integer", wrong))
    at = "fields[0].constraints."
    assert _rules(report) == [("limit", f"{at}minimum"), ("limit", f"{at}maximum"), ("enum-type", f"{at}enum")]
    report = _checked(tmp_path, _column("string", {"minLength": 4, "maxLength": 2, "pattern": "(unclosed"}))
    assert _rules(report) == [("", f"{at}maxLength"), ("pattern", f"{at}pattern")]


def test_what_would_trip_over_a_fault_that_is_told_is_not(tmp_path: Path) -> None:
    wrong = {"minimum": 3, "maximum": 1, "enum": [2]}  # a 2 breaks both
    schema = {"fields": [{"name": one, "type": "integer", "constraints": wrong} for one in "ab"]}
    keys = [one.place.key for one in _checked(tmp_path, schema).all_findings()]
    assert keys == ["fields[0].constraints.maximum", "fields[1].constraints.maximum"]


def test_a_column_without_any_value_is_judged_by_its_schema_all_the_same(tmp_path: Path) -> None:
    report = _checked(tmp_path, _column("string", {"pattern": "(unclosed"}), content="a,b\n,x\n")
    assert (_only(report).rule, report.outcome) == ("pattern", Outcome.FAILED)


@pytest.mark.parametrize(
    ("pattern", "zh", "en"),
    [
        ("(", "pattern（(）不是有效的正则表达式：", "the pattern (() in rules.json is no regular expression: "),
        ("(?i)abc", "其中不能写 (?i) 这样的标志", "it cannot hold flags such as (?i); for either case write [Aa]."),
    ],
)
def test_why_a_pattern_is_none_is_said_also_where_no_type_is_written(
    pattern: str, zh: str, en: str, tmp_path: Path
) -> None:
    schema = {"fields": [{"name": "a", "constraints": {"pattern": pattern}}, {"name": "b"}]}
    found = _only(_checked(tmp_path, schema))
    assert (found.rule, found.severity, found.place.file) == ("pattern", "error", str(tmp_path / "rules.json"))
    assert zh in found.message.zh
    assert en in found.message.en


# ---- the words -------------------------------------------------------------------------------------------------------


def test_the_two_rules_are_named_with_what_they_say(tmp_path: Path) -> None:
    found = _only(_checked(tmp_path, _column("integer", {"minimum": 3, "maximum": 1})))
    assert found.message.en == (
        "Column a of data: rules.json sets minimum (3) and maximum (1), and no value can obey both."
    )
    assert found.message.zh == (
        "“data”的“a”一列：rules.json 规定的 minimum（3）与 maximum（1）互相矛盾，没有一个值能同时符合。"
    )
    assert found.remedy.en == (
        "The data is not at fault, and was not checked. Correct minimum or maximum of this column in rules.json."
    )
    assert found.remedy.zh == "与数据无关，数据尚未检查。请改正 rules.json 里这一列的 minimum 或 maximum。"


def test_an_enum_is_told_with_its_first_values_and_every_rule_that_it_takes_to_leave_none(tmp_path: Path) -> None:
    enum = ["a", "b", "c", "d", "12345", "f"]
    found = _only(_checked(tmp_path, _column("string", {"enum": enum, "minLength": 2, "maxLength": 4})))
    assert "enum (a, b, c, d, 12345 and 1 more) and minLength, maxLength (2, 4)" in found.message.en
    assert "enum（a、b、c、d、12345 等 6 个）与 minLength, maxLength（2、4）" in found.message.zh


@pytest.mark.parametrize(
    ("constraints", "zh", "en"),
    [
        (
            {"minimum": 1.5},
            "minimum（1.5）本身不是这一列的类型（integer）",
            "minimum (1.5), which is itself no value of",
        ),
        ({"enum": []}, "enum 是空的", "the enum in rules.json is empty"),
        (
            {"enum": ["x"]},
            "enum（x）没有一个值合这一列的类型（integer）",
            "none of the enum (x) in rules.json is a value",
        ),
    ],
)
def test_one_rule_alone_may_be_what_cannot_hold(constraints: dict[str, Json], zh: str, en: str, tmp_path: Path) -> None:
    found = _only(_checked(tmp_path, _column("integer", constraints)))
    assert zh in found.message.zh
    assert en in found.message.en


# ---- the report ------------------------------------------------------------------------------------------------------


def test_the_json_report_is_not_valid_and_tells_of_the_schema_alone(tmp_path: Path) -> None:
    report: Json = _checked(tmp_path, _column("integer", {"minimum": 3, "maximum": 1})).to_descriptor()
    levels: list[Json] = [report, *report["tasks"]]
    (error,) = [error for level in levels for error in level["errors"]]
    assert (report["valid"], report["stats"]["errors"]) == (False, 1)
    assert (error["type"], error["title"]) == ("field-error", "Field Error")
    assert "minimum (3) and maximum (1)" in error["note"]


def test_of_a_package_no_table_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,x\n", "utf-8")
    answer = ours(tmp_path, one_table("a.csv", _column("integer", {"minimum": 3, "maximum": 1})))
    assert (answer.report["valid"], answer.report["tasks"], answer.outcome) == (False, [], "failed")
    assert [error["type"] for error in answer.report["errors"]] == ["field-error"]


def test_a_whole_dataset_names_its_descriptor_and_the_line(tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text("n\n1\n", "utf-8")
    (tmp_path / "datapackage.yaml").write_text(
        "resources:\n  - name: counts\n    path: counts.csv\n    schema:\n      fields:\n        - name: n\n"
        "          type: integer\n          constraints:\n            minimum: 5\n            maximum: 4\n",
        "utf-8",
    )
    dataset, _, profile = open_path(tmp_path)
    with check(dataset, Layout(tmp_path / "store"), profile=profile) as checked:
        found = _only(checked.report)
    assert found.place.file == str(tmp_path / "datapackage.yaml")
    assert (found.place.line, found.place.key) == (10, "resources[0].schema.fields[0].constraints.maximum")


def test_a_schema_that_a_package_names_is_where_the_fault_is(tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text("a,b\n1,x\n", "utf-8")
    _schema_file(tmp_path, _column("integer", {"minimum": 5, "maximum": 4}), "columns.json")
    table = {"name": "counts", "path": "counts.csv", "schema": "columns.json"}
    (tmp_path / "datapackage.json").write_text(json.dumps({"resources": [table]}), "utf-8")
    dataset, _, profile = open_path(tmp_path)
    with check(dataset, Layout(tmp_path / "store"), profile=profile) as checked:
        found = _only(checked.report)
    assert found.place.file == str(tmp_path / "columns.json")
    assert found.place.key == "fields[0].constraints.maximum"
    assert "columns.json sets minimum (5)" in found.message.en


def test_a_house_dataset_is_refused_as_any_other(check_csv: Any) -> None:  # noqa: ANN401 (a fixture)
    report = check_csv("n\n1\n", field("n", "integer", constraints={"minimum": 2, "maximum": 1}))
    assert (_only(report).code, report.outcome) == ("schema-contradiction", Outcome.FAILED)


def test_a_cell_error_names_the_schema_file_and_not_a_descriptor_beside_it(tmp_path: Path) -> None:
    (tmp_path / "datapackage.yaml").write_text("resources: []\n", "utf-8")
    report = _checked(tmp_path, _column("integer", {"minimum": 2}))
    assert _only(report).message.en == "“1” is less than 2, the minimum that rules.json sets."


def test_a_plain_descriptor_does_without_frictionless() -> None:
    schema = _column("integer", {"minimum": 2, "maximum": 1})
    schema["fields"][1]["type"] = "string"
    package = {"$schema": f"{_VERSION_2}datapackage.json", **one_table("a.csv", schema)}
    assert is_plain(package)  # so that it is our own readers that read its limits


# ---- what frictionless refuses ---------------------------------------------------------------------------------------

_TWO = [{"name": "age"}, {"name": "place"}]


@pytest.mark.parametrize(
    ("code", "rule", "schema", "key", "zh", "en"),
    [
        (
            "field-error",
            "type",
            {"fields": [{"name": "a"}, {"name": "b", "type": "integr"}]},
            "fields[1].type",
            "“data”的“b”一列：没有“integr”这种类型，而 rules.json 是这样写的。您是指“integer”吗？",
            "Column b of data: rules.json gives it the type “integr”, which there is not. Did you mean “integer”?",
        ),
        (
            "field-error",
            "rule",
            {"fields": [{"name": "a", "type": "integer", "constraints": {"minLength": 1}}]},
            "fields[0].constraints.minLength",
            "“data”的“a”一列：rules.json 规定了 minLength，而 integer 类型不能用这条规则。",
            "Column a of data: rules.json sets minLength, a rule that a column of type integer cannot have.",
        ),
        (
            "field-error",
            "example",
            {"fields": [{"name": "a", "type": "integer", "example": "x"}]},
            "fields[0].example",
            "“data”的“a”一列：rules.json 里的示例“x”不是这一列的类型（integer）。",
            "Column a of data: the example “x” in rules.json is no value of its type (integer).",
        ),
        (
            "field-error",
            "value",
            {"fields": [{"name": "a", "constraints": {"required": "yes"}}]},
            "fields[0].constraints.required",
            "“data”的“a”一列：rules.json 里的 constraints.required 应为 boolean 类型，实为“yes”。",
            "Column a of data: constraints.required in rules.json must be of type boolean, and it is “yes”.",
        ),
        (
            "schema-error",
            "names",
            {"fields": [{"name": "age"}, {"name": "b"}, {"name": "age"}]},
            "fields[2].name",
            "rules.json 里“data”的第 3 列与第 1 列同名，都叫“age”。",
            "Column 3 of data in rules.json has the name of column 1: both are “age”.",
        ),
        (
            "schema-error",
            "column",
            {"fields": _TWO, "primaryKey": ["agee"]},
            "primaryKey",
            "rules.json 的 primaryKey 写了“agee”，而“data”没有这一列。您是指“age”吗？",
            "primaryKey in rules.json names “agee”, and data has no such column. Did you mean “age”?",
        ),
        (
            "schema-error",
            "column",
            {"fields": _TWO, "foreignKeys": [{"fields": ["x"], "reference": {"resource": "", "fields": ["age"]}}]},
            "foreignKeys[0].fields",
            "rules.json 的 foreignKeys 写了“x”，而“data”没有这一列。可用：age、place。",
            "foreignKeys in rules.json names “x”, and data has no such column. There is: age, place.",
        ),
        (
            "schema-contradiction",
            "column",
            {"fields": _TWO, "uniqueKeys": [["age"], ["place", "agee"]]},
            "uniqueKeys[1]",
            "rules.json 的 uniqueKeys 写了“agee”，而“data”没有这一列。您是指“age”吗？",
            "uniqueKeys in rules.json names “agee”, and data has no such column. Did you mean “age”?",
        ),
        (
            "schema-contradiction",
            "reference",
            {"fields": _TWO, "foreignKeys": [{"fields": ["age"], "reference": {"resource": "", "fields": ["plac"]}}]},
            "foreignKeys[0].reference.fields",
            "rules.json 里“data”的 foreignKeys 引用了“data”的“plac”，而“data”没有这一列。您是指“place”吗？",
            (
                "foreignKeys of data in rules.json refers to “plac” of data, which has no such column. "
                "Did you mean “place”?"
            ),
        ),
    ],
)
def test_a_fault_names_the_schema_file_and_the_place_in_it(  # noqa: PLR0913, PLR0917 (a table's columns)
    code: str, rule: str, schema: dict[str, Any], key: str, zh: str, en: str, tmp_path: Path
) -> None:
    found = _only(_checked(tmp_path, schema))
    assert (found.code, found.rule) == (code, rule)
    assert (found.place.file, found.place.key) == (str(tmp_path / "rules.json"), key)
    assert (found.message.zh, found.message.en) == (zh, en)
    assert "rules.json" in found.remedy.zh
    assert "rules.json" in found.remedy.en


def test_two_columns_with_one_fault_are_told_at_their_places(tmp_path: Path) -> None:
    report = _checked(
        tmp_path, {"fields": [{"name": one, "constraints": {"minimum": 1}, "type": "any"} for one in "ab"]}
    )
    keys = [one.place.key for one in report.all_findings()]
    assert keys == ["fields[0].constraints.minimum", "fields[1].constraints.minimum"]


def test_a_column_without_a_name_is_looked_for_in_the_schema_file(tmp_path: Path) -> None:
    with pytest.raises(DescriptorError, match=r"rules\.json, fields\[1\]: “name” is missing"):
        _checked(tmp_path, {"fields": [{"name": "a"}, {"type": "integer"}]})


@pytest.mark.parametrize(("mode", "refused"), [("exact", True), ("equal", True), ("subset", False), ("partial", False)])
def test_where_the_file_may_have_more_columns_a_key_may_name_one(mode: str, refused: bool, tmp_path: Path) -> None:  # noqa: FBT001 (a table's column)
    report = _checked(tmp_path, {"fields": [{"name": "a"}], "uniqueKeys": [["b"]], "fieldsMatch": mode})
    codes = {one.code for one in report.all_findings()}
    assert ("schema-contradiction" in codes) is refused
    assert "schema-error" not in codes


def test_what_a_subset_may_lack_is_not_what_a_key_may_name(tmp_path: Path) -> None:
    key = {"fields": ["a"], "reference": {"resource": "others", "fields": ["zz"]}}
    tables = [
        {"name": "data", "path": "d.csv", "schema": {"fields": [{"name": "a"}], "foreignKeys": [key]}},
        {"name": "others", "path": "o.csv", "schema": {"fields": [{"name": "z"}]}},
    ]
    dataset = read_dataset({"name": "x", "resources": tables}, "datapackage.json", "", tmp_path)
    (found,) = contradictions(dataset.resources[0], dataset.resources, lambda _number: lambda value: value, typed=False)
    assert (found.rule, found.facts["name"], found.facts["other"]) == ("reference", "zz", "others")


# ---- against frictionless --------------------------------------------------------------------------------------------

# What frictionless takes and then blames on the cells, or crashes on: the difference is wanted.
_WANTED: dict[str, tuple[dict[str, Any], str]] = {
    "limits the wrong way round": (_column("integer", {"minimum": 3, "maximum": 1}), "constraint-error"),
    "lengths the wrong way round": (_column("string", {"minLength": 3, "maxLength": 1}), "constraint-error"),
    "an enum of nothing": (_column("string", {"enum": []}), "constraint-error"),
    "an enum of another type": (_column("integer", {"enum": ["x"]}), "constraint-error"),
    "a format with a directive that there is not": (_column("date", format="%Q"), "type-error"),
    "a reference to a column that is not there": (
        {**_column("any"), "foreignKeys": [{"fields": ["a"], "reference": {"resource": "", "fields": ["z"]}}]},
        "foreign-key",
    ),
    "a limit of another type": (_column("integer", {"minimum": "x"}), ""),
}


@pytest.mark.parametrize("what", _WANTED)
def test_where_frictionless_blames_the_cells_we_blame_the_schema(what: str, tmp_path: Path) -> None:
    schema, blamed = _WANTED[what]
    (tmp_path / "table.csv").write_text("a,b\n1,x\n2,y\n", "utf-8")
    package = one_table("table.csv", schema)
    their, own = theirs(tmp_path, package), ours(tmp_path, package)
    assert own.contradictory
    assert {error["type"] for task in their.report.get("tasks", ()) for error in task["errors"]} == ({blamed} - {""})
    assert bool(their.refusal) is (not blamed)
    assert [one.where for one in compared(tmp_path, package)[1]] == ["schema"]  # listed here, and nowhere else


_OF_THE_AUTHOR = frozenset({"words", "marks", "digit"})  # some value can be read; which, nobody would have meant


@pytest.mark.filterwarnings("ignore")  # dateutil's, on time zones that it guesses at
def test_no_value_that_frictionless_takes_is_ever_ruled_out() -> None:
    begun, refused = time.monotonic(), 0
    for seed in count(int(begun) if "CIVICAT_FUZZ_SECONDS" in os.environ else 0):
        refused += _try(seed)
        if time.monotonic() - begun > _SECONDS:
            break
    assert refused > 0


def _try(seed: int) -> int:
    """A random field: where it is said to allow nothing, frictionless takes none of many cells near its type."""
    chance = random.Random(seed)  # noqa: S311 (nothing secret)
    kind, missing = chance.choice(TYPES), missing_near(chance)
    written = field_near(kind, chance)
    try:
        reader = reader_of(written, missing)
    except Exception:  # noqa: BLE001 (whatever frictionless does not take for a field)
        return 0
    schema = {"fields": [written], "missingValues": missing}
    table = read_dataset(one_table("a.csv", schema), "datapackage.json", "", Path()).resources[0]
    found = [one.rule for one in contradictions(table, [table], lambda _number: _value_reader(written), typed=False)]
    if not found or _OF_THE_AUTHOR.issuperset(found):
        return 0
    near = [text_near(kind, chance) for _ in range(60)]
    cells = [*near, *map(str, written["constraints"].get("enum", ())), *map(str, written["constraints"].values())]
    assert not [cell for cell in cells if _takes(reader, cell)], f"seed {seed}: {written} {missing} {found}"
    return 1


def _value_reader(written: dict[str, Any]) -> Any:  # noqa: ANN401 (frictionless' own)
    from frictionless import Schema  # noqa: PLC0415 (half a second)

    kept = {key: value for key, value in written.items() if key != "civicat"}
    address = f"{_VERSION_2}tableschema.json"
    return Schema.from_descriptor({"$schema": address, "fields": [kept]}).fields[0].create_value_reader()


def _takes(reader: Any, cell: str) -> bool:  # noqa: ANN401 (frictionless' own)
    try:
        value, notes = reader(cell)
    except Exception:  # noqa: BLE001 (a rule that it cannot apply)
        return False
    return value is not None and not notes

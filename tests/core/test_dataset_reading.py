"""A datapackage.yaml and a department.yaml as frozen values."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from civicat.dataset import read_dataset, read_department
from civicat.errors import DescriptorError
from civicat.text import Text

FIELD: dict[str, Any] = {
    "name": "status",
    "type": "string",
    "title": "Status",
    "example": 7,
    "categories": [{"value": "A", "label": "Automatic"}],
    "civicat": {"unit": "1", "scale": 2, "zh": {"title": "状态", "categories": {"A": "自动"}}},
}
PACKAGE: dict[str, Any] = {
    "name": "quakes",
    "title": "Quakes",
    "keywords": ["quake"],
    "contributors": [{"title": "A"}, {"title": "B", "roles": ["steward"], "email": "b@example.org"}],
    "resources": [
        {
            "name": "quakes",
            "path": "data/Q.CSV",
            "schema": {
                "fields": [FIELD],
                "primaryKey": "status",
                "foreignKeys": [{"fields": ["status"], "reference": {"resource": "", "fields": ["status"]}}],
            },
            "civicat": {
                "foreignKeys": [{"fields": "status", "reference": {"dataset": "a/b", "resource": "b", "fields": "x"}}]
            },
        },
        {"name": "stations", "path": "s.csv"},
    ],
    "civicat": {"zh": {"title": "地震", "keywords": ["地震"]}, "themes": ["hazards"], "frequency": "weekly"},
}


def test_each_text_stands_in_its_language() -> None:
    dataset = read_dataset(PACKAGE, "d.yaml", "usgs", Path("d"))
    assert (dataset.id, dataset.title, dataset.keywords) == ("usgs/quakes", Text("地震", "Quakes"), ("quake", "地震"))
    (field,) = dataset.resources[0].schema.fields
    assert (field.title, field.categories) == (Text("状态", "Status"), {"A": Text("自动", "Automatic")})
    assert (field.unit, field.scale, field.example) == ("1", 2, "7")


def test_chinese_can_be_the_language_of_the_standard_texts() -> None:
    descriptor = {"name": "q", "title": "地震", "civicat": {"language": "zh", "en": {"title": "Quakes"}}}
    assert read_dataset(descriptor, "d.yaml", "usgs", Path("d")).title == Text("地震", "Quakes")


def test_keys_and_people_are_found() -> None:
    dataset = read_dataset(PACKAGE, "d.yaml", "usgs", Path("d"))
    resource = dataset.resources[0]
    assert resource.schema.primary_key == ("status",)
    assert [(key.dataset, key.resource, key.reference) for key in resource.schema.foreign_keys] == [
        ("", "", ("status",)),
        ("a/b", "b", ("x",)),
    ]
    assert dataset.steward is not None
    assert dataset.steward.title == Text("", "B")
    assert resource.format == "csv"
    assert [dataset.table(one) for one in dataset.resources] == ["quakes", "quakes_stations"]
    assert dataset.resource("stations") is dataset.resources[1]
    assert dataset.resource("gone") is None
    assert resource.schema.field("gone") is None


def test_what_is_read_cannot_be_changed() -> None:
    dataset = read_dataset(PACKAGE, "d.yaml", "usgs", Path("d"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.name = "x"  # type: ignore[misc] # that is the point


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "Quakes"}, "may only hold a-z, 0-9 and inner hyphens"),
        ({"name": ""}, "“name” is missing"),
        ({"name": "search"}, "“search” is the site’s own"),
        ({"titel": "x"}, "Did you mean “title”"),
        ({"civicat": {"theme": []}}, "Did you mean “themes”"),
        ({"civicat": {"themes": ["hazard"]}}, "Did you mean “hazards”"),
        ({"civicat": {"frequency": "week"}}, "Did you mean “weekly”"),
        ({"civicat": {"language": "fr"}}, "“fr” is not known here"),
        ({"resources": [{"name": "r", "schema": {"fields": [{"name": "a", "tipe": "x"}]}}]}, "Did you mean “type”"),
        ({"resources": [{"name": "r", "schema": {"fields": [{"type": "string"}]}}]}, "“name” is missing"),
        ({"resources": [{"name": "r", "civicat": {"sample": {"registry": "pypi"}}}]}, "“package” is missing"),
    ],
)
def test_what_nobody_knows_is_refused_by_name(change: dict[str, Any], said: str) -> None:
    with pytest.raises(DescriptorError) as refused:
        read_dataset({**PACKAGE, **change}, "d.yaml", "usgs", Path("d"))
    assert said in refused.value.message.en


def test_a_package_of_others_keeps_its_own_keys() -> None:
    theirs = {"name": "Their_Name", "author": "x", "resources": [{"path": "a.csv", "more": 1}]}
    dataset = read_dataset(theirs, "d.json", "", Path("d"))
    assert (dataset.id, [one.name for one in dataset.resources]) == ("Their_Name", ["resources[0]"])


def test_a_todo_passes_so_that_the_profile_can_name_it() -> None:
    descriptor = {**PACKAGE, "civicat": {"themes": ["TODO"], "frequency": "TODO: how often"}}
    assert read_dataset(descriptor, "d.yaml", "usgs", Path("d")).frequency == "TODO: how often"


def test_a_department_says_who_answers() -> None:
    descriptor = {
        "code": "usgs",
        "title": {"zh": "地质局", "en": "Survey"},
        "contact": {"title": {"en": "Desk"}, "phone": "1"},
        "gaps": [{"zh": "缺", "en": "gap"}],
    }
    department = read_department(descriptor, "department.yaml")
    assert (department.title.zh, department.contact.phone, department.gaps) == ("地质局", "1", (Text("缺", "gap"),))
    with pytest.raises(DescriptorError, match="Did you mean “contact”"):
        read_department({**descriptor, "contacts": {}}, "department.yaml")


def refusal(resource: dict[str, Any], department: str = "usgs", **package: object) -> Text:
    descriptor = {"name": "q", "resources": [{"name": "q", "path": "q.csv", **resource}], **package}
    with pytest.raises(DescriptorError) as caught:
        read_dataset(descriptor, "d.yaml", department, Path("d"))
    return caught.value.message


def test_a_table_lies_in_one_file() -> None:
    message = refusal({"path": ["a.csv", "b.csv"]})
    assert message.en.startswith("d.yaml, resources[0].path: one file for each resource.")
    assert "每个资源只能有一个文件" in message.zh
    one = {"name": "q", "resources": [{"name": "q", "path": ["a.csv"]}]}
    assert read_dataset(one, "d.yaml", "usgs", Path("d")).resources[0].path == "a.csv"


@pytest.mark.parametrize("more", [{"extrapaths": ["b.csv"]}, {"scheme": "file"}])
def test_what_would_bring_in_more_than_one_file_is_refused_by_name(more: dict[str, Any]) -> None:
    (key,) = more
    message = refusal(more)
    assert f"resources[0].{key}: “{key}” is not supported: one file for each resource" in message.en
    assert f"不支持“{key}”" in message.zh
    other = {"name": "q", "resources": [{"name": "q", "path": "a.csv", **more}]}
    assert read_dataset(other, "d.yaml", "", Path("d")).resources[0].path == "a.csv"


@pytest.mark.parametrize("more", [{"innerpath": "a.csv", "compression": "zip"}, {"compression": "gz"}])
def test_how_the_one_file_is_packed_may_be_said(more: dict[str, Any]) -> None:
    one = {"name": "q", "resources": [{"name": "q", "path": "a.csv.gz", **more}]}
    (found,) = read_dataset(one, "d.yaml", "usgs", Path("d")).resources
    assert {key: found.descriptor[key] for key in more} == more


@pytest.mark.parametrize(
    ("listed", "labels"),
    [
        (["A", "M"], {"A": Text("自动", "A"), "M": Text("", "M")}),
        ([1, 2], {"1": Text("", "1"), "2": Text("", "2")}),
        ([{"value": "A"}], {"A": Text("自动", "A")}),
        ([{"value": "A", "label": "Automatic"}], {"A": Text("自动", "Automatic")}),
        ([], {}),
    ],
)
def test_categories_are_listed_with_labels_or_without(listed: list[Any], labels: dict[str, Text]) -> None:
    field = {**FIELD, "categories": listed, "categoriesOrdered": True}
    one = {"name": "q", "resources": [{"name": "q", "path": "a.csv", "schema": {"fields": [field]}}]}
    assert read_dataset(one, "d.yaml", "usgs", Path("d")).resources[0].schema.fields[0].categories == labels


@pytest.mark.parametrize("listed", [["A", {"value": "B"}], [True], [["A"]]])
def test_categories_of_two_kinds_are_refused(listed: list[Any]) -> None:
    message = refusal({"schema": {"fields": [{"name": "a", "type": "string", "categories": listed}]}})
    assert message.en == "d.yaml, resources[0].schema.fields[0].categories: this must be a list of mappings."
    assert message.zh == "d.yaml，resources[0].schema.fields[0].categories：这里应为一列键值组。"


def test_a_type_that_there_is_not_names_the_column_and_the_nearest() -> None:
    message = refusal({"schema": {"fields": [{"name": "a", "type": "strin"}]}})
    assert message.zh == "d.yaml，resources[0].schema.fields[0].type：“a”一列的类型“strin”不存在。您是指“string”吗？"
    assert message.en.endswith("column a has a type “strin”, which there is not. Did you mean “string”?")


def test_a_key_of_a_column_that_there_is_not() -> None:
    schema = {"fields": [{"name": "code", "type": "string"}], "primaryKey": ["cod"]}
    message = refusal({"schema": schema})
    assert message.zh == "d.yaml，resources[0].schema.primaryKey：表中没有“cod”这一列。您是指“code”吗？"
    keys = [{"fields": ["nope"], "reference": {"resource": "", "fields": ["code"]}}]
    message = refusal({"schema": {**schema, "primaryKey": ["code"], "foreignKeys": keys}})
    assert message.en.startswith("d.yaml, resources[0].schema.foreignKeys[0].fields: the table has no column “nope”")


@pytest.mark.parametrize("email", ["nobody", "a b@example.org", "@"])
def test_a_contributor_is_reached_at_an_address(email: str) -> None:
    message = refusal({}, contributors=[{"title": "Desk", "email": email}])
    assert message.zh.startswith(f"d.yaml，contributors[0].email：“{email}”不是电子邮件地址。")


@pytest.mark.parametrize(
    ("frequency", "said"), [("sometimes", "Known: realtime, daily,"), ("yearl", "Did you mean “yearly”?")]
)
def test_only_a_slip_of_a_code_is_guessed(frequency: str, said: str) -> None:
    assert said in refusal({}, civicat={"frequency": frequency}).en


def test_a_name_has_its_length() -> None:
    assert "60 characters at most" in refusal({"name": "x" * 61}).en

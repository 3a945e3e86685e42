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

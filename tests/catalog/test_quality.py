"""The quality of a release, point by point: each is held and missed, names what lacks it, and speaks both languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from civicat.catalog.facts.quality import level, quality
from civicat.release import Release

MakeRelease = Callable[..., Release]

SAID = [{"zh": "可比较各镇。", "en": "Compare towns."}]
COVERED = {"place": {"title": {"zh": "全国", "en": "The country"}}, "period": {"begins": 2012}}
LABELLED = {
    "categories": [{"value": "a", "label": "Alpha"}],
    "civicat": {"zh": {"title": "代码", "categories": {"a": "甲"}}},
}
REMARK = {"civicat": {"message": {"zh": "请留意。", "en": "Mind this."}}}


def held(release: Release) -> dict[str, bool]:
    return {point.code: point.held for point in quality(release).points}


def missing(release: Release, code: str) -> tuple[str, ...]:
    return next(point.missing for point in quality(release).points if point.code == code)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("uses", {"civicat": {"uses": SAID}}),
        ("biases", {"civicat": {"biases": SAID}}),
        ("coverage", {"civicat": COVERED}),
        ("identifiers", {"fields": {"code": {"civicat": {"identifier": "uscc", "zh": {"title": "代码"}}}}}),
        ("caveats", {"fields": {"code": {"civicat": {"caveats": SAID, "zh": {"title": "代码"}}}}}),
        ("joins", {"across": {"towns": [{"fields": ["code"], "reference": {"dataset": "a/b", "fields": ["c"]}}]}}),
        ("rules", {"fields": {"code": {"constraints": {"required": True}}, "people": {"constraints": {"minimum": 0}}}}),
        ("lossless", {"documents": {"conversion.json": {"resources": [{"name": "towns", "lossless": True}]}}}),
    ],
)
def test_what_is_said_is_held_and_else_missing(make_release: MakeRelease, code: str, said: dict[str, Any]) -> None:
    assert not held(make_release("demo/towns"))[code]
    assert held(make_release("demo/towns", "1.1.0", **said))[code]


def test_points_that_nothing_speaks_against_are_held(make_release: MakeRelease) -> None:
    found = held(make_release())
    assert all(found[code] for code in ("key", "labels", "sources", "contact", "remarks"))


def test_labels_are_missing_where_one_value_has_none_in_a_language(make_release: MakeRelease) -> None:
    assert held(make_release("demo/a", fields={"code": LABELLED}))["labels"]
    english = {**LABELLED, "civicat": {"zh": {"title": "代码"}}}
    assert missing(make_release("demo/b", fields={"code": english}), "labels") == ("code",)
    more = {**LABELLED, "constraints": {"enum": ["a", "b"]}}
    assert missing(make_release("demo/c", fields={"code": more}), "labels") == ("code",)


def test_a_number_that_publishing_added_is_no_key_and_no_column_of_the_department(make_release: MakeRelease) -> None:
    number = {"row_number": {"civicat": {"generated": True, "zh": {"title": "行号"}}}}
    table = pa.table({"row_number": [1, 2], "people": [3, 4]})
    release = make_release("demo/rows", tables={"rows": table}, fields=number)
    assert missing(release, "key") == ("rows",)
    assert missing(release, "rules") == ("people",)


def test_of_several_tables_a_column_is_named_with_its_table(make_release: MakeRelease) -> None:
    tables = {"towns": pa.table({"code": ["a"]}), "roads": pa.table({"id": [1]})}
    release = make_release("demo/both", tables=tables, fields={"code": {"constraints": {"required": True}}})
    assert missing(release, "rules") == ("roads.id",)


def test_a_source_without_an_address_is_named(make_release: MakeRelease) -> None:
    release = make_release(package={"sources": [{"title": "A"}, {"title": "B", "path": "https://example.org"}]})
    assert missing(release, "sources") == ("A",)
    assert not held(make_release("demo/none", package={"sources": []}))["sources"]


def test_an_address_of_a_site_alone_is_nobody_who_answers(make_release: MakeRelease) -> None:
    desk = {"title": "Desk", "roles": ["steward"], "path": "https://example.org"}
    site = {"title": {"zh": "窗口", "en": "Desk"}, "url": "https://example.org"}
    bare = make_release("demo/a", package={"contributors": [desk]}, department={"contact": site})
    assert not held(bare)["contact"]
    phone = make_release("demo/b", package={"contributors": [desk]}, department={"contact": {**site, "phone": "12345"}})
    assert held(phone)["contact"]


def test_what_was_lost_in_typing_names_the_table(make_release: MakeRelease) -> None:
    lossy = {"conversion.json": {"resources": [{"name": "towns", "lossless": False}]}}
    assert missing(make_release(documents=lossy), "lossless") == ("towns",)


def test_remarks_of_the_checks_are_missing_points(make_release: MakeRelease) -> None:
    report = {"valid": True, "civicat": {"warnings": [REMARK]}, "tasks": []}
    assert not held(make_release(documents={"report.json": report}))["remarks"]


def test_a_signature_is_held_with_its_key(make_release: MakeRelease) -> None:
    release = make_release(manifest=True)
    assert not held(release)["signed"]
    manifest = release.folder / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text("utf-8")), "key": "ab"}), "utf-8")
    (release.folder / "manifest.sig").write_bytes(b"0")
    assert held(release)["signed"]


def test_every_point_speaks_both_languages_and_says_what_to_do(make_release: MakeRelease) -> None:
    found = quality(make_release())
    for point in found.points:
        assert not any(text.missing() for text in (point.name, point.what, point.todo)), point.code
    assert len({point.code for point in found.points}) == len(found.points) == 14
    assert found.held == sum(held(make_release("demo/again")).values())


@pytest.mark.parametrize(
    ("count", "points", "expected"),
    [(14, 14, "full"), (13, 14, "most"), (12, 16, "most"), (11, 16, "some"), (0, 14, "some"), (0, 0, "")],
)
def test_levels_of_the_facet(count: int, points: int, expected: str) -> None:
    assert level(count, points) == expected


def test_a_signature_is_the_publishers_to_add_and_all_else_the_departments(make_release: MakeRelease) -> None:
    found = quality(make_release())
    assert [point.code for point in found.points if point.whose == "publisher"] == ["signed"]
    assert [point.code for point in found.lacking("publisher")] == ["signed"]
    assert len(found.lacking("department")) + 1 + found.held == len(found.points)

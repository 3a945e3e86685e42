"""Folders that are handed in piece by piece: what is appended or upserted, from small CSV files to what is online."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat import pipeline, validators
from civicat.layout import Layout, read
from civicat.release import Release
from civicat.report import Outcome, Report

DEPARTMENT = {
    "code": "roads",
    "title": {"zh": "公路局", "en": "Roads office"},
    "description": {"zh": "管理道路。", "en": "Looks after the roads."},
    "url": "https://roads.example.org",
    "contact": {"title": {"zh": "数据台", "en": "Data desk"}, "email": "data@example.org"},
}
TEXTS = {"title": "Title", "description": "What it is."}
CHINESE = {"zh": {"title": "标题", "description": "说明。"}}
JANUARY = "day,bridge,passed\n2026-01-01,A,12\n2026-01-01,B,7\n2026-01-02,A,\n"
FEBRUARY = "day,bridge,passed\n2026-02-01,B,8\n2026-02-01,A,13\n"
MARCH = "day,bridge,passed\n2026-03-01,A,14\n"
WHOLE = JANUARY + "".join(text.partition("\n")[2] for text in (FEBRUARY, MARCH))


def field(name: str, kind: str = "string", example: str = "A", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    unit = {"unit": "1"} if kind in {"integer", "number"} else {}
    ours = {**CHINESE, **unit, **more.pop("civicat", {})}
    return {"name": name, "type": kind, **TEXTS, "example": example, **more, "civicat": ours}


DAY, BRIDGE, PASSED = field("day", "date", "2026-01-01"), field("bridge"), field("passed", "integer", "12")
FIELDS = (DAY, BRIDGE, PASSED)
KEY = ("day", "bridge")


def resource(
    submission: str, fields: Sequence[dict[str, Any]] = FIELDS, key: Sequence[str] = KEY, **schema: object
) -> dict[str, Any]:
    keyed = {"primaryKey": list(key)} if key else {}
    whole = {"fields": list(fields), **keyed, **schema}
    ours = {**CHINESE, "submission": submission}
    return {"name": "counts", "path": "counts.csv", **TEXTS, "schema": whole, "civicat": ours}


@dataclass(frozen=True)
class Desk:
    """Hands in one dataset again and again, and publishes or checks it."""

    folder: Path
    layout: Layout

    def hand_in(self, files: dict[str, str], *resources: dict[str, Any], **ours: object) -> None:
        descriptor: dict[str, Any] = {
            "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
            "name": "counts",
            **TEXTS,
            "licenses": [{"name": "CC0-1.0", "title": "CC0", "path": "https://example.org/cc0"}],
            "sources": [{"title": "Counters", "path": "https://example.org/counters"}],
            "contributors": [{"title": "Desk", "roles": ["steward"], "path": "https://example.org/desk"}],
            "resources": list(resources),
            "civicat": {
                **CHINESE,
                "themes": ["traffic"],
                "frequency": "monthly",
                "caveats": [{"zh": "雨天少。", "en": "Fewer in rain."}],
                **ours,
            },
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder.parent / "department.yaml").write_text(json.dumps(DEPARTMENT), "utf-8")
        (self.folder / "datapackage.yaml").write_text(json.dumps(descriptor), "utf-8")  # JSON is YAML
        for name, content in files.items():
            (self.folder / name).write_text(content, "utf-8")

    def publish(self, content: str, *resources: dict[str, Any], **ours: object) -> Release:
        self.hand_in({"counts.csv": content}, *resources, **ours)
        result = pipeline.publish_one(self.folder, self.layout)
        assert isinstance(result, pipeline.Published), result
        return result.release

    def check(self, content: str, *resources: dict[str, Any], limit: int = 1000) -> Report:
        """What the checks say, which is what publishing goes by."""
        self.hand_in({"counts.csv": content}, *resources)
        submission = validators.read_submission(self.folder)
        with validators.check(
            submission.dataset, self.layout, department=submission.department, limit_errors=limit
        ) as checked:
            return checked.report


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "datasets/roads/counts", Layout(tmp_path / "store"))


def rows(release: Release) -> list[dict[str, object]]:
    """The rows online, in their order."""
    return list(pa.concat_tables([pq.read_table(path) for path in release.tables[0].paths]).to_pylist())


def cells(release: Release) -> list[tuple[str, ...]]:
    return [tuple("" if cell is None else str(cell) for cell in row.values()) for row in rows(release)]


def test_three_months_one_by_one_are_the_whole_at_once(desk: Desk, tmp_path: Path) -> None:
    for month in (JANUARY, FEBRUARY, MARCH):
        online = desk.publish(month, resource("append"))
    other = Desk(tmp_path / "other/roads/counts", Layout(tmp_path / "other/store"))
    whole = other.publish(WHOLE, resource("append"))

    assert str(online.version) == "1.2.0"
    assert cells(online) == cells(whole)
    assert len(cells(whole)) == 6
    assert pq.read_schema(online.tables[0].path).equals(pq.read_schema(whole.tables[0].path))


def test_an_upsert_corrects_the_rows_of_its_keys_and_adds_the_others(desk: Desk) -> None:
    desk.publish(JANUARY, resource("append"))
    online = desk.publish("day,bridge,passed\n2026-01-02,A,5\n2026-01-03,A,6\n", resource("upsert"))

    assert cells(online) == [
        ("2026-01-01", "A", "12"),
        ("2026-01-01", "B", "7"),
        ("2026-01-02", "A", "5"),
        ("2026-01-03", "A", "6"),
    ]


@pytest.mark.parametrize("key", [KEY, ()], ids=["keyed", "keyless"])
def test_the_same_file_with_other_words_adds_nothing(desk: Desk, key: Sequence[str]) -> None:
    desk.publish(JANUARY, resource("append", key=key))
    second = desk.publish(FEBRUARY, resource("append", key=key))
    third = desk.publish(FEBRUARY, resource("append", key=key), caveats=[{"zh": "另有说明。", "en": "Another one."}])

    assert (str(second.version), str(third.version)) == ("1.1.0", "1.1.1")
    assert cells(third) == cells(second)


@pytest.mark.parametrize("key", [KEY, ()], ids=["keyed", "keyless"])
def test_a_file_of_an_older_release_adds_nothing_and_a_line_says_so(desk: Desk, key: Sequence[str]) -> None:
    desk.publish(JANUARY, resource("append", key=key))
    second = desk.publish(FEBRUARY, resource("append", key=key))
    report = desk.check(JANUARY, resource("append", key=key))
    third = desk.publish(JANUARY, resource("append", key=key))

    assert report.outcome is Outcome.PASSED
    (told,) = report.all_findings()
    assert told.code == "file-published"
    assert told.message.en.startswith("The rows of this file were joined with version 1.0.0 already")
    assert told.message.zh == "这个文件的行早在版本 1.0.0 就已加入，不再加一次：已发布的行保持不变。"
    assert cells(third) == cells(second)


def test_a_file_that_a_whole_replaced_may_be_appended_again(desk: Desk) -> None:
    desk.publish(JANUARY, resource("append"))
    desk.publish(MARCH, resource("replace"))
    online = desk.publish(JANUARY, resource("append"))

    assert [row[0] for row in cells(online)] == ["2026-01-01", "2026-01-01", "2026-01-02", "2026-03-01"]


def test_a_key_that_is_online_stops_an_append(desk: Desk) -> None:
    online = desk.publish(JANUARY, resource("append"))
    desk.hand_in({"counts.csv": FEBRUARY + "2026-01-01,B,9\n"}, resource("append"))

    assert isinstance(pipeline.publish_one(desk.folder, desk.layout), pipeline.Refused)
    assert [str(one) for one in desk.layout.versions("roads/counts")] == ["1.0.0"]
    assert cells(read(online.folder)) == cells(online)


def test_rows_without_a_key_are_numbered_anew(desk: Desk) -> None:
    desk.publish(JANUARY, resource("append", key=()))
    online = desk.publish(FEBRUARY, resource("append", key=()))

    assert [row["row_number"] for row in rows(online)] == [1, 2, 3, 4, 5]
    assert [str(row["day"]) for row in rows(online)] == ["2026-01-01", "2026-01-01", "2026-01-02", *["2026-02-01"] * 2]


def test_a_new_column_is_empty_in_the_rows_online(desk: Desk) -> None:
    desk.publish(JANUARY, resource("append"))
    online = desk.publish("day,bridge,passed,note\n2026-02-01,A,1,wet\n", resource("append", (*FIELDS, field("note"))))

    assert [row["note"] for row in rows(online)] == [None, None, None, "wet"]
    assert str(online.version) == "1.1.0"


def test_a_column_that_was_renamed_goes_on(desk: Desk) -> None:
    desk.publish(JANUARY, resource("append"))
    fields = (DAY, BRIDGE, field("bicycles", "integer", "1", civicat={"renamed": "passed"}))
    online = desk.publish("day,bridge,bicycles\n2026-02-01,A,1\n", resource("append", fields))

    assert [row["bicycles"] for row in rows(online)] == [12, 7, None, 1]


def test_a_table_in_two_parts_is_joined_whole(desk: Desk) -> None:
    two_parts(desk.publish(JANUARY, resource("append")))
    online = desk.publish(FEBRUARY, resource("append"))

    assert [row[0] for row in cells(online)] == ["2026-01-01", "2026-01-01", "2026-01-02", *["2026-02-01"] * 2]


def two_parts(release: Release) -> Release:
    """The same release with its table in two files: two rows in the first, the others in the second."""
    (table,) = release.tables
    whole = pq.read_table(table.path)
    parts = []
    for number, rows_of_part in enumerate((whole.slice(0, 2), whole.slice(2)), 1):
        name = f"counts.{number:04}.parquet"
        pq.write_table(rows_of_part, release.folder / name)
        parts.append({"path": name, "bytes": (release.folder / name).stat().st_size, "hash": "sha256:" + "0" * 64,
                      "rows": rows_of_part.num_rows})  # fmt: skip
    file = release.folder / "datapackage.json"
    descriptor = json.loads(file.read_text("utf-8"))
    descriptor["resources"][0]["civicat"]["parts"] = parts
    file.chmod(0o644)
    file.write_text(json.dumps(descriptor), "utf-8")
    return read(release.folder)


DAYS = "day,bridge,passed\n01/02/2026,A,12\n03/02/2026,B,-\n"
ENGLISH, AMERICAN = ({**DAY, "format": form, "example": "01/02/2026"} for form in ("%d/%m/%Y", "%m/%d/%Y"))
MISSING = {"missingValues": ["", "-"]}
NOTES = "day,bridge,passed\n2026-01-01,é,12\n"
PRICES = 'day,bridge,price\n2026-01-01,A,"1,500"\n'
TRUTHS = "day,bridge,open\n2026-01-01,A,T\n"
PRICE = field("price", "number", "1.5", bareNumber=True)
OPEN = {**field("open", "boolean", "T"), "trueValues": ["T"], "falseValues": ["F"]}


def _once(release: Release, name: str) -> list[object]:
    return [row[name] for row in rows(release)]


@pytest.mark.parametrize(
    ("content", "before", "after", "column", "expected"),
    [
        (
            DAYS,
            resource("upsert", (ENGLISH, BRIDGE, PASSED), ("bridge",), **MISSING),
            resource("upsert", (AMERICAN, BRIDGE, PASSED), ("bridge",), **MISSING),
            *("day", ["2026-01-02", "2026-03-02"]),
        ),
        (
            NOTES,
            {**resource("upsert", key=("day",)), "encoding": "latin-1"},
            {**resource("upsert", key=("day",)), "encoding": "utf-8"},
            *("bridge", ["é"]),
        ),
        (
            JANUARY,
            resource("upsert"),
            resource("upsert", (DAY, BRIDGE, {**PASSED, "missingValues": ["7", ""]})),
            *("passed", ["12", "None", "None"]),
        ),
        (
            PRICES,
            resource("upsert", (DAY, BRIDGE, {**PRICE, "groupChar": ","})),
            resource("upsert", (DAY, BRIDGE, {**PRICE, "decimalChar": ","})),
            *("price", ["1.5"]),
        ),
        (
            TRUTHS,
            resource("upsert", (DAY, BRIDGE, OPEN)),
            resource("upsert", (DAY, BRIDGE, {**OPEN, "trueValues": ["F"], "falseValues": ["T"]})),
            *("open", ["False"]),
        ),
    ],
    ids=["format", "encoding", "missing values", "decimal character", "truth words"],
)
def test_a_corrected_reading_of_the_same_file_corrects_the_rows(  # noqa: PLR0913, PLR0917 - one case of a table
    desk: Desk,
    content: str,
    before: dict[str, Any],
    after: dict[str, Any],
    column: str,
    expected: list[str],
) -> None:
    first = desk.publish(content, before)
    second = desk.publish(content, after)

    assert [str(cell) for cell in _once(first, column)] != expected
    assert [str(cell) for cell in _once(second, column)] == expected
    assert _proof(second)["fields"]
    assert desk.check(content, after).all_findings() == ()


def test_what_was_corrected_may_be_put_back(desk: Desk) -> None:
    ways = [resource("upsert", (day, BRIDGE, PASSED), ("bridge",), **MISSING) for day in (ENGLISH, AMERICAN, ENGLISH)]
    first, second, third = (desk.publish(DAYS, way) for way in ways)

    assert cells(third) == cells(first) != cells(second)


def test_a_file_read_another_way_is_not_appended_again(desk: Desk) -> None:
    before, after = (resource("append", (day, BRIDGE, PASSED), (), **MISSING) for day in (ENGLISH, AMERICAN))
    desk.publish(DAYS, before)
    report = desk.check(DAYS, after)

    assert report.outcome is Outcome.FAILED
    (told,) = report.all_findings()
    assert (told.code, told.rule, told.place.row) == ("file-published", "reread", None)
    assert told.message.zh == (
        "这个文件的行早在版本 1.0.0 就已加入，当时的读法（编码、格式、缺失值等）与现在不同：不能再追加一次。"
    )
    assert told.message.en.startswith("The rows of this file were joined with version 1.0.0 already, and were read")
    assert "submission: upsert" in told.remedy.en
    assert "submission: upsert" in told.remedy.zh
    assert isinstance(pipeline.publish_one(desk.folder, desk.layout), pipeline.Refused)
    assert [one.code for one in desk.check(DAYS, before).all_findings()] == []


def test_one_finding_is_enough_where_every_key_is_online(desk: Desk) -> None:
    desk.publish(DAYS, resource("append", (ENGLISH, BRIDGE, PASSED), **MISSING))
    report = desk.check(DAYS, resource("append", (AMERICAN, BRIDGE, PASSED), **MISSING))

    assert [(one.code, one.rule) for one in report.all_findings()] == [("file-published", "reread")]


def test_what_was_not_taken_has_no_proof_and_the_release_says_so(desk: Desk) -> None:
    latin = {**resource("upsert", key=("day",)), "encoding": "latin-1"}
    first = desk.publish(NOTES, latin)
    second = desk.publish(NOTES, latin, caveats=[{"zh": "另有说明。", "en": "Another one."}])

    assert _proof(second) == {
        "name": "counts",
        "lossless": True,
        "fields": [],
        "sentence": {
            "zh": "文件里的行已在线上，这次没有转换；转换证明见最初加入它们的版本。",
            "en": "The rows of the file were online already, and none was converted: the release that "
            "brought them has their proof.",
        },
    }
    told = [(one.folder / "provenance.json").read_text("utf-8") for one in (first, second)]
    assert ["decoded from latin-1" in one for one in told] == [True, False]
    assert ["read as typed values" in one for one in told] == [True, False]


def test_words_alone_are_no_reason_for_a_remark_however_often(desk: Desk) -> None:
    desk.publish(JANUARY, resource("append"))
    for number in range(2):
        desk.publish(FEBRUARY, resource("append"), caveats=[{"zh": f"第{number}条。", "en": f"Number {number}."}])

    assert desk.check(FEBRUARY, resource("append")).all_findings() == ()


def test_what_was_joined_before_another_file_is_told_each_time(desk: Desk) -> None:
    for month in (JANUARY, FEBRUARY, JANUARY):
        desk.publish(month, resource("append"))

    assert [one.code for one in desk.check(JANUARY, resource("append")).all_findings()] == ["file-published"]


def _proof(release: Release) -> dict[str, Any]:
    (one,) = json.loads((release.folder / "conversion.json").read_text("utf-8"))["resources"]
    return dict(one)


def test_shapes_that_wkb_spells_anew_are_told_as_the_release_gives_them_back(desk: Desk) -> None:
    shape = field("shape", "geojson", '{"type":"Point","coordinates":[1,2]}')
    texts = ('{""coordinates"":[1,2],""type"":""Point""}', '{""type"":""Point"",""coordinates"":[3,4]}')
    content = "bridge,shape\n" + "".join(f'{place},"{text}"\n' for place, text in zip("AB", texts, strict=True))
    release = desk.publish(content, resource("replace", (BRIDGE, shape), ("bridge",)))
    told = _proof(release)["fields"][1]

    assert (told["type"], told["cells"], told["identical"], told["lossless"]) == ("binary", 2, 1, True)
    assert told["rewrites"] == [
        {
            "rule": "json-layout",
            "cells": 1,
            "example": {
                "source": '{"coordinates":[1,2],"type":"Point"}',
                "spelled": '{"type":"Point","coordinates":[1,2]}',
            },
            "loses": False,
        }
    ]
    assert "the layout of JSON" in (release.folder / "provenance.json").read_text("utf-8")

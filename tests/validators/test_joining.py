"""Rows that are appended to those online, or replace some by key: what keeps them back, and what is compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from handing_in import Json, field, package, resource

from civicat import pipeline
from civicat.errors import StoreError
from civicat.finding import Finding, Severity
from civicat.layout import Layout, read
from civicat.release import Release
from civicat.report import Outcome, Report
from civicat.validators import check, describe, read_submission
from civicat.validators.measures import looks_of, measure_released
from civicat.validators.released import released_batches, released_schema

FIELDS = (field("day", "date"), field("bridge"), field("passed", "integer"))
KEY: dict[str, Json] = {"primaryKey": ["day", "bridge"]}
MOMENT: dict[str, Json] = {"type": "datetime", "format": "any", "example": "2026-01-01T00:00:00Z"}
HEAD = "day,bridge,passed\n"
JANUARY = HEAD + "2026-01-01,A,12\n2026-01-01,B,7\n2026-01-02,A,\n"
FEBRUARY = HEAD + "2026-02-01,A,13\n"


@dataclass(frozen=True)
class Desk:
    """A dataset folder and its store: what is handed in is published first, and checked against that afterwards."""

    folder: Path
    layout: Layout

    def hand_in(self, content: str, *resources: dict[str, Any], **ours: Json) -> None:
        whole = package("counts", list(resources))
        whole["civicat"].update(ours)
        (self.folder / "datapackage.yaml").write_text(json.dumps(whole), "utf-8")
        (self.folder / "counts.csv").write_text(content, "utf-8")

    def publish(self, content: str, *resources: dict[str, Any]) -> Release:
        self.hand_in(content, *resources)
        result = pipeline.publish_one(self.folder, self.layout)
        assert isinstance(result, pipeline.Published), result
        return result.release

    def check(self, content: str, *resources: dict[str, Any], limit: int = 1000, **ours: Json) -> Report:
        self.hand_in(content, *resources, **ours)
        with check(read_submission(self.folder).dataset, self.layout, limit_errors=limit) as checked:
            return checked.report

    def command(self, *arguments: str, language: str) -> subprocess.CompletedProcess[str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("CIVICAT_", "LC_", "LANG"))}
        return subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "civicat.cli", *arguments, "--store", str(self.layout.store)],
            env={**clean, "PYTHONUTF8": "1", "CIVICAT_LANG": language},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture
def desk(hand_in: Callable[..., Path], layout: Layout) -> Desk:
    return Desk(hand_in(package("counts", [counts("append")]), {"counts.csv": ""}), layout)


def counts(
    submission: str, fields: Sequence[dict[str, Any]] = FIELDS, schema: Json = None, **more: Json
) -> dict[str, Any]:
    """The resource `counts`, keyed by day and bridge unless its schema says something else."""
    keyed = KEY if schema is None else schema
    return resource("counts", "counts.csv", list(fields), schema=keyed, civicat={"submission": submission}, **more)


def of_kind(name: str, kind: dict[str, Json]) -> dict[str, Any]:
    """A column of a type, with what the descriptor says of it besides."""
    return field(name, **{"kind" if key == "type" else key: value for key, value in kind.items()})


def errors(report: Report) -> list[tuple[str, str, int | None, str, str]]:
    found = [one for one in report.all_findings() if one.severity is Severity.ERROR]
    return [(one.code, one.rule, one.place.row, one.place.field, one.found) for one in found]


def only(report: Report) -> Finding:
    (finding,) = report.all_findings()
    return finding


# ------------------------------------------------------------------------------------------------------------ the keys


def test_the_first_release_joins_nothing(desk: Desk) -> None:
    assert desk.check(JANUARY, counts("append")).all_findings() == ()


def test_new_keys_are_appended(desk: Desk) -> None:
    desk.publish(JANUARY, counts("append"))

    assert errors(desk.check(HEAD + "2026-01-02,B,1\n2026-01-03,A,1\n", counts("append"))) == []


def test_a_key_that_is_online_is_an_error_of_its_row(desk: Desk) -> None:
    desk.publish(JANUARY, counts("append"))
    report = desk.check(HEAD + "2026-01-03,A,1\n2026-01-01,B,8\n", counts("append"))

    assert report.outcome is Outcome.FAILED
    assert errors(report) == [("key-published", "", 3, "day, bridge", "2026-01-01, B")]
    finding = only(report)
    day = desk.layout.release("transport/counts").released[:10]  # type: ignore[union-attr] # it is there
    assert (
        finding.message.zh
        == f"主键（day, bridge）为“2026-01-01, B”的行已在版本 1.0.0（{day}）里；追加的行应有新的主键。"
    )
    assert finding.message.en == (
        f"A row whose primary key (day, bridge) is “2026-01-01, B” is in version 1.0.0 ({day}) already; "
        "one that is appended should have a new key."
    )
    assert finding.remedy.zh == "若这一行更正已发布的那一行，请在描述文件中改用 submission: upsert；否则请删去这一行。"
    assert finding.remedy.en.startswith("If the row corrects the one online, write submission: upsert")


def test_an_upsert_may_hold_keys_that_are_online(desk: Desk) -> None:
    desk.publish(JANUARY, counts("append"))

    assert errors(desk.check(HEAD + "2026-01-01,B,8\n", counts("upsert"))) == []


def test_what_replaces_the_table_may_hold_keys_that_are_online(desk: Desk) -> None:
    desk.publish(JANUARY, counts("append"))

    assert errors(desk.check(HEAD + "2026-01-01,B,8\n2026-01-01,A,8\n2026-01-02,A,8\n", counts("replace"))) == []


@pytest.mark.parametrize(("limit", "listed"), [(2, 2), (3, 3), (4, 3), (0, 3)])
def test_keys_that_are_online_are_listed_up_to_the_limit_and_all_counted(desk: Desk, limit: int, listed: int) -> None:
    desk.publish(JANUARY, counts("append"))
    changed = HEAD + "2026-01-02,A,1\n2026-01-09,A,1\n2026-01-01,B,1\n2026-01-01,A,1\n"
    report = desk.check(changed, counts("append"), limit=limit)

    assert [row for _, _, row, _, _ in errors(report)] == [2, 4, 5][:listed]
    assert report.resources[0].counts == {"key-published": 3}


def test_the_file_that_is_online_may_be_handed_in_again(desk: Desk) -> None:
    desk.publish(JANUARY, counts("append"))

    assert desk.check(JANUARY, counts("append")).all_findings() == ()


def test_a_file_of_an_older_release_is_told(desk: Desk) -> None:
    desk.publish(JANUARY, counts("append"))
    desk.publish(FEBRUARY, counts("append"))
    finding = only(desk.check(JANUARY, counts("append")))

    assert (finding.code, finding.severity) == ("file-published", Severity.WARNING)
    assert finding.message.zh == "这个文件的行早在版本 1.0.0 就已加入，不再加一次：已发布的行保持不变。"
    assert finding.message.en.startswith("The rows of this file were joined with version 1.0.0 already")
    assert desk.check(FEBRUARY, counts("append")).all_findings() == ()


def test_a_file_from_before_a_whole_one_is_no_part_of_it(desk: Desk) -> None:
    desk.publish(JANUARY, counts("append"))
    desk.publish(FEBRUARY, counts("replace"))

    assert "file-published" not in [one.code for one in desk.check(JANUARY, counts("append")).all_findings()]


def test_the_same_rows_in_another_file_may_not(desk: Desk) -> None:
    desk.publish(JANUARY, counts("append"))

    assert len(errors(desk.check(JANUARY + "2026-01-09,A,1\n", counts("append")))) == 3


def test_the_command_says_so_in_both_languages_and_nothing_is_published(desk: Desk) -> None:
    desk.publish(JANUARY, counts("append"))
    desk.hand_in(HEAD + "2026-01-01,B,8\n", counts("append"))
    zh = desk.command("validate", str(desk.folder), language="zh")
    en = desk.command("validate", str(desk.folder), language="en")

    assert (zh.returncode, en.returncode) == (1, 1)
    assert "追加的行应有新的主键" in zh.stdout + zh.stderr
    assert "one that is appended should have a new key" in " ".join((en.stdout + en.stderr).split())
    assert isinstance(pipeline.publish_one(desk.folder, desk.layout), pipeline.Refused)
    assert [str(one) for one in desk.layout.versions("transport/counts")] == ["1.0.0"]


@pytest.mark.parametrize(
    ("kind", "online", "handed_in", "found"),
    [
        ({"type": "number", "civicat": {"scale": 2}}, "1.50\n", "1.5\n2.5\n", ["1.5"]),
        ({"type": "number"}, "1.5\n", "1.50\n2.5\n", ["1.50"]),
        (MOMENT, "2026-01-01T08:00:00+08:00\n", "2026-01-01T00:00:00Z\n", ["…"]),
        (
            {"type": "date", "format": "%d/%m/%Y", "example": "01/02/2026"},
            "01/02/2026\n",
            "02/01/2026\n01/02/2026\n",
            ["01/02/2026"],
        ),
        ({"type": "boolean"}, "true\n", "True\nfalse\n", ["True"]),
        ({"type": "year", "example": "2026"}, "2026\n", "2025\n2026\n", ["2026"]),
    ],
    ids=["decimal", "float", "instant", "date", "boolean", "year"],
)
def test_keys_are_compared_as_values(
    desk: Desk, kind: dict[str, Json], online: str, handed_in: str, found: list[str]
) -> None:
    key = of_kind("a", kind)
    table = counts("append", [key], {"primaryKey": ["a"]})
    desk.publish(f"a\n{online}", table)
    told = errors(desk.check(f"a\n{handed_in}", table))

    assert [code for code, *_ in told] == ["key-published"] * len(found)
    assert [cell for *_, cell in told] == [handed_in.strip() if cell == "…" else cell for cell in found]


# ------------------------------------------------------------------------------------------------- other unique values

UNIQUE = (field("code"), field("mail", constraints={"unique": True}), field("name"))
CODE: dict[str, Json] = {"primaryKey": ["code"]}
PEOPLE = "code,mail,name\na,a@example.org,Ann\nb,b@example.org,Bob\nc,,Cyd\n"


@pytest.mark.parametrize(
    ("submission", "row", "expected"),
    [
        ("append", "d,a@example.org,Dan", [("key-published", "unique", 2, "mail", "a@example.org")]),
        ("append", "d,,Dan", []),
        ("append", "a,a@example.org,Ann", [("key-published", "", 2, "code", "a")]),
        ("upsert", "a,a@example.org,Anna", []),
        ("upsert", "d,a@example.org,Dan", [("key-published", "unique", 2, "mail", "a@example.org")]),
        ("upsert", "b,a@example.org,Bob", [("key-published", "unique", 2, "mail", "a@example.org")]),
        ("upsert", "b,a@example.org,Bob\na,b@example.org,Ann", []),
    ],
    ids=["append", "empty", "told once", "its own row", "another row", "one given to another", "swapped"],
)
def test_a_unique_value_may_stand_once_in_what_the_release_will_hold(
    desk: Desk, submission: str, row: str, expected: list[object]
) -> None:
    desk.publish(PEOPLE, counts("append", UNIQUE, CODE))

    assert errors(desk.check(f"code,mail,name\n{row}\n", counts(submission, UNIQUE, CODE))) == expected


def test_a_unique_key_of_two_columns_is_looked_for_online(desk: Desk) -> None:
    fields = (field("code"), field("first"), field("last"))
    table = counts("append", fields, {**CODE, "uniqueKeys": [["first", "last"]]})
    desk.publish("code,first,last\na,Ann,Lee\n", table)
    report = desk.check("code,first,last\nb,Ann,Poe\nc,Ann,Lee\n", table)

    assert errors(report) == [("key-published", "unique", 3, "first, last", "Ann, Lee")]
    message = only(report).message
    assert message.en.startswith("“Ann, Lee” in first, last may stand only once, and another row of version 1.0.0")
    assert message.zh.startswith("first, last 的值“Ann, Lee”不得重复，而版本 1.0.0")


def test_a_table_without_a_key_has_its_unique_values_looked_for_too(desk: Desk) -> None:
    table = counts("append", UNIQUE, {})
    desk.publish(PEOPLE, table)

    assert errors(desk.check("code,mail,name\nx,b@example.org,X\n", table)) == [
        ("key-published", "unique", 2, "mail", "b@example.org")
    ]


def test_rows_without_a_key_are_appended_as_they_are(desk: Desk) -> None:
    desk.publish(JANUARY, counts("append", schema={}))

    assert errors(desk.check(HEAD + "2026-01-01,A,12\n", counts("append", schema={}))) == []


# --------------------------------------------------------------------------------------- what cannot be put together


def in_tons(**more: Json) -> dict[str, Any]:
    return field("passed", "integer", civicat={"unit": "t", **more})


@pytest.mark.parametrize(
    ("rule", "table", "content", "column", "zh", "en"),
    [
        (
            *("gone", counts("append", FIELDS[:2]), "day,bridge\n2026-02-01,A\n", "passed"),
            *("有“passed”一列，这次提交的没有", "Column passed is in version 1.0.0"),
        ),
        (
            *("retyped", counts("append", (*FIELDS[:2], field("passed"))), HEAD + "2026-02-01,A,1\n", "passed"),
            *("是 integer，这次提交的是 string", "is integer in version 1.0.0"),
        ),
        (
            *("unit", counts("append", (*FIELDS[:2], in_tons())), HEAD + "2026-02-01,A,1\n", "passed"),
            *("里是“1”，这次提交的是“t”", "Column passed is in “1” in version 1.0.0"),
        ),
        (
            "required",
            counts("append", (*FIELDS, field("note", constraints={"required": True}))),
            *("day,bridge,passed,note\n2026-02-01,A,1,x\n", "note"),
            *("新增的“note”一列不得为空", "The new column note must not be empty"),
        ),
        (
            *("key", counts("append", schema={"primaryKey": ["day"]}), HEAD + "2026-02-01,A,1\n", "day"),
            *("里是“day, bridge”，这次提交的是“day”", "The primary key is “day, bridge” in version 1.0.0"),
        ),
    ],
    ids=["gone", "retyped", "unit", "required", "key"],
)
def test_what_changes_the_rows_online_cannot_join_them(  # noqa: PLR0913, PLR0917 - a table's columns
    desk: Desk, rule: str, table: dict[str, Any], content: str, column: str, zh: str, en: str
) -> None:
    desk.publish(JANUARY, counts("append"))
    report = desk.check(content, table)

    assert report.outcome is Outcome.FAILED
    (finding,) = [one for one in report.all_findings() if one.severity is Severity.ERROR]
    assert (finding.code, finding.rule, finding.place.field) == ("cannot-join", rule, column)
    assert zh in finding.message.zh
    assert en in finding.message.en
    assert "submission: replace" in finding.remedy.zh
    assert "submission: replace" in finding.remedy.en
    table["civicat"]["submission"] = "replace"
    assert errors(desk.check(content, table)) == []


def test_a_new_column_in_the_key_cannot_be_empty_online(desk: Desk) -> None:
    desk.publish(JANUARY, counts("append"))
    table = counts("append", (*FIELDS, field("lane")), {"primaryKey": ["day", "bridge", "lane"]})
    report = desk.check("day,bridge,passed,lane\n2026-02-01,A,1,x\n", table)

    assert [(code, rule, column) for code, rule, _, column, _ in errors(report)] == [
        ("cannot-join", "required", "lane"),
        ("cannot-join", "key", "day, bridge, lane"),
    ]


def test_columns_may_come_and_decimals_may_grow(desk: Desk) -> None:
    def priced(scale: int) -> dict[str, Any]:
        return field("price", "number", civicat={"scale": scale})

    desk.publish("code,price\na,1.25\n", counts("append", (field("code"), priced(2)), CODE))
    wider = counts("append", (field("code"), priced(3), field("note")), CODE)
    narrower = counts("append", (field("code"), priced(1)), CODE)

    assert errors(desk.check("code,price,note\nb,12345678901234567.125,x\n", wider)) == []
    assert [one[:2] for one in errors(desk.check("code,price\nb,1.5\n", narrower))] == [("cannot-join", "retyped")]


@pytest.mark.parametrize(
    ("online", "cell", "expected"),
    [
        ("2026-01-01T08:00:00Z", "", []),
        ("", "2026-01-01T08:00:00Z", []),
        ("2026-01-01T08:00:00Z", "2026-01-02T08:00:00", [("cannot-join", "retyped")]),
    ],
    ids=["handed in", "online", "neither"],
)
def test_a_column_of_times_that_is_empty_is_of_any_kind(
    desk: Desk, online: str, cell: str, expected: list[object]
) -> None:
    table = counts("append", (field("code"), of_kind("seen", MOMENT)), CODE)
    desk.publish(f"code,seen\na,{online}\n", table)

    assert [one[:2] for one in errors(desk.check(f"code,seen\nb,{cell}\n", table))] == expected


# -------------------------------------------------------------------------------------------------------- foreign keys


def test_a_foreign_key_finds_the_rows_online_of_a_table_that_is_appended_to(desk: Desk) -> None:
    def both(submission: str) -> tuple[dict[str, Any], dict[str, Any]]:
        key = {"fields": ["bridge"], "reference": {"resource": "bridges", "fields": ["code"]}}
        bridges = resource("bridges", "bridges.csv", [field("code")], schema=CODE, civicat={"submission": submission})
        return bridges, counts("append", schema={**KEY, "foreignKeys": [key]})

    (desk.folder / "bridges.csv").write_text("code\nA\nB\n", "utf-8")
    desk.publish(JANUARY, *both("append"))
    (desk.folder / "bridges.csv").write_text("code\nC\n", "utf-8")
    march = HEAD + "2026-03-01,A,1\n2026-03-01,C,1\n2026-03-01,D,1\n"

    for submission in ("append", "upsert"):
        assert errors(desk.check(march, *both(submission))) == [("foreign-key", "", 4, "bridge", "D")]
    assert [row for _, _, row, _, _ in errors(desk.check(march, *both("replace")))] == [2, 4]


@pytest.mark.parametrize(
    ("kind", "there", "gone"),
    [
        ({"type": "number"}, "1.50", "1.25"),
        (MOMENT, "2026-01-01T08:00:00+08:00", "2026-01-01T08:00:00Z"),
        ({"type": "number", "civicat": {"scale": 1}}, "1.5", "1.2"),
    ],
    ids=["float", "instant", "decimal"],
)
def test_a_foreign_key_into_the_rows_online_is_compared_by_value(
    desk: Desk, kind: dict[str, Json], there: str, gone: str
) -> None:
    key = {"fields": ["of"], "reference": {"resource": "", "fields": ["a"]}}
    fields = [of_kind("a", kind), of_kind("of", kind)]
    table = counts("append", fields, {"primaryKey": ["a"], "foreignKeys": [key]})
    desk.publish(f"a,of\n{'1.5' if kind['type'] == 'number' else '2026-01-01T00:00:00Z'},\n", table)
    other = "7.5" if kind["type"] == "number" else "2027-01-01T00:00:00Z"
    more = "8.5" if kind["type"] == "number" else "2028-01-01T00:00:00Z"

    assert [one[:3] for one in errors(desk.check(f"a,of\n{other},{there}\n{more},{gone}\n", table))] == [
        ("foreign-key", "", 3)
    ]


# --------------------------------------------------------------------------------------------------------------- drift


def many(days: range, bridges: str = "AB") -> str:
    return HEAD + "".join(f"2026-01-{day:02},{bridge},100\n" for day in days for bridge in bridges)


@pytest.mark.parametrize(
    ("submission", "handed_in", "expected"),
    [
        ("replace", many(range(11, 12)), [("row-count-drift", "down")]),
        ("append", many(range(11, 12)), []),
        ("append", many(range(11, 16)), [("row-count-drift", "up")]),
        ("upsert", many(range(10, 12)), []),
        ("upsert", many(range(1, 16)), [("row-count-drift", "up")]),
        ("upsert", HEAD + "2026-01-01,A,100\n", []),
    ],
    ids=["replaced", "appended", "appended beyond", "upserted", "upserted beyond", "corrected"],
)
def test_bounds_are_held_against_what_the_release_will_hold(
    desk: Desk, submission: str, handed_in: str, expected: list[tuple[str, str]]
) -> None:
    desk.publish(many(range(1, 11)), counts("append"))
    bounds = {"counts": {"rows": {"down": "0%", "up": "20%"}}}
    report = desk.check(handed_in, counts(submission), bounds=bounds)

    assert [one[:2] for one in errors(report)] == expected


def test_an_older_month_does_not_set_the_latest_date_back(desk: Desk) -> None:
    desk.publish(many(range(11, 20)), counts("append"))
    report = desk.check(
        many(range(9, 11)), counts("append"), bounds={"counts": {"fields": {"day": {"latest": "may-stay"}}}}
    )

    assert report.all_findings() == ()


# --------------------------------------------------------------------------------------------- tables in several parts


def in_parts(release: Release, cut: int) -> Release:
    """The same release with its table in two files, `cut` rows in the first."""
    (table,) = release.tables
    whole = pq.read_table(table.path)
    parts = []
    for number, some in enumerate((whole.slice(0, cut), whole.slice(cut)), 1):
        path = release.folder / f"counts.{number:04}.parquet"
        pq.write_table(some, path)
        parts.append({"path": path.name, "bytes": path.stat().st_size, "hash": "sha256:0", "rows": some.num_rows})
    file = release.folder / "datapackage.json"
    descriptor = json.loads(file.read_text("utf-8"))
    descriptor["resources"][0]["civicat"]["parts"] = parts
    file.chmod(0o644)
    file.write_text(json.dumps(descriptor), "utf-8")
    return read(release.folder)


def test_all_parts_of_a_table_are_read(desk: Desk) -> None:
    whole = desk.publish(JANUARY, counts("append")).tables[0]
    before = measure_released(whole, looks_of(whole.resource, {}))
    (table,) = in_parts(desk.layout.release("transport/counts"), 2).tables  # type: ignore[arg-type] # it is there

    assert [path.name for path in table.paths] == ["counts.0001.parquet", "counts.0002.parquet"]
    assert measure_released(table, looks_of(table.resource, {})) == before
    assert released_schema(table).names == ["day", "bridge", "passed"]
    assert [batch.num_rows for batch in released_batches(table, ["day"])] == [2, 1]


@pytest.mark.parametrize("number", [0, 1])
def test_the_part_that_is_damaged_is_named(desk: Desk, number: int) -> None:
    (table,) = in_parts(desk.publish(JANUARY, counts("append")), 2).tables
    table.paths[number].write_bytes(b"PAR1")

    with pytest.raises(StoreError, match=rf"counts\.000{number + 1}\.parquet cannot be read .* Run civicat verify\."):
        list(released_batches(table))


@pytest.mark.parametrize("key", ["2026-01-01,A", "2026-01-02,A"], ids=["first part", "second part"])
def test_a_key_is_found_in_each_part(desk: Desk, key: str) -> None:
    in_parts(desk.publish(JANUARY, counts("append")), 2)

    assert [one[:3] for one in errors(desk.check(f"{HEAD}{key},1\n", counts("append")))] == [("key-published", "", 2)]


def test_a_reference_into_another_dataset_finds_the_keys_of_each_part(desk: Desk, hand_in: Callable[..., Path]) -> None:
    table = counts("append", [field("code"), field("name")], CODE)
    in_parts(desk.publish("code,name\naa1,x\nbb2,x\ncc3,x\n", table), 1)
    reference = {"dataset": "transport/counts", "resource": "counts", "fields": ["code"]}
    ours = {"foreignKeys": [{"fields": ["code"], "reference": reference}]}
    lanes = package("lanes", [resource("lanes", "l.csv", [field("code")], civicat=ours)])
    folder = hand_in_beside(hand_in, desk, lanes, "code\naa1\ncc3\ndd4\n")

    with check(read_submission(folder).dataset, desk.layout) as checked:
        assert errors(checked.report) == [("foreign-key", "", 4, "code", "dd4")]


@pytest.mark.parametrize(("codes", "found"), [(range(8), True), (range(4, 12), True), (range(5, 13), False)])
def test_a_draft_looks_for_keys_in_each_part(desk: Desk, tmp_path: Path, codes: range, found: bool) -> None:  # noqa: FBT001 - a table's column
    table = counts("append", [field("code"), field("name")], CODE)
    in_parts(desk.publish("code,name\n" + "".join(f"S{n:02},x\n" for n in range(12)), table), 6)
    rows = "".join(f"S{n:02},{n}\n" for n in codes)
    (tmp_path / "x.csv").write_text(f"place,n\n{rows}", "utf-8")

    draft = describe(tmp_path / "x.csv", desk.layout)
    assert ("8 values are among the 12 of transport/counts, counts.code" in draft) is found


def hand_in_beside(hand_in: Callable[..., Path], desk: Desk, whole: dict[str, Any], content: str) -> Path:
    folder = hand_in(whole, {"l.csv": content})
    assert folder.parent == desk.folder.parent
    return folder

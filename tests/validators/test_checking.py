"""A dataset folder -> a report and typed tables: what passes, what fails, what could not be checked."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from frictionless import Report as Theirs
from handing_in import field, package, resource

from civicat.errors import SourceError
from civicat.layout import Layout
from civicat.report import Outcome, Report
from civicat.validators import check, read_submission

CheckCsv = Callable[..., Report]
HandIn = Callable[..., Path]

COUNT = field("count", "integer", constraints={"required": True, "minimum": 0})


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.all_findings()]


def test_a_clean_file_passes_with_its_rows_counted(check_csv: CheckCsv) -> None:
    report = check_csv("count\n0\n1\n", COUNT)
    assert report.outcome is Outcome.PASSED
    assert (report.rows, report.all_findings()) == (2, ())


def test_each_side_of_a_minimum(check_csv: CheckCsv) -> None:
    report = check_csv("count\n0\n-1\n", COUNT)
    (finding,) = report.all_findings()
    assert (finding.code, finding.rule, finding.place.row, finding.place.field) == (
        "constraint-error",
        "minimum",
        3,
        "count",
    )
    assert finding.message.en == "“-1” is less than 0, the minimum that datapackage.yaml sets."
    assert finding.message.zh == "“-1”小于 0，即 datapackage.yaml 规定的最小值。"
    assert finding.remedy.missing() == ()


def test_the_table_is_typed_and_can_be_read_twice(hand_in: HandIn, layout: Layout) -> None:
    fields = [
        field("id", "integer"),
        field("size", "number", civicat={"scale": 1}),
        field("share", "number"),
        field("day", "date"),
        field("at", "datetime", example="2026-02-22T08:00:00Z"),
        field("tags", "array", example="[]"),
        field("open", "boolean"),
        field("month", "yearmonth", example="2026-02"),
        field("lasts", "duration", example="P1D"),
    ]
    rows = """id,size,share,day,at,tags,open,month,lasts
1,2.50,0.1,2026-02-22,2026-02-22T08:00:00+08:00,"[1, ""是""]",true,2026-2,P1D
2,,,,,,,,
"""
    folder = hand_in(package("counts", [resource("counts", "data/c.csv", fields)]), {"data/c.csv": rows})
    with check(read_submission(folder).dataset, layout) as checked:
        assert checked.report.outcome is Outcome.PASSED, checked.report.all_findings()
        (table,) = checked.tables
        first, again = (pa.Table.from_batches(list(table.batches()), table.schema) for _ in range(2))
    assert table.rows == 2
    assert first.equals(again)
    assert [str(one) for one in table.schema.types] == [
        *("int64", "decimal128(18, 1)", "double", "date32[day]", "timestamp[us, tz=UTC]", "string", "bool"),
        *("string", "string"),
    ]
    assert first.to_pylist()[0] == {
        "id": 1,
        "size": Decimal("2.5"),
        "share": 0.1,
        "day": dt.date(2026, 2, 22),
        "at": dt.datetime(2026, 2, 22, tzinfo=dt.UTC),
        "tags": '[1,"是"]',
        "open": True,
        "month": "2026-02",
        "lasts": "P1D",
    }
    assert set(first.to_pylist()[1].values()) == {2, None}


def test_a_table_with_an_error_is_no_table(hand_in: HandIn, layout: Layout) -> None:
    two = [resource("good", "good.csv", [COUNT]), resource("bad", "bad.csv", [COUNT])]
    folder = hand_in(package("counts", two), {"good.csv": "count\n1\n", "bad.csv": "count\nx\n"})
    with check(read_submission(folder).dataset, layout) as checked:
        assert [table.resource.name for table in checked.tables] == ["good"]
        assert checked.report.outcome is Outcome.FAILED


def test_rows_beyond_one_batch_keep_their_numbers(check_csv: CheckCsv) -> None:
    report = check_csv("count\n" + "1\n" * 10_000 + "x\n", COUNT)
    assert [finding.place.row for finding in report.all_findings()] == [10_002]


def test_reading_stops_where_the_limit_is_reached(check_csv: CheckCsv) -> None:
    report = check_csv("count\n" + "x\n" * 12, COUNT, limit_errors=5)
    (one,) = report.resources
    assert (len(one.findings), one.counts, one.rows, one.stopped) == (5, {"type-error": 5}, 5, 6)
    descriptor: Any = report.to_descriptor()
    (task,) = descriptor["tasks"]
    assert task["warnings"] == ["reached error limit: 5"]


def test_every_error_is_counted_where_that_is_asked_for(check_csv: CheckCsv) -> None:
    report = check_csv("count\n" + "x\n" * 12, COUNT, limit_errors=5, count_all=True)
    (one,) = report.resources
    assert (len(one.findings), one.counts, one.rows, report.errors) == (5, {"type-error": 12}, 12, 12)
    descriptor: Any = report.to_descriptor()
    assert descriptor["tasks"][0]["stats"]["errors"] == 5


def test_no_limit_explains_all(check_csv: CheckCsv) -> None:
    assert len(check_csv("count\n" + "x\n" * 1001, COUNT, limit_errors=0).all_findings()) == 1001


def test_an_empty_file_is_invalid(check_csv: CheckCsv) -> None:
    report = check_csv("", COUNT)
    assert (codes(report), report.outcome) == (["source-error"], Outcome.FAILED)
    assert report.all_findings()[0].message.en == "This file is empty."


def test_a_header_alone_is_valid_with_a_warning(check_csv: CheckCsv) -> None:
    report = check_csv("count\n", COUNT)
    assert (codes(report), report.outcome) == (["no-rows"], Outcome.PASSED)


def test_bytes_of_another_encoding_are_named_with_their_line(check_csv: CheckCsv) -> None:
    report = check_csv(b"name\nok\n" + "价格\n".encode("gb18030"), field("name"), encoding="utf-8")
    (finding,) = report.all_findings()
    assert (finding.code, finding.place.row, report.outcome) == ("encoding-error", 3, Outcome.FAILED)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_an_encoding_that_is_not_declared_is_found(check_csv: CheckCsv, encoding: str) -> None:
    rows = "name\n" + "ascii\n" * 40_000 + "大兴区清源街道办事处\n"  # the first such character far into the file
    assert check_csv(rows.encode(encoding), field("name")).outcome is Outcome.PASSED


def test_a_declared_encoding_is_used(check_csv: CheckCsv) -> None:
    report = check_csv("name\n价\n".encode("gb18030"), field("name", constraints={"enum": ["价"]}), encoding="gb18030")
    assert report.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("fields", "rows", "code", "rule"),
    [
        ([field("n", "number", civicat={"scale": 2})], "n\n1.230\n1.234\n", "scale-error", ""),
        ([field("n", "number", civicat={"scale": 2})], "n\n1\nNaN\n", "range-error", "finite"),
        ([field("n", "number")], "n\n1\nINF\n", "range-error", "finite"),
        ([field("n", "integer")], f"n\n{2**63 - 1}\n{2**63}\n", "range-error", ""),
        (
            [field("t", "datetime", example="2026-01-01T00:00:00Z")],
            "t\n9999-12-31T15:59:59-08:00\n9999-12-31T16:00:00-08:00\n",
            *("range-error", "moment"),
        ),
        (
            [field("t", "datetime", example="2026-01-01T00:00:00Z")],
            "t\n0001-01-01T08:00:00+08:00\n0001-01-01T07:59:59+08:00\n",
            *("range-error", "moment"),
        ),
        ([field("n", "number", civicat={"scale": 0})], f"n\n{10**37}\n{10**38}\n", "range-error", ""),
        ([field("t", "time")], "t\n08:00:00\n08:00:00Z\n", "offset-error", "time"),
        (
            [field("t", "datetime", example="2026-01-01T00:00:00")],
            "t\n2026-01-01T00:00:00\n2026-01-01T00:00:00Z\n",
            *("offset-error", ""),
        ),
    ],
)
def test_a_value_that_no_column_can_hold_exactly(
    check_csv: CheckCsv, fields: list[dict[str, object]], rows: str, code: str, rule: str
) -> None:
    (finding,) = check_csv(rows, *fields).all_findings()
    assert (finding.code, finding.rule, finding.place.row) == (code, rule, 3)
    assert (finding.place.row, finding.found, finding.descriptor) == (3, rows.splitlines()[2], {})


def test_frictionless_can_read_a_report_with_codes_of_our_own(check_csv: CheckCsv) -> None:
    fields = [field("n", "number", title="TODO", civicat={"scale": 0}), field("k", "integer")]
    keys = [{"fields": ["gone"], "reference": {"dataset": "a/b", "resource": "b", "fields": ["c"]}}]
    report = check_csv("n,k\n1.5,1\n", *fields, civicat={"foreignKeys": keys})
    assert codes(report) == ["todo-left", "scale-error", "reference-unavailable"]
    theirs = Theirs.from_descriptor(json.loads(json.dumps(report.to_descriptor())))
    assert [*theirs.errors, *theirs.tasks[0].errors] == []  # it has no such errors: they stand under our own key
    assert (theirs.valid, report.outcome) == (True, Outcome.FAILED)


def test_findings_of_a_row_stand_in_the_order_of_the_rows(check_csv: CheckCsv) -> None:
    report = check_csv(f"n\n{2**63}\nx\n", field("n", "integer"))
    assert [finding.place.row for finding in report.all_findings()] == [2, 3]


@pytest.mark.parametrize(
    ("one", "cell"),
    [
        (field("code", constraints={"pattern": "(?=a)(a+)+b"}), "A"),
        (
            field("at", "datetime", example="2026-01-01T00:00:00", constraints={"minimum": "2026-01-01T00:00:00Z"}),
            "2026-01-01T00:00:00",
        ),
    ],
)
def test_a_broken_rule_is_not_the_datas_fault(check_csv: CheckCsv, one: dict[str, object], cell: str) -> None:
    report = check_csv(f"{one['name']}\n{cell}\n", one)
    assert (codes(report), report.outcome) == (["rule-broken"], Outcome.UNCHECKED)


def test_a_foreign_key_inside_the_dataset(hand_in: HandIn, layout: Layout) -> None:
    key = {"foreignKeys": [{"fields": ["state"], "reference": {"resource": "states", "fields": ["code"]}}]}
    two = [
        resource("cities", "cities.csv", [field("state")], schema=key),
        resource("states", "states.csv", [field("code")]),
    ]
    folder = hand_in(package("counts", two), {"cities.csv": "state\nTX\nXX\n", "states.csv": "code\nTX\n"})
    with check(read_submission(folder).dataset, layout) as checked:
        (finding,) = checked.report.all_findings()
    assert (finding.code, finding.place.row, finding.found) == ("foreign-key", 3, "XX")
    assert finding.message.en == "“XX” in state is not to be found in states code."


def test_a_primary_key_that_comes_twice_names_the_other_row(check_csv: CheckCsv) -> None:
    report = check_csv("id,n\na,1\nb,1\na,2\n", field("id"), COUNT | {"name": "n"}, schema={"primaryKey": ["id"]})
    (finding,) = report.all_findings()
    assert finding.message.en == "“a” in id stands in row 2 too; it must be different in every row."


def test_a_faulty_schema_is_a_finding_on_the_descriptor(check_csv: CheckCsv) -> None:
    report = check_csv("count\n1\n", COUNT, COUNT)
    assert [finding.code for finding in report.findings] == ["schema-error"]
    assert report.outcome is Outcome.FAILED


def test_a_format_that_is_no_table_is_not_called_checked(hand_in: HandIn, layout: Layout) -> None:
    folder = hand_in(package("counts", [resource("counts", "map.pdf", [COUNT])]), {"map.pdf": b"%PDF-1.7"})
    with check(read_submission(folder).dataset, layout) as checked:
        assert (codes(checked.report), checked.report.outcome) == (["not-a-table"], Outcome.UNCHECKED)


def test_a_binary_file_with_the_suffix_of_a_text(check_csv: CheckCsv) -> None:
    with pytest.raises(SourceError, match="is an Excel workbook or a zip archive, not text"):
        check_csv(b"PK\x03\x04\x14\x00\x06\x00", COUNT)


def test_nothing_is_left_on_disk(
    hand_in: HandIn, layout: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spool))
    folder = hand_in(package("counts", [resource("counts", "c.csv", [COUNT])]), {"c.csv": "count\n1\n"})
    before = sorted(folder.rglob("*"))
    with check(read_submission(folder).dataset, layout) as checked:
        assert checked.tables[0].path.is_relative_to(spool)
    assert list(spool.iterdir()) == []
    assert sorted(folder.rglob("*")) == before


def test_a_unique_key_of_two_columns_may_not_repeat(check_csv: CheckCsv) -> None:
    rows = "day,site,n\n2026-02-21,A,1\n2026-02-21,B,2\n2026-02-21,A,3\n2026-02-21,,4\n2026-02-21,,5\n"
    columns = (field("day", "date"), field("site"), field("n", "integer"))
    report = check_csv(rows, *columns, schema={"uniqueKeys": [["day", "site"]]})
    (finding,) = report.all_findings()  # a key with an empty part repeats none
    assert (finding.code, finding.place.row, finding.found, finding.descriptor) == (
        *("unique-key", 4, "2026-02-21, A"),
        {},
    )
    assert finding.message.en.startswith("“2026-02-21, A” in day, site stands in row 2 too")
    assert "与第 2 行相同" in finding.message.zh

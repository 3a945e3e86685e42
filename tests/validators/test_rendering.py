"""A report as people read it on a terminal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from handing_in import field

from civicat.report import Report
from civicat.validators import render

CheckCsv = Callable[..., Report]
COUNT = field("count", "integer", constraints={"minimum": 0})


def lines(report: Report, language: str = "en") -> list[str]:
    return [line.replace(str(line.split("datasets/")[0]), "") if "datasets/" in line else line
            for line in render(report, "zh" if language == "zh" else "en")]  # fmt: skip


def test_one_finding_says_where_what_and_what_to_do(check_csv: CheckCsv) -> None:
    assert lines(check_csv("count\n1\n-4\n", COUNT)) == [
        "datasets/transport/counts/counts.csv, row 3, column count",
        "  “-4” is less than 0, the minimum that datapackage.yaml sets.",
        "  Correct the value, or leave the cell empty if there is none.",
        "transport/counts: to be mended (2 rows, 1 finding)",
    ]


def test_findings_of_one_kind_are_shown_three_times_and_counted(check_csv: CheckCsv) -> None:
    report = check_csv("count\n" + "-4\n" * 12, COUNT, limit_errors=5)
    found = lines(report)
    assert [line for line in found if line.startswith("datasets")] == [
        f"datasets/transport/counts/counts.csv, row {row}, column count" for row in (2, 3, 4)
    ]
    assert found[-2:] == [
        "... and 9 more like it (12 of 12 rows). civicat validate --format json --limit-errors 0 lists them all.",
        "transport/counts: to be mended (12 rows, 12 findings)",
    ]
    assert lines(report, "zh")[-2:] == [
        "……另有 9 处同样的问题（此类共 12 处，共 12 行）。civicat validate --format json --limit-errors 0 可列出全部。",
        "transport/counts：有待改正（12 行，12 处）",
    ]


def test_three_of_a_kind_leave_nothing_to_count(check_csv: CheckCsv) -> None:
    assert not [line for line in lines(check_csv("count\n" + "-4\n" * 3, COUNT)) if line.startswith("...")]


def test_kinds_beyond_the_limit_are_counted_too(check_csv: CheckCsv) -> None:
    report = check_csv("count,day\n-4,x\n-5,y\n", COUNT, field("day", "date"), limit_errors=1)
    assert "... and 2 of other kinds." in lines(report)


def test_a_pass_is_one_line(check_csv: CheckCsv) -> None:
    report = check_csv("count\n1\n", COUNT)
    assert lines(report) == ["transport/counts: passed (1 row)"]
    assert lines(report, "zh") == ["transport/counts：通过（1 行）"]


@pytest.mark.parametrize(("language", "word"), [("zh", "提示："), ("en", "Note: ")])
def test_a_warning_is_called_one(check_csv: CheckCsv, language: str, word: str) -> None:
    assert lines(check_csv("count\n", COUNT), language)[1].startswith(f"  {word}")

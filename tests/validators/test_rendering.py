"""A report as people read it on a terminal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from handing_in import field

from civicat.finding import Finding, Place, Severity
from civicat.report import Report, ResourceReport, Tally
from civicat.validators import render
from civicat.validators.cause import because
from civicat.validators.messages import say
from civicat.validators.wrapping import cells, wrapped

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


def test_findings_of_one_kind_are_told_once_with_the_first_places_and_counted(check_csv: CheckCsv) -> None:
    report = check_csv("count\n" + "".join(f"-{number}\n" for number in range(1, 13)), COUNT)
    assert lines(report) == [
        "datasets/transport/counts/counts.csv, row 2, column count",
        "  “-1” is less than 0, the minimum that datapackage.yaml sets.",
        "  Correct the value, or leave the cell empty if there is none.",
        "  Also row 3 “-2”, row 4 “-3” and 9 more (12 of 12 rows).",
        "To see every one marked in your own table, add: --format xlsx --output findings.xlsx",
        "To list every one, add: --format json",
        "transport/counts: to be mended (12 rows, 12 findings)",
    ]
    assert lines(report, "zh") == [
        "datasets/transport/counts/counts.csv，第 2 行，count 列",
        "  “-1”小于 0，即 datapackage.yaml 规定的最小值。",
        "  请更正；没有值就留空。",
        "  还有：第 3 行“-2”、第 4 行“-3”，另有 9 处（12 行中有 12 处）。",
        "要在自己的表里看到每一处，请加上：--format xlsx --output findings.xlsx",
        "要列出每一处，请加上：--format json",
        "transport/counts：有待改正（12 行，12 处）",
    ]


@pytest.mark.parametrize(
    ("times", "also"),
    [(1, []), (2, ["  Also row 3 “-4” (2 of 2 rows)."]), (3, ["  Also row 3 “-4” and row 4 “-4” (3 of 3 rows)."])],
)
def test_up_to_three_places_are_all_shown(times: int, also: list[str], check_csv: CheckCsv) -> None:
    found = lines(check_csv("count\n" + "-4\n" * times, COUNT))
    assert [line for line in found if line.startswith("  Also")] == also
    assert not [line for line in found if line.startswith("To ")]


def test_kinds_beyond_the_limit_are_counted_too() -> None:
    whole = report_of(finding(2, "x"), finding(3, "y"))
    (table,) = whole.resources
    more = (*table.tallies, Tally("type-error", "date", "day", 2))
    counted = replace(table, tallies=more, counts={"type-error": 4}, stopped=3, limit=2)
    shown = render(replace(whole, resources=(counted,)), "en")
    assert shown[-4:-1] == [
        "... and 2 of other kinds.",
        "To see every one marked in your own table, add: --format xlsx --output findings.xlsx --limit-errors 0",
        "To list every one, add: --format json --limit-errors 0",
    ]
    assert "……另有 2 处其他问题。" in render(replace(whole, resources=(counted,)), "zh")


def test_where_reading_stopped_at_the_limit_is_said(check_csv: CheckCsv) -> None:
    report = check_csv("count\n" + "-4\n" * 12, COUNT, limit_errors=2)
    assert lines(report)[-4:-1] == [
        "Checked as far as row 3, where the limit of 2 was reached; the rows below were not looked at.",
        "To see every one marked in your own table, add: --format xlsx --output findings.xlsx --limit-errors 0",
        "To list every one, add: --format json --limit-errors 0",
    ]
    assert "满 2 处即停：只查到第 3 行，以下各行还没有查。" in lines(report, "zh")
    whole = replace(report, resources=(replace(report.resources[0], stopped=None, limit=None),))
    assert not [line for line in lines(whole) if line.startswith(("Checked", "To "))]


def test_columns_of_a_header_are_told_together(check_csv: CheckCsv) -> None:
    report = check_csv("c0\nx\n", *(field(f"c{number}") for number in range(12)))
    assert lines(report)[:13] == [
        "datasets/transport/counts/counts.csv, row 1",
        *(f"  The column “c{number}” is missing." for number in range(1, 11)),
        "  The same goes for 1 more column.",
        "  Add what is missing, or take it out of the descriptor if it is no longer collected.",
    ]
    assert "  还有 1 列也是这样。" in lines(report, "zh")


def test_a_pass_is_one_line(check_csv: CheckCsv) -> None:
    report = check_csv("count\n1\n", COUNT)
    assert lines(report) == ["transport/counts: passed (1 row)"]
    assert lines(report, "zh") == ["transport/counts：通过（1 行）"]


@pytest.mark.parametrize(("language", "word"), [("zh", "提示："), ("en", "Note: ")])
def test_a_warning_is_called_one(check_csv: CheckCsv, language: str, word: str) -> None:
    assert lines(check_csv("count\n", COUNT), language)[1].startswith(f"  {word}")


FIGURES = (field("n", "number"), field("s", constraints={"maxLength": 3}))


def report_of(*findings: Finding, rows: int = 3) -> Report:
    counts = Counter((one.code, one.rule, one.place.field) for one in findings if one.severity is Severity.ERROR)
    tallies = tuple(Tally(*kind, count) for kind, count in counts.items())
    codes = Counter(one.code for one in findings)
    return Report("a/b", (), (ResourceReport("b", "b.csv", ("n",), rows, 1, "", findings, codes, tallies=tallies),))


def finding(row: int, cell: str, column: str = "n") -> Finding:
    words = say("type-error", "number", cell=cell)
    place = Place("b.csv", "b", row, column, 1)
    return Finding("type-error", Severity.ERROR, place, words.message, words.remedy, cell, rule="number")


def test_a_likely_cause_stands_above_what_it_explains_and_is_said_once() -> None:
    comma = because("decimal-comma", "n", frozenset({"type-error"}), cell="1,5", mended="1.5", count="2 格")
    other = because("decimal-comma", "m", cell="1,5", mended="1.5", count="2 格")
    whole = because("columns-reordered", names="n")
    report = report_of(finding(2, "x", "o"), finding(3, "1,5"), finding(4, "2,5"))
    assert render(report, "zh", {"b": (comma, other, whole)}) == [
        "b.csv",
        "  可能的原因：各列都在，只是次序不同。",
        "  请照这个次序排列：n；或在描述文件的 schema 中写 fieldsMatch: equal。",
        "b.csv，第 2 行，o 列",
        "  “x”不是数字。",
        "  请只写数字，小数点用“.”，不加单位和千位分隔符；没有值就留空。",
        "b.csv，n 列",
        "  可能的原因：“n”一列有 2 格把小数点写成了逗号，例如“1,5”应为“1.5”。",
        '  请改成小数点；或在描述文件这一列写上 decimalChar: ","。',
        "b.csv，第 3 行，n 列",
        "  “1,5”不是数字。",
        "  请只写数字，小数点用“.”，不加单位和千位分隔符；没有值就留空。",
        "  还有：第 4 行“2,5”（3 行中有 2 处）。",
        "a/b：有待改正（3 行，3 处）",
    ]
    assert "  Likely cause: All columns are there, in another order." in render(report, "en", {"b": (whole,)})


def test_a_long_cell_beside_its_row_is_cut() -> None:
    shown = render(report_of(finding(2, "a"), finding(3, "b" * 24), finding(4, "c" * 25)), "en")
    assert f"  Also row 3 “{'b' * 24}” and row 4 “{'c' * 23}…” (3 of 3 rows)." in shown


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "cell",
    [
        "x" * 1_000_000,
        "\x1b]0;title\x07\x1b[2J\x1b[31mred",
        "a\r\nb\x00\x9b31m",
        "\u202egnp.exe\u2066",
        "\ud800",
        "\u2028\u2029\u0085",
        "السعر ١٢٣",
        "e" + "\u0301" * 1000,
    ],
)
def test_a_hostile_cell_is_cut_and_harmless(cell: str, language: str) -> None:
    shown = render(report_of(finding(2, cell, cell), finding(3, cell, cell)), "zh" if language == "zh" else "en")
    for line in shown:
        line.encode()  # halves of characters would stop the terminal's encoder
        assert len(line) < 300
        assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", line)


def test_lines_fit_a_terminal_of_80_cells_in_both_languages(check_csv: CheckCsv) -> None:
    report = check_csv("n,s\nabc,abcd\n" + "x,abcdef\n" * 9, *FIGURES)
    for language in ("zh", "en"):
        shown = render(report, "zh" if language == "zh" else "en", width=80)
        assert max(cells(line) for line in shown if "/" not in line) <= 80  # a path is never broken
        assert all(line == line.rstrip() for line in shown)


@pytest.mark.parametrize(
    ("line", "width", "parts"),
    [
        ("  one two three", 9, ["  one two", "  three"]),
        ("one two three", 7, ["one two", "  three"]),
        ("  请更正这个值。", 10, ["  请更正这", "  个值。"]),
        ("  请更正这个。", 12, ["  请更正这", "  个。"]),
        ("  请“更正”它。", 8, ["  请“更", "  正”", "  它。"]),
        ("  averyveryverylongpath/of/a/file.csv", 10, ["  averyveryverylongpath/of/a/file.csv"]),
        ("", 10, [""]),
    ],
)
def test_a_line_is_broken_between_words_and_between_characters(line: str, width: int, parts: list[str]) -> None:
    assert wrapped(line, width) == parts


def test_cells_too_many_are_counted_as_places_for_a_row_can_have_several(check_csv: CheckCsv) -> None:
    report = check_csv("count\n1,a,b\n2\n", COUNT)
    assert "  Also row 2 “b” (2 places in 2 rows)." in lines(report)
    assert "  还有：第 2 行“b”（2 行中有 2 处）。" in lines(report, "zh")


def test_a_word_for_yes_is_not_said_to_be_none(check_csv: CheckCsv) -> None:
    report = check_csv("open\n是\n", field("open", "boolean"))
    assert lines(report, "zh")[-3:-1] == [
        "  “是”不是规定的是非写法。",
        "  是写 true，否写 false；描述文件另有规定的，从其规定。",
    ]
    assert lines(report)[-3:-1] == [
        "  “是” is not one of the words for yes and no.",
        "  Write true for yes and false for no, or the words that the descriptor sets.",
    ]

"""What a table may not get away with, and how its faults are told: open quotes, endless patterns, keys, encodings."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from handing_in import field, package, resource

from civicat.errors import DescriptorError, SourceError
from civicat.finding import Severity
from civicat.layout import Layout
from civicat.report import Outcome, Report
from civicat.validators import check, read_submission, validate
from civicat.validators.delimited import separator
from civicat.validators.encodings import detect
from civicat.validators.engine import opening, pieces
from civicat.validators.engine.backtracking import runs_away
from civicat.validators.engine.pieces import CELL_LIMIT, RECORD_LIMIT

Check = Callable[..., Report]


@pytest.mark.parametrize(
    ("content", "row", "line"),
    [
        ('a;b\n1;"x\n2;y\n3;z\n', 2, 2),
        ('a;b\n1;"x\ny"\n2;"z\n', 3, 4),
        ('a;b\n1;"x', 2, 2),
    ],
)
def test_a_quote_that_is_never_closed_is_an_error(check_csv: Check, content: str, row: int, line: int) -> None:
    report = check_csv(content, field("a", "integer"), field("b"), dialect={"delimiter": ";"})
    (found,) = report.resources[0].findings
    assert (found.code, found.severity, found.place.row) == ("unclosed-quote", Severity.ERROR, row)
    assert f"line {line} of" in found.message.en
    assert f"第 {line} 行" in found.message.zh
    assert not found.descriptor


@pytest.mark.parametrize("content", ['a;b\n1;"x\ny"', 'a;b\n1;"x"""\n', 'a;b\n1;5" pipe\n', "a;b\n1;x"])
def test_a_quote_that_is_closed_or_only_a_sign_is_none(check_csv: Check, content: str) -> None:
    assert not check_csv(content, field("a", "integer"), field("b"), dialect={"delimiter": ";"}).resources[0].findings


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+", r"(?:\d{1,3})+x", "(.*)*", r"(\w+\s?)*", "(-(a+)+)*", "x(y(b+){9})?"]
)
def test_a_pattern_that_could_take_for_ever_is_known(pattern: str) -> None:
    assert runs_away(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["a+", "[a-z]+(-[a-z]+)*", r"(\d+,)*\d+", r"\d{2}(\d{2}){0,2}", r"(\d{3})+", "(ab|cd)+", "[", r"([^;]+;)*"],
)
def test_a_pattern_that_cuts_a_text_in_one_way_only_is_not(pattern: str) -> None:
    assert not runs_away(pattern)


@pytest.mark.parametrize("pattern", ["(?=a)(a+)+b", r"(a+)+\1b", "(a|a)+(?!x)b"])
def test_such_a_pattern_is_a_fault_of_the_rule_and_no_row_is_read(check_csv: Check, pattern: str) -> None:
    report = check_csv(f"b\n{'a' * 40}!\n", field("b", constraints={"pattern": pattern}))
    (found,) = report.resources[0].findings
    assert (found.code, found.rule, found.place.field) == ("rule-broken", "pattern", "b")
    assert pattern in found.message.zh
    assert report.outcome is Outcome.UNCHECKED


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)+b", "(a*)*b", r"(\w+\s?)*$", "a*a*a*a*b"])
def test_where_it_can_be_judged_without_trying_every_way_it_is(check_csv: Check, pattern: str) -> None:
    report = check_csv(f"b\n{'a' * 5000}!\n", field("b", constraints={"pattern": pattern}))
    (found,) = report.resources[0].findings
    assert (found.code, found.rule, found.place.row) == ("constraint-error", "pattern", 2)
    assert found.descriptor["note"] == f'constraint "pattern" is "{pattern}"'


def test_a_key_of_the_wrong_type_is_not_called_empty(check_csv: Check) -> None:
    report = check_csv("b\nx\n", field("b", "integer"), schema={"primaryKey": ["b"]})
    found = {one.code: one for one in report.resources[0].findings}
    assert found["primary-key"].rule == "unreadable"
    assert "empty" not in found["primary-key"].message.en
    assert found["primary-key"].descriptor["note"] == 'cells composing the primary keys are all "None"'


def test_a_key_without_text_is_empty(check_csv: Check) -> None:
    report = check_csv("a,b\n1,\n", field("a"), field("b", "integer"), schema={"primaryKey": ["b"]})
    assert [one.rule for one in report.resources[0].findings] == ["empty"]


def test_a_rule_that_cannot_be_applied_is_named(check_csv: Check) -> None:
    limit = {"minimum": "2020-01-01T00:00:00Z"}
    report = check_csv("b\n2020-01-01T00:00:00\n", field("b", "datetime", example="", constraints=limit))
    (found,) = report.resources[0].findings
    assert (found.code, found.rule, found.place.field) == ("rule-broken", "minimum", "b")
    assert "TypeError" not in found.message.en
    assert "offset-naive" not in found.message.en


def test_a_delimiter_that_is_nothing_is_the_fault_of_the_descriptor(check_csv: Check) -> None:
    with pytest.raises(DescriptorError, match=r"^datapackage\.yaml, counts: dialect\.delimiter"):
        check_csv("a\n1\n", field("a"), dialect={"delimiter": ""})


def test_and_so_it_is_where_the_columns_are_inferred(tmp_path: Path, layout: Layout) -> None:
    (tmp_path / "d.csv").write_text("a,b\n1,2\n", "utf-8")
    (tmp_path / "datapackage.yaml").write_text("resources: [{name: d, path: d.csv, dialect: {delimiter: ''}}]", "utf-8")
    with pytest.raises(DescriptorError, match=r"dialect\.delimiter in the descriptor"):
        validate(tmp_path, None, layout)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("編號,名稱\n1,臺北市政府交通局\n", "big5"),
        ("編號\n", "big5"),
        ("編號,名稱\n1,2\n", "big5"),
        ("編號,地址\n1,2\n", "big5"),
        ("編號,行政區\n1,2\n", "big5"),
        ("年度,統計資料\n2024,行政區人口數\n", "big5"),
        ("编号,名称\n1,北京市交通委员会\n", "gb18030"),
        ("編號,名稱\n1,臺北市政府交通局\n", "gb18030"),
        ("t\n25°C\n30°C\n", "cp1252"),
    ],
)
def test_big5_is_told_from_gb18030(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode(encoding))
    assert path.read_text(detect(path)) == text


def test_a_csv_under_the_name_of_a_workbook_is_called_one(hand_in: Callable[..., Path], layout: Layout) -> None:
    folder = hand_in(package("counts", [resource("counts", "counts.xlsx", [field("a")])]), {"counts.xlsx": "a\n1\n"})
    dataset = read_submission(folder).dataset
    with pytest.raises(SourceError, match="looks like a CSV") as caught, check(dataset, layout):
        pass
    assert "看起来是 CSV" in caught.value.message.zh


@pytest.mark.parametrize(("form", "example"), [("default", "2024-01-05"), ("%d/%m/%Y", "25/01/2024")])
def test_a_date_is_shown_by_an_example(check_csv: Check, form: str, example: str) -> None:
    (found,) = check_csv("b\nx\n", field("b", "date", format=form, example=example)).resources[0].findings
    assert f"应写成 {example} 的样子" in found.message.zh
    assert f"like {example}." in found.message.en


@pytest.mark.parametrize(("before", "row"), [("n,w\n", 2), ("n,w\n" + "1,a\n" * 3000, 3002), ("", 1)])
def test_a_record_without_end_is_refused_before_memory_is_gone(check_csv: Check, before: str, row: int) -> None:
    report = check_csv(before + "x" * (RECORD_LIMIT + 10), field("n", "integer"), field("w"))
    (found,) = [one for one in report.all_findings() if one.code == "record-too-long"]
    assert (found.place.row, report.outcome) == (row, Outcome.FAILED)
    assert found.message.en.startswith(f"This row has no end: {RECORD_LIMIT:,} bytes were read")
    assert "没有结尾" in found.message.zh


@pytest.mark.parametrize(
    ("before", "row"), [("n,w\n", 2), ("n,w\n" + "1,a\n" * 3000, 3002), ("", 1), ("n,x\n", 2), ('n,w\n1,5" "x"y\n', 3)]
)
def test_a_record_of_too_many_cells_is_refused(check_csv: Check, before: str, row: int) -> None:
    report = check_csv(before + "," * CELL_LIMIT, field("n", "integer"), field("w"))
    (found,) = [one for one in report.all_findings() if one.code == "record-too-long"]
    assert (found.rule, found.place.row, report.outcome) == ("cells", row, Outcome.FAILED)
    assert found.message.en.startswith(f"This row has {CELL_LIMIT + 1:,} cells, far more than")
    assert f"这一行有 {CELL_LIMIT + 1:,} 个单元格" in found.message.zh


_BROKEN_LINES = ",".join(['"x\ny"'] * 120)  # more lines than the dialect is guessed from


@pytest.mark.parametrize("lines", ["", _BROKEN_LINES])
def test_a_header_of_too_many_cells_is_refused_wherever_its_lines_end(check_csv: Check, lines: str) -> None:
    cells = CELL_LIMIT + 1 - (lines.count(",") + 1)
    report = check_csv(f"{lines or 'x'},{'y,' * (cells - 1)}y\n1,2\n", field("n", "integer"), field("w"))
    (found,) = report.all_findings()
    assert (found.code, found.rule, found.place.row) == ("record-too-long", "cells", 1)
    assert found.message.en.startswith(f"This row has {CELL_LIMIT + 1:,} cells")
    assert f"这一行有 {CELL_LIMIT + 1:,} 个单元格" in found.message.zh


@pytest.mark.parametrize("surplus", [0, 1])
@pytest.mark.parametrize("name", ["counts.csv", "counts.csv.gz"])
def test_a_record_below_another_header_has_as_many_cells_as_the_limit(
    hand_in: Callable[..., Path], layout: Layout, name: str, surplus: int
) -> None:
    content = ("n,x\n1,2\n1" + "," * (CELL_LIMIT - 1 + surplus) + "\n3,4\n").encode()
    one = resource("counts", name, [field("n", "integer"), field("w")])
    folder = hand_in(package("counts", [one]), {name: gzip.compress(content) if name.endswith("gz") else content})
    with check(read_submission(folder).dataset, layout, limit_errors=5) as checked:
        codes = {found.code: found.place.row for found in checked.report.all_findings()}
    assert codes.get("record-too-long") == (3 if surplus else None)
    assert ("extra-cell" in codes) is not bool(surplus)


@pytest.mark.parametrize("header", ["n,w", "n,x"])
@pytest.mark.parametrize("surplus", [0, 1])
def test_a_record_is_as_long_as_the_limit_whoever_opens_the_table(
    check_csv: Check, monkeypatch: pytest.MonkeyPatch, surplus: int, header: str
) -> None:
    for module in (opening, pieces):
        monkeypatch.setattr(module, "RECORD_LIMIT", 1 << 12)
    report = check_csv(f"{header}\n1,{'x' * (4096 - 3 + surplus)}\n2,y\n", field("n", "integer"), field("w"))
    found = {one.code: one for one in report.all_findings()}
    assert ("record-too-long" in found) is bool(surplus)
    if surplus:
        assert found["record-too-long"].message.en.startswith("This row has no end: 4,096 bytes were read")
        assert "没有结尾" in found["record-too-long"].message.zh


def test_of_long_records_no_more_are_held_than_one_may_be_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "RECORD_LIMIT", 10)
    assert list(opening.while_short(["x" * 4] * 100, len)) == ["x" * 4] * 3
    assert list(opening.while_short(["x" * 4] * 2, len)) == ["x" * 4] * 2


@pytest.mark.parametrize("length", [1, 100_001])  # frictionless looks at the beginning of the former itself
def test_a_quote_that_is_none_is_told_in_frictionless_words(check_csv: Check, length: int) -> None:
    report = check_csv(f"n\n{'1' * length}\n", field("n", "integer"), dialect={"csv": {"quoteChar": ""}})
    (found,) = report.all_findings()
    assert (found.code, found.descriptor["note"]) == ("source-error", '"quotechar" must be a 1-character string')
    assert found.message.en
    assert found.message.zh


def test_a_record_of_as_many_cells_as_there_may_be_is_read(check_csv: Check) -> None:
    shape = '"' + "," * CELL_LIMIT + '"'  # as the corners of a polygon stand in one cell
    content = f"n,w\n1,{shape}\n" + "1,a\n" * 3000 + "1" + "," * (CELL_LIMIT - 1)
    codes = {one.code for one in check_csv(content, field("n", "integer"), field("w"), limit_errors=5).all_findings()}
    assert "extra-cell" in codes
    assert "record-too-long" not in codes


def test_the_separator_is_judged_by_a_beginning_and_not_by_a_line_without_an_end(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"a;b\n1;2\n3;" + b"x," * (1 << 22))
    assert separator(tmp_path / "x.csv", "utf-8") == ";"

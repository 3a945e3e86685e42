"""Likely causes: each is said where the evidence is clear, and not a cell before."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from handing_in import Json, field, package, resource

from civicat.dataset import read_dataset
from civicat.finding import Cause, Finding, Place, Severity
from civicat.layout import Layout
from civicat.report import ResourceReport
from civicat.text import Text
from civicat.validators import check, read_submission
from civicat.validators.cause import because
from civicat.validators.causes import Glimpse, glimpse, likely_causes
from civicat.validators.cell_causes import EXCEL_EXPONENT, FIRST_SERIAL, LAST_SERIAL, SHARE
from civicat.validators.examples import CAUSE_EXAMPLES, caused, examples
from civicat.validators.formats import find_source
from civicat.validators.messages import CAUSES, catalogue
from civicat.validators.tails import TAIL

Causes = Callable[..., tuple[Cause, ...]]
N = field("n", "number")
I = field("n", "integer")  # noqa: E741 (an integer column, beside N and D)
D = field("d", "date")
S = field("s")
ABC = (field("a", "integer"), field("b"), field("c"))
KEYED = {"schema": {"primaryKey": ["a"]}}


@pytest.fixture
def causes(hand_in: Callable[..., Path], layout: Layout) -> Causes:
    """Checks one file against columns, and answers the likely causes of what is found."""

    numbers = count()

    def run(
        content: str | bytes, *fields: dict[str, Any], limit: int = 1000, file: str = "t.csv", **more: Json
    ) -> tuple[Cause, ...]:
        name = f"counts-{next(numbers)}"
        folder = hand_in(package(name, [resource(name, file, list(fields), **more)]), {file: content})
        dataset = read_submission(folder).dataset
        with check(dataset, layout, limit_errors=limit) as checked:
            report = checked.report.resources[0]
            return likely_causes(report, glimpse(find_source(dataset, dataset.resources[0]), report))

    return run


def enum(*values: str) -> dict[str, Any]:
    return field("s", constraints={"enum": list(values)})


def pattern(text: str) -> dict[str, Any]:
    return field("s", constraints={"pattern": text})


def column(*cells: str, name: str = "n") -> str:
    return "\n".join((name, *cells, ""))


def named(table: Sequence[tuple[Json, ...]]) -> list[str]:
    return [str(one[0]) for one in table]


# code of the cause, columns, a file that proves it, the same but one step short of the proof (None: any one cell is
# proof), and a piece of what it says in both languages.
COLUMNS: list[tuple[str, dict[str, Any], str, str | None, str, str]] = [
    ("formula-faults", N, column("#N/A"), column("#N"), "“#N/A”", "“#N/A”"),
    ("formula-faults", N, column("###"), column("##"), "“###”", "“###”"),
    ("words-for-missing", N, column("无", "N/A"), column("无人", "N/B"), 'missingValues: ["", "无", "N/A"]',
     'missingValues: ["", "无", "N/A"]'),
    ("words-for-missing", N, column("-"), column("-x"), "“-”", "“-”"),
    ("yes-no-words", field("n", "boolean"), column("是", "true"), column("大概", "true"), "写成 true 或 false",
     "Write true or false"),
    ("excel-scientific", I, column("1.23E+17"), column("1.23E+10"), "“1.23E+17”", "Export the file again"),
    ("excel-scientific", pattern("[0-9]{18}"), column("1.23E+17", name="s"), column("1.23e17", name="s"), "已经丢失",
     "last digits are lost"),
    ("outer-spaces", D, column(" 2024-01-05", name="d"), column("2024-01- 05", name="d"), "“␣2024-01-05”",
     "␣2024-01-05"),
    ("outer-spaces", enum("ab"), column("a\u200bb ", name="s"), column("a\u200bc ", name="s"), "“a␣b␣”", "“a␣b␣”"),
    ("outer-spaces", enum("a"), column("a\u00a0", name="s"), column("b\u00a0", name="s"), "“a␣”", "“a␣”"),
    ("outer-spaces", enum("a"), column("a\u200b", name="s"), column("b\u200b", name="s"), "“a␣”", "“a␣”"),
    ("full-width", N, column("１２．５"), column("１２．．５"), "应为“12.5”", "“１２．５” for “12.5”"),
    ("full-width", enum("A(1)"), column("A（1）", name="s"), column("B（1）", name="s"), "应为“A(1)”",
     "for “A(1)”"),
    ("full-width-decimals", I, column("４５．６"), column("４５．．６"), "即“45.6”，而它不是整数",
     "for “45.6”, which is no whole number"),
    ("quote-marks", I, column("'12"), column("'x"), "应为 12", "'12 for 12"),
    ("letter-case", enum("Open"), column("OPEN", name="s"), column("OPENED", name="s"), "应为“Open”", "for “Open”"),
    ("excel-serial-dates", D, column("45291", "45292", name="d"), column("45291", "x", name="d"),
     "“45291”就是 2023-12-31", "“45291” is 2023-12-31"),
    ("leading-zeros-lost", pattern("0[0-9]{5}"), column("10101", "10102", name="s"), column("10101", "x", name="s"),
     "应为“010101”", "should be “010101”"),
    ("leading-zeros-lost", field("s", constraints={"minLength": 3}), column("10", "11", name="s"),
     column("10", "ab", name="s"), "应为“010”", "should be “010”"),
    ("decimal-comma", N, column('"12,5"', '"1,25"'), column('"12,5"', "1.25"), "应为“12.5”", "should be “12.5”"),
    ("decimal-comma", N, column('"1.012,5"', '"1,25"'), column('"1.01,2,5"', '"1,25"'), "应为“1012.5”", "“1012.5”"),
    ("thousands-separator", N, column('"1,234"', '"2,345,678.9"'), column('"1,234"', "2345"), "应为“1234”",
     "should be “1234”"),
    ("thousands-separator", I, column("1 234", "2 345"), column("1 234", "2 34"), "应为“1234”", "should be “1234”"),
    ("point-zero", I, column("12.0", "13.00"), column("12.0", "13.5"), "应为“12”", "should be “12”"),
    ("unit-in-cell", N, column("12 km", "5%"), column("12 km", "five"), "应为“12”", "should be “12”"),
    ("unit-in-cell", N, column('"£25,138.75"', "￥12"), column('"£25,138.75"', "12"), "“25138.75”", "“25138.75”"),
    ("day-month-swapped", field("d", "date", format="%m/%d/%Y", example="01/25/2024"),
     column("25/01/2024", "26/01/2024", "01/02/2024", name="d"),
     column("25/01/2024", "01/02/2024", name="d"), 'format: "%d/%m/%Y"', "“25/01/2024” for “01/25/2024”"),
    ("date-format", D, column("2024年1月5日", "2024年1月6日", name="d"), column("2024年1月5日", name="d"),
     "应为“2024-01-05”", 'format: "%Y年%m月%d日"'),
    ("date-format-in-letters", field("d", "date", format="DD/MM/YYYY", example=""),
     column("25/01/2024", "26/01/2024", name="d"), column("25/01/2024", "x", name="d"), 'format: "%d/%m/%Y"',
     'format: "%d/%m/%Y"'),
    ("date-order-unclear", D, column("05/01/2024", "06/01/2024", name="d"),
     column("05/01/2024", "13/01/2024", name="d"),
     '月在前写 "%m/%d/%Y"', '"%m/%d/%Y" if the month does'),
]  # fmt: skip
TABLES: list[tuple[str, tuple[dict[str, Any], ...], str, str, str, str]] = [
    ("wrong-delimiter", ABC, "a;b;c\n1;x;y\n", "a;b;c\n1;x\n", "分号（;）", "a semicolon (;)"),
    ("wrong-delimiter", ABC, "a\tb\tc\n1\tx\ty\n", "abc\n1\tx\ty\n", 'delimiter: "\\t"', 'delimiter: "\\t"'),
    ("full-width-delimiter", ABC, "a，b，c\n1，x，y\n", "a，b，c\n1，x y\n", "全角逗号", "a full-width comma"),
    ("title-above-header", ABC, "2024 年统计表,,\na,b,c\n1,x,y\n", "2024 年统计表,,\na,B1,C1\n1,x,y\n",
     "headerRows: [2]", "stand in row 2"),
    ("label-spelling", ABC, "Ａ,B ,c\n1,x,y\n", "Ax,By,c\n1,x,y\n", "“Ａ”应为“a”、“B”应为“b”", "“Ａ” for a, “B” for b"),
    ("label-titles", (field("a", title="Number of cycles"), S), "Number of cycles,s\n1,x\n", "Number,s\n1,x\n",
     "“Number of cycles”应为“a”", "“Number of cycles” for a"),
    ("columns-reordered", ABC, "b,a,c\nx,1,y\n", "b,a,d\nx,1,y\n", "a, b, c", "a, b, c"),
    ("header-repeated", ABC, "a,b,c\n1,x,y\na,b,c\n2,x,y\n", "a,b,c\n1,x,y\na,b,d\n2,x,y\n", "第 3 行", "in row 3"),
    ("totals-row", ABC, "a,b,c\n1,x,y\n合 计,x,y\n", "a,b,c\n1,x,y\n合计数,x,y\n", "“合 计”行", "“合 计”"),
    ("totals-row", ABC, "a,b,c\nTotal,x,y\n" + "1,x,y\n" * (TAIL - 1), "a,b,c\nTotal,x,y\n" + "1,x,y\n" * TAIL,
     "第 2 行", "Row 2 holds totals"),
    ("remark-row", ABC, "a,b,c\n1,x,y\n注：不含郊区,,\n", "a,b,c\n1,x,y\n注水,,\n", "“注：不含郊区”",
     "Row 3 is a remark"),
    ("empty-rows-at-end", ABC, "a,b,c\n1,x,y\n,,\n,,\n", "a,b,c\n,,\n1,x,y\n,,\n", "第 3 行到第 4 行", "Rows 3 to 4"),
    ("trailing-delimiter", ABC, "a,b,c\n1,x,y,\n2,x,y,\n", "a,b,c\n1,x,y,\n2,x,y\n", "第 2、3 行", "In rows 2, 3"),
    ("shifted-row", (S, field("n", "integer")), "s,n\na,b,1\n", "s,n\na,1,b\n", "“n”一列", "in column n or before"),
    ("rows-inside-quotes", (S, field("n", "integer")), 's,n\n1,"x\n2,3\ny"\n', 's,n\n1,"x\n2 3\ny"\n',
     "例如“2,3”", "such as “2,3”"),
]  # fmt: skip


def codes(found: tuple[Cause, ...]) -> list[str]:
    return [one.code for one in found]


@pytest.mark.parametrize(("code", "one", "content", "short", "zh", "en"), COLUMNS, ids=named(COLUMNS))
def test_a_column_s_cause_is_said_when_proven_and_not_a_cell_before(  # noqa: PLR0913, PLR0917 (a table's columns)
    code: str, one: dict[str, Any], content: str, short: str, zh: str, en: str, causes: Causes
) -> None:
    (found,) = causes(content, one)
    assert (found.code, found.field) == (code, one["name"])
    assert zh in found.message.zh + found.remedy.zh
    assert en in found.message.en + found.remedy.en
    assert code not in codes(causes(short, one))


@pytest.mark.parametrize(("code", "fields", "content", "short", "zh", "en"), TABLES, ids=named(TABLES))
def test_a_table_s_cause_is_said_when_proven_and_not_a_row_before(  # noqa: PLR0913, PLR0917 (a table's columns)
    code: str, fields: tuple[dict[str, Any], ...], content: str, short: str, zh: str, en: str, causes: Causes
) -> None:
    dialect = {} if "delimiter" not in code else {"dialect": {"delimiter": ","}}
    (found,) = causes(content, *fields, **dialect)
    assert (found.code, found.field) == (code, "")
    assert zh in found.message.zh + found.remedy.zh
    assert en in found.message.en + found.remedy.en
    assert code not in codes(causes(short, *fields, **dialect))


SHIFTED = (field("a", "integer"), S, field("n", "integer", constraints={"minimum": 5}), D, field("e", "boolean"))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("6,y,3,2024-01-01,true,extra", False),  # 3 is too small, where it belongs
        ("x,y,7,2024-01-01,true,extra", False),
        ("6,y,z,7,2024-01-01,true", True),
        ("6,y,z,z,7,2024-01-01,true", True),  # a text with two commas
        ("6,y,z,7,2024-01-01,maybe", False),  # the last cell does not read, wherever it stands
        ("6,y,z,7,,true", True),
    ],
)
def test_a_row_has_moved_only_where_its_cells_read_once_put_back(row: str, *, said: bool, causes: Causes) -> None:
    found = causes(f"a,s,n,d,e\n{row}\n", *SHIFTED)
    assert ("shifted-row" in codes(found)) is said
    assert not said or "in column n or before" in found[0].message.en


@pytest.mark.parametrize("pattern_", ["(", "(?i)abc"])
def test_a_header_that_was_never_looked_at_has_no_title_above_it(pattern_: str, causes: Causes) -> None:
    assert causes("s\nabc\n", pattern(pattern_)) == ()


def test_a_header_in_the_first_row_has_no_title_above_it() -> None:
    described = package("t", [resource("t", "t.csv", [S, N])])
    table = read_dataset(described, "", "", Path()).resources[0]
    finding = Finding("blank-row", Severity.ERROR, Place("t.csv", "t", 2), Text(), Text())
    report = ResourceReport("t", "t.csv", ("x", "1"), 1, 1, "", (finding,), {"blank-row": 1})
    assert likely_causes(report, Glimpse(table, head=(("s", "n"), ("x", "1")))) == ()
    assert codes(likely_causes(report, Glimpse(table, head=(("x", "1"), ("s", "n"))))) == ["title-above-header"]


@pytest.mark.parametrize(
    ("limit", "zh", "en"),
    [
        (4, "从第 2 行起，读到的行全是空的。", "From row 2 on, all rows that were read are empty. "),
        (7, "第 2 行到第 7 行全是空的。", "Rows 2 to 7 are empty. "),
    ],
)
def test_where_empty_rows_end_is_said_only_where_it_was_seen(limit: int, zh: str, en: str, causes: Causes) -> None:
    (found,) = causes("s,n\n" + ",\n" * 6, S, I, limit=limit)
    assert found.code == "empty-rows-at-end"
    assert found.message.zh.startswith(zh)
    assert found.message.en.startswith(en)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("a,b,c\n1,x,y\n1,x,y\n2,x,y\n", "row-copied"),
        ("a,b,c\n1,x,y\n2,x,y\n1,x,y\n", ""),
        ("a,b,c\n1,x,y\n2,x,y\n3,x,y\n1,x,y\n2,x,y\n3,x,y\n", "block-pasted"),
        ("a,b,c\n1,x,y\n2,x,y\n3,x,y\n1,x,y\n2,x,y\n4,x,y\n", ""),
    ],
)
def test_rows_that_were_pasted_twice(content: str, code: str, causes: Causes) -> None:
    assert codes(causes(content, *ABC, **KEYED)) == ([code] if code else [])


def test_what_was_pasted_twice_is_named(causes: Causes) -> None:
    (copied,) = causes("a,b,c\n1,x,y\n1,x,y\n", *ABC, **KEYED)
    assert "第 3 行与上一行的编号相同" in copied.message.zh
    assert "The key in row 3 is that of the row right above" in copied.message.en
    (block,) = causes("a,b,c\n1,x,y\n2,x,y\n3,x,y\n1,x,y\n2,x,y\n3,x,y\n", *ABC, **KEYED)
    assert "第 5 到 7 行依次与第 2 到 4 行的编号相同" in block.message.zh
    assert "rows 5 to 7 are those of rows 2 to 4" in block.message.en


GB = "a,b,c\n1,北京,朝阳\nx,上海,浦东\n"


@pytest.mark.parametrize(
    ("content", "encoding", "code", "says"),
    [
        (GB.encode("gb18030"), "utf-8", "wrong-encoding", "encoding: gb18030"),
        (GB.encode(), "latin-1", "garbled-text", "“北京”"),
        (GB.encode("gb18030"), "cp1252", "garbled-text", "encoding: gb18030"),
        (GB.encode("gb18030").decode("latin-1").encode(), "utf-8", "garbled-earlier", "gb18030"),
        (GB.replace("北京", "锟斤拷").encode(), "utf-8", "lost-text", "“锟斤拷”"),
        (GB.replace("北京", "北\ufffd").encode(), "utf-8", "lost-text", "“\ufffd”"),
        (GB.encode(), "utf-8", "", ""),
        ("a,b,c\n1,Café,naïve\nx,Élève,Zürich\n".encode("cp1252"), "cp1252", "", ""),
        ("a,b,c\n1,Ã,y\nx,Ü,z\n".encode(), "utf-8", "", ""),
    ],
)
def test_text_in_another_encoding_than_it_is_read_in(
    content: bytes, encoding: str, code: str, says: str, causes: Causes
) -> None:
    found = [one for one in causes(content, *ABC, encoding=encoding) if "wrong" in one.code or "text" in one.code
             or "garbled" in one.code]  # fmt: skip
    assert codes(tuple(found)) == ([code] if code else [])
    for one in found:
        assert says in one.message.zh + one.remedy.zh
        assert says in one.message.en + one.remedy.en


@pytest.mark.parametrize(("serial", "said"), [(FIRST_SERIAL - 1, False), (FIRST_SERIAL, True), (LAST_SERIAL, True),
                                               (LAST_SERIAL + 1, False)])  # fmt: skip
def test_only_days_of_our_time_are_serial_dates(serial: int, *, said: bool, causes: Causes) -> None:
    assert ("excel-serial-dates" in codes(causes(column(str(serial), str(serial), name="d"), D))) is said


@pytest.mark.parametrize(("others", "said"), [(1, True), (2, False)])
def test_numbers_of_another_kind_are_no_serial_dates(others: int, *, said: bool, causes: Causes) -> None:
    cells = [str(45291 + number) for number in range(9)] + ["98765"] * others
    assert ("excel-serial-dates" in codes(causes(column(*cells, name="d"), D))) is said


@pytest.mark.parametrize(("exponent", "said"), [(EXCEL_EXPONENT, True), (EXCEL_EXPONENT - 1, False)])
def test_only_large_exponents_are_codes(exponent: int, *, said: bool, causes: Causes) -> None:
    assert ("excel-scientific" in codes(causes(column(f"1.5E+{exponent}"), I))) is said


@pytest.mark.parametrize(("others", "said"), [(9, True), (10, False)])
def test_a_cause_of_few_cells_among_many_is_not_said(others: int, *, said: bool, causes: Causes) -> None:
    assert pytest.approx(1 / 10) == SHARE
    assert ("words-for-missing" in codes(causes(column("N/A", *["x"] * others), N))) is said


def test_several_causes_of_one_column_are_each_said_once(causes: Causes) -> None:
    found = causes(column("N/A", '"1,5"', '"2,5"', "3 km", "4 km"), N)
    assert codes(found) == ["words-for-missing", "decimal-comma", "unit-in-cell"]


def test_a_cause_of_the_whole_file_stands_alone(causes: Causes) -> None:
    content = "统计表,,\na,b,c\nN/A,x,y\n"
    assert codes(causes(content, *ABC)) == ["title-above-header"]


def test_cells_are_counted_and_at_least_where_the_limit_was_reached(causes: Causes) -> None:
    content = column(*['"1,5"'] * 12)
    assert "有 12 格" in causes(content, N)[0].message.zh
    (found,) = causes(content, N, limit=5)
    assert "至少 5 格" in found.message.zh
    assert "at least 5 cells" in found.message.en
    assert "有 5 格" in causes(column(*['"1,5"'] * 5), N, limit=6)[0].message.zh


def test_a_clean_file_has_no_causes(causes: Causes) -> None:
    assert causes("n\n1\n", N) == ()


def test_constraints_on_the_value_have_no_cause_in_its_writing(causes: Causes) -> None:
    assert causes(column("5", "6"), field("n", "integer", constraints={"maximum": 4})) == ()


def test_a_workbook_has_causes_too(causes: Causes, tmp_path: Path) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 (for this test alone)

    book = Workbook()
    for row in (["统计表", None], ["s", "n"], ["x", 1]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    found = causes((tmp_path / "t.xlsx").read_bytes(), S, field("n", "integer"), file="t.xlsx")
    assert codes(found) == ["title-above-header"]


def test_every_cause_is_whole_in_both_languages_and_has_a_test() -> None:
    tested = {one[0] for one in (*COLUMNS, *TABLES)} | {"row-copied", "block-pasted", "types-guessed"}
    assert tested | {"wrong-encoding", "garbled-text", "garbled-earlier", "lost-text"} == set(catalogue(CAUSES))
    for words in catalogue(CAUSES).values():
        assert words.message.missing() == words.remedy.missing() == ()


@pytest.mark.parametrize("code", sorted(catalogue(CAUSES)))
def test_each_cause_has_an_example_that_shows_it(code: str, tmp_path: Path) -> None:
    found = caused(examples(CAUSE_EXAMPLES)[code], tmp_path)
    assert found is not None
    assert not re.search(
        r"\{[a-z_]+\}|“”|None", found.message.zh + found.message.en + found.remedy.zh + found.remedy.en
    )


def test_a_cause_as_a_report_holds_it() -> None:
    descriptor = because("decimal-comma", "n", cell="1,5", mended="1.5", count="2").to_descriptor()
    assert (descriptor["code"], descriptor["field"], set(descriptor)) == (
        "decimal-comma", "n", {"code", "field", "message", "remedy"})  # fmt: skip


@pytest.mark.parametrize("cell", ["x" * 1_000_000, " " * 1_000_000, "1" * 1_000_000 + "x", "\u200b", " ", "\ud800é"])
@pytest.mark.parametrize("one", [N, D, enum("a"), field("n", "boolean"), S])
def test_huge_and_blank_cells_do_no_harm(cell: str, one: dict[str, Any]) -> None:
    described = {"name": "t", "resources": [resource("t", "t.csv", [one])]}
    seen = Glimpse(read_dataset(described, "", "", Path()).resources[0], lines=(cell,), head=((cell,),), delimiter=",")
    place = Place("t.csv", "t", 2, one["name"], 1)
    finding = Finding("foreign-key", Severity.ERROR, place, Text(), Text(), cell, {"cells": [cell]})
    report = ResourceReport("t", "t.csv", (cell,), 1, 1, "", (finding,), {"foreign-key": 1})
    for cause in likely_causes(report, seen):
        assert len(cause.message.zh) < 400

"""What a steward reads says what is true of the file, in the reader's language, once."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from handing_in import field, package, resource

from civicat.errors import SourceError
from civicat.layout import Layout
from civicat.report import Report
from civicat.validators import check, read_submission, render
from civicat.validators.engine.checks.checklist import Checklist
from civicat.validators.messages import of_file, say
from civicat.validators.opening import open_path
from civicat.validators.rendering import MOST_KINDS, SHOWN
from civicat.validators.reports.page import render_page

CheckCsv = Callable[..., Report]


@pytest.fixture
def lines(tmp_path: Path, layout: Layout) -> Callable[..., tuple[list[str], list[str]]]:
    """Checks a file by itself; what the terminal says of it, zh and en."""

    def run(content: str | bytes, name: str = "t.csv", schema: object = None) -> tuple[list[str], list[str]]:
        report = checked(tmp_path, layout, content, name, schema)
        causes = {one.name: one.causes for one in report.resources}
        zh, en = render(report, "zh", causes), render(report, "en", causes)
        return ([line.replace(f"{tmp_path}/", "") for line in zh], [line.replace(f"{tmp_path}/", "") for line in en])

    return run


def checked(folder: Path, layout: Layout, content: str | bytes, name: str, schema: object = None) -> Report:
    file, rules = folder / name, folder / "schema.json"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    if schema is not None:
        rules.write_text(json.dumps(schema))
    dataset, _, _ = open_path(file, rules if schema is not None else None)
    with check(dataset, layout, profile=False) as found:
        return found.report


Lines = Callable[..., tuple[list[str], list[str]]]

# ------------------------------------------------------------------------------------------------- labels and causes


def test_a_blank_label_that_nobody_declared_is_not_given_a_name_of_frictionless(lines: Lines) -> None:
    zh, en = lines("a,,c\n1,2,3\n")
    assert zh[:3] == [
        "t.csv，第 1 行",
        "  第 2 列没有名称。",
        "  请在表头给第 2 列起一个名称；若这一列是空的，请删去。",
    ]
    assert en[:3] == [
        "t.csv, row 1",
        "  Column number 2 has no name.",
        "  Give column 2 a name in the header line. If it is empty, take it out.",
    ]


def test_a_blank_label_that_is_declared_says_what_is_due(lines: Lines) -> None:
    zh, en = lines("a,\n1,2\n", schema={"fields": [{"name": "a"}, {"name": "b"}]})
    assert "  请在表头写上“b”。" in zh
    assert "  Write “b” in the header line." in en


def test_of_two_labels_that_are_alike_one_gets_another_name(lines: Lines) -> None:
    zh, en = lines("a,a\n1,2\n")
    assert zh[:3] == ["t.csv，第 1 行", "  第 2 列的名称“a”已经用过了。", "  请给两列中的一列另起名称。"]
    assert en[2] == "  Give one of the two columns another name."


def test_the_words_for_a_label_that_nobody_declared_name_no_field() -> None:
    assert say("blank-label", "guessed", number="2", field="field2").remedy.en.startswith("Give column 2 a name")
    assert "“b”" not in say("duplicate-label", "guessed", number="2", label="a", field="b").message.en
    words = say("incorrect-label", "guessed", number="2", label="b ", field="b")
    assert words.remedy.zh == "请给第 2 列起一个自己的名称，前后不留空格。"
    assert words.remedy.en == "Give column 2 a name of its own, without blanks around it."
    assert "“b ”" not in words.message.en
    assert "descriptor" not in words.message.en


TITLED = "某市 2025 年统计,,\nid,名称,数量\n" + "".join(f"{one},a,{one}\n" for one in range(9))


def test_labels_below_a_title_are_folded_under_its_cause(lines: Lines) -> None:
    zh, en = lines(TITLED)
    assert zh[1].startswith("  可能的原因：表头在第 2 行")
    assert zh[3] == "  表头的 2 处问题由此而来。"
    assert en[3] == "  2 findings on the header come from this."
    assert not [line for line in (*zh, *en) if "没有名称" in line or "has no name" in line]


def test_the_page_says_once_what_to_do_about_a_title(tmp_path: Path, layout: Layout) -> None:
    report = checked(tmp_path, layout, TITLED, "t.csv")
    page = render_page(report, "en", {one.name: one.causes for one in report.resources})
    assert "Give column 2 a name" not in page
    article = page[page.index("en-1-h") :].split("</article>")[0]
    assert article.count("Delete what stands above the names") == 1


@pytest.mark.parametrize(("cell", "there"), [("４５．６", True), ("45.6", False), ("４５．．６", False)])
def test_full_width_decimals_in_a_column_of_whole_numbers(lines: Lines, cell: str, there: bool) -> None:  # noqa: FBT001 (a parameter)
    schema = {"fields": [{"name": "n", "type": "integer"}]}
    zh, en = lines(f"n\n1\n{cell}\n", schema=schema)
    assert any("用了全角字符，例如“４５．６”，即“45.6”，而它不是整数。" in line for line in zh) is there
    assert any("as in “４５．６” for “45.6”, which is no whole number." in line for line in en) is there


# ------------------------------------------------------------------------------------------------- alike columns, kinds


def wide(columns: int, *rows: Callable[[int], str]) -> str:
    cells = [",".join(f"c{one}" for one in range(columns)), *[",".join(["1"] * columns)] * 101]
    return "\n".join([*cells, *(",".join(map(row, range(columns))) for row in rows)]) + "\n"


@pytest.mark.parametrize("columns", [SHOWN, SHOWN + 1])
def test_columns_that_are_alike_are_told_once(lines: Lines, columns: int) -> None:
    zh, en = lines(wide(columns, lambda _: "x"))
    told = sum("“x” is not a whole number." in line for line in en)
    assert told == (columns if columns == SHOWN else 1)
    assert ("t.csv，第 103 行，c0、c1、c2 等 4 列" in zh) is (columns > SHOWN)
    assert ("t.csv, row 103, columns c0, c1, c2 and 1 more" in en) is (columns > SHOWN)


@pytest.mark.parametrize("columns", [MOST_KINDS, MOST_KINDS + 2])
def test_no_more_kinds_are_told_than_anybody_reads(lines: Lines, columns: int) -> None:
    zh, en = lines(wide(columns, lambda one: f"x{one}"))
    assert sum("is not a whole number." in line for line in en) == MOST_KINDS
    assert ("……另有 2 类（2 处）未列出。" in zh) is (columns > MOST_KINDS)
    assert ("... and 2 more kinds (2 places), not shown." in en) is (columns > MOST_KINDS)


# ------------------------------------------------------------------------------------------------ files and descriptors


@pytest.mark.parametrize(
    ("name", "content", "zh", "en"),
    [
        ("a.json", b'[{"a": }]', "不是有效的 JSON（这里缺一个值）", "this is not JSON (a value is due)"),
        ("a.json", b"[{a: 1}]", "这里缺一个加英文双引号的名称", "(a name in quotes is due)"),
        ("a.json", b'[{"a" 1}]', "这里缺“:”", "(“:” is due)"),
        ("a.json", b'[{"a": 1} 2]', "这里缺“,”", "(“,” is due)"),
        ("a.json", b'[{"a": "x]', "有一处文字缺少末尾的引号", "(a text has no closing quote)"),
        ("a.json", b'[{"a": 1}] x', "末尾之后还有内容", "(something follows its end)"),
        ("a.json", b'[{"a": ' + b"9" * 4301 + b"}]", "第 1 行：有一个整数超过 4300 位", "has more than 4,300 digits"),
        ("a.ndjson", b'{"a": 1}\n{"a": ' + b"9" * 4301 + b"}", "第 2 行：有一个整数", "line 2: a whole number"),
        (
            "a.csv.gz",
            gzip.compress(b"a\n" * 99, mtime=0)[:-9],
            "已损坏（它不到末尾就断了）",
            "(it breaks off before its end)",
        ),
        ("a.csv.gz", b"a,b\n1,2\n", "已损坏（它不是压缩文件）", "is damaged (it is no archive)"),
        ("a.parquet", b"PAR1xxxxPAR1", "它只有 12 字节", "it has only 12 bytes, and breaks off before its end"),
        (
            "t.gz",
            gzip.compress(b"a\n1\n", mtime=0),
            "若是 CSV，请改名为 t.csv.gz。",
            "If it is a CSV, name it t.csv.gz.",
        ),
        ("t.xls", b"\n<TABLE><tr><td>a</td></tr></TABLE>", "而是网页（HTML）", "it is a web page (HTML) under a"),
        ("t.xls", b"<!DOCTYPE html><p>a", "另存为 .xlsx 或 .csv", "save it as .xlsx or .csv"),
        ("t.xls", b"<a>,b\n1,2\n", "看起来是 CSV", "looks like a CSV under a workbook's name"),
        ("ok.json", b'{"fields": [{"name": "a"}]}', "像是表结构（Table Schema）", "this looks like a Table Schema"),
        ("ok.json", b'{"fields": 1}', "由对象组成的数组", "an array of objects"),
    ],
)
def test_a_file_that_is_refused_says_why_in_both_languages(  # noqa: PLR0913, PLR0917 (a table of cases)
    tmp_path: Path, layout: Layout, name: str, content: bytes, zh: str, en: str
) -> None:
    with pytest.raises(SourceError) as caught:
        checked(tmp_path, layout, content, name)
    assert zh in caught.value.message.zh
    assert en in caught.value.message.en
    assert not any(
        word in caught.value.message.zh for word in ("Expecting", "Compressed", "gzipped", "sys.", "size is")
    )


def test_a_schema_handed_in_as_data_is_told_the_command(tmp_path: Path, layout: Layout) -> None:
    with pytest.raises(SourceError) as caught:
        checked(tmp_path, layout, b'{"fields": []}', "ok.json")
    assert caught.value.message.en.endswith(f"Run: civicat validate FILE --schema {tmp_path}/ok.json")
    assert caught.value.message.zh.endswith(f"请运行：civicat validate 数据文件 --schema {tmp_path}/ok.json")


def test_a_whole_number_of_4300_digits_is_read(tmp_path: Path, layout: Layout) -> None:
    for sign in (b"", b"-"):
        assert checked(tmp_path, layout, b'[{"a": ' + sign + b"9" * 4300 + b"}]", "a.json").rows == 1


def test_words_of_a_reader_that_nobody_has_translated_are_quoted() -> None:
    assert (of_file("some new words").zh, of_file("some new words").en) == ("some new words", "some new words")


@pytest.mark.parametrize(
    ("more", "zh", "en"),
    [
        ({"fields": 9}, "文件有 1 列，描述文件写的是 9。", "The file has 1 column, and the descriptor gives 9."),
        (
            {"rows": 9},
            "文件有 2 行数据，描述文件写的是 9。",
            "The file has 2 rows of data, and the descriptor gives 9.",
        ),
        ({"bytes": 9}, "文件有 6 字节，描述文件写的是 9。", "The file has 6 bytes, and the descriptor gives 9."),
    ],
)
def test_counts_are_told_in_the_singular_where_they_are_one(
    hand_in: Callable[..., Path], layout: Layout, more: dict[str, int], zh: str, en: str
) -> None:
    folder = hand_in(package("counts", [{**resource("counts", "t.csv", [field("a")]), **more}]), {"t.csv": "a\nx\ny\n"})
    with check(read_submission(folder).dataset, layout) as found:
        (one,) = found.report.resources[0].findings
    assert (one.message.zh, one.message.en) == (zh, en)


def test_a_row_is_one_row() -> None:
    from civicat.validators.explain import _things  # noqa: PLC0415 (what it makes of one)

    assert [_things("row-count", one).en for one in ("1", "2", "0")] == [
        "1 row of data",
        "2 rows of data",
        "0 rows of data",
    ]


def test_a_check_is_named_as_the_checklist_names_it(tmp_path: Path, layout: Layout) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a\n1\n")
    asked = Checklist().after([{"type": "forbidden-value", "fieldName": "no", "values": [1]}])
    with check(open_path(file)[0], layout, profile=False, checklist=asked) as found:
        (one,) = found.report.resources[0].findings
    assert one.message.zh.startswith("检查单中的 forbidden-value 要查“no”一列")
    assert one.message.en.startswith("The check forbidden-value looks at column no")


def test_a_schema_at_fault_is_not_data_to_be_mended(lines: Lines, tmp_path: Path, layout: Layout) -> None:
    rules = {"minimum": 9, "maximum": 1}
    schema = {"fields": [{"name": "a", "type": "integer", "constraints": rules}, {"name": "a"}]}
    zh, en = lines("a\n1\n", schema=schema)
    count = int(zh[-1].split("有 ")[1].split(" ")[0])
    assert zh[-1] == f"t：未检查：schema 有 {count} 处错误"
    assert en[-1] == f"t: not checked: the schema has {count} fault{'s' if count > 1 else ''}"
    page = render_page(checked(tmp_path, layout, "a\n1\n", "t.csv", schema), "en")
    assert "Not checked: the schema has" in page
    assert "未检查：schema 有" in page


def test_data_at_fault_is_to_be_mended(lines: Lines) -> None:
    zh, en = lines("a\nx\n", schema={"fields": [{"name": "a", "type": "integer"}]})
    assert zh[-1] == "t：有待改正（1 行，1 处）"
    assert en[-1] == "t: to be mended (1 row, 1 finding)"


# ------------------------------------------------------------------------------------------------- what is remembered


def test_a_huge_cell_is_not_kept() -> None:
    say("type-error", "integer", cell="x", field="a")
    tracemalloc.start()
    try:
        for one in range(20):
            words = say("type-error", "integer", cell=f"{one}" + "x" * 1_000_000, field="a")
            assert len(words.message.en) < 200
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1_000_000  # bytes: 20 cells are 20 million


def test_long_notes_that_differ_stay_apart() -> None:
    name = "x" * 300
    first = say("schema-error", note=f"'{name}' is not of type 'array' at property 'one'")
    second = say("schema-error", note=f"'{name}' is not of type 'array' at property 'two'")
    assert "one 应为 array 类型" in first.message.zh
    assert "two 应为 array 类型" in second.message.zh


@pytest.mark.parametrize("cell", ["x" * 80, "x" * 81, "x" * 256, "x" * 257, "a  " * 2000])
def test_a_long_cell_reads_as_a_short_one_that_begins_like_it(cell: str) -> None:
    shown = " ".join(cell.split())
    shown = shown if len(shown) <= 80 else f"{shown[:79]}…"
    assert (
        f"“{shown}{'␣' if cell.endswith(' ') and len(shown) < 80 else ''}”"
        in say("type-error", "integer", cell=cell, field="a").message.en
    )


def test_a_damaged_parquet_file_says_so_in_both_languages(tmp_path: Path, layout: Layout) -> None:
    target = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": [1, 2]}), target)
    with pytest.raises(SourceError) as caught:
        checked(tmp_path, layout, target.read_bytes()[:-6], "t.parquet")
    assert "（它没有 Parquet 文件的开头和末尾）" in caught.value.message.zh
    assert "(it lacks the marks of such a file)" in caught.value.message.en

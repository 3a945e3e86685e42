"""Workbooks as clerks make them: what their program shows and a table does not, and what no reader should open."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from civicat.errors import SourceError
from civicat.finding import Severity
from civicat.validators.parts import open_parts
from civicat.validators.remarks import Remark
from civicat.validators.workbooks import Workbook

FIXTURES = Path(__file__).resolve().parents[2] / "../shared/data/frictionless-fixtures/data"
real_data = pytest.mark.skipif(not FIXTURES.is_dir(), reason="frictionless' fixtures in ../shared/data are not here")
Fill = Callable[[Any], None]


def saved(path: Path, fill: Fill, book: openpyxl.Workbook | None = None) -> Path:
    book = book or openpyxl.Workbook()
    fill(book.active)
    book.save(path)
    return path


def filled(rows: list[list[object]]) -> Fill:
    """Fills a sheet with rows."""

    def fill(sheet: Any) -> None:  # noqa: ANN401 (openpyxl has no types)
        for row in rows:
            sheet.append(row)

    return fill


def said(remarks: tuple[Remark, ...]) -> list[tuple[str, str, str, str]]:
    """Code, rule and both messages of each."""
    findings = [one.finding("x.xlsx", "x") for one in remarks]
    return [(one.code, one.rule, one.message.en, one.message.zh) for one in findings]


def rewritten(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """The same workbook with one part of its archive changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"


def plain(sheet: Any) -> None:  # noqa: ANN401 (openpyxl has no types)
    sheet.append(["id", "name"])
    sheet.append([1, "a"])


def test_a_plain_sheet_has_no_remarks(tmp_path: Path) -> None:
    book = Workbook(saved(tmp_path / "x.xlsx", plain), {})
    assert list(book.rows()) == [["id", "name"], [1, "a"]]
    assert book.remarks() == ()


def test_remarks_need_no_rows_to_be_read_before(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.xlsx", lambda sheet: sheet.append(["#N/A"]))
    assert [one.code for one in Workbook(path, {"header": False}).remarks()] == ["error-cell"]


def test_cells_stand_where_the_program_shows_them(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:  # noqa: ANN401 (openpyxl has no types)
        sheet["B3"] = "x"
        sheet["C5"] = 1.5
        sheet["A9"] = ""

    book = Workbook(saved(tmp_path / "x.xlsx", fill), {})
    nothing = [None, None, None]
    assert list(book.rows()) == [nothing, nothing, [None, "x", None], nothing, [None, None, 1.5]]


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_dates_are_those_of_the_program_in_either_epoch(tmp_path: Path, epoch: dt.datetime | None) -> None:
    book = openpyxl.Workbook()
    if epoch:
        book.epoch = epoch
    row = [dt.datetime(2024, 1, 5, 12, 30), dt.date(2024, 1, 5), dt.time(8, 30)]  # noqa: DTZ001 (no time zone in it)
    path = saved(tmp_path / "x.xlsx", lambda sheet: sheet.append(row), book)
    assert list(Workbook(path, {}).rows()) == [[row[0], dt.datetime(2024, 1, 5), dt.time(8, 30)]]  # noqa: DTZ001 (as above)


def test_an_error_is_its_text_and_named_by_its_cell(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:  # noqa: ANN401 (openpyxl has no types)
        plain(sheet)
        sheet.append(["#DIV/0!", "#REF!"])

    book = Workbook(saved(tmp_path / "x.xlsx", fill), {})
    assert list(book.rows())[2] == ["#DIV/0!", "#REF!"], "as frictionless has it, and not an empty cell"
    (remark,) = book.remarks()
    assert (remark.severity, remark.row, remark.column, remark.found) == (Severity.ERROR, 3, 1, "#DIV/0!")
    assert said((remark,)) == [
        (
            "error-cell",
            "",
            "There are cells that hold the error of a formula: A3 #DIV/0!, B3 #REF!.",
            "有单元格里是公式的错误值：A3 #DIV/0!、B3 #REF!。",
        )
    ]


def test_an_error_that_stands_for_no_value_is_as_it_should_be(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.xlsx", filled([["id"], ["#N/A"]]))
    assert Workbook(path, {}, {"", "#N/A"}).remarks() == ()
    assert [one.code for one in Workbook(path, {}, {""}).remarks()] == ["error-cell"]


def test_a_formula_without_a_result_is_found_and_one_with_it_is_not(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:  # noqa: ANN401 (openpyxl has no types)
        plain(sheet)
        sheet.append(["=A2+1", "=A2+2"])

    path = rewritten(
        saved(tmp_path / "x.xlsx", fill), SHEET, lambda text: text.replace("<f>A2+2</f><v />", "<f>A2+2</f><v>3</v>")
    )
    book = Workbook(path, {})
    assert list(book.rows())[2] == [None, 3]
    assert said(book.remarks()) == [
        (
            "formula-empty",
            "",
            "There are formulas without a result, which were read as empty: A3.",
            "有公式没有算出来的值：A3，读出来是空的。",
        )
    ]


def test_a_formula_whose_result_is_an_empty_text_has_one(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:  # noqa: ANN401 (openpyxl has no types)
        plain(sheet)
        sheet.append([2, '=""'])

    path = saved(tmp_path / "x.xlsx", fill)
    rewritten(path, SHEET, lambda text: text.replace('<c r="B3">', '<c r="B3" t="str">'))
    assert Workbook(path, {}).remarks() == ()


@pytest.mark.parametrize(("number", "lost"), [(10**15 - 1, False), (10**15, True), (1.23e17, True), (0.5, False)])
def test_a_number_of_more_than_15_digits_has_lost_some(tmp_path: Path, number: float, lost: bool) -> None:  # noqa: FBT001 (a test's parameter)
    path = saved(tmp_path / "x.xlsx", filled([["id"], [number]]))
    book = Workbook(path, {})
    assert list(book.rows())[1] == [number]
    assert [one.code for one in book.remarks()] == (["digits-lost"] if lost else [])
    if lost:
        ((_, _, en, zh),) = said(book.remarks())
        assert (
            en == "There are numbers of more than 15 digits: A2. Excel keeps 15, and the digits after those are lost."
        )
        assert zh == "有超过 15 位的数字：A2。Excel 只保留 15 位，后面的数字已经丢了。"


@pytest.mark.parametrize(("header", "found"), [(1, True), (2, True), (3, False)])
def test_merged_cells_are_told_from_the_header_on(tmp_path: Path, header: int, found: bool) -> None:  # noqa: FBT001 (a test's parameter)
    def fill(sheet: Any) -> None:  # noqa: ANN401 (openpyxl has no types)
        for row in (["Title", None], ["a", "b"], ["c", "d"], [1, 2]):
            sheet.append(row)
        sheet.merge_cells("A2:B2")

    book = Workbook(saved(tmp_path / "x.xlsx", fill), {"headerRows": [header]})
    assert said(book.remarks()) == (
        [
            (
                "merged-cells",
                "",
                "There are merged cells: A2:B2. Only the first cell of each has the value; the others are empty.",
                "有合并的单元格：A2:B2。只有左上角的一格有值，其余都是空的。",
            )
        ]
        if found
        else []
    )


def test_hidden_rows_and_columns_are_told(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:  # noqa: ANN401 (openpyxl has no types)
        plain(sheet)
        sheet.append([2, "b"])
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[9].hidden = True  # beyond the data
        sheet.column_dimensions["B"].hidden = True
        sheet.column_dimensions["F"].hidden = True  # beyond the data

    remarks = Workbook(saved(tmp_path / "x.xlsx", fill), {}).remarks()
    assert {one.severity for one in remarks} == {Severity.WARNING}
    assert [(code, rule) for code, rule, _, _ in said(remarks)] == [
        ("hidden-cells", "rows"),
        ("hidden-cells", "columns"),
    ]
    assert [en.partition(".")[0] for _, _, en, _ in said(remarks)] == [
        "There are rows that are hidden or filtered out: 3",
        "There are hidden columns: B",
    ]
    assert [zh.partition("。")[0] for _, _, _, zh in said(remarks)] == ["有隐藏或被筛掉的行：第 3 行", "有隐藏的列：B"]


def several(path: Path, state: str) -> Path:
    book = openpyxl.Workbook()
    book.create_sheet("empty")
    other = book.create_sheet("旧数据")
    other.append(["x"])
    other.sheet_state = state
    return saved(path, plain, book)


def test_other_sheets_with_data_are_named_unless_one_is_declared(tmp_path: Path) -> None:
    path = several(tmp_path / "x.xlsx", "visible")
    assert said(Workbook(path, {}).remarks()) == [
        (
            "several-sheets",
            "",
            "Only the sheet “Sheet” was read. There is more in 旧数据, which is neither checked nor published.",
            "只读了工作表“Sheet”；旧数据里也有内容，没有检查，也不会发布。",
        )
    ]
    for dialect in ({"sheet": "Sheet"}, {"sheetNumber": 1}, {"excel": {"sheet": 1}}):
        assert Workbook(path, dialect).remarks() == ()


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_named_whatever_is_declared(tmp_path: Path, state: str) -> None:
    path = several(tmp_path / "x.xlsx", state)
    for dialect in ({}, {"sheet": "Sheet"}):
        ((code, rule, en, zh),) = said(Workbook(path, dialect).remarks())
        assert (code, rule) == ("hidden-sheet", "")
        assert en == "A hidden sheet is not published: 旧数据."
        assert zh == "隐藏的工作表不会发布：旧数据。"
    ((code, rule, en, zh),) = said(Workbook(path, {"sheet": "旧数据"}).remarks())
    assert (code, rule) == ("hidden-sheet", "read")
    assert en == "The sheet that was read, 旧数据, is hidden in the workbook."
    assert zh == "所读的工作表“旧数据”在工作簿中是隐藏的。"


@real_data
@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("table.xlsx", ["several-sheets"]),
        ("merged-cells.xlsx", ["merged-cells"]),
        ("merged-cells.xls", ["merged-cells"]),
        ("table.xls", []),
        ("table.ods", []),
        ("table-with-two-sheets.ods", ["several-sheets"]),
    ],
)
def test_real_workbooks_of_every_kind(name: str, codes: list[str]) -> None:
    assert [one.code for one in Workbook(FIXTURES / name, {}).remarks()] == codes


@pytest.mark.parametrize("at", ["XFD1048576", "BZ1048576", "ZZ100000"])
def test_a_cell_far_out_is_refused_before_all_memory_is_taken(tmp_path: Path, at: str) -> None:
    def fill(sheet: Any) -> None:  # noqa: ANN401 (openpyxl has no types)
        plain(sheet)
        sheet[at] = 1

    with pytest.raises(SourceError) as refused:
        list(Workbook(saved(tmp_path / "x.xlsx", fill), {}).rows())
    assert "has a sheet that reaches as far as row 1" in refused.value.message.en
    assert "的工作表一直延伸到第 1" in refused.value.message.zh


def test_a_wide_sheet_is_read(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.xlsx", lambda sheet: sheet.append(list(range(1, 801))))
    assert list(Workbook(path, {}).rows()) == [list(range(1, 801))]


def test_a_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.xlsx", plain)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/a.xml", "w") as part:
        for _ in range(65):
            part.write(b" " * (1 << 20))
    with pytest.raises(SourceError) as refused:
        list(Workbook(path, {}).rows())
    assert "unpacks to something far larger than a workbook" in refused.value.message.en
    assert "解压后大得不正常" in refused.value.message.zh


def test_entities_that_expand_without_end_are_refused(tmp_path: Path) -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    path = rewritten(saved(tmp_path / "x.xlsx", plain), "xl/workbook.xml", lambda text: entities + text)
    with pytest.raises(SourceError, match="not a workbook that can be read"):
        open_parts(path)


@real_data
@pytest.mark.parametrize(
    ("rows", "columns", "fits"), [(1, 16384, True), (1_048_576, 16384, False), (4_000_000_000, 1, False)]
)
def test_an_ods_that_repeats_a_value_without_end_is_refused(
    tmp_path: Path,
    rows: int,
    columns: int,
    fits: bool,  # noqa: FBT001 (a test's parameter)
) -> None:
    path = tmp_path / "x.ods"
    path.write_bytes((FIXTURES / "table.ods").read_bytes())
    row = (
        f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell office:value-type="float" '
        f'office:value="1" table:number-columns-repeated="{columns}"/></table:table-row></table:table>'
    )
    rewritten(path, "content.xml", lambda text: text.replace("</table:table>", row, 1))
    if fits:
        assert open_parts(path) is not None
        return
    with pytest.raises(SourceError, match="has a sheet that reaches as far as row"):
        open_parts(path)


def test_a_binary_sheet_that_spans_everything_is_refused(tmp_path: Path) -> None:
    def record(kind: int, number: int) -> bytes:
        return bytes([kind, 4]) + number.to_bytes(4, "little")

    for last, fits in ((63, True), (16383, False)):
        path = tmp_path / f"{last}.xlsb"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("xl/worksheets/sheet1.bin", record(0, 1_048_575) + b"\x81\x01\x00" + record(5, last))
        if fits:
            assert open_parts(path) is not None
            continue
        with pytest.raises(SourceError, match="as far as row 1048576 and column 16384"):
            open_parts(path)


@pytest.mark.parametrize("cut", [4, 30, 2000, -30])
def test_a_workbook_that_is_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    path = saved(tmp_path / "x.xlsx", plain)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(SourceError) as refused:
        list(Workbook(path, {}).rows())
    assert "is not a workbook that can be read" in refused.value.message.en
    assert "不是可读的工作簿" in refused.value.message.zh

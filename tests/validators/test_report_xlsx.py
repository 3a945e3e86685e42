"""The report as a workbook: the clerk's own sheet with the cells marked, and a summary before it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from handing_in import Json, field, package, resource
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from civicat.dataset import Dataset
from civicat.errors import CivicatError
from civicat.finding import Finding, Place, Severity
from civicat.layout import Layout
from civicat.report import Report, ResourceReport
from civicat.text import Language, Text
from civicat.validators import check, open_path, read_submission, validate
from civicat.validators.rendering import render
from civicat.validators.reports import sheets, workbook
from civicat.validators.reports.cells import LONGEST, shown
from civicat.validators.reports.workbook import annotate

COUNT = field("count", "integer", constraints={"minimum": 0})
NAME = field("name", constraints={"required": True})
DATA = Path(__file__).resolve().parents[2] / "../shared/data"
STOP = "00F7C6BF"


@dataclass(frozen=True)
class Marked:
    """A workbook as it is when it is opened again; `summary` are the texts of its first sheet, row by row."""

    book: Any
    report: Report

    @property
    def summary(self) -> list[list[str]]:
        return [["" if cell is None else str(cell) for cell in row] for row in self.book.worksheets[0].values]

    @property
    def words(self) -> str:
        return "\n".join(" ".join(row) for row in self.summary)

    @property
    def sheet(self) -> Any:  # noqa: ANN401 (openpyxl has no types)
        return self.book.worksheets[1]

    def marked(self, sheet: Any = None) -> dict[str, str]:  # noqa: ANN401 (openpyxl has no types)
        """The cells that are coloured, with the text of their comment."""
        cells = [cell for row in (sheet or self.sheet).iter_rows() for cell in row]
        return {
            cell.coordinate: cell.comment.text if cell.comment else ""
            for cell in cells
            if cell.fill.fill_type and cell.fill.fgColor.rgb == STOP
        }

    def links(self) -> dict[str, str]:
        cells = [cell for row in self.book.worksheets[0].iter_rows() for cell in row if cell.hyperlink]
        return {str(cell.value): cell.hyperlink.location for cell in cells}


Annotate = Callable[..., Marked]


@pytest.fixture
def mark(hand_in: Callable[..., Path], layout: Layout, tmp_path: Path) -> Annotate:
    """Hands in files, checks them, annotates them and opens the workbook."""

    def run(
        files: Mapping[str, str | bytes],
        *resources: dict[str, Any],
        language: Language = "en",
        **limits: Json,
    ) -> Marked:
        folder = hand_in(package("counts", list(resources)), files)
        dataset: Dataset = read_submission(folder).dataset
        with check(dataset, layout, **limits) as checked:
            report = checked.report
        annotate(report, dataset, tmp_path / "marked.xlsx", language)
        return Marked(load_workbook(tmp_path / "marked.xlsx"), report)

    return run


def csv(*fields: dict[str, Any], **more: Json) -> dict[str, Any]:
    return resource("counts", "counts.csv", list(fields), **more)


def test_a_cell_to_mend_is_coloured_and_its_comment_says_what_to_do(mark: Annotate) -> None:
    marked = mark({"counts.csv": "name,count\na,1\nb,-4\n"}, csv(NAME, COUNT)).marked()
    assert marked == {
        "B3": "“-4” is less than 0, the minimum that datapackage.yaml sets.\n"
        "Correct the value, or leave the cell empty if there is none."
    }


def test_the_comment_is_in_chinese_where_that_is_asked_for(mark: Annotate) -> None:
    marked = mark({"counts.csv": "name,count\nb,-4\n"}, csv(NAME, COUNT), language="zh")
    assert marked.marked() == {"B2": "“-4”小于 0，即 datapackage.yaml 规定的最小值。\n请更正；没有值就留空。"}
    assert marked.book.sheetnames == ["检查结果", "counts"]
    assert marked.summary[0][0] == "暂未通过：有一类问题需要改正"


def test_the_summary_has_the_verdict_and_each_kind_with_its_count_and_a_link_to_its_first_place(mark: Annotate) -> None:
    marked = mark({"counts.csv": "name,count\na,-1\nb,-4\n,x\n"}, csv(NAME, COUNT))
    assert marked.book.sheetnames == ["Findings", "counts"]
    assert marked.summary[0][0] == "Not passed yet: three things to mend"
    head = marked.summary.index(
        ["No.", "Table", "Column", "What is wrong", "Places", "First place", "What to do", "Rule"]
    )
    first = marked.summary[head + 1]
    assert first[:6] == [
        *("1", "counts", "B count", "“-1” is less than 0, the minimum that datapackage.yaml sets.", "2", "B2")
    ]
    assert first[7] == "constraint-error minimum"
    assert marked.links() == {"B2": "'counts'!B2", "A4": "'counts'!A4", "B4": "'counts'!B4"}


def test_rows_are_where_the_file_has_them_below_a_title_and_with_line_breaks_in_a_cell(mark: Annotate) -> None:
    text = 'A title,\nname,count\n"two\nlines",1\n\nb,-4\n'
    marked = mark({"counts.csv": text}, csv(NAME, COUNT, dialect={"headerRows": [2]}))
    assert marked.sheet["A3"].value == "two\nlines"
    assert "B5" in marked.marked()
    assert marked.sheet["B5"].value == -4
    assert marked.sheet.freeze_panes == "A3"
    assert marked.sheet.auto_filter.ref == "A2:B5"
    assert "A4" in marked.marked()  # the blank row: as wide as the header
    assert "B4" in marked.marked()


def test_cells_too_few_and_too_many_are_marked_where_they_are(mark: Annotate) -> None:
    marked = mark({"counts.csv": "name,count\na\nb,1,surplus\n"}, csv(NAME, COUNT)).marked()
    assert set(marked) == {"B2", "C3"}
    assert "This row ends before count" in marked["B2"]
    assert "a cell more than the header" in marked["C3"]


def test_a_key_that_is_there_twice_is_marked_on_its_columns(mark: Annotate) -> None:
    marked = mark({"counts.csv": "name,count\na,1\na,1\n"}, csv(NAME, COUNT, schema={"primaryKey": ["name"]}))
    assert next(iter(marked.marked())) == "A3"
    assert "stands in row 2 too" in marked.marked()["A3"]


def test_several_findings_of_one_cell_share_its_comment(mark: Annotate) -> None:
    one = field("name", constraints={"minLength": 3, "pattern": "[a-z]+"})
    marked = mark({"counts.csv": "name\nB\n"}, csv(one)).marked()
    assert marked["A2"].count("\n\n") == 1


def test_a_header_that_is_another_is_marked(mark: Annotate) -> None:
    marked = mark({"counts.csv": "nome,count\na,1\n"}, csv(NAME, COUNT)).marked()
    assert "“nome”" in marked["A1"]


@pytest.mark.parametrize("formula", ['=HYPERLINK("x")', "+1+1", "-1+1", "@SUM(1)", "=1", "#N/A"])
def test_a_text_that_looks_like_a_formula_stays_text(mark: Annotate, formula: str) -> None:
    quoted = '"' + formula.replace('"', '""') + '"'
    marked = mark({"counts.csv": f"name,count\n{quoted},x\n"}, csv(NAME, COUNT))
    cell = marked.sheet["A2"]
    assert (cell.value, cell.data_type) == (formula, "s")
    assert cell.quotePrefix or not formula.startswith(("=", "+", "-", "@"))


def test_a_formula_in_a_message_of_the_summary_stays_text(mark: Annotate) -> None:
    marked = mark({"counts.csv": "=1+1\nx\n"}, csv(field("=1+1", "integer")))
    cells = [cell for row in marked.book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}


@pytest.mark.parametrize(
    ("text", "value", "number_format"),
    [
        ("320102199001011234", "320102199001011234", "@"),  # eighteen digits: Excel would round them
        ("123456789012345", 123456789012345, "0"),
        ("1234567890123456", "1234567890123456", "@"),
        ("0042", "0042", ""),
        ("42", 42, ""),
        ("-4", -4, ""),
        ("1.50", 1.5, "0.00"),
        ("-0", "-0", "@"),
        ("1e5", "1e5", ""),
        ("１２３", "１２３", ""),
        ("", None, ""),
        ("2026-01-05", "2026-01-05", ""),
    ],
)
def test_a_number_is_one_only_where_it_loses_nothing(text: str, value: object, number_format: str) -> None:
    assert (shown(text).value, shown(text).number_format) == (value, number_format)


def test_what_no_workbook_can_hold_is_shown_as_such() -> None:
    assert shown("a\x00b\x1bc\ud800").value == "a�b�c�"
    assert len(str(shown("x" * (LONGEST + 1)).value)) == LONGEST
    assert shown("x" * LONGEST).value == "x" * LONGEST
    assert shown(float("nan")).value == "nan"
    assert shown([1, "二"]).value == '[1, "二"]'


def _book(path: Path, title: str = "数据") -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in (["name", "count"], ["a", 1], ["b", -4], ["=1+1", 3]):
        sheet.append(row)
    sheet.column_dimensions["A"].width = 33
    sheet["B2"].number_format = "0.000"
    sheet["B3"].comment = Comment("check with Li", "Li")
    book.create_sheet("其他")["A1"] = "stays"
    book.save(path)
    return path.read_bytes()


def test_a_workbook_that_was_handed_in_stays_as_it_is(mark: Annotate, tmp_path: Path) -> None:
    one = resource("counts", "counts.xlsx", [NAME, COUNT], dialect={"excel": {"sheet": "数据"}})
    marked = mark({"counts.xlsx": _book(tmp_path / "in.xlsx")}, one)
    assert marked.book.sheetnames == ["Findings", "数据", "其他"]
    sheet = marked.book["数据"]
    assert sheet.column_dimensions["A"].width == 33
    assert sheet["B2"].number_format == "0.000"
    assert marked.book["其他"]["A1"].value == "stays"
    assert sheet["A4"].value == "=1+1"  # a formula of their own
    assert marked.marked(sheet)["B3"].startswith("check with Li\n\n“-4” is less than 0")
    assert marked.links() == {"B3": "'数据'!B3", "A4": "'数据'!A4"}  # the formula has no value yet: it is empty
    assert marked.book.active.title == "Findings"


def test_a_merged_cell_is_marked_where_it_can_hold_a_comment(mark: Annotate, tmp_path: Path) -> None:
    _book(tmp_path / "in.xlsx")
    book = load_workbook(tmp_path / "in.xlsx")
    book["数据"].merge_cells("A3:A4")
    book.save(tmp_path / "in.xlsx")
    one = resource("counts", "counts.xlsx", [NAME, COUNT], dialect={"excel": {"sheet": "数据"}})
    marked = mark({"counts.xlsx": (tmp_path / "in.xlsx").read_bytes()}, one)
    assert "There is no value in column name" in marked.marked(marked.book["数据"])["A3"]


def test_an_empty_cell_of_a_workbook_was_not_found_to_hold_none(mark: Annotate, tmp_path: Path) -> None:
    book = Workbook()
    for row in (["name", "count"], [None, 1], ["None", 2], [None, 3]):
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    name = field("name", constraints={"required": True, "maxLength": 3})
    marked = mark(
        {"counts.xlsx": (tmp_path / "in.xlsx").read_bytes()}, resource("counts", "counts.xlsx", [name, COUNT])
    )
    assert [one.found for one in marked.report.all_findings()] == ["", "None", ""]
    assert "  Also row 4 (2 of 3 rows)." in render(marked.report, "en")
    assert "  还有：第 4 行（3 行中有 2 处）。" in render(marked.report, "zh")


def test_lines_of_json_are_written_as_a_table(mark: Annotate) -> None:
    lines = "\n".join(
        json.dumps(one, ensure_ascii=False) for one in ({"name": "甲", "count": 1}, {"name": None, "count": -4})
    )
    marked = mark({"counts.ndjson": lines}, resource("counts", "counts.ndjson", [NAME, COUNT], format="ndjson"))
    assert [cell.value for cell in marked.sheet[1]] == ["name", "count"]
    assert set(marked.marked()) == {"A3", "B3"}
    assert "without their format" in marked.words


def test_two_tables_have_a_sheet_each_and_one_without_findings_has_none(mark: Annotate) -> None:
    files = {"a.csv": "count\n-1\n", "b.csv": "count\nx\n", "c.csv": "count\n1\n"}
    marked = mark(files, *(resource(name, f"{name}.csv", [COUNT]) for name in "abc"))
    assert marked.book.sheetnames == ["Findings", "a", "b"]
    links = [cell.hyperlink for row in marked.book.worksheets[0].iter_rows() for cell in row if cell.hyperlink]
    assert [one.location for one in links] == ["'a'!A2", "'b'!A2"]


def test_a_pass_is_a_summary_alone(mark: Annotate) -> None:
    marked = mark({"counts.csv": "count\n1\n"}, csv(COUNT))
    assert marked.book.sheetnames == ["Findings"]
    assert marked.summary[0][0] == "Passed: nothing to mend"


def test_of_a_large_table_only_the_rows_with_findings_are_there(
    mark: Annotate, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"a,{-4 if number in {5, 9} else 1}" for number in range(11)]
    monkeypatch.setattr(workbook, "FULL_ROWS", 10)
    marked = mark({"counts.csv": "name,count\n" + "\n".join(rows) + "\n"}, csv(NAME, COUNT))
    assert [list(row) for row in marked.sheet.values] == [
        *(["Row in your file", "name", "count"], [7, "a", -4], [11, "a", -4])
    ]
    assert set(marked.marked()) == {"C2", "C3"}
    assert marked.links() == {"B7": "'counts'!C2"}
    assert "the table is large (11 rows)" in marked.words


def test_a_large_file_that_was_not_read_to_its_end_is_not_copied(
    mark: Annotate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "FULL_BYTES", 20)
    marked = mark({"counts.csv": "count\n" + "-4\n" * 12}, csv(COUNT), limit_errors=2)
    assert [list(row) for row in marked.sheet.values] == [["Row in your file", "count"], [2, -4], [3, -4]]


def test_a_table_at_the_limit_is_copied_whole(mark: Annotate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "FULL_ROWS", 3)
    marked = mark({"counts.csv": "count\n1\n1\n-4\n"}, csv(COUNT))
    assert marked.sheet.max_row == 4


def test_beyond_the_limit_of_errors_the_summary_says_how_many_are_marked(mark: Annotate) -> None:
    marked = mark({"counts.csv": "count\n" + "-4\n" * 5}, csv(COUNT), limit_errors=2, count_all=True)
    assert len(marked.marked()) == 2
    assert "2 of 5 places are marked" in marked.words


def test_where_reading_stopped_at_the_limit_the_summary_says_so(mark: Annotate) -> None:
    marked = mark({"counts.csv": "count\n" + "-4\n" * 5}, csv(COUNT), limit_errors=2)
    assert set(marked.marked()) == {"A2", "A3"}
    assert marked.sheet.max_row == 6  # the sheet is whole all the same
    assert "counts: reading stopped at row 3" in marked.words


def test_comments_stop_where_excel_would_become_slow(mark: Annotate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "COMMENTED", 2)
    marked = mark({"counts.csv": "count\n" + "-4\n" * 3}, csv(COUNT))
    assert [bool(words) for words in marked.marked().values()] == [True, True, False]
    assert "The first 2 cells have a note" in marked.words


def test_it_never_writes_over_what_was_handed_in(hand_in: Callable[..., Path], layout: Layout, tmp_path: Path) -> None:
    folder = hand_in(package("counts", [csv(COUNT)]), {"counts.csv": "count\n-4\n"})
    dataset = read_submission(folder).dataset
    with check(dataset, layout) as checked:
        report = checked.report
    (tmp_path / "link.xlsx").symlink_to(folder / "counts.csv")
    for target in (folder / "counts.csv", folder / "datapackage.yaml", tmp_path / "link.xlsx", folder):
        with pytest.raises(CivicatError) as refused:
            annotate(report, dataset, target, "en")
        assert "Choose another --output" in refused.value.message.en
    assert (folder / "counts.csv").read_text("utf-8") == "count\n-4\n"
    with pytest.raises(CivicatError, match="cannot be written"):
        annotate(report, dataset, tmp_path / "nowhere" / "a.xlsx", "en")
    annotate(report, dataset, tmp_path / "a.xlsx", "en")
    annotate(report, dataset, tmp_path / "a.xlsx", "zh")  # an older report gives way
    assert [one.name for one in tmp_path.glob("*.part")] == []


def test_a_packed_file_is_written_unpacked(tmp_path: Path) -> None:
    path, schema = tmp_path / "counts.csv.gz", tmp_path / "schema.json"
    path.write_bytes(gzip.compress(b"name;count\nb;-4\n"))
    schema.write_text(json.dumps({"fields": [{"name": "name", "type": "string"}, COUNT]}), "utf-8")
    dataset = open_path(path, schema)[0]
    name, words = dataset.resources[0].name, Text("太小。", "Too small.")
    one = Finding("constraint-error", Severity.ERROR, Place(str(path), name, 2, "count", 2), words, words)
    table = ResourceReport(name, path.name, ("name", "count"), 1, 30, "", (one,), {"constraint-error": 1})
    report = Report("counts", (), (table,))
    annotate(report, dataset, tmp_path / "marked.xlsx", "en")
    marked = Marked(load_workbook(tmp_path / "marked.xlsx"), report)
    assert [list(row) for row in marked.sheet.values] == [["name", "count"], ["b", -4]]
    assert marked.marked() == {"B2": "Too small.\nToo small."}


def test_a_real_workbook_against_a_real_schema(layout: Layout, tmp_path: Path) -> None:
    ranks = DATA / "taxi-ranks"
    if not ranks.exists():
        pytest.skip("the French taxi ranks are not here (../shared/data/taxi-ranks)")
    path, schema = ranks / "exemple-valide.xlsx", ranks / "schema.json"
    report = validate(path, schema, layout)
    annotate(report, open_path(path, schema)[0], tmp_path / "marked.xlsx", "zh")
    marked = Marked(load_workbook(tmp_path / "marked.xlsx"), report)
    cells = {f"{'ABCDEFGH'[one.place.column - 1]}{one.place.row}" for one in report.all_findings() if one.place.column}
    assert set(marked.marked()) == cells


def test_every_cell_of_a_real_file_stands_where_its_finding_says(layout: Layout, tmp_path: Path) -> None:
    spend = DATA / "uk-25k-spend"
    if not spend.exists():
        pytest.skip("the real files of UK departments are not here (../shared/data/uk-25k-spend)")
    path, schema = spend / "files" / "moj-aramis-mar-12.csv.csv", spend / "spend-publishing-schema.json"
    report = validate(path, schema, layout, 300)
    annotate(report, open_path(path, schema)[0], tmp_path / "marked.xlsx", "en")
    sheet = load_workbook(tmp_path / "marked.xlsx").worksheets[1]
    found = 0
    for one in report.all_findings():
        place = one.place
        if place.row is not None and place.column is not None and isinstance(one.descriptor.get("cells"), list):
            assert str(sheet.cell(place.row, place.column).value or "").strip() == one.found.strip()
            assert sheet.cell(place.row, place.column).comment is not None
            found += 1
    assert found > 250


def test_the_summary_is_read_without_scrolling_sideways(mark: Annotate) -> None:
    front = mark({"counts.csv": "name,count\na,-1\n" + "b,x\n"}, csv(NAME, COUNT)).book.worksheets[0]
    assert sum(front.column_dimensions[letter].width for letter in "ABCDEFGH") <= 182
    prose = next(row[0] for row in front.iter_rows() if str(row[0].value).startswith("Red:"))
    assert f"A{prose.row}:H{prose.row}" in {str(one) for one in front.merged_cells.ranges}
    assert prose.alignment.wrap_text
    what = next(cell for row in front.iter_rows() for cell in row if "whole number" in str(cell.value))
    assert what.alignment.wrap_text
    remedy = front.cell(what.row, 7)
    assert len(remedy.value) > front.column_dimensions["G"].width  # so it takes a second line, and is given it
    assert front.row_dimensions[what.row].height == 30
    head = next(row[0].row for row in front.iter_rows() if row[0].value == "No.")
    assert front.auto_filter.ref == f"A{head}:H{head + 2}"


def test_every_font_has_a_name_or_a_program_takes_one_with_serifs(mark: Annotate) -> None:
    book = mark({"counts.csv": "name,count\na,-1\n"}, csv(NAME, COUNT), language="zh").book
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.font.name for cell in cells} == {"Calibri"}


def test_both_sheets_print_across_on_the_width_of_a_page_with_their_heads_repeated(mark: Annotate) -> None:
    book = mark({"counts.csv": "name,count\na,-1\n"}, csv(NAME, COUNT)).book
    for sheet in book:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)
        assert sheet.oddFooter.center.text == "&A  &P / &N"
    assert book["counts"].print_title_rows == "$1:$1"
    head = next(row[0].row for row in book["Findings"].iter_rows() if row[0].value == "No.")
    assert book["Findings"].print_title_rows == f"${head}:${head}"


@pytest.mark.parametrize(("columns", "fits"), [(26, True), (27, False)])  # of nine characters each: 234, 243
def test_a_table_too_wide_to_be_read_on_one_page_goes_on_to_the_next(
    mark: Annotate, columns: int, *, fits: bool
) -> None:
    names = [f"c{number}" for number in range(columns)]
    text = ",".join(names) + "\n" + ",".join("x" for _ in names) + "\n"
    sheet = mark({"counts.csv": text}, csv(*(field(name, "integer") for name in names))).sheet
    assert bool(sheet.sheet_properties.pageSetUpPr.fitToPage) is fits
    assert sheet.page_setup.pageOrder == (None if fits else "overThenDown")
    assert sheet.print_title_cols == (None if fits else "$A:$A")


@pytest.mark.parametrize(
    ("text", "height"), [("x" * 44, None), ("x" * 45, 30), ("x" * 40_000, 45), ("two\nlines", 30), ("a\n" * 9, 45)]
)
def test_a_long_text_takes_three_lines_at_most(mark: Annotate, text: str, height: int | None) -> None:
    marked = mark({"counts.csv": f'name,count\n"{text}",-4\nb,1\n'}, csv(NAME, COUNT))
    assert marked.sheet.row_dimensions[2].height == height
    assert bool(marked.sheet["A2"].alignment.wrap_text) is (height is not None)
    assert marked.sheet["B2"].alignment.vertical == marked.sheet["A2"].alignment.vertical
    assert marked.sheet.row_dimensions[3].height is None
    assert marked.marked().keys() == {"B2"}


def test_a_large_table_of_which_a_part_is_shown_has_its_widths_too(
    mark: Annotate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "FULL_ROWS", 1)
    sheet = mark({"counts.csv": f"name,count\n{'b' * 30},-4\na,1\n"}, csv(NAME, COUNT)).sheet
    assert sheet.column_dimensions["A"].width == len("Row in your file") + 2
    assert sheet.column_dimensions["B"].width == 32
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.freeze_panes == "B2"


@pytest.mark.parametrize("mark_of_direction", ["\u202a", "\u202e", "\u2066", "\u2069"])
def test_a_mark_that_turns_the_order_of_figures_is_shown_as_such(mark_of_direction: str) -> None:
    assert shown(f"{mark_of_direction}0001").value == "�0001"
    assert shown("\u05d3\u05d5\u05d3\u200f 1").value == "\u05d3\u05d5\u05d3\u200f 1"  # Hebrew as it is written


@pytest.mark.parametrize(
    ("rows", "linked"), [(9, {"A2": "'counts'!A2", "B2": "'counts'!B2"}), (0, {"A2": "'counts'!B2"})]
)
def test_a_column_beyond_the_last_of_a_sheet_is_named_and_not_linked_to_another(
    mark: Annotate, monkeypatch: pytest.MonkeyPatch, rows: int, linked: dict[str, str]
) -> None:
    for module in (workbook, sheets):
        monkeypatch.setattr(module, "MOST_COLUMNS", 2)
    monkeypatch.setattr(workbook, "FULL_ROWS", rows)  # of a large table the numbers of its rows take a column
    marked = mark({"counts.csv": "a,b,c\nx,x,x\n"}, csv(*(field(name, "integer") for name in "abc")))
    assert marked.links() == linked
    assert [row[5] for row in marked.summary if "whole number" in row[3]] == ["A2", "B2", "C2"]
    assert marked.sheet.max_column == 2
    assert "Excel has 16,384 columns at most" in marked.words
    assert "Rows read: 1. Places to mend: 3." in marked.words

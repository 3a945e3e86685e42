"""A sheet that is cut from its bytes holds what calamine reads of it; what is written in another way is left to it."""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from civicat.errors import SourceError
from civicat.validators.engine.cells import CellBlock, blocks_of_cells, blocks_of_sheet
from civicat.validators.parts import open_parts
from civicat.validators.sheetdata import Cutter
from civicat.validators.sheetvalues import Values
from civicat.validators.workbooks import Workbook

SHEET = "xl/worksheets/sheet1.xml"
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_FORMATS = (
    *("General", "0", "0.00", "#,##0.00_);(#,##0.00)", "0.00E+00", "@", "¥#,##0", "yyyy-mm-dd", "yyyy/m/d", "0%"),
    *(
        "yyyy\\-mm\\-dd",
        'yyyy"年"m"月"d"日"',
        "[$-404]yyyy-mm-dd;@",
        "yyyy-mm-dd hh:mm:ss",
        "hh:mm",
        "d/m/yyyy",
        "[h]:mm",
    ),
    *('0"d"', "[Red]0", "yy/mm/dd", "yyyy年m月d日", "[$-F800]dddd, mmmm dd, yyyy", "yyyy-mm-dd;@", "# ?/?", '0"年"'),
)
_STYLES = (*range(60), *range(164, 164 + len(_FORMATS)))  # the number format of each style
_PLAIN_STYLE, _DATE_STYLE = 0, 14


def book(path: Path, rows: str, *, strings: str = "", around: tuple[str, str] = ("", ""), epoch: str = "") -> Path:
    """A workbook of one sheet: its rows, the items of its table of texts, what stands before and after its rows."""
    before, after = around
    formats = "".join(f"<numFmt numFmtId='{164 + at}' formatCode={quoteattr(one)}/>" for at, one in enumerate(_FORMATS))
    styles = "".join(f"<xf numFmtId='{one}'/>" for one in _STYLES)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": _relations(officeDocument="xl/workbook.xml"),
        "xl/_rels/workbook.xml.rels": _relations(
            worksheet="worksheets/sheet1.xml", sharedStrings="sharedStrings.xml", styles="styles.xml"
        ),
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_KINDS}">{epoch}<sheets>'
        '<sheet name="S" sheetId="1" r:id="worksheet"/></sheets></workbook>',
        "xl/sharedStrings.xml": f"<sst {_MAIN}>{strings}</sst>",
        "xl/styles.xml": f"<styleSheet {_MAIN}><numFmts>{formats}</numFmts><cellXfs>{styles}</cellXfs></styleSheet>",
        SHEET: f"<worksheet {_MAIN}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def _relations(**kinds: str) -> str:
    each = (f'<Relationship Id="{kind}" Type="{_KINDS}/{kind}" Target="{to}"/>' for kind, to in kinds.items())
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(each)}</Relationships>'


def is_cut(path: Path) -> bool:
    parts = open_parts(path)
    assert parts is not None
    return parts.search("S")[1] is not None


def both_ways(folder: Path, rows: str, **more: Any) -> tuple[object, object]:  # noqa: ANN401 (as book has them)
    """What is read of a sheet, and what calamine reads of it: with a comment in it, nobody else would."""
    mine = _read(book(folder / "mine.xlsx", rows, **more))
    theirs = book(folder / "theirs.xlsx", "<!-- -->" + rows, **more)
    assert not is_cut(theirs)
    return mine, _read(theirs)


def _read(path: Path) -> object:
    sheet = Workbook(path, {})
    try:
        rows = repr(list(sheet.rows()))  # tells 1 from 1.0 and True, and a NaN is like another
        said = [(one.code, one.rule, one.facts, one.found, one.row, one.column) for one in sheet.remarks()]
    except SourceError as error:
        return error.message.en.partition(" ")[2]
    return rows, said


def row(number: int, *cells: str, more: str = "") -> str:
    return f'<row r="{number}"{more}>{"".join(cells)}</row>'


def cell(place: str, value: str, kind: str = "n", style: int | None = None, keep: str = "") -> str:
    styled = "" if style is None else f' s="{style}"'
    inner = f"<is><t{keep}>{value}</t></is>" if kind == "inlineStr" else f"<v{keep}>{value}</v>"
    return f'<c r="{place}"{styled}{f" t={chr(34)}{kind}{chr(34)}" if kind else ""}>{inner}</c>'


KEEP = ' xml:space="preserve"'
_TEXTS = (
    *("a", "朝阳区", "a b", "1", "TRUE", "#N/A", "🚲", "\u3000"),
    *(
        "",
        " a ",
        "  ",
        "\n a",
        "a&amp;b",
        "&lt;&#10;&#x4e00;&quot;&apos;",
        "a_x000D_b",
        "_x005F_x000D_",
        "_x00e9_",
        "_x000D",
    ),
    *(
        "a\r\nb",
        "&bogus;",
        "&#0;",
        "_xD83D_",
        "a_x000D_&amp;",
        " &amp; ",
        "&#32;a",
        "\t",
        "\u00a0a",
        "&#128;",
        "&amp;#10;",
    ),
    *("&&amp;", "a;b&", "a&#13;b", "&#xFFFF;", "&#x1F6B2;", "\u0085a"),
)
_NUMBERS = (
    *("0", "1", "-1", "1.5", "45292", "45292.5", "45292.50001", "0.25"),
    *(
        "-0",
        "1e3",
        "1E3",
        "1E-7",
        "999999999999999",
        "1000000000000000",
        "123456789012345678",
        "9007199254740993",
        "1e16",
    ),
    *("+5", " 5", "5 ", ".5", "5.", "inf", "NaN", "1e400", "1_0", "", "0x1", "1e-400", "00012", "--1", "1e", "４"),
    *("60", "61", "2958465", "2958464.9999999999", "2958466", "0.1", "1e5", "100000.12345678"),
)
_ERRORS = ("#N/A", "#DIV/0!", "#NULL!", "#NUM!", "#NAME?", "#REF!", "#VALUE!", "#SPILL!", "", "0")
_STRINGS = (
    "<si><t>a &amp; b</t></si>",
    f"<si><t{KEEP}> x </t></si>",
    "<si><t> y </t><phoneticPr fontId='1' type='noConversion'/></si>",
    '<si><t>姓名</t><phoneticPr fontId="1" type="noConversion"/></si>',
    "<si><t></t></si>",
    "<si><t>a_x000D_\nb</t></si>",
)
_RICH = "<si><r><t>a</t></r><r><rPr><b/></rPr><t> b</t></r></si>"


def some(chance: random.Random, values: Sequence[Any], tame: int) -> Any:  # noqa: ANN401 (one of the values)
    """One of the first mostly: those are what every program writes."""
    return chance.choice(values[:tame] if chance.random() < 0.8 else values)


def any_cell(chance: random.Random, place: str) -> str:
    """A cell as programs write them, and some as none would; now and then a formula has the value."""
    found = _any_cell(chance, place)
    formula = chance.choice(("<f>A1+1</f>", '<f t="shared" si="0"/>', "<f>1&lt;2</f>"))
    return found.replace("<v>", f"{formula}<v>") if chance.random() < 0.04 else found


def _any_cell(chance: random.Random, place: str) -> str:
    way = chance.random()
    style = chance.choice((None, None, None, _PLAIN_STYLE, _DATE_STYLE, chance.randrange(len(_STYLES) + 1)))
    if way < 0.1:
        empty = ("", f'<c r="{place}" s="1"/>', f'<c r="{place}" s="1" />', f'<c r="{place}"></c>')
        return str(some(chance, empty, 3))
    if way < 0.4:
        kind = chance.choice(("inlineStr", "inlineStr", "str"))
        return cell(place, some(chance, _TEXTS, 18), kind, style, chance.choice(("", "", KEEP)))
    if way < 0.6:
        return cell(place, some(chance, ("0", "1", "2", "3", "4", "5", "9", "-1", "", " 0"), 6), "s", style)
    if way < 0.8:
        return cell(place, some(chance, _NUMBERS, 8), chance.choice(("", "n")), style)
    if way < 0.9:
        return cell(place, some(chance, ("0", "1", "true", "2", ""), 2), "b", style)
    kind, value = some(chance, (("e", some(chance, _ERRORS, 7)), ("d", "2024-01-05")), 1)
    return cell(place, value, kind, style)


def any_rows(chance: random.Random, most: int = 5) -> str:
    """A few rows, mostly of one sort in each column, one cell of which may be of another."""
    width, number, rows, alike = chance.randint(1, 4), 0, [], chance.choice((0.8, 0.95, 1))
    like = [random.Random(chance.random()).getstate() for _ in range(width)]  # noqa: S311 (nothing secret)
    for _ in range(chance.randint(1, most)):
        number += chance.choice((1, 1, 1, 1, 3))
        cells = []
        for at, state in enumerate(like[: chance.choice((width, width, 1))]):
            same = random.Random()  # noqa: S311 (nothing secret)
            same.setstate(state)
            cells.append(any_cell(same if chance.random() < alike else chance, f"{'ABCD'[at]}{number}"))
        rows.append(row(number, *cells, more=chance.choice(("", "", "", ' spans="1:3"', ' hidden="1"'))))
    return "".join(rows)


@pytest.mark.parametrize("seed", range(200))
def test_a_sheet_that_is_cut_holds_what_calamine_reads(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (nothing secret)
    mine, theirs = both_ways(tmp_path, any_rows(chance), strings="".join(_STRINGS))
    assert mine == theirs


@pytest.mark.parametrize("seed", range(60))
def test_a_sheet_is_the_same_in_pieces_of_any_size(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (nothing secret)
    path = book(tmp_path / "x.xlsx", any_rows(chance, 12), strings="".join(_STRINGS))
    whole, rows_at_once = _pieces(path, 100), chance.choice((1, 2))
    assert _pieces(path, rows_at_once) == whole


def _pieces(path: Path, rows: int) -> tuple[object, ...] | None:
    parts = open_parts(path)
    assert parts is not None
    with zipfile.ZipFile(path) as archive:
        text = archive.read(SHEET)
    cutter = Cutter(Values(parts))
    for piece in re.findall(rb"(?s)(?:.*?</row>){1,%d}|.+" % rows, text):
        cutter.take(piece)
    found = cutter.finish()
    return None if found is None else (repr(list(found)), found.width, found.last, found.long())


A1, B1, A2 = cell("A1", "id", "inlineStr"), cell("B1", "name", "inlineStr"), cell("A2", "1")


@pytest.mark.parametrize(
    "second",
    [
        cell("A2", "45292", "", _DATE_STYLE) + cell("B2", "1", "s", 2),
        cell("A2", "1") + '<c r="B2" s="1"/>',
        cell("A2", "1", "b") + cell("B2", "#N/A", "e"),
        cell("A2", " a ", "inlineStr", keep=KEEP) + cell("B2", "a&amp;b", "str"),
        '<c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="str"><f aca="false">A1</f><v>id</v></c>',
        cell("B2", "1.5"),
        cell("A2", "1") + cell("AB2", "1"),
        "",
    ],
)
def test_what_programs_write_is_cut(tmp_path: Path, second: str) -> None:
    rows = row(1, A1, B1, more=' spans="1:2" x14ac:dyDescent="0.25"') + row(2, second) + '<row r="5" ht="15"/>'
    mine, theirs = both_ways(tmp_path, rows, strings="".join(_STRINGS))
    assert mine == theirs
    assert is_cut(tmp_path / "mine.xlsx")


@pytest.mark.parametrize(
    "rows",
    [
        row(2, A2) + row(1, A1),
        row(1, A2),
        row(1, B1, A1),
        row(1, A1).replace('"', "'"),
        f"<row>{A1}</row>",
        row(1, cell("A1", "1", "s")),
        row(1, cell("A1", "2024-01-05", "d")),
        row(1, cell("A1", "0", "", _DATE_STYLE)),
        row(1, cell("A1", "1", "", len(_STYLES))),
        row(1, cell("IW1", "1")),
        row(1, A1) + "<!-- -->",
    ],
)
def test_what_is_written_in_another_way_is_left_to_calamine(tmp_path: Path, rows: str) -> None:
    assert not is_cut(book(tmp_path / "x.xlsx", rows, strings=_RICH * 2))
    mine, theirs = both_ways(tmp_path, rows, strings=_RICH * 2)
    assert mine == theirs


def test_dates_that_count_from_1904_are_left_to_calamine(tmp_path: Path) -> None:
    rows = row(1, cell("A1", "45292", "", _DATE_STYLE))
    for epoch, cut in (('<workbookPr date1904="1"/>', False), ('<workbookPr date1904="0"/>', True), ("", True)):
        mine, theirs = both_ways(tmp_path, rows, epoch=epoch)
        assert mine == theirs
        assert is_cut(tmp_path / "mine.xlsx") is cut


def test_what_is_odd_about_a_sheet_is_told_when_it_is_cut(tmp_path: Path) -> None:
    rows = row(1, A1, B1) + row(2, A2, cell("B2", "#REF!", "e")) + row(3, cell("A3", "1E+15"), more=' hidden="1"')
    around = ('<cols><col min="2" max="2" hidden="1"/></cols>', '<mergeCells><mergeCell ref="A1:B1"/></mergeCells>')
    mine, theirs = both_ways(tmp_path, rows, around=around)
    assert mine == theirs
    assert is_cut(tmp_path / "mine.xlsx")
    codes = [(one.code, one.rule) for one in Workbook(tmp_path / "mine.xlsx", {}).remarks()]
    assert codes == [
        ("merged-cells", ""),
        ("hidden-cells", "rows"),
        ("hidden-cells", "columns"),
        ("error-cell", ""),
        ("digits-lost", ""),
    ]


def test_a_time_that_python_cannot_hold_makes_a_workbook_unreadable(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", row(1, cell("A1", "1e400", "", 46)))
    with pytest.raises(SourceError) as refused:
        list(Workbook(path, {}).rows())
    assert "is not a workbook that can be read" in refused.value.message.en
    assert "不是可读的工作簿" in refused.value.message.zh


@pytest.mark.parametrize("seed", range(40))
def test_blocks_of_a_sheet_are_those_of_its_rows(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (nothing secret)
    path = book(tmp_path / "x.xlsx", any_rows(chance, 12), strings="".join(_STRINGS))
    sheet, first = Workbook(path, {}).columns() if is_cut(path) else None, chance.choice((1, 2, 4))
    if sheet is not None and sheet.width:
        by_rows = blocks_of_cells(Workbook(path, {}).rows(), first, sheet.width)
        assert _records(blocks_of_sheet(sheet, first)) == _records(by_rows)


def _records(blocks: Iterator[CellBlock]) -> list[tuple[int, str]]:
    found = []
    for block in blocks:
        cells = block.cells(range(len(block.numbers)))
        found += [(number, repr(one)) for number, one in zip(block.numbers.tolist(), cells, strict=True)]
        found += [(one.number, repr(list(one.cells))) for one in block.odd]
    return sorted(found)

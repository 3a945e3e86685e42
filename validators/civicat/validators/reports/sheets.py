"""How the sheets of an annotated workbook are written with openpyxl: marked cells, comments, links, the summary.

Importing this module loads openpyxl; only workbook.py does, when a workbook is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.page import PageMargins

from civicat.text import Language
from civicat.validators.reports.cells import NOTHING, Shown, shown, text
from civicat.validators.reports.marks import Mark, comment
from civicat.validators.reports.summary import WIDTHS, Line, Look, Said
from civicat.validators.reports.words import word
from civicat.validators.wrapping import cells as width_of

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # of a sheet: Excel's own limits
_LOOKED_AT = 60  # records that the widths of the columns are judged by
_NARROWEST, _WIDEST = 9, 44  # characters of a column
_LINE_POINTS, _MOST_LINES = 15, 3  # height of a line, and lines that are seen of a long text: a row stays a row
_ON_ONE = 240  # characters across that can still be read on the width of one page
_A4 = 9  # the number that workbooks have for this size of paper
_STOP = PatternFill("solid", fgColor="F7C6BF")
_CARE = PatternFill("solid", fgColor="FCE3A6")
_WASH = PatternFill("solid", fgColor="E6EBE8")
_BOUND = Border(left=Side("medium", color="A1221A"), bottom=Side("thin", color="A1221A"))
_LINE = Border(bottom=Side("thin", color="CCD4D0"))
_TOP = Alignment(vertical="top", wrap_text=True)


def _font(size: int = 11, **more: object) -> Font:
    """The workbook's own font, by its name: without one, programs other than Excel take one with serifs."""
    return Font(name="Calibri", family=2, scheme="minor", size=size, **more)


_HEAD, _BODY = _font(bold=True), {"alignment": _TOP, "border": _LINE, "font": _font()}
_LOOKS: Mapping[Look, Mapping[str, object]] = {
    Look.TITLE: {"font": _font(18, bold=True)},
    Look.SUBJECT: {"font": _font(12, color="4C5953")},
    Look.PROSE: {"font": _font(), "alignment": _TOP},
    Look.HEAD: {"font": _HEAD, "fill": _WASH, "alignment": _TOP},
    Look.BODY: _BODY,
    Look.LINK: _BODY | {"font": _font(color="124B86", underline="single")},
    Look.STOP: _BODY | {"fill": _STOP},
    Look.CARE: _BODY | {"fill": _CARE},
}

Worksheet = Any  # openpyxl has no types
Row = Mapping[int, Mark]


def write_summary(sheet: Worksheet, lines: Iterable[Line]) -> None:
    """Writes the summary onto an empty sheet: what is long is wrapped, and it prints on the width of one page."""
    for column, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    _print_on_one(sheet)
    head, row = 0, 0
    for row, line in enumerate(lines, 1):
        _lay_out(sheet, line, row)
        head = row if line and line[0].look is Look.HEAD else head
        sheet.append([_said(sheet, one, row, column) for column, one in enumerate(line, 1)])
    if head:
        sheet.print_title_rows = f"{head}:{head}"
        sheet.auto_filter.ref = f"A{head}:{get_column_letter(len(WIDTHS))}{row}"


def _lay_out(sheet: Worksheet, line: Line, row: int) -> None:
    """Gives a line its height, which not every program finds itself, and prose the whole width."""
    if not line or line[0].look in {Look.TITLE, Look.SUBJECT}:
        return
    widths: Sequence[int] = WIDTHS
    if line[0].look is Look.PROSE:
        sheet.merged_cells.add(f"A{row}:{get_column_letter(len(WIDTHS))}{row}")
        widths = (sum(WIDTHS),)
    # A word that does not fit leaves the end of its line empty: two characters of each line, all in all.
    lines = (-(-width_of(str(one.value)) // (width - 2)) for one, width in zip(line, widths, strict=False))
    sheet.row_dimensions[row].height = _LINE_POINTS * max(1, *lines)


def _print_on_one(sheet: Worksheet, *, across: bool = True) -> None:
    """Has a sheet print on A4 across, numbered, on the width of one page; or, where it is too wide, row after row."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.7, footer=0.3)
    sheet.oddFooter.center.text = "&A  &P / &N"
    if across:
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    else:
        sheet.page_setup.pageOrder = "overThenDown"
        sheet.print_title_cols = "A:A"


def _said(sheet: Worksheet, one: Said, row: int, column: int) -> object:
    cell = _cell(sheet, text(one.value) if isinstance(one.value, str) else Shown(one.value))
    for name, look in _LOOKS[one.look].items():
        setattr(cell, name, look)
    if one.link:
        cell.row, cell.column = row, column
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=one.link)
    return cell


def write_all(
    sheet: Worksheet, rows: Iterable[Sequence[object]], marks: Mapping[int, Row], header: int, language: Language
) -> None:
    """Writes every record of a table, the n-th on row n; the header stays in sight and can be filtered by."""
    stream = iter(rows)
    head = list(islice(stream, max(_LOOKED_AT, header)))
    _set_up(sheet, head, header)
    last = 0
    for last, record in enumerate(islice(chain(head, stream), MOST_ROWS), 1):
        found = _record(sheet, record, marks.get(last, {}), language, is_head=last == header)
        _append(sheet, last, list(found), _lines_of(record))
    if header and head:
        width = max(len(head[min(header, len(head)) - 1]), 1)
        sheet.auto_filter.ref = f"A{header}:{get_column_letter(min(width, MOST_COLUMNS))}{max(last, header)}"


def write_marked(
    sheet: Worksheet, rows: Iterable[Sequence[object]], marks: Mapping[int, Row], header: int, language: Language
) -> None:
    """Writes the header and the marked records alone, each with the number that it has in the file."""
    stream = iter(rows)
    head = list(islice(stream, max(_LOOKED_AT, header)))
    _set_up(sheet, [[word("sheet-row", language), *record] for record in head], 1)
    sheet.freeze_panes = "B2"
    wanted, found = {*marks, header} - {0}, 0
    if not header:
        sheet.append([_styled(sheet, word("sheet-row", language))])
    for number, record in enumerate(chain(head, stream), 1):
        if number not in wanted:
            continue
        is_head = number == header
        first = _styled(sheet, word("sheet-row", language)) if is_head else number
        cells = _record(sheet, record, marks.get(number, {}), language, is_head=is_head)
        found += 1
        _append(sheet, found + (not header), [first, *islice(cells, MOST_COLUMNS - 1)], _lines_of(record))
        if found == len(wanted):
            return


def _append(sheet: Worksheet, row: int, written: list[object], lines: int) -> None:
    """Writes a row, a tall one with its height: left to itself, one long text would fill the screen."""
    if lines == 1:
        sheet.append(written)
        return
    sheet.row_dimensions[row].height = _LINE_POINTS * lines
    sheet.append([_on_top(sheet, one) for one in written])
    del sheet.row_dimensions[row]  # it is in the file now: memory stays flat


def _on_top(sheet: Worksheet, one: Any) -> Cell:  # noqa: ANN401 (openpyxl has no types)
    cell = one if isinstance(one, Cell) else _cell(sheet, Shown(one))
    cell.alignment = _TOP
    return cell


def _lines_of(record: Sequence[object]) -> int:
    """How many lines of a record are seen."""
    long = [one for one in record if isinstance(one, str) and (len(one) > _WIDEST or "\n" in one)]
    return max((min(one.count("\n") + 1 + len(one) // _WIDEST, _MOST_LINES) for one in long), default=1)


def mark_kept(sheet: Worksheet, marks: Mapping[int, Row], language: Language) -> None:
    """Colours cells of a workbook that stays as it is, and adds to the comments that are there."""
    merged = {cell: area.coord.partition(":")[0] for area in sheet.merged_cells.ranges for cell in _inside(area)}
    for row, columns in marks.items():
        for column, one in columns.items():
            place = merged.get((row, column))
            _mark(sheet[place] if place else sheet.cell(row, column), one, language)


def _inside(area: Any) -> Iterator[tuple[int, int]]:  # noqa: ANN401 (openpyxl has no types)
    return ((row, column) for row, column in area.cells)


def _set_up(sheet: Worksheet, head: Sequence[Sequence[object]], header: int) -> None:
    """What has to be known of a sheet before its rows are written: widths, what stays in sight, how it prints."""
    sheet.freeze_panes = f"A{header + 1}" if header else None
    if header:
        sheet.print_title_rows = f"{header}:{header}"
    _print_on_one(sheet, across=_fit(sheet, head) <= _ON_ONE)


def _fit(sheet: Worksheet, head: Sequence[Sequence[object]]) -> int:
    """Makes the columns as wide as their texts; answers how wide they are together."""
    widest, whole = max((len(record) for record in head), default=0), 0
    for column in range(min(widest, MOST_COLUMNS)):
        texts = (str(record[column]) for record in head if column < len(record) and record[column] is not None)
        width = min(max(max(map(_width, texts), default=0) + 2, _NARROWEST), _WIDEST)
        sheet.column_dimensions[get_column_letter(column + 1)].width = width
        whole += width
    return whole


def _width(words: str) -> int:
    """How wide a text is, in characters: a Chinese one is as wide as two others."""
    begin = words[:_WIDEST]
    return len(begin) + sum(one > "\u2e80" for one in begin)


def _record(
    sheet: Worksheet, record: Sequence[object], marks: Row, language: Language, *, is_head: bool
) -> Iterator[object]:
    for column in range(1, min(max(len(record), *marks, 0), MOST_COLUMNS) + 1):
        value = shown(record[column - 1]) if column <= len(record) else NOTHING
        one = marks.get(column)
        if one is None and not is_head:
            yield _plain(sheet, value)
            continue
        cell = _styled(sheet, "") if is_head else _cell(sheet, value)
        if is_head:
            _set(cell, value)
        if one is not None:
            _mark(cell, one, language)
        yield cell


def _plain(sheet: Worksheet, value: Shown) -> object:
    """A value that needs no cell of its own as it is: a table has millions."""
    return _cell(sheet, value) if value.number_format or value.is_guarded else value.value


def _cell(sheet: Worksheet, value: Shown) -> Any:  # noqa: ANN401 (openpyxl has no types)
    cell = WriteOnlyCell(sheet)
    _set(cell, value)
    return cell


def _set(cell: Any, value: Shown) -> None:  # noqa: ANN401 (openpyxl has no types)
    cell.value = value.value
    if value.is_text:
        cell.data_type = "s"  # whatever it looks like: openpyxl would make a formula of “=…”
    if value.is_guarded:
        cell.quotePrefix = True  # Excel keeps it text, also when somebody edits it
    if value.number_format:
        cell.number_format = value.number_format


def _styled(sheet: Worksheet, words: str) -> Any:  # noqa: ANN401 (openpyxl has no types)
    cell = _cell(sheet, text(words))
    cell.font, cell.fill = _HEAD, _WASH
    return cell


def _mark(cell: Any, one: Mark, language: Language) -> None:  # noqa: ANN401 (openpyxl has no types)
    cell.fill = _STOP if one.is_error else _CARE
    cell.border = _BOUND if one.is_error else _LINE
    if one.findings:
        cell.comment = _comment(comment(one.findings, language), cell.comment)


def _comment(words: str, before: Comment | None) -> Comment:
    """A note large enough to be read without scrolling, after what somebody has noted there already."""
    whole = f"{before.text}\n\n{words}" if before is not None else words
    lines = sum(1 + _lines(line) for line in whole.split("\n"))
    return Comment(whole, "civicat", width=360, height=min(24 + 19 * lines, 480))


def _lines(line: str) -> int:
    return (len(line) + sum(one > "\u2e80" for one in line)) // 46

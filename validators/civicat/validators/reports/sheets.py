"""How the sheets of an annotated workbook are written with openpyxl: marked cells, comments, links, the summary.

Importing this module loads openpyxl; only workbook.py does, when a workbook is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from civicat.text import Language
from civicat.validators.reports.cells import NOTHING, Shown, shown, text
from civicat.validators.reports.marks import Mark, comment
from civicat.validators.reports.summary import WIDTHS, Line, Look, Said
from civicat.validators.reports.words import word

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # of a sheet: Excel's own limits
_LOOKED_AT = 60  # records that the widths of the columns are judged by
_NARROWEST, _WIDEST = 9, 44  # characters of a column
_STOP = PatternFill("solid", fgColor="F7C6BF")
_CARE = PatternFill("solid", fgColor="FCE3A6")
_WASH = PatternFill("solid", fgColor="E6EBE8")
_BOUND = Border(left=Side("medium", color="A1221A"), bottom=Side("thin", color="A1221A"))
_LINE = Border(bottom=Side("thin", color="CCD4D0"))
_HEAD = Font(bold=True)
_TOP = Alignment(vertical="top", wrap_text=True)
_LOOKS: Mapping[Look, Mapping[str, object]] = {
    Look.TITLE: {"font": Font(bold=True, size=18)},
    Look.SUBJECT: {"font": Font(size=12, color="4C5953")},
    Look.PROSE: {"font": Font(size=11)},
    Look.HEAD: {"font": _HEAD, "fill": _WASH, "alignment": _TOP},
    Look.BODY: {"alignment": _TOP, "border": _LINE},
    Look.LINK: {"alignment": _TOP, "border": _LINE, "font": Font(color="124B86", underline="single")},
    Look.STOP: {"alignment": _TOP, "border": _LINE, "fill": _STOP},
    Look.CARE: {"alignment": _TOP, "border": _LINE, "fill": _CARE},
}

Worksheet = Any  # openpyxl has no types
Row = Mapping[int, Mark]


def write_summary(sheet: Worksheet, lines: Iterable[Line]) -> None:
    """Writes the summary onto an empty sheet, and has it print on the width of one page."""
    for column, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    for row, line in enumerate(lines, 1):
        sheet.append([_said(sheet, one, row, column) for column, one in enumerate(line, 1)])


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
    _fit(sheet, head)
    sheet.freeze_panes = f"A{header + 1}" if header else None
    last = 0
    for last, record in enumerate(islice(chain(head, stream), MOST_ROWS), 1):
        sheet.append(list(_record(sheet, record, marks.get(last, {}), language, is_head=last == header)))
    if header and head:
        width = max(len(head[min(header, len(head)) - 1]), 1)
        sheet.auto_filter.ref = f"A{header}:{get_column_letter(min(width, MOST_COLUMNS))}{max(last, header)}"


def write_marked(
    sheet: Worksheet, rows: Iterable[Sequence[object]], marks: Mapping[int, Row], header: int, language: Language
) -> None:
    """Writes the header and the marked records alone, each with the number that it has in the file."""
    sheet.freeze_panes = "B2"
    wanted, found = {*marks, header} - {0}, 0
    sheet.column_dimensions["A"].width = _NARROWEST + 5
    if not header:
        sheet.append([_styled(sheet, word("sheet-row", language))])
    for number, record in enumerate(rows, 1):
        if number not in wanted:
            continue
        is_head = number == header
        first = _styled(sheet, word("sheet-row", language)) if is_head else number
        sheet.append([first, *_record(sheet, record, marks.get(number, {}), language, is_head=is_head)])
        found += 1
        if found == len(wanted):
            return


def mark_kept(sheet: Worksheet, marks: Mapping[int, Row], language: Language) -> None:
    """Colours cells of a workbook that stays as it is, and adds to the comments that are there."""
    merged = {cell: area.coord.partition(":")[0] for area in sheet.merged_cells.ranges for cell in _inside(area)}
    for row, columns in marks.items():
        for column, one in columns.items():
            place = merged.get((row, column))
            _mark(sheet[place] if place else sheet.cell(row, column), one, language)


def _inside(area: Any) -> Iterator[tuple[int, int]]:  # noqa: ANN401 (openpyxl has no types)
    return ((row, column) for row, column in area.cells)


def _fit(sheet: Worksheet, head: Sequence[Sequence[object]]) -> None:
    widest = max((len(record) for record in head), default=0)
    for column in range(min(widest, MOST_COLUMNS)):
        cells = (str(record[column]) for record in head if column < len(record) and record[column] is not None)
        width = max(map(_width, cells), default=0) + 2
        sheet.column_dimensions[get_column_letter(column + 1)].width = min(max(width, _NARROWEST), _WIDEST)


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

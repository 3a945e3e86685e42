"""CSV: byte for byte what the site sends of a whole table; and a second kind in which Excel changes and runs nothing.

UTF-8, comma, line feeds; texts and dates in quotes, numbers without; nothing at all for a missing value, `""` for an
empty text. RFC 4180 in all but the line ends.

Excel interprets what it opens. The second kind begins with a byte order mark, without which Excel on Windows reads
Chinese as another encoding, and puts an apostrophe before texts that Excel would run (`=1+1`) or change (`0012`,
eighteen digits, `1-2`). An apostrophe that stands first already gets another one, so that taking away one of every
text that begins with one gives back what was there. Columns of numbers are not touched.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from civicat.publish.exports import rows
from civicat.publish.exports.form import Content, Form
from civicat.text import Text

_BYTE_ORDER_MARK = "\ufeff".encode()
_PLAIN = pa_csv.WriteOptions(include_header=False, quoting_style="needed")
# Each alternative: what Excel runs; the apostrophe itself; leading zeros; more digits than it shows; an exponent;
# what looks like a date or a fraction; the name of a month.
_CHANGED_BY_EXCEL = (
    r"^(?:[=+\-@\t\r＝＋－＠]|'|0\d|\d{12}|\d+(?:\.\d*)?[Ee]\d+$"
    r"|\d{1,4}[-/]\d{1,2}(?:[-/]\d{1,4})?$|\d{1,4}\.\d{1,2}\.\d{1,4}$"
    r"|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-/ ]?\d{1,4}$)"
)


def _make(content: Content, target: Path) -> None:
    names = rows.described(content.table)
    with target.open("wb") as file:
        file.write(_header(names))
        for batch in rows.batches(content.table, names):
            _write(file, [_as_written(column) for column in batch.columns], names)


def _make_for_excel(content: Content, target: Path) -> None:
    names = rows.described(content.table)
    with target.open("wb") as file:
        file.write(_BYTE_ORDER_MARK + _header(guarded(pa.array(names, pa.string())).to_pylist()))
        for batch in rows.batches(content.table, names):
            columns = [guarded(column) if pa.types.is_string(column.type) else column for column in batch.columns]
            _write(file, [_as_written(column) for column in columns], names)


def guarded(column: pa.Array[Any]) -> pa.Array[Any]:
    """Texts with an apostrophe before each that Excel would run or change."""
    changed = pc.match_substring_regex(column, _CHANGED_BY_EXCEL)
    if not pc.any(changed).as_py():
        return column
    return pc.if_else(changed, pc.binary_join_element_wise("'", column, ""), column)


def _header(names: list[str]) -> bytes:
    return (",".join('"' + name.replace('"', '""') + '"' for name in names) + "\n").encode()


def _write(file: Any, columns: list[pa.Array[Any]], names: list[str]) -> None:  # noqa: ANN401 (any binary file)
    pa_csv.write_csv(pa.Table.from_arrays(columns, names=names), file, _PLAIN)


def _as_written(column: pa.Array[Any]) -> pa.Array[Any]:
    """In our spelling, where that is not what Arrow's own writer would say (which leaves numbers without quotes)."""
    kind = column.type
    ours = pa.types.is_temporal(kind) or pa.types.is_decimal(kind) or pa.types.is_floating(kind)
    return rows.as_text(column) if ours or rows.is_geometry(kind) else column


CSV = Form("csv", ".csv", "text/csv; charset=utf-8", Text("CSV", "CSV"), _make)
CSV_FOR_EXCEL = Form(
    name="csv-excel",
    suffix="-excel.csv",
    media_type="text/csv; charset=utf-8",
    title=Text("供 Excel 打开的 CSV", "CSV to open in Excel"),
    make=_make_for_excel,
    notes=Text(
        "Excel 会运行或改写的文字（= + - @ 开头、前导零、12 位以上的代码、像日期的文字等）前加了一个撇号 '；"
        "去掉文字开头的一个 ' 即得原文。"
        "数值列未改动，但 Excel 只显示前 15 位。",
        "Texts that Excel would run or change (beginning with = + - @, with leading zeros, codes of 12 digits or more, "
        "what looks like a date) have an apostrophe ' before them; take one ' off the front of a text to have it as it "
        "was. Columns of numbers are as they were, of which Excel shows 15 digits.",
    ),
)

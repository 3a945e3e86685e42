"""CSV: byte for byte what the site sends of a whole table; and a second kind in which Excel changes and runs nothing.

UTF-8, comma, line feeds, quotes only where they are needed (`civicat.delimited`); nothing at all for a missing value,
`""` for an empty text. RFC 4180 in all but the line ends.

Excel interprets what it opens. The second kind begins with a byte order mark, without which Excel on Windows reads
Chinese as another encoding, and puts an apostrophe before texts that Excel would run (`=1+1`) or change (`0012`,
eighteen digits, `1-2`, `12:30`, `5%`, `TRUE`). An apostrophe that stands first already gets another one, so that taking
away one of every text that begins with one gives back what was there. Columns of numbers are not touched.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from civicat import delimited
from civicat.publish.exports import rows
from civicat.publish.exports.form import Content, Form
from civicat.text import Text

_BYTE_ORDER_MARK = "\ufeff".encode()

_CURRENCY = "[$€£¥￥]"
_CLOCK = (
    r"(?:\d{1,4}:\d{1,2}(?::\d{1,2}(?:\.\d*)?)?(?: ?[AaPp][Mm]?)?|\d{1,2}(?: [AaPp]| ?[AaPp][Mm])"
    r"|(?:上午|下午)?\d{1,2}[时時]\d{1,2}分(?:\d{1,2}秒)?)"
)
_MONTH = (
    r"(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_BETWEEN = r"[-/., ]{0,3}"
_DAYS = (
    r"\d{1,4}[-/]\d{1,4}(?:[-/]\d{1,4})?",
    r"\d{1,4}\.\d{1,2}\.\d{1,4}",
    rf"{_MONTH}{_BETWEEN}\d{{1,4}}(?:{_BETWEEN}\d{{1,4}})?",
    rf"\d{{1,4}}{_BETWEEN}{_MONTH}(?:{_BETWEEN}\d{{1,4}})?",
    r"(?:\d{2,4}年)?\d{1,2}月(?:\d{1,2}[日号])?",
)
# Whole texts, in the kinds of Excel for China and for the United States.
_CHANGED = (
    rf"(?:{'|'.join(_DAYS)})(?:[ T]+{_CLOCK}Z?)?",
    _CLOCK,
    r"\d+ +\d+/\d+",  # a fraction: 1 1/2
    r"\d[\d,]*,\d{3,}(?:\.\d*)?",  # groups: 1,234
    r"\d*\.\d*0|\.\d+|\d+\.",  # zeros at the end, or none before the point: 5.10, 1.0, .5
    r"\d{6,}\.\d{6,}|\d+\.\d{9,}",  # more digits than it shows
    r"(?:\d+\.?\d*|\.\d+)[Ee][+-]?\d+",  # an exponent
    rf"(?:\( ?{_CURRENCY}?|{_CURRENCY} ?\(?)[-+]?[\d.,]+(?: ?%)?\)?",  # an amount: $5, (5) which is -5
    rf"[\d.,]+ ?(?:%|{_CURRENCY})",  # 5%, 5 €
    r"(?i:true|false)",
    r"#(?:N/A|NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!)",
    r"[０-９][０-９．，]*",
    r"[\d.]+ +| +[\d.]+",  # spaces around a number
)
# What begins like this is run, whatever follows; or it is the apostrophe itself, a leading zero, or too many digits.
_BEGINS = r"[=+\-@\t\r＝＋－＠]|'| *0\d| *\d{12}"
_CHANGED_BY_EXCEL = rf"^(?:{_BEGINS}| *(?:{'|'.join(_CHANGED)}) *$)"


def _make(content: Content, target: Path) -> None:
    names = rows.described(content.table)
    with target.open("wb") as file:
        file.write(delimited.header(names))
        for batch in rows.batches(content.table, names):
            file.write(delimited.lines([_as_written(column) for column in batch.columns]))


def _make_for_excel(content: Content, target: Path) -> None:
    names = rows.described(content.table)
    with target.open("wb") as file:
        file.write(_BYTE_ORDER_MARK + delimited.header(guarded(pa.array(names, pa.string())).to_pylist()))
        for batch in rows.batches(content.table, names):
            columns = [guarded(column) if pa.types.is_string(column.type) else column for column in batch.columns]
            file.write(delimited.lines([_as_written(column) for column in columns]))


def guarded(column: pa.Array[Any]) -> pa.Array[Any]:
    """Texts with an apostrophe before each that Excel would run or change."""
    changed = pc.match_substring_regex(column, _CHANGED_BY_EXCEL)
    if not pc.any(changed).as_py():
        return column
    return pc.if_else(changed, pc.binary_join_element_wise("'", column, ""), column)


def _as_written(column: pa.Array[Any]) -> pa.Array[Any]:
    return rows.as_text(column) if rows.is_geometry(column.type) else column


CSV = Form("csv", ".csv", "text/csv; charset=utf-8", Text("CSV", "CSV"), _make, revision=2)
CSV_FOR_EXCEL = Form(
    name="csv-excel",
    suffix="-excel.csv",
    media_type="text/csv; charset=utf-8",
    title=Text("供 Excel 打开的 CSV", "CSV to open in Excel"),
    make=_make_for_excel,
    notes=Text(
        "Excel 会运行或改写的文字（= + - @ 开头、前导零、12 位以上的代码、末尾是 0 的小数、百分数和金额、"
        "像日期或时刻的文字、TRUE 等）前加了一个撇号 '；去掉文字开头的一个 ' 即得原文。"
        "数值列未改动，但 Excel 只显示前 15 位。",
        "Texts that Excel would run or change (beginning with = + - @, with leading zeros, codes of 12 digits or more, "
        "decimals that end in 0, percentages and amounts, what looks like a date or a time, TRUE) have an apostrophe ' "
        "before them; take one ' off the front of a text to have it as it was. Columns of numbers are as they were, of "
        "which Excel shows 15 digits.",
    ),
    revision=2,
)

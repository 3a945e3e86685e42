"""XLSX: the table, what each column means, and what the workbook had to change, for Excel, WPS and LibreOffice.

First the data, a sheet for every 1,048,575 rows (`name`, `name (2)` ...), then 字段 Fields, the dictionary, 代码 Codes,
the labels of codes, and 关于 About: whose it is, licence, caveats, hash, and each change in both languages
(workbook_plan.py says which there are). Codes are texts and stay what they are, `0012` and `=1+1` too: no cell is a
formula. Dates are real dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from civicat.publish.exports import rows
from civicat.publish.exports.form import Content, Form
from civicat.publish.exports.workbook_plan import LONG_TEXTS, Plan, long_texts, plan_of, prepared, sheet_name
from civicat.publish.exports.workbook_words import about, codes, dictionary
from civicat.publish.exports.xlsxfile import MOST_CHARACTERS, Column, Sheet, write
from civicat.text import Text

MOST_ROWS = 1_048_575  # of a sheet, below its header

_NARROWEST, _WIDEST, _WIDEST_HEADER = 8, 40, 24  # characters of a column
_LINE, _MOST_LINES = 15.0, 25  # points; Excel knows no row higher than 409 points
_FILLED = 0.9  # of a line, as words are not broken
_SAMPLE = 1_000  # rows whose texts say how wide a column is
_THOUSANDTHS = ".000"
_DAY, _MOMENT, _UTC, _WHOLE = "yyyy-mm-dd", 'yyyy-mm-dd"T"hh:mm:ss', '"Z"', "0"


def make(content: Content, target: Path, most_rows: int = MOST_ROWS) -> None:
    """Writes the workbook, a sheet for every `most_rows` rows.

    Raises:
        OSError: it cannot be written, or the table not be read.
    """
    plan = plan_of(content.table)
    sheets = [
        *_data_sheets(plan, most_rows),
        *_words_sheet("字段 Fields", dictionary(plan)),
        *_words_sheet("代码 Codes", codes(plan)),
        *_words_sheet("关于 About", about(content, plan, XLSX.notes), filters=False),
    ]
    if plan.long:
        sheets.append(_long_sheet(plan, most_rows))
    write(sheets, target, content.release.released)


def _data_sheets(plan: Plan, most_rows: int) -> Iterator[Sheet]:
    """The sheets of the data; the writer fills one after the other, each from where the one before ended."""
    count = max(1, -(-plan.table.rows // most_rows))
    left = _Rows(prepared(plan))
    schema = pa.schema([(name, plan.cell_kind(name)) for name in plan.schema.names])
    columns = _columns(plan)
    for number in range(1, count + 1):
        reader = pa.RecordBatchReader.from_batches(schema, left.following(most_rows))
        yield Sheet(sheet_name(plan.table.name, number), reader, columns)


@dataclass(slots=True)
class _Rows:
    """Batches, handed out in lots of so many rows."""

    batches: Iterator[pa.RecordBatch]
    rest: pa.RecordBatch | None = None

    def following(self, most: int) -> Iterator[pa.RecordBatch]:
        """The next rows, at most so many."""
        while most > 0:
            batch = next(self.batches, None) if self.rest is None else self.rest
            self.rest = None
            if batch is None:
                return
            if batch.num_rows > most:
                batch, self.rest = batch.slice(0, most), batch.slice(most)
            most -= batch.num_rows
            yield batch


def _columns(plan: Plan) -> list[Column]:
    """How each column looks: as wide as the widest of its first texts."""
    names = plan.schema.names
    first = next(rows.batches(plan.table, names, rows=_SAMPLE), None)
    samples = first.columns if first is not None else [pa.array([], pa.string()) for _ in names]
    widths = (_width(name, rows.as_text(sample)) for name, sample in zip(names, samples, strict=True))
    return [
        Column(width, "" if plan.is_text(name) else _number_format(sample), text=plan.is_text(name))
        for name, width, sample in zip(names, widths, samples, strict=True)
    ]


def _number_format(sample: pa.Array[Any]) -> str:
    """How the numbers of a column are shown; moments with their milliseconds where the first rows have some."""
    kind = sample.type
    if pa.types.is_date(kind):
        return _DAY
    if pa.types.is_timestamp(kind):
        return _MOMENT + (_THOUSANDTHS if _has_fractions(sample) else "") + (_UTC if kind.tz else "")
    if pa.types.is_decimal(kind) and kind.scale > 0:
        return f"0.{'0' * kind.scale}"
    return _WHOLE if pa.types.is_integer(kind) or pa.types.is_decimal(kind) else ""


def _has_fractions(moments: pa.Array[Any]) -> bool:
    micros = pc.cast(pc.cast(moments, pa.timestamp("us")), pa.int64())
    return bool(pc.any(pc.not_equal(pc.multiply(pc.divide(micros, 1_000_000), 1_000_000), micros)).as_py())


def _width(name: str, column: pa.Array[Any]) -> float:
    texts = (text.split("\n")[0][:_WIDEST] for text in column.to_pylist() if text)
    header = min(_characters(name), _WIDEST_HEADER) + 3  # the button of the filter stands beside it
    widest = max(map(_characters, texts), default=0) + 1
    return float(min(max(widest, header, _NARROWEST), _WIDEST))


def _characters(text: str) -> int:
    """How wide a text is: a Chinese character takes the room of two."""
    return sum(2 if one >= "⺀" else 1 for one in text)  # the first of the East Asian blocks


def _words_sheet(name: str, lines: Iterator[dict[str, str]], *, filters: bool = True) -> Iterator[Sheet]:
    """A sheet of texts; none where there is nothing to say."""
    cells = [{key: _fitting(text) for key, text in one.items()} for one in lines]
    if not cells:
        return
    data = pa.Table.from_pylist(cells)
    widths = [_width(key, data[key].combine_chunks()) for key in data.column_names]
    heights = {row: _LINE * _lines(one.values(), widths) for row, one in enumerate(cells, start=1)}
    yield Sheet(name, data, [Column(width, wrapped=True, text=True) for width in widths], filters, heights)


def _lines(texts: Iterable[str], widths: Iterable[float]) -> int:
    """How many lines a row needs: no program makes room for wrapped text by itself in a file that another one wrote."""
    needed = (
        sum(1 + max(0, _characters(line) - 1) // max(1, int(_FILLED * width)) for line in text.split("\n"))
        for text, width in zip(texts, widths, strict=True)
    )
    return min(max(needed), _MOST_LINES)


def _fitting(words: str) -> str:
    most = MOST_CHARACTERS // 2  # a character has two units at most
    return words if len(words) <= most else f"{words[: most - 1]}…"


def _long_sheet(plan: Plan, most_rows: int) -> Sheet:
    schema = pa.schema(
        [
            *(("表 Sheet", pa.string()), ("行 Row", pa.int64()), ("列 Column", pa.string())),
            *(("段 Piece", pa.int64()), ("文字 Text", pa.string())),
        ]
    )
    batches = (
        pa.RecordBatch.from_arrays(
            [pa.array([cell], kind) for cell, kind in zip(row, schema.types, strict=True)], schema=schema
        )
        for row in long_texts(plan, most_rows)
    )
    widths = (24.0, 10.0, 24.0, 8.0, 80.0)
    columns = [Column(width, text=pa.types.is_string(kind)) for width, kind in zip(widths, schema.types, strict=True)]
    return Sheet(LONG_TEXTS, pa.RecordBatchReader.from_batches(schema, batches), columns)


XLSX = Form(
    name="xlsx",
    suffix=".xlsx",
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    title=Text("Excel 工作簿", "Excel workbook"),
    make=make,
    notes=Text(
        "代码和文字原样保存，不会被当作公式运行。"
        "超过 15 位的数、1900 年 3 月 1 日前或 9999 年后的日期、一天中的时刻和比毫秒更细的时刻以文字保存；"
        "超过一百万行时分成几张表。空文字与缺失值看起来一样：都是空单元格。逐列的改动列在上面。",
        "Codes and texts are as they were, and none is run as a formula. Numbers of more than 15 digits, days before "
        "1 March 1900 or after 9999, times of day and moments finer than a millisecond are kept as text; past a "
        "million rows there are several sheets. An empty text looks as a missing value does: an empty cell. "
        "What was changed in a column is listed above.",
    ),
    revision=3,
)

"""How a table goes into a workbook: which columns are texts, which texts are too long for a cell, and what is said.

A workbook counts with 15 digits and knows no day before March 1900, no moment finer than a millisecond and no cell of
more than 32,767 characters. A column that holds such a number, day or moment is text as a whole. A text that is too
long is shown in its beginning, and stands whole, in pieces, in a sheet of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from civicat.publish.exports import rows
from civicat.publish.exports.survey import ODD_IN_WORKBOOKS, survey
from civicat.publish.exports.xlsxfile import LONGEST_NAME, MOST_CHARACTERS
from civicat.release import Table
from civicat.text import Text

LONG_TEXTS = "长文本 Long texts"
_PIECE = 16_000  # characters that are shown of a longer text, and in each of its pieces: two units each at most
_CUT = "…"
_EPOCH_SERIAL, _MICROSECONDS_A_DAY = 25_569.0, 86_400e6  # the day that a workbook gives 1 January 1970
_RESERVED = "history"  # Excel keeps this name to itself, in capitals or not, and takes the whole file for damaged
_CONTROL = r"[\x00-\x08\x0b-\x1f]"
_CONTROLS = Text(
    "文字中的控制字符按 XLSX 的规定写作 _x0001_ 等形式。",
    "Control characters in texts are written as XLSX has them: _x0001_ and the like.",
)
_UTC = Text("时刻为协调世界时（UTC）。", "Moments are in UTC.")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a table goes into a workbook: its columns, those that are text with the reason, and what texts hold.

    `long` counts the texts of a column that do not fit into a cell; `controls` has the columns with control characters.
    """

    table: Table
    schema: pa.Schema
    odd: Mapping[str, Text]
    long: Mapping[str, int]
    controls: frozenset[str]

    def is_text(self, name: str) -> bool:
        """Whether the cells of a column are texts."""
        return name in self.odd or _holds_text(self.schema.field(name).type)

    def cell_kind(self, name: str) -> pa.DataType:
        """The Arrow type of a column's cells."""
        kind = self.schema.field(name).type
        if self.is_text(name):
            return pa.string()
        return pa.float64() if pa.types.is_decimal(kind) or pa.types.is_timestamp(kind) else kind


def plan_of(table: Table) -> Plan:
    """The plan of a table, all of whose rows are looked at.

    Raises:
        OSError: it cannot be read.
        pa.ArrowException: it is not as it was published.
    """
    stored = rows.stored_schema(table)
    schema = pa.schema([stored.field(name) for name in rows.described(table)])
    long: Counter[str] = Counter()
    controls: set[str] = set()
    for name, column in _texts(table, [one.name for one in schema if _holds_text(one.type)]):
        long[name] += sum(1 for _ in _too_long(column))
        if name not in controls and pc.any(pc.match_substring_regex(column, _CONTROL)).as_py():
            controls.add(name)
    return Plan(table, schema, survey(table, ODD_IN_WORKBOOKS), +long, frozenset(controls))


def prepared(plan: Plan) -> Iterator[pa.RecordBatch]:
    """The rows as they go into cells."""
    names = plan.schema.names
    for batch in rows.batches(plan.table, names):
        cells = [_cells(plan, name, column) for name, column in zip(names, batch.columns, strict=True)]
        yield pa.RecordBatch.from_arrays(cells, names=names)


def long_texts(plan: Plan, most_rows: int) -> Iterator[tuple[str, int, str, int, str]]:
    """The texts that do not fit, in pieces: sheet, row and column of the cell, number of the piece, its text."""
    begin = 0
    for batch in rows.batches(plan.table, list(plan.long)):
        for name, column in zip(batch.schema.names, map(rows.as_text, batch.columns), strict=True):
            for place, text in _too_long(column):
                number, row = divmod(begin + place, most_rows)
                sheet = sheet_name(plan.table.name, number + 1)
                for piece, part in enumerate(_pieces(text), start=1):
                    yield sheet, row + 2, name, piece, part  # rows count from 1, and the first is the header
        begin += batch.num_rows


def changed(plan: Plan, name: str) -> Iterator[Text]:
    """What the workbook changes in a column, in sentences."""
    kind = plan.schema.field(name).type
    if name in plan.odd:
        reason = plan.odd[name]
        yield Text(f"该列{reason.zh}，整列以文字保存。", f"The column {reason.en}: all of it is kept as text.")
    if name in plan.long:
        yield _told_long(plan.long[name])
    if name in plan.controls:
        yield _CONTROLS
    if pa.types.is_timestamp(kind) and kind.tz and name not in plan.odd:
        yield _UTC


def _told_long(count: int) -> Text:
    return Text(
        f"有 {count:,} 个单元格超过 {MOST_CHARACTERS:,} 个字符：单元格中只有开头，全文分段放在“{LONG_TEXTS}”表中。",
        f"Cells of more than {MOST_CHARACTERS:,} characters: {count:,}. They show the beginning; the whole texts are "
        f"in pieces in the sheet “{LONG_TEXTS}”.",
    )


def sheet_name(name: str, number: int) -> str:
    """The name of a table's first, second ... sheet; all differ, also where capitals do not count, as in Excel."""
    suffix = f" ({number})" if number > 1 or name.lower() == _RESERVED else ""
    return name[: LONGEST_NAME - len(suffix)] + suffix


def _texts(table: Table, names: list[str]) -> Iterator[tuple[str, pa.Array[Any]]]:
    for batch in rows.batches(table, names) if names else ():
        yield from zip(batch.schema.names, map(rows.as_text, batch.columns), strict=True)


def _cells(plan: Plan, name: str, column: pa.Array[Any]) -> pa.Array[Any]:
    if plan.is_text(name):
        text = rows.as_text(column)
        return _shortened(text) if name in plan.long else text
    if pa.types.is_decimal(column.type):
        return pc.cast(rows.as_text(column), pa.float64())  # rounds rightly, which casting the decimal need not
    if pa.types.is_timestamp(column.type):
        return _serials(column)
    return pc.cast(column, plan.cell_kind(name))


def _serials(moments: pa.Array[Any]) -> pa.Array[Any]:
    """Moments as a workbook counts them, in days; the library would cut them to whole seconds."""
    micros = pc.cast(pc.cast(pc.cast(moments, pa.timestamp("us")), pa.int64()), pa.float64(), safe=False)
    return pc.add(pc.divide(micros, _MICROSECONDS_A_DAY), _EPOCH_SERIAL)


def _shortened(column: pa.Array[Any]) -> pa.Array[Any]:
    values = column.to_pylist()
    for place, text in _too_long(column):
        values[place] = next(_pieces(text)) + _CUT
    return pa.array(values, pa.string())


def _too_long(column: pa.Array[Any]) -> Iterator[tuple[int, str]]:
    """The place in the batch and the text of each that does not fit into a cell."""
    suspects = pc.fill_null(pc.greater(pc.utf8_length(column), _PIECE), fill_value=False)
    for place in pc.indices_nonzero(suspects).to_pylist():
        text = column[place].as_py()
        if len(text.encode("utf-16-le")) > 2 * MOST_CHARACTERS:
            yield place, text


def _pieces(text: str) -> Iterator[str]:
    return (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))


def _holds_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or rows.is_geometry(kind))

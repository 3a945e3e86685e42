"""NDJSON: one JSON object a row, each number with all its digits.

Whole numbers and decimals are JSON numbers, digit for digit (JavaScript rounds those past 2**53: read them as texts);
dates, times and moments are texts in ISO 8601; a geometry is a GeoJSON object; a missing value is null. JSON has no
number that is not finite: `"nan"`, `"inf"` and `"-inf"` are texts, as null would say that nothing was there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from civicat.publish.exports import rows
from civicat.publish.exports.form import Content, Form
from civicat.text import Text

_NEEDS_ESCAPE = r'["\\\x00-\x1f]'
_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
_CONTROL = r"[\x00-\x1f]"


def _make(content: Content, target: Path) -> None:
    names = rows.described(content.table)
    with target.open("wb") as file:
        for batch in rows.batches(content.table, names):
            file.write(written(pc.binary_join_element_wise(objects(batch), "\n", "")))


def objects(batch: pa.RecordBatch) -> pa.Array[Any]:
    """Each row as a JSON object."""
    pieces: list[Any] = []
    for before, name, column in zip(_before(batch.num_columns), batch.schema.names, batch.columns, strict=True):
        pieces += [f"{before}{json.dumps(name, ensure_ascii=False)}:", values(column)]
    closing = pa.scalar("}" if pieces else "{}")
    whole = [*pieces, closing] if pieces else [pa.repeat(closing, batch.num_rows), ""]
    return pc.binary_join_element_wise(*whole, "", null_handling="replace", null_replacement="null")


def _before(columns: int) -> Sequence[str]:
    return ["{", *[","] * (columns - 1)][:columns]


def values(column: pa.Array[Any]) -> pa.Array[Any]:
    """Each value as JSON; a missing one is a null still."""
    kind, text = column.type, rows.as_text(column)
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_finite(column), text, _quoted(text))
    bare = pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_boolean(kind)
    return text if bare or rows.is_geometry(kind) else _quoted(_escaped(text))


def _quoted(text: pa.Array[Any]) -> pa.Array[Any]:
    return pc.binary_join_element_wise('"', text, '"', "")


def _escaped(text: pa.Array[Any]) -> pa.Array[Any]:
    if not pc.any(pc.match_substring_regex(text, _NEEDS_ESCAPE)).as_py():
        return text  # of most columns, every cell
    for plain, escaped in _ESCAPES:
        text = pc.replace_substring(text, plain, escaped)
    others = pc.match_substring_regex(text, _CONTROL)
    if not pc.any(others).as_py():
        return text
    rest = pa.array([_without_controls(one) for one in text.filter(others).to_pylist()], text.type)
    return pc.replace_with_mask(text, pc.fill_null(others, fill_value=False), rest)


def _without_controls(text: str) -> str:
    return "".join(f"\\u{ord(one):04x}" if one < " " else one for one in text)


def written(text: pa.Array[Any], skip: int = 0) -> memoryview:
    """The characters of an array without nulls one after the other, as they lie in memory; `skip` bytes are left out.

    The array is one that has just been made, of pa.string().
    """
    if not len(text):
        return memoryview(b"")
    _, offsets, data = text.buffers()
    places = np.frombuffer(offsets, np.int32)[text.offset : text.offset + len(text) + 1]
    return memoryview(data)[int(places[0]) + skip : int(places[-1])]


NDJSON = Form(
    name="ndjson",
    suffix=".ndjson",
    media_type="application/x-ndjson; charset=utf-8",
    title=Text("NDJSON（每行一个 JSON 对象）", "NDJSON, one JSON object a row"),
    make=_make,
    notes=Text(
        "数值保留全部数位；大于 2 的 53 次方的整数请勿用 JavaScript 的数读取。",
        "Numbers have all their digits; do not read whole numbers past 2 to the 53rd as JavaScript's numbers.",
    ),
)

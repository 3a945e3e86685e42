"""Rows as CSV, the same bytes wherever a table is handed out: on the site, in its filtered pages, in exports.

UTF-8, comma, line feeds. Values are spelled as everywhere (`civicat.spelling`). Quotes stand only where they are
needed: around a text that holds a comma, a quote or a line end, that begins or ends with a space, or that is empty, as
nothing at all is a missing value. Numbers, truths, dates and moments never have any.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from civicat.spelling import spelled

_NEEDS_QUOTES = r'[",\r\n]|^ | $|^$'
_MARKS = (b'"', b",", b"\r", b"\n", b" ")
_MOST_BYTES = 256 * 1024**2  # of rows joined at once; an array of texts holds 2 GB


def header(names: Iterable[str]) -> bytes:
    """The first line."""
    return lines([pa.array([name], pa.string()) for name in names])


def lines(columns: Sequence[pa.Array[Any]]) -> bytes:
    """A line for each row of columns of one length.

    Raises:
        pa.ArrowException: a column is of a type that has no text, such as a list.
    """
    rows = len(columns[0]) if columns else 0
    if rows > 1 and sum(column.nbytes for column in columns) > _MOST_BYTES:
        half = rows // 2
        return lines([column.slice(0, half) for column in columns]) + lines([column.slice(half) for column in columns])
    return _joined([_quoted(spelled(column)) if _is_text(column.type) else spelled(column) for column in columns])


def _is_text(kind: pa.DataType) -> bool:
    plain = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean, pa.types.is_temporal)
    return not any(is_one(kind) for is_one in plain)


def _quoted(column: pa.Array[Any]) -> pa.Array[Any]:
    """The texts, in quotes where they need them."""
    if not _may_need(column):
        return column
    needed = pc.fill_null(pc.match_substring_regex(column, _NEEDS_QUOTES), fill_value=False)
    doubled = pc.replace_substring(column.filter(needed), '"', '""')
    return pc.replace_with_mask(column, needed, pc.binary_join_element_wise('"', doubled, '"', ""))


def _may_need(column: pa.Array[Any]) -> bool:
    """Whether any may need quotes: told from the bytes of all at once, in a tenth of the time of looking at each."""
    if pc.index(pc.binary_length(column), 0).as_py() >= 0:
        return True
    _, offsets, data = column.buffers()
    if not len(column) or data is None:
        return False
    ends = pa.Array.from_buffers(pa.int32(), len(column) + 1, [None, offsets], offset=column.offset)
    first, last = ends[0].as_py(), ends[len(column)].as_py()
    content = data.slice(first, last - first).to_pybytes()
    return any(mark in content for mark in _MARKS)


def _joined(columns: list[pa.Array[Any]]) -> bytes:
    """The lines, which lie behind each other in the memory of an array of them."""
    *others, last = columns
    ended = pc.binary_join_element_wise(last, "\n", "", null_handling="replace", null_replacement="")
    whole = pc.binary_join_element_wise(*others, ended, ",", null_handling="replace", null_replacement="")
    size = pc.sum(pc.binary_length(whole)).as_py()
    return bytes(whole.buffers()[2].slice(0, size).to_pybytes()) if size else b""

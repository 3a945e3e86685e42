"""Columns of text as bytes and offsets: what the kernels look at before they read a value."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.engine.block import Mask

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]
_FEW = 20  # one cell in so many is few
_OFFSET = 4  # bytes of an offset in pa.string()


class Read(NamedTuple):
    """Cells read: their values, and which of them the reader is not sure of (None: of all it is).

    A cell that was null is null and not unsure. The value of an unsure cell means nothing.
    """

    values: pa.Array[Any]
    unsure: Mask | None = None


def as_texts(cells: Sequence[object]) -> pa.Array[Any] | None:
    """Cells that are str or None as a column; None where one is no text: half of a surrogate pair is not in UTF-8."""
    try:
        return pa.array(cells, pa.string())
    except UnicodeEncodeError:
        return None


def parts(texts: pa.Array[Any]) -> tuple[Bytes, Offsets]:
    """The bytes of a column of text, and where in them each cell begins and ends (one more than there are cells)."""
    buffers = texts.buffers()
    if not len(texts):
        return np.empty(0, np.uint8), np.zeros(1, np.int32)
    offsets = np.frombuffer(buffers[1], np.int32, len(texts) + 1, texts.offset * _OFFSET)
    data = np.empty(0, np.uint8) if buffers[2] is None else np.frombuffer(buffers[2], np.uint8)
    return data[offsets[0] : offsets[-1]], offsets - offsets[0] if offsets[0] else offsets


def widths(texts: pa.Array[Any]) -> Offsets:
    """Bytes of each cell."""
    return np.diff(parts(texts)[1])


def valid(array: pa.Array[Any]) -> Mask:
    """Which values are not null."""
    return mask(array.is_valid()) if array.null_count else np.ones(len(array), np.bool_)


def mask(truths: pa.Array[Any]) -> Mask:
    """A column of truths as a mask; null is no."""
    found = truths.fill_null(False) if truths.null_count else truths  # noqa: FBT003 (pyarrow takes it by place)
    taken: Mask = found.to_numpy(zero_copy_only=False)
    return taken


def without(array: pa.Array[Any], gaps: Mask | None) -> pa.Array[Any]:
    """The array with nulls where `gaps` says so; the bytes of a text that is gone are gone as well."""
    if gaps is None or not gaps.any():
        return array
    return pc.if_else(pa.array(gaps), pa.scalar(None, array.type), array)


def emptied(texts: pa.Array[Any], gaps: Mask) -> pa.Array[Any]:
    """As `without`, where every gap is an empty text and no cell is null: nothing has to be copied."""
    buffers = texts.buffers()
    offsets = buffers[1].slice(texts.offset * _OFFSET)
    bits = pa.py_buffer(np.packbits(~gaps, bitorder="little"))
    return pa.Array.from_buffers(texts.type, len(texts), [bits, offsets, buffers[2]])


def either(first: Mask | None, second: Mask | None) -> Mask | None:
    """Cells that one of two masks marks."""
    if first is None or second is None:
        return second if first is None else first
    return first | second


def marked(wrong: Mask) -> Mask | None:
    """A mask, or None where it marks nothing."""
    return wrong if wrong.any() else None


def matches(texts: pa.Array[Any], pattern: str) -> Mask:
    """Which cells an RE2 pattern is found in; a null is none."""
    return mask(pc.match_substring_regex(texts, pattern))


def scattered(parts_of: list[tuple[npt.NDArray[np.intp], Read]], size: int, stored: pa.DataType) -> Read:
    """Reads of some cells each, put in their places in a column of `size`; a place that nobody has read is null."""
    order = np.full(size, -1, np.int64)
    unsure = np.zeros(size, np.bool_)
    begun = 0
    for places, read in parts_of:
        order[places] = np.arange(begun, begun + len(places))
        begun += len(places)
        if read.unsure is not None:
            unsure[places] = read.unsure
    chunks = [read.values for _, read in parts_of]
    values = pa.concat_arrays([*chunks, pa.nulls(1, stored)])  # the place -1 is the null at its end
    return Read(values.take(pa.array(np.where(order < 0, begun, order))), marked(unsure))


def foreign(texts: pa.Array[Any], known: str) -> bool:
    """Whether a column has a byte that none of the known characters has."""
    return bool(parts(texts)[0].tobytes().translate(None, known.encode()))


def strangers(texts: pa.Array[Any], known: str) -> Mask | None:
    """The cells with a byte that no known character has, where they are few; None where they are many."""
    data, offsets = parts(texts)
    table = np.ones(256, np.bool_)
    table[list(known.encode())] = False
    places = np.flatnonzero(table[data])
    found = np.zeros(len(texts), np.bool_)
    found[np.searchsorted(offsets, places, "right") - 1] = True
    return found if int(found.sum()) * _FEW <= len(texts) else None


def cast_most(texts: pa.Array[Any], target: pa.DataType, known: str) -> Read | None:
    """The cells of known characters cast, the few others unsure; None where that is not all that stops the cast."""
    unsure = strangers(texts, known)
    if unsure is None:
        return None
    try:
        return Read(pc.cast(without(texts, unsure), target), marked(unsure))
    except pa.ArrowInvalid:
        return None


def translated(texts: pa.Array[Any], old: str, new: str) -> pa.Array[Any]:
    """The texts with one ASCII character for another."""
    data, offsets = parts(texts)
    changed = data.tobytes().translate(bytes.maketrans(old.encode(), new.encode()))
    bits = pa.py_buffer(np.packbits(valid(texts), bitorder="little")) if texts.null_count else None
    return pa.Array.from_buffers(texts.type, len(texts), [bits, pa.py_buffer(offsets), pa.py_buffer(changed)])


def halves(decimals: pa.Array[Any]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The low and the high half of each decimal128, as signed numbers; of a null, anything."""
    if not len(decimals):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    both = np.frombuffer(decimals.buffers()[1], np.int64, 2 * len(decimals), 2 * 8 * decimals.offset).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def extremes(decimals: pa.Array[Any]) -> tuple[int, int] | None:
    """The least and the greatest decimal, in units of their last digit; None where there is no decimal."""
    if decimals.null_count == len(decimals):
        return None
    low, high = halves(decimals)
    if decimals.null_count:
        there = valid(decimals)
        low, high = low[there], high[there]
    if (high == low >> 63).all():  # the high half only carries the sign on
        return int(low.min()), int(low.max())
    limits = pc.min_max(decimals).as_py()
    scale = decimals.type.scale
    return _units(limits["min"], scale), _units(limits["max"], scale)


def _units(number: Decimal, scale: int) -> int:
    return int(number.scaleb(scale, Context(prec=100)))

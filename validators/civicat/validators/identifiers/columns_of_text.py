"""A whole column at once: its values as text, and the bytes of those that are as long as a code must be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.identifiers.identifier import Mask, Sure

Bytes: TypeAlias = npt.NDArray[np.uint8]  # (rows, width): the characters of each code


def texts(values: pa.Array[Any]) -> pa.Array[Any]:
    """The values as pa.string(): a number as its digits, a dictionary's values in its rows' order."""
    return values if pa.types.is_string(values.type) else values.cast(pa.string())


def of_width(width: int, good: Callable[[Bytes], Mask]) -> Sure:
    """Judges the rows of exactly so many bytes by their bytes; no other row is sure."""
    return of_widths({width: good})


def of_widths(rules: Mapping[int, Callable[[Bytes], Mask]]) -> Sure:
    """Judges the rows of some widths by their bytes, each width by its own rule; no other row is sure."""

    def sure(values: pa.Array[Any]) -> Mask:
        column = texts(values)
        lengths = pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
        answer: Mask = np.zeros(len(values), dtype=np.bool_)
        for width, good in rules.items():
            fitting = lengths == width
            if fitting.all():
                return good(_bytes(column, width)) if len(column) else answer
            if fitting.any():
                answer[fitting] = good(_bytes(column.filter(pa.array(fitting)), width))
        return answer

    return sure


def _bytes(column: pa.Array[Any], width: int) -> Bytes:
    """The bytes of texts that are all of one width, without a copy."""
    _, offsets, data = column.buffers()
    first = int(np.frombuffer(offsets, np.int32, count=1, offset=4 * column.offset)[0])
    return np.frombuffer(data, np.uint8, count=len(column) * width, offset=first).reshape(-1, width)


def of_form(pattern: str) -> Sure:
    """Judges all rows by one regular expression (RE2); the whole text must match."""

    def sure(values: pa.Array[Any]) -> Mask:
        found = pc.match_substring_regex(texts(values), rf"\A(?:{pattern})\z")
        return np.asarray(pc.fill_null(found, fill_value=False).to_numpy(zero_copy_only=False), dtype=np.bool_)

    return sure


def numbers(codes: Bytes, start: int, stop: int) -> npt.NDArray[np.int32]:
    """The decimal number in these places of each code; only of use where all of them are digits."""
    value = np.zeros(len(codes), dtype=np.int32)
    for place in range(start, stop):
        value = value * 10 + (codes[:, place].astype(np.int32) - ord("0"))
    return value


def are_digits(codes: Bytes) -> Mask:
    """Which codes are digits in every place."""
    return np.asarray(((codes - np.uint8(ord("0"))) < 10).all(axis=1), dtype=np.bool_)  # noqa: PLR2004 (ten digits)


def are_capitals_or_digits(codes: Bytes) -> Mask:
    """Which codes are digits or the capitals A to Z in every place."""
    digits, capitals = (codes - np.uint8(ord("0"))) < 10, (codes - np.uint8(ord("A"))) < 26  # noqa: PLR2004 (ten, and 26 letters)
    return np.asarray((digits | capitals).all(axis=1), dtype=np.bool_)

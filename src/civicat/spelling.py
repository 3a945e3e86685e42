"""How a typed value is spelled as text, everywhere: exports, diffs, the proof that typing lost nothing, pages.

Each value has one spelling, whatever stands around it: numbers without groups (floating ones as short as they read
back, with an exponent from 1e16 up and below 0.000001), dates and moments as ISO 8601 (a moment with a zone in UTC,
with a Z; fractions of a second as long as they need to be), true and false.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_DATE_CHARACTERS = 10  # of 2026-11-23
_FIRST_MOMENT = -62_167_219_200_000_000  # 0000-01-01, in microseconds since 1970
_BEYOND = 253_402_300_800_000_000  # 10000-01-01


_NO_EXPONENT = 6  # decimals up to which Arrow never writes an exponent


def spelled(column: pa.Array[Any]) -> pa.Array[Any]:
    """A column of texts, numbers, truths, dates, times or moments as strings; nulls stay nulls."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        return _moments(column)
    if pa.types.is_time(kind):
        return _times(column)
    if pa.types.is_decimal(kind):
        return _decimals(column)
    if pa.types.is_floating(kind):
        return _floats(column)
    return pc.cast(column, pa.string())


def _moments(column: pa.Array[Any]) -> pa.Array[Any]:
    zone = "Z" if column.type.tz else ""
    micros = pc.cast(column, pa.timestamp("us"))  # without its zone it is UTC
    text = _shortest(micros, pa.timestamp("s"))
    if _has_plain_years(micros):
        text = pc.binary_replace_slice(text, _DATE_CHARACTERS, _DATE_CHARACTERS + 1, "T")
    else:
        text = pc.replace_substring(text, " ", "T", max_replacements=1)  # four times as slow
    return pc.binary_join_element_wise(text, zone, "") if zone else text


def _has_plain_years(moments: pa.Array[Any]) -> bool:
    """Whether every year has four digits: a moment of another zone may be in the year 10000 in UTC."""
    ends = pc.min_max(moments.view(pa.int64()))
    first, last = ends["min"].as_py(), ends["max"].as_py()
    return first is None or (first >= _FIRST_MOMENT and last < _BEYOND)


def _times(column: pa.Array[Any]) -> pa.Array[Any]:
    return _shortest(pc.cast(column, pa.time64("us")), pa.time32("s"))


def _shortest(column: pa.Array[Any], seconds: pa.DataType) -> pa.Array[Any]:
    """To the second where no value has a fraction of one, else each with the digits that it needs."""
    try:
        return pc.cast(pc.cast(column, seconds), pa.string())
    except pa.ArrowInvalid:  # some have fractions: Arrow then writes six digits for every one
        return pc.utf8_rtrim(pc.utf8_rtrim(pc.cast(column, pa.string()), "0"), ".")


def _decimals(column: pa.Array[Any]) -> pa.Array[Any]:
    text = pc.cast(column, pa.string())
    if 0 <= column.type.scale <= _NO_EXPONENT or not pc.any(pc.match_substring(text, "E")).as_py():
        return text
    # Arrow writes very small ones with an exponent, as Python does.
    return pa.array([None if one is None else f"{one:f}" for one in column.to_pylist()], pa.string())


def _floats(column: pa.Array[Any]) -> pa.Array[Any]:
    text = pc.cast(column, pa.string())
    exponents = pc.match_substring(text, "e")
    if not pc.any(exponents).as_py():
        return text
    # Arrow writes 123456789012.5 with an exponent already.
    longer = pa.array([repr(value).removesuffix(".0") for value in column.filter(exponents).to_pylist()], pa.string())
    return pc.replace_with_mask(text, exponents, longer)

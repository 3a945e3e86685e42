"""From the values of a column to Arrow: which type each field has, and which values do not fit into it.

Table Schema type -> Arrow: string -> string; integer -> int64; number with a scale -> decimal128(18 or 38, scale),
and without one -> float64; boolean -> bool; date -> date32; datetime -> timestamp[us], in UTC where the cells carry an
offset; time -> time64[us]; year -> int32; everything else -> string (compact JSON where it is a structure).
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any, NamedTuple

import pyarrow as pa

from civicat.dataset import Field

_WIDE, _NARROW = 38, 18  # decimal digits of the two widths; the narrow one takes a third of the bytes
_EXCEL_DIGITS = Context(prec=15)  # what a workbook shows and counts with; more digits are noise of binary fractions
_REFUSED = (pa.ArrowException, ArithmeticError, TypeError, ValueError)  # how pa.array refuses a value


class Misfit(NamedTuple):
    """A value that its column cannot hold: its place in the batch (from 0), and the finding that says so."""

    place: int
    code: str
    rule: str = ""


@dataclass(slots=True)
class Column:
    """One column on its way to Arrow. `stored` is its type while rows come in, `final` once all have been seen."""

    field: Field
    stored: pa.DataType
    prepare: Callable[[object], object]
    misfit: Callable[[object], tuple[str, str]]
    aware: bool | None = None  # datetime: whether the first value carried an offset
    narrow: bool = True  # decimal: whether all values fit the narrow width

    @property
    def final(self) -> pa.DataType:
        """The type that the column is read back with."""
        if pa.types.is_timestamp(self.stored) and self.aware:
            return pa.timestamp("us", "UTC")
        if pa.types.is_decimal(self.stored) and self.narrow and self.stored.scale <= _NARROW:
            return pa.decimal128(_NARROW, self.stored.scale)
        return self.stored

    def convert(self, values: Sequence[object]) -> tuple[pa.Array[Any], list[Misfit]]:
        """The values as an array, null where a value does not fit, and those misfits."""
        misfits = self._offsets(values) if pa.types.is_timestamp(self.stored) else []
        try:
            array = pa.array([None if value is None else self.prepare(value) for value in values], self.stored)
        except _REFUSED:
            array, more = self._one_by_one(values)
            misfits += more
        if self.narrow and pa.types.is_decimal(self.stored):
            self.narrow = _fits(array, self.final)
        return array, misfits

    def _one_by_one(self, values: Sequence[object]) -> tuple[pa.Array[Any], list[Misfit]]:
        kept: list[object] = []
        misfits = []
        for index, value in enumerate(values):
            try:
                prepared = None if value is None else self.prepare(value)
                pa.array([prepared], self.stored)
            except _REFUSED:
                prepared = None
                misfits.append(Misfit(index, *self.misfit(value)))
            kept.append(prepared)
        return pa.array(kept, self.stored), misfits

    def _offsets(self, values: Sequence[object]) -> list[Misfit]:
        """Times with and without an offset do not go together; the first value of the column decides."""
        aware = [
            (index, value.tzinfo is not None) for index, value in enumerate(values) if isinstance(value, dt.datetime)
        ]
        if self.aware is None and aware:
            self.aware = aware[0][1]
        return [Misfit(index, "offset-error") for index, one in aware if one is not self.aware]


def column(field: Field, *, from_workbook: bool) -> Column:
    """The column of a field; numbers from a workbook are taken with the digits that it shows."""
    if field.type == "number" and field.scale is not None:
        stored = pa.decimal128(_WIDE, field.scale)
        return Column(field, stored, _shown_by_excel if from_workbook else _finite, _number_misfit)
    return Column(field, *_KINDS.get(field.type, _TEXT))


def as_text(value: object) -> str:
    """A value of a type that Arrow has no column for, as text: a structure as compact JSON."""
    match value:
        case str():
            return value
        case bool() | dict() | list():
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_in_json)
        case (int() as year, int() as month):  # frictionless' yearmonth
            return f"{year:04}-{month:02}"
        case dt.date() | dt.time():
            return value.isoformat()
        case _:
            return str(value)


def _same(value: object) -> object:
    return value


def _text(value: object) -> object:
    return as_text(value)


def _float(value: object) -> object:
    number = float(value)  # type: ignore[arg-type] # an int or a Decimal: frictionless' number
    if not math.isfinite(number):
        raise OverflowError
    return number


def _finite(value: object) -> object:
    if isinstance(value, Decimal) and not value.is_finite():
        raise OverflowError
    return value


def _shown_by_excel(value: object) -> object:
    return _EXCEL_DIGITS.plus(value) if isinstance(value, Decimal) and value.is_finite() else _finite(value)


def _naive_time(value: object) -> object:
    if isinstance(value, dt.time) and value.tzinfo is not None:
        raise ValueError(value)
    return value


def _moment(value: object) -> object:
    """A moment that has a year of four digits in UTC too: no other fits into a workbook, or into most tools."""
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        value.astimezone(dt.UTC)  # raises OverflowError
    return value


def _in_json(value: object) -> object:
    """Values inside a list: decimals as JSON numbers, dates as ISO 8601."""
    return float(value) if isinstance(value, Decimal) else as_text(value)


def _fits(array: pa.Array[Any], target: pa.DataType) -> bool:
    try:
        array.cast(target)
    except pa.ArrowInvalid:
        return False
    return True


def _always(code: str, rule: str = "") -> Callable[[object], tuple[str, str]]:
    return lambda _: (code, rule)


def _number_misfit(value: object) -> tuple[str, str]:
    if isinstance(value, Decimal) and not value.is_finite():
        return ("range-error", "finite")
    whole = isinstance(value, int) or (isinstance(value, Decimal) and value == value.to_integral_value())
    return ("range-error", "") if whole or _digits(value) > _WIDE else ("scale-error", "")


def _digits(value: object) -> int:
    """Digits before the point."""
    return value.adjusted() + 1 if isinstance(value, Decimal) else 0


_Kind = tuple[pa.DataType, Callable[[object], object], Callable[[object], tuple[str, str]]]
_TEXT: _Kind = (pa.string(), _text, _always("text-error"))
_KINDS: dict[str, _Kind] = {
    "string": (pa.string(), _same, _always("text-error")),
    "integer": (pa.int64(), _same, _always("range-error")),
    "number": (pa.float64(), _float, _number_misfit),
    "boolean": (pa.bool_(), _same, _always("range-error")),
    "date": (pa.date32(), _same, _always("range-error")),
    "datetime": (pa.timestamp("us"), _moment, _always("range-error", "moment")),
    "time": (pa.time64("us"), _naive_time, _always("offset-error", "time")),
    "year": (pa.int32(), _same, _always("range-error")),
}

"""datetime: ISO 8601 by Arrow, other patterns by their digits. A column carries offsets from UTC, or it does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.engine.arrays import Read, as_texts, either, marked, matches, parts, valid, without
from civicat.validators.engine.block import Mask
from civicat.validators.engine.kernels.asked import Asked
from civicat.validators.engine.kernels.exactly import Exactly
from civicat.validators.engine.kernels.fast import Way
from civicat.validators.engine.kernels.layouts import DAY, Layout, Numbers, Parts, clock, days, layout_of, read_digits
from civicat.validators.engine.kernels.limits import Limits, whole_limits
from civicat.validators.engine.kernels.times import all_naive, none_of

_NAIVE = pa.timestamp("us")
_SHORTEST, _COLON = 19, 16  # frictionless wants so many characters, and a colon at this place
_INSIDE = Limits(  # the moments that Python has
    (dt.date.min - dt.date(1970, 1, 1)).days * DAY, ((dt.date.max - dt.date(1970, 1, 1)).days + 1) * DAY - 1
)
# What both Arrow and frictionless read for certain; the 29th of February is left to a second look.
_MONTHS = (
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
_STAMP = rf"\A(?:[1-9][0-9]{{3}}|0[0-9]{{2}}[1-9])-{_MONTHS}[T ]{_CLOCK}"
_OFFSET = r"(?:Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])"


def moments(asked: Asked) -> Way | None:
    """The way of a datetime."""
    layout = None if asked.format == "default" else layout_of(asked.format)
    if not asked.only_limits or (asked.format != "default" and (layout is None or not layout.day)):
        return None
    bounds = _bounds(asked, layout)
    if bounds is None:
        return None
    way = _Moments(asked, layout, *bounds)
    return Way(texts=way.texts, kinds={dt.datetime: way.objects}, first=way.first)


def _bounds(asked: Asked, layout: Layout | None) -> tuple[Limits, bool | None] | None:
    """The limits in microseconds since 1970 and whether they carry an offset; None where that cannot be told."""
    kinds: set[bool] = set()

    def limit(value: object) -> int | None:
        read = None if not isinstance(value, str) else _one(value, layout)
        if read is None:
            return None
        kinds.add(read[1])
        return read[0]

    limits = whole_limits(asked.constraints, limit)
    return None if limits is None or len(kinds) > 1 else (limits, kinds.pop() if kinds else None)


def _one(text: str, layout: Layout | None) -> tuple[int, bool] | None:
    """Microseconds since 1970 of one text, and whether it carries an offset; None where it is not plain."""
    cells = as_texts([text])
    if cells is None:
        return None
    for aware in (True, False) if layout is None else (False,):
        read = _by_arrow(cells, aware=aware) if layout is None else _by_digits(layout, cells)
        if read.unsure is None:
            return read.values.view(pa.int64())[0].as_py(), aware
    return None


@dataclass(frozen=True, slots=True)
class _Moments:
    """Reads the moments of a column; of the spelling that its first one does not have, it is unsure."""

    asked: Asked
    layout: Layout | None
    limits: Limits
    limits_aware: bool | None

    def first(self, cells: Iterable[object]) -> None:
        """Finds out by the first moment whether the column carries offsets, where that is not known yet."""
        for cell in cells:
            if self.asked.column.aware is not None:
                return
            found = _one(cell, self.layout) if isinstance(cell, str) else None
            if found is None:
                Exactly(self.asked).first([cell])
            else:
                self.asked.column.aware = found[1]

    def texts(self, cells: pa.Array[Any]) -> Read:
        """A column of text; null stays null."""
        aware = bool(self.asked.column.aware)
        if self._incomparable or (aware and self.layout is not None):
            return Read(pa.nulls(len(cells), _NAIVE), marked(valid(cells)))
        return self._checked(_by_arrow(cells, aware=aware) if self.layout is None else _by_digits(self.layout, cells))

    def objects(self, cells: list[object]) -> Read:
        """Times of a workbook: they carry no offset."""
        if self._incomparable or self.asked.column.aware or not all_naive(cells):
            return none_of(cells, _NAIVE)
        return self._checked(Read(pa.array(cells, _NAIVE)))

    @property
    def _incomparable(self) -> bool:
        """Whether the limits carry offsets and the column does not, or the other way round: frictionless raises."""
        return self.limits_aware is not None and self.limits_aware != bool(self.asked.column.aware)

    def _checked(self, read: Read) -> Read:
        return Read(read.values, either(read.unsure, self.limits.broken(read.values.view(pa.int64()))))


def _by_digits(layout: Layout, cells: pa.Array[Any]) -> Read:
    def value(found: Parts) -> tuple[Numbers, Mask]:
        number, right = days(found)
        return number * DAY + clock(found), right

    read = read_digits(layout, cells, value)
    return Read(read.values.view(_NAIVE), read.unsure)


def _by_arrow(cells: pa.Array[Any], *, aware: bool) -> Read:
    """ISO 8601, all with an offset or all without: Arrow refuses a column of the other spelling."""
    target = pa.timestamp("us", "UTC") if aware else _NAIVE
    if _shaped(cells):
        try:
            return _plain(pc.cast(cells, target))
        except pa.ArrowInvalid:
            pass
    unsure = valid(cells) & ~matches(cells, rf"{_STAMP}{_OFFSET if aware else ''}\z")
    read = _plain(pc.cast(without(cells, unsure), target))
    return Read(read.values, either(marked(unsure), read.unsure))


def _shaped(cells: pa.Array[Any]) -> bool:
    """Whether each cell is as long as frictionless wants it, with a colon where it looks for one."""
    data, offsets = parts(cells)
    begins = offsets[:-1]
    lengths = np.diff(offsets)
    if cells.null_count:
        there = valid(cells)
        begins, lengths = begins[there], lengths[there]
    if not len(lengths):
        return True
    return bool(lengths.min() >= _SHORTEST) and bool((data[begins + _COLON] == ord(":")).all())


def _plain(values: pa.Array[Any]) -> Read:
    """Moments as they are stored, in UTC without saying so; those that Python does not have are unsure."""
    plain = values.view(pa.int64())
    return Read(plain.view(_NAIVE), _INSIDE.broken(plain))

"""Times that are written in parts of a fixed width: a strptime pattern as places of digits in rows of bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from civicat.validators.engine.arrays import Read, marked, parts, valid, widths
from civicat.validators.engine.block import Mask

Numbers: TypeAlias = npt.NDArray[np.int64]
_Digits: TypeAlias = npt.NDArray[np.uint16]
Parts: TypeAlias = Mapping[str, _Digits]

SECOND = 1_000_000  # microseconds, what time64 and timestamp count here
DAY = 86_400 * SECOND
_DIRECTIVES = {"%Y": 4, "%m": 2, "%d": 2, "%H": 2, "%M": 2, "%S": 2}  # strptime's, and their digits
_RANGES = {"%m": (1, 12), "%d": (1, 31), "%H": (0, 23), "%M": (0, 59), "%S": (0, 59)}
_LITERAL = re.compile(r"[-/.:,TZ ]|[年月日时分秒]")
_YEARS, _MONTHS = 10_000, 12  # those of four digits, from 0


@dataclass(frozen=True, slots=True)
class Layout:
    """Text of a fixed width: where each part stands, and which bytes stand between them."""

    width: int
    places: Mapping[str, int]
    literals: Mapping[int, int]

    @property
    def day(self) -> bool:
        """Whether it tells a day."""
        return {"%Y", "%m", "%d"} <= set(self.places)

    @property
    def clock(self) -> bool:
        """Whether it tells a time of day, to the minute at least."""
        return {"%H", "%M"} <= set(self.places)


def layout_of(pattern: str) -> Layout | None:
    """The layout of a strptime pattern; None where its parts have no fixed width."""
    places: dict[str, int] = {}
    literals: dict[int, int] = {}
    width = 0
    for token in re.findall(r"%.|.", pattern, re.DOTALL):
        if token in _DIRECTIVES and token not in places:
            places[token] = width
            width += _DIRECTIVES[token]
        elif _LITERAL.fullmatch(token):
            literals |= dict(enumerate(token.encode(), width))
            width += len(token.encode())
        else:
            return None
    return Layout(width, places, literals)


def read_digits(layout: Layout, texts: pa.Array[Any], value: Callable[[Parts], tuple[Numbers, Mask]]) -> Read:
    """Reads texts of the layout's width; `value` makes one number out of the parts and says which are none.

    The values are int64.
    """
    present = valid(texts)
    fitting = present & (widths(texts) == layout.width)
    data, _ = parts(texts)
    if len(data) != layout.width * int(fitting.sum()):
        data, _ = parts(texts.filter(pa.array(fitting)))
    rows = data.reshape(-1, layout.width)
    right = np.ones(len(rows), np.bool_)
    for place, byte in layout.literals.items():
        right &= rows[:, place] == byte
    found = {name: _number(rows[:, place : place + _DIRECTIVES[name]], right) for name, place in layout.places.items()}
    for name, (least, most) in _RANGES.items():
        if name in found:
            right &= (found[name] >= least) & (found[name] <= most)
    values, whole = value(found)
    right &= whole
    everything = np.zeros(len(texts), np.int64)
    everything[fitting] = np.where(right, values, 0)
    sure = fitting.copy()
    sure[fitting] = right
    return Read(pa.array(everything, mask=~sure), marked(present & ~sure))


def _number(columns: npt.NDArray[np.uint8], right: Mask) -> _Digits:
    """The number that columns of digits are; rows with anything else are noted as not `right`."""
    number = np.zeros(len(columns), np.uint16)
    for column in columns.T:
        digit = column - np.uint8(ord("0"))
        right &= digit < 10  # noqa: PLR2004 (bytes below "0" wrap around)
        number = number * np.uint16(10) + digit
    return number


def days(found: Parts) -> tuple[Numbers, Mask]:
    """Days since 1970, and which are days at all."""
    begins, lengths = _calendar()
    month = np.where(found["%m"] > _MONTHS, 0, found["%m"])  # what is no digit makes any number at all
    month = month + np.where(found["%Y"] < _YEARS, found["%Y"], 0).astype(np.int32) * np.int32(_MONTHS + 1)
    right = (found["%d"] > 0) & (found["%d"] <= lengths[month])
    return begins[month].astype(np.int64) + found["%d"] - 1, right


@cache
def _calendar() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint16]]:
    """For each year times 13 plus its month: the first day of the month and its length, as Python counts them.

    Month 0 and year 0 have no days.
    """
    months = np.arange(np.datetime64("0000-01"), np.datetime64("10000-02")).astype("datetime64[D]").astype(np.int32)
    begins = np.zeros((_YEARS, _MONTHS + 1), np.int32)
    lengths = np.zeros((_YEARS, _MONTHS + 1), np.uint16)
    begins[:, 1:] = months[:-1].reshape(_YEARS, _MONTHS)
    lengths[1:, 1:] = np.diff(months).reshape(_YEARS, _MONTHS)[1:]
    return begins.ravel(), lengths.ravel()


def clock(found: Parts) -> Numbers:
    """Microseconds since midnight; a part that the layout does not have is 0."""
    none = np.zeros(1, np.uint16)
    hours, minutes, seconds = (found.get(name, none).astype(np.int64) for name in ("%H", "%M", "%S"))
    return (hours * 3600 + minutes * 60 + seconds) * SECOND


def always(found: Parts) -> Mask:
    """Every row is a value."""
    return np.ones(len(next(iter(found.values()))), np.bool_)

"""Round edges for histograms: widths of 1, 2 or 5 times a power of ten, and days, months and years for times.

Each ruler has fine edges to count by while the range still grows and round ones to draw by: the edges of a coarser
step are always edges of the finer ones too, so bins are merged and no value is counted anew.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from typing import Protocol

import numpy as np

DRAWN = 20  # bins at most, and eight or more where there are that many values
_FINE = 1_000
_FINE_MOMENTS = 4_096  # from hours to days is a step of 24: enough bins must be left

_DAY = 86_400_000_000  # microseconds
_MONTHS_BEFORE_1970 = 1970 * 12
_MONDAY = 4  # days: 1970-01-05 was one
_LARGEST = 1.7976931348623157e308
_YEAR_1, _YEAR_10000 = (
    -719_162,
    2_932_897,
)  # days: the first that ISO 8601 and Python can say, and the first they cannot


class Ruler(Protocol):
    """Edges between two values: the first is the low one or below it, the last is above the high one.

    Of times that end with the year 9999 the last edge may be the high value itself.
    """

    def fine(self, low: float, high: float) -> list[int] | list[float]:
        """Many, to count by."""

    def drawn(self, low: float, high: float) -> list[int] | list[float]:
        """About twenty, round ones."""


class Whole:
    """Edges among whole numbers; for decimals in units of their last digit."""

    def fine(self, low: float, high: float) -> list[int]:
        """Powers of ten apart."""
        return self._edges(int(low), int(high), (1,), _FINE)

    def drawn(self, low: float, high: float) -> list[int]:
        """1, 2 or 5 times a power of ten apart."""
        return self._edges(int(low), int(high), (1, 2, 5), DRAWN)

    @staticmethod
    def _edges(low: int, high: int, factors: Sequence[int], most: int) -> list[int]:
        widths = (factor * 10**power for power in itertools.count() for factor in factors)
        width = next(one for one in widths if high // one - low // one < most)
        return [place * width for place in range(low // width, high // width + 2)]


class Floating:
    """Edges among floating numbers: the nearest to 1, 2 or 5 times a power of ten."""

    def fine(self, low: float, high: float) -> list[float]:
        """Powers of ten apart."""
        return self._edges(low, high, (1,), _FINE)

    def drawn(self, low: float, high: float) -> list[float]:
        """1, 2 or 5 times a power of ten apart."""
        return self._edges(low, high, (1, 2, 5), DRAWN)

    @staticmethod
    def _edges(low: float, high: float, factors: Sequence[int], most: int) -> list[float]:
        # As they are written, so that 0.3 stands at the third tenth and not a hair below it.
        first, last = Fraction(repr(float(low))), Fraction(repr(float(high)))
        width = _width(first, last, factors, most)
        places = range(math.floor(first / width), math.floor(last / width) + 2)
        return [_nearest(place * width.numerator, width.denominator) for place in places]


def _width(low: Fraction, high: Fraction, factors: Sequence[int], most: int) -> Fraction:
    span = (high - low) / most if high > low else abs(high)
    begin = _power(span) if span else 0
    if high == low:
        return Fraction(10) ** begin
    widths = (factor * Fraction(10) ** power for power in itertools.count(begin) for factor in factors)
    return next(one for one in widths if high // one - low // one < most)


def _power(number: Fraction) -> int:
    """The power of ten at or below a number above 0."""
    with localcontext(Context(prec=30)):
        return (Decimal(number.numerator) / Decimal(number.denominator)).adjusted()


def _nearest(numerator: int, denominator: int) -> float:
    try:
        return numerator / denominator  # Python divides whole numbers to the nearest floating one
    except OverflowError:
        return _LARGEST if numerator > 0 else -_LARGEST


@dataclass(frozen=True, slots=True)
class _Step:
    """Edges `width` apart, one of them at `origin`; or `months` apart, one at the beginning of year 0."""

    width: int = 0
    origin: int = 0
    months: int = 0


_YEARS = tuple(12 * years for years in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000))
_CALENDAR = tuple(_Step(months=months) for months in (1, 3, 6, *_YEARS))
_FINE_CALENDAR = tuple(_Step(months=months) for months in (1, 12, 120, 1_200, 12_000))
_CLOCK = (
    *(factor * 10**power for power in range(6) for factor in (1, 2, 5)),
    *(one * 1_000_000 for one in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800)),
    *(one * 3_600_000_000 for one in (1, 2, 3, 6, 12)),
)
_FINE_CLOCK = (*(10**power for power in range(7)), 60_000_000, 3_600_000_000)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Edges among days or moments since 1970; `unit` is numpy's letter of theirs, `day` how many make a day."""

    unit: str
    day: int
    finest: tuple[int, ...] = ()
    rounds: tuple[int, ...] = ()

    def fine(self, low: float, high: float) -> list[int]:
        """From a microsecond apart to a thousand years."""
        steps = (*(_Step(one) for one in self.finest), _Step(self.day), *_FINE_CALENDAR)
        return self._edges(int(low), int(high), steps, _FINE_MOMENTS)

    def drawn(self, low: float, high: float) -> list[int]:
        """Round parts of a second, minute, hour or day; days, weeks from Monday, months, quarters, years."""
        weeks = _Step(7 * self.day, _MONDAY * self.day)
        steps = (*(_Step(one) for one in self.rounds), _Step(self.day), weeks, *_CALENDAR)
        return self._edges(int(low), int(high), steps, DRAWN)

    def _edges(self, low: int, high: int, steps: Sequence[_Step], most: int) -> list[int]:
        fitting = (step for step in steps if self._bins(low, high, step) <= most)
        step = next(fitting, steps[-1])
        places = range(self._place(low, step), self._place(high, step) + 2)
        if not step.months:
            return self._sayable(low, high, [place * step.width + step.origin for place in places])
        months = np.array(places) * step.months - _MONTHS_BEFORE_1970
        found: list[int] = months.astype("M8[M]").astype(f"M8[{self.unit}]").astype(np.int64).tolist()
        return self._sayable(low, high, found)

    def _sayable(self, low: int, high: int, edges: list[int]) -> list[int]:
        """With the outer edges within the years 1 to 9999 where the values are: 10000-01-01 has no spelling.

        The last bin then ends with the last moment of 9999 and has it.
        """
        first, last = _YEAR_1 * self.day, _YEAR_10000 * self.day - 1
        begin = max(edges[0], first) if low >= first else edges[0]
        return [begin, *edges[1:-1], min(edges[-1], last) if high <= last else edges[-1]]

    def _bins(self, low: int, high: int, step: _Step) -> int:
        return self._place(high, step) - self._place(low, step) + 1

    def _place(self, value: int, step: _Step) -> int:
        if not step.months:
            return (value - step.origin) // step.width
        month = int(np.array(value, f"M8[{self.unit}]").astype("M8[M]").astype(np.int64))
        return (month + _MONTHS_BEFORE_1970) // step.months


DAYS = Calendar("D", 1)
MOMENTS = Calendar("us", _DAY, _FINE_CLOCK, _CLOCK)

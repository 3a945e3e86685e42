"""deviated-value: numbers that lie far from the mean of their column.

The mean and the deviation are those of Python's statistics, which are exact until they are rounded at the end: sums of
whole numbers, a block at a time, give the same. Which rows lie outside is only known then, so where any does, the table
is read once more. A median or a mode, and numbers that are floats or infinite, are left to frictionless' own check.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, getcontext, localcontext
from fractions import Fraction
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.engine.block import Mask
from civicat.validators.engine.checks.theirs import Theirs
from civicat.validators.engine.checks.watch import Columns, Views, Watch, values_in_order
from civicat.validators.engine.problem import Problem
from civicat.validators.engine.view import View

_NOTE = 'value "%s" in row at position "%s" and field "%s" is deviated "[%.2f, %.2f]"'
_SAFE = 2**63  # sums below it stay in 64 bits
_ROOT_BITS = 64  # bits of a root before it is rounded to the 53 of a float
_MARGIN = 1e-9  # relative: much more than a decimal loses as a float


@dataclass(frozen=True, slots=True)
class _Units:
    """Numbers as whole multiples of a power of ten."""

    units: npt.NDArray[np.int64]
    scale: int


@dataclass(slots=True)
class Moments:
    """Exact sums of numbers, and the least and the greatest of them."""

    count: int = 0
    total: Fraction = field(default_factory=Fraction)
    squares: Fraction = field(default_factory=Fraction)
    low: int | Decimal | None = None
    high: int | Decimal | None = None

    def add_units(self, units: npt.NDArray[np.int64], scale: int) -> None:
        """Adds multiples of 10**-scale."""
        if len(units):
            low, high = int(units.min()), int(units.max())
            total, squares = _sums(units, max(abs(low), abs(high)))
            self._add(len(units), Fraction(total, 10**scale), Fraction(squares, 100**scale))
            self._stretch(*((low, high) if not scale else (Decimal(one).scaleb(-scale) for one in (low, high))))

    def add_values(self, values: Iterable[int | Decimal]) -> None:
        """Adds numbers one by one."""
        for value in values:
            exact = Fraction(value)
            self._add(1, exact, exact * exact)
            self._stretch(value, value)

    def bounds(self, interval: float, *, decimals: bool) -> tuple[Any, Any]:
        """What lies between them deviates from the mean by no more than so many standard deviations.

        Raises:
            ArithmeticError, TypeError, ValueError: they cannot be worked out, as frictionless could not.
        """
        spread = (self.squares - self.total * self.total / self.count) / (self.count - 1)
        deviation: Any = decimal_root(spread) if decimals else float_root(spread)
        mean: Any = _mean(self.total / self.count, decimals=decimals)
        return mean - deviation * interval, mean + deviation * interval

    def _add(self, count: int, total: Fraction, squares: Fraction) -> None:
        self.count += count
        self.total += total
        self.squares += squares

    def _stretch(self, low: int | Decimal, high: int | Decimal) -> None:
        self.low = low if self.low is None or low < self.low else self.low
        self.high = high if self.high is None or high > self.high else self.high


@dataclass(slots=True)
class _Mean:
    theirs: Theirs
    check: Any  # frictionless' Check, which is loaded late
    columns: Columns
    place: int
    from_text: bool  # whether numbers are written as Decimal reads them
    moments: Moments = field(default_factory=Moments)
    endless: bool = False  # whether there is a number that is none, or no end to one

    def see(self, view: View, most: int) -> Mask | None:
        """See Watch."""
        del most
        if self.endless:
            return None
        found = self._units(view)
        if found is not None:
            self.moments.add_units(found.units, found.scale)
            self._add(value for _, value in _apart(view, self.place))
        else:
            self._add(value for _, value in values_in_order(view, self.columns, self.place))
        return None

    def _add(self, values: Iterable[Any]) -> None:
        there = [value for value in values if value is not None]
        self.endless = any(isinstance(one, Decimal) and not one.is_finite() for one in there)
        if not self.endless:
            self.moments.add_values(there)

    def _units(self, view: View) -> _Units | None:
        """The numbers of the straight rows that the column can hold; None where they are to be taken one by one."""
        typed = view.typed(self.place)
        if pa.types.is_integer(typed.type):
            return _Units(typed.drop_null().to_numpy(), 0)
        if pa.types.is_decimal(typed.type):
            return _of_decimals(typed.drop_null())
        texts = view.block.columns[self.place]
        if isinstance(texts, list) or not self.from_text or not pa.types.is_string(texts.type):
            return None
        return _of_texts(texts.filter(typed.is_valid()))

    def row(self, number: int, row: Any, repeats: Mapping[int, int]) -> list[Problem]:  # noqa: ANN401 (frictionless' Row)
        """See Watch."""
        del number, row, repeats
        return []

    def end(self, rows: int, again: Views) -> list[Problem]:
        """See Watch."""
        if self.endless:
            fed = Fed(self.theirs, self.check, self.columns, self.place)
            for view in again():
                fed.see(view, 0)
            return fed.end(rows, again)
        moments = self.moments
        if moments.count < 2:  # noqa: PLR2004 (one alone deviates from nothing)
            return []
        try:
            low, high = moments.bounds(self.check.interval, decimals=self.columns.types[self.place] == "number")
        except (ArithmeticError, TypeError, ValueError) as error:
            return [self.theirs.table_problem("deviated-value", f'calculation issue "{error}"')]
        if low <= moments.low and moments.high <= high:
            return []
        return [
            self.theirs.table_problem("deviated-value", _NOTE % (cell, number, self.check.field_name, low, high))
            for view in again()
            for number, cell in _outside(view, self.place, low, high)
        ]


class _Cell(dict[str, object]):
    """What frictionless' check looks at of a row: one value, and the number of the row."""

    def __init__(self, name: str, value: object, number: int) -> None:
        super().__init__({name: value})
        self.row_number = number


@dataclass(slots=True)
class Fed:
    """Frictionless' own check, which is handed the values of its column alone."""

    theirs: Theirs
    check: Any  # frictionless' Check, which is loaded late
    columns: Columns
    place: int

    def see(self, view: View, most: int) -> Mask | None:
        """See Watch."""
        del most
        for number, value in values_in_order(view, self.columns, self.place):
            list(self.check.validate_row(_Cell(self.check.field_name, value, number)))  # it is a generator
        return None

    def row(self, number: int, row: Any, repeats: Mapping[int, int]) -> list[Problem]:  # noqa: ANN401 (frictionless' Row)
        """See Watch."""
        del number, row, repeats
        return []

    def end(self, rows: int, again: Views) -> list[Problem]:
        """See Watch."""
        del again
        return self.theirs.at_end(self.check, rows)


def watch(theirs: Theirs, check: Any, columns: Columns) -> Watch | None:  # noqa: ANN401 (frictionless is loaded late)
    """The watch of such a check."""
    place = columns.place(check.field_name)
    if place is None:
        return None
    written = theirs.written(place)
    plain = not written.get("groupChar") and written.get("decimalChar", ".") == "." and written.get("bareNumber", True)
    if check.average != "mean" or columns.types[place] not in {"integer", "number"} or written.get("floatNumber"):
        return Fed(theirs, check, columns, place)
    return _Mean(theirs, check, columns, place, bool(plain))


def float_root(square: Fraction) -> float:
    """The square root of a fraction as the float next to it."""
    above, below = square.numerator, square.denominator
    shift = 2 * max(0, _ROOT_BITS - (above.bit_length() - below.bit_length()) // 2)
    root = math.isqrt((above << shift) // below)
    inexact = root * root * below != above << shift
    return (root | inexact) / (1 << shift // 2)  # the last bit says that something follows, so it is rounded right


def decimal_root(square: Fraction) -> Decimal:
    """The square root of a fraction as the Decimal next to it, with as many digits as the context has."""
    digits = getcontext().prec
    with localcontext() as wide:
        wide.prec = 3 * digits
        root = (Decimal(square.numerator) / Decimal(square.denominator)).sqrt()
    return +root


def _mean(exact: Fraction, *, decimals: bool) -> int | float | Decimal:
    if decimals:
        return Decimal(exact.numerator) / Decimal(exact.denominator)
    return exact.numerator if exact.denominator == 1 else exact.numerator / exact.denominator


def _sums(units: npt.NDArray[np.int64], largest: int) -> tuple[int, int]:
    if largest * largest * len(units) < _SAFE:
        return int(units.sum()), int(np.dot(units, units))
    whole = units.astype(object)
    return int(whole.sum()), int((whole * whole).sum())


def _of_decimals(decimals: pa.Array[Any]) -> _Units | None:
    """Decimals of 128 bits whose upper half only carries the sign on."""
    if not len(decimals):
        return _Units(np.empty(0, np.int64), 0)
    halves = np.frombuffer(decimals.buffers()[1], "<i8").reshape(-1, 2)
    low, high = halves[decimals.offset : decimals.offset + len(decimals)].T
    return _Units(low, decimals.type.scale) if (high == low >> 63).all() else None


def _of_texts(texts: pa.Array[Any]) -> _Units | None:
    """Numbers as they are written, such as -12.50; None where one is written otherwise."""
    if not len(texts):
        return _Units(np.empty(0, np.int64), 0)
    point = pc.find_substring(texts, ".")
    after = pc.subtract(pc.subtract(pc.binary_length(texts), point), 1)
    scale = pc.max(pc.if_else(pc.less(point, 0), 0, after)).as_py()
    try:
        return _of_decimals(pc.cast(texts, pa.decimal128(38, scale)))
    except (pa.ArrowInvalid, ValueError):  # ValueError: more decimals than there is a type for
        return None


def _apart(view: View, place: int) -> Iterator[tuple[int, object]]:
    """The values that the column cannot hold, and those of records of another width, with their row numbers."""
    rows = view.apart([place])
    single = zip(view.block.numbers[rows].tolist(), view.keys(rows, [place]), strict=True)
    return ((number, key[0]) for number, key in (*single, *view.odd_keys([place])))


def _outside(view: View, place: int, low: Any, high: Any) -> list[tuple[int, object]]:  # noqa: ANN401 (int, float or Decimal)
    """The rows of a block whose value lies outside, and those values."""
    numbers = pc.cast(view.typed(place), pa.float64(), safe=False).fill_null(math.nan).to_numpy(zero_copy_only=False)
    margin = _MARGIN * max(abs(float(low)), abs(float(high)))
    rows = np.flatnonzero((numbers < float(low) + margin) | (numbers > float(high) - margin))
    near = zip(view.block.numbers[rows].tolist(), view.keys(rows.tolist(), [place]), strict=True)
    found = {number: key[0] for number, key in near} | dict(_apart(view, place))
    outside = [(number, one) for number, one in found.items() if one is not None and not low <= one <= high]
    return sorted(outside, key=itemgetter(0))

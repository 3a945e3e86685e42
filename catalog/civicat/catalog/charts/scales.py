"""Round numbers for axes, bins and classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

_STEPS = (1, 2, 5, 10)
_LEAST = 1e-290  # a span so small has no steps that floating numbers could tell apart


def step(span: float, most: int) -> float:
    """A step of 1, 2 or 5 times a power of ten that divides a span into at most `most` pieces or so."""
    if span / most <= _LEAST or not math.isfinite(span):
        return 1.0
    power = 10.0 ** math.floor(math.log10(span / most))
    return next(one * power for one in _STEPS if one * power * most >= span * (1 - 1e-9))


def ticks(low: float, high: float, most: int = 5) -> tuple[float, ...]:
    """Round values from at most `low` to at least `high`."""
    by = max(step(high - low, most), max(abs(low), abs(high)) * 1e-12)  # finer steps floating numbers do not tell apart
    first, last = math.floor(low / by + 1e-9), math.ceil(high / by - 1e-9)
    fine = max(12, 2 - math.floor(math.log10(by)))
    return tuple(round(place * by, fine) for place in range(first, max(last, first + 1) + 1))


def inside(low: float, high: float, most: int = 5) -> tuple[float, ...]:
    """Round values within a span."""
    return tuple(one for one in ticks(low, high, most) if low <= one <= high)


def classes(values: Sequence[float], most: int = 5) -> tuple[float, ...]:
    """Round bounds that part values into classes: the least value, those between, the greatest.

    Steps of one size where three of them at least hold something; else, of values that crowd at one end, steps of
    about as many values each.
    """
    ordered = sorted(values)
    if not ordered or ordered[0] == ordered[-1]:
        return (ordered[0], ordered[0]) if ordered else ()
    even = (
        ordered[0],
        *(one for one in ticks(ordered[0], ordered[-1], most) if ordered[0] < one < ordered[-1]),
        ordered[-1],
    )
    held = [sum(low <= one < high for one in ordered) for low, high in pairwise(even)]
    if len(even) <= most + 1 and sum(many * 50 > len(ordered) for many in held) > 2:  # noqa: PLR2004 (three of 2 %)
        return even
    fineness = step(ordered[-1] - ordered[0], 40)
    inner = {_rounded(ordered[len(ordered) * at // most], fineness) for at in range(1, most)}
    kept = sorted(one for one in inner if ordered[0] < one < ordered[-1])
    return (ordered[0], *kept, ordered[-1])


def _rounded(value: float, by: float) -> float:
    return round(round(value / by) * by, 12)


def class_of(value: float, bounds: Sequence[float]) -> int:
    """The class of a value, from 0; each has its lower bound and not its upper one, the last has both."""
    return max(0, sum(value >= bound for bound in bounds[1:-1]))


def widest_gap(degrees: Sequence[float]) -> float:
    """The meridian at which a map is best cut open: the middle of the widest empty stretch; -180 unless it is wide."""
    if not degrees or max(degrees) - min(degrees) <= 180:  # noqa: PLR2004 (half round the world)
        return -180.0
    ordered = sorted({round(one) for one in degrees})
    gap, at = max((after - before, before) for before, after in pairwise((*ordered, ordered[0] + 360)))
    is_wide = gap >= 120 and at + gap < ordered[0] + 360  # noqa: PLR2004 (a third of the way round)
    return at + gap / 2 - 360.0 if is_wide else -180.0

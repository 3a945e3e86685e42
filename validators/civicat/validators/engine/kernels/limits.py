"""Minimum and maximum over a whole column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.engine.arrays import extremes, halves, marked, valid
from civicat.validators.engine.block import Mask

_BELOW = {"minimum": True, "exclusiveMinimum": True, "maximum": False, "exclusiveMaximum": False}
_EXCLUSIVE = frozenset({"exclusiveMinimum", "exclusiveMaximum"})


@dataclass(frozen=True, slots=True)
class Limits:
    """The lowest and the highest value allowed, both included: whole numbers, None where there is no limit."""

    lowest: int | None = None
    highest: int | None = None

    def broken(self, values: pa.Array[Any]) -> Mask | None:
        """Which values (of an integer type) are out of bounds, None where none is."""
        if self == Limits():
            return None
        found = pc.min_max(values).as_py()
        if found["min"] is None or (self._above(found["min"]) and self._below(found["max"])):
            return None
        plain = values.fill_null(0).to_numpy() if values.null_count else values.to_numpy()
        return self._outside(plain, values)

    def broken_units(self, values: pa.Array[Any]) -> Mask | None:
        """As `broken`, of decimals, whose limits are counted in units of their last digit."""
        if self == Limits():
            return None
        found = extremes(values)
        if found is None or (self._above(found[0]) and self._below(found[1])):
            return None
        low, high = halves(values)
        if not (high == low >> 63)[valid(values)].all():
            return valid(values)  # beyond an int64: rare enough to be asked about
        return self._outside(low, values)

    def _outside(self, plain: Any, values: pa.Array[Any]) -> Mask | None:  # noqa: ANN401 (whole numbers of any width)
        wrong = np.zeros(len(values), np.bool_)
        if self.lowest is not None:
            wrong |= plain < self.lowest
        if self.highest is not None:
            wrong |= plain > self.highest
        return marked(wrong & valid(values))

    def _above(self, lowest: int) -> bool:
        return self.lowest is None or lowest >= self.lowest

    def _below(self, highest: int) -> bool:
        return self.highest is None or highest <= self.highest


def whole_limits(constraints: Mapping[str, object], read: Callable[[object], int | None]) -> Limits | None:
    """The limits of a type whose values are whole numbers; None where one of them cannot be `read`."""
    lowest: list[int] = []
    highest: list[int] = []
    for name, below in _BELOW.items():
        if name not in constraints:
            continue
        limit = read(constraints[name])
        if limit is None:
            return None
        step = int(name in _EXCLUSIVE)
        (lowest if below else highest).append(limit + step if below else limit - step)
    return Limits(max(lowest, default=None), min(highest, default=None))


def stated(constraints: Mapping[str, object]) -> Iterator[tuple[object, bool, bool]]:
    """Each limit with whether it bounds from below and whether it is itself out of bounds."""
    for name, below in _BELOW.items():
        if name in constraints:
            yield constraints[name], below, name in _EXCLUSIVE

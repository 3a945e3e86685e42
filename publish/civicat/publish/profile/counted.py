"""Values with how often each occurs, in order: what every figure of a column of numbers is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Numbers: TypeAlias = npt.NDArray[Any]  # int64 or float64
Counts: TypeAlias = npt.NDArray[np.int64]

# A column is told from all its distinct values up to this many (and always while the table has one block), else from
# sketches.
EXACT_VALUES = 25_000


@dataclass(frozen=True, slots=True)
class Counted:
    """Distinct values that rise, and how many values there are up to each one and with it."""

    values: Numbers
    reached: Counts

    @property
    def counts(self) -> Counts:
        """How often each value occurs."""
        return np.diff(self.reached, prepend=0)

    @property
    def total(self) -> int:
        """How many values there are, each as often as it occurs."""
        return int(self.reached[-1]) if len(self.reached) else 0

    @property
    def is_unique(self) -> bool:
        """Whether each value occurs once."""
        return self.total == len(self.values)

    def merged(self, other: Counted) -> Counted:
        """The values of both."""
        values = np.concatenate([self.values, other.values])
        order = np.argsort(values, kind="stable")  # two runs that rise: merged, not sorted
        values, counts = values[order], np.concatenate([self.counts, other.counts])[order]
        starts = _starts(values)
        return weighted(values[starts], np.add.reduceat(counts, starts) if len(counts) else counts)

    def at(self, shares: npt.NDArray[np.float64]) -> Numbers:
        """The smallest values that have at least these shares of all at or below them (the inverted distribution)."""
        targets = np.ceil(shares * self.total - 1e-9).astype(np.int64)  # 0.05 * 20 is a little more than 1
        return self.values[np.searchsorted(self.reached, np.maximum(targets, 1))]

    def below(self, edges: Numbers) -> Counts:
        """How many values are smaller than each edge."""
        places = np.searchsorted(self.values, edges)
        return np.where(places > 0, self.reached[places - 1], 0)

    def top(self, most: int) -> list[tuple[int, int]]:
        """Places and counts of the most frequent values; of equally frequent ones the smallest first."""
        counts = self.counts
        best = np.argsort(-counts, kind="stable")[:most]
        return [(int(place), int(counts[place])) for place in best]


def counted(values: Numbers) -> Counted:
    """The distinct values among numbers in any order."""
    ordered = np.sort(values)
    starts = _starts(ordered)
    reached = np.empty_like(starts)
    reached[:-1] = starts[1:]
    reached[-1:] = len(ordered)
    return Counted(ordered[starts], reached)


def weighted(values: Numbers, counts: Counts) -> Counted:
    """Distinct values that rise, with how often each occurs."""
    return Counted(values, np.cumsum(counts))


def _starts(ordered: Numbers) -> Counts:
    """Where each run of equal values begins."""
    if not len(ordered):
        return np.empty(0, np.int64)
    changes = np.empty(len(ordered), np.bool_)
    changes[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=changes[1:])
    return np.flatnonzero(changes)

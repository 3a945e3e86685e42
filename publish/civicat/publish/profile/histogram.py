"""Histograms in one pass over a column whose range is not known yet: fine bins, merged when they become too many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from civicat.publish.profile.counted import Counted, Counts
from civicat.publish.profile.steps import Ruler

Edges = list[int] | list[float]


@dataclass(frozen=True, slots=True)
class _Bins:
    """Counts between edges; all values lie between `low` and `high`, so only the inner edges are ever compared."""

    low: float
    high: float
    edges: Edges
    counts: Counts


class Histogram:
    """Exact counts between round edges."""

    def __init__(self, ruler: Ruler) -> None:
        self._ruler = ruler
        self._bins: _Bins | None = None

    def add(self, block: Counted) -> None:
        """Takes in the next values of the column."""
        low, high = block.values[0].item(), block.values[-1].item()
        bins = self._bins
        if bins is None:
            edges = self._ruler.fine(low, high)
            self._bins = _Bins(low, high, edges, _between(block, edges))
            return
        low, high = min(low, bins.low), max(high, bins.high)
        if bins.edges[0] > low or bins.edges[-1] <= high:
            bins = _regrouped(bins, self._ruler.fine(low, high))
        self._bins = _Bins(low, high, bins.edges, bins.counts + _between(block, bins.edges))

    def drawn(self) -> tuple[Edges, list[int]]:
        """About twenty bins: their edges, one more than there are bins, and the count of each."""
        if self._bins is None:
            return [], []
        edges = self._ruler.drawn(self._bins.low, self._bins.high)
        return edges, _regrouped(self._bins, edges).counts.tolist()


def drawn(whole: Counted, ruler: Ruler) -> tuple[Edges, list[int]]:
    """The same of a column whose values are all counted."""
    if not len(whole.values):
        return [], []
    edges = ruler.drawn(whole.values[0].item(), whole.values[-1].item())
    return edges, _between(whole, edges).tolist()


def _between(block: Counted, edges: Edges) -> Counts:
    below = block.below(np.array(edges[1:-1], block.values.dtype))
    return np.diff(below, prepend=0, append=block.total)


def _regrouped(bins: _Bins, edges: Edges) -> _Bins:
    """The counts between edges of which each is one of the finer ones, or lies outside of them."""
    kind = np.float64 if isinstance(edges[0], float) else np.int64
    starts = np.array([bins.low, *bins.edges[1:-1]], kind)
    counts = np.zeros(len(edges) - 1, np.int64)
    np.add.at(counts, np.searchsorted(np.array(edges[1:-1], kind), starts, side="right"), bins.counts)
    return _Bins(bins.low, bins.high, edges, counts)

"""Quantiles of columns of any length: samples at even ranks, merged two by two, with a bound of their error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from civicat.publish.profile.counted import Counted, Numbers

_SAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class _Sample:
    """Values that rise, each standing for `weight` of the column; ranks are wrong by `error` values at most."""

    values: Numbers
    weights: npt.NDArray[np.float64]
    error: float = 0.0


class Ranks:
    """A binary counter of samples: level n holds at most one, of 2^n blocks."""

    def __init__(self) -> None:
        self._levels: list[_Sample | None] = []

    def add(self, block: Counted) -> None:
        """Takes in the next values of the column."""
        carried = _first(block)
        for level, held in enumerate(self._levels):
            if held is None:
                self._levels[level] = carried
                return
            carried, self._levels[level] = _thinned(_joined([held, carried])), None
        self._levels.append(carried)

    def at(self, shares: npt.NDArray[np.float64]) -> tuple[Numbers, float]:
        """The values at these shares of the column, and by what share of it their ranks may be wrong."""
        whole = self._whole()
        reached = np.cumsum(whole.weights)
        places = np.minimum(np.searchsorted(reached, shares * reached[-1] - 1e-6), len(reached) - 1)
        return whole.values[places], whole.error / float(reached[-1])

    def share(self, low: float, high: float) -> float:
        """The share of the column between two values, both taken in."""
        whole = self._whole()
        inside = (whole.values >= low) & (whole.values <= high)
        return float(whole.weights[inside].sum() / whole.weights.sum())

    def _whole(self) -> _Sample:
        return _joined([one for one in self._levels if one is not None])


def _joined(samples: list[_Sample]) -> _Sample:
    values = np.concatenate([one.values for one in samples])
    order = np.argsort(values, kind="stable")
    weights = np.concatenate([one.weights for one in samples])
    return _Sample(values[order], weights[order], sum(one.error for one in samples))


def _first(block: Counted) -> _Sample:
    """The sample of one block: all its values where they are few."""
    if len(block.values) <= _SAMPLES:
        return _Sample(block.values, block.counts.astype(np.float64))
    step = block.total / _SAMPLES
    return _Sample(block.values[_even(block.reached, step)], np.full(_SAMPLES, step), step / 2)


def _thinned(sample: _Sample) -> _Sample:
    """At most 2,000 of its values, at even ranks: each stands for the ranks half a step to either side."""
    if len(sample.values) <= _SAMPLES:
        return sample
    reached = np.cumsum(sample.weights)
    step = float(reached[-1]) / _SAMPLES
    return _Sample(sample.values[_even(reached, step)], np.full(_SAMPLES, step), sample.error + step / 2)


def _even(reached: npt.NDArray[Any], step: float) -> npt.NDArray[np.int64]:
    return np.searchsorted(reached, (np.arange(_SAMPLES) + 0.5) * step)

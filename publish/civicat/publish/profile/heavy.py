"""The values that occur most, of columns with too many to count each: a summary as Misra and Gries (1982) keep it.

Merged as Agarwal and others (“Mergeable summaries”, 2012) do: the counts that are told are too low by `missed` at most,
and a value that occurs more often than that is always there.
"""

from __future__ import annotations

import numpy as np

from civicat.publish.profile.counted import Counted, Counts, weighted

_ENTRIES = 1024


class Heavy:
    """At most 1,024 values, each with a count that is right but for at most `missed`."""

    def __init__(self) -> None:
        self.kept: Counted | None = None
        self.missed = 0

    def add(self, more: Counted) -> Counted:
        """Takes in a batch of counted values, and answers what is kept of all."""
        few = self._cut(more)
        self.kept = few if self.kept is None else self._cut(self.kept.merged(few))
        return self.kept

    def _cut(self, many: Counted) -> Counted:
        if len(many.values) <= _ENTRIES:
            return many
        counts = many.counts
        least = _nth_largest(counts, _ENTRIES)
        self.missed += least
        stays = np.flatnonzero(counts > least)
        return weighted(many.values[stays], counts[stays] - least)

    def top(self, most: int) -> list[tuple[int, int]]:
        """Places in `kept` and counts of the most frequent; none that could as well be one of those not kept."""
        return [one for one in (self.kept.top(most) if self.kept else []) if one[1] > self.missed]


def _nth_largest(counts: Counts, place: int) -> int:
    """The count at a place from 0, the largest first; most counts are 1, and those need no search."""
    several = counts[counts > 1]
    if len(several) <= place:
        return 1
    return int(np.partition(several, len(several) - place - 1)[len(several) - place - 1])

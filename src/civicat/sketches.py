"""A column as the smallest hashes of its values (docs/profile.md), and how much of one column another holds.

They are made while a release is published; whoever has a profile.json can read and compare them.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Hashes: TypeAlias = npt.NDArray[np.uint64]

HASH = "civicat-text-1"
# What is stored of a column: the error of a containment is about 1 / sqrt(values compared).
KEPT = 1024
_BYTES = 8  # of a hash
_LAST = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Sketch:
    """The smallest `k` distinct hashes of a column's values, in order; fewer where it has fewer values."""

    hashes: Hashes
    k: int = KEPT

    @property
    def is_complete(self) -> bool:
        """Whether it knows every value of the column."""
        return len(self.hashes) < self.k

    @property
    def bound(self) -> int:
        """Up to here the sketch knows every hash of the column."""
        return _LAST if self.is_complete else int(self.hashes[-1])

    def to_descriptor(self) -> dict[str, object]:
        """As profile.json holds it: the hashes as base64 of little-endian 64-bit numbers."""
        data = base64.b64encode(self.hashes.astype("<u8").tobytes()).decode()
        return {"hash": HASH, "k": self.k, "values": len(self.hashes), "data": data}


def read_sketch(column: Mapping[str, Any]) -> Sketch | None:
    """The sketch of a column of profile.json; None where it has none, or one that is damaged or by a hash unknown."""
    stored = column.get("sketch")
    if not isinstance(stored, Mapping) or stored.get("hash") != HASH:
        return None
    k, data = stored.get("k"), stored.get("data")
    if not isinstance(k, int) or not isinstance(data, str):
        return None
    hashes = _decoded(data)
    return Sketch(hashes, k) if hashes is not None and k > 0 and len(hashes) <= k else None


def _decoded(data: str) -> Hashes | None:
    """The hashes of a sketch; None where they are cut short or do not rise."""
    try:
        raw = base64.b64decode(data, validate=True)
    except ValueError:
        return None
    if len(raw) % _BYTES:
        return None
    hashes = np.frombuffer(raw, "<u8").astype(np.uint64)
    return hashes if bool(np.all(hashes[1:] > hashes[:-1])) else None


def containment(a: Sketch, b: Sketch) -> tuple[float | None, int]:
    """The share of the distinct values of `a` that `b` has too, and of how many values it is told.

    None where no value tells it: `b` is then so much larger that no hash of `a` is small enough to be compared.
    """
    bound = np.uint64(min(a.bound, b.bound))
    mine, theirs = a.hashes[a.hashes <= bound], b.hashes[b.hashes <= bound]
    if not len(mine):
        return None, 0
    return float(np.isin(mine, theirs, assume_unique=True).mean()), len(mine)

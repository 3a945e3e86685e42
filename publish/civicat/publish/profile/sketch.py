"""A column as the smallest hashes of its values, and how many distinct ones there are; read and compared in `sketches`.

The hash `civicat-text-1` is our own and the same for ever, on every machine. It is of a value's spelled text in UTF-8,
so the number 110 and the text "110" meet, and the text "0110" is another value. With n the bytes of the text, all
numbers of 64 bits that wrap, and mix(h): h ^= h >> 30; h *= M2; h ^= h >> 27; h *= M3; h ^= h >> 31 --

    h = mix((n + 1) * M1);  for each lane: h = mix(h * M1 ^ lane)

The lanes are the text's bytes read as little-endian numbers, eight at a time from the first; the last lane holds the
last eight bytes, whether or not some of them were in the lane before. A text of one to seven bytes is one lane, filled
with zeros; an empty one has none. M1, M2, M3 and the mixing are those of SplitMix64 (Steele, Lea and Flood, 2014).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from civicat.sketches import KEPT, Hashes, Sketch

Places: TypeAlias = npt.NDArray[np.int64]

# What is held while counting distinct values: one standard error is 1 / sqrt(4094), 1.6 %.
HELD = 4096
DISTINCT_ERROR = 0.05  # three standard errors: 997 of 1,000 estimates are nearer

_LANE = 8
_M1, _M2, _M3 = (np.uint64(one) for one in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_ROUNDS = tuple(np.uint64(one) for one in (30, 27, 31))
_EVERYTHING = 2.0**64
_RAW = np.dtype("V8")
_MASKS = np.array([2 ** (8 * size) - 1 for size in range(_LANE + 1)], np.uint64)  # of the first bytes of a lane


class Smallest:
    """The smallest distinct hashes seen so far: merged, never more than HELD of them."""

    def __init__(self) -> None:
        self.hashes: Hashes = np.empty(0, np.uint64)

    def add(self, more: Hashes) -> None:
        """Takes in hashes in any order and any number of times."""
        if len(self.hashes) == HELD:
            more = more[more < self.hashes[-1]]
        if len(more):
            self.hashes = _distinct(np.sort(np.concatenate([self.hashes, more])))[:HELD]

    def distinct(self) -> dict[str, object]:
        """How many distinct values were seen: exactly while all their hashes are held."""
        if len(self.hashes) < HELD:
            return {"value": len(self.hashes), "exact": True}
        estimate = round((HELD - 1) * _EVERYTHING / float(self.hashes[-1]))
        return {"value": estimate, "exact": False, "error": DISTINCT_ERROR}

    def sketch(self) -> Sketch:
        """What is stored of them."""
        return Sketch(self.hashes[:KEPT])


def _distinct(ordered: Hashes) -> Hashes:
    """Faster than numpy's own `unique`, which hashes first."""
    found: Hashes = ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])]
    return found


def mixed(numbers: npt.NDArray[np.int64] | npt.NDArray[np.float64]) -> Hashes:
    """Hashes of 64-bit numbers by their bits, to count them by; never stored, as texts hash in another way."""
    hashed: Hashes = numbers.view(np.uint64) * _M1
    _mix(hashed, np.empty_like(hashed))
    return hashed


def hashes(texts: pa.Array[Any]) -> Hashes:
    """The hash of each text of an Arrow array of strings without nulls, in its order."""
    if not len(texts):
        return np.empty(0, np.uint64)
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    begins, ends = (offsets[:-1] - offsets[0]).astype(np.int64), (offsets[1:] - offsets[0]).astype(np.int64)
    anywhere = _anywhere(texts.buffers()[2], int(offsets[0]), int(begins[-1]) + _LANE)
    sizes = ends - begins
    hashed: Hashes = (sizes.astype(np.uint64) + np.uint64(1)) * _M1
    _mix(hashed, np.empty_like(hashed))
    first = anywhere[begins].view(np.uint64)
    if sizes.min() < _LANE:
        first &= _MASKS[np.minimum(sizes, _LANE)]
    _absorb(hashed, first, sizes > 0)
    _go_on(hashed, begins, ends, anywhere, 1)
    return hashed


def _anywhere(buffer: pa.Buffer | None, start: int, needed: int) -> npt.NDArray[np.void]:
    """Eight bytes from each place of a buffer on, from `start`; with zeros behind its end where they are needed.

    Numpy copies raw bytes from any place faster than numbers that are not aligned.
    """
    data = np.frombuffer(buffer or b"", np.uint8)[start:]
    if len(data) < needed:
        data = np.concatenate([data, np.zeros(needed - len(data), np.uint8)])
    return np.ndarray((len(data) - _LANE + 1,), _RAW, data, 0, (1,))


def _go_on(hashed: Hashes, begins: Places, ends: Places, anywhere: npt.NDArray[np.void], turn: int) -> None:
    """The lanes of each text from number `turn` on; where most texts have ended, with the others alone."""
    while True:
        active = ends - begins > turn * _LANE
        count = int(np.count_nonzero(active))
        if not count:
            return
        if 2 * count < len(hashed):
            break
        places = begins + turn * _LANE
        np.minimum(places, ends - _LANE, out=places)  # the last lane: the last eight bytes
        np.maximum(places, 0, out=places)  # a text that has ended, and whose lane is not used
        _absorb(hashed, anywhere[places].view(np.uint64), None if count == len(hashed) else active)
        turn += 1
    few = np.flatnonzero(active)
    rest = hashed[few]
    _go_on(rest, begins[few], ends[few], anywhere, turn)
    hashed[few] = rest


def _absorb(hashed: Hashes, lane: Hashes, active: npt.NDArray[np.bool_] | None) -> None:
    """One lane more, where a text is active."""
    mixing = hashed * _M1
    mixing ^= lane
    _mix(mixing, lane)
    np.copyto(hashed, mixing, where=True if active is None else active)


def _mix(hashed: Hashes, spare: Hashes) -> None:
    """SplitMix64's finish, in place."""
    for shift, factor in zip(_ROUNDS, (_M2, _M3, None), strict=True):
        np.right_shift(hashed, shift, out=spare)
        hashed ^= spare
        if factor is not None:
            hashed *= factor

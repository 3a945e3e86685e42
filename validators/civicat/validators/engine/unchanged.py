"""Which texts are for certain the spelling of their values, by their bytes: to print each takes ten times as long.

A proof may only accept, like a kernel: the rows that it names are printed and compared. Each takes it that the value
was read from the text, so that a text of the right shape can be no other than the one spelling of its value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from civicat.dataset import Field
from civicat.validators.engine.arrays import Bytes, Offsets, parts
from civicat.validators.engine.block import Mask, Numbers

_MINUS, _POINT, _SLASH, _ZERO, _NINE, _COLON = map(ord, "-./09:")
_SURE_DIGITS = 15  # decimals of so many digits come back from a float64 as they were
_TINY = 1e-4  # floats below are spelled with an exponent
_POWERS = [np.uint64(10**place) for place in range(1, 20)]
_DATE = {4: "-", 7: "-"}
_MOMENT = {**_DATE, 10: "T", 13: ":", 16: ":"}
_HOUR, _MIDNIGHT = 11, b"24"
_BESIDE = 64


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts that hold a value each: their bytes, where each begins and ends, and the values in the same order."""

    data: Bytes
    begins: Offsets
    ends: Offsets
    values: pa.Array[Any]

    def __len__(self) -> int:
        return len(self.begins)

    @property
    def widths(self) -> Offsets:
        """Bytes of each text."""
        return self.ends - self.begins

    def count(self, byte: int) -> int:
        """How many bytes are this one."""
        return int(np.count_nonzero(self.data == byte))


class Verdict(NamedTuple):
    """What a proof says: the rows that it cannot vouch for, and those with zeros at the end of their decimals.

    Without these zeros the latter are the spelling of their values for certain.
    """

    doubtful: Numbers
    zeros: Numbers


Proof: TypeAlias = Callable[[Texts], "Verdict | None"]  # None: it cannot vouch for a single row

_NONE: Numbers = np.empty(0, np.int64)
_SAME = Verdict(_NONE, _NONE)


def _doubt(rows: Mask) -> Verdict:
    return Verdict(np.flatnonzero(rows), _NONE)


def texts_of(source: pa.Array[Any], typed: pa.Array[Any], rows: Numbers | None) -> Texts:
    """The texts of the rows that have a value (None: all), without the bytes of the others."""
    data, offsets = parts(source)
    if rows is None:
        return Texts(data, offsets[:-1], offsets[1:], typed)
    begins, ends = offsets[rows], offsets[rows + 1]
    if int(ends.sum(dtype=np.int64) - begins.sum(dtype=np.int64)) == len(data):  # what is missing is an empty text
        return Texts(data, begins, ends, typed.take(pa.array(rows)))
    return texts_of(source.take(pa.array(rows)), typed.take(pa.array(rows)), None)


def proof_for(field: Field, written: Mapping[str, object], stored: pa.DataType) -> Proof | None:
    """The proof for a column, None where its bytes prove nothing."""
    if field.type == "boolean":
        return None if {"trueValues", "falseValues"} & set(written) else _truths
    if {"groupChar", "decimalChar", "bareNumber", "floatNumber"} & set(written):
        return None
    if pa.types.is_decimal(stored):
        return lambda texts: _decimals(texts, stored.scale)
    if field.format not in {"default", "fmt:default"}:
        return None
    return _PROOFS.get(field.type)


def _integers(texts: Texts) -> Verdict | None:
    """The spelling is the shortest text that is read as the number: where none is longer, all are the same."""
    numbers = texts.values.to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
    sizes = np.abs(numbers).view(np.uint64)
    greatest = sizes.max(initial=np.uint64(0))
    digits = len(numbers) + int(np.count_nonzero(numbers < 0))
    digits += sum(int(np.count_nonzero(sizes >= power)) for power in _POWERS if power <= greatest)
    if digits == len(texts.data):
        return _SAME
    lengths = np.searchsorted(np.array(_POWERS), sizes, "right") + 1 + (numbers < 0)
    return _doubt(lengths != texts.widths)


def _plain(texts: Texts) -> bool:
    """Whether there is nothing but digits, points and hyphens, and no text is empty."""
    data = texts.data
    return (
        bool(len(data))
        and data.min() >= _MINUS
        and data.max() <= _NINE
        and not texts.count(_SLASH)
        and bool(texts.widths.min() > 0)
    )


def _padded(texts: Texts) -> Mask:
    """Which numbers begin with a bare point, with minus zero, or with a zero that another digit follows."""
    data, begins, widths = texts.data, texts.begins, texts.widths
    first = data[begins]
    odd: Mask = first == _POINT
    for start, skipped in ((_ZERO, 1), (_MINUS, 1)):
        rows = np.flatnonzero((first == start) & (widths > skipped))
        after = data[begins[rows] + skipped]
        odd[rows] = after != _POINT if start == _ZERO else (after == _POINT) | (after == _ZERO)
    return odd


def _floats(texts: Texts) -> Verdict | None:
    if not _plain(texts):
        return None
    numbers = np.abs(texts.values.to_numpy(zero_copy_only=False))
    last = texts.data[texts.ends - 1]
    odd = _padded(texts) | (texts.widths > _SURE_DIGITS) | (last == _POINT)
    odd |= (numbers < _TINY) & (texts.widths > 1)
    return Verdict(np.flatnonzero(odd), np.flatnonzero((last == _ZERO) & _pointed(texts) & ~odd))


def _pointed(texts: Texts) -> Mask:
    """Which numbers have a point; no number has two."""
    places = np.flatnonzero(texts.data == _POINT)
    if len(places) in {0, len(texts)}:
        return np.full(len(texts), bool(len(places)))
    pointed = np.zeros(len(texts), np.bool_)
    pointed[np.searchsorted(texts.begins, places, "right") - 1] = True
    return pointed


def _decimals(texts: Texts, scale: int) -> Verdict | None:
    if not _plain(texts):
        return None
    odd = _padded(texts)
    if not scale:
        return _doubt(odd | _pointed(texts))
    wide = texts.widths > scale + 1
    points = texts.ends - scale - 1
    odd |= ~wide
    odd |= texts.data[np.where(wide, points, 0)] != _POINT
    return _doubt(odd)


def _dates(texts: Texts) -> Verdict | None:
    return _laid_out(texts, _DATE, 10)


def _moments(texts: Texts) -> Verdict | None:
    zone = {19: "Z"} if texts.data[-1:].tobytes() == b"Z" else {}
    return _laid_out(texts, {**_MOMENT, **zone}, 19 + len(zone))


def _laid_out(texts: Texts, literals: Mapping[int, str], width: int) -> Verdict | None:
    """Texts of one width with these characters at their places, and digits at all others."""
    data = texts.data
    if not len(data) or len(data) != width * len(texts) or (texts.widths != width).any():
        return None
    rows = data.reshape(-1, width)
    least, most = _at_each_place(rows, np.minimum), _at_each_place(rows, np.maximum)
    low = [ord(literals.get(place, "0")) for place in range(width)]
    high = [ord(literals.get(place, "9")) for place in range(width)]
    return _SAME if (least >= low).all() and (most <= high).all() and not _has_hour_24(rows) else None


def _at_each_place(rows: npt.NDArray[np.uint8], extreme: np.ufunc) -> npt.NDArray[np.uint8]:
    """The least or the greatest byte at each place of rows; many rows side by side, which is many times faster."""
    count, width = rows.shape
    whole = count - count % _BESIDE
    beside = extreme.reduce(rows[:whole].reshape(-1, _BESIDE * width), axis=0).reshape(-1, width) if whole else rows[:0]
    found: npt.NDArray[np.uint8] = extreme.reduce(np.concatenate([beside, rows[whole:]]), axis=0)
    return found


def _has_hour_24(rows: npt.NDArray[np.uint8]) -> bool:
    """Whether a moment is the end of a day, which is the beginning of the next."""
    if rows.shape[1] <= _HOUR:
        return False
    both = (rows[:, _HOUR] == _MIDNIGHT[0]) & (rows[:, _HOUR + 1] == _MIDNIGHT[1])
    return bool(both.any())


def _truths(texts: Texts) -> Verdict | None:
    """Of the standard's words, only the two that are the spelling are in small letters."""
    return _SAME if len(texts.data) and texts.data.min() >= ord("a") else None


_PROOFS: Mapping[str, Proof] = {
    "integer": _integers,
    "year": _integers,
    "number": _floats,
    "date": _dates,
    "datetime": _moments,
}

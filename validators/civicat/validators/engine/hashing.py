"""Fingerprints of keys, a column at a time: equal wherever frictionless' values are equal, and hardly ever elsewhere.

The family is multilinear over 32-bit words w: the sum of k[i] * w[i] modulo 2**64 with random k[i] (Carter and Wegman,
"Universal classes of hash functions", 1979; Lemire and Kaser, "Strongly universal string hashing is fast", 2014). The
k are drawn anew for each key, so nobody can make a file whose different keys meet: two of them share one lane with a
chance of at most 2**-33 and both lanes with at most 2**-66, whatever they are.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.engine.block import Column, Mask

Words: TypeAlias = npt.NDArray[np.uint64]

_AT_ONCE = 16_384  # rows: two lanes and a word of each stay in the processor's cache
_LONG = 1024  # bytes; a longer text is digested on its own, so that one of 2 GB costs one pass and no 500 M steps
_WORD = 4  # bytes
_NULL, _LENGTH, _FIRST = 0, 1, 2  # places of a column's keys: for a null, for a length or a hash, from here on words
_LANES = (0, 1)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_EXACT_DIGITS = Context(prec=80)  # twice what decimal128 holds
_WIDEST = 40  # digits before the point: more are beyond decimal128
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Prints(NamedTuple):
    """Fingerprints of rows. Without `second`, equal firsts are equal values.

    `sure` is False where, chance left aside, even rows that are equal in both may hold different values: floats that
    stand for decimals, Python's own hash.
    """

    first: Words
    second: Words | None
    sure: bool


class Settled(NamedTuple):
    """Python values in an Arrow column: null for None, and for the `foreign`, which have no place there."""

    values: pa.Array[Any]
    foreign: Mapping[int, object]


class _Addend(Protocol):
    """A column ready to be added to the lanes of rows start to stop."""

    def add(self, lanes: Words, start: int, stop: int) -> None:
        """`lanes` is 2 x (stop - start)."""


class Hasher:
    """Fingerprints of keys of these Arrow types; None for a column of Python values that Arrow has no type for."""

    def __init__(self, types: Sequence[pa.DataType | None]) -> None:
        random = np.random.default_rng(secrets.randbits(128))
        self._types = tuple(types)
        self._keys = [
            random.integers(0, 2**64, size=(2, _FIRST + _LONG // _WORD), dtype=np.uint64) for _ in self._types
        ]
        self._start = random.integers(0, 2**64, size=(2, 1), dtype=np.uint64)
        self._odd = np.uint64(secrets.randbits(64) | 1)
        self._secret = secrets.token_bytes(16)

    @property
    def plain(self) -> bool:
        """Whether a key is one number of 64 bits at most: then one lane tells all values apart."""
        return len(self._types) == 1 and self._types[0] is not None and _is_word(self._types[0])

    def prints(self, columns: Sequence[Column]) -> Prints:
        """The fingerprints of the rows of some columns. A list in place of an array holds Python values.

        Raises:
            TypeError: a Python value that has no hash, such as a list: frictionless cannot look for it either.
        """
        settled = [settle(column, kind) for column, kind in zip(columns, self._types, strict=True)]
        if self.plain:
            return self._plain(*settled[0])
        lanes = np.empty((2, len(columns[0])), np.uint64)
        lanes[:] = self._start
        addends = [one for place in range(len(settled)) for one in self._addends(place, settled[place])]
        for start in range(0, lanes.shape[1], _AT_ONCE):
            part = lanes[:, start : start + _AT_ONCE]
            for addend in addends:
                addend.add(part, start, start + part.shape[1])
        return Prints(lanes[0], lanes[1], all(self._is_sure(place, one) for place, one in enumerate(settled)))

    def _plain(self, values: pa.Array[Any], foreign: Mapping[int, object]) -> Prints:
        """One odd factor: no two numbers meet, and the top bits that part them depend on all of them."""
        words = _words(values)[0]
        if foreign:
            words = words.copy()
            words[list(foreign)] = [_hash(value) for value in foreign.values()]
        return Prints(words * self._odd, None, self._is_sure(0, Settled(values, foreign)))

    def _is_sure(self, place: int, settled: Settled) -> bool:
        kind = self._types[place]
        return kind is not None and not settled.foreign and not _is_rounded(kind)

    def _addends(self, place: int, settled: Settled) -> list[_Addend]:
        keys, values = self._keys[place], settled.values
        addends: list[_Addend] = []
        if self._types[place] is not None:
            addends.append(self._values(keys, values))
        if values.null_count > len(settled.foreign):
            nulls = empty(values).astype(np.uint64)
            nulls[list(settled.foreign)] = 0
            addends.append(_Numbers([nulls], keys, _NULL))
        if settled.foreign:
            hashes = np.zeros(len(values), np.uint64)
            hashes[list(settled.foreign)] = [_hash(value) for value in settled.foreign.values()]
            addends.append(_Numbers(_halves([hashes]), keys, _LENGTH))
        return addends

    def _values(self, keys: Words, values: pa.Array[Any]) -> _Addend:
        if pa.types.is_dictionary(values.type):
            lanes = np.zeros((2, len(values.dictionary)), np.uint64)
            if lanes.size:
                self._values(keys, values.dictionary).add(lanes, 0, lanes.shape[1])
            return _Coded(lanes, values.indices)
        if pa.types.is_string(values.type):
            there = pc.fill_null(values, "") if values.null_count else values  # a null may hide bytes
            return _Texts(there, keys, self._secret)
        return _Numbers(_halves(_words(values)), keys, _FIRST)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Columns of 32-bit words, each with its key from `place` on."""

    words: Sequence[Words]
    keys: Words
    place: int

    def add(self, lanes: Words, start: int, stop: int) -> None:
        for number, words in enumerate(self.words, self.place):
            for lane in _LANES:
                lanes[lane] += self.keys[lane, number] * words[start:stop]


@dataclass(frozen=True, slots=True)
class _Coded:
    """A dictionary's lanes, taken by the codes of the rows; a null adds nothing."""

    values: Words
    codes: pa.Array[Any]

    def add(self, lanes: Words, start: int, stop: int) -> None:
        codes = self.codes.slice(start, stop - start)
        if codes.null_count:
            there = np.flatnonzero(codes.is_valid().to_numpy(zero_copy_only=False))
            lanes[:, there] += self.values[:, codes.drop_null().to_numpy()]
        else:
            lanes += self.values[:, codes.to_numpy()]


@dataclass(slots=True)
class _Texts:
    """UTF-8 text: its length, its words of four bytes, and its last four bytes where the length is no multiple."""

    texts: pa.Array[Any]
    keys: Words
    secret: bytes
    _ends: npt.NDArray[np.int32] = field(init=False)
    _bytes: npt.NDArray[np.uint8] = field(init=False)

    def __post_init__(self) -> None:
        _, ends, data = self.texts.buffers()
        first, last = self.texts.offset, self.texts.offset + len(self.texts)
        self._ends = np.frombuffer(ends, np.int32)[first : last + 1] if ends else np.zeros(1, np.int32)
        self._bytes = np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8)

    def add(self, lanes: Words, start: int, stop: int) -> None:
        begins = self._ends[start:stop].astype(np.int64)
        lengths = np.diff(self._ends[start : stop + 1])
        lanes += self.keys[:, _LENGTH, None] * lengths.astype(np.uint64)
        shortest, longest = int(lengths.min()), int(lengths.max())
        if shortest == longest and longest <= _LONG:
            self._add_even(lanes, int(begins[0]), longest)
        else:
            self._add_uneven(lanes, begins, lengths)

    def _add_even(self, lanes: Words, begin: int, length: int) -> None:
        """Texts of one length lie in step: their words are read where they lie."""
        rows = lanes.shape[1]
        for number, place in enumerate(_places(length), _FIRST):
            steps = np.ndarray((rows,), "<u4", self._bytes.data, begin + place, (length,))
            words = steps.astype(np.uint64)
            for lane in _LANES:
                lanes[lane] += self.keys[lane, number] * words
        for place in range(length if length < _WORD else 0):
            letters = np.ndarray((rows,), "u1", self._bytes.data, begin + place, (length,)).astype(np.uint64)
            lanes += self.keys[:, _FIRST, None] * (letters << np.uint64(8 * place))

    def _add_uneven(self, lanes: Words, begins: npt.NDArray[np.int64], lengths: npt.NDArray[np.int32]) -> None:
        """The longest first, so that those that have an i-th word stand at the front."""
        order = np.argsort((_LONG + 1 - np.minimum(lengths, _LONG + 1)).astype(np.uint16), kind="stable")
        begins, lengths = begins[order], lengths[order]
        sums = np.zeros_like(lanes)
        long = int(np.searchsorted(-lengths, -_LONG))
        for row in range(long):
            sums[:, row] = self._digest(int(begins[row]), int(lengths[row]))
        self._add_words(sums[:, long:], begins[long:], lengths[long:])
        lanes[:, order] += sums

    def _add_words(self, sums: Words, begins: npt.NDArray[np.int64], lengths: npt.NDArray[np.int32]) -> None:
        for number in range(int(lengths.max(initial=0)) // _WORD):
            rows = int(np.searchsorted(-lengths, -_WORD * (number + 1), "right"))
            words = self._at(begins[:rows] + _WORD * number)
            sums[:, :rows] += self.keys[:, _FIRST + number, None] * words
        tails = np.flatnonzero((lengths % _WORD != 0) & (lengths > _WORD))
        words = self._at(begins[tails] + lengths[tails] - _WORD)
        sums[:, tails] += self.keys[:, _FIRST + lengths[tails] // _WORD] * words
        for place in range(_WORD - 1):
            short = np.flatnonzero((lengths > place) & (lengths < _WORD))
            letters = self._bytes[begins[short] + place].astype(np.uint64)
            sums[:, short] += self.keys[:, _FIRST, None] * (letters << np.uint64(8 * place))

    def _at(self, places: npt.NDArray[np.int64]) -> Words:
        """The words of four bytes at these places."""
        if not len(places):
            return np.zeros(0, np.uint64)
        anywhere = np.ndarray((len(self._bytes) - _WORD + 1,), "<u4", self._bytes.data, strides=(1,))
        return anywhere[places].astype(np.uint64)

    def _digest(self, begin: int, length: int) -> Words:
        text = self._bytes[begin : begin + length]
        return np.frombuffer(hashlib.blake2b(text.data, digest_size=16, key=self.secret).digest(), np.uint64)


def settle(column: Column, kind: pa.DataType | None) -> Settled:
    """A column as an array of the type: an array as it is, Python values as far as they have an exact place in it.

    Where the type is a float or naive time, the place may be a rounded one: a Decimal's nearest float, an instant.
    """
    if not isinstance(column, list):
        return Settled(column, {})
    if kind is None:
        return Settled(pa.nulls(len(column)), {row: value for row, value in enumerate(column) if value is not None})
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    form = next(form for is_kind, form in _FORMS if is_kind(kind))
    settled = [None if value is None else form(value, kind) for value in column]
    foreign = {row: column[row] for row, value in enumerate(settled) if value is None and column[row] is not None}
    return Settled(pa.array(settled, kind), foreign)


def empty(column: Column) -> Mask:
    """Which values are null or None."""
    if isinstance(column, list):
        return np.array([value is None for value in column], np.bool_)
    if not column.null_count:
        return np.zeros(len(column), np.bool_)
    nulls: Mask = column.is_null().to_numpy(zero_copy_only=False)
    return nulls


def is_nan(value: object) -> bool:
    """Whether a value is not equal to itself. frictionless finds no key that holds one a second time."""
    return value.is_nan() if isinstance(value, Decimal) else isinstance(value, float) and value != value  # noqa: PLR0124 (the definition)


def _places(length: int) -> list[int]:
    """Where the words of a text begin; the last one reaches back where the length is no multiple of four."""
    whole = list(range(0, length - _WORD + 1, _WORD))
    return [*whole, length - _WORD] if length > _WORD and length % _WORD else whole


def _halves(words: Sequence[Words]) -> list[Words]:
    return [half for word in words for half in (word & _LOW, word >> _HALF)]


def _words(values: pa.Array[Any]) -> list[Words]:
    """The values of a fixed width as 64-bit words, the same for equal values; 0 for null."""
    kind, (valid, data) = values.type, values.buffers()[:2] if len(values) else (None, None)
    if data is None:
        return [np.zeros(len(values), np.uint64)] * (2 if pa.types.is_decimal(kind) else 1)
    if pa.types.is_boolean(kind):
        return [pc.fill_null(values, fill_value=False).to_numpy(zero_copy_only=False).astype(np.uint64)]
    numbers = np.frombuffer(data, _layout(kind)).reshape(-1, 2 if pa.types.is_decimal(kind) else 1)
    columns = numbers[values.offset : values.offset + len(values)].T
    if pa.types.is_floating(kind):
        columns = columns + 0.0  # -0.0 + 0.0 is 0.0
    words = [np.ascontiguousarray(one.astype(np.int64) if one.itemsize < 8 else one).view(np.uint64) for one in columns]  # noqa: PLR2004 (bytes)
    if valid is None or not values.null_count:
        return words
    there = values.is_valid().to_numpy(zero_copy_only=False)
    return [np.where(there, word, np.uint64(0)) for word in words]


def _layout(kind: pa.DataType) -> str:
    if pa.types.is_floating(kind):
        return "<f8"
    return "<i4" if kind.bit_width == 32 else "<i8"  # noqa: PLR2004 (bits)


def _is_word(kind: pa.DataType) -> bool:
    return not (pa.types.is_string(kind) or pa.types.is_dictionary(kind) or pa.types.is_decimal(kind))


def _is_rounded(kind: pa.DataType) -> bool:
    """Whether one value stands for several of frictionless': floats for decimals, instants whatever the offset."""
    return bool(pa.types.is_floating(kind) or pa.types.is_timestamp(kind))


def _hash(value: object) -> int:
    return hash(value) & 0xFFFF_FFFF_FFFF_FFFF


def _whole(value: object, kind: pa.DataType) -> object:
    low = -(2 ** (kind.bit_width - 1))
    if not isinstance(value, (int, float, Decimal)) or is_nan(value) or not low <= value < -low:
        return None
    return int(value) if value == int(value) else None


def _truth(value: object, _: pa.DataType) -> object:
    return bool(value) if isinstance(value, (int, float, Decimal)) and not is_nan(value) and value in {0, 1} else None


def _float(value: object, _: pa.DataType) -> object:
    try:
        return float(value) if isinstance(value, (int, float, Decimal)) else None
    except OverflowError:  # a whole number beyond every float
        return None


def _decimal(value: object, kind: pa.DataType) -> object:
    if not isinstance(value, (int, float, Decimal)):
        return None
    number = Decimal(value)
    if not number:
        return number
    if not number.is_finite() or abs(number.adjusted()) > _WIDEST:
        return None
    placed = number.quantize(Decimal(1).scaleb(-kind.scale), context=_EXACT_DIGITS)
    return placed if placed == number and placed.adjusted() < kind.precision - kind.scale else None


def _text(value: object, _: pa.DataType) -> object:
    if not isinstance(value, str):
        return None
    return value if value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value) else None


def _date(value: object, _: pa.DataType) -> object:
    return value if isinstance(value, dt.date) and not isinstance(value, dt.datetime) else None


def _instant(value: object, kind: pa.DataType) -> object:
    """Microseconds since 1970, as Arrow counts them, whether or not the value or the column has an offset."""
    if not isinstance(value, dt.datetime) or kind.unit != "us":
        return None
    aware = value if value.tzinfo is not None else value.replace(tzinfo=dt.UTC)
    return (aware - _EPOCH) // dt.timedelta(microseconds=1)


def _time(value: object, _: pa.DataType) -> object:
    return value if isinstance(value, dt.time) and value.tzinfo is None else None


_FORMS: Sequence[tuple[Callable[[pa.DataType], bool], Callable[[object, pa.DataType], object]]] = (
    (pa.types.is_boolean, _truth),
    (pa.types.is_integer, _whole),
    (pa.types.is_floating, _float),
    (pa.types.is_decimal, _decimal),
    (pa.types.is_string, _text),
    (pa.types.is_date, _date),
    (pa.types.is_timestamp, _instant),
    (pa.types.is_time, _time),
)

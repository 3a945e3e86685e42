"""The keys of one resource while its rows go by: those that may stand only once, and those that must be found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from heapq import merge
from itertools import groupby
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from civicat.text import Text
from civicat.validators.engine.block import Column, Mask
from civicat.validators.engine.checks.asked import RowKey
from civicat.validators.engine.foreign import Lookup
from civicat.validators.engine.keys import KeyWatch
from civicat.validators.engine.problem import RuleBrokenError
from civicat.validators.engine.rules import ABSENT, Values
from civicat.validators.engine.view import View

ExactKeys: TypeAlias = Callable[[Sequence[int]], Mapping[int, Values]]  # row numbers, ascending -> their keys

_REMEMBERED = 100_000  # keys whose being there is remembered
_NO_KEY = Text(
    "有一列的值无法相互比较（例如列表或对象），不能用作键（unique、primaryKey 或 foreignKeys）。",
    "a column whose values cannot be compared, such as lists or objects, cannot be a key "
    "(unique, primaryKey or foreignKeys).",
)


@dataclass(frozen=True, slots=True)
class Key:
    """A key that may stand only once; `typed` says of each of its columns whether Arrow's values can be compared."""

    places: tuple[int, ...]
    typed: tuple[bool, ...]
    watch: KeyWatch

    @staticmethod
    def told(values: Values) -> Values:
        """What tells two rows apart: their values."""
        return values

    def count(self, exact: ExactKeys, baselines: int) -> int:
        """How many errors its rows make, each told so often; `exact` reads values that fingerprints do not tell."""
        return baselines * self.watch.count(exact)

    def add(self, view: View) -> None:
        """Takes in the rows of a block."""
        apart = view.apart([place for place, typed in zip(self.places, self.typed, strict=True) if typed])
        skip = _skip(apart, len(view.block.numbers))
        single = [
            (int(view.block.numbers[row]), key) for row, key in zip(apart, view.keys(apart, self.places), strict=True)
        ]
        with _keys_can_be_compared():
            self.watch.add(view.block.numbers, _columns(view, self.places, self.typed), skip)
            self.watch.add_rows(sorted((*single, *view.odd_keys(self.places)), key=lambda one: one[0]))


@dataclass(frozen=True, slots=True)
class Followed:
    """A foreign key whose values must be found in `lookup`."""

    places: tuple[int, ...]
    typed: tuple[bool, ...]
    lookup: Lookup

    def lost(self, view: View) -> Mask:
        """Rows of a block whose key is not found."""
        apart = view.apart([place for place, typed in zip(self.places, self.typed, strict=True) if typed])
        with _keys_can_be_compared():
            lost = self.lookup.missing(_columns(view, self.places, self.typed))
            if apart:
                lost[apart] = self.lookup.missing_rows(view.keys(apart, self.places))
        return lost

    def holds(self) -> Callable[[Values], bool]:
        """Whether one key is there."""
        found = lru_cache(_REMEMBERED)(lambda key: not bool(self.lookup.missing_rows([key])[0]))

        def holds(key: Values) -> bool:
            with _keys_can_be_compared():
                return found(key)

        return holds


def gather(lookup: Lookup, views: Iterator[View], places: Sequence[int], typed: Sequence[bool]) -> None:
    """Fills a lookup with the keys of a table."""
    for view in views:
        apart = view.apart([place for place, fits in zip(places, typed, strict=True) if fits])
        with _keys_can_be_compared():
            lookup.add(_columns(view, places, typed), _skip(apart, len(view.block.numbers)))
            lookup.add_rows([*view.keys(apart, places), *(key for _, key in view.odd_keys(places))])


def as_told(column: pa.Array[Any], kind: pa.DataType | None) -> Column:
    """A column of a release as a lookup takes it; where it takes Python values, numbers are Decimals, as in a file."""
    if kind is None:
        values = column.to_pylist()
        return [Decimal(repr(value)) if isinstance(value, float) else value for value in values]
    try:
        return column if column.type == kind else column.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return list(column.to_pylist())


def repeated(
    keys: Sequence[Key | RowKey], exact: Callable[[Key | RowKey], ExactKeys]
) -> Iterator[tuple[int, dict[int, int]]]:
    """The rows that repeat a key, in their order: for the place of each such key, the row before that holds the same.

    `exact` reads the values of a key in given rows, where fingerprints alone cannot tell.
    """
    streams = [_stream(place, key, exact(key)) for place, key in enumerate(keys)]
    for number, ones in groupby(merge(*streams), key=lambda one: one[0]):
        yield number, {place: other for _, place, other in ones}


@contextmanager
def _keys_can_be_compared() -> Iterator[None]:
    """Frictionless crashes on these: lists, objects, a signalling NaN, a time whose offset is a day or more."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise RuleBrokenError(_NO_KEY) from error


def _stream(place: int, key: Key | RowKey, exact: ExactKeys) -> Iterator[tuple[int, int, int]]:
    for number, other in key.watch.repeats(exact):
        yield number, place, other


def _columns(view: View, places: Sequence[int], typed: Sequence[bool]) -> list[Column]:
    return [_column(view, place, typed=fits) for place, fits in zip(places, typed, strict=True)]


def _column(view: View, place: int, *, typed: bool) -> Column:
    if place == ABSENT:
        return [None] * len(view.block.numbers)
    return view.typed(place) if typed else view.python(place)


def _skip(rows: Sequence[int], length: int) -> Mask | None:
    if not rows:
        return None
    skip = np.zeros(length, np.bool_)
    skip[list(rows)] = True
    return skip

"""Keys that are not found: as a Python set of tuples finds them, whatever the types on the two sides."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from frictionless import Resource
from hypothesis import given, settings
from hypothesis import strategies as st

from civicat.validators.engine.block import Column
from civicat.validators.engine.foreign import Key, Lookup

NAIVE = dt.datetime(2024, 5, 1, 8)  # noqa: DTZ001 (naive is what is tried)
AWARE = dt.datetime(2024, 5, 1, 8, tzinfo=dt.UTC)
SAME_AWARE = dt.datetime(2024, 5, 1, 16, tzinfo=dt.timezone(dt.timedelta(hours=8)))

# Arrow type -> values that it holds; few, so that they meet across types
KINDS: dict[str, tuple[pa.DataType | None, list[object]]] = {
    "whole": (pa.int64(), [0, 1, 2, -1, 2**53, 2**53 + 1, 2**63 - 1]),
    "year": (pa.int32(), [0, 1, 2, -1]),
    "float": (pa.float64(), [0.0, -0.0, 1.0, 0.1, 0.5, float(2**53), float("nan"), float("inf")]),
    "price": (pa.decimal128(38, 2), [Decimal(one) for one in ("0.00", "1.00", "0.10", "0.50", "9007199254740993.00")]),
    "finer": (pa.decimal128(18, 3), [Decimal(one) for one in ("0.000", "1.000", "0.100", "0.125")]),
    "truth": (pa.bool_(), [True, False]),
    "text": (pa.string(), ["", "0", "1", "a", "北京", "北京市", "x" * 2000]),
    "code": (pa.dictionary(pa.int32(), pa.string()), ["", "0", "1", "a", "北京", "x" * 2000]),
    "date": (pa.date32(), [dt.date(2024, 5, 1), dt.date(1, 1, 1)]),
    "time": (pa.time64("us"), [dt.time(8), dt.time(8, 0, 0, 1)]),
    "naive": (pa.timestamp("us"), [NAIVE, dt.datetime(2024, 5, 1)]),  # noqa: DTZ001 (as above)
    "aware": (pa.timestamp("us", "UTC"), [AWARE]),
    "objects": (None, [0, 1, Decimal("1.0"), Decimal("0.1"), "a", AWARE, NAIVE, (2024, 5)]),
}
ANYTHING = [
    *(value for _, values in KINDS.values() for value in values),
    *(SAME_AWARE, 2**70, Decimal("0.10000000000000000001"), Decimal("1E+400"), Decimal("NaN"), "\ud800", 0.25),
]


def stored(kind: pa.DataType | None, values: list[object]) -> Column:
    if kind is None:
        return values
    if pa.types.is_dictionary(kind):
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(values, kind)


def turned(kinds: list[str], keys: list[Key]) -> list[Column]:
    return [stored(KINDS[kind][0], [key[place] for key in keys]) for place, kind in enumerate(kinds)]


def drawn_keys(draw: st.DrawFn, pools: list[list[object]], most: int) -> list[Key]:
    return draw(st.lists(st.tuples(*(st.none() | st.sampled_from(pool) for pool in pools)), max_size=most))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_missing_are_the_keys_that_a_python_set_has_not(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 3))
    names = st.lists(st.sampled_from(sorted(KINDS)), min_size=size, max_size=size)
    there, here = data.draw(names), data.draw(names)
    if data.draw(st.booleans()):
        here = there
    lookup, model = Lookup([KINDS[kind][0] for kind in there]), set[Key]()
    draw: st.DrawFn = data.draw  # type: ignore[assignment] # the same call
    for _ in range(data.draw(st.integers(0, 3))):
        keys = drawn_keys(draw, [KINDS[kind][1] for kind in there], 8)
        single = drawn_keys(draw, [ANYTHING] * size, 4)
        skip = np.array(data.draw(st.lists(st.booleans(), min_size=len(keys), max_size=len(keys))), np.bool_)
        lookup.add(turned(there, keys), skip)
        lookup.add_rows(single)
        model.update(key for key, out in zip(keys, skip, strict=True) if not out)
        model.update(single)
    asked = drawn_keys(draw, [KINDS[kind][1] for kind in here], 12)
    partly = data.draw(st.booleans())
    assert lookup.missing(turned(here, asked), partly=partly).tolist() == absent(model, asked, partly=partly)
    asked = drawn_keys(draw, [ANYTHING] * size, 12)
    assert lookup.missing_rows(asked, partly=partly).tolist() == absent(model, asked, partly=partly)


def absent(model: set[Key], keys: list[Key], *, partly: bool) -> list[bool]:
    """Frictionless, where a value that is not a number is a new object in each cell and so equals none."""
    fresh = [tuple(again(part) for part in key) for key in keys]
    passes = [set(key) == {None} or (not partly and None in key) for key in keys]
    return [key not in model and not passed for key, passed in zip(fresh, passes, strict=True)]


def test_the_model_is_frictionless() -> None:
    key = {"fields": ["a", "b"], "reference": {"resource": "", "fields": ["c", "d"]}}
    schema = {"fields": [{"name": name, "type": "number"} for name in "abcd"], "foreignKeys": [key]}
    cells = [["1", "2", "1.0", "2"], ["", "", "", ""], ["1", "", "", "3"], ["", "3", "0.1", ""], ["0.10", "", "", ""]]
    resource = Resource({"name": "t", "data": [list("abcd"), *cells], "schema": schema})
    values = [tuple(Decimal(cell) if cell else None for cell in row) for row in cells]
    wanted = absent({row[2:] for row in values}, [row[:2] for row in values], partly=True)
    found = resource.validate(limit_errors=0).flatten(["rowNumber", "type"])
    assert [[row, "foreign-key"] in found for row in range(2, 7)] == wanted == [False, False, True, False, False]


def again(value: object) -> object:
    if isinstance(value, Decimal) and value.is_nan():
        return Decimal("NaN")
    return float("nan") if isinstance(value, float) and value != value else value  # noqa: PLR0124 (not a number)


def test_each_key_is_kept_once() -> None:
    lookup = Lookup([pa.string(), pa.int64()])
    for _ in range(30):
        lookup.add([pa.array(["a", "b", None] * 4000), pa.array([1, 2, None] * 4000)])
    assert len(lookup) == 2
    assert lookup.nbytes < 1000
    lookup.add_rows([("a", 1), ("a", None), ("a", Decimal("0.1"))])
    assert len(lookup) == 4


def test_a_lookup_without_keys_misses_all_but_the_empty_ones() -> None:
    assert Lookup([pa.string()]).missing([pa.array(["a", None])]).tolist() == [True, False]
    assert Lookup([pa.string()]).missing_rows([]).tolist() == []


@pytest.mark.parametrize("partly", [True, False])
def test_a_partly_empty_key_is_looked_up_only_where_asked(partly: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    lookup = Lookup([pa.string(), pa.string()])
    lookup.add([pa.array(["a", "b"]), pa.array([None, "c"])])
    asked: list[Column] = [pa.array(["a", "b", None, None]), pa.array([None, None, None, "c"])]
    assert lookup.missing(asked, partly=partly).tolist() == [False, partly, False, partly]


def test_a_value_without_a_hash_is_refused_as_by_frictionless() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        Lookup([None]).add_rows([([1],)])

"""Rows that repeat a key: as a dictionary of Python values finds them, whatever the types, blocks and memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from frictionless import Resource
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from civicat.validators.engine.block import Column
from civicat.validators.engine.hashing import Hasher
from civicat.validators.engine.keys import Key, KeyWatch, Nulls

HK = dt.timezone(dt.timedelta(hours=8))
FIRST_ROW = 2  # the header is row 1
TINY = 64  # bytes: everything is on disk after the second block

Row = tuple[int, Key]
Blocks = list[list[tuple[Key, bool, bool]]]
Table = tuple[list[pa.DataType | None], Blocks]


def model(rows: Sequence[Row], nulls: Nulls = Nulls.ALL) -> list[tuple[int, int]]:
    """Frictionless: a dictionary from key to the last row that had it."""
    memory: dict[Key, int] = {}
    found = []
    for number, key in rows:
        absent = [part is None for part in key]
        if all(absent) or (nulls is Nulls.ANY and any(absent)):
            continue
        if key in memory:
            found.append((number, memory[key]))
        memory[key] = number
    return found


@pytest.mark.parametrize("schema", [{"primaryKey": ["a", "b"]}, {"primaryKey": ["b"]}, {"unique": "a"}])
def test_the_model_is_frictionless(schema: dict[str, Any]) -> None:
    cells = [
        ["1", "x"],
        ["1.0", "x"],
        ["", "x"],
        ["0.1", ""],
        ["", "x"],
        ["", ""],
        ["0.10", ""],
        ["0.1", "y"],
        ["", ""],
    ]
    unique = {"unique": schema.get("unique") == "a"}
    fields = [{"name": "a", "type": "number", "constraints": unique}, {"name": "b", "type": "string"}]
    key = tuple(schema.get("primaryKey", ["a"]))
    resource = Resource(
        {
            "name": "t",
            "data": [["a", "b"], *cells],
            "schema": {"fields": fields, "primaryKey": schema.get("primaryKey", [])},
        }
    )
    found = resource.validate(limit_errors=0).flatten(["rowNumber", "type", "note"])
    repeats = [
        (row, int(note.rsplit(" ", 1)[1]))
        for row, kind, note in found
        if kind in {"unique-error", "primary-key"} and "same" in note
    ]
    values = [{"a": Decimal(a) if a else None, "b": b or None} for a, b in cells]
    assert repeats == model([(row, tuple(one[name] for name in key)) for row, one in enumerate(values, FIRST_ROW)])
    assert repeats


def recall(rows: Sequence[Row]) -> Callable[[Sequence[int]], Mapping[int, Key]]:
    """The caller's part: exact values of rows, asked for in ascending order."""
    known = dict(rows)

    def values(numbers: Sequence[int]) -> Mapping[int, Key]:
        assert list(numbers) == sorted(set(numbers))
        return {number: known[number] for number in numbers}

    return values


def whole(*bounds: int) -> st.SearchStrategy[int]:
    return st.integers(*bounds) | st.integers(-3, 3)


TEXTS = st.text(max_size=9) | st.sampled_from(["a", "b", "编号", "x" * 1024, "x" * 1025, "y" * 3000, "y" * 2999 + "z"])
EARLIEST, LATEST = dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30)  # noqa: DTZ001 (in UTC too)
TIMES = st.datetimes(EARLIEST, LATEST, timezones=st.sampled_from([None, HK]))
SAME_TIME = st.sampled_from(
    [
        dt.datetime(2024, 5, 1, 8),  # noqa: DTZ001 (naive is what is tried)
        dt.datetime(2024, 5, 1, 0, tzinfo=dt.UTC),
        dt.datetime(2024, 5, 1, 8, tzinfo=HK),
        dt.datetime(2024, 5, 1, 0),  # noqa: DTZ001
    ]
)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [
        Decimal(one)
        for one in ("0", "-0", "1", "1.0", "1.00", "0.1", "0.10000000000000000001", "9007199254740993", "1E400")
    ]
)
PRICES = st.decimals(-99, 99, places=2) | st.sampled_from(
    [Decimal("1.5"), Decimal("1.50"), Decimal("123456789012345678.25")]
)

# Arrow type -> values of frictionless that such a column can hold, and those that only single rows bring
KINDS: dict[str, tuple[pa.DataType | None, st.SearchStrategy[Any], st.SearchStrategy[Any]]] = {
    "whole": (pa.int64(), whole(-(2**63), 2**63 - 1), whole(-(2**70), 2**70)),
    "year": (pa.int32(), whole(-9999, 9999), whole(-9999, 9999)),
    "text": (pa.string(), TEXTS, TEXTS | st.just("\ud800")),
    "code": (pa.dictionary(pa.int32(), pa.string()), TEXTS, TEXTS),
    "truth": (pa.bool_(), st.booleans(), st.booleans()),
    "date": (pa.date32(), st.dates(), st.dates()),
    "time": (pa.time64("us"), st.times(), st.times()),
    "price": (pa.decimal128(38, 2), PRICES, PRICES | NUMBERS),
    "cheap": (pa.decimal128(18, 2), st.decimals(-99, 99, places=2), PRICES | NUMBERS),
    "float": (pa.float64(), NUMBERS, NUMBERS),
    "instant": (pa.timestamp("us"), TIMES | SAME_TIME, TIMES | SAME_TIME),
    "objects": (None, NUMBERS | TEXTS | st.tuples(st.integers(0, 3), st.integers(0, 3)), NUMBERS | TEXTS),
}


def stored(kind: pa.DataType | None, values: list[Any]) -> pa.Array[Any] | list[Any]:
    """A column as the kernels hand it on."""
    if kind is None:
        return values
    if pa.types.is_timestamp(kind):
        aware = (value and (value if value.tzinfo else value.replace(tzinfo=dt.UTC)) for value in values)
        return pa.array([value and value.astimezone(dt.UTC).replace(tzinfo=None) for value in aware], kind)
    if pa.types.is_dictionary(kind):
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(
        [float(value) if pa.types.is_floating(kind) and value is not None else value for value in values], kind
    )


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Types, and blocks of rows: the key, whether it comes as a single row, whether it is left out."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3))
    blocks = []
    pools = [
        (draw(st.lists(KINDS[kind][1], min_size=1, max_size=4)), draw(st.lists(KINDS[kind][2], min_size=1, max_size=4)))
        for kind in kinds
    ]
    for _ in range(draw(st.integers(1, 5))):
        block = []
        for _ in range(draw(st.integers(0, 12))):
            single = draw(st.booleans())
            parts = [st.none() | st.sampled_from([*pool[0], *(pool[1] if single else [])]) for pool in pools]
            block.append((draw(st.tuples(*parts)), single, draw(st.integers(0, 9)) == 0))
        blocks.append(block)
    return [KINDS[kind][0] for kind in kinds], blocks


def fill(watch: KeyWatch, types: Sequence[pa.DataType | None], blocks: Blocks) -> list[Row]:
    """Adds the blocks as the engine does; the rows that take part."""
    number, rows = FIRST_ROW, []
    for block in blocks:
        numbered = list(enumerate(block, number))
        number += len(block)
        watch.add_rows([(row, key) for row, (key, single, out) in numbered if single and not out])
        columnar = [(row, key, out) for row, (key, single, out) in numbered if not single]
        if columnar:
            columns = [stored(kind, [key[place] for _, key, _ in columnar]) for place, kind in enumerate(types)]
            skip = np.array([out for *_, out in columnar])
            watch.add(np.array([row for row, *_ in columnar]), columns, skip if skip.any() else None)
        rows += [(row, key) for row, (key, _, out) in numbered if not out]
    return rows


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(tables(), st.sampled_from(list(Nulls)), st.sampled_from([0, TINY, 2**20]))
def test_repeats_are_those_of_a_dictionary_of_python_values(
    tmp_path: Path,
    table: Table,
    nulls: Nulls,
    memory_bytes: int,
) -> None:
    types, blocks = table
    with KeyWatch(tmp_path, types, nulls=nulls, memory_bytes=memory_bytes) as watch:
        rows = fill(watch, types, blocks)
        wanted = model(rows, nulls)
        assert list(watch.repeats(recall(rows))) == wanted
        assert watch.count() >= len(wanted)
        if watch.certain:
            assert watch.count() == len(wanted)
            assert list(watch.repeats()) == wanted


@pytest.mark.parametrize("memory_bytes", [0, 4096, 2**20])
def test_repeats_may_be_asked_for_between_blocks(tmp_path: Path, memory_bytes: int) -> None:
    rows: list[Row] = []
    with KeyWatch(tmp_path, [pa.int64()], memory_bytes=memory_bytes) as watch:
        for start in range(FIRST_ROW, 2000, 100):
            numbers = np.arange(start, start + 100)
            watch.add(numbers, [pa.array(numbers % 701)])
            rows += [(number, (number % 701,)) for number in numbers.tolist()]
            assert list(watch.repeats()) == model(rows)
            assert watch.count() == len(model(rows))


@pytest.mark.parametrize("kind", [pa.int64(), pa.string()])
def test_a_key_that_stands_in_every_row_stays_within_its_memory(tmp_path: Path, kind: pa.DataType) -> None:
    with KeyWatch(tmp_path, [kind], memory_bytes=2**16) as watch:
        for start in range(FIRST_ROW, 100_000, 1000):
            watch.add(np.arange(start, start + 1000), [pa.array([7] * 1000).cast(kind)])
        last = start + 999
        repeats = watch.repeats(recall([(row, ("7",)) for row in range(FIRST_ROW, last + 1)]))
        assert [next(repeats), next(repeats)] == [(3, 2), (4, 3)]
        assert list(repeats)[-1] == (last, last - 1)
        assert watch.count() == last - FIRST_ROW


def test_only_the_values_of_suspected_rows_are_read_again(tmp_path: Path) -> None:
    asked: list[int] = []

    def values(numbers: Sequence[int]) -> Mapping[int, Key]:
        asked.extend(numbers)
        return dict.fromkeys(numbers, ("b",))

    with KeyWatch(tmp_path, [pa.string()]) as watch:
        watch.add(np.arange(2, 6), [pa.array(["a", "b", "c", "b"])])
        assert list(watch.repeats(values)) == [(5, 3)]
    assert asked == [3, 5]


def test_many_repeats_are_asked_for_bit_by_bit(tmp_path: Path) -> None:
    calls: list[int] = []

    def values(numbers: Sequence[int]) -> Mapping[int, Key]:
        calls.append(len(numbers))
        return dict.fromkeys(numbers, ("x",))

    with KeyWatch(tmp_path, [pa.string()]) as watch:
        watch.add(np.arange(2, 50_002), [pa.array(["x"] * 50_000)])
        repeats = watch.repeats(values)
        assert next(repeats) == (3, 2)
        assert calls == [1025]
        assert sum(1 for _ in repeats) == 49_998
        assert calls[1:] == [8193, 40_784]


@pytest.mark.parametrize("memory_bytes", [0, 2**20])
def test_floats_that_are_equal_are_told_apart_by_their_decimals(tmp_path: Path, memory_bytes: int) -> None:
    texts = ["0.1", "0.10000000000000000001", "0.10", "-0", "0", "0.100000000000000000010"]
    rows: list[Row] = [(number, (Decimal(text),)) for number, text in enumerate(texts, FIRST_ROW)]
    with KeyWatch(tmp_path, [pa.float64()], memory_bytes=memory_bytes) as watch:
        for number, (value,) in rows:
            watch.add(np.array([number]), [pa.array([float(value)])])  # type: ignore[arg-type] # a Decimal
        assert list(watch.repeats(recall(rows))) == [(4, 2), (6, 5), (7, 3)]
        assert not watch.certain
        assert watch.count() == 4


def test_values_that_share_a_hash_are_told_apart(tmp_path: Path) -> None:
    assert hash(-1) == hash(-2)
    rows: list[Row] = [
        (number, (value,)) for number, value in enumerate([-1, -2, Decimal("-1.0"), "-1", -2], FIRST_ROW)
    ]
    with KeyWatch(tmp_path, [None]) as watch:
        watch.add_rows(rows)
        assert list(watch.repeats(recall(rows))) == [(4, 2), (6, 3)]
        assert watch.count() == 3


def test_what_is_not_a_number_repeats_nothing(tmp_path: Path) -> None:
    with KeyWatch(tmp_path, [pa.float64()]) as watch:
        watch.add(np.arange(2, 5), [pa.array([float("nan"), float("nan"), 1.0])])
        watch.add_rows([(5, (Decimal("NaN"),)), (6, (Decimal("sNaN"),)), (7, (Decimal("Infinity"),))])
        assert watch.count() == 0


def test_a_value_without_a_hash_is_refused_as_by_frictionless(tmp_path: Path) -> None:
    with KeyWatch(tmp_path, [None]) as watch, pytest.raises(TypeError, match="unhashable"):
        watch.add_rows([(2, ([1, 2],))])


def test_blocks_out_of_order_are_refused_once_rows_are_on_disk(tmp_path: Path) -> None:
    with KeyWatch(tmp_path, [pa.int64()], memory_bytes=0) as watch:
        watch.add(np.array([5]), [pa.array([1])])
        watch.add(np.array([4]), [pa.array([2])])  # of the same block
        watch.add(np.array([6]), [pa.array([3])])
        with pytest.raises(ValueError, match="row 5 was added after a later block"):
            watch.add(np.array([5]), [pa.array([1])])


def test_a_hopeless_table_is_known_early(tmp_path: Path) -> None:
    with KeyWatch(tmp_path, [pa.int64()]) as watch:
        watch.add(np.arange(2, 12), [pa.array([1, 1, 1, 2, 3, 4, 5, 6, 7, 8])])
        assert watch.early(2)
        assert watch.early(3)  # not looked at anew: ten rows more have to come
        watch.add(np.arange(12, 22), [pa.array(range(100, 110))])
        assert not watch.early(3)


def test_the_folder_is_left_as_it_was(tmp_path: Path) -> None:
    with KeyWatch(tmp_path, [pa.int64()], memory_bytes=0) as watch:
        for number in range(2, 6):
            watch.add(np.array([number]), [pa.array([1])])
        assert watch.count() == 3
    assert not list(tmp_path.iterdir())


def lanes(hasher: Hasher, column: Column) -> list[tuple[int, int]]:
    first, second, _ = hasher.prints([column])
    assert second is not None
    return list(zip(first.tolist(), second.tolist(), strict=True))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.none() | TEXTS, min_size=1, max_size=30), st.integers(0, 5))
def test_a_text_has_one_fingerprint_whatever_stands_beside_it(texts: list[str | None], cut: int) -> None:
    hasher = Hasher([pa.string()])
    column = pa.array(texts, pa.string())
    together = lanes(hasher, column)
    assert together == [lanes(hasher, pa.array([text], pa.string()))[0] for text in texts]
    assert together == lanes(hasher, column.dictionary_encode()) == lanes(hasher, list(texts))
    assert together[cut:] == lanes(hasher, column.slice(cut))
    assert len({first for first, _ in together}) == len(set(texts))


def test_lengths_around_a_word_and_around_the_longest_text_are_told_apart() -> None:
    texts = [letter * size for letter in "\0a" for size in (*range(1, 14), 1023, 1024, 1025, 1026)]
    first, second, sure = Hasher([pa.string()]).prints([pa.array(["", *texts])])
    assert sure
    assert second is not None
    assert len(set(first.tolist())) == len(set(second.tolist())) == len(texts) + 1

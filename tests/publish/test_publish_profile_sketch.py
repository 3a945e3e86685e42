"""The hash that never changes, and how well sketches tell which column's values another column has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import csv

from civicat.dataset import read_dataset
from civicat.publish.profile import Profiler, Sketch, containment, hashes, read_sketch
from civicat.publish.profile.sketch import HELD, Smallest
from civicat.sketches import KEPT

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
DATASETS = Path(__file__).resolve().parents[2] / "datasets"
_ALL = 2**64 - 1


def _mix(number: int) -> int:
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & _ALL
    number = (number ^ number >> 27) * 0x94D049BB133111EB & _ALL
    return number ^ number >> 31


def plain_hash(text: str) -> int:
    """The hash as docs/profile.md describes it, a text at a time."""
    data, factor = text.encode(), 0x9E3779B97F4A7C15
    found = _mix((len(data) + 1) * factor & _ALL)
    for place in range(0, len(data), 8):
        lane = data[place : place + 8] if place + 8 <= len(data) or len(data) < 8 else data[-8:]
        found = _mix((found * factor & _ALL) ^ int.from_bytes(lane, "little"))
    return found


# The first is the first number of SplitMix64 from 0, as its authors publish it.
KNOWN = {
    "": 0xE220A8397B1DCDAF,
    "1": 0x0B756AB07D65948E,
    "110": 0x9DB865862020A7DB,
    "0110": 0x83B9B570A79ED3C0,
    "12345678": 0xFF47C6652DC39291,
    "123456789": 0x86B0CFF6D14F8136,
    "北京市": 0x70C3DFDE7221BC51,
    "90001L6RWPGBY32Q8G": 0xAD1D9F5C2602E377,
}


@pytest.mark.parametrize("text", KNOWN, ids=[f"text-{place}" for place in range(len(KNOWN))])
def test_known_texts_have_the_hashes_that_they_have_for_ever(text: str) -> None:
    assert int(hashes(pa.array([text]))[0]) == KNOWN[text]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(texts=st.lists(st.text(max_size=40), min_size=1, max_size=40), begin=st.integers(0, 5))
def test_the_hash_is_that_of_its_description(texts: list[str], begin: int) -> None:
    clean = [text.encode("utf-8", "ignore").decode() for text in texts]
    assert hashes(pa.array(clean, pa.string()).slice(begin)).tolist() == [plain_hash(text) for text in clean[begin:]]


def test_texts_of_very_different_length_are_hashed_alike() -> None:
    texts = ["长" * size for size in (0, 1, 2, 3, 9, 200, 5_000, 1, 0, 3)] + ["x"] * 100
    assert hashes(pa.array(texts)).tolist() == [plain_hash(text) for text in texts]


def test_no_texts_have_no_hashes() -> None:
    assert hashes(pa.array([], pa.string())).tolist() == []


@pytest.mark.parametrize("count", [HELD - 1, HELD])
def test_distinct_values_are_exact_while_all_hashes_are_held(count: int) -> None:
    smallest = Smallest()
    for _ in range(2):
        smallest.add(hashes(pa.array([str(number) for number in range(count)])))
    found = smallest.distinct()
    assert found["exact"] is (count < HELD)
    assert found["value"] == pytest.approx(count, rel=0 if count < HELD else 0.05)


def test_hashes_are_spread_evenly() -> None:
    hashed = hashes(pa.array([f"{number:06}" for number in range(100_000)]))
    for shift in (60, 30, 0):
        counts = np.bincount(((hashed >> np.uint64(shift)) & np.uint64(15)).astype(int), minlength=16)
        assert abs(counts / 6_250 - 1).max() < 0.05


def _profile(table: pa.Table) -> dict[str, Any]:
    schema = {"fields": [{"name": name, "type": "any"} for name in table.schema.names]}
    package = {"name": "x", "resources": [{"name": "x", "path": "x.csv", "schema": schema}]}
    profiler = Profiler(table.schema, read_dataset(package, "x", "", Path()).resources[0], ())
    profiler.add(table)
    found: dict[str, Any] = json.loads(json.dumps(profiler.result()))
    return {one["name"]: one for one in found["columns"]}


def _sketch(values: pa.Array[Any]) -> Sketch:
    found = read_sketch(_profile(pa.table({"x": values}))["x"])
    assert found is not None
    return found


def test_a_number_and_its_text_meet_and_leading_zeros_part() -> None:
    numbers, texts = _sketch(pa.array([1, 110])), _sketch(pa.array(["1", "110"]))
    assert containment(numbers, texts) == (1.0, 2)
    assert containment(numbers, _sketch(pa.array(["01", "0110"]))) == (0.0, 2)


def test_a_date_and_its_text_meet() -> None:
    day = pa.array([17_897], pa.int32())
    assert containment(_sketch(day.view(pa.date32())), _sketch(pa.array(["2019-01-01"]))) == (1.0, 1)


def test_containment_is_not_symmetric() -> None:
    few, many = _sketch(pa.array(range(10))), _sketch(pa.array(range(5, 25)))
    assert containment(few, many) == (0.5, 10)
    assert containment(many, few) == (0.25, 20)


def test_no_answer_where_no_value_can_be_compared() -> None:
    few = [text for text in map(str, range(10)) if plain_hash(text) > 2**62][:3]
    many = _sketch(pa.array([f"x{number}" for number in range(60_000)]))
    assert containment(_sketch(pa.array(few)), many) == (None, 0)
    assert containment(Sketch(np.empty(0, np.uint64)), many) == (None, 0)


@pytest.mark.parametrize("rows", [1_000, 120_000])
@pytest.mark.parametrize(
    ("kind", "sketched"),
    [
        *((pa.int64(), True), (pa.int32(), True), (pa.string(), True), (pa.date32(), True)),
        *((pa.float64(), False), (pa.timestamp("us"), False), (pa.bool_(), False), (pa.time64("us"), False)),
        (pa.decimal128(18, 2), False),
    ],
    ids=str,
)
def test_only_columns_like_keys_have_a_sketch(kind: pa.DataType, sketched: bool, rows: int) -> None:  # noqa: FBT001 - a case
    numbers = pa.array(np.arange(rows) % 2 if pa.types.is_boolean(kind) else np.arange(rows))
    middle = pa.int32() if pa.types.is_date(kind) else pa.int64()
    wide = pa.decimal128(21, 2) if pa.types.is_decimal(kind) else kind
    column = _profile(pa.table({"x": numbers.cast(middle).cast(wide).cast(kind)}))["x"]
    assert ("sketch" in column) is sketched
    if sketched:
        assert len(column["sketch"]["data"]) <= 4 * (KEPT * 8 + 2) // 3 + 4


def test_prose_has_no_sketch_and_a_sketch_of_another_hash_is_not_read() -> None:
    assert "sketch" in _profile(pa.table({"x": ["字" * 40]}))["x"]
    assert "sketch" not in _profile(pa.table({"x": ["字" * 41]}))["x"]
    assert read_sketch({"sketch": {"hash": "another", "k": 1024, "data": ""}}) is None
    assert read_sketch({}) is None


def _read(file: Path) -> pa.Table:
    options = csv.ConvertOptions(strings_can_be_null=True, null_values=["", "NA"])
    return csv.read_csv(file, parse_options=csv.ParseOptions(newlines_in_values=True), convert_options=options)


def _pairs(tables: dict[str, pa.Table]) -> list[tuple[float, float | None, int, str, str]]:
    """Exact and estimated containment of each sketched column in each other one, and what it is told from."""
    found = {}
    for name, table in tables.items():
        for column, told in _profile(table).items():
            sketch = read_sketch(told)
            if sketch is not None and told["count"]:
                values = set(table[column].drop_null().cast(pa.string()).unique().to_pylist())
                found[f"{name}.{column}"] = sketch, values
    return [
        (len(mine & theirs) / len(mine), *containment(a, b), one, two)
        for one, (a, mine) in found.items()
        for two, (b, theirs) in found.items()
        if one != two
    ]


def _hold(pairs: list[tuple[float, float | None, int, str, str]]) -> None:
    """Whether no answer is given of nothing, and each error is within three standard ones of what it is told from."""
    for exact, estimate, sampled, one, two in pairs:
        assert (estimate is None) is (sampled == 0), (one, two)
        if estimate is not None and sampled >= 30:
            assert abs(estimate - exact) <= 0.05 + 1.5 / sampled**0.5, (one, two, exact, estimate, sampled)


DIVISIONS = {
    "cities.provinceCode": "provinces.code",
    "areas.provinceCode": "provinces.code",
    "areas.cityCode": "cities.code",
    "streets.areaCode": "areas.code",
    "streets.cityCode": "cities.code",
    "streets.provinceCode": "provinces.code",
    "villages.streetCode": "streets.code",
    "villages.areaCode": "areas.code",
    "villages.cityCode": "cities.code",
    "villages.provinceCode": "provinces.code",
}


def test_the_true_keys_of_chinese_divisions_are_found() -> None:
    folder = DATA / "china-division"
    if not folder.is_dir():
        pytest.skip("the data of Chinese divisions is not here")
    pairs = _pairs({file.stem: _read(file) for file in sorted(folder.glob("*.csv"))})
    _hold(pairs)
    keys = [pair for pair in pairs if DIVISIONS.get(pair[3]) == pair[4]]
    assert len(keys) == len(DIVISIONS)
    for exact, estimate, sampled, one, two in keys:
        assert estimate is not None, (one, two)
        assert abs(estimate - exact) <= 0.05, (one, two, exact, estimate, sampled)


TRUE_KEYS = {
    ("flights.carrier", "airlines.carrier"),
    ("flights.origin", "airports.code"),
    ("flights.dest", "airports.code"),
    ("airport-weather.origin", "airports.code"),
    ("routes.origin", "airports.code"),
    ("routes.destination", "airports.code"),
    ("bird-strikes.state", "states.code"),
}
FILES = ("bts/airlines", "bts/flights", "bts/routes", "faa/airports", "faa/bird-strikes", "noaa/airport-weather")


def test_the_true_keys_between_our_own_datasets_are_found() -> None:
    names = (*FILES, "us-census/states")
    files = {name.split("/")[1]: DATASETS / name / "data" / f"{name.split('/')[1]}.csv" for name in names}
    if not all(file.is_file() for file in files.values()):
        pytest.skip("the larger samples are not unpacked (make samples)")
    pairs = _pairs({name: _read(file) for name, file in files.items()})
    _hold(pairs)
    keys = [pair for pair in pairs if (pair[3], pair[4]) in TRUE_KEYS]
    assert len(keys) == len(TRUE_KEYS)
    for exact, estimate, sampled, one, two in keys:
        assert estimate is not None, (one, two)
        assert abs(estimate - exact) <= 0.05, (one, two, exact, estimate, sampled)

"""Each figure of a profile against an independent computation with Python and numpy on tables made at random."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from civicat.dataset import Resource, read_dataset
from civicat.publish.profile import Profiler
from civicat.publish.profile.profiler import BLOCK_ROWS
from civicat.spelling import spelled

SHARES = ("0.05", "0.25", "0.5", "0.75", "0.95")
ZONE = pa.timestamp("us", tz="UTC")
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - moments are counted from it, with a zone and without
_MOMENTS = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1))  # noqa: DTZ001 - as above


def _decimals(precision: int, scale: int) -> st.SearchStrategy[Decimal]:
    top = 10**precision - 1
    return st.integers(-top, top).map(lambda number: Decimal(number).scaleb(-scale))


VALUES: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "integer": (pa.int64(), st.integers(-(2**63), 2**63 - 1) | st.integers(-5, 5)),
    "year": (pa.int32(), st.integers(1800, 2100)),
    "double": (pa.float64(), st.floats(allow_nan=True, allow_infinity=True)),
    "tidy": (pa.float64(), st.integers(-1000, 1000).map(lambda number: number / 100)),
    "decimal": (pa.decimal128(9, 2), _decimals(9, 2)),
    "narrow": (pa.decimal128(18, 6), _decimals(18, 6)),
    "date": (pa.date32(), st.dates(dt.date(1600, 1, 1), dt.date(2200, 1, 1))),
    "moment": (ZONE, _MOMENTS),
    "local": (pa.timestamp("us"), _MOMENTS.map(lambda one: one.replace(microsecond=0))),
    "time": (pa.time64("us"), st.times()),
    "truth": (pa.bool_(), st.booleans()),
    "text": (pa.string(), st.text(st.sampled_from("abc北京 é0😀"), max_size=9)),
}
NUMBERS = [name for name in VALUES if name not in {"truth", "text"}]
_QUICK = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def resource(schema: pa.Schema, key: Iterable[str] = (), **fields: dict[str, Any]) -> Resource:
    listed = [{"name": name, "type": "any", **fields.get(name, {})} for name in schema.names]
    table = {"name": "counts", "path": "data.csv", "schema": {"fields": listed, "primaryKey": list(key)}}
    return read_dataset({"name": "counts", "resources": [table]}, "datapackage.yaml", "", Path()).resources[0]


def profile(table: pa.Table, *sizes: int, key: tuple[str, ...] = (), **fields: dict[str, Any]) -> dict[str, Any]:
    """The profile of a table that comes in chunks of the sizes given, the last of which goes on."""
    profiler = Profiler(table.schema, resource(table.schema, key, **fields), key)
    place, many = 0, list(sizes) or [BLOCK_ROWS]
    while place < table.num_rows:
        size = many.pop(0) if len(many) > 1 else many[0]
        profiler.add(table.slice(place, size))
        place += size
    found: dict[str, Any] = json.loads(json.dumps(profiler.result(), allow_nan=False))
    return found


def column(values: Iterable[Any], kind: pa.DataType, *sizes: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields, key
    table = pa.table({"x": pa.array(values, kind)})
    found: dict[str, Any] = profile(table, *sizes, **more)["columns"][0]
    return found


def spell(value: Any, kind: pa.DataType) -> str:  # noqa: ANN401 - a value of any type
    return str(spelled(pa.array([value], kind))[0].as_py())


def finite(values: Iterable[Any]) -> list[Any]:
    there = [value for value in values if value is not None]
    return sorted(value + 0.0 if isinstance(value, float) else value for value in there if _is_finite(value))


def _is_finite(value: object) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def _number(value: Any) -> float:  # noqa: ANN401 - a value of any type
    """What a deviation is measured in: the amount, days, or seconds."""
    match value:
        case dt.datetime():
            return (value.replace(tzinfo=None) - _EPOCH).total_seconds()
        case dt.date():
            return float(value.toordinal())
        case dt.time():
            return value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
        case _:
            return float(value)


@pytest.mark.parametrize("name", VALUES)
@_QUICK
@given(data=st.data())
def test_counts_bounds_and_top_are_those_of_a_plain_count(name: str, data: st.DataObject) -> None:
    kind, values = VALUES[name]
    cells = data.draw(st.lists(values | st.none(), max_size=60))
    found = column(cells, kind)
    there = [value for value in cells if value is not None]
    counted = Counter(spell(value, kind) for value in finite(cells))
    assert (found["count"], found["missing"]) == (len(there), len(cells) - len(there))
    assert found.get("not_finite", 0) == len(there) - sum(counted.values())
    assert found["distinct"] == {"value": len(counted), "exact": True}
    if not counted:
        assert "min" not in found
        return
    whole = finite(cells)
    assert (found["min"], found["max"]) == (spell(whole[0], kind), spell(whole[-1], kind))
    if "top" in found:
        top = found["top"]["values"]
        assert [one["count"] for one in top] == [count for _, count in counted.most_common(10)]
        assert all(counted[one["value"]] == one["count"] for one in top)
        assert found["top"]["exact"] is True
    else:
        assert len(counted) > 10
        assert max(counted.values()) == 1


@pytest.mark.parametrize("name", NUMBERS)
@_QUICK
@given(data=st.data())
def test_quantiles_and_histogram_are_those_of_the_sorted_values(name: str, data: st.DataObject) -> None:
    kind, values = VALUES[name]
    cells = data.draw(st.lists(values | st.none(), max_size=60))
    whole = finite(cells)
    found = column(cells, kind)
    if not whole:
        assert "quantiles" not in found
        return
    expected = {share: spell(whole[max(math.ceil(len(whole) * Decimal(share)), 1) - 1], kind) for share in SHARES}
    assert found["quantiles"] == {"exact": True, "values": expected}
    edges, counts = found["histogram"]["edges"], found["histogram"]["counts"]
    parse = _PARSE.get(name, Decimal)
    places = np.searchsorted([parse(edge) for edge in edges], [_comparable(value, name) for value in whole], "right")
    assert len(edges) == len(counts) + 1
    assert 1 <= len(counts) <= 20 or name == "double"
    assert [counts[place] for place in range(len(counts))] == [
        int((places == place + 1).sum()) for place in range(len(counts))
    ]


def _seconds(text: str) -> Decimal:
    hours, minutes, seconds = text.split(":")
    return Decimal(hours) * 3600 + Decimal(minutes) * 60 + Decimal(seconds)


_PARSE: dict[str, Callable[[str], Any]] = {
    "double": float,
    "tidy": float,
    "date": np.datetime64,
    "moment": lambda text: np.datetime64(text.removesuffix("Z"), "us"),
    "local": lambda text: np.datetime64(text.replace(" ", "T"), "us"),
    "time": _seconds,
}


def _comparable(value: Any, name: str) -> Any:  # noqa: ANN401 - a value of any type
    if name == "time":
        return _seconds(value.isoformat())
    return np.datetime64(value) if isinstance(value, dt.date) else value if isinstance(value, float) else Decimal(value)


_READ: dict[str, Callable[[str], Any]] = {"date": dt.date.fromisoformat, "time": dt.time.fromisoformat}


@pytest.mark.parametrize("name", [name for name in NUMBERS if name != "double"])
@_QUICK
@given(data=st.data())
def test_mean_and_deviation_are_those_of_numpy(name: str, data: st.DataObject) -> None:
    kind, values = VALUES[name]
    whole = finite(data.draw(st.lists(values, min_size=1, max_size=60)))
    found = column(whole, kind)
    numbers = np.array([_number(value) for value in whole])
    scale = max(abs(numbers).max(), 1.0)
    assert found["deviation"] == pytest.approx(numbers.std(), rel=1e-6, abs=scale * 1e-9)
    if isinstance(found["mean"], str):
        mean = _READ.get(name, dt.datetime.fromisoformat)(found["mean"])
        assert abs(_number(mean) - numbers.mean()) <= (0.5 if name == "date" else 0.51)
    else:
        assert found["mean"] == pytest.approx(numbers.mean(), rel=1e-6, abs=scale * 1e-9)


@_QUICK
@given(cells=st.lists(VALUES["text"][1], min_size=1, max_size=40))
def test_lengths_are_in_characters(cells: list[str]) -> None:
    sizes = [len(cell) for cell in cells]
    length = column(cells, pa.string())["length"]
    assert (length["min"], length["max"]) == (min(sizes), max(sizes))
    assert length["mean"] == pytest.approx(sum(sizes) / len(sizes), rel=1e-9)


@pytest.mark.parametrize("name", VALUES)
def test_empty_and_all_missing_columns_have_no_figures(name: str) -> None:
    kind = VALUES[name][0]
    nothing = {"distinct": {"value": 0, "exact": True}}
    assert column([], kind).items() >= {"count": 0, "missing": 0, **nothing}.items()
    found = column([None, None], kind)
    assert found.items() >= {"count": 0, "missing": 2, **nothing}.items()
    assert not {"min", "mean", "histogram", "top", "semantic", "sketch"} & found.keys() - {"sketch"}


def test_not_a_number_and_infinity_are_counted_apart() -> None:
    found = column([1.5, math.nan, math.inf, -math.inf, -0.0, 0.0, None], pa.float64())
    assert (found["count"], found["missing"], found["not_finite"]) == (6, 1, 3)
    assert (found["min"], found["max"]) == ("0", "1.5")
    assert found["distinct"]["value"] == 2
    assert found["mean"] == 0.5


def test_floating_numbers_too_large_to_be_summed_have_no_mean() -> None:
    found = column([1.7e308, 1.7e308, -1.7e308], pa.float64())
    assert found["max"] == "1.7e+308"
    assert "deviation" not in found
    assert sum(found["histogram"]["counts"]) == 3


def test_decimals_of_more_than_eighteen_digits_keep_their_bounds() -> None:
    cells = [Decimal("12345678901234567890.25"), Decimal("12345678901234567890.50"), None]
    found = column(cells, pa.decimal128(38, 2))
    assert found["near"] is True
    assert found["quantiles"]["exact"] is False  # the ranks are exact, and what stands at them is not
    assert (found["min"], found["max"]) == ("12345678901234567890.25", "12345678901234567890.50")
    assert found["distinct"] == {"value": 2, "exact": True}


def test_truths_are_counted() -> None:
    found = column([True, False, True, None], pa.bool_())
    assert found["top"] == {"exact": True, "values": [{"value": "true", "count": 2}, {"value": "false", "count": 1}]}
    assert (found["min"], found["max"], found["distinct"]["value"]) == ("false", "true", 2)


def _large(rows: int) -> pa.Table:
    random = np.random.default_rng(3)
    many = random.integers(0, 10**9, rows)
    return pa.table(
        {
            "number": pa.array(np.arange(rows)),
            "many": pa.array(many, mask=random.random(rows) < 0.1),
            "double": pa.array(random.normal(size=rows) * 1e3),
            "money": pa.array([Decimal(one) / 100 for one in many.tolist()], pa.decimal128(12, 2)),
            "moment": pa.array(many * 10**6, ZONE),
            "few": pa.array(many % 90),
            "name": pa.array([f"企业{one}号" for one in many.tolist()]),
            "often": pa.array([f"v{one % 60_000 if one % 3 else 7}" for one in many.tolist()]),
            "day": pa.array((many % 9_000).astype(np.int32), pa.int32()).view(pa.date32()),
        }
    )


@pytest.fixture(scope="module")
def large() -> pa.Table:
    """More rows than two blocks, and columns on both sides of the bound of exact figures."""
    return _large(2 * BLOCK_ROWS + 12_345)


@pytest.fixture(scope="module")
def told(large: pa.Table) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in profile(large, key=("number",))["columns"]}


def test_the_size_of_chunks_does_not_matter(large: pa.Table) -> None:
    expected = profile(large, key=("number",))
    assert profile(large, large.num_rows, key=("number",)) == expected
    assert profile(large, 1, 999, 49_001, 7_777, key=("number",)) == expected
    copied = pa.Table.from_batches(large.to_batches(max_chunksize=3_333))
    assert profile(copied, 60_000, key=("number",)) == expected


def test_the_number_of_threads_does_not_matter(large: pa.Table) -> None:
    threads = pa.cpu_count()
    try:
        pa.set_cpu_count(1)
        alone = json.dumps(profile(large))
        pa.set_cpu_count(4)
        assert json.dumps(profile(large)) == alone
    finally:
        pa.set_cpu_count(threads)


def test_a_key_has_as_many_values_as_rows(large: pa.Table, told: dict[str, dict[str, Any]]) -> None:
    assert told["number"]["key"] is True
    assert told["number"]["distinct"] == {"value": large.num_rows, "exact": True}


@pytest.mark.parametrize("name", ["many", "double", "money", "moment", "name", "often"])
def test_distinct_values_are_estimated_within_what_is_said(
    large: pa.Table, told: dict[str, dict[str, Any]], name: str
) -> None:
    exact = len(large[name].drop_null().unique())
    distinct = told[name]["distinct"]
    assert distinct["exact"] is False
    assert abs(distinct["value"] / exact - 1) <= distinct["error"]


@pytest.mark.parametrize("name", ["many", "double", "money", "moment"])
def test_quantiles_of_many_values_are_within_their_error(
    large: pa.Table, told: dict[str, dict[str, Any]], name: str
) -> None:
    plain = {"money": pa.float64(), "moment": pa.timestamp("us")}.get(name, large[name].type)
    ordered = np.sort(large[name].drop_null().cast(plain).to_numpy())
    quantiles = told[name]["quantiles"]
    assert quantiles["exact"] is False
    assert 0 < quantiles["error"] < 0.005
    for share, value in quantiles["values"].items():
        exact = np.array([value.removesuffix("Z")]).astype(ordered.dtype)[0]
        below = [np.searchsorted(ordered, exact, side) for side in ("left", "right")]
        assert (
            below[0] / len(ordered) - quantiles["error"] <= float(share) <= below[1] / len(ordered) + quantiles["error"]
        )


@pytest.mark.parametrize("name", ["number", "many", "double", "few", "day"])
def test_histograms_of_many_values_are_exact(large: pa.Table, told: dict[str, dict[str, Any]], name: str) -> None:
    values = large[name].drop_null().to_numpy()
    histogram = told[name]["histogram"]
    edges = np.array(histogram["edges"]).astype("M8[D]" if name == "day" else "f8")
    values = values.astype(edges.dtype)
    expected = np.diff(np.searchsorted(np.sort(values), edges))
    assert histogram["counts"] == expected.tolist()
    assert 8 <= len(expected) <= 20
    assert sum(histogram["counts"]) == len(values)


def test_frequent_values_among_many_are_told_with_their_error(large: pa.Table, told: dict[str, dict[str, Any]]) -> None:
    counted = Counter(large["often"].to_pylist())
    top = told["often"]["top"]
    assert top["exact"] is False
    assert top["values"][0]["value"] == "v7"
    for one in top["values"]:
        assert one["count"] <= counted[one["value"]] <= one["count"] + top["error"]
        assert one["count"] > top["error"]


def test_values_that_are_nearly_all_different_have_no_top(told: dict[str, dict[str, Any]]) -> None:
    assert "top" not in told["name"]
    assert "top" not in told["number"]


def test_bounds_and_lengths_of_many_texts(large: pa.Table, told: dict[str, dict[str, Any]]) -> None:
    names = large["name"].to_pylist()
    assert (told["name"]["min"], told["name"]["max"]) == (min(names), max(names))
    sizes = [len(name) for name in names]
    assert told["name"]["length"]["max"] == max(sizes)
    assert told["name"]["length"]["mean"] == pytest.approx(np.mean(sizes), rel=1e-9)


def test_sums_of_many_values_are_those_of_numpy(large: pa.Table, told: dict[str, dict[str, Any]]) -> None:
    values = large["many"].drop_null().to_numpy().astype("f8")
    assert told["many"]["mean"] == pytest.approx(values.mean(), rel=1e-9)
    assert told["many"]["deviation"] == pytest.approx(values.std(), rel=1e-9)


_LONG_AGO = -(10**15)


@pytest.mark.parametrize(
    ("values", "kind", "unit"),
    [
        (range(10**15, 10**15 + 150_000), pa.int64(), 1),
        (range(2**63 - 150_000, 2**63), pa.int64(), 1),
        ([*range(-(2**63), -(2**63) + 60_000), *range(2**63 - 60_000, 2**63)], pa.int64(), 1),
        ([*range(_LONG_AGO, _LONG_AGO + 70_000), *range(10**15, 10**15 + 70_000)], pa.int64(), 1),
        ([10**15 + place**2 % 977 for place in range(60_000)], pa.int64(), 1),
        ([1_700_000_000_000_000 + place * 3 for place in range(150_000)], pa.timestamp("us"), 10**6),
        ([1e15 + place for place in range(150_000)], pa.float64(), 1),
    ],
    ids=["offset", "the end", "both ends", "blocks apart", "few", "moments", "floating"],
)
def test_deviation_is_that_of_exact_fractions_far_from_zero(
    values: Sequence[float], kind: pa.DataType, unit: int
) -> None:
    exact = [Fraction(value) for value in values]
    mean = sum(exact) / len(exact)
    squares = sum((one - mean) ** 2 for one in exact) / len(exact)
    found = column(values, kind)
    assert found["deviation"] == float(f"{math.sqrt(squares) / unit:.10g}")
    if unit == 1:
        assert found["mean"] == pytest.approx(float(mean), abs=1e-9 * float(max(map(abs, exact))))


LATE, EARLY = 253402300800000000, -62135596800000000  # microseconds: where year 10000 and year 1 begin


@pytest.mark.parametrize(
    ("values", "kind", "first", "last"),
    [
        ([0, LATE - 10**6], ZONE, "", "9999-12-31T23:59:59.999999Z"),
        ([0, LATE - 1], pa.timestamp("us"), "", "9999-12-31T23:59:59.999999"),
        ([EARLY, 0], pa.timestamp("us"), "0001-01-01T00:00:00", ""),
        ([0, LATE // 86_400_000_000 - 1], pa.date32(), "", "9999-12-31"),
        ([EARLY // 86_400_000_000, 0], pa.date32(), "0001-01-01", ""),
    ],
    ids=["sentinel", "last", "first", "last day", "first day"],
)
def test_edges_of_times_are_within_the_years_that_have_a_spelling(
    values: list[int], kind: pa.DataType, first: str, last: str
) -> None:
    whole = pa.int32() if kind == pa.date32() else pa.int64()
    table = pa.table({"x": pa.array(values, whole).cast(kind)})
    found = profile(table)["columns"][0]["histogram"]
    assert sum(found["counts"]) == 2
    assert (found["counts"][0], found["counts"][-1]) == (1, 1)
    if first:
        assert found["edges"][0] == first
    if last:
        assert found["edges"][-1] == last
    for edge in found["edges"]:
        dt.datetime.fromisoformat(edge)


@pytest.mark.parametrize("value", [LATE, LATE + 10**9, EARLY - 1], ids=["at", "past", "before"])
def test_moments_beyond_those_years_are_counted_too(value: int) -> None:
    table = pa.table({"x": pa.array([0, value], pa.int64()).cast(ZONE)})
    found = profile(table)["columns"][0]
    assert (sum(found["histogram"]["counts"]), found["count"]) == (2, 2)


def test_a_table_of_one_block_is_told_exactly() -> None:
    values = np.arange(BLOCK_ROWS)[::-1].copy()
    assert column(values, pa.int64())["quantiles"]["exact"] is True
    assert column(np.arange(BLOCK_ROWS + 1), pa.int64())["quantiles"]["exact"] is False


def test_a_range_that_grows_merges_bins_and_counts_nothing_anew() -> None:
    values = np.concatenate([np.arange(BLOCK_ROWS), np.arange(BLOCK_ROWS) * 977 - 10**6, np.arange(BLOCK_ROWS) * 10**9])
    histogram = column(values, pa.int64())["histogram"]
    assert histogram["edges"][1] == "0"
    assert (
        histogram["counts"]
        == np.diff(np.searchsorted(np.sort(values), [int(one) for one in histogram["edges"]])).tolist()
    )


_SPREAD = np.random.default_rng(5)
EXTREMES: dict[str, tuple[pa.DataType, Any]] = {
    "all whole numbers": (pa.int64(), _SPREAD.integers(-(2**63), 2**63 - 1, 60_000)),
    "all powers": (pa.float64(), _SPREAD.normal(size=60_000) * 10.0 ** _SPREAD.integers(-300, 300, 60_000)),
    "the largest": (pa.float64(), _SPREAD.uniform(-1, 1, 60_000) * 1.79e308),
    "hairs apart": (pa.float64(), 1 + np.arange(60_000) * 2.0**-52),
    "rising": (pa.float64(), np.arange(160_000) * 0.1),
    "all years": (ZONE, np.sort(_SPREAD.integers(-62_135_596_800, 253_402_300_799, 60_000)) * 10**6),
    "microseconds": (ZONE, 10**15 + np.arange(160_000)),
    "times": (pa.time64("us"), _SPREAD.permutation(86_400_000_000 // 480_000 * np.arange(160_000) * 3)),
}


@pytest.mark.parametrize("name", EXTREMES)
def test_the_widest_and_the_narrowest_ranges_are_drawn_whole(name: str) -> None:
    kind, numbers = EXTREMES[name]
    cells = pa.array(numbers).cast(kind)
    found = column(cells, kind)
    histogram = found["histogram"]
    assert sum(histogram["counts"]) == len(cells)
    assert len(histogram["counts"]) <= 20
    assert found["quantiles"]["exact"] is False
    ordered = np.sort(numbers)
    texts = [spell(value, kind) for value in pa.array(ordered[[0, -1]]).cast(kind).to_pylist()]
    assert [found["min"], found["max"]] == texts
    if pa.types.is_floating(kind):
        expected = np.diff(np.searchsorted(ordered, np.array(histogram["edges"], "f8")))
        assert histogram["counts"][1:-1] == expected.tolist()[1:-1]  # the last edge may be beyond all floating numbers


def test_a_day_ends_at_24() -> None:
    found = column([dt.time(0, 30), dt.time(23, 59, 59, 999_999)], pa.time64("us"))
    assert (found["histogram"]["edges"][0], found["histogram"]["edges"][-1]) == ("00:00:00", "24:00:00")


def test_long_texts_are_quoted_shortened() -> None:
    found = column(["长" * 101, "长" * 100], pa.string())
    assert found["max"] == "长" * 100 + "…"
    assert found["min"] == "长" * 100
    assert "sketch" not in found


def test_geometries_are_boxed_and_counted_by_kind() -> None:
    shapely = pytest.importorskip("shapely")
    shapes = [shapely.Point(1, 2), None, shapely.LineString([(0, 0), (3, 5)]), shapely.Point(1, 2, 3)]
    wkb = [None if shape is None else shapely.to_wkb(shape, flavor="iso", output_dimension=3) for shape in shapes]
    corners = ("xmin", "ymin", "xmax", "ymax")
    boxes = [None if shape is None else dict(zip(corners, shape.bounds, strict=True)) for shape in shapes]
    box = pa.struct([(corner, pa.float64()) for corner in corners])
    table = pa.table({"geometry": pa.array(wkb, pa.binary()), "geometry_bbox": pa.array(boxes, box)})
    (found,) = profile(table)["columns"]
    assert (found["type"], found["count"], found["missing"]) == ("geometry", 3, 1)
    assert found["bbox"] == [0.0, 0.0, 3.0, 5.0]
    assert found["kinds"] == {"Point": 2, "LineString": 1}


def test_geojson_text_is_a_geometry_without_figures() -> None:
    found = column(['{"type":"Point"}', None], pa.string(), x={"type": "geojson"})
    assert found == {"name": "x", "type": "geometry", "count": 1, "missing": 1}


def test_a_column_of_another_type_is_only_counted() -> None:
    assert column([[1], None], pa.list_(pa.int64())) == {"name": "x", "type": "other", "count": 1, "missing": 1}

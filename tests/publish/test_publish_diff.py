"""The comparison itself: exact by value, whatever the types, the key, the order of the rows and their number."""

from __future__ import annotations

import csv
import itertools
import json
import random
import struct
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicat.errors import CivicatError, StoreError
from civicat.publish.diff import changes as changes_file
from civicat.publish.diff import compare, keyed
from civicat.publish.diff.model import Diff
from civicat.release import Release, read_release

pd: Any = pytest.importorskip("pandas")  # it ships no types
PROVINCES = Path(__file__).resolve().parents[2] / "../shared/data/covid-italy/dati-province"
DEPARTMENT = {
    "code": "transport",
    "title": {"zh": "交通局", "en": "Transport office"},
    "description": {"zh": "管理道路。", "en": "Looks after roads."},
    "url": "https://transport.example.org",
    "contact": {"title": {"zh": "数据台", "en": "Data desk"}, "email": "data@example.org"},
}
Tables = Mapping[str, pa.Table]
Fields = Mapping[str, Mapping[str, Any]]


def released(  # noqa: PLR0913 - what a release may be made of
    folder: Path,
    tables: Tables,
    key: Sequence[str] = (),
    *,
    version: str = "1.0.0",
    fields: Fields | None = None,
    parts: int = 1,
    group_rows: int = 50_000,
    dataset: str = "counters",
) -> Release:
    """A release of Parquet files in `folder/<version>`; `fields` adds to what the schema says of a column."""
    home = folder / version
    home.mkdir(parents=True)
    resources = [_resource(home, name, table, key, fields or {}, parts, group_rows) for name, table in tables.items()]
    ours = {"release": {"department": DEPARTMENT, "version": version, "inputs": "0" * 64}}
    descriptor = {"name": dataset, "title": "Counters", "resources": resources, "civicat": ours}
    return read_release(home, descriptor, {}, {})


def _resource(  # noqa: PLR0913, PLR0917 - what a release is made of
    home: Path, name: str, table: pa.Table, key: Sequence[str], fields: Fields, parts: int, group_rows: int
) -> dict[str, Any]:
    size = -(-table.num_rows // parts) or 1
    files = [f"{name}.{number:04}.parquet" for number in range(1, parts + 1)]
    for number, file in enumerate(files):
        pq.write_table(table.slice(number * size, size), home / file, row_group_size=group_rows)
    described = [
        {"name": column, "type": "any", "title": f"Title of {column}", **deepcopy(dict(fields.get(column, {})))}
        for column in table.column_names
        if not column.endswith("_bbox")
    ]
    listed = [
        {"path": file, "rows": pq.read_metadata(home / file).num_rows, "bytes": 1, "hash": "sha256:0"} for file in files
    ]
    schema = {"fields": described, "primaryKey": list(key)}
    return {"name": name, "path": files[0], "schema": schema, "civicat": {"parts": listed}}


def compared(
    folder: Path, old: pa.Table, new: pa.Table, key: Sequence[str] = (), fields: Fields | None = None
) -> tuple[Diff, list[dict[str, Any]]]:
    """Both tables as releases, their diff, and its changes."""
    was = released(folder, {"counters": old}, key)
    becomes = released(folder, {"counters": new}, key, version="1.1.0", fields=fields)
    diff = compare(was, becomes, folder / "scratch")
    return diff, changes(diff)


def changes(diff: Diff) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(diff.changes).to_pylist()
    return rows


def cells(rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in ("key", "kind", "column", "old", "new")) for row in rows]


# ---- what is told


def test_rows_added_removed_and_changed_are_told_by_key_in_the_order_of_key_and_columns(tmp_path: Path) -> None:
    old = pa.table({"id": ["a", "b", "c"], "n": [1, 2, 3], "m": [1.5, 2.5, None]})
    new = pa.table({"id": ["b", "c", "d"], "n": [5, 3, 4], "m": [2.25, 0.5, None]})
    diff, rows = compared(tmp_path, old, new, ["id"])
    assert cells(rows) == [
        ('["a"]', "removed", None, '{"id":"a","n":"1","m":"1.5"}', None),
        ('["b"]', "changed", "n", "2", "5"),
        ('["b"]', "changed", "m", "2.5", "2.25"),
        ('["c"]', "changed", "m", None, "0.5"),
        ('["d"]', "added", None, None, '{"id":"d","n":"4","m":null}'),
    ]
    table = diff.tables[0]
    assert (table.added, table.removed, table.changed, table.cells) == (1, 1, 2, 3)
    assert table.by_column == {"n": 1, "m": 2}
    assert (table.before, table.after, table.key) == (3, 3, ("id",))
    assert {row["resource"] for row in rows} == {"counters"}
    assert {row["rows"] for row in rows} == {1}


def test_equal_releases_differ_in_nothing(tmp_path: Path) -> None:
    table = pa.table({"id": [1, 2], "n": [None, 2]})
    diff, rows = compared(tmp_path, table, table, ["id"])
    assert diff.is_same
    assert rows == []
    assert pq.read_schema(diff.changes).names == changes_file.SCHEMA.names


def test_the_file_says_whose_changes_they_are(tmp_path: Path) -> None:
    diff, _ = compared(tmp_path, pa.table({"id": [1]}), pa.table({"id": [2]}), ["id"])
    about = json.loads(pq.read_schema(diff.changes).metadata[changes_file.METADATA.encode()])
    assert about == {"dataset": "transport/counters", "old": "1.0.0", "new": "1.1.0"}


def test_a_composite_key_and_rows_in_any_order(tmp_path: Path) -> None:
    old = pa.table({"b": ["x", "y", "x"], "a": [2, 1, 1], "n": [1, 2, 3]})
    new = pa.table({"b": ["y", "x", "x"], "a": [1, 1, 2], "n": [2, 3, 9]})
    diff, rows = compared(tmp_path, old, new, ["a", "b"])
    assert cells(rows) == [('["2","x"]', "changed", "n", "1", "9")]
    assert diff.tables[0].key == ("a", "b")


def test_a_missing_value_in_a_key_matches_a_missing_one(tmp_path: Path) -> None:
    old = pa.table({"a": [None, 1, None], "b": ["x", "x", None], "n": [1, 2, 3]})
    new = pa.table({"a": [1, None, None], "b": ["x", "x", None], "n": [2, 7, 3]})
    _, rows = compared(tmp_path, old, new, ["a", "b"])
    assert cells(rows) == [('[null,"x"]', "changed", "n", "1", "7")]


def test_nan_is_nan_and_zero_has_no_sign(tmp_path: Path) -> None:
    old = pa.table({"id": [1, 2, 3], "x": [float("nan"), 0.0, float("nan")]})
    new = pa.table({"id": [1, 2, 3], "x": [float("nan"), -0.0, 1.0]})
    _, rows = compared(tmp_path, old, new, ["id"])
    assert cells(rows) == [('["3"]', "changed", "x", "nan", "1")]


def _point(x: float, y: float) -> bytes:
    """WKB."""
    return struct.pack("<BIdd", 1, 1, x, y)


def test_columns_that_are_no_fields_are_left_out(tmp_path: Path) -> None:
    box, other = ([{"xmin": 1.0}, {"xmin": number}] for number in (2.0, 3.0))
    old, new = (pa.table({"id": [1, 2], "n": [1, 2], "geometry_bbox": boxes}) for boxes in (box, other))
    assert compared(tmp_path, old, new, ["id"])[1] == []


@pytest.mark.parametrize("is_told", [False, True], ids=["plain", "geoparquet"])
def test_geometries_are_compared_as_bytes_and_told_as_geojson(tmp_path: Path, *, is_told: bool) -> None:
    geo: dict[str, Any] = {"version": "1.1.0", "primary_column": "geometry"}
    geo |= {"columns": {"geometry": {"encoding": "WKB", "geometry_types": ["Point"]}}}
    metadata = {"geo": json.dumps(geo)} if is_told else None
    schema = pa.schema([("id", pa.int64()), ("geometry", pa.binary())], metadata=metadata)
    old, new = (
        pa.table({"id": [1, 2], "geometry": [one, _point(5, 6)]}, schema) for one in (_point(1, 2), _point(1, 3.5))
    )
    _, rows = compared(tmp_path, old, new, ["id"])
    points = [f'{{"type":"Point","coordinates":[1,{y}]}}' for y in ("2", "3.5")]
    assert cells(rows) == [('["1"]', "changed", "geometry", *points)]


def test_all_parts_of_a_table_and_names_with_signs_of_patterns_are_read(tmp_path: Path) -> None:
    old = pa.table({'it\'s "id"': range(10), "n": range(10)})
    new = pa.table({'it\'s "id"': range(10), "n": [*range(9), 99]})
    home = tmp_path / "it's [1] *?"
    was = released(home, {"counters": old}, old.column_names[:1], parts=3)
    becomes = released(home, {"counters": new}, old.column_names[:1], parts=2, version="1.0.1")
    assert cells(changes(compare(was, becomes, tmp_path / "scratch"))) == [('["9"]', "changed", "n", "9", "99")]


def test_folders_called_name_is_value_are_no_columns(tmp_path: Path) -> None:
    old = pa.table({"id": [1, 2], "count": [1, 2]})
    new = pa.table({"id": [1, 2, 3], "count": [1, 20, 3]})
    _, rows = compared(tmp_path / "dept=1" / "count=7" / "id=1", old, new, ["id"])
    assert cells(rows) == [
        ('["2"]', "changed", "count", "2", "20"),
        ('["3"]', "added", None, None, '{"id":"3","count":"3"}'),
    ]


@pytest.mark.parametrize("key", [["id"], ["ID", "id"], []], ids=["one", "both", "none"])
def test_names_that_only_capitals_tell_apart_are_two_columns(tmp_path: Path, key: list[str]) -> None:
    old = pa.table({"ID": [1, 1], "id": [1, 2], "a": ["x", "y"], "A": ["x", "y"], "p0": [1, 1]})
    new = old.set_column(3, "A", pa.array(["x", "z"]))
    if not key:
        _, rows = without_key(tmp_path, old, new)
        assert [json.loads(row["old"] or row["new"])["A"] for row in rows] == ["y", "z"]
        return
    _, rows = compared(tmp_path, old, new, key)
    assert [(row["column"], row["old"], row["new"]) for row in rows] == [("A", "y", "z")]


# ---- columns that are not what they were

_WHEN = datetime(2020, 3, 3, 17, tzinfo=UTC)
_Retyped: TypeAlias = tuple[str, "pa.Array[Any]", "pa.Array[Any]", list[bool]]
_RETYPED: list[_Retyped] = [
    (
        "whole to decimal",
        pa.array([1, 2, None, 2**62]),
        pa.array([Decimal("1.0"), Decimal("2.5"), None, Decimal(2**62)], pa.decimal128(38, 1)),
        [False, True, False, False],
    ),
    (
        "decimal to whole does not round",
        pa.array([Decimal("1.5"), Decimal("2.0"), Decimal("0.5")], pa.decimal128(9, 1)),
        pa.array([2, 2, 0]),
        [True, False, True],
    ),
    (
        "digits of a decimal",
        pa.array([Decimal("1.50"), Decimal("1.51"), None], pa.decimal128(9, 2)),
        pa.array([Decimal("1.5"), Decimal("1.5"), Decimal(0)], pa.decimal128(38, 1)),
        [False, True, True],
    ),
    (
        "decimal to floating",
        pa.array([Decimal("0.10"), Decimal("0.20"), Decimal("2.00")], pa.decimal128(9, 2)),
        pa.array([0.1, 0.200001, float("nan")]),
        [False, True, True],
    ),
    (
        "whole to floating past 2^53",
        pa.array([2**53 + 1, 2**53, 7]),
        pa.array([2.0**53, 2.0**53, 7.5]),
        [True, False, True],
    ),
    ("floating to whole does not round", pa.array([1.5, 2.0, float("inf")]), pa.array([2, 2, 2]), [True, False, True]),
    (
        "text to whole",
        pa.array(["1", "1.5", "n/a", "007", "2.0", None, "9007199254740993", "+4", ""]),
        pa.array([1, 2, None, 7, 2, None, 9007199254740992, 4, 0]),
        [False, True, True, False, False, False, True, False, True],
    ),
    (
        "text to decimal",
        pa.array(["1.5", "1.005", "1.50", "-2"]),
        pa.array([Decimal("1.50"), Decimal("1.01"), Decimal("1.50"), Decimal("-2.00")], pa.decimal128(9, 2)),
        [False, True, False, False],
    ),
    (
        "decimal of many digits to floating",
        pa.array([Decimal("0.1234567890123456"), Decimal("0.12345678901234561"), None], pa.decimal128(38, 25)),
        pa.array([0.1234567890123456, 0.1234567890123456, None]),
        [False, True, False],
    ),
    (
        "decimals that do not fit one another",
        pa.array([Decimal(10**37), Decimal(2), Decimal(10**27)], pa.decimal128(38, 0)),
        pa.array([Decimal("1.5"), Decimal(2), Decimal(10**27)], pa.decimal128(38, 10)),
        [True, False, False],
    ),
    (
        "decimals without a digit before the point",
        pa.array([Decimal("0.5"), Decimal("-0.25"), Decimal(0)], pa.decimal128(38, 38)),
        pa.array([Decimal("0.5"), Decimal("-0.25"), Decimal(1)], pa.decimal128(38, 2)),
        [False, False, True],
    ),
    (
        "whole past a decimal's digits",
        pa.array([2**62, 3]),
        pa.array([Decimal("1.5"), Decimal(3)], pa.decimal128(38, 25)),
        [True, False],
    ),
    ("text to floating", pa.array(["0.1", "1e3", "x"]), pa.array([0.1, 1000.0, 0.0]), [False, False, True]),
    (
        "text to floating past 2^53",
        pa.array(["9007199254740993", "9007199254740992", "nan", "-0"]),
        pa.array([2.0**53, 2.0**53, float("nan"), 0.0]),
        [True, False, False, False],
    ),
    (
        "text to date",
        pa.array(["2020-03-03", "2020-03-03 10:00:00", "3/3/2020"]),
        pa.array([date(2020, 3, 3)] * 3),
        [False, True, True],
    ),
    ("text to truth", pa.array(["true", "1", "false"]), pa.array([True, True, True]), [False, True, True]),
    ("text to time", pa.array(["10:00:00", "10:00"]), pa.array([time(10)] * 2, pa.time64("us")), [False, True]),
    (
        "text to moment",
        pa.array(["2020-03-03T17:00:00Z", "2020-03-03T18:00:00+01:00", "2020-03-03"]),
        pa.array([_WHEN] * 3, pa.timestamp("us", "UTC")),
        [False, False, True],
    ),
    (
        "date to moment",
        pa.array([date(2020, 3, 3)] * 2),
        pa.array([datetime(2020, 3, 3), datetime(2020, 3, 3, 10)], pa.timestamp("us")),  # noqa: DTZ001 - no zone
        [False, True],
    ),
    (
        "moment to one in UTC",
        pa.array([datetime(2020, 3, 3, 17)] * 2, pa.timestamp("us")),  # noqa: DTZ001 - no zone
        pa.array([_WHEN, _WHEN.replace(hour=16)], pa.timestamp("us", "UTC")),
        [False, True],
    ),
    (
        "text to geometry",
        pa.array(['{"type": "Point", "coordinates": [1, 2]}', '{"type":"Point","coordinates":[1,2]}', "nowhere", None]),
        pa.array([_point(1, 2), _point(1, 2.5), _point(1, 2), None]),
        [False, True, True, False],
    ),
    ("year to whole", pa.array([2020, 2021], pa.int32()), pa.array([2020, 2022]), [False, True]),
    ("truth to whole", pa.array([True, None]), pa.array([1, None]), [True, False]),
]


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("case", _RETYPED, ids=[case[0] for case in _RETYPED])
def test_a_retyped_column_is_compared_in_the_wider_type(tmp_path: Path, case: _Retyped, *, backwards: bool) -> None:
    _, was, becomes, differs = case
    first, second = (becomes, was) if backwards else (was, becomes)
    numbers = [str(number) for number in range(len(differs))]
    tables = [pa.table({"id": numbers, "x": one}) for one in (first, second)]
    _, rows = compared(tmp_path, tables[0], tables[1], ["id"])
    assert [row["key"] for row in rows] == [
        f'["{number}"]' for number, one in zip(numbers, differs, strict=True) if one
    ]


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("case", _RETYPED, ids=[case[0] for case in _RETYPED])
def test_rows_without_a_key_are_compared_as_cells_with_one_are(
    tmp_path: Path, case: _Retyped, *, backwards: bool
) -> None:
    """Each row has its number beside it; values are told as each side has them."""
    _, was, becomes, differs = case
    first, second = (becomes, was) if backwards else (was, becomes)
    numbers = [str(number) for number in range(len(differs))]
    tables = [pa.table({"id": numbers, "x": one}) for one in (first, second)]
    _, rows = without_key(tmp_path, tables[0], tables[1])
    found = {(row["kind"], *json.loads(row["old"] or row["new"]).values()) for row in rows}
    told = [zip(numbers, changes_file.spell(one).to_pylist(), differs, strict=True) for one in (first, second)]
    kinds = ("removed", "added")
    assert found == {
        (kind, number, x) for kind, side in zip(kinds, told, strict=True) for number, x, one in side if one
    }


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("case", _RETYPED, ids=[case[0] for case in _RETYPED])
def test_a_retyped_key_joins_the_same_values(tmp_path: Path, case: _Retyped, *, backwards: bool) -> None:
    _, was, becomes, differs = case
    first, second = (becomes, was) if backwards else (was, becomes)
    for number, one in enumerate(differs):
        tables = [pa.table({"k": side.slice(number, 1), "x": ["same"]}) for side in (first, second)]
        _, rows = compared(tmp_path / str(number), tables[0], tables[1], ["k"])
        assert sorted(row["kind"] for row in rows) == ["added", "removed"] * one


_KEYS_RETYPED: list[tuple[str, pa.Array[Any], pa.Array[Any], list[tuple[str, str]]]] = [
    (
        "whole to floating",
        pa.array([2**53, 2**53 + 1, 2, 10]),
        pa.array([2.0**53, 1.5, 2.0, 10.0]),
        [('["1.5"]', "added"), ('["9007199254740993"]', "removed")],
    ),
    (
        "decimal to floating",
        pa.array([Decimal("0.1"), Decimal("0.10000000000000000001")], pa.decimal128(30, 20)),
        pa.array([0.1, 0.3]),
        [('["0.10000000000000000001"]', "removed"), ('["0.3"]', "added")],
    ),
    (
        "decimals that do not fit one another",
        pa.array([Decimal(10**37), Decimal(2), Decimal(10)], pa.decimal128(38, 0)),
        pa.array([Decimal("1.5"), Decimal(2), Decimal(10)], pa.decimal128(38, 10)),
        [('["1.5000000000"]', "added"), ('["10000000000000000000000000000000000000"]', "removed")],
    ),
    ("text to whole", pa.array(["007", "10", "9"]), pa.array([7, 10, 8]), [('["8"]', "added"), ('["9"]', "removed")]),
]


@pytest.mark.parametrize("case", _KEYS_RETYPED, ids=[case[0] for case in _KEYS_RETYPED])
def test_a_retyped_key_keeps_rows_apart_in_the_order_of_its_numbers(
    tmp_path: Path, case: tuple[str, pa.Array[Any], pa.Array[Any], list[tuple[str, str]]]
) -> None:
    _, was, becomes, found = case
    old, new = (pa.table({"k": keys, "x": ["same"] * len(keys)}) for keys in (was, becomes))
    diff, rows = compared(tmp_path, old, new, ["k"])
    assert [(row["key"], row["kind"]) for row in rows] == found
    assert diff.tables[0].key == ("k",)


def test_texts_that_are_one_number_are_no_key_of_numbers(tmp_path: Path) -> None:
    old, new = pa.table({"k": ["01", "1", "2"], "x": ["a", "b", "c"]}), pa.table({"k": [1, 2], "x": ["b", "c"]})
    diff, rows = compared(tmp_path, old, new, ["k"])
    assert cells(rows) == [(None, "removed", None, '{"k":"01","x":"a"}', None)]
    assert diff.tables[0].key == ()


def test_a_renamed_column_is_one_column_in_both_directions(tmp_path: Path) -> None:
    old = pa.table({"id": [1, 2], "n": [1, 2]})
    new = pa.table({"code": [1, 2], "total": [1, 3]})
    renamed = {"code": {"civicat": {"renamed": "id"}}, "total": {"civicat": {"renamed": "n"}}}
    was = released(tmp_path, {"counters": old}, ["id"])
    becomes = released(tmp_path, {"counters": new}, ["code"], version="2.0.0", fields=renamed)
    forwards = compare(was, becomes, tmp_path / "scratch")
    assert cells(changes(forwards)) == [('["2"]', "changed", "total", "2", "3")]
    assert [change.kind for change in forwards.schema] == ["field-renamed", "field-renamed"]
    backwards = compare(becomes, was, tmp_path / "again")
    assert cells(changes(backwards)) == [('["2"]', "changed", "n", "3", "2")]


def test_columns_that_came_or_went_are_of_the_schema_and_stand_in_whole_rows_only(tmp_path: Path) -> None:
    old = pa.table({"id": [1, 2], "gone": ["x", "y"], "n": [1, 2]})
    new = pa.table({"id": [1, 3], "n": [1, 3], "came": ["u", "v"]})
    diff, rows = compared(tmp_path, old, new, ["id"])
    assert cells(rows) == [
        ('["2"]', "removed", None, '{"id":"2","gone":"y","n":"2"}', None),
        ('["3"]', "added", None, None, '{"id":"3","n":"3","came":"v"}'),
    ] or [json.loads(row["old"] or row["new"]) for row in rows] == [
        {"id": "2", "gone": "y", "n": "2"},
        {"id": "3", "n": "3", "came": "v"},
    ]
    assert {change.kind for change in diff.schema} == {"field-added", "field-removed"}


def test_another_key_is_used_where_it_is_unique_in_both_else_the_one_before(tmp_path: Path) -> None:
    old = pa.table({"a": [1, 1, 2], "b": [1, 2, 1], "n": [1, 2, 3]})
    new = pa.table({"a": [1, 2], "b": [1, 1], "n": [1, 4]})
    was = released(tmp_path, {"counters": old}, ["a", "b"])
    becomes = released(tmp_path, {"counters": new}, ["a"], version="2.0.0")
    assert compare(was, becomes, tmp_path / "s").tables[0].key == ("a", "b")  # a alone was not unique
    again = released(tmp_path, {"counters": old.slice(1)}, ["a", "b"], version="3.0.0")
    assert compare(again, becomes, tmp_path / "t").tables[0].key == ("a",)


def test_tables_that_only_one_release_has_are_of_the_schema(tmp_path: Path) -> None:
    one, two = pa.table({"id": [1]}), pa.table({"id": [2]})
    was = released(tmp_path, {"counters": one, "gone": one}, ["id"])
    becomes = released(tmp_path, {"came": two, "counters": two}, ["id"], version="2.0.0")
    diff = compare(was, becomes, tmp_path / "scratch")
    assert [table.resource for table in diff.tables] == ["counters"]
    assert {change.kind for change in diff.schema} == {"table-removed", "table-added"}


# ---- no key


def _numbered(table: pa.Table) -> pa.Table:
    return table.add_column(0, "row_number", pa.array(range(1, table.num_rows + 1)))


_GENERATED: Fields = {"row_number": {"type": "integer", "civicat": {"generated": True}}}


def without_key(folder: Path, old: pa.Table, new: pa.Table) -> tuple[Diff, list[dict[str, Any]]]:
    key = ["row_number"]
    was = released(folder, {"notes": _numbered(old)}, key, fields=_GENERATED)
    becomes = released(folder, {"notes": _numbered(new)}, key, version="1.1.0", fields=_GENERATED)
    diff = compare(was, becomes, folder / "scratch")
    return diff, changes(diff)


def test_rows_without_a_key_are_a_multiset(tmp_path: Path) -> None:
    old = pa.table({"note": ["x", "y", "y", None, "z"]})
    new = pa.table({"note": ["z", "y", None, None, None, "w"]})
    diff, rows = without_key(tmp_path, old, new)
    assert [(row["key"], row["kind"], row["old"], row["new"], row["rows"]) for row in rows] == [
        (None, "added", None, '{"note":"w"}', 1),
        (None, "removed", '{"note":"x"}', None, 1),
        (None, "removed", '{"note":"y"}', None, 1),
        (None, "added", None, '{"note":null}', 2),
    ]
    table = diff.tables[0]
    assert (table.added, table.removed, table.changed, table.cells, table.key) == (3, 2, 0, 0, ())


def test_rows_without_a_key_are_compared_by_value(tmp_path: Path) -> None:
    old = pa.table({"x": pa.array([Decimal("1.50"), Decimal("2.25")], pa.decimal128(9, 2)), "y": [0.0, float("nan")]})
    new = pa.table({"x": pa.array([Decimal("1.5"), Decimal("2.2")], pa.decimal128(9, 1)), "y": [-0.0, float("nan")]})
    _, rows = without_key(tmp_path, old, new)
    assert [(row["kind"], row["old"] or row["new"]) for row in rows] == [
        ("added", '{"x":"2.2","y":"nan"}'),
        ("removed", '{"x":"2.25","y":"nan"}'),
    ]


# ---- applied to the old table, the changes make the new one

_FIRST = datetime(2020, 1, 1)  # noqa: DTZ001 - the bounds of hypothesis bear no zone
_CELLS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "text": (pa.string(), st.text('ab"\\\n，', max_size=3)),
    "whole": (pa.int64(), st.integers(-3, 3)),
    "exact": (pa.decimal128(9, 2), st.decimals(-1, 1, places=2)),
    "near": (pa.float64(), st.floats(width=16).map(lambda value: value + 0.0)),
    "truth": (pa.bool_(), st.booleans()),
    "day": (pa.date32(), st.dates(date(2020, 1, 1), date(2020, 1, 3))),
    "moment": (pa.timestamp("us", "UTC"), st.datetimes(_FIRST, _FIRST.replace(day=2), timezones=st.just(UTC))),
    "clock": (pa.time64("us"), st.sampled_from([time(1), time(1, 2, 3, 4), time(1, 2, 3, 400_000)])),
    "place": (pa.binary(), st.sampled_from([_point(1, 2), _point(1, 2.5), _point(-3, 0)])),
}
_SCHEMA = pa.schema([(name, kind) for name, (kind, _) in _CELLS.items()])
_KEYS = st.sampled_from([("whole",), ("text",), ("day", "whole"), ("text", "exact", "truth"), ("moment", "clock")])


def _rows() -> st.SearchStrategy[list[dict[str, Any]]]:
    row = st.fixed_dictionaries({name: st.none() | one for name, (_, one) in _CELLS.items()})
    return st.lists(row, max_size=12)


def _spelled(table: pa.Table) -> list[tuple[str | None, ...]]:
    columns = [changes_file.spell(table[name].combine_chunks()).to_pylist() for name in table.column_names]
    return list(zip(*columns, strict=True))


def _unique(rows: Sequence[dict[str, Any]], key: Sequence[str]) -> pa.Table:
    kept = {tuple(row[name] for name in key): row for row in rows}
    return pa.Table.from_pylist(list(kept.values()), _SCHEMA)


def applied(old: pa.Table, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[tuple[str | None, ...]]:
    """What somebody who has the old table does with the changes, in text alone."""
    names = old.column_names
    at = [names.index(name) for name in key]
    table = {json.dumps([row[place] for place in at]): list(row) for row in _spelled(old)}
    for change in rows:
        which = json.dumps(json.loads(change["key"]))
        match change["kind"]:
            case "removed":
                assert dict(zip(names, table.pop(which), strict=True)) == json.loads(change["old"])
            case "added":
                assert which not in table
                table[which] = [json.loads(change["new"])[name] for name in names]
            case _:
                place = names.index(change["column"])
                assert table[which][place] == change["old"]
                table[which][place] = change["new"]
    return [tuple(row) for row in table.values()]


def _sorted(rows: Sequence[tuple[str | None, ...]]) -> list[str]:
    return sorted(map(repr, rows))


@given(old=_rows(), new=_rows(), key=_KEYS)
@settings(max_examples=60, deadline=None)
def test_the_changes_make_the_new_table_from_the_old_one(
    tmp_path_factory: pytest.TempPathFactory, old: list[dict[str, Any]], new: list[dict[str, Any]], key: tuple[str, ...]
) -> None:
    was, becomes = _unique(old, key), _unique(new, key)
    diff, rows = compared(tmp_path_factory.mktemp("diff"), was, becomes, key)
    assert _sorted(applied(was, key, rows)) == _sorted(_spelled(becomes))
    table = diff.tables[0]
    assert table.before - table.removed + table.added == table.after
    assert table.cells == sum(row["kind"] == "changed" for row in rows) == sum(table.by_column.values())


@given(old=_rows(), new=_rows())
@settings(max_examples=30, deadline=None)
def test_the_changes_of_rows_without_a_key_make_the_new_table_too(
    tmp_path_factory: pytest.TempPathFactory, old: list[dict[str, Any]], new: list[dict[str, Any]]
) -> None:
    was, becomes = (pa.Table.from_pylist(rows, _SCHEMA) for rows in (old, new))
    _, rows = without_key(tmp_path_factory.mktemp("diff"), was, becomes)
    left = _spelled(was)
    for change in rows:
        row = tuple(json.loads(change["old"] or change["new"]).values())
        for _ in range(change["rows"]):
            left.append(row) if change["kind"] == "added" else left.remove(row)
    assert _sorted(left) == _sorted(_spelled(becomes))


# ---- parts, bytes


def _many(rows: int, seed: int) -> pa.Table:
    """Sorted by a key of two columns, of which the first repeats; the greatest keys have none of it."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    keys = sorted({(number // 3, number % 3) for number in dice.sample(range(2 * rows), rows)})
    return pa.table(
        {
            "a": pa.array([None if a > 2 * rows // 3 - 5 else a for a, _ in keys], pa.int64()),
            "b": [f"{a}-{b}" for a, b in keys],
            "n": [dice.randrange(3) for _ in keys],
        }
    )


@pytest.mark.parametrize("part", [40, 99, 100, 101, 10_000])
def test_parts_of_the_key_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    old, new = _many(500, 1), _many(520, 2)
    was = released(tmp_path, {"counters": old}, ["a", "b"], group_rows=20, parts=2)
    becomes = released(tmp_path, {"counters": new}, ["a", "b"], group_rows=30, version="1.1.0")
    whole = compare(was, becomes, tmp_path / "whole")
    monkeypatch.setattr(keyed, "PART_ROWS", part)
    diff = compare(was, becomes, tmp_path / "parts")
    assert diff.changes.read_bytes() == whole.changes.read_bytes()
    assert _sorted(applied(old, ["a", "b"], changes(diff))) == _sorted(_spelled(new))


@pytest.mark.parametrize("part", [40, 10_000])
def test_rows_of_both_are_counted_in_parts_of_the_key_within_the_dates_of_the_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(keyed, "PART_ROWS", part)
    keys = [(date(2020, 1 + month, day), place) for month in range(6) for day in range(1, 29) for place in "abc"]
    days, places = zip(*keys, strict=True)
    old = pa.table({"day": days, "place": places, "n": pa.repeat(1, len(keys))})
    more = pa.table({"day": [date(2020, 3, 5)], "place": ["d"], "n": [1]})
    changed = {(date(2020, 2, 27), "a"), (date(2020, 4, 2), "b")}
    now = pa.array([2 if key in changed else 1 for key in keys])
    new = pa.concat_tables([old.set_column(2, "n", now), more]).sort_by([("day", "ascending"), ("place", "ascending")])
    dates: Fields = {"day": {"type": "date"}}
    was = released(tmp_path, {"counters": old}, ["day", "place"], group_rows=20, fields=dates)
    becomes = released(
        tmp_path, {"counters": new}, ["day", "place"], group_rows=30, fields=dates, version="1.1.0", parts=2
    )
    table = compare(was, becomes, tmp_path / "scratch").tables[0]
    assert (table.changed, table.added, table.ranged) == (2, 1, "day")
    assert table.peers == 3 * (2 + 28 + 2)


def test_the_same_releases_give_the_same_bytes_in_another_place(tmp_path: Path) -> None:
    old, new = _many(3000, 1), _many(3000, 2)
    first, second = (compared(tmp_path / name, old, new, ["a", "b"])[0] for name in ("here", "elsewhere"))
    assert first.changes.read_bytes() == second.changes.read_bytes()


def test_row_groups_are_cut_at_the_same_rows_whatever_the_batches(tmp_path: Path) -> None:
    old = pa.table({"id": range(60_000), "n": pa.repeat(1, 60_000)})
    new = pa.table({"id": range(60_000), "n": pa.repeat(2, 60_000)})
    diff, _ = compared(tmp_path, old, new, ["id"])
    metadata = pq.read_metadata(diff.changes)
    assert [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)] == [50_000, 10_000]


# ---- what cannot be compared


def test_two_datasets_are_refused(tmp_path: Path) -> None:
    table = {"counters": pa.table({"id": [1]})}
    one, two = (released(tmp_path / name, table, ["id"], dataset=name) for name in ("counters", "lamps"))
    with pytest.raises(CivicatError) as caught:
        compare(one, two, tmp_path / "scratch")
    assert caught.value.message.en == (
        "transport/counters and transport/lamps are two datasets. Only versions of one dataset are compared. "
        "Name two versions of the same dataset."
    )
    assert caught.value.message.zh.startswith("transport/counters 与 transport/lamps 是两个数据集")
    assert not (tmp_path / "scratch").exists()


@pytest.mark.parametrize("side", ["1.0.0", "1.1.0"])
def test_a_key_that_is_not_unique_is_refused_with_the_first_that_repeats(tmp_path: Path, side: str) -> None:
    good = pa.table({"a": [1, 1, 2], "b": ["x", "y", "x"], "n": [1, 2, 3]})
    bad = pa.table({"a": [2, 1, 2, 1], "b": ["x", "z", "x", "z"], "n": [1, 2, 3, 4]})
    with pytest.raises(CivicatError) as caught:
        compared(tmp_path, *((bad, good) if side == "1.0.0" else (good, bad)), ["a", "b"])
    assert caught.value.message.en == (
        f"The key of counters {side} is not unique: more than one row has a = 1, b = z. Rows cannot be told apart. "
        "Correct the rows that repeat, or name another key."
    )
    assert caught.value.message.zh.startswith(f"counters {side} 的主键不唯一：a = 1, b = z 不止一行")
    assert not (tmp_path / "scratch/diff.parquet").exists()


def test_a_missing_key_that_repeats_is_not_unique(tmp_path: Path) -> None:
    bad = pa.table({"a": pa.array([None, None, 1]), "n": [1, 2, 3]})
    with pytest.raises(CivicatError, match="more than one row has a = None"):
        compared(tmp_path, bad, bad, ["a"])


@pytest.mark.parametrize("at", [0, 30, -20], ids=["magic", "page", "footer"])
def test_a_damaged_file_is_one_line(tmp_path: Path, at: int) -> None:
    table = pa.table({"id": range(1000), "n": [str(number) for number in range(1000)]})
    was = released(tmp_path, {"counters": table}, ["id"])
    becomes = released(tmp_path, {"counters": table}, ["id"], version="1.1.0")
    content = bytearray(becomes.tables[0].path.read_bytes())
    content[at : at + 8 or None] = b"\xff" * len(content[at : at + 8 or None])
    becomes.tables[0].path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        compare(was, becomes, tmp_path / "scratch")
    assert "civicat verify" in caught.value.message.zh
    assert "civicat verify" in caught.value.message.en
    assert not (tmp_path / "scratch/diff.parquet").exists()


# ---- the provinces of Italy, day by day


def _day(file: Path) -> pa.Table:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    kinds: dict[str, Callable[[str], object]] = {"totale_casi": int, "lat": Decimal, "long": Decimal}
    kinds |= {"data": datetime.fromisoformat}
    typed = [{name: kinds.get(name, str)(text) if text else None for name, text in row.items()} for row in rows]
    schema = {"totale_casi": pa.int64(), "lat": pa.decimal128(38, 20), "long": pa.decimal128(38, 20)}
    schema |= {"data": pa.timestamp("us")}
    return pa.Table.from_pylist(typed, pa.schema([(name, schema.get(name, pa.string())) for name in rows[0]]))


def _by_pandas(old: Path, new: Path) -> tuple[set[str], set[str], set[tuple[str, str]]]:
    """Keys added, keys removed, and cells changed, from the files as they were handed in."""
    was, becomes = (
        pd.read_csv(file, dtype=str, keep_default_na=False).set_index("codice_provincia") for file in (old, new)
    )
    both = was.index.intersection(becomes.index)
    a, b = was.loc[both].copy(), becomes.loc[both].copy()
    for name in ("lat", "long", "totale_casi"):
        a[name], b[name] = pd.to_numeric(a[name]), pd.to_numeric(b[name])
    differ = (a != b[a.columns]) & ~(a.isna() & b[a.columns].isna())
    found = {(code, name) for name in differ.columns for code in differ.index[differ[name]]}
    return set(becomes.index) - set(was.index), set(was.index) - set(becomes.index), found


@pytest.mark.skipif(not PROVINCES.is_dir(), reason="the daily files of Italy's provinces are not on this machine")
def test_thirty_days_of_italy_are_what_pandas_finds(tmp_path: Path) -> None:
    days = sorted(PROVINCES.glob("*.csv"))
    releases = [
        released(tmp_path, {"counters": _day(file)}, ["codice_provincia"], version=f"2020.3.{number}")
        for number, file in enumerate(days, 1)
    ]
    assert len(days) == 31
    total = 0
    for (old_file, old), (new_file, new) in itertools.pairwise(zip(days, releases, strict=True)):
        diff = compare(old, new, tmp_path / f"{new.version}-diff")
        added, removed, cells_changed = _by_pandas(old_file, new_file)
        rows = changes(diff)
        found = {
            kind: [(json.loads(row["key"])[0], row["column"]) for row in rows if row["kind"] == kind]
            for kind in ("added", "removed", "changed")
        }
        assert {key for key, _ in found["added"]} == added
        assert {key for key, _ in found["removed"]} == removed
        assert len(found["changed"]) == len(cells_changed)
        assert set(found["changed"]) == cells_changed
        assert diff.tables[0].changed == len({key for key, _ in cells_changed})
        total += len(cells_changed)
    assert total > 0


# ---- what the page of documentation promises


def test_the_code_of_the_documentation_makes_the_new_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/diff.md").read_text("utf-8")
    code = page.split("```python\n")[1].split("```")[0].replace("{...}", "dict(before)")
    old, new = _many(60, 1), _many(60, 2)
    diff, _ = compared(tmp_path, old, new, ["a", "b"])
    changes_file.write_changes(diff, tmp_path / "changes.parquet")
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {"before": _by_key(old)}
    exec(code, found)  # noqa: S102 - our own page
    assert found["table"] == _by_key(new)


def _by_key(table: pa.Table) -> dict[str, dict[str, str | None]]:
    named = [dict(zip(table.column_names, row, strict=True)) for row in _spelled(table)]
    return {json.dumps([row["a"], row["b"]], separators=(",", ":")): row for row in named}

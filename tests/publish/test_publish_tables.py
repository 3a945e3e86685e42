from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from civicat.publish import tables
from civicat.publish.tables import Ordered, in_order

if TYPE_CHECKING:
    from tests.publish.conftest import Desk


def _read(ordered: Ordered) -> pa.Table:
    return pa.Table.from_batches(ordered.batches(), ordered.schema)


def _shuffled(table: pa.Table) -> pa.Table:
    order = list(range(table.num_rows))
    random.Random(7).shuffle(order)  # noqa: S311 - any order will do, the same each time
    return table.take(order)


def test_a_sorted_table_is_passed_on_as_it_is(desk: Desk, tmp_path: Path) -> None:
    rows = desk.rows(desk.counters(range(100)), ["编号"], batch=7)

    assert in_order(rows, tmp_path).batches == rows.batches


@pytest.mark.parametrize("in_memory", [tables.IN_MEMORY_BYTES, 100], ids=["in memory", "on disk"])
def test_a_shuffled_table_is_sorted_with_its_types(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int
) -> None:
    monkeypatch.setattr(tables, "IN_MEMORY_BYTES", in_memory)
    expected = desk.counters(range(300))

    ordered = in_order(desk.rows(_shuffled(expected), ["编号"], batch=64), tmp_path)

    assert _read(ordered).equals(expected)
    assert _read(ordered).equals(expected), "a second reading begins at the first row again"


@pytest.mark.parametrize("batch", [1, 2, 3, 100])
def test_order_is_seen_across_batches(desk: Desk, tmp_path: Path, batch: int) -> None:
    rows = desk.rows(pa.table({"id": [1, 2, 4, 3, 5]}), ["id"], batch)

    assert _read(in_order(rows, tmp_path))["id"].to_pylist() == [1, 2, 3, 4, 5]


def test_keys_of_several_columns_sort_by_the_first_one_first(desk: Desk, tmp_path: Path) -> None:
    table = pa.table({"b": [2, 1, 1, 2], "a": ["乙", "乙", "é", "a"]})

    ordered = in_order(desk.rows(table, ["a", "b"]), tmp_path)

    # Texts sort by their bytes, as DuckDB and the statistics of a Parquet file have it.
    assert _read(ordered).to_pylist() == [
        {"b": 2, "a": "a"},
        {"b": 1, "a": "é"},
        {"b": 1, "a": "乙"},
        {"b": 2, "a": "乙"},
    ]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([False, True], pa.bool_()),
        (["a", "b"], pa.string()),
        ([Decimal("1.10"), Decimal("1.20")], pa.decimal128(18, 2)),
        ([0, 86_400_000_000], pa.timestamp("us", "UTC")),
        ([0, 1], pa.date32()),
        ([0, 1], pa.time64("us")),
        ([2019, 2020], pa.int32()),
    ],
    ids=str,
)
def test_every_type_can_be_a_key(desk: Desk, tmp_path: Path, values: list[object], kind: pa.DataType) -> None:
    expected = pa.table({"id": pa.array(values, kind)})
    backwards = expected.take([1, 0])

    assert _read(in_order(desk.rows(backwards, ["id"]), tmp_path)).equals(expected)


def test_rows_without_a_key_are_numbered_in_source_order(desk: Desk, tmp_path: Path) -> None:
    ordered = in_order(desk.rows(pa.table({"name": ["c", "a", "b"]}), batch=2), tmp_path)

    assert ordered.key == ("row_number",)
    assert _read(ordered).to_pylist() == [
        {"row_number": 1, "name": "c"},
        {"row_number": 2, "name": "a"},
        {"row_number": 3, "name": "b"},
    ]


def test_a_column_called_row_number_keeps_its_name(desk: Desk, tmp_path: Path) -> None:
    ordered = in_order(desk.rows(pa.table({"row_number": ["x"]})), tmp_path)

    assert _read(ordered).to_pylist() == [{"_row_number": 1, "row_number": "x"}]


def test_an_empty_table_stays_empty(desk: Desk, tmp_path: Path) -> None:
    empty = desk.counters([])

    assert _read(in_order(desk.rows(empty, ["编号"]), tmp_path)).equals(empty)
    assert _read(in_order(desk.rows(desk.notes()), tmp_path)).num_rows == 0


def test_a_row_number_is_no_other_columns_name_in_other_letters(desk: Desk, tmp_path: Path) -> None:
    ordered = in_order(desk.rows(pa.table({"Row_Number": ["x"]})), tmp_path)
    assert ordered.key == ("_row_number",)


def test_rows_with_a_missing_part_of_their_key_are_sorted_too(desk: Desk, tmp_path: Path) -> None:
    rows = pa.table({"id": [1, 1, 1], "b": pa.array([5, None, 3], pa.int64())})
    ordered = in_order(desk.rows(rows, ["id", "b"]), tmp_path)
    assert [row["b"] for row in _read(ordered).to_pylist()] == [3, 5, None]


@pytest.mark.parametrize("batch", [1, 7, 64])
@pytest.mark.parametrize("seed", range(5))
def test_files_of_sorted_rows_are_merged_whatever_they_hold(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, batch: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - as above
    keys = list({(chance.randrange(5), chance.choice([None, chance.randrange(200)])) for _ in range(400)})
    chance.shuffle(keys)
    keys = sorted(keys[:100], key=str) + keys[100:]  # some files follow each other, others overlap
    table = pa.table({"a": [a for a, _ in keys], "b": pa.array([b for _, b in keys], pa.int64())})
    table = table.append_column("text", pa.array([f"{a}/{b}" * chance.randrange(9) for a, b in keys]))
    monkeypatch.setattr(tables, "IN_MEMORY_BYTES", chance.choice([1, 500, 2000]))
    monkeypatch.setattr(tables, "_MERGED_BYTES", chance.choice([1, 100, 400]))

    ordered = in_order(desk.rows(table, ["a", "b"], batch), tmp_path)

    assert _read(ordered).equals(table.sort_by([("a", "ascending"), ("b", "ascending")]))
    assert _read(ordered).num_rows == len(keys), "a second reading begins at the first row again"

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat.publish import parquet
from civicat.publish.tables import in_order

if TYPE_CHECKING:
    from tests.publish.conftest import Desk


def _write(desk: Desk, table: pa.Table, place: Path, key: tuple[str, ...] = (), batch: int = 1000) -> Path:
    file = place / f"{batch}.parquet"
    ordered = in_order(desk.rows(table, key, batch), place)
    assert parquet.write(file, ordered, ordered.schema) == table.num_rows
    return file


def _columns(file: Path) -> dict[str, Any]:
    group = pq.ParquetFile(file).metadata.row_group(0)
    return {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}


def test_pyarrow_reads_back_every_cell(desk: Desk) -> None:
    table = desk.counters(range(1, 200))
    release = desk.publish(tables=(table, desk.notes("静", None, "")))

    assert pq.read_table(release.tables[0].path, page_checksum_verification=True).equals(table)
    assert pq.read_table(release.tables[1].path)["note"].to_pylist() == ["静", None, ""]


def test_duckdb_reads_back_every_cell(desk: Desk) -> None:
    table = desk.counters(range(1, 200))
    release = desk.publish(tables=(table, desk.notes("静")))

    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        read = connection.read_parquet(str(release.tables[0].path)).to_arrow_table()

    # DuckDB calls UTC by its long name.
    assert [str(kind).replace("Etc/", "") for kind in read.schema.types] == [str(kind) for kind in table.schema.types]
    assert read.cast(table.schema).equals(table)


def test_a_cell_is_found_through_duckdb_by_a_chinese_column(desk: Desk) -> None:
    path = desk.publish().tables[0].path

    with duckdb.connect() as connection:
        found = connection.execute(
            """select "name.en", share::varchar from read_parquet(?) where 编号 = 9""", [str(path)]
        ).fetchall()

    assert found == [("桥9", "2.25")]


@pytest.mark.parametrize("batch", [997, 50_000, 120_001])
def test_row_groups_hold_exactly_fifty_thousand_rows(desk: Desk, tmp_path: Path, batch: int) -> None:
    file = _write(desk, pa.table({"id": range(120_001)}), tmp_path, ("id",), batch)

    metadata = pq.ParquetFile(file).metadata
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [50_000, 50_000, 20_001]


def test_how_the_rows_were_batched_does_not_change_a_byte(desk: Desk, tmp_path: Path) -> None:
    table = pa.table({"id": range(60_000), "text": [f"街道{n}" if n % 5 else None for n in range(60_000)]})

    files = [_write(desk, table, tmp_path, ("id",), batch) for batch in (101, 49_999, 60_000)]

    assert len({file.read_bytes() for file in files}) == 1


def test_the_file_says_how_it_is_sorted_and_guards_its_pages(desk: Desk, tmp_path: Path) -> None:
    file = _write(desk, pa.table({"n": [5, 6], "id": [1, 2]}), tmp_path, ("id",))

    metadata = pq.ParquetFile(file).metadata
    assert metadata.row_group(0).sorting_columns == (pq.SortingColumn(1),)
    assert {column.compression for column in _columns(file).values()} == {"ZSTD"}
    assert all(column.has_offset_index and column.has_column_index for column in _columns(file).values())


def test_a_flipped_bit_is_noticed_by_the_page_checksum(desk: Desk) -> None:
    path = desk.publish(tables=(desk.counters(range(2000)), desk.notes("静"))).tables[0].path
    damaged = bytearray(path.read_bytes())
    column = _columns(path)["编号"]
    damaged[column.data_page_offset + column.total_compressed_size - 1] ^= 1

    with pytest.raises(OSError, match="CRC checksum verification failed"):
        pq.read_table(pa.BufferReader(bytes(damaged)), page_checksum_verification=True)


def test_a_dictionary_is_for_columns_of_few_values_only(desk: Desk, tmp_path: Path) -> None:
    few, many = parquet.DICTIONARY_VALUES, parquet.DICTIONARY_VALUES + 1
    rows = 2 * many
    table = pa.table(
        {
            "id": range(rows),
            "few": [f"{n % few}" for n in range(rows)],
            "many": [f"{n % many}" for n in range(rows)],
            "flag": [n % 2 == 0 for n in range(rows)],
        }
    )

    encodings = {name: set(one.encodings) for name, one in _columns(_write(desk, table, tmp_path, ("id",))).items()}

    assert "RLE_DICTIONARY" in encodings["few"]
    assert encodings["many"] == {"DELTA_LENGTH_BYTE_ARRAY", "RLE"}
    assert encodings["id"] == {"DELTA_BINARY_PACKED", "RLE"}
    assert "RLE_DICTIONARY" not in encodings["flag"]


def test_a_key_of_a_small_table_gets_no_dictionary(desk: Desk, tmp_path: Path) -> None:
    table = pa.table({"id": [f"{n:04}" for n in range(60)], "half": [f"{n % 30}" for n in range(60)]})

    encodings = {name: set(one.encodings) for name, one in _columns(_write(desk, table, tmp_path, ("id",))).items()}

    assert "RLE_DICTIONARY" not in encodings["id"]
    assert "RLE_DICTIONARY" in encodings["half"]


def test_decimals_are_stored_as_integers_where_they_fit(desk: Desk, tmp_path: Path) -> None:
    numbers = [Decimal(n) / 100 for n in range(3000)]
    kinds = {"narrow": pa.decimal128(18, 2), "wide": pa.decimal128(19, 2)}
    table = pa.table({name: pa.array(numbers, kind) for name, kind in kinds.items()})

    columns = _columns(_write(desk, table, tmp_path))

    assert columns["narrow"].physical_type == "INT64"
    assert "DELTA_BINARY_PACKED" in columns["narrow"].encodings
    assert columns["wide"].physical_type == "FIXED_LEN_BYTE_ARRAY"


def test_a_table_without_rows_is_a_file_all_the_same(desk: Desk) -> None:
    release = desk.publish(tables=(desk.counters([]), desk.notes()))

    assert [table.rows for table in release.tables] == [0, 0]
    assert pq.read_table(release.tables[0].path).schema.names[0] == "编号"
    with duckdb.connect() as connection:
        assert connection.read_parquet(str(release.tables[1].path)).fetchall() == []


def test_columns_say_what_they_mean_to_pyarrow(desk: Desk) -> None:
    field = pq.read_schema(desk.publish().tables[0].path).field("share")

    assert field.metadata == {
        b"description": b"What Share is.",
        b"description_en": b"What Share is.",
        b"description_zh": "Share的说明。".encode(),
        b"title": b"Share",
        b"title_en": b"Share",
        b"title_zh": "Share（中）".encode(),
        b"unit": b"%",
    }


def test_the_file_says_to_every_engine_whose_it_is(desk: Desk) -> None:
    path = desk.publish().tables[1].path

    with duckdb.connect() as connection:
        rows = connection.execute(
            "select decode(key), decode(value) from parquet_kv_metadata(?)", [str(path)]
        ).fetchall()

    said = json.loads(dict(rows)["civicat:release"])
    assert (said["dataset"], said["version"], said["resource"]) == ("transport/counters", "1.0.0", "notes")
    assert said["department"]["title"] == {"zh": "交通局", "en": "Transport office"}
    assert said["licences"][0]["name"] == "CC0-1.0"
    assert said["fields"][0]["title"] == {"zh": "行号", "en": "Row number"}
    assert said["fields"][1]["description"] == {"zh": "Note的说明。", "en": "What Note is."}

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from civicat.publish.metadata import KEY, PART, described, of_part
from civicat.release import Version

if TYPE_CHECKING:
    from tests.publish.conftest import Desk


def _coded(desk: Desk) -> dict[str, Any]:
    """The package with a list of codes, a caveat and an identifier on its name column."""
    package = desk.package()
    field = package["resources"][0]["schema"]["fields"][1]
    field["categories"] = [{"value": "b", "label": "Bridge"}, {"value": "a", "label": "Alley"}]
    field["civicat"] |= {"identifier": "uscc", "caveats": [{"zh": "有改名。", "en": "Some were renamed."}]}
    field["civicat"]["zh"]["categories"] = {"b": "桥", "a": "巷"}
    return package


def _schema(desk: Desk, stored: pa.Schema, package: dict[str, Any] | None = None) -> pa.Schema:
    dataset = desk.dataset(package)
    return described(stored, dataset, desk.department(), dataset.resources[0], Version(2, 1, 0))


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


def test_codes_and_caveats_stand_on_their_column(desk: Desk) -> None:
    field = _schema(desk, pa.schema([("name.en", pa.string())]), _coded(desk)).field(0)

    assert json.loads(field.metadata[b"categories"]) == [
        {"value": "b", "label": {"zh": "桥", "en": "Bridge"}},
        {"value": "a", "label": {"zh": "巷", "en": "Alley"}},
    ]
    assert json.loads(field.metadata[b"caveats"]) == [{"zh": "有改名。", "en": "Some were renamed."}]


def test_the_file_says_to_every_engine_whose_it_is(desk: Desk) -> None:
    path = desk.publish().tables[1].path

    with duckdb.connect() as connection:
        rows = connection.execute(
            "select decode(key), decode(value) from parquet_kv_metadata(?)", [str(path)]
        ).fetchall()

    said = json.loads(dict(rows)[KEY])
    assert pl.read_parquet_metadata(path)[KEY] == dict(rows)[KEY]
    assert (said["dataset"], said["version"], said["resource"]) == ("transport/counters", "1.0.0", "notes")
    assert said["department"]["title"] == {"zh": "交通局", "en": "Transport office"}
    assert said["licences"][0]["name"] == "CC0-1.0"
    assert said["caveats"] == [{"zh": "雨天少。", "en": "Fewer in rain."}]
    assert said["fields"][0]["title"] == {"zh": "行号", "en": "Row number"}
    assert said["fields"][1]["description"] == {"zh": "Note的说明。", "en": "What Note is."}


def test_what_is_said_of_a_column_stands_for_every_engine_too(desk: Desk) -> None:
    schema = _schema(desk, pa.schema([("name.en", pa.string())]), _coded(desk))

    name = json.loads(schema.metadata[KEY.encode()])["fields"][1]
    assert name["identifier"] == "uscc"
    assert name["categories"][1] == {"value": "a", "label": {"zh": "巷", "en": "Alley"}}
    assert name["caveats"] == [{"zh": "有改名。", "en": "Some were renamed."}]


def test_a_column_that_is_no_field_keeps_what_it_says(desk: Desk) -> None:
    added = pa.field("place_bbox", pa.float64(), metadata={"z": "1", "a": "2"})
    share = pa.field("share", pa.float64(), metadata={"civicat:geometry": "WKB"})

    schema = _schema(desk, pa.schema([share, added]))

    assert list(schema.field(1).metadata) == [b"a", b"z"]
    assert schema.field(0).metadata[b"civicat:geometry"] == b"WKB"
    assert schema.field(0).metadata[b"unit"] == b"%"


def test_no_order_but_one_is_written(desk: Desk) -> None:
    schema = _schema(desk, pa.schema([("share", pa.float64())]), _coded(desk))

    assert list(schema.field(0).metadata) == sorted(schema.field(0).metadata)
    said = schema.metadata[KEY.encode()].decode()
    assert said == json.dumps(json.loads(said), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_a_part_says_which_one_of_how_many_it_is(desk: Desk) -> None:
    schema = _schema(desk, pa.schema([("share", pa.float64())]))

    assert of_part(schema, 1, 1) == schema
    second = of_part(schema, 2, 3)
    assert json.loads(second.metadata[PART.encode()]) == {"number": 2, "of": 3}
    assert second.metadata[KEY.encode()] == schema.metadata[KEY.encode()]


def test_no_column_has_a_field_id(desk: Desk) -> None:
    # An Iceberg table that numbers its columns otherwise would swap them without a word.
    stored = pq.ParquetFile(desk.publish().tables[0].path).schema_arrow
    assert not any(b"PARQUET:field_id" in (field.metadata or {}) for field in stored)

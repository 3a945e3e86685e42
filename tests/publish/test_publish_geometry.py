from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import geopandas
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat import validators
from civicat.conversion import Rewrite
from civicat.layout import Layout
from civicat.publish import geometry, parquet
from civicat.publish.tables import Ordered, in_order
from civicat.shapes import in_sql, readable, readable_schema

if TYPE_CHECKING:
    from tests.publish.conftest import Desk

_REPOSITORY = Path(__file__).resolve().parents[2]
_COUNTRIES = _REPOSITORY / "../shared/data/geo-countries/countries.geojson"

POINT = '{"type":"Point","coordinates":[121.47,31.23]}'
SHAPES = (
    POINT,
    '{"type":"Point","coordinates":[1e-7,0.1234567890123456]}',
    '{"type":"Point","coordinates":[180.00000000000003,-5e-324]}',
    '{"type":"Point","coordinates":[-0.0,100000000000000000]}',
    '{"type":"Point","coordinates":[]}',
    '{"type":"LineString","coordinates":[[1,2],[3.5,4]]}',
    '{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[1,2],[2,2],[2,1],[1,1]]]}',
    '{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}',
    '{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[[5,6],[7,8]]]}',
    '{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]}',
    '{"type":"MultiPolygon","coordinates":[]}',
    '{"type":"GeometryCollection","geometries":[{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}]}',
    '{"type":"GeometryCollection","geometries":[]}',
    '{"coordinates":[1,2],"type":"Point"}',
)
HEIGHTS = (
    '{"type":"Point","coordinates":[1,2,300.5]}',
    '{"type":"LineString","coordinates":[[1,2,-3],[4,5,6]]}',
    '{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2,9]}]}',
)
# What WKB cannot say, or what some tool could not read.
MORE_THAN_WKB = {
    "feature": '{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[1,2]}}',
    "collection of features": '{"type":"FeatureCollection","features":[]}',
    "topology": '{"type":"Topology","arcs":[],"objects":{}}',
    "a bbox of its own": '{"type":"Point","coordinates":[1,2],"bbox":[1,2,1,2]}',
    "a crs of its own": '{"type":"Point","coordinates":[1,2],"crs":{"type":"name"}}',
    "four numbers": '{"type":"Point","coordinates":[1,2,3,4]}',
    "a height here only": '{"type":"LineString","coordinates":[[1,2,5],[3,4]]}',
    "a height in one of two": f'{{"type":"GeometryCollection","geometries":[{POINT},{HEIGHTS[0]}]}}',
    "an empty one inside": '{"type":"MultiPoint","coordinates":[[],[1,2]]}',
    "a ring not closed": '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}',
    "a number past doubles": '{"type":"Point","coordinates":[12345678901234567890,1]}',
    "no geometry": "{}",
}


def _table(
    desk: Desk, columns: pa.Table, kinds: dict[str, str], key: tuple[str, ...] = ("id",), batch: int = 1000
) -> Ordered:
    """A table in the order of its key, of which `kinds` names the types of some fields."""
    package = desk.package()
    fields = [{"name": name, "type": kinds.get(name, "any"), "title": name} for name in columns.column_names]
    package["resources"][0]["schema"] = {"fields": fields, "primaryKey": list(key)}
    resource = desk.dataset(package).resources[0]
    return Ordered(resource, columns.schema, columns.num_rows, lambda: iter(columns.to_batches(batch)), key)


def _shapes(desk: Desk, *texts: str | None, batch: int = 1000) -> Ordered:
    after = pa.array(["x"] * len(texts), pa.string())
    columns = pa.table(
        {"id": pa.array(range(len(texts)), pa.int64()), "place": pa.array(texts, pa.string()), "after": after}
    )
    return _table(desk, columns, {"place": "geojson"}, batch=batch)


def _encoded(table: Ordered) -> Ordered:
    return geometry.encoded(table).table


def _write(folder: Path, table: Ordered) -> Path:
    made = _encoded(table)
    (part,) = parquet.write(folder, made, made.schema)
    return part.path


def _geo(file: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(pq.read_metadata(file).metadata[b"geo"])
    return said


def _values(texts: list[str | None]) -> list[object]:
    return [text and json.loads(text) for text in texts]


def test_a_table_without_geometry_is_passed_on(desk: Desk) -> None:
    table = _table(desk, pa.table({"id": [1], "place": [POINT]}), {"place": "string"})
    assert _encoded(table) is table


def test_what_comes_back_as_another_text_is_counted_over_all_batches(desk: Desk) -> None:
    turned, decimals = SHAPES[-1], '{"type":"Point","coordinates":[1.0,2]}'
    made = geometry.encoded(_shapes(desk, POINT, None, turned, decimals, POINT, turned, batch=2))

    expected = Rewrite("json-layout", 3, turned, '{"type":"Point","coordinates":[1,2]}')
    assert made.respelled == {"place": expected}
    assert geometry.encoded(_shapes(desk, POINT, None)).respelled == {"place": Rewrite("json-layout", 0, "", "")}
    assert geometry.encoded(_shapes(desk, turned, "{}")).respelled == {}


@pytest.mark.parametrize(
    ("text", "released"),
    [(SHAPES[-1], '{"type":"Point","coordinates":[1,2]}'), (POINT, POINT), ('{"type":"Poi…', '{"type":"Poi…')],
)
def test_a_text_is_told_as_the_release_spells_it(text: str, released: str) -> None:
    assert geometry.released_text(text) == released


def test_shapes_become_wkb_with_a_box_beside_them(desk: Desk) -> None:
    made = _encoded(_shapes(desk, POINT, None))

    assert made.schema.names == ["id", "place", "place_bbox", "after"]
    assert [geometry.is_geometry(field) for field in made.schema] == [False, True, False, False]
    assert [geometry.is_made(field) for field in made.schema] == [False, False, True, False]
    (batch,) = made.batches()
    assert batch.column("place")[0].as_py()[:5] == b"\x01\x01\x00\x00\x00"
    assert batch.column("place_bbox").to_pylist() == [
        {"xmin": 121.47, "ymin": 31.23, "xmax": 121.47, "ymax": 31.23},
        None,
    ]


@pytest.mark.parametrize("texts", [SHAPES, HEIGHTS, (*SHAPES, *HEIGHTS)], ids=["flat", "with heights", "both"])
def test_every_shape_comes_back_number_for_number(desk: Desk, tmp_path: Path, texts: tuple[str, ...]) -> None:
    file = _write(tmp_path, _shapes(desk, None, *texts, None, batch=3))

    stored = pq.read_table(file)
    back = geometry.as_geojson(stored["place"]).to_pylist()
    assert _values(back) == _values([None, *texts, None])
    with duckdb.connect() as connection:
        found = connection.execute(f"select {in_sql('place')} from read_parquet(?) order by id", [str(file)]).fetchall()  # noqa: S608 - ours
    assert [text for (text,) in found] == back


def test_coordinates_are_spelled_as_short_as_they_read_back(desk: Desk) -> None:
    (batch,) = _encoded(_shapes(desk, POINT, SHAPES[1])).batches()
    assert geometry.as_geojson(batch.column("place")).to_pylist() == [POINT, SHAPES[1]]


@pytest.mark.parametrize("text", MORE_THAN_WKB.values(), ids=MORE_THAN_WKB.keys())
def test_a_column_with_one_cell_that_is_more_than_wkb_stays_text(desk: Desk, text: str) -> None:
    table = _shapes(desk, POINT, None, text, batch=2)
    assert _encoded(table) is table


def test_a_key_stays_text(desk: Desk) -> None:
    table = _table(desk, pa.table({"place": [POINT]}), {"place": "geojson"}, ("place",))
    assert _encoded(table) is table


def test_the_file_says_what_geoparquet_asks_for(desk: Desk, tmp_path: Path) -> None:
    said = _geo(_write(tmp_path, _shapes(desk, SHAPES[0], SHAPES[6], None, SHAPES[9])))

    assert said == {
        "version": "1.1.0",
        "primary_column": "place",
        "columns": {
            "place": {
                "encoding": "WKB",
                "geometry_types": ["MultiPolygon", "Point", "Polygon"],
                "edges": "planar",
                "orientation": "counterclockwise",
                "bbox": [0.0, 0.0, 121.47, 31.23],
                "covering": {"bbox": {side: ["place_bbox", side] for side in ("xmin", "ymin", "xmax", "ymax")}},
            }
        },
    }


@pytest.mark.parametrize(
    ("texts", "types", "bbox"),
    [
        ((), [], None),
        ((None,), [], None),
        ((SHAPES[4],), ["Point"], None),
        (HEIGHTS[:2], ["LineString Z", "Point Z"], [1.0, 2.0, -3.0, 4.0, 5.0, 300.5]),
        ((POINT, HEIGHTS[0]), ["Point", "Point Z"], [1.0, 2.0, 300.5, 121.47, 31.23, 300.5]),
    ],
    ids=["no rows", "no shape", "an empty shape", "heights", "some heights"],
)
def test_types_and_bounds_are_those_of_the_file(
    desk: Desk, tmp_path: Path, texts: tuple[str | None, ...], types: list[str], bbox: list[float] | None
) -> None:
    column = _geo(_write(tmp_path, _shapes(desk, *texts)))["columns"]["place"]
    assert (column["geometry_types"], column.get("bbox")) == (types, bbox)


@pytest.mark.parametrize(
    ("rings", "orientation"),
    [
        ("[[[0,0],[4,0],[4,4],[0,4],[0,0]]]", "counterclockwise"),
        ("[[[0,0],[0,4],[4,4],[4,0],[0,0]]]", None),
        ("[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[2,1],[2,2],[1,2],[1,1]]]", None),
    ],
    ids=["counter-clockwise", "clockwise", "a hole the same way"],
)
def test_orientation_is_claimed_only_where_every_ring_has_it(
    desk: Desk, tmp_path: Path, rings: str, orientation: str | None
) -> None:
    texts = (SHAPES[9], f'{{"type":"Polygon","coordinates":{rings}}}')
    column = _geo(_write(tmp_path, _shapes(desk, *texts)))["columns"]["place"]
    assert column.get("orientation") == orientation


def test_orientation_is_not_claimed_for_what_a_collection_holds(desk: Desk, tmp_path: Path) -> None:
    collection = f'{{"type":"GeometryCollection","geometries":[{SHAPES[9]}]}}'
    assert "orientation" not in _geo(_write(tmp_path, _shapes(desk, SHAPES[9], collection)))["columns"]["place"]


def test_each_part_has_the_bounds_of_its_own_rows(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROW_GROUP_ROWS", 2)
    monkeypatch.setattr(parquet, "PART_ROWS", 2)
    made = _encoded(_shapes(desk, SHAPES[7], None, POINT))

    parts = parquet.write(tmp_path, made, made.schema)

    columns = [_geo(part.path)["columns"]["place"] for part in parts]
    assert [one["geometry_types"] for one in columns] == [["MultiPoint"], ["Point"]]
    assert [one["bbox"] for one in columns] == [[1.0, 2.0, 3.0, 4.0], [121.47, 31.23, 121.47, 31.23]]


@pytest.mark.parametrize(
    "texts",
    [
        ("121.470, 31.23", None, " -0.5,90 "),
        ("[121.470, 31.23]", None, "[-0.5,90]"),
        ('{"lon": 121.470, "lat": 31.23}', None, '{"lat":90,"lon":-0.5}'),
        ('{"lon": "121.470", "lat": "31.23"}', None, '{"lon": "-0.5", "lat": "90"}'),
    ],
    ids=["default", "array", "object", "object of texts"],
)
def test_a_geopoint_stays_as_written_and_gets_a_point_beside_it(desk: Desk, texts: tuple[str | None, ...]) -> None:
    columns = pa.table({"id": range(3), "at": texts})
    made = _encoded(_table(desk, columns, {"at": "geopoint"}))

    assert made.schema.names == ["id", "at", "at_geometry", "at_geometry_bbox"]
    (batch,) = made.batches()
    assert batch.column("at").to_pylist() == list(texts)
    points = geometry.as_geojson(batch.column("at_geometry")).to_pylist()
    assert _values(points) == [
        {"type": "Point", "coordinates": [121.47, 31.23]},
        None,
        {"type": "Point", "coordinates": [-0.5, 90]},
    ]
    assert readable(batch).equals(columns.to_batches()[0])


def test_a_geopoint_that_is_no_point_gets_none(desk: Desk) -> None:
    table = _table(desk, pa.table({"id": [1], "at": ["somewhere"]}), {"at": "geopoint"})
    assert _encoded(table) is table


def test_names_that_are_taken_are_left_alone(desk: Desk) -> None:
    columns = pa.table({"id": [1], "at": ["1, 2"], "at_geometry": ["mine"], "at_geometry_bbox": ["mine"]})
    made = _encoded(_table(desk, columns, {"at": "geopoint"}))

    added = [field.name for field in made.schema if geometry.is_made(field)]
    assert len(set(made.schema.names)) == len(made.schema.names) == 6
    assert added == ["_at_geometry", "_at_geometry_bbox"]


def test_rows_are_read_as_the_table_that_was_handed_in(desk: Desk, tmp_path: Path) -> None:
    file = _write(tmp_path, _shapes(desk, POINT, None))

    (batch,) = pq.read_table(file).to_batches()
    assert readable(batch).to_pylist() == [
        {"id": 0, "place": POINT, "after": "x"},
        {"id": 1, "place": None, "after": "x"},
    ]
    assert readable_schema(pq.read_schema(file)).types == [pa.int64(), pa.string(), pa.string()]


def test_what_is_added_says_what_it_is_in_both_languages(desk: Desk) -> None:
    columns = pa.table({"id": [1], "at": ["1, 2"]})
    _, _, point, box = _encoded(_table(desk, columns, {"at": "geopoint"})).schema

    assert point.metadata[b"description_en"] == b"The point of at as WKB, for map tools."
    assert point.metadata[b"description_zh"].decode() == "“at”的坐标点（WKB），供地图工具使用。"
    assert box.metadata[b"description_en"] == b"Bounding box of at, for map tools that search by area."
    assert box.metadata[b"description_zh"].decode().startswith("“at”的外接矩形")


@pytest.mark.skipif(not _COUNTRIES.exists(), reason="the shared sample data is not on this machine")
def test_geopandas_reads_real_countries_and_searches_them_by_area(desk: Desk, tmp_path: Path) -> None:
    features = json.loads(_COUNTRIES.read_text("utf-8"))["features"]
    texts = [json.dumps(feature["geometry"], separators=(",", ":")) for feature in features]
    file = _write(tmp_path, _shapes(desk, *texts))

    frame = geopandas.read_parquet(file)
    assert frame.crs == "OGC:CRS84"
    assert frame.geometry.name == "place"
    assert [json.loads(json.dumps(shape.__geo_interface__)) for shape in frame.geometry] == _values(list(texts))
    shortest = [text.replace(".0,", ",").replace(".0]", "]") for text in texts]
    assert geometry.as_geojson(pq.read_table(file)["place"]).to_pylist() == shortest
    beijing = geopandas.read_parquet(file, bbox=(116.3, 39.8, 116.5, 40.0))
    assert 0 < len(beijing) < 10
    assert len(frame) == len(texts) == len(pl.read_parquet(file))


def test_the_earthquakes_come_back_from_every_reader(tmp_path: Path) -> None:
    submission = validators.read_submission(_REPOSITORY / "datasets/usgs/earthquakes")
    if submission.missing_sample is not None:
        pytest.skip(f"{submission.missing_sample} is not unpacked: make samples")
    with validators.check(submission.dataset, Layout(tmp_path), department=submission.department) as checked:
        ordered = in_order(checked.tables[0], tmp_path)
        want = pa.Table.from_batches(ordered.batches(), ordered.schema)
        file = _write(tmp_path, ordered)

    assert geometry.as_geojson(pq.read_table(file)["geometry"]).to_pylist() == want["geometry"].to_pylist()
    frame = geopandas.read_parquet(file)
    assert list(frame.geometry.x) == want["longitude"].to_pylist()
    assert list(frame.geometry.y) == want["latitude"].to_pylist()
    assert _geo(file)["columns"]["geometry"]["geometry_types"] == ["Point"]


_CHILD = """
import sys
from pathlib import Path
import pyarrow as pa
from civicat.dataset import read_dataset
from civicat.publish import geometry, parquet
from civicat.publish.tables import Ordered

fields = [{"name": "id"}, {"name": "place", "type": "geojson"}, {"name": "at", "type": "geopoint"}]
resource = {"name": "t", "path": "t.csv", "schema": {"fields": fields, "primaryKey": ["id"]}}
dataset = read_dataset({"name": "t", "resources": [resource]}, "datapackage.yaml", "", Path())
rows = 60_001
places = [f'{{"type":"Point","coordinates":[{n / 700},{n / 900}]}}' if n % 5 else None for n in range(rows)]
table = pa.table({"id": range(rows), "place": places, "at": [f"{n / 700}, {n / 900}" for n in range(rows)]})
size = int(sys.argv[2])
ordered = Ordered(dataset.resources[0], table.schema, rows, lambda: iter(table.to_batches(size)), ("id",))
made = geometry.encoded(ordered).table
parquet.write(Path(sys.argv[1]), made, made.schema)
"""


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    for folder, batch in {"a": "9973", "b": "65536"}.items():
        (tmp_path / folder).mkdir()
        command = [sys.executable, "-c", _CHILD, str(tmp_path / folder), batch]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (our own)
        assert (done.stdout, done.stderr) == ("", "")

    assert (tmp_path / "a/t.parquet").read_bytes() == (tmp_path / "b/t.parquet").read_bytes()

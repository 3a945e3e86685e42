"""GeoJSON (RFC 7946): a FeatureCollection of a table that has places, a Feature for each row.

The place is the first column of geometries, or of points that publishing made of texts (a geopoint). Without one it is
a point of two columns of numbers, longitude and latitude, which are told by their names: exactly one of LONGITUDES and
one of LATITUDES, letter case aside, whose unit, where one is said, is one of DEGREES. A row without a place, or whose
numbers are beyond 180 and 90 degrees, has the geometry null; all other columns, those two too, are its properties. The
id is the primary key, where it is one column.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from civicat.dataset import Field
from civicat.errors import CivicatError
from civicat.publish.exports import rows
from civicat.publish.exports.form import Content, Form
from civicat.publish.exports.jsonlines import objects, values, written
from civicat.release import Table
from civicat.shapes import is_geometry
from civicat.text import Text

LONGITUDES = frozenset({"longitude", "lon", "lng", "经度"})
LATITUDES = frozenset({"latitude", "lat", "纬度"})
DEGREES = frozenset({"", "1", "°", "deg", "degree", "degrees", "度"})
_NUMBERS = ("number", "integer")
_FARTHEST = (180, 90)


def _make(content: Content, target: Path) -> None:
    table = content.table
    places = _places(table)
    if not places:
        raise _without_places(table)
    names = list(dict.fromkeys((*rows.described(table), *places)))  # a point that was made of a text is not described
    head = {"type": "FeatureCollection", "name": table.name, "version": str(content.release.version)}
    with target.open("wb") as file:
        file.write(json.dumps(head, separators=(",", ":"))[:-1].encode() + b',"features":[')
        comma = 1
        for batch in rows.batches(table, names):
            file.write(written(_features(batch, places, table), skip=comma))
            comma = 0 if batch.num_rows else comma  # the first row has none before it
        file.write(b"\n]}\n")


def _places(table: Table) -> tuple[str, ...]:
    """The column of geometries, or those of longitude and latitude; none where there are no places."""
    geometry = [one.name for one in rows.stored_schema(table) if is_geometry(one)]
    if geometry:
        return (geometry[0],)
    longitude, latitude = (_named(table, names) for names in (LONGITUDES, LATITUDES))
    return (longitude[0], latitude[0]) if len(longitude) == len(latitude) == 1 else ()


def _named(table: Table, names: frozenset[str]) -> list[str]:
    return [field.name for field in table.resource.schema.fields if field.name.lower() in names and _in_degrees(field)]


def _in_degrees(field: Field) -> bool:
    return field.type in _NUMBERS and field.unit.strip().lower() in DEGREES


def _features(batch: pa.RecordBatch, places: tuple[str, ...], table: Table) -> pa.Array[Any]:
    """Each row as a Feature, with the comma and line feed that part it from the one before."""
    drawn = [name for name in places if rows.is_geometry(batch.schema.field(name).type)]
    properties = batch.select([name for name in batch.schema.names if name not in drawn])
    geometry = rows.as_text(batch.column(drawn[0])) if drawn else _points(*(batch.column(name) for name in places))
    pieces = [',\n{"type":"Feature"', *_ids(batch, table), ',"geometry":', geometry, ',"properties":']
    return pc.binary_join_element_wise(
        *pieces, objects(properties), "}", "", null_handling="replace", null_replacement="null"
    )


def _ids(batch: pa.RecordBatch, table: Table) -> list[Any]:
    key = table.resource.schema.primary_key
    return [',"id":', values(batch.column(key[0]))] if len(key) == 1 and key[0] in batch.schema.names else []


def _points(longitude: pa.Array[Any], latitude: pa.Array[Any]) -> pa.Array[Any]:
    inside = pc.and_(*(_within(column, most) for column, most in zip((longitude, latitude), _FARTHEST, strict=True)))
    texts = rows.as_text(longitude), ",", rows.as_text(latitude)
    points = pc.binary_join_element_wise('{"type":"Point","coordinates":[', *texts, "]}", "")
    return pc.if_else(pc.fill_null(inside, fill_value=False), points, pa.scalar(None, pa.string()))


def _within(column: pa.Array[Any], most: int) -> pa.Array[Any]:
    numbers = pc.cast(column, pa.float64(), safe=False)
    return pc.and_(pc.greater_equal(numbers, -most), pc.less_equal(numbers, most))


def _without_places(table: Table) -> CivicatError:
    name = table.resource.name
    return CivicatError(
        Text(
            f"数据表 {name} 没有几何列，也没有经度、纬度两列，不能导出为 GeoJSON。",
            f"The table {name} has no column "
            "of geometries and no pair of longitude and latitude: it cannot be had as GeoJSON.",
        ),
        Text("请改用 csv 或 ndjson。", "Take csv or ndjson."),
    )


GEOJSON = Form(
    name="geojson",
    suffix=".geojson",
    media_type="application/geo+json",
    title=Text("GeoJSON（地图数据）", "GeoJSON, for maps"),
    make=_make,
)

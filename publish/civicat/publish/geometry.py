"""GeoParquet 1.1: geometry as WKB, a bounding box beside each, and what the file's `geo` metadata says of them.

A `geojson` column becomes WKB where that loses nothing: every cell is a bare geometry whose text comes back with the
same members and the same numbers. One cell that is more (a Feature, a CRS of its own) and the column stays text.
A `geopoint` column stays as it was written, and a column of WKB points is added after it.
Source: https://geoparquet.org/releases/v1.1.0/ . Without `crs`, coordinates are longitude and latitude (OGC:CRS84).
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from civicat.conversion import Rewrite
from civicat.publish.tables import Ordered
from civicat.shapes import GEOMETRY, MADE, as_geojson, is_geometry, is_made
from civicat.text import Text

__all__ = ["GEO", "Encoded", "Geo", "as_geojson", "encoded", "is_geometry", "is_made"]

GEO = "geo"
_LAYOUT = "json-layout"  # the rule of civicat.conversion that a shape comes under when its text is another
VERSION = "1.1.0"
_BBOX = pa.struct([(side, pa.float64()) for side in ("xmin", "ymin", "xmax", "ymax")])
# The types of ISO WKB; 1000 more with a height.
_TYPES = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
_WITH_HEIGHT = 1000
_LITTLE_ENDIAN = 1
_POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])
_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_WKB = "select st_aswkb(try(st_geomfromgeojson(text)))::blob as wkb from cells"

_OF_BOX = Text(
    "“{}”的外接矩形（经纬度），供地图工具按范围查找。", "Bounding box of {}, for map tools that search by area."
)
_OF_POINT = Text("“{}”的坐标点（WKB），供地图工具使用。", "The point of {} as WKB, for map tools.")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Way:
    """From a type's texts to WKB (null where a text is none), and back; texts have no other way.

    `back` has each text as readers of the release will see it; None where one of them loses something.
    """

    encode: Callable[[pa.Array[Any]], pa.Array[Any]]
    back: Callable[[pa.Array[Any], pa.Array[Any]], pa.Array[Any] | None]


@dataclass(frozen=True, slots=True)
class _Source:
    """A column of texts that stand for geometry: `target` is the column of WKB, the same or one that is added."""

    name: str
    target: str
    box: str
    way: _Way

    def back(self, texts: pa.Array[Any]) -> pa.Array[Any] | None:
        """The texts as they come back; None unless every one has a geometry that says all that it says."""
        wkb = self.way.encode(texts)
        return self.way.back(texts, wkb) if wkb.null_count == texts.null_count else None


@dataclass(frozen=True, slots=True)
class Encoded:
    """A table with its geometry, and for each column that became WKB how many of its texts come back as another.

    What the two say is the same: they differ in the order of members, in white space, or in `2.0` and `2`.
    """

    table: Ordered
    respelled: Mapping[str, Rewrite]


def encoded(table: Ordered) -> Encoded:
    """The table with its geometry as GeoParquet wants it; the same table where it has none, or none that fits."""
    sources, respelled = _exact(table, _sources(table))
    if not sources:
        return Encoded(table, {})
    schema = pa.schema([made for one in table.schema for made in _fields(one, sources.get(one.name))])

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in table.batches():
            named = zip(batch.schema.names, batch.columns, strict=True)
            columns = [made for name, column in named for made in _columns(column, sources.get(name))]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    return Encoded(dataclasses.replace(table, schema=schema, batches=batches), respelled)


def _sources(table: Ordered) -> dict[str, _Source]:
    """The columns that may become geometry; a key stays as it is, for rows are found by it."""
    found, taken = {}, set(table.schema.names)
    for one in table.resource.schema.fields:
        way = _WAYS.get(one.type)
        if way is None or one.name in table.key or one.name not in table.schema.names:
            continue
        target = one.name if one.type == "geojson" else _free(f"{one.name}_geometry", taken)
        found[one.name] = _Source(one.name, target, _free(f"{target}_bbox", taken), way)
        taken |= {target, found[one.name].box}
    return found


def _free(name: str, taken: set[str]) -> str:
    letters = {one.casefold() for one in taken}  # SQL does not tell letter cases apart
    while name.casefold() in letters:
        name = f"_{name}"
    return name


def _exact(table: Ordered, sources: Mapping[str, _Source]) -> tuple[dict[str, _Source], dict[str, Rewrite]]:
    """Those of which no cell loses anything, and how those that become WKB come back.

    Every row is looked at, for what a file is like is decided once.
    """
    left = dict(sources)
    respelled = {name: Rewrite(_LAYOUT, 0, "", "") for name, one in sources.items() if one.target == name}
    for batch in table.batches() if left else ():
        for name, one in list(left.items()):
            texts = batch.column(name)
            back = one.back(texts)
            if back is None:
                del left[name]
            elif name in respelled:
                respelled[name] = _with_more(respelled[name], texts, back)
        if not left:
            break
    return left, {name: one for name, one in respelled.items() if name in left}


def released_text(text: str) -> str:
    """A shape's text as the release spells it; a text that is none stays as it is."""
    wkb = _from_geojson(pa.array([text]))
    return str(as_geojson(wkb)[0].as_py()) if not wkb.null_count else text


def _with_more(found: Rewrite, texts: pa.Array[Any], back: pa.Array[Any]) -> Rewrite:
    """With the texts of one more batch that come back as others; the first of them is the example."""
    differ = pc.fill_null(pc.not_equal(texts, back), fill_value=False)
    count = pc.sum(differ).as_py() or 0
    if not count:
        return found
    first = pc.index(differ, value=True).as_py()
    example = (found.source, found.spelled) if found.cells else (texts[first].as_py(), back[first].as_py())
    return Rewrite(_LAYOUT, found.cells + count, *example)


def _fields(column: pa.Field, source: _Source | None) -> Iterator[pa.Field]:
    if source is None:
        yield column
        return
    geometry = {GEOMETRY: b"WKB"}
    if source.target == column.name:
        yield pa.field(column.name, pa.binary(), metadata={**(column.metadata or {}), **geometry})
    else:
        yield column
        yield pa.field(source.target, pa.binary(), metadata=geometry | _made(_OF_POINT, column.name))
    yield pa.field(source.box, _BBOX, metadata=_made(_OF_BOX, column.name))


def _made(words: Text, name: str) -> dict[bytes, bytes]:
    told = {"description_en": words.en.format(name), "description_zh": words.zh.format(name)}
    return {MADE: b"1", **{key.encode(): value.encode() for key, value in told.items()}}


def _columns(column: pa.Array[Any], source: _Source | None) -> Iterator[pa.Array[Any]]:
    if source is None:
        yield column
        return
    wkb = source.way.encode(column)
    if source.target != source.name:
        yield column
    yield wkb
    yield _boxes(wkb)


def _boxes(wkb: pa.Array[Any]) -> pa.Array[Any]:
    """The bounding box of each geometry; null for none and for an empty one."""
    import shapely  # noqa: PLC0415 - few tables have geometry, and it is slow to load

    bounds = shapely.bounds(_read(wkb))
    sides = [pa.array(bounds[:, side]) for side in range(4)]
    return pa.StructArray.from_arrays(sides, fields=list(_BBOX), mask=pa.array(np.isnan(bounds[:, 0])))


def _read(wkb: pa.Array[Any] | pa.ChunkedArray[Any]) -> npt.NDArray[Any]:
    import shapely  # noqa: PLC0415 - as above

    cells = np.empty(len(wkb), object)
    cells[:] = wkb.to_pylist()
    read: npt.NDArray[Any] = shapely.from_wkb(cells, on_invalid="ignore")
    return read


def _from_geojson(texts: pa.Array[Any]) -> pa.Array[Any]:
    """GeoJSON geometries as ISO WKB, little-endian; null for a text that is none."""
    with duckdb.connect(config={"threads": "1"}) as connection:
        connection.register("cells", pa.table({"text": texts}))
        wkb = connection.sql(_WKB).to_arrow_table()["wkb"]
    return pa.concat_arrays(wkb.chunks) if wkb.num_chunks else pa.array([], pa.binary())


def _back_to_geojson(texts: pa.Array[Any], wkb: pa.Array[Any]) -> pa.Array[Any] | None:
    """The texts of the shapes, if map tools can read every one and each says what its text said."""
    import shapely  # noqa: PLC0415 - as above

    if int(shapely.is_missing(_read(wkb)).sum()) > texts.null_count:
        return None
    back = as_geojson(wkb)
    return back if _same(texts, back) else None


def _same(texts: pa.Array[Any], back: pa.Array[Any]) -> bool:
    """Whether each pair of GeoJSON texts says the same: members in any order, 1 and 1.0 alike."""
    spelled = pc.replace_substring_regex(texts, r"\.0([,\]])", r"\1")
    differ = pc.fill_null(pc.not_equal(spelled, back), fill_value=False)
    pairs = zip(texts.filter(differ).to_pylist(), back.filter(differ).to_pylist(), strict=True)
    return all(json.loads(text) == json.loads(other) for text, other in pairs)


def _from_geopoint(texts: pa.Array[Any]) -> pa.Array[Any]:
    """Texts of a geopoint, in any of its formats, as WKB points; null for a text without two numbers."""
    pairs = pc.extract_regex(texts, rf"^[\s\[]*(?P<x>{_NUMBER})\s*,\s*(?P<y>{_NUMBER})[\s\]]*$")
    if pairs.null_count > texts.null_count:  # it is written as an object then
        pairs = pa.array([text and _longitude_first(text) for text in texts.to_pylist()], pairs.type)
    x, y = (pc.cast(side, pa.float64()) for side in pairs.drop_null().flatten())
    points = _points(x.to_numpy(), y.to_numpy())
    there = pairs.is_valid()
    return pc.replace_with_mask(pa.nulls(len(texts), points.type), there, points) if pairs.null_count else points


def _longitude_first(text: str) -> dict[str, str] | None:
    found = {name: re.search(rf'"{name}"\s*:\s*"?({_NUMBER})', text) for name in ("lon", "lat")}
    lon, lat = found["lon"], found["lat"]
    return {"x": lon[1], "y": lat[1]} if lon and lat else None


def _points(x: Floats, y: Floats) -> pa.Array[Any]:
    cells = np.empty(len(x), _POINT)
    cells["order"], cells["type"], cells["x"], cells["y"] = _LITTLE_ENDIAN, 1, x, y
    offsets = np.arange(len(x) + 1, dtype=np.int32) * _POINT.itemsize
    return pa.Array.from_buffers(pa.binary(), len(x), [None, pa.py_buffer(offsets), pa.py_buffer(cells.tobytes())])


_WAYS: Mapping[str, _Way] = {
    "geojson": _Way(_from_geojson, _back_to_geojson),
    "geopoint": _Way(_from_geopoint, lambda texts, _points: texts),  # the texts stay beside them
}


@dataclass(slots=True)
class Geo:
    """What the `geo` metadata of one file says, gathered chunk by chunk while the file is written."""

    schema: pa.Schema
    columns: dict[str, _Found] = field(init=False)

    def __post_init__(self) -> None:
        """Each geometry is followed by its bounding box."""
        names = self.schema.names
        self.columns = {one.name: _Found(names[place + 1]) for place, one in enumerate(self.schema) if is_geometry(one)}

    def observe(self, rows: pa.Table) -> None:
        """Takes the next rows of the file into account."""
        for name, found in self.columns.items():
            found.observe(rows[name], rows[found.box])

    def metadata(self) -> dict[str, str]:
        """The `geo` entry of the file's metadata; nothing for a file without geometry."""
        if not self.columns:
            return {}
        told = {
            "version": VERSION,
            "primary_column": next(iter(self.columns)),
            "columns": {name: found.told() for name, found in self.columns.items()},
        }
        return {GEO: json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))}


@dataclass(slots=True)
class _Found:
    """What is known of one geometry column: `low` and `high` are corners (x, y, z), NaN where there is none."""

    box: str
    types: set[int] = field(default_factory=set)
    low: Floats = field(default_factory=lambda: np.full(3, np.nan))
    high: Floats = field(default_factory=lambda: np.full(3, np.nan))
    turned: bool = True  # whether every polygon so far runs counter-clockwise, its holes clockwise

    def observe(self, wkb: pa.ChunkedArray[Any], boxes: pa.ChunkedArray[Any]) -> None:
        codes = pc.unique(pc.binary_slice(wkb, 1, 5)).to_pylist()
        here = {int.from_bytes(code, "little") for code in codes if code is not None}
        self.types |= here
        for box in boxes.chunks:
            self._widen(box)
        if any(code > _WITH_HEIGHT for code in here):
            self._heighten(_read(wkb))
        if self.turned and any(_TYPES[code % _WITH_HEIGHT - 1].endswith(("Polygon", "Collection")) for code in here):
            self.turned = _is_turned(_read(wkb))

    def _widen(self, box: pa.Array[Any]) -> None:
        for side, name in enumerate("xy"):
            low, high = pc.struct_field(box, f"{name}min"), pc.struct_field(box, f"{name}max")
            self._reach(side, pc.min(low).as_py(), pc.max(high).as_py())

    def _heighten(self, shapes: npt.NDArray[Any]) -> None:
        import shapely  # noqa: PLC0415 - as above

        heights = shapely.get_coordinates(shapes, include_z=True)[:, 2]
        heights = heights[~np.isnan(heights)]
        if len(heights):
            self._reach(2, float(heights.min()), float(heights.max()))

    def _reach(self, side: int, low: float | None, high: float | None) -> None:
        if low is not None and high is not None:
            self.low[side] = np.fmin(self.low[side], low)
            self.high[side] = np.fmax(self.high[side], high)

    def told(self) -> dict[str, object]:
        """One entry of `columns`."""
        corners = [float(one) for one in (*self.low, *self.high) if not np.isnan(one)]
        areas = any(_TYPES[code % _WITH_HEIGHT - 1].endswith("Polygon") for code in self.types)
        covering = {side.name: [self.box, side.name] for side in _BBOX}
        return {
            "encoding": "WKB",
            "geometry_types": sorted(map(_type_name, self.types)),
            "edges": "planar",
            "covering": {"bbox": covering},
            **({"bbox": corners} if corners else {}),
            **({"orientation": "counterclockwise"} if areas and self.turned else {}),
        }


def _type_name(code: int) -> str:
    return _TYPES[code % _WITH_HEIGHT - 1] + (" Z" if code > _WITH_HEIGHT else "")


def _is_turned(shapes: npt.NDArray[Any]) -> bool:
    """Whether every outer ring runs counter-clockwise and every hole clockwise; of a collection that is not said."""
    import shapely  # noqa: PLC0415 - as above

    if (shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION).any():
        return False
    parts = shapely.get_parts(shapes[~shapely.is_missing(shapes)])
    areas = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    rings, of = shapely.get_rings(areas, return_index=True)
    is_outer = np.diff(of, prepend=-1) > 0
    return bool((shapely.is_ccw(rings) == is_outer).all())

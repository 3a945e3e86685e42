"""The formats that a release can be had in: their names, what they are called, and which release has which.

The files are written elsewhere, when somebody asks: this only tells which there are, so that they can be looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from civicat.release import Release, Table
from civicat.text import Text

FORMATS: Mapping[str, Text] = {
    "csv": Text("CSV", "CSV"),
    "xlsx": Text("Excel 工作簿", "Excel workbook"),
    "parquet": Text("Parquet", "Parquet"),
    "ndjson": Text("NDJSON（每行一个 JSON 对象）", "NDJSON"),
    "geojson": Text("GeoJSON（地图数据）", "GeoJSON, for maps"),
    "sqlite": Text("SQLite 数据库", "SQLite database"),
    "arrow": Text("Arrow IPC", "Arrow IPC"),
}
# Rows times columns. A workbook or a database of more is made at home: a site would be busy with it for minutes.
MOST_CELLS: Mapping[str, int] = {"xlsx": 6_000_000, "sqlite": 30_000_000}
_PLACES = (frozenset({"longitude", "lon", "lng", "经度"}), frozenset({"latitude", "lat", "纬度"}))
_DEGREES = frozenset({"", "1", "°", "deg", "degree", "degrees", "度"})


def formats(release: Release) -> tuple[str, ...]:
    """The formats of a release, in the order of `FORMATS`: those that one of its tables at least can be had in."""
    return tuple(name for name in FORMATS if _RULES.get(name, bool)(release.tables))


def cells(tables: tuple[Table, ...]) -> int:
    """How many cells these tables have."""
    return sum(table.rows * len(table.resource.schema.fields) for table in tables)


def has_places(table: Table) -> bool:
    """Whether a table can be drawn on a map: it has shapes or points, or one pair of longitude and latitude."""
    fields = table.resource.schema.fields
    degrees = [field.name.lower() for field in fields if field.unit.strip().lower() in _DEGREES]
    pair = [sum(name in names for name in degrees) for names in _PLACES]
    return pair == [1, 1] or any(field.type in {"geojson", "geopoint"} for field in fields)


def _any_sheet(tables: tuple[Table, ...]) -> bool:
    return any(cells((table,)) <= MOST_CELLS["xlsx"] for table in tables)


def _whole_database(tables: tuple[Table, ...]) -> bool:
    return bool(tables) and cells(tables) <= MOST_CELLS["sqlite"]


def _any_map(tables: tuple[Table, ...]) -> bool:
    return any(map(has_places, tables))


_RULES: Mapping[str, Callable[[tuple[Table, ...]], bool]] = {  # the others can be had of every table
    "xlsx": _any_sheet,
    "sqlite": _whole_database,
    "geojson": _any_map,
}

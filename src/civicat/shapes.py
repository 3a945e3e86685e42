"""Geometry in released files: stored as WKB (GeoParquet), and read as GeoJSON by people and by every other format.

A stored column says of itself what it is, in the metadata of its Arrow field: `civicat:geometry` that it holds WKB,
`civicat:made` that publishing added it for maps, so that it is no column of the table.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    import duckdb

GEOMETRY = b"civicat:geometry"
MADE = b"civicat:made"

# It reads what it is given and nothing else; one thread keeps the order and leaves the others to whoever asks.
_LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "enable_external_access": False,
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


def is_geometry(field: pa.Field) -> bool:
    """Whether a stored column holds geometry as WKB."""
    return GEOMETRY in (field.metadata or {})


def is_made(field: pa.Field) -> bool:
    """Whether publishing added a stored column for maps: a bounding box, or the point that a text stands for."""
    return MADE in (field.metadata or {})


def in_sql(geometry: str) -> str:
    """DuckDB's SQL for the GeoJSON text of a geometry: 36 and not 36.0, other numbers as short as they read back."""
    return f"replace(replace(st_asgeojson({geometry})::varchar, '.0,', ','), '.0]', ']')"


def as_geojson(column: pa.Array[Any] | pa.ChunkedArray[Any]) -> pa.Array[Any]:
    """WKB as GeoJSON texts as `in_sql` spells them; nulls stay nulls."""
    with _engine().cursor() as cursor:
        cursor.register("cells", pa.table({"wkb": column}))
        query = f"select {in_sql('st_geomfromwkb(wkb)')} as text from cells"  # noqa: S608 - our own words alone
        texts = cursor.sql(query).to_arrow_table()["text"]
    return pa.concat_arrays(texts.chunks) if texts.num_chunks else pa.array([], pa.string())


def readable_schema(stored: pa.Schema) -> pa.Schema:
    """The schema of `readable` rows, with the metadata that stays true."""
    fields = [_as_text(field) if is_geometry(field) else field for field in stored if not is_made(field)]
    return pa.schema(fields, stored.metadata)


def readable(rows: pa.RecordBatch, stored: pa.Schema | None = None) -> pa.RecordBatch:
    """Stored rows as the table they are: geometry as GeoJSON texts, without the columns that were added for maps.

    `stored` is the schema of the file, where the rows have lost what it says of its columns.
    """
    schema = stored or rows.schema
    columns = [
        as_geojson(column) if is_geometry(field) else column
        for field, column in zip(schema, rows.columns, strict=True)
        if not is_made(field)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=readable_schema(schema))


def _as_text(field: pa.Field) -> pa.Field:
    rest = {key: value for key, value in (field.metadata or {}).items() if key != GEOMETRY}
    return pa.field(field.name, pa.string(), field.nullable, rest or None)


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    import duckdb  # noqa: PLC0415 - few tables have geometry, and it is slow to load

    return duckdb.connect(config=_LOCKED)

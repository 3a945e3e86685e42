"""One table in one pass: chunks come in while the Parquet is written, and its profile is there at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from civicat.dataset import Field, Resource
from civicat.publish.parquet import ROW_GROUP_ROWS
from civicat.publish.profile.numeric import NumberColumn, kind_of
from civicat.publish.profile.semantics import Evidence
from civicat.publish.profile.shapes import OtherColumn, ShapeColumn, TruthColumn, covers
from civicat.publish.profile.texts import TextColumn

# Figures are made block by block, and blocks begin where this says and not where chunks happen to end: the same rows
# give the same profile. The chunks of the writer are of this size and taken as they are.
BLOCK_ROWS = ROW_GROUP_ROWS

_SHAPES = ("geojson", "geopoint")


class _Figures(Protocol):
    """One column while rows come in."""

    @property
    def count(self) -> int:
        """Values that are not missing."""

    def add(self, values: pa.Array[Any]) -> None:
        """Takes in the next block."""

    def figures(self, evidence: Evidence) -> dict[str, object]:
        """What profile.json says of it beside count and missing."""


@dataclass(frozen=True, slots=True)
class _Column:
    place: int
    name: str
    field: Field | None
    type: str
    key: bool
    figures: _Figures
    cover: int | None = None


class Profiler:
    """The profile of one released table. `schema` is that of its chunks, `key` the columns of its primary key.

    One thread calls it at a time. It holds a block of rows and what the figures need: some megabytes for each column,
    however many rows there are.
    """

    def __init__(self, schema: pa.Schema, resource: Resource, key: tuple[str, ...]) -> None:
        _keep_memory()
        self._resource = resource
        self._columns = [_column(place, schema, resource, key) for place in _told(schema)]
        self._waiting: list[pa.Table] = []
        self._held = 0
        self._rows = 0

    def add(self, chunk: pa.Table) -> None:
        """Takes in the next rows, as many as they may be."""
        self._waiting.append(chunk)
        self._held += chunk.num_rows
        while self._held >= BLOCK_ROWS:
            held = self._waiting[0] if len(self._waiting) == 1 else pa.concat_tables(self._waiting)
            self._block(held.slice(0, BLOCK_ROWS))
            self._waiting = [held.slice(BLOCK_ROWS)]
            self._held -= BLOCK_ROWS

    def result(self) -> dict[str, object]:
        """The profile as plain JSON data; called once, when all rows are in."""
        if self._held:
            self._block(pa.concat_tables(self._waiting))
            self._waiting, self._held = [], 0
        columns = [self._described(column) for column in self._columns]
        return {"resource": self._resource.name, "rows": self._rows, "columns": columns}

    def _block(self, rows: pa.Table) -> None:
        self._rows += rows.num_rows
        block = rows.combine_chunks()
        for column in self._columns:
            for values in block.column(column.place).chunks:  # one, but for texts of more than 2 GB
                column.figures.add(_plain(values))
            if column.cover is not None and isinstance(column.figures, ShapeColumn):
                column.figures.cover(block.column(column.cover).chunk(0))

    def _described(self, column: _Column) -> Mapping[str, object]:
        count = column.figures.count
        evidence = Evidence(column.field, count, column.key, name=column.name, truth=column.type == "boolean")
        return {
            "name": column.name,
            "type": column.type,
            **({"key": True} if column.key else {}),
            "count": count,
            "missing": self._rows - count,
            **column.figures.figures(evidence),
        }


def _keep_memory() -> None:
    """Lets the C library keep freed memory of up to 16 MB for what is asked for next.

    Else arrays of a block's size go back to the system one by one and come again a page at a time, which takes half as
    long as the figures themselves. To have freed 8 MB once is what tells glibc; elsewhere it does nothing.
    """
    np.empty(8 * 1024 * 1024, np.uint8)


def _told(schema: pa.Schema) -> list[int]:
    """The columns of a profile: all but those that only hold boxes around geometries."""
    return [place for place, field in enumerate(schema) if not covers(field.type)]


def _column(place: int, schema: pa.Schema, resource: Resource, key: tuple[str, ...]) -> _Column:
    name, of = schema.names[place], schema.field(place).type
    field = resource.schema.field(name)
    unique = key == (name,)
    figures = _figures(of, field, unique=unique)
    cover = _cover(schema, name) if isinstance(figures, ShapeColumn) else None
    return _Column(place, name, field, _type(of, figures), unique, figures, cover)


def _cover(schema: pa.Schema, name: str) -> int | None:
    """The boxes of a geometry: a column named after it, or the only one that there is."""
    boxes = [place for place, field in enumerate(schema) if covers(field.type)]
    named = [place for place in boxes if schema.names[place] in {f"{name}_bbox", f"{name}.bbox"}]
    return next(iter(named or (boxes if len(boxes) == 1 else [])), None)


def _figures(of: pa.DataType, field: Field | None, *, unique: bool) -> _Figures:
    kind = kind_of(of)
    if kind is not None:
        return NumberColumn(kind, unique=unique)
    if pa.types.is_boolean(of):
        return TruthColumn()
    if pa.types.is_binary(of) or (field is not None and field.type in _SHAPES and _is_text(of)):
        return ShapeColumn()
    return TextColumn(unique=unique) if _is_text(of) else OtherColumn()


def _is_text(of: pa.DataType) -> bool:
    if pa.types.is_dictionary(of):
        return _is_text(of.value_type)
    return any(is_one(of) for is_one in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view))


def _plain(values: pa.Array[Any]) -> pa.Array[Any]:
    """Texts in the one form that their bytes are read in."""
    return values.cast(pa.string()) if _is_text(values.type) and values.type != pa.string() else values


_TYPES = (
    (pa.types.is_integer, "integer"),
    (pa.types.is_decimal, "number"),
    (pa.types.is_floating, "number"),
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_date, "date"),
    (pa.types.is_timestamp, "datetime"),
    (pa.types.is_time, "time"),
    (_is_text, "string"),
)


def _type(of: pa.DataType, figures: _Figures) -> str:
    """The column's type in the words of Table Schema; `geometry` and `other` are ours."""
    if isinstance(figures, ShapeColumn):
        return "geometry"
    return next((name for is_one, name in _TYPES if is_one(of)), "other")

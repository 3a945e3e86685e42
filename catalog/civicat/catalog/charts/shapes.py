"""Outlines of the shapes of a table for a map, of so many points at most. Runs in the child process."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import shapely

from civicat.shapes import is_geometry, is_made

MOST_POINTS = 20_000  # of all outlines together: 200 kB of SVG
MOST_SHAPES = 5_000
_FIRST = 1_000  # pieces of the whole span that are still told apart at first


def outlined(request: Mapping[str, object]) -> bytes:
    """The shapes of the table in `files` (paths) as JSON: [[rings, value or null, x, y], ...]; and what was left out.

    `column` holds the geometry, `value` is the column to colour by, blank for none.
    """
    paths = [Path(str(one)) for one in _list(request["files"])]
    column, value = str(request["column"]), str(request.get("value") or "")
    rows = [row for path in paths for row in _rows(path, column, value)]
    shapes = [(shape, number) for shape, number in rows if shape is not None and not shape.is_empty]
    kept = shapes[:MOST_SHAPES]
    simple = _simplified([shape for shape, _ in kept])
    marks = [[[*_rings(shape)], number, *_middle(shape)] for shape, (_, number) in zip(simple, kept, strict=True)]
    return json.dumps({"marks": marks, "rows": len(rows), "drawn": len(kept)}).encode()


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _rows(path: Path, column: str, value: str) -> Iterator[tuple[Any, float | None]]:
    stored = pq.read_schema(path)
    names = [column, *([value] if value else [])]
    table = pq.read_table(path, columns=names, use_threads=False)
    cells = table[column].to_pylist()
    parse = shapely.from_wkb if is_geometry(stored.field(column)) else shapely.from_geojson
    numbers = table[value].to_pylist() if value else [None] * len(cells)
    for cell, number in zip(cells, numbers, strict=True):
        shape = parse(cell, on_invalid="ignore") if cell is not None else None
        yield shape, None if number is None or not math.isfinite(number) else float(number)


def is_of_points(paths: Sequence[Path], column: str) -> bool:
    """Whether the first shapes of a table are points, which need no outlines."""
    first = pq.ParquetFile(paths[0])
    stored = first.schema_arrow.field(column)
    parse = shapely.from_wkb if is_geometry(stored) else shapely.from_geojson
    batch = next(first.iter_batches(100, columns=[column]), None)
    cells = [cell for cell in (batch.column(0).to_pylist() if batch else []) if cell is not None]
    first.close()
    return all(shapely.get_type_id(parse(cell, on_invalid="ignore")) in {0, 4, -1} for cell in cells)


def made_columns(path: Path) -> list[str]:
    """The columns that publishing added for maps."""
    return [field.name for field in pq.read_schema(path) if is_made(field)]


def _simplified(shapes: list[Any]) -> list[Any]:
    """The same shapes with fewer corners, until all have MOST_POINTS together."""
    if not shapes:
        return []
    west, south, east, north = shapely.total_bounds(shapes)
    by = max(east - west, north - south, 1e-6) / _FIRST
    found = shapes
    while shapely.get_num_coordinates(found).sum() > MOST_POINTS and by < max(east - west, north - south, 1e-6):
        found = [shape if shape.is_empty else shapely.simplify(shape, by, preserve_topology=True) for shape in shapes]
        by *= 2
    return found


def _rings(shape: Any) -> Iterator[list[tuple[float, float]]]:  # noqa: ANN401 (shapely ships no types)
    """The outlines of a shape and of its holes; of a line the line itself."""
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            yield from (_rounded(ring) for ring in (part.exterior, *part.interiors))
        elif part.geom_type == "LineString":
            yield _rounded(part)


def _rounded(ring: Any) -> list[tuple[float, float]]:  # noqa: ANN401
    return [(round(x, 4), round(y, 4)) for x, y, *_ in ring.coords]


def _middle(shape: Any) -> tuple[float, float]:  # noqa: ANN401
    spot = shape.representative_point()
    return round(spot.x, 4), round(spot.y, 4)

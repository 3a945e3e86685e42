"""Outlines for a map: read as they are stored, simplified to a bound, drawn in the child process."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from civicat.catalog.charts import shapes
from civicat.catalog.charts.asked import Asked
from civicat.catalog.charts.columns import columns
from civicat.catalog.charts.kept import figured
from civicat.catalog.charts.shapes import is_of_points, outlined
from civicat.catalog.charts.studio import studio
from civicat.layout import Layout
from civicat.release import Release
from civicat.shapes import GEOMETRY

MakeRelease = Callable[..., Release]


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    studio().close()


def circle(x: float, corners: int) -> shapely.Polygon:
    return shapely.Polygon(
        [(x + math.cos(a), math.sin(a)) for a in (place * math.tau / corners for place in range(corners))]
    )


def written(folder: Path, cells: list[object], *, wkb: bool) -> Path:
    kind = pa.field("area", pa.binary() if wkb else pa.string(), metadata={GEOMETRY: b"1"} if wkb else None)
    schema = pa.schema([kind, pa.field("share", pa.float64())])
    path = folder / "areas.parquet"
    pq.write_table(pa.table([cells, [float(place) for place in range(len(cells))]], schema=schema), path)
    return path


@pytest.mark.parametrize("wkb", [True, False])
def test_shapes_are_read_as_stored_and_what_is_none_is_left_out(tmp_path: Path, wkb: bool) -> None:  # noqa: FBT001 (a parameter)
    told = shapely.to_wkb if wkb else shapely.to_geojson
    cells = [told(circle(0, 8)), None, told(circle(5, 8)), b"\x00" if wkb else "{"]
    path = written(tmp_path, cells, wkb=wkb)
    answer = json.loads(outlined({"files": [str(path)], "column": "area", "value": "share"}))
    assert (answer["rows"], answer["drawn"]) == (4, 2)
    assert [mark[1] for mark in answer["marks"]] == [0, 2]
    assert not is_of_points((path,), "area")
    points = written(tmp_path, [told(shapely.Point(1, 2))], wkb=wkb)
    assert is_of_points((points,), "area")


def test_outlines_have_so_many_points_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "MOST_POINTS", 200)
    path = written(tmp_path, [shapely.to_wkb(circle(3 * place, 1_000)) for place in range(4)], wkb=True)
    marks = json.loads(outlined({"files": [str(path)], "column": "area"}))["marks"]
    assert sum(len(ring) for mark in marks for ring in mark[0]) <= 200
    assert all(mark[0] for mark in marks)


def test_a_map_of_polygons_is_drawn_by_the_child_and_kept(layout: Layout, make_release: MakeRelease) -> None:
    area = [shapely.to_geojson(circle(3 * place, 12)) for place in range(3)]
    table = pa.table({"id": [1, 2, 3], "area": area, "share": [10.0, 20.0, None]})
    release = make_release("demo/areas", tables={"areas": table}, fields={"area": {"type": "geojson"}})
    known = columns(release, release.tables[0])
    plot = figured(layout, release, release.tables[0], Asked("map", "areas", ("share",)), known)
    assert (plot.shape, len(plot.marks), [mark.value for mark in plot.marks]) == ("shapes", 3, [10, 20, None])
    assert studio().process is not None
    studio().close()
    assert figured(layout, release, release.tables[0], Asked("map", "areas", ("share",)), known) == plot
    assert studio().process is None

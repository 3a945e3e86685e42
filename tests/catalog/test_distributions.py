from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pyarrow as pa
import pytest

from civicat.catalog.facts.distributions import FORMATS, formats
from civicat.publish.exports.forms import FORMS
from civicat.release import Release

MakeRelease = Callable[..., Release]
EVERY = ("csv", "xlsx", "parquet", "ndjson", "sqlite", "arrow")


def test_each_format_is_one_that_can_be_had() -> None:
    assert set(FORMATS) - {"parquet"} == set(FORMS) - {"csv-excel"}  # a CSV as well
    assert all(label.zh and label.en for label in FORMATS.values())


@pytest.mark.parametrize(
    ("columns", "geojson"),
    [
        ({"code": ["a"]}, False),
        ({"latitude": [1.0], "longitude": [2.0]}, True),
        ({"纬度": [1.0], "经度": [2.0]}, True),
        ({"latitude": [1.0]}, False),
        ({"lat": [1.0], "latitude": [1.0], "lon": [2.0]}, False),  # which of them?
    ],
)
def test_maps_can_be_had_of_what_has_places(
    make_release: MakeRelease,
    columns: Mapping[str, list[object]],
    geojson: bool,  # noqa: FBT001  a value of the table above
) -> None:
    assert ("geojson" in formats(make_release(tables={"towns": pa.table(dict(columns))}))) is geojson


@pytest.mark.parametrize(
    ("rows", "missing"),
    [(3_000_000, set()), (3_000_001, {"xlsx"}), (15_000_000, {"xlsx"}), (15_000_001, {"xlsx", "sqlite"})],
)
def test_what_is_too_large_is_not_made(make_release: MakeRelease, rows: int, missing: set[str]) -> None:
    release = make_release()
    table = release.tables[0]
    large = replace(table, parts=(replace(table.parts[0], rows=rows),))  # of two columns
    assert set(EVERY) - set(formats(replace(release, tables=(large,)))) == missing

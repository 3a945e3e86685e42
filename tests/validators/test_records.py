"""Records: JSON as a stream, lines of JSON, GeoJSON with heights, Parquet of any type."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from frictionless import fields

from civicat.errors import SourceError
from civicat.validators import jsontext
from civicat.validators.records import READERS, flat, read_json, read_parquet


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows(path: Path, declared: Sequence[str] = ()) -> list[list[Any]]:
    return list(READERS[path.suffix[1:]](path, declared, "utf-8"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.json", '[{"a": 1, "b": "甲"}, {"c": null, "a": [2]}]'),
        ("x.json", '\n [\n{"a":1,"b":"甲"}\n,\n{"c":null,"a":[2]} ] \n'),
        ("x.ndjson", '{"a": 1, "b": "甲"}\n\n{"c": null, "a": [2]}'),
        ("x.json", '[["a", "b", "c"], [1, "甲", null], [[2], null, null]]'),
        ("x.ndjson", '["a", "b", "c"]\n[1, "甲", null]\n[[2], null, null]\n'),
    ],
)
def test_columns_are_all_names_that_occur(tmp_path: Path, name: str, content: str) -> None:
    assert rows(written(tmp_path / name, content)) == [["a", "b", "c"], [1, "甲", None], [[2], None, None]]


def test_declared_columns_come_first_and_stand_where_no_record_has_them(tmp_path: Path) -> None:
    assert rows(written(tmp_path / "x.json", '[{"a": 1}]'), ["z", "a"]) == [["z", "a"], [None, 1]]
    assert rows(written(tmp_path / "x.json", "[]"), ["z"]) == [["z"]]
    assert rows(written(tmp_path / "x.json", "[]")) == []


@pytest.mark.parametrize("size", [1, 2, 7, 64, 1 << 18])
def test_it_makes_no_difference_where_the_text_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    records = [{"a": -12.5e-3, "b": 'x"\\\n甲😀', "c": [True, None, {"d": []}]}, {"a": 123456, "b": "", "c": "y" * 99}]
    monkeypatch.setattr(jsontext, "_PIECE", size)
    for text in (json.dumps(records), json.dumps(records, ensure_ascii=False, indent=3)):
        found = rows(written(tmp_path / "x.json", text))
        assert found == [["a", "b", "c"], *(list(one.values()) for one in records)]


def test_a_long_array_is_never_held_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsontext, "LARGEST", 1 << 20)
    path = written(tmp_path / "x.json", "[" + ",".join('{"a": "' + "x" * 1000 + '"}' for _ in range(4000)) + "]")
    assert sum(1 for _ in read_json(path, [], "utf-8")) == 4001
    written(path, '[{"a": "' + "x" * (2 << 20) + '"}]')
    with pytest.raises(SourceError) as refused:
        list(read_json(path, [], "utf-8"))
    assert "JSON of which no single value is too large" in refused.value.message.en
    assert "每一项都不太大的 JSON" in refused.value.message.zh


DEEP = 100_000


@pytest.mark.parametrize(
    ("name", "content", "en", "zh"),
    [
        (
            "x.json",
            '[{"a": 1},\n{"a": 1, "a": 2}]',
            "line 2: one object has “a” twice",
            "第 2 行：同一个对象里有两个“a”",
        ),
        ("x.ndjson", '{"a": 1}\n{"a": {"b": 1, "b": 2}}', "line 2: one object has “b” twice", "里有两个“b”"),
        ("x.json", "[" * DEEP, "JSON that is not nested too deeply", "层次不太深的 JSON"),
        ("x.ndjson", "[" * DEEP, "JSON that is not nested too deeply", "层次不太深的 JSON"),
        ("x.json", '[{"a": ' + "1" * 5000 + "}]", "line 1: a whole number has more than 4,300 digits", "超过 4300 位"),
        ("x.json", '[{"a": NaN}]', "valid JSON, which knows no NaN", "其中不得有 NaN"),
        ("x.json", '[{"a": 1}, [2]]', "this must be an array of objects", "由对象组成的数组"),
        ("x.json", '[["a"], {"a": 2}]', "this must be an array of objects", "由对象组成的数组"),
        ("x.json", "[1, 2]", "this must be an array of objects", "由对象组成的数组"),
        ("x.json", '"text"', "this must be an array of objects", "由对象组成的数组"),
        ("x.json", "", "line 1: this is not JSON", "第 1 行：不是有效的 JSON"),
        ("x.json", '[{"a": 1},\n{"a": tru', "line 2: this is not JSON (a value is due)", "第 2 行：不是有效的 JSON"),
        ("x.json", '[{"a": 1}\n{"a": 2}]', "line 2: this is not JSON (“,” is due)", "第 2 行"),
        ("x.json", '[{"a": 1}]\n]', "line 2: this is not JSON (something follows its end)", "第 2 行"),
        ("x.json", '[{"a": "cut', "this is not JSON (a text has no closing quote)", "文字缺少末尾的引号"),
        ("x.ndjson", '{"a": 1}\n{"a": }', "line 2: this is not JSON (a value is due)", "第 2 行"),
        ("x.geojson", '{"type": "Feature"}', "this must be a FeatureCollection", "一个 FeatureCollection"),
        ("x.geojson", '{"features": [1]}', "this must be a FeatureCollection", "一个 FeatureCollection"),
        ("x.geojson", '{"features": 1}', "this must be a FeatureCollection", "一个 FeatureCollection"),
        ("x.geojson", "[]", "this must be a FeatureCollection", "一个 FeatureCollection"),
        ("x.geojson", '{"features": [{}]', "this is not JSON (“,” is due)", "不是有效的 JSON"),
        ("x.parquet", "PAR1", "is not a Parquet file that can be read", "不是可读的 Parquet 文件"),
    ],
)
def test_what_is_no_table_says_where_and_what_is_due(tmp_path: Path, name: str, content: str, en: str, zh: str) -> None:
    with pytest.raises(SourceError) as refused:
        rows(written(tmp_path / name, content))
    assert en in refused.value.message.en
    assert zh in refused.value.message.zh


def feature(coordinates: object, kind: str = "Point") -> dict[str, Any]:
    return {"type": "Feature", "properties": {"a": 1}, "geometry": {"type": kind, "coordinates": coordinates}}


def test_the_members_of_a_collection_may_come_in_any_order(tmp_path: Path) -> None:
    features = [feature([1, 2])]
    for document in (
        {"type": "FeatureCollection", "crs": {"x": [1]}, "features": features},
        {"features": features, "type": "FeatureCollection", "bbox": [0, 0, 1, 1]},
    ):
        path = written(tmp_path / "x.geojson", json.dumps(document))
        assert rows(path) == [["a", "geometry"], [1, '{"type":"Point","coordinates":[1,2]}']]


@pytest.mark.parametrize(
    ("coordinates", "kind"),
    [
        ([116.4, 39.9, 43.5], "Point"),
        ([[1, 2, 3], [4, 5, 6]], "LineString"),
        ([[[0, 0, 9], [1, 0, 9], [1, 1, 9], [0, 0, 9]]], "Polygon"),
        ([[[[0, 0, 9], [1, 0, 9], [1, 1, 9], [0, 0, 9]]]], "MultiPolygon"),
    ],
)
def test_a_shape_with_heights_is_one_that_frictionless_takes_once_it_is_flat(coordinates: object, kind: str) -> None:
    read = fields.GeojsonField(name="geometry").create_cell_reader()
    shape = feature(coordinates, kind)["geometry"]
    assert read(shape)[0] is None, "frictionless' schema knows positions of two numbers only"
    assert read(flat(shape))[0] is not None


@pytest.mark.parametrize(
    "shape", [None, "x", {"type": "Point", "coordinates": [1]}, {"type": "Point", "coordinates": [1, 2, 3, 4]},
              {"type": "Point", "coordinates": [1, 2]}, {"type": "Point", "coordinates": [1, 2, "3"]}]
)  # fmt: skip
def test_what_has_no_heights_stays_as_it_is(shape: object) -> None:
    assert flat(shape) == shape


UTC = dt.UTC


@pytest.mark.parametrize(
    ("array", "cells"),
    [
        (pa.array([1700000000123456000], pa.timestamp("ns")), [dt.datetime(2023, 11, 14, 22, 13, 20, 123456)]),  # noqa: DTZ001 (it has none)
        (pa.array([1700000000123456789], pa.timestamp("ns")), ["2023-11-14 22:13:20.123456789"]),
        (pa.array([0], pa.timestamp("ms", "UTC")), [dt.datetime(1970, 1, 1, tzinfo=UTC)]),
        (pa.array([10**15], pa.timestamp("ms")), None),
        (pa.array([1_000_000_000], pa.time64("ns")), [dt.time(0, 0, 1)]),
        (pa.array([Decimal("1.10"), None]), [Decimal("1.10"), None]),
        (pa.array([[1, 2], None]), [[1, 2], None]),
        (pa.array([{"a": 1}]), [{"a": 1}]),
        (pa.array(["x", "x", None]).dictionary_encode(), ["x", "x", None]),
        (pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())), [{"a": 1}, None]),
        (pa.array([1500, -1], pa.duration("ms")), ["PT1.5S", "PT-0.001S"]),
        (pa.array([b"text", b"\xff\x00", None]), ["text", "/wA=", None]),
        (pa.array([None, None]), [None, None]),
        (pa.array([1.5], pa.float16()), [1.5]),
        (pa.array([2**63], pa.uint64()), [2**63]),
        (pa.array([dt.date(2024, 1, 5)]), [dt.date(2024, 1, 5)]),
    ],
)
def test_columns_of_any_type_become_cells(tmp_path: Path, array: pa.Array[Any], cells: list[Any] | None) -> None:
    pq.write_table(pa.table({"a": array}), tmp_path / "x.parquet")
    header, *found = read_parquet(tmp_path / "x.parquet", [], "")
    assert header == ["a"]
    if cells is not None:
        assert found == [[cell] for cell in cells]
    else:
        assert isinstance(found[0][0], str), "a date beyond the year 9999 is text"


def test_a_reader_lets_go_of_its_file(tmp_path: Path) -> None:
    read: Callable[..., Any] = read_json
    path = written(tmp_path / "x.json", '[{"a": 1}, {"a": 2}]')
    stream = read(path, [], "utf-8")
    next(stream)
    stream.close()
    path.unlink()

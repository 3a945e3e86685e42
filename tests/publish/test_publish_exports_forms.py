"""Each form read back, cell by cell, by a reader that is not ours, from a table with every type and every trap."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from civicat.catalog.files.downloads import csv_chunks
from civicat.errors import CivicatError
from civicat.layout import Layout
from civicat.publish import exports
from civicat.publish.exports import delimited, rows, workbook, workbook_plan
from civicat.publish.exports.form import Content
from civicat.release import Part, Release, Version, read_release
from civicat.spelling import spelled

LONG = "长" * 20_000 + "𠮷" * 10_000  # 40,000 units of UTF-16 in 30,000 characters
TEXTS = (
    *(
        "",
        None,
        "中文，逗号",
        'say "no"',
        "two\nlines",
        "tab\there",
        "=1+1",
        "+1",
        "-1",
        "@x",
        "＝1",
        "'quoted",
        "0012",
    ),
    *("123456789012345678", "1-2", "mar1", "1e5", "back\\slash", "a\x01b", "\r", " space ", "𠮷", "NULL", "null", "x"),
)
NAMES = (
    "编号",
    "text",
    "code",
    "whole",
    "exact",
    "long.exact",
    "float",
    "odd float",
    "yes",
    "day",
    "old day",
    "moment",
)
_MORE = ("local", "fine", "hour", "year")


def _columns() -> dict[str, pa.Array[Any]]:
    count = len(TEXTS)
    many = range(count)
    moment = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    blank = 7  # this row has nothing but its number

    def made(values: list[Any], kind: pa.DataType) -> pa.Array[Any]:
        return pa.array([None if place == blank else value for place, value in enumerate(values)], kind)

    exact = [Decimal(place).scaleb(-2) * (-1) ** place for place in many]
    long = [Decimal("123456789012345678901234567890.12345678"), *(Decimal(place).scaleb(-8) for place in many[1:])]
    odd = [math.inf, -math.inf, math.nan, *(float(place) for place in many[3:])]
    return {
        "编号": pa.array(many, pa.int64()),
        "text": pa.array(TEXTS, pa.string()),
        "code": made([f"{place:04}" for place in many], pa.string()),
        "whole": made([2**60 + place for place in many], pa.int64()),
        "exact": made(exact, pa.decimal128(18, 2)),
        "long.exact": made(long, pa.decimal128(38, 8)),
        "float": made([0.1, 1e-7, 1e22, -0.5, 1 / 3, *(place / 7 for place in many[5:])], pa.float64()),
        "odd float": made(odd, pa.float64()),
        "yes": made([place % 2 == 0 for place in many], pa.bool_()),
        "day": made([date(2020, 2, 1 + place) for place in many], pa.date32()),
        "old day": made([date(1850, 1, 1 + place) for place in many], pa.date32()),
        "moment": made([moment.replace(second=place) for place in many], pa.timestamp("us", "UTC")),
        "local": made([datetime(2026, 1, 1, 0, 0, place) for place in many], pa.timestamp("us")),  # noqa: DTZ001 - naive
        "fine": made([moment.replace(microsecond=place) for place in many], pa.timestamp("us", "UTC")),
        "hour": made([time(4, 5, place) for place in many], pa.time64("us")),
        "year": made([1990 + place for place in many], pa.int32()),
    }


_TYPES = {
    "编号": "integer",
    "whole": "integer",
    "exact": "number",
    "long.exact": "number",
    "float": "number",
    "odd float": "number",
    "yes": "boolean",
    "day": "date",
    "old day": "date",
    "moment": "datetime",
    "local": "datetime",
    "fine": "datetime",
    "hour": "time",
    "year": "year",
}


def _field(name: str, kind: str, **more: object) -> dict[str, Any]:
    ours = {
        "unit": "1",
        "zh": {"title": f"{name}（中）", "description": "说明"},
        "caveats": [{"zh": "慎用", "en": "Care"}],
    }
    return {"name": name, "type": kind, "title": f"The {name}", "description": "What", **more, "civicat": ours}


def _resource(name: str, fields: list[dict[str, Any]], **schema: object) -> dict[str, Any]:
    return {
        "name": name,
        "path": f"{name}.parquet",
        "title": name,
        "description": name,
        "schema": {"fields": fields, **schema},
    }


def _write(path: Path, table: pa.Table) -> Part:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, store_schema=True)
    return Part(path, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest(), table.num_rows)


def release_of(layout: Layout, tables: dict[str, list[pa.Table]], resources: list[dict[str, Any]]) -> Release:
    """A release in the store, from one or more files for each resource."""
    name, version = "transport/counters", "1.2.0"
    folder = layout.dataset(name) / version
    descriptor: dict[str, Any] = {
        "name": "counters",
        "title": "Counters",
        "description": "Bicycles counted.",
        "licenses": [{"name": "CC0-1.0", "title": "Public domain", "path": "https://example.org/cc0"}],
        "sources": [{"title": "Road", "path": "https://example.org/road"}],
        "resources": resources,
        "civicat": {
            "zh": {"title": "计数器", "description": "自行车数量。"},
            "caveats": [{"zh": "雨天少。", "en": "Fewer in rain."}],
            "release": {
                "department": {
                    "code": "transport",
                    "title": {"zh": "交通局", "en": "Transport"},
                    "contact": {"title": {"zh": "台", "en": "Desk"}},
                },
                "version": version,
                "inputs": "0" * 64,
            },
        },
    }
    release = read_release(folder, descriptor, {}, {"released": "2026-02-22T03:04:05Z"})
    made = []
    for table in release.tables:
        files = tables[table.resource.name]
        paths = [folder / f"{table.resource.name}.{number:04}.parquet" for number, _ in enumerate(files, start=1)]
        made.append(replace(table, parts=tuple(map(_write, paths, files))))
    (folder / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    return replace(release, tables=tuple(made))


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    return Layout(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def whole() -> pa.Table:
    """The table of all types."""
    return pa.table(_columns())


@pytest.fixture(scope="module")
def release(layout: Layout, whole: pa.Table) -> Release:
    """It lies in two files; beside it a table that refers to it, and one without a row."""
    fields = [_field(name, _TYPES.get(name, "string")) for name in whole.column_names]
    fields[1]["categories"] = [{"value": "x", "label": "The x"}]
    fields[1]["civicat"]["zh"]["categories"] = {"x": "未知"}
    fields[2]["constraints"] = {"unique": True}
    notes = [_field("note", "string", constraints={"required": True}), _field("counter", "integer")]
    references = [
        {"fields": ["counter"], "reference": {"resource": "all", "fields": ["编号"]}},
        {"fields": ["note"], "reference": {"resource": "all", "fields": ["text"]}},  # which is no key
    ]
    resources = [
        _resource("all", fields, primaryKey=["编号"]),
        _resource("notes", notes, foreignKeys=references),
        _resource("empty", [_field("a", "string"), _field("b", "integer")]),
    ]
    tables = {
        "all": [whole.slice(0, 10), whole.slice(10)],
        "notes": [pa.table({"note": ["北京市海淀区", "上海"], "counter": pa.array([1, None], pa.int64())})],
        "empty": [pa.table({"a": pa.array([], pa.string()), "b": pa.array([], pa.int64())})],
    }
    return release_of(layout, tables, resources)


def _as_texts(table: pa.Table) -> list[list[str | None]]:
    """What each cell should be as text: in our spelling."""
    columns = [[text for chunk in column.chunks for text in spelled(chunk).to_pylist()] for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


# csv


def test_csv_read_back_by_the_csv_module_is_every_cell(layout: Layout, release: Release, whole: pa.Table) -> None:
    file = exports.export(layout, release, "csv", "all")
    assert file.name == "transport-counters_all-1.2.0.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        header, *lines = csv.reader(stream)
    assert header == whole.column_names
    assert lines == [[cell or "" for cell in row] for row in _as_texts(whole)]


@pytest.mark.parametrize("resource", ["all", "notes", "empty"])
def test_csv_is_byte_for_byte_what_the_site_sends(layout: Layout, release: Release, resource: str) -> None:
    table = next(table for table in release.tables if table.resource.name == resource)
    site = b"".join(csv_chunks(rows.batches(table, rows=7), rows.stored_schema(table)))
    assert exports.export(layout, release, "csv", resource).read_bytes() == site


def test_csv_tells_an_empty_text_from_a_missing_one(layout: Layout, release: Release) -> None:
    lines = exports.export(layout, release, "csv", "all").read_text("utf-8").split("\n")
    assert lines[1].startswith('0,"",')
    assert lines[2].startswith("1,,")


def test_csv_for_excel_marks_what_excel_would_change_and_no_more(layout: Layout, release: Release) -> None:
    file = exports.export(layout, release, "csv-excel", "all")
    assert file.name == "transport-counters_all-1.2.0-excel.csv"
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    texts = [line["text"] for line in lines]
    marked = [text for text in TEXTS if text and f"'{text}" in texts]
    assert marked == [
        *("=1+1", "+1", "-1", "@x", "＝1", "'quoted", "0012", "123456789012345678", "1-2", "mar1", "1e5", "\r"),
    ]
    # One apostrophe less, and the text is what it was.
    assert [text.removeprefix("'") for text in texts] == [text or "" for text in TEXTS]
    assert lines[1]["exact"] == "-0.01"  # a number is none of this
    assert lines[1]["code"] == "'0001"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        *(("01", True), ("0", False), ("0.5", False), ("12345678901", False), ("123456789012", True), ("1/2", True)),
        *(("2020-01-02", True), ("1-2-3-4", False), ("12E3", True), ("E3", False), ("Sept 2", True), ("march", False)),
        *(("1.5", False), ("1.5.2026", True)),
        *(("12:30", True), ("1:2:3", True), ("5%", True), ("$5", True), ("€5", True), ("1,234", True), ("(5)", True)),
        *(("5 €", True), ("($1,234.50)", True), ("1,23", False), ("$", False), ("5%x", False), ("(五)", False)),
        *(("TRUE", True), ("false", True), ("TRUEx", False), ("#N/A", True), ("#5", False), ("１２", True)),
        *(("2024-01-02 03:04", True), ("2024-01-02T03:04:05Z", True), ("3-2024", True), ("5 PM", True), ("5 p", True)),
        *(("1 1/2", True), ("1 2", False), ("Jan 5, 2024", True), ("5 Jan", True), ("5-Jan-2024", True)),
        *(("marathon 5", False), ("May", False), ("5 apples", False), ("2024年1月2日", True), ("1月2日", True)),
        *(("下午3时5分", True), ("2024年", False), (".5E3", True), ("1e-5", True), ("5.10", True), ("1.0", True)),
        *((".5", True), ("5.", True), ("10", False), ("1.05", False), (" 12", True), ("12 ", True), (" x", False)),
        *(("1.123456789", True), ("1.12345678", False), ("10.0.0.1", False), ("2024年1月2日 12:30", True)),
        *(("\tx", True), ("－5", True), ("＋5", True), ("＠", True), ("x=1", False)),
    ],
)
def test_what_excel_would_change(text: str, marked: bool) -> None:  # noqa: FBT001 - a parameter
    assert delimited.guarded(pa.array([text, None])).to_pylist() == [f"'{text}" if marked else text, None]


def test_csv_has_quotes_only_where_they_are_needed(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    columns = {
        "id": pa.array([1, 2], pa.int64()),
        "exact": pa.array([Decimal("1.50"), None], pa.decimal128(9, 2)),
        "float": pa.array([1.5, None], pa.float64()),
        "moment": pa.array([datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
        "a,b": ["北京", 'say "no"'],
    }
    kinds = ("integer", "number", "number", "datetime", "string")
    fields = [_field(name, kind) for name, kind in zip(columns, kinds, strict=True)]
    release = release_of(layout, {"all": [pa.table(columns)]}, [_resource("all", fields, primaryKey=["id"])])
    assert exports.export(layout, release, "csv").read_text("utf-8") == (
        'id,exact,float,moment,"a,b"\n1,1.50,1.5,2026-01-02T03:04:05Z,北京\n2,,,,"say ""no"""\n'
    )


# ndjson


def test_ndjson_read_back_by_the_json_module_is_every_cell(layout: Layout, release: Release, whole: pa.Table) -> None:
    lines = exports.export(layout, release, "ndjson", "all").read_text("utf-8").split("\n")
    assert lines.pop() == ""
    found = [json.loads(line, parse_float=Decimal) for line in lines]
    bare = {"编号", "whole", "exact", "long.exact", "float", "yes", "year"}
    for row, texts, values in zip(found, _as_texts(whole), whole.to_pylist(), strict=True):
        assert list(row) == whole.column_names
        for name, text in zip(whole.column_names, texts, strict=True):
            if (name == "float" and values[name] is not None) or (
                name == "odd float" and text is not None and math.isfinite(values[name])
            ):
                assert float(row[name]) == values[name]
            else:
                assert row[name] == (values[name] if name in bare else text), name
    assert found[0]["long.exact"] == Decimal("123456789012345678901234567890.12345678")
    assert (found[0]["odd float"], found[1]["odd float"], found[2]["odd float"]) == ("inf", "-inf", "nan")


def test_ndjson_of_a_table_without_rows_is_an_empty_file(layout: Layout, release: Release) -> None:
    assert exports.export(layout, release, "ndjson", "empty").read_bytes() == b""


# xlsx


def test_xlsx_read_back_by_openpyxl(layout: Layout, release: Release, whole: pa.Table) -> None:
    book = openpyxl.load_workbook(exports.export(layout, release, "xlsx", "all"))
    assert book.sheetnames == ["counters_all", "字段 Fields", "代码 Codes", "关于 About"]
    sheet = book["counters_all"]
    header, *lines = sheet.iter_rows()
    assert [cell.value for cell in header] == whole.column_names
    assert all(cell.font.b for cell in header)
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", sheet.dimensions)
    texts = _as_texts(whole)
    as_text = {"text", "code", "whole", "long.exact", "odd float", "old day", "fine", "hour"}
    for line, values, spellings in zip(lines, whole.to_pylist(), texts, strict=True):
        for cell, name, text in zip(line, whole.column_names, spellings, strict=True):
            assert cell.data_type != "f"
            if values[name] in {None, ""}:  # which a workbook cannot tell apart
                assert cell.value is None
            elif name in as_text:
                assert (_unescaped(cell.value), cell.data_type) == (text, "s"), name
            else:
                assert cell.value == _in_excel(values[name]), name


def _unescaped(text: str) -> str:
    return re.sub(r"_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)


def _in_excel(value: object) -> object:
    match value:
        case datetime():
            return value.replace(tzinfo=None)
        case date():
            return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - as openpyxl says it
        case Decimal():
            return float(value)
        case _:
            return value


def test_xlsx_read_back_by_calamine(layout: Layout, release: Release) -> None:
    book = CalamineWorkbook.from_path(str(exports.export(layout, release, "xlsx", "all")))
    lines = book.get_sheet_by_name("counters_all").to_python()
    assert [line[1] for line in lines[1:]][2:] == list(TEXTS[2:])
    assert lines[1][9] == date(2020, 2, 1)
    assert lines[1][3] == str(2**60)


def test_xlsx_says_what_it_changed_in_both_languages(layout: Layout, release: Release) -> None:
    book = openpyxl.load_workbook(exports.export(layout, release, "xlsx", "all"))
    about = {line[0]: line[1:] for line in book["关于 About"].iter_rows(values_only=True)}
    assert about["数据集 Dataset"] == ("transport/counters",) * 2
    assert about["名称 Title"] == ("计数器", "Counters")
    assert about["许可 Licence"][1] == "Public domain https://example.org/cc0"
    assert about["使用须知 Caveats"] == ("雨天少。", "Fewer in rain.")
    assert len(str(about["清单的 sha256 sha256 of the manifest"][0])) == 64
    changed = {str(key).split(" ")[0]: words for key, words in about.items() if str(key).startswith("改动")}
    assert list(changed) == [
        *(
            "改动：text",
            "改动：whole",
            "改动：long.exact",
            "改动：odd",
            "改动：old",
            "改动：moment",
            "改动：fine",
            "改动：hour",
        ),
    ]
    assert changed["改动：whole"] == (
        "该列有超过 15 位的数，整列以文字保存。",
        "The column holds numbers of more than 15 digits: all of it is kept as text.",
    )
    header, *lines = book["字段 Fields"].iter_rows(values_only=True)
    entry = dict(zip(header, lines[1], strict=True))
    codes = list(book["代码 Codes"].iter_rows(values_only=True))
    assert codes == [("列 Column", "代码 Code", "中文", "English"), ("text", "x", "未知", "The x")]
    assert (entry["名称"], entry["Title"]) == ("text（中）", "The text")


def _content(release: Release, name: str = "all") -> Content:
    return Content(release, tuple(table for table in release.tables if table.resource.name == name), "0" * 64)


def test_xlsx_goes_on_in_another_sheet_past_the_most_rows(release: Release, tmp_path: Path) -> None:
    workbook.make(_content(release), tmp_path / "a.xlsx", most_rows=len(TEXTS))
    workbook.make(_content(release), tmp_path / "b.xlsx", most_rows=len(TEXTS) - 1)
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames[0:2] == ["counters_all", "字段 Fields"]
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert book.sheetnames[0:2] == ["counters_all", "counters_all (2)"]
    assert [cell.value for cell in book["counters_all (2)"][1]] == list(_columns())
    assert book["counters_all"].max_row == len(TEXTS)
    assert [row[0] for row in book["counters_all (2)"].iter_rows(min_row=2, values_only=True)] == [len(TEXTS) - 1]


def test_xlsx_of_a_table_without_rows_has_its_header(layout: Layout, release: Release) -> None:
    book = openpyxl.load_workbook(exports.export(layout, release, "xlsx", "empty"))
    assert list(book["counters_empty"].iter_rows(values_only=True)) == [("a", "b")]


@pytest.mark.parametrize(
    ("dataset", "number", "sheet"),
    [
        *(("history", 1, "history (1)"), ("History", 1, "History (1)"), ("history", 2, "history (2)")),
        *(("histories", 1, "histories"), ("counters", 1, "counters")),
    ],
)
def test_no_sheet_is_called_as_one_of_excels_own(dataset: str, number: int, sheet: str) -> None:
    assert workbook_plan.sheet_name(dataset, number) == sheet


LATE, EARLY = 253402300800000000, -62135596800000001  # microseconds: the first of year 10000, the last before year 1


@pytest.mark.parametrize(("value", "odd"), [(LATE - 1_000, False), (LATE, True), (EARLY, True)])
def test_xlsx_of_moments_beyond_the_years_of_iso_8601(tmp_path: Path, value: int, odd: bool) -> None:  # noqa: FBT001
    layout = Layout(tmp_path)
    table = pa.table(
        {"id": pa.array([1, 2]), "at": pa.array([value, None], pa.int64()).cast(pa.timestamp("us", "UTC"))}
    )
    fields = [_field("id", "integer"), _field("at", "datetime")]
    release = release_of(layout, {"all": [table]}, [_resource("all", fields, primaryKey=["id"])])
    book = openpyxl.load_workbook(exports.export(layout, release, "xlsx"))
    about = {str(line[0]): line[1:] for line in book["关于 About"].iter_rows(values_only=True)}
    words = (
        "该列有 1900 年 3 月 1 日前或 9999 年后的日期，整列以文字保存。",
        "The column holds days before 1 March 1900 or after 9999: all of it is kept as text.",
    )
    assert (about["改动：at Changed: at"] == words) is odd


def test_xlsx_keeps_the_milliseconds_of_a_moment(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    moments = [datetime(2018, 1, 31, 2, 18, 21, thousandths * 1000, tzinfo=UTC) for thousandths in (235, 999, 0)]
    table = pa.table({"id": pa.array([1, 2, 3]), "at": pa.array(moments, pa.timestamp("us", "UTC"))})
    fields = [_field("id", "integer"), _field("at", "datetime")]
    release = release_of(layout, {"all": [table]}, [_resource("all", fields, primaryKey=["id"])])

    sheet = openpyxl.load_workbook(exports.export(layout, release, "xlsx")).worksheets[0]

    assert [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        one.replace(tzinfo=None) for one in moments
    ]
    assert sheet["B2"].number_format == 'yyyy-mm-dd"T"hh:mm:ss.000"Z"'


@pytest.mark.parametrize(("characters", "fits"), [(32_767, True), (32_768, False)])
def test_xlsx_keeps_a_text_that_is_too_long_in_pieces(tmp_path: Path, characters: int, fits: bool) -> None:  # noqa: FBT001
    layout = Layout(tmp_path)
    table = pa.table({"id": pa.array([1, 2], pa.int64()), "text": ["short", "长" * (characters - 2) + "𠮷"]})
    resource = _resource("all", [_field("id", "integer"), _field("text", "string")], primaryKey=["id"])
    release = release_of(layout, {"all": [table]}, [resource])
    book = openpyxl.load_workbook(exports.export(layout, release, "xlsx"))
    text = table["text"][1].as_py()
    if fits:
        assert book["counters_all"]["B3"].value == text
        assert "长文本 Long texts" not in book.sheetnames
        return
    assert book["counters_all"]["B3"].value == text[:16_000] + "…"
    pieces = list(book["长文本 Long texts"].iter_rows(min_row=2, values_only=True))
    assert {piece[:3] for piece in pieces} == {("counters_all", 3, "text")}
    assert "".join(str(piece[4]) for piece in pieces) == text
    about = {str(line[0]): line[1:] for line in book["关于 About"].iter_rows(values_only=True)}
    zh, en = about["改动：text Changed: text"]
    assert str(zh).startswith("有 1 个单元格超过 32,767 个字符")
    assert "32,767 characters: 1." in str(en)


# geojson


def _places(layout: Layout, table: pa.Table, **kinds: str) -> Release:
    fields = [_field(name, kinds.get(name, "string")) for name in table.column_names]
    return release_of(layout, {"all": [table]}, [_resource("all", fields, primaryKey=[table.column_names[0]])])


def test_geojson_of_longitude_and_latitude_read_by_geopandas(tmp_path: Path) -> None:
    geopandas = pytest.importorskip("geopandas")
    layout = Layout(tmp_path)
    table = pa.table(
        {
            "id": pa.array([1, 2, 3], pa.int64()),
            "Lon": pa.array([Decimal("116.397000"), Decimal("181.000000"), None], pa.decimal128(9, 6)),
            "latitude": [39.9, 1.0, 2.0],
            "名称": ["天安门", "远", None],
        }
    )
    release = _places(layout, table, id="integer", Lon="number", latitude="number")
    file = exports.export(layout, release, "geojson")
    found = json.loads(file.read_bytes())
    assert found["type"] == "FeatureCollection"
    assert [feature["id"] for feature in found["features"]] == [1, 2, 3]
    assert [feature["geometry"] for feature in found["features"]] == [
        {"type": "Point", "coordinates": [116.397, 39.9]},
        None,  # beyond 180 degrees
        None,
    ]
    assert found["features"][1]["properties"] == {"id": 2, "Lon": 181, "latitude": 1, "名称": "远"}
    frame = geopandas.read_file(file)
    assert str(frame.crs) == "EPSG:4326"
    assert (frame.geometry[0].x, frame.geometry[0].y) == (116.397, 39.9)
    assert list(frame["名称"])[:2] == ["天安门", "远"]


def test_geojson_of_geometry_in_the_file(tmp_path: Path) -> None:
    shapely = pytest.importorskip("shapely")
    layout = Layout(tmp_path)
    shapes = [shapely.Point(1, 2), None, shapely.box(0, 0, 1, 1)]
    wkb = pa.array([shape and shape.wkb for shape in shapes], pa.binary())
    schema = pa.schema(
        [
            *(pa.field("id", pa.int64()), pa.field("shape", pa.binary(), metadata={"civicat:geometry": "WKB"})),
            pa.field("shape_bbox", pa.struct([("xmin", pa.float64())]), metadata={"civicat:made": "1"}),
        ]
    )
    table = pa.table([pa.array([1, 2, 3]), wkb, pa.array([{"xmin": 1.0}, None, None], schema[2].type)], schema)
    release = _places(layout, table, id="integer", shape="geojson")
    found = json.loads(exports.export(layout, release, "geojson").read_bytes())["features"]
    read = [feature["geometry"] and shapely.geometry.shape(feature["geometry"]) for feature in found]
    assert read == shapes
    assert [feature["properties"] for feature in found] == [{"id": 1}, {"id": 2}, {"id": 3}]
    lines = exports.export(layout, release, "csv").read_text("utf-8").splitlines()
    assert lines[0] == "id,shape"
    assert next(csv.reader(lines[1:]))[1].startswith('{"type":"Point"')
    first = json.loads(exports.export(layout, release, "ndjson").read_text("utf-8").split("\n")[0])
    assert first["shape"]["coordinates"] == [1, 2]


def test_geojson_without_places_is_refused_and_leaves_nothing(layout: Layout, release: Release) -> None:
    with pytest.raises(CivicatError) as refused:
        exports.export(layout, release, "geojson", "notes")
    assert refused.value.message.zh == (
        "数据表 notes 没有几何列，也没有经度、纬度两列，不能导出为 GeoJSON。请改用 csv 或 ndjson。"
    )
    assert refused.value.message.en == (
        "The table notes has no column of geometries and no pair of longitude and latitude: it cannot be had as "
        "GeoJSON. Take csv or ndjson."
    )
    assert not list(layout.cache.rglob("*.geojson*"))


@pytest.mark.parametrize(
    ("longitude", "latitude", "unit"),
    [("lng", "纬度", "1"), ("经度", "lat", "°"), ("LONGITUDE", "Latitude", "Degrees")],
)
def test_which_columns_are_longitude_and_latitude(tmp_path: Path, longitude: str, latitude: str, unit: str) -> None:
    found = json.loads(exports.export(*_pair(tmp_path, longitude, latitude, unit), "geojson").read_bytes())
    assert found["features"][0]["geometry"]["coordinates"] == [1, 2]


@pytest.mark.parametrize(
    ("longitude", "latitude", "unit"), [("lon", "lng", "1"), ("x", "y", "1"), ("lon", "lat", "m"), ("lon", "lat2", "1")]
)
def test_which_columns_are_not(tmp_path: Path, longitude: str, latitude: str, unit: str) -> None:
    with pytest.raises(CivicatError, match="no pair of longitude and latitude"):
        exports.export(*_pair(tmp_path, longitude, latitude, unit), "geojson")


def _pair(folder: Path, longitude: str, latitude: str, unit: str) -> tuple[Layout, Release]:
    layout = Layout(folder)
    fields = [_field("id", "string"), *(_field(name, "number") for name in (longitude, latitude))]
    for field in fields:
        field["civicat"]["unit"] = unit
    table = pa.table({"id": ["a"], longitude: [1.0], latitude: [2.0]})
    return layout, release_of(layout, {"all": [table]}, [_resource("all", fields, primaryKey=["id"])])


# sqlite


@pytest.fixture
def database(layout: Layout, release: Release) -> Iterator[sqlite3.Connection]:
    file = exports.export(layout, release, "sqlite", search=True)
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        yield connection


def test_sqlite_read_back_by_sqlite3_is_every_cell(database: sqlite3.Connection, whole: pa.Table) -> None:
    found = database.execute('select * from "counters_all" order by "编号"').fetchall()
    same = {"编号", "text", "code", "whole", "float", "year"}
    for row, values, texts in zip(found, whole.to_pylist(), _as_texts(whole), strict=True):
        for cell, name, text in zip(row, whole.column_names, texts, strict=True):
            if name == "exact" and text is not None:
                assert Decimal(str(cell)) == values[name]
            elif name == "yes" and text is not None:
                assert cell == int(values[name])
            else:
                assert cell == (values[name] if name in same else text), name


def test_sqlite_declares_types_and_keys(database: sqlite3.Connection) -> None:
    columns = {row[1]: row[2:] for row in database.execute('pragma table_info("counters_all")')}
    assert columns["编号"] == ("INTEGER", 1, None, 1)
    kinds = {name: columns[name][0] for name in ("exact", "long.exact", "float", "odd float", "day")}
    assert kinds == {"exact": "NUMERIC", "long.exact": "TEXT", "float": "REAL", "odd float": "TEXT", "day": "TEXT"}
    assert [row[2:5] for row in database.execute('pragma foreign_key_list("counters_notes")')] == [
        ("counters_all", "counter", "编号"),  # what is no key cannot be pointed at
    ]
    assert database.execute("pragma foreign_key_check").fetchall() == []
    notes = [row[3] for row in database.execute('pragma table_info("counters_notes")')]
    assert notes == [1, 0]
    assert database.execute("pragma integrity_check").fetchall() == [("ok",)]


def test_sqlite_holds_the_words(database: sqlite3.Connection) -> None:
    release = {item: (zh, en) for item, zh, en in database.execute("select * from _release")}
    assert release["title"] == ("计数器", "Counters")
    assert release["version"] == ("1.2.0", "1.2.0")
    codes = database.execute("select * from _codes").fetchall()
    assert codes == [("counters_all", "text", "x", "未知", "The x")]
    words = database.execute(
        'select title_zh, title_en, refers_to from _fields where "table" = ? and "column" = ?',
        ("counters_notes", "counter"),
    ).fetchone()
    assert words[:2] == ("counter（中）", "The counter")
    assert json.loads(words[2]) == [{"dataset": "", "resource": "all", "fields": ["编号"]}]
    note = database.execute('select note_zh, note_en from _fields where "column" = ?', ("long.exact",)).fetchone()
    assert note == ("以文字保存：有超过 15 位的数", "Kept as text: it holds numbers of more than 15 digits")


@pytest.mark.parametrize(
    "condition",
    ["_search where note match '海淀区'", " where note like '%北京%'", " where note like '%淀%'"],
    ids=range(3),
)
def test_sqlite_finds_chinese(database: sqlite3.Connection, condition: str) -> None:
    found = database.execute(f"select note from counters_notes{condition}").fetchall()  # noqa: S608 - ours
    assert found == [("北京市海淀区",)]


def test_sqlite_searches_a_table_with_a_column_that_fts5_has_itself(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    table = pa.table({"Rank": ["first"], "text": ["abcdef"]})
    release = release_of(
        layout, {"all": [table]}, [_resource("all", [_field(name, "string") for name in ("Rank", "text")])]
    )
    with closing(sqlite3.connect(exports.export(layout, release, "sqlite", search=True))) as connection:
        found = connection.execute(
            "select text from counters_all_search where counters_all_search match 'bcd'"
        ).fetchall()
    assert found == [("abcdef",)]


@pytest.mark.parametrize(
    ("column", "name"), [("counters_SEARCH", "counters_search_2"), ("counters_search_2", "counters_search")]
)
def test_sqlite_search_has_a_name_that_is_free(tmp_path: Path, column: str, name: str) -> None:
    layout = Layout(tmp_path)
    resources = [_resource("counters", [_field("id", "integer"), _field(column, "string")], primaryKey=["id"])]
    release = release_of(layout, {"counters": [pa.table({"id": pa.array([1]), column: ["abcdef"]})]}, resources)
    assert release.tables[0].name == "counters"
    with closing(sqlite3.connect(exports.export(layout, release, "sqlite", search=True))) as connection:
        found = connection.execute(f"select rowid from {name} where {name} match 'bcd'").fetchall()  # noqa: S608 - ours
    assert found == [(1,)]


@pytest.mark.parametrize(
    ("values", "required", "needed"),
    [([5, None, 3], False, [1, 0]), ([5, 4, 3], False, [1, 1]), ([5, 4, 3], True, [1, 1])],
    ids=["a missing part", "none", "required"],
)
def test_sqlite_of_a_key_of_which_parts_are_missing(
    tmp_path: Path,
    values: list[int | None],
    required: bool,  # noqa: FBT001 - a parameter
    needed: list[int],
) -> None:
    layout = Layout(tmp_path)
    more = {"constraints": {"required": True}} if required else {}
    fields = [_field("a", "integer"), _field("b", "integer", **more)]
    table = pa.table({"a": pa.array([1, 1, 1]), "b": pa.array(values, pa.int64())})
    release = release_of(layout, {"all": [table]}, [_resource("all", fields, primaryKey=["a", "b"])])
    with closing(sqlite3.connect(exports.export(layout, release, "sqlite"))) as connection:
        name = release.tables[0].name
        assert [row[0] for row in connection.execute(f'select b from "{name}" order by rowid')] == values  # noqa: S608 - ours
        columns = connection.execute(f'pragma table_info("{name}")').fetchall()
        told = [row[0] for row in connection.execute("select required from _fields order by position")]
    assert [row[3] for row in columns] == told == needed
    assert [row[5] for row in columns] == [1, 2]
    book = openpyxl.load_workbook(exports.export(layout, release, "xlsx"))
    cells = [line[6] for line in book["字段 Fields"].iter_rows(min_row=2, values_only=True)]
    assert cells == [None, "是 yes" if required else None]


def test_sqlite_has_no_search_where_none_was_asked_for(layout: Layout, release: Release) -> None:
    with closing(sqlite3.connect(exports.export(layout, release, "sqlite"))) as connection:
        names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
    assert names == ["counters_all", "counters_notes", "counters_empty", "_release", "_fields", "_codes"]


# arrow, and all of them


def test_arrow_read_back_is_the_stored_table(layout: Layout, release: Release, whole: pa.Table) -> None:
    with pa.ipc.open_file(exports.export(layout, release, "arrow", "all")) as reader:
        assert reader.schema.equals(rows.stored_schema(release.tables[0]), check_metadata=True)
        table = reader.read_all()
    names = [name for name in whole.column_names if name != "odd float"]  # in which one cell differs from itself
    assert table.select(names).equals(whole.select(names))


def test_every_form_has_the_same_bytes_twice(
    layout: Layout, release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, form in exports.FORMS.items():
        if name == "geojson":
            continue
        first = exports.export(layout, release, name, "all" if form.per_resource else None).read_bytes()
        monkeypatch.setattr("time.time", lambda: 10**9)
        form.make(
            replace(_content(release), tables=release.tables[:1] if form.per_resource else release.tables),
            tmp_path / name,
        )
        if name not in {"xlsx", "sqlite"}:  # these name the manifest, which _content makes up
            assert (tmp_path / name).read_bytes() == first
        form.make(
            replace(_content(release), tables=release.tables[:1] if form.per_resource else release.tables),
            tmp_path / f"{name}2",
        )
        assert (tmp_path / name).read_bytes() == (tmp_path / f"{name}2").read_bytes()


def test_a_form_says_what_it_changes_in_both_languages() -> None:
    assert list(exports.FORMS) == ["csv", "csv-excel", "ndjson", "xlsx", "geojson", "sqlite", "arrow"]
    for form in exports.FORMS.values():
        assert not form.title.missing()
        assert not form.notes or not form.notes.missing()


def test_rows_come_in_small_batches_from_every_file(release: Release) -> None:
    table = release.tables[0]
    assert [batch.num_rows for batch in rows.batches(table, rows=8)] == [8, 2, 8, len(TEXTS) - 18]
    assert release.version == Version(1, 2, 0)

"""What `civicat validate PATH` opens: data files as they come, descriptors, folders; and what it refuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from handing_in import field, package, resource

from civicat.errors import CivicatError, DescriptorError, SourceError
from civicat.layout import Layout
from civicat.report import Outcome
from civicat.validators import check, describe, open_path, read_submission, validate
from civicat.validators.sketches import slug

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
real_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real data in ../shared/data is not on this machine")

GEOJSON = """{"type": "FeatureCollection", "features": [
  {"type": "Feature", "id": 7, "properties": {"name": "甲"}, "geometry": {"type": "Point", "coordinates": [1, 2]}},
  {"type": "Feature", "id": 8, "properties": {"name": "乙", "more": 1}, "geometry": null}]}"""


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def types(path: Path) -> dict[str, str]:
    (one,) = open_path(path)[0].resources
    return {column.name: column.type for column in one.schema.fields}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", "id,name\n1,a\n2,b\n"),
        ("x.csv", "id;name\n1;a\n2;b\n"),
        ("x.tsv", "id\tname\n1\ta\n2\tb\n"),
        ("x.txt", "id|name\n1|a\n2|b\n"),
        ("x.json", '[{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]'),
        ("x.json", '[["id", "name"], [1, "a"], [2, "b"]]'),
        ("x.ndjson", '{"id": 1, "name": "a"}\n\n{"id": 2, "name": "b"}\n'),
        ("X.CSV", "id,name\r1,a\r2,b\r"),
    ],
)
def test_a_text_file_opens_by_its_suffix(tmp_path: Path, layout: Layout, name: str, content: str) -> None:
    path = write(tmp_path / name, content)
    assert types(path) == {"id": "integer", "name": "string"}
    report = validate(path, None, layout)
    assert (report.outcome, report.rows) == (Outcome.PASSED, 2)


def test_a_workbook_opens_by_the_name_of_its_sheet(
    hand_in: Callable[..., Path], layout: Layout, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["nothing here"])
    sheet = book.create_sheet("省份")
    for row in (
        ["Title", None, None],
        [None] * 3,
        ["code", "size", "day"],
        ["01", 1.5, None],
        ["02", 3, None],
        [None] * 3,
    ):
        sheet.append(row)
    sheet["C4"] = dt.date(2026, 2, 22)
    book.save(tmp_path / "x.xlsx")
    fields = [field("code"), field("size", "number", civicat={"scale": 1}), field("day", "date")]
    one = resource("x", "x.xlsx", fields, dialect={"sheet": "省份", "headerRows": [3]})
    folder = hand_in(package("x", [one]), {"x.xlsx": (tmp_path / "x.xlsx").read_bytes()})
    with check(read_submission(folder).dataset, layout) as checked:
        assert checked.report.outcome is Outcome.PASSED, checked.report.all_findings()
        (batch,) = checked.tables[0].batches()
    assert [str(value) for value in batch.column("size").to_pylist()] == ["1.5", "3.0"]


def test_a_sheet_that_is_not_there_names_those_that_are(
    hand_in: Callable[..., Path], layout: Layout, tmp_path: Path
) -> None:
    openpyxl.Workbook().save(tmp_path / "x.xlsx")
    one = resource("x", "x.xlsx", [field("a")], dialect={"sheet": "Gone"})
    folder = hand_in(package("x", [one]), {"x.xlsx": (tmp_path / "x.xlsx").read_bytes()})
    with (
        pytest.raises(SourceError, match=r"no sheet “Gone”\. It has: Sheet"),
        check(read_submission(folder).dataset, layout),
    ):
        pass


def test_numbers_of_a_workbook_are_taken_as_it_shows_them(
    hand_in: Callable[..., Path], layout: Layout, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["size"])
    book.active.append([0.1 + 0.2])
    book.save(tmp_path / "x.xlsx")
    one = resource("x", "x.xlsx", [field("size", "number", civicat={"scale": 1})])
    folder = hand_in(package("x", [one]), {"x.xlsx": (tmp_path / "x.xlsx").read_bytes()})
    with check(read_submission(folder).dataset, layout) as checked:
        assert checked.report.outcome is Outcome.PASSED


def test_geojson_is_one_row_for_each_feature(hand_in: Callable[..., Path], layout: Layout) -> None:
    fields = [
        field("id", "integer"),
        field("name"),
        field("geometry", "geojson", example='{"type":"Point","coordinates":[1,2]}'),
    ]
    folder = hand_in(package("x", [resource("x", "x.geojson", fields)]), {"x.geojson": GEOJSON})
    with check(read_submission(folder).dataset, layout) as checked:
        (finding,) = checked.report.all_findings()
    assert (finding.code, finding.message.en) == (
        "extra-label",
        "There is a column “more” (number 4) that the descriptor does not know.",
    )
    folder = hand_in(
        package("y", [resource("y", "y.geojson", [*fields, field("more", "integer")])]), {"y.geojson": GEOJSON}
    )
    with check(read_submission(folder).dataset, layout) as checked:
        (batch,) = checked.tables[0].batches()
    assert batch.to_pylist() == [
        {"id": 7, "name": "甲", "geometry": '{"type":"Point","coordinates":[1,2]}', "more": None},
        {"id": 8, "name": "乙", "geometry": None, "more": 1},
    ]


def test_geojson_with_the_suffix_of_json_is_known_by_its_words(tmp_path: Path) -> None:
    assert types(write(tmp_path / "x.json", GEOJSON)) == {"name": "string", "geometry": "geojson", "more": "integer"}


def test_parquet_opens(tmp_path: Path, layout: Layout) -> None:
    pq.write_table(pa.table({"id": [1, 2], "name": ["a", None]}), tmp_path / "x.parquet")
    assert validate(tmp_path / "x.parquet", None, layout).rows == 2
    with pytest.raises(SourceError, match="not a Parquet file that can be read"):
        validate(write(tmp_path / "y.parquet", b"PAR1"), None, layout)


def test_a_file_is_checked_against_the_schema_that_is_given(tmp_path: Path, layout: Layout) -> None:
    path = write(tmp_path / "x.csv", "id\n1\nx\n")
    schema = write(tmp_path / "schema.yaml", "fields: [{name: id, type: integer}]\n")
    (finding,) = validate(path, schema, layout).all_findings()
    assert finding.message.en == "“x” is not a whole number."
    with pytest.raises(DescriptorError, match="is no Table Schema"):
        validate(path, write(tmp_path / "no.yaml", "title: x\n"), layout)


def test_titles_above_the_header_fail_as_they_do_in_frictionless_and_describe_reads_past_them(
    tmp_path: Path, layout: Layout
) -> None:
    path = write(tmp_path / "x.csv", "Spending of the year,,\n,,\nid,name,size\n1,a,2\n2,b,3\n")
    (report,) = validate(path, None, layout).resources
    assert dict(report.counts) == {"blank-label": 2, "blank-row": 1}
    (cause,) = report.causes
    assert cause.message.en == (
        "The names of the columns stand in row 3; what stands above them (rows: 2) is a title or a remark."
    )
    assert cause.message.zh == "表头在第 3 行，不在第 1 行；上面 2 行是标题或说明。"
    write(tmp_path / "datapackage.yaml", describe(path, layout))
    assert validate(tmp_path / "datapackage.yaml", None, layout).resources[0].rows == 2


def test_a_folder_and_a_descriptor_of_ours_are_held_to_the_profile(hand_in: Callable[..., Path]) -> None:
    folder = hand_in(package("x", [resource("x", "x.csv", [field("a")])]), {"x.csv": "a\nb\n"})
    for path in (folder, folder / "datapackage.yaml"):
        dataset, department, profile = open_path(path)
        assert (dataset.id, department is not None, profile) == ("transport/x", True, True)


def test_a_package_of_others_is_not_held_to_it(tmp_path: Path, layout: Layout) -> None:
    write(tmp_path / "x.csv", "id\n1\n")
    text = '{"name": "theirs", "author": "unknown key", "resources": [{"name": "x", "path": "x.csv"}]}'
    path = write(tmp_path / "datapackage.json", text)
    assert open_path(path)[2] is False
    assert validate(path, None, layout).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("name", "content", "error", "said"),
    [
        ("gone.csv", None, SourceError, "There is no file"),
        ("x.docx", b"PK", SourceError, "does not know this format"),
        ("x.xlsx", b"not a workbook", SourceError, "looks like a CSV under a workbook"),
        ("x.xls", b"\xd0\xcf\x11\xe0 cut off", SourceError, "is not a workbook that can be read"),
        ("x.csv", b"\xd0\xcf\x11\xe0\xa1\xb1", SourceError, "is an old Excel or Word file, not text"),
        ("x.csv", b"a\x00\x01\x02,b\x00", SourceError, "is a binary file, not text"),
        ("x.json", b'{"a": 1}', SourceError, "this must be an array of objects"),
        ("x.json", b"[{]", SourceError, "line 1: this is not JSON"),
        ("x.json", b'[{"a": NaN}]', SourceError, "valid JSON, which knows no NaN"),
        ("x.ndjson", b'{"a": 1}\n[]\n', SourceError, "an object on line 2"),
        ("x.geojson", b'{"type": "Feature"}', SourceError, "this must be a FeatureCollection"),
        ("x.yaml", b"fields: []", DescriptorError, "is no data package"),
        (".", None, DescriptorError, "has no datapackage.yaml"),
    ],
)
def test_what_cannot_be_opened_is_one_clear_line(
    tmp_path: Path, name: str, content: bytes | None, error: type[CivicatError], said: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(error) as refused:
        validate(path, None, Layout(tmp_path))
    message = refused.value.message
    assert said in message.en
    assert message.zh
    assert "\n" not in message.en + message.zh
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("path", ['["a.csv", "b.csv"]', '"a.csv", "extrapaths": ["b.csv"]'])
def test_a_table_in_several_files_is_not_checked_in_part(tmp_path: Path, layout: Layout, path: str) -> None:
    for name in ("a.csv", "b.csv"):
        write(tmp_path / name, "id\n1\n")
    text = f'{{"resources": [{{"name": "x", "path": {path}}}]}}'
    with pytest.raises(SourceError, match="lies in several files"):
        validate(write(tmp_path / "datapackage.json", text), None, layout)


def test_half_a_character_in_json_is_a_finding(tmp_path: Path, layout: Layout) -> None:
    report = validate(write(tmp_path / "x.json", '[{"a": "ok"}, {"a": "\\ud83d"}]'), None, layout)
    assert [(one.code, one.place.row) for one in report.all_findings()] == [("text-error", 3)]


@pytest.mark.parametrize(
    ("text", "name"), [("Spend May 2010 (v2)", "spend-may-2010-v2"), ("省份", "data"), ("--", "data")]
)
def test_a_name_that_a_dataset_may_bear(text: str, name: str) -> None:
    assert slug(text) == name


@real_data
@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("gb18030/streets-gb18030.csv", 41_352),
        ("gb18030/streets-gb18030-4byte.csv", 41_353),
        ("gb18030/areas-utf16le-bom-tab.csv", 2_978),
        ("gb18030/cities-utf8-bom.csv", 342),
        ("hmt/april-to-may-12th-2010.xls", 2_011),
        ("geo-countries/countries.geojson", 177),
        ("us-open-data/birdstrikes.csv", 10_000),
    ],
)
def test_real_files_in_every_encoding_and_format_pass(layout: Layout, name: str, rows: int) -> None:
    report = validate(DATA / name, None, layout)
    assert report.outcome is Outcome.PASSED
    assert report.rows == rows


@real_data
@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("taxi-ranks/exemple-valide.csv", {}),
        ("taxi-ranks/exemple-non-valide.csv", {"extra-label": 2}),
        ("parking/exemple-valide.csv", {}),
        ("parking/exemple-invalide.csv", {"constraint-error": 2}),
    ],
)
def test_national_schemas_with_their_own_examples(layout: Layout, name: str, counts: dict[str, int]) -> None:
    path = DATA / name
    report = validate(path, path.parent / "schema.json", layout)
    assert dict(report.resources[0].counts) == counts

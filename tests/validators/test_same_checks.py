"""The same table raises the same findings in whatever format it comes."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat.dataset import read_dataset
from civicat.layout import Layout
from civicat.validators import check

NAMES = ["code", "name", "size", "day"]
ROWS: list[list[Any]] = [
    ["a1", "甲", 1, "2024-01-05"],
    ["a2", "乙", 120, "2024-01-06"],
    ["a1", "丙", 3, "2024-01-07"],
    ["a4", None, -4, "2024-13-07"],
]
SCHEMA = {
    "fields": [
        {"name": "code", "type": "string", "constraints": {"unique": True}},
        {"name": "name", "type": "string", "constraints": {"required": True}},
        {"name": "size", "type": "integer", "constraints": {"minimum": 0, "maximum": 100}},
        {"name": "day", "type": "date"},
    ]
}
EXPECTED = [
    ("constraint-error", "maximum", 3, "size"),
    ("unique-error", "", 4, "code"),
    ("constraint-error", "required", 5, "name"),
    ("constraint-error", "minimum", 5, "size"),
    ("type-error", "date", 5, "day"),
]


def delimited(mark: str, encoding: str = "utf-8") -> Callable[[Path], None]:
    def write(path: Path) -> None:
        lines = [mark.join("" if cell is None else str(cell) for cell in row) for row in (NAMES, *ROWS)]
        path.write_bytes("\n".join(lines).encode(encoding))

    return write


def workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (NAMES, *ROWS):
        book.active.append(row)
    book.save(path)


def open_document(path: Path) -> None:
    """The least that an OpenDocument sheet is made of."""

    def cell(value: object) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, int):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    rows = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in (NAMES, *ROWS))
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0" '
        f'xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet><table:table table:name="x">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)


def records() -> list[dict[str, Any]]:
    return [dict(zip(NAMES, row, strict=True)) for row in ROWS]


def parquet(path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(records()), path)


def zipped(path: Path) -> None:
    delimited(",")(path.with_name("inner.csv"))
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(path.with_name("inner.csv"), "inner.csv")


def gzipped(path: Path) -> None:
    delimited(",")(path)
    path.write_bytes(gzip.compress(path.read_bytes()))


WRITERS: dict[str, Callable[[Path], Any]] = {
    "x.csv": delimited(","),
    "gb18030.csv": delimited(",", "gb18030"),
    "utf16.csv": delimited(",", "utf-16"),
    "bom.csv": delimited(",", "utf-8-sig"),
    "x.tsv": delimited("\t"),
    "x.xlsx": workbook,
    "x.ods": open_document,
    "x.json": lambda path: path.write_text(json.dumps(records()), "utf-8"),
    "x.ndjson": lambda path: path.write_text("\n".join(map(json.dumps, records())), "utf-8"),
    "x.parquet": parquet,
    "x.zip": zipped,
    "x.csv.gz": gzipped,
}


# frictionless, which reads the header of a packed table, leaves the file open.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", WRITERS)
def test_a_table_raises_the_same_findings_in_every_format(tmp_path: Path, layout: Layout, name: str) -> None:
    WRITERS[name](tmp_path / name)
    one = {"name": "x", "path": name, "schema": SCHEMA}
    dataset = read_dataset({"name": "x", "resources": [one]}, name, "", tmp_path)
    with check(dataset, layout, profile=False) as checked:
        found = checked.report.all_findings()
    assert [(one.code, one.rule, one.place.row, one.place.field) for one in found] == EXPECTED
    assert found[0].message.en == "“120” is more than 100, the maximum that the schema sets."
    assert checked.report.rows == len(ROWS)

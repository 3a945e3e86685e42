"""Cells of an ods that hold an error or a formula without a value: its reader makes empty cells of them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from civicat.validators.opendocument import find_faults
from civicat.validators.workbooks import Workbook

_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0"'
    for name, kind in (("office", "office"), ("table", "table"), ("text", "text"))
)
ONE = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
ERROR = (
    '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
    'calcext:value-type="error"><text:p>{}</text:p></table:table-cell>'
)
UNVALUED = '<table:table-cell table:formula="of:=A1&lt;5"/>'
VALUED = (
    '<table:table-cell table:formula="of:=1" office:value-type="float" office:value="1">'
    "<text:p>1</text:p></table:table-cell>"
)
EMPTY = '<table:table-cell table:number-columns-repeated="{}"/>'


def ods(path: Path, *rows: str, name: str = "Data", first: str = "") -> Path:
    """A sheet as LibreOffice writes it; `first` stands before it."""
    table = f'<table:table table:name="{name}">{"".join(rows)}</table:table>'
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} '
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" office:version="1.3">'
        f"<office:body><office:spreadsheet>{first}{table}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_TYPE}"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", _TYPE)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return path


def row(*cells: str, repeats: int = 1) -> str:
    again = f' table:number-rows-repeated="{repeats}"' if repeats > 1 else ""
    return f"<table:table-row{again}>{''.join(cells)}</table:table-row>"


HEADER = row(ONE.format("a"), ONE.format("b"), ONE.format("c"))


def test_an_error_is_its_text_and_named_by_its_cell(tmp_path: Path) -> None:
    book = Workbook(ods(tmp_path / "x.ods", HEADER, row(ONE.format("x"), ERROR.format("#DIV/0!"), ONE.format("y"))), {})
    assert list(book.rows()) == [["a", "b", "c"], ["x", "#DIV/0!", "y"]]
    (one,) = book.remarks()
    found = one.finding("x.ods", "x")
    assert (found.code, found.severity.value, found.found) == ("error-cell", "error", "#DIV/0!")
    assert found.message.en == "There are cells that hold the error of a formula: B2 #DIV/0!."
    assert found.message.zh == "有单元格里是公式的错误值：B2 #DIV/0!。"


def test_an_error_that_stands_for_no_value_is_as_it_should_be(tmp_path: Path) -> None:
    path = ods(tmp_path / "x.ods", HEADER, row(ONE.format("x"), ERROR.format("#N/A"), ONE.format("y")))
    assert Workbook(path, {}, {"#N/A"}).remarks() == ()


def test_a_formula_without_a_value_is_found(tmp_path: Path) -> None:
    (one,) = Workbook(ods(tmp_path / "x.ods", HEADER, row(ONE.format("x"), UNVALUED, ONE.format("y"))), {}).remarks()
    found = one.finding("x.ods", "x")
    assert (found.code, found.severity.value) == ("formula-empty", "error")
    assert "B2" in found.message.en
    assert "B2" in found.message.zh


def test_repeats_are_counted(tmp_path: Path) -> None:
    far = row(EMPTY.format(2), ERROR.format("Err:502"), UNVALUED)
    path = ods(tmp_path / "x.ods", HEADER, row(ONE.format("x"), EMPTY.format(5), repeats=3), far)
    faults = find_faults(path, "Data")
    assert (faults.errors, faults.unvalued) == ({(5, 3): "Err:502"}, [(5, 4)])


def test_only_the_sheet_that_is_asked_for_counts(tmp_path: Path) -> None:
    other = f'<table:table table:name="A &amp; B">{row(ERROR.format("#REF!"))}</table:table>'
    path = ods(tmp_path / "x.ods", HEADER, row(ONE.format("x"), ONE.format("y"), UNVALUED), first=other)
    assert (find_faults(path, "A & B").errors, find_faults(path, "A & B").unvalued) == ({(1, 1): "#REF!"}, [])
    assert (find_faults(path, "Data").errors, find_faults(path, "Data").unvalued) == ({}, [(2, 3)])


@pytest.mark.parametrize("cell", [ONE.format("#DIV/0!"), VALUED])
def test_a_text_that_looks_like_an_error_and_a_formula_with_a_value_are_none(cell: str, tmp_path: Path) -> None:
    assert Workbook(ods(tmp_path / "x.ods", HEADER, row(cell, cell, cell)), {}).remarks() == ()


def test_what_is_no_opendocument_has_no_faults(tmp_path: Path) -> None:
    path = tmp_path / "x.ods"
    path.write_bytes(b"PK no")
    assert find_faults(path, "Data").errors == {}

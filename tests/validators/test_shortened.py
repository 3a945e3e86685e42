"""Long codes that Excel made numbers of are told: in a draft as a comment, in a check as a warning."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from handing_in import field

from civicat.dataset import Resource, read_dataset
from civicat.finding import Finding, Place, Severity
from civicat.layout import Layout
from civicat.report import Outcome
from civicat.validators import describe, validate
from civicat.validators.engine.cells import blocks_of_cells
from civicat.validators.inference import Inferred, infer
from civicat.validators.shortened import ShortenedNumbers, are_codes

CODES = ("440524188001010014", "44052418800101002X", "440524188001010030")
SHORT = "4.40524E+17"


def resource(name: str, kind: str = "string", **more: Any) -> Resource:  # noqa: ANN401 (of a descriptor)
    schema = {"fields": [field("n", "integer"), field(name, kind, **more)]}
    (one,) = read_dataset({"resources": [{"name": "t", "path": "t.csv", "schema": schema}]}, "", "", Path()).resources
    return one


def warned(name: str, *batches: Sequence[str | None], **more: Any) -> list[Finding]:  # noqa: ANN401 (as above)
    watch, row = ShortenedNumbers(resource(name, **more)), 2
    for cells in batches:
        numbers = np.arange(row, row + len(cells))
        watch.look(numbers, [pa.array(numbers), pa.array(cells, pa.string())])
        row += len(cells)
    return list(watch.findings(Place("t.csv", "t")))


def test_a_warning_counts_them_and_names_the_first_rows() -> None:
    (one,) = warned("person", [*CODES, SHORT, None], [], [*CODES], [SHORT, *CODES, "1E+12", "9.5E+11"])
    assert (one.code, one.severity) == ("digits-shortened", Severity.WARNING)
    assert (one.place.row, one.place.field, one.place.column, one.found) == (5, "person", 2, SHORT)
    assert one.message.en == (
        "Column person holds numbers such as “4.40524E+17” (4 cells: rows 5, 10, 14 and 1 more). "
        "Excel took long codes for numbers, and their last digits are lost."
    )
    assert one.message.zh == (
        "“person”一列有 4 格像“4.40524E+17”这样（第 5、10、14 行等）：长编号被 Excel 改成了数字，后面几位已经丢失。"
    )
    assert one.remedy.en.startswith("Export the column again from where it came")
    assert one.remedy.zh.startswith("请从原来的系统重新导出这一列")


@pytest.mark.parametrize(
    ("name", "cells", "found"),
    [
        ("n2", [*CODES, SHORT], 1),
        ("n2", ["12345678901", SHORT], 0),  # eleven digits are no long code, and Excel leaves them alone
        ("n2", ["123456789012", SHORT], 1),
        ("n2", ["a", "b", CODES[0], SHORT], 0),  # a third of the others
        ("n2", ["a", CODES[0], SHORT], 1),  # half of them
        ("n2", [SHORT, SHORT], 0),
        ("order_id", [SHORT, SHORT], 1),
        ("身份证号", [SHORT], 1),
        ("订单编号", [SHORT], 1),
        ("paid", [SHORT], 0),
        ("n2", [*CODES, "4.4E+10"], 0),  # Excel writes eleven digits whole
        ("n2", [*CODES, "4.4e+17"], 0),  # as a program writes it, not Excel
        ("n2", [*CODES, "x4.4E+17"], 0),
    ],
)
def test_only_a_column_of_codes_is_warned_of(name: str, cells: list[str], found: int) -> None:
    assert len(warned(name, cells)) == found


def test_columns_of_numbers_and_those_with_a_pattern_have_findings_of_their_own() -> None:
    assert warned("id", [SHORT], constraints={"pattern": "[0-9]+"}) == []
    watch = ShortenedNumbers(resource("id", "number"))
    watch.look(np.array([2]), [pa.array([1]), pa.array([4.4e17])])
    assert list(watch.findings(Place("t.csv", "t"))) == []


@pytest.mark.parametrize(
    ("name", "is_code"),
    [
        *(("id", True), ("ID", True), ("order_no", True), ("InvoiceId", True), ("Transaction Number", True)),
        *(("编号", True), ("联系电话", True), ("银行账号", True), ("IBAN", True)),
        *(("paid", False), ("note", False), ("valid", False), ("numbers", False), ("金额", False), ("decode", False)),
    ],
)
def test_what_a_column_of_codes_is_called(name: str, is_code: bool) -> None:  # noqa: FBT001 (a test's parameter)
    assert are_codes(name, []) is is_code


def column(name: str, *values: str, size: int = 1000) -> Inferred:
    cells = [[value] for value in values]
    (one,) = infer([name], lambda look: map(look, blocks_of_cells(cells, 1, 1, size=size)))
    return one


def test_a_draft_lists_them_and_the_column_is_text() -> None:
    one = column("n", *CODES[:1], *CODES[2:], SHORT)
    assert (one.type, one.shortened.count, one.shortened.first) == ("string", 1, [(3, SHORT)])
    whole = column("n", "123456789012", "1.23457E+11")  # twelve digits: numbers by their looks
    assert (whole.type, whole.to_certain_field()["type"]) == ("string", "number")
    measured = column("energy", "1.5", "1.23457E+11")
    assert (measured.type, measured.shortened.count) == ("number", 0)


def test_they_are_found_in_a_column_of_text_without_end(tmp_path: Path) -> None:
    """Once a column is known to be text, its cells are no longer sorted by their forms."""
    values = [f"44052418800101{n:04}" for n in range(3000)]
    path = tmp_path / "x.csv"
    path.write_text("n,person\n" + "".join(f"{n},{value}\n" for n, value in enumerate([*values, SHORT] * 40)), "utf-8")
    draft = describe(path)
    assert "Long codes that Excel shortened, by their looks (40 values): row 3002 “4.40524E+17”" in draft
    assert "The last digits are lost: get the original." in draft


def test_a_draft_in_chinese(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"证件,名称\n{CODES[0]},甲\n{SHORT},乙\n", "utf-8")
    said = "有 1 个值像是被 Excel 缩短的长编号：第 3 行“4.40524E+17”。后面的数字已经丢失，请找原始数据。"
    assert said in describe(path)


@pytest.mark.parametrize(("cell", "codes"), [(SHORT, ["digits-shortened"]), (CODES[0], [])])
def test_a_check_warns_and_its_errors_stay_as_they_are(cell: str, codes: list[str], tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("n,person\n" + "".join(f"1,{one}\n" for one in (*CODES, cell)), "utf-8")
    fields = [{"name": "n", "type": "integer"}, {"name": "person", "type": "string"}]
    (tmp_path / "s.json").write_text(json.dumps({"fields": fields}), "utf-8")
    report = validate(tmp_path / "x.csv", tmp_path / "s.json", Layout(tmp_path / "store"))
    found = list(report.all_findings())
    assert report.outcome is Outcome.PASSED
    assert [one.code for one in found] == codes
    assert all(one.severity is Severity.WARNING and not one.descriptor for one in found)

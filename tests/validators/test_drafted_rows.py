"""What a draft says of rows: blank ones, totals and remarks at the end, what stands above the header."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from civicat.layout import Layout
from civicat.validators import describe, validate
from civicat.validators.descriptors import load
from civicat.validators.tails import TAIL, closing

TABLE = "id,name,n\n1,a,5\n2,b,6\n"


def drafted(folder: Path, text: str) -> tuple[str, dict[str, Any], set[str]]:
    """The draft of a file, its resource, and the codes that the file is found to have by it."""
    (folder / "x.csv").write_text(text, "utf-8")
    return checked(folder, folder / "x.csv")


def checked(folder: Path, path: Path) -> tuple[str, dict[str, Any], set[str]]:
    draft = folder / "datapackage.yaml"
    draft.write_text(describe(path), "utf-8")
    report = validate(draft, None, Layout(folder / "store"))
    codes = {found.code for found in report.all_findings()} - {"todo-left"}
    return draft.read_text("utf-8"), dict(load(draft).values)["resources"][0], codes


@pytest.mark.parametrize("blank", ["\n", ",,\n", '"",,\n', "\n\n"])
def test_blank_rows_alone_are_passed_over(blank: str, tmp_path: Path) -> None:
    for text, row in ((f"id,name,n\n1,a,5\n{blank}2,b,6\n", 3), (TABLE + blank, 4)):
        draft, one, codes = drafted(tmp_path, text)
        assert (one["dialect"]["skipBlankRows"], codes) == (True, set())
        assert one["schema"]["primaryKey"] == ["id"]
        count = f"{blank.count(chr(10))} row{'s are' if blank.count(chr(10)) > 1 else ' is'} blank: {row}"
        assert f"  # {count}" in draft
        assert "skipBlankRows below has them passed over; better delete them from the file." in draft


def test_a_file_without_blank_rows_has_no_such_option(tmp_path: Path) -> None:
    draft, one, codes = drafted(tmp_path, TABLE)
    assert ("skipBlankRows" in one["dialect"], "blank" in draft, codes) == (False, False, set())


def test_beside_other_faults_blank_rows_are_told_and_not_hidden(tmp_path: Path) -> None:
    draft, one, codes = drafted(tmp_path, TABLE + "\n3,c\n")
    assert "skipBlankRows" not in one["dialect"]
    assert "  # 1 row is blank: 4. They fail the check: delete them from the file." in draft
    assert codes >= {"blank-row", "missing-cell"}


def test_many_blank_rows_are_counted(tmp_path: Path) -> None:
    draft, _, _ = drafted(tmp_path, "编号,名称\n1,甲\n" + "\n" * 7 + "2,乙\n")
    assert "# 有 7 行是空的：第 3、4、5、6、7 行等。下面的 skipBlankRows 让检查跳过空行；最好从文件中删去。" in draft


def test_blank_rows_of_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["id", "name"], [1, "a"], [], [2, "b"]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "x.xlsx")
    _, one, codes = checked(tmp_path, tmp_path / "x.xlsx")
    assert (one["dialect"]["skipBlankRows"], codes) == (True, set())


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Total,,11", "# Row 4 holds totals (“Total”), and is no row of data. Delete it."),
        ("合计,,11", "# Row 4 holds totals (“合计”)"),
        (",小 计,11", "# Row 4 holds totals (“小 计”)"),
        ("Sum:,,11", "# Row 4 holds totals (“Sum:”)"),
        ("Source: the counters,,", "# Row 4 is a remark below the table, and no row of data: “Source: the counters”"),
        ("Totally,,11", ""),
        ("3,Total,11", ""),
    ],
)
def test_totals_and_remarks_at_the_end(row: str, said: str, tmp_path: Path) -> None:
    draft, _, _ = drafted(tmp_path, f"{TABLE}{row}\n")
    assert (said in draft) if said else ("Row 4" not in draft)
    assert ("Then describe the file again." in draft) is bool(said)


def test_totals_in_a_short_row_and_in_chinese(tmp_path: Path) -> None:
    draft, _, _ = drafted(tmp_path, "编号,名称,数量\n1,甲,5\n合计,5\n")
    said = (
        "# 第 3 行是“合计”行，不是数据。请删去这一行；使用者会自己求和，留着会算重。然后请再运行一次 civicat describe。"
    )
    assert said in draft


def test_totals_further_up_are_values(tmp_path: Path) -> None:
    rows = "".join(f"{n},a,1\n" for n in range(TAIL - 1))
    assert "holds totals" in drafted(tmp_path, f"id,name,n\nTotal,a,1\n{rows}")[0]
    assert "holds totals" not in drafted(tmp_path, f"id,name,n\nTotal,a,1\n{rows}9,a,1\n")[0]
    assert closing(1, ["x", None, 5]) is None


def test_what_stands_above_the_header_is_told(tmp_path: Path) -> None:
    draft, one, _ = drafted(tmp_path, "Counts of 2026,,\n" + TABLE)
    assert one["dialect"]["headerRows"] == [2]
    assert "  # 1 row above the header is not read. What they say belongs under title, description" in draft
    assert "above the header" not in drafted(tmp_path, TABLE)[0]

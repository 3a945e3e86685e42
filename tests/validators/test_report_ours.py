"""A report is known by its content, and nothing else is taken for one."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from civicat.layout import Layout
from civicat.validators import annotate, check, open_path, render_page
from civicat.validators.reports.ours import MARK, is_ours


def _reports(folder: Path, name: str) -> dict[str, Path]:
    """The report on a file in each form that can be known."""
    dataset, department, profile = open_path(folder / name)
    files = {form: folder / f"report.{form}" for form in ("json", "html", "xlsx")}
    with check(dataset, Layout(folder / "store"), department=department, profile=profile) as checked:
        report = checked.report
    files["json"].write_text(json.dumps(report.to_descriptor()), "utf-8")
    files["html"].write_text(render_page(report, "zh"), "utf-8")
    annotate(report, dataset, files["xlsx"], "en")
    return files


def _table(folder: Path) -> str:
    (folder / "a.csv").write_text("day,n\n2026-02-21,1\n2026-02-22\n", "utf-8")
    return "a.csv"


def _workbook(folder: Path) -> str:
    book = Workbook()
    for row in (["day", "n"], ["2026-02-21", 1], ["2026-02-22", 2, 3]):
        book.active.append(row)
    book.properties.creator = book.properties.lastModifiedBy = "a clerk"
    book.save(folder / "a.xlsx")
    return "a.xlsx"


@pytest.mark.parametrize("made", [_table, _workbook])
def test_what_civicat_writes_is_known(made: Callable[[Path], str], tmp_path: Path) -> None:
    name = made(tmp_path)
    assert {form: is_ours(path) for form, path in _reports(tmp_path, name).items()} == dict.fromkeys(
        ("json", "html", "xlsx"), True
    )
    assert not is_ours(tmp_path / name)


def test_a_copy_that_somebody_saved_since_is_theirs(tmp_path: Path) -> None:
    path = _reports(tmp_path, _workbook(tmp_path))["xlsx"]
    book = load_workbook(path)
    assert (book.properties.creator, book.properties.lastModifiedBy) == ("a clerk", MARK)
    book.properties.lastModifiedBy = "a clerk"
    book.save(path)
    assert not is_ours(path)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"valid": true}',
        '{"valid": "yes", "civicat": {}}',
        '{"valid": true, "civicat": 1}',
        '{"a":' * 100_000,
        "<!doctype html><p>civicat validate",
        "PK\x03\x04",
        "a: to be mended (2 rows, 1 finding)\n",
    ],
)
def test_anything_else_is_none(content: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(content, "utf-8")
    assert not is_ours(path)


def test_neither_is_an_archive_or_a_folder_or_what_is_not_there(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("a.csv", MARK)
    assert [is_ours(one) for one in (tmp_path / "a.zip", tmp_path, tmp_path / "none")] == [False] * 3

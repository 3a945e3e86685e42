"""`civicat describe` and `civicat new`: what can be known is filled in, and the rest is refused by name until it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from civicat.errors import SourceError
from civicat.layout import Layout
from civicat.report import Outcome
from civicat.validators import describe, render, scaffold, validate
from civicat.validators.descriptors import load, load_dataset

ROWS = 'code,name,size,price,day,asked\n01,甲,1,"1,234.50",31/12/2026,01/02/2026\n02,乙,NA,99,01/01/2026,03/04/2026\n'


def source(folder: Path, text: str = ROWS) -> Path:
    path = folder / "Spend 2026.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_draft_can_be_read_and_says_what_the_file_shows(tmp_path: Path) -> None:
    path = tmp_path / "datapackage.yaml"
    path.write_text(describe(source(tmp_path)), "utf-8")
    dataset = load_dataset(path, "transport")
    (one,) = dataset.resources
    fields = {field.name: (field.type, field.format, field.example) for field in one.schema.fields}
    assert dataset.name == "spend-2026"
    assert one.schema.primary_key == ("code",)
    assert fields["code"] == ("string", "default", "01")
    assert fields["size"] == ("integer", "default", "1")
    assert fields["price"] == ("number", "default", "1,234.50")
    assert fields["day"] == ("date", "%d/%m/%Y", "31/12/2026")
    assert fields["asked"][0] == "string"
    asked = one.schema.field("asked")
    assert asked is not None
    assert asked.description.en.startswith("TODO: decide how to read this column (%d/%m/%Y or %m/%d/%Y)")


def test_a_chinese_file_is_described_in_chinese_first(tmp_path: Path) -> None:
    path = tmp_path / "datapackage.yaml"
    path.write_text(describe(source(tmp_path, "代码,名称\n01,甲\n")), "utf-8")
    dataset = load_dataset(path, "transport")
    assert dataset.language == "zh"
    assert [field.title.zh for field in dataset.resources[0].schema.fields] == ["代码", "名称"]


@pytest.mark.parametrize(
    "value", ["no", "2026-02-22", "1e3", "1.0e+3", "0x1F", "~", "true", "- a", "a: b", "#a", "12:30:00"]
)
def test_an_example_survives_the_way_through_yaml(tmp_path: Path, value: str) -> None:
    path = tmp_path / "datapackage.yaml"
    path.write_text(describe(source(tmp_path, f"label,other\n{value},x\nz,y\n")), "utf-8")
    assert load_dataset(path, "a").resources[0].schema.fields[0].example == value


def test_a_new_folder_is_whole_and_each_todo_is_refused_by_name(tmp_path: Path) -> None:
    datasets = tmp_path / "datasets"
    folder = scaffold("transport/spend", source(tmp_path), datasets)
    found = sorted(str(path.relative_to(datasets)) for path in datasets.rglob("*") if path.is_file())
    assert found == [
        "transport/department.yaml",
        "transport/spend/README.md",
        "transport/spend/data/Spend 2026.csv",
        "transport/spend/datapackage.yaml",
        "transport/spend/examples/invalid.csv",
    ]
    report = validate(folder, None, Layout(tmp_path / "store"))
    codes = {finding.code for finding in report.all_findings()}
    assert codes == {"todo-left"}, render(report, "en")
    todos = len(re.findall("TODO", "".join(path.read_text("utf-8") for path in folder.parent.rglob("*.yaml"))))
    assert len(report.findings) == todos
    assert report.findings[0].message.en == "title is still to be done: “TODO: a title for this dataset”."
    assert report.findings[0].place.line == 3


def test_the_draft_is_valid_once_every_todo_is_done(tmp_path: Path) -> None:
    folder = scaffold("transport/spend", source(tmp_path), tmp_path / "datasets")
    for path in (folder / "datapackage.yaml", folder.parent / "department.yaml"):
        text = re.sub(r"'TODO: one or more of [^']*'", "economy", path.read_text("utf-8"))
        text = re.sub(r"'TODO: one of [^']*'", "yearly", text)
        text = re.sub(r"((?:url|path): )'?TODO.*", r"\1https://example.org/x", text)
        path.write_text(re.sub(r"TODO", "done", text), "utf-8")
    report = validate(folder, None, Layout(tmp_path / "store"))
    assert report.outcome is Outcome.PASSED, render(report, "en")
    assert report.rows == 2


def test_a_department_that_is_there_is_left_alone(tmp_path: Path) -> None:
    datasets = tmp_path / "datasets"
    scaffold("transport/a", source(tmp_path), datasets)
    (datasets / "transport" / "department.yaml").write_text("code: transport\n", "utf-8")
    scaffold("transport/b", source(tmp_path), datasets)
    assert load(datasets / "transport" / "department.yaml").values == {"code": "transport"}


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("transport", "is not department/dataset"),
        ("Transport/spend", "is not department/dataset"),
        ("transport/../x", "is not department/dataset"),
        ("transport/-x", "is not department/dataset"),
        ("transport/there", "is there already. Nothing was changed"),
    ],
)
def test_what_cannot_be_made_changes_nothing(tmp_path: Path, target: str, said: str) -> None:
    datasets = tmp_path / "datasets"
    (datasets / "transport" / "there").mkdir(parents=True)
    path = source(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SourceError, match=said):
        scaffold(target, path, datasets)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_source_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="There is no file"):
        scaffold("transport/x", tmp_path / "gone.csv", tmp_path / "datasets")
    assert list(tmp_path.iterdir()) == []

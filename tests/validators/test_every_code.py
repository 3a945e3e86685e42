"""Every code of the catalogue is raised by a real check; what cannot be raised is listed, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from frictionless import Checklist, Error, FrictionlessException, Inquiry, Package, Pipeline, Resource, Schema
from handing_in import Json, field, package, resource

from civicat.dataset import Resource as Table
from civicat.dataset import read_dataset
from civicat.finding import Finding
from civicat.text import Text
from civicat.validators.engine.problem import Problem
from civicat.validators.examples import examples, key_of, raised
from civicat.validators.explain import Explainer
from civicat.validators.findings_page import PAGE
from civicat.validators.messages import catalogue, quoted, say

HERE = Path(__file__).resolve().parent
# What takes more than a text file to raise: the tests that raise it, their words asserted.
_DRIFTS = (
    *("resource-gone", "resource-new", "column-gone", "column-new", "column-retyped", "category-gone", "category-new"),
    *("category-share-drift", "row-count-drift", "fill-rate-drift", "magnitude-drift", "latest-date-drift"),
)
_SHEETS = (
    "several-sheets",
    "hidden-sheet",
    "hidden-cells",
    "merged-cells",
    "error-cell",
    "formula-empty",
    "digits-lost",
)
ELSEWHERE = {
    **dict.fromkeys(_DRIFTS, "test_drift.py"),
    **dict.fromkeys(_SHEETS, "test_workbooks.py"),
    "encoding-doubtful": "test_encodings.py",
    "zero-bytes": "test_nul_bytes.py",
    "digits-shortened": "test_shortened.py",
    "too-many-columns": "test_hostile_descriptors.py",
    "resource-missing": "test_house.py",
    "reference-unknown": "test_references.py",
    "reference-type": "test_references.py",
    "record-too-long": "test_hostile_rows.py",
    **dict.fromkeys(("key-published", "file-published", "file-published.reread"), "test_joining.py"),
    **dict.fromkeys(
        (f"cannot-join.{rule}" for rule in ("gone", "retyped", "unit", "required", "key")), "test_joining.py"
    ),
    "rule-broken.formula": "test_checks.py",
    "rule-broken.formula-rows": "test_checks.py",
    "unique-key": "test_checking.py",
    "field-error.type": "test_contradictions.py",
    "schema-error.column": "test_contradictions.py",
    **dict.fromkeys((f"{part}-label.guessed" for part in ("blank", "duplicate", "incorrect")), "test_plain_words.py"),
}
# Words that no file of ours can bring about, and why they are there.
_THEIRS = "the descriptor is refused by our own reader first, which names the key"
_NOT_OURS = "of a part of frictionless that civicat does not use; whoever hands us its reports is understood"
UNREACHABLE = {
    "source-error": "for what frictionless says of a file beyond that it is empty; our own readers refuse it before",
    "scheme-error": "a file that is not there is refused before (places.py)",
    "format-error": "a format that is unknown is told as not-a-table",
    "compression-error": "an archive that cannot be unpacked is refused before (archives.py)",
    "encoding-error": "bytes that cannot be read are told with their record or byte",
    "blank-header": "frictionless raises it where a header has no cell at all; a CSV or a workbook has always one",
    "deviated-cell.calculation": "lengths are whole numbers: their average can always be taken",
    "type-error": "each type has words of its own",
    "cannot-join": "each obstacle has words of its own",
    "type-error.wkt": "its checker is not installed: frictionless says so, as `error`",
    "constraint-error": "each constraint has words of its own",
    "constraint-error.jsonSchema": "frictionless 5.21 supports jsonSchema on no type of field",
    "rule-broken": "for a rule that cannot be told from the others",
    "field-error": "each fault that frictionless 5.21 tells has words of its own",
    **dict.fromkeys(("metadata-error", "package-error", "resource-error", "control-error", "schema-error"), _THEIRS),
    **dict.fromkeys(("catalog-error", "dataset-error", "stats-error", "detector-error"), _NOT_OURS),
    **dict.fromkeys(("report-error", "report-task-error", "step-error", "inquiry-task-error"), _NOT_OURS),
    **dict.fromkeys(("table-dimensions", "check-error"), "for notes of a later frictionless, in its own words"),
}


@pytest.mark.parametrize("key", sorted(examples()))
def test_an_example_raises_its_finding_in_both_languages(key: str, tmp_path: Path) -> None:
    found = raised(examples()[key], tmp_path)
    assert found is not None
    _speaks(found.message, found.remedy)
    page = (HERE.parents[1] / PAGE).read_text("utf-8").split(f'<a id="{key}"></a>')[1].split("<a id=")[0]
    for text in (found.message, found.remedy):  # the page is where their wording is kept and looked at
        assert _bare(text.zh) in _bare(page)
        assert _bare(text.en) in _bare(page)


def _bare(text: str) -> str:
    return re.sub(r"\\(?=\W)", "", text).replace("&amp;", "&").replace("&lt;", "<")


def _speaks(message: Text, remedy: Text) -> None:
    """Whether both languages say something, with every fact in its place, and nothing of frictionless' English."""
    for text in (message, remedy):
        assert text.missing() == ()
        assert not re.search(r"\{[a-z_]+\}|“”|“ ”|“None”|  |at position", text.zh + text.en)
    assert re.search("[一-鿿]", message.zh)
    assert re.search("[一-鿿]", remedy.zh)


# ------------------------------------------------------------------------------ frictionless' own checks, by their name

COLUMNS = (field("n", "number"), field("s"))
ROWS = "n,s\n1,ab\n2,ab\n4,é\n4,é\n"
FAR = "n,s\n" + "1,x\n" * 30 + f"1000,{'x' * 6000}\n"
ONE, MANY = "n,s\n1,x\n", f"n,s\n1,{'x' * 255}\n"
CHECKS: list[tuple[str, str, Json, str, str]] = [
    ("duplicate-row", ROWS, {}, "与第 4 行完全相同", "the same as row 4"),
    ("row-constraint", ROWS, {"formula": "n < 4"}, "不合规则：n < 4。", "breaks a rule: n < 4."),
    ("forbidden-value", ROWS, {"fieldName": "s", "values": ["ab"]}, "不许用的有：'ab'。", "Not allowed are: 'ab'."),
    ("sequential-value", ROWS, {"fieldName": "n"}, "“4”没有接上", "“4” does not follow"),
    ("ascii-value", ROWS, {}, "“é”里有英文字母", "“é” holds characters"),
    ("truncated-value", MANY, {}, "像是被截断了", "its end may be lost"),
    ("deviated-value", FAR, {"fieldName": "n"}, "“n”一列的“1000”远离其他值", "“1000” in column n"),
    ("deviated-value.calculation", "n,s\nINF,x\n1,x\n", {"fieldName": "n"}, "无法求平均", "No average"),
    ("deviated-cell", FAR, {}, "“s”一列的这一格", "This cell of column s"),
    ("required-value", ROWS, {"fieldName": "s", "values": ["z"]}, "至少要有一行是“z”", "hold “z” in at"),
    ("table-dimensions.rows-required", ROWS, {"numRows": 3}, "有 4 行数据，规定是 3", "has 4 rows; 3 are"),
    ("table-dimensions.rows-minimum", ROWS, {"minRows": 9}, "至少要 9", "9 is the least"),
    ("table-dimensions.rows-maximum", ROWS, {"maxRows": 3}, "最多 3", "3 is the most"),
    ("table-dimensions.fields-required", ROWS, {"numFields": 3}, "有 2 列，规定是 3", "2 columns; 3 are"),
    ("table-dimensions.fields-minimum", ROWS, {"minFields": 3}, "至少要 3", "3 is the least"),
    ("table-dimensions.fields-maximum", ROWS, {"maxFields": 1}, "最多 1", "1 is the most"),
    ("check-error.field", ROWS, {"type": "forbidden-value", "fieldName": "z", "values": []}, "查“z”一列", "column z"),
    ("check-error.numeric", ROWS, {"type": "deviated-value", "fieldName": "s"}, "“s”一列不是数字", "column s"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "content", "asked", "zh", "en"), CHECKS, ids=[one[0] for one in CHECKS])
def test_a_check_of_frictionless_is_told_in_our_words(  # noqa: PLR0913, PLR0917 (a table's columns)
    key: str, content: str, asked: dict[str, Json], zh: str, en: str, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(content, "utf-8")
    schema = Schema.from_descriptor({"fields": list(COLUMNS)})
    checklist = Checklist.from_descriptor({"checks": [{"type": key.partition(".")[0], **asked}]})
    report = Resource(path="t.csv", basepath=str(tmp_path), schema=schema).validate(checklist)
    explainer = Explainer(_table(), "t.csv", Text("描述文件", "the descriptor"))
    found = [explainer.finding(_problem(one)) for task in report.tasks for one in task.errors]
    one = next(one for one in found if key_of(one) == key)
    _speaks(one.message, one.remedy)
    assert zh in one.message.zh
    assert en in one.message.en
    if key in {"deviated-value", "deviated-cell"}:
        assert one.place.row == 32


def _table() -> Table:
    return read_dataset(package("t", [resource("t", "t.csv", list(COLUMNS))]), "", "", Path()).resources[0]


def _problem(error: Error) -> Problem:
    """As the engine hands on what frictionless says."""
    return Problem(
        error.type,
        error.to_descriptor,
        note=error.note,
        row=getattr(error, "row_number", None),
        field=getattr(error, "field_name", ""),
        column=getattr(error, "field_number", None),
        cell=getattr(error, "cell", ""),
    )


def _refused(kind: Json, descriptor: dict[str, Json]) -> Iterator[Error]:
    try:
        kind.from_descriptor(descriptor)
    except FrictionlessException as error:
        yield from error.to_errors()


@pytest.mark.parametrize(
    ("code", "kind", "descriptor", "zh"),
    [
        ("checklist-error", Checklist, {"checks": "all"}, "检查单"),
        ("inquiry-error", Inquiry, {"tasks": "all"}, "检查任务单"),
        ("pipeline-error", Pipeline, {"steps": "all"}, "处理流程"),
        ("package-error", Package, {"resources": "all"}, "数据包"),
        ("schema-error", Schema, {"fields": "all"}, "schema"),
        ("resource-error", Resource, {"name": "t"}, "资源"),
    ],
)
def test_a_descriptor_that_frictionless_refuses_is_told_in_our_words(
    code: str,
    kind: Json,
    descriptor: dict[str, Json],
    zh: str,
) -> None:
    found = {one.type: say(one.type, note=one.note) for one in _refused(kind, descriptor)}
    assert zh in found[code].message.zh
    assert "standard asks for" in found[code].message.en
    _speaks(found[code].message, found[code].remedy)


def test_a_part_of_frictionless_that_is_not_installed_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("s\nPOINT (1 2)\n", "utf-8")
    schema = Schema.from_descriptor({"fields": [{"name": "s", "type": "string", "format": "wkt"}]})
    report = Resource(path="t.csv", basepath=str(tmp_path), schema=schema).validate()
    (error,) = report.errors or report.tasks[0].errors
    words = say(error.type, note=error.note)
    assert error.type == "error"
    assert "检查工具遇到了问题" in words.message.zh
    assert "The checker met a problem" in words.message.en


# ------------------------------------------------------------------------------------------------------ nothing is left


def test_every_entry_is_raised_or_said_why_not() -> None:
    known = {*examples(), *(one[0] for one in CHECKS), *UNREACHABLE, "error"}
    known |= {"checklist-error", "inquiry-error", "pipeline-error"}
    left = {key for key in catalogue() if key not in known and not {key, key.partition(".")[0]} & set(ELSEWHERE)}
    assert left == set()


def test_the_lists_of_what_is_not_raised_hold_only_what_there_is() -> None:
    assert {*UNREACHABLE, *ELSEWHERE} <= set(catalogue())
    assert not set(UNREACHABLE) & set(examples())


@pytest.mark.parametrize(("code", "where"), sorted(ELSEWHERE.items()))
def test_what_other_tests_raise_is_named_there(code: str, where: str) -> None:
    assert f'"{code.partition(".")[0]}' in (HERE / where).read_text("utf-8")


def test_a_fact_that_a_note_does_not_hold_is_left_open_and_nothing_breaks() -> None:
    explainer = Explainer(_table(), "t.csv", Text("描述文件", "the descriptor"))
    finding: Finding = explainer.finding(Problem("byte-count", dict, note="in other words"))
    assert finding.message.en == "The file has … bytes, and the descriptor gives …."
    assert quoted(finding.message.zh) == "文件有 … 字节，描述文件写的是 …。"

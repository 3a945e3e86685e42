"""The record of hand-ins: what a line holds, when there is none, and what a damaged file does."""

from __future__ import annotations

import json
import multiprocessing
import os
from dataclasses import replace
from pathlib import Path

import pytest

from civicat.conversion import ColumnConversion, Rewrite
from civicat.finding import Finding, Place, Severity
from civicat.hand_ins import MOST_PLACES, Became, Found, HandedResource, HandIn, parse, read, record, summed
from civicat.layout import Layout
from civicat.report import Report, ResourceReport, Tally
from civicat.text import Text

ERRORS = (Found("type-error", "passed", 12),)
HANDED = HandIn(
    "2026-02-22T09:00:00Z",
    "ab" * 32,
    Became.REFUSED,
    "",
    (HandedResource(""), HandedResource("counts", 9, errors=ERRORS)),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Layout(tmp_path).hand_ins("roads/counts")


def _finding(code: str, severity: Severity = Severity.ERROR, field: str = "") -> Finding:
    return Finding(code, severity, Place("counts.csv", "counts", 2, field), Text("错", "wrong"), Text(), found="9999")


def _resource(**said: object) -> ResourceReport:
    plain = ResourceReport("counts", "data/counts.csv", ("bridge", "passed"), 9, 120, "cd" * 32, (), {})
    return replace(plain, **said)  # type: ignore[arg-type]  # each test names fields of it


def _summed(resource: ResourceReport, columns: tuple[str, ...] = ("bridge", "passed")) -> HandedResource:
    report = Report("roads/counts", (), (resource,))
    return summed(report, {"counts": columns}, {})[1]


def test_what_is_recorded_is_read_again(file: Path) -> None:
    later = replace(HANDED, when="2026-02-23T09:00:00Z", result=Became.PUBLISHED, version="1.0.0", resources=())
    assert record(file, HANDED)
    assert record(file, later)
    assert read(file) == (HANDED, later)
    assert file.relative_to(file.parents[2]) == Path("hand-ins/roads/counts.jsonl")


def test_the_same_handed_in_again_is_no_new_line_and_anything_else_is(file: Path) -> None:
    record(file, HANDED)
    assert not record(file, replace(HANDED, when="2026-02-24T09:00:00Z"))
    assert record(file, replace(HANDED, inputs="cd" * 32))
    assert record(file, HANDED), "not the one before: it came again after another"
    assert [one.inputs[:2] for one in read(file)] == ["ab", "cd", "ab"]


def test_a_torn_last_line_is_skipped_with_a_warning_and_the_next_line_is_whole(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    record(file, HANDED)
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:40])
    assert read(file) == (HANDED,)
    assert "line 2 cannot be read and is skipped" in caplog.text
    later = replace(HANDED, inputs="ef" * 32)
    assert record(file, later)
    assert read(file) == (HANDED, later)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        HANDED.to_line().replace(b"2026-02-22T09:00:00Z", b"yesterday"),
        HANDED.to_line().replace(b"2026-02-22T", b"20260222T"),
        HANDED.to_line().replace(b"2026-02-22", b"2026-02-30"),
        HANDED.to_line().replace(b"refused", b"lost"),
        HANDED.to_line().replace(b'"count":12', b'"count":-12'),
        HANDED.to_line().replace(b'"field":"passed"', b'"field":7'),
    ],
    ids=["blank", "list", "null", "bytes", "deep", "when", "basic", "no-day", "result", "count", "field"],
)
def test_a_line_that_is_none_is_none(line: bytes) -> None:
    assert parse(line) is None


def test_nothing_recorded_is_nothing(file: Path) -> None:
    assert read(file) == ()


def test_where_it_cannot_be_written_a_warning_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "hand-ins").write_text("in the way")
    assert not record(Layout(tmp_path).hand_ins("roads/counts"), HANDED)
    assert "this hand-in is not recorded" in caplog.text
    assert "本次提交未入账" in caplog.text


def test_a_line_that_does_not_fit_on_the_disk_leaves_the_record_as_it_was(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    record(file, HANDED)
    before, write = file.read_bytes(), os.write

    def full(handle: int, line: bytes) -> int:
        write(handle, line[:20])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    assert not record(file, replace(HANDED, inputs="cd" * 32))
    assert file.read_bytes() == before
    assert "No space left on device" in caplog.text


def _record_many(file: Path, name: str) -> None:
    for number in range(40):
        record(file, replace(HANDED, inputs=f"{name}-{number}"))


def test_several_writers_leave_whole_lines(file: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    writers = [context.Process(target=_record_many, args=(file, name)) for name in ("a", "b", "c")]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert sorted(one.inputs for one in read(file)) == sorted(f"{name}-{n}" for name in "abc" for n in range(40))


def test_a_report_is_recorded_as_counts_by_code_and_column() -> None:
    tallies = (Tally("type-error", "integer", "passed", 11), Tally("type-error", "day", "passed", 2))
    found = _summed(_resource(tallies=tallies, counts={"type-error": 13, "blank-row": 3}))
    assert found.errors == (Found("blank-row", "", 3), Found("type-error", "passed", 13))
    assert found.complete


def test_remarks_are_recorded_beside_errors() -> None:
    findings = tuple(_finding("digits-shortened", Severity.WARNING, "passed") for _ in range(2))
    found = _summed(_resource(findings=findings))
    assert (found.errors, found.warnings) == ((), (Found("digits-shortened", "passed", 2),))


def test_no_value_of_a_cell_is_recorded_not_even_as_the_name_of_a_column() -> None:
    """In a file without a header the first record is taken for one."""
    tallies = (Tally("extra-label", "", "Zhang San, 13800138000", 1),)
    resource = _resource(tallies=tallies, counts={"extra-label": 1}, findings=(_finding("extra-label"),))
    line = replace(HANDED, resources=(_summed(resource),)).to_line().decode()
    assert "138" not in line
    assert "9999" not in line
    assert json.loads(line)["resources"][0]["errors"] == [{"code": "extra-label", "field": "", "count": 1, "rows": [2]}]


@pytest.mark.parametrize(
    ("said", "complete"),
    [({}, True), ({"complete": False}, False), ({"refused": True}, False), ({"stopped": 1001}, False)],
    ids=["whole", "incomplete", "refused", "stopped"],
)
def test_it_is_recorded_whether_the_table_was_read_to_its_end(said: dict[str, object], *, complete: bool) -> None:
    assert _summed(_resource(**said)).complete is complete


def test_what_could_not_be_read_at_all_is_an_error_too() -> None:
    found = _summed(_resource(refused=True, findings=(_finding("encoding-error"),)))
    assert found.errors == (Found("encoding-error", "", 1),)


@pytest.mark.parametrize("more", [0, 1])
def test_too_many_columns_are_told_by_code_alone(more: int) -> None:
    columns = tuple(f"c{number}" for number in range(MOST_PLACES + more))
    tallies = tuple(Tally("type-error", "integer", one, 1) for one in columns)
    found = _summed(_resource(tallies=tallies, counts={"type-error": len(columns)}), columns)
    assert len(found.errors) == (1 if more else MOST_PLACES)
    assert sum(one.count for one in found.errors) == len(columns)


def test_findings_of_the_descriptor_stand_first_and_what_was_mended_is_counted_by_rule() -> None:
    report = Report("roads/counts", (_finding("steward-missing"),), (_resource(),))
    rewrites = (Rewrite("white-space", 5, " 7", "7"), Rewrite("digit-groups", 2, "1,000", "1000"))
    columns = [ColumnConversion(one, "int64", 9, 0, 4, rewrites) for one in ("passed", "bridge")]
    ours, counts = summed(report, {"counts": ("passed", "bridge")}, {"counts": columns})
    assert (ours.name, ours.errors) == ("", (Found("steward-missing", "", 1),))
    assert counts.mended == (Found("digit-groups", "", 4), Found("white-space", "", 10))


def test_the_first_rows_of_each_kind_are_kept_and_older_lines_without_them_are_read(file: Path) -> None:
    places = [Place("counts.csv", "counts", row, "passed") for row in (9, 8, 7, 6, 5, 4, 4)]
    findings = tuple(replace(_finding("type-error", field="passed"), place=place) for place in places)
    tallies = (Tally("type-error", "integer", "passed", 7),)
    found = _summed(_resource(tallies=tallies, counts={"type-error": 7}, findings=findings)).errors[0]
    assert (found.count, found.rows) == (7, (4, 5, 6, 7, 8))
    record(file, replace(HANDED, resources=(HandedResource("counts", errors=(found,)),)))
    assert read(file)[0].resources[0].errors[0].rows == (4, 5, 6, 7, 8)
    older = file.read_bytes().replace(b',"rows":[4,5,6,7,8]', b"")
    assert b"4,5" not in older
    file.write_bytes(older)
    assert read(file)[0].resources[0].errors[0].rows == ()
    again = replace(HANDED, when="2026-02-24T09:00:00Z", resources=(HandedResource("counts", errors=(found,)),))
    assert not record(file, again), "rows alone make no new hand-in"

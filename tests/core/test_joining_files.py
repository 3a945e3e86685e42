"""Which files are in the rows online: back to the last release that was handed in whole, taken-down ones with care."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from civicat.joining import joined_files
from civicat.layout import Layout
from civicat.release import Release

DEPARTMENT = {"code": "roads", "title": {"en": "Roads"}}


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


def released(layout: Layout, version: str, hour: int, sha256: str, submission: str = "append") -> None:
    folder = layout.dataset("roads/counts") / version
    folder.mkdir(parents=True)
    resource = {"name": "counts", "path": "counts.parquet", "civicat": {"submission": submission}}
    block = {"release": {"department": DEPARTMENT, "version": version, "inputs": "x"}}
    _write(folder / "datapackage.json", {"name": "counts", "resources": [resource], "civicat": block})
    _write(folder / "report.json", {"civicat": {"resources": [{"name": "counts", "sha256": sha256}]}})
    _write(folder / "provenance.json", {"released": _at(hour)})


def was_read(layout: Layout, version: str, read: str) -> None:
    """Writes into a release how its file was read."""
    file = layout.dataset("roads/counts") / version / "datapackage.json"
    told = json.loads(file.read_text("utf-8"))
    told["resources"][0]["civicat"]["read"] = read
    _write(file, told)


def taken_down(layout: Layout, version: str, hour: int, sha256: str, retracted: int) -> None:
    folder = layout.dataset("roads/counts") / version
    folder.mkdir(parents=True)
    texts = {"dataset": "roads/counts", "version": version, "released": _at(hour), "retracted": _at(retracted)}
    _write(folder / "tombstone.json", {**texts, "manifest": "x", "inputs": "x", "data": [sha256], "rows": 1})


def _at(hour: int) -> str:
    return f"2026-01-01T{hour:02}:00:00Z"


def _write(file: Path, values: object) -> None:
    file.write_text(json.dumps(values), "utf-8")


def online(layout: Layout) -> Release:
    release = layout.release("roads/counts")
    assert release is not None
    return release


def files(layout: Layout, resource: str = "counts") -> dict[str, str]:
    return {sha256: str(one.version) for sha256, one in joined_files(layout, online(layout), resource).items()}


def test_files_that_were_appended_are_all_there_with_the_first_version_of_each(layout: Layout) -> None:
    for number, sha256 in enumerate("abb"):
        released(layout, f"1.{number}.0", number, sha256)

    assert files(layout) == {"a": "1.0.0", "b": "1.1.0"}
    assert files(layout, "others") == {}


def test_a_release_that_was_handed_in_whole_is_the_beginning(layout: Layout) -> None:
    for number, (sha256, submission) in enumerate([("a", "append"), ("b", "replace"), ("c", "append")]):
        released(layout, f"1.{number}.0", number, sha256, submission)

    assert files(layout) == {"b": "1.1.0", "c": "1.2.0"}


def test_a_release_whose_report_names_no_file_has_none(layout: Layout) -> None:
    released(layout, "1.0.0", 1, "")
    _write(layout.dataset("roads/counts") / "1.0.0/report.json", {})

    assert files(layout) == {}


@pytest.mark.parametrize(
    ("retracted", "expected"),
    [(2, {"a", "c"}), (3, {"a", "c"}), (4, {"a", "b", "c"})],
    ids=["before", "in the same second", "after"],
)
def test_a_release_that_was_taken_down_counts_where_the_next_was_made_of_it(
    layout: Layout, retracted: int, expected: set[str]
) -> None:
    released(layout, "1.0.0", 1, "a")
    taken_down(layout, "1.1.0", 2, "b", retracted)
    released(layout, "1.2.0", 3, "c")

    assert set(files(layout)) == expected


def test_the_newest_release_that_was_taken_down_is_no_part_of_the_one_before(layout: Layout) -> None:
    released(layout, "1.0.0", 1, "a")
    taken_down(layout, "1.1.0", 2, "b", 3)

    assert set(files(layout)) == {"a"}


def test_two_that_were_taken_down_in_a_row_count_one_by_the_other(layout: Layout) -> None:
    released(layout, "1.0.0", 1, "a")
    taken_down(layout, "1.1.0", 2, "b", 4)
    taken_down(layout, "1.2.0", 3, "c", 6)
    released(layout, "1.3.0", 5, "d")

    assert set(files(layout)) == {"a", "b", "c", "d"}


def test_the_last_time_tells_how_a_file_was_read_and_the_first_when_it_came(layout: Layout) -> None:
    for number, (sha256, read) in enumerate([("a", "r1"), ("b", "r2"), ("a", "r3"), ("a", "r4")]):
        released(layout, f"1.{number}.0", number, sha256)
        was_read(layout, f"1.{number}.0", read)

    known = joined_files(layout, online(layout), "counts")
    assert {sha256: (str(one.version), one.reading) for sha256, one in known.items()} == {
        "a": ("1.0.0", "r4"),
        "b": ("1.1.0", "r2"),
    }
    assert [one.newest for one in known.values()] == [False, False]


def test_a_file_is_the_newest_as_long_as_no_other_came(layout: Layout) -> None:
    for number, sha256 in enumerate("abb"):
        released(layout, f"1.{number}.0", number, sha256)

    known = joined_files(layout, online(layout), "counts")
    assert {sha256: one.newest for sha256, one in known.items()} == {"a": False, "b": True}

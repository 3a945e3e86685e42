from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from civicat import publish
from civicat.errors import CivicatError, StoreError
from civicat.layout import Layout, read
from civicat.publish import tables
from civicat.release import Version
from civicat.report import Outcome

if TYPE_CHECKING:
    from tests.publish.conftest import Desk

TEXTS = {"datapackage.json", "report.json", "profile.json", "conversion.json", "provenance.json", "manifest.json"}
FILES = {"counters.parquet", "notes.parquet", *TEXTS}


def test_a_release_is_complete_in_itself_and_read_only(desk: Desk) -> None:
    release = desk.publish()

    assert {file.name for file in release.folder.iterdir()} == FILES
    assert {stat.S_IMODE(file.stat().st_mode) for file in release.folder.iterdir()} == {0o444}
    assert (str(release.version), release.inputs, release.rows) == ("1.0.0", "a", 53)
    assert release.department == desk.department()
    assert desk.layout.release("transport/counters") == release == read(release.folder)


def test_the_same_input_gives_the_same_bytes_anywhere(desk: Desk, another_desk: Desk) -> None:
    here, there = desk.publish(batch=7), another_desk.publish(batch=50)

    for name in FILES - {"provenance.json", "manifest.json"}:
        assert (here.folder / name).read_bytes() == (there.folder / name).read_bytes(), name


def test_the_same_input_is_not_published_twice(desk: Desk) -> None:
    first = desk.publish()
    before = {file: file.stat().st_mtime_ns for file in first.folder.iterdir()}

    assert desk.publish() == first
    assert {file: file.stat().st_mtime_ns for file in first.folder.iterdir()} == before
    assert sorted(child.name for child in desk.releases.iterdir()) == [".lock", "1.0.0"]


def test_a_changed_input_gives_the_next_version_beside_the_old_one(desk: Desk) -> None:
    first = desk.publish()
    second = desk.publish("b", (desk.counters(range(1, 52)), desk.notes("静", None, "")))

    assert desk.layout.versions("transport/counters") == [Version(1, 0, 0), Version(1, 1, 0)]
    assert desk.layout.release("transport/counters") == second
    assert read(first.folder) == first


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.UNCHECKED])
def test_what_has_not_passed_is_refused_and_the_old_release_stays(desk: Desk, outcome: Outcome) -> None:
    first = desk.publish()
    dataset = desk.dataset()
    report = desk.report(dataset, outcome)

    with pytest.raises(CivicatError, match=f"transport/counters has not passed its checks \\({outcome}\\)"):
        publish.publish(dataset, desk.department(), report, [], "b", desk.layout)
    assert desk.layout.release("transport/counters") == first
    assert [child.name for child in desk.releases.iterdir() if child.name != ".lock"] == ["1.0.0"]


def test_a_store_that_never_held_a_refused_dataset_stays_empty(desk: Desk) -> None:
    dataset = desk.dataset()

    with pytest.raises(CivicatError):
        publish.publish(dataset, desk.department(), desk.report(dataset, Outcome.FAILED), [], "a", desk.layout)
    assert not desk.layout.store.exists()


def test_a_resource_without_a_checked_table_is_not_left_out(desk: Desk) -> None:
    dataset = desk.dataset()
    tables = [desk.rows(desk.counters(range(9)), ["编号"])]

    with pytest.raises(CivicatError, match="has the tables counters, notes, checked are counters: it is not published"):
        publish.publish(dataset, desk.department(), desk.report(dataset), tables, "a", desk.layout)
    assert not desk.layout.store.exists()


def test_rows_that_cannot_be_read_to_the_end_publish_nothing(desk: Desk) -> None:
    class BrokenError(Exception):
        pass

    class Broken:
        def __init__(self) -> None:
            self.whole = desk.rows(desk.counters(range(100)), ["编号"])
            self.resource, self.schema, self.rows = desk.dataset().resources[0], self.whole.schema, 100

        def batches(self):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a generator that breaks off
            yield from self.whole.batches()
            raise BrokenError

    package = desk.package()
    del package["resources"][1]
    first = desk.publish("a", [desk.counters(range(9))], package)
    dataset = desk.dataset(package)
    with pytest.raises(BrokenError):
        publish.publish(dataset, desk.department(), desk.report(dataset), [Broken()], "b", desk.layout)

    assert desk.layout.release("transport/counters") == first
    assert sorted(child.name for child in desk.releases.iterdir()) == [".lock", "1.0.0"]


def test_what_a_killed_run_left_behind_is_removed(desk: Desk) -> None:
    for name in (".staging", ".scratch"):
        (desk.releases / name).mkdir(parents=True)
        (desk.releases / name / "counters.parquet").write_bytes(b"half")

    release = desk.publish()

    assert str(release.version) == "1.0.0"
    assert sorted(child.name for child in desk.releases.iterdir()) == [".lock", "1.0.0"]


def test_a_table_sorted_on_disk_leaves_nothing_behind(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "IN_MEMORY_BYTES", 100)

    release = desk.publish(tables=(desk.counters(reversed(range(500))), desk.notes("静")))

    assert pq.read_table(release.tables[0].path).equals(desk.counters(range(500)))
    assert sorted(child.name for child in desk.releases.iterdir()) == [".lock", "1.0.0"]


def test_provenance_says_when_from_what_and_with_which_tools(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1771718400")

    release = desk.publish()
    provenance = json.loads((release.folder / "provenance.json").read_bytes())

    assert provenance["released"] == release.released == "2026-02-22T00:00:00Z"
    assert set(provenance["tools"]) == {"civicat", "duckdb", "frictionless", "pyarrow", "python"}
    assert provenance["inputs"] == [
        {"path": "data/counters.csv", "bytes": 10, "sha256": "0" * 64},
        {"path": "data/notes.csv", "bytes": 10, "sha256": "0" * 64},
    ]


def test_a_fixed_date_makes_every_byte_the_same(
    desk: Desk, another_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")

    folders = [one.publish().folder for one in (desk, another_desk)]

    for name in FILES:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_a_date_that_is_none_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")

    with pytest.raises(CivicatError, match="SOURCE_DATE_EPOCH must be a number of seconds, it is “yesterday”"):
        desk.publish()
    assert desk.layout.versions("transport/counters") == []


NOBODY = """
import os, sys
from pathlib import Path
from civicat.errors import StoreError
from civicat.publish.staging import staging
os.setegid(65534)
os.seteuid(65534)
try:
    with staging(Path(sys.argv[1])): pass
except StoreError as error:
    print(error.message.en, error.message.zh, sep="|")
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not write")
def test_a_store_without_permission_is_told_in_a_line(desk: Desk) -> None:
    with TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        theirs = replace(desk, layout=Layout(Path(place) / "store"))
        first = theirs.publish()
        command = [sys.executable, "-c", NOBODY, str(theirs.releases)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own words

        assert theirs.layout.release("transport/counters") == first
    assert said == (
        f"{theirs.releases} cannot be written: there is no permission to write. The releases there have not changed."
        f"|无法写入 {theirs.releases}：没有写入权限。已发布的版本没有变化。\n"
    )


def test_a_store_that_is_a_file_is_told(desk: Desk) -> None:
    desk.layout.store.write_text("not a folder")

    with pytest.raises(StoreError, match="cannot be written: a file stands where a folder should be"):
        desk.publish()


def test_a_damaged_release_online_is_told_and_nothing_is_published(desk: Desk) -> None:
    first = desk.publish()
    (first.folder / "report.json").chmod(0o644)
    (first.folder / "report.json").write_text("{")

    with pytest.raises(StoreError, match=r"report\.json cannot be read .* Run civicat verify"):
        desk.publish("b")
    assert desk.layout.versions("transport/counters") == [first.version]


def test_a_lost_table_online_is_told_and_nothing_is_published(desk: Desk) -> None:
    first = desk.publish()
    first.tables[0].path.unlink()

    with pytest.raises(StoreError, match=r"counters\.parquet cannot be read .* Run civicat verify"):
        desk.publish("b")
    assert desk.layout.versions("transport/counters") == [first.version]

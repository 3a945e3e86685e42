"""Exports are made once, whole or not at all, and are gone with their release."""

from __future__ import annotations

import fcntl
import os
import resource
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat import publish
from civicat.errors import CivicatError, StoreError
from civicat.publish import exports
from civicat.publish.exports import cache, delimited
from civicat.publish.exports.form import Content, Form
from civicat.text import Text

if TYPE_CHECKING:
    from tests.publish.conftest import Desk


def _files(desk: Desk) -> list[str]:
    """What lies in the cache, but for locks."""
    found = (file for file in desk.layout.cache.rglob("*") if file.is_file() and file.name != ".lock")
    return sorted(file.name for file in found)


@contextmanager
def _counted(monkeypatch: pytest.MonkeyPatch, *, begun: threading.Event | None = None) -> Iterator[list[str]]:
    """Tells how often a CSV is made; waits in the making until `begun` is set."""
    made: list[str] = []

    def make(content: Content, target: Path) -> None:
        made.append(target.name)
        if begun is not None:
            begun.wait(10)
        delimited.CSV.make(content, target)

    monkeypatch.setattr(cache, "FORMS", {**exports.FORMS, "csv": replace(delimited.CSV, make=make)})
    yield made


def test_an_export_is_made_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    release = desk.publish()
    with _counted(monkeypatch) as made:
        first = exports.export(desk.layout, release, "csv", "counters")
        assert exports.export(desk.layout, release, "csv", "counters") == first
    assert made == ["transport-counters-1.0.0.csv.part"]
    folder = desk.layout.cache / "exports/transport/counters/1.0.0"
    assert first.parent.parent == folder
    assert first.name == "transport-counters-1.0.0.csv"


def test_file_names_say_what_they_are(desk: Desk) -> None:
    release = desk.publish()
    names = {form: exports.file_name(release, form, "notes") for form in exports.FORMS}
    assert names == {
        "csv": "transport-counters_notes-1.0.0.csv",
        "csv-excel": "transport-counters_notes-1.0.0-excel.csv",
        "ndjson": "transport-counters_notes-1.0.0.ndjson",
        "xlsx": "transport-counters_notes-1.0.0.xlsx",
        "geojson": "transport-counters_notes-1.0.0.geojson",
        "sqlite": "transport-counters-1.0.0.sqlite",
        "arrow": "transport-counters_notes-1.0.0.arrow",
    }


def test_a_generated_row_number_is_part_of_it(desk: Desk) -> None:
    lines = exports.export(desk.layout, desk.publish(), "csv", "notes").read_text("utf-8").splitlines()
    assert lines == ["row_number,note", "1,静", "2,", '3,""']


def test_another_release_form_option_or_revision_has_another_place(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = desk.publish("a")
    second = desk.publish("b", [desk.counters(range(1, 60)), desk.notes("x")])
    files = {exports.export(desk.layout, one, "csv", "counters") for one in (first, second)}
    files |= {exports.export(desk.layout, first, "sqlite", search=search) for search in (False, True)}
    monkeypatch.setattr(
        cache, "FORMS", {**exports.FORMS, "csv": replace(delimited.CSV, revision=delimited.CSV.revision + 1)}
    )
    files.add(exports.export(desk.layout, first, "csv", "counters"))
    assert len({file.parent.name for file in files}) == 5


def test_two_at_once_make_it_once_and_both_get_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    release = desk.publish()
    begun = threading.Event()
    with _counted(monkeypatch, begun=begun) as made, ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(exports.export, desk.layout, release, "csv", "counters") for _ in range(3)]
        begun.set()
        found = {one.result() for one in asked}
    assert len(found) == len(made) == 1


_CHILD = """
import sys
from pathlib import Path
from dataclasses import replace
from civicat.layout import Layout
from civicat.publish import exports
from civicat.publish.exports import cache, delimited

def make(content, target):
    with target.open("wb") as file:
        file.write(b"half")
        file.flush()
        print("begun", flush=True)
        sys.stdin.read()

cache.FORMS = {**exports.FORMS, "csv": replace(delimited.CSV, make=make)}
layout = Layout(Path(sys.argv[1]))
exports.export(layout, layout.release("transport/counters"), "csv", "counters")
"""


def test_a_killed_process_leaves_nothing_half(desk: Desk) -> None:
    release = desk.publish()
    command = [sys.executable, "-c", textwrap.dedent(_CHILD), str(desk.layout.store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:  # noqa: S603 - ours
        assert child.stdout is not None
        assert child.stdout.readline() == b"begun\n"
        child.kill()
    assert _files(desk) == ["transport-counters-1.0.0.csv.part"]
    exports.export(desk.layout, release, "ndjson", "counters")  # another one sweeps it out
    assert _files(desk) == ["transport-counters-1.0.0.ndjson"]
    assert exports.export(desk.layout, release, "csv", "counters").read_bytes().startswith("编号,".encode())


def test_what_is_being_made_is_not_swept_out(desk: Desk) -> None:
    release = desk.publish()
    file = exports.export(desk.layout, release, "csv", "counters")
    part = file.with_name("other.part")
    part.write_bytes(b"half")
    with (file.parent / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        exports.export(desk.layout, release, "ndjson", "counters")
        assert part.exists()
    exports.export(desk.layout, release, "arrow", "counters")
    assert not part.exists()


def test_past_the_limit_the_least_recently_asked_for_goes(desk: Desk) -> None:
    release = desk.publish()
    csv, ndjson = (exports.export(desk.layout, release, form, "counters") for form in ("csv", "ndjson"))
    for file, moment in ((csv, 2_000_000_000), (ndjson, 1_000_000_000)):
        os.utime(file, (moment, moment))
    size = csv.stat().st_size + ndjson.stat().st_size
    notes = exports.export(desk.layout, release, "csv", "notes", most_bytes=size)
    assert (csv.exists(), ndjson.exists(), notes.exists()) == (True, False, True)
    os.utime(csv, (1, 1))
    with csv.open("rb") as reader:  # who reads it reads on
        arrow = exports.export(desk.layout, release, "arrow", "counters", most_bytes=1)
        assert not csv.exists()
        assert reader.read().startswith("编号,".encode())
    assert arrow.exists()  # what was just made stays, however large


@pytest.mark.parametrize(("seconds", "stays"), [(50, True), (70, False)])
def test_what_was_asked_for_in_the_last_minute_stays(desk: Desk, seconds: float, stays: bool) -> None:  # noqa: FBT001
    release = desk.publish()
    csv = exports.export(desk.layout, release, "csv", "counters")
    asked = time.time() - seconds
    os.utime(csv, (asked, asked))
    exports.export(desk.layout, release, "ndjson", "counters", most_bytes=1)
    assert csv.exists() == stays


def test_what_another_process_removed_right_before_is_made_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    release = desk.publish()
    file = exports.export(desk.layout, release, "csv", "counters")
    touch = os.utime

    def removed(path: Path, *, follow_symlinks: bool) -> None:
        monkeypatch.setattr(os, "utime", touch)
        path.unlink()
        touch(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "utime", removed)
    assert exports.export(desk.layout, release, "csv", "counters").read_bytes().startswith("编号,".encode())
    assert file.exists()


def test_a_link_in_the_place_of_a_file_is_not_handed_out(desk: Desk, tmp_path: Path) -> None:
    release = desk.publish()
    file = exports.export(desk.layout, release, "csv", "counters")
    content = file.read_bytes()
    other = tmp_path / "other.csv"
    other.write_bytes(b"not ours")
    file.unlink()
    file.symlink_to(other)
    again = exports.export(desk.layout, release, "csv", "counters")
    assert (again.is_symlink(), again.read_bytes(), other.read_bytes()) == (False, content, b"not ours")


@pytest.mark.parametrize("depth", range(5))
def test_a_link_in_the_place_of_a_folder_is_refused(desk: Desk, tmp_path: Path, depth: int) -> None:
    release = desk.publish()
    file = exports.export(desk.layout, release, "csv", "counters")
    place = file.parents[depth]
    place.rename(tmp_path / "moved")
    place.symlink_to(tmp_path / "moved")
    with pytest.raises(StoreError) as refused:
        exports.export(desk.layout, release, "csv", "counters")
    assert refused.value.message.zh == f"{place} 是链接，缓存中不能有链接。请删去它；缓存会重新生成。"
    assert refused.value.message.en == (
        f"{place} is a link, and the cache may have none. Remove it; the cache is made anew."
    )


def test_a_link_in_the_place_of_a_lock_is_not_followed(desk: Desk, tmp_path: Path) -> None:
    release = desk.publish()
    file = exports.export(desk.layout, release, "csv", "counters")
    file.unlink()
    lock = file.with_name(".lock")
    lock.unlink()
    lock.symlink_to(tmp_path / "made")
    with pytest.raises(StoreError):
        exports.export(desk.layout, release, "csv", "counters")
    assert not (tmp_path / "made").exists()


def test_to_ask_again_is_to_use(desk: Desk) -> None:
    release = desk.publish()
    file = exports.export(desk.layout, release, "csv", "counters")
    os.utime(file, (1, 1))
    exports.export(desk.layout, release, "csv", "counters")
    assert file.stat().st_mtime > 1


def _retract(desk: Desk) -> None:
    release = desk.layout.release("transport/counters")
    assert release is not None
    words = Text("含个人信息。", "Personal data."), Text("数据台", "Data desk")
    publish.retract(desk.layout, release.dataset.id, release.version, *words)


def test_a_release_that_was_taken_down_has_no_exports(desk: Desk) -> None:
    release = desk.publish()
    exports.export(desk.layout, release, "csv", "counters")
    _retract(desk)
    assert _files(desk) == []
    with pytest.raises(StoreError) as refused:
        exports.export(desk.layout, release, "csv", "counters")
    assert refused.value.message.zh == "transport/counters 1.0.0 已撤回，不再提供下载。原因见该版本的撤回说明。"
    assert refused.value.message.en == (
        "transport/counters 1.0.0 was taken down and is not handed out any more. Its tombstone says why."
    )


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_release_taken_down_while_it_is_exported_leaves_nothing(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    after: bool,  # noqa: FBT001 - a parameter
) -> None:
    release = desk.publish()

    def make(content: Content, target: Path) -> None:
        if after:
            delimited.CSV.make(content, target)
        _retract(desk)
        if not after:
            delimited.CSV.make(content, target)

    monkeypatch.setattr(cache, "FORMS", {**exports.FORMS, "csv": Form("csv", ".csv", "", Text("a", "a"), make)})
    with pytest.raises(StoreError, match="was taken down"):
        exports.export(desk.layout, release, "csv", "counters")
    assert _files(desk) == []


def test_forgetting_what_was_never_exported_is_nothing(desk: Desk) -> None:
    release = desk.publish()
    exports.forget(desk.layout, release.dataset.id, release.version)
    exports.export(desk.layout, release, "csv", "counters")
    exports.forget(desk.layout, release.dataset.id, release.version)
    assert _files(desk) == []


@pytest.mark.parametrize(
    ("form", "name", "zh", "en"),
    [
        (
            "pdf",
            "counters",
            "没有“pdf”这种导出格式。可用：csv、csv-excel、ndjson、xlsx、geojson、sqlite、arrow。",
            "There is no export form “pdf”. Known: csv, csv-excel, ndjson, xlsx, geojson, sqlite, arrow.",
        ),
        (
            "xslx",
            "counters",
            "没有“xslx”这种导出格式。您是指“xlsx”吗？",
            "There is no export form “xslx”. Did you mean “xlsx”?",
        ),
        (
            "csv",
            "counter",
            "transport/counters 没有数据表“counter”。您是指“counters”吗？",
            "transport/counters has no resource “counter”. Did you mean “counters”?",
        ),
        (
            "csv",
            "xyz",
            "transport/counters 没有数据表“xyz”。可用：counters、notes。",
            "transport/counters has no resource “xyz”. Known: counters, notes.",
        ),
        (
            "csv",
            None,
            "transport/counters 有多个数据表，请指明一个。可用：counters、notes。",
            "transport/counters has several resources. Name one of them. Known: counters, notes.",
        ),
    ],
    ids=["form", "form-near", "near", "far", "unsaid"],
)
def test_what_is_not_there_is_refused_with_what_is(desk: Desk, form: str, name: str | None, zh: str, en: str) -> None:
    release = desk.publish()
    with pytest.raises(CivicatError) as refused:
        exports.export(desk.layout, release, form, name)
    assert refused.value.message == Text(zh, en)
    assert not desk.layout.cache.exists()


def test_search_is_refused_where_a_form_has_none(desk: Desk) -> None:
    with pytest.raises(CivicatError) as refused:
        exports.export(desk.layout, desk.publish(), "csv", "counters", search=True)
    assert refused.value.message == Text(
        "csv 格式没有全文检索。请改用 sqlite。", "The form csv has no full-text search. Take sqlite."
    )


@pytest.mark.parametrize("form", ["csv", "csv-excel", "ndjson", "sqlite", "arrow"])
def test_a_file_that_does_not_fit_leaves_nothing_half(desk: Desk, form: str) -> None:
    release = desk.publish("a", [desk.counters(range(1, 2_000)), desk.notes("x")])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, hard))
        with pytest.raises(StoreError) as refused:
            exports.export(desk.layout, release, form, None if form == "sqlite" else "counters")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    name = exports.file_name(release, form, "counters")
    if form != "sqlite":  # which only says that the disk failed
        assert refused.value.message == Text(
            f"无法生成 {name}：文件超出系统允许的大小。没有留下不完整的文件。",
            f"{name} cannot be made: the file is larger than the system allows. Nothing half is left.",
        )
    assert _files(desk) == []
    assert exports.export(desk.layout, release, form, "counters").stat().st_size > 4_096


@pytest.fixture
def small_disk(desk: Desk) -> Iterator[Path]:
    """The cache on a disk of its own, of 256 KB."""
    desk.layout.cache.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(desk.layout.cache)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:  # noqa: S603 - ours
        pytest.skip("only root may mount a small disk")
    try:
        yield desk.layout.cache
    finally:
        subprocess.run(["umount", "-l", str(desk.layout.cache)], check=True)  # noqa: S603, S607 - ours


@pytest.mark.parametrize("form", exports.FORMS)
def test_a_full_disk_is_one_line_and_nothing_half(desk: Desk, small_disk: Path, form: str) -> None:
    if form == "geojson":
        pytest.skip("these tables have no places")
    texts = [os.urandom(64).hex() for _ in range(8_000)]  # which no compression makes fit
    release = desk.publish("a", [desk.counters(range(1, 50)), desk.notes(*texts)])
    with pytest.raises(StoreError) as refused:
        exports.export(desk.layout, release, form, None if form == "sqlite" else "notes")
    name = exports.file_name(release, form, "notes")
    assert refused.value.message == Text(
        f"无法生成 {name}：磁盘已满，请先腾出空间。没有留下不完整的文件。",
        f"{name} cannot be made: the disk is full; free some space. Nothing half is left.",
    )
    assert [file for file in small_disk.rglob("*") if file.is_file() and file.stat().st_size] == []


def test_a_read_only_cache_serves_what_it_has_and_says_why_it_has_no_more(desk: Desk, small_disk: Path) -> None:
    release = desk.publish()
    file = exports.export(desk.layout, release, "csv", "counters")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)  # noqa: S603, S607 - ours
    assert exports.export(desk.layout, release, "csv", "counters") == file
    with pytest.raises(StoreError) as refused:
        exports.export(desk.layout, release, "ndjson", "counters")
    assert refused.value.message == Text(
        "无法生成 transport-counters-1.0.0.ndjson：该磁盘只读。没有留下不完整的文件。",
        "transport-counters-1.0.0.ndjson cannot be made: the disk is read-only. Nothing half is left.",
    )


def test_a_damaged_table_is_told_as_one(desk: Desk) -> None:
    release = desk.publish()
    file = release.tables[0].path
    column = pq.read_metadata(file).row_group(0).column(1)  # the names
    content = bytearray(file.read_bytes())
    content[column.data_page_offset + column.total_compressed_size - 10] ^= 0xFF
    file.chmod(0o644)
    file.write_bytes(content)
    with pytest.raises(StoreError) as refused:
        exports.export(desk.layout, release, "csv", "counters")
    assert refused.value.message.zh.startswith("transport/counters 1.0.0 无法导出（")
    assert refused.value.message.en.endswith("Run civicat verify.")
    assert _files(desk) == []


_MEASURED = """
import sys
from pathlib import Path
import pyarrow as pa
from civicat.layout import Layout
from civicat.publish import exports

layout = Layout(Path(sys.argv[1]))
exports.export(layout, layout.release("transport/counters"), sys.argv[2], sys.argv[3] or None)
print(pa.default_memory_pool().max_memory())
"""


@pytest.mark.parametrize("form", ["csv", "ndjson", "xlsx", "sqlite", "arrow"])
def test_memory_does_not_grow_with_the_rows(desk: Desk, another_desk: Desk, form: str) -> None:
    """Four times the rows, and Arrow never holds twice as much."""
    peaks = []
    for one, rows in ((desk, 50_000), (another_desk, 200_000)):
        one.publish("a", [one.counters(range(1, 50)), pa.table({"note": pa.array(map(str, range(rows)), pa.string())})])
        command = [sys.executable, "-c", _MEASURED, str(one.layout.store), form, "" if form == "sqlite" else "notes"]
        done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - ours
        peaks.append(int(done.stdout))
    assert peaks[1] < 2 * peaks[0]

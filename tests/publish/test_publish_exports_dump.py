"""The dump of a catalogue is a store, whole, and the same bytes each time."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from civicat import publish
from civicat.errors import CivicatError, StoreError
from civicat.layout import Layout, read
from civicat.publish import exports
from civicat.release import Version
from civicat.text import Text

if TYPE_CHECKING:
    from tests.publish.conftest import Desk


def _two_versions(desk: Desk) -> None:
    desk.publish("a")
    desk.publish("b", [desk.counters(range(1, 60)), desk.notes("x")])
    desk.layout.keys.mkdir(exist_ok=True)
    if not list(desk.layout.keys.iterdir()):
        (desk.layout.keys / "0123.pem").write_text("a key")


def _unpacked(file: Path, folder: Path) -> Layout:
    with tarfile.open(file) as tar:
        tar.extractall(folder, filter="data")
    return Layout(folder)


def _catalogue(file: Path) -> dict[str, Any]:
    with tarfile.open(file) as tar:
        found = tar.extractfile("catalogue.json")
        assert found is not None
        read_back: dict[str, Any] = json.loads(found.read())
        return read_back


def test_a_dump_unpacked_is_a_store_of_the_latest_releases(desk: Desk, tmp_path: Path) -> None:
    _two_versions(desk)
    told: list[tuple[int, int]] = []
    dumped = exports.dump(desk.layout, tmp_path / "all.tar", progress=lambda done, of: told.append((done, of)))
    assert dumped.sha256 == hashlib.sha256(dumped.path.read_bytes()).hexdigest()
    assert dumped.bytes == dumped.path.stat().st_size
    assert (dumped.datasets, dumped.releases) == (1, 1)
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    store = _unpacked(dumped.path, tmp_path / "unpacked")
    assert list(store.datasets()) == ["transport/counters"]
    release = read(store.dataset("transport/counters") / "1.1.0")
    online = desk.layout.release("transport/counters")
    assert online is not None
    assert [table.path.read_bytes() for table in release.tables] == [one.path.read_bytes() for one in online.tables]
    assert sorted(file.name for file in store.keys.iterdir()) == sorted(
        file.name for file in desk.layout.keys.iterdir()
    )
    assert exports.export(store, release, "csv", "counters").read_bytes()


def test_everything_has_every_version_and_tombstone_and_verifies(desk: Desk, tmp_path: Path) -> None:
    _two_versions(desk)
    words = Text("含个人信息。", "Personal data."), Text("数据台", "Data desk")
    publish.retract(desk.layout, "transport/counters", Version(1, 0, 0), *words)
    dumped = exports.dump(desk.layout, tmp_path / "all.tar", everything=True)
    assert (dumped.datasets, dumped.releases) == (1, 2)
    store = _unpacked(dumped.path, tmp_path / "unpacked")
    assert [str(version) for version in store.numbers("transport/counters")] == ["1.0.0", "1.1.0"]
    assert [tombstone.reason for tombstone in store.tombstones("transport/counters")] == [words[0]]
    assert [type(one) for one in publish.verify(store)] == [type(one) for one in publish.verify(desk.layout)]
    first, second = _catalogue(dumped.path)["datasets"][0]["releases"]
    assert first["reason"] == {"zh": "含个人信息。", "en": "Personal data."}
    assert second["version"] == "1.1.0"


def test_the_latest_releases_alone_verify(desk: Desk, tmp_path: Path) -> None:
    _two_versions(desk)
    file = exports.dump(desk.layout, tmp_path / "all.tar").path
    [found] = publish.verify(_unpacked(file, tmp_path / "unpacked"))
    assert isinstance(found, publish.Verified)
    assert (str(found.version), str(found.left_out)) == ("1.1.0", "1.0.0")
    assert _catalogue(file)["datasets"][0]["left_out"] == ["1.0.0"]


def test_the_catalogue_says_what_is_in_it(desk: Desk, tmp_path: Path) -> None:
    _two_versions(desk)
    dataset = _catalogue(exports.dump(desk.layout, tmp_path / "all.tar").path)["datasets"][0]
    assert dataset["dataset"] == "transport/counters"
    assert dataset["title"] == {"zh": "自行车计数器", "en": "Cycle counters"}
    assert dataset["licences"][0]["name"] == "CC0-1.0"
    release = dataset["releases"][0]
    for file in release["files"]:
        stored = desk.releases / release["version"] / file["path"]
        assert file["sha256"] == hashlib.sha256(stored.read_bytes()).hexdigest()
        assert file["bytes"] == stored.stat().st_size


def test_the_same_releases_give_the_same_bytes(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _two_versions(desk)
    first = exports.dump(desk.layout, tmp_path / "one.tar")
    for file in desk.releases.rglob("*.json"):
        os.utime(file, (1, 1))
    assert exports.dump(desk.layout, tmp_path / "two.tar").sha256 == first.sha256
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    third = exports.dump(desk.layout, tmp_path / "three.tar")
    with tarfile.open(third.path) as tar:
        members = tar.getmembers()
    assert {(one.mtime, one.uid, one.uname, one.mode) for one in members} == {(86_400, 0, "", 0o444)}
    names = [one.name for one in members]
    assert names[0] == "catalogue.json"
    assert names[1:] == sorted(names[1:])


def test_a_target_that_is_there_is_not_overwritten(desk: Desk, tmp_path: Path) -> None:
    _two_versions(desk)
    target = tmp_path / "all.tar"
    target.write_text("mine")
    with pytest.raises(CivicatError) as refused:
        exports.dump(desk.layout, target)
    assert refused.value.message == Text(
        f"{target} 已经存在。请换一个文件名。", f"{target} is there already. Name another file."
    )
    assert target.read_text() == "mine"


def test_what_a_killed_run_left_is_written_over_and_what_is_being_written_is_not(desk: Desk, tmp_path: Path) -> None:
    _two_versions(desk)
    part = tmp_path / "all.tar.part"
    part.write_bytes(b"half" * 100_000)
    with part.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(CivicatError, match=r"all\.tar\.part is there already"):
            exports.dump(desk.layout, tmp_path / "all.tar")
    assert part.stat().st_size == 400_000
    dumped = exports.dump(desk.layout, tmp_path / "all.tar")
    assert dumped.sha256 == hashlib.sha256(dumped.path.read_bytes()).hexdigest()
    assert not part.exists()


def test_an_empty_store_has_nothing_to_dump(tmp_path: Path) -> None:
    with pytest.raises(CivicatError) as refused:
        exports.dump(Layout(tmp_path / "store"), tmp_path / "all.tar")
    assert refused.value.message == Text(
        f"{tmp_path}/store 中没有已发布的版本。请先运行 civicat publish。",
        f"There is no release in {tmp_path}/store. Run civicat publish first.",
    )


def test_a_full_disk_leaves_no_half_dump(desk: Desk, tmp_path: Path) -> None:
    _two_versions(desk)
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=12k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:  # noqa: S603 - ours
        pytest.skip("only root may mount a small disk")
    try:
        with pytest.raises(StoreError) as refused:
            exports.dump(desk.layout, disk / "all.tar")
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)  # noqa: S603, S607 - ours
    assert refused.value.message == Text(
        "无法生成 all.tar：磁盘已满，请先腾出空间。没有留下不完整的文件。",
        "all.tar cannot be made: the disk is full; free some space. Nothing half is left.",
    )


def test_a_folder_that_is_not_there_is_one_line(desk: Desk, tmp_path: Path) -> None:
    _two_versions(desk)
    with pytest.raises(StoreError) as refused:
        exports.dump(desk.layout, tmp_path / "nowhere/all.tar")
    assert "all.tar" in refused.value.message.zh
    assert "Nothing half is left." in refused.value.message.en

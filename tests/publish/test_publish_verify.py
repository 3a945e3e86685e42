from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from civicat import publish
from civicat.publish import Damaged, Verified

if TYPE_CHECKING:
    from tests.publish.conftest import Desk

NAMES = ("counters.parquet", "notes.parquet", "datapackage.json", "report.json", "provenance.json")


def _flip(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)


def _damaged(desk: Desk) -> list[tuple[str, str]]:
    found = list(publish.verify(desk.layout))
    return [(str(one.version), one.file) for one in found if isinstance(one, Damaged)]


def test_releases_as_they_were_published_are_verified(desk: Desk) -> None:
    releases = [desk.publish(inputs, (desk.counters(range(9)), desk.notes(inputs))) for inputs in "abc"]

    found = list(publish.verify(desk.layout))

    assert found == [
        Verified("transport/counters", one.version, 5, sum(file.stat().st_size for file in one.folder.iterdir()))
        for one in releases
    ]


def test_an_empty_store_has_nothing_to_verify(desk: Desk) -> None:
    assert list(publish.verify(desk.layout)) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("at", [0, 0.5, -1], ids=["first", "middle", "last"])
def test_one_flipped_bit_is_found_in_any_file(desk: Desk, name: str, at: float) -> None:
    desk.publish("a")
    second = desk.publish("b").folder
    _flip(second / name, int((second / name).stat().st_size * at))

    assert _damaged(desk) == [("1.0.1", name)]


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named(desk: Desk, name: str) -> None:
    (desk.publish().folder / name).unlink()

    found = next(iter(publish.verify(desk.layout)))

    assert isinstance(found, Damaged)
    assert found.file == name
    assert found.message.en == (f"transport/counters 1.0.0: the file {name} is missing. Restore it from a backup.")
    assert found.message.zh == f"transport/counters 1.0.0：文件 {name} 缺失。请从备份恢复。"


def test_an_extra_file_is_named(desk: Desk) -> None:
    folder = desk.publish().folder
    (folder / "notes.csv").write_text("note\n")

    found = list(publish.verify(desk.layout))

    assert [one.message.en for one in found if isinstance(one, Damaged)] == [
        "transport/counters 1.0.0: the file notes.csv does not belong to this release. Take it out of its folder."
    ]


def test_files_of_two_releases_cannot_be_swapped(desk: Desk) -> None:
    first = desk.publish("a", (desk.counters(range(9)), desk.notes("静"))).folder
    second = desk.publish("b", (desk.counters(range(9)), desk.notes("闹"))).folder
    for name in ("notes.parquet", "datapackage.json"):
        (first / name).chmod(0o644)
        (first / name).write_bytes((second / name).read_bytes())

    assert ("1.0.0", "datapackage.json") in _damaged(desk)


def test_an_empty_folder_is_no_release(desk: Desk) -> None:
    (desk.releases / "1.0.0").mkdir(parents=True)

    assert _damaged(desk) == [("1.0.0", "datapackage.json"), ("1.0.0", "provenance.json"), ("1.0.0", "report.json")]


def test_what_a_killed_run_left_behind_is_no_damage(desk: Desk) -> None:
    desk.publish()
    (desk.releases / ".staging").mkdir()

    assert _damaged(desk) == []

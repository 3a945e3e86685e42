"""Taking down rows that were appended or upserted: they live on in later releases, which go too or nothing does."""

from __future__ import annotations

import hashlib
import random
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from civicat import publish
from civicat.errors import CivicatError
from civicat.layout import Layout
from civicat.publish.retract import held_by
from civicat.publish.signing import new_key
from civicat.release import Release, Version
from civicat.text import Text

if TYPE_CHECKING:
    from tests.publish.conftest import Desk

    from civicat.publish.signing import Signer

CHILD = Path(__file__).with_name("retracting_child.py")
NAME = "transport/counters"
REASON = Text("含有个人信息。", "It holds personal data.")
AUTHORITY = Text("交通局数据台", "Data desk of the Transport office")
FIRST, SECOND, THIRD, FOURTH = (Version(1, minor, 0) for minor in range(4))
CALLS = ("renameat2", "rename", "unlink", "unlinkat", "rmdir", "mkdir", "fsync")
_POINTS = 5  # of each kind of call at which a process is killed, besides the first and the last


def hand_in(  # noqa: PLR0913, PLR0917 - what a department hands in, in the order of the story
    desk: Desk,
    inputs: str,
    numbers: Iterable[int],
    name: str = "桥",
    submission: str = "append",
    signer: Signer | None = None,
) -> Release:
    """Publishes counters as that submission, and notes that replace those before; each file is another one."""
    package = desk.package()
    package["resources"][0]["civicat"] = {"submission": submission}
    dataset = desk.dataset(package)
    report = desk.report(dataset)
    read = (replace(one, sha256=hashlib.sha256((inputs + one.name).encode()).hexdigest()) for one in report.resources)
    report = replace(report, resources=tuple(read))
    tables = [desk.rows(desk.counters(numbers, name)), desk.rows(desk.notes(inputs))]
    rows = [replace(table, resource=one) for table, one in zip(tables, dataset.resources, strict=True)]
    return publish.publish(dataset, desk.department(), report, rows, inputs, desk.layout, signer)


def three(desk: Desk, signer: Signer | None = None) -> list[Release]:
    """A first release, one whose rows are secret, and one that holds those too."""
    return [
        hand_in(desk, inputs, numbers, name, signer=signer)
        for inputs, numbers, name in (("a", range(1, 6), "桥"), ("b", range(8, 11), "秘"), ("c", range(15, 18), "路"))
    ]


def take_down(layout: Layout, version: Version, signer: Signer | None = None, *, with_later: bool = False) -> None:
    publish.retract(layout, NAME, version, REASON, AUTHORITY, signer, with_later=with_later)


def damaged(layout: Layout) -> list[str]:
    return [one.message.en for one in publish.verify(layout) if isinstance(one, publish.Damaged)]


def names_in(release: Release | None) -> str:
    assert release is not None
    return "".join(text or "" for text in pq.read_table(release.tables[0].path)["name.en"].to_pylist())


def secrets(store: Path) -> list[Path]:
    """The files of a store in which the secret stands, also in a table."""
    return [file for file in store.rglob("*") if file.is_file() and "秘" in _text(file)]


def _text(file: Path) -> str:
    raw = file.read_bytes().decode(errors="ignore")
    return raw + (str(pq.read_table(file).to_pylist()) if file.suffix == ".parquet" else "")


def test_a_release_whose_rows_live_on_is_not_taken_down_alone(desk: Desk) -> None:
    _, second, third = three(desk)
    assert "秘" in names_in(third)

    with pytest.raises(CivicatError) as caught:
        take_down(desk.layout, SECOND)

    assert caught.value.message == Text(
        "未撤回：transport/counters 1.1.0 的行还在其后的版本 1.2.0 中。"
        "请加 --with-later 一并撤回；若要有版本继续在线，请先以 submission: replace 发布可以保留的全部行。",
        "Not taken down: rows of transport/counters 1.1.0 are in later versions too: 1.2.0. "
        "Add --with-later to take those down as well; to keep a version online, first publish all rows that may stay, "
        "with submission: replace.",
    )
    assert desk.layout.release(NAME, SECOND) == second
    assert desk.layout.tombstones(NAME) == []
    assert damaged(desk.layout) == []


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
def test_all_that_hold_its_rows_go_at_once(desk: Desk, tmp_path: Path, *, signed: bool) -> None:
    signer = new_key(tmp_path / "key.pem") if signed else None
    three(desk, signer)

    take_down(desk.layout, SECOND, signer, with_later=True)

    assert desk.layout.versions(NAME) == [FIRST]
    assert [(one.version, one.reason) for one in desk.layout.tombstones(NAME)] == [(SECOND, REASON), (THIRD, REASON)]
    assert secrets(desk.layout.store) == []
    assert damaged(desk.layout) == []


def test_what_is_handed_in_next_joins_the_newest_that_is_left(desk: Desk) -> None:
    first, *_ = three(desk)
    take_down(desk.layout, SECOND, with_later=True)

    fourth = hand_in(desk, "d", range(22, 24), "岸")

    assert fourth.version == FOURTH
    assert fourth.tables[0].rows == first.tables[0].rows + 2
    assert (names_in(fourth).count("桥"), names_in(fourth).count("岸")) == (5, 2)
    assert damaged(desk.layout) == []
    # What was handed in with the release that went along may come again, without the rows before it.
    again = hand_in(desk, "c", range(15, 18), "路")
    assert (names_in(again).count("路"), names_in(again).count("秘")) == (3, 0)


def test_the_newest_goes_alone(desk: Desk) -> None:
    three(desk)
    assert held_by(desk.layout, NAME, THIRD) == []

    take_down(desk.layout, THIRD)

    assert desk.layout.versions(NAME) == [FIRST, SECOND]
    assert damaged(desk.layout) == []


def test_a_release_that_replaced_all_rows_stays(desk: Desk) -> None:
    three(desk)
    hand_in(desk, "d", range(1, 6), "全", "replace")
    hand_in(desk, "e", range(8, 10), "新")
    assert held_by(desk.layout, NAME, SECOND) == [THIRD]

    take_down(desk.layout, SECOND, with_later=True)

    assert [str(one) for one in desk.layout.versions(NAME)] == ["1.0.0", "1.3.0", "1.4.0"]
    assert secrets(desk.layout.store) == []
    assert damaged(desk.layout) == []


def test_where_every_row_was_replaced_by_key_nothing_lives_on(desk: Desk) -> None:
    hand_in(desk, "a", range(1, 6), "秘", "upsert")
    hand_in(desk, "b", range(1, 6), "新", "upsert")
    assert held_by(desk.layout, NAME, FIRST) == []
    hand_in(desk, "c", range(1, 5), "岸", "upsert")
    assert held_by(desk.layout, NAME, SECOND) == [THIRD]

    take_down(desk.layout, FIRST)

    assert desk.layout.versions(NAME) == [SECOND, THIRD]
    assert secrets(desk.layout.store) == []


def test_rows_are_followed_through_a_release_that_is_down_already(desk: Desk) -> None:
    three(desk)
    hand_in(desk, "d", range(22, 24), "岸")
    take_down(desk.layout, FOURTH)
    take_down(desk.layout, THIRD)
    hand_in(desk, "e", range(29, 31), "滩")

    assert [str(one) for one in held_by(desk.layout, NAME, FIRST)] == ["1.1.0", "1.4.0"]
    assert [str(one) for one in held_by(desk.layout, NAME, SECOND)] == ["1.4.0"]


def test_a_release_that_cannot_be_read_is_taken_for_one_that_holds_the_rows(desk: Desk) -> None:
    *_, third = three(desk)
    provenance = third.folder / "provenance.json"
    provenance.chmod(0o644)
    provenance.write_text("{")
    assert held_by(desk.layout, NAME, SECOND) == [THIRD]
    descriptor = third.folder / "datapackage.json"
    descriptor.chmod(0o644)
    descriptor.write_text("[]")

    take_down(desk.layout, SECOND, with_later=True)

    assert desk.layout.versions(NAME) == [FIRST]
    tombstone = desk.layout.tombstone(NAME, THIRD)
    assert tombstone is not None
    assert (tombstone.title, tombstone.rows, tombstone.reason) == (Text(), 0, REASON)


# ------------------------------------------------------------------------------------------------------- killed between


@cache
def _why_not() -> str:
    """Why faults cannot be injected here; blank where they can."""
    strace = shutil.which("strace")
    if strace is None:
        return "strace is not installed"
    tried = subprocess.run([strace, "-qq", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    return f"strace may not trace here: {tried.stderr.strip()}" if tried.returncode else ""


@dataclass(frozen=True)
class Bench:
    """A store of three releases, taken down in copies of it by children that meet a fault."""

    store: Path
    folder: Path

    def copy(self, name: str) -> Layout:
        return Layout(Path(shutil.copytree(self.store, self.folder / name / "store")))

    def child(self, layout: Layout, fault: str = "") -> subprocess.CompletedProcess[str]:
        folder = layout.dataset(NAME)
        inside = [folder / one for one in (".staging", *map(str, (FIRST, SECOND, THIRD)))]
        paths = [folder, folder / ".lock", *inside, *(one / "tombstone.json" for one in inside)]
        only = [word for path in paths for word in ("-P", str(path))]
        inject = ["-e", f"inject={fault}"] if fault else []
        strace = ["strace", "-f", "-qq", "-y", "-o", str(self._log), *only, "-e", f"trace={','.join(CALLS)}", *inject]
        return subprocess.run(  # noqa: S603 - our own child
            [*strace, sys.executable, str(CHILD), str(layout.store), NAME, str(SECOND)],
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def calls(self) -> Counter[str]:
        lines = (re.match(r"\d+ +(\w+)\(", line) for line in self._log.read_text().splitlines())
        return Counter(match[1] for match in lines if match)


@pytest.fixture
def bench(desk: Desk, tmp_path: Path) -> Bench:
    if _why_not():
        pytest.skip(_why_not())
    three(desk)
    return Bench(desk.layout.store, tmp_path)


def test_a_process_that_is_killed_between_leaves_what_the_next_run_finishes(bench: Bench) -> None:
    done = bench.child(bench.copy("clean"))
    assert done.stdout == "online: 1.0.0\n", done.stderr
    points = bench.calls()
    assert points["renameat2"] == 2

    for call, count in sorted(points.items()):
        for number in _some(count):
            layout = bench.copy(f"{call}-{number}")
            killed = bench.child(layout, f"{call}:signal=KILL:when={number}")
            assert killed.returncode in {-signal.SIGKILL, 128 + signal.SIGKILL}, (call, number, killed)
            _stays_whole(layout)
            _is_finished(layout)


def _some(count: int) -> Sequence[int]:
    """Both ends, and places between, the same in each run."""
    between = range(2, count)
    return sorted({1, count, *random.Random(4).sample(between, min(_POINTS, len(between)))})  # noqa: S311 - no secret


def _stays_whole(layout: Layout) -> None:
    """The release that was named is down only if all that hold its rows are."""
    assert layout.versions(NAME) in ([FIRST, SECOND, THIRD], [FIRST, SECOND], [FIRST])
    assert damaged(layout) == []


def _is_finished(layout: Layout) -> None:
    try:
        take_down(layout, SECOND, with_later=True)
    except CivicatError as error:
        assert "was taken down on" in error.message.en, error  # noqa: PT017 - it was killed after the last step
    assert layout.versions(NAME) == [FIRST]
    assert secrets(layout.store) == []
    assert damaged(layout) == []


def test_a_full_disk_between_is_told_with_what_is_down(bench: Bench) -> None:
    layout = bench.copy("full")

    failed = bench.child(layout, "renameat2:error=ENOSPC:when=2")

    assert failed.stderr.splitlines()[-1] == (
        "civicat.errors.StoreError: transport/counters 1.2.0 is down, and 1.1.0 is not yet "
        "(No space left on device). Run the same command again."
    )
    _stays_whole(layout)
    _is_finished(layout)

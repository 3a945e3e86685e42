"""A full disk, a read-only store, rights that are gone, several processes at once, a clock that goes back.

Real disks (a small tmpfs where the tests run as root), real processes, real users. FAULT_SEED changes what is random.
"""

from __future__ import annotations

import os
import random
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from civicat import publish
from civicat.errors import StoreError
from civicat.layout import read
from civicat.publish import exports
from civicat.publish.staging import staging
from civicat.release import Version
from civicat.text import Text

if TYPE_CHECKING:
    from tests.publish.conftest import Desk
    from tests.publish.publishing_children import NAME, Children, HandedIn
else:  # pytest puts the folder of a test on the path
    from publishing_children import NAME, Children, HandedIn

SEED = int(os.environ.get("FAULT_SEED", "4"))
NOBODY = 65_534
WORDS = Text("交通局", "Transport office")
_PLENTY, _BLOCK = 4 * 2**20, 4096
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk or be another user")


@pytest.fixture(scope="module")
def copies() -> Iterator[Children]:
    """Never publishes itself, only its copies do."""
    with Children() as children:
        yield children


@pytest.fixture
def workers() -> Iterator[Callable[[int], list[Children]]]:
    """Processes that publish one thing after another, at the same time."""
    with ExitStack() as stack:
        yield lambda count: [stack.enter_context(Children()) for _ in range(count)]


@pytest.fixture
def handed_in(desk: Desk, tmp_path: Path) -> HandedIn:
    return HandedIn(desk, tmp_path / "prepared", tmp_path / "place/store")


@pytest.fixture
def for_all() -> Iterator[Path]:
    """A folder that other users can reach; pytest's own they cannot."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def dice() -> random.Random:
    return random.Random(SEED)  # noqa: S311 - to choose, not to hide


def _mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)  # noqa: S603, S607 - our own
    if done.returncode:
        pytest.skip(f"this machine does not let root mount a disk: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, which can be made smaller or read-only."""
    folder = tmp_path / "disk"
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={_PLENTY}", "tmpfs", str(folder))
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S603, S607 - our own


def _room(disk: Path, size: int, how: str = "rw") -> None:
    _mount("-o", f"remount,{how},size={size}", str(disk))


def _used(disk: Path) -> int:
    room = os.statvfs(disk)
    return (room.f_blocks - room.f_bfree) * room.f_frsize


def _go_on(handed_in: HandedIn, copies: Children, letter: str, version: str) -> None:
    before = handed_in.seen("")
    assert copies.run(handed_in.publish(letter)).answer == {"online": version}
    assert handed_in.damaged() == []
    assert before.items() <= handed_in.seen("").items()
    assert sorted(child.name for child in handed_in.releases.iterdir()) == [".lock", *handed_in.versions()]


# ------------------------------------------------------------------------------------------------ a full disk


@needs_root
def test_a_disk_that_is_full_at_any_byte(
    handed_in: HandedIn, disk: Path, copies: Children, dice: random.Random
) -> None:
    one = replace(handed_in, store=disk / "store")
    copies.run(one.publish("a"))
    before, start = one.seen(""), _used(disk)
    copies.run(one.publish("b"))
    needed = _used(disk) - start
    full = 0

    for room in [0, *sorted(dice.sample(range(_BLOCK, needed, _BLOCK), 8))]:
        shutil.rmtree(one.releases / "1.1.0")
        _room(disk, start + room)
        ended = copies.run(one.publish("b"))
        assert one.damaged() == []
        assert before.items() <= one.seen("").items()
        if ended.error:
            full += 1
            assert "No space left" in ended.error or "the disk is full; free some space" in ended.error
            assert one.versions() == ["1.0.0"]
            assert sorted(child.name for child in one.releases.iterdir()) == [".lock", "1.0.0"]
        _room(disk, _PLENTY)
        _go_on(one, copies, "b", "1.1.0")
    assert full >= 2


@needs_root
def test_a_full_disk_can_be_relieved_of_a_release(handed_in: HandedIn, disk: Path, copies: Children) -> None:
    one = replace(handed_in, store=disk / "store")
    for letter in "ab":
        copies.run(one.publish(letter))
    _room(disk, _used(disk))

    ended = copies.run(one.retract("1.0.0"))

    assert "the disk is full; free some space. The releases there have not changed." in ended.error
    assert (one.versions(), one.damaged()) == (["1.0.0", "1.1.0"], [])
    _room(disk, _PLENTY)
    assert copies.run(one.retract("1.0.0")).answer == {"down": "1.0.0"}
    assert one.damaged() == []


def test_a_file_that_may_not_grow(handed_in: HandedIn, copies: Children, dice: random.Random) -> None:
    copies.run(handed_in.publish("a"))
    before = handed_in.seen("")
    largest = max(file.stat().st_size for file in handed_in.releases.glob("*/*"))

    for most in [0, *dice.sample(range(1, largest), 4)]:
        ended = copies.run(handed_in.publish("b", most_bytes=most))
        assert "File too large" in ended.error
        assert (handed_in.seen(""), handed_in.damaged()) == (before, [])
    _go_on(handed_in, copies, "b", "1.1.0")


# ------------------------------------------------------------------------------------------------ no rights


@needs_root
@pytest.mark.parametrize("what", ["publish", "retract", "export"])
def test_a_read_only_disk(handed_in: HandedIn, disk: Path, copies: Children, what: str) -> None:
    one = replace(handed_in, store=disk / "store")
    copies.run(one.publish("a"))
    jobs = {"publish": one.publish("b"), "retract": one.retract("1.0.0"), "export": one.export("1.0.0", "csv")}
    before = one.seen("")
    _room(disk, _PLENTY, "ro")

    ended = copies.run(jobs[what])

    assert "the disk is read-only" in ended.error
    assert "该磁盘只读" in ended.answer["zh"]
    assert (one.seen(""), one.damaged()) == (before, [])
    _room(disk, _PLENTY)
    assert not copies.run(jobs[what]).error
    assert one.damaged() == []


@needs_root
@pytest.mark.parametrize("mode", [0o555, 0o000, 0o755], ids=["no-writing", "nothing", "of-another"])
@pytest.mark.parametrize("what", ["publish", "retract"])
def test_rights_that_are_gone(handed_in: HandedIn, copies: Children, for_all: Path, what: str, mode: int) -> None:
    handed_in = replace(handed_in, folder=for_all / "prepared", store=for_all / "store")
    copies.run(handed_in.publish("a"))
    handed_in.prepare("b")
    before = handed_in.seen("")
    if mode != 0o755:
        shutil.chown(handed_in.releases, NOBODY, NOBODY)
    handed_in.releases.chmod(mode)
    job = handed_in.publish("b") if what == "publish" else handed_in.retract("1.0.0")

    ended = copies.run({**job, "user": NOBODY})

    handed_in.releases.chmod(0o755)
    assert "there is no permission to write. The releases there have not changed." in ended.error
    assert "没有写入权限" in ended.answer["zh"]
    assert (handed_in.seen(""), handed_in.damaged()) == (before, [])
    _go_on(handed_in, copies, "b", "1.1.0")


# ------------------------------------------------------------------------------------------------ at once


def _chain(handed_in: HandedIn) -> list[str]:
    """What each manifest names as the one before, oldest first."""
    links = [publish.manifest.load(handed_in.releases / str(one)).previous for one in handed_in.layout.numbers(NAME)]
    return [str(link.version) if link else "" for link in links]


def test_two_publishers_of_different_data(handed_in: HandedIn, workers: Callable[[int], list[Children]]) -> None:
    two = workers(2)
    for letter, child in zip("ab", two, strict=True):
        child.begin(handed_in.publish(letter))
    said = [child.answer() for child in two]

    assert sorted(one["online"] for one in said) == ["1.0.0", "1.1.0"] == handed_in.versions()
    assert _chain(handed_in) == ["", "1.0.0"]
    assert handed_in.damaged() == []


def test_two_publishers_of_the_same_data(handed_in: HandedIn, workers: Callable[[int], list[Children]]) -> None:
    two, job = workers(2), handed_in.publish("a")
    for _ in range(5):
        for child in two:
            child.begin(job)
        assert [child.answer() for child in two] == [{"online": "1.0.0"}] * 2
        assert handed_in.versions() == ["1.0.0"]
        assert handed_in.damaged() == []
        shutil.rmtree(handed_in.releases)


def test_three_publishers_while_somebody_reads(handed_in: HandedIn, workers: Callable[[int], list[Children]]) -> None:
    jobs = [[handed_in.publish(f"{name}{number}") for number in range(10)] for name in "abc"]
    children = workers(3)
    for child, many in zip(children, jobs, strict=True):
        for job in many:
            child.begin(job)
    seen: dict[str, dict[str, str]] = {}
    versions: list[str] = []

    while len(versions) < 30:
        now = handed_in.versions()
        assert now[: len(versions)] == versions, "versions only grow"
        for version in now[len(versions) :]:
            release = read(handed_in.releases / version)
            assert {part.path.stat().st_size for table in release.tables for part in table.parts} == {
                part.bytes for table in release.tables for part in table.parts
            }
            seen[version] = {file.name: file.read_bytes().hex() for file in release.folder.iterdir()}
            assert "manifest.json" in seen[version]
        versions = now
    said = [child.answer()["online"] for child in children for _ in range(10)]

    assert sorted(said) == sorted(versions)
    assert _chain(handed_in) == ["", *versions[:-1]]
    assert handed_in.damaged() == []
    for version, files in seen.items():
        found = {file.name: file.read_bytes().hex() for file in (handed_in.releases / version).iterdir()}
        assert found == files, "what was seen once is all there was"


def test_a_publisher_and_a_retraction_at_once(
    handed_in: HandedIn, workers: Callable[[int], list[Children]], dice: random.Random
) -> None:
    publisher, other = workers(2)
    publisher.do(handed_in.publish("秘0"))
    down: list[str] = []
    for number in range(20):
        [online] = handed_in.versions()
        first, second = dice.sample(
            [(publisher, handed_in.publish(f"秘{number + 1}")), (other, handed_in.retract(online))], 2
        )
        first[0].begin(first[1])
        time.sleep(dice.uniform(0, 0.1))
        second[0].begin(second[1])
        published, retracted = publisher.answer(), other.answer()

        down.append(online)
        assert retracted == {"down": online}
        assert handed_in.versions() == [published["online"]]
        assert handed_in.damaged() == []
        assert [str(stone.version) for stone in handed_in.layout.tombstones(NAME)] == down
        assert handed_in.holding(f"秘{number}1") == [], "a value of the release that is down"
    assert _chain(handed_in) == ["", *down]


def test_what_is_taken_down_while_it_is_checked_again_stays_down(desk: Desk) -> None:
    desk.publish("a")
    second = desk.publish("b", (desk.counters(range(1, 9)), desk.notes("静")))
    publish.retract(desk.layout, NAME, second.version, WORDS, WORDS)
    dataset = desk.dataset()
    tables = [desk.rows(desk.counters(range(1, 9))), desk.rows(desk.notes("静"))]
    for one in dataset.resources:
        (dataset.folder / one.path).parent.mkdir(parents=True, exist_ok=True)
        (dataset.folder / one.path).write_text("data")
    for table, resource in zip(tables, dataset.resources, strict=True):
        object.__setattr__(table, "resource", resource)

    given = (dataset, desk.department(), desk.report(dataset), tables, "b", desk.layout)

    with pytest.raises(StoreError) as caught:
        publish.publish(*given, again=False)

    assert caught.value.message.en == (
        "transport/counters 1.1.0 was taken down a moment ago (Transport office), and this is the same data: "
        "it is not published."
    )
    assert caught.value.message.zh == ("transport/counters 1.1.0 刚刚撤回（交通局），所提交的是同样的数据，不再发布。")
    assert desk.layout.versions(NAME) == [Version(1, 0, 0)]
    publish.publish(*given)
    assert desk.layout.versions(NAME) == [Version(1, 0, 0), Version(1, 2, 0)]


def test_verify_while_releases_are_taken_down(handed_in: HandedIn, workers: Callable[[int], list[Children]]) -> None:
    publisher, other = workers(2)
    letters = [f"v{number}" for number in range(8)]
    versions = [publisher.do(handed_in.publish(letter))["online"] for letter in letters]
    for version in versions[1:-1]:
        other.begin(handed_in.retract(version))
    rounds = 0
    while len(handed_in.versions()) > 2 or not rounds:
        assert handed_in.damaged() == []
        assert publish.verify_size(handed_in.layout) > 0
        rounds += 1
    assert [other.answer()["down"] for _ in versions[1:-1]] == versions[1:-1]
    assert handed_in.damaged() == []
    assert rounds > 1


def test_what_a_retraction_at_work_has_not_removed_yet_is_no_damage(desk: Desk) -> None:
    _, second, third = (desk.publish(name, (desk.counters(range(1, 9), name), desk.notes("静"))) for name in "abc")
    cells = third.folder / "changes.parquet"
    content = cells.read_bytes()
    publish.retract(desk.layout, NAME, second.version, WORDS, WORDS)
    cells.write_bytes(content)
    cells.chmod(0o444)

    with staging(desk.releases):
        at_work = [one for one in publish.verify(desk.layout) if isinstance(one, publish.Damaged)]
    [left] = [one for one in publish.verify(desk.layout) if isinstance(one, publish.Damaged)]

    assert at_work == []
    assert (left.version, left.file) == (third.version, "changes.parquet")
    assert left.message.zh == (
        "transport/counters 1.2.0：文件 changes.parquet 还在，其中有已撤回版本的旧值。"
        "请再次运行 civicat retract，或删去它。"
    )
    desk.publish("d")  # any next run removes it
    assert not cells.exists()
    assert not [one for one in publish.verify(desk.layout) if isinstance(one, publish.Damaged)]


def test_two_processes_remove_the_same_exports(desk: Desk) -> None:
    release = desk.publish("a")
    for _ in range(5):
        folder = exports.export(desk.layout, release, "csv", "counters").parent
        for number in range(200):
            (folder / f"{number}.csv").touch()
        with ThreadPoolExecutor(2) as both:
            done = [both.submit(exports.forget, desk.layout, NAME, release.version) for _ in range(2)]
        assert [one.result() for one in done] == [None, None]
        assert not folder.exists()


def test_changes_that_were_made_without_the_release_that_is_down_stay(desk: Desk) -> None:
    first, second = (desk.publish(name, (desk.counters(range(1, 9), name), desk.notes("静"))) for name in "ab")
    publish.retract(desk.layout, NAME, second.version, WORDS, WORDS)
    third = desk.publish("c", (desk.counters(range(1, 9), "c"), desk.notes("静")))

    fourth = desk.publish("d", (desk.counters(range(1, 9), "d"), desk.notes("静")))

    assert (third.folder / "changes.parquet").exists()  # compared with the first
    publish.retract(desk.layout, NAME, first.version, WORDS, WORDS)
    assert not (third.folder / "changes.parquet").exists()
    assert (fourth.folder / "changes.parquet").exists()
    assert not [one for one in publish.verify(desk.layout) if isinstance(one, publish.Damaged)]
    (fourth.folder / "changes.parquet").unlink()
    [found] = [one for one in publish.verify(desk.layout) if isinstance(one, publish.Damaged)]
    assert (found.version, found.file) == (fourth.version, "changes.parquet")


def test_an_export_of_a_release_that_is_taken_down_meanwhile(
    handed_in: HandedIn, workers: Callable[[int], list[Children]], dice: random.Random
) -> None:
    exporter, other = workers(2)
    exporter.do(handed_in.publish("秘"))
    [online] = handed_in.versions()
    for number in range(12):
        first, second = dice.sample(
            [(exporter, handed_in.export(online, "csv")), (other, handed_in.retract(online))], 2
        )
        first[0].begin(first[1])
        time.sleep(dice.uniform(0, 0.03))
        second[0].begin(second[1])
        made, retracted = exporter.answer(), other.answer()

        assert retracted == {"down": online}
        assert made.get("file") is not None or "taken down" in made["error"] or "cannot be read" in made["error"]
        assert [file for file in handed_in.layout.cache.rglob("*") if online in file.parts and file.is_file()] == []
        online = exporter.do(handed_in.publish(f"x{number}"))["online"]
    assert handed_in.damaged() == []


def test_exports_while_others_publish(handed_in: HandedIn, workers: Callable[[int], list[Children]]) -> None:
    publisher, *exporters = workers(3)
    publisher.do(handed_in.publish("a"))
    for number in range(5):
        publisher.begin(handed_in.publish(f"p{number}"))
    for _ in range(4):
        shutil.rmtree(handed_in.layout.cache, ignore_errors=True)
        for child in exporters:
            child.begin(handed_in.export("1.0.0", "csv"))
        files = {child.answer()["file"] for child in exporters}
        [made] = files
        assert Path(made).read_text("utf-8").count("\n") == len(["header", "1", "2", "3"])
    assert [publisher.answer()["online"] for _ in range(5)] == handed_in.versions()[1:]
    assert handed_in.damaged() == []


# ------------------------------------------------------------------------------------------------ the clock


@pytest.mark.parametrize(
    ("versioning", "versions"),
    [
        ("semantic", ["1.0.0", "1.1.0", "1.2.0", "1.3.0"]),
        ("calendar", ["2026.11.18", "2026.11.18.1", "2026.11.18.2", "2026.11.19"]),
    ],
)
def test_a_clock_that_goes_back(handed_in: HandedIn, copies: Children, versioning: str, versions: list[str]) -> None:
    day = 86_400
    clock = [1_795_000_000, 1_795_000_000 - 400 * day, 0, 1_795_000_000 + day]

    jobs = [handed_in.publish(one, versioning, clock=seconds) for one, seconds in zip("abcd", clock, strict=True)]
    online = [copies.run(job).answer["online"] for job in jobs]

    assert online == versions == handed_in.versions()
    assert _chain(handed_in) == ["", *versions[:-1]]
    assert handed_in.damaged() == []
    latest = handed_in.layout.release(NAME)
    assert latest is not None
    assert str(latest.version) == versions[-1]
    released = [read(handed_in.releases / one).released for one in versions]
    assert released[:3] == ["2026-11-18T11:06:40Z", "2025-10-14T11:06:40Z", "1970-01-01T00:00:00Z"]


def test_a_tombstone_that_is_older_than_its_release(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    release = desk.publish("a")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")

    tombstone = publish.retract(desk.layout, NAME, release.version, WORDS, WORDS)

    assert tombstone.retracted == "1970-01-01T00:00:00Z"
    assert desk.layout.versions(NAME) == []
    assert not [one for one in publish.verify(desk.layout) if isinstance(one, publish.Damaged)]
    assert str(desk.publish("b").version) == "1.1.0"


# ------------------------------------------------------------------------------------------------ modes


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077], ids=["open", "usual", "closed"])
def test_what_is_released_cannot_be_written(handed_in: HandedIn, copies: Children, umask: int) -> None:
    for job in (*map(handed_in.publish, "abc"), handed_in.retract("1.0.0")):
        assert not copies.run({**job, "umask": umask}).error

    files = list(handed_in.releases.glob("*/*"))
    assert {file.name for file in files} >= {"tombstone.json", "changes.parquet", "counters.parquet", "profile.json"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o444}

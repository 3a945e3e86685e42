"""Publishing with a fault at every single system call that touches the store: killed, or answered with an error.

strace injects the faults, so they hit real calls, those of pyarrow's C++ too. It counts calls of one kind at a time.
With --seccomp-bpf, which would be faster, strace 6.1 forgets to send the signal.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from civicat import publish
from civicat.layout import Layout

if TYPE_CHECKING:
    from tests.publish.conftest import Desk

CHILD = Path(__file__).with_name("publishing_child.py")
FILES = ("counters.parquet", "notes.parquet", "report.json", "provenance.json", "datapackage.json")
CALLS = (
    *("flock", "mkdir", "openat", "write", "pwrite64", "fchmod", "chmod", "fsync", "fdatasync", "rename", "renameat"),
    *("renameat2", "link", "unlink", "unlinkat", "rmdir", "ftruncate", "symlink"),
)


@cache
def _why_not() -> str:
    """Why faults cannot be injected here; blank where they can."""
    strace = shutil.which("strace")
    if strace is None:
        return "strace is not installed"
    probe = [strace, "-qq", "-o", "/dev/null", "true"]
    tried = subprocess.run(probe, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    return f"strace may not trace here: {tried.stderr.strip()}" if tried.returncode else ""


@pytest.fixture
def bench(desk: Desk, tmp_path: Path) -> Bench:
    """A small dataset, prepared on disk for a process that will not live long."""
    if _why_not():
        pytest.skip(_why_not())
    package = desk.package()
    del package["resources"][0]["schema"]["fields"][2:]
    tables = (desk.counters([3, 1, 2]).select(["编号", "name.en"]), desk.notes("静"))
    folder = tmp_path / "prepared"
    folder.mkdir()
    for name, table in zip(("counters", "notes"), tables, strict=True):
        with pa.ipc.new_file(str(folder / f"{name}.arrow"), table.schema) as writer:
            writer.write_table(table)
    (folder / "department.json").write_text(json.dumps(desk.department().descriptor))
    (folder / "datapackage.json").write_text(json.dumps(package, default=str))
    return Bench(desk, folder, json.loads((folder / "datapackage.json").read_bytes()), tables, tmp_path / "log")


@dataclass(frozen=True)
class Bench:
    """A dataset that is published by children which meet a fault, each in a store of its own."""

    desk: Desk
    folder: Path
    package: dict[str, Any]
    tables: tuple[pa.Table, ...]
    log: Path

    def in_store(self, store: Path) -> Bench:
        store.parent.mkdir()
        return replace(self, desk=replace(self.desk, layout=Layout(store)))

    def publish(self, inputs: str) -> None:
        """In this process, without a fault."""
        self.desk.publish(inputs, self.tables, self.package)

    def child(self, inputs: str, version: str, fault: str = "") -> subprocess.CompletedProcess[str]:
        """In a child under strace, with a fault such as `write:signal=KILL:when=3`."""
        releases = self.desk.releases
        inside = [folder / name for folder in (releases / ".staging", releases / version) for name in FILES]
        parents = [folder for folder in releases.parents if folder.is_relative_to(self.desk.layout.store.parent)]
        paths = [
            *parents,
            releases,
            releases / ".lock",
            releases / ".scratch",
            *inside,
            *{one.parent for one in inside},
        ]
        only = [word for path in paths for word in ("-P", str(path))]  # Python's own start-up calls do not count
        inject = ["-e", f"inject={fault}"] if fault else []
        strace = ["strace", "-f", "-qq", "-y", "-o", str(self.log), *only, "-e", f"trace={','.join(CALLS)}", *inject]
        return subprocess.run(  # noqa: S603 - our own child
            [*strace, sys.executable, str(CHILD), str(self.folder), str(self.desk.layout.store), inputs],
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[tuple[str, str]]:
        """What the last child did, in order: each call and its arguments, with the path beside each descriptor."""
        lines = (re.match(r"\d+ +(\w+)\((.*)\) += ", line) for line in self.log.read_text().splitlines())
        return [(match[1], match[2]) for match in lines if match]

    def seen(self) -> dict[str, str]:
        """Every file of every release that a reader sees, with its sha256; each release must be whole."""
        assert not [one for one in publish.verify(self.desk.layout) if isinstance(one, publish.Damaged)]
        return {
            file.relative_to(self.desk.releases).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
            for version in self.desk.layout.versions("transport/counters")
            for file in (self.desk.releases / str(version)).iterdir()
        }

    def versions(self) -> list[str]:
        return [str(version) for version in self.desk.layout.versions("transport/counters")]

    def goes_on(self, inputs: str, versions: list[str]) -> None:
        """The next run finishes what the last one could not, and leaves nothing behind."""
        before = self.seen()
        self.publish(inputs)
        after = self.seen()
        assert self.versions() == versions
        assert before.items() <= after.items()
        assert sorted(child.name for child in self.desk.releases.iterdir()) == [".lock", *versions]


def _killed_at_each(bench: Bench, situation: Situation, calls: Iterable[str]) -> Counter[str]:
    """Kills a child at each call of these kinds; answers how many calls of each kind there were."""
    clean = bench.in_store(bench.log.parent / "clean/store")
    situation.prepare(clean)
    assert clean.child("b", situation.version).returncode == 0
    points = Counter(name for name, _ in clean.calls() if name in calls)
    for call, count in points.items():
        for number in range(1, count + 1):
            one = bench.in_store(bench.log.parent / f"{call}-{number}/store")
            situation.prepare(one)
            before = one.seen()
            killed = one.child("b", situation.version, f"{call}:signal=KILL:when={number}")
            assert killed.returncode in {-signal.SIGKILL, 128 + signal.SIGKILL}, (call, number, killed)
            assert before.items() <= one.seen().items(), "an old release changed"
            assert one.versions() in (situation.before, situation.after)
            one.goes_on("b", situation.after)
    return points


@dataclass(frozen=True)
class Situation:
    """What is in the store before the child publishes the input `b`, and what must be there in the end."""

    before: list[str]
    version: str
    leftover: bool = False

    @property
    def after(self) -> list[str]:
        return [*self.before, self.version]

    def prepare(self, bench: Bench) -> None:
        if self.before:
            bench.publish("a")
        if self.leftover:
            left = bench.desk.releases / ".staging"
            left.mkdir()
            (left / FILES[0]).write_bytes(b"half")


def test_killed_at_any_step_of_the_next_version(bench: Bench) -> None:
    points = _killed_at_each(bench, Situation(["1.0.0"], "1.0.1"), CALLS)

    # Each kind of call that publishing is made of was hit, and no file was left out.
    assert points["write"] >= len(FILES)
    assert points["fchmod"] == len(FILES)
    assert points["fsync"] == len(FILES) + 2
    assert (points["flock"], points["rename"]) == (1, 1)


def test_killed_at_any_step_of_the_first_version_in_a_new_store(bench: Bench) -> None:
    calls = set(CALLS) - {"write", "fchmod"}  # the same as in the test above
    points = _killed_at_each(bench, Situation([], "1.0.0"), calls)

    assert points["mkdir"] == len(["store", "releases", "transport", "counters", ".staging"])
    assert points["fsync"] == len(FILES) + 2 + len(["store", "releases", "transport", "counters"])


def test_killed_while_removing_what_a_killed_run_left(bench: Bench) -> None:
    points = _killed_at_each(bench, Situation(["1.0.0"], "1.0.1", leftover=True), {"unlinkat", "unlink", "rmdir"})

    assert points.total() == len(["the file", "its folder"])


def test_everything_is_synced_before_the_release_appears(bench: Bench) -> None:
    store, releases = bench.desk.layout.store, bench.desk.releases
    staged = releases / ".staging"

    assert bench.child("b", "1.0.0").returncode == 0
    done = [(call, words) for call, words in bench.calls() if call in {"mkdir", "write", "fchmod", "fsync", "rename"}]
    renamed = next(at for at, (call, _) in enumerate(done) if call == "rename")

    def places(call: str, path: Path) -> list[int]:
        return [at for at, (name, words) in enumerate(done) if name == call and f"<{path}>" in words]

    for name in FILES:
        (synced,) = places("fsync", staged / name)
        assert max(places("write", staged / name)) < synced < renamed, name
        assert max(places("fchmod", staged / name)) < synced, name
    assert places("fsync", staged) == [renamed - 1], "the folder is synced when all its files are"
    assert places("fsync", releases) == [renamed + 1], "the new name is synced at once"
    for folder in (store, store / "releases", store / "releases/transport", releases):
        made = next(at for at, (call, words) in enumerate(done) if call == "mkdir" and f'"{folder}"' in words)
        assert done[made + 1] == ("fsync", done[made + 1][1])
        assert f"<{folder.parent}>" in done[made + 1][1]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("openat:error=EROFS:when=1", "the disk is read-only"),
        ("mkdir:error=EACCES:when=1", "there is no permission to write"),
        ("openat:error=ENOSPC:when=3", "the disk is full; free some space"),
        ("write:error=ENOSPC:when=1", "the disk is full; free some space"),
        ("write:error=EDQUOT:when=20", "the disk quota is used up; free some space"),
        ("fsync:error=EIO:when=1", "Input/output error"),
        ("rename:error=ENOSPC:when=1", "the disk is full; free some space"),
    ],
)
def test_a_store_that_cannot_be_written_is_told_and_stays_as_it_was(bench: Bench, fault: str, words: str) -> None:
    bench.publish("a")
    before = bench.seen()

    failed = bench.child("b", "1.0.1", fault)

    assert "(INJECTED)" in bench.log.read_text()
    assert failed.stderr.splitlines()[-1] == (
        f"civicat.errors.StoreError: {bench.desk.releases} cannot be written: {words}. "
        "The releases there have not changed."
    )
    assert bench.seen() == before
    bench.goes_on("b", ["1.0.0", "1.0.1"])


def test_a_disk_that_does_not_confirm_the_last_step_is_told(bench: Bench) -> None:
    bench.publish("a")

    failed = bench.child("b", "1.0.1", f"fsync:error=EIO:when={len(FILES) + 2}")

    assert "1.0.1 is written, but the disk did not confirm that it is saved" in failed.stderr.splitlines()[-1]
    bench.goes_on("b", ["1.0.0", "1.0.1"])


def test_publishers_at_once_take_turns_and_readers_see_whole_releases_only(bench: Bench) -> None:
    command = [sys.executable, str(CHILD), str(bench.folder), str(bench.desk.layout.store)]
    children = [
        subprocess.Popen([*command, inputs], stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own child
        for inputs in "abba"
    ]

    while any(child.poll() is None for child in children):
        bench.seen()
    said = [child.communicate()[0] for child in children]

    assert [child.returncode for child in children] == [0, 0, 0, 0]
    # Of two that hand in the same, one publishes; unless the other input came between them, the second finds it done.
    assert set(said) <= {f"online: {version}\n" for version in bench.versions()}
    assert len(bench.versions()) >= len("ab")
    bench.seen()

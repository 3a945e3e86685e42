"""A fault at the system calls that touch the store: the process is killed there, or the call answers with an error.

strace injects the faults, so they hit real calls, those of pyarrow's C++ too. It counts the calls of one kind in one
thread. Of a kind with many calls some are chosen at random: FAULT_POINTS says how many (`all` for each one), and
FAULT_SEED which.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import stat
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from civicat.publish.signing import new_key

if TYPE_CHECKING:
    from tests.publish.conftest import Desk
    from tests.publish.publishing_children import Children, Ended, HandedIn, Job
else:  # pytest puts the folder of a test on the path
    from publishing_children import Children, Ended, HandedIn, Job

CALLS = (
    *("flock", "mkdir", "openat", "write", "pwrite64", "fchmod", "fsync", "fdatasync", "rename", "renameat2"),
    *("link", "unlink", "unlinkat", "rmdir", "ftruncate", "symlink", "utimensat"),
)
ERRORS = ("ENOSPC", "EIO", "EACCES", "EROFS")
SEED = int(os.environ.get("FAULT_SEED", "4"))
POINTS = os.environ.get("FAULT_POINTS", "2")
_WRITES = re.compile(r"O_(CREAT|WRONLY|RDWR|APPEND)")
_LINE = re.compile(r"(\d+) +(\w+)\((.*)")

FIRST = ("datapackage.json", "report.json", "profile.json", "conversion.json", "provenance.json", "counters.parquet")
FILES = (*FIRST, "notes.parquet", "manifest.json")
SECRET = "秘"  # noqa: S105 - a word in the release that is taken down


@cache
def _why_not() -> str:
    """Why faults cannot be injected here; blank where they can."""
    strace = shutil.which("strace")
    if strace is None:
        return "strace is not installed"
    probe = [strace, "-qq", "-o", "/dev/null", "true"]
    tried = subprocess.run(probe, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    return f"strace may not trace here: {tried.stderr.strip()}" if tried.returncode else ""


@pytest.fixture(scope="module")
def copies() -> Iterator[Children]:
    """The process whose copies meet the faults. It never publishes itself, so that it has no threads to copy."""
    if _why_not():
        pytest.skip(_why_not())
    with Children() as children:
        yield children


@pytest.fixture(scope="module")
def steady() -> Iterator[Children]:
    """The process that prepares stores and goes on with them, without a fault."""
    with Children() as children:
        yield children


@dataclass(frozen=True)
class Bench:
    """A store in which one job meets a fault, again and again from the same beginning."""

    handed_in: HandedIn
    copies: Children
    steady: Children
    log: Path

    def signed(self, key: Path) -> Bench:
        return replace(self, handed_in=replace(self.handed_in, key=str(key)))

    @property
    def template(self) -> Path:
        return self.handed_in.store.parent.with_name("template")

    def begin_with(self, *letters: str) -> None:
        """Publishes these; from now on the store begins so."""
        self.handed_in.store.parent.mkdir()
        for letter in letters:
            self.steady.do(self.handed_in.publish(letter))
        shutil.copytree(self.handed_in.store.parent, self.template)

    def begin_again(self) -> None:
        shutil.rmtree(self.handed_in.store.parent)
        shutil.copytree(self.template, self.handed_in.store.parent)

    def paths(self) -> set[Path]:
        """Every path in the store that a job has touched or may touch, once it has run without a fault."""
        parent = self.handed_in.store.parent
        found = {
            parent,
            *parent.rglob("*"),
            *(parent / path.relative_to(self.template) for path in self.template.rglob("*")),
        }
        folders = {self.handed_in.releases, self.handed_in.layout.keys}
        names = {path.name for path in found if path.is_relative_to(self.handed_in.store)}
        hidden = {folder / name for folder in folders for name in (".staging", ".scratch", ".lock")}
        staged = {folder / ".staging" / name for folder in folders for name in names}
        parts = {path.with_name(f"{path.name}.part") for path in found if "exports" in path.parts}
        return found | hidden | staged | parts | {self.handed_in.releases / ".scratch/diff.parquet"}

    def clean(self, job: Job, *faults: str) -> set[Path]:
        """Runs a job to its end; the paths that it touches are known then, and the log has its calls. Begins again."""
        self.begin_again()
        assert not self.traced(job, (self.handed_in.store.parent,), *faults).error
        paths = self.paths()
        self.begin_again()
        self.traced(job, paths, *faults)
        self.begin_again()
        return paths

    def traced(self, job: Job, paths: Iterable[Path], *faults: str) -> Ended:
        """A copy under strace, with faults such as `write:signal=KILL:when=3`."""
        pid = self.copies.start(job)
        only = [word for path in sorted(paths) for word in ("-P", str(path))]
        inject = [word for fault in faults for word in ("-e", f"inject={fault}")]
        trace = ["strace", "-f", "-qq", "-y", "-o", str(self.log), *only, "-e", f"trace={','.join(CALLS)}", *inject]
        with subprocess.Popen([*trace, "-p", str(pid)]):  # noqa: S603 - our own words
            while "TracerPid:\t0" in Path(f"/proc/{pid}/status").read_text():
                time.sleep(0.001)
            self.copies.go(pid)
            ended = self.copies.wait(pid)
        assert "bug" not in ended.answer, ended.answer["bug"]
        return ended

    def place(self, call: str, path: str) -> int:
        """Which of its kind, in its thread, the first call is that the last copy made of a path."""
        count: Counter[tuple[str, str]] = Counter()
        for thread, kind, words in self.calls():
            count[thread, kind] += 1
            if kind == call and path in words:
                return count[thread, kind]
        raise AssertionError((call, path))

    def calls(self) -> list[tuple[str, str, str]]:
        """What the last copy did, in order: thread, call, and its arguments with the path beside each descriptor."""
        found = (_LINE.match(line) for line in self.log.read_text().splitlines())
        return [(match[1], match[2], match[3]) for match in found if match]


@pytest.fixture
def bench(desk: Desk, tmp_path: Path, copies: Children, steady: Children) -> Bench:
    handed_in = HandedIn(desk, tmp_path / "prepared", tmp_path / "place/store")
    return Bench(handed_in, copies, steady, tmp_path / "log")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "key.pem"
    new_key(file)
    return file


def _points(calls: Iterable[tuple[str, str, str]]) -> list[tuple[str, int]]:
    """The calls that change something, as the kind and which of its kind it is in its thread."""
    count: Counter[tuple[str, str]] = Counter()
    found: dict[tuple[str, int], None] = {}
    for thread, call, words in calls:
        count[thread, call] += 1
        if call != "openat" or _WRITES.search(words):
            found[call, count[thread, call]] = None
    return list(found)


def _chosen(points: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """All points of kinds with few calls, some of the others."""
    if POINTS == "all":
        return points
    dice = random.Random(SEED)  # noqa: S311 - to choose, not to hide
    kinds: dict[str, list[tuple[str, int]]] = {}
    for point in points:
        kinds.setdefault(point[0], []).append(point)
    return [point for many in kinds.values() for point in dice.sample(many, min(len(many), int(POINTS)))]


def _at_each_point(
    bench: Bench,
    job: Job,
    check: Callable[[Ended], None],
    *always: str,
    errors: bool = False,
    kinds: Collection[str] = CALLS,
) -> Counter[str]:
    """Begins again and again, each time with a fault at another point; answers how many calls there are, by kind."""
    paths = bench.clean(job, *always)
    points = [point for point in _points(bench.calls()) if point[0] in kinds]
    dice = random.Random(SEED + 1)  # noqa: S311 - to choose, not to hide
    for call, number in _chosen(points):
        if any(fault.startswith(f"{call}:") for fault in always):
            continue
        what = f"error={dice.choice(ERRORS)}" if errors else "signal=KILL"
        bench.begin_again()
        ended = bench.traced(job, paths, *always, f"{call}:{what}:when={number}")
        assert errors or ended.is_killed, (call, number, ended)
        try:
            check(ended)
        except AssertionError as error:
            error.add_note(f"{call}:{what}:when={number} {ended}")
            raise
    return Counter(call for call, _ in points)


def _publishes(bench: Bench, letter: str, before: list[str], version: str) -> Callable[[Ended], None]:
    """What must hold after a fault while a letter was published: as before or complete, and the next run goes on."""
    after = [*before, version]
    seen = _seen_in(bench)

    def check(ended: Ended) -> None:
        one = bench.handed_in
        assert one.damaged() == []
        assert seen.items() <= one.seen("").items(), "an old release changed"
        assert one.versions() in (before, after)
        if not ended.is_killed:
            _only_told(ended, one.versions() == after)
        assert bench.steady.do(one.publish(letter)) == {"online": version}
        assert one.versions() == after
        assert one.damaged() == []
        assert seen.items() <= one.seen("").items(), "an old release changed"
        _nothing_left(bench, after)

    return check


def _seen_in(bench: Bench) -> dict[str, str]:
    place = bench.template / "store"
    return replace(bench.handed_in, store=place).seen("") if (place / "releases").exists() else {}


def _only_told(ended: Ended, is_there: bool) -> None:  # noqa: FBT001 - the one thing that it hangs on
    """A process that met an error and lives has either done its work or says the truth about what it left."""
    if is_there:
        assert not ended.error or "is written, but the disk did not confirm that it is saved" in ended.error
    else:
        assert any(words in ended.error for words in ("have not changed", "cannot be compared", "cannot be read")), (
            ended
        )


def _nothing_left(bench: Bench, versions: list[str]) -> None:
    one = bench.handed_in
    assert sorted(child.name for child in one.releases.iterdir()) == [".lock", *versions]
    modes = {stat.S_IMODE(file.stat().st_mode) for file in one.releases.glob("*/*")}
    assert modes == {0o444}
    if one.key:
        keys = one.layout.keys
        assert sorted(child.suffix for child in keys.iterdir() if child.name != ".staging") == ["", ".pem"]
        assert list(keys.glob(".staging/*")) == []  # the folder itself stays until a key is looked for again


@pytest.mark.parametrize("errors", [False, True], ids=["killed", "error"])
def test_the_first_release_of_a_new_signed_store(bench: Bench, key: Path, errors: bool) -> None:  # noqa: FBT001
    bench = bench.signed(key)
    bench.begin_with()

    points = _at_each_point(bench, bench.handed_in.publish("a"), _publishes(bench, "a", [], "1.0.0"), errors=errors)

    assert points["mkdir"] >= len(["store", "releases", "transport", "counters", ".staging", "keys", ".staging"])
    assert points["fchmod"] == len([*FILES, "manifest.sig", "key"])
    assert points["rename"] == len(["key", "release"])


@pytest.mark.parametrize("errors", [False, True], ids=["killed", "error"])
def test_the_next_release_with_its_changes(bench: Bench, errors: bool) -> None:  # noqa: FBT001
    bench.begin_with("a")

    points = _at_each_point(
        bench, bench.handed_in.publish("b"), _publishes(bench, "b", ["1.0.0"], "1.1.0"), errors=errors
    )

    assert points["fchmod"] == len([*FILES, "changes.parquet"])
    assert (points["flock"], points["rename"]) == (1, 1)


@pytest.mark.parametrize("errors", [False, True], ids=["killed", "error"])
def test_what_a_killed_run_left_is_removed_as_safely(bench: Bench, errors: bool) -> None:  # noqa: FBT001
    bench.begin_with("a")
    for folder in (".staging", ".scratch"):
        left = bench.template / "store/releases/transport/counters" / folder
        left.mkdir()
        (left / "counters.parquet").write_bytes(b"half")
    job, check = bench.handed_in.publish("b"), _publishes(bench, "b", ["1.0.0"], "1.1.0")

    points = _at_each_point(bench, job, check, errors=errors, kinds={"unlinkat", "rmdir"})

    assert points["unlinkat"] >= len(["file", "file"])


# ------------------------------------------------------------------------------------------------ taking down


def _three_releases(bench: Bench) -> Path:
    """Of three releases the one in the middle holds the secret, and an export of it is in the cache."""
    bench.begin_with("a", "b", "c")
    made = Path(bench.steady.do(bench.handed_in.export("1.1.0", "csv"))["file"])
    shutil.rmtree(bench.template)
    shutil.copytree(bench.handed_in.store.parent, bench.template)
    assert {"1.1.0", made.parent.parent.name} == {"1.1.0"}
    assert len(bench.handed_in.holding(SECRET)) >= len(["table", "export"])
    return made


def _retracts(bench: Bench, made: Path) -> Callable[[Ended], None]:
    """What must hold after a fault while 1.1.0 was taken down: as before, or down for every reader, and told."""
    before, after = ["1.0.0", "1.1.0", "1.2.0"], ["1.0.0", "1.2.0"]
    all_of_it = _seen_in(bench)
    lasting = {
        name: digest
        for name, digest in all_of_it.items()
        if not name.startswith("1.1.0/") and name != "1.2.0/changes.parquet"
    }

    def check(ended: Ended) -> None:
        one = bench.handed_in
        assert one.versions() in (before, after)
        is_down = one.versions() == after
        damaged = one.damaged()
        if is_down:
            assert lasting.items() <= one.seen("").items()
            assert all("Run civicat retract again" in line for line in damaged)
            assert (one.releases / "1.2.0/changes.parquet").exists() == any("old cells" in line for line in damaged)
            assert "taken down" in bench.steady.do(one.export("1.1.0", "csv")).get("error", "taken down")
        else:
            assert (damaged, one.seen("").items() >= all_of_it.items()) == ([], True)
            assert made.exists()
        if not ended.is_killed:
            _only_told_down(ended, is_down)
        told = bench.steady.do(one.retract("1.1.0"))
        assert "was taken down on" in told["error"] if is_down else told == {"down": "1.1.0"}
        _down_for_good(bench, made)
        assert lasting.items() <= one.seen("").items()
        assert bench.steady.do(one.publish("d")) == {"online": "1.3.0"}
        assert one.damaged() == []

    return check


def _only_told_down(ended: Ended, is_down: bool) -> None:  # noqa: FBT001 - the one thing that it hangs on
    if is_down:
        after = ("data of it is left", "did not confirm", "cannot be removed")
        assert not ended.error or any(words in ended.error for words in after), ended
    else:
        assert "have not changed" in ended.error, ended


def _down_for_good(bench: Bench, made: Path) -> None:
    """Nothing but the record is left of it in the store."""
    one = bench.handed_in
    record = {"manifest.json", "provenance.json", "tombstone.json"}
    signed = {"manifest.sig", "tombstone.sig"} if one.key else set()
    assert one.damaged() == []
    assert one.holding(SECRET) == []
    assert {file.name for file in (one.releases / "1.1.0").iterdir()} == record | signed
    assert not (one.releases / "1.2.0/changes.parquet").exists()
    assert not made.exists()
    _nothing_left(bench, ["1.0.0", "1.1.0", "1.2.0"])


@pytest.mark.parametrize("errors", [False, True], ids=["killed", "error"])
def test_a_release_between_two_is_taken_down(bench: Bench, key: Path, errors: bool) -> None:  # noqa: FBT001
    bench = bench.signed(key)
    made = _three_releases(bench)

    points = _at_each_point(bench, bench.handed_in.retract("1.1.0"), _retracts(bench, made), errors=errors)

    assert points["renameat2"] == 1
    assert points["fchmod"] == len(["manifest", "its signature", "provenance", "tombstone", "its signature"])
    assert points["unlink"] + points["unlinkat"] >= len([*FILES, "changes of the next", "export"])


@pytest.mark.parametrize("errors", [False, True], ids=["killed", "error"])
def test_a_release_is_taken_down_on_a_disk_that_cannot_exchange_names(
    bench: Bench,
    key: Path,
    errors: bool,  # noqa: FBT001
) -> None:
    bench = bench.signed(key)
    made = _three_releases(bench)
    job, check = bench.handed_in.retract("1.1.0"), _retracts(bench, made)

    points = _at_each_point(bench, job, check, "renameat2:error=EINVAL", errors=errors)

    assert points["rename"] == len(["tombstone.sig", "tombstone.json"])


# ------------------------------------------------------------------------------------------------ exports


@pytest.mark.parametrize("errors", [False, True], ids=["killed", "error"])
@pytest.mark.parametrize("form", ["csv", "sqlite"])
def test_an_export_is_there_whole_or_not_at_all(bench: Bench, form: str, errors: bool) -> None:  # noqa: FBT001
    bench.begin_with("a")
    one, job = bench.handed_in, bench.handed_in.export("1.0.0", form)
    made = Path(bench.steady.do(job)["file"])
    whole, seen = made.read_bytes(), _seen_in(bench)

    def check(ended: Ended) -> None:
        assert (one.damaged(), one.seen("")) == ([], seen)
        assert not made.exists() or made.read_bytes() == whole
        assert ended.is_killed or not ended.error or "Nothing half is left" in ended.error or "cannot be" in ended.error
        assert bench.steady.do(job) == {"file": str(made)}
        assert made.read_bytes() == whole
        assert not list(one.layout.cache.rglob("*.part"))

    points = _at_each_point(bench, job, check, errors=errors)

    assert points["rename"] == points["fsync"] == 1


# ------------------------------------------------------------------------------------------------ any moment


@pytest.mark.parametrize("job", ["publish", "retract"])
def test_killed_at_any_moment(bench: Bench, job: str) -> None:
    """Between two calls too, and without a tracer, so at full speed."""
    if job == "publish":
        bench.begin_with("a")
        request, check = bench.handed_in.publish("b"), _publishes(bench, "b", ["1.0.0"], "1.1.0")
    else:
        made = _three_releases(bench)
        request, check = bench.handed_in.retract("1.1.0"), _retracts(bench, made)
    bench.begin_again()
    begun = time.monotonic()
    assert not bench.copies.run(request).error
    lasts = time.monotonic() - begun
    dice = random.Random(SEED)  # noqa: S311 - to choose, not to hide
    for _ in range(8):
        bench.begin_again()
        pid = bench.copies.start(request)
        bench.copies.go(pid)
        time.sleep(dice.uniform(0, lasts))
        os.kill(pid, signal.SIGKILL)  # it is a zombie at worst: nobody has waited for it
        check(bench.copies.wait(pid))


# ------------------------------------------------------------------------------------------------ order


def _done(bench: Bench) -> list[str]:
    return [f"{call}({words}" for _, call, words in bench.calls()]


def _first(done: list[str], call: str, path: Path) -> int:
    return next(
        at for at, line in enumerate(done) if line.startswith(f"{call}(") and re.search(rf'[<"]{path}[>"]', line)
    )


def _all(done: list[str], call: str, path: Path) -> list[int]:
    return [at for at, line in enumerate(done) if line.startswith(f"{call}(") and re.search(rf'[<"]{path}[>"]', line)]


def test_everything_is_on_disk_before_the_release_appears(bench: Bench, key: Path) -> None:
    bench = bench.signed(key)
    bench.begin_with()
    one = bench.handed_in
    assert bench.traced(one.publish("a"), bench.clean(one.publish("a"))).answer == {"online": "1.0.0"}
    done = _done(bench)
    [public] = one.layout.keys.glob("*.pem")
    appears = _first(done, "rename", one.releases / "1.0.0")

    for name in (*FILES, "manifest.sig"):
        staged = one.releases / ".staging" / name
        assert max(_all(done, "write", staged)) < _first(done, "fsync", staged) < appears, name
        assert max(_all(done, "fchmod", staged)) < _first(done, "fsync", staged), name
    assert _all(done, "fsync", one.releases / ".staging")[-1] < appears < _all(done, "fsync", one.releases)[-1]
    assert _all(done, "fsync", one.releases / ".staging")[-1] > _first(
        done, "fsync", one.releases / ".staging/manifest.json"
    )

    # The key that the manifest names is there for good before the manifest is.
    named = _first(done, "rename", public)
    assert _first(done, "fsync", one.layout.keys / ".staging" / public.name) < named
    assert named < _all(done, "fsync", one.layout.keys)[-1] < appears
    # So are the folders above: each new name is synced at once.
    for folder in (one.store, one.layout.releases, one.releases.parent, one.releases):
        made = _first(done, "mkdir", folder)
        assert any(made < at < appears for at in _all(done, "fsync", folder.parent)), folder


def test_a_tombstone_is_on_disk_before_the_release_goes(bench: Bench, key: Path) -> None:
    bench = bench.signed(key)
    made = _three_releases(bench)
    one = bench.handed_in
    assert bench.traced(one.retract("1.1.0"), bench.clean(one.retract("1.1.0"))).answer == {"down": "1.1.0"}
    done = _done(bench)
    goes = _first(done, "renameat2", one.releases / "1.1.0")

    for name in ("tombstone.json", "tombstone.sig", "manifest.json", "manifest.sig", "provenance.json"):
        staged = one.releases / ".staging" / name
        assert max(_all(done, "write", staged) or [0]) < _first(done, "fsync", staged) < goes, name
    assert _first(done, "fsync", one.releases / ".staging") < goes < _all(done, "fsync", one.releases)[-1]
    # Nothing of the release goes before the tombstone stands for good.
    gone = [at for at, line in enumerate(done) if line.startswith(("unlink", "rmdir"))]
    assert _all(done, "fsync", one.releases)[-1] < min(gone)
    assert not made.exists()


# ------------------------------------------------------------------------------------------------ words


_FULL = ("the disk is full; free some space", "磁盘已满，请先腾出空间")
_TOLD = (
    ("openat", "/.lock", "EROFS", ("the disk is read-only", "该磁盘只读")),
    ("mkdir", "/.staging", "EACCES", ("there is no permission to write", "没有写入权限")),
    ("openat", "/.staging/report.json", "ENOSPC", _FULL),
    ("write", "/.staging/counters.parquet", "ENOSPC", _FULL),
    ("write", "/manifest.json", "EDQUOT", ("the disk quota is used up; free some space", "磁盘配额已满，请先腾出空间")),
    ("fsync", "/counters.parquet", "EIO", ("Input/output error", "Input/output error")),
    ("rename", "/.staging", "ENOSPC", _FULL),
)


def test_a_store_that_cannot_be_written_is_told_why(bench: Bench) -> None:
    bench.begin_with("a")
    one, job = bench.handed_in, bench.handed_in.publish("b")
    paths, check = bench.clean(job), _publishes(bench, "b", ["1.0.0"], "1.1.0")
    faults = [(f"{call}:error={error}:when={bench.place(call, path)}", words) for call, path, error, words in _TOLD]

    for fault, (en, zh) in faults:
        bench.begin_again()
        failed = bench.traced(job, paths, fault)
        assert failed.error == f"{one.releases} cannot be written: {en}. The releases there have not changed."
        assert failed.answer["zh"] == f"无法写入 {one.releases}：{zh}。已发布的版本没有变化。"
        check(failed)


@pytest.mark.parametrize("job", ["publish", "retract"])
def test_a_disk_that_does_not_confirm_the_last_step_is_told(bench: Bench, job: str) -> None:
    bench.begin_with("a", "b")
    one = bench.handed_in
    request = one.publish("c") if job == "publish" else one.retract("1.1.0")
    paths = bench.clean(request)
    syncs = [
        at for at, (_, call, words) in enumerate(bench.calls()) if call == "fsync" and f"<{one.releases}>" in words
    ]
    count = sum(call == "fsync" for _, call, _ in bench.calls()[: syncs[-1] + 1])

    failed = bench.traced(request, paths, f"fsync:error=EIO:when={count}")

    version = one.releases / ("1.2.0" if job == "publish" else "1.1.0")
    assert failed.error == (
        f"{version} is written, but the disk did not confirm that it is saved (Input/output error). Run it again."
    )
    assert failed.answer["zh"] == f"{version} 已写好，但磁盘未确认已保存（Input/output error）。请再运行一次。"
    assert one.versions() == (["1.0.0", "1.1.0", "1.2.0"] if job == "publish" else ["1.0.0"])
    assert one.damaged() == []


def test_a_release_that_cannot_be_removed_is_told(bench: Bench) -> None:
    bench.begin_with("a", "b", "c")
    one, job = bench.handed_in, bench.handed_in.retract("1.1.0")

    failed = bench.traced(job, bench.clean(job), "unlinkat:error=EIO")

    assert "1.1.0 is down, but data of it is left in the store (Input/output error)." in failed.error
    assert one.versions() == ["1.0.0", "1.2.0"]
    assert one.damaged() == []
    assert "was taken down on" in bench.steady.do(job)["error"]
    assert one.holding(SECRET) == []


def test_old_cells_that_cannot_be_removed_are_told(bench: Bench) -> None:
    made = _three_releases(bench)
    one, job = bench.handed_in, bench.handed_in.retract("1.1.0")
    paths = bench.clean(job)

    failed = bench.traced(job, paths, "unlink:error=EIO:when=1")

    assert failed.error == (
        "transport/counters 1.1.0 is down, but data of it is left in the store (Input/output error). "
        "Run civicat retract again."
    )
    assert failed.answer["zh"] == (
        "transport/counters 1.1.0 已撤回，但存储中还留有其数据（Input/output error）。请再次运行 civicat retract。"
    )
    [told] = one.damaged()
    assert told == (
        "transport/counters 1.2.0: the file changes.parquet is still here, with old cells of a release that was "
        "taken down. Run civicat retract again, or remove it."
    )
    assert "was taken down on" in bench.steady.do(job)["error"]
    _down_for_good(bench, made)

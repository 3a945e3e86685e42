from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from civicat.catalog.index.building import build_index, current_build
from civicat.catalog.index.builds import Builds
from civicat.catalog.index.reader import Catalogue
from civicat.catalog.model import Question
from civicat.catalog.search.searching import Search
from civicat.errors import StoreError
from civicat.layout import Layout
from civicat.release import Release

MakeRelease = Callable[..., Release]

BUILD = """
import sys
from pathlib import Path
from civicat.catalog.index.building import build_index
from civicat.layout import Layout
print(build_index(Layout(Path(sys.argv[1]))).name)
"""


def run(script: str, *arguments: str) -> subprocess.Popen[str]:
    """A child process with our own script; it prints the name of the build."""
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own words


def names(layout: Layout) -> list[str]:
    """What stands in the folder of builds, the lock left out."""
    return sorted(child.name for child in layout.index.iterdir() if child.name != ".lock")


def test_an_empty_store_has_a_valid_empty_index(layout: Layout) -> None:
    build = build_index(layout)
    assert Catalogue(build).totals().datasets == 0
    assert Catalogue(build).latest(5) == ()
    assert Search(build).find(Question("水")).total == 0


def test_current_names_the_build_that_was_made(layout: Layout, make_release: MakeRelease) -> None:
    assert current_build(layout) is None
    make_release("demo/towns")
    build = build_index(layout)
    assert current_build(layout) == build
    assert os.readlink(layout.index / "CURRENT") == build.name  # noqa: PTH115  relative: the store may be moved
    assert names(layout) == [build.name, "CURRENT"]
    assert sorted(child.name for child in build.iterdir()) == [
        *("catalog.db", "contents", "details.db", "joins.db", "search")
    ]


def test_nothing_is_built_where_nothing_changed(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    build = build_index(layout)
    written = (build / "catalog.db").stat().st_mtime_ns
    assert build_index(layout) == build
    assert (build / "catalog.db").stat().st_mtime_ns == written


def test_a_new_dataset_a_new_version_and_a_lost_one_are_changes(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    builds = [build_index(layout)]
    make_release("demo/rivers")
    builds.append(build_index(layout))
    make_release("demo/rivers", "1.1.0")
    builds.append(build_index(layout))
    card = Catalogue(builds[-1]).card("demo/rivers")
    assert card is not None
    assert (card.version, card.versions) == ("1.1.0", 2)
    shutil.rmtree(layout.dataset("demo/towns"))
    builds.append(build_index(layout))
    assert [one.id for one in Catalogue(builds[-1]).cards()] == ["demo/rivers"]
    assert len(set(builds)) == 4
    assert [one.name for one in builds] == sorted(one.name for one in builds)


def test_a_dataset_published_anew_under_the_same_version_is_a_change(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    build_index(layout)
    shutil.rmtree(layout.releases)
    make_release("demo/towns", package={"title": "Other towns"})
    card = Catalogue(build_index(layout)).card("demo/towns")
    assert card is not None
    assert card.title.en == "Other towns"


def test_a_build_that_is_no_longer_whole_is_made_again(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    damaged = build_index(layout)
    (damaged / "catalog.db").unlink()
    assert build_index(layout) != damaged


def test_the_last_three_builds_are_kept(layout: Layout, make_release: MakeRelease) -> None:
    builds = []
    for number in range(5):
        make_release("demo/towns", f"1.{number}.0")
        builds.append(build_index(layout).name)
    assert names(layout) == [*builds[-3:], "CURRENT"]


def test_names_never_repeat_when_the_clock_goes_back(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    build = build_index(layout)
    future = build.with_name("29991231T235959999998Z")
    build.rename(future)
    (layout.index / "CURRENT").unlink()
    (layout.index / "CURRENT").symlink_to(future.name)
    make_release("demo/rivers")
    assert build_index(layout).name == "29991231T235959999999Z"


def test_who_holds_an_old_build_reads_on_after_it_was_swept(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns", package={"title": "Towns of old"})
    old = build_index(layout)
    catalogue, search = Catalogue(old), Search(old)
    for number in range(1, 5):
        make_release("demo/towns", f"1.{number}.0", package={"title": "Towns of now"})
        build_index(layout)
    assert not old.exists()
    assert [hit.card.title.en for hit in search.find(Question("towns")).hits] == ["Towns of old"]
    assert search.find(Question("now")).total == 0
    assert catalogue.totals().releases == 1
    current = current_build(layout)
    assert current is not None
    assert Search(current).find(Question("now")).total == 1


def test_readers_never_see_half_a_swap(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    build_index(layout)
    done, torn = threading.Event(), []

    def read() -> None:
        while not done.is_set():
            build = current_build(layout)
            if build is None:
                torn.append("no build")
            else:
                catalogue = Catalogue(build)
                if catalogue.totals().releases != Search(build).find(Question("")).hits[0].card.versions:
                    torn.append(build.name)
                catalogue.close()

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 8):
        make_release("demo/towns", f"1.{number}.0")
        build_index(layout)
    done.set()
    reader.join()
    assert torn == []


def test_two_processes_that_build_at_once_make_one_build(layout: Layout, make_release: MakeRelease) -> None:
    for name in ("towns", "rivers", "roads"):
        make_release(f"demo/{name}")
    children = [run(BUILD, str(layout.store)) for _ in range(3)]
    built = {child.communicate(timeout=60)[0].strip() for child in children}
    assert [child.returncode for child in children] == [0, 0, 0]
    assert len(built) == 1
    assert names(layout) == [*built, "CURRENT"]


KILLED = f"""
import os, signal, sys
def audit(event, arguments):
    if event == sys.argv[2] and sys.argv[3] in str(arguments):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(audit)
{BUILD}"""
FAILING = f"""
import sys
def audit(event, arguments):
    if event == "open" and sys.argv[3] in str(arguments):
        raise OSError(int(sys.argv[2]), "in the test")
sys.addaudithook(audit)
{BUILD}"""
# What Python is about to do in the course of a build, in order, as it tells its audit hooks; and whether the new
# build serves by then.
MOMENTS = [
    ("open", ".lock", False),
    ("sqlite3.connect", "catalog.db", False),
    ("open", "demo/towns/1.2.0/datapackage.json", False),  # half of the datasets are written
    ("open", ".part/contents", False),  # all are written, nothing is synced
    ("open", ".part/search/meta.json", False),  # in the midst of syncing
    ("os.rename", ".part", False),  # whole and synced
    ("os.symlink", "CURRENT.next", False),  # with its own name
    ("os.rename", "CURRENT.next", False),  # linked
    ("shutil.rmtree", "Z", True),  # swapped; an old build is about to go
]


@pytest.mark.parametrize(("event", "path", "swapped"), MOMENTS)
def test_a_build_killed_at_any_moment_leaves_a_whole_one(
    layout: Layout, make_release: MakeRelease, event: str, path: str, *, swapped: bool
) -> None:
    before = []
    for version in range(3):  # so that there is something to sweep
        make_release("demo/towns", f"1.{version}.0")
        before.append(build_index(layout))
    make_release("demo/rivers")
    child = run(KILLED, str(layout.store), event, path)
    child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL
    serving = current_build(layout)
    assert serving is not None
    assert (serving != before[-1]) == swapped
    assert Search(serving).find(Question("")).total == Catalogue(serving).totals().datasets == (2 if swapped else 1)
    make_release("demo/lakes")
    after = build_index(layout)
    assert Search(after).find(Question("")).total == 3
    kept = [*before, *([serving] if swapped else []), after][-3:]
    assert names(layout) == [*(build.name for build in kept), "CURRENT"]


def test_a_build_that_fails_leaves_the_old_one_and_no_rubbish(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    build = build_index(layout)
    make_release("demo/rivers")
    child = run(FAILING, str(layout.store), str(errno.ENOSPC), ".part/contents")
    child.communicate(timeout=60)
    assert child.returncode == 1
    assert names(layout) == [build.name, "CURRENT"]


def test_an_index_that_cannot_be_written_is_said_in_one_line(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    layout.index.write_text("not a folder", "utf-8")
    with pytest.raises(StoreError, match="cannot be written") as caught:
        build_index(layout)
    assert "\n" not in caught.value.message.zh


def test_catalog_db_stands_alone_for_immutable_reading(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    build = build_index(layout)
    db = sqlite3.connect(f"file:{build / 'catalog.db'}?immutable=1", uri=True)
    assert db.execute("pragma integrity_check").fetchone() == ("ok",)
    assert db.execute("pragma journal_mode").fetchone() != ("wal",)
    db.close()


def test_a_folder_that_is_no_build_has_none(tmp_path: Path) -> None:
    assert Builds(tmp_path / "absent").current() is None
    (tmp_path / "CURRENT").symlink_to("swept-away")
    assert Builds(tmp_path).current() is None

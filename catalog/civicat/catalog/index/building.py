"""From releases to a new build of the index: catalog.db for lists and cards, search/ for words, swapped in as one.

A build is made anew from all releases, or from the build before and the datasets that changed since. Both give the
same answers: what is counted is counted down again for a dataset that goes.
"""

from __future__ import annotations

import errno
import logging
import shutil
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from civicat.catalog import joins
from civicat.catalog.index.builds import Builds, copy_file, link_file
from civicat.catalog.index.documents import Documents
from civicat.catalog.index.entries import prepared
from civicat.catalog.index.rows import DETAILS, ChangedRows, NewRows, read_sources
from civicat.catalog.index.sources import Sources, differing, look
from civicat.errors import StoreError
from civicat.layout import Layout
from civicat.text import Text

CATALOG = "catalog.db"
SEARCH = "search"
_MARK = "contents"
_REWRITTEN = (CATALOG, "meta.json", ".managed.json")  # every other file of a build is never written again
_FORM = 5  # raised with every change of what a build holds, so that old builds are not taken for new ones
_ANALYSERS = ("opencc", "pypinyin", "pystemmer", "tantivy")  # another version may read the same text otherwise
# A build is made anew when one in so many datasets has changed since the last that was: a deleted document weighs in
# the ranking until its segment is merged, and a full build is paid for by as many quick ones.
_ONE_IN = 10
_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
_CAUSES = {
    errno.EROFS: Text("存储为只读", "the store is read-only"),
    errno.EACCES: Text("没有写入权限", "permission denied"),
    errno.EPERM: Text("没有写入权限", "permission denied"),
    errno.ENOSPC: Text("磁盘已满", "the disk is full"),
}

log = logging.getLogger("civicat")


@dataclass(frozen=True, slots=True)
class _Build:
    """A build that another can be made from: its folder, what it was made from, and the datasets changed in it."""

    folder: Path
    sources: Sources
    changed: int


@dataclass(frozen=True, slots=True)
class _Seen:
    """The folder that serves, the same where it can be built upon, and the store as it is: all of it, what differs."""

    serving: Path | None
    build: _Build | None
    now: Sources
    names: Sequence[str]


def build_index(layout: Layout, changed: Collection[str] | None = None, *, anew: bool = False) -> Path:
    """Makes a build of all releases and swaps it in. Answers the build that serves, at once where nothing changed.

    Who has just written datasets names them in `changed`: the files of all others are then not looked at one by one,
    which finds every release that came or went, but no file that was mended in place. `anew` makes the build from the
    releases alone, whatever is there.

    A release that cannot be read is left out, with a warning in the log. In a store that is read-only the build that
    is there serves on, also where it is no longer of what the store holds.

    Raises:
        StoreError: the index cannot be written; the old build serves on.
    """
    builds = Builds(layout.index)
    try:
        seen = _look(builds, layout, changed, anew=anew)
        if seen.build is not None and not seen.names:
            return seen.build.folder  # without the lock, which a read-only store does not give
        with builds.locked():
            if builds.current() != seen.serving:
                seen = _look(builds, layout, changed, anew=anew)
            return _current_or_new(builds, layout, seen)
    except (OSError, sqlite3.Error) as error:
        current = builds.current()
        told = _not_written(layout.index, error)
        if current is None or getattr(error, "errno", None) not in _READ_ONLY:
            raise StoreError(told) from error
        log.warning("%s %s", told.zh, told.en)
        return current


def _not_written(folder: Path, error: Exception) -> Text:
    cause = _CAUSES.get(getattr(error, "errno", None) or 0) or Text("系统出错", str(error))
    return Text(
        f"索引无法写入 {folder}（{cause.zh}）。原有索引继续使用。",
        f"The index cannot be written to {folder} ({cause.en}). The one before serves on.",
    )


def current_build(layout: Layout) -> Path | None:
    """The folder of the build that serves; None before the first."""
    return Builds(layout.index).current()


def earlier_builds(layout: Layout) -> list[Path]:
    """The folders of the builds before the one that serves, newest first."""
    return Builds(layout.index).earlier()


def _look(builds: Builds, layout: Layout, changed: Collection[str] | None, *, anew: bool) -> _Seen:
    """What there is before any release is read: what changes meanwhile is found by the next look."""
    serving = builds.current()
    build = None if anew else _known(serving)
    before = build.sources if build else {}
    now = look(layout, before, changed)
    return _Seen(serving, build, now, differing(before, now))


def _current_or_new(builds: Builds, layout: Layout, seen: _Seen) -> Path:
    if seen.build is not None and not seen.names:
        return seen.build.folder
    with builds.new() as folder:
        if seen.build is None or not _updated(folder, layout, seen.build, seen):
            _write(folder, layout, seen.now)
        (folder / _MARK).write_text(_form(), encoding="ascii")
    return builds.folder / folder.stem


def _write(folder: Path, layout: Layout, now: Sources) -> None:
    """A build from all releases."""
    with NewRows(folder / CATALOG, folder / DETAILS) as rows, Documents(folder / SEARCH) as documents:
        for one in prepared(layout, list(now)):
            rows.add(one)
            documents.add(one)
        rows.look_at(now)
    joins.write(folder, layout, now)


def _updated(folder: Path, layout: Layout, build: _Build, seen: _Seen) -> bool:
    """A build from another and the datasets that changed; False where they are many or the other is damaged."""
    if (build.changed + len(seen.names)) * _ONE_IN > len(build.sources):
        return False
    try:
        _copy(build.folder, folder)
        _change(folder, layout, build, seen)
    except (sqlite3.DatabaseError, OSError) as error:
        if getattr(error, "errno", None):  # the system says why: it is not the other build's fault
            raise
        log.warning("%s 已损坏，将全部重新索引；it is damaged, all is indexed anew: %s", build.folder, error)
        shutil.rmtree(folder)
        folder.mkdir()
        return False
    return True


def _change(folder: Path, layout: Layout, build: _Build, seen: _Seen) -> None:
    there = {name: seen.now[name] for name in seen.names if name in seen.now}
    with ChangedRows(folder / CATALOG, folder / DETAILS) as rows, Documents(folder / SEARCH) as documents:
        for name in seen.names:
            rows.remove(name)
            documents.remove(name)
        for one in prepared(layout, list(there)):
            rows.add(one)
            documents.add(one)
        rows.look_at(there, set(seen.names) - set(there), build.changed + len(seen.names))
    joins.write(folder, layout, there, set(seen.names) - set(there), build.folder)


def _copy(build: Path, folder: Path) -> None:
    """What a build is made from: files that are never written again are linked, the others copied."""
    (folder / SEARCH).mkdir()
    for file in (*build.glob("*.db"), *(build / SEARCH).glob("*")):
        target = folder / file.relative_to(build)
        if file.name in _REWRITTEN:
            copy_file(file, target)
        elif file.suffix != ".lock":
            link_file(file, target)


def _form() -> str:
    return repr((_FORM, *map(version, _ANALYSERS)))


def _known(build: Path | None) -> _Build | None:
    """The build that serves, where it is whole and made as builds are now."""
    if build is None or not _is_whole(build) or (build / _MARK).read_text(encoding="ascii") != _form():
        return None
    try:
        return _Build(build, *read_sources(build / CATALOG))
    except sqlite3.Error:
        return None


def _is_whole(build: Path) -> bool:
    return all((build / name).is_file() for name in (_MARK, CATALOG, DETAILS, joins.JOINS, f"{SEARCH}/meta.json"))

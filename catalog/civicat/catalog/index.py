"""From releases to a new build of the index: catalog.db for lists and cards, search/ for words, swapped in as one."""

from __future__ import annotations

import errno
import hashlib
import logging
import sqlite3
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from civicat.catalog.builds import Builds
from civicat.catalog.documents import Documents
from civicat.catalog.entry import Entry, read_entry
from civicat.catalog.rows import Rows
from civicat.errors import StoreError
from civicat.layout import Layout
from civicat.release import Release, Version
from civicat.text import Text

CATALOG = "catalog.db"
SEARCH = "search"
_MARK = "contents"
_FORM = 4  # raised with every change of what a build holds, so that old builds are not taken for new ones
_ANALYSERS = ("opencc", "pypinyin", "pystemmer", "tantivy")  # another version may read the same text otherwise
_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
_CAUSES = {
    errno.EROFS: Text("存储为只读", "the store is read-only"),
    errno.EACCES: Text("没有写入权限", "permission denied"),
    errno.EPERM: Text("没有写入权限", "permission denied"),
    errno.ENOSPC: Text("磁盘已满", "the disk is full"),
}

log = logging.getLogger("civicat")


def build_index(layout: Layout) -> Path:
    """Makes a build of all releases and swaps it in. Answers the build that serves, at once where nothing changed.

    A release that cannot be read is left out, with a warning in the log. In a store that is read-only the build that
    is there serves on, also where it is no longer of what the store holds.

    Raises:
        StoreError: the index cannot be written; the old build serves on.
    """
    builds = Builds(layout.index)
    try:
        current = _if_current(builds, _contents(layout))
        if current is not None:
            return current  # without the lock, which a read-only store does not give
        with builds.locked():
            return _current_or_new(builds, layout)
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


def _current_or_new(builds: Builds, layout: Layout) -> Path:
    contents = _contents(layout)
    current = _if_current(builds, contents)
    if current is not None:
        return current
    with builds.new() as folder:
        _write(folder, layout)
        (folder / _MARK).write_text(contents, encoding="ascii")
    return builds.folder / folder.stem


def _if_current(builds: Builds, contents: str) -> Path | None:
    """The build that serves, if it was made from just this."""
    current = builds.current()
    return current if current is not None and _holds(current, contents) else None


def _write(folder: Path, layout: Layout) -> None:
    with Rows(folder / CATALOG) as rows, Documents(folder / SEARCH) as documents:
        for entry in _entries(layout):
            rows.add(entry)
            documents.add(entry)


def _entries(layout: Layout) -> Iterator[Entry]:
    readable = layout.readable()
    for release in layout.latest():
        entry = _entry(release, len(readable.versions(release.dataset.id)))
        if entry is not None:
            yield entry


def _entry(release: Release, versions: int) -> Entry | None:
    """What to keep of a release; None, and a line in the log, where its words cannot be read."""
    try:
        return read_entry(release, versions)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        log.warning("%s 无法编入索引，已略过；it cannot be indexed and is left out: %s", release.folder, error)
        return None


def _contents(layout: Layout) -> str:
    """What a build of the store as it is now would be made from, as one sha256: every version, and how it is read."""
    digest = hashlib.sha256(repr((_FORM, *map(version, _ANALYSERS))).encode())
    for dataset in layout.datasets():
        for one in layout.versions(dataset):
            digest.update(f"\n{dataset} {one} {_files(layout, dataset, one)}".encode())
    return digest.hexdigest()


def _files(layout: Layout, dataset: str, version: Version) -> list[tuple[str, int, int]]:
    """The files of a release with size in bytes and time, so that one that was mended is read again."""
    found = [(path.name, path.stat()) for path in (layout.dataset(dataset) / str(version)).iterdir() if path.is_file()]
    return sorted((name, state.st_size, state.st_mtime_ns) for name, state in found)


def _holds(build: Path, contents: str) -> bool:
    """Whether a build was made from the same, and is still whole."""
    mark = build / _MARK
    whole = (build / CATALOG).is_file() and (build / SEARCH / "meta.json").is_file()
    return whole and mark.is_file() and mark.read_text(encoding="ascii") == contents

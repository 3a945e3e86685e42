"""From releases to a new build of the index: catalog.db for lists and cards, search/ for words, swapped in as one."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from civicat.catalog.builds import Builds
from civicat.catalog.documents import Documents
from civicat.catalog.entry import Entry, read_entry
from civicat.catalog.rows import Rows
from civicat.errors import StoreError
from civicat.layout import DESCRIPTOR, Layout
from civicat.text import Text

CATALOG = "catalog.db"
SEARCH = "search"
_MARK = "contents"
_FORM = 2  # raised with every change of what a build holds, so that old builds are not taken for new ones
_ANALYSERS = ("opencc", "pypinyin", "pystemmer", "tantivy")  # another version may read the same text otherwise


def build_index(layout: Layout) -> Path:
    """Makes a build of all releases and swaps it in. Answers the build that serves, at once where nothing changed.

    Raises:
        StoreError: a release cannot be read, or the index cannot be written; the old build serves on.
        DescriptorError: a release's descriptor cannot be read.
    """
    builds = Builds(layout.index)
    try:
        with builds.locked():
            return _current_or_new(builds, layout)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            Text(
                f"索引无法写入 {layout.index}（{error}）。原有索引继续使用。",
                f"The index cannot be written to {layout.index} ({error}). The one before serves on.",
            )
        ) from error


def current_build(layout: Layout) -> Path | None:
    """The folder of the build that serves; None before the first."""
    return Builds(layout.index).current()


def _current_or_new(builds: Builds, layout: Layout) -> Path:
    contents = _contents(layout)
    current = builds.current()
    if current is not None and _holds(current, contents):
        return current
    with builds.new() as folder:
        _write(folder, layout)
        (folder / _MARK).write_text(contents, encoding="ascii")
    return builds.folder / folder.stem


def _write(folder: Path, layout: Layout) -> None:
    with Rows(folder / CATALOG) as rows, Documents(folder / SEARCH) as documents:
        for entry in _entries(layout):
            rows.add(entry)
            documents.add(entry)


def _entries(layout: Layout) -> Iterator[Entry]:
    for release in layout.latest():
        yield read_entry(release, len(layout.versions(release.dataset.id)))


def _contents(layout: Layout) -> str:
    """What a build of the store as it is now would be made from, as one sha256: every version, and how it is read."""
    digest = hashlib.sha256(repr((_FORM, *map(version, _ANALYSERS))).encode())
    for dataset in layout.datasets():
        for one in layout.versions(dataset):
            written = (layout.dataset(dataset) / str(one) / DESCRIPTOR).stat().st_mtime_ns
            digest.update(f"\n{dataset} {one} {written}".encode())
    return digest.hexdigest()


def _holds(build: Path, contents: str) -> bool:
    """Whether a build was made from the same, and is still whole."""
    mark = build / _MARK
    whole = (build / CATALOG).is_file() and (build / SEARCH / "meta.json").is_file()
    return whole and mark.is_file() and mark.read_text(encoding="ascii") == contents

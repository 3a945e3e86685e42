"""Opens a search index for reading, also where nothing may be written beside it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import tantivy

from civicat.errors import StoreError
from civicat.text import Text

_LOCK = "Lockfile"  # in what tantivy says where it may not write its lock


def open_index(folder: Path) -> tuple[tantivy.Index, TemporaryDirectory[str] | None]:
    """The index in a folder, and a folder of ours to keep as long as it is read; None where none was needed.

    tantivy writes a lock beside the files that it reads. Where a store is read-only it gets a folder of links to them.

    Raises:
        StoreError: there is none, or it cannot be read.
    """
    try:
        return tantivy.Index.open(str(folder)), None
    except ValueError as error:  # so tantivy says all that is wrong
        if _LOCK not in str(error):
            raise _unreadable(folder, error) from error
    links = TemporaryDirectory(prefix="civicat-search-")
    for file in folder.iterdir():
        if file.suffix != ".lock":
            (Path(links.name) / file.name).symlink_to(file.absolute())
    try:
        return tantivy.Index.open(links.name), links
    except ValueError as error:
        links.cleanup()
        raise _unreadable(folder, error) from error


def _unreadable(folder: Path, error: ValueError) -> StoreError:
    return StoreError(
        Text(
            f"索引 {folder} 无法读取（{error}）。请运行 civicat index。",
            f"The index {folder} cannot be read ({error}). Run civicat index.",
        )
    )

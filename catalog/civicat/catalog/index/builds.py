"""The folders of the index: each build beside the others, CURRENT a link to the one that serves.

A build is written as `<name>.part`, synced to disk, renamed, and only then linked. Whatever kills a build half way,
CURRENT goes on naming a whole one, and the next build sweeps what was left.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_CURRENT = "CURRENT"
_NEXT = "CURRENT.next"
_LOCK = ".lock"
_PART = ".part"
_NAME = "%Y%m%dT%H%M%S%fZ"  # UTC to the microsecond: the names sort by age
_BLOCK = 1 << 30  # bytes copied at once
_NOT_HERE = (errno.EPERM, errno.EMLINK, errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)  # what it cannot
_KEPT = 3  # a request that began two swaps ago still finds its build


@dataclass(frozen=True, slots=True)
class Builds:
    """The builds in one folder, the store's `index/`."""

    folder: Path

    def current(self) -> Path | None:
        """The build that serves; None before the first."""
        try:
            build = self.folder / (self.folder / _CURRENT).readlink()
        except OSError:
            return None
        return build if build.is_dir() else None

    def earlier(self) -> list[Path]:
        """The builds before the one that serves, newest first; none where nothing serves."""
        serving = self.current()
        names = self._names() if serving is not None else []
        return [self.folder / name for name in reversed(names) if serving is not None and name < serving.name]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Waits until no other process builds here. The lock goes with the process, however it ends."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def new(self) -> Iterator[Path]:
        """An empty folder to build in; when the block ends well it is CURRENT, otherwise it is gone. Needs the lock."""
        self._sweep_leftovers()
        name = self._next_name()
        part = self.folder / f"{name}{_PART}"
        part.mkdir()
        try:
            yield part
            _sync_all(part)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        part.rename(self.folder / name)
        self._swap(name)
        self._sweep_old()

    def _names(self) -> list[str]:
        """The whole builds, oldest first."""
        folders = (child.name for child in self.folder.iterdir() if child.is_dir() and not child.is_symlink())
        return sorted(name for name in folders if _time(name) is not None)

    def _next_name(self) -> str:
        """Now, or just after the newest build where the clock has gone back: names never repeat."""
        now = datetime.now(UTC)
        newest = _time(next(reversed(self._names()), ""))
        return max(now, newest + timedelta(microseconds=1) if newest else now).strftime(_NAME)

    def _swap(self, name: str) -> None:
        _sync(self.folder)
        (self.folder / _NEXT).symlink_to(name)
        (self.folder / _NEXT).replace(self.folder / _CURRENT)
        _sync(self.folder)

    def _sweep_leftovers(self) -> None:
        """Takes away what a killed build left: half a folder, a whole one that never served, a link not yet moved."""
        serving = self.current()
        (self.folder / _NEXT).unlink(missing_ok=True)
        for part in self.folder.glob(f"*{_PART}"):
            shutil.rmtree(part)
        for name in self._names():
            if serving is None or name > serving.name:
                shutil.rmtree(self.folder / name)

    def _sweep_old(self) -> None:
        for name in self._names()[:-_KEPT]:
            shutil.rmtree(self.folder / name)


def copy_file(source: Path, target: Path) -> None:
    """Copies a file, in no time and no room where the file system shares blocks until one of the two is written."""
    if sys.platform != "linux":
        shutil.copyfile(source, target)
        return
    try:
        with source.open("rb") as reading, target.open("wb") as writing:
            while os.copy_file_range(reading.fileno(), writing.fileno(), _BLOCK):
                pass
    except OSError as error:
        if error.errno not in _NOT_HERE:
            raise
        shutil.copyfile(source, target)


def link_file(source: Path, target: Path) -> None:
    """Gives a file that nobody writes again a second name; copies it where the file system has only one for each."""
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno not in _NOT_HERE:
            raise
        copy_file(source, target)


def _time(name: str) -> datetime | None:
    try:
        return datetime.strptime(name, _NAME).replace(tzinfo=UTC)
    except ValueError:
        return None


def _sync_all(folder: Path) -> None:
    for child in folder.rglob("*"):
        _sync(child)
    _sync(folder)


def _sync(path: Path) -> None:
    """What was written to a file or folder is on the disk when this returns."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

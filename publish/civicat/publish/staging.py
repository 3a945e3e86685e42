"""A folder that appears whole or not at all, whenever the process is killed or the disk is full.

One publisher at a time holds a dataset's `.lock` (the kernel frees it with the process). Files are written and synced
in `.staging`, which is then renamed to what it is, and the folder that names it is synced last. What a killed run
leaves in `.staging`, or in `.scratch` for tables that are being sorted, is nobody's: the next run removes it.

A folder that takes another's place does so by an exchange of names. On a disk without that, its files move in one by
one, and the one that says what the folder is now comes last: there is no moment at which neither is there.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from civicat.errors import StoreError
from civicat.text import Text

LOCK = ".lock"
STAGING = ".staging"
SCRATCH = ".scratch"

_READ_ONLY = 0o444
# EXDEV: a folder out of a lower layer of an overlay, whose files can be moved and itself cannot.
_CANNOT_EXCHANGE = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV})
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of linux/fcntl.h and linux/fs.h

# Why a file cannot be written, in words, by the number of the error.
REASONS = {
    errno.ENOSPC: Text("磁盘已满，请先腾出空间", "the disk is full; free some space"),
    errno.EDQUOT: Text("磁盘配额已满，请先腾出空间", "the disk quota is used up; free some space"),
    errno.EROFS: Text("该磁盘只读", "the disk is read-only"),
    errno.EACCES: Text("没有写入权限", "there is no permission to write"),
    errno.EPERM: Text("没有写入权限", "there is no permission to write"),
    errno.EEXIST: Text("有同名文件占用了目录的位置", "a file stands where a folder should be"),
    errno.ENOTDIR: Text("有同名文件占用了目录的位置", "a file stands where a folder should be"),
}


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Holds `folder` (made where it is missing) against other publishers; yields its empty `.staging` to write to.

    Raises:
        StoreError: the store cannot be written. Nothing of it has changed then.
    """
    stage = folder / STAGING
    with as_store_error(folder):
        _make(folder)
        with (folder / LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _remove(stage)
            _remove(folder / SCRATCH)
            stage.mkdir()
            try:
                yield stage
            finally:
                shutil.rmtree(stage, ignore_errors=True)
                shutil.rmtree(folder / SCRATCH, ignore_errors=True)


def write(file: Path, content: bytes) -> None:
    """Writes a new file, read-only from now on and safe on disk."""
    with file.open("xb") as stream:
        stream.write(content)
    seal(file)


def seal(file: Path) -> None:
    """Makes a file that is already written read-only and safe on disk."""
    with file.open("rb") as stream:
        os.fchmod(stream.fileno(), _READ_ONLY)
        os.fsync(stream.fileno())


def commit(stage: Path, name: str) -> None:
    """Gives the staged folder, whose files are sealed, its final name: the step at which a release appears.

    Raises:
        OSError: it could not be moved; nothing has changed.
        StoreError: it has been moved, and whether that outlasts a power cut is not known.
    """
    final = stage.with_name(name)
    _remove(stage.with_name(SCRATCH))  # nothing is left to be removed when the release is there
    sync(stage)
    stage.rename(final)  # fails where a release of that name exists
    _confirm(final)


def exchange(stage: Path, name: str, last: str) -> None:
    """Puts the staged folder in the place of the one of that name, in one step.

    `last` is the file by which readers know it from the other. What was in the folder is in the stage then; on a disk
    that cannot exchange names it lies beside the new files, and is the caller's to remove.

    Raises:
        OSError: it could not be done; nothing has changed.
        StoreError: it has been done, and whether that outlasts a power cut is not known.
    """
    final = stage.with_name(name)
    sync(stage)
    if not _swap(stage, final):
        _move_in(stage, final, last)
    _confirm(final)


def is_held(folder: Path) -> bool:
    """Whether somebody publishes into a folder, or takes down what is in it, at this moment."""
    try:
        with (folder / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no lock that could be held
        return False
    return False


def _swap(one: Path, other: Path) -> bool:
    """Exchanges two names in one step (Linux 3.15 and newer; ext4, xfs, btrfs, tmpfs and others).

    False where this disk or system cannot.

    Raises:
        OSError: it can, and did not.
    """
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:  # a C library without it
        return False
    if renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT_EXCHANGE:
        return False
    raise OSError(number, os.strerror(number), str(other))


def _move_in(stage: Path, final: Path, last: str) -> None:
    """Moves the staged files that a folder does not have into it, `last` at the end."""
    first = sorted({file.name for file in stage.iterdir()} - {file.name for file in final.iterdir()} - {last})
    try:
        for name in first:
            (stage / name).rename(final / name)
        sync(final)
        (stage / last).rename(final / last)
    except OSError:
        with suppress(OSError):  # the next run removes them otherwise
            for name in first:
                (final / name).unlink(missing_ok=True)
        raise


def _confirm(final: Path) -> None:
    """Has the disk keep what a folder is now, and its name.

    Raises:
        StoreError: it does not say that it has.
    """
    try:
        sync(final)
        sync(final.parent)
    except OSError as error:
        raise StoreError(
            Text(
                f"{final} 已写好，但磁盘未确认已保存（{error.strerror}）。请再运行一次。",
                f"{final} is written, but the disk did not confirm that it is saved ({error.strerror}). Run it again.",
            )
        ) from error


def _make(folder: Path) -> None:
    """Makes a folder and the parents that are missing, each known on disk to the one above it."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(exist_ok=True)
    sync(folder.parent)


def _remove(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def sync(folder: Path) -> None:
    """Makes the names in a folder safe on disk."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def as_store_error(folder: Path) -> Iterator[None]:
    """Says of what goes wrong in a folder of the store, before anything has changed, why it did.

    Raises:
        StoreError: for any OSError.
    """
    try:
        yield
    except OSError as error:
        # An error number outside the table comes from the disk or its driver: its own words are all that is known.
        known = error.strerror or str(error).splitlines()[0]
        reason = REASONS.get(error.errno or 0, Text(known, known))
        raise StoreError(
            Text(
                f"无法写入 {folder}：{reason.zh}。已发布的版本没有变化。",
                f"{folder} cannot be written: {reason.en}. The releases there have not changed.",
            )
        ) from error

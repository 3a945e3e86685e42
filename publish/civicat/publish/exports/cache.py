"""Exports kept by the hash of what they are made of: made once, by one process, whole or not at all.

cache/exports/<department>/<dataset>/<version>/<digest>/<file name>

The digest covers the manifest, the resource, the form, its options and its revision, so that a file never goes stale.
It is written beside (`.part`) under a lock that the kernel frees with the process, then renamed. Whoever asks for the
same meanwhile waits and gets it. Past MOST_BYTES what has not been asked for the longest goes, but for what was asked
for in the last minute, which somebody is about to open; who is reading it reads on. What a killed process left is swept
out with the next export. No link is followed: one in the place of a file is replaced, one in the place of a folder is
refused.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from pathlib import Path
from typing import IO

import pyarrow as pa

from civicat.errors import CivicatError, StoreError
from civicat.layout import DESCRIPTOR, MANIFEST, TOMBSTONE, Layout
from civicat.publish.exports.form import Content, Form
from civicat.publish.exports.forms import FORMS
from civicat.publish.exports.reasons import is_of_writing, unwritable
from civicat.publish.inputs import sha256
from civicat.publish.manifest import checked
from civicat.release import Release, Table, Version
from civicat.text import Text

FOLDER = "exports"
MOST_BYTES = 20 * 1024**3  # of all exports together; a release of a million rows has some 100 MB in each form
_MOST_TRIES = 100
_JUST_ASKED = 60.0  # seconds
_LOCK = ".lock"
_PART = ".part"


def export(  # noqa: PLR0913 - what is asked for, and in which form
    layout: Layout,
    release: Release,
    form: str,
    resource: str | None = None,
    *,
    search: bool = False,
    most_bytes: int = MOST_BYTES,
) -> Path:
    """The file of a release in one form, made where it is not in the cache.

    A form of one resource takes `resource`, which may be left out where the release has only one; a form of the whole
    release pays no heed to it. `search` adds full-text search, where the form has it.

    Raises:
        CivicatError: there is no such form or resource, or the table cannot be had in it.
        StoreError: the release was taken down, was tampered with or cannot be read, or the cache cannot be written.
    """
    kind = _form(form)
    tables = _tables(kind, release, resource)
    if search and not kind.searchable:
        raise _no_search(kind)
    _only_online(layout, release)
    _only_as_published(release)
    content = Content(release, tables, _manifest(release), search)
    target = _folder(layout, release.dataset.id, release.version) / _digest(kind, content)
    file = target / file_name(release, form, tables[0].resource.name)
    _no_links(layout.cache / FOLDER, target)
    for _ in range(_MOST_TRIES):  # another process may have removed the file meanwhile
        if _asked_for(file):
            return file
        _make_once(layout, kind, content, file)
        _trim(layout.cache / FOLDER, file, most_bytes)
    return file


def _no_links(cache: Path, folder: Path) -> None:
    """Refuses a folder of the cache that is a link: what lies behind it need not be ours.

    Raises:
        StoreError: there is one.
    """
    inner = folder.relative_to(cache).parts
    for place in (cache.joinpath(*inner[:depth]) for depth in range(len(inner) + 1)):
        if place.is_symlink():
            raise StoreError(
                Text(f"{place} 是链接，缓存中不能有链接。", f"{place} is a link, and the cache may have none."),
                Text("请删去它；缓存会重新生成。", "Remove it; the cache is made anew."),
            )


def _asked_for(file: Path) -> bool:
    """Whether the file is there, as a file and no link; it then counts as asked for now."""
    with suppress(OSError):  # a read-only cache serves what it has
        os.utime(file, follow_symlinks=False)
    return _is_file(file)  # after that, as it may have gone right before


def _is_file(file: Path) -> bool:
    try:
        return stat.S_ISREG(file.lstat().st_mode)
    except OSError:
        return False


def file_name(release: Release, form: str, resource: str | None = None) -> str:
    """Says in a downloads folder what the file is: usgs-earthquakes-1.2.0.csv.

    Raises:
        CivicatError: there is no such form or resource.
    """
    kind = _form(form)
    name = _tables(kind, release, resource)[0].name if kind.per_resource else release.dataset.name
    return f"{release.department.code}-{name}-{release.version}{kind.suffix}"


def forget(layout: Layout, dataset: str, version: Version) -> None:
    """Removes every export of a release from the cache. Its tombstone stands by then, so that none comes back.

    Raises:
        StoreError: they cannot be removed.
    """
    remove(_folder(layout, dataset, version))


def remove(folder: Path) -> None:
    """Removes a folder of the cache, if it is there, while others may add to it.

    Raises:
        StoreError: it cannot be removed.
    """
    tries = _MOST_TRIES
    while folder.exists():
        try:
            shutil.rmtree(folder)
        except OSError as error:
            tries -= 1
            # Another process may be adding to the folder, or removing from it.
            if error.errno not in {errno.ENOENT, errno.ENOTEMPTY} or not tries:
                raise _still_there(folder, error) from error


def _still_there(folder: Path, error: OSError) -> StoreError:
    why = error.strerror or str(error)
    return StoreError(
        Text(f"{folder} 无法删去（{why}）。请再运行一次。", f"{folder} cannot be removed ({why}). Run it again.")
    )


def _folder(layout: Layout, dataset: str, version: Version) -> Path:
    return layout.cache / FOLDER / dataset / str(version)


def unknown_form(name: str, also: Iterable[str] = ()) -> CivicatError:
    """The error for a form that there is not; `also` names what else could have been asked for."""
    known = [*FORMS, *also]
    near = get_close_matches(name, known, n=1)
    zh = f"您是指“{near[0]}”吗？" if near else f"可用：{'、'.join(known)}。"
    en = f"Did you mean “{near[0]}”?" if near else f"Known: {', '.join(known)}."
    return CivicatError(Text(f"没有“{name}”这种导出格式。", f"There is no export form “{name}”."), Text(zh, en))


def _form(name: str) -> Form:
    if name not in FORMS:
        raise unknown_form(name)
    return FORMS[name]


def _tables(form: Form, release: Release, resource: str | None) -> tuple[Table, ...]:
    if not form.per_resource:
        return release.tables
    named = [table for table in release.tables if resource in {None, table.resource.name}]
    if len(named) == 1:
        return (named[0],)
    raise _which(release, resource)


def _which(release: Release, resource: str | None) -> CivicatError:
    known = [table.resource.name for table in release.tables]
    zh, en = f"可用：{'、'.join(known)}。", f"Known: {', '.join(known)}."
    if resource is None:
        many = Text(f"{release.dataset.id} 有多个数据表，请指明一个。", f"{release.dataset.id} has several resources.")
        return CivicatError(many, Text(zh, f"Name one of them. {en}"))
    near = get_close_matches(resource, known, n=1)
    remedy = Text(f"您是指“{near[0]}”吗？", f"Did you mean “{near[0]}”?") if near else Text(zh, en)
    return CivicatError(
        Text(f"{release.dataset.id} 没有数据表“{resource}”。", f"{release.dataset.id} has no resource “{resource}”."),
        remedy,
    )


def _no_search(form: Form) -> CivicatError:
    with_it = [one.name for one in FORMS.values() if one.searchable]
    return CivicatError(
        Text(f"{form.name} 格式没有全文检索。", f"The form {form.name} has no full-text search."),
        Text(f"请改用 {'、'.join(with_it)}。", f"Take {', '.join(with_it)}."),
    )


def _only_online(layout: Layout, release: Release) -> None:
    name = f"{release.dataset.id} {release.version}"
    if (layout.dataset(release.dataset.id) / str(release.version) / TOMBSTONE).exists():
        raise StoreError(
            Text(f"{name} 已撤回，不再提供下载。", f"{name} was taken down and is not handed out any more."),
            Text("原因见该版本的撤回说明。", "Its tombstone says why."),
        )


def _only_as_published(release: Release) -> None:
    """Refuses to make anything of a release whose manifest was tampered with; an earlier civicat made none."""
    if os.path.lexists(release.folder / MANIFEST):
        checked(release.folder)


def _manifest(release: Release) -> str:
    """The sha256 of the release's manifest, in hex; of its descriptor and tables where it has none."""
    file = release.folder / MANIFEST
    if file.exists():
        return sha256(file)
    parts = (part.sha256 for table in release.tables for part in table.parts)
    return _sha256("\n".join((sha256(release.folder / DESCRIPTOR), *parts)))


def _digest(form: Form, content: Content) -> str:
    names = ",".join(table.resource.name for table in content.tables)
    return _sha256("\n".join((content.manifest, names, form.name, str(form.revision), str(content.search))))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _make_once(layout: Layout, form: Form, content: Content, file: Path) -> None:
    """Makes the file under its lock, unless another process just has."""
    try:
        with _locked(file.parent):
            if not _is_file(file):
                _make(form, content, file)
    except (OSError, pa.ArrowException) as error:
        _still_online(layout, content.release)
        raise _failed(file.name, content.release, error) from error
    _still_online(layout, content.release)


def _still_online(layout: Layout, release: Release) -> None:
    """Leaves nothing of a release that was taken down while an export of it was made."""
    try:
        _only_online(layout, release)
    except StoreError:
        forget(layout, release.dataset.id, release.version)
        raise


def _make(form: Form, content: Content, file: Path) -> None:
    part = file.with_name(file.name + _PART)
    part.unlink(missing_ok=True)  # what a killed process left
    try:
        form.make(content, part)
        _sync(part)  # else a power cut could leave the name without the content
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)


def _sync(file: Path) -> None:
    with file.open("rb") as stream:
        os.fsync(stream.fileno())


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with _opened(folder / _LOCK) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _opened(lock: Path) -> IO[bytes]:
    return os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666), "rb")


def _trim(folder: Path, made: Path, most_bytes: int) -> None:
    """Removes what has not been asked for the longest until the rest fits; never what was asked for right now."""
    with suppress(OSError):  # another process may trim at the same time: what is gone is gone
        _sweep(folder)
        files = sorted(_files(folder), key=lambda file: file.lstat().st_mtime_ns)
        size = sum(file.lstat().st_size for file in files)
        for file in files:
            if size <= most_bytes:
                return
            if file != made and file.lstat().st_mtime < time.time() - _JUST_ASKED:
                size -= file.lstat().st_size
                file.unlink()


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.glob("*/*/*/*/*") if file.name != _LOCK and file.suffix != _PART)


def _sweep(folder: Path) -> None:
    """Removes the halves of processes that were killed: those whose lock is free."""
    for part in folder.glob(f"*/*/*/*/*{_PART}"):
        with _opened(part.with_name(_LOCK)) as lock, suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink(missing_ok=True)


def _failed(name: str, release: Release, error: Exception) -> StoreError:
    if isinstance(error, OSError) and is_of_writing(error):
        return unwritable(name, error)
    return _unreadable(release, error)


def _unreadable(release: Release, error: Exception) -> StoreError:
    """A table that cannot be read; also errors without a number, which Arrow raises for what lies damaged on disk."""
    reason = str(error).splitlines()[0]
    return StoreError(
        Text(
            f"{release.dataset.id} {release.version} 无法导出（{reason}）。",
            f"{release.dataset.id} {release.version} cannot be exported ({reason}).",
        ),
        Text("请运行 civicat verify。", "Run civicat verify."),
    )

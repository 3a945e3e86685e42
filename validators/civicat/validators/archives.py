"""Packed files (gz, zip): the one table in them, unpacked within bounds for which no header is trusted."""

from __future__ import annotations

import gzip
import io
import shutil
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp
from typing import IO

from civicat.errors import SourceError
from civicat.text import Text
from civicat.validators.messages import of_file, plain
from civicat.validators.remarks import listed

PACKED = ("gz", "zip")
LARGEST = 16 << 30  # bytes of an unpacked file: thrice the largest table that we are asked to check
STEEPEST = 200  # bytes for each packed byte; tables pack 5 to 50 times smaller, a bomb 1,000 times
_ALWAYS = 16 << 20  # bytes that may be unpacked whatever the ratio: a small table of zeros is no bomb
_CHUNK = 1 << 20  # bytes unpacked at a time
_ENCRYPTED = 0x1  # the flag of a zip member that needs a password
_IN_UTF8 = 0x800  # the flag of a zip member whose name is in UTF-8
_NESTED = frozenset({"gz", "tgz", "zip", "7z", "rar", "bz2", "xz", "zst", "tar"})
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")  # what systems add of their own accord
# What gzip and zipfile raise of a damaged file; RuntimeError is zipfile's for what it cannot unpack.
_BROKEN = (
    EOFError,
    OSError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    UnicodeError,
)
_NO_ARCHIVE = (gzip.BadGzipFile, zipfile.BadZipFile)  # of those, what frictionless calls an error of compression


class Unpacked:
    """One table, unpacked into a folder of its own, which goes when nothing holds this any more."""

    def __init__(self, path: Path, kind: str, innerpath: str = "") -> None:
        """Unpacks a file; `kind` is how it is packed (gz, zip), `innerpath` the member that is meant.

        Raises:
            SourceError: damaged, locked, too large, not the one table that is expected, or packed twice.
        """
        self._folder = Path(mkdtemp(prefix="civicat-"))
        self._gone = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        try:
            self.path = _OPENERS[kind](path, innerpath, self._folder)
        except BaseException:
            self._gone()
            raise

    def close(self) -> None:
        """Removes the unpacked file now."""
        self._gone()


def how_packed(name: str, declared: str) -> str:
    """How a file is packed, by its descriptor (`compression`) or its suffix; empty where it is not.

    Raises:
        SourceError: in a way that we do not unpack.
    """
    suffix = PurePosixPath(name).suffix.lstrip(".").lower()
    kind = declared.lower() if declared and declared != "no" else suffix if suffix in PACKED else ""
    if kind and kind not in PACKED:
        raise SourceError(
            Text(f"{name}：不支持“{plain(kind)}”压缩。", f"{name}: “{plain(kind)}” compression is not supported."),
            Text("请改用 gz 或 zip，或提交解压后的文件。", "Use gz or zip, or hand in the file unpacked."),
            kind="compression-error",
            note=f'compression "{kind}" is not supported',
        )
    return kind


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The file itself, or the table in it where its suffix says that it is packed."""
    kind = how_packed(path.name, "")
    if not kind:
        yield path
        return
    inner = Unpacked(path, kind)
    try:
        with told_as(inner.path, path):
            yield inner.path
    finally:
        inner.close()


@contextmanager
def told_as(inner: Path, path: Path) -> Iterator[None]:
    """Errors on an unpacked file name the file that was handed in: nobody has seen the other."""
    try:
        yield
    except SourceError as error:
        if str(inner) not in error.message.en:
            raise
        raise error.renamed(str(inner), str(path)) from error.__cause__


def _gunzip(path: Path, innerpath: str, folder: Path) -> Path:
    del innerpath  # a gz file holds one file, whatever it is called
    name = path.stem if path.suffix.lower() == ".gz" else path.name
    _refuse_nested(path, name)
    with _reading(path), path.open("rb") as raw, gzip.open(raw) as member:
        return _copy(path, member, raw, folder / _safe(name))


def _unzip(path: Path, innerpath: str, folder: Path) -> Path:
    with _reading(path), path.open("rb") as raw, zipfile.ZipFile(raw) as archive:
        member = _member(path, archive, innerpath)
        _refuse_nested(path, _name(member))
        if member.flag_bits & _ENCRYPTED:
            raise _refused(path, Text("有密码保护", "is locked with a password"))
        packed = min(member.compress_size, path.stat().st_size)  # its header may claim more than there is
        with archive.open(member) as inside:
            return _copy(path, inside, None, folder / _safe(_name(member)), packed)


_OPENERS = {"gz": _gunzip, "zip": _unzip}


def _member(path: Path, archive: zipfile.ZipFile, innerpath: str) -> zipfile.ZipInfo:
    files = [one for one in archive.infolist() if not one.is_dir() and not _is_litter(one.filename)]
    chosen = [one for one in files if innerpath in {one.filename, _name(one)}] if innerpath else files
    if len(chosen) == 1:
        return chosen[0]
    names = listed([_name(one) for one in files])
    if innerpath:
        raise SourceError(
            Text(
                f"{path} 中没有“{plain(innerpath)}”。有：{names.zh}。",
                f"{path} has no “{plain(innerpath)}”. It has: {names.en}.",
            ),
            kind="compression-error",
        )
    if not files:
        raise _refused(path, Text("是空的", "is empty"))
    raise SourceError(
        Text(f"{path} 中有 {len(files)} 个文件：{names.zh}。", f"{path} holds {len(files)} files: {names.en}."),
        Text("每个压缩文件请只放一张表。", "Pack one table into each."),
        kind="compression-error",
    )


def _is_litter(name: str) -> bool:
    return name.startswith(_LITTER[0]) or name.endswith(_LITTER[1:])


def _name(member: zipfile.ZipInfo) -> str:
    """The name as it was meant: what is not marked as UTF-8 is GBK on a Chinese system, and read as if it were DOS'."""
    if member.flag_bits & _IN_UTF8 or member.filename.isascii():
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename


def _safe(name: str) -> str:
    """The last part of a name: wherever the others lead to, nobody goes there."""
    last = "".join(one for one in name.replace("\\", "/").rpartition("/")[2] if one.isprintable())
    while len(last.encode("utf-8", "replace")) > _LONGEST:
        last = last[1:]
    return last if last.strip(". ") else "table"


def unnamed(path: Path) -> SourceError:
    """The refusal of a file whose name says that it is packed, and not what is in it."""
    better = plain(f"{path.stem}.csv{path.suffix}")
    return SourceError(
        Text(
            f"{path}：文件名没有说明压缩的是什么格式。", f"{path}: its name does not say what format is packed in it."
        ),
        Text(f"若是 CSV，请改名为 {better}。", f"If it is a CSV, name it {better}."),
        kind="format-error",
        note='format "" is not supported',
    )


_LONGEST = 200  # bytes of a file name that every system takes


def _refuse_nested(path: Path, name: str) -> None:
    if PurePosixPath(name).suffix.lstrip(".").lower() in _NESTED:
        raise SourceError(
            Text(f"{path} 里还是压缩文件（{plain(name)}）。", f"{path} holds another archive ({plain(name)})."),
            Text("请只压缩一次。", "Pack the table once."),
            kind="compression-error",
        )


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        why = of_file(str(error))
        raise SourceError(
            Text(
                f"{path} 解压不了：文件已损坏（{why.zh}）。",
                f"{path} cannot be unpacked: it is damaged ({why.en}).",
            ),
            Text("请重新压缩，再提交一次。", "Pack it again."),
            kind="compression-error" if isinstance(error, _NO_ARCHIVE) else "source-error",
            note=str(error),
        ) from error


def _copy(
    path: Path, member: IO[bytes] | gzip.GzipFile, raw: io.BufferedReader | None, target: Path, packed: int = 0
) -> Path:
    """Unpacks a member. `raw` tells how much of the packed file was read, `packed` is that where it is known before."""
    size = 0
    free = shutil.disk_usage(target.parent).free
    with target.open("wb") as file:
        while chunk := member.read(_CHUNK):
            size += len(chunk)
            _refuse_bomb(path, size, raw.tell() if raw is not None else packed)
            if size > free:
                raise _refused(path, Text("解压后磁盘放不下", "does not fit on this disk when unpacked"))
            file.write(chunk)
    return target


def _refuse_bomb(path: Path, size: int, packed: int) -> None:
    if size > LARGEST or (size > _ALWAYS and size > STEEPEST * packed):
        raise _refused(
            path,
            Text(
                f"解压后大得不正常（超过 {max(size >> 20, 1)} MB，为压缩前的 {size // max(packed, 1)} 倍）",
                f"unpacks to something that is no table (over {max(size >> 20, 1)} MB, "
                f"{size // max(packed, 1)} times its packed size)",
            ),
        )


def _refused(path: Path, why: Text) -> SourceError:
    return SourceError(
        Text(f"{path} {why.zh}。", f"{path} {why.en}."),
        Text("请提交解压后的文件。", "Hand in the table unpacked."),
        kind="compression-error",
    )

"""Where the files of a dataset may lie: inside its folder, and nowhere else."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path, PurePosixPath, PureWindowsPath

from civicat.errors import SourceError
from civicat.text import Text
from civicat.validators.messages import plain

_ADDRESS = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")
_SHOWN = 120  # characters of a path that a message quotes


def inside(folder: Path, name: str) -> Path:
    """The file of that name in a dataset folder; it need not be there.

    Raises:
        SourceError: the name is empty, an address, absolute, or leads out of the folder (also by a symbolic link).
    """
    if not name.strip():
        raise SourceError(
            Text(f"{folder}：资源没有写明文件（path）。", f"{folder}: a resource names no file (path)."),
            kind="resource-error",
        )
    if _ADDRESS.match(name):
        raise SourceError(
            Text(f"{folder}：“{name}”是网址，这里应为文件。", f"{folder}: “{name}” is an address, and a file is due."),
            Text("请下载到数据集目录后再写它的路径。", "Download it into the dataset folder."),
            kind="scheme-error",
        )
    path = folder / name
    if _leads_out(name) or not resolved(path).is_relative_to(folder.resolve()):
        raise SourceError(
            Text(f"{folder}：“{name}”在数据集目录之外。", f"{folder}: “{name}” lies outside the dataset folder."),
            Text("请把文件放进目录，写相对路径。", "Put it inside, and write its relative path."),
            kind="resource-error",
            note=f'path "{name}" is not safe',
        )
    return path


def existing(folder: Path, name: str) -> Path:
    """The file of that name in a dataset folder.

    Raises:
        SourceError: as `inside`, or it is not there or no file.
    """
    return readable(inside(folder, name))


def readable(path: Path) -> Path:
    """The path of a file that is there.

    Raises:
        SourceError: it is not there, or no file.
    """
    resolved(path)
    if not path.exists() and _ADDRESS.match(str(path)):
        address = re.sub(r":/+", "://", str(path), count=1)  # a path has lost one of the two strokes
        raise SourceError(
            Text(f"“{address}”是网址，这里应为文件。", f"“{address}” is an address, and a file is due."),
            Text("请先下载。", "Download it first."),
            kind="scheme-error",
        )
    if not path.exists():
        absent = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        raise SourceError(
            Text(f"没有文件 {path}。", f"There is no file {path}."), kind="scheme-error", note=str(absent)
        )
    if not path.is_file():
        raise SourceError(Text(f"{path} 不是文件。", f"{path} is not a file."), kind="scheme-error")
    return path


def resolved(path: Path) -> Path:
    """The path with every symbolic link followed; the file need not be there.

    Raises:
        SourceError: no path at all: a character that no name holds, a name too long, links that lead in a circle.
    """
    try:
        path.is_file()  # the system looks at the whole path, and says when it is too long
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        shown = plain(str(path)) if len(str(path)) <= _SHOWN else f"{plain(str(path))[:_SHOWN]}…"
        raise SourceError(
            Text(
                f"“{shown}”不能用作文件路径：太长、含有不允许的字符，或符号链接绕成了圈。",
                f"“{shown}” cannot be a path: it is too long, holds characters that no name may hold, "
                "or its links lead in a circle.",
            ),
            kind="scheme-error",
        ) from error


def _leads_out(name: str) -> bool:
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    return posix.is_absolute() or windows.is_absolute() or bool(windows.drive) or ".." in {*posix.parts, *windows.parts}

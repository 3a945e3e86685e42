"""Where the files of a dataset may lie: inside its folder, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath, PureWindowsPath

from civicat.errors import SourceError
from civicat.text import Text

_ADDRESS = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")


def inside(folder: Path, name: str) -> Path:
    """The file of that name in a dataset folder; it need not be there.

    Raises:
        SourceError: the name is empty, an address, absolute, or leads out of the folder (also by a symbolic link).
    """
    if not name.strip():
        raise SourceError(Text(f"{folder}：资源没有写明文件（path）。", f"{folder}: a resource names no file (path)."))
    if _ADDRESS.match(name):
        raise SourceError(
            Text(
                f"{folder}：“{name}”是网址，这里应为文件。请下载到数据集目录后再写它的路径。",
                f"{folder}: “{name}” is an address, and a file is due. Download it into the dataset folder.",
            )
        )
    path = folder / name
    if _leads_out(name) or not path.resolve().is_relative_to(folder.resolve()):
        raise SourceError(
            Text(
                f"{folder}：“{name}”在数据集目录之外。请把文件放进目录，写相对路径。",
                f"{folder}: “{name}” lies outside the dataset folder. Put it inside, and write its relative path.",
            )
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
    if not path.exists():
        raise SourceError(Text(f"没有文件 {path}。", f"There is no file {path}."))
    if not path.is_file():
        raise SourceError(Text(f"{path} 不是文件。", f"{path} is not a file."))
    return path


def _leads_out(name: str) -> bool:
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    return posix.is_absolute() or windows.is_absolute() or bool(windows.drive) or ".." in {*posix.parts, *windows.parts}

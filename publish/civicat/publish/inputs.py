"""What was handed in, as one sha256: it says whether there is anything new to check and publish."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from civicat.errors import SourceError
from civicat.text import Text


def digest(files: Sequence[Path], known: Mapping[Path, str] = MappingProxyType({})) -> str:
    """The sha256, in hex, of the names and bytes of files; their order and where their folder lies do not count.

    `known` has the sha256 of files that were read already, which are not read again.

    Raises:
        SourceError: a file cannot be read.
    """
    whole = hashlib.sha256()
    hashed = {file.absolute(): told for file, told in known.items() if told}
    for name, file in sorted(_named(files).items()):
        whole.update(f"{name}\0{hashed.get(file) or sha256(file)}\n".encode())
    return whole.hexdigest()


def sha256(file: Path) -> str:
    """The sha256 of one file, in hex.

    Raises:
        SourceError: the file cannot be read.
    """
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise SourceError(
            Text(f"{file} 无法读取（{error.strerror}）。", f"{file} cannot be read ({error.strerror}).")
        ) from error


def _named(files: Sequence[Path]) -> dict[str, Path]:
    """Each file under its name in the folder that holds them all."""
    absolute = [file.absolute() for file in files]
    folder = os.path.commonpath([file.parent for file in absolute]) if absolute else ""
    return {file.relative_to(folder).as_posix(): file for file in absolute}

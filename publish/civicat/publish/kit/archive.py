"""A zip with the same bytes each time, written file by file; it knows the sha256 of each file in it."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from civicat.errors import CivicatError
from civicat.text import Text

_CHUNK = 1 << 20  # bytes that are in memory at a time
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can tell: files have no time of their own here
_READABLE = 0o100644 << 16  # a file that everybody may read
_UNIX = 3


class Archive:
    """An open zip. Names are ASCII paths inside it."""

    def __init__(self, stream: zipfile.ZipFile) -> None:
        self._zip = stream
        self.sums: dict[str, str] = {}
        self.sizes: dict[str, int] = {}

    def write(self, name: str, content: bytes) -> None:
        """Adds a file from memory."""
        self._copy(name, io.BytesIO(content))

    def add(self, name: str, file: Path) -> None:
        """Adds a file from the disk, a piece at a time.

        Raises:
            CivicatError: it cannot be read.
        """
        try:
            with file.open("rb") as source:
                self._copy(name, source)
        except OSError as error:
            raise CivicatError(
                Text(f"{file} 无法读取（{error.strerror}）。", f"{file} cannot be read ({error.strerror}).")
            ) from error

    def _copy(self, name: str, source: IO[bytes]) -> None:
        entry = zipfile.ZipInfo(name, _FIRST_DAY)
        entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _READABLE, _UNIX
        digest, size = hashlib.sha256(), 0
        with self._zip.open(entry, "w", force_zip64=True) as target:
            while piece := source.read(_CHUNK):
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        self.sums[name], self.sizes[name] = digest.hexdigest(), size

    def checksums(self) -> bytes:
        """What `sha256sum -c` reads: every file so far, in order of name."""
        return "".join(f"{digest}  {name}\n" for name, digest in sorted(self.sums.items())).encode()


@contextmanager
def archive(target: Path) -> Iterator[Archive]:
    """A zip that is at `target` whole, or not at all; one that was there before is replaced.

    Raises:
        CivicatError: it cannot be written.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as stream:
            yield Archive(stream)
        part.replace(target)
    except OSError as error:
        raise CivicatError(
            Text(
                f"{target} 无法写入（{error.strerror}）。请换一个位置，或腾出空间。",
                f"{target} cannot be written ({error.strerror}). Choose another place, or make room.",
            )
        ) from error
    finally:
        part.unlink(missing_ok=True)

"""Hashing while writing."""

from __future__ import annotations

import hashlib
from typing import BinaryIO


class Hashed:
    """A file that is written from its beginning to its end, hashed on the way: it need not be read again for that."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.bytes = 0

    @property
    def sha256(self) -> str:
        """Of what was written, in hex."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> int:
        """Writes and hashes some bytes."""
        self._digest.update(data)
        written = self._file.write(data)
        self.bytes += written
        return written

    def flush(self) -> None:
        """Hands over to the system what is kept back."""
        self._file.flush()

    def close(self) -> None:
        """The file is closed by who opened it."""
        self._file.flush()

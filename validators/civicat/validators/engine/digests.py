"""Checksums and size of a file, from its bytes as they go by."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

_EVERY = 1 << 23  # bytes between two notes of how far it has come


class Digests:
    """Takes in the bytes of a file; `progress` is told how many have gone by."""

    def __init__(self, progress: Callable[[int], None] | None = None) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)  # frictionless' reports have it
        self._sha256 = hashlib.sha256()
        self._progress = progress
        self._told = 0
        self.size = 0

    def update(self, data: bytes | memoryview) -> None:
        """Takes in more bytes."""
        self._md5.update(data)
        self._sha256.update(data)
        self.size += len(data)
        if self._progress is not None and self.size - self._told >= _EVERY:
            self._progress(self.size - self._told)
            self._told = self.size

    def digests(self) -> Mapping[str, str]:
        """`md5` and `sha256`, in hexadecimal."""
        return {"md5": self._md5.hexdigest(), "sha256": self._sha256.hexdigest()}

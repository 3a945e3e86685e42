"""Checksums and size of a file, and whether it holds zero bytes, from its bytes as they go by."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

_EVERY = 1 << 23  # bytes between two notes of how far it has come


class Digests:
    """Takes in the bytes of a file; `progress` is told how many have gone by.

    Where nobody has `wanted` checksums there are none: they take a quarter of the time of a clean table.
    `has_zeros` says whether a byte of them was 0.
    """

    has_zeros = False

    def __init__(self, progress: Callable[[int], None] | None = None, *, wanted: bool = True) -> None:
        self._wanted = wanted
        self._progress = progress
        self._begin()

    def _begin(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)  # frictionless' reports have it
        self._sha256 = hashlib.sha256()
        self._told = self.size = 0

    def update(self, data: bytes | memoryview) -> None:
        """Takes in more bytes."""
        if self._wanted:
            self._md5.update(data)
            self._sha256.update(data)
        self.size += len(data)
        self.has_zeros = self.has_zeros or (len(data) > 0 and not np.frombuffer(data, np.uint8).min())
        if self._progress is not None and self.size - self._told >= _EVERY:
            self._progress(self.size - self._told)
            self._told = self.size

    def complete(self, path: Path) -> None:
        """Takes in a whole file anew where reading it was broken off, and its checksums are wanted."""
        size = path.stat().st_size
        if not self._wanted:
            self.size = size
        elif self.size != size:
            self._begin()
            with path.open("rb") as file:
                while chunk := file.read(_EVERY):
                    self.update(chunk)

    def digests(self) -> Mapping[str, str]:
        """`md5` and `sha256`, in hexadecimal; empty where nobody wanted them."""
        if not self._wanted:
            return {"md5": "", "sha256": ""}
        return {"md5": self._md5.hexdigest(), "sha256": self._sha256.hexdigest()}

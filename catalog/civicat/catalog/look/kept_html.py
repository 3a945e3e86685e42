"""Pieces of pages that are written once: what a release says never changes, so its dictionary is not spelled twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from threading import Lock

from markupsafe import Markup

MOST = 16 * 1024**2  # characters in a process; a dictionary of 20 columns takes 20,000


class Kept:
    """Pieces by their key; those that were not asked for the longest go first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._size = 0
        self._pieces: OrderedDict[Hashable, Markup] = OrderedDict()
        self._lock = Lock()

    async def piece(self, key: Hashable, write: Callable[[], Awaitable[str]]) -> Markup:
        """The piece of a key; `write` writes it, as safe HTML, where it is not there yet."""
        with self._lock:
            if key in self._pieces:
                self._pieces.move_to_end(key)
                return self._pieces[key]
        return self._keep(key, Markup(await write()))  # noqa: S704 (what a template wrote)

    def _keep(self, key: Hashable, piece: Markup) -> Markup:
        with self._lock:
            self._size += len(piece) - len(self._pieces.pop(key, ""))
            self._pieces[key] = piece
            while self._size > self._most:
                self._size -= len(self._pieces.popitem(last=False)[1])
        return piece

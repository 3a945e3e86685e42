"""Who asks for a chart waits a little for it; who asks for the same one meanwhile waits for the same work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar, cast

from civicat.catalog.charts.queries import TOO_LONG
from civicat.catalog.files.making import LaterError
from civicat.text import Text

AT_ONCE = 2  # each takes up to two processors for a moment
WAITING = 24
PATIENCE = 2.5  # seconds that a page waits; what was begun goes on and is kept
FOR_PICTURES = 12.0  # seconds that a picture waits: its process may have to be started

Made = TypeVar("Made")


class Desk:
    """Two threads and a short line."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="charts")
        self._most = at_once + waiting
        self._under_way: dict[Hashable, Future[Any]] = {}

    async def make(self, key: Hashable, work: Callable[[], Made], patience: float = PATIENCE) -> Made:
        """What `work` answers.

        Raises:
            LaterError: too much is asked for, or it takes long.
            CivicatError: what `work` raises.
        """
        future = self._under_way.get(key)
        if future is None:
            if len(self._under_way) >= self._most:
                raise _busy()
            future = self._under_way[key] = self._threads.submit(work)
            future.add_done_callback(lambda _: self._under_way.pop(key, None))
        made = asyncio.wrap_future(future)
        made.add_done_callback(lambda done: done.cancelled() or done.exception())  # its reader may be gone by then
        try:
            return cast("Made", await asyncio.wait_for(asyncio.shield(made), patience))
        except TimeoutError:
            raise LaterError(*TOO_LONG) from None

    def close(self) -> None:
        """Begins nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


@cache
def desk() -> Desk:
    """The one of this process, whatever build of the index serves."""
    return Desk()


def _busy() -> LaterError:
    return LaterError(
        Text("同时计算的图太多", "Too many charts are being computed"),
        Text("请半分钟后再试。", "Try again in half a minute."),
    )

"""Makes what is asked for beside the event loop: some at once, some more in a line, the rest is told to come back."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar, cast

from civicat.catalog.files.makers import Makers
from civicat.catalog.tables.refusals import RefusalError
from civicat.text import Text

AT_ONCE = 2  # the makers take a processor each; pages are read by other threads
WAITING = 8  # in the line; a ninth would wait for minutes
PATIENCE = 25.0  # seconds that a reader waits: proxies give up after 30 to 60
RETRY_AFTER = 20  # seconds
_REMEMBERED = 256  # small things that were made: leaflets, and where files lie

Made = TypeVar("Made")


class LaterError(RefusalError):
    """It cannot be had now; in RETRY_AFTER seconds it may."""

    def __init__(self, heading: Text, reason: Text) -> None:
        super().__init__(503, heading, reason)


class Making:
    """The makers, their threads, and what is under way. One for each process, whatever build of the index serves."""

    def __init__(self, makers: Makers, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self.makers = makers
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="making")
        self._most = at_once + waiting
        self._under_way: dict[Hashable, Future[Any]] = {}
        self._known: OrderedDict[Hashable, object] = OrderedDict()

    async def make(self, key: Hashable, work: Callable[[], Made], patience: float = PATIENCE) -> Made:
        """What `work` answers. Who asks for the same key meanwhile waits for the same work.

        Raises:
            LaterError: too much is asked for, or it takes long. What was begun goes on.
            CivicatError: what `work` raises.
        """
        future = self._under_way.get(key)
        if future is None:
            if len(self._under_way) >= self._most:
                raise _busy()
            future = self._under_way[key] = self._threads.submit(work)
            future.add_done_callback(lambda done: self._ended(key, done))
        made = asyncio.wrap_future(future)
        made.add_done_callback(lambda done: done.cancelled() or done.exception())  # its reader may be gone by then
        try:
            return cast("Made", await asyncio.wait_for(asyncio.shield(made), patience))
        except TimeoutError:
            raise _slow() from None

    def _ended(self, key: Hashable, done: Future[Any]) -> None:
        del done
        self._under_way.pop(key, None)

    def known(self, key: Hashable) -> object | None:
        """What was remembered under a key."""
        return self._known.get(key)

    def remember(self, key: Hashable, value: object) -> None:
        """Keeps something small; what was kept first goes."""
        self._known[key] = value
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def close(self) -> None:
        """Begins nothing more; what is being made is finished in its thread."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _busy() -> LaterError:
    return LaterError(
        Text("正在生成的文件太多", "Too many files are being made"),
        Text(
            "请半分钟后再试。Parquet 和 CSV 无需生成，可以直接下载。",
            "Try again in half a minute. Parquet and CSV need not be made: take them now.",
        ),
    )


def _slow() -> LaterError:
    return LaterError(
        Text("文件正在生成", "This file is being made"),
        Text(
            "数据较多，还要一会儿。生成不会中断，请半分钟后再打开这个地址。Parquet 和 CSV 可以直接下载。",
            "There is much data, and it takes a while. It goes on being made: open this address again in half a "
            "minute. Parquet and CSV need not be made: take them now.",
        ),
    )

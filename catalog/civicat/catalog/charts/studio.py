"""The child process as the site sees it: started when it is first needed, given so long, killed and started again.

One at a time is drawn; a few more wait, the rest is told to come back. What it draws is whole in the request, nothing
is fetched. It ends with the site, for its input ends then.
"""

from __future__ import annotations

import atexit
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import IO, cast

from civicat.catalog.charts.child import read_frame, write_frame
from civicat.catalog.files.making import LaterError
from civicat.text import Text

log = logging.getLogger(__name__)

DEADLINE = 10.0  # seconds for one request, the start of the process among them
WAITING = 8
_OK = ord(b"+")


class UndrawableError(LaterError):
    """The process could not draw it: it took too long, too much memory, or it ended. Another time it may."""


class Studio:
    """One child process. Its methods are called in worker threads."""

    def __init__(self, deadline: float = DEADLINE, waiting: int = WAITING) -> None:
        self._deadline = deadline
        self._places = threading.BoundedSemaphore(1 + waiting)
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def picture(self, svg: str, scale: float = 1.0) -> bytes:
        """The PNG of an SVG.

        Raises:
            LaterError: too many wait.
            UndrawableError: it cannot be made.
        """
        return self.ask({"task": "picture", "scale": scale}, svg.encode())

    def ask(self, request: Mapping[str, object], body: bytes = b"") -> bytes:
        """The answer to one request; as `picture`."""
        if not self._places.acquire(blocking=False):
            raise _busy()
        try:
            with self._turn:
                return self._answer(json.dumps(request).encode() + b"\n" + body)
        finally:
            self._places.release()

    def _answer(self, request: bytes) -> bytes:
        child = self._started()
        watch = threading.Timer(self._deadline, child.kill)
        watch.start()
        try:
            write_frame(cast("IO[bytes]", child.stdin), request)
            answer = read_frame(cast("IO[bytes]", child.stdout))
        except OSError:
            answer = None
        finally:
            watch.cancel()
        if answer is None:
            self._end()
            raise _undrawable("it took too long, too much memory, or it was ended")
        if answer[0] != _OK:
            raise _undrawable(answer[1:].decode(errors="replace"))
        return answer[1:]

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._child = subprocess.Popen(
                [sys.executable, "-I", "-m", "civicat.catalog.charts.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},  # nothing of the site's own goes there
            )
        return self._child

    @property
    def process(self) -> int | None:
        """The id of the process, where it runs."""
        return self._child.pid if self._child and self._child.poll() is None else None

    def close(self) -> None:
        """Ends the process, after what it draws now; who asks later starts another."""
        with self._turn:
            self._end()

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            for pipe in (child.stdin, child.stdout):
                with suppress(OSError):
                    if pipe is not None:
                        pipe.close()
            child.wait()


@cache
def studio() -> Studio:
    """The one of this process, whatever build of the index serves."""
    made = Studio()
    atexit.register(made.close)
    return made


def _undrawable(reason: str) -> UndrawableError:
    log.error("charts: %s", reason)
    return UndrawableError(
        Text("图未能生成", "The picture could not be made"),
        Text(
            "请半分钟后再试；图中的数值可以另行下载（CSV）。",
            "Try again in half a minute; its figures are there as CSV.",
        ),
    )


def _busy() -> LaterError:
    return LaterError(
        Text("正在生成的图太多", "Too many pictures are being made"),
        Text("请半分钟后再试。", "Try again in half a minute."),
    )

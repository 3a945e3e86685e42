"""Answers that are kept: a page that was made once is handed to the next reader who asks for the same.

The answers are those of one build of the index, and go with it. What is not of the build is looked at each time: the
day, and the folder of the dataset whose release may be taken down. Kept are whole pages and small documents that were
answered with 200 and set no cookie; all else, downloads above all, passes through as it comes.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from civicat.catalog.look.appearance import appearance
from civicat.catalog.site_context import Application, Message, Receive, Scope, Send, locale_of

MOST_BYTES = 32_000_000  # of all answers that are kept for one build, in one worker
LONGEST = 512_000  # bytes of one answer: a larger one is a table that nobody reads twice
FRESH_SECONDS = 60.0  # what hangs on files outside the build, such as the record of hand-ins, is no older
_MOST_QUESTION = 2_000  # bytes of a path, and of a query: a longer one is asked once
_OVERHEAD = 5_000  # bytes: no key is longer
_HOST = re.compile(rb"[A-Za-z0-9.:\[\]-]{1,255}")  # what may stand in links; any other is answered and forgotten
_KINDS = (b"text/html", b"application/json", b"image/svg+xml")
_OK, _NOT_MODIFIED = 200, 304
_Headers = tuple[tuple[bytes, bytes], ...]

Stamp = Callable[[str], object]
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was made: its headers with a strong ETag, its body, and when (seconds of the monotonic clock)."""

    headers: _Headers
    body: bytes
    etag: bytes
    made: float

    @property
    def weight(self) -> int:
        """About how many bytes it takes up, with its key and headers."""
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers) + _OVERHEAD


@dataclass(slots=True)
class Answers:
    """An ASGI application that answers for another from what it answered before.

    `stamp` tells of a path what its answer hangs on beside the build: another value, and it is made anew.
    """

    application: Application
    stamp: Stamp
    _kept: OrderedDict[Key, Answer] = field(default_factory=OrderedDict)
    _making: dict[Key, asyncio.Event] = field(default_factory=dict)
    _bytes: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; those for the same page that come in meanwhile wait for the first."""
        key = self._key(scope)
        if key is None:
            await self.application(scope, receive, send)
            return
        answer = self._fresh(key)
        if answer is None and key in self._making:
            await self._making[key].wait()
            answer = self._fresh(key)
        if answer is not None:
            await _say(answer, scope, send)
        elif scope["method"] == "HEAD":
            await self.application(scope, receive, send)
        else:
            await self._make(key, scope, receive, send)

    def _key(self, scope: Scope) -> Key | None:
        """What an answer hangs on; None where it is not one to keep."""
        headers = dict(scope["headers"])
        query = scope["query_string"]
        if scope["method"] not in {"GET", "HEAD"} or b"range" in headers or len(query) > _MOST_QUESTION:
            return None
        path: bytes = scope.get("raw_path") or scope["path"].encode()
        host = headers.get(b"host", b"")
        if len(path) > _MOST_QUESTION or not _HOST.fullmatch(host):
            return None
        reader = (locale_of(scope), appearance(scope))
        return (scope["scheme"], host, path, query, *reader, datetime.now(UTC).date(), self.stamp(scope["path"]))

    def _fresh(self, key: Key) -> Answer | None:
        answer = self._kept.get(key)
        if answer is None or time.monotonic() - answer.made > FRESH_SECONDS:
            return None
        self._kept.move_to_end(key)
        return answer

    async def _make(self, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        """Asks the application and keeps its answer; who waits for it is told as soon as it is not one to keep."""
        made = self._making.setdefault(key, asyncio.Event())
        listening = _Listening(send, made.set)
        try:
            await self.application(scope, receive, listening)
            if listening.answer is not None:
                self._keep(key, listening.answer)
        finally:
            made.set()
            self._making.pop(key, None)
        if listening.answer is not None:
            await _say(listening.answer, scope, send)

    def _keep(self, key: Key, answer: Answer) -> None:
        before = self._kept.pop(key, None)
        self._kept[key] = answer
        self._bytes += answer.weight - (before.weight if before else 0)
        while self._bytes > MOST_BYTES:
            self._bytes -= self._kept.popitem(last=False)[1].weight


@dataclass(slots=True)
class _Listening:
    """Holds back what an application sends until it is known whether it is kept; sends it on where it is not."""

    send: Send
    passing: Callable[[], None]
    answer: Answer | None = None
    _head: Message | None = None
    _body: bytearray = field(default_factory=bytearray)
    _passes: bool = False

    async def __call__(self, message: Message) -> None:
        """Takes one message of the application."""
        if self._passes:
            await self.send(message)
        elif message["type"] == "http.response.start":
            self._head = message
            if not _is_to_keep(message):
                await self._let_go()
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if len(self._body) > LONGEST:
                await self._let_go(more=message.get("more_body", False))
            elif not message.get("more_body", False) and self._head is not None:
                self.answer = _answer(self._head["headers"], bytes(self._body))

    async def _let_go(self, *, more: bool = True) -> None:
        self._passes = True
        self.passing()
        if self._head is not None:
            await self.send(self._head)
        if self._body:
            await self.send({"type": "http.response.body", "body": bytes(self._body), "more_body": more})
            self._body.clear()


def _is_to_keep(head: Message) -> bool:
    headers = {name.lower(): value for name, value in head["headers"]}
    kind, control = headers.get(b"content-type", b""), headers.get(b"cache-control", b"")
    is_made_here = not headers.keys() & {b"set-cookie", b"etag"}  # a file has an ETag of its own
    return head["status"] == _OK and kind.startswith(_KINDS) and is_made_here and b"no-store" not in control


def _answer(headers: Iterable[tuple[bytes, bytes]], body: bytes) -> Answer:
    own = tuple((name, value) for name, value in headers if name.lower() != b"content-length")
    etag = b'"' + hashlib.blake2b(body, digest_size=12).hexdigest().encode() + b'"'
    return Answer((*own, (b"etag", etag)), body, etag, time.monotonic())


async def _say(answer: Answer, scope: Scope, send: Send) -> None:
    """An answer as the reader needs it: nothing but its head where it is known already (RFC 9110, 13.1.2)."""
    known = dict(scope["headers"]).get(b"if-none-match", b"")
    if _is_known(known, answer.etag):
        await send({"type": "http.response.start", "status": _NOT_MODIFIED, "headers": list(answer.headers)})
        await send({"type": "http.response.body", "body": b""})
        return
    length = (b"content-length", str(len(answer.body)).encode())
    await send({"type": "http.response.start", "status": _OK, "headers": [*answer.headers, length]})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})


def _is_known(known: bytes, etag: bytes) -> bool:
    return known.strip() == b"*" or etag in (one.strip().removeprefix(b"W/") for one in known.split(b","))

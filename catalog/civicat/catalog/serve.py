"""The server: one site for each build of the index, swapped while it runs, behind headers that keep browsers safe.

The outermost application looks at index/CURRENT on each request and hands the whole request to the site of that build:
pages, search and tables of one answer are of one build by construction. A new build shows without a restart.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import re
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs

import uvicorn
from uvicorn.supervisors import Multiprocess

from civicat.catalog.answers import Answers
from civicat.catalog.app import CatalogueSite, application, open_site
from civicat.catalog.charts.studio import studio
from civicat.catalog.files.downloads import FRESH, is_of_a_release
from civicat.catalog.files.makers import Makers
from civicat.catalog.files.making import Making
from civicat.catalog.i18n import CHOICES, COOKIE
from civicat.catalog.index.building import current_build, earlier_builds
from civicat.catalog.look.appearance import CHOICES as APPEARANCES
from civicat.catalog.look.cookies import of_reader
from civicat.catalog.site_context import Application, Message, Receive, Scope, Send
from civicat.errors import CivicatError
from civicat.layout import Layout
from civicat.text import Text

log = logging.getLogger(__name__)

_KEPT = 2  # sites held: the one that serves and the one before, for requests under way
_PATIENCE = 2.0  # seconds that a request waits for the site of a new build before it is answered from the one before
_RETRY = 30.0  # seconds before a build that could not be opened is tried again
_GRACE = 10  # seconds for requests under way when the server is stopped
_ERRORS = 400  # the first status of them
_PERSONAL = frozenset((b"vary", b"set-cookie", b"cache-control"))
_COOKIES = {COOKIE: CHOICES, **APPEARANCES}
_METHODS = ("GET", "HEAD")
_CHART = re.compile(r"/d/[a-z0-9-]+/[a-z0-9-]+/[0-9.]+/chart/")
_DATASET = re.compile(r"/d/([a-z0-9-]+/[a-z0-9-]+)(?![a-z0-9-])")
_FOR_MACHINES = (b"application/", b"text/csv", b"text/plain")

_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (
        b"content-security-policy",
        (
            b"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
            b"form-action 'self'; base-uri 'none'; "
            b"frame-ancestors 'none'"
        ),
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_FRAMED = tuple(
    (name, value.replace(b"frame-ancestors 'none'", b"frame-ancestors *"))
    for name, value in _HEADERS
    if name != b"cross-origin-opener-policy"
)
_REPLACED = frozenset(name for name, _ in _HEADERS)
_ANY_ORIGIN = (b"access-control-allow-origin", b"*")  # published data may be read by any page, for it needs no cookie


@dataclass(slots=True)
class _Held:
    """A site that is open: how many requests it answers now, and its ASGI application."""

    site: CatalogueSite
    application: Application
    requests: int = 0


@dataclass(slots=True)
class Swapping:
    """An ASGI application that answers each request from the site of the build that is current when it comes in."""

    layout: Layout
    making: Making | None = None
    _held: dict[Path, _Held] = field(default_factory=dict)
    _opening: dict[Path, asyncio.Task[_Held | None]] = field(default_factory=dict)
    _failed: dict[Path, float] = field(default_factory=dict)  # when, in seconds of the monotonic clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, whole, from one build."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in _METHODS:
            await _say(
                send, 405, "Only GET and HEAD are answered here. 此处只接受 GET 和 HEAD。", (b"allow", b"GET, HEAD")
            )
            return
        held = await self._current()
        if held is None:
            await _say(send, 503, "The catalogue is being prepared. 目录正在准备中。", (b"retry-after", b"10"))
            return
        held.requests += 1
        answering = _Answering(partial(_send_safely, scope, send))
        try:
            await held.application(of_reader(scope, _COOKIES), receive, answering)
        except Exception:
            if answering.begun:
                raise
            log.exception("%s", scope["path"])  # what no page catches, such as a header that cannot be read
            await _say(send, 500, "The fault is ours. Try again later. 本站出错，请稍后再试。")
        finally:
            held.requests -= 1
            self._drop_old()

    async def _current(self) -> _Held | None:
        """The site of the current build; of the newest one that is open where that takes too long or cannot be read."""
        build = current_build(self.layout)
        if build is not None and build in self._held:
            return self._held[build]
        newest = next(reversed(self._held.values()), None)
        if build is None or self._failed_lately(build):
            return newest
        opening = self._opening.get(build) or self._opening.setdefault(build, asyncio.create_task(self._open(build)))
        try:
            opened = await asyncio.wait_for(asyncio.shield(opening), _PATIENCE if newest else None)
        except TimeoutError:
            return newest
        return opened or next(reversed(self._held.values()), None)

    def _failed_lately(self, build: Path) -> bool:
        return build in self._failed and time.monotonic() < self._failed[build] + _RETRY

    async def _open(self, build: Path) -> _Held | None:
        """The site of a build; where it cannot be had and no other is open, that of the newest before it that can."""
        try:
            held = await self._try(build)
            earlier = [] if held or self._held else await asyncio.to_thread(earlier_builds, self.layout)
            for one in earlier:
                held = held or await self._try(one)
            return held
        finally:
            del self._opening[build]

    async def _try(self, build: Path) -> _Held | None:
        try:
            site = await asyncio.to_thread(open_site, self.layout, build, self.making)
            held = self._held[build] = _Held(site, Answers(application(site), partial(_stamp, self.layout)))
        except CivicatError as error:
            log.error("%s %s", error.message.zh, error.message.en)  # noqa: TRY400 (its one line says all)
        except Exception:  # the edge of the site: the operator gets a log, the readers the build before
            log.exception("%s", build)
        else:
            self._failed.pop(build, None)
            return held
        self._failed[build] = time.monotonic()
        return None

    def _drop_old(self) -> None:
        """Closes the sites of old builds that answer nobody."""
        for build in list(self._held)[:-_KEPT]:
            if not self._held[build].requests:
                self._held.pop(build).site.close()

    async def _live(self, receive: Receive, send: Send) -> None:
        """Opens the current build before the first request, and closes all at the end."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._current()
                await send({"type": "lifespan.startup.complete"})
            else:
                self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def close(self) -> None:
        """Closes every site."""
        for held in self._held.values():
            held.site.close()
        self._held.clear()
        if self.making is not None:
            self.making.close()
        studio().close()


@dataclass(slots=True)
class _Answering:
    """Sends, and remembers whether anything was sent."""

    send: Send
    begun: bool = False

    async def __call__(self, message: Message) -> None:
        self.begun = True
        await self.send(message)


def _stamp(layout: Layout, path: str) -> tuple[int, ...]:
    """When the folder of all releases was last changed, and that of the dataset that an address is of; 0 for none.

    A release that is taken down changes both at once: what was kept of it, or showed a value of it, is not shown again.
    """
    found = _DATASET.match(path)
    return tuple(map(_changed, (layout.releases, *((layout.dataset(found[1]),) if found else ()))))


def _changed(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def _may_be_framed(scope: Scope) -> bool:
    """Whether an address is that of a chart for the pages of others."""
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    return asked.get("embed") == ["1"] and _CHART.match(scope["path"]) is not None


async def _send_safely(scope: Scope, send: Send, message: Message) -> None:
    if message["type"] == "http.response.start":
        headers = message.get("headers", ())
        if message["status"] < _ERRORS and is_of_a_release(scope["path"]):
            headers = _for_everybody(headers)
        elif not any(name.lower() == b"cache-control" for name, _ in headers):
            headers = [*headers, (b"cache-control", FRESH.encode())]  # a page may show what is taken down next
        message = {**message, "headers": [*_safe(headers, framed=_may_be_framed(scope))]}
    await send(message)


def _for_everybody(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers of a file that any cache may keep and share. Datasette takes a reader with a cookie for somebody."""
    kept = [(name, value) for name, value in headers if name.lower() not in _PERSONAL]
    return [*kept, (b"cache-control", FRESH.encode())]


def _safe(headers: Iterable[tuple[bytes, bytes]], *, framed: bool) -> Iterable[tuple[bytes, bytes]]:
    own = [(name, value) for name, value in headers if name.lower() not in _REPLACED]
    kind = next((value for name, value in own if name.lower() == b"content-type"), b"")
    return (*own, *(_FRAMED if framed else _HEADERS), *((_ANY_ORIGIN,) if kind.startswith(_FOR_MACHINES) else ()))


async def _say(send: Send, status: int, words: str, *headers: tuple[bytes, bytes]) -> None:
    head = [(b"content-type", b"text/plain; charset=utf-8"), *headers, *_HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": words.encode()})


def make(layout: Layout, makers: Callable[[], Makers] | None = None) -> Swapping:
    """The site of a store as an ASGI application; builds of the index are opened as they come."""
    return Swapping(layout, Making(makers()) if makers else None)


def serve(  # noqa: PLR0913, PLR0917 - where, how, and what makes files there
    layout: Layout,
    host: str,
    port: int,
    workers: int = 1,
    ready: Callable[[], None] = lambda: None,
    makers: Callable[[], Makers] | None = None,
) -> None:
    """Serves a store until it is told to stop (SIGINT, SIGTERM); requests under way are finished first.

    `ready` is called once the address is ours and callers wait there to be answered. `makers` is a function of a
    module: each worker, a process of its own, calls it for what makes other formats (makers.py).

    Raises:
        CivicatError: there is no index yet, or the address cannot be had.
    """
    if current_build(layout) is None:
        raise CivicatError(
            Text(
                f"{layout.store} 还没有索引。请先运行 civicat index。",
                f"{layout.store} has no index yet. Run civicat index first.",
            )
        )
    listening = _listen(host, port)
    ready()
    config = uvicorn.Config(
        partial(make, layout, makers),
        factory=True,
        workers=workers,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=_GRACE,
    )
    with suppress(KeyboardInterrupt):
        _run(config, listening, workers)


def _run(config: uvicorn.Config, listening: socket.socket, workers: int) -> None:
    server = uvicorn.Server(config)
    run: Callable[[], object]
    run = Multiprocess(config, sockets=[listening]).run if workers > 1 else partial(server.run, sockets=[listening])
    run()


def _listen(host: str, port: int) -> socket.socket:
    """A socket that sends at once. With several workers asyncio would leave Nagle's delay on: 40 ms on every answer.

    Raises:
        CivicatError: the port is in use, or the host is not one of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CivicatError(_cannot_listen(host, port, error)) from error
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listening.bind(address)
        listening.listen()  # from now on a caller waits for the workers instead of being turned away
    except OSError as error:
        listening.close()
        raise CivicatError(_cannot_listen(host, port, error)) from error
    listening.set_inheritable(True)
    return listening


def _cannot_listen(host: str, port: int, error: OSError) -> Text:
    if error.errno == errno.EADDRINUSE:
        return Text(
            f"{host}:{port} 已被占用。请停止占用它的程序，或用 --port 另选端口。",
            f"{host}:{port} is in use. Stop what uses it, or choose another with --port.",
        )
    return Text(f"无法监听 {host}:{port}（{error.strerror}）。", f"Cannot listen on {host}:{port} ({error.strerror}).")

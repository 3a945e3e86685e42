"""Files of releases: the published Parquet as it is, and CSV made of it while it is sent. Addresses never change.

/d/<department>/<dataset>/<version>/<resource>.parquet | .csv
/d/<department>/<dataset>/<version>/datapackage.json | report.json
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from datasette.utils.asgi import NotFound

from civicat.catalog.site_context import Receive, Scope, Send, site_of
from civicat.errors import StoreError
from civicat.layout import DESCRIPTOR, REPORT
from civicat.release import Release, Table, Version
from civicat.spelling import spelled
from civicat.text import Text

CSV = "text/csv; charset=utf-8"
PARQUET = "application/vnd.apache.parquet"
JSON = "application/json; charset=utf-8"

_CHUNK = 256 * 1024  # bytes
_BATCH = 4_096  # rows: what a reader who does not read keeps in memory, beside a page of each column
_BUFFER = 64 * 1024  # bytes read of a column at once; without it, all of the column's row group
_STALLED = 60.0  # seconds in which a reader takes nothing before it is let go
FOR_EVER = "public, max-age=31536000, immutable"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")
_OK, _PARTIAL, _NOT_MODIFIED, _UNSATISFIABLE = 200, 206, 304, 416


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer made while it is sent: chunks are pulled one at a time, and no more once the client has left."""

    receive: Receive
    headers: Mapping[str, str]
    chunks: Iterator[bytes] = field(default_factory=lambda: iter(()))
    status: int = _OK
    ended: Callable[[], None] = lambda: None

    def ending_with(self, ended: Callable[[], None]) -> Stream:
        """The same answer, which calls `ended` when it was sent or broken off."""
        return replace(self, ended=ended)

    async def asgi_send(self, send: Send) -> None:
        """Sends the head, then each chunk. A chunk that fails ends the connection: the client sees it is not whole."""
        try:
            await self._send_all(send)
        finally:
            self.ended()

    async def _send_all(self, send: Send) -> None:
        written = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": written})
        left = asyncio.create_task(_until_left(self.receive))
        try:
            with suppress(TimeoutError):  # the answer is broken off, as by a reader who left
                await self._send_chunks(send, left)
        finally:
            left.cancel()
            with suppress(asyncio.CancelledError):
                await left
            if hasattr(self.chunks, "close"):
                await asyncio.to_thread(self.chunks.close)

    async def _send_chunks(self, send: Send, left: asyncio.Task[None]) -> None:
        while not left.done():
            chunk = await asyncio.to_thread(next, self.chunks, None)
            if chunk is None:
                await send({"type": "http.response.body", "body": b""})
                return
            body = {"type": "http.response.body", "body": chunk, "more_body": True}
            await asyncio.wait_for(send(body), _STALLED)


@dataclass(slots=True)
class Exports:
    """How many tables are being made into CSV now, of so many at most."""

    most: int
    now: int = 0

    def begin(self) -> bool:
        """Takes one of the places; False where none is free."""
        free = self.now < self.most
        self.now += free
        return free

    def end(self) -> None:
        """Gives a place back."""
        self.now -= 1


async def _until_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def parquet(datasette: Any, request: Any, receive: Receive) -> Stream:  # noqa: ANN401 (Datasette ships no types; so below)
    """A table's Parquet file, whole or a range of bytes.

    Raises:
        StoreError: the file is not the one that was published.
    """
    release, table = await _table(datasette, request)
    if table.path.stat().st_size != table.bytes:
        raise StoreError(Text(f"{table.path} 不完整。", f"{table.path} is not whole."))
    headers = _headers(release, f"{_file_name(release, table)}.parquet", PARQUET, table.sha256)
    return file_stream(request.scope, receive, table.path, table.bytes, headers)


async def csv(datasette: Any, request: Any, receive: Receive) -> Stream:  # noqa: ANN401
    """A table as CSV (UTF-8, RFC 4180 with line feeds), value for value."""
    release, table = await _table(datasette, request)
    headers = _headers(release, f"{_file_name(release, table)}.csv", CSV, f"{table.sha256}-csv")
    if _is_known(request.scope, headers):
        return Stream(receive, headers, status=_NOT_MODIFIED)
    return Stream(receive, headers, csv_chunks(_batches(table.path)) if _wants_body(request.scope) else iter(()))


async def document(datasette: Any, request: Any, receive: Receive) -> Stream:  # noqa: ANN401
    """The descriptor or the report of a release, as published."""
    release = await _release(datasette, request)
    path = release.folder / request.url_vars["document"]
    name = f"{release.department.code}-{release.dataset.name}-{release.version}-{path.name}"
    body = await asyncio.to_thread(path.read_bytes)
    headers = _headers(release, name, JSON, f"{release.inputs}-{len(body)}") | {"content-length": str(len(body))}
    headers["content-disposition"] = headers["content-disposition"].replace("attachment", "inline")
    if _is_known(request.scope, headers):
        return Stream(receive, _without_length(headers), status=_NOT_MODIFIED)
    return Stream(receive, headers, iter((body,) if _wants_body(request.scope) else ()))


async def _release(datasette: Any, request: Any) -> Release:  # noqa: ANN401
    asked = request.url_vars
    version = Version.parse(asked["version"])
    name = f"{asked['department']}/{asked['dataset']}"
    release = await asyncio.to_thread(site_of(datasette).layout.release, name, version) if version else None
    if release is None:
        raise NotFound(f"There is no release {name}/{asked['version']}")
    return release


async def _table(datasette: Any, request: Any) -> tuple[Release, Table]:  # noqa: ANN401
    release, name = await _release(datasette, request), request.url_vars["resource"]
    table = next((table for table in release.tables if table.resource.name == name), None)
    if table is None:
        raise NotFound(f"{release.dataset.id} has no resource {name}")
    return release, table


def _file_name(release: Release, table: Table) -> str:
    """Says in a downloads folder what the file is: usgs-earthquakes-1.2.0."""
    return f"{release.department.code}-{table.name}-{release.version}"


def _headers(release: Release, name: str, content_type: str, tag: str) -> dict[str, str]:
    return {
        "content-type": content_type,
        "content-disposition": f'attachment; filename="{name}"',
        "etag": f'"{tag}"',
        "cache-control": FOR_EVER,
        "last-modified": _http_date(release.released),
        "x-accel-buffering": "no",
    }


def _http_date(moment: str) -> str:
    """An ISO 8601 moment in UTC as RFC 9110 writes it."""
    return format_datetime(datetime.fromisoformat(moment), usegmt=True) if moment else ""


def file_stream(scope: Scope, receive: Receive, path: Path, size: int, headers: dict[str, str]) -> Stream:
    """A file that never changes, whole or a range of it; `headers` with its `etag`, `size` in bytes."""
    headers["accept-ranges"] = "bytes"
    if _is_known(scope, headers):
        return Stream(receive, headers, status=_NOT_MODIFIED)
    start, end, status = _asked_range(scope, size, headers["etag"])
    if status == _UNSATISFIABLE:
        return Stream(receive, headers | {"content-range": f"bytes */{size}", "content-length": "0"}, status=status)
    if status == _PARTIAL:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    headers["content-length"] = str(end - start)
    return Stream(receive, headers, file_chunks(path, start, end) if _wants_body(scope) else iter(()), status)


def _asked_range(scope: Scope, size: int, tag: str) -> tuple[int, int, int]:
    """The bytes to send, from and before, and the status. A range of another file is answered with the whole file."""
    asked, of = _header(scope, b"range"), _header(scope, b"if-range")
    found = _RANGE.match(asked)
    if not found or found[0] == "bytes=-" or (of and of != tag):
        return 0, size, _OK
    if not found[1]:
        start, end = max(0, size - int(found[2])), size
    else:
        start, end = int(found[1]), min(size, int(found[2]) + 1 if found[2] else size)
    return (start, end, _PARTIAL) if start < end else (0, 0, _UNSATISFIABLE)


def _header(scope: Scope, name: bytes) -> str:
    return str(dict(scope["headers"]).get(name, b"").decode("latin-1"))


def _is_known(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Whether the client has these bytes already (If-None-Match)."""
    known = [tag.strip().removeprefix("W/") for tag in _header(scope, b"if-none-match").split(",")]
    return headers["etag"] in known or known == ["*"]


def _without_length(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "content-length"}


def _wants_body(scope: Scope) -> bool:
    return bool(scope["method"] != "HEAD")


def file_chunks(path: Path, start: int, end: int) -> Iterator[bytes]:
    """The bytes of a file from a place and before another, a piece at a time."""
    with path.open("rb") as file:
        file.seek(start)
        for at in range(start, end, _CHUNK):
            yield file.read(min(_CHUNK, end - at))


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file, opened when the first are asked for; `pre_buffer` would hold all of it in memory."""
    with pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER) as file:
        yield from file.iter_batches(_BATCH, use_threads=False)


def csv_chunks(batches: Iterable[pa.RecordBatch], header: pa.Schema | None = None) -> Iterator[bytes]:
    """Batches as CSV; `header` gives the first line where there may be no batch at all."""
    first = header is None
    if header is not None:
        yield _csv(pa.RecordBatch.from_pylist([], schema=header), with_header=True)
    for batch in batches:
        yield _csv(batch, with_header=first)
        first = False


def _csv(batch: pa.RecordBatch, *, with_header: bool) -> bytes:
    columns = list(map(_as_written, batch.columns))
    table = pa.Table.from_arrays(columns, names=batch.schema.names)
    out = pa.BufferOutputStream()
    pa_csv.write_csv(table, out, pa_csv.WriteOptions(include_header=with_header, quoting_style="needed"))
    return bytes(out.getvalue().to_pybytes())


def _as_written(column: pa.Array[Any]) -> pa.Array[Any]:
    """As it is spelled everywhere, where that is not what Arrow's own writer would say."""
    kind = column.type
    ours = pa.types.is_temporal(kind) or pa.types.is_decimal(kind) or pa.types.is_floating(kind)
    return spelled(column) if ours else column


_NAME = r"[a-z0-9][a-z0-9-]*"
_RELEASE = rf"^/d/(?P<department>{_NAME})/(?P<dataset>{_NAME})/(?P<version>[0-9]+\.[0-9]+\.[0-9]+)"
ROUTES = (
    (rf"{_RELEASE}/(?P<resource>{_NAME})\.parquet$", parquet),
    (rf"{_RELEASE}/(?P<resource>{_NAME})\.csv$", csv),
    (rf"{_RELEASE}/(?P<document>{re.escape(DESCRIPTOR)}|{re.escape(REPORT)})$", document),
)
_FILES = tuple(re.compile(regex) for regex, _ in ROUTES)


def never_changes(path: str) -> bool:
    """Whether an address is that of a file of a release: the same for every reader, for good."""
    return any(regex.match(path) for regex in _FILES)

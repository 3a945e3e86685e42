"""Files of releases: the published ones as they are, and CSV made of them while it is sent. Addresses never change.

/d/<department>/<dataset>/<version>/<resource>.parquet            of a large table <resource>.0001.parquet, .0002 ...
/d/<department>/<dataset>/<version>/<resource>.csv                (its route is in made_files.py, beside -excel.csv)
/d/<department>/<dataset>/<version>/datapackage.json | report.json | profile.json | conversion.json | provenance.json
/d/<department>/<dataset>/<version>/manifest.json | manifest.sig | changes.parquet | tombstone.json | tombstone.sig
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from datasette.utils.asgi import NotFound

from civicat import delimited
from civicat.catalog.facts.withdrawn import RECORD, is_down, taken_down
from civicat.catalog.site_context import Receive, Scope, Send, site_of
from civicat.catalog.tables.refusals import RefusalError
from civicat.errors import StoreError
from civicat.layout import (
    CHANGES,
    CONVERSION,
    DESCRIPTOR,
    PROFILE,
    PROVENANCE,
    REPORT,
    SIGNATURE,
    TOMBSTONE_SIGNATURE,
)
from civicat.release import Part, Release, Table, Version
from civicat.shapes import readable
from civicat.text import Text

CSV = "text/csv; charset=utf-8"
PARQUET = "application/vnd.apache.parquet"
JSON = "application/json; charset=utf-8"

_CHUNK = 256 * 1024  # bytes
_BATCH = 4_096  # rows: what a reader who does not read keeps in memory, beside a page of each column
_BUFFER = 64 * 1024  # bytes read of a column at once; without it, all of the column's row group
_STALLED = 60.0  # seconds in which a reader takes nothing before it is let go
# A release never changes, but it may be taken down, and that must reach every cache within seconds: no file of it is
# `immutable` for a year. To ask again costs little, for each has a strong ETag that answers 304.
FRESH = "public, max-age=10, must-revalidate"
_KINDS: Mapping[str, str] = {
    PROVENANCE: "application/ld+json",
    SIGNATURE: "application/octet-stream",
    TOMBSTONE_SIGNATURE: "application/octet-stream",
}
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
    stopped: Callable[[], bool] = lambda: False

    def ending_with(self, ended: Callable[[], None]) -> Stream:
        """The same answer, which calls `ended` when it was sent or broken off."""
        return replace(self, ended=ended)

    def unless(self, stopped: Callable[[], bool]) -> Stream:
        """The same answer, broken off as soon as `stopped` says so: a slow reader gets no more of a withdrawn file."""
        return replace(self, stopped=stopped)

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
        while not left.done() and not self.stopped():
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
    """A Parquet file of a table, whole or a range of bytes; or the list of all changes since the version before.

    Raises:
        StoreError: the file is not the one that was published.
        RefusalError: the table is there in parts.
        NotFound: there is no such file.
    """
    release, name = await release_of(datasette, request), request.url_vars["file"]
    found = next(((table, part) for table in release.tables for part in table.parts if part.path.name == name), None)
    if found is not None:
        stream = _part(release, *found, request.scope, receive)
    elif name == CHANGES:
        stream = await asyncio.to_thread(_changes, release, request.scope, receive)
    else:
        raise (_in_parts(release, name) or NotFound(f"{release.dataset.id} has no {name}"))
    return stream.unless(partial(is_down, site_of(datasette).layout, release))


def _part(release: Release, table: Table, part: Part, scope: Scope, receive: Receive) -> Stream:
    size = part.path.stat().st_size
    if size != (part.bytes or size):
        raise StoreError(Text(f"{part.path} 不完整。", f"{part.path} is not whole."))
    number = part.path.name.removeprefix(table.resource.name)  # .parquet, or .0001.parquet
    return file_stream(
        scope,
        receive,
        part.path,
        size,
        headers_of(release, f"{_file_name(release, table)}{number}", PARQUET, part.sha256),
    )


def _changes(release: Release, scope: Scope, receive: Receive) -> Stream:
    path = release.folder / CHANGES
    if not path.is_file():  # the first release has none, and one that came after a withdrawn one no longer
        raise NotFound(f"{release.dataset.id} {release.version} has no {CHANGES}")
    name = f"{release.department.code}-{release.dataset.name}-{release.version}-{CHANGES}"
    headers = headers_of(release, name, PARQUET, _digest(path))
    return file_stream(scope, receive, path, path.stat().st_size, headers)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _in_parts(release: Release, name: str) -> RefusalError | None:
    """Says where a table is that somebody asks for in one file."""
    table = next((one for one in release.tables if name == f"{one.resource.name}.parquet"), None)
    if table is None:
        return None
    first, last = table.parts[0].path.name, table.parts[-1].path.name
    return RefusalError(
        404,
        Text("这个数据表分为几个文件", "This table is in several files"),
        Text(f"请下载 {first} 至 {last}。", f"Take {first} to {last}."),
    )


async def csv(datasette: Any, request: Any, receive: Receive) -> Stream:  # noqa: ANN401
    """A table as CSV (UTF-8, RFC 4180 with line feeds), value for value."""
    release, table = await _table(datasette, request)
    tag = hashlib.sha256(" ".join(part.sha256 for part in table.parts).encode()).hexdigest()
    headers = headers_of(release, f"{_file_name(release, table)}.csv", CSV, f"{tag}-csv")
    if _is_known(request.scope, headers):
        return Stream(receive, headers, status=_NOT_MODIFIED)
    chunks = csv_chunks(_batches(table.paths)) if _wants_body(request.scope) else iter(())
    return Stream(receive, headers, chunks).unless(partial(is_down, site_of(datasette).layout, release))


async def document(datasette: Any, request: Any, receive: Receive) -> Stream:  # noqa: ANN401
    """A document of a release, as published."""
    release, name = await release_of(datasette, request), request.url_vars["document"]
    body = await asyncio.to_thread(_read, release.folder / name)
    inline = f"{release.department.code}-{release.dataset.name}-{release.version}-{name}"
    return bytes_stream(request.scope, receive, body, headers_of(release, inline, _KINDS.get(name, JSON)))


async def record(datasette: Any, request: Any, receive: Receive) -> Stream:  # noqa: ANN401
    """What stays of a release also when it was taken down: its manifest and its tombstone, with their signatures.

    Raises:
        NotFound: there is none.
    """
    asked, layout = request.url_vars, site_of(datasette).layout
    dataset, version, name = (
        f"{asked['department']}/{asked['dataset']}",
        Version.parse(asked["version"]),
        asked["record"],
    )
    if version is None:
        raise NotFound(name)
    body = await asyncio.to_thread(_read, layout.dataset(dataset) / str(version) / name)
    tombstone = taken_down(layout, dataset, version)
    headers = {
        "content-type": _KINDS.get(name, JSON),
        "content-disposition": f'inline; filename="{dataset.replace("/", "-")}-{version}-{name}"',
        "last-modified": _http_date(tombstone.retracted) if tombstone else "",
        "cache-control": FRESH,
    }
    return bytes_stream(request.scope, receive, body, {key: value for key, value in headers.items() if value})


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise NotFound(path.name) from error


def bytes_stream(scope: Scope, receive: Receive, body: bytes, headers: dict[str, str]) -> Stream:
    """A small file from memory; its ETag is its sha256 unless `headers` have another."""
    headers = {"etag": f'"{hashlib.sha256(body).hexdigest()}"', **headers}
    if _is_known(scope, headers):
        return Stream(receive, headers, status=_NOT_MODIFIED)
    headers["content-length"] = str(len(body))
    return Stream(receive, headers, iter((body,) if _wants_body(scope) else ()))


async def release_of(datasette: Any, request: Any) -> Release:  # noqa: ANN401
    """The release that an address names.

    Raises:
        NotFound: there is none.
    """
    asked = request.url_vars
    version = Version.parse(asked["version"])
    name = f"{asked['department']}/{asked['dataset']}"
    release = await asyncio.to_thread(site_of(datasette).layout.release, name, version) if version else None
    if release is None:
        raise NotFound(f"There is no release {name}/{asked['version']}")
    return release


async def _table(datasette: Any, request: Any) -> tuple[Release, Table]:  # noqa: ANN401
    release, name = await release_of(datasette, request), request.url_vars["resource"]
    table = next((table for table in release.tables if table.resource.name == name), None)
    if table is None:
        raise NotFound(f"{release.dataset.id} has no resource {name}")
    return release, table


def _file_name(release: Release, table: Table) -> str:
    """Says in a downloads folder what the file is: usgs-earthquakes-1.2.0."""
    return f"{release.department.code}-{table.name}-{release.version}"


def headers_of(release: Release, name: str, content_type: str, tag: str = "") -> dict[str, str]:
    """The headers of a file of a release, called `name` in a folder; to look at where it has no tag of its own."""
    return {
        "content-type": content_type,
        "content-disposition": f'{"attachment" if tag else "inline"}; filename="{name}"',
        **({"etag": f'"{tag}"'} if tag else {}),
        "cache-control": FRESH,
        **({"last-modified": _http_date(release.released)} if release.released else {}),
        "x-accel-buffering": "no",
    }


def _http_date(moment: str) -> str:
    """An ISO 8601 moment in UTC as RFC 9110 writes it; blank where it is none."""
    try:
        return format_datetime(datetime.fromisoformat(moment), usegmt=True)
    except ValueError:
        return ""


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


def _wants_body(scope: Scope) -> bool:
    return bool(scope["method"] != "HEAD")


def file_chunks(path: Path, start: int, end: int) -> Iterator[bytes]:
    """The bytes of a file from a place and before another, a piece at a time."""
    with path.open("rb") as file:
        file.seek(start)
        for at in range(start, end, _CHUNK):
            yield file.read(min(_CHUNK, end - at))


def _batches(paths: Sequence[Path]) -> Iterator[pa.RecordBatch]:
    """The rows of a table from all of its files, each opened when its first are asked for.

    `pre_buffer` would hold all of a file in memory; without the checksums a flipped bit is a wrong number.
    """
    for path in paths:
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER, page_checksum_verification=True) as file:
            stored = file.schema_arrow
            yield from (readable(batch, stored) for batch in file.iter_batches(_BATCH, use_threads=False))


def csv_chunks(batches: Iterable[pa.RecordBatch], header: pa.Schema | None = None) -> Iterator[bytes]:
    """Batches as CSV; `header` gives the first line where there may be no batch at all."""
    first = header is None
    if header is not None:
        yield delimited.header(header.names)
    for batch in batches:
        yield (delimited.header(batch.schema.names) if first else b"") + delimited.lines(batch.columns)
        first = False


NAME = r"[a-z0-9][a-z0-9-]*"
VERSION = r"[0-9]+(?:\.[0-9]+){2,3}"
DATASET = rf"^/d/(?P<department>{NAME})/(?P<dataset>{NAME})"
RELEASE = rf"{DATASET}/(?P<version>{VERSION})"
_DOCUMENTS = "|".join(map(re.escape, (DESCRIPTOR, REPORT, PROFILE, CONVERSION, PROVENANCE)))
_RECORD = "|".join(map(re.escape, RECORD))
ROUTES = (
    (rf"{RELEASE}/(?P<file>{NAME}(\.[0-9]+)?\.parquet)$", parquet),
    (rf"{RELEASE}/(?P<document>{_DOCUMENTS})$", document),
    (rf"{RELEASE}/(?P<record>{_RECORD})$", record),
)
_FILES = re.compile(rf"{RELEASE}/[^/]+\Z")


def is_of_a_release(path: str) -> bool:
    """Whether an address is that of a file of a release: the same for every reader."""
    return bool(_FILES.match(path))

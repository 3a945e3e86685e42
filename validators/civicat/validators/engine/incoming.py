"""The bytes of a text file as UTF-8, whatever its encoding, a buffer at a time."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO, Protocol, TypeAlias

from civicat.validators.engine.faults import BadBytesError

OnBytes: TypeAlias = Callable[[memoryview], object]
_CHUNK = 1 << 20  # bytes that are decoded at a time
_BEHIND = 4  # buffers that a listener may be behind


class Incoming(Protocol):
    """UTF-8 as it comes in. `start` is the file's offset of its first byte; `fault` is why it ends too early."""

    start: int
    fault: BadBytesError | None

    def fill(self, into: memoryview) -> int:
        """Fills the buffer as far as it can, and says how many bytes; 0 at the end."""


def incoming(file: BinaryIO, encoding: str, on_bytes: OnBytes) -> Incoming:
    """The file as UTF-8. `on_bytes` is given every byte of the file once, as it is."""
    name = codecs.lookup(encoding).name
    if name in {"utf-8", "utf-8-sig"}:
        return _Plain(file, on_bytes, marked=name == "utf-8-sig")
    return _Transcoded(file, on_bytes, name)


class Listener:
    """Gives buffers to a function in a thread of its own, in their order, a few at most ahead of it."""

    def __init__(self, on_bytes: OnBytes) -> None:
        self._on_bytes = on_bytes
        self._pool = ThreadPoolExecutor(1)
        self._waiting: deque[Future[object]] = deque()

    def __call__(self, data: memoryview) -> None:
        """Queues a buffer that nobody writes to any more."""
        self._waiting.append(self._pool.submit(self._on_bytes, data))
        if len(self._waiting) > _BEHIND:
            self._waiting.popleft().result()

    def finish(self) -> None:
        """Waits until all has been heard."""
        while self._waiting:
            self._waiting.popleft().result()

    def close(self) -> None:
        """Drops what has not been heard yet."""
        self._pool.shutdown(cancel_futures=True)


class _Plain:
    """UTF-8 as it stands: read into the buffer itself. Nobody checks here that it is UTF-8."""

    def __init__(self, file: BinaryIO, on_bytes: OnBytes, *, marked: bool) -> None:
        self._file, self._on_bytes = file, on_bytes
        self.fault: BadBytesError | None = None
        head = _head(file, len(codecs.BOM_UTF8)) if marked else b""
        on_bytes(memoryview(head))
        self.start = len(head) if head == codecs.BOM_UTF8 else 0
        self._head = b"" if self.start else head

    def fill(self, into: memoryview) -> int:
        if self._head:
            part, self._head = self._head[: len(into)], self._head[len(into) :]
            into[: len(part)] = part
            return len(part)
        got = _read(self._file, into)
        self._on_bytes(into[:got])
        return got


class _Transcoded:
    """Another encoding, decoded a chunk at a time."""

    def __init__(self, file: BinaryIO, on_bytes: OnBytes, encoding: str) -> None:
        self._file, self._on_bytes = file, on_bytes
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._ready = memoryview(b"")
        self._read = 0  # bytes of the file so far
        self._ended = False
        self.start = 0
        self.fault: BadBytesError | None = None

    def fill(self, into: memoryview) -> int:
        while not self._ready and not self._ended:
            self._ready = memoryview(self._next())
        part = self._ready[: len(into)]
        into[: len(part)] = part
        self._ready = self._ready[len(part) :]
        return len(part)

    def _next(self) -> bytes:
        chunk = bytearray(_CHUNK)
        got = memoryview(chunk)[: _read(self._file, memoryview(chunk))]
        self._on_bytes(got)
        self._read += len(got)
        self._ended = not got
        return self._decoded(bytes(got))

    def _decoded(self, chunk: bytes) -> bytes:
        before = self._decoder.getstate()
        try:
            return self._decoder.decode(chunk, final=not chunk).encode()
        except UnicodeError as error:
            self._ended = True
            held = len(error.object) if isinstance(error, UnicodeDecodeError) else len(chunk)
            good = error.start if isinstance(error, UnicodeDecodeError) else 0
            self.fault = BadBytesError(0, self._read - held + good, str(getattr(error, "reason", error)))
            self._decoder.setstate(before)
            return self._decoder.decode(chunk[: max(good - held + len(chunk), 0)]).encode("utf-8", "ignore")


def _read(file: BinaryIO, into: memoryview) -> int:
    """Reads until the buffer is full or the file ends: one call may give less than there is."""
    got = 0
    while got < len(into) and (more := file.readinto(into[got:])):  # type: ignore[attr-defined] # BinaryIO lacks it
        got += more
    return got


def _head(file: BinaryIO, size: int) -> bytes:
    head = bytearray(size)
    return bytes(head[: _read(file, memoryview(head))])

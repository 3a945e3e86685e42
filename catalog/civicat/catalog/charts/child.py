"""The process that draws what is heavy: pictures of SVG, outlines of shapes. It runs alone, so that it may be killed.

It reads one request after the other from its standard input and answers on its standard output, each as a length in
four bytes and so many bytes. A request is a line of JSON, then the SVG of a picture. It ends as its input does.
"""

from __future__ import annotations

import json
import os
import resource
import struct
import sys
from collections.abc import Callable, Mapping
from typing import IO

MEMORY = 1_500_000_000  # bytes of data
_LENGTH = struct.Struct(">I")
_OK, _FAILED = b"+", b"-"


def main() -> None:
    """Answers requests until there are no more."""
    _limit()
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    while (request := read_frame(asked)) is not None:
        head, _, body = request.partition(b"\n")
        try:
            answer = _OK + _answer(json.loads(head), body)
        except (ValueError, TypeError, LookupError, OSError, MemoryError, RuntimeError) as error:
            answer = _FAILED + str(error).encode()
        write_frame(answers, answer)


def _limit() -> None:
    """No more memory than MEMORY, no file that grows, no core; the site goes before it."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.nice(5)


def _answer(request: Mapping[str, object], body: bytes) -> bytes:
    return _TASKS[str(request["task"])](request, body)


def _picture(request: Mapping[str, object], body: bytes) -> bytes:
    """The PNG of an SVG, `scale` pixels for each of its own."""
    import vl_convert  # noqa: PLC0415 - heavy, and only this process may load it

    return bytes(vl_convert.svg_to_png(body.decode(), scale=float(str(request["scale"]))))


def _shapes(request: Mapping[str, object], body: bytes) -> bytes:
    del body
    from civicat.catalog.charts.shapes import outlined  # noqa: PLC0415 - as above

    return outlined(request)


_TASKS: Mapping[str, Callable[[Mapping[str, object], bytes], bytes]] = {"picture": _picture, "shapes": _shapes}


def read_frame(stream: IO[bytes]) -> bytes | None:
    """One frame; None at the end."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None


def write_frame(stream: IO[bytes], body: bytes) -> None:
    """Writes one frame."""
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


if __name__ == "__main__":
    main()

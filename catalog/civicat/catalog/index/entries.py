"""Reads the newest release of many datasets, by several processes where there are many; always in the order asked for.

A process is `python -m civicat.catalog.index.entries STORE`: it reads lists of names from its standard input and
answers what is to be written. It ends with its input, so none is left over when whoever builds is killed.
"""

from __future__ import annotations

import gc
import logging
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path
from typing import IO, Self

from civicat.catalog.index.entry import read_entry
from civicat.catalog.index.prepared import Prepared, prepare
from civicat.layout import Layout
from civicat.release import Release

_MANY = 4_000  # datasets; fewer are read before another process has started
_CHUNK = 200
_AHEAD = 2  # chunks that each process has been asked for; more would only wait in memory

Answer = tuple[list[Prepared], list[str]]  # what could be read, and lines for the log

log = logging.getLogger("civicat")


def prepared(layout: Layout, names: Sequence[str]) -> Iterator[Prepared]:
    """What is to be written of some datasets. One that cannot be read is left out, with a line in the log."""
    processes = os.cpu_count() or 1
    if len(names) < _MANY or processes == 1:
        yield from _prepared(layout, names)
        return
    for found, lines in _asked(layout, _chunks(names), processes):
        for line in lines:
            log.warning("%s", line)
        yield from found


def _prepared(layout: Layout, names: Sequence[str]) -> Iterator[Prepared]:
    readable = layout.readable()
    for name in names:
        release = readable.newest(name)
        found = _entry(release, _readable_versions(layout, name)) if release is not None else None
        if found is not None:
            yield found


def _readable_versions(layout: Layout, name: str) -> int:
    """How many versions can be read. One alone has just been."""
    there = len(layout.versions(name))
    return there if there == 1 else len(layout.readable().versions(name))


def _entry(release: Release, versions: int) -> Prepared | None:
    """What to write of a release; None, and a line in the log, where its words cannot be read."""
    try:
        return prepare(read_entry(release, versions))
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        log.warning("%s 无法编入索引，已略过；it cannot be indexed and is left out: %s", release.folder, error)
        return None


def _chunks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[at : at + _CHUNK] for at in range(0, len(names), _CHUNK))


def _asked(layout: Layout, chunks: Iterator[Sequence[str]], processes: int) -> Iterator[Answer]:
    """The answer to each chunk, in order: the processes are asked in turn, and listened to in the same turn."""
    with ExitStack() as ending:
        readers = [ending.enter_context(_Reader(layout)) for _ in range(processes)]
        asked: deque[_Reader] = deque()
        turns = cycle(readers)
        for chunk in islice(chunks, processes * _AHEAD):
            asked.append(_ask(next(turns), chunk))
        while asked:
            reader = asked.popleft()
            answer = reader.answer()
            asked.extend(_ask(reader, chunk) for chunk in islice(chunks, 1))
            yield answer


class _Reader:
    """A process that reads; it ends with the block."""

    def __init__(self, layout: Layout) -> None:
        command = [sys.executable, "-m", __name__, str(layout.store)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  our own module

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, names: Sequence[str]) -> None:
        """Asks for some datasets; the names fit into the pipe, so this does not wait."""
        _send(self._stream(self._process.stdin), list(names))

    def answer(self) -> Answer:
        """What it read of those that were asked for first."""
        try:
            found: Answer = pickle.load(self._stream(self._process.stdout))  # noqa: S301  our own child wrote it
        except EOFError as error:
            raise OSError(f"{__name__} ended with {self._process.wait()}") from error
        return found

    @staticmethod
    def _stream(stream: IO[bytes] | None) -> IO[bytes]:
        assert stream is not None  # noqa: S101  both are pipes
        return stream


def _ask(reader: _Reader, names: Sequence[str]) -> _Reader:
    reader.ask(names)
    return reader


def _send(stream: IO[bytes], value: object) -> None:
    pickle.dump(value, stream, pickle.HIGHEST_PROTOCOL)
    stream.flush()


class _Lines(logging.Handler):
    """Keeps what is logged, for the process that has the log."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps one line."""
        self.lines.append(record.getMessage())


def _serve(layout: Layout, questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answers until nothing more is asked."""
    gc.disable()  # what is read holds no cycles
    log.propagate = False
    log.addHandler(kept := _Lines())
    while True:
        try:
            names: list[str] = pickle.load(questions)  # noqa: S301  our own parent wrote it
        except EOFError:
            return
        kept.lines = []
        found = list(_prepared(layout, names))
        _send(answers, (found, kept.lines))


if __name__ == "__main__":
    # What this module is called by the process that listens, and not __main__: else it could not read the answers.
    _serve(Layout(Path(sys.argv[1])), sys.stdin.buffer, sys.stdout.buffer)

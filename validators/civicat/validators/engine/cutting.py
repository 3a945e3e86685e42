"""Delimited text -> blocks: exactly the records, cells and numbers of Python's csv, two pieces at a time."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Generic, Self, TypeAlias, TypeVar

import numpy as np
import pyarrow as pa

from civicat.validators.engine.block import Block
from civicat.validators.engine.faults import RecordError
from civicat.validators.engine.incoming import Listener, OnBytes, incoming
from civicat.validators.engine.pieces import RECORD_LIMIT, Marks, Piece, pieces
from civicat.validators.engine.tokens import Omitted, Tokenizer, reread

SIZE = 1 << 23  # bytes of a piece
_LEAST = 1 << 8  # bytes of a piece for each column: an array of a few rows costs as much as one of a hundred
_WORKERS = 2
_AHEAD = 4  # pieces that are read before the first of them is asked for
_WIDE = 1 << 13  # columns from which their arrays are larger than their bytes, so that one piece is read at a time

T = TypeVar("T")
Opened: TypeAlias = "Path | Callable[[], BinaryIO]"
_Made: TypeAlias = "tuple[list[T], RecordError | None]"  # of one piece: nothing, or what is made of its block


@dataclass(frozen=True, slots=True)
class Cut:
    """How records are cut: `first` is the number (from 1) of the first that is wanted, `width` its expected fields.

    `newline` is open()'s: frictionless reads csv with "" and tsv with None. The rest leaves records out, as its filters
    do: those whose first cell begins with `comment_char`, those of the numbers in `comment_rows`, and blank ones.
    """

    encoding: str
    dialect: csv.Dialect
    first: int
    width: int
    newline: str | None = ""
    comment_char: str = ""
    comment_rows: frozenset[int] = frozenset()
    skip_blank_rows: bool = False


def blocks(
    opened: Opened,
    cut: Cut,
    wanted: Sequence[pa.DataType | None] = (),
    on_bytes: OnBytes | None = None,
    size: int = 0,
) -> Generator[Block, None, None]:
    """The blocks of a file. See `worked`."""
    return worked(opened, cut, lambda block: block, wanted, on_bytes, size)


def worked(  # noqa: PLR0913, PLR0917 (one is how the file is cut; the others are what each caller decides)
    opened: Opened,
    cut: Cut,
    then: Callable[[Block], T],
    wanted: Sequence[pa.DataType | None] = (),
    on_bytes: OnBytes | None = None,
    size: int = 0,
) -> Generator[T, None, None]:
    """What `then` makes of each block, in their order; it runs in the threads that make the blocks.

    A column comes in the type that is `wanted` of it where tokens.converts() says so and all its cells allow it; else,
    and from the first piece on where a cell does not, as text. `on_bytes` is given the bytes of the file in its own
    thread, all of them unless an error ends the reading. `size` is how many bytes a piece has, where not as many as
    suit the table.

    Raises:
        RecordError: the table cannot be read any further; all blocks before have been given.
        OSError: the file cannot be read.
    """
    csv.field_size_limit(max(csv.field_size_limit(), RECORD_LIMIT))  # else a polygon in one cell is refused
    marks = Marks.of(cut.dialect, cut.newline)
    omitted = Omitted(cut.comment_char, cut.comment_rows, cut.skip_blank_rows)
    asked = [*wanted[: cut.width], *[None] * (cut.width - len(wanted))]
    with (
        _file(opened) as file,
        _heard(on_bytes) as listen,
        _Work(Tokenizer(marks, asked, omitted), then, omitted) as work,
    ):
        stream = incoming(file, cut.encoding, listen)
        whole = pieces(stream, marks, cut.first - 1, size or max(SIZE, cut.width * _LEAST))
        yield from work.results(whole, cut.first, 1 if cut.width >= _WIDE else _AHEAD)


def records(opened: Opened, cut: Cut, numbers: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
    """The records of some numbers, ascending, from a pass over the file that ends where the last of them stands."""
    marks, wanted, base = Marks.of(cut.dialect, cut.newline), np.array(numbers), cut.first
    with _file(opened) as file:
        for piece in pieces(incoming(file, cut.encoding, lambda _: None), marks, base - 1, SIZE):
            total, read = reread(piece, marks)
            here = wanted[(wanted >= base) & (wanted < base + total)]
            yield from zip(here.tolist(), read((here - base).tolist()), strict=True)
            base += total
            if base > wanted[-1]:
                return


class _Work(Generic[T]):
    """A pool of threads that makes blocks of pieces, and hands on in their order what `then` makes of them."""

    def __init__(self, tokenizer: Tokenizer, then: Callable[[Block], T], omitted: Omitted) -> None:
        self._tokenizer, self._then, self._omitted = tokenizer, then, omitted
        self._pool = ThreadPoolExecutor(_WORKERS)
        self._waiting: deque[tuple[Future[_Made[T]], Future[int]]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for _made, after in self._waiting:
            after.cancel()  # or a thread would wait for a number that never comes
        self._pool.shutdown(cancel_futures=True)

    def results(self, cut: Iterable[Piece], first: int, ahead: int) -> Iterator[T]:
        """What is made of each piece; `first` is the number of the first record, `ahead` how many pieces may wait.

        None waits behind the first piece: it is small, and a hopeless table ends with it.
        """
        before: Future[int] = Future()
        before.set_result(first)
        for count, piece in enumerate(cut):
            after: Future[int] = Future()
            self._waiting.append((self._pool.submit(self._make, piece, before, after), after))
            before = after
            if len(self._waiting) >= ahead or not count:
                yield from self._next()
        while self._waiting:
            yield from self._next()

    def _next(self) -> Iterator[T]:
        made, _ = self._waiting[0]
        results, fault = made.result()
        self._waiting.popleft()
        yield from results
        if fault is not None:
            raise fault

    def _make(self, piece: Piece, before: Future[int], after: Future[int]) -> _Made[T]:
        """Runs in a thread. The records are counted once they are made, so each piece tells its number to the next."""
        records = self._tokenizer(piece)
        base = before.result()
        after.set_result(base + records.total)
        fault = records.fault or piece.fault
        if fault is not None:
            fault.number = base + records.total - piece.missing
        block = records.numbered(base, self._omitted)
        return ([self._then(block)] if len(block.numbers) or block.odd else []), fault


@contextmanager
def _file(opened: Opened) -> Iterator[BinaryIO]:
    raw = opened.open("rb", buffering=0) if isinstance(opened, Path) else opened()
    with closing(raw):
        yield raw


@contextmanager
def _heard(on_bytes: OnBytes | None) -> Iterator[OnBytes]:
    """Hands bytes to the one who listens, and waits at the end until all are heard."""
    if on_bytes is None:
        yield lambda _: None
        return
    listener = Listener(on_bytes)
    try:
        yield listener
        listener.finish()
    finally:
        listener.close()

"""The tables of a release in the order in which they are written: by primary key, or numbered where there is none."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from ctypes import CDLL
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from civicat.dataset import Resource

# A table that has to be sorted is sorted in memory up to this size (the copy takes as much again); of a larger one so
# many rows at a time are sorted into a file, and the files merged. DuckDB's sort cannot do it in so little memory where
# there are many columns or long texts: it gives up at four times the size of these.
IN_MEMORY_BYTES = 128 * 1024 * 1024
_MERGED_BYTES = 1024 * 1024  # of each file that are merged at a time
_BATCH_ROWS = 50_000

ROW_NUMBER = "row_number"


class TypedTable(Protocol):
    """A checked resource: its rows as typed Arrow batches, in source order, as often as they are asked for."""

    @property
    def resource(self) -> Resource:
        """What the table is, and its schema."""

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema that each batch has."""

    @property
    def rows(self) -> int:
        """How many rows all batches hold together."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows from the first one on, at every call."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """A typed table as it is released: in the order of `key`, the columns of its primary key. It is a TypedTable too.

    `numbered` says that publishing added the key: a first column that counts the rows from 1 in source order.
    """

    resource: Resource
    schema: pa.Schema
    rows: int
    batches: Callable[[], Iterator[pa.RecordBatch]]
    key: tuple[str, ...]
    numbered: bool = False


def in_order(table: TypedTable, scratch: Path) -> Ordered:
    """The table sorted by its primary key, or with a row number in front where it has none.

    A large table that is not sorted yet is sorted into a file in the folder `scratch`, which is made for it.

    Raises:
        OSError: the file cannot be written.
    """
    key = table.resource.schema.primary_key
    if not key:
        return _numbered(table)
    as_it_comes = Ordered(table.resource, table.schema, table.rows, table.batches, key)
    # Most files are sorted as they come, and to look costs a hundredth of sorting.
    return as_it_comes if _is_sorted(table, key) else _sorted(as_it_comes, scratch)


def _numbered(table: TypedTable) -> Ordered:
    name = _free_name(table.schema.names)

    def batches() -> Iterator[pa.RecordBatch]:
        first = 1
        for batch in table.batches():
            following = first + batch.num_rows
            yield batch.add_column(0, pa.field(name, pa.int64()), pa.array(range(first, following), pa.int64()))
            first = following

    schema = table.schema.insert(0, pa.field(name, pa.int64()))
    return Ordered(table.resource, schema, table.rows, batches, (name,), numbered=True)


def _free_name(taken: Sequence[str]) -> str:
    name, letters = ROW_NUMBER, {one.casefold() for one in taken}  # SQL does not tell letter cases apart
    while name in letters:
        name = f"_{name}"
    return name


def _is_sorted(table: TypedTable, key: Sequence[str]) -> bool:
    last: list[pa.RecordBatch] = []
    for batch in table.batches():
        keys = pa.Table.from_batches([*last, batch.select(list(key))]).combine_chunks()
        if not _rises(keys):
            return False
        last = keys.slice(max(keys.num_rows - 1, 0)).to_batches()
    return True


def _rises(keys: pa.Table) -> bool:
    """Whether each row is greater than the one before, its first column first. A missing part of a key: it is not."""
    if any(column.null_count for column in keys.columns):
        return False
    before, after = keys.slice(0, max(keys.num_rows - 1, 0)), keys.slice(1)
    rises = pa.array([False] * after.num_rows, pa.bool_())
    for low, high in reversed(list(zip(before.columns, after.columns, strict=True))):
        rises = pc.or_(pc.less(low, high), pc.and_(pc.equal(low, high), rises))
    return bool(pc.all(rises, min_count=0).as_py())


def _sorted(table: Ordered, scratch: Path) -> Ordered:
    _give_back_memory()
    runs: list[_Run] = []
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in table.batches():
        held.append(batch)
        size += batch.nbytes
        if size > IN_MEMORY_BYTES:
            runs.append(_run(_sorted_in_memory(held, table), table, scratch, len(runs)))
            size = 0
    if not runs:
        whole = _sorted_in_memory(held, table)
        return dataclasses.replace(table, batches=lambda: iter(whole.to_batches(_BATCH_ROWS)))
    if held:
        runs.append(_run(_sorted_in_memory(held, table), table, scratch, len(runs)))
    return dataclasses.replace(table, batches=lambda: _merged(runs, table.key))


def _give_back_memory() -> None:
    """Hands back to the system what the checks have freed and the allocators keep: as much as a table takes."""
    pa.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):  # where the C library is not glibc
        CDLL(None).malloc_trim(0)


def _sorted_in_memory(held: list[pa.RecordBatch], table: Ordered) -> pa.Table:
    """The rows of batches in order, two columns at a time; the batches are given up column by column."""
    whole = pa.Table.from_batches(held, table.schema)
    held.clear()
    order = pc.sort_indices(whole.select(list(table.key)), [(name, "ascending") for name in table.key])
    columns = dict(enumerate(whole.columns))
    del whole

    def taken(place: int) -> pa.ChunkedArray[Any]:
        return columns.pop(place).combine_chunks().take(order)

    with ThreadPoolExecutor(2) as threads:
        return pa.Table.from_arrays(list(threads.map(taken, range(len(columns)))), schema=table.schema)


@dataclass(frozen=True, slots=True)
class _Run:
    """Some rows in order in an Arrow file, read a batch at a time."""

    file: Path

    def batches(self) -> Iterator[pa.RecordBatch]:
        with pa.OSFile(str(self.file), "rb") as source, pa.ipc.open_file(source) as reader:
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)


def _run(rows: pa.Table, table: Ordered, scratch: Path, number: int) -> _Run:
    run = _Run(scratch / f"{table.resource.name}.{number}.arrow")
    at_once = max(1, _MERGED_BYTES * rows.num_rows // max(rows.nbytes, 1))
    scratch.mkdir(exist_ok=True)
    with pa.OSFile(str(run.file), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
        writer.write_table(rows, at_once)
    return run


class _Front:
    """The first rows of a run that are not merged yet. `ended` says that no more follow them."""

    def __init__(self, run: _Run) -> None:
        self._batches = run.batches()
        self._loaded = 0
        self.rows: pa.Table | None = None
        self.ended = False

    def load(self) -> pa.Table:
        """These rows, at least half a batch of them as long as there are so many."""
        while not self.ended and (self.rows is None or 2 * self.rows.num_rows < self._loaded):
            batch = next(self._batches, None)
            if batch is None:
                self.ended = True
                break
            self._loaded = batch.num_rows
            more = pa.Table.from_batches([batch])
            self.rows = more if self.rows is None else pa.concat_tables([self.rows, more])
        assert self.rows is not None  # noqa: S101 - no run is empty
        return self.rows

    def drop(self, count: int) -> None:
        """Gives up the first ones."""
        if self.rows is not None:
            self.rows = self.rows.slice(count)


def _merged(runs: Sequence[_Run], key: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """All rows of runs in order: of what is loaded, up to the first row after which others of its run may come."""
    fronts = [_Front(run) for run in runs]
    while fronts:
        loaded = [front.load() for front in fronts]
        whole = pa.concat_tables(loaded).combine_chunks()
        order = pc.sort_indices(whole.select(list(key)), [(name, "ascending") for name in key]).to_numpy()
        ends = np.cumsum([rows.num_rows for rows in loaded])
        last = [end - 1 for end, front in zip(ends.tolist(), fronts, strict=True) if not front.ended]
        count = int(np.flatnonzero(np.isin(order, last))[0]) + 1 if last else len(order)
        yield from whole.take(pa.array(order[:count])).to_batches(_BATCH_ROWS)
        taken = np.bincount(np.searchsorted(ends, order[:count], "right"), minlength=len(fronts))
        for front, rows in zip(fronts, taken.tolist(), strict=True):
            front.drop(rows)
        fronts = [front for front in fronts if not front.ended or (front.rows is not None and front.rows.num_rows)]

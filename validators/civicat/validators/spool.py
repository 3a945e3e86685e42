"""Typed rows on disk while a dataset is checked: a temporary Arrow file for each resource, so memory stays bounded."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import ipc

from civicat.conversion import ColumnConversion
from civicat.dataset import Resource


@dataclass(frozen=True, slots=True)
class CheckedTable:
    """A checked resource: its rows as typed Arrow batches, in source order, as often as they are asked for.

    `conversion` says of each column what became of its texts; it is empty where nobody asked.
    """

    resource: Resource
    schema: pa.Schema
    rows: int
    path: Path
    conversion: tuple[ColumnConversion, ...] = ()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows from the first one on, at every call."""
        for number in itertools.count():
            # A map of its own for each batch: what has been looked at stays in memory for as long as its map lives.
            with pa.memory_map(str(self.path)) as file:
                reader = ipc.open_file(file)
                if number >= reader.num_record_batches:
                    return
                batch = reader.get_batch(number)
            yield batch.cast(self.schema)


class Spool:
    """Writes batches to a temporary Arrow file, until it is dropped: a table with errors is no table."""

    def __init__(self, path: Path, names: Sequence[str], types: Sequence[pa.DataType]) -> None:
        self.path = path
        self._schema = pa.schema(list(zip(names, types, strict=True)))
        self._writer: ipc.RecordBatchFileWriter | None = ipc.new_file(str(path), self._schema)

    def write(self, arrays: Sequence[pa.Array[Any]]) -> None:
        """Adds a batch, unless the spool was dropped."""
        if self._writer is not None:
            self._writer.write_batch(pa.record_batch(list(arrays), schema=self._schema))

    @property
    def kept(self) -> bool:
        """Whether it was not dropped."""
        return self._writer is not None

    def drop(self) -> None:
        """Gives the file up."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
            self.path.unlink()

    def close(self) -> None:
        """Finishes the file."""
        if self._writer is not None:
            self._writer.close()

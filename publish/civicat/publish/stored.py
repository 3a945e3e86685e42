"""The tables of a release as they are stored: their Arrow schema, and their rows batch by batch over all parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.parquet as pq

from civicat.errors import StoreError
from civicat.release import Table
from civicat.text import Text


def stored_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a table.

    Raises:
        StoreError: it cannot be read.
    """
    with reading(table):
        return pq.read_schema(table.path)


def stored_batches(table: Table, rows: int, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of all parts, at most `rows` in a batch; only the named columns where some are named.

    Raises:
        StoreError: they cannot be read.
    """
    with reading(table):
        for path in table.paths:
            # Unless told not to, iter_batches keeps what it has read in memory, and takes a flipped bit for a number.
            with pq.ParquetFile(path, pre_buffer=False, page_checksum_verification=True) as file:
                yield from file.iter_batches(rows, columns=columns)


@contextmanager
def reading(table: Table) -> Iterator[None]:
    """Turns what goes wrong in reading a table into one line."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise unreadable(table, error) from error


def unreadable(table: Table, error: Exception) -> StoreError:
    """The error for a table that cannot be read."""
    reason = str(error).splitlines()[0]
    return StoreError(
        Text(
            f"{table.path} 无法读取（{reason}）。请运行 civicat verify。",
            f"{table.path} cannot be read ({reason}). Run civicat verify.",
        )
    )

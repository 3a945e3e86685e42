"""The tables of a release as they are stored: the types of their columns, and the rows of all parts in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from civicat.errors import StoreError
from civicat.release import Table
from civicat.shapes import readable, readable_schema
from civicat.text import Text

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

_BATCH_ROWS = 50_000  # in memory at a time


def released_schema(table: Table) -> pa.Schema:
    """The types of a table's columns.

    Raises:
        StoreError: it cannot be read.
    """
    with opened(table) as files:
        return readable_schema(next(files).schema_arrow)


def released_batches(table: Table, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of all parts, in their order; only the named columns where some are named.

    Raises:
        StoreError: they cannot be read.
    """
    with opened(table) as files:
        for file in files:
            yield from map(readable, file.iter_batches(_BATCH_ROWS, columns=columns))


@contextmanager
def opened(table: Table) -> Iterator[Iterator[ParquetFile]]:
    """The files of a table, one open at a time; what goes wrong in reading one becomes a line that names it."""
    files = _Files(table.paths)
    try:
        yield iter(files)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(files.path, error) from error


class _Files:
    """Opens one file after the other; `path` is the one that is open."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths, self.path = paths, paths[0]

    def __iter__(self) -> Iterator[ParquetFile]:
        import pyarrow.parquet as pq  # noqa: PLC0415 - a dataset without a release need not wait for it

        for path in self._paths:
            self.path = path
            # Unless told not to, iter_batches keeps what it has read in memory, and takes a flipped bit for a number.
            with pq.ParquetFile(path, pre_buffer=False, page_checksum_verification=True) as file:
                yield file


def _unreadable(path: Path, error: Exception) -> StoreError:
    reason = str(error).splitlines()[0]
    return StoreError(
        Text(
            f"{path} 无法读取（{reason}）。请运行 civicat verify。",
            f"{path} cannot be read ({reason}). Run civicat verify.",
        )
    )

"""The rows of a table, a batch at a time, from all of its files: memory stays flat however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from civicat.release import Table
from civicat.shapes import as_geojson, is_made
from civicat.spelling import spelled

BATCH_ROWS = 8_192
# pre_buffer would keep the file in memory, all of it; without a buffer's size (in bytes) a column's row group would be
# read at once; without the checksums a flipped bit is a wrong number that nobody notices.
_READING: Mapping[str, Any] = {"pre_buffer": False, "buffer_size": 64 * 1024, "page_checksum_verification": True}


def stored_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a table's files.

    Raises:
        OSError: they cannot be read.
    """
    return pq.read_schema(table.path)


def batches(table: Table, names: Sequence[str] | None = None, rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
    """The rows in their order, all columns or those named; `rows` in each batch but a file's last.

    Raises:
        OSError: a file cannot be read.
        pa.ArrowException: it is not as it was published.
    """
    columns = None if names is None else list(names)
    for path in table.paths:
        with pq.ParquetFile(path, **_READING) as file:
            yield from file.iter_batches(rows, columns=columns, use_threads=False)


def described(table: Table) -> list[str]:
    """The columns that the resource's schema describes, as they stand in the files.

    What else is there was added for maps that read Parquet (the box around each geometry), and is no column of it.
    """
    known = {field.name for field in table.resource.schema.fields}
    return [field.name for field in stored_schema(table) if field.name in known and not is_made(field)]


def is_geometry(kind: pa.DataType) -> bool:
    """Whether a column holds geometries: the only bytes that a release holds."""
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def as_text(column: pa.Array[Any]) -> pa.Array[Any]:
    """Each value in the one spelling that it has everywhere; a geometry as GeoJSON. Nulls stay nulls."""
    return as_geojson(column) if is_geometry(column.type) else spelled(column)

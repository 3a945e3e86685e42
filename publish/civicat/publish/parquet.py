"""One table as a Parquet file that is small, quick to search and the same bytes each time.

The settings are measured (docs/decisions): zstd 3, row groups of exactly 50,000 rows cut here and not where batches
happen to end, delta encodings for numbers and texts, dictionaries only where values repeat, a checksum on every page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from civicat.publish.tables import Ordered

ROW_GROUP_ROWS = 50_000
# A column is dictionary-encoded when its first row group holds at most this many values, each twice or more.
DICTIONARY_VALUES = 2_000
# Decimals of up to this many digits are stored as whole numbers, which delta encoding takes.
_DECIMAL_DIGITS_IN_INT64 = 18


def write(path: Path, table: Ordered, schema: pa.Schema) -> int:
    """Writes the rows of a table to a new file and answers how many they were.

    `schema` has the table's columns and the metadata that goes into the file.

    Raises:
        OSError: the file cannot be written.
    """
    chunks = cut(table.batches(), table.schema)
    first = next(chunks, table.schema.empty_table())
    rows = 0
    with _writer(path, schema, first, table.key) as writer:
        for chunk in _chain(first, chunks):
            writer.write_table(pa.Table.from_arrays(chunk.columns, schema=schema), row_group_size=ROW_GROUP_ROWS)
            rows += chunk.num_rows
    return rows


def cut(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of batches of any size as tables of exactly ROW_GROUP_ROWS rows; the last one holds the rest."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        while rows >= ROW_GROUP_ROWS:
            held = pa.Table.from_batches(waiting, schema)
            yield held.slice(0, ROW_GROUP_ROWS).combine_chunks()
            waiting = held.slice(ROW_GROUP_ROWS).to_batches()
            rows -= ROW_GROUP_ROWS
    if rows:
        yield pa.Table.from_batches(waiting, schema).combine_chunks()


def _chain(first: pa.Table, rest: Iterator[pa.Table]) -> Iterator[pa.Table]:
    if first.num_rows:
        yield first
    yield from rest


def _writer(path: Path, schema: pa.Schema, first: pa.Table, key: Sequence[str]) -> pq.ParquetWriter:
    dictionary = [name for name in first.column_names if _repeats(first[name])]
    encodings = {field.name: _encoding(field.type) for field in schema if field.name not in dictionary}
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=3,
        use_dictionary=dictionary,
        column_encoding={name: encoding for name, encoding in encodings.items() if encoding},
        store_decimal_as_integer=True,  # DuckDB and Polars refuse these encodings on fixed-length decimals
        sorting_columns=pq.SortingColumn.from_ordering(schema, [(name, "ascending") for name in key]),
        write_page_index=True,
        write_page_checksum=True,  # else a flipped bit is read as a wrong number by every engine, silently
    )


def _repeats(column: pa.ChunkedArray[Any]) -> bool:
    if pa.types.is_boolean(column.type) or pa.types.is_nested(column.type):
        return False
    values = pc.count_distinct(column).as_py()
    return bool(values <= DICTIONARY_VALUES and 2 * values <= len(column))  # a dictionary of a key only adds to it


def _encoding(kind: pa.DataType) -> str:
    """The encoding of a column whose values do not repeat; empty for Parquet's own choice."""
    if pa.types.is_decimal(kind):
        return "DELTA_BINARY_PACKED" if kind.precision <= _DECIMAL_DIGITS_IN_INT64 else ""
    if pa.types.is_integer(kind) or pa.types.is_temporal(kind):
        return "DELTA_BINARY_PACKED"
    return "DELTA_LENGTH_BYTE_ARRAY" if pa.types.is_string(kind) or pa.types.is_large_string(kind) else ""

"""One table as Parquet files that are small, quick to search and the same bytes each time.

The settings are measured (docs/decisions/0009): zstd 3, row groups of exactly 51,200 rows cut here and not where
batches happen to end, delta encodings for numbers and texts, dictionaries only where values repeat, bloom filters on
what tells rows apart besides the sort key, a checksum on every page. A large table is cut into parts.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from civicat.publish import staging
from civicat.publish.geometry import Geo
from civicat.publish.hashed import Hashed
from civicat.publish.metadata import of_part
from civicat.publish.tables import Ordered
from civicat.release import Part

ROW_GROUP_ROWS = 51_200  # 25 of the vectors of 2,048 rows that DuckDB works in
# 10,240,000 rows are some hundreds of megabytes: what a broken download costs, and what one thread hashes at a time.
PART_ROWS = 200 * ROW_GROUP_ROWS
# A column is dictionary-encoded when its first row group holds at most this many values, each twice or more.
DICTIONARY_VALUES = 2_000
# Decimals of up to this many digits are stored as whole numbers, which delta encoding takes.
_DECIMAL_DIGITS_IN_INT64 = 18
_FASTER = 1.05
_FALSE_FINDS = 0.01  # of a bloom filter; a hundredth of the row groups is read in vain

_SETTINGS: Mapping[str, Any] = MappingProxyType(
    {
        "compression": "zstd",
        "compression_level": 3,
        "store_decimal_as_integer": True,  # DuckDB and Polars refuse these encodings on fixed-length decimals
        "write_page_index": True,
        "write_page_checksum": True,  # else a flipped bit is read as a wrong number by every engine, silently
    }
)

Settings = dict[str, Any]


def nothing(rows: pa.Table) -> None:
    """Looks at no rows."""
    del rows


def file_names(resource: str, rows: int) -> tuple[str, ...]:
    """The names of a table's files: `trips.parquet`; of a large one `trips.0001.parquet`, `trips.0002.parquet` ..."""
    parts = max(1, -(-rows // PART_ROWS))
    if parts == 1:
        return (f"{resource}.parquet",)
    return tuple(f"{resource}.{number:04}.parquet" for number in range(1, parts + 1))


def write(
    folder: Path, table: Ordered, schema: pa.Schema, observe: Callable[[pa.Table], None] = nothing
) -> tuple[Part, ...]:
    """Writes the rows of a table to new files in a folder, sealed: read-only and safe on disk.

    `schema` has the table's columns and the metadata that goes into the files. `observe` is called with every chunk
    of ROW_GROUP_ROWS rows (the last may hold fewer) as it is written.

    Raises:
        OSError: a file cannot be written.
    """
    chunks = cut(table.batches(), table.schema)
    first = next(chunks, table.schema.empty_table())
    settings = _settings(table, schema, first)
    rows = itertools.chain([first], chunks)
    names = file_names(table.resource.name, table.rows)
    parts = []
    for number, name in enumerate(names, start=1):
        one = of_part(schema, number, len(names))
        parts.append(_write_part(folder / name, one, settings, _observed(_a_part(rows), observe)))
    return tuple(parts)


def _a_part(chunks: Iterator[pa.Table]) -> Iterator[pa.Table]:
    return itertools.islice(chunks, PART_ROWS // ROW_GROUP_ROWS)


def _observed(chunks: Iterator[pa.Table], observe: Callable[[pa.Table], None]) -> Iterator[pa.Table]:
    for chunk in chunks:
        if chunk.num_rows:
            observe(chunk)
            yield chunk


def _write_part(path: Path, schema: pa.Schema, settings: Settings, chunks: Iterator[pa.Table]) -> Part:
    geo, rows = Geo(schema), 0
    with path.open("xb") as file:
        sink = Hashed(file)
        with pq.ParquetWriter(pa.PythonFile(sink, "w"), schema, **settings) as writer:
            for chunk in chunks:
                writer.write_table(pa.Table.from_arrays(chunk.columns, schema=schema), row_group_size=ROW_GROUP_ROWS)
                geo.observe(chunk)
                rows += chunk.num_rows
            writer.add_key_value_metadata(geo.metadata())
    staging.seal(path)
    return Part(path, sink.bytes, sink.sha256, rows)


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


def _settings(table: Ordered, schema: pa.Schema, first: pa.Table) -> Settings:
    """How each column is written, as its first row group suggests; for every part alike."""
    leaves = first.flatten()  # a bounding box is stored as the four columns that it is made of
    repeated = [name for name in leaves.column_names if _repeats(leaves[name])]
    encodings = {name: _encoding(leaves[name]) for name in leaves.column_names if name not in repeated}
    return {
        **_SETTINGS,
        "use_dictionary": repeated,
        "column_encoding": {name: encoding for name, encoding in encodings.items() if encoding},
        "sorting_columns": pq.SortingColumn.from_ordering(schema, [(name, "ascending") for name in table.key]),
        "bloom_filter_options": _blooms(table, first, repeated) or None,
    }


def _blooms(table: Ordered, first: pa.Table, repeated: Sequence[str]) -> dict[str, dict[str, float]]:
    """Filters for what rows are looked up by, where values seldom repeat; the sort key finds its row group without.

    A table of one row group has nothing to be left out.
    """
    if table.rows <= ROW_GROUP_ROWS:
        return {}
    wanted = [name for name in dict.fromkeys(_told_apart_by(table)) if name not in repeated and name != table.key[0]]
    fitting = [name for name in wanted if name in first.column_names and _can_bloom(first.schema.field(name))]
    return {name: {"ndv": pc.count_distinct(first[name]).as_py(), "fpp": _FALSE_FINDS} for name in fitting}


def _told_apart_by(table: Ordered) -> Iterator[str]:
    """The columns that rows are looked up by: keys of every kind, and identifiers."""
    schema = table.resource.schema
    yield from table.key
    yield from (one.name for one in schema.fields if one.constraints.get("unique") or one.identifier)
    for names in cast("Iterable[Sequence[str]]", schema.descriptor.get("uniqueKeys") or ()):
        yield from names
    for foreign in schema.foreign_keys:
        yield from foreign.fields


def _can_bloom(field: pa.Field) -> bool:
    """What is asked for exactly is a text, a whole number or a day; doubles and moments are asked for by range."""
    kind = field.type
    return bool(pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_date(kind))


def _repeats(column: pa.ChunkedArray[Any]) -> bool:
    if pa.types.is_boolean(column.type) or pa.types.is_nested(column.type):
        return False
    values = pc.count_distinct(column).as_py()
    return bool(values <= DICTIONARY_VALUES and 2 * values <= len(column))  # a dictionary of a key only adds to it


def _encoding(column: pa.ChunkedArray[Any]) -> str:
    """The encoding of a column whose values do not repeat; empty for Parquet's own choice."""
    kind = column.type
    if pa.types.is_float64(kind):
        return "BYTE_STREAM_SPLIT" if _splits(column) else "PLAIN"
    if pa.types.is_decimal(kind):
        return "DELTA_BINARY_PACKED" if kind.precision <= _DECIMAL_DIGITS_IN_INT64 else ""
    if pa.types.is_integer(kind) or pa.types.is_temporal(kind):
        return "DELTA_BINARY_PACKED"
    is_bytes = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind)
    return "DELTA_LENGTH_BYTE_ARRAY" if is_bytes else ""


def _splits(column: pa.ChunkedArray[Any]) -> bool:
    """Whether doubles are better stored byte by byte. No rule foretells it: both ways are tried on them.

    It is written in a third of the time and read in a fifth, so that it may be a little larger.
    """
    values = column.drop_null().to_numpy()
    split, plain = (_zstd_bytes(way) for way in (values.view(np.uint8).reshape(-1, 8).T, values))
    return split <= plain * _FASTER


def _zstd_bytes(values: npt.NDArray[Any]) -> int:
    packed = pa.Codec("zstd", _SETTINGS["compression_level"]).compress(np.ascontiguousarray(values))
    return int(packed.size)

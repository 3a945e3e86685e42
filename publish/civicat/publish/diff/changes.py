"""The file of every change: a row for each cell that changed, and one for each row that was added or removed.

Columns, in a release once for all its tables, in the order of resource, key and column:

resource   whose table
key        the values of the row's key as a JSON array of texts; null where the table has no key
kind       added, removed or changed
column     which cell; null where the whole row was added or removed
old, new   the cell before and after, null where it is missing. Of an added row `new` is the whole row as a JSON object
           of texts, of a removed one `old`
rows       how many such rows: 1, but for rows without a key that are the same several times

Values are spelled as everywhere (civicat.spelling); geometries as GeoJSON.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from civicat.errors import StoreError
from civicat.publish.diff.model import Diff, Kind
from civicat.shapes import as_geojson
from civicat.spelling import spelled
from civicat.text import Text

METADATA = "civicat:changes"
SCHEMA = pa.schema(
    [
        pa.field("resource", pa.string(), nullable=False),
        ("key", pa.string()),
        pa.field("kind", pa.string(), nullable=False),
        ("column", pa.string()),
        ("old", pa.string()),
        ("new", pa.string()),
        pa.field("rows", pa.int64(), nullable=False),
    ]
)
# Row groups are cut here and nowhere else, so that the same changes give the same bytes.
_GROUP_ROWS = 50_000
_READ_ROWS = 8_192
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the file. `old` and `new` of whole rows are still JSON (see `cells`)."""

    kind: Kind
    key: tuple[str | None, ...]
    column: str
    old: str | None
    new: str | None
    rows: int

    @property
    def cells(self) -> Mapping[str, str | None]:
        """The row that was added or removed: each column and its value."""
        whole: dict[str, str | None] = json.loads(self.new or self.old or "{}")
        return whole


def spell(column: pa.Array[Any]) -> pa.Array[Any]:
    """A column as texts; bytes are geometries, a release holds no others."""
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return as_geojson(column)
    return pc.cast(spelled(column), pa.string())


def json_arrays(columns: Sequence[pa.Array[Any]]) -> pa.Array[Any]:
    """Texts in columns as one JSON array for each row."""
    return pa.array(map(_compact, zip(*(column.to_pylist() for column in columns), strict=True)), pa.string())


def json_objects(columns: Mapping[str, pa.Array[Any]], rows: int) -> pa.Array[Any]:
    """Texts in named columns as one JSON object for each row."""
    names, values = list(columns), [column.to_pylist() for column in columns.values()]
    cells = zip(*values, strict=True) if values else ((),) * rows
    return pa.array((_compact(dict(zip(names, row, strict=True))) for row in cells), pa.string())


class Writer:
    """Writes tables of any size to a new file; their rows are in order."""

    def __init__(self, path: Path, about: Mapping[str, str]) -> None:
        schema = SCHEMA.with_metadata({METADATA: json.dumps(about, ensure_ascii=False, sort_keys=True)})
        self._path = path
        self._waiting: list[pa.Table] = []
        self._rows = 0
        self._file = pq.ParquetWriter(
            path,
            schema,
            compression="zstd",
            compression_level=3,
            use_dictionary=["resource", "kind", "column"],
            column_encoding={"rows": "DELTA_BINARY_PACKED"},
            write_page_index=True,
            write_page_checksum=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self._cut(1)
        self._file.close()
        if kind is not None:
            self._path.unlink(missing_ok=True)

    def write(self, table: pa.Table) -> None:
        """Adds rows of SCHEMA.

        Raises:
            OSError: the file cannot be written.
        """
        self._waiting.append(table)
        self._rows += table.num_rows
        self._cut(_GROUP_ROWS)

    def _cut(self, least: int) -> None:
        """Writes full row groups while at least so many rows wait."""
        while self._rows >= least:
            held = pa.concat_tables(self._waiting)
            group, rest = held.slice(0, _GROUP_ROWS), held.slice(_GROUP_ROWS)
            self._file.write_table(group.combine_chunks(), row_group_size=_GROUP_ROWS)
            self._waiting, self._rows = [rest], rest.num_rows


def first_changes(diff: Diff, resource: str, kind: Kind, limit: int) -> Iterator[Change]:
    """The first changes of a kind in a table, at most so many.

    Raises:
        StoreError: the file cannot be read.
    """
    for batch in _batches(diff.changes) if limit > 0 else ():
        ours = pc.and_(pc.equal(batch["resource"], resource), pc.equal(batch["kind"], kind))
        for row in batch.filter(ours).slice(0, limit).to_pylist():
            limit -= 1
            yield _change(row)
        if limit <= 0:
            return


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            yield from file.iter_batches(_READ_ROWS)
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise StoreError(
            Text(f"{path} 无法读取（{reason}）。", f"{path} cannot be read ({reason})."),
        ) from error


def _change(row: Mapping[str, Any]) -> Change:
    key = tuple(json.loads(row["key"])) if row["key"] else ()
    return Change(row["kind"], key, row["column"] or "", row["old"], row["new"], row["rows"])


def write_changes(diff: Diff, path: Path) -> None:
    """Writes the list of all changes to a new file.

    Raises:
        OSError: it cannot be written.
    """
    with diff.changes.open("rb") as source, path.open("xb") as target:
        shutil.copyfileobj(source, target)

"""The connection that compares, and what of a table it reads. DuckDB stays in this package's three modules of SQL."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from civicat.errors import StoreError
from civicat.publish.diff.columns import Column, placed, widened
from civicat.publish.stored import stored_schema
from civicat.release import Table, Version
from civicat.text import Text

if TYPE_CHECKING:
    import duckdb

Side = Literal["old", "new"]
SIDES: tuple[Side, Side] = ("old", "new")

# Measured: enough for a join of a million rows by thirteen columns where all differ; what is larger goes to disk.
_MEMORY = "600MB"
_MOST_THREADS = 4  # each holds row groups of both tables in memory
_BATCH_ROWS = 16_384


@contextmanager
def connected(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with bounded memory, which spills into a folder inside `scratch`.

    Raises:
        StoreError: what it reads cannot be read, or there is no room.
    """
    import duckdb  # noqa: PLC0415 - takes its time, and most of publishing goes without

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "temp_directory": str(scratch / "spill"),
        "threads": min(_MOST_THREADS, os.cpu_count() or 1),
        "preserve_insertion_order": False,  # our queries say their order
    }
    try:
        with duckdb.connect(config=config) as connection:
            # A geometry is compared as the bytes that it is.
            connection.execute("set timezone = 'UTC'; set enable_geoparquet_conversion = false")
            yield connection
    except (duckdb.Error, pa.ArrowException) as error:
        raise _not_compared(str(error).splitlines()[0], _VERIFY) from error
    except OSError as error:  # no room for the list of changes, for one
        raise _not_compared(error.strerror or str(error).splitlines()[0]) from error


_VERIFY = Text("请运行 civicat verify。", "Run civicat verify.")


def _not_compared(reason: str, remedy: Text | None = None) -> StoreError:
    what = Text(f"两个版本无法比较（{reason}）。", f"The two releases cannot be compared ({reason}).")
    return StoreError(what, remedy)


def batches(connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[object] = ()) -> Iterator[pa.RecordBatch]:
    """The rows of a query, a batch at a time."""
    reader: pa.RecordBatchReader = connection.sql(sql, params=list(values)).to_arrow_reader(_BATCH_ROWS)
    yield from reader


def one_value(connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[object] = ()) -> Any:  # noqa: ANN401 - any type
    """The only value of a query; None where it has no row."""
    found = connection.execute(sql, list(values)).fetchall()  # fetchone would leave the result open
    return found[0][0] if found else None


def source(table: Table) -> str:
    """SQL for the rows of all parts of a table, and of nothing else: a folder called `name=value` is no column.

    Raises:
        StoreError: the table cannot be read.
    """
    files = ", ".join(_literal(path) for path in table.paths)
    columns = ", ".join(placed(place) for place in range(len(stored_schema(table))))
    return f"read_parquet([{files}], hive_partitioning = false) as stored({columns})"


def _literal(path: Path) -> str:
    """A path as SQL takes it; what would be a pattern of names stands for itself."""
    plain = "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))
    return "'" + plain.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Pair:
    """One table in both releases, its columns, and the key by which their rows are compared; () where there is none.

    `versions` are those of the two releases.
    """

    old: Table
    new: Table
    columns: tuple[Column, ...]
    key: tuple[Column, ...]
    versions: tuple[Version, Version]

    @property
    def compared(self) -> tuple[Column, ...]:
        """The columns whose cells are compared."""
        keys = {column.name for column in self.key}
        return tuple(column for column in self.columns if column.is_in_both and column.name not in keys)


def rows_of(pair: Pair, side: Side, where: str = "true") -> str:
    """SQL for one side's rows: its columns as c0, c1 ..., its key as k0, k1 ... in the type that both sides share."""
    stored = [(at, getattr(column, side)) for at, column in enumerate(pair.columns)]
    cells = [f"{one.sql} as c{at}" for at, one in stored if one]
    keys = [f"{widened(column, getattr(column, side))} as k{at}" for at, column in enumerate(pair.key)]
    listed = ", ".join([*keys, *cells, "true as here"])
    return f"(select {listed} from {source(getattr(pair, side))} where {where})"  # noqa: S608 - names of ours

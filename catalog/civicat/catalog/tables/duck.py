"""Published Parquet files as Datasette databases: the schema is an empty SQLite twin, the rows come through DuckDB.

Everything in Datasette that looks at a schema (sqlite_master, PRAGMA, keys) works on the twin as it always does. Only
`execute` goes elsewhere: a generated statement is translated (translate.py), gated, and run on one locked-down DuckDB.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import re
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from datasette.app import Datasette
from datasette.database import Database, QueryInterrupted, Results
from datasette.utils.sqlite import sqlite3 as datasette_sqlite

from civicat.catalog.tables.kinds import SQLITE, UnreadableError, kind_of, read, shown
from civicat.catalog.tables.translate import Shape, Translated, UntranslatableError, translate, unlimited
from civicat.errors import StoreError
from civicat.release import Release, Table
from civicat.shapes import in_sql, is_geometry, is_made
from civicat.text import Text

MEMORY = "1GB"
THREADS = 2
_STATEMENTS_KEPT = 4096
_ROWS_A_BATCH = 4_096
_AGAIN = 0.05  # seconds

# What a question can bring about. All else that DuckDB raises (a damaged file, no memory) is not the reader's doing.
_ASKED_WRONG = (
    duckdb.BinderException,
    duckdb.ParserException,
    duckdb.SyntaxException,
    duckdb.DataError,  # a conversion, a value out of range, kinds that do not go together
    duckdb.InvalidTypeException,
    duckdb.NotSupportedError,
)
_DAMAGE = (duckdb.Error, pa.ArrowException, OSError, ValueError, LookupError)

log = logging.getLogger("civicat")

# The order matters: external access is shut before the configuration is locked.
_LOCKS = (
    "autoinstall_known_extensions=false",
    "autoload_known_extensions=false",
    "allow_community_extensions=false",
    "python_enable_replacements=false",
    "allow_persistent_secrets=false",
    "temp_directory=''",
    f"memory_limit='{MEMORY}'",
    f"threads={THREADS}",
    "global TimeZone='UTC'",
    "global parquet_metadata_cache=true",  # LOCAL to a cursor unless said: each query would read the footer again
    "enable_external_access=false",
    "lock_configuration=true",
)

# What Datasette asks the schema, once the names (which may be called anything) are taken out.
_NAMES = re.compile(r'\[[^\]]*\]|"(?:[^"]|"")*"')
_SCHEMA_QUESTION = re.compile(r"\A\s*pragma\b|\bfrom\s+sqlite_master\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Published:
    """One table of a latest release, as pages name it: `department` is the Datasette database, `name` the table."""

    department: str
    name: str
    release: Release
    table: Table


def published(releases: Iterable[Release]) -> tuple[Published, ...]:
    """The tables of releases."""
    return tuple(Published(one.department.code, table.name, one, table) for one in releases for table in one.tables)


class Engine:
    """One DuckDB that can read the published files of one index build, and nothing else, and write nothing.

    The views stand in a database file that is opened read-only and is gone from the disk by then. `tables` are those
    that can be read: a file that cannot is named in the log and left out.
    """

    def __init__(self, tables: Sequence[Published]) -> None:
        with TemporaryDirectory(prefix="civicat-views-") as folder:
            file = str(Path(folder) / "views.duckdb")
            made = _write_views(file, tables)
            self._connection = duckdb.connect(file, read_only=True)
        files = ", ".join(_files(one.table) for one in made)
        self._connection.execute(f"set allowed_paths=[{files}]")
        for lock in _LOCKS:
            self._connection.execute(f"set {lock}")
        self._shapes = {(one.department, one.name): shape for one in made if (shape := self._read_shape(one))}
        self.tables = tuple(one for one in made if (one.department, one.name) in self._shapes)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of its own for one query: what interrupts it can touch no other."""
        return self._connection.cursor()

    def run(self, cursor: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, object]) -> Any:  # noqa: ANN401 (a DuckDB relation; the library ships no types)
        """The answer to exactly one SELECT, not fetched yet.

        Raises:
            UntranslatableError: the text is anything but one SELECT.
        """
        statements = cursor.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise UntranslatableError("exactly one SELECT")
        return cursor.sql(sql, params=dict(values) or None)

    def shape(self, table: Published) -> Shape:
        """What statements may name of one of `tables`, from the file itself."""
        return self._shapes[table.department, table.name]

    def _read_shape(self, table: Published) -> Shape | None:
        """The shape of a table; None, and a line in the log, where its file cannot be read."""
        try:
            return self._described(table)
        except _DAMAGE as error:
            _leave_out(table, error)
            return None

    def _described(self, table: Published) -> Shape:
        name = f"{_quoted(table.department)}.{_quoted(table.name)}"
        described = self._connection.cursor().execute(f"describe {name}").fetchall()
        key = table.table.resource.schema.primary_key
        return Shape({row[0]: kind_of(row[1]) for row in described}, key, is_ordered(table.table.paths, key))

    def close(self) -> None:
        """Frees the memory; queries under way end with an error."""
        self._connection.close()


def _write_views(file: str, tables: Sequence[Published]) -> list[Published]:
    """Makes a view of each table, and answers those that could be made."""
    made = []
    with duckdb.connect(file) as connection:
        for department in sorted({one.department for one in tables}):
            connection.execute(f"create schema {_quoted(department)}")
        for one in tables:
            name = f"{_quoted(one.department)}.{_quoted(one.name)}"
            try:
                rows = f"select {_as_table(one.table)} from {_rows(one.table)}"  # noqa: S608 (all quoted)
                connection.execute(f"create view {name} as {rows}")
                made.append(one)
            except _DAMAGE as error:
                _leave_out(one, error)
    return made


def _rows(table: Table) -> str:
    """SQL for the rows of a table's files, and of nothing else: a folder called `name=value` is no column of it."""
    files = ", ".join(_literal(_pattern(str(path.resolve()))) for path in table.paths)
    return f"read_parquet([{files}], hive_partitioning = false)"


def _files(table: Table) -> str:
    """The files of a table that may be read: DuckDB asks for each path, and for the pattern that stands for it."""
    paths = [str(path.resolve()) for path in table.paths]
    return ", ".join(_literal(name) for name in [*paths, *map(_pattern, paths)])


def _as_table(table: Table) -> str:
    """What to select of a table's files: geometry as GeoJSON, nothing of what publishing added for maps."""
    stored = pq.read_schema(table.path)
    made = ", ".join(_quoted(field.name) for field in stored if is_made(field))
    shapes = [_quoted(field.name) for field in stored if is_geometry(field) and not is_made(field)]
    told = ", ".join(f"{in_sql(name)} as {name}" for name in shapes)
    return "*" + (f" exclude ({made})" if made else "") + (f" replace ({told})" if told else "")


def _leave_out(table: Published, error: Exception) -> None:
    told = _unreadable(table.table.path, error).message
    log.error("/%s/%s: %s %s", table.department, table.name, told.zh, told.en)


def _unreadable(path: Path, error: Exception) -> StoreError:
    return StoreError(
        Text(
            f"{path} 无法读取（{error}）。请运行 civicat verify。",
            f"{path} cannot be read ({error}). Run civicat verify.",
        )
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _pattern(path: str) -> str:
    """The pattern of names that only this path has."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in path)


def is_ordered(paths: Sequence[Path], key: Sequence[str]) -> bool:
    """Whether the rows of a table's files are certainly in the order of a key.

    Each row group says so, and each follows the last, from file to file too.
    """
    if not key:
        return False
    with ExitStack() as stack:
        files = [stack.enter_context(pq.ParquetFile(path)) for path in paths]
        groups = [group for file in files for group in _groups(file, key)]
        if not all(group.is_declared for group in groups):
            return False
        bounds = [group.statistics for group in groups]
        if not all(one is not None and one.has_min_max for one in bounds):
            return len(groups) == 1
        both = zip(itertools.pairwise(bounds), itertools.pairwise(groups), strict=True)
        return all(
            one.max < other.min or (one.max == other.min and _rows_follow(left, right, key))
            for (one, other), (left, right) in both
        )


@dataclass(frozen=True, slots=True)
class _Group:
    """One row group of a file: what it says of the columns of a key, which are at `places` among those of the file."""

    file: Any  # (pyarrow ships no types)
    number: int
    places: Sequence[int]

    @property
    def is_declared(self) -> bool:
        """Whether it says that it is sorted by the key."""
        declared = self.file.metadata.row_group(self.number).sorting_columns[: len(self.places)]
        return [(one.column_index, one.descending) for one in declared] == [(place, False) for place in self.places]

    @property
    def statistics(self) -> Any:  # noqa: ANN401 (pyarrow ships no types)
        """Those of the key's first column; None where it has none."""
        return self.file.metadata.row_group(self.number).column(self.places[0]).statistics

    def rows(self, names: Sequence[str]) -> pa.Table:
        """Its rows, of some columns."""
        return self.file.read_row_group(self.number, columns=list(names))


def _groups(file: Any, key: Sequence[str]) -> list[_Group]:  # noqa: ANN401 (pyarrow ships no types)
    schema = file.metadata.schema
    # A nested column is several of a file, so that places are those of paths.
    places = {schema.column(place).path: place for place in range(file.metadata.num_columns)}
    return [
        _Group(file, number, [places.get(name, -1) for name in key]) for number in range(file.metadata.num_row_groups)
    ]


def _rows_follow(left: _Group, right: _Group, key: Sequence[str]) -> bool:
    """Whether the first row of a group comes after the last row of the one before; their statistics only touch."""
    before, after = left.rows(key), right.rows(key)
    last, first = before.slice(before.num_rows - 1).to_pylist()[0], after.slice(0, 1).to_pylist()[0]
    return bool(tuple(last[name] for name in key) < tuple(first[name] for name in key))


class RefusedError(datasette_sqlite.OperationalError):  # type: ignore[misc] # Datasette ships no types
    """A question that the data cannot answer, as Datasette expects to hear it. `reason` is what went wrong."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


class DuckDatabase(Database):  # type: ignore[misc] # Datasette ships no types
    """The tables of one department. Read-only; `counts` are the rows of each table, known from the releases."""

    def __init__(self, datasette: Datasette, engine: Engine, department: str, tables: Sequence[Published]) -> None:
        super().__init__(datasette, memory_name=f"twin-{uuid.uuid4().hex}")  # shared within the process by its name
        self.is_mutable = False
        self.shapes = {one.name: engine.shape(one) for one in tables}
        self._engine = engine
        self._local = threading.local()
        shapes = self.shapes  # no reference to this object: one that is let go is freed at once
        self._translate = lru_cache(_STATEMENTS_KEPT)(lambda sql: translate(sql, department, shapes))
        # The twin lives as long as one connection to it is open.
        self._twin = datasette_sqlite.connect(
            f"file:{self.memory_name}?mode=memory&cache=shared", uri=True, check_same_thread=False
        )
        self.tables = tuple(one for one in tables if self._has_twin(one, tables))
        self.counts = {one.name: one.table.rows for one in self.tables}
        self._bytes = sum(one.table.bytes for one in self.tables)

    def _has_twin(self, table: Published, tables: Sequence[Published]) -> bool:
        """Makes the twin of a table. SQLite cannot hold every table that Parquet can: its columns are limited."""
        try:
            self._twin.execute(_empty_table(table, self.shapes, tables))
        except datasette_sqlite.Error as error:
            _leave_out(table, error)
            return False
        return True

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return self._bytes

    @property
    def hash(self) -> None:
        """None: the files have their own hashes."""
        return

    async def table_counts(self, limit: int = 10) -> dict[str, int]:
        """Rows of each table; `limit` is Datasette's, nothing needs to be counted."""
        del limit
        return self.counts

    async def execute_write_fn(self, fn: object, block: bool = True) -> None:  # noqa: FBT001, FBT002 (Datasette's signature)
        """Published data is not written to.

        Raises:
            RefusedError: always.
        """
        del fn, block
        raise RefusedError(UntranslatableError("published data is read-only"))

    def close(self) -> None:
        """Lets the twin and the engine go; queries under way end with an error."""
        self._twin.close()
        self._engine.close()

    async def execute(  # noqa: PLR0913, PLR0917 (Datasette's signature)
        self,
        sql: str,
        params: Mapping[str, object] | Sequence[object] | None = None,
        truncate: bool = False,  # noqa: FBT001, FBT002
        custom_time_limit: int | None = None,
        page_size: int | None = None,
        log_sql_errors: bool = True,  # noqa: FBT001, FBT002
    ) -> Results:
        """Rows of one generated statement; `custom_time_limit` in milliseconds can only shorten the site's own.

        Raises:
            QueryInterrupted: the time was up.
            RefusedError: not of the closed set, or a value that its column cannot hold.
        """
        if _SCHEMA_QUESTION.search(_NAMES.sub("x", sql)):
            return await super().execute(sql, params, truncate, custom_time_limit, page_size, log_sql_errors)
        cursor = self._engine.cursor()
        milliseconds = min(custom_time_limit or self.ds.sql_time_limit_ms, self.ds.sql_time_limit_ms)
        watch = asyncio.create_task(_interrupt(cursor, milliseconds / 1000))
        try:
            answer = await asyncio.get_running_loop().run_in_executor(
                self.ds.executor, self._answer, cursor, sql, params
            )
        except duckdb.InterruptException as error:
            raise QueryInterrupted(error, sql, params) from error
        finally:
            watch.cancel()
        most = (self.ds.max_returned_rows + 1) if truncate else len(answer.rows)
        return Results(answer.rows[:most], len(answer.rows) > most, answer.description)

    def reader(self, sql: str, params: Mapping[str, object]) -> pa.RecordBatchReader:
        """All rows of a generated page, without its order and limit: batches that are computed as they are pulled.

        Raises:
            RefusedError: not of the closed set, or a value that its column cannot hold.
        """
        try:
            translated = self._translate(unlimited(sql))
            relation = self._engine.run(self._engine.cursor(), translated.sql, _values(translated, params))
        except (UntranslatableError, UnreadableError, *_ASKED_WRONG) as error:
            raise RefusedError(error) from error
        return cast("pa.RecordBatchReader", relation.to_arrow_reader(_ROWS_A_BATCH))

    def _answer(
        self, cursor: duckdb.DuckDBPyConnection, sql: str, params: Mapping[str, object] | Sequence[object] | None
    ) -> Results:
        try:
            translated = self._translate(sql)
            table = self._engine.run(cursor, translated.sql, _values(translated, params)).to_arrow_table()
        except (UntranslatableError, UnreadableError, *_ASKED_WRONG) as error:
            raise RefusedError(error) from error
        return self._rows(table)

    def _rows(self, table: pa.Table) -> Results:
        """An Arrow table as rows of sqlite3: what Datasette's renderers take apart."""
        shape = self._twin_cursor().execute(
            "select " + ", ".join(f"null as {_quoted(name)}" for name in table.column_names)
        )
        columns = [[shown(value) for value in column.to_pylist()] for column in table.columns]
        rows = [datasette_sqlite.Row(shape, values) for values in zip(*columns, strict=True)]
        return Results(rows, False, shape.description)  # noqa: FBT003 (Datasette's signature)

    def _twin_cursor(self) -> sqlite3.Cursor:
        """A cursor of this thread's own connection to the twin."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self.connect()
        return cast("sqlite3.Cursor", connection.cursor())


async def _interrupt(cursor: duckdb.DuckDBPyConnection, seconds: float) -> None:
    """Stops what runs on a cursor once the time is up; again and again, for what has not begun cannot be stopped."""
    await asyncio.sleep(seconds)
    while True:
        cursor.interrupt()
        await asyncio.sleep(_AGAIN)


def _values(translated: Translated, params: Mapping[str, object] | Sequence[object] | None) -> dict[str, object]:
    named = params if isinstance(params, Mapping) else {f"p{place}": one for place, one in enumerate(params or ())}
    missing = translated.parameters.keys() - named.keys()
    if missing:
        raise UntranslatableError(f"no value for {', '.join(sorted(missing))}")
    return {name: read(named[name], kind) for name, kind in translated.parameters.items()}


def _empty_table(table: Published, shapes: Mapping[str, Shape], tables: Sequence[Published]) -> str:
    """The twin of a table: its columns, its key, and those of its foreign keys that stay within the department."""
    shape = shapes[table.name]
    parts = [f"{_quoted(name)} {SQLITE.get(kind, 'TEXT')}" for name, kind in shape.columns.items()]
    if shape.key:
        parts.append(f"primary key ({_list(shape.key)})")
    for foreign in table.table.resource.schema.foreign_keys:
        other = referenced(table, foreign.dataset, foreign.resource, tables)
        if other is not None and other.department == table.department:
            parts.append(
                f"foreign key ({_list(foreign.fields)}) references {_quoted(other.name)} ({_list(foreign.reference)})"
            )
    return f"create table {_quoted(table.name)} ({', '.join(parts)})"


def referenced(table: Published, dataset: str, resource: str, tables: Iterable[Published]) -> Published | None:
    """The table that a foreign key of another points to, if it is in this build."""
    wanted = (dataset or table.release.dataset.id, resource or table.table.resource.name)
    return next((one for one in tables if (one.release.dataset.id, one.table.resource.name) == wanted), None)


def _list(names: Iterable[str]) -> str:
    return ", ".join(map(_quoted, names))

"""A join tried on the released files: its first rows, how many rows meet, which values do not. Short, or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from civicat.catalog.tables.kinds import shown

SECONDS = 2.0
ROWS = 10
_AT_ONCE = 2  # more would take the processors from whoever reads tables
_KEPT = 256
_AGAIN = 0.05  # seconds
# The order matters: what may be read is said before external access is shut, and that before all is locked.
_LOCKS = (
    "autoinstall_known_extensions=false",
    "autoload_known_extensions=false",
    "python_enable_replacements=false",
    "temp_directory=''",
    "memory_limit='400MB'",
    "threads=1",
    "TimeZone='UTC'",
    "enable_external_access=false",
    "lock_configuration=true",
)

log = logging.getLogger("civicat")


@dataclass(frozen=True, slots=True)
class Questions:
    """The statements of a trial: two figures (rows that meet, rows that could), rows, and what meets on neither side.

    The last two answer at most a few values, each with the number of all of them. `paths` is all that they may read.
    """

    paths: tuple[Path, ...]
    counts: str
    rows: str
    missing: str
    unused: str


@dataclass(frozen=True, slots=True)
class Unmet:
    """Values that do not meet: how many different ones, and some of them."""

    values: int
    some: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What the released files say: `met` of `rows` rows find something; the first joined rows; what does not meet."""

    met: int
    rows: int
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    missing: Unmet
    unused: Unmet


class Trials:
    """Tries joins beside the event loop and keeps what came of it, for a build never changes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Trial] = OrderedDict()
        self._running = 0

    async def tried(self, code: str, questions: Questions, seconds: float = SECONDS) -> Trial | None:
        """What a join gives; None where it takes too long or too much memory, or others are at it."""
        if code in self._kept:
            return self._kept[code]
        if self._running >= _AT_ONCE:
            return None
        self._running += 1
        try:
            found = await _tried(questions, seconds)
        finally:
            self._running -= 1
        if found is not None:
            self._kept[code] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


async def _tried(questions: Questions, seconds: float) -> Trial | None:
    with _opened(questions.paths) as connection:
        watch = asyncio.create_task(_interrupt(connection, seconds))
        try:
            return await asyncio.to_thread(_asked, connection, questions)
        except duckdb.Error as error:
            log.info("a join was not tried: %s", error)
            return None
        finally:
            watch.cancel()


@contextmanager
def _opened(paths: Sequence[Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own that can read these files, and nothing else, and write nothing."""
    with duckdb.connect() as connection:
        names = [str(path.resolve()) for path in paths]
        allowed = ", ".join(literal(name) for name in dict.fromkeys((*names, *map(pattern, names))))
        connection.execute(f"set allowed_paths=[{allowed}]")
        for lock in _LOCKS:
            connection.execute(f"set {lock}")
        yield connection


def literal(text: str) -> str:
    """A text as SQL reads it."""
    return "'" + text.replace("'", "''") + "'"


def pattern(path: str) -> str:
    """The pattern of names that only this path has: DuckDB takes every path for one."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in path)


async def _interrupt(connection: duckdb.DuckDBPyConnection, seconds: float) -> None:
    """Stops what runs when the time is up; again and again, for what has not begun cannot be stopped."""
    await asyncio.sleep(seconds)
    while True:
        connection.interrupt()
        await asyncio.sleep(_AGAIN)


def _asked(connection: duckdb.DuckDBPyConnection, questions: Questions) -> Trial:
    def ask(sql: str) -> Any:  # noqa: ANN401 (DuckDB ships no types)
        return connection.sql(sql).to_arrow_table()

    met, rows = (column[0].as_py() for column in ask(questions.counts).columns)
    table = ask(questions.rows)
    columns = [[_told(value) for value in column.to_pylist()] for column in table.columns]
    return Trial(
        met=met,
        rows=rows,
        columns=tuple(table.column_names),
        cells=tuple(zip(*columns, strict=True)),
        missing=_unmet(ask(questions.missing).to_pylist()),
        unused=_unmet(ask(questions.unused).to_pylist()),
    )


def _unmet(rows: Sequence[Mapping[str, object]]) -> Unmet:
    return Unmet(int(str(rows[0]["n"])) if rows else 0, tuple(_told(row["v"]) for row in rows))


def _told(value: object) -> str:
    told = shown(value)
    return "" if told is None else str(told)

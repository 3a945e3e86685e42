"""The Datasette databases of a build, one for each department, opened when somebody asks for one of its tables.

A catalogue has more tables than anybody opens in a day, and each costs memory. The departments asked for last are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Lock

from datasette.app import Datasette

from civicat.catalog.tables.duck import DuckDatabase, Engine
from civicat.catalog.tables.tables import Tables

_KEPT = 32  # departments, each with a DuckDB of its own: some megabytes and two threads


class Departments(Mapping[str, DuckDatabase]):
    """Databases by the code of the department. Looking one up opens it; going through them meets the open ones only.

    One that is let go lives on as long as somebody holds it or queries it: DuckDB frees it with its last cursor.

    Raises:
        KeyError: the build has no table of that department.
    """

    def __init__(self, datasette: Datasette, tables: Tables) -> None:
        self._datasette = datasette
        self._tables = tables
        self._open: dict[str, DuckDatabase] = {}  # in the order in which they were asked for last
        self._codes = tables.departments()
        self._opening: dict[str, Lock] = {}
        self._lock = Lock()  # held for moments only: who asks for one that is open never waits for one that is not

    def __getitem__(self, code: str) -> DuckDatabase:
        if code not in self._codes:
            raise KeyError(code)
        found = self._touched(code)
        if found is not None:
            return found
        with self._lock:
            opening = self._opening.setdefault(code, Lock())
        with opening:
            return self._touched(code) or self._kept(code, self._opened(code))

    def __contains__(self, code: object) -> bool:
        return code in self._codes

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._open))

    def __len__(self) -> int:
        return len(self._open)

    def is_open(self, code: str) -> bool:
        """Whether it is there without waiting."""
        return code in self._open

    def close(self) -> None:
        """Lets all go; queries under way end with an error."""
        with self._lock:
            for database in self._open.values():
                database.close()
            self._open.clear()

    def _touched(self, code: str) -> DuckDatabase | None:
        with self._lock:
            found = self._open.pop(code, None)
            if found is not None:
                self._open[code] = found
            return found

    def _kept(self, code: str, database: DuckDatabase) -> DuckDatabase:
        with self._lock:
            self._open[code] = database
            self._opening.pop(code, None)
            while len(self._open) > _KEPT:
                self._open.pop(next(iter(self._open)))
        return database

    def _opened(self, code: str) -> DuckDatabase:
        engine = Engine(self._tables.of(code))
        database = DuckDatabase(self._datasette, engine, code, engine.tables)
        database.name = database.route = code
        return database

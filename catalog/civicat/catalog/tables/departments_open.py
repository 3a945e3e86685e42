"""The Datasette databases of a build, one for each department, opened when somebody asks for one of its tables.

A catalogue has more tables than anybody opens in a day, and each costs memory. The departments asked for last are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from threading import Lock

from datasette.app import Datasette

from civicat.catalog.tables.duck import DuckDatabase, Engine
from civicat.catalog.tables.tables import Tables

_KEPT = 12  # departments, each with a DuckDB of its own


class Departments(Mapping[str, DuckDatabase]):
    """Databases by the code of the department. Looking one up opens it; going through them meets the open ones only.

    One that is let go lives on as long as a query of it runs: DuckDB frees it with its last cursor.

    Raises:
        KeyError: the build has no table of that department.
    """

    def __init__(self, datasette: Datasette, tables: Tables) -> None:
        self._datasette = datasette
        self._tables = tables
        self._open: OrderedDict[str, DuckDatabase] = OrderedDict()
        self._codes = tables.departments()
        self._lock = Lock()

    def __getitem__(self, code: str) -> DuckDatabase:
        if code not in self._codes:
            raise KeyError(code)
        with self._lock:
            found = self._open.get(code) or self._open.setdefault(code, self._opened(code))
            self._open.move_to_end(code)
            while len(self._open) > _KEPT:
                self._open.popitem(last=False)
            return found

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

    def _opened(self, code: str) -> DuckDatabase:
        engine = Engine(self._tables.of(code))
        database = DuckDatabase(self._datasette, engine, code, engine.tables)
        database.name = database.route = code
        return database

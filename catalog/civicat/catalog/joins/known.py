"""The joins of one build, as pages show them: of a dataset, between departments, by the column that is looked up in."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import cast
from urllib.parse import quote

from civicat.catalog.joins.columns import Column
from civicat.catalog.joins.finding import COLUMN, JOINS, every_column
from civicat.catalog.joins.rules import Why
from civicat.catalog.joins.trials import Trials
from civicat.text import Text

MOST_LISTS = 50
MOST_JOINS = 500  # of one dataset: beyond, a page helps nobody

_HELD = """
select joins.*, a.version as source_version, b.version as target_version from joins
join datasets a on a.id = source_dataset join datasets b on b.id = target_dataset
"""
_COUNTED = """
select source_dataset, target_dataset, why, count(*) as joins from joins
where source_dataset <> target_dataset and target_dataset in (select id from datasets)
group by source_dataset, target_dataset, why
"""
_LISTS = """
select target_dataset, target_resource, target_fields, min(code) as code, count(distinct source_dataset) as datasets
from joins where why <> 'codes' and source_dataset <> target_dataset and target_dataset in (select id from datasets)
group by target_dataset, target_resource, target_fields order by datasets desc, target_dataset, target_fields limit ?
"""
_ORDER: Mapping[Why, int] = {"declared": 0, "found": 1, "codes": 2}


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a join: the table, its version, and the columns that are compared. `table` is as it is browsed."""

    dataset: str
    version: str
    resource: str
    table: str
    title: Text
    columns: tuple[Column, ...]

    @property
    def department(self) -> str:
        """The code of the department."""
        return self.dataset.partition("/")[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.place.name for column in self.columns)


@dataclass(frozen=True, slots=True)
class Join:
    """Two tables that meet: each row of `source` finds at most one of `target`, or (`codes`) both use one code list.

    `share` of the different values of `source` is in `target`, told from `known` of them; None where nobody can say.
    `is_exact` where all values of both are known. `code` names it in addresses.
    """

    code: str
    why: Why
    source: Side
    target: Side
    share: float | None
    known: int
    is_exact: bool
    rank: int
    likeness: float

    @property
    def address(self) -> str:
        """Its page."""
        return f"/d/{self.source.dataset}/joins/{self.code}"

    @property
    def is_across(self) -> bool:
        """Whether two departments meet in it."""
        return self.source.department != self.target.department

    @property
    def met(self) -> int | None:
        """How many of the different values of `source` are in `target`, where that is known exactly."""
        return round(self.share * self.known) if self.is_exact and self.share is not None else None

    @property
    def percent(self) -> int | None:
        """The share in hundredths; 100 only where no value is known to miss, 0 only where none is known to meet."""
        if self.share is None:
            return None
        return round(self.share * 100) if self.share in {0, 1} else min(99, max(1, round(self.share * 100)))

    @property
    def is_one_to_one(self) -> bool:
        """Whether no row of either side finds two."""
        if len(self.source.columns) > 1:
            return set(self.source.names) == set(self.source.columns[0].key)
        return self.source.columns[0].is_key


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A column that other datasets look things up in, and which do so; `shares_codes` where they use its code list."""

    side: Side
    joins: tuple[Join, ...]

    @property
    def datasets(self) -> int:
        """How many datasets do."""
        return len({join.source.dataset for join in self.joins})


class Joins:
    """The joins of one build; none where the build has no joins.db. Any thread may ask."""

    def __init__(self, build: Path) -> None:
        self._lock = Lock()
        self._db = _opened(build / JOINS)
        self.trials = Trials()

    def close(self) -> None:
        """Ends reading; waits for whoever reads now."""
        with self._lock:
            if self._db is not None:
                self._db.close()

    def of(self, dataset: str) -> tuple[Join, ...]:
        """All joins of a dataset in which it looks up and shares codes, and then those in which it is looked up."""
        return (*self.outgoing(dataset), *self.incoming(dataset))

    def outgoing(self, dataset: str) -> tuple[Join, ...]:
        """What a dataset can look up elsewhere, the best first; and whose code lists it shares."""
        return self._sorted(self._held("source_dataset = ?", dataset), "target")

    def incoming(self, dataset: str) -> tuple[Join, ...]:
        """What can be looked up in a dataset, the best first. Joins within it stand in `outgoing`."""
        return self._sorted(self._held("target_dataset = ? and source_dataset <> target_dataset", dataset), "source")

    def join(self, dataset: str, code: str) -> Join | None:
        """One join by its code, where the dataset looks up in it."""
        return next(iter(self._held("source_dataset = ? and code = ?", dataset, code)), None)

    def between(self, one: str, other: str) -> tuple[Join, ...]:
        """The joins between two departments, in either direction; within one where both are the same."""
        asked = "(source_dataset glob ? and target_dataset glob ?) and source_dataset <> target_dataset"
        sides = dict.fromkeys(((f"{one}/*", f"{other}/*"), (f"{other}/*", f"{one}/*")))
        return self._sorted([join for pair in sides for join in self._held(asked, *pair)], "target")

    @cached_property
    def counts(self) -> Mapping[tuple[str, str], int]:
        """How many pairs of datasets meet, by the codes of two departments in order."""
        pairs = {tuple(sorted((row["source_dataset"], row["target_dataset"]))) for row in self._rows(_COUNTED)}
        found = (tuple(sorted(dataset.partition("/")[0] for dataset in pair)) for pair in pairs)
        return cast("Mapping[tuple[str, str], int]", Counter(found))

    @cached_property
    def kinds(self) -> Mapping[str, int]:
        """How many joins there are between datasets, by why they are known."""
        found: Counter[str] = Counter()
        for row in self._rows(_COUNTED):
            found[row["why"]] += row["joins"]
        return found

    @cached_property
    def looked_up(self) -> tuple[LookedUp, ...]:
        """The columns that most datasets look things up in, the most wanted first."""
        asked = "target_dataset = ? and target_resource = ? and target_fields = ? and why <> 'codes'"
        found = []
        for row in self._rows(_LISTS, MOST_LISTS):
            values = (row["target_dataset"], row["target_resource"], row["target_fields"])
            joins = [one for one in self._held(asked, *values) if one.source.dataset != one.target.dataset]
            if joins:
                found.append(LookedUp(joins[0].target, self._sorted(joins, "source")))
        return tuple(found)

    def _held(self, where: str, *values: str) -> list[Join]:
        rows = self._rows(f"{_HELD} where {where} order by why, rank, share desc limit {MOST_JOINS}", *values)
        ends = ("source", "target")
        datasets = {row[f"{end}_dataset"] for row in rows for end in ends}
        columns = {column.place: column for one in datasets for column in self._columns(one)}
        places = {(*place.table, place.name): column for place, column in columns.items()}
        return [join for row in rows if (join := _join(row, places)) is not None]

    def _columns(self, dataset: str) -> list[Column]:
        if self._db is None:
            return []
        with self._lock:
            return list(every_column(self._db, dataset))

    def _sorted(self, joins: Iterable[Join], end: str) -> tuple[Join, ...]:
        return tuple(sorted(joins, key=lambda join: _order(join, getattr(join, end))))

    def _rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        if self._db is None:
            return []
        with self._lock:
            return self._db.execute(query, values).fetchall()


def _opened(path: Path) -> sqlite3.Connection | None:
    """The database; None where it is not there or damaged: the site does without joins then."""
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    try:
        db = sqlite3.connect(address, uri=True, check_same_thread=False)
        db.row_factory = sqlite3.Row
        for asked in (_HELD, COLUMN):  # a file of an older form lacks something of one of them
            with closing(db.execute(f"{asked} limit 1")) as rows:
                rows.fetchall()
    except sqlite3.Error:
        return None
    return db


def _order(join: Join, there: Side) -> tuple[object, ...]:
    """Other datasets first; declared before found, codes before names, other departments, and how much meets."""
    return (
        join.source.dataset == join.target.dataset,
        _ORDER[join.why],
        join.rank,
        not join.is_across,
        -(join.share or 0),
        -join.likeness,
        -join.known,
        there.dataset,
        there.names,
        join.code,
    )


def _join(row: sqlite3.Row, columns: Mapping[tuple[str, str, str], Column]) -> Join | None:
    """A join of a row; None where one of its columns is not in the build."""
    sides = [_side(row, end, columns) for end in ("source", "target")]
    if sides[0] is None or sides[1] is None:
        return None
    figures = {name: row[name] for name in ("code", "why", "share", "known", "rank", "likeness")}
    return Join(source=sides[0], target=sides[1], is_exact=bool(row["exact"]), **figures)


def _side(row: sqlite3.Row, end: str, columns: Mapping[tuple[str, str, str], Column]) -> Side | None:
    dataset, resource, version = (row[f"{end}_{name}"] for name in ("dataset", "resource", "version"))
    found = [columns.get((dataset, resource, name)) for name in json.loads(row[f"{end}_fields"])]
    first = found[0] if found else None
    if first is None or None in found:
        return None
    return Side(dataset, version, resource, first.table, first.table_title, tuple(cast("list[Column]", found)))

"""Finds the pairs of columns that join, without comparing each with each, and writes them to a build's joins.db.

A column that looks up is indexed by its 8 smallest hashes, one that is looked up in by all that its sketch knows where
that is every value, else by the 128 smallest. Of a column whose values are found in another the 8 smallest are among
the other's smallest, unless the other is very much larger: a pair that shares none of them is never looked at. What
shares one is then judged by both whole sketches, read from the profiles.

A key of several columns is found by the name of that of its columns which holds most codes (rules.py).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import cast

import numpy as np

from civicat.catalog.facts.withdrawn import read_json
from civicat.catalog.index.builds import copy_file
from civicat.catalog.joins.columns import Column, Place, read_columns
from civicat.catalog.joins.rules import SHARE, Found, Why, anchor, judged, judged_together, likeness, measured, rank_of
from civicat.dataset import ForeignKey
from civicat.layout import PROFILE, Layout
from civicat.mapping import mappings
from civicat.release import Release
from civicat.sketches import Sketch, read_sketch
from civicat.text import Text

JOINS = "joins.db"
FIRST = 8  # hashes that a column is looked for by: one in a million is missed where 8 of 10 values meet
LISTED = 128  # hashes that a column of more values than its sketch knows is found by
MOST = 200  # columns looked at for one value: a value of more lists (a province) is in the shortest of them
_FEWEST_CODES = 2
_SLACK = 0.9  # a number of different values may be an estimate
_CACHED = 20_000  # sketches, of 8 kB at most
_PROFILES = 64  # of releases

_TABLES = """
create table if not exists datasets (id text primary key, version text) without rowid;
create table if not exists tables (
    id integer primary key, dataset text, resource text, name text, title_zh text, title_en text, around text, key text
);
create index if not exists tables_of on tables (dataset);
create table if not exists columns (id integer primary key autoincrement, tbl integer, name text, facts text);
create index if not exists columns_of on columns (tbl);
create index if not exists columns_called on columns (name);
create table if not exists keys (part text, tbl integer, primary key (part, tbl)) without rowid;
create table if not exists first (hash integer, col integer, primary key (hash, col)) without rowid;
create table if not exists lists (hash integer, size integer, col integer, primary key (hash, size, col)) without rowid;
create table if not exists codes (list text, col integer, primary key (list, col)) without rowid;
create table if not exists joins (
    code text primary key, source_dataset text, source_resource text, source_fields text,
    target_dataset text, target_resource text, target_fields text,
    why text, share real, known integer, exact integer, rank integer, likeness real
) without rowid;
create index if not exists joins_from on joins (source_dataset);
create index if not exists joins_to on joins (target_dataset);
create temp table if not exists new_first (hash integer, col integer);
create temp table if not exists new_lists (hash integer, size integer, col integer);
"""
# In the order of the hashes, which are drawn from everywhere: one after the other would touch a page for each.
_SETTLE = """
insert into first select * from new_first order by hash, col;
insert into lists select * from new_lists order by hash, size, col;
delete from new_first;
delete from new_lists;
"""
COLUMN = """
select columns.*, tables.dataset, tables.resource, tables.name as table_name, title_zh, title_en, around, key, version
from columns join tables on tables.id = tbl join datasets on datasets.id = dataset
"""
_LISTS = (
    "select col from lists join columns on columns.id = col where hash = ? and size >= ? order by size, col limit ?"
)
_FIRST = "select col from first join columns on columns.id = col where hash = ? order by col limit ?"
# Tables whose key has a column called like one of a table, and tables that have a column called like that of its key.
_KEYS = """
select tbl from keys where part in (select name from columns where tbl = ?1) and tbl <> ?1 order by tbl limit ?2
"""
_KEYED = """
select distinct columns.tbl from keys join columns on columns.name = part
where keys.tbl = ?1 and columns.tbl <> ?1 order by columns.tbl limit ?2
"""
# Hashes of columns that are no more lead nowhere until the next build from nothing.
_FORGET = (
    "delete from joins where source_dataset = ?1 or (target_dataset = ?1 and why <> 'declared')",
    """
    delete from codes where col in
        (select columns.id from columns join tables on tables.id = tbl where dataset = ?1)
    """,
    "delete from keys where tbl in (select id from tables where dataset = ?1)",
    "delete from columns where tbl in (select id from tables where dataset = ?1)",
    "delete from tables where dataset = ?1",
    "delete from datasets where id = ?1",
)
_KEPT = (
    *("kind", "type", "meaning", "identifier", "count", "missing", "distinct", "is_exact", "is_key"),
    *("shortest", "longest", "least", "most"),
)

Sketches = Callable[[Place, str], Sketch | None]  # of a column, in a version of its dataset


def write(
    build: Path, layout: Layout, changed: Iterable[str], gone: Iterable[str] = (), before: Path | None = None
) -> None:
    """Writes a build's joins.db, from nothing or from that of the build `before`, which stays as it is.

    `changed` are the ids of the datasets that are new or changed since then (of all, from nothing), `gone` those that
    are no more.

    Raises:
        sqlite3.DatabaseError: that of the build before is not there, or damaged.
        OSError: it cannot be written.
    """
    file = build / JOINS
    file.unlink(missing_ok=True)  # it may be another name of the file that serves
    if before:
        copy_file(before / JOINS, file)
    readable = layout.readable()
    releases = (release for name in changed if (release := readable.newest(name)) is not None)
    with closing(sqlite3.connect(file)) as db:
        db.execute("pragma secure_delete = on")  # of what was taken down nothing stays in the file
        db.row_factory = sqlite3.Row
        db.execute("pragma journal_mode = off")  # a build that fails is thrown away whole
        db.execute("pragma synchronous = off")  # the build is synced when it is done
        finder = Finder(db, _stored(layout))
        finder.forget(gone)
        finder.take_in((release.dataset.id, str(release.version), *_read(release)) for release in releases)
        finder.find(update=before is not None)
        db.commit()


def _read(release: Release) -> tuple[list[Column], list[tuple[str, ForeignKey]]]:
    keys = [(table.resource.name, key) for table in release.tables for key in table.resource.schema.foreign_keys]
    return read_columns(release), keys


def _stored(layout: Layout) -> Sketches:
    """Reads the sketch of a column from the profile of its release."""
    profile = lru_cache(_PROFILES)(_profile)

    def sketch(place: Place, version: str) -> Sketch | None:
        return profile(layout.dataset(place.dataset) / version / PROFILE).get((place.resource, place.name))

    return sketch


def _profile(path: Path) -> dict[tuple[str, str], Sketch]:
    """The sketches of a release, by the names of resource and column."""
    found = {}
    for table in mappings(read_json(path).get("tables")):
        for column in mappings(table.get("columns")):
            sketch = read_sketch(column)
            if sketch is not None:
                found[str(table.get("resource")), str(column.get("name"))] = sketch
    return found


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two sides of a join before it is known how much meets."""

    source: tuple[str, str, tuple[str, ...]]
    target: tuple[str, str, tuple[str, ...]]

    @property
    def code(self) -> str:
        """What its address ends in: the same as long as the two are called the same."""
        return hashlib.sha256(json.dumps([self.source, self.target]).encode()).hexdigest()[:12]


class Finder:
    """Takes in the columns of datasets and finds what they join, in a database that it is given."""

    def __init__(self, db: sqlite3.Connection, sketches: Sketches) -> None:
        self._db = db
        self._sketches = sketches
        self._changed: list[str] = []
        self._column = lru_cache(_CACHED)(self._load)
        db.executescript(_TABLES)

    def forget(self, datasets: Iterable[str]) -> None:
        """Takes out datasets. What other departments declare about them stays, and is not shown."""
        for dataset in datasets:
            for statement in _FORGET:
                self._db.execute(statement, (dataset,))

    def take_in(self, datasets: Iterable[tuple[str, str, list[Column], list[tuple[str, ForeignKey]]]]) -> None:
        """Adds datasets or puts them in place of what they were: id, version, columns, declared keys by resource."""
        for dataset, version, columns, keys in datasets:
            self.forget([dataset])
            self._changed.append(dataset)
            self._db.execute("insert into datasets values (?, ?)", (dataset, version))
            self._add_columns(columns)
            for resource, key in keys:
                target = (key.dataset or dataset, key.resource or resource, key.reference)
                self._keep(_Pair((dataset, resource, key.fields), target), "declared", None)

    def _add_columns(self, columns: Sequence[Column]) -> None:
        tables: dict[str, int] = {}
        for column in columns:
            place = column.place
            if place.resource not in tables:
                tables[place.resource] = self._add_table(column)
            added = self._db.execute(
                "insert into columns (tbl, name, facts) values (?, ?, ?)",
                (tables[place.resource], place.name, _written(column)),
            )
            self._index(cast("int", added.lastrowid), column)
        for resource, table in tables.items():
            part = anchor([column for column in columns if column.place.resource == resource and _is_part(column)])
            if part is not None:
                self._db.execute("insert into keys values (?, ?)", (part.place.name, table))

    def _add_table(self, column: Column) -> int:
        place, title = column.place, column.table_title
        row = (place.dataset, place.resource, column.table, title.zh, title.en, " ".join(sorted(column.around)))
        key = json.dumps(column.key, ensure_ascii=False)
        added = self._db.execute("insert into tables values (null, ?, ?, ?, ?, ?, ?, ?)", (*row, key))
        return cast("int", added.lastrowid)

    def _index(self, number: int, column: Column) -> None:
        if column.labels and len(column.labels) >= _FEWEST_CODES:
            self._db.execute("insert into codes values (?, ?)", (_list_of(column), number))
        if column.sketch is None or not column.may_look_up:
            return
        self._db.executemany("insert into new_first values (?, ?)", ((one, number) for one in _first(column.sketch)))
        if column.may_be_looked_up:
            rows = ((one, column.distinct, number) for one in _listed(column.sketch))
            self._db.executemany("insert into new_lists values (?, ?, ?)", rows)

    def find(self, *, update: bool) -> None:
        """Finds all joins of what was taken in; in an `update` also those of other datasets into it."""
        self._db.executescript(_SETTLE)
        for dataset in self._changed:
            numbers = [row["id"] for row in self._db.execute(f"{COLUMN} where dataset = ?", (dataset,))]
            for number in numbers:
                self._find_targets(number)
                self._find_codes(number)
                if update:
                    self._find_sources(number)
            for table in self._tables_of(dataset):
                self._find_keys(table)
                if update:
                    self._find_keyed(table)
        self._measure_declared()

    def _find_targets(self, number: int) -> None:
        source = self._column(number)
        if source.sketch is not None and source.may_look_up:
            fewest = int(source.distinct * SHARE * _SLACK)
            found = self._numbers(_LISTS, ((one, fewest, MOST) for one in _first(source.sketch)))
            for other in found:
                self._judge(source, self._column(other))

    def _find_sources(self, number: int) -> None:
        target = self._column(number)
        if target.sketch is not None and target.may_be_looked_up:
            for other in self._numbers(_FIRST, ((one, MOST) for one in _listed(target.sketch))):
                self._judge(self._column(other), target)

    def _numbers(self, query: str, asked: Iterable[tuple[int, ...]]) -> list[int]:
        return sorted({row["col"] for values in asked for row in self._db.execute(query, values)})

    def _judge(self, source: Column, target: Column) -> None:
        found = judged(source, target)
        if found is not None and not self._is_declared(_pair(target, source)):
            self._keep(_pair(source, target), "found", found, source, target)

    def _is_declared(self, pair: _Pair) -> bool:
        """Whether a department has declared it: the other way round it says nothing more."""
        asked = "select 1 from joins where code = ? and why = 'declared'"
        return self._db.execute(asked, (pair.code,)).fetchone() is not None

    def _find_codes(self, number: int) -> None:
        """The columns of other tables with the same codes, which mean the same."""
        same = "select col from codes where list in (select list from codes where col = ?1) and col <> ?1 limit ?2"
        mine = self._column(number)
        for row in self._db.execute(same, (number, MOST)).fetchall():
            other = self._column(row["col"])
            one, two = sorted((mine, other), key=lambda column: (*column.place.table, column.place.name))
            if one.place.table != two.place.table:
                self._keep(_pair(one, two), "codes", measured(one, two), one, two)

    def _tables_of(self, dataset: str) -> list[int]:
        return [row["id"] for row in self._db.execute("select id from tables where dataset = ?", (dataset,)).fetchall()]

    def _find_keys(self, table: int) -> None:
        """The keys of several columns of other tables all of whose columns this table has by name."""
        keys = self._db.execute(_KEYS, (table, MOST)).fetchall()
        for row in keys:
            self._judge_together(table, row["tbl"])

    def _find_keyed(self, table: int) -> None:
        """The other tables that have all columns of the key of this one."""
        for row in self._db.execute(_KEYED, (table, MOST)).fetchall():
            self._judge_together(row["tbl"], table)

    def _judge_together(self, source: int, target: int) -> None:
        key = json.loads(self._db.execute("select key from tables where id = ?", (target,)).fetchone()["key"])
        ours, theirs = self._called(source, key), self._called(target, key)
        if len(ours) == len(theirs) == len(key) and judged_together(ours, theirs):
            pair = _Pair((*ours[0].place.table, tuple(key)), (*theirs[0].place.table, tuple(key)))
            turned = _Pair(pair.target, pair.source)
            if not self._is_declared(turned):
                known = max(zip(ours, theirs, strict=True), key=lambda both: both[0].may_look_up * both[0].distinct)
                self._keep(pair, "found", None, *known)

    def _called(self, table: int, names: Sequence[str]) -> list[Column]:
        """The columns of a table by their names, in this order; those that it has."""
        asked = "select id from columns where tbl = ? and name = ?"
        rows = (self._db.execute(asked, (table, name)).fetchone() for name in names)
        return [self._column(row["id"]) for row in rows if row]

    def _measure_declared(self) -> None:
        """How much of each declared key is found in what it refers to as that is now."""
        for dataset in self._changed:
            asked = "select * from joins where why = 'declared' and ? in (source_dataset, target_dataset)"
            for row in self._db.execute(asked, (dataset,)).fetchall():
                pair = _sides(row)
                source, target = (self._at(*side) for side in (pair.source, pair.target))
                if source is not None and target is not None:
                    self._keep(pair, "declared", measured(source, target), source, target)

    def _at(self, dataset: str, resource: str, fields: Sequence[str]) -> Column | None:
        """A column by its place; None of several at once, or where it is not there."""
        asked = f"{COLUMN} where dataset = ? and resource = ? and columns.name = ?"
        row = self._db.execute(asked, (dataset, resource, fields[0])).fetchone() if len(fields) == 1 else None
        return self._column(row["id"]) if row else None

    def _keep(
        self, pair: _Pair, why: Why, found: Found | None, source: Column | None = None, target: Column | None = None
    ) -> None:
        """Writes a join; one that is declared or found is not written again as less."""
        measures = (found.share, found.known, found.is_exact) if found else (None, 0, False)
        alike = (rank_of(source, target), likeness(source, target)) if source and target else (0, 1.0)
        stronger = "replace" if why == "declared" else "ignore"
        sides = (field for side in (pair.source, pair.target) for field in (*side[:2], json.dumps(side[2])))
        values = (pair.code, *sides, why, *measures, *alike)
        self._db.execute(f"insert or {stronger} into joins values ({', '.join('?' * len(values))})", values)  # noqa: S608 (our own words)

    def _load(self, number: int) -> Column:
        row = self._db.execute(f"{COLUMN} where columns.id = ?", (number,)).fetchone()
        column = read_column(row)
        return replace(column, sketch=self._sketches(column.place, row["version"]))


def _is_part(column: Column) -> bool:
    return column.place.name in column.key


def _pair(source: Column, target: Column) -> _Pair:
    return _Pair((*source.place.table, (source.place.name,)), (*target.place.table, (target.place.name,)))


def _sides(row: sqlite3.Row) -> _Pair:
    source, target = (
        (row[f"{side}_dataset"], row[f"{side}_resource"], tuple(json.loads(row[f"{side}_fields"])))
        for side in ("source", "target")
    )
    return _Pair(source, target)


def _first(sketch: Sketch) -> list[int]:
    return _signed(sketch, FIRST)


def _listed(sketch: Sketch) -> list[int]:
    return _signed(sketch, len(sketch.hashes) if sketch.is_complete else LISTED)


def _signed(sketch: Sketch, count: int) -> list[int]:
    """The smallest hashes as SQLite holds 64 bits."""
    return cast("list[int]", sketch.hashes[:count].view(np.int64).tolist())


def _list_of(column: Column) -> str:
    """What all columns with these codes and labels have in common."""
    return hashlib.sha256(json.dumps(sorted((column.labels or {}).items())).encode()).hexdigest()[:24]


def _written(column: Column) -> str:
    facts = [getattr(column, name) for name in _KEPT]
    return json.dumps(
        [column.title.zh, column.title.en, sorted(column.words), *facts], ensure_ascii=False, separators=(",", ":")
    )


def read_column(row: sqlite3.Row) -> Column:
    """A column as it was written, without its sketch and its labels; `row` is of its table too."""
    zh, en, words, *facts = json.loads(row["facts"])
    return Column(
        place=Place(row["dataset"], row["resource"], row["name"]),
        title=Text(zh, en),
        table=row["table_name"],
        table_title=Text(row["title_zh"], row["title_en"]),
        words=frozenset(words),
        around=frozenset(row["around"].split()),
        key=tuple(json.loads(row["key"])),
        **dict(zip(_KEPT, facts, strict=True)),
    )


def every_column(db: sqlite3.Connection, dataset: str) -> Iterator[Column]:
    """The columns of a dataset as they were written."""
    yield from (read_column(row) for row in db.execute(f"{COLUMN} where dataset = ? order by columns.id", (dataset,)))

"""Writes catalog.db: cards, departments, themes, and the words to correct typos with; and details.db beside it.

details.db holds what makes most of the bytes and is read only for the datasets of one page: descriptions, columns,
and what was counted for each dataset. It is never written again after a full build: an update links it and keeps what
changed in a table of the same shape in catalog.db. A number is given to a dataset once and never again, so that no
number stands in both.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from civicat.catalog.index.prepared import Prepared, Term
from civicat.catalog.index.sources import Source, Sources

DETAILS = "details.db"
_DETAILS = """
create table {0}.details (
    number integer primary key, description_zh text, description_en text, columns blob, licences text, terms blob
);
"""
_TABLES = """
create table datasets (
    number integer primary key, id text unique, department text, name text, title_zh text, title_en text, themes text,
    frequency text, licence text, version text, versions integer, released text, rows integer, tables text,
    formats text, opening text, due text, held integer, points integer, box text, begins text, ends text, said integer
);
create table themes (theme text, released text, id text, primary key (theme, released desc, id)) without rowid;
create table keys (target text, source text, primary key (target, source)) without rowid;
create table theme_totals (theme text primary key, datasets integer) without rowid;
create table sayings (number integer primary key, said text unique);
create table departments (
    code text primary key, title_zh text, title_en text, description_zh text, description_en text, url text,
    contact_title_zh text, contact_title_en text, contact_url text, contact_email text, contact_phone text, gaps text,
    datasets integer, tables integer, rows integer, releases integer
) without rowid;
create table licences (
    code text, title_zh text, title_en text, datasets integer, primary key (code, title_zh, title_en)
) without rowid;
create table terms (number integer primary key, kind text, term text, sound text, datasets integer);
create table sources (dataset text primary key, seen integer, files blob) without rowid;
create table updates (datasets integer);
insert into updates values (0);
"""
_INDEXES = """
create index datasets_department on datasets (department, released desc, id);
create index keys_source on keys (source);
create index datasets_released on datasets (released desc, id);
create unique index terms_term on terms (kind, term, sound);
create index terms_sound on terms (sound) where sound <> '';
analyze;
"""
_COUNT_TERM = """
insert into terms (kind, term, sound, datasets) values (?, ?, ?, 1)
on conflict (kind, term, sound) do update set datasets = datasets + 1 returning number
"""
_COUNT_LICENCE = """
insert into licences values (?, ?, ?, 1) on conflict (code, title_zh, title_en) do update set datasets = datasets + 1
"""
# Of a department what its newest release says is kept.
_DEPARTMENTS = """
insert or replace into departments
select code, {saying}, counted.datasets, counted.tables, counted.rows, counted.releases
from (
    select department code, count(*) datasets, coalesce(sum(json_array_length(tables)), 0) tables,
        coalesce(sum(rows), 0) rows, coalesce(sum(versions), 0) releases
    from datasets {among} group by department
) counted
join sayings on sayings.number = (
    select said from datasets where department = code order by released desc, id limit 1
)
""".replace("{saying}", ", ".join(f"json_extract(sayings.said, '$[{at}]')" for at in range(11)))
_THEMES = "insert or replace into theme_totals select theme, count(*) from themes {among} group by theme"
_AMONG = "where {0} in (select value from json_each(?))"
_SEVEN_BITS, _MORE = 0x7F, 0x80
_FULL_AT_ONCE = "pragma journal_mode=off; pragma synchronous=off;"  # a build that fails is thrown away as a whole


def read_sources(catalog: Path) -> tuple[dict[str, Source], int]:
    """What a build was made from, and how many datasets have changed in it since the last full one.

    Raises:
        sqlite3.Error: it is no such build, or damaged.
    """
    with closing(sqlite3.connect(f"file:{quote(str(catalog.absolute()))}?mode=ro&immutable=1", uri=True)) as db:
        rows = db.execute("select dataset, seen, files from sources")
        return {name: Source(seen, files) for name, seen, files in rows}, db.execute(
            "select * from updates"
        ).fetchone()[0]


class Rows:
    """Both files of a build in a folder; whole when the block ends."""

    def __init__(self, catalog: Path, details: Path) -> None:
        self._db = sqlite3.connect(catalog, isolation_level=None)
        self._db.execute("attach ? as base", (str(details),))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._finish()
        finally:
            self._db.close()

    def _finish(self) -> None:
        raise NotImplementedError

    def _insert(self, table: str, *values: object) -> None:
        marks = ", ".join("?" * len(values))
        self._db.execute(f"insert or replace into {table} values ({marks})", values)  # noqa: S608  our own names

    def _insert_dataset(self, number: int, one: Prepared, said: int, terms: Iterable[int], details: str) -> None:
        self._insert("datasets", number, *one.card, said)
        self._insert(details, number, *one.description, one.columns, json.dumps(one.licences), packed(terms))
        for theme in one.themes:
            self._insert("themes", theme, one.released, one.id)
        for target in one.refers:
            self._insert("keys", target, one.id)

    def _look_at(self, sources: Sources) -> None:
        values = ((name, one.seen, one.files) for name, one in sources.items())
        self._db.executemany("insert or replace into sources values (?, ?, ?)", values)


class NewRows(Rows):
    """The files of a full build: what is counted is counted in memory and written at the end."""

    def __init__(self, catalog: Path, details: Path) -> None:
        super().__init__(catalog, details)
        tables = _DETAILS.format("base") + _DETAILS.format("main") + _TABLES
        self._db.executescript(
            f"{_FULL_AT_ONCE} pragma base.journal_mode=off; pragma base.synchronous=off; {tables} begin;"
        )
        self._number = 0
        self._sayings: dict[str, int] = {}
        self._licences: dict[tuple[str, str, str], int] = {}
        self._terms: dict[Term, int] = {}  # to its number, from 0
        self._counts: list[int] = []  # by a term's number

    def add(self, one: Prepared) -> None:
        """Adds one dataset."""
        self._number += 1
        said = self._sayings.setdefault(one.said, len(self._sayings))
        self._insert_dataset(self._number, one, said, map(self._count, one.terms), "base.details")
        for licence in one.licences:
            self._licences[licence] = self._licences.get(licence, 0) + 1

    def look_at(self, sources: Sources) -> None:
        """Remembers what the build was made from."""
        self._look_at(sources)

    def _count(self, term: Term) -> int:
        number = self._terms.setdefault(term, len(self._counts))
        if number == len(self._counts):
            self._counts.append(0)
        self._counts[number] += 1
        return number

    def _finish(self) -> None:
        many = self._db.executemany
        many("insert into sayings (said, number) values (?, ?)", self._sayings.items())
        many("insert into licences values (?, ?, ?, ?)", ((*one, count) for one, count in self._licences.items()))
        many(
            "insert into terms values (?, ?, ?, ?, ?)",
            ((number, *term, self._counts[number]) for term, number in self._terms.items()),
        )
        self._db.execute(_DEPARTMENTS.format(among=""))
        self._db.execute(_THEMES.format(among=""))
        self._db.executescript(_INDEXES)  # it commits what was open


class ChangedRows(Rows):
    """A copy of another build's catalog.db, beside the same details.db, in which some datasets change."""

    def __init__(self, catalog: Path, details: Path) -> None:
        super().__init__(catalog, details)
        self._db.executescript(f"{_FULL_AT_ONCE} begin;")
        self._departments: set[str] = set()
        self._themes: set[str] = set()

    def add(self, one: Prepared) -> None:
        """Adds one dataset; the one of its name must be gone."""
        self._departments.add(one.department)
        self._themes.update(one.themes)
        self._db.execute("insert or ignore into sayings (said) values (?)", (one.said,))
        said = self._one("select number from sayings where said = ?", one.said)[0]
        terms = [self._one(_COUNT_TERM, *term)[0] for term in one.terms]
        self._insert_dataset(self._next_number(), one, said, terms, "main.details")
        self._db.executemany(_COUNT_LICENCE, one.licences)

    def remove(self, dataset: str) -> None:
        """Takes one dataset out, and what was counted for it, where it is there."""
        found = self._rows("select number, department, themes, released from datasets where id = ?", dataset)
        for number, department, themes, released in found:
            self._departments.add(department)
            self._themes.update(gone := json.loads(themes))
            many = self._db.executemany
            many(
                "delete from themes where theme = ? and released = ? and id = ?",
                ((one, released, dataset) for one in gone),
            )
            self._count_down(number)
            self._db.execute("delete from keys where source = ?", (dataset,))
            self._db.execute("delete from datasets where number = ?", (number,))
            self._db.execute("delete from main.details where number = ?", (number,))

    def look_at(self, sources: Sources, gone: Iterable[str], changed: int) -> None:
        """Remembers what changed datasets were made from; `changed` counts those since the last full build."""
        self._db.executemany("delete from sources where dataset = ?", ((one,) for one in gone))
        self._look_at(sources)
        self._db.execute("update updates set datasets = ?", (changed,))

    def _count_down(self, number: int) -> None:
        tables = ("main.details", "base.details")
        query = " union all ".join(f"select licences, terms from {table} where number = ?1" for table in tables)  # noqa: S608  our own names
        licences, terms = self._one(query, number)
        many = self._db.executemany
        many("update terms set datasets = datasets - 1 where number = ?", ((one,) for one in unpacked(terms)))
        many("delete from terms where number = ? and datasets = 0", ((one,) for one in unpacked(terms)))
        of = "where code = ? and title_zh = ? and title_en = ?"
        many(f"update licences set datasets = datasets - 1 {of}", json.loads(licences))  # noqa: S608  our own names
        self._db.execute("delete from licences where datasets = 0")

    def _next_number(self) -> int:
        """Above every number in either file."""
        highest = "select max(number) from {0}".format
        both = f"{highest('base.details')} union all {highest('main.details')}"
        return max(number or 0 for (number,) in self._rows(both)) + 1

    def _finish(self) -> None:
        for table, column, refresh, codes in (
            ("departments", "code", _DEPARTMENTS.format(among=_AMONG.format("department")), self._departments),
            ("theme_totals", "theme", _THEMES.format(among=_AMONG.format("theme")), self._themes),
        ):
            among = json.dumps(sorted(codes))
            self._db.execute(f"delete from {table} {_AMONG.format(column)}", (among,))  # noqa: S608  our own names
            self._db.execute(refresh, (among,))
        self._db.execute("delete from sayings where number not in (select said from datasets)")
        self._db.execute("commit")

    def _one(self, query: str, *values: object) -> tuple[Any, ...]:
        return self._rows(query, *values)[0]

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self._db.execute(query, values).fetchall()


def packed(numbers: Iterable[int]) -> bytes:
    """Numbers in order, each as its distance from the one before, seven bits to a byte: one byte for most."""
    found, last = bytearray(), 0
    for number in sorted(numbers):
        gap, last = number - last, number
        while gap > _SEVEN_BITS:
            found.append(gap & _SEVEN_BITS | _MORE)
            gap >>= 7
        found.append(gap)
    return bytes(found)


def unpacked(content: bytes) -> Iterator[int]:
    """The numbers that were packed."""
    number = gap = shift = 0
    for byte in content:
        gap |= (byte & _SEVEN_BITS) << shift
        shift += 7
        if byte < _MORE:
            number += gap
            yield number
            gap = shift = 0

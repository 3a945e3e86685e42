"""Writes catalog.db: the cards of all datasets, their departments and columns, and the words to correct typos with."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from civicat.catalog.entry import Entry
from civicat.dataset import Department

_TABLES = """
create table datasets (
    id text primary key, department text, name text, title_zh text, title_en text, description_zh text,
    description_en text, themes text, frequency text, licence text, version text, versions integer, released text,
    rows integer, tables text, formats text, opening text, due text, held integer, points integer, box text,
    begins text, ends text
);
create table themes (theme text, dataset text, primary key (theme, dataset)) without rowid;
create table departments (
    code text primary key, title_zh text, title_en text, description_zh text, description_en text, url text,
    contact_title_zh text, contact_title_en text, contact_url text, contact_email text, contact_phone text, gaps text
);
create table licences (code text primary key, title_zh text, title_en text) without rowid;
create table columns (dataset text, name text, title_zh text, title_en text, tokens text);
create table words (word text primary key, datasets integer) without rowid;
create table pairs (sound text, pair text, datasets integer, primary key (sound, pair)) without rowid;
create table syllables (syllable text primary key) without rowid;
"""
_INDEXES = """
create index datasets_department on datasets (department, released desc, id);
create index datasets_released on datasets (released desc, id);
create index columns_dataset on columns (dataset);
"""


class Rows:
    """A new catalog.db; whole when the block ends. It has no journal: a build that fails is thrown away."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(f"pragma journal_mode=off; pragma synchronous=off; {_TABLES} begin;")
        self._departments: dict[str, tuple[str, Department]] = {}
        self._words: Counter[str] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._syllables: set[str] = set()

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

    def add(self, entry: Entry) -> None:
        """Adds one dataset."""
        card = entry.card
        self._insert(
            "datasets",
            *(card.id, card.department, card.name, card.title.zh, card.title.en, card.description.zh),
            *(card.description.en, _list(card.themes), card.frequency, card.licence, card.version, card.versions),
            *(card.released, card.rows, _list(card.tables), _list(card.formats), card.opening, card.due),
            *(card.held, card.points, _list(card.box) if card.box else "", card.begins, card.ends),
        )
        for theme in set(card.themes):
            self._insert("themes", theme, card.id)
        for column in entry.columns:
            self._insert("columns", card.id, column.name, column.title.zh, column.title.en, column.tokens)
        for code, title in entry.licences.items():
            self._db.execute("insert or replace into licences values (?, ?, ?)", (code, title.zh, title.en))
        self._remember(entry)

    def _remember(self, entry: Entry) -> None:
        """Counts words; of a department what its newest release says is kept."""
        said, code = (entry.card.released, entry.department), entry.department.code
        self._departments[code] = max(said, self._departments.get(code, said), key=lambda one: one[0])
        self._words.update(entry.words)
        self._pairs.update(entry.pairs)
        self._syllables |= entry.syllables

    def _finish(self) -> None:
        for _, department in self._departments.values():
            self._insert("departments", *_department(department))
        for word, datasets in self._words.items():
            self._insert("words", word, datasets)
        for (pair, sound), datasets in self._pairs.items():
            self._insert("pairs", sound, pair, datasets)
        for syllable in self._syllables:
            self._insert("syllables", syllable)
        self._db.executescript(f"{_INDEXES} analyze;")  # it commits what was open

    def _insert(self, table: str, *values: object) -> None:
        self._db.execute(f"insert into {table} values ({', '.join('?' * len(values))})", values)  # noqa: S608  our own names


def _department(one: Department) -> tuple[str, ...]:
    contact = one.contact
    gaps = _list([gap.zh, gap.en] for gap in one.gaps)
    return (
        *(one.code, one.title.zh, one.title.en, one.description.zh, one.description.en, one.url),
        *(contact.title.zh, contact.title.en, contact.url, contact.email, contact.phone, gaps),
    )


def _list(many: Iterable[object]) -> str:
    return json.dumps(list(many), ensure_ascii=False)

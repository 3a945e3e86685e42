"""Reads a build's catalog.db: totals, themes, departments, cards. A build never changes, nor does what this answers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from urllib.parse import quote

from civicat.catalog.index.building import CATALOG
from civicat.catalog.index.entry import Column
from civicat.catalog.index.prepared import SYLLABLE, WORD, columns_in
from civicat.catalog.index.rows import DETAILS
from civicat.catalog.model import Bucket, Card, DepartmentCard, Totals
from civicat.errors import StoreError
from civicat.text import Text
from civicat.vocabulary import THEMES

_FROM = """
from datasets
join departments on departments.code = datasets.department
left join main.details newer on newer.number = datasets.number
left join base.details older on older.number = datasets.number
"""
_CARDS = f"""
select datasets.*, departments.title_zh department_zh, departments.title_en department_en,
    coalesce(newer.description_zh, older.description_zh) description_zh,
    coalesce(newer.description_en, older.description_en) description_en
{_FROM}
"""
_COLUMNS = f"select datasets.id, coalesce(newer.columns, older.columns) columns {_FROM}"
_OF = {  # by whether a department and a theme are given
    (False, False): "",
    (True, False): "where datasets.department = ?1",
    (False, True): "join themes on themes.theme = ?2 and themes.id = datasets.id",
    (True, True): "join themes on themes.theme = ?2 and themes.id = datasets.id where datasets.department = ?1",
}
_AMONG = "where datasets.id in (select value from json_each(?))"
_NEWEST_FIRST = {  # by whether it is of a theme: each in the order of an index
    False: "order by datasets.released desc, datasets.id",
    True: "order by themes.released desc, themes.id",
}
_DEPARTMENTS = "select * from departments where ? in ('', code) order by code"
_TOTALS = """
select coalesce(sum(datasets), 0), count(*), coalesce(sum(tables), 0), coalesce(sum(rows), 0),
    coalesce(sum(releases), 0)
from departments
"""
# The title of a licence that most datasets give it.
_LICENCES = "select code, title_zh, title_en from licences order by datasets, title_zh desc, title_en desc"
_ALL = -1  # SQLite's limit for no limit


class Catalogue:
    """The catalogue as one build has it. Any thread may ask; it reads on when its build is swapped or swept away.

    Raises:
        StoreError: the build is not there or not whole.
    """

    def __init__(self, build: Path) -> None:
        self._lock = Lock()  # one connection: an open file outlives the sweeping of its folder
        try:
            self._db = sqlite3.connect(_address(build / CATALOG), uri=True, check_same_thread=False)
            self._db.row_factory = sqlite3.Row
            self._db.execute("attach ? as base", (_address(build / DETAILS),))
            self._rows("select 1 from datasets, base.details limit 1")
        except sqlite3.Error as error:
            raise StoreError(
                Text(
                    f"索引 {build} 无法读取（{error}）。请运行 civicat index。",
                    f"The index {build} cannot be read ({error}). Run civicat index.",
                )
            ) from error

    def close(self) -> None:
        """Ends reading; waits for whoever reads now."""
        with self._lock:
            self._db.close()

    def totals(self) -> Totals:
        """The size of the catalogue."""
        return Totals(*self._rows(_TOTALS)[0])

    def themes(self) -> tuple[Bucket, ...]:
        """Every theme of the vocabulary with its number of datasets, also where that is 0."""
        counts = dict(map(tuple, self._rows("select theme, datasets from theme_totals")))
        return tuple(Bucket(code, label, counts.get(code, 0), chosen=False) for code, label in THEMES.items())

    def departments(self) -> tuple[DepartmentCard, ...]:
        """Every department that has published something, by code."""
        return tuple(map(_department, self._rows(_DEPARTMENTS, "")))

    def department(self, code: str) -> DepartmentCard | None:
        """One department, None where it has published nothing."""
        rows = self._rows(_DEPARTMENTS, code) if code else []
        return _department(rows[0]) if rows else None

    def cards(self, department: str = "", theme: str = "", limit: int = _ALL, offset: int = 0) -> tuple[Card, ...]:
        """The datasets of a department, of a theme, of both or all; newest first. Of many ask for a few at a time."""
        of = _OF[bool(department), bool(theme)]
        rows = self._rows(
            f"{_CARDS} {of} {_NEWEST_FIRST[bool(theme)]} limit ?3 offset ?4", department, theme, limit, offset
        )
        return tuple(map(_card, rows))

    def latest(self, limit: int) -> tuple[Card, ...]:
        """The datasets that were released last."""
        return self.cards(limit=max(0, limit))

    def ids(self, department: str = "") -> tuple[str, ...]:
        """The names of all datasets, or of a department's, as `department/dataset`: what is cheap to have of many."""
        query = "select id from datasets where ?1 = '' or department = ?1 order by id"
        one = "select id from datasets where department = ?1 order by id"
        return tuple(row["id"] for row in self._rows(one if department else query, department))

    def referring(self, dataset: str) -> tuple[str, ...]:
        """The datasets whose keys refer to one, by id, in order."""
        return tuple(row["source"] for row in self._rows("select source from keys where target = ?", dataset))

    def department_codes(self) -> frozenset[str]:
        """The codes of every department that has published something."""
        return frozenset(row["code"] for row in self._rows("select code from departments"))

    def versions(self) -> Mapping[str, str]:
        """The version of every dataset that is shown, by the dataset's id, in its order."""
        return dict(map(tuple, self._rows("select id, version from datasets order by id")))

    def card(self, dataset: str) -> Card | None:
        """One dataset by `department/dataset`, None where it is not published."""
        return self.cards_of((dataset,)).get(dataset)

    def cards_of(self, datasets: Iterable[str]) -> Mapping[str, Card]:
        """Some datasets, by id; those that are not published are left out."""
        rows = self._rows(f"{_CARDS} {_AMONG}", json.dumps(list(datasets)))
        return {card.id: card for card in map(_card, rows)}

    def columns_of(self, datasets: Iterable[str]) -> Mapping[str, list[Column]]:
        """The columns of some datasets, by the dataset's id, in their order."""
        many = list(datasets)
        rows = self._rows(f"{_COLUMNS} {_AMONG}", json.dumps(many))
        return {**{one: [] for one in many}, **{row["id"]: columns_in(row["columns"]) for row in rows}}

    def licences(self) -> Mapping[str, Text]:
        """The title of each licence, by code: the one that most datasets give it."""
        return {row["code"]: Text(row["title_zh"], row["title_en"]) for row in self._rows(_LICENCES)}

    def words(self) -> Mapping[str, int]:
        """Every English word of the catalogue as it is written, with its number of datasets; in order."""
        return dict(map(tuple, self._rows("select term, datasets from terms where kind = ? order by term", WORD)))

    def sounding(self, sounds: Iterable[str]) -> tuple[str, ...]:
        """The pairs of characters that sound like any of these (renkou), those of most datasets first."""
        query = """
            select term from terms where sound <> '' and sound in (select value from json_each(?))
            order by datasets desc, term
        """
        return tuple(row["term"] for row in self._rows(query, json.dumps(list(sounds))))

    def syllables(self) -> frozenset[str]:
        """The syllables of pinyin that occur."""
        return frozenset(row["term"] for row in self._rows("select term from terms where kind = ?", SYLLABLE))

    def _rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(query, values).fetchall()


def _address(file: Path) -> str:
    return f"file:{quote(str(file.absolute()))}?mode=ro&immutable=1"


def _card(row: sqlite3.Row) -> Card:
    return Card(
        id=row["id"],
        department=row["department"],
        department_title=Text(row["department_zh"], row["department_en"]),
        name=row["name"],
        title=_text(row, "title"),
        description=_text(row, "description"),
        themes=tuple(json.loads(row["themes"])),
        frequency=row["frequency"],
        licence=row["licence"],
        version=row["version"],
        versions=row["versions"],
        released=row["released"],
        rows=row["rows"],
        tables=tuple(json.loads(row["tables"])),
        formats=tuple(json.loads(row["formats"])),
        opening=row["opening"],
        due=row["due"],
        held=row["held"],
        points=row["points"],
        box=tuple(json.loads(row["box"])) if row["box"] else None,
        begins=row["begins"],
        ends=row["ends"],
    )


def _department(row: sqlite3.Row) -> DepartmentCard:
    return DepartmentCard(
        code=row["code"],
        title=_text(row, "title"),
        description=_text(row, "description"),
        url=row["url"],
        contact_title=_text(row, "contact_title"),
        contact_url=row["contact_url"],
        contact_email=row["contact_email"],
        contact_phone=row["contact_phone"],
        gaps=tuple(Text(zh, en) for zh, en in json.loads(row["gaps"])),
        datasets=row["datasets"],
        rows=row["rows"],
    )


def _text(row: sqlite3.Row, name: str) -> Text:
    return Text(row[f"{name}_zh"], row[f"{name}_en"])

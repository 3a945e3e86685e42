"""Reads a build's catalog.db: totals, themes, departments, cards. A build never changes, nor does what this answers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from urllib.parse import quote

from civicat.catalog.entry import Column
from civicat.catalog.index import CATALOG
from civicat.catalog.model import Bucket, Card, DepartmentCard, Totals
from civicat.errors import StoreError
from civicat.text import Text
from civicat.vocabulary import THEMES

_CARDS = """
select datasets.*, departments.title_zh department_zh, departments.title_en department_en
from datasets join departments on departments.code = datasets.department
"""
_OF = """
where ?1 in ('', datasets.department)
and (?2 = '' or datasets.id in (select dataset from themes where theme = ?2))
"""
_AMONG = "where datasets.id in (select value from json_each(?))"
_NEWEST_FIRST = "order by datasets.released desc, datasets.id limit ?"
_DEPARTMENTS = """
select departments.*, count(*) datasets, sum(datasets.rows) rows
from departments join datasets on datasets.department = departments.code
where ? in ('', departments.code) group by departments.code order by departments.code
"""
_TOTALS = """
select count(*), count(distinct department), coalesce(sum(json_array_length(tables)), 0),
    coalesce(sum(rows), 0), coalesce(sum(versions), 0)
from datasets
"""
_ALL = -1  # SQLite's limit for no limit


class Catalogue:
    """The catalogue as one build has it. Any thread may ask; it reads on when its build is swapped or swept away.

    Raises:
        StoreError: the build is not there or not whole.
    """

    def __init__(self, build: Path) -> None:
        address = f"file:{quote(str((build / CATALOG).absolute()))}?mode=ro&immutable=1"
        self._lock = Lock()  # one connection: an open file outlives the sweeping of its folder
        try:
            self._db = sqlite3.connect(address, uri=True, check_same_thread=False)
            self._db.row_factory = sqlite3.Row
            self._rows("select 1 from datasets limit 1")
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
        counts = dict(map(tuple, self._rows("select theme, count(*) from themes group by theme")))
        return tuple(Bucket(code, label, counts.get(code, 0), chosen=False) for code, label in THEMES.items())

    def departments(self) -> tuple[DepartmentCard, ...]:
        """Every department that has published something, by code."""
        return tuple(map(_department, self._rows(_DEPARTMENTS, "")))

    def department(self, code: str) -> DepartmentCard | None:
        """One department, None where it has published nothing."""
        rows = self._rows(_DEPARTMENTS, code) if code else []
        return _department(rows[0]) if rows else None

    def cards(self, department: str = "", theme: str = "") -> tuple[Card, ...]:
        """The datasets of a department, of a theme, of both or all; newest first."""
        return tuple(map(_card, self._rows(f"{_CARDS} {_OF} {_NEWEST_FIRST}", department, theme, _ALL)))

    def latest(self, limit: int) -> tuple[Card, ...]:
        """The datasets that were released last."""
        return tuple(map(_card, self._rows(f"{_CARDS} {_NEWEST_FIRST}", max(0, limit))))

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
        found: dict[str, list[Column]] = {dataset: [] for dataset in many}
        query = "select * from columns where dataset in (select value from json_each(?)) order by rowid"
        for row in self._rows(query, json.dumps(many)):
            found[row["dataset"]].append(Column(row["name"], Text(row["title_zh"], row["title_en"]), row["tokens"]))
        return found

    def licences(self) -> Mapping[str, Text]:
        """The title of each licence, by code."""
        return {row["code"]: Text(row["title_zh"], row["title_en"]) for row in self._rows("select * from licences")}

    def words(self) -> Mapping[str, int]:
        """Every English word of the catalogue as it is written, with its number of datasets."""
        return dict(map(tuple, self._rows("select word, datasets from words")))

    def sounding(self, sounds: Iterable[str]) -> tuple[str, ...]:
        """The pairs of characters that sound like any of these (renkou), those of most datasets first."""
        query = "select pair from pairs where sound in (select value from json_each(?)) order by datasets desc, pair"
        return tuple(row["pair"] for row in self._rows(query, json.dumps(list(sounds))))

    def syllables(self) -> frozenset[str]:
        """The syllables of pinyin that occur."""
        return frozenset(row["syllable"] for row in self._rows("select syllable from syllables"))

    def _rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(query, values).fetchall()


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

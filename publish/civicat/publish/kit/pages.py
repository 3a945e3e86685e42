"""The pages of the kit: where each stands in the zip, and what is on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from civicat.dataset import Department
from civicat.layout import SIGNATURE
from civicat.publish.exports.rows import as_text, described
from civicat.publish.kit.dictionary import short
from civicat.publish.kit.facts import Facts, TableFacts
from civicat.publish.kit.templating import page
from civicat.publish.stored import reading, stored_batches
from civicat.release import Release, Table
from civicat.text import LANGUAGES, Language

FIRST_ROWS = 10
CITATIONS: Mapping[str, str] = {"bibtex": "bib", "ris": "ris", "csl": "json"}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the files of one dataset stand in the zip."""

    release: Release

    @property
    def data(self) -> str:
        """The folder of its data."""
        return f"data/{self.release.dataset.id}"

    @property
    def name(self) -> str:
        """Its name as part of a file name; each department's code and dataset's name hold no double hyphen between."""
        return self.release.dataset.id.replace("/", "_")

    def page(self, language: Language) -> str:
        """Its page."""
        return f"{language}/{self.release.dataset.id}.html"

    def csv(self, table: Table) -> str:
        """A table as CSV."""
        return f"{self.data}/{table.name}.csv"

    def excel(self, table: Table) -> str:
        """A table as CSV for Excel, in a folder of its own: no file of a release can have its name."""
        return f"{self.data}/excel/{table.name}-excel.csv"

    def leaflet(self, language: Language) -> str:
        """Its leaflet."""
        return f"leaflets/{self.name}.{language}.pdf"

    def citation(self, style: str) -> str:
        """Its citation as a file for reference managers."""
        return f"cite/{self.name}.{CITATIONS[style]}"

    def original(self, name: str) -> str:
        """A file of the release as it is in the store."""
        return f"{self.data}/{name}"


@dataclass(frozen=True, slots=True)
class FirstRows:
    """The names of a table's columns, and its first rows, each cell as text, None where it is empty."""

    names: Sequence[str]
    rows: Sequence[Sequence[str | None]]


@dataclass(frozen=True, slots=True)
class Item:
    """One dataset as its page shows it. `files` are the names of the release's own files that are in the zip.

    `key` is the id of the public key that its manifest is signed with, empty where that is not in the zip; `left` are
    the bytes of its own files that are too large for the zip.
    """

    facts: Facts
    shelf: Shelf
    files: Sequence[str]
    sizes: Mapping[str, int]
    key: str = ""
    left: int = 0

    @property
    def is_signed(self) -> bool:
        """Whether what proves its signature is in the zip."""
        return SIGNATURE in self.files and bool(self.key)

    @property
    def parquet(self) -> tuple[str, ...]:
        """The files of its tables that are in the zip."""
        return tuple(
            part.path.name
            for table in self.facts.release.tables
            for part in table.parts
            if part.path.name in self.files
        )

    def first(self, table: TableFacts) -> FirstRows:
        """The first rows of a table."""
        return _first_rows(table.table)


@dataclass(frozen=True, slots=True)
class _Group:
    department: Department
    items: tuple[Item, ...]


def pages(items: Sequence[Item]) -> Iterator[tuple[str, bytes]]:
    """Each page with its name in the zip: the start, the two lists, one in each language for each dataset."""
    yield "index.html", _rendered("start.html", "zh", "", count=len(items))
    groups = _grouped(items)
    for language in LANGUAGES:
        yield f"{language}/index.html", _rendered("list.html", language, "../", groups=groups, count=len(items))
        for item in items:
            yield item.shelf.page(language), _rendered("dataset.html", language, "../../", item=item)


def readme(items: Sequence[Item], key: str) -> bytes:
    """How to use and to check the kit, in plain text; `key` is the id of the key that signs it, or empty."""
    return _rendered("readme.txt", "zh", "", items=items, key=key, keys=sorted({one.key for one in items if one.key}))


def _rendered(name: str, language: Language, root: str, **said: object) -> bytes:
    return f"{page(name, language, root=root, **said).strip()}\n".encode()


def _grouped(items: Sequence[Item]) -> tuple[_Group, ...]:
    codes = dict.fromkeys(item.facts.release.department.code for item in items)
    return tuple(
        _Group(many[0].facts.release.department, many)
        for many in (tuple(one for one in items if one.facts.release.department.code == code) for code in codes)
    )


def _first_rows(table: Table) -> FirstRows:
    with reading(table):
        names = described(table)
    batch = next(stored_batches(table, FIRST_ROWS, names), None)
    columns = [as_text(one).to_pylist() for one in batch.columns] if batch is not None else []
    rows = [[None if cell is None else short(cell) for cell in row] for row in zip(*columns, strict=True)]
    return FirstRows(names, rows)

"""The tables of one index build and how they refer to each other, across departments too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from datasette.utils import tilde_encode

from civicat.catalog.index.reader import Catalogue
from civicat.catalog.tables.duck import Published, published, referenced
from civicat.dataset import ForeignKey
from civicat.layout import Readable
from civicat.release import Version

_LABELS = ("name", "title", "label")
_DEPARTMENTS, _DATASETS = 256, 1024  # whose tables are remembered


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key whose target is in the build: `fields` of `source` refer to `reference` of `target`."""

    source: Published
    fields: tuple[str, ...]
    target: Published
    reference: tuple[str, ...]

    @property
    def is_to_row(self) -> bool:
        """Whether the key names one row, which has a page."""
        return set(self.reference) == set(self.target.table.resource.schema.primary_key)

    def address(self, values: Sequence[object]) -> str:
        """The page of the row that `values` (of `fields`, in that order) refer to, or of the rows."""
        named = dict(zip(self.reference, values, strict=True))
        if self.is_to_row:
            return row_address(self.target, [named[name] for name in self.target.table.resource.schema.primary_key])
        return rows_address(self.target, named)


class Tables:
    """The tables of one build, read when they are asked for: a catalogue may have more than anybody opens.

    A release that has been damaged since gives way to the one before. Any thread may ask.
    """

    def __init__(self, layout: Readable, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._layout = layout
        self._places = lru_cache(_DEPARTMENTS)(self._read_places)
        self._tables = lru_cache(_DATASETS)(self._read_tables)

    def departments(self) -> frozenset[str]:
        """The codes of all that have tables."""
        return self._catalogue.department_codes()

    def shown(self, department: str, name: str) -> tuple[str, Version | None]:
        """The dataset at an address and the version that the build shows of it; blank and None where there is none."""
        card = self._catalogue.card(self._places(department).get(name, ""))
        return (card.id, Version.parse(card.version)) if card else ("", None)

    def of(self, department: str) -> tuple[Published, ...]:
        """All tables of a department."""
        datasets = dict.fromkeys(self._places(department).values())
        return tuple(table for dataset in datasets for table in self._tables(dataset))

    def find(self, department: str, name: str) -> Published | None:
        """The table at an address, if there is one."""
        dataset = self._places(department).get(name)
        return next((one for one in self._tables(dataset) if one.name == name), None) if dataset else None

    def outgoing(self, table: Published) -> tuple[Link, ...]:
        """What the keys of a table refer to, as far as it is in the build."""
        found = ((key, self._referenced(table, key)) for key in table.table.resource.schema.foreign_keys)
        return tuple(Link(table, key.fields, target, key.reference) for key, target in found if target is not None)

    def incoming(self, table: Published) -> tuple[Link, ...]:
        """The keys of all tables that refer to one."""
        own = table.release.dataset.id
        datasets = dict.fromkeys((own, *self._catalogue.referring(own)))
        sources = (source for dataset in datasets for source in self._tables(dataset))
        links = (link for source in sources for link in self.outgoing(source))
        return tuple(link for link in links if _name(link.target) == _name(table))

    def _referenced(self, table: Published, key: ForeignKey) -> Published | None:
        return referenced(table, key.dataset, key.resource, self._tables(key.dataset or table.release.dataset.id))

    def _read_places(self, department: str) -> Mapping[str, str]:
        """The dataset of each table of a department, by the table's name."""
        cards = self._catalogue.cards(department=department) if department else ()
        return {name: card.id for card in cards for name in card.tables}

    def _read_tables(self, dataset: str) -> tuple[Published, ...]:
        card = self._catalogue.card(dataset)
        release = self._layout.newest(dataset, Version.parse(card.version)) if card else None
        return published([release]) if release else ()


def _name(table: Published) -> tuple[str, str]:
    return table.department, table.name


def label_column(table: Published) -> str | None:
    """The column that names a row of a table for a reader: `name`, `title`, `label`, or one that ends so."""
    texts = [one.name for one in table.table.resource.schema.fields if one.type == "string"]
    exact = [name for name in texts if name.lower() in _LABELS]
    ending = [name for name in texts if name.lower().rpartition("_")[2] in _LABELS]
    return next(iter((*exact, *ending)), None)


def table_address(table: Published) -> str:
    """The page of a table."""
    return f"/{table.department}/{table.name}"


def row_address(table: Published, key: Sequence[object]) -> str:
    """The page of one row."""
    return f"{table_address(table)}/{','.join(tilde_encode(str(value)) for value in key)}"


def rows_address(table: Published, values: Mapping[str, object]) -> str:
    """The page of the rows that have these values."""
    return f"{table_address(table)}?{urlencode({f'{name}__exact': value for name, value in values.items()})}"

"""The tables of one index build and how they refer to each other, across departments too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from datasette.utils import tilde_encode

from civicat.catalog.duck import Published, referenced

_LABELS = ("name", "title", "label")


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


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables of a build, by (department, table)."""

    by_name: Mapping[tuple[str, str], Published]
    outgoing: Mapping[tuple[str, str], tuple[Link, ...]]
    incoming: Mapping[tuple[str, str], tuple[Link, ...]]

    def find(self, department: str, name: str) -> Published | None:
        """The table at an address, if there is one."""
        return self.by_name.get((department, name))


def related(tables: Sequence[Published]) -> Tables:
    """The tables with their references in both directions."""
    links = [link for one in tables for link in _links(one, tables)]
    names = [_name(one) for one in tables]
    return Tables(
        by_name=dict(zip(names, tables, strict=True)),
        outgoing={name: tuple(link for link in links if _name(link.source) == name) for name in names},
        incoming={name: tuple(link for link in links if _name(link.target) == name) for name in names},
    )


def _name(table: Published) -> tuple[str, str]:
    return table.department, table.name


def _links(table: Published, tables: Sequence[Published]) -> list[Link]:
    found = []
    for foreign in table.table.resource.schema.foreign_keys:
        target = referenced(table, foreign.dataset, foreign.resource, tables)
        if target is not None:
            found.append(Link(table, foreign.fields, target, foreign.reference))
    return found


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

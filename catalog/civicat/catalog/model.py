"""What the pages show of the catalogue, as frozen values. Read from an index build by reader.py and search.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from civicat.text import Text


@dataclass(frozen=True, slots=True)
class Card:
    """One dataset in a list: its latest release. `released` is UTC, ISO 8601; `tables` are table names for links."""

    id: str
    department: str
    department_title: Text
    name: str
    title: Text
    description: Text
    themes: tuple[str, ...]
    frequency: str
    licence: str
    version: str
    versions: int
    released: str
    rows: int
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DepartmentCard:
    """One department that has published something: how many datasets and rows, and what is missing of it."""

    code: str
    title: Text
    description: Text
    url: str
    contact_title: Text
    contact_url: str
    contact_email: str
    contact_phone: str
    gaps: tuple[Text, ...]
    datasets: int
    rows: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The size of the catalogue. `tables` counts tables of the latest releases, `rows` their rows."""

    datasets: int
    departments: int
    tables: int
    rows: int
    releases: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result: its card, and where the words were found, as safe HTML with `<mark>`, by language.

    `found_in` names columns (name, title) in which the words were found, beyond title and description.
    """

    card: Card
    title: Mapping[str, str]
    snippet: Mapping[str, str]
    found_in: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, slots=True)
class Bucket:
    """One value of a facet with its count, given the other filters; `chosen` when it is filtered by now."""

    code: str
    label: Text
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Results:
    """One page of search results. `suggestion` is a near word that does find something, with its count."""

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[Bucket, ...]]
    suggestion: tuple[str, int] | None
    page: int
    pages: int
    searchable: bool

"""What the pages show of the catalogue, as frozen values. Read from an index build by reader.py and search.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from civicat.text import Language, Text


@dataclass(frozen=True, slots=True)
class Card:
    """One dataset in a list: its latest release. `released` is UTC, ISO 8601; `tables` are table names for links.

    `formats` are the names of what it can be had in, `opening` is a code of OPENINGS. `due` is the day by which
    the next release is promised, blank where none is. `held` of `points` points of quality are held. `box` is west,
    south, east, north in degrees; `begins` and `ends` are the first and last day covered; blank where nobody knows.
    """

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
    formats: tuple[str, ...] = ()
    opening: str = "open"
    due: str = ""
    held: int = 0
    points: int = 0
    box: tuple[float, float, float, float] | None = None
    begins: str = ""
    ends: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the search: words, one value for each facet that is filtered by, a place, a time, an order.

    `box` (west, south, east, north, in degrees; west greater than east across the antimeridian) and `begins` to `ends`
    (days, months or years, ISO 8601) find what touches them. `sort` is relevance, released (or newest), title, quality
    or rows.
    `today` is the day that freshness is reckoned on, in ISO 8601; blank for the day of asking.
    """

    text: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    box: tuple[float, float, float, float] | None = None
    begins: str = ""
    ends: str = ""
    sort: str = "relevance"
    page: int = 1
    size: int = 20
    language: Language = "zh"
    today: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What somebody may be typing: the words, and what they are (`title`, `column`, `department`, `theme`, `word`).

    `address` leads there at once where it is one thing, and is blank where it is words to search for.
    """

    words: Text
    kind: str
    address: str = ""


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
    """One page of search results. `suggestion` is a near text that does find something, with its count.

    `relaxed` says what became of a text that finds nothing as it is: blank where it does find something or nothing
    could be done, `near` where these are the results of the suggestion, a slip mended; `apart` and `synonym` where they
    are those of the suggestion, joined words set apart or another word for the same; `any` where they have some of its
    words.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[Bucket, ...]]
    suggestion: tuple[str, int] | None
    page: int
    pages: int
    searchable: bool
    relaxed: str = ""

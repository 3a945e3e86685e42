"""A diff as one HTML page: a single file without script that works from disk, on paper, in the dark and read aloud.

Both languages are in it; the reader switches with a link. Same diff, same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from civicat.publish.diff.changes import Change, first_changes
from civicat.publish.diff.model import Diff, Kind, TableDiff
from civicat.publish.diff.terminal import lead
from civicat.publish.diff.words import LEVELS, titled, word
from civicat.publish.schema_changes import Level
from civicat.text import LANGUAGES, Language

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

LIMIT = 100  # changes of a kind in a table that are shown; who needs more opens the Parquet file
COLUMNS = 12  # columns of rows that were added or removed
_NUMBERS = frozenset({"integer", "number"})
_FINITE = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")
_DATE = re.compile(r"\d{4}(-\d\d){1,2}")
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CODES: Mapping[Language, str] = {"zh": "zh-Hans", "en": "en"}
Words = Mapping[Language, str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column as a heading: its title in both languages, and its name where that is another."""

    title: Words
    name: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that changed; `difference` is empty where it is no number. `key` has None where a value is missing."""

    key: tuple[str | None, ...]
    column: Column
    old: str | None
    new: str | None
    difference: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that were added or removed: their columns, as many as are shown, and each row's values and its count."""

    kind: Kind
    total: int
    columns: tuple[Column, ...]
    left_out: int
    rows: tuple[tuple[int, tuple[str | None, ...]], ...]

    @property
    def shown(self) -> int:
        """How many rows these are."""
        return sum(count for count, _ in self.rows)

    @property
    def is_counted(self) -> bool:
        """Whether some row is there several times."""
        return any(count > 1 for count, _ in self.rows)


@dataclass(frozen=True, slots=True)
class Part:
    """One table of the diff."""

    diff: TableDiff
    title: Words
    key: tuple[Column, ...]
    cells: tuple[Cell, ...]
    rows: tuple[Rows, ...]


@dataclass(frozen=True, slots=True)
class Sums:
    """The counts of all tables together."""

    added: int
    removed: int
    changed: int
    cells: int
    before: int
    after: int
    columns: int
    schema: int
    major: int


def page(diff: Diff, language: Language, limit: int = LIMIT) -> str:
    """The HTML of a diff, shown first in `language`, with at most `limit` changes of each kind of each table.

    Raises:
        StoreError: the file of the changes cannot be read.
    """
    return _template().render(
        diff=diff,
        sums=_sums(diff),
        parts=[_part(diff, table, limit) for table in diff.tables],
        languages=sorted(LANGUAGES, key=lambda one: one != language),
        own=language,
        style=_trusted(files(__package__).joinpath("page.css").read_text("utf-8")),
    )


def _sums(diff: Diff) -> Sums:
    tables = diff.tables
    return Sums(
        added=sum(one.added for one in tables),
        removed=sum(one.removed for one in tables),
        changed=sum(one.changed for one in tables),
        cells=sum(one.cells for one in tables),
        before=sum(one.before for one in tables),
        after=sum(one.after for one in tables),
        columns=sum(len(one.by_column) for one in tables),
        schema=len(diff.schema),
        major=sum(one.level is Level.MAJOR for one in diff.schema),
    )


def _part(diff: Diff, table: TableDiff, limit: int) -> Part:
    title = table.title or diff.title
    return Part(
        diff=table,
        title={language: title.within(language) or table.table for language in LANGUAGES},
        key=tuple(_column(table, name) for name in table.key),
        cells=tuple(_cell(diff, table, change) for change in first_changes(diff, table.resource, "changed", limit)),
        rows=tuple(_rows(diff, table, kind, total, limit) for kind, total in _whole(table) if total and limit),
    )


def _whole(table: TableDiff) -> tuple[tuple[Kind, int], ...]:
    return (("added", table.added), ("removed", table.removed))


def _column(table: TableDiff, name: str) -> Column:
    field = table.field(name)
    title = titled(field, name)
    is_number = field is not None and field.type in _NUMBERS
    return Column({language: title.within(language) for language in LANGUAGES}, name, is_number)


def _cell(diff: Diff, table: TableDiff, change: Change) -> Cell:
    column = _column(table, change.column)
    # Metres less kilometres is no number.
    comparable = column.is_number and not diff.is_restated(table, change.column)
    return Cell(
        key=change.key,
        column=column,
        old=change.old,
        new=change.new,
        difference=difference(change.old or "", change.new or "") if comparable else "",
        is_number=column.is_number,
    )


def difference(old: str, new: str) -> str:
    """The difference of two numbers as they are spelled, with its sign; empty where one of them is none."""
    if not (_FINITE.fullmatch(old) and _FINITE.fullmatch(new)):
        return ""
    found = Decimal(new) - Decimal(old)
    return f"{found:+f}".replace("-", "\N{MINUS SIGN}")


def _rows(diff: Diff, table: TableDiff, kind: Kind, total: int, limit: int) -> Rows:
    changes = list(first_changes(diff, table.resource, kind, limit))
    names = _names(table, list(changes[0].cells))
    return Rows(
        kind=kind,
        total=total,
        columns=tuple(_column(table, name) for name in names[:COLUMNS]),
        left_out=max(0, len(names) - COLUMNS),
        rows=tuple((one.rows, tuple(one.cells[name] for name in names[:COLUMNS])) for one in changes),
    )


def _names(table: TableDiff, names: Sequence[str]) -> list[str]:
    """The key first."""
    return [*(name for name in table.key if name in names), *(name for name in names if name not in table.key)]


def _trusted(style: str) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - comes with the template engine, see _template

    return Markup(style)  # noqa: S704 - our own file


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - only a page needs it, and it takes its time

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"run": _run}
    environment.globals |= {"word": word, "codes": _CODES, "levels": LEVELS, "lead": lead}
    return environment.from_string(files(__package__).joinpath("page.html.jinja").read_text("utf-8"))


def _run(text: str) -> Markup:
    """A text of the data: set apart, so that its direction turns nothing else, and marked where it is Chinese."""
    from markupsafe import Markup  # noqa: PLC0415 - as above

    tongue = Markup(' lang="zh-Hans"') if _HAN.search(text) else Markup()
    whole = Markup(' class="whole"') if _DATE.fullmatch(text) else Markup()
    return Markup("<bdi{}{}>{}</bdi>").format(tongue, whole, _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text))

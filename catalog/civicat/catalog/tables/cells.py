"""One column and its cells, as a table page and a row page show them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from civicat.catalog.i18n import Words
from civicat.catalog.look import formats
from civicat.catalog.tables.kinds import MOMENTS, QUANTITIES, Kind
from civicat.catalog.tables.tables import Link
from civicat.dataset import Field
from civicat.text import Text

_ADDRESS = re.compile(r"https?://\S+\Z")
_PLAIN_NUMBER = re.compile(r"(-?)(\d+)((?:\.\d+)?)\Z")
_SHORT = 4  # digits
_LONG = 64  # characters; longer texts wrap in a column of their own width
ON_TABLE = 300  # characters of a cell on the page of a table
ON_ROW = 5_000  # characters of a cell on a row's own page
_COUNT = "1"  # the unit of a count or a share: there is no symbol to show


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its field, its kind, what it refers to, and the names of the rows referred to by value."""

    field: Field
    kind: Kind
    link: Link | None
    labels: Mapping[str, str]

    @property
    def name(self) -> str:
        """The column's name in the file."""
        return self.field.name

    @property
    def title(self) -> Text:
        """What the column is called, by its name where nobody has written a title."""
        return self.field.title or Text(self.field.name, self.field.name)

    @property
    def unit(self) -> str:
        """The symbol of the unit; blank for counts, shares, texts and codes."""
        return "" if self.field.unit == _COUNT else self.field.unit

    @property
    def is_quantity(self) -> bool:
        """Whether its values are numbers, set flush right."""
        return self.kind in QUANTITIES and not self.field.categories and self.link is None

    @property
    def is_moment(self) -> bool:
        """Whether its values are dates or times of a day."""
        return self.kind in MOMENTS

    @property
    def is_grouped(self) -> bool:
        """Whether thousands are parted: of quantities with a unit, not of years, codes and numbers of rows."""
        return self.is_quantity and bool(self.field.unit) and not self.field.generated


def css_class(value: object, column: Column) -> str:
    """The class of a cell: `n` for numbers, `null` for empty ones, `long` for texts that wrap."""
    names = {"n": column.is_quantity, "null": _is_empty(value), "long": isinstance(value, str) and len(value) > _LONG}
    return " ".join(name for name, holds in names.items() if holds)


def _is_empty(value: object) -> bool:
    return value is None or value == ""


def cut(text: str, most: int) -> str:
    """The beginning of a text that is longer than `most` characters, with a sign that it goes on."""
    return text if len(text) <= most else f"{text[:most]}…"


def cell(row: Mapping[str, object], column: Column, words: Words, most: int = ON_ROW) -> Markup:
    """A row's value as safe HTML: a dash for an empty one, a label beside its code, a link where it refers to a row.

    Of a text longer than `most` characters the beginning, with its length and where the whole of it is.
    """
    value = row[column.name]
    if _is_empty(value):
        return Markup('<span aria-hidden="true">–</span><span class="sr">{}</span>').format(words.gettext("empty"))
    if isinstance(value, str) and len(value) > most:
        told = words.gettext(
            "the first %(most)s of %(n)s characters; the whole text is in the download",
            most=formats.number(most, language=words.language),
            n=formats.number(len(value), language=words.language),
        )
        return Markup('{} <span class="soft">({})</span>').format(words.run(cut(value, most)), told)
    shown = label(value, column, words)
    keys = [row.get(name) for name in column.link.fields] if column.link is not None else []
    if column.link is not None and None not in keys:
        return Markup('<a href="{}">{}</a>').format(column.link.address(keys), shown)
    if isinstance(value, str) and _ADDRESS.match(value):
        return Markup('<a href="{}" rel="external nofollow">{}</a>').format(value, value)
    return shown


def label(value: object, column: Column, words: Words) -> Markup:
    """A value with what it stands for, as safe HTML without links."""
    category = column.field.categories.get(str(value))
    if category:
        return _beside(words.say(category), str(value))
    if column.kind is Kind.BOOLEAN:
        return words.gettext("yes") if value == "true" else words.gettext("no")
    if str(value) in column.labels:
        return _beside(words.run(cut(column.labels[str(value)], ON_TABLE)), str(value))
    return words.run(grouped(value) if column.is_grouped else str(value))


def _beside(name: Markup, code: str) -> Markup:
    return (
        name
        if str(name).casefold() == str(escape(code)).casefold()
        else Markup('{} <span class="soft">{}</span>').format(name, code)
    )


def plain_label(value: str, column: Column, words: Words) -> str:
    """A value with what it stands for, as plain text: for chips and choices."""
    category = column.field.categories.get(value)
    if category:
        return words.plain(category)
    if column.kind is Kind.BOOLEAN and value.lower() in {"true", "false", "1", "0"}:
        is_true = value.lower() in {"true", "1"}
        return str(words.gettext("yes") if is_true else words.gettext("no"))
    return column.labels.get(value, value)


def grouped(value: object) -> str:
    """A number with thousands parted, every digit kept: 7,043,545.50. Four digits stand together: 1030 is a time."""
    found = _PLAIN_NUMBER.match(str(value))
    return f"{found[1]}{int(found[2]):,}{found[3]}" if found and len(found[2]) > _SHORT else str(value)

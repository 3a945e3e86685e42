"""The question that a table page answers, in words and controls: the filter form, the chips, the order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from civicat.catalog.i18n import Words
from civicat.catalog.tables.addresses import Address, Pair
from civicat.catalog.tables.cells import Column, grouped, plain_label
from civicat.catalog.tables.kinds import MOMENTS, QUANTITIES, Kind
from civicat.catalog.tables.refusals import filters_of

_FIRST = 5  # controls that stand open; the others are one click away

# What a filter says, by operator. The words are message ids (i18n.py).
SENTENCES: Mapping[str, str] = {
    "exact": "%(column)s is %(value)s",
    "not": "%(column)s is not %(value)s",
    "gt": "%(column)s above %(value)s",
    "gte": "%(column)s from %(value)s",
    "lt": "%(column)s below %(value)s",
    "lte": "%(column)s to %(value)s",
    "contains": "%(column)s contains “%(value)s”",
    "startswith": "%(column)s begins with “%(value)s”",
    "endswith": "%(column)s ends with “%(value)s”",
    "like": "%(column)s is like “%(value)s”",
    "notlike": "%(column)s is not like “%(value)s”",
    "glob": "%(column)s matches “%(value)s”",
    "in": "%(column)s is one of %(value)s",
    "notin": "%(column)s is none of %(value)s",
    "date": "%(column)s is on %(value)s",
    "isnull": "%(column)s is empty",
    "isblank": "%(column)s is empty",
    "notnull": "%(column)s is not empty",
    "notblank": "%(column)s is not empty",
}

# The operators that the form offers for any column, with their names.
CHOICES: Mapping[str, str] = {
    "exact": "is",
    "not": "is not",
    "contains": "contains",
    "startswith": "begins with",
    "gt": "above",
    "gte": "from",
    "lt": "below",
    "lte": "to",
    "in": "is one of",
    "isblank": "is empty",
    "notblank": "is not empty",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, in words, and the address without it."""

    words: Markup
    without: Address


@dataclass(frozen=True, slots=True)
class Control:
    """One column of the filter form. `shape` is choice, range or text; `inputs` are (parameter, value in force)."""

    column: Column
    shape: str
    input_type: str
    inputs: tuple[Pair, ...]
    options: tuple[Pair, ...]

    @property
    def is_used(self) -> bool:
        """Whether a filter of this control is in force."""
        return any(value for _, value in self.inputs)


@dataclass(frozen=True, slots=True)
class Form:
    """The filter form: open controls, folded ones, and the parameters that it hands on unseen."""

    first: tuple[Control, ...]
    more: tuple[Control, ...]
    hidden: tuple[Pair, ...]


def chips(address: Address, columns: Mapping[str, Column], words: Words) -> tuple[Chip, ...]:
    """The filters in force."""
    return tuple(
        Chip(sentence(columns[column], operator, value, words), address.lacking(pair))
        for pair in address.pairs
        for column, operator, value in filters_of([pair])
    )


def sentence(column: Column, operator: str, value: str, words: Words) -> Markup:
    """A filter in words."""
    shown = grouped(value) if column.is_grouped else plain_label(value, column, words)
    return words.gettext(SENTENCES[operator], column=words.say(column.title), value=words.run(shown))


def form(address: Address, columns: Sequence[Column], words: Words) -> Form:
    """The filter form for the columns of a table: those in use first, those that publishing added last."""
    asked = dict(address.pairs)
    controls = [_control(column, asked, words) for column in columns]
    controls.sort(key=lambda control: (not control.is_used, control.column.field.generated))
    names = {name for control in controls for name, _ in control.inputs}
    hidden = [(name, value) for name, value in address.first_page().pairs if name not in names]
    return Form(tuple(controls[:_FIRST]), tuple(controls[_FIRST:]), tuple(hidden))


def _control(column: Column, asked: Mapping[str, str], words: Words) -> Control:
    name, options = column.name, _options(column, words)
    parameters: tuple[str, ...]
    if options:
        shape, parameters = "choice", (parameter(name),)
    elif (column.kind in QUANTITIES and column.link is None) or column.kind in MOMENTS:
        shape, parameters = "range", (f"{name}__gte", f"{name}__lte")
    elif column.kind is Kind.TEXT and column.link is None:
        shape, parameters = "text", (f"{name}__contains",)
    else:
        shape, parameters = "text", (parameter(name),)
    inputs = tuple((one, asked.get(one, "")) for one in parameters)
    return Control(column, shape, "date" if column.kind is Kind.DATE else "text", inputs, options)


def parameter(column: str) -> str:
    """The parameter that filters a column by one value; a name of Datasette's own kind is spelled out."""
    return f"{column}__exact" if column.startswith("_") or "__" in column else column


def _options(column: Column, words: Words) -> tuple[Pair, ...]:
    """The values that a closed column can hold, with what they stand for."""
    if column.kind is Kind.BOOLEAN:
        return tuple((value, plain_label(value, column, words)) for value in ("true", "false"))
    listed = column.field.constraints.get("enum")
    values = list(column.field.categories) or (list(map(str, listed)) if isinstance(listed, list) else [])
    return tuple((value, plain_label(value, column, words)) for value in values)

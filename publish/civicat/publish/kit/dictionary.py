"""A table's columns as a reader wants them told: name, meaning, type and unit, codes, caveats, an example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from civicat.dataset import Field, Resource
from civicat.publish.kit.figures import Figures, figures
from civicat.text import Text
from civicat.vocabulary import CODE, TYPES

_MOST_FREQUENT = 3
_LONGEST_VALUE = 60  # characters of a value in a dictionary; a geometry can have thousands


@dataclass(frozen=True, slots=True)
class Column:
    """One row of the dictionary. `unit` is empty where the values have none; `key` says that it is one of the key's."""

    name: str
    title: Text
    description: Text
    type: Text
    unit: str
    key: bool
    example: str
    caveats: tuple[Text, ...]
    categories: Mapping[str, Text]
    figures: Figures | None

    def called(self, value: str) -> Text:
        """A value as people read it: a code with its label, any other as it is, its beginning where it is long."""
        label = self.categories.get(value)
        return label or Text(short(value), short(value))

    @property
    def frequent(self) -> tuple[tuple[Text, int], ...]:
        """The most frequent values and their counts; none where each occurs once."""
        top = self.figures.top if self.figures else ()
        return tuple((self.called(bar.value), bar.count) for bar in top[:_MOST_FREQUENT] if bar.count > 1)

    @property
    def extremes(self) -> tuple[str, ...]:
        """The least and the greatest value, where the profile has them."""
        found = (self.figures.least, self.figures.most) if self.figures else ()
        return tuple(short(one) for one in found if one)


def columns(resource: Resource, profile: Mapping[str, object]) -> tuple[Column, ...]:
    """The columns of a released table in order."""
    found, keys = figures(profile, resource.name), resource.schema.primary_key
    return tuple(_column(field, found.get(field.name), keys) for field in resource.schema.fields)


def _column(field: Field, found: Figures | None, keys: tuple[str, ...]) -> Column:
    return Column(
        name=field.name,
        title=field.title,
        description=field.description,
        type=CODE if field.categories else TYPES.get(field.type, Text(field.type, field.type)),
        unit="" if field.unit == "1" else field.unit,
        key=field.name in keys,
        example=short(field.example),
        caveats=field.caveats,
        categories=field.categories,
        figures=found,
    )


def short(value: str) -> str:
    """A value, or its beginning and three dots."""
    return value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1].rstrip() + "…"

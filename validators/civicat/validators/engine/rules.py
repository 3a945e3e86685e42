"""What the rows of a table have to hold, by the columns that are expected in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from civicat.dataset import Schema

Values: TypeAlias = tuple[object, ...]

ABSENT = -1  # the place of a column that a table does not have: all its values are None


@dataclass(frozen=True, slots=True)
class Foreign:
    """A foreign key inside the dataset: its columns (from 0), the resource and fields that it refers to, what is there.

    `holds` says whether a key is there: values as frictionless reads them.
    """

    columns: tuple[int, ...]
    resource: str
    fields: tuple[str, ...]
    holds: Callable[[Values], bool]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that reach beyond one cell. `unique` and `primary` are columns, from 0, of the expected fields."""

    names: tuple[str, ...]
    unique: tuple[int, ...]
    primary: tuple[int, ...]
    foreign: tuple[Foreign, ...] = ()

    @property
    def keys(self) -> tuple[tuple[int, ...], ...]:
        """The columns of each key whose values must not repeat: the unique fields', then the primary key's."""
        single = tuple((column,) for column in self.unique)
        return (*single, self.primary) if self.primary else single


def rules(schema: Schema, names: Sequence[str], *, same_case: bool = True) -> Rules:
    """The rules of a schema for the expected fields `names`; `same_case` as the dialect's `headerCase` has it."""
    fields = {one.name: one for one in schema.fields}
    return Rules(
        names=tuple(names),
        unique=tuple(
            column for column, name in enumerate(names) if name in fields and fields[name].constraints.get("unique")
        ),
        primary=_primary(schema.primary_key, names, same_case=same_case),
    )


def unique_keys(schema: Schema, names: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """The columns of each of the schema's `uniqueKeys` whose fields are all there.

    Source: Table Schema of Data Package v2, `uniqueKeys`; frictionless 5.21 does not check them.
    """
    listed = schema.descriptor.get("uniqueKeys")
    keys = [tuple(map(str, one)) for one in listed if isinstance(one, list)] if isinstance(listed, list) else []
    return tuple(tuple(list(names).index(name) for name in key) for key in keys if key and set(key) <= set(names))


def _primary(key: Sequence[str], names: Sequence[str], *, same_case: bool) -> tuple[int, ...]:
    if not key or not set(key) <= set(names):
        return ()
    if same_case:
        return tuple(list(names).index(name) for name in key)
    lowered = {name.lower() for name in key}
    return tuple(column for column, name in enumerate(names) if name.lower() in lowered)

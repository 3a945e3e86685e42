"""The fields that are expected in the columns of a table: the declared ones, and those that only the header names."""

from __future__ import annotations

from collections.abc import Mapping

from civicat.dataset import Field, Schema
from civicat.text import Text

_DEFAULT = ("",)


class Expected:
    """What a schema says of the columns that are expected, by their names: a table may have 100,000 of them."""

    def __init__(self, schema: Schema) -> None:
        listed = schema.descriptor.get("fields")
        described = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        self._fields = {one.name: one for one in schema.fields}
        self._written = {str(one.get("name")): one for one in reversed(described)}
        self._missing = schema.descriptor.get("missingValues")

    def field(self, name: str) -> Field:
        """The declared field of that name, or one that takes anything, as frictionless makes up for such a column."""
        return self._fields.get(name) or _anything(name)

    def missing_values(self, name: str) -> tuple[str, ...]:
        """What counts as no value in a column: the field's own list, else the schema's, else the empty cell.

        A column that only the header names is none of the schema's, so that there nothing but the empty cell does.

        Source: Table Schema, `missingValues`; Data Package v2 allows objects with a `value`.
        """
        if name not in self._fields:
            return _DEFAULT
        return _values(self.written(name).get("missingValues", self._missing))

    def written(self, name: str) -> Mapping[str, object]:
        """A field's descriptor as it stands in the schema; empty where the schema does not declare it."""
        return self._written.get(name, {})


def _values(listed: object) -> tuple[str, ...]:
    if not isinstance(listed, list):
        return _DEFAULT
    return tuple(str(one.get("value", "")) if isinstance(one, dict) else str(one) for one in listed)


def _anything(name: str) -> Field:
    return Field(
        name=name,
        type="any",
        format="default",
        title=Text(),
        description=Text(),
        example="",
        unit="",
        scale=None,
        constraints={},
        categories={},
        caveats=(),
        generated=False,
    )

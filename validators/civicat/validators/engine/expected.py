"""The fields that are expected in the columns of a table: the declared ones, and those that only the header names."""

from __future__ import annotations

from collections.abc import Mapping

from civicat.dataset import Field, Schema
from civicat.text import Text

_DEFAULT = ("",)


def expected_field(schema: Schema, name: str) -> Field:
    """The declared field of that name, or the one that takes anything: frictionless makes it up for such a column."""
    return schema.field(name) or _anything(name)


def missing_values(schema: Schema, name: str) -> tuple[str, ...]:
    """What counts as no value in a column: the field's own list, else the schema's, else the empty cell.

    Source: Table Schema, `missingValues`; Data Package v2 allows objects with a `value`.
    """
    return _values(written(schema, name).get("missingValues", schema.descriptor.get("missingValues")))


def written(schema: Schema, name: str) -> Mapping[str, object]:
    """A field's descriptor as it stands in the schema; empty where the schema does not declare it."""
    fields = schema.descriptor.get("fields")
    described = [one for one in fields if isinstance(one, dict)] if isinstance(fields, list) else []
    return next((one for one in described if one.get("name") == name), {})


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

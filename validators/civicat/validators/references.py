"""Foreign keys into another dataset: the values that are there, from the latest release of that dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from civicat.dataset import ForeignKey, Resource
from civicat.finding import Finding, Place, Severity
from civicat.layout import Layout
from civicat.release import Release, Table
from civicat.validators.columns import Column
from civicat.validators.engine.foreign import Lookup
from civicat.validators.engine.problem import Problem
from civicat.validators.engine.reading import Batch
from civicat.validators.messages import say
from civicat.validators.released import released_batches, released_schema


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key with the values that it may hold; `places` are its columns among the declared fields."""

    key: ForeignKey
    places: tuple[int, ...]
    lookup: Lookup

    @property
    def name(self) -> str:
        """`department/dataset/resource`: the table that is referred to."""
        return f"{self.key.dataset}/{self.key.resource}"

    def problems(self, batch: Batch) -> list[Problem]:
        """The rows with a value in every part of the key, and no such entry. A key with an empty part passes."""
        columns = [batch.arrays[place] for place in self.places]
        lost = np.flatnonzero(self.lookup.missing(columns, partly=False))
        return [self._problem(int(batch.numbers[row]), [str(one[int(row)].as_py()) for one in columns]) for row in lost]

    def _problem(self, row: int, found: Sequence[str]) -> Problem:
        note = (
            f'for "{", ".join(self.key.fields)}": values "{", ".join(found)}" not found in the lookup table '
            f'"{self.name}" as "{", ".join(self.key.reference)}"'
        )
        return Problem(
            code="foreign-key",
            shape=dict,
            note=note,
            row=row,
            field=", ".join(self.key.fields),
            cell=", ".join(found),
            facts={"reference": f"{self.name} {', '.join(self.key.reference)}"},
        )


def find_references(
    resource: Resource, columns: Mapping[str, Column], layout: Layout, place: Place
) -> tuple[list[Reference], list[Finding]]:
    """The references of a resource into other datasets, and findings on those that cannot be followed.

    Raises:
        StoreError: a release that is referred to cannot be read.
    """
    across = [key for key in resource.schema.foreign_keys if key.dataset]  # frictionless follows those inside
    either = [_reference(key, columns, layout, place) for key in across]
    references = [one for one in either if isinstance(one, Reference)]
    return references, [one for one in either if isinstance(one, Finding)]


def _reference(key: ForeignKey, columns: Mapping[str, Column], layout: Layout, place: Place) -> Reference | Finding:
    release = layout.release(key.dataset)
    if release is None:
        return _finding("reference-unavailable", Severity.WARNING, key, place)
    if missing := [name for name in key.fields if name not in columns]:
        return _finding("reference-unknown", Severity.ERROR, key, place, reference=missing[0], known=", ".join(columns))
    table = _table(release, key)
    names = _columns(table)
    if table is None or not set(key.reference) <= set(names) or len(key.reference) != len(key.fields):
        return _finding("reference-unknown", Severity.ERROR, key, place, known=_known(release))
    own = tuple(columns[name] for name in key.fields)
    for column, name in zip(own, key.reference, strict=True):
        if pa.types.is_string(column.stored) is not _is_text(names[name]):
            return _finding(
                "reference-type", Severity.ERROR, key, place, type=str(column.stored), other=str(names[name])
            )
    places = tuple(list(columns).index(name) for name in key.fields)
    return Reference(key, places, _lookup(table, key.reference, [one.stored for one in own]))


def _table(release: Release, key: ForeignKey) -> Table | None:
    wanted = key.resource or release.dataset.name
    return next((table for table in release.tables if table.resource.name == wanted), None)


def _columns(table: Table | None) -> dict[str, pa.DataType]:
    if table is None:
        return {}
    return {column.name: column.type for column in released_schema(table)}


def _lookup(table: Table, names: Sequence[str], types: Sequence[pa.DataType]) -> Lookup:
    """The distinct keys, taken batch by batch in the types of our own columns: only the key columns are read."""
    lookup = Lookup(types)
    for batch in released_batches(table, names):
        lookup.add([_as(batch.column(name), kind) for name, kind in zip(names, types, strict=True)])
    return lookup


def _as(column: pa.Array[Any], kind: pa.DataType) -> pa.Array[Any]:
    """A column in our own type where that holds its values: a time of a release has its zone, and ours has not."""
    try:
        return column.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return column


def _known(release: Release) -> str:
    return "; ".join(
        f"{table.resource.name} ({', '.join(field.name for field in table.resource.schema.fields)})"
        for table in release.tables
    )


def _is_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _finding(code: str, severity: Severity, key: ForeignKey, place: Place, **facts: str) -> Finding:
    reference = f"{key.dataset}/{key.resource} {', '.join(key.reference)}"
    fields = ", ".join(key.fields)
    words = say(code, **{"key": fields, "reference": reference, "dataset": key.dataset, **facts})
    at = Place(place.file, place.resource, field=fields)
    return Finding(code, severity, at, words.message, words.remedy)

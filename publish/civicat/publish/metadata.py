"""What a Parquet file says of itself: whose it is, which version, under which licence, and what each column means.

Words about columns stand twice: on the Arrow fields, where pyarrow shows them, and in the file's key-value metadata
under `civicat:release`, which every engine reads (DuckDB: `parquet_kv_metadata`). A file that is one part of a table
says which one under `civicat:part`. No field ids: a table that numbers its columns otherwise would swap them, silently.
"""

from __future__ import annotations

import dataclasses
import json

import pyarrow as pa

from civicat.dataset import Dataset, Department, Field, Resource
from civicat.release import Version

KEY = "civicat:release"
PART = "civicat:part"


def described(
    schema: pa.Schema, dataset: Dataset, department: Department, resource: Resource, version: Version
) -> pa.Schema:
    """The Arrow schema with the words of a released resource; a column that is none of its fields keeps its own."""
    fields = [_with_words(column, resource.schema.field(column.name), dataset) for column in schema]
    return pa.schema(fields, metadata={KEY: _compact(_of_release(dataset, department, resource, version))})


def of_part(schema: pa.Schema, number: int, parts: int) -> pa.Schema:
    """The schema of one file of a table: which part of how many it is, where there are several. `number` is from 1."""
    if parts == 1:
        return schema
    return schema.with_metadata({**(schema.metadata or {}), PART: _compact({"number": number, "of": parts})})


def _with_words(column: pa.Field, field: Field | None, dataset: Dataset) -> pa.Field:
    """Sorted, as the order of metadata is part of the bytes."""
    words = _of_field(field, dataset) if field is not None else {}
    metadata = {**(column.metadata or {}), **{key.encode(): value.encode() for key, value in words.items()}}
    return column.with_metadata({key: metadata[key] for key in sorted(metadata)})


def _of_field(field: Field, dataset: Dataset) -> dict[str, str]:
    """Blank texts are left out; a list of codes and caveats are JSON."""
    words = {
        "caveats": _compact([caveat.to_descriptor() for caveat in field.caveats]) if field.caveats else "",
        "categories": _compact(_codes(field)) if field.categories else "",
        "description": field.description.within(dataset.language),
        "description_en": field.description.en,
        "description_zh": field.description.zh,
        "title": field.title.within(dataset.language),
        "title_en": field.title.en,
        "title_zh": field.title.zh,
        "unit": field.unit,
    }
    return {key: value for key, value in words.items() if value}


def _of_release(dataset: Dataset, department: Department, resource: Resource, version: Version) -> dict[str, object]:
    return {
        "dataset": dataset.id,
        "version": str(version),
        "resource": resource.name,
        "title": (resource.title or dataset.title).to_descriptor(),
        "description": (resource.description or dataset.description).to_descriptor(),
        "department": {"code": department.code, "title": department.title.to_descriptor(), "url": department.url},
        "licences": [dataclasses.asdict(licence) for licence in dataset.licences],
        "sources": [dataclasses.asdict(source) for source in dataset.sources],
        "caveats": [caveat.to_descriptor() for caveat in (*dataset.caveats, *resource.caveats)],
        "primaryKey": list(resource.schema.primary_key),
        "fields": [_column(field) for field in resource.schema.fields],
    }


def _column(field: Field) -> dict[str, object]:
    return {
        "name": field.name,
        "type": field.type,
        "title": field.title.to_descriptor(),
        "description": field.description.to_descriptor(),
        "unit": field.unit,
        **({"identifier": field.identifier} if field.identifier else {}),
        **({"categories": _codes(field)} if field.categories else {}),
        **({"caveats": [caveat.to_descriptor() for caveat in field.caveats]} if field.caveats else {}),
    }


def _codes(field: Field) -> list[dict[str, object]]:
    """Each code of a column with its label, in the order of the descriptor."""
    return [{"value": value, "label": label.to_descriptor()} for value, label in field.categories.items()]


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

"""What a Parquet file says of itself: whose it is, which version, under which licence, and what each column means.

Words about columns stand twice: on the Arrow fields, where pyarrow shows them, and in the file's key-value metadata
under `civicat:release`, which every engine reads (DuckDB: `parquet_kv_metadata`).
"""

from __future__ import annotations

import dataclasses
import json

import pyarrow as pa

from civicat.dataset import Dataset, Department, Field, Resource
from civicat.release import Version
from civicat.text import Text

KEY = "civicat:release"


def described(
    schema: pa.Schema, dataset: Dataset, department: Department, resource: Resource, version: Version
) -> pa.Schema:
    """The Arrow schema with the words of a released resource; its columns are those of the resource's schema."""
    columns = zip(schema, resource.schema.fields, strict=True)
    fields = [column.with_metadata(_of_field(field, dataset)) for column, field in columns]
    return pa.schema(fields, metadata={KEY: _compact(_of_release(dataset, department, resource, version))})


def _of_field(field: Field, dataset: Dataset) -> dict[str | bytes, str | bytes]:
    """Sorted, as the order of metadata is part of the bytes; blank texts are left out."""
    words = {
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
        "title": _both(resource.title or dataset.title),
        "description": _both(resource.description or dataset.description),
        "department": {"code": department.code, "title": _both(department.title), "url": department.url},
        "licences": [dataclasses.asdict(licence) for licence in dataset.licences],
        "sources": [dataclasses.asdict(source) for source in dataset.sources],
        "caveats": [_both(caveat) for caveat in (*dataset.caveats, *resource.caveats)],
        "primaryKey": list(resource.schema.primary_key),
        "fields": [_column(field) for field in resource.schema.fields],
    }


def _column(field: Field) -> dict[str, object]:
    return {
        "name": field.name,
        "type": field.type,
        "title": _both(field.title),
        "description": _both(field.description),
        "unit": field.unit,
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

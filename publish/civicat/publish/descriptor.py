"""The datapackage.json of a release: what was handed in, with each resource as the Parquet file that it has become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from civicat.dataset import Dataset, Department
from civicat.publish.jsontext import plain
from civicat.publish.tables import Ordered
from civicat.release import Version
from civicat.text import Language, Text

Descriptor = dict[str, Any]

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_MEDIA_TYPE = "application/vnd.apache.parquet"
_FILE_KEYS = ("name", "type", "path", "format", "mediatype")

# These say how to find and read the file that was handed in, and which texts in it mean "missing". How a field writes
# its values (`format`, `decimalChar` ...) stays: its example and its bounds are written so.
_OF_THE_SOURCE_FILE = {
    *("path", "data", "format", "mediatype", "encoding", "dialect", "scheme", "compression", "extrapaths"),
    *("innerpath", "bytes", "hash", "rows", "schema"),
}
_OF_THE_SOURCE_SCHEMA = {"fields", "fieldsMatch", "primaryKey", "missingValues"}

_ROW_NUMBER_TITLE = Text("行号", "Row number")
_ROW_NUMBER_DESCRIPTION = Text(
    "该行在所提交文件中的次序，从 1 起。发布时添加，因为此表没有主键。",
    "The place of the row in the file that was handed in, from 1. Added on publication: the table has no primary key.",
)


@dataclass(frozen=True, slots=True)
class File:
    """A table's Parquet file: size in bytes, sha256 in hex, rows."""

    bytes: int
    sha256: str
    rows: int


def file_name(resource: str) -> str:
    """The name of a resource's file in its release."""
    return f"{resource}.parquet"


def release_form(dataset: Dataset, tables: Sequence[Ordered]) -> Descriptor:
    """The descriptor as it is released, but for what the version and the written files add to it."""
    submitted = cast("Descriptor", plain(dataset.descriptor))
    return {
        "$schema": _PROFILE,
        **submitted,
        "resources": [_resource(table, dataset.language) for table in tables],
    }


def with_version(form: Descriptor, version: Version, change: Text, department: Department, inputs: str) -> Descriptor:
    """The descriptor with its version, who publishes it, and why the version is a new one."""
    release = {
        "department": plain(department.descriptor),
        "version": str(version),
        "change": {"zh": change.zh, "en": change.en},
        "inputs": inputs,
    }
    front = {"$schema": form["$schema"], "name": form["name"], "version": str(version)}
    ours = {**form.get("civicat", {}), "release": release}
    return {**front, **_without(form, set(front)), "civicat": ours}


def with_files(descriptor: Descriptor, files: Mapping[str, File]) -> Descriptor:
    """The descriptor with the size, hash and rows of each resource's file."""
    return {**descriptor, "resources": [_with_file(one, files[one["name"]]) for one in descriptor["resources"]]}


def words(descriptor: Mapping[str, Any]) -> Descriptor:
    """A released descriptor without what every version has its own of: what is left are words and rules."""
    return {
        **_without(descriptor, {"version"}),
        "civicat": _without(descriptor.get("civicat", {}), {"release"}),
        "resources": [_without(resource, {"bytes", "hash", "rows"}) for resource in descriptor["resources"]],
    }


def _with_file(resource: Descriptor, file: File) -> Descriptor:
    front = {key: resource[key] for key in _FILE_KEYS}
    return {**front, "bytes": file.bytes, "hash": f"sha256:{file.sha256}", "rows": file.rows, **resource}


def _resource(table: Ordered, language: Language) -> Descriptor:
    submitted = cast("Descriptor", plain(table.resource.descriptor))
    return {
        "name": table.resource.name,
        "type": "table",
        "path": file_name(table.resource.name),
        "format": "parquet",
        "mediatype": _MEDIA_TYPE,
        **_without(submitted, {"name", "type", *_OF_THE_SOURCE_FILE}),
        "schema": _schema(table, submitted.get("schema", {}), language),
    }


def _schema(table: Ordered, submitted: Mapping[str, Any], language: Language) -> Descriptor:
    """The schema of the file as it is: its columns in their order, its key, and no text that stands for "missing"."""
    fields = {field["name"]: field for field in submitted.get("fields", [])}
    if table.numbered:
        fields[table.key[0]] = _row_number(table.key[0], language)
    return {
        **_without(submitted, _OF_THE_SOURCE_SCHEMA),
        "fields": [_without(fields[name], {"missingValues"}) for name in table.schema.names],
        "missingValues": [],
        "primaryKey": list(table.key),
    }


def _row_number(name: str, language: Language) -> Descriptor:
    other: Language = "en" if language == "zh" else "zh"
    return {
        "name": name,
        "type": "integer",
        **_titled(language),
        "example": "1",
        "constraints": {"required": True, "unique": True, "minimum": 1},
        "civicat": {"unit": "1", "generated": True, other: _titled(other)},
    }


def _titled(language: Language) -> Descriptor:
    return {"title": _ROW_NUMBER_TITLE.within(language), "description": _ROW_NUMBER_DESCRIPTION.within(language)}


def _without(mapping: Mapping[str, Any], keys: set[str]) -> Descriptor:
    return {key: value for key, value in mapping.items() if key not in keys}

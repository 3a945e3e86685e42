"""The datapackage.json of a release: what was handed in, with each resource as the Parquet file that it has become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from civicat.dataset import Dataset, Department
from civicat.publish.jsontext import plain
from civicat.publish.parquet import file_names
from civicat.publish.tables import Ordered
from civicat.release import Part, Version
from civicat.shapes import is_made
from civicat.source_reading import READ, reading
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


def with_files(descriptor: Descriptor, files: Mapping[str, Sequence[Part]]) -> Descriptor:
    """The descriptor with the size, hash and rows of each resource's file, or of each part of it."""
    return {**descriptor, "resources": [_with_parts(one, files[one["name"]]) for one in descriptor["resources"]]}


def words(descriptor: Mapping[str, Any]) -> Descriptor:
    """A released descriptor without what every version has its own of: what is left are words and rules."""
    return {
        **_without(descriptor, {"version"}),
        "civicat": _without(descriptor.get("civicat", {}), {"release"}),
        "resources": [_words(resource) for resource in descriptor["resources"]],
    }


def _words(resource: Descriptor) -> Descriptor:
    """A resource without what is known of its files alone; how many they are is no matter of words."""
    bare = _without(resource, {"path", "bytes", "hash", "rows", "civicat"})
    ours = _without(resource.get("civicat", {}), {"parts", READ})
    return {**bare, **({"civicat": ours} if ours else {})}


def _with_parts(resource: Descriptor, parts: Sequence[Part]) -> Descriptor:
    """A resource in one file has the keys of the standard; of several files `civicat.parts` says them for each."""
    if len(parts) == 1:
        said = _of_part(parts[0])
        return {**{key: resource[key] for key in _FILE_KEYS}, **said, **_without(resource, set(said))}
    whole = {"bytes": sum(part.bytes for part in parts), "rows": sum(part.rows for part in parts)}
    front = {**{key: resource[key] for key in _FILE_KEYS}, "path": [part.path.name for part in parts], **whole}
    ours = {**resource.get("civicat", {}), "parts": [_of_part(part) for part in parts]}
    return {**front, **_without(resource, {*front, "civicat"}), "civicat": ours}


def _of_part(part: Part) -> Descriptor:
    return {"path": part.path.name, "bytes": part.bytes, "hash": f"sha256:{part.sha256}", "rows": part.rows}


def _resource(table: Ordered, language: Language) -> Descriptor:
    submitted = cast("Descriptor", plain(table.resource.descriptor))
    return {
        "name": table.resource.name,
        "type": "table",
        "path": next(iter(file_names(table.resource.name, table.rows))),
        "format": "parquet",
        "mediatype": _MEDIA_TYPE,
        **_without(submitted, {"name", "type", "civicat", *_OF_THE_SOURCE_FILE}),
        "civicat": _own_block(table, submitted),
        "schema": _schema(table, submitted.get("schema", {}), language),
    }


def _own_block(table: Ordered, submitted: Mapping[str, Any]) -> Descriptor:
    """The civicat block as it was handed in, and how the file was read; its parts are said by who writes them."""
    return {**_without(submitted.get("civicat", {}), {"parts", READ}), READ: reading(table.resource)}


def _schema(table: Ordered, submitted: Mapping[str, Any], language: Language) -> Descriptor:
    """The schema of the file as it is: its columns in their order, its key, and no text that stands for "missing"."""
    fields = {field["name"]: field for field in submitted.get("fields", [])}
    if table.numbered:
        fields[table.key[0]] = _row_number(table.key[0], language)
    names = [column.name for column in table.schema if not is_made(column)]
    return {
        **_without(submitted, _OF_THE_SOURCE_SCHEMA),
        "fields": [_without(fields[name], {"missingValues"}) for name in names],
        # The file has more columns than the schema where some were added for maps.
        **({"fieldsMatch": "subset"} if len(names) < len(table.schema) else {}),
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

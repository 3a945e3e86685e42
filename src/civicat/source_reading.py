"""How the data file of a resource is read: what its descriptor says on that, as one short digest.

The same bytes become other rows when they are read in another encoding, or with another format of a date. A release
keeps the digest (`civicat.read` of a resource), so that a file that was corrected by its descriptor alone is not taken
for the one that is online. Words, bounds, units and labels are no part of it, nor are decimals that `scale` only adds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import cast

from civicat.dataset import Field, Resource

READ = "read"  # its name in the civicat block of a released resource
_CHARACTERS = 16  # of the digest, in hex: it tells a handful of readings of one file apart
_UNSAID_ENCODING = (
    "utf-8"  # where another one was found, it is not the one that somebody writes down for the first time
)
_RESOURCE = ("compression", "innerpath")
# What a field may say on its texts, and what it means where it says nothing.
_FIELD: Mapping[str, object] = {
    "trueValues": None,
    "falseValues": None,
    "decimalChar": ".",
    "groupChar": "",
    "bareNumber": True,
    "floatNumber": False,
    "delimiter": ",",
    "itemType": None,
    "arrayItem": None,
}


def reading(resource: Resource) -> str:
    """The digest of how a resource that is handed in is read, in hex."""
    return _digest(resource, {})


def readings(resource: Resource) -> frozenset[str]:
    """It, and what it was under the old names of columns that are renamed: the way is the same by another name."""
    old = {one.name: one.renamed for one in resource.schema.fields if one.renamed}
    return frozenset((_digest(resource, {}), _digest(resource, old)))


def kept_reading(resource: Resource) -> str:
    """What a released resource says of it; empty where it says nothing, as an older release does."""
    ours = resource.descriptor.get("civicat")
    kept = ours.get(READ) if isinstance(ours, Mapping) else None
    return kept if isinstance(kept, str) else ""


def _digest(resource: Resource, names: Mapping[str, str]) -> str:
    told = {
        "format": resource.format.lower(),
        "encoding": _encoding(resource.encoding),
        "dialect": resource.descriptor.get("dialect") or {},
        **{key: resource.descriptor[key] for key in _RESOURCE if resource.descriptor.get(key)},
        "fields": [[names.get(name, name), *rest] for name, *rest in _fields(resource)],
    }
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_CHARACTERS]


def _encoding(named: str) -> str:
    plain = named.lower().replace("_", "-")
    return _UNSAID_ENCODING if plain in {"", "utf8"} else plain


def _fields(resource: Resource) -> Iterator[tuple[str, str, str, object, object]]:
    """Each column's name, type and format, the texts that stand for no value, and how values are written."""
    schema = resource.schema.descriptor
    listed = cast("list[Mapping[str, object]]", schema.get("fields") or [])
    for field, written in zip(resource.schema.fields, listed, strict=True):
        missing = written.get("missingValues", schema.get("missingValues", [""]))
        yield field.name, field.type, field.format or "default", _missing(missing), _written(field, written)


def _missing(listed: object) -> object:
    many = listed if isinstance(listed, list | tuple) else [listed]
    return sorted(str(one.get("value", "")) if isinstance(one, Mapping) else str(one) for one in many)


def _written(field: Field, written: Mapping[str, object]) -> Mapping[str, object]:
    """What is said beyond what holds anyway; a generated column stands in no file."""
    said = {} if field.generated else {key: written.get(key, unsaid) for key, unsaid in _FIELD.items()}
    return {key: value for key, value in said.items() if value != _FIELD[key]}

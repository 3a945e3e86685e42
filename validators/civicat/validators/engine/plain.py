"""Descriptors that frictionless takes without a word, told without loading it.

A descriptor is plain when every key is one that we know here and holds what frictionless' profiles ask for. Whatever is
not plain goes to frictionless, which then says what is wrong, or that nothing is. A test holds this against it.
"""

from __future__ import annotations

import datetime as dt
import re
import warnings
from collections.abc import Callable, Mapping
from typing import TypeAlias

_Holds: TypeAlias = Callable[[object], bool]

_NAME = re.compile(r"[-a-z0-9._/]+\Z")
_EMAIL = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*@[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*\.[a-z]{2,18}\Z")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z?")
_STANDARD = "https://datapackage.org/profiles/2.0/"
_MOST = 10**15  # a limit of a number that float and Decimal write alike


def is_plain(package: Mapping[str, object]) -> bool:
    """Whether frictionless would say nothing about a package descriptor and what stands in it."""
    tables = _listed(package, "resources")
    return _holds(package, _PACKAGE, needed=("resources",)) and _different(tables) and _refer_to_each_other(tables)


def _holds(level: object, keys: Mapping[str, _Holds], needed: tuple[str, ...] = ()) -> bool:
    if not isinstance(level, dict) or not all(key in level for key in needed):
        return False
    return all(key in keys and keys[key](value) for key, value in level.items())


def _listed(level: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    found = level.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _different(named: list[Mapping[str, object]]) -> bool:
    return len({str(one["name"]) for one in named}) == len(named)


def _refer_to_each_other(tables: list[Mapping[str, object]]) -> bool:
    """Whether each foreign key leads to a table of the package: frictionless opens no table that refers elsewhere."""
    known = {"", *(str(one["name"]) for one in tables)}
    schemas = [one["schema"] for one in tables]
    keys = [key for one in schemas if isinstance(one, dict) for key in _listed(one, "foreignKeys")]
    references = [key["reference"] for key in keys]
    return all(str(one["resource"]) in known for one in references if isinstance(one, dict))


def _text(value: object) -> bool:
    return isinstance(value, str)


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _length(value: object) -> bool:
    return type(value) is int and value >= 0


def _block(value: object) -> bool:
    return isinstance(value, dict)  # a block of our own: frictionless hands it through


def _name(value: object) -> bool:
    return isinstance(value, str) and _NAME.match(value) is not None


def _path(value: object) -> bool:
    """A file below the folder, by the plainest of characters."""
    return (
        isinstance(value, str)
        and value != ""
        and ":" not in value
        and not value.startswith(("/", "~"))
        and (".." not in value and "\\" not in value and "*" not in value)
    )


def _profile(value: object) -> bool:
    return isinstance(value, str) and value == f"{_STANDARD}datapackage.json"


def _many(keys: Mapping[str, _Holds], one_of: tuple[str, ...] = ()) -> _Holds:
    def holds(value: object) -> bool:
        return isinstance(value, list) and all(
            _holds(one, keys) and (not one_of or any(one.get(key) for key in one_of)) for one in value
        )

    return holds


def _pattern(value: object) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # "[[" may mean something else in a Python to come
        try:
            re.compile(f"^{value}$")
        except (re.error, RecursionError, OverflowError):
            return False
    return isinstance(value, str)


def _whole(value: object) -> bool:
    return type(value) is int and abs(value) < _MOST


def _number(value: object) -> bool:
    return _whole(value) or (type(value) is float and abs(value) < _MOST)


def _date(value: object) -> bool:
    try:
        return isinstance(value, str) and dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _enum(value: object) -> bool:
    return _texts(value) and bool(value)


def _limits(holds: _Holds) -> dict[str, _Holds]:
    return dict.fromkeys(("minimum", "maximum"), holds)


# The constraints of each type that are plain; a type that is not here is not plain.
_ANY: dict[str, _Holds] = {"required": _flag, "unique": _flag}
_CONSTRAINTS: dict[str, dict[str, _Holds]] = {
    "string": {**_ANY, "pattern": _pattern, "enum": _enum, "minLength": _length, "maxLength": _length},
    "integer": {**_ANY, **_limits(_whole)},
    "number": {**_ANY, **_limits(_number)},
    "date": {**_ANY, **_limits(_date)},
    "datetime": _ANY,
    "time": _ANY,
    "boolean": _ANY,
    "year": {**_ANY, **_limits(_whole)},
}
_FORMATS = frozenset({"default"})


def _field(value: object) -> bool:
    if not _holds(value, _FIELD, needed=("name", "type")) or not isinstance(value, dict):
        return False
    kind = str(value["type"])
    return _holds(value.get("constraints", {}), _CONSTRAINTS.get(kind, {})) and _example(value.get("example", ""), kind)


def _moment(value: str) -> bool:
    try:
        return _MOMENT.fullmatch(value) is not None and bool(dt.datetime.fromisoformat(value))
    except ValueError:
        return False


# What is for certain a value of each type: frictionless reads the example of a column by its type and format alone.
_EXAMPLES: dict[str, Callable[[str], object]] = {
    "string": lambda _: True,
    "integer": re.compile(r"-?[0-9]{1,15}").fullmatch,
    "number": re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?").fullmatch,
    "date": _date,
    "datetime": _moment,
    "boolean": ("true", "false").__contains__,
    "year": re.compile(r"[0-9]{4}").fullmatch,
}


def _example(value: object, kind: str) -> bool:
    return isinstance(value, str) and (value == "" or bool(kind in _EXAMPLES and _EXAMPLES[kind](value)))


def _type(value: object) -> bool:
    return isinstance(value, str) and value in _CONSTRAINTS


def _format(value: object) -> bool:
    return isinstance(value, str) and value in _FORMATS


def _delimiter(value: object) -> bool:
    return isinstance(value, str) and len(value) == 1 and value not in '\r\n"'


def _first_row(value: object) -> bool:
    return value == [1]


def _fields(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_field, value)) and _different(value)


def _schema(value: object) -> bool:
    if not _holds(value, _SCHEMA, needed=("fields",)) or not isinstance(value, dict):
        return False
    names = {str(one["name"]) for one in _listed(value, "fields")}
    key = value.get("primaryKey", [])
    own = (one["fields"] for one in _listed(value, "foreignKeys"))
    return set(key) <= names and all(set(fields) <= names for fields in own if isinstance(fields, list))


def _foreign_key(value: object) -> bool:
    if not _holds(value, {"fields": _texts, "reference": _reference}, needed=("fields", "reference")):
        return False
    return isinstance(value, dict) and len(value["fields"]) == len(value["reference"]["fields"]) > 0


def _reference(value: object) -> bool:
    return _holds(value, {"resource": _text, "fields": _texts}, needed=("resource", "fields"))


def _foreign_keys(value: object) -> bool:
    return isinstance(value, list) and all(map(_foreign_key, value))


def _resource(value: object) -> bool:
    return _holds(value, _RESOURCE, needed=("name", "path", "schema"))


def _resources(value: object) -> bool:
    return isinstance(value, list) and all(map(_resource, value))


def _email(value: object) -> bool:
    return isinstance(value, str) and (value == "" or _EMAIL.match(value) is not None)


_FIELD: dict[str, _Holds] = {
    "name": _text,
    "type": _type,
    "format": _format,
    "title": _text,
    "description": _text,
    "example": _text,
    "constraints": _block,
    "civicat": _block,
}
_SCHEMA: dict[str, _Holds] = {
    "fields": _fields,
    "missingValues": _texts,
    "primaryKey": _texts,
    "foreignKeys": _foreign_keys,
    "civicat": _block,
}
_DIALECT: dict[str, _Holds] = {"delimiter": _delimiter, "headerRows": _first_row}
_RESOURCE: dict[str, _Holds] = {
    "name": _name,
    "type": lambda value: value == "table",
    "path": _path,
    "title": _text,
    "description": _text,
    "format": _name,
    "mediatype": _text,
    "encoding": _text,
    "dialect": lambda value: _holds(value, _DIALECT),
    "schema": _schema,
    "civicat": _block,
}
_LICENCE: dict[str, _Holds] = {"name": _text, "path": _text, "title": _text, "civicat": _block}
_PERSON: dict[str, _Holds] = {
    "title": _text,
    "path": _text,
    "email": _email,
    "organization": _text,
    "roles": _texts,
    "civicat": _block,
}
_PACKAGE: dict[str, _Holds] = {
    "$schema": _profile,
    "name": _name,
    "title": _text,
    "description": _text,
    "homepage": _text,
    "keywords": _texts,
    "version": _text,
    "licenses": _many(_LICENCE, ("path", "name")),
    "sources": _many({"title": _text, "path": _text}),
    "contributors": _many(_PERSON),
    "resources": _resources,
    "civicat": _block,
}

"""Random descriptors near plain ones, and what frictionless says of them."""

from __future__ import annotations

import json
import random
import warnings
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any, TypeAlias

Json: TypeAlias = Any  # whatever a descriptor may hold
_Makers: TypeAlias = Mapping[str, Callable[[random.Random], Json]]

_VERSION_2 = "https://datapackage.org/profiles/2.0/datapackage.json"
_TEXTS = (
    "",
    "a",
    "A b",
    "名",
    "a-b",
    "a_b",
    "a.b/c",
    "x" * 40,
    "a\n",
    " ",
    "http://a.b",
    "../a",
    "/a",
    "~/a",
    "a*.csv",
    "1",
)
_ODD: tuple[Json, ...] = (
    *(None, True, False, 0, 1, -1, 2, 1.5, 10**15, 10**16, 1e300, float("inf"), float("nan"), "", "a", [], [1], ["a"]),
    *(
        {},
        {"a": 1},
        [{}],
        [[]],
        [None],
        "2021-01-05",
        "2021-1-5",
        "20210105",
        "10:00",
        "(",
        "a{2,1}",
        "1e5",
        "0x1",
        "１",
    ),
)
TYPES = (*("string", "integer", "number", "date", "year") * 3, "datetime", "time", "boolean", "any", "nonesuch")
_CONSTRAINTS: Mapping[str, tuple[Json, ...]] = {
    "required": (True, False),
    "unique": (True, False),
    "pattern": ("a+", "(", "[a-z]{2}", r"\d", "(?i)a", "a|b", "x" * 20, r"\p{L}", "(?P<a>b)"),
    "enum": (["a"], ["a", "b"], ["1", "2"], [1, 2], [], ["2021-01-05"], ["x", "x"]),
    "minLength": (0, 1, -1, 1.0, "1"),
    "maxLength": (0, 5, True),
    "minimum": (0, 1, 1.5, "1", "2021-01-05", "10:00:00", 10**14, -(10**14), 1990, 10000, -1, 1e-9, 1e14),
    "maximum": (0, 100, 2.25, "2030-12-31", "2030-12-32", 9999, "x"),
    "exclusiveMinimum": (0, 1),
}
_LIMITS = ("required", "minimum", "maximum", "minimum", "maximum")
_KNOWN: Mapping[str, Sequence[str]] = {
    "string": ("required", "unique", "pattern", "enum", "minLength", "maxLength"),
    **dict.fromkeys(("integer", "number", "date", "year", "time"), _LIMITS),
}
EXAMPLES: Sequence[Json] = (
    *("", "a", " 1", "1 ", "0", "-0", "007", "-12", "+1", "1_000", "1.5", "-1.50", "1.", ".5", "1e5", "nan", "1" * 15),
    *("1" * 16, "１", "1,5", "2021", "0000", "9999", "-001", "10:00:00", "true", "false", "True", "yes"),
    *("2021-01-05", "2021-1-5", "20210105", "0001-01-01", "0000-01-01", "2021-02-29", "2021-01-05 10:00:00"),
    *(
        f"2021-01-05T{time}"
        for time in ("10:00:00", "10:00:00Z", "24:00:00", "10:00:60", "10:00:00.5", "10:00:00+08:00")
    ),
    *("0000-01-01T10:00:00", 1, 1.5, True, None, ["a"]),
)
_EMAILS = ("a@b.cn", "a.b@c-d.org", "A@B.CN", "a@b", "a b@c.cn", "a@b.c1", "a+b@c.cn", "a@b.museum", "")
_KINDS = (
    "resources",
    "name",
    "path",
    "schema",
    "fields",
    "type",
    "format",
    "title",
    "hash",
    "bytes",
    "profile",
    "mediatype",
)


def descriptor_near(chance: random.Random) -> dict[str, Json]:
    """A package of one or two tables in which nothing, or a thing or two, is not as it should be."""
    package: dict[str, Json] = {"resources": [_resource(chance) for _ in range(chance.choice((1, 1, 1, 2)))]}
    for key, made in _PACKAGE.items():
        if chance.random() < 0.1:
            package[key] = made(chance)
    if chance.random() < 0.5:
        package["$schema"] = _VERSION_2
    for _ in range(chance.choice((0, 0, 0, 0, 1, 1, 2))):
        _spoil(package, chance)
    return package


def _spoil(level: Json, chance: random.Random) -> None:
    """Puts something else at one place of the descriptor, takes it away, or adds to it."""
    places: list[tuple[Json, Json]] = [
        (inner, key) for inner in _levels(level) for key in (inner if isinstance(inner, dict) else range(len(inner)))
    ]
    inner, key = chance.choice(places or [({"x": 1}, "x")])
    luck = chance.random()
    if luck < 0.5:
        inner[key] = deepcopy(chance.choice((*_ODD, *_TEXTS)))
    elif luck < 0.7:
        inner.pop(key)
    elif isinstance(inner, dict):
        name = chance.choice((*_KINDS, *_CONSTRAINTS, *_RESOURCE, *_PACKAGE, "x"))
        inner[name] = deepcopy(chance.choice((*_ODD, *_TEXTS)))
    else:
        inner.append(deepcopy(chance.choice((*_ODD, inner[key]))))


def _levels(level: Json) -> list[Json]:
    found = [level] if isinstance(level, (dict, list)) else []
    for one in list(level.values()) if isinstance(level, dict) else level if isinstance(level, list) else ():
        found += _levels(one)
    return found


def _resource(chance: random.Random) -> dict[str, Json]:
    table = {"name": chance.choice(("a", "b", "a-b", "table", "x1")), "path": "a.csv", "schema": _schema(chance)}
    for key, made in _RESOURCE.items():
        if chance.random() < 0.1:
            table[key] = made(chance)
    return table


def _schema(chance: random.Random) -> dict[str, Json]:
    names = chance.sample(("a", "b", "c", "d e", "名", ""), chance.randint(1, 4))
    schema: dict[str, Json] = {"fields": [_field(name, chance) for name in names]}
    if chance.random() < 0.3:
        schema["primaryKey"] = chance.sample(names, chance.randint(0, len(names)))
    if chance.random() < 0.2:
        schema["missingValues"] = chance.choice(([""], ["", "-"], [], ["a", "a"]))
    if chance.random() < 0.3:
        to = {"resource": chance.choice(("", "a", "b", "nonesuch")), "fields": chance.sample(names, 1)}
        schema["foreignKeys"] = [{"fields": chance.sample(names, 1), "reference": to}]
    return schema


def _field(name: str, chance: random.Random) -> dict[str, Json]:
    kind = chance.choice(TYPES)
    field: dict[str, Json] = {"name": name, "type": kind}
    known = sorted(_CONSTRAINTS) if chance.random() < 0.1 else _KNOWN.get(kind, ("required",))
    some = chance.sample(known, min(len(known), chance.choice((0, 0, 1, 1, 2))))
    if some:
        field["constraints"] = {key: deepcopy(chance.choice(_CONSTRAINTS[key])) for key in some}
    for key, texts in (
        ("title", _TEXTS),
        ("description", _TEXTS),
        ("format", ("default",)),
        ("civicat", ({"unit": "1"},)),
        ("example", EXAMPLES),
    ):
        if chance.random() < 0.15:
            field[key] = chance.choice(texts)
    return field


_PACKAGE: _Makers = {
    "name": lambda chance: chance.choice(_TEXTS),
    "title": lambda chance: chance.choice(_TEXTS),
    "homepage": lambda chance: chance.choice(_TEXTS),
    "keywords": lambda chance: chance.choice((["a"], [], ["a", "a"], [""])),
    "version": lambda chance: chance.choice(("1.0", "", "x")),
    "created": lambda chance: chance.choice(("2021-01-05", "2021-01-05T00:00:00Z", "x")),
    "licenses": lambda chance: chance.choice(
        ([], [{"name": "CC0-1.0"}], [{"path": "a"}], [{"name": ""}], [{"title": "a"}])
    ),
    "sources": lambda chance: chance.choice(([], [{"title": "a"}], [{"title": "a", "path": "a b"}], [{"path": "/a"}])),
    "contributors": lambda chance: chance.choice(
        (
            [],
            [{"title": "a", "email": chance.choice(_EMAILS)}],
            [{"title": "a", "roles": ["x"], "path": chance.choice(_TEXTS)}],
            [{"email": chance.choice(_EMAILS)}],
            [{"path": "a"}],
        )
    ),
    "civicat": lambda chance: {"language": chance.choice(_TEXTS)},
}
_RESOURCE: _Makers = {
    "type": lambda chance: chance.choice(("table", "file", "a")),
    "title": lambda chance: chance.choice(_TEXTS),
    "format": lambda chance: chance.choice(("csv", "tsv", "CSV", "a b")),
    "encoding": lambda chance: chance.choice(("utf-8", "gb18030", "nonesuch")),
    "mediatype": lambda chance: chance.choice(("text/csv", "a", "")),
    "dialect": lambda chance: chance.choice(
        (
            {},
            {"delimiter": chance.choice(_TEXTS)},
            {"headerRows": [1]},
            {"headerRows": [2]},
            {"csv": {"delimiter": ";"}},
        )
    ),
    "civicat": lambda _: {"caveats": []},
}


def complaints(package: Mapping[str, Json]) -> Sequence[str]:
    """What frictionless says of a descriptor: on reading it, and again on validating what it has read."""
    from frictionless import FrictionlessException, Package  # noqa: PLC0415 (half a second)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs
        try:
            read = Package.from_descriptor(json.loads(json.dumps(package)), basepath="")
            read.to_descriptor(validate=True)
            for table in read.resources:
                table.to_descriptor(validate=True)
                keys = table.schema.foreign_keys if table.schema else ()
                if any(not read.has_resource(one["reference"]["resource"] or table.name) for one in keys):
                    return ["a table refers to none of the package"]  # said when it is opened
                for one in table.schema.fields if table.schema else ():
                    one.create_cell_reader()
        except FrictionlessException as error:
            return [one.message for one in error.to_errors()]
        except Exception as error:  # noqa: BLE001 (what it crashes on is not plain either)
            return [f"{type(error).__name__}: {error}"]
    return []

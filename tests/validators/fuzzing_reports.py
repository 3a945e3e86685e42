"""Random packages: schemas with every rule, dialects, and files whose cells fit, nearly fit or do not fit."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fuzzing_bytes import dialect_near
from fuzzing_cells import TYPES, Descriptor, field_near, missing_near, reader_of, text_near

_VERSION_2 = "https://datapackage.org/profiles/2.0/datapackage.json"
_NAMES = ("a", "b", "c", "id", "Id", "名称", "d e", "f", "value", "x_1")
_MODES = ("exact", "equal", "subset", "superset", "partial", "nonesuch", ["subset"], ["exact", "partial"])
_ROWS = (0, 1, 2, 5, 10, 10, 20, 40, 98, 99, 100, 101, 130)
_LIMITS = (1000, 1000, 1000, 0, 1, 2, 3, 7)


@dataclass(frozen=True, slots=True)
class Handed:
    """A package and its files, and the limit of errors to be asked for."""

    package: Mapping[str, Any]
    files: Mapping[str, bytes]
    limit: int


@dataclass(frozen=True, slots=True)
class _Made:
    """A schema, and for each of its fields the cells that it is filled with."""

    schema: Descriptor
    pools: Sequence[Sequence[str]]

    @property
    def names(self) -> list[str]:
        return [one["name"] for one in self.schema["fields"]]


def package_near(chance: random.Random) -> Handed:
    """One or two tables, the first of which may refer to itself or to the second."""
    made = [_schema(chance) for _ in range(chance.choice((1, 1, 2)))]
    _refer(made, chance)
    package: dict[str, Any] = {"name": "x"}
    if chance.random() < 0.6:
        package["$schema"] = _VERSION_2
    tables, files = [], {}
    for number, one in enumerate(made):
        path = f"t{number}.{'tsv' if chance.random() < 0.05 else 'csv'}"
        dialect = dialect_near(chance) if chance.random() < 0.4 else {}
        files[path] = _file(one, path, dialect, chance)
        tables.append(_resource(path, one, dialect, len(files[path]), chance))
    return Handed({**package, "resources": tables}, files, chance.choice(_LIMITS))


def _schema(chance: random.Random) -> _Made:
    """A schema of which frictionless can make readers; keys and modes are added at random."""
    missing = missing_near(chance)
    fields, pools = [], []
    for name in chance.sample(_NAMES, chance.randint(1, 5)):
        one, pool = next(_fields(name, missing, chance))
        fields.append(one)
        pools.append(pool)
    schema: Descriptor = {"fields": fields}
    if missing != [""] or chance.random() < 0.2:
        schema["missingValues"] = missing
    names = [one["name"] for one in fields]
    if chance.random() < 0.35:
        key = chance.sample(names, chance.randint(1, min(3, len(names))))
        schema["primaryKey"] = key[0] if chance.random() < 0.2 else key
    if chance.random() < 0.3:
        schema["fieldsMatch"] = chance.choice(_MODES)
    return _Made(schema, pools)


def _fields(name: str, missing: list[str], chance: random.Random) -> Iterator[tuple[Descriptor, list[str]]]:
    """Fields that frictionless takes, with cells for each: most of them as it likes them."""
    while True:
        kind = chance.choice(TYPES)
        one = {**field_near(kind, chance), "name": name}
        if chance.random() < 0.25:
            one["constraints"] = {**one["constraints"], "unique": True}
        if chance.random() < 0.08:
            one["missingValues"] = missing_near(chance)
        if chance.random() < 0.2:
            one.pop("constraints")
        try:
            reader = reader_of(one, missing)
        except Exception:  # noqa: BLE001,S112 (whatever frictionless does not take for a field)
            continue
        yield one, _pool(kind, reader, missing, chance)


def _pool(kind: str, reader: Any, missing: list[str], chance: random.Random) -> list[str]:  # noqa: ANN401 (theirs)
    good: list[str] = []
    bad: list[str] = []
    for cell in (text_near(kind, chance) for _ in range(24)):
        try:
            fits = reader(cell)[1] is None
        except Exception:  # noqa: BLE001 (a rule that cannot be applied)
            fits = False
        (good if fits else bad).append(cell)
    some = chance.choice((0, 0, 1, 1, 3, 24))
    empty = [chance.choice([*missing, ""])] if chance.random() < 0.6 else []
    return [*good, *bad[:some], *empty] or ["1"]


def _refer(made: Sequence[_Made], chance: random.Random) -> None:
    """Foreign keys: most often to fields of the like, filled from the same cells."""
    if chance.random() > 0.45:
        return
    keys = []
    for _ in range(chance.choice((1, 1, 2))):
        there = chance.choice(made)
        width = chance.randint(1, min(2, len(made[0].names), len(there.names)))
        own, other = chance.sample(made[0].names, width), chance.sample(there.names, width)
        if chance.random() < 0.7:
            for mine, its in zip(own, other, strict=True):
                _liken(made[0], mine, there, its)
        known = "" if there is made[0] and chance.random() < 0.7 else f"t{list(made).index(there)}"
        resource = known if chance.random() < 0.95 else "nonesuch"
        fields: Any = own[0] if width == 1 and chance.random() < 0.3 else own
        to: Any = other[0] if isinstance(fields, str) else other
        keys.append({"fields": fields, "reference": {"resource": resource, "fields": to}})
    made[0].schema["foreignKeys"] = keys


def _liken(made: _Made, name: str, there: _Made, other: str) -> None:
    mine, its = made.names.index(name), there.names.index(other)
    made.schema["fields"][mine] = {**there.schema["fields"][its], "name": name}
    pools: Any = made.pools
    pools[mine] = there.pools[its]


def _resource(path: str, made: _Made, dialect: Descriptor, size: int, chance: random.Random) -> dict[str, Any]:
    name = path.partition(".")[0]
    table: dict[str, Any] = {"name": name, "type": "table", "path": path, "schema": made.schema, "encoding": "utf-8"}
    if dialect:
        table["dialect"] = dialect
    if chance.random() < 0.05:
        table["bytes"] = size + chance.choice((0, 1))
    if chance.random() < 0.05:
        table["rows"] = chance.choice((1, 10, 99))
    if chance.random() < 0.03:
        table["fields"] = chance.choice((1, 2, 3))
    if chance.random() < 0.03:
        table["hash"] = chance.choice(("sha256:00", "md5:00", "0" * 32))
    return table


def _file(made: _Made, path: str, dialect: Descriptor, chance: random.Random) -> bytes:
    """A file of such cells, written by the dialect or nearly so."""
    written = {**dialect, **(dialect.get("csv") or {})}
    lines: list[list[str]] = [
        ["about", "this"][: chance.randint(0, 2)] for _ in range(chance.choice((0, 0, 0, 0, 1, 2)))
    ]
    if chance.random() < 0.97:
        lines.append(_labels(made.names, chance))
    lines += [_row(made, chance) for _ in range(chance.choice(_ROWS))]
    default = "\t" if path.endswith("tsv") else ","
    options: dict[str, Any] = {
        "delimiter": written.get("delimiter") or default,
        "quotechar": written.get("quoteChar") or '"',
    }
    text = io.StringIO()
    end = chance.choice(("\r\n", "\n"))
    writer = csv.writer(text, **options, lineterminator=end, quoting=chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)))
    for line in lines:
        try:
            writer.writerow(line)
        except csv.Error:  # a delimiter that is the quote
            text.write(",".join(line) + end)
    return text.getvalue().encode("utf-8", "replace")


def _row(made: _Made, chance: random.Random) -> list[str]:
    cells = [chance.choice(pool) for pool in made.pools]
    luck = chance.random()
    if luck < 0.02:
        return chance.choice(([], ["" for _ in cells], ["#", *cells[1:]]))
    if luck < 0.05:
        return cells[: chance.randint(0, len(cells))]
    return [*cells, chance.choice(("", "more"))] if luck < 0.07 else cells


def _labels(names: Sequence[str], chance: random.Random) -> list[str]:
    """The header, whole or with one thing or two amiss."""
    labels = list(names)
    for _ in range(chance.choice((0, 0, 0, 0, 1, 2))):
        labels = _amiss(labels, names, chance)
    return labels


def _amiss(labels: list[str], names: Sequence[str], chance: random.Random) -> list[str]:
    place = chance.randrange(len(labels) + 1)
    before, after = labels[:place], labels[place:]
    return chance.choice(
        (
            [*before, *after[1:]],
            [*before, "new", *after],
            [*before, chance.choice((*names, "")), *after[1:]],
            chance.sample(labels, len(labels)),
            [one.upper() for one in labels],
            [f" {one}" for one in labels],
            [*labels, chance.choice((*names, "", "new"))],
        )
    )

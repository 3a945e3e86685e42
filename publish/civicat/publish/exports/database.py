"""SQLite: a whole release as one database that any tool opens, with its keys, its words and its identity.

Each table is named as on the site. Primary keys, NOT NULL and foreign keys inside the dataset are declared. A key of
several columns may lack a part: NOT NULL stands at columns that are required, and at those of the key in which nothing
is missing. A foreign key is declared only where what it points at is a primary key or a column that must be unique, as
SQLite can check no other. The others stand in `_fields`, with what each column means; `_codes` holds the labels of
codes, `_release` who published it.

Whole numbers are INTEGER (64 bits, exact), floating ones REAL, truths 0 and 1, dates, times and moments ISO 8601 in
TEXT. A decimal column is NUMERIC as long as its numbers have at most 15 digits, which SQLite keeps exactly; with more
it is TEXT, digit for digit: compare it as CAST(x AS REAL), which rounds.

Full-text search is a table `<table>_search` (FTS5, trigrams; `<table>_search_2` where a column or a table is called so)
over the texts, for three characters or more, Chinese as well. One or two are found by LIKE '%..%' in the table itself;
LIKE in the search table misses two Chinese characters, as SQLite counts their bytes there. No journal, one transaction,
no time of day: the same release gives the same bytes.
"""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa

from civicat.dataset import Field, ForeignKey
from civicat.publish.exports import rows
from civicat.publish.exports.form import Content, Form
from civicat.publish.exports.identity import identity
from civicat.publish.exports.survey import ODD_IN_DATABASES, survey
from civicat.release import Release, Table
from civicat.text import Text

_SET_UP = (
    "pragma page_size = 4096",
    "pragma journal_mode = off",
    "pragma synchronous = off",
    "pragma cache_size = -16000",
)
_FULL = "SQLITE_FULL"
_RESERVED = frozenset({"rank", "rowid"})  # FTS5 has columns of these names itself
_OF_FTS5 = ("", "_data", "_idx", "_content", "_docsize", "_config")  # the tables that a search table is made of
_FIELDS = (
    *("table", "column", "position", "type", "stored_as", "title_zh", "title_en", "description_zh", "description_en"),
    *("unit", "required", "primary_key", "refers_to", "example", "caveats_zh", "caveats_en", "note_zh", "note_en"),
)
_CODES = ("table", "column", "value", "label_zh", "label_en")
_RELEASE = ("item", "zh", "en")
_AS_TEXT = Text("以文字保存：", "Kept as text: it ")


def _make(content: Content, target: Path) -> None:
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as database:
            for statement in (*_SET_UP, "begin"):
                database.execute(statement)
            _fill(database, content)
            database.execute("commit")
    except sqlite3.Error as error:
        number = errno.ENOSPC if error.sqlite_errorname == _FULL else errno.EIO
        raise OSError(number, str(error)) from error


def _fill(database: sqlite3.Connection, content: Content) -> None:
    odd = {table.name: survey(table, ODD_IN_DATABASES) for table in content.tables}
    needed = {table.name: _needed(table) for table in content.tables}
    for table in content.tables:
        kinds = _kinds(table, odd[table.name])
        database.execute(_create(content.release, table, kinds, needed[table.name]))
        _insert(database, table.name, len(kinds), _rows(table, kinds))
        if content.search:
            _index_texts(database, table, content.tables)
    _tell(database, "_release", _RELEASE, ((one.item, one.text.zh, one.text.en) for one in identity(content)))
    _tell(database, "_fields", _FIELDS, _fields(content, odd, needed))
    _tell(database, "_codes", _CODES, _codes(content))


def _needed(table: Table) -> frozenset[str]:
    """The columns that are never missing: those that must not be, and those of the key that are not."""
    schema = table.resource.schema
    required = {field.name for field in schema.fields if field.constraints.get("required") is True}
    open_ = [name for name in schema.primary_key if name not in required]
    full = set(open_)
    for batch in rows.batches(table, open_) if open_ else ():
        full -= {name for name in open_ if batch.column(name).null_count}
    return frozenset(required | full)


def _kinds(table: Table, odd: Mapping[str, Text]) -> dict[str, str]:
    schema = rows.stored_schema(table)
    return {name: "TEXT" if name in odd else _kind(schema.field(name).type) for name in rows.described(table)}


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return "INTEGER"
    if pa.types.is_floating(kind):
        return "REAL"
    return "NUMERIC" if pa.types.is_decimal(kind) else "TEXT"


def _create(release: Release, table: Table, kinds: Mapping[str, str], needed: frozenset[str]) -> str:
    schema = table.resource.schema
    lines = [
        _column(schema.field(name), kind, schema.primary_key, needed=name in needed) for name, kind in kinds.items()
    ]
    if schema.primary_key:
        lines.append(f"PRIMARY KEY ({_listed(schema.primary_key)})")
    for key in schema.foreign_keys:
        target = _target(release, table, key)
        if target is not None:
            lines.append(
                f"FOREIGN KEY ({_listed(key.fields)}) REFERENCES {_name(target.name)} ({_listed(key.reference)})"
            )
    return f"CREATE TABLE {_name(table.name)} (\n  " + ",\n  ".join(lines) + "\n)"


def _column(field: Field | None, kind: str, key: Sequence[str], *, needed: bool) -> str:
    name = field.name if field else ""
    alone = " UNIQUE" if field and _is_unique(field) and tuple(key) != (name,) else ""
    return f"{_name(name)} {kind}{' NOT NULL' if needed else ''}{alone}"


def _is_unique(field: Field) -> bool:
    return field.constraints.get("unique") is True


def _target(release: Release, table: Table, key: ForeignKey) -> Table | None:
    """The table of this database that a foreign key can be declared to point at, None where it cannot."""
    name = key.resource or table.resource.name
    target = next((one for one in release.tables if one.resource.name == name and not key.dataset), None)
    if target is None or not key.fields:
        return None
    schema = target.resource.schema
    alone = schema.field(key.reference[0]) if len(key.reference) == 1 else None
    return target if key.reference == schema.primary_key or (alone and _is_unique(alone)) else None


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(_name, names))


def _rows(table: Table, kinds: Mapping[str, str]) -> Iterator[tuple[object, ...]]:
    for batch in rows.batches(table, list(kinds)):
        columns = zip(batch.columns, kinds.values(), strict=True)
        yield from zip(*(_bound(column, kind).to_pylist() for column, kind in columns), strict=True)


def _bound(column: pa.Array[Any], kind: str) -> pa.Array[Any]:
    """What SQLite takes as it is; a decimal as text, which a NUMERIC column reads exactly."""
    return column if kind in {"INTEGER", "REAL"} or pa.types.is_string(column.type) else rows.as_text(column)


def _insert(database: sqlite3.Connection, table: str, columns: int, many: Iterable[Sequence[object]]) -> None:
    places = ", ".join("?" * columns)
    database.executemany(f"INSERT INTO {_name(table)} VALUES ({places})", many)  # noqa: S608 - a name, quoted


def _index_texts(database: sqlite3.Connection, table: Table, tables: Iterable[Table]) -> None:
    schema = rows.stored_schema(table)
    texts = [name for name in rows.described(table) if _is_searched(schema.field(name))]
    if not texts:
        return
    name = _name(_search_name(table, schema.names, tables))
    options = f"content={_name(table.name)}, tokenize='trigram'"
    database.execute(f"CREATE VIRTUAL TABLE {name} USING fts5({_listed(texts)}, {options})")
    database.execute(f"INSERT INTO {name}({name}) VALUES ('rebuild')")  # noqa: S608 - names, quoted


def _search_name(table: Table, columns: Iterable[str], tables: Iterable[Table]) -> str:
    """A name that no table has and no column of this one, as FTS5 calls a column of its own like its table."""
    taken = {name.lower() for name in (*columns, *(one.name for one in tables))}
    plain = f"{table.name}_search"
    names = (plain, *(f"{plain}_{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if not taken & {f"{name}{ending}" for ending in _OF_FTS5})


def _is_searched(field: pa.Field) -> bool:
    return pa.types.is_string(field.type) and field.name.lower() not in _RESERVED


def _tell(database: sqlite3.Connection, name: str, columns: Sequence[str], many: Iterable[Sequence[object]]) -> None:
    database.execute(f"CREATE TABLE {_name(name)} ({_listed(columns)})")
    _insert(database, name, len(columns), many)


def _fields(
    content: Content, odd: Mapping[str, Mapping[str, Text]], needed: Mapping[str, frozenset[str]]
) -> Iterator[tuple[object, ...]]:
    for table in content.tables:
        for position, (name, kind) in enumerate(_kinds(table, odd[table.name]).items(), start=1):
            field = table.resource.schema.field(name)
            reason = odd[table.name].get(name)
            note = (_AS_TEXT.zh + reason.zh, _AS_TEXT.en + reason.en) if reason else ("", "")
            if field is not None:
                yield table.name, name, position, *_words(table, field, kind, needed=name in needed[table.name]), *note


def _words(table: Table, field: Field, kind: str, *, needed: bool) -> tuple[object, ...]:
    key = table.resource.schema.primary_key
    return (
        *(field.type, kind, field.title.zh, field.title.en, field.description.zh, field.description.en, field.unit),
        *(needed, field.name in key),
        *(_references(table, field.name), field.example),
        *("\n".join(caveat.zh for caveat in field.caveats), "\n".join(caveat.en for caveat in field.caveats)),
    )


def _references(table: Table, name: str) -> str:
    """What a column refers to, in any dataset, as JSON; empty where it refers to nothing."""
    found = [
        {"dataset": key.dataset, "resource": key.resource or table.resource.name, "fields": list(key.reference)}
        for key in table.resource.schema.foreign_keys
        if name in key.fields
    ]
    return json.dumps(found, ensure_ascii=False) if found else ""


def _codes(content: Content) -> Iterator[tuple[object, ...]]:
    for table in content.tables:
        for field in table.resource.schema.fields:
            for value, label in field.categories.items():
                yield table.name, field.name, value, label.zh, label.en


SQLITE = Form(
    name="sqlite",
    suffix=".sqlite",
    media_type="application/vnd.sqlite3",
    title=Text("SQLite 数据库（整个版本）", "SQLite database of the whole release"),
    make=_make,
    notes=Text(
        "超过 15 位的小数以文字保存；日期和时刻为 ISO 8601 文字；是非为 1 和 0。",
        "Decimals of more than 15 digits are kept as text; dates and moments are texts in ISO 8601; "
        "truths are 1 and 0.",
    ),
    per_resource=False,
    searchable=True,
    revision=2,
)

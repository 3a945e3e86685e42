"""What changed between the schemas of two releases, and how much each change asks of those who read the data.

Major: a reader of the old release may break (a table or a field gone, renamed, retyped, in another unit; another key).
Minor: something came, stands in another order, or has more decimals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import pyarrow as pa

from civicat.dataset import Schema
from civicat.publish.stored import stored_schema
from civicat.release import Release
from civicat.text import Language, Text


class Level(IntEnum):
    """How much a change asks of those who read the data."""

    PATCH = 0
    MINOR = 1
    MAJOR = 2


@dataclass(frozen=True, slots=True)
class Shape:
    """A table as its schema says and as it is stored; `stored` may hold columns that are no fields."""

    table: str
    schema: Schema
    stored: pa.Schema

    def kind(self, name: str) -> str:
        """The type of a field as a reader meets it: a decimal is what its scale says, however many digits it needs."""
        field, stored = self.schema.field(name), self.stored.field(name).type
        spelled = f"decimal({stored.scale})" if pa.types.is_decimal(stored) else str(stored)
        declared = field.type if field else ""
        return declared if declared == spelled else f"{declared} ({spelled})"

    def declared(self, name: str) -> str:
        """The type of a field as its schema says it."""
        field = self.schema.field(name)
        return field.type if field else ""

    def decimals(self, name: str) -> int:
        """Decimals of an exact number; -1 where it is none."""
        stored = self.stored.field(name).type
        return int(stored.scale) if pa.types.is_decimal(stored) else -1

    def unit(self, name: str) -> str:
        """The unit of a field; empty where it has none."""
        field = self.schema.field(name)
        return field.unit if field else ""


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One change: `kind` is a key of the sentences below, `field` and `old`, `new` are empty where they say nothing."""

    level: Level
    kind: str
    table: str
    field: str = ""
    old: str = ""
    new: str = ""

    @property
    def text(self) -> Text:
        """What changed, as a sentence."""
        return _sentence([self])


def schema_changes(old: Release, new: Release) -> tuple[SchemaChange, ...]:
    """The changes between two releases of a dataset, those that ask most of a reader first.

    Raises:
        StoreError: a table of one of them cannot be read.
    """
    return changes_between(shapes(old), shapes(new), forwards=old.version <= new.version)


def shapes(release: Release) -> tuple[Shape, ...]:
    """The shape of each table of a release.

    Raises:
        StoreError: one cannot be read.
    """
    return tuple(Shape(table.name, table.resource.schema, stored_schema(table)) for table in release.tables)


def changes_between(old: Sequence[Shape], new: Sequence[Shape], *, forwards: bool = True) -> tuple[SchemaChange, ...]:
    """The changes between two states of a dataset's tables, those that ask most of a reader first.

    `forwards` says that the second state is the younger one: names that were changed are told by the younger.
    """
    before, now = ({shape.table: shape for shape in many} for many in (old, new))
    found = [
        *(SchemaChange(Level.MAJOR, "table-removed", name) for name in sorted(before.keys() - now.keys())),
        *(SchemaChange(Level.MINOR, "table-added", name) for name in sorted(now.keys() - before.keys())),
        *(change for name in now if name in before for change in _inside(before[name], now[name], forwards)),
    ]
    return tuple(sorted(found, key=lambda change: -change.level))


def sentences(changes: Sequence[SchemaChange]) -> list[Text]:
    """One sentence for all changes of a kind in a table, in the order of the first of each."""
    alike: dict[tuple[str, str], list[SchemaChange]] = {}
    for change in changes:
        alike.setdefault((change.kind, change.table), []).append(change)
    return [_sentence(some) for some in alike.values()]


def former_names(before: Schema, now: Schema, *, forwards: bool) -> dict[str, str]:
    """The fields that were called otherwise: the name now -> the name before; the younger schema says which."""
    return _renamed(now, before) if forwards else {was: name for name, was in _renamed(before, now).items()}


def _renamed(younger: Schema, older: Schema) -> dict[str, str]:
    names = {one.name for one in older.fields}
    return {one.name: one.renamed for one in younger.fields if one.renamed in names and one.name not in names}


def _inside(before: Shape, now: Shape, forwards: bool) -> Iterator[SchemaChange]:  # noqa: FBT001 - passed on
    table, other = now.table, former_names(before.schema, now.schema, forwards=forwards)
    # Columns that publishing added are no columns that anybody handed in.
    was, becomes = ([one.name for one in shape.schema.fields if not one.generated] for shape in (before, now))
    kept = [(other.get(name, name), name) for name in becomes if other.get(name, name) in was]
    gone = [name for name in was if name not in {old for old, _ in kept}]
    yield from (SchemaChange(Level.MAJOR, "field-removed", table, name) for name in gone)
    yield from (SchemaChange(Level.MAJOR, "field-renamed", table, new, old, new) for new, old in other.items())
    for old, new in kept:
        yield from _retyped(before, now, old, new)
    yield from _another_key(before, now, other)
    added = [name for name in becomes if other.get(name, name) not in was]
    yield from (SchemaChange(Level.MINOR, "field-added", table, name) for name in added)
    if [old for old, _ in kept] != [name for name in was if name not in gone]:
        yield SchemaChange(Level.MINOR, "fields-moved", table)


def _retyped(before: Shape, now: Shape, old: str, new: str) -> Iterator[SchemaChange]:
    was, becomes = before.kind(old), now.kind(new)
    if was != becomes:
        grown = 0 <= before.decimals(old) < now.decimals(new) and before.declared(old) == now.declared(new)
        level, kind = (Level.MINOR, "more-decimals") if grown else (Level.MAJOR, "field-retyped")
        yield SchemaChange(level, kind, now.table, new, was, becomes)
    if before.unit(old) != now.unit(new):
        yield SchemaChange(Level.MAJOR, "unit-changed", now.table, new, before.unit(old), now.unit(new))


def _another_key(before: Shape, now: Shape, other: dict[str, str]) -> Iterator[SchemaChange]:
    """A column that publishing added is no key: it says which line of the file a row was."""
    was, becomes = _key(before.schema), _key(now.schema)
    if was != tuple(other.get(name, name) for name in becomes):
        yield SchemaChange(Level.MAJOR, "key-changed", now.table, "", ", ".join(was), ", ".join(becomes))


def _key(schema: Schema) -> tuple[str, ...]:
    generated = {one.name for one in schema.fields if one.generated}
    return tuple(name for name in schema.primary_key if name not in generated)


# The sentence of each kind in zh and en; `fields` are the names that changed, `pairs` each with what it was before.
_SENTENCES: dict[str, tuple[str, str]] = {
    "table-removed": ("删去数据表 {table}。", "The table {table} is gone."),
    "table-added": ("新增数据表 {table}。", "New table: {table}."),
    "field-removed": ("{table} 删去字段：{fields}。", "Columns gone from {table}: {fields}."),
    "field-renamed": ("{table} 字段改名：{pairs}。", "Columns renamed in {table}: {pairs}."),
    "field-retyped": ("{table} 字段换了类型：{moves}。", "New types in {table}: {moves}."),
    "unit-changed": ("{table} 字段换了单位：{moves}。", "Other units in {table}: {moves}."),
    "more-decimals": ("{table} 字段的小数位增加：{moves}。", "More decimals in {table}: {moves}."),
    "key-changed": (
        "{table} 换了主键：原为 {old}，现为 {new}。",
        "The primary key of {table} was {old}, it is {new}.",
    ),
    "key-gone": ("{table} 不再有主键，原为 {old}。", "{table} has no key any more; it was {old}."),
    "key-came": ("{table} 有了主键：{new}。", "{table} has a primary key now: {new}."),
    "field-added": ("{table} 新增字段：{fields}。", "New columns in {table}: {fields}."),
    "fields-moved": ("{table} 的字段换了次序。", "The columns of {table} stand in another order."),
}


def _sentence(alike: Sequence[SchemaChange]) -> Text:
    zh, en = _SENTENCES[_spoken(alike[0])]
    return Text(zh.format_map(_words(alike, "zh", "、")), en.format_map(_words(alike, "en", ", ")))


def _spoken(change: SchemaChange) -> str:
    if change.kind == "key-changed" and not (change.old and change.new):
        return "key-gone" if change.old else "key-came"
    return change.kind


def _words(alike: Sequence[SchemaChange], language: Language, comma: str) -> dict[str, str]:
    first = alike[0]
    return {
        "table": first.table,
        "fields": comma.join(change.field for change in alike),
        "pairs": comma.join(f"{change.old} → {change.new}" for change in alike),
        "moves": comma.join(_move(change, language) for change in alike),
        "old": comma.join(first.old.split(", ")),
        "new": comma.join(first.new.split(", ")),
    }


def _move(change: SchemaChange, language: Language) -> str:
    """A field with what it was and is: its type by name alone where that says enough."""
    both = (change.old, change.new)
    if change.kind == "field-retyped" and len({one.partition(" (")[0] for one in both}) > 1:
        both = (both[0].partition(" (")[0], both[1].partition(" (")[0])
    none = Text("无", "none").within(language)
    was, becomes = both[0] or none, both[1] or none
    return f"{change.field} 由 {was} 改为 {becomes}" if language == "zh" else f"{change.field}: {was} → {becomes}"

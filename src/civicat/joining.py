"""How rows that are handed in join those of the release that is online: what the checks and publishing both ask.

`submission: append` and `upsert` keep rows of the release before. Its columns may grow (a new column, more digits);
what would change the meaning of rows that are published already (a column gone, retyped or in another unit, another
primary key) takes `submission: replace`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa

from civicat.dataset import Field, Resource
from civicat.errors import StoreError
from civicat.layout import Layout, read
from civicat.release import Release, Table, Version
from civicat.report import Report
from civicat.source_reading import kept_reading, readings
from civicat.text import Text

REPLACE, APPEND, UPSERT = "replace", "append", "upsert"
_MOST_DIGITS = 38  # of a decimal


class Rule(StrEnum):
    """Why rows cannot join those online."""

    GONE = "gone"
    RETYPED = "retyped"
    UNIT = "unit"
    REQUIRED = "required"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that keeps rows from joining those online: the column, what it was there and what it is now."""

    rule: Rule
    field: str
    was: str = ""
    now: str = ""

    @property
    def said(self) -> Text:
        """It in a few words, without a stop."""
        zh, en = _SAID[self.rule]
        facts = {"field": self.field, "was": self.was, "now": self.now}
        return Text(zh.format(**facts), en.format(**facts))


_SAID: Mapping[Rule, tuple[str, str]] = {
    Rule.GONE: ("缺少“{field}”一列", "column {field} is gone"),
    Rule.RETYPED: ("“{field}”一列原为 {was}，现为 {now}", "column {field} was {was} and is {now}"),
    Rule.UNIT: (
        "“{field}”一列的单位原为 {was}，现为 {now}",
        "column {field} was in {was} and is in {now}",
    ),
    Rule.REQUIRED: (
        "新增的“{field}”一列不得为空，而已发布的行没有它的值",
        "the new column {field} must not be empty, and the rows online have no value in it",
    ),
    Rule.KEY: ("主键原为 {was}，现为 {now}", "the primary key was {was} and is {now}"),
}


@dataclass(frozen=True, slots=True)
class Blank:
    """Whether a column holds no value at all, by its name: in what is handed in, and online. Its type says nothing."""

    handed_in: Callable[[str], bool]
    online: Callable[[str], bool]


def online_table(online: Release | None, resource: Resource) -> Table | None:
    """The table online that the rows of a resource join; None where they replace it, or where there is none."""
    if online is None or resource.submission == REPLACE:
        return None
    return next((table for table in online.tables if table.resource.name == resource.name), None)


def sources(resource: Resource, before: Resource) -> dict[str, str]:
    """For each column of a resource the column online that it goes on, by its name or the one that it was renamed from.

    Columns that are new are not there.
    """
    known = {one.name for one in before.schema.fields if not one.generated}
    left = known - {one.name for one in resource.schema.fields}
    names = ((one.name, one.name if one.name in known else one.renamed) for one in resource.schema.fields)
    return {name: source for name, source in names if source in known and (source == name or source in left)}


def own_key(resource: Resource) -> tuple[str, ...]:
    """The primary key of a resource that its steward chose: none where publishing numbers the rows."""
    generated = {one.name for one in resource.schema.fields if one.generated}
    return tuple(name for name in resource.schema.primary_key if name not in generated)


def obstacles(
    resource: Resource, schema: pa.Schema, before: Resource, stored: pa.Schema, blank: Blank
) -> list[Obstacle]:
    """What keeps the rows of a resource from joining those online.

    `schema` has the types of the rows handed in, `before` and `stored` are the resource and the types online.
    """
    from_online = sources(resource, before)
    declared = [one for field in resource.schema.fields for one in _of_field(field, resource, before, from_online)]
    told = {one.field for one in declared}
    return [
        *_gone(before, from_online),
        *declared,
        *(one for one in _retyped(schema, stored, from_online, blank) if one.field not in told),
        *_another_key(resource, before, from_online),
    ]


def _gone(before: Resource, from_online: Mapping[str, str]) -> Iterator[Obstacle]:
    for one in before.schema.fields:
        if not one.generated and one.name not in from_online.values():
            yield Obstacle(Rule.GONE, one.name)


def _of_field(field: Field, resource: Resource, before: Resource, from_online: Mapping[str, str]) -> Iterator[Obstacle]:
    """What the descriptor says of a column: another type or unit than online, or a new one that may not be empty."""
    was = before.schema.field(from_online.get(field.name, ""))
    if was is None:
        if field.constraints.get("required") or field.name in resource.schema.primary_key:
            yield Obstacle(Rule.REQUIRED, field.name)
    elif was.type != field.type:
        yield Obstacle(Rule.RETYPED, field.name, was.type, field.type)
    elif was.unit != field.unit:
        yield Obstacle(Rule.UNIT, field.name, was.unit or "—", field.unit or "—")


def _retyped(schema: pa.Schema, stored: pa.Schema, from_online: Mapping[str, str], blank: Blank) -> Iterator[Obstacle]:
    """Columns that hold other values than their types online can hold, though the descriptor says the same of both."""
    for name, source in from_online.items():
        if _joint_type(schema.field(name), stored.field(source), blank) is None:
            yield Obstacle(Rule.RETYPED, name, str(stored.field(source).type), str(schema.field(name).type))


def _another_key(resource: Resource, before: Resource, from_online: Mapping[str, str]) -> Iterator[Obstacle]:
    was = own_key(before)
    now = own_key(resource)
    if tuple(from_online.get(name, name) for name in now) != was:
        yield Obstacle(Rule.KEY, ", ".join(now or was), ", ".join(was) or "—", ", ".join(now) or "—")


def joint_schema(schema: pa.Schema, stored: pa.Schema, from_online: Mapping[str, str], blank: Blank) -> pa.Schema:
    """The types of the rows handed in, wide enough for those online too; without `obstacles` there always are such."""
    for place, name in enumerate(schema.names):
        if name in from_online:
            field = schema.field(place)
            kind = _joint_type(field, stored.field(from_online[name]), blank) or field.type
            schema = schema.set(place, field.with_type(kind))
    return schema


def _joint_type(now: pa.Field[Any], was: pa.Field[Any], blank: Blank) -> pa.DataType | None:
    """The type of a column in the release to come; None where no type holds the values of both."""
    kind = wider(now.type, was.type)
    if kind is None and blank.handed_in(now.name):
        return was.type
    return now.type if kind is None and blank.online(was.name) else kind


def joined_batch(batch: pa.RecordBatch, schema: pa.Schema, from_online: Mapping[str, str]) -> pa.RecordBatch:
    """Rows online with the columns of `schema`; a column that is new holds nothing.

    Raises:
        ArrowInvalid: a value does not fit into its column.
    """
    columns = [
        _column(batch, from_online[one.name], one.type) if one.name in from_online else pa.nulls(len(batch), one.type)
        for one in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _column(batch: pa.RecordBatch, name: str, kind: pa.DataType) -> pa.Array[Any]:
    column = batch.column(name)
    return column if column.type == kind else column.cast(kind)


def wider(now: pa.DataType, was: pa.DataType) -> pa.DataType | None:
    """A type that holds the values of both, each exactly, in the scale of `now`; None where there is none."""
    if now == was or (_is_text(now) and _is_text(was)):
        return now
    if pa.types.is_decimal(now) and pa.types.is_decimal(was) and now.scale >= was.scale:
        digits = max(now.precision, was.precision + now.scale - was.scale)
        return pa.decimal128(digits, now.scale) if digits <= _MOST_DIGITS else None
    if pa.types.is_signed_integer(now) and pa.types.is_signed_integer(was):
        return now if now.bit_width > was.bit_width else was
    return None


def _is_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


# ------------------------------------------------------------------------------------- which files have been joined


@dataclass(frozen=True, slots=True)
class Joined:
    """A data file whose rows are online: the version that they came with, and how it was read (empty: nobody knows).

    Where it was handed in more than once, `version` is the first time and `reading` the last. `newest` says that no
    other file was handed in since.
    """

    version: Version
    reading: str
    newest: bool

    def is_read_so(self, resource: Resource) -> bool:
        """Whether the resource would have it read the same way: then its rows are those online."""
        return not self.reading or self.reading in readings(resource)


def joined_before(
    layout: Layout, online: Release | None, report: Report, resources: Sequence[Resource]
) -> frozenset[str]:
    """The names of the resources whose data file, as `report` read it, is among the rows online already.

    A file that was read another way then is not: it is corrected, and its rows are taken.

    Raises:
        StoreError: a release cannot be read, or a file that is online is appended to be read another way.
    """
    if online is None:
        return frozenset()
    handed_in = {one.name: one.sha256 for one in report.resources}
    found = set()
    for one in resources:
        joined = joined_files(layout, online, one.name).get(handed_in.get(one.name, ""))
        if joined is not None and joined.is_read_so(one):
            found.add(one.name)
        elif joined is not None and one.submission == APPEND:
            raise _read_otherwise(one, joined.version)
    return frozenset(found)


def _read_otherwise(resource: Resource, version: Version) -> StoreError:
    return StoreError(
        Text(
            f"{resource.name} 的数据文件早在版本 {version} 就已加入，读法却不同，不能再追加。",
            f"The data file of {resource.name} was joined with version {version}, and was read another way: "
            "it is not appended again.",
        ),
        Text(
            "若要更正已发布的行，请写 submission: upsert（须有主键）；或写 submission: replace，提交全部的行。",
            "To correct the rows online, write submission: upsert (it takes a primary key), or submission: replace and "
            "hand in all of the rows.",
        ),
    )


def joined_files(layout: Layout, online: Release, resource: str) -> dict[str, Joined]:
    """The sha256, in hex, of each data file whose rows the release online holds in one resource, and what is known.

    That is the file of the release itself and, as long as each was appended or upserted, those of the releases that it
    grew from. A release that was taken down counts where the one after it had been made of it before.

    Raises:
        StoreError: a release cannot be read.
    """
    files: dict[str, Joined] = {}
    for version, found, reading in _origins(layout, online, resource):
        for one in found:
            last = files.get(one)
            files[one] = Joined(version, last.reading if last else reading, newest=files.keys() <= {one})
    return files


def _origins(layout: Layout, online: Release, resource: str) -> Iterator[tuple[Version, Sequence[str], str]]:
    """The releases that a resource's rows online grew from, the newest first: version, sha256 of its files, reading."""
    later = online.released
    for version in reversed([one for one in layout.numbers(online.dataset.id) if one <= online.version]):
        stone = layout.tombstone(online.dataset.id, version)
        if stone is not None:
            if stone.retracted > later:  # in the same second it is taken for retracted first
                yield version, stone.data, ""
                later = stone.released
            continue
        release = online if version == online.version else read(layout.dataset(online.dataset.id) / str(version))
        later = release.released
        found = release.dataset.resource(resource)
        if found is None:
            break
        yield version, _handed_in(release, resource), kept_reading(found)
        if found.submission == REPLACE:
            break


def _handed_in(release: Release, resource: str) -> Sequence[str]:
    """The sha256 of a resource's data file, from the report that a release holds."""
    ours = release.report.get("civicat")
    listed = ours.get("resources", ()) if isinstance(ours, dict) else ()
    return [one["sha256"] for one in listed if one.get("name") == resource and one.get("sha256")]

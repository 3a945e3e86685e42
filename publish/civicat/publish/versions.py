"""Which version comes next, and why.

Major: a reader of the last version may break (a column gone, retyped, in another unit; another primary key).
Minor: the data is new, or a column or table came. Patch: only words changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import pyarrow as pa
import pyarrow.parquet as pq

from civicat.dataset import Dataset, Department, Schema
from civicat.errors import StoreError
from civicat.layout import Layout
from civicat.publish.jsontext import plain
from civicat.publish.descriptor import Descriptor, words
from civicat.publish.parquet import ROW_GROUP_ROWS, cut
from civicat.publish.tables import Ordered
from civicat.release import Release, Table, Version
from civicat.text import Text

FIRST = Version(1, 0, 0)


class _Level(IntEnum):
    """How much a change asks of those who read the data."""

    PATCH = 0
    MINOR = 1
    MAJOR = 2


_NEXT: dict[_Level, Callable[[Version], Version]] = {
    _Level.PATCH: lambda last: Version(last.major, last.minor, last.patch + 1),
    _Level.MINOR: lambda last: Version(last.major, last.minor + 1, 0),
    _Level.MAJOR: lambda last: Version(last.major + 1, 0, 0),
}


@dataclass(frozen=True, slots=True)
class _Change:
    level: _Level
    text: Text


@dataclass(frozen=True, slots=True)
class _Pair:
    """One table in the release that is online and in the one to come."""

    old: Table
    new: Ordered
    was: Schema
    becomes: Schema
    was_stored: pa.Schema

    @property
    def name(self) -> str:
        return self.old.name


def versions(layout: Layout, dataset: str) -> list[Release]:
    """The releases of a dataset, oldest first, each with its date, its rows and what it changed.

    Raises:
        StoreError: a release is there and cannot be read.
    """
    found = (layout.release(dataset, version) for version in layout.versions(dataset))
    return [release for release in found if release is not None]


def following(
    online: Release | None, form: Descriptor, released: Dataset, department: Department, tables: Sequence[Ordered]
) -> tuple[Version, Text]:
    """The version that comes after the one online, and what changed.

    `form` is the descriptor as it will be released, `released` the same as a Dataset.

    Raises:
        StoreError: the release that is online cannot be read.
    """
    if online is None:
        return FIRST, Text("首次发布。", "First release.")
    changes = [*_of_tables(online, released), *_inside_tables(online, released, tables)]
    changes = changes or [_of_words(online, form, department)]
    level = max(change.level for change in changes)
    return _NEXT[level](online.version), _joined(changes)


def _joined(changes: Sequence[_Change]) -> Text:
    """All changes in a line, those that ask most of a reader first."""
    told = [change.text for change in sorted(changes, key=lambda change: -change.level)]
    return Text("".join(text.zh for text in told), " ".join(text.en for text in told))


def _of_tables(online: Release, released: Dataset) -> Iterator[_Change]:
    old = {table.name for table in online.tables}
    new = {released.table(resource) for resource in released.resources}
    for name in sorted(old - new):
        yield _Change(_Level.MAJOR, Text(f"删去数据表 {name}。", f"The table {name} is gone."))
    for name in sorted(new - old):
        yield _Change(_Level.MINOR, Text(f"新增数据表 {name}。", f"New table: {name}."))


def _inside_tables(online: Release, released: Dataset, tables: Sequence[Ordered]) -> Iterator[_Change]:
    old = {table.name: table for table in online.tables}
    for resource, table in zip(released.resources, tables, strict=True):
        before = old.get(released.table(resource))
        if before is not None:
            pair = _Pair(before, table, before.resource.schema, resource.schema, _stored(before))
            yield from (change for look in _LOOKS if (change := look(pair)) is not None)


def _of_words(online: Release, form: Descriptor, department: Department) -> _Change:
    same_words = words(online.dataset.descriptor) == words(form)
    if same_words and online.department.descriptor == plain(department.descriptor):
        text = Text(
            "所提交的文件有改动，数据与说明未变。",
            "The files handed in changed; the data and its description did not.",
        )
    else:
        text = Text("只修改了说明，数据未变。", "Only the description changed, not the data.")
    return _Change(_Level.PATCH, text)


def _columns_gone(pair: _Pair) -> _Change | None:
    gone = _listed(field.name for field in pair.was.fields if pair.becomes.field(field.name) is None)
    if gone is None:
        return None
    return _Change(
        _Level.MAJOR, Text(f"{pair.name} 删去字段：{gone.zh}。", f"Columns gone from {pair.name}: {gone.en}.")
    )


def _columns_retyped(pair: _Pair) -> _Change | None:
    retyped = _listed(name for name in _kept(pair) if _kind(pair, name) != _kind_before(pair, name))
    if retyped is None:
        return None
    return _Change(
        _Level.MAJOR, Text(f"{pair.name} 字段换了类型：{retyped.zh}。", f"New types in {pair.name}: {retyped.en}.")
    )


def _columns_in_another_unit(pair: _Pair) -> _Change | None:
    converted = _listed(name for name in _kept(pair) if _unit(pair.was, name) != _unit(pair.becomes, name))
    if converted is None:
        return None
    return _Change(
        _Level.MAJOR,
        Text(f"{pair.name} 字段换了单位：{converted.zh}。", f"New units in {pair.name}: {converted.en}."),
    )


def _another_key(pair: _Pair) -> _Change | None:
    if pair.was.primary_key == pair.becomes.primary_key:
        return None
    before, now = (_listed(schema.primary_key) or Text() for schema in (pair.was, pair.becomes))
    return _Change(
        _Level.MAJOR,
        Text(
            f"{pair.name} 换了主键：原为 {before.zh}，现为 {now.zh}。",
            f"The primary key of {pair.name} was {before.en}, it is {now.en}.",
        ),
    )


def _columns_added(pair: _Pair) -> _Change | None:
    added = _listed(field.name for field in pair.becomes.fields if pair.was.field(field.name) is None)
    if added is None:
        return None
    return _Change(
        _Level.MINOR, Text(f"{pair.name} 新增字段：{added.zh}。", f"New columns in {pair.name}: {added.en}.")
    )


def _columns_moved(pair: _Pair) -> _Change | None:
    before = [field.name for field in pair.was.fields]
    now = [field.name for field in pair.becomes.fields]
    if before == now or sorted(before) != sorted(now):
        return None
    return _Change(
        _Level.MINOR, Text(f"{pair.name} 的字段换了次序。", f"The columns of {pair.name} stand in another order.")
    )


def _new_data(pair: _Pair) -> _Change | None:
    before, now = pair.old.rows, pair.new.rows
    if before != now:
        text = Text(
            f"{pair.name} 数据更新：{now:,} 行，原 {before:,} 行。",
            f"New data in {pair.name}: {_rows(now)}, {before:,} before.",
        )
        return _Change(_Level.MINOR, text)
    if not _comparable(pair) or _same_rows(pair):
        return None
    return _Change(_Level.MINOR, Text(f"{pair.name} 数据更新：{now:,} 行。", f"New data in {pair.name}: {_rows(now)}."))


_LOOKS = (
    *(_columns_gone, _columns_retyped, _columns_in_another_unit, _another_key),
    *(_columns_added, _columns_moved, _new_data),
)


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _kept(pair: _Pair) -> list[str]:
    return [field.name for field in pair.was.fields if pair.becomes.field(field.name) is not None]


def _kind(pair: _Pair, name: str) -> tuple[str, str]:
    return _type(pair.becomes, name), _stored_kind(pair.new.schema.field(name).type)


def _kind_before(pair: _Pair, name: str) -> tuple[str, str]:
    return _type(pair.was, name), _stored_kind(pair.was_stored.field(name).type)


def _stored_kind(kind: pa.DataType) -> str:
    """The Arrow type as a reader meets it: a decimal is what its scale says, however many digits it now needs."""
    return f"decimal({kind.scale})" if pa.types.is_decimal(kind) else str(kind)


def _type(schema: Schema, name: str) -> str:
    field = schema.field(name)
    return field.type if field else ""


def _unit(schema: Schema, name: str) -> str:
    field = schema.field(name)
    return field.unit if field else ""


def _listed(names: Iterator[str] | Sequence[str]) -> Text | None:
    many = list(names)
    return Text("、".join(many), ", ".join(many)) if many else None


def _stored(table: Table) -> pa.Schema:
    try:
        return pq.read_schema(table.path)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(table, error) from error


def _comparable(pair: _Pair) -> bool:
    """Whether the rows can be compared one by one; where not, another look has said what changed."""
    same_columns = pair.was_stored.names == pair.new.schema.names and pair.was.primary_key == pair.new.key
    return same_columns and all(_kind(pair, name) == _kind_before(pair, name) for name in _kept(pair))


def _same_rows(pair: _Pair) -> bool:
    """Whether both hold the same values in the same order; stops at the first 50,000 rows that differ."""
    # Unless told not to, iter_batches keeps what it has read in memory.
    try:
        with pq.ParquetFile(pair.old.path, pre_buffer=False) as file:
            old = cut(file.iter_batches(batch_size=ROW_GROUP_ROWS), pair.was_stored)
            new = cut(pair.new.batches(), pair.new.schema)
            return all(_equal(before, now) for before, now in zip(old, new, strict=True))
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(pair.old, error) from error


def _equal(before: pa.Table, now: pa.Table) -> bool:
    try:
        return bool(before.cast(now.schema).equals(now))
    except pa.ArrowInvalid:  # a decimal of more digits than the column now needs
        return False


def _unreadable(table: Table, error: Exception) -> StoreError:
    reason = str(error).splitlines()[0]
    return StoreError(
        Text(
            f"{table.path} 无法读取（{reason}）。请运行 civicat verify。",
            f"{table.path} cannot be read ({reason}). Run civicat verify.",
        )
    )

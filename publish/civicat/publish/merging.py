"""The rows of a release to come: those handed in, and those online that stay, as `submission` in the descriptor says.

replace   the rows that were handed in
append    the rows online, then those handed in
upsert    the rows online whose primary key was not handed in, then those handed in
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from civicat.conversion import ColumnConversion
from civicat.dataset import Resource
from civicat.errors import StoreError
from civicat.joining import APPEND, Blank, joined_batch, joint_schema, obstacles, online_table, own_key, sources
from civicat.publish.conversions import completed
from civicat.publish.geometry import Encoded
from civicat.publish.stored import reading, stored_batches, stored_schema
from civicat.publish.tables import TypedTable
from civicat.release import Release, Table
from civicat.shapes import readable, readable_schema
from civicat.text import Text

_BATCH_ROWS = 50_000
_BOUNDED = {"memory_limit": "512MB", "preserve_insertion_order": "false"}
_ROW = "place"

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Merged:
    """A table as it will be released: a TypedTable, and where its rows come from.

    `rows` = `kept`, those of the release online that stay, + `submitted`, those that were handed in and are taken;
    `replaced` are the rows online that give way. `batches` gives the rows from the first one on at every call.
    `taken` says whether the file was taken at all: one that was joined before is not, and has no conversion.
    """

    resource: Resource
    schema: pa.Schema
    rows: int
    batches: Callable[[], Iterator[pa.RecordBatch]]
    submitted: int
    kept: int = 0
    replaced: int = 0
    conversion: tuple[ColumnConversion, ...] = field(default=())
    taken: bool = True

    def with_shapes(self, encoded: Encoded) -> Merged:
        """It with the whole proof of its conversion: shapes are stored as WKB, which spells their texts its own way."""
        columns = completed(self.conversion, encoded.respelled, encoded.table.schema)
        return dataclasses.replace(self, conversion=columns)


@dataclass(frozen=True, slots=True)
class _Join:
    """A table that was handed in, the one online that it joins, and the types that hold the rows of both."""

    new: TypedTable
    old: Table
    online: Release
    schema: pa.Schema
    columns: dict[str, str]

    def kept(self, replaced: Mask | None) -> Iterator[pa.RecordBatch]:
        """The rows online but for the replaced ones, with the columns of the release to come."""
        first = 0
        for batch in self.online_rows(self.schema):
            last = first + batch.num_rows
            yield batch if replaced is None else batch.filter(pa.array(~replaced[first:last]))
            first = last

    def online_rows(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """All rows online, with these columns of the release to come; only they are read."""
        wanted = [self.columns[name] for name in schema.names if name in self.columns]
        with reading(self.old):
            for batch in stored_batches(self.old, _BATCH_ROWS, wanted):
                yield joined_batch(readable(batch), schema, self.columns)

    def submitted(self) -> Iterator[pa.RecordBatch]:
        """The rows that were handed in, in the same types."""
        for batch in self.new.batches():
            yield batch.cast(self.schema)


def merged(tables: Sequence[TypedTable], online: Release | None, joined: Collection[str]) -> list[Merged]:
    """The tables of the release to come, in the order of `tables`.

    `joined` names the resources whose data file is among the rows online already (civicat.joining.joined_before):
    those rows stay as they are, and none is added twice.

    Raises:
        StoreError: the rows cannot join those online (a column gone, retyped or in another unit, another primary key),
            a key to be appended is there already, or the release online cannot be read.
    """
    return [_merged(table, online, table.resource.name in joined) for table in tables]


def _merged(table: TypedTable, online: Release | None, is_joined: bool) -> Merged:  # noqa: FBT001 - one caller, above
    old = online_table(online, table.resource)
    if online is None or old is None:
        return _alone(table, online)
    join = _join(table, old, online)
    if is_joined:
        kept = _made(join, lambda: join.kept(None), submitted=0, replaced=0)
        return dataclasses.replace(kept, conversion=(), taken=False)
    replaced = _replaced(join) if own_key(table.resource) else None
    count = 0 if replaced is None else int(np.count_nonzero(replaced))
    if table.resource.submission == APPEND and count:
        raise _there_already(join, count)

    def batches() -> Iterator[pa.RecordBatch]:
        yield from join.kept(replaced if count else None)
        yield from join.submitted()

    return _made(join, batches, submitted=table.rows, replaced=count)


def _alone(table: TypedTable, online: Release | None) -> Merged:
    old = [one.rows for one in online.tables if one.resource.name == table.resource.name] if online else []
    conversion = _conversion(table)
    return Merged(
        *(table.resource, table.schema, table.rows, table.batches),
        submitted=table.rows,
        replaced=sum(old),
        conversion=conversion,
    )


def _made(join: _Join, batches: Callable[[], Iterator[pa.RecordBatch]], *, submitted: int, replaced: int) -> Merged:
    kept = join.old.rows - replaced
    return Merged(
        *(join.new.resource, join.schema, kept + submitted, batches),
        submitted=submitted,
        kept=kept,
        replaced=replaced,
        conversion=_conversion(join.new),
    )


def _conversion(table: TypedTable) -> tuple[ColumnConversion, ...]:
    """What typing did to the texts that were handed in; a table that was made otherwise has none."""
    return tuple(getattr(table, "conversion", ()))


def _join(table: TypedTable, old: Table, online: Release) -> _Join:
    stored = readable_schema(stored_schema(old))
    blank = Blank(
        lambda name: _is_blank(name, table.batches()),
        lambda name: _is_blank(name, stored_batches(old, _BATCH_ROWS, [name])),
    )
    found = obstacles(table.resource, table.schema, old.resource, stored, blank)
    if found:
        raise _refused(table.resource, online, [one.said for one in found])
    columns = sources(table.resource, old.resource)
    return _Join(table, old, online, joint_schema(table.schema, stored, columns, blank), columns)


def _is_blank(name: str, batches: Iterator[pa.RecordBatch]) -> bool:
    return all(batch.column(name).null_count == batch.num_rows for batch in batches)


def _replaced(join: _Join) -> Mask:
    """Which of the rows online have a primary key that was handed in.

    The keys are matched on disk where they are many; what stays in memory is one byte for each row online.
    """
    mask = np.zeros(join.old.rows, np.bool_)
    with reading(join.old), TemporaryDirectory(prefix="civicat-") as folder:
        try:
            with duckdb.connect(config={**_BOUNDED, "temp_directory": folder}) as connection:
                connection.execute("set timezone = 'UTC'")
                connection.register("online", _keys(join, join.online_rows(_key_schema(join))))
                connection.register("submitted", _keys(join, join.submitted()))
                for batch in connection.sql(_matching(join)).to_arrow_reader(_BATCH_ROWS):
                    mask[batch.column(0).to_numpy(zero_copy_only=False)] = True
        except duckdb.Error as error:
            raise _unmatched(join.new.resource, str(error).splitlines()[0]) from error
    return mask


def _key_schema(join: _Join) -> pa.Schema:
    return pa.schema([join.schema.field(name) for name in own_key(join.new.resource)])


def _keys(join: _Join, batches: Iterator[pa.RecordBatch]) -> pa.RecordBatchReader:
    """The places of rows, from 0, and their keys, in columns that are called by number."""
    key = _key_schema(join)
    schema = pa.schema([(_ROW, pa.int64()), *((str(place), one.type) for place, one in enumerate(key))])

    def numbered() -> Iterator[pa.RecordBatch]:
        first = 0
        for batch in batches:
            following = first + batch.num_rows
            rows = pa.array(np.arange(first, following))
            yield pa.RecordBatch.from_arrays([rows, *(batch.column(name) for name in key.names)], schema=schema)
            first = following

    return pa.RecordBatchReader.from_batches(schema, numbered())


def _matching(join: _Join) -> str:
    places = range(len(own_key(join.new.resource)))
    same = " and ".join(f'online."{place}" is not distinct from submitted."{place}"' for place in places)
    return f"select online.{_ROW} from online semi join submitted on {same}"  # noqa: S608 - numbers alone are put in


def _refused(resource: Resource, online: Release, found: Sequence[Text]) -> StoreError:
    zh, en = ("；".join(one.zh for one in found), "; ".join(one.en for one in found))
    return StoreError(
        Text(
            f"{resource.name} 的行不能与版本 {online.version} 的行合在一起：{zh}。",
            f"The rows of {resource.name} cannot join those of version {online.version}: {en}.",
        ),
        Text(
            "请照已发布的表更正；若确要改动，请写 submission: replace，提交全部的行。",
            "Correct it to be as the table online. If the change is meant, write submission: replace and hand in all "
            "of the rows.",
        ),
    )


def _there_already(join: _Join, count: int) -> StoreError:
    """Another publisher was faster: what was checked against one release is to be appended to the next."""
    name = join.new.resource.name
    return StoreError(
        Text(
            f"{name} 有 {count:,} 行的主键已在版本 {join.online.version} 中，不能追加。",
            f"{count:,} {'row' if count == 1 else 'rows'} of {name} {'has' if count == 1 else 'have'} a primary key "
            f"that is in version {join.online.version} already: not to be appended.",
        ),
        Text("请重新运行 civicat validate。", "Run civicat validate again."),
    )


def _unmatched(resource: Resource, reason: str) -> StoreError:
    return StoreError(
        Text(
            f"数据表 {resource.name} 的主键无法与在线的版本比较（{reason}）。",
            f"The keys of the table {resource.name} could not be compared with those online ({reason}).",
        )
    )

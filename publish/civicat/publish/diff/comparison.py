"""Two releases of a dataset, compared value by value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from civicat.dataset import Field, Schema
from civicat.errors import CivicatError
from civicat.layout import MANIFEST
from civicat.publish.diff import keyed, keyless
from civicat.publish.diff.changes import Writer
from civicat.publish.diff.columns import Column, columns_of, is_as_stored
from civicat.publish.diff.model import DATED, Diff, Side, TableDiff
from civicat.publish.diff.query import SIDES, Pair, connected, one_value, rows_of, source
from civicat.publish.diff.unfold import Seen, unfolded, unfolded_without_key
from civicat.publish.inputs import sha256
from civicat.publish.schema_changes import Shape, schema_changes, shapes
from civicat.publish.word_changes import description_changes
from civicat.release import Release
from civicat.text import Text

if TYPE_CHECKING:
    import duckdb

# In the scratch folder; write_changes gives it its name in a release.
_FILE = "diff.parquet"


def compare(old: Release, new: Release, scratch: Path) -> Diff:
    """What differs from `old` to `new`; the list of all changes goes into the folder `scratch`, which is made for it.

    Either may be the younger. Tables and columns that only one of them has are changes of the schema.

    Raises:
        CivicatError: they are of two datasets, or the key of a table is not unique.
        StoreError: a table cannot be read.
    """
    _check_same_dataset(old, new)
    scratch.mkdir(parents=True, exist_ok=True)
    changes = scratch / _FILE
    about = {"dataset": new.dataset.id, "old": str(old.version), "new": str(new.version)}
    with connected(scratch) as connection, Writer(changes, about) as writer:
        tables = tuple(_table(connection, pair, writer) for pair in _pairs(connection, old, new))
    return Diff(
        dataset=new.dataset.id,
        title=new.dataset.title,
        old=_side(old),
        new=_side(new),
        schema=schema_changes(old, new),
        tables=tables,
        changes=changes,
        descriptions=description_changes(
            (old.dataset, old.department), (new.dataset, new.department), forwards=old.version <= new.version
        ),
    )


def _check_same_dataset(old: Release, new: Release) -> None:
    if old.dataset.id != new.dataset.id:
        raise CivicatError(
            Text(
                f"{old.dataset.id} 与 {new.dataset.id} 是两个数据集，只能比较同一数据集的两个版本。",
                f"{old.dataset.id} and {new.dataset.id} are two datasets. Only versions of one dataset are compared.",
            ),
            Text("请写同一数据集的两个版本号。", "Name two versions of the same dataset."),
        )


def _side(release: Release) -> Side:
    manifest = release.folder / MANIFEST
    return Side(release.version, release.inputs, sha256(manifest) if manifest.is_file() else "")


def _pairs(connection: duckdb.DuckDBPyConnection, old: Release, new: Release) -> Iterator[Pair]:
    """The tables that both have, by the names of their resources: changes are in that order."""
    before = {table.resource.name: (table, shape) for table, shape in zip(old.tables, shapes(old), strict=True)}
    now = {table.resource.name: (table, shape) for table, shape in zip(new.tables, shapes(new), strict=True)}
    for name in sorted(before.keys() & now.keys()):
        (was, was_shape), (becomes, shape) = before[name], now[name]
        columns = columns_of(was_shape, shape, forwards=old.version <= new.version)
        versions = (old.version, new.version)
        pairs = [Pair(was, becomes, columns, key, versions) for key in _keys(was_shape, shape, columns)]
        yield _first_unique(connection, pairs)


def _keys(old: Shape, new: Shape, columns: Sequence[Column]) -> list[tuple[Column, ...]]:
    """The keys by which rows may be told apart: that of the second release, that of the first, none at all.

    One alone where both releases have the same: it has to be unique. Where it was retyped it may cease to be: the texts
    "1" and "01" are one number.
    """
    second = _key(new.schema, {column.new.name: column for column in columns if column.new})
    first = _key(old.schema, {column.old.name: column for column in columns if column.old})
    if first == second and all(map(is_as_stored, first)):
        return [first]
    return [*(key for key in ([second] if first == second else [second, first]) if key), ()]


def _key(schema: Schema, columns: dict[str, Column]) -> tuple[Column, ...]:
    """The columns of a primary key, where both releases have them all; what publishing added is no key of rows."""
    found = [columns.get(name) for name in schema.primary_key]
    whole = tuple(one for one in found if one is not None and one.is_in_both)
    return whole if len(whole) == len(found) else ()


def _first_unique(connection: duckdb.DuckDBPyConnection, pairs: Sequence[Pair]) -> Pair:
    """The pair with the first key that is unique in both releases, or the last one."""
    for pair in pairs[:-1]:
        if all(keyed.is_unique(connection, pair, rows_of(pair, side)) for side in SIDES):
            return pair
    return pairs[-1]


def _table(connection: duckdb.DuckDBPyConnection, pair: Pair, writer: Writer) -> TableDiff:
    seen = Seen()
    for rows in _unfolded(connection, pair, seen):
        writer.write(rows)
    shared = _shared(pair, seen)
    ranged = _ranged(pair, seen, shared)
    resource = pair.new.resource
    return TableDiff(
        table=pair.new.name,
        resource=resource.name,
        title=resource.title,
        fields=(*resource.schema.fields, *_gone(pair)),
        key=tuple(column.name for column in pair.key),
        before=pair.old.rows,
        after=pair.new.rows,
        added=seen.rows["added"],
        removed=seen.rows["removed"],
        changed=seen.rows["changed"],
        cells=seen.cells.total(),
        by_column={column.name: seen.cells[column.name] for column in pair.columns if seen.cells[column.name]},
        spans=seen.spans(pair),
        shared=tuple(pair.key[at].name for at in shared),
        peers=_peers(connection, pair, seen, shared, ranged),
        ranged="" if ranged is None else pair.key[ranged].name,
        emptied=dict(seen.emptied),
        filled=dict(seen.filled),
    )


def _unfolded(connection: duckdb.DuckDBPyConnection, pair: Pair, seen: Seen) -> Iterator[pa.Table]:
    if pair.key:
        return (unfolded(batch, pair, seen) for batch in keyed.differing_rows(connection, pair))
    return (unfolded_without_key(batch, pair, seen) for batch in keyless.differing_rows(connection, pair))


def _shared(pair: Pair, seen: Seen) -> list[int]:
    """The places in the key of what all changed rows have in common: their date, and other columns with one value.

    At least one column is left to tell the rows apart.
    """
    if not seen.rows["changed"]:
        return []
    fixed = [at for at in range(len(pair.key)) if seen.keys["changed", at].value is not None]
    if len(fixed) < len(pair.key):
        return fixed
    dated = [at for at in fixed if _type(pair.key[at]) in DATED]
    return dated if 0 < len(dated) < len(fixed) else fixed[:-1]


def _type(column: Column) -> str:
    return column.new.field.type if column.new else ""


def _ranged(pair: Pair, seen: Seen, shared: Sequence[int]) -> int | None:
    """The place in the key of the date whose range is told: the first, unless a date is shared or one is missing."""
    if not seen.rows["changed"] or any(_type(pair.key[at]) in DATED for at in shared):
        return None
    dated = (at for at, column in enumerate(pair.key) if _type(column) in DATED)
    return next((at for at in dated if seen.keys["changed", at].is_whole), None)


def _peers(
    connection: duckdb.DuckDBPyConnection, pair: Pair, seen: Seen, shared: Sequence[int], ranged: int | None
) -> int:
    """How many rows of both releases have what all changed rows have in common, and lie in the range that is told."""
    if not seen.rows["changed"]:
        return pair.new.rows - seen.rows["added"]
    tests = [(at, "=", seen.keys["changed", at].value) for at in shared]
    if ranged is not None:
        extent = seen.keys["changed", ranged]
        tests += [(ranged, ">=", extent.least), (ranged, "<=", extent.greatest)]
    if not tests:
        return pair.new.rows - seen.rows["added"]
    where = " and ".join(f"{stored.sql} {sign} ?" for at, sign, _ in tests if (stored := pair.key[at].new))
    values = [value for _, _, value in tests]
    if seen.rows["added"]:
        return keyed.rows_in_both(connection, pair, where, values)
    return int(one_value(connection, f"select count(*) from {source(pair.new)} where {where}", values))  # noqa: S608 - names of ours


def _gone(pair: Pair) -> tuple[Field, ...]:
    """The fields that only the first release has: their rows are told with their titles."""
    now = {one.name for one in pair.new.resource.schema.fields}
    return tuple(one for one in pair.old.resource.schema.fields if one.name not in now)

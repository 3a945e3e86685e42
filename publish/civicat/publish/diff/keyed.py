"""Rows with a key: a full join of both tables in parts of the key's range, so that memory does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from civicat.errors import CivicatError
from civicat.publish.diff.columns import differs, in_order, is_as_stored
from civicat.publish.diff.query import SIDES, Pair, Side, batches, one_value, rows_of
from civicat.release import Table
from civicat.text import Text

if TYPE_CHECKING:
    import duckdb

# A join of so many rows takes some 130 MB; of twice as many it is no faster.
PART_ROWS = 500_000


@dataclass(frozen=True, slots=True)
class _Range:
    """Part of the first key's range: from `low` on, below `high`; None where it has no end. Missing keys are last."""

    low: object
    high: object

    def where(self, name: str) -> tuple[str, list[object]]:
        """SQL, and its values."""
        ends = [(f"{name} >= ?", self.low)] if self.low is not None else []
        ends += [(f"{name} < ?", self.high)] if self.high is not None else []
        inside = " and ".join(sql for sql, _ in ends) or "true"
        last = f"({inside} or {name} is null)" if ends and self.high is None else inside
        return last, [value for _, value in ends]


def differing_rows(connection: duckdb.DuckDBPyConnection, pair: Pair) -> Iterator[pa.RecordBatch]:
    """The rows that differ, in the order of the key.

    Columns: old_here, new_here (whether the row is in each), o0, n0, o1, n1 ... the cells of both sides by the column's
    place in the pair, and d0, d1 ... whether a compared cell differs.

    Raises:
        CivicatError: the key is not unique in one of them.
    """
    for part in _parts(pair):
        sql = {side: rows_of(pair, side, part.where(getattr(pair.key[0], side).sql)[0]) for side in SIDES}
        values = part.where("")[1]
        for side in SIDES:
            _check_unique(connection, pair, side, sql[side], values)
        yield from batches(connection, _join(pair, sql["old"], sql["new"]), [*values, *values])


def rows_in_both(connection: duckdb.DuckDBPyConnection, pair: Pair, where: str, values: Sequence[object]) -> int:
    """How many rows of the second release that meet a condition the first has too, by their key."""
    same = " and ".join(f"a.k{at} is not distinct from b.k{at}" for at in range(len(pair.key)))
    found = 0
    for part in _parts(pair):
        (old, inside), (new, _) = (part.where(getattr(pair.key[0], side).sql) for side in SIDES)
        first, second = rows_of(pair, "old", old), rows_of(pair, "new", f"({new}) and ({where})")
        sql = f"select count(*) from {second} b semi join {first} a on {same}"  # noqa: S608 - names of ours
        # The placeholders stand in the order of the text: those of the second release, its condition, the first's.
        found += int(one_value(connection, sql, [*inside, *values, *inside]))
    return found


def _name(pair: Pair, side: Side) -> str:
    return str(getattr(pair.key[0], side).name)


def _join(pair: Pair, old: str, new: str) -> str:
    sides = (("a", "o", "old"), ("b", "n", "new"))
    cells = [
        f"{row}.c{at} as {letter}{at}"
        for at, column in enumerate(pair.columns)
        for row, letter, side in sides
        if getattr(column, side)
    ]
    compared = {at: column for at, column in enumerate(pair.columns) if column in pair.compared}
    marks = [f"{differs(f'a.c{at}', f'b.c{at}', column)} as d{at}" for at, column in compared.items()]
    numbers = range(len(pair.key))
    keys = [f"coalesce(a.k{at}, b.k{at}) as k{at}" for at in numbers]
    same = " and ".join(f"a.k{at} is not distinct from b.k{at}" for at in numbers)
    found = ", ".join(["a.here is not null as old_here", "b.here is not null as new_here", *keys, *cells, *marks])
    either = " or ".join(["not old_here", "not new_here", *(f"d{at}" for at in compared)])
    order = ", ".join(in_order(column, f"k{at}") for at, column in enumerate(pair.key))
    return f"select * from (select {found} from {old} a full join {new} b on {same}) where {either} order by {order}"  # noqa: S608 - names of ours


def _check_unique(
    connection: duckdb.DuckDBPyConnection, pair: Pair, side: Side, rows: str, values: Sequence[object]
) -> None:
    """A key that is not unique makes a join lie."""
    if not is_unique(connection, pair, rows, values):
        keys = ", ".join(f"k{at}" for at in range(len(pair.key)))
        first = f"select {keys} from {rows} group by {keys} having count(*) > 1 order by {keys} limit 1"  # noqa: S608 - names of ours
        raise _not_unique(pair, side, connection.execute(first, list(values)).fetchall()[0])


def is_unique(connection: duckdb.DuckDBPyConnection, pair: Pair, rows: str, values: Sequence[object] = ()) -> bool:
    """Whether each key of these rows is there once."""
    keys = ", ".join(f"k{at}" for at in range(len(pair.key)))
    # Twice the rows, as a common table would be kept in memory.
    every, apart = f"select count(*) from {rows}", f"select count(*) from (select distinct {keys} from {rows})"  # noqa: S608 - names of ours
    return bool(one_value(connection, f"select ({every}) = ({apart})", [*values, *values]))


def _not_unique(pair: Pair, side: Side, key: Sequence[object]) -> CivicatError:
    names = [getattr(column, side).name for column in pair.key]
    found = ", ".join(f"{name} = {value}" for name, value in zip(names, key, strict=True))
    table: Table = getattr(pair, side)
    version = pair.versions[SIDES.index(side)]
    return CivicatError(
        Text(
            f"{table.name} {version} 的主键不唯一：{found} 不止一行，无法逐行比较。",
            f"The key of {table.name} {version} is not unique: more than one row has {found}. "
            "Rows cannot be told apart.",
        ),
        Text("请更正重复的行，或换一个主键。", "Correct the rows that repeat, or name another key."),
    )


def _parts(pair: Pair) -> list[_Range]:
    """The key's range in parts of PART_ROWS rows or a little more."""
    cuts = (_cuts(pair.new, _name(pair, "new")) or _cuts(pair.old, _name(pair, "old"))) if _can_cut(pair) else []
    return [_Range(low, high) for low, high in zip([None, *cuts], [*cuts, None], strict=True)]


def _can_cut(pair: Pair) -> bool:
    return is_as_stored(pair.key[0]) and max(pair.old.rows, pair.new.rows) > PART_ROWS


def _cuts(table: Table, name: str) -> list[object]:
    """Where a table can be cut: the least values of row groups; none where it is not sorted by the column."""
    groups = [group for path in table.paths for group in _groups(pq.read_metadata(path), name)]
    if any(low is None for low, _, _ in groups):
        return []
    if any(one[1] > after[0] for one, after in pairwise(groups)):
        return []
    cuts: list[object] = []
    rows = 0
    for low, _, count in groups:
        if rows >= PART_ROWS and low not in (groups[0][0], *cuts[-1:]):
            cuts.append(low)
            rows = 0
        rows += count
    return cuts


def _groups(metadata: pq.FileMetaData, name: str) -> Iterator[tuple[Any, Any, int]]:
    """Of each row group: its least value of a column, its greatest, and its rows."""
    at = [metadata.schema.column(place).path for place in range(metadata.num_columns)].index(name)
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        known = group.column(at).statistics
        has = known is not None and known.has_min_max
        yield (known.min if has else None), (known.max if has else None), group.num_rows

"""Rows without a key: both tables as multisets of whole rows, grouped by all their cells: a hash could hide some."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from civicat.publish.diff.columns import Column, Stored, family, in_order, is_as_stored, unsigned, widened
from civicat.publish.diff.query import SIDES, Pair, Side, batches, source

if TYPE_CHECKING:
    import duckdb


def differing_rows(connection: duckdb.DuckDBPyConnection, pair: Pair) -> Iterator[pa.RecordBatch]:
    """The rows of which one table has more than the other, in the order of their cells.

    Columns: surplus (how many more the second has; below 0: the first), o0, n0, o1, n1 ... the cells by the column's
    place in the pair, as each side stores them. Columns that only one table has do not count.
    """
    return batches(connection, _query(pair)) if pair.compared else iter(())


def _query(pair: Pair) -> str:
    both = [(at, column) for at, column in enumerate(pair.columns) if column.is_in_both]
    names = ", ".join(f"c{at}" for at, _ in both)
    cells = ", ".join(cell for at, column in both for cell in _cells(at, column))
    old, new = (", ".join(one for at, column in both for one in _values(at, column, side)) for side in SIDES)
    signed = f"select {old}, -1 as sign from {source(pair.old)} union all select {new}, 1 from {source(pair.new)}"  # noqa: S608 - names of ours
    more = f"select {names}, {cells}, sum(sign) as surplus from ({signed}) group by {names} having sum(sign) <> 0"  # noqa: S608 - names of ours
    shown = ", ".join(f"o{at}, n{at}" for at, _ in both)
    order = ", ".join(in_order(column, f"c{at}") for at, column in both)
    return f"select cast(surplus as bigint) as surplus, {shown} from ({more}) order by {order}"  # noqa: S608 - names of ours


def _values(at: int, column: Column, side: Side) -> Iterator[str]:
    """SQL of a cell of one side: as it is grouped, and where that is another form, as it is stored.

    -0.0 and 0.0 are one value, and one of them is told.
    """
    stored: Stored = getattr(column, side)
    own = unsigned(stored.sql) if family(stored.kind) == "float" else stored.sql
    if is_as_stored(column):
        yield f"{own} as c{at}"
    else:
        yield f"{widened(column, stored)} as c{at}"
        yield from (f"{own if one == side else 'null'} as {one}{at}" for one in SIDES)


def _cells(at: int, column: Column) -> tuple[str, str]:
    """SQL of both sides' cells as they are stored; of several that are the same value, the least."""
    if is_as_stored(column):
        return f"c{at} as o{at}", f"c{at} as n{at}"
    return f"min(old{at}) as o{at}", f"min(new{at}) as n{at}"

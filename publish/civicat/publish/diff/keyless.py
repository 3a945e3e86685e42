"""Rows without a key: both tables as multisets of whole rows, grouped by all their cells: a hash could hide some."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from civicat.publish.diff.columns import Column, Stored, family, sql_type, widened
from civicat.publish.diff.query import Pair, batches, source

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
    cells = ", ".join(f"{cell}" for at, column in both for cell in _cells(at, column))
    old = ", ".join(f"{_value(column, column.old)} as c{at}" for at, column in both)
    new = ", ".join(f"{_value(column, column.new)} as c{at}" for at, column in both)
    signed = f"select {old}, -1 as sign from {source(pair.old)} union all select {new}, 1 from {source(pair.new)}"  # noqa: S608 - names are quoted
    more = f"select {names}, sum(sign) as surplus from ({signed}) group by {names} having sum(sign) <> 0"  # noqa: S608 - names of ours
    order = ", ".join(f"c{at} nulls last" for at, _ in both)
    return f"select cast(surplus as bigint) as surplus, {cells} from ({more}) order by {order}"  # noqa: S608 - names of ours


def _value(column: Column, stored: Stored | None) -> str:
    """SQL of a cell as it is grouped; -0.0 and 0.0 are one value, and one of them is told."""
    sql = widened(column, stored) if stored else "null"
    return f"case when {sql} = 0 then 0.0 else {sql} end" if stored and family(stored.kind) == "float" else sql


def _cells(at: int, column: Column) -> tuple[str, str]:
    """SQL of both sides' cells in their own types: what was cast to the wider one comes back whole."""
    if column.old is None or column.new is None or column.old.kind == column.new.kind:
        return f"c{at} as o{at}", f"c{at} as n{at}"
    return (
        f"try_cast(c{at} as {sql_type(column.old.kind)}) as o{at}",
        f"try_cast(c{at} as {sql_type(column.new.kind)}) as n{at}",
    )

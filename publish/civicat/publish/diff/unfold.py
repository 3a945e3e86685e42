"""From rows that differ, both sides beside each other, to the rows of the changes file, and their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from civicat.publish.diff.changes import SCHEMA, json_arrays, json_objects, spell
from civicat.publish.diff.columns import Column
from civicat.publish.diff.model import KINDS, Kind, Span
from civicat.publish.diff.query import Pair

_Rows = npt.NDArray[np.int64]


@dataclass(slots=True)
class Seen:
    """What was seen of a table so far: rows of each kind, cells by column, least and greatest value of each key.

    `emptied` and `filled` are those of the cells that hold no value now, and that held none before.
    """

    rows: Counter[Kind] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)
    emptied: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    keys: dict[tuple[Kind, int], _Extent] = field(default_factory=dict)

    def spans(self, pair: Pair) -> Mapping[Kind, tuple[Span, ...]]:
        """The spans of the keys of each kind that there are rows of."""
        return {
            kind: tuple(_span(self.keys[kind, at], column) for at, column in enumerate(pair.key))
            for kind in KINDS
            if self.rows[kind] and pair.key
        }


@dataclass(slots=True)
class _Extent:
    """Typed scalars, None where no value was seen; `is_missing` says that a row had none."""

    low: pa.Scalar | None = None
    high: pa.Scalar | None = None
    is_missing: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether each row has a value."""
        return not self.is_missing and self.low is not None

    @property
    def least(self) -> object:
        """The least value as Python has it; None where there is none."""
        return self.low.as_py() if self.low is not None else None

    @property
    def greatest(self) -> object:
        """The greatest one."""
        return self.high.as_py() if self.high is not None else None

    @property
    def value(self) -> object:
        """The one value that all rows have; None where they have several, or a row has none."""
        if self.is_missing or self.low is None or self.high is None or self.low != self.high:
            return None
        return self.low.as_py()

    def see(self, values: pa.Array[Any]) -> None:
        """Takes in the values of more rows."""
        self.is_missing = self.is_missing or values.null_count > 0
        low, high = pc.min_max(values).values()
        if low.is_valid:
            self.low = low if self.low is None or low.as_py() < self.low.as_py() else self.low
            self.high = high if self.high is None or high.as_py() > self.high.as_py() else self.high


def _span(extent: _Extent, column: Column) -> Span:
    name = column.name
    if extent.is_missing or extent.low is None or extent.high is None:
        return Span(name, "", "")
    ends = [spell(pa.array([end.as_py()], end.type))[0].as_py() for end in (extent.low, extent.high)]
    return Span(name, *ends)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Rows of the changes file: from which row of the batch each is, and where it stands among those of its row."""

    kind: Kind
    rows: _Rows
    order: int
    column: str | None
    old: pa.Array[Any]
    new: pa.Array[Any]

    def table(self, resource: str, keys: pa.Array[Any], counts: pa.Array[Any]) -> pa.Table:
        """The rows with all columns of the file."""
        many = len(self.rows)
        columns = [
            pa.repeat(resource, many),
            keys.take(pa.array(self.rows)),
            pa.repeat(self.kind, many),
            pa.nulls(many, pa.string()) if self.column is None else pa.repeat(self.column, many),
            self.old,
            self.new,
            counts.take(pa.array(self.rows)),
        ]
        return pa.Table.from_arrays(columns, schema=SCHEMA)


def unfolded(batch: pa.RecordBatch, pair: Pair, seen: Seen) -> pa.Table:
    """The rows of the changes file for a batch of rows with a key that differ (keyed.py says its columns)."""
    old, new = (_truths(batch, name) for name in ("old_here", "new_here"))
    changed = old & new
    masks: Mapping[Kind, npt.NDArray[np.bool_]] = {"added": ~old, "removed": ~new, "changed": changed}
    for kind, mask in masks.items():
        _note(seen, kind, batch, pair, np.flatnonzero(mask))
    pieces = [
        _whole_rows("removed", batch, pair, np.flatnonzero(~new)),
        _whole_rows("added", batch, pair, np.flatnonzero(~old)),
        *_cells(batch, pair, changed, seen),
    ]
    keys = json_arrays([_key(batch, pair.columns.index(column)) for column in pair.key])
    return _in_order(pieces, pair, keys, pa.repeat(1, batch.num_rows))


def unfolded_without_key(batch: pa.RecordBatch, pair: Pair, seen: Seen) -> pa.Table:
    """The same for rows without a key (keyless.py says the columns of the batch)."""
    surplus: _Rows = batch["surplus"].to_numpy()
    fewer, more = np.flatnonzero(surplus < 0), np.flatnonzero(surplus > 0)
    seen.rows["removed"] -= int(surplus[fewer].sum())
    seen.rows["added"] += int(surplus[more].sum())
    pieces = [_whole_rows("removed", batch, pair, fewer), _whole_rows("added", batch, pair, more)]
    keys = pa.nulls(batch.num_rows, pa.string())
    return _in_order(pieces, pair, keys, pa.array(np.abs(surplus)))


def _truths(batch: pa.RecordBatch, name: str) -> npt.NDArray[np.bool_]:
    truths: npt.NDArray[np.bool_] = batch[name].to_numpy(zero_copy_only=False).astype(bool)
    return truths


def _note(seen: Seen, kind: Kind, batch: pa.RecordBatch, pair: Pair, rows: _Rows) -> None:
    seen.rows[kind] += len(rows)
    side = "o" if kind == "removed" else "n"
    for at, column in enumerate(pair.key) if len(rows) else ():
        values = batch[f"{side}{pair.columns.index(column)}"].take(pa.array(rows))
        seen.keys.setdefault((kind, at), _Extent()).see(values)


def _key(batch: pa.RecordBatch, place: int) -> pa.Array[Any]:
    return pc.coalesce(spell(batch[f"n{place}"]), spell(batch[f"o{place}"]))


def _whole_rows(kind: Kind, batch: pa.RecordBatch, pair: Pair, rows: _Rows) -> _Piece:
    """Rows that only one release has, each as a JSON object of its columns in their order."""
    side = "o" if kind == "removed" else "n"
    here = [(at, column.old if kind == "removed" else column.new) for at, column in enumerate(pair.columns)]
    names = {f"{side}{at}": stored.name for at, stored in here if stored}
    cells = {
        name: spell(batch[cell].take(pa.array(rows))) for cell, name in names.items() if cell in batch.schema.names
    }
    objects, none = json_objects(cells, len(rows)), pa.nulls(len(rows), pa.string())
    old, new = (objects, none) if kind == "removed" else (none, objects)
    return _Piece(kind, rows, -1, None, old, new)


def _cells(batch: pa.RecordBatch, pair: Pair, changed: npt.NDArray[np.bool_], seen: Seen) -> Iterator[_Piece]:
    for at, column in enumerate(pair.columns):
        if f"d{at}" in batch.schema.names:
            rows = np.flatnonzero(changed & _truths(batch, f"d{at}"))
            old, new = (spell(batch[f"{side}{at}"].take(pa.array(rows))) for side in "on")
            seen.cells[column.name] += len(rows)
            seen.emptied[column.name] += new.null_count
            seen.filled[column.name] += old.null_count
            yield _Piece("changed", rows, at, column.name, old, new)


def _in_order(pieces: Sequence[_Piece], pair: Pair, keys: pa.Array[Any], counts: pa.Array[Any]) -> pa.Table:
    """The pieces row by row, and the cells of a row by the order of the columns."""
    some = [piece for piece in pieces if len(piece.rows)]
    if not some:
        return SCHEMA.empty_table()
    table = pa.concat_tables([piece.table(pair.new.resource.name, keys, counts) for piece in some])
    rows = np.concatenate([piece.rows for piece in some])
    orders = np.concatenate([np.full(len(piece.rows), piece.order) for piece in some])
    return table.take(pa.array(np.lexsort((orders, rows))))

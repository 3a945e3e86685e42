"""What drift looks at in a table: rows, filled cells, categories, the size of numbers, the latest date.

A release is measured from the metadata of its Parquet files, and from its columns row group by row group where that
does not say enough; a table that was just checked, batch by batch. No table is ever held whole.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

from civicat.dataset import Field, Resource
from civicat.release import Table
from civicat.shapes import readable
from civicat.validators.released import opened, released_schema

MOST_VALUES = 1_000  # different values of a column that are counted; one with more holds no categories
MOST_CATEGORIES = 100  # values of a column that nobody declared as categories: a list that a person can read
ROWS_A_CATEGORY = 10  # on average, in such a column: else a value that is gone or new says nothing
_BATCH_ROWS = 50_000  # of a release that are in memory at a time
_DIGITS = 9  # of a mean that count: a sum of floats depends on the order of the rows in its last ones


class Rows(Protocol):
    """What can be measured: typed rows, a batch at a time, from the first one on at every call."""

    @property
    def resource(self) -> Resource:
        """What the table is."""

    @property
    def schema(self) -> pa.Schema:
        """The type of each column."""

    @property
    def rows(self) -> int:
        """How many rows there are."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows from the first one on, at every call."""


class Look(StrEnum):
    """What a column is looked at for, besides how many of its cells are filled."""

    CATEGORIES = "categories"
    MAGNITUDE = "magnitude"
    LATEST = "latest"


# The types that can be looked at for it, and those that are unless the descriptor says more.
POSSIBLE: Mapping[Look, frozenset[str]] = {
    Look.CATEGORIES: frozenset({"string", "boolean", "integer", "year"}),
    Look.MAGNITUDE: frozenset({"integer", "number"}),
    Look.LATEST: frozenset({"date", "datetime", "year"}),
}
_USUAL: Mapping[str, Look] = {
    **dict.fromkeys(("string", "boolean"), Look.CATEGORIES),
    **dict.fromkeys(POSSIBLE[Look.MAGNITUDE], Look.MAGNITUDE),
    **dict.fromkeys(POSSIBLE[Look.LATEST], Look.LATEST),
}
Looks = Mapping[str, frozenset[Look]]


class Latest(NamedTuple):
    """The latest moment of a column: as a number that can be compared, and as people write it."""

    order: int
    shown: str


@dataclass(frozen=True, slots=True)
class ColumnMeasure:
    """One column. What was not looked at is None: `categories` also where the values are too many to be categories.

    `filled` counts the cells that hold a value, `categories` the rows of each value; `magnitude` is the mean of the
    numbers without their signs.
    """

    kind: str
    filled: int
    categories: Mapping[str, int] | None = None
    magnitude: float | None = None
    latest: Latest | None = None


@dataclass(frozen=True, slots=True)
class TableMeasure:
    """One table: its rows, and its columns by name."""

    rows: int
    columns: Mapping[str, ColumnMeasure]


def looks_of(resource: Resource, stated: Mapping[str, Collection[Look]]) -> dict[str, frozenset[Look]]:
    """What to look at in each column of a resource; `stated` is what its bounds name, column by column."""
    return {one.name: _usual(resource, one) | frozenset(stated.get(one.name, ())) for one in resource.schema.fields}


def is_declared(one: Field) -> bool:
    """Whether the descriptor lists the values of a column."""
    return bool(one.categories) or "enum" in one.constraints


def _usual(resource: Resource, one: Field) -> frozenset[Look]:
    if is_declared(one) and one.type in POSSIBLE[Look.CATEGORIES]:
        return frozenset({Look.CATEGORIES})
    schema = resource.schema
    is_code = one.name in {*schema.primary_key, *(name for key in schema.foreign_keys for name in key.fields)}
    look = _USUAL.get(one.type)
    # A number that identifies has no size, and a text that is the whole key repeats nothing.
    if look is None or (is_code and look is Look.MAGNITUDE) or schema.primary_key == (one.name,):
        return frozenset()
    return frozenset({look})


def measure_checked(table: Rows, looks: Looks) -> TableMeasure:
    """The measures of a table that was just checked."""
    columns = _columns(table.schema, looks)
    _add(columns, table.batches())
    return TableMeasure(table.rows, {name: one.measured() for name, one in columns.items()})


def measure_released(table: Table, looks: Looks) -> TableMeasure:
    """The measures of a table of a release.

    Raises:
        StoreError: its file cannot be read.
    """
    schema, rows = released_schema(table), 0
    columns = _columns(schema, looks)
    filled: list[dict[str, int]] = []
    with opened(table) as files:
        for file in files:
            if not filled:
                _leave_out_unrepeated(columns, file.metadata)
            wanted = [name for name, one in columns.items() if one.looks]
            rows_read = map(readable, file.iter_batches(_BATCH_ROWS, columns=wanted))
            _add({name: columns[name] for name in wanted}, rows_read)
            filled.append(_filled(file.metadata))
            rows += file.metadata.num_rows
    told = {name: sum(one[name] for one in filled) for name in columns if all(name in one for one in filled)}
    return TableMeasure(rows, {name: one.measured(told.get(name)) for name, one in columns.items()})


@dataclass(slots=True)
class _Counting:
    """One column while its batches come in."""

    kind: pa.DataType
    looks: frozenset[Look]
    filled: int = 0
    counts: dict[str, int] | None = field(default_factory=dict)
    total: float = 0.0
    latest: Latest | None = None

    def add(self, array: pa.Array[Any]) -> None:
        filled = len(array) - array.null_count
        self.filled += filled
        if filled:
            for look in self.looks:
                _ADDING[look](self, array)

    def measured(self, filled: int | None = None) -> ColumnMeasure:
        """What was seen; `filled` where it is known from elsewhere."""
        mean = _rounded(self.total / self.filled) if Look.MAGNITUDE in self.looks and self.filled else None
        counts = self.counts if Look.CATEGORIES in self.looks else None
        return ColumnMeasure(_kind(self.kind), self.filled if filled is None else filled, counts, mean, self.latest)


def _columns(schema: pa.Schema, looks: Looks) -> dict[str, _Counting]:
    return {one.name: _Counting(one.type, looks.get(one.name, frozenset())) for one in schema}


def _add(columns: Mapping[str, _Counting], batches: Iterable[pa.RecordBatch]) -> None:
    if not columns:
        return
    for batch in batches:
        for name, one in columns.items():
            one.add(batch.column(name))


def _count(one: _Counting, array: pa.Array[Any]) -> None:
    import pyarrow.compute as pc  # noqa: PLC0415 - as above

    if one.counts is None:
        return
    counted = pc.value_counts(array.drop_null())
    if len(counted) > MOST_VALUES:
        one.counts = None
        return
    values, counts = counted.field("values"), counted.field("counts")
    for value, count in zip(_texts(values), counts.to_pylist(), strict=True):
        one.counts[value] = one.counts.get(value, 0) + count
    if len(one.counts) > MOST_VALUES:
        one.counts = None


def _texts(values: pa.Array[Any]) -> list[str]:
    plain = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
    return list(plain.cast(pa.string()).to_pylist())


def _sum(one: _Counting, array: pa.Array[Any]) -> None:
    import pyarrow.compute as pc  # noqa: PLC0415 - as above

    # As floats, where neither the least whole number nor a sum of decimals runs over.
    one.total += pc.sum(pc.abs(array.cast(pa.float64(), safe=False))).as_py() or 0.0


def _keep_latest(one: _Counting, array: pa.Array[Any]) -> None:
    import pyarrow.compute as pc  # noqa: PLC0415 - as above

    last = pc.max(array)
    whole = pa.int32() if pa.types.is_date32(array.type) or pa.types.is_int32(array.type) else pa.int64()
    order = last.cast(whole).as_py()
    if one.latest is None or order > one.latest.order:
        one.latest = Latest(order, str(last.cast(pa.string()).as_py()).replace(".000000", ""))


_ADDING = {Look.CATEGORIES: _count, Look.MAGNITUDE: _sum, Look.LATEST: _keep_latest}


def _leave_out_unrepeated(columns: Mapping[str, _Counting], metadata: Any) -> None:  # noqa: ANN401 - pyarrow has no types
    """A column that publishing gave no dictionary repeats little: its values are no categories, and stay unread."""
    if not metadata.num_row_groups or metadata.row_group(0).num_rows < 2 * MOST_VALUES:
        return  # too short to tell
    group = metadata.row_group(0)
    for number, one in enumerate(columns.values()):
        if pa.types.is_string(one.kind) and not group.column(number).has_dictionary_page:
            one.looks -= {Look.CATEGORIES}


def _filled(metadata: Any) -> dict[str, int]:  # noqa: ANN401 - as above
    """The filled cells of each column whose null counts are all in the metadata."""
    filled: dict[str, int] = {}
    for number in range(metadata.num_columns):
        chunks = [metadata.row_group(group).column(number) for group in range(metadata.num_row_groups)]
        if all(one.statistics is not None and one.statistics.has_null_count for one in chunks):
            filled[metadata.schema.column(number).name] = sum(
                one.num_values - one.statistics.null_count for one in chunks
            )
    return filled


def _kind(kind: pa.DataType) -> str:
    """The Arrow type as a reader meets it: a decimal is what its scale says, however many digits it now needs."""
    return f"decimal({kind.scale})" if pa.types.is_decimal(kind) else str(kind)


def _rounded(mean: float) -> float:
    return float(f"{mean:.{_DIGITS}g}") if math.isfinite(mean) else mean

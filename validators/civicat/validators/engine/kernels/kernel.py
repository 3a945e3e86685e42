"""What a kernel is: how the values of one field are read and judged, a column at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

import pyarrow as pa

from civicat.validators.columns import Column
from civicat.validators.engine.block import Mask

# frictionless' own reader of one cell: its value (None where it is missing or wrong), and a note for each rule it
# breaks ("type", "required", "minimum", ...), None where there is none.
CellReader: TypeAlias = Callable[[object], tuple[object, Mapping[str, str] | None]]


class Judged(NamedTuple):
    """A column judged: `values` of the kernel's `stored` type, null where a cell is missing or unsure.

    `missing` marks the cells that hold a missing value; `unsure` marks those that only frictionless can judge, and is
    None where there are none. A cell that breaks `required` is unsure.
    """

    values: pa.Array[Any]
    missing: Mask
    unsure: Mask | None


class Kernel(Protocol):
    """Reads and judges the cells of one field.

    It never accepts a cell that frictionless would not, nor reads another value from it; it may be unsure of as many
    as it likes.

    Blocks may be judged in any order and by several threads, but for a `datetime`: whether its column carries offsets
    is decided by its first value, so judge one block after the other until `column.aware` is not None. Cells of the
    other spelling are unsure, and `column.convert` then finds that they do not go together.
    """

    @property
    def column(self) -> Column:
        """Its way to Arrow. It follows what has been judged: `column.final` is the type of all values seen so far."""

    @property
    def stored(self) -> pa.DataType:
        """The Arrow type of its values: columns.column(field).stored."""

    @property
    def wanted(self) -> pa.DataType | None:
        """The type that the CSV tokenizer may convert the column to for `from_read`, or None: text for `from_text`."""

    def from_text(self, texts: pa.Array[Any]) -> Judged:
        """A column of pa.string() without nulls, each the cell as it stands in the file."""

    def from_read(self, values: pa.Array[Any]) -> Judged:
        """A column that the tokenizer converted to `wanted`; null where the cell was the empty string."""

    def from_objects(self, cells: list[object]) -> Judged:
        """Cells of a workbook, JSON or Parquet as Python objects (str, int, float, bool, datetime, None, list ...)."""

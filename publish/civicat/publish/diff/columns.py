"""Which columns of two tables belong together, and when two cells of them are the same value.

A column that was retyped is compared in the wider of its two types, and never by a cast that rounds: 1.5 is not 2,
2^53 + 1 is not 2^53, and the text "1.50" is the number 1.5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from civicat.dataset import Field
from civicat.publish.schema_changes import Shape, renamed

# Of SQL's: the most digits that a decimal may have.
_DIGITS = 38
Family = Literal["whole", "decimal", "float", "text", "truth", "date", "moment", "zoned", "time", "bytes"]


@dataclass(frozen=True, slots=True)
class Stored:
    """A column as one release stores it; `field` is what its schema says of it."""

    field: Field
    kind: pa.DataType

    @property
    def name(self) -> str:
        """The name of the column in the file."""
        return self.field.name

    @property
    def scale(self) -> int:
        """Decimals that its values have; 0 for those that are no decimals."""
        return int(self.kind.scale) if pa.types.is_decimal(self.kind) else 0


@dataclass(frozen=True, slots=True)
class Column:
    """A column in both releases, or in one of them."""

    old: Stored | None
    new: Stored | None

    @property
    def name(self) -> str:
        """What it is called now; in a diff that runs backwards too, the name in the second release."""
        stored = self.new or self.old
        return stored.name if stored else ""

    @property
    def is_in_both(self) -> bool:
        """Whether its cells can be compared."""
        return self.old is not None and self.new is not None


def columns_of(old: Shape, new: Shape, *, forwards: bool) -> tuple[Column, ...]:
    """The columns of two tables, in the order of the second, then those that only the first has.

    Columns that publishing added, and those that are no fields, are left out. `forwards` says that the second release
    is the younger one: names that were changed are told by the younger.
    """
    before = renamed(new, old) if forwards else {was: name for name, was in renamed(old, new).items()}
    was, becomes = _stored(old), _stored(new)
    both = tuple(Column(was.get(before.get(name, name)), stored) for name, stored in becomes.items())
    met = {column.old.name for column in both if column.old}
    return (*both, *(Column(stored, None) for name, stored in was.items() if name not in met))


def _stored(shape: Shape) -> dict[str, Stored]:
    fields = (one for one in shape.schema.fields if not one.generated)
    return {one.name: Stored(one, shape.stored.field(one.name).type) for one in fields}


def quoted(name: str) -> str:
    """A name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def family(kind: pa.DataType) -> Family:
    """What a column holds, whatever its width."""
    return next((name for name, holds in _FAMILIES.items() if holds(kind)), "bytes")


_FAMILIES: Mapping[Family, Callable[[pa.DataType], bool]] = {
    "whole": pa.types.is_integer,
    "decimal": pa.types.is_decimal,
    "float": pa.types.is_floating,
    "text": lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
    "truth": pa.types.is_boolean,
    "date": pa.types.is_date,
    "zoned": lambda kind: pa.types.is_timestamp(kind) and kind.tz is not None,
    "moment": pa.types.is_timestamp,
    "time": pa.types.is_time,
}


def sql_type(kind: pa.DataType) -> str:
    """The SQL type of a column's values."""
    return f"decimal({kind.precision}, {kind.scale})" if pa.types.is_decimal(kind) else _SQL_TYPES[family(kind)]


_SQL_TYPES: Mapping[Family, str] = {
    "whole": "bigint",
    "float": "double",
    "text": "varchar",
    "truth": "boolean",
    "date": "date",
    "moment": "timestamp",
    "zoned": "timestamptz",
    "time": "time",
    "bytes": "blob",
}


@dataclass(frozen=True, slots=True)
class _Cell:
    """One side of a comparison: its SQL, and the column that it is of."""

    sql: str
    stored: Stored

    @property
    def family(self) -> Family:
        return family(self.stored.kind)


def differs(old: str, new: str, column: Column) -> str:
    """SQL that says whether two cells differ as values; `old` and `new` are the SQL of the cells."""
    if column.old is None or column.new is None:
        return "false"
    a, b = _Cell(old, column.old), _Cell(new, column.new)
    if a.family == b.family and a.stored.scale == b.stored.scale:
        return f"{old} is distinct from {new}"
    return (
        f"case when {old} is null or {new} is null then ({old} is null) <> ({new} is null) "
        f"else not coalesce({_equal(a, b)}, false) end"
    )


def _equal(a: _Cell, b: _Cell) -> str:
    """SQL that says whether two cells that are there, of different types, are the same value."""
    first, second = sorted((a, b), key=lambda cell: _RANK.get(cell.family, len(_RANK)))
    families = {a.family, b.family}
    if families <= {"whole", "decimal"}:
        kind = f"decimal({_DIGITS}, {max(a.stored.scale, b.stored.scale)})"
        return f"try_cast({a.sql} as {kind}) = try_cast({b.sql} as {kind})"
    if families <= {"date", "moment", "zoned"}:
        return f"cast({a.sql} as timestamptz) = cast({b.sql} as timestamptz)"
    return _MIXED.get((first.family, second.family), _as_texts)(first, second)


def _as_texts(a: _Cell, b: _Cell) -> str:
    return f"cast({a.sql} as varchar) = cast({b.sql} as varchar)"


def _float_and_exact(near: _Cell, exact: _Cell) -> str:
    """Both ways, as each alone may round."""
    kind = f"decimal({_DIGITS}, {exact.stored.scale})"
    return f"{near.sql} = cast({exact.sql} as double) and try_cast({near.sql} as {kind}) = cast({exact.sql} as {kind})"


def _text_and_exact(text: _Cell, exact: _Cell) -> str:
    """A cast would round digits beyond the scale: a text that has them is another value."""
    kind, scale = f"decimal({_DIGITS}, {exact.stored.scale})", exact.stored.scale
    pattern = rf"[+-]?[0-9]+(\.[0-9]{{0,{scale}}}0*)?"
    return (
        f"regexp_full_match({text.sql}, '{pattern}') and try_cast({text.sql} as {kind}) = cast({exact.sql} as {kind})"
    )


def _text_and_float(text: _Cell, near: _Cell) -> str:
    return f"try_cast({text.sql} as double) = {near.sql}"


def _text_and_geometry(text: _Cell, stored: _Cell) -> str:
    """GeoJSON that has become WKB is the same geometry."""
    return f"st_aswkb(try(st_geomfromgeojson({text.sql})))::blob = {stored.sql}"


def _text_and(kind: str, pattern: str) -> Callable[[_Cell, _Cell], str]:
    """A text of another look than ISO 8601 is no date: a cast would cut off the time behind it."""

    def equal(text: _Cell, typed: _Cell) -> str:
        return f"regexp_full_match({text.sql}, '{pattern}') and try_cast({text.sql} as {kind}) = {typed.sql}"

    return equal


_DAY, _CLOCK = "[0-9]{4}-[0-9]{2}-[0-9]{2}", r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
_RANK: Mapping[Family, int] = {"text": 0, "float": 1}  # of a mixed pair the first; all others come after
_MIXED: Mapping[tuple[Family, Family], Callable[[_Cell, _Cell], str]] = {
    ("float", "whole"): _float_and_exact,
    ("float", "decimal"): _float_and_exact,
    ("text", "whole"): _text_and_exact,
    ("text", "decimal"): _text_and_exact,
    ("text", "float"): _text_and_float,
    ("text", "bytes"): _text_and_geometry,
    ("text", "truth"): _text_and("boolean", "true|false"),
    ("text", "date"): _text_and("date", _DAY),
    ("text", "time"): _text_and("time", _CLOCK),
    ("text", "moment"): _text_and("timestamp", f"{_DAY}[T ]{_CLOCK}"),
    ("text", "zoned"): _text_and("timestamptz", f"{_DAY}[T ]{_CLOCK}(Z|[+-][0-9]{{2}}:[0-9]{{2}})"),
}


def widened(column: Column, stored: Stored) -> str:
    """SQL of one side of a column in the type in which both sides can be joined or grouped."""
    name = quoted(stored.name)
    if column.old is None or column.new is None:
        return name
    families = {family(column.old.kind), family(column.new.kind)}
    if len(families) == 1 and column.old.scale == column.new.scale:
        return name
    return f"cast({name} as {_wider(families, max(column.old.scale, column.new.scale))})"


def _wider(families: set[Family], scale: int) -> str:
    if families <= {"whole", "decimal"}:
        return f"decimal({_DIGITS}, {scale})"
    if families <= {"whole", "decimal", "float"}:
        return "double"
    return "timestamptz" if families <= {"date", "moment", "zoned"} else "varchar"


def is_as_stored(column: Column) -> bool:
    """Whether both sides can be joined as they are, so that what a file says of its row groups tells of them."""
    return all(widened(column, stored) == quoted(stored.name) for stored in (column.old, column.new) if stored)

"""Which columns of two tables belong together, and when two cells of them are the same value.

A column that was retyped is compared in the wider of its two types, or where that cannot hold all values, by a text
that is the same for equal ones. Never by a cast that rounds or overflows: 1.5 is not 2, 2^53 + 1 is not 2^53, and the
text "1.50" is the number 1.5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from civicat.dataset import Field
from civicat.publish.schema_changes import Shape, former_names

# Of SQL's: the most digits that a decimal may have.
_DIGITS = 38
_WHOLE_DIGITS = 19  # of a whole number of 64 bits
Family = Literal["whole", "decimal", "float", "text", "truth", "date", "moment", "zoned", "time", "bytes"]


@dataclass(frozen=True, slots=True)
class Stored:
    """A column as one release stores it; `field` is what its schema says of it, `place` counts the file's columns."""

    field: Field
    kind: pa.DataType
    place: int

    @property
    def name(self) -> str:
        """The name of the column in the file."""
        return self.field.name

    @property
    def sql(self) -> str:
        """The column in SQL."""
        return placed(self.place)

    @property
    def scale(self) -> int:
        """Decimals that its values have; 0 for those that are no decimals."""
        return int(self.kind.scale) if pa.types.is_decimal(self.kind) else 0

    @property
    def before_point(self) -> int:
        """Digits that its values may have before the point, of a number that is exact."""
        return int(self.kind.precision) - self.scale if pa.types.is_decimal(self.kind) else _WHOLE_DIGITS


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
    before = former_names(old.schema, new.schema, forwards=forwards)
    was, becomes = _stored(old), _stored(new)
    both = tuple(Column(was.get(before.get(name, name)), stored) for name, stored in becomes.items())
    met = {column.old.name for column in both if column.old}
    return (*both, *(Column(stored, None) for name, stored in was.items() if name not in met))


def _stored(shape: Shape) -> dict[str, Stored]:
    fields = (one for one in shape.schema.fields if not one.generated)
    places = {name: place for place, name in enumerate(shape.stored.names)}
    return {one.name: Stored(one, shape.stored.field(one.name).type, places[one.name]) for one in fields}


def placed(place: int) -> str:
    """A column of a file in SQL: by its place, as SQL takes "A" and "a" for one name."""
    return f"p{place}"


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
    if _is_alike(column.old, column.new):
        return f"{old} is distinct from {new}"
    return (
        f"case when {old} is null or {new} is null then ({old} is null) <> ({new} is null) "
        f"else not coalesce({_equal(a, b)}, false) end"
    )


def _equal(a: _Cell, b: _Cell) -> str:
    """SQL that says whether two cells that are there, of different types, are the same value."""
    if {a.family, b.family} <= _EXACT:
        kind = _decimal(max(a.stored.scale, b.stored.scale))
        # One that does not fit has digits that the other cannot hold.
        return f"try_cast({a.sql} as {kind}) = try_cast({b.sql} as {kind})"
    return f"{_common(a, b.stored)} = {_common(b, a.stored)}"


def widened(column: Column, stored: Stored) -> str:
    """SQL of one side of a column in the form in which both sides can be joined or grouped: the same for equal values.

    Different values of one side stay different, but for texts that are the same value ("1" and "01" of a whole number).
    """
    other = column.new if stored is column.old else column.old
    return _common(_Cell(stored.sql, stored), other) if other and not _is_alike(stored, other) else stored.sql


def in_order(column: Column, sql: str) -> str:
    """SQL of the order of a column that is widened to `sql`: numbers by their worth, however they are spelled."""
    if column.old is None or column.new is None or _is_alike(column.old, column.new):
        return f"{sql} nulls last"
    families = {family(column.old.kind), family(column.new.kind)}
    by_worth = f"try_cast({sql} as double) nulls last, " if families <= {*_EXACT, "float", "text"} else ""
    return f"{by_worth}{sql} nulls last"


def is_as_stored(column: Column) -> bool:
    """Whether both sides can be joined as they are, so that what a file says of its row groups tells of them."""
    return column.old is None or column.new is None or _is_alike(column.old, column.new)


def _is_alike(a: Stored, b: Stored) -> bool:
    return family(a.kind) == family(b.kind) and a.scale == b.scale


def _common(cell: _Cell, other: Stored) -> str:
    """SQL of a cell in a form that it has in common with cells of another type."""
    families = {cell.family, family(other.kind)}
    if families <= _EXACT:
        return _exactly(cell, other)
    if families <= {"date", "moment", "zoned"}:
        return f"cast({cell.sql} as timestamptz)"
    if "text" in families:
        return _text_or(cell, other)
    if "float" in families and families <= {*_EXACT, "float"}:
        return _near(cell.sql, other.scale) if cell.family == "float" else _plain(cell.sql, cell.stored.scale)
    return f"cast({cell.sql} as varchar)"


_EXACT = frozenset[Family]({"whole", "decimal"})


def _decimal(scale: int) -> str:
    return f"decimal({_DIGITS}, {scale})"


def _exactly(cell: _Cell, other: Stored) -> str:
    """As numbers where the wider type holds all digits of both, else as texts: a cast would overflow."""
    scale = max(cell.stored.scale, other.scale)
    if max(cell.stored.before_point, other.before_point) + scale <= _DIGITS:
        return f"cast({cell.sql} as {_decimal(scale)})"
    return _plain(cell.sql, cell.stored.scale)


def _plain(exact: str, scale: int) -> str:
    """SQL of a whole number or a decimal as a text without zeros at its end: the same whatever its scale."""
    text = f"cast(cast({exact} as {_decimal(scale)}) as varchar)"
    if scale == _DIGITS:  # then the zero before the point is left out
        text = rf"regexp_replace({text}, '^(-?)\.', '\10.')"
    return f"rtrim(rtrim({text}, '0'), '.')" if scale else text


def _near(sql: str, scale: int) -> str:
    """SQL of a floating number as the text of the decimal that it is, if it is one of that scale; else in its own way.

    By its shortest text: a cast would add digits that nobody wrote. Whole ones by all of their digits.
    """
    whole, shortest = f"try_cast({sql} as hugeint)", f"cast({sql} as varchar)"
    as_exact = f"case when {sql} = trunc({sql}) then try_cast({whole} as {_decimal(scale)}) "
    as_exact = f"({as_exact}else try_cast({shortest} as {_decimal(scale)}) end)"
    # Both ways, as each alone may round.
    is_that = f"cast(cast({as_exact} as varchar) as double) = {sql}"
    return f"case when {is_that} then {_plain(as_exact, scale)} else {shortest} end"


def _text_or(cell: _Cell, other: Stored) -> str:
    """A text as the value that it spells in the other's type, if it spells one; else as it is."""
    if cell.family != "text":
        return _told(cell.sql, cell.stored)
    kind = family(other.kind)
    read = _READ[kind](cell.sql, other.scale)
    left = f"encode({cell.sql})" if kind == "bytes" else cell.sql
    return f"coalesce({_told(read, other)}, {left})"


def _told(sql: str, stored: Stored) -> str:
    """SQL of a typed value as it is joined with texts; of a geometry, the bytes."""
    kind = family(stored.kind)
    if kind in _EXACT:
        return _plain(sql, stored.scale)
    if kind == "float":
        return f"cast({unsigned(sql)} as varchar)"
    return sql if kind == "bytes" else f"cast({sql} as varchar)"


def unsigned(near: str) -> str:
    """SQL of a floating number in which -0.0 is 0.0."""
    return f"case when {near} = 0 then 0.0 else {near} end"


def _read_exact(text: str, scale: int) -> str:
    """A cast would round digits beyond the scale: a text that has them is another value."""
    return _read_as(_decimal(scale), rf"[+-]?[0-9]+(\.[0-9]{{0,{scale}}}0*)?")(text, scale)


def _read_float(text: str, _: int) -> str:
    """Whole numbers past 2^53 only if the floating one holds all of their digits."""
    near = f"try_cast({text} as double)"
    rounds = f"try_cast({near} as hugeint) is distinct from try_cast({text} as hugeint)"
    return f"(case when regexp_full_match({text}, '[+-]?[0-9]+') and {rounds} then null else {near} end)"


def _read_geometry(text: str, _: int) -> str:
    """GeoJSON that has become WKB is the same geometry."""
    return f"st_aswkb(try(st_geomfromgeojson({text})))::blob"


def _read_as(kind: str, pattern: str) -> Callable[[str, int], str]:
    """A text of another look is none of that type: a cast would cut off the time behind a date."""

    def read(text: str, _: int) -> str:
        return f"(case when regexp_full_match({text}, '{pattern}') then try_cast({text} as {kind}) end)"

    return read


_DAY, _CLOCK = "[0-9]{4}-[0-9]{2}-[0-9]{2}", r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
# SQL of the value that a text spells, null if it spells none: from the SQL of the text and the scale of the values.
_READ: Mapping[Family, Callable[[str, int], str]] = {
    "whole": _read_exact,
    "decimal": _read_exact,
    "float": _read_float,
    "bytes": _read_geometry,
    "truth": _read_as("boolean", "true|false"),
    "date": _read_as("date", _DAY),
    "time": _read_as("time", _CLOCK),
    "moment": _read_as("timestamp", f"{_DAY}[T ]{_CLOCK}"),
    "zoned": _read_as("timestamptz", f"{_DAY}[T ]{_CLOCK}(Z|[+-][0-9]{{2}}:[0-9]{{2}})"),
}

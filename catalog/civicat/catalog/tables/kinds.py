"""The kinds of column that a published table can have: how their values are shown, and how a written value is read."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import Enum, auto

from civicat.text import Text


class Kind(Enum):
    """The kind of a column (or of what a parameter is compared with: LIKE and GLOB patterns)."""

    TEXT = auto()
    INTEGER = auto()
    DECIMAL = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    DATE = auto()
    DATETIME = auto()
    INSTANT = auto()
    TIME = auto()
    OTHER = auto()
    LIKE = auto()
    GLOB = auto()


QUANTITIES = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.NUMBER})
MOMENTS = frozenset({Kind.DATE, Kind.DATETIME, Kind.INSTANT})

_DUCKDB: Mapping[str, Kind] = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"), Kind.INTEGER),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"), Kind.INTEGER),
    **dict.fromkeys(("FLOAT", "DOUBLE"), Kind.NUMBER),
    "BOOLEAN": Kind.BOOLEAN,
    "VARCHAR": Kind.TEXT,
    "DATE": Kind.DATE,
    "TIME": Kind.TIME,
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), Kind.DATETIME),
    "TIMESTAMP WITH TIME ZONE": Kind.INSTANT,
}

# The affinity of each kind in the empty SQLite tables that Datasette reads the schema from; all others are TEXT.
SQLITE: Mapping[Kind, str] = {Kind.INTEGER: "INTEGER", Kind.DECIMAL: "NUMERIC", Kind.NUMBER: "REAL"}

_EXPECTED: Mapping[Kind, Text] = {
    Kind.INTEGER: Text("数字", "a number"),
    Kind.DECIMAL: Text("数字", "a number"),
    Kind.NUMBER: Text("数字", "a number"),
    Kind.BOOLEAN: Text("true 或 false", "true or false"),
    Kind.DATE: Text("日期，如 2026-11-02", "a date such as 2026-11-02"),
    Kind.DATETIME: Text("日期和时间，如 2026-11-02T08:00:00", "a date and time such as 2026-11-02T08:00:00"),
    Kind.INSTANT: Text("日期和时间，如 2026-11-02T08:00:00Z", "a date and time such as 2026-11-02T08:00:00Z"),
    Kind.TIME: Text("时刻，如 08:30:00", "a time of day such as 08:30:00"),
    Kind.OTHER: Text("空或非空（此列不能按值筛选）", "empty or not (this column cannot be filtered by value)"),
}

_LONGEST_INTEGER = 2**127  # DuckDB's widest integer
_MOST_DECIMALS = 18  # with 19 digits before the point, the longest whole numbers of a column, this fits DuckDB's 38
_LARGEST_DECIMAL = Decimal(10) ** 19


class UnreadableError(ValueError):
    """A written value that cannot be one of its column. `expected` says what can."""

    def __init__(self, written: object, kind: Kind) -> None:
        self.written = str(written)
        self.expected = _EXPECTED[kind]
        super().__init__(f"“{self.written}” is not {self.expected.en}")


def kind_of(duckdb_type: str) -> Kind:
    """The kind of a column from DuckDB's name of its type."""
    if duckdb_type.startswith("DECIMAL"):
        return Kind.DECIMAL
    return _DUCKDB.get(duckdb_type, Kind.OTHER)


def shown(value: object) -> str | int | float | None:
    """A value as pages and JSON give it: exact decimals, ISO dates, true and false, all as text; moments in UTC."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else value
    return _written(value)


def _written(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        utc = value.tzinfo is not None
        naive = value.astimezone(UTC).replace(tzinfo=None) if utc else value
        return _short(naive.isoformat()) + ("Z" if utc else "")
    if isinstance(value, time):
        return _short(value.isoformat())
    return value.isoformat() if isinstance(value, date) else str(value)


def _short(moment: str) -> str:
    """Fractions of a second without trailing zeros."""
    return moment.rstrip("0") if "." in moment else moment


def read(written: object, kind: Kind) -> object:
    """The value that a written one means for a column of a kind; None stays None.

    Raises:
        UnreadableError: it cannot be a value of the column.
    """
    if written is None:
        return None
    try:
        return _READERS[kind](str(written).strip() if kind not in _VERBATIM else str(written))
    except (ValueError, LookupError, InvalidOperation) as error:
        raise UnreadableError(written, kind) from error


def _number(written: str) -> int | Decimal:
    """Exact: 2.5 is compared with a column of whole numbers as it stands, never rounded."""
    value = Decimal(written)
    if not value.is_finite() or "_" in written:  # Python reads 1_000
        raise ValueError(written)
    if value == value.to_integral_value() and abs(value) < _LONGEST_INTEGER:
        return int(value)
    exponent = value.normalize().as_tuple().exponent
    if abs(value) >= _LARGEST_DECIMAL or not isinstance(exponent, int) or -exponent > _MOST_DECIMALS:
        raise ValueError(written)
    return value


def _float(written: str) -> float:
    value = float(written)
    if math.isnan(value) or "_" in written:
        raise ValueError(written)
    return value


def _truth(written: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[written.lower()]


def _date(written: str) -> date:
    value = date.fromisoformat(written)
    if value.isoformat() != written:  # it also reads 20261102 and 2026-W45-1
        raise ValueError(written)
    return value


def _datetime(written: str) -> datetime:
    value = datetime.fromisoformat(written)
    return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)


def _nothing(written: str) -> object:
    raise ValueError(written)


_VERBATIM = frozenset({Kind.TEXT, Kind.LIKE, Kind.GLOB})
_READERS: Mapping[Kind, Callable[[str], object]] = {
    Kind.TEXT: str,
    Kind.LIKE: str,
    Kind.GLOB: lambda pattern: pattern.replace("[^", "[!"),  # the two engines negate a class with different signs
    Kind.INTEGER: _number,
    Kind.DECIMAL: _number,
    Kind.NUMBER: _float,
    Kind.BOOLEAN: _truth,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.INSTANT: lambda written: _datetime(written).replace(tzinfo=UTC),
    Kind.TIME: time.fromisoformat,
    Kind.OTHER: _nothing,
}

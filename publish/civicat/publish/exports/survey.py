"""What the values of a table hold that a program would change silently: found before an export, in one pass.

A column is looked at until the first value that is odd; it is then written as text as a whole, so that a sum over it
fails plainly and is not wrong by a little.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from civicat.publish.exports import rows
from civicat.release import Table
from civicat.text import Text

EXACT_DIGITS = 15  # decimal digits of which every one survives in a floating number, and that Excel shows
_MOST = 10**EXACT_DIGITS
_EPOCH = dt.date(1970, 1, 1)
# In days since 1970, as Python has no date past 9999, which a moment of that year's end can be in UTC.
_FIRST_DAY = (dt.date(1900, 3, 1) - _EPOCH).days  # before it Excel counts a 29 February 1900 that never was
_LAST_DAY = (dt.date(9999, 12, 31) - _EPOCH).days
_MILLISECOND = 1000  # microseconds


@dataclass(frozen=True, slots=True)
class Look:
    """One thing to look for: in which types, whether a batch of a column has it, and what is said where one does."""

    concerns: Callable[[pa.DataType], bool]
    finds: Callable[[pa.Array[Any]], bool]
    reason: Text


def survey(table: Table, looks: Iterable[Look]) -> Mapping[str, Text]:
    """The columns that hold what is looked for, each with the first reason found."""
    schema = rows.stored_schema(table)
    open_: dict[str, list[Look]] = {}
    for name in rows.described(table):
        open_[name] = [look for look in looks if look.concerns(schema.field(name).type)]
    open_ = {name: mine for name, mine in open_.items() if mine}
    found: dict[str, Text] = {}
    for batch in rows.batches(table, list(open_)) if open_ else ():
        for name in open_.keys() - found.keys():
            reason = next((look.reason for look in open_[name] if look.finds(batch.column(name))), None)
            if reason:
                found[name] = reason
        if len(found) == len(open_):
            break
    return found


def _is_long_whole(column: pa.Array[Any]) -> bool:
    ends = pc.min_max(column).as_py()
    return any(end is not None and abs(end) >= _MOST for end in ends.values())


def _is_long_decimal(column: pa.Array[Any]) -> bool:
    ends = pc.min_max(column).as_py()
    return any(end is not None and len(end.as_tuple().digits) > EXACT_DIGITS for end in ends.values())


def _is_not_finite(column: pa.Array[Any]) -> bool:
    return not pc.all(pc.is_finite(column)).as_py() if len(column) > column.null_count else False


def _is_beyond_days(column: pa.Array[Any]) -> bool:
    days = pc.cast(pc.cast(column, pa.date32(), safe=False), pa.int32())
    ends = pc.min_max(days).as_py()
    return any(end is not None and not _FIRST_DAY <= end <= _LAST_DAY for end in ends.values())


def _is_finer(column: pa.Array[Any]) -> bool:
    micros = pc.cast(pc.cast(column, pa.timestamp("us")), pa.int64())
    thousands = pc.multiply(pc.divide(micros, _MILLISECOND), _MILLISECOND)
    return bool(pc.any(pc.not_equal(micros, thousands)).as_py())


_DIGITS = Text(f"有超过 {EXACT_DIGITS} 位的数", f"holds numbers of more than {EXACT_DIGITS} digits")
_LONG_DECIMALS = Look(pa.types.is_decimal, _is_long_decimal, _DIGITS)
_NOT_FINITE = Look(pa.types.is_floating, _is_not_finite, Text("有非有限数", "holds numbers that are not finite"))
ODD_IN_DATABASES = (_LONG_DECIMALS, _NOT_FINITE)
ODD_IN_WORKBOOKS = (
    _LONG_DECIMALS,
    _NOT_FINITE,
    Look(pa.types.is_integer, _is_long_whole, _DIGITS),
    Look(
        lambda kind: pa.types.is_date(kind) or pa.types.is_timestamp(kind),
        _is_beyond_days,
        Text("有 1900 年 3 月 1 日前或 9999 年后的日期", "holds days before 1 March 1900 or after 9999"),
    ),
    Look(pa.types.is_timestamp, _is_finer, Text("有比毫秒更细的时刻", "holds moments finer than a millisecond")),
    Look(pa.types.is_time, lambda column: len(column) > 0, Text("是一天中的时刻", "holds times of day")),
)

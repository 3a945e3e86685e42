"""The figures of a chart from the release's Parquet files, by SQL of our own through DuckDB.

Nothing of a request goes into a statement but names of columns, which are those of the table, and quoted.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import duckdb
import pyarrow.parquet as pq

from civicat.catalog.charts.asked import MOST_PANELS, Asked, Kind
from civicat.catalog.charts.columns import Column, pair
from civicat.catalog.charts.plot import Grain, How, Mark, Plot
from civicat.catalog.charts.profiled import ONE_BY_ONE
from civicat.catalog.charts.scales import step
from civicat.catalog.files.making import LaterError
from civicat.catalog.tables.refusals import RefusalError
from civicat.errors import StoreError
from civicat.release import Table
from civicat.shapes import is_made
from civicat.text import Text

TOP = 20  # bars; what has none of its own is one grey bar
_PARTS = 60  # bars of parts of a date: months, days, minutes
_BINS = 20
_VAST = 1e300
_STRETCHED = 3  # times the middle 98 % of the values, from where on the bins leave out what lies beyond
_TEXTS = frozenset({"string", "any", ""})
_DAYS, _MONTHS = 92, 366 * 20  # days that are still drawn day by day, month by month
_MOST_PERIODS = 3_000
_MOST_CELLS = 5_000  # points of a map
_CELLS_ACROSS = 1_500
_LONGEST, _AGAIN = 30.0, 0.05  # seconds
_MEMORY, _THREADS = "512MB", 2
TOO_LONG = (
    Text("这张图还在计算", "This chart is still being computed"),
    Text(
        "数据较多，还要一会儿。计算不会中断，请半分钟后再打开这个地址。",
        "There is much data, and it takes a while. It goes on: open this address again in half a minute.",
    ),
)
_TOO_LARGE = 413
_TOO_MANY = (
    Text("数值太多，本站画不了这张图", "Too many different values for a chart on this site"),
    Text("请下载数据，在自己的电脑上计算。", "Download the data, and compute it on your own machine."),
)
_SOURCE = "\0rows\0"  # what no name of a column holds


@dataclass(slots=True)
class Rows:
    """The rows of one table, open for questions. `close` ends them; `interrupt` breaks off what is asked."""

    table: Table
    connection: duckdb.DuckDBPyConnection
    source: str

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """The answer to one SELECT, in which `_SOURCE` stands for the table."""
        return list(self.connection.execute(sql.replace(_SOURCE, self.source)).fetchall())

    def told(self, sql: str) -> str:
        """The statement as a reader can run it beside the downloaded file."""
        names = ", ".join(_literal(path.name) for path in self.table.paths)
        return sql.replace(_SOURCE, f"read_parquet([{names}])" if len(self.table.paths) > 1 else names)

    def close(self) -> None:
        """Frees the memory."""
        self.connection.close()


def opened(table: Table) -> Rows:
    """The rows of a table's files, and of nothing else: no other file, no network, nothing written, memory bounded."""
    files = ", ".join(_literal(str(path.resolve())) for path in table.paths)
    connection = duckdb.connect(config={"threads": _THREADS, "memory_limit": _MEMORY})
    for lock in (
        f"allowed_paths=[{files}]",
        "autoinstall_known_extensions=false",
        "autoload_known_extensions=false",
        "python_enable_replacements=false",
        "temp_directory=''",
        "TimeZone='UTC'",
        "enable_external_access=false",
        "lock_configuration=true",
    ):
        connection.execute(f"set {lock}")
    return Rows(table, connection, f"read_parquet([{files}], hive_partitioning = false)")


def plotted(asked: Asked, table: Table, found: tuple[Column, ...], rows: Rows | None = None) -> Plot:
    """The figures of a chart whose columns fit it.

    Raises:
        StoreError: the files cannot be read.
        LaterError: it takes too long.
        RefusalError: it takes more memory than a chart may have.
    """
    chosen = tuple(next(one for one in found if one.name == name) for name in asked.columns)
    try:
        with closing(rows or opened(table)) as asking, _watched(asking):
            return _MADE[asked.kind](asking, asked, chosen, found)
    except duckdb.InterruptException as error:
        raise LaterError(*TOO_LONG) from error
    except duckdb.OutOfMemoryException as error:
        raise RefusalError(_TOO_LARGE, *_TOO_MANY) from error
    except (duckdb.Error, OSError) as error:
        raise StoreError(
            Text(f"{table.path} 无法读取（{error}）。", f"{table.path} cannot be read ({error}).")
        ) from error


@contextmanager
def _watched(rows: Rows) -> Iterator[None]:
    """Breaks off what takes longer than _LONGEST: whoever asked has gone by then."""
    done = threading.Event()
    watch = threading.Thread(target=_interrupt, args=(rows.connection, done), daemon=True)
    watch.start()
    try:
        yield
    finally:
        done.set()
        watch.join()


def _interrupt(connection: duckdb.DuckDBPyConnection, done: threading.Event) -> None:
    """Again and again, for what has not begun cannot be stopped."""
    pause = _LONGEST
    while not done.wait(pause):
        connection.interrupt()
        pause = _AGAIN


def how(asked: Asked, value: Column | None, found: tuple[Column, ...]) -> How:
    """What becomes of the values of one group. Money is added up, all else is averaged.

    Counts, which their names say they are, are added up too, but not over time: the people of ten years make no sum.
    The reader may choose otherwise.
    """
    if value is None:
        return "count"
    if asked.by in {"sum", "mean"}:
        return asked.by
    is_count = value.field.type == "integer" and not value.unit and value.says_count
    over_time = asked.kind == "bars" and any(one.role == "date" and one.in_key for one in found)
    return "sum" if value.is_money or (is_count and not over_time) else "mean"


def _distribution(rows: Rows, asked: Asked, chosen: tuple[Column, ...], found: tuple[Column, ...]) -> Plot:
    (column,) = chosen
    if column.role in {"code", "text"}:
        plot = _bars(rows, asked, chosen, found)
        every = all(mark.rows == 1 for mark in plot.marks)
        return _uniform(rows, column, plot) if every and plot.groups and column.role == "text" else plot
    return _times(rows, column) if column.role == "date" else _numbers(rows, column)


def _uniform(rows: Rows, column: Column, plot: Plot) -> Plot:
    """Of values that are all different: how numbers are spread, how long texts are, the first of any other."""
    if column.is_number:
        return _numbers(rows, column)
    return _lengths(rows, column) if column.field.type in _TEXTS else plot


def _lengths(rows: Rows, column: Column) -> Plot:
    return _histogram(rows, f"length({_name(column)}::varchar)::double", "length", whole=True)


def _numbers(rows: Rows, column: Column) -> Plot:
    return _histogram(rows, _number(column), "count", whole=column.is_whole)


def _number(column: Column) -> str:
    return f"{_name(column)}::double"


def _finite(column: Column) -> str:
    """SQL for whether there is a value that can be drawn: it is not empty, and no NaN."""
    return _drawn(_number(column))


def _drawn(value: str) -> str:
    """The same of an expression; numbers at the end of what floating ones hold overflow any scale."""
    return f"abs({value}) < {_VAST!r}"


def _histogram(rows: Rows, value: str, counted: How, *, whole: bool) -> Plot:
    finite = _drawn(value)
    ((low, high, count, all_rows, first, last),) = rows.ask(
        f"select min({value}) filter ({finite}), max({value}) filter ({finite}), count(*) filter ({finite}), count(*), "  # noqa: S608 (names are quoted)
        f"quantile_disc({value}, 0.01) filter ({finite}), quantile_disc({value}, 0.99) filter ({finite}) "
        f"from {_SOURCE}"
    )
    if low is None:
        return Plot("histogram", counted, (), all_rows, all_rows, "number")
    is_wide = counted == "count" and high - low > _STRETCHED * (last - first) > 0
    by = _width(first, last, whole=whole) if is_wide else _width(low, high, whole=whole)
    bounds = (math.floor(first / by), math.floor(last / by)) if is_wide else (-math.inf, math.inf)
    held_in = f"least(greatest({value}, {first - by!r}), {last + by!r})" if is_wide else value
    sql = f"select floor({held_in} / {by!r}), count(*)\nfrom {_SOURCE}\nwhere {finite}\ngroup by 1 order by 1"
    every = {int(place): int(many) for place, many in rows.ask(sql)}
    held = {place: many for place, many in every.items() if bounds[0] <= place <= bounds[1]}
    decimals = max(0, -int(f"{by:e}".partition("e")[2]))
    marks = tuple(
        Mark(f"{at * by:.{decimals}f}", float(held.get(at, 0)), held.get(at, 0), f"{(at + 1) * by:.{decimals}f}")
        for at in range(min(held), max(held) + 1)
    )
    below = sum(many for place, many in every.items() if place < bounds[0])
    above = sum(many for place, many in every.items() if place > bounds[1])
    return Plot(
        "histogram",
        counted,
        marks,
        all_rows,
        all_rows - count,
        "number",
        sql=rows.told(sql),
        below=Mark("", float(below), below, marks[0].key) if below else None,
        above=Mark(marks[-1].until, float(above), above) if above else None,
    )


def _width(low: float, high: float, *, whole: bool) -> float:
    """How wide a bin is. A few whole numbers have one each; more of them, as many in each bin as in the others."""
    if whole and high - low < ONE_BY_ONE:
        return 1.0
    by = step(high - low, _BINS)
    return max(1.0, by) if whole else by


def _times(rows: Rows, column: Column) -> Plot:
    """Rows by period, the empty ones between them too."""
    plot = _series(rows, Asked("series", rows.table.resource.name, (column.name,)), (column,), ())
    following = [mark.key for mark in plot.marks[1:]] + [_next(plot.marks[-1].key, plot.grain)] if plot.marks else []
    marks = tuple(replace(mark, until=until) for mark, until in zip(plot.marks, following, strict=True))
    return replace(plot, shape="histogram", marks=marks)


def _series(rows: Rows, asked: Asked, chosen: tuple[Column, ...], found: tuple[Column, ...]) -> Plot:
    day, value, panel = chosen[0], *(*chosen[1:], None, None)[:2]
    when = _when(day)
    ((first, last, dated, all_rows, on_first),) = rows.ask(
        f"select min({when}), max({when}), count({when}), count(*), "  # noqa: S608 (names are quoted)
        f"bool_and({'true' if _is_year(day) else f'date_trunc($$month$$, {when}) = {when}'}) from {_SOURCE}"
    )
    if first is None:
        return Plot("series", "count", (), all_rows, all_rows)
    grain = "year" if _is_year(day) else _grain(first, last, monthly=bool(on_first))
    period = when if _is_year(day) else f"date_trunc('{grain}', {when})"
    done = how(asked, value, found)
    what = f"{done}({_number(value)}) filter ({_finite(value)})" if value else "count(*)::double"
    counted = f"count(*) filter ({_finite(value)})" if value else "count(*)"
    part = f"{_name(panel)}::varchar" if panel else "''"
    order = (
        f" order by avg({_number(value)}) filter ({_finite(value)}) desc nulls last, 1 limit {MOST_PANELS}"
        if value
        else ""
    )
    kept = f" and {part} in (select {part} from {_SOURCE} where {part} is not null group by 1{order})" if panel else ""  # noqa: S608
    sql = (
        f"select {period}, {part}, {what}, {counted}\nfrom {_SOURCE}\n"
        f"where {when} is not null{kept}\ngroup by 1, 2 order by 2, 1 limit {_MOST_PERIODS}"
    )
    marks = [
        Mark(_period(one), _drawable(number), int(many), panel=str(said)) for one, said, number, many in rows.ask(sql)
    ]
    if value and done == "mean" and all(mark.rows <= 1 for mark in marks):
        done = "value"  # one row for each period: nothing is averaged
    panels = _others(rows, part, when) - len({mark.panel for mark in marks}) if panel else 0
    missing = all_rows - (sum(mark.rows for mark in marks) if value and not panels else dated)
    ends = () if _is_year(day) or on_first else (_period(first), _period(last))
    return Plot(
        "series",
        done,
        _without_gaps(marks, grain),
        all_rows,
        missing,
        grain,
        groups=panels,
        sql=rows.told(sql),
        ends=ends,
    )


def _others(rows: Rows, part: str, when: str) -> int:
    """How many parts there are."""
    return int(rows.ask(f"select count(distinct {part}) from {_SOURCE} where {when} is not null")[0][0])  # noqa: S608


def _is_year(column: Column) -> bool:
    return column.field.type not in {"date", "datetime", "yearmonth"}


def _when(column: Column) -> str:
    """SQL for the moment of a row; a year is a whole number, also where it is written as text."""
    name = _name(column)
    return _WHEN.get(column.field.type, "try_cast({} as integer)").format(name)


_WHEN: Mapping[str, str] = {
    "date": "{}::date",
    "datetime": "{}::timestamp",
    "yearmonth": "try_cast({} || '-01' as date)",
}


def _grain(first: date, last: date, *, monthly: bool) -> Grain:
    """How fine a period is: by the time that the column spans."""
    days = (last - first).days
    if days <= 3 and isinstance(first, datetime) and not monthly:  # noqa: PLR2004
        return "hour"
    return "day" if days <= _DAYS and not monthly else "month" if days <= _MONTHS else "year"


def _period(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _next(key: str, grain: Grain) -> str:
    if grain == "year":
        year = key[:4] if len(key) > 4 and key[4] == "-" else key  # noqa: PLR2004 (digits of a year)
        return f"{int(year) + 1}{key[4:]}" if len(key) > len(year) else str(int(year) + 1)
    found = datetime.fromisoformat(key)
    if grain == "month":
        later = (found.replace(day=1) + timedelta(days=32)).replace(day=1)
    else:
        later = found + (timedelta(hours=1) if grain == "hour" else timedelta(days=1))
    return later.isoformat()[: len(key)]


def _without_gaps(marks: list[Mark], grain: Grain) -> tuple[Mark, ...]:
    """Periods that no row is of stand between the others, without a value: a line must not run over them."""
    filled: list[Mark] = []
    stride = _stride(marks) if grain == "year" else 1
    for mark in marks:
        while filled and filled[-1].panel == mark.panel and len(filled) < _MOST_PERIODS:
            following = filled[-1].key
            for _ in range(stride):
                following = _next(following, grain)
            if following >= mark.key:
                break
            filled.append(Mark(following, None, 0, panel=mark.panel))
        filled.append(mark)
    return tuple(filled)


def _stride(marks: list[Mark]) -> int:
    """How many years lie between two figures at least: a census may be every fifth."""
    years = sorted({int(mark.key[:4]) for mark in marks if mark.key[:4].isdecimal()})
    return min((later - sooner for sooner, later in pairwise(years)), default=1)


def _bars(rows: Rows, asked: Asked, chosen: tuple[Column, ...], found: tuple[Column, ...]) -> Plot:
    group, value = chosen[0], (*chosen[1:], None)[0]
    done, key = how(asked, value, found), f"{_name(group)}::varchar"
    only = f" filter ({_finite(value)})" if value else ""
    summed = f"sum({_number(value)}){only}" if value else "count(*)::double"
    counted = f"count(*){only}"
    # The groups are counted as groups: count(distinct) would hold every value of every row.
    each = f"select {key} as k, count(*) as n, {summed} as s, {counted} as m from {_SOURCE} group by 1"  # noqa: S608 (names are quoted)
    ((all_rows, coded, groups, total, filled),) = rows.ask(
        "select coalesce(sum(n), 0)::bigint, coalesce(sum(n) filter (k is not null), 0)::bigint, count(k), "  # noqa: S608
        f"sum(s) filter (k is not null), coalesce(sum(m) filter (k is not null), 0)::bigint from ({each})"
    )
    if value and groups == coded:
        done = "value"  # one row for each: nothing is added up or averaged
    top = _PARTS if group.field.type == "integer" and group.role == "code" else TOP
    order = "3" if done == "value" else f"abs({summed})" if done == "sum" else "count(*)"
    sql = (
        f"select {key}, count(*), {summed}, {counted}\nfrom {_SOURCE}\n"
        f"where {key} is not null\ngroup by 1 order by {order} desc nulls last, 1 "
        f"limit {top + (groups == top + 1)}"
    )
    found_groups = [(str(code), int(many), total, int(filled)) for code, many, total, filled in rows.ask(sql)]
    marks = [Mark(code, _value(done, amount_, full), many) for code, many, amount_, full in found_groups]
    ordered = sorted(marks, key=_in_order(group))
    left = coded - sum(mark.rows for mark in marks)
    rest = None
    if left > 0:
        over = (total or 0.0) - sum(amount_ or 0.0 for _, _, amount_, _ in found_groups)
        rest = Mark("", _value(done, over, filled - sum(full for *_, full in found_groups)), left)
    return Plot(
        "bars", done, tuple(ordered), all_rows, all_rows - coded, rest=rest, groups=groups - len(marks),
        sql=rows.told(sql),
    )  # fmt: skip


def _in_order(group: Column) -> Callable[[Mark], tuple[bool, float]]:
    """The largest first; parts of a date in their own order."""
    if group.field.type == "integer" and group.role == "code":
        return lambda mark: (not mark.key.lstrip("-").isdecimal(), float(mark.key) if mark.key.isdecimal() else 0.0)
    return lambda mark: (mark.value is None, -(mark.value or 0.0))


def _value(done: How, total: float | None, filled: int) -> float | None:
    """What a bar shows: the sum, or the mean of so many values."""
    if done == "count":
        return total
    if total is None or not filled:
        return None
    return _drawable(float(total) / filled if done in {"mean", "value"} else total)


def _drawable(value: float | None) -> float | None:
    """A figure, or None where there is none or it is too large for a floating number."""
    return None if value is None or not abs(value) < _VAST else float(value)


def _map(rows: Rows, asked: Asked, chosen: tuple[Column, ...], found: tuple[Column, ...]) -> Plot:
    del asked
    places = _places(rows.table, found)
    if places is None:
        return Plot("points", "count", (), rows.table.rows, rows.table.rows)
    east, north = places
    ((west, right, south, top, all_rows, placed),) = rows.ask(
        f"select min({east}), max({east}), min({north}), max({north}), count(*), count({east} + {north}) "  # noqa: S608
        f"from {_SOURCE} where {_on_earth(east, north)}"
    )
    ((every,),) = rows.ask(f"select count(*) from {_SOURCE}")  # noqa: S608
    del all_rows
    if not placed:
        return Plot("points", "count", (), every, every)
    value = chosen[0] if chosen else None
    side = 0.0 if placed <= _MOST_CELLS else step(max(right - west, top - south, 0.01) / _CELLS_ACROSS, 1)
    found_cells = rows.ask(_cells(east, north, value, side))
    while len(found_cells) > _MOST_CELLS:
        side = step(side * 1.9, 1)
        found_cells = rows.ask(_cells(east, north, value, side))
    sql = _cells(east, north, value, side)
    marks = tuple(
        Mark("", _drawable(one), int(many), x=round(float(x), 6), y=round(float(y), 6))
        for x, y, many, one in found_cells
    )
    return Plot(
        "points",
        "mean" if value else "count",
        marks,
        every,
        every - sum(mark.rows for mark in marks),
        cell=side,
        sql=rows.told(sql),
    )


def _cells(east: str, north: str, value: Column | None, side: float) -> str:
    what = f"avg({_number(value)})" if value else "count(*)::double"
    kept = f" and {_finite(value)}" if value else ""
    x, y = (f"round({one} / {side!r}) * {side!r}" if side else one for one in (east, north))
    return (
        f"select {x}, {y},\n"
        f"  count(*), {what}\nfrom {_SOURCE}\nwhere {_on_earth(east, north)}{kept}\n"
        f"group by 1, 2 order by 4 nulls first, 1, 2 limit {_MOST_CELLS + 1}"
    )


def _on_earth(east: str, north: str) -> str:
    return f"{east} between -180 and 180 and {north} between -90 and 90"


def _places(table: Table, found: tuple[Column, ...]) -> tuple[str, str] | None:
    """SQL for the degrees east and north of a row: of two columns, of a point that is written, of a shape's box."""
    two = pair(found)
    if two:
        return _number(two[0]), _number(two[1])
    written = next((one for one in found if one.role == "point"), None)
    if written:
        name = _name(written)
        return tuple(f"try_cast(split_part({name}::varchar, ',', {at}) as double)" for at in (1, 2))  # type: ignore[return-value] # two of them
    boxes = [field.name for field in pq.read_schema(table.path) if is_made(field)]
    box = next((_quoted(name) for name in boxes if "bbox" in name), None)
    return (f"(({box}.xmin + {box}.xmax) / 2)", f"(({box}.ymin + {box}.ymax) / 2)") if box else None


_MADE: Mapping[Kind, Callable[..., Plot]] = {
    "distribution": _distribution,
    "series": _series,
    "bars": _bars,
    "map": _map,
}


def _name(column: Column) -> str:
    return _quoted(column.name)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

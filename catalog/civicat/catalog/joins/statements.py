"""SQL that joins two tables: to run in DuckDB on files or addresses, and by ourselves on the released files.

Names are always quoted, so that any name will do. Values are compared as text only where one side is text and the other
is not: 110 and "110" meet then, and so do a date and its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from civicat.catalog.joins.known import Join, Side
from civicat.catalog.joins.trials import ROWS, Questions, literal, pattern
from civicat.dataset import Field
from civicat.release import Table

SHOWN = 100  # rows
MINE, GAINED = 3, 4  # columns of a first look at a join, beside those that it is joined on
EXAMPLES = 6  # values that do not meet
_NO_CELLS = frozenset(("geojson", "geopoint", "array", "object", "list"))  # what a table of rows shows badly
_TEXTS = frozenset(("string", "any"))
_NUMBERS = frozenset(("integer", "number", "year"))


@dataclass(frozen=True, slots=True)
class Operand:
    """One side as SQL names it: where its rows come from, its columns, what it is called, what it is joined on."""

    rows: str
    fields: tuple[Field, ...]
    name: str
    on: tuple[str, ...]

    def kind(self, name: str) -> str:
        """`text`, `number`, or the type of Table Schema."""
        kind = next((field.type for field in self.fields if field.name == name), "string")
        return "text" if kind in _TEXTS else "number" if kind in _NUMBERS else kind

    def cells(self) -> list[str]:
        """The columns that a row shows."""
        return [field.name for field in self.fields if field.type not in _NO_CELLS]


def operand(side: Side, table: Table, rows: str) -> Operand:
    """A side with the columns of its release; `rows` is what stands after FROM."""
    return Operand(rows, table.resource.schema.fields, side.resource, side.names)


def statement(join: Join, source: Operand, target: Operand, limit: int | None = SHOWN) -> str:
    """What joins the two: rows with what they gain, or (`codes`) how often each code stands on either side."""
    found = _codes(source, target) if join.why == "codes" else _rows(source, target)
    return f"{found}\nLIMIT {limit};" if limit is not None else found


def _rows(source: Operand, target: Operand) -> str:
    columns = ",\n  ".join(selected(source.cells(), gained(target), target.name))
    return f"SELECT\n  {columns}\n{between(source, target)}"


def _codes(source: Operand, target: Operand) -> str:
    code, (left, right) = quoted(source.on[0]), _counted_as(source.name, target.name)
    return (
        f"SELECT a.{code}, a.{_times(source)} AS {quoted(left)}, b.{_times(target)} AS {quoted(right)}\n"
        f"FROM ({_counted(source)}) AS a\n"
        f"JOIN ({_counted(target)}) AS b\n"
        f"  ON {condition(source, target)}\n"
        f"ORDER BY a.{code}"
    )


def _counted(one: Operand) -> str:
    name = quoted(one.on[0])
    return f"SELECT {name}, count(*) AS {_times(one)} FROM {one.rows} GROUP BY {name}"  # noqa: S608 (names are quoted)


def _times(one: Operand) -> str:
    """What the number of rows is called: not as the code is."""
    return '"rows"' if one.on[0].lower() != "rows" else '"times"'


def _counted_as(left: str, right: str) -> tuple[str, str]:
    return (f"rows in {left}", f"rows in {right}") if left != right else ("rows here", "rows there")


def between(source: Operand, target: Operand, how: str = "JOIN") -> str:
    """FROM both, joined."""
    return f"FROM {source.rows} AS a\n{how} {target.rows} AS b\n  ON {condition(source, target)}"


def condition(source: Operand, target: Operand) -> str:
    """Where the columns of both are equal, cast only where one is text and the other is not."""
    return "\n  AND ".join(
        f"{_compared('a', source, left, target.kind(right))} = {_compared('b', target, right, source.kind(left))}"
        for left, right in zip(source.on, target.on, strict=True)
    )


def _compared(alias: str, side: Operand, name: str, other: str) -> str:
    cell = f"{alias}.{quoted(name)}"
    return f"CAST({cell} AS VARCHAR)" if other == "text" and side.kind(name) != "text" else cell


def gained(target: Operand) -> list[str]:
    """The columns that a row gains: all of the other table but those that it is joined on."""
    return [name for name in target.cells() if name not in target.on]


def selected(mine: Sequence[str], more: Sequence[str], there: str) -> Iterator[str]:
    """The columns of a row and those that it gains, each under a name of its own."""
    taken = set()
    for name in mine:
        taken.add(name.lower())
        yield f"a.{quoted(name)}"
    for name in more:
        called = _free(name, there, taken)
        taken.add(called.lower())
        yield f"b.{quoted(name)}" + (f" AS {quoted(called)}" if called != name else "")


def _free(name: str, there: str, taken: set[str]) -> str:
    called = name if name.lower() not in taken else f"{there}_{name}"
    while called.lower() in taken:  # names that differ in case only are one to DuckDB
        called += "_"
    return called


def quoted(name: str) -> str:
    """A name as SQL reads it, whatever stands in it."""
    return '"' + name.replace('"', '""') + '"'


def on_files(join: Join, tables: tuple[Table, Table], origin: str) -> str:
    """Lines that fetch the files and join them where they lie."""
    clash = {path.name for path in tables[0].paths} & {path.name for path in tables[1].paths}
    same = join.source.dataset == join.target.dataset
    fetched = [
        _fetched(side, table, origin, rename=bool(clash) and not same)
        for side, table in zip((join.source, join.target), tables, strict=True)
    ]
    lines = dict.fromkeys(line for one in fetched for line in one[0])
    sides = zip((join.source, join.target), tables, fetched, strict=True)
    source, target = (operand(side, table, literal(one[1])) for side, table, one in sides)
    return "\n".join((*(f"-- {line}" for line in lines), statement(join, source, target)))


def _fetched(side: Side, table: Table, origin: str, *, rename: bool) -> tuple[list[str], str]:
    """How to fetch the files of a table, and the name that stands for all of them then."""
    base = f"{origin}/d/{side.dataset}/{side.version}"
    before = f"{side.dataset.replace('/', '-')}-" if rename else ""
    names = [path.name for path in table.paths]
    lines = [f"curl -o {before}{name} {base}/{name}" if rename else f"curl -O {base}/{name}" for name in names]
    return lines, f"{before}{names[0]}" if len(names) == 1 else f"{before}{side.resource}.*.parquet"


def on_addresses(join: Join, tables: tuple[Table, Table], origin: str) -> str:
    """The same over the addresses, without a file of one's own."""
    sides = zip((join.source, join.target), tables, strict=True)
    source, target = (operand(side, table, _addressed(side, table, origin)) for side, table in sides)
    return statement(join, source, target)


def _addressed(side: Side, table: Table, origin: str) -> str:
    files = [literal(f"{origin}/d/{side.dataset}/{side.version}/{path.name}") for path in table.paths]
    return f"read_parquet({files[0]})" if len(files) == 1 else f"read_parquet([{', '.join(files)}])"


def operands(join: Join, tables: tuple[Table, Table]) -> tuple[Operand, Operand]:
    """Both sides over the released files where they lie."""
    source, target = (
        operand(side, table, _released(table)) for side, table in zip((join.source, join.target), tables, strict=True)
    )
    return source, target


def _released(table: Table) -> str:
    """The rows of a table's files: a folder called `name=value` is no column of it."""
    files = ", ".join(literal(pattern(str(path.resolve()))) for path in table.paths)
    return f"read_parquet([{files}], hive_partitioning = false)"


def questions(join: Join, tables: tuple[Table, Table]) -> Questions:
    """What our own engine is asked to try a join."""
    source, target = operands(join, tables)
    return Questions(
        paths=tuple(path for table in tables for path in table.paths),
        counts=_counts(join, source, target),
        rows=_first_rows(join, source, target),
        missing=_unmet(source, target, "a"),
        unused=_unmet(source, target, "b"),
    )


def _counts(join: Join, source: Operand, target: Operand) -> str:
    if join.why == "codes":
        code = f"a.{quoted(source.on[0])}"
        return f"SELECT count(DISTINCT {code}), ({_different(source)}) {between(source, target, 'SEMI JOIN')}"
    filled = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in source.on)
    return f"SELECT count(*), (SELECT count(*) FROM {source.rows} WHERE {filled}) {between(source, target)}"  # noqa: S608 (as above)


def _different(one: Operand) -> str:
    return f"SELECT count(DISTINCT {quoted(one.on[0])}) FROM {one.rows}"  # noqa: S608 (as above)


def _first_rows(join: Join, source: Operand, target: Operand) -> str:
    """Few columns of either side: what it is joined on, then the first others."""
    if join.why == "codes":
        return f"{_codes(source, target)} LIMIT {ROWS}"
    mine = [*source.on, *(name for name in source.cells() if name not in source.on)][: len(source.on) + MINE]
    columns = ", ".join(selected(mine, gained(target)[:GAINED], target.name))
    return f"SELECT {columns} {between(source, target)} LIMIT {ROWS}"


def _unmet(source: Operand, target: Operand, alias: str) -> str:
    """Values of one side that the other has not, the most frequent first, each with how many of them there are."""
    mine, other = (source, target) if alias == "a" else (target, source)
    there = "b" if alias == "a" else "a"
    cells = [f"{alias}.{quoted(name)}" for name in mine.on]
    filled = " AND ".join(f"{cell} IS NOT NULL" for cell in cells)
    values = (
        f"SELECT concat_ws(', ', {', '.join(cells)}) AS v, count(*) AS times "  # noqa: S608 (as above)
        f"FROM {mine.rows} AS {alias} ANTI JOIN {other.rows} AS {there} ON {condition(source, target)} "
        f"WHERE {filled} GROUP BY 1"
    )
    return f"SELECT v, count(*) OVER () AS n FROM ({values}) ORDER BY times DESC, v LIMIT {EXAMPLES}"  # noqa: S608 (as above)

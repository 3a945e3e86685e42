"""The closed set of SQL that Datasette generates, translated for DuckDB. Nothing outside the set gets through.

Datasette writes SQL for SQLite: pages, counts, single rows, filters, facets. Every part of such a statement is known
here by name; a statement with any other part, table, column or function is refused. There is no way around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.sqlite import SQLite
from sqlglot.errors import SqlglotError

from civicat.catalog.tables.kinds import Kind

_WORDS = {
    *("SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "NULL", "IS", "IN", "LIKE", "GLOB"),
    *("ORDER BY", "GROUP BY", "ASC", "DESC", "LIMIT", "OFFSET", "AS"),
}


class Generated(SQLite):
    """SQLite's SQL as far as Datasette writes it. All other words are names: a column may be called `qualify`."""

    class Tokenizer(SQLite.Tokenizer):
        """Knows the words of the closed set only."""

        KEYWORDS = {  # noqa: RUF012 (sqlglot's own way to declare a dialect)
            word: token for word, token in SQLite.Tokenizer.KEYWORDS.items() if word in _WORDS or not word[0].isalpha()
        }

    class Parser(SQLite.Parser):  # type: ignore[misc, valid-type] # sqlglot's own way to declare a dialect
        """`any` is a name like others."""

        NO_PAREN_FUNCTION_PARSERS: Mapping[str, Callable[..., object]] = {}


_PARTS = frozenset(
    {
        *(exp.Select, exp.From, exp.Table, exp.Identifier, exp.Subquery, exp.Where, exp.Column, exp.Star, exp.Alias),
        *(exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.Null),
        *(exp.In, exp.Like, exp.Glob, exp.Placeholder, exp.Literal, exp.Count, exp.Date),
        *(exp.Group, exp.Order, exp.Ordered, exp.Limit, exp.Offset),
    }
)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In)
_PATTERNS: Mapping[type[exp.Expr], Kind] = {exp.Like: Kind.LIKE, exp.Glob: Kind.GLOB}


class UntranslatableError(Exception):
    """The statement is not one of the closed set, or names a table or column that is not there."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a statement may name of one table. `ordered` says that the file's rows are in the order of the key."""

    columns: Mapping[str, Kind]
    key: tuple[str, ...]
    ordered: bool


@dataclass(frozen=True, slots=True)
class Translated:
    """A statement for DuckDB, and the kind of value that each of its named parameters is compared with."""

    sql: str
    parameters: Mapping[str, Kind] = field(default_factory=dict)


def translate(sql: str, schema: str, tables: Mapping[str, Shape]) -> Translated:
    """A generated statement for DuckDB, its tables qualified by a schema.

    Raises:
        UntranslatableError: it is not of the closed set.
    """
    tree = _parse(sql)
    _refuse_unknown_parts(tree)
    _name_parameters(tree)
    parameters: dict[str, Kind] = {}
    for select in tree.find_all(exp.Select):
        columns = _columns(select, tables)
        _refuse_unknown_columns(select, columns)
        for node in _own(select):
            parameters.update(_rewrite(node, columns))
        _fix_order(select, tables)
    for table in tree.find_all(exp.Table):
        table.set("db", exp.to_identifier(schema, quoted=True))
    return Translated(tree.sql(DuckDB, identify=True), parameters)


def unlimited(sql: str) -> str:
    """A generated statement without its order and limit: every row, in the order of the file.

    Raises:
        UntranslatableError: it is not of the closed set.
    """
    tree = _parse(sql)
    for part in ("order", "limit", "offset"):
        tree.set(part, None)
    return tree.sql(Generated, identify=True)


def _parse(sql: str) -> exp.Select:
    try:
        trees = Generated().parse(sql)
    except SqlglotError as error:
        raise UntranslatableError("not a statement of the closed set") from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Select):
        raise UntranslatableError("exactly one SELECT")
    return trees[0]


def _refuse_unknown_parts(tree: exp.Expr) -> None:
    for node in tree.walk():
        if type(node) not in _PARTS:
            raise UntranslatableError(f"not of the closed set: {node.key}")
        if isinstance(node, exp.Count) and not isinstance(node.this, exp.Star):
            raise UntranslatableError("only count(*) is of the closed set")
        if isinstance(node, exp.Table) and (node.args.get("db") or node.args.get("alias")):
            raise UntranslatableError("tables are named plainly")


def _name_parameters(tree: exp.Expr) -> None:
    """Parameters by position (`?`) get the names p0, p1 ... in the order of the text."""
    by_position = (
        node for node in tree.walk(bfs=False) if isinstance(node, exp.Placeholder) and node.name in {"", "?"}
    )
    for number, node in enumerate(by_position):
        node.set("this", f"p{number}")


def _columns(select: exp.Select, tables: Mapping[str, Shape]) -> Mapping[str, Kind]:
    """The columns that a SELECT reads from, with their kinds; a SELECT without FROM reads from none."""
    source = select.args.get("from_") or select.args.get("from")
    if source is None:
        return {}
    if isinstance(source.this, exp.Subquery):
        inner = source.this.this
        return {name: kind for name, kind in _columns(inner, tables).items() if inner.is_star or name in _names(inner)}
    shape = tables.get(source.this.name)
    if shape is None:
        raise UntranslatableError(f"no such table: {source.this.name}")
    return shape.columns


def _names(select: exp.Select) -> set[str]:
    return {one.alias_or_name for one in select.selects}


def _own(select: exp.Select) -> Iterator[exp.Expr]:
    """The nodes of one SELECT, without those of the SELECTs inside it."""
    yield from list(select.walk(prune=lambda node: node is not select and isinstance(node, exp.Select)))


def _refuse_unknown_columns(select: exp.Select, columns: Mapping[str, Kind]) -> None:
    aliases = {one.alias for one in select.selects if isinstance(one, exp.Alias)}
    for node in _own(select):
        if isinstance(node, exp.Column) and node.name not in columns and not _is_alias(node, aliases):
            raise UntranslatableError(f"no such column: {node.name}")


def _is_alias(column: exp.Column, aliases: set[str]) -> bool:
    return column.name in aliases and column.find_ancestor(exp.Order) is not None


def _rewrite(node: exp.Expr, columns: Mapping[str, Kind]) -> Mapping[str, Kind]:
    """Mends one node in place for DuckDB and answers the parameters that it compares with, by kind."""
    if type(node) in _PATTERNS:
        return _rewrite_pattern(node, columns)
    if isinstance(node, exp.Date):
        node.replace(_day(node.this, columns))
        return {}
    if isinstance(node, exp.Limit | exp.Offset):
        return _kinds(node, Kind.INTEGER)
    if isinstance(node, _COMPARISONS):
        return _rewrite_comparison(node, columns)
    return {}


def _rewrite_comparison(node: exp.Expr, columns: Mapping[str, Kind]) -> Mapping[str, Kind]:
    if isinstance(node.this, exp.Date | exp.Cast | exp.TryCast):
        return _kinds(node, Kind.DATE)
    kind = columns[node.this.name] if isinstance(node.this, exp.Column) else Kind.OTHER
    if isinstance(node.expression, exp.Literal) and kind is not Kind.TEXT:
        # "is blank" compares with '': no number, date or truth is ever an empty text
        node.replace(exp.false() if isinstance(node, exp.EQ) else exp.true())
    return _kinds(node, kind)


def _rewrite_pattern(node: exp.Expr, columns: Mapping[str, Kind]) -> Mapping[str, Kind]:
    kind = _PATTERNS[type(node)]
    names = _kinds(node, kind)
    node.this.replace(_as_text(node.this, columns))
    if kind is Kind.LIKE:  # SQLite's LIKE takes no notice of case
        node.replace(exp.ILike(**node.copy().args))  # `negate` too: NOT LIKE is one node
    return names


def _kinds(node: exp.Expr, kind: Kind) -> Mapping[str, Kind]:
    """The parameters that stand directly in a node."""
    return {one.name: kind for one in node.iter_expressions() if isinstance(one, exp.Placeholder)}


def _as_text(column: exp.Expr, columns: Mapping[str, Kind]) -> exp.Expr:
    """A column as the pages show it, so that "contains" finds what is seen."""
    kind = columns[column.name]
    if kind is Kind.TEXT:
        return column.copy()
    if kind is Kind.INSTANT:
        utc = exp.func("timezone", exp.Literal.string("UTC"), column.copy())
        return exp.DPipe(this=_with_t(utc), expression=exp.Literal.string("Z"))
    return _with_t(column.copy()) if kind is Kind.DATETIME else exp.cast(column.copy(), "text")


def _with_t(moment: exp.Expr) -> exp.Expr:
    return exp.func("replace", exp.cast(moment, "text"), exp.Literal.string(" "), exp.Literal.string("T"))


def _day(column: exp.Expr, columns: Mapping[str, Kind]) -> exp.Expr:
    """SQLite's date(): the day of a moment, and null for what is none."""
    kind = columns[column.name]
    if kind is Kind.INSTANT:
        return exp.cast(exp.func("timezone", exp.Literal.string("UTC"), column.copy()), "date")
    if kind in {Kind.DATE, Kind.DATETIME}:
        return exp.cast(column.copy(), "date")
    return exp.TryCast(this=exp.cast(column.copy(), "text"), to=exp.DataType.build("date"))


def _fix_order(select: exp.Select, tables: Mapping[str, Shape]) -> None:
    """Makes the order of a page total, so that keyset paging visits each row once, and free where the file has it.

    DuckDB does not keep equal rows in the order of the file, and Datasette sorts its first page without the key.
    """
    order, group = select.args.get("order"), select.args.get("group")
    if order is None:
        return
    if group is not None:
        _order_by_position(select, order)
        return
    shape = tables.get(select.args["from_"].this.name)
    if shape is None:
        return
    named = [(one.this.name, bool(one.args.get("desc"))) for one in order.expressions]
    if shape.ordered and named == [(name, False) for name in shape.key]:
        select.set("order", None)
        return
    missing = [name for name in shape.key if name not in {name for name, _ in named}]
    order.set("expressions", [*order.expressions, *(_ascending(name) for name in missing)])


def _ascending(name: str) -> exp.Ordered:
    return exp.Ordered(this=exp.column(name, quoted=True), nulls_first=True)


def _order_by_position(select: exp.Select, order: exp.Order) -> None:
    """Facets sort by their aliases `value` and `count`, which a column of the table may be called too."""
    positions = {one.alias: number for number, one in enumerate(select.selects, start=1)}
    for one in order.expressions:
        if one.this.name in positions:
            one.this.replace(exp.Literal.number(positions[one.this.name]))

"""The page of a table: Datasette's view of it, asked only what it can answer, and shown in our own way.

Datasette reads the address, makes the SQL, pages by key and renders JSON. We refuse what it would pass over, count
facets over all rows of the filter, and hand the template plain values: columns, cells, the form, chips, addresses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast
from urllib.parse import urlencode

from datasette.database import QueryInterrupted
from datasette.filters import Filters
from datasette.utils import escape_sqlite, tilde_decode
from datasette.utils.asgi import NotFound, Request, Response
from datasette.views.table import TableView
from markupsafe import Markup

from civicat.catalog.facts.withdrawn import is_down
from civicat.catalog.files.downloads import CSV, Stream, csv_chunks
from civicat.catalog.i18n import Words
from civicat.catalog.site_context import site_of, words_of
from civicat.catalog.tables import facets_shown
from civicat.catalog.tables.addresses import Address, from_form
from civicat.catalog.tables.cells import ON_TABLE, Column, cell, css_class, cut
from civicat.catalog.tables.duck import DuckDatabase, Published, RefusedError
from civicat.catalog.tables.facets_shown import ShownFacet
from civicat.catalog.tables.kinds import Kind
from civicat.catalog.tables.questions import CHOICES, Chip, Form, chips, form
from civicat.catalog.tables.refusals import asked_of, check_question, filters_of, pairs_of
from civicat.catalog.tables.tables import Link, Tables, label_column, row_address, table_address
from civicat.dataset import Field
from civicat.text import Text

_LABELLED_ROWS = 1_000_000  # looking up names in a longer table would cost more than the page
_LABEL_MILLISECONDS = 300
_LONGEST_KEY = 2_000  # characters: a longer one is no address that could be asked for

# What Datasette need not do, by format: facets of a page are counted by us, over all its rows.
_NOT_WANTED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "": (("_nofacet", "1"),),
    "csv": (("_nocount", "1"), ("_nofacet", "1"), ("_size", "0")),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its value as safe HTML and its CSS class."""

    html: Markup
    css: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its own page (blank where it can have none), what names it beyond the first cell, and its cells."""

    address: str
    rest_of_key: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """One column's head: which way it is sorted now (blank, ascending, descending) and the address that sorts it."""

    column: Column
    sorted: str
    address: Address


@dataclass(frozen=True, slots=True)
class Order:
    """How the rows are sorted; without a column, in the order of the key."""

    column: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that a table's page shows. `count` is None where counting took too long."""

    table: Published
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    count: int | None
    is_first: bool
    address: Address
    next: Address | None
    order: Order
    form: Form
    chips: tuple[Chip, ...]
    facets: tuple[ShownFacet, ...]
    late: tuple[Text, ...]
    columns: Mapping[str, Column]

    @property
    def total(self) -> int:
        """The rows of the whole table."""
        return self.table.table.rows

    @property
    def left(self) -> int:
        """The rows after a first page, as far as another page shows them; 0 where that is not known."""
        return min(len(self.rows), self.count - len(self.rows)) if self.is_first and self.count else 0

    @property
    def caveats(self) -> tuple[Text, ...]:
        """What to know before use: of the dataset, the table and its columns."""
        resource = self.table.table.resource
        columns = (one for column in self.columns.values() for one in column.field.caveats)
        return tuple(dict.fromkeys((*self.table.release.dataset.caveats, *resource.caveats, *columns)))


class TablePage(TableView):  # type: ignore[misc] # Datasette ships no types
    """A table as a page, as JSON, and as CSV of all rows in the filter."""

    async def data(
        self,
        request: Any,  # noqa: ANN401 (Datasette ships no types; so below)
        default_labels: bool = False,  # noqa: FBT001, FBT002 (Datasette's signature)
        _next: str | None = None,
        _size: str | None = None,
    ) -> Any:  # noqa: ANN401
        """Datasette's answer to a question that we let pass; for a page, with what our template shows.

        Raises:
            RefusalError: the question is not let pass.
            NotFound: there is no such table.
        """
        del default_labels
        table = table_of(self.ds, request)
        shape = database_of(self.ds, table).shapes[table.name]
        pairs, extension = asked_of(request, shape.columns), request.url_vars["format"] or ""
        target = from_form(table_address(table), pairs)
        if target is not None:
            return Response.redirect(str(target))
        check_question(pairs, shape, self.ds.max_returned_rows, extension)
        request = _asking(request, pairs)
        more = _asking(request, [*pairs, *_NOT_WANTED.get(extension, ())])
        data, _, templates = await super().data(more, False, _next, _size)  # noqa: FBT003 (labels are ours)
        data.pop("query_ms", None)  # the same rows are the same answer
        data["release"] = {"dataset": table.release.dataset.id, "version": str(table.release.version)}
        if request.url_vars["format"] is None:
            return data, partial(self._shown, request, table, data), templates
        data["rows"] = with_truths(data["rows"], data["columns"], shape.columns)
        return data, {}, templates

    async def head(self, *asked: Any, **more: Any) -> Any:  # noqa: ANN401
        """The head of an answer; Datasette's own takes every answer for one with a body."""
        answer = await self.get(*asked, **more)
        if not isinstance(answer, Stream):
            answer.body = b""
        return answer

    async def as_csv(self, request: Any, database: str) -> Any:  # noqa: ANN401
        """All rows of the filter, in the order of the file. Datasette's own stops at a page without a word."""
        del database
        answer = await self.data(request)
        if isinstance(answer, Response):
            return answer
        table, query = table_of(self.ds, request), answer[0]["query"]
        reader = await asyncio.to_thread(database_of(self.ds, table).reader, query["sql"], query["params"])
        name = f"{table.department}-{table.name}-{table.release.version}{'-filtered' if query['params'] else ''}.csv"
        headers = {
            "content-type": CSV,
            "content-disposition": f'attachment; filename="{name}"',
            "x-accel-buffering": "no",
        }
        chunks = csv_chunks(reader, reader.schema) if request.method != "HEAD" else iter(())
        down = partial(is_down, site_of(self.ds).layout, table.release)
        return Stream(request.receive, headers, chunks).unless(down)

    async def _shown(self, request: Any, table: Published, data: Mapping[str, Any]) -> dict[str, object]:  # noqa: ANN401
        words = words_of(site_of(self.ds), request.scope)
        pairs = pairs_of(request)
        address = Address(table_address(table), tuple(pairs))
        plain = columns_of(self.ds, table)
        results, late = await self._counted(request, table, list(plain.values()), pairs)
        columns = await labelled(self.ds, plain, _values(data, results, pairs))
        order = Order(dict(pairs).get("_sort") or dict(pairs).get("_sort_desc") or "", "_sort_desc" in dict(pairs))
        beside_key = _beside_key(table, [columns[name] for name in columns if name in data["columns"]], order)
        shown = Shown(
            table=table,
            heads=_heads(table, beside_key, order, address),
            rows=tuple(_rows(table, beside_key, data, words)),
            count=data["filtered_table_rows_count"],
            is_first=not request.args.get("_next"),
            address=address,
            next=address.next_page(data["next"]) if data["next"] else None,
            order=order,
            form=form(address, list(columns.values()), words),
            chips=chips(address, columns, words),
            facets=tuple(facets_shown.shown(results, dict(columns), address, words)),
            late=tuple(columns[name].title for name in late),
            columns=columns,
        )
        return {
            "page": shown,
            "choices": CHOICES,
            "strong": Markup("<strong>{}</strong>").format,
            "section": "search",
            "wide": True,
        }

    async def _counted(
        self,
        request: Any,  # noqa: ANN401
        table: Published,
        columns: Sequence[Column],
        pairs: Sequence[tuple[str, str]],
    ) -> tuple[list[dict[str, Any]], list[str]]:
        """Facets over all rows of the filter. Datasette's own count only the rows after `_next`."""
        named = [(f"{column}__{operator}", value) for column, operator, value in filters_of(pairs)]
        where, values = Filters(sorted(named)).build_where_clauses(table.name)
        names = ", ".join(escape_sqlite(column.name) for column in columns)
        sql = f"select {names} from {escape_sqlite(table.name)} {'where ' + ' and '.join(where) if where else ''}"  # noqa: S608 (translate.py refuses whatever is not of the closed set)
        asked = [value for name, value in pairs if name == "_facet"]
        ours = [column.name for column in facets_shown.facetable(columns) if column.name not in asked]
        return await facets_shown.count(self.ds, request, ours[: facets_shown.MOST - len(asked)], sql, values)


def table_of(datasette: Any, request: Any) -> Published:  # noqa: ANN401
    """The table that an address names.

    Raises:
        NotFound: there is none.
    """
    department, name = (tilde_decode(request.url_vars[part]) for part in ("database", "table"))
    found = cast("Tables", datasette.tables).find(department, name)
    if found is None or found.name not in database_of(datasette, found).counts:
        raise NotFound(f"{department}/{name}")
    return found


def database_of(datasette: Any, table: Published) -> DuckDatabase:  # noqa: ANN401
    """The Datasette database that holds a table."""
    return cast("DuckDatabase", datasette.databases[table.department])


def columns_of(datasette: Any, table: Published) -> dict[str, Column]:  # noqa: ANN401
    """The columns of a table by name: the key first, what publishing added last."""
    shape = database_of(datasette, table).shapes[table.name]
    links = online(datasette, cast("Tables", datasette.tables).outgoing(table))
    columns = {name: Column(_field(table, name), kind, _link(links, name), {}) for name, kind in shape.columns.items()}
    return {name: columns[name] for name in dict.fromkeys((*shape.key, *columns))}


def online(datasette: Any, links: Sequence[Link]) -> list[Link]:  # noqa: ANN401
    """The links whose both ends are still handed out: nothing is shown of a table that was taken down since."""
    layout = site_of(datasette).layout
    return [link for link in links if not any(is_down(layout, end.release) for end in (link.source, link.target))]


def _field(table: Published, name: str) -> Field:
    """The descriptor's field, or a bare one for a column that the descriptor does not know."""
    bare = Field(name, "any", "default", Text(), Text(), "", "", None, {}, {}, (), generated=True)
    return table.table.resource.schema.field(name) or bare


def _link(links: Sequence[Link], name: str) -> Link | None:
    """What a column alone refers to; for a key of several columns, the last of them carries the reference."""
    alone = next((link for link in links if link.fields == (name,)), None)
    return alone or next((link for link in links if link.fields[-1] == name), None)


async def labelled(
    datasette: Any,  # noqa: ANN401
    columns: Mapping[str, Column],
    values: Mapping[str, Sequence[object]],
) -> dict[str, Column]:
    """Columns with the names of the rows that their values refer to."""
    named = {}
    for name, column in columns.items():
        labels = await _labels(datasette, column, values.get(name, ()))
        named[name] = Column(column.field, column.kind, column.link, labels) if labels else column
    return named


async def _labels(datasette: Any, column: Column, values: Sequence[object]) -> dict[str, str]:  # noqa: ANN401
    link = column.link
    wanted = list(dict.fromkeys(value for value in values if value not in (None, "")))
    name = label_column(link.target) if link is not None and len(link.fields) == 1 else None
    if link is None or name is None or not wanted or link.target.table.rows > _LABELLED_ROWS:
        return {}
    key, label, table = (escape_sqlite(one) for one in (link.reference[0], name, link.target.name))
    sql = f"select {key}, {label} from {table} where {key} in ({', '.join('?' * len(wanted))})"  # noqa: S608 (as above)
    try:
        database = await asyncio.to_thread(database_of, datasette, link.target)
        found = await database.execute(sql, wanted, custom_time_limit=_LABEL_MILLISECONDS)
    except (QueryInterrupted, RefusedError):  # too slow, or a table that cannot be read
        return {}  # the codes stand for themselves
    return {str(code): str(label) for code, label in found.rows if label is not None}


def _values(
    data: Mapping[str, Any], results: Sequence[Mapping[str, Any]], pairs: Sequence[tuple[str, str]]
) -> dict[str, list[object]]:
    """Every value that the page shows, by column: of its rows, its facets and its filters."""
    values = {name: [row[place] for row in data["rows"]] for place, name in enumerate(data["columns"])}
    for result in results:
        values.setdefault(result["name"], []).extend(one["value"] for one in result["results"])
    for column, operator, value in filters_of(pairs):
        if operator == "exact":
            values.setdefault(column, []).append(value)
    return values


def _beside_key(table: Published, columns: Sequence[Column], order: Order) -> list[Column]:
    """The columns of a page in their order: the key, then what the rows are sorted by, then the others."""
    key = table.table.resource.schema.primary_key
    return sorted(columns, key=lambda column: (column.name not in key, column.name != order.column))


def _heads(table: Published, columns: Sequence[Column], order: Order, address: Address) -> tuple[Head, ...]:
    current = order.column or table.table.resource.schema.primary_key[0]
    return tuple(
        Head(
            column,
            ("descending" if order.descending else "ascending") if column.name == current else "",
            address.sorted_by(column.name, descending=column.name == current and not order.descending),
        )
        for column in columns
    )


def _rows(table: Published, columns: Sequence[Column], data: Mapping[str, Any], words: Words) -> list[Row]:
    names, key = data["columns"], table.table.resource.schema.primary_key
    rows = (dict(zip(names, row, strict=True)) for row in data["rows"])
    return [
        Row(
            _address(table, [row[name] for name in key]),
            ", ".join(cut(str(row[name]), ON_TABLE) for name in key[1:]),
            tuple(Cell(cell(row, one, words, ON_TABLE), css_class(row[one.name], one)) for one in columns),
        )
        for row in rows
    ]


def _address(table: Published, key: Sequence[object]) -> str:
    """The page of a row; blank where its key is too long for an address."""
    return row_address(table, key) if sum(len(str(value)) for value in key) <= _LONGEST_KEY else ""


def with_truths(rows: Sequence[Any], names: Sequence[str], kinds: Mapping[str, Kind]) -> Sequence[Any]:
    """Rows for JSON, with true and false as JSON writes them; everywhere else they are text."""
    truths = {place for place, name in enumerate(names) if kinds.get(name) is Kind.BOOLEAN}
    if not truths:
        return rows
    return [tuple(_truth(value) if place in truths else value for place, value in enumerate(row)) for row in rows]


def _truth(value: object) -> object:
    return value == "true" if value is not None else None


def _asking(request: Any, pairs: Sequence[tuple[str, str]]) -> Any:  # noqa: ANN401
    """The same request with these parameters."""
    return Request(dict(request.scope, query_string=urlencode(pairs).encode("ascii")), request.receive)

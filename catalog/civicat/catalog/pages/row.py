"""The page of one row: each value with what its column means, and what elsewhere in the catalogue refers to the row."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from datasette.database import QueryInterrupted
from datasette.utils import escape_sqlite, urlsafe_components
from datasette.utils.asgi import NotFound
from datasette.views.row import RowView
from markupsafe import Markup

from civicat.catalog.pages.table import columns_of, database_of, labelled, online, table_of, with_truths
from civicat.catalog.site_context import site_of, words_of
from civicat.catalog.tables.cells import ON_ROW, ON_TABLE, Column, cell, cut
from civicat.catalog.tables.duck import Published, RefusedError
from civicat.catalog.tables.kinds import UnreadableError, read
from civicat.catalog.tables.refusals import asked_of, check_row_question
from civicat.catalog.tables.tables import Link, Tables, label_column, rows_address
from civicat.catalog.tables.translate import Shape
from civicat.text import Language

_COUNT_MILLISECONDS = 500


@dataclass(frozen=True, slots=True)
class Referring:
    """Rows of another table that refer to this one: how many (None where counting took too long), and their page."""

    link: Link
    count: int | None
    address: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """Everything that a row's page shows. `name` is what the row is called; blank where it has only its key."""

    table: Published
    name: str
    key: tuple[tuple[Column, str], ...]
    is_cut: bool
    entries: tuple[tuple[Column, Markup], ...]
    referring: tuple[Referring, ...]

    def written_key(self, language: Language) -> str:
        """The key as a reader sees it: what each column is called, and its value."""
        return ", ".join(f"{column.title.within(language)} {value}" for column, value in self.key)


class RowPage(RowView):  # type: ignore[misc] # Datasette ships no types
    """A row as a page and as JSON."""

    async def data(self, request: Any, default_labels: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 (Datasette's signature)
        """Datasette's answer; for a page, with what our template shows.

        Raises:
            RefusalError: the address asks for more than the row.
            NotFound: there is no such row.
        """
        del default_labels
        table = table_of(self.ds, request)
        shape = database_of(self.ds, table).shapes[table.name]
        extension = request.url_vars["format"] or ""
        check_row_question(asked_of(request, ()), shape, extension)
        _check_key(request.url_vars["pks"], shape)
        data, _, templates = await super().data(request)
        data.pop("query_ms", None)  # the same rows are the same answer
        data["release"] = {"dataset": table.release.dataset.id, "version": str(table.release.version)}
        if request.url_vars["format"] is None:
            return data, partial(self._shown, request, table, data), templates
        data["rows"] = with_truths(data["rows"], data["columns"], shape.columns)
        return data, {}, templates

    async def _shown(self, request: Any, table: Published, data: Mapping[str, Any]) -> dict[str, object]:  # noqa: ANN401
        words = words_of(site_of(self.ds), request.scope)
        row = dict(zip(data["columns"], data["rows"][0], strict=True))
        columns = await labelled(self.ds, columns_of(self.ds, table), {name: [value] for name, value in row.items()})
        key = tuple((columns[name], cut(str(row[name]), ON_TABLE)) for name in data["primary_keys"])
        name = label_column(table)
        shown = ShownRow(
            table=table,
            name=cut(str((row[name] if name else None) or ""), ON_TABLE),
            key=key,
            is_cut=any(isinstance(value, str) and len(value) > ON_ROW for value in row.values()),
            entries=tuple((column, cell(row, column, words)) for column in columns.values()),
            referring=tuple([await self._count(link, row) for link in _incoming(self.ds, table, row)]),
        )
        return {"page": shown, "section": "search"}

    async def _count(self, link: Link, row: Mapping[str, object]) -> Referring:
        values = [row[name] for name in link.reference]
        where = " and ".join(f"{escape_sqlite(name)} = :p{place}" for place, name in enumerate(link.fields))
        sql = f"select count(*) from {escape_sqlite(link.source.name)} where {where}"  # noqa: S608 (translate.py refuses whatever is not of the closed set)
        address = rows_address(link.source, dict(zip(link.fields, values, strict=True)))
        asked = {f"p{place}": value for place, value in enumerate(values)}
        try:
            database = await asyncio.to_thread(database_of, self.ds, link.source)
            found = await database.execute(sql, asked, custom_time_limit=_COUNT_MILLISECONDS)
        except (QueryInterrupted, RefusedError):  # too slow, or a table that cannot be read
            return Referring(link, None, address)
        return Referring(link, int(found.single_value()), address)


def _check_key(written: str, shape: Shape) -> None:
    """Whether an address can name a row: as many values as the key has columns, each as its column holds them."""
    values = urlsafe_components(written)
    if len(values) != len(shape.key):
        raise NotFound(written)
    try:
        for name, value in zip(shape.key, values, strict=True):
            read(value, shape.columns[name])
    except UnreadableError as error:
        raise NotFound(written) from error


def _incoming(datasette: Any, table: Published, row: Mapping[str, object]) -> list[Link]:  # noqa: ANN401
    """The references to a row, as far as it has values for them."""
    links = online(datasette, cast("Tables", datasette.tables).incoming(table))
    return [link for link in links if all(row.get(name) is not None for name in link.reference)]

"""Why a search finds nothing: each word by itself, the text with one word less, each filter left out; all counted.

The search reads what is said about data. What was typed may still stand in the rows of a table: `inside` looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import urlencode

from datasette.database import QueryInterrupted
from datasette.utils import escape_sqlite, tilde_encode

from civicat.catalog.model import Results
from civicat.catalog.pages.asked import LONGEST, Asked
from civicat.catalog.pages.narrowing import label
from civicat.catalog.search.query import asked as pieces_of
from civicat.catalog.search.searching import Search
from civicat.catalog.search.synonyms import other_words
from civicat.catalog.tables.duck import Published, RefusedError
from civicat.catalog.tables.tables import Tables
from civicat.dataset import Field
from civicat.text import Text

_MOST_VALUES = 3  # that are looked for in rows
_LEAST_INSIDE = {True: 4, False: 2}  # signs of a value, by whether it is ASCII: less is in any table
_MOST_LOOKED = 6  # tables that are looked into
_MOST_TABLES = 3  # of them that are named
_MILLISECONDS = 300  # for one look
_NAMED = (  # what columns of names and places are called, those that say most first
    *("name", "名称", "city", "城市", "county", "县", "state", "州", "region", "地区", "place", "地名"),
    *("country", "国家", "airport", "机场", "municipality"),
)
_MOST_WORDS = 6  # that are counted one by one

Count = Callable[[Asked], int]
Unknown = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Tried:
    """Another search: what differs, how many datasets it finds, and its address."""

    label: Text
    count: int
    address: str


@dataclass(frozen=True, slots=True)
class Inside:
    """A table whose column has a value in some row, and the address of those rows; `is_there` where that was seen."""

    value: str
    table: Text
    column: Text
    address: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class Nothing:
    """What was tried: every word alone and texts with one word `fewer`, no filter; `without` each filter; `bare`.

    `cause` is `filters` where they hide what the words find, `word` where no dataset has the `missing` words, and
    `together` where each word is found but never all; blank where nothing was typed.
    """

    cause: str
    missing: tuple[str, ...]
    words: tuple[Tried, ...]
    fewer: tuple[Tried, ...]
    without: tuple[Tried, ...]
    bare: Tried | None

    @property
    def is_the_filters(self) -> bool:
        """Whether the words find something as soon as no filter stands in the way."""
        return self.bare is not None and self.bare.count > 0


def nothing(asked: Asked, results: Results, count: Count, unknown: Unknown) -> Nothing:
    """Tries what differs least. `count` says how many datasets a search finds, `unknown` what of a text none has."""
    names = tuple(dict.fromkeys("since" if name == "until" else name for name, _ in asked.filters))
    bare = _tried(asked.bare(), Text(), count) if names else None
    alone = words_in(asked.q) if bare is None or not bare.count else ()
    free = Asked()
    tried = tuple(_tried(free.saying(word), Text(word, word), count) for word in alone)
    missing = unknown(asked.q) if alone else ()
    return Nothing(
        cause=_cause(bare, alone, missing),
        missing=missing,
        words=tried if len(alone) > 1 else (),
        fewer=tuple(_found(_fewer(free, alone), count)),
        without=tuple(_tried(asked.without(name), label(asked, results, name), count) for name in names)
        if len(names) > 1
        else (),
        bare=bare,
    )


def _cause(bare: Tried | None, words: tuple[str, ...], missing: tuple[str, ...]) -> str:
    if bare is not None and bare.count:
        return "filters"
    if missing:
        return "word"
    return "together" if words else ""


def words_in(q: str) -> tuple[str, ...]:
    """The words of a text that are looked for, as they are written."""
    text = q[:LONGEST]
    return tuple(dict.fromkeys(text[piece.start : piece.end] for piece in pieces_of(text)))[:_MOST_WORDS]


async def inside(datasette: Any, search: Search, q: str) -> tuple[Inside, ...]:  # noqa: ANN401 (Datasette's)
    """Tables whose rows have what no dataset is said to have, or, where there was no time to see, may have it."""
    unknown = await asyncio.to_thread(search.unknown, q[:LONGEST])
    both = dict.fromkeys(one for value in unknown[:_MOST_VALUES] for one in (value, *other_words(value)))
    values = [value for value in both if len(value) >= _LEAST_INSIDE[value.isascii()]][:_MOST_VALUES]
    if not values:
        return ()
    tables = await asyncio.to_thread(_named_tables, datasette, search)
    looks = [_look(datasette, table, column, value) for value in values for table, column in tables]
    found = [one for one in await asyncio.gather(*looks) if one is not None]
    return tuple(sorted(found, key=lambda one: not one.is_there)[:_MOST_TABLES])


def _named_tables(datasette: Any, search: Search) -> list[tuple[Published, Field]]:  # noqa: ANN401
    """The first tables that have a column of names or places."""
    tables = cast("Tables", datasette.tables)
    ids = search.with_columns(_NAMED, _MOST_LOOKED)
    of = {one.partition("/")[0]: tables.of(one.partition("/")[0]) for one in ids}
    every = [table for one in ids for table in of[one.partition("/")[0]] if table.release.dataset.id == one]
    named = ((table, field) for table in every if (field := _name_column(table)) is not None)
    return list(named)[:_MOST_LOOKED]


def _name_column(table: Published) -> Field | None:
    """The text column of a table that names what its rows are, or where."""
    texts = (one for one in table.table.resource.schema.fields if one.type == "string" and not one.categories)
    ranked = [(rank, one) for one in texts if (rank := _rank(one)) < len(_NAMED)]
    return min(ranked, key=lambda one: one[0], default=(0, None))[1]


def _rank(field: Field) -> int:
    """The place of the first of the names that a column is called by; past the last where it has none."""
    called = (*field.name.lower().split("_"), field.title.zh)
    return next((at for at, name in enumerate(_NAMED) if name in called), len(_NAMED))


async def _look(datasette: Any, table: Published, column: Field, value: str) -> Inside | None:  # noqa: ANN401
    """One look into a table: None where no row has the value, or where the table cannot be read."""
    sql = f"select 1 from {escape_sqlite(table.name)} where {escape_sqlite(column.name)} like :p0 limit 1"  # noqa: S608 (names of the descriptor, quoted; the value is bound)
    found = Inside(value, table.table.resource.title, column.title, rows_with(table, column, value), is_there=True)
    try:
        database = await asyncio.to_thread(lambda: datasette.databases[table.department])
        rows = await database.execute(sql, {"p0": f"%{value}%"}, custom_time_limit=_MILLISECONDS)
    except QueryInterrupted:
        return replace(found, is_there=False)
    except (KeyError, RefusedError):
        return None
    return found if rows.rows else None


def rows_with(table: Published, column: Field, value: str) -> str:
    """The address of a table's rows that contain a value."""
    path = f"/{tilde_encode(table.department)}/{tilde_encode(table.name)}"
    return f"{path}?{urlencode({f'{column.name}__contains': value})}"


def _fewer(free: Asked, words: tuple[str, ...]) -> list[Asked]:
    """The text with one word less, where two at least are left."""
    if len(words) <= 2:  # noqa: PLR2004 (one is left: it is tried by itself)
        return []
    return [free.saying(" ".join(words[:at] + words[at + 1 :])) for at in range(len(words))]


def _found(others: list[Asked], count: Count) -> list[Tried]:
    tried = (_tried(one, Text(one.q, one.q), count) for one in others)
    return [one for one in tried if one.count]


def _tried(other: Asked, said: Text, count: Count) -> Tried:
    return Tried(said, count(other), other.address())

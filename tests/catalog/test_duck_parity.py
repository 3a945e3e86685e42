"""What Datasette answers over our files is what it answers over SQLite with the same rows."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from datasette.app import Datasette

from civicat.catalog.tables.duck import DuckDatabase, Engine, published
from civicat.release import Release

SETTINGS = {"suggest_facets": False, "num_sql_threads": 1, "max_returned_rows": 500, "sql_time_limit_ms": 20_000}
WORDS = ("Alpha", "beta", "alphabet", "", "公园", "公園北", "été", "a_b", "50%", "back\\slash", "[x]", None)


def rows() -> pa.Table:
    """300 rows with ties, nulls, empty texts, awkward names; the key is the first column and sorts the file."""
    many = range(300)
    return pa.table(
        {
            "id": pa.array(many, pa.int64()),
            "group": pa.array([number % 7 if number % 11 else None for number in many], pa.int64()),
            "word": pa.array([WORDS[number % len(WORDS)] for number in many], pa.string()),
            "value": pa.array([number % 3 for number in many], pa.int64()),
            "count": pa.array([f"c{number % 4}" for number in many], pa.string()),
            "中文列": pa.array([f"值{number % 5}" for number in many], pa.string()),
            'a "quoted" name': pa.array([number % 2 for number in many], pa.int64()),
            "bracket]ed [name]": pa.array([number % 4 for number in many], pa.int64()),
            "it's": pa.array([number % 6 for number in many], pa.int64()),
            "qualify": pa.array([number % 9 for number in many], pa.int64()),
            "any": pa.array([number % 8 for number in many], pa.int64()),
            "pragma_x": pa.array([number % 8 for number in many], pa.int64()),
            "amount": pa.array(
                [Decimal(number % 50) / 4 if number % 13 else None for number in many], pa.decimal128(9, 2)
            ),
            "size": pa.array([number / 8 if number % 5 else None for number in many], pa.float64()),
            "day": pa.array(
                [date(2026, 1, 1) + timedelta(number % 40) if number % 17 else None for number in many], pa.date32()
            ),
        }
    )


def compound() -> pa.Table:
    """120 rows with a key of two columns, in its order, and a column with three values."""
    many = range(120)
    return pa.table(
        {
            "place": pa.array([f"p{number // 10:02}" for number in many], pa.string()),
            "year": pa.array([2010 + number % 10 for number in many], pa.int64()),
            "level": pa.array([number % 3 or None for number in many], pa.int64()),
        }
    )


Ask = Callable[[str], Coroutine[Any, Any, tuple[Any, Any]]]


@pytest.fixture
def ask(tmp_path: Path, make_release: Callable[..., Release]) -> Iterator[Ask]:
    """Asks both sites for one address, and answers (status, body) of SQLite's and of ours."""
    tables = {"rows": rows(), "compound": compound()}
    release = make_release("demo/x", tables=tables, keys={"compound": ["place", "year"]}, row_group_size=64)
    ours, plain = Datasette(settings=SETTINGS), Datasette([str(_sqlite(tmp_path, tables))], settings=SETTINGS)
    engine = Engine(published([release]))
    ours.add_database(DuckDatabase(ours, engine, "demo", published([release])), name="demo")

    async def both(address: str) -> tuple[Any, Any]:
        answers = [await one.client.get(f"/demo/{address}") for one in (plain, ours)]
        return tuple((one.status_code, _plain(one.json())) for one in answers)  # type: ignore[return-value]

    yield both
    engine.close()
    for one in (ours, plain):
        for database in one.databases.values():
            database.close()
        one.executor.shutdown()


def _sqlite(folder: Path, tables: Mapping[str, pa.Table]) -> Path:
    path = folder / "demo.db"
    connection = sqlite3.connect(path)
    for name, table in tables.items():
        key = ["place", "year"] if name == "compound" else ["id"]
        columns = ", ".join(f"{_name(one.name)} {_affinity(one.type)}" for one in table.schema)
        connection.execute(f"create table [x_{name}] ({columns}, primary key ({', '.join(key)}))")
        marks = ", ".join("?" * table.num_columns)
        values = zip(*(map(_cell, column.to_pylist()) for column in table.columns), strict=True)
        connection.executemany(f"insert into [x_{name}] values ({marks})", values)  # noqa: S608 (names of this test)
    connection.commit()
    connection.close()
    return path


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _affinity(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind):
        return "INTEGER"
    return "REAL" if pa.types.is_floating(kind) or pa.types.is_decimal(kind) else "TEXT"


def _cell(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def _plain(body: Any) -> Any:  # noqa: ANN401 (JSON)
    """A JSON answer without times, and with exact decimals ("1.50") as SQLite holds them (1.5)."""
    if isinstance(body, dict):
        return {key: _plain(value) for key, value in body.items() if key not in {"query_ms", "query"}}
    if isinstance(body, list):
        return [_plain(one) for one in body]
    return float(body) if isinstance(body, str) and body.replace(".", "", 1).isdigit() and "." in body else body


FILTERS = [
    *("id=5", "id__not=5", "id__gt=290", "id__gte=290", "id__lt=9", "id__lte=9", "id__in=1,2,999", "id__notin=1,2"),
    *("id=2.5", "id__gt=2.5", "id__lt=298.999", "id=5.0", "id__contains=9", "id__startswith=29", "id__endswith=7"),
    *("group__isnull=1", "group__notnull=1", "group__isblank=1", "group__notblank=1", "group__not=3"),
    *("word=Alpha", "word=alpha", "word=", "word__not=", "word__contains=alpha", "word__contains=ALPHA"),
    *("word__startswith=a", "word__endswith=T", "word__like=_lpha", "word__notlike=a%25", "word__contains=公"),
    *("word__contains=%5C", "word__contains=_", "word__glob=a*", "word__glob=A*", "word__glob=%5B%5Ea%5D*"),
    *("word__glob=?eta", "word__gt=b", "word__lte=a", "word__isblank=1", "word__notblank=1", "word__isnull=1"),
    *("word__in=Alpha,beta", 'word__in=["50%25"]', "word__notin=Alpha", "word=%5Bx%5D", "word__gt=5"),
    *("value=2", "value__in=1,2", "count=c3", "中文列=值3", "中文列__contains=值", "qualify=4", "any=4", "pragma_x=3"),
    *("a+%22quoted%22+name=1", "bracket%5Ded+%5Bname%5D=2", "it%27s=3", "it%27s__gt=3"),
    *("amount=1.5", "amount=1.50", "amount__gt=1.005", "amount__gte=12", "amount__lt=0.25", "amount__isblank=1"),
    *("amount=1.505", "size=0.125", "size__gt=36.5", "size__isnull=1", "size__notblank=1"),
    *("day=2026-01-05", "day__gte=2026-02-05", "day__lt=2026-01-02", "day__date=2026-01-05", "day__contains=-02-"),
    *("day__isnull=1", "day__in=2026-01-05,2026-01-06", "day__startswith=2026-02", "id__date=2026-01-01"),
]


@pytest.mark.parametrize("question", FILTERS)
def test_filters_find_what_sqlite_finds(ask: Ask, question: str) -> None:
    plain, ours = asyncio.run(ask(f"x_rows.json?_size=500&{question}"))
    assert ours == plain
    assert plain[0] == 200


@pytest.mark.parametrize(
    "question",
    [
        *(
            "_facet=word",
            "_facet=value",
            "_facet=count",
            "_facet=group",
            "_facet=any",
            "_facet_date=day",
            "_facet=中文列",
        ),
        *("_facet=value&word__contains=a", "_facet=bracket%5Ded+%5Bname%5D", "_facet=count&_facet=value&_facet_size=2"),
        *(
            "_shape=array",
            "_shape=objects",
            "_shape=arrays",
            "_shape=arrayfirst",
            "_shape=object",
        ),
        *("_col=word&_col=value", "_nocol=word", "_size=0", "_size=3", "_nocount=1", "_labels=on"),
        *("_sort=word", "_sort_desc=word", "_sort=value&_col=word", "_sort=group", "_sort_desc=group&_size=7"),
        *("_sort=any", "_sort_desc=day&_size=5", "_sort=amount&amount__gt=3"),
    ],
)
def test_pages_facets_and_shapes_are_what_sqlite_gives(ask: Ask, question: str) -> None:
    plain, ours = asyncio.run(ask(f"x_rows.json?{question}"))
    assert ours == plain
    assert plain[0] == 200


@pytest.mark.parametrize(
    "address", ["x_rows/7.json", "x_compound/p03,2014.json", "x_rows/100000.json", "x_compound/p99,1.json"]
)
def test_single_rows_are_what_sqlite_gives(ask: Ask, address: str) -> None:
    plain, ours = asyncio.run(ask(address))
    assert ours == plain


@pytest.mark.parametrize(
    ("table", "question"),
    [
        ("x_rows", ""),
        ("x_rows", "_sort=value"),
        ("x_rows", "_sort_desc=value"),
        ("x_rows", "_sort=group"),
        ("x_rows", "_sort_desc=group"),
        ("x_rows", "_sort=word"),
        ("x_rows", "_sort_desc=amount"),
        ("x_rows", "_sort=size"),
        ("x_rows", "_sort=day"),
        ("x_rows", "_sort_desc=id"),
        ("x_rows", "value=1&_sort=it%27s"),
        ("x_compound", ""),
        ("x_compound", "_sort=level"),
        ("x_compound", "_sort_desc=level"),
        ("x_compound", "_sort=place"),
        ("x_compound", "_sort_desc=year"),
    ],
)
def test_paging_visits_each_row_once_in_sqlites_order(ask: Ask, table: str, question: str) -> None:
    async def walk() -> tuple[list[Any], list[Any], int]:
        following = ""
        seen: tuple[list[Any], list[Any]] = ([], [])
        while True:
            (_, plain), (_, ours) = await ask(f"{table}.json?_size=17&{question}{following}")
            for rows_seen, page in zip(seen, (plain, ours), strict=True):
                rows_seen.extend(map(tuple, page["rows"]))
            assert (ours["next"] is None) == (plain["next"] is None)
            if ours["next"] is None:
                return *seen, plain["filtered_table_rows_count"]
            following = f"&_next={ours['next']}"

    plain, ours, total = asyncio.run(walk())
    assert ours == plain
    assert len(set(ours)) == len(ours) == total

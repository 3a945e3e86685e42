"""DuckDB behind Datasette: locked, bounded in time, exact in its values, and closed to any SQL but Datasette's own."""

from __future__ import annotations

import asyncio
import json
import shutil
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from datasette.app import Datasette
from datasette.database import QueryInterrupted, Results

from civicat.catalog.tables.duck import DuckDatabase, Engine, RefusedError, is_ordered, published
from civicat.catalog.tables.translate import UntranslatableError
from civicat.layout import Layout
from civicat.release import Release
from civicat.shapes import GEOMETRY, MADE


@pytest.fixture
def release(make_release: Callable[..., Release]) -> Release:
    """One table with a column of each kind."""
    many = range(100)
    moments = [datetime(2026, 1, 1, 8, tzinfo=UTC) if number else None for number in many]
    table = pa.table(
        {
            "id": pa.array(many, pa.int64()),
            "price": pa.array([Decimal(number) / 10 for number in many], pa.decimal128(9, 2)),
            "open": pa.array([number % 2 == 0 for number in many], pa.bool_()),
            "seen": pa.array(moments, pa.timestamp("us", "UTC")),
            "name": pa.array([f"name {number}" for number in many], pa.string()),
        }
    )
    return make_release("demo/kinds", tables={"kinds": table}, row_group_size=32)


@pytest.fixture
def engine(release: Release) -> Iterator[Engine]:
    """A locked DuckDB over that table."""
    made = Engine(published([release]))
    yield made
    made.close()


@pytest.fixture
def database(engine: Engine, release: Release) -> Iterator[DuckDatabase]:
    """The department's database in a Datasette of its own."""
    datasette = Datasette(settings={"num_sql_threads": 2, "sql_time_limit_ms": 300})
    made = datasette.add_database(DuckDatabase(datasette, engine, "demo", published([release])), name="demo")
    yield made
    datasette.executor.shutdown()
    made.close()


def rows(database: DuckDatabase, sql: str, values: dict[str, object] | None = None) -> list[tuple[object, ...]]:
    return [tuple(row) for row in asyncio.run(database.execute(sql, values))]


def test_values_come_exact_and_as_rows_of_sqlite(database: DuckDatabase) -> None:
    answer: Results = asyncio.run(
        database.execute("select id, price, open, seen, name from kinds where id = :p0", {"p0": "13"})
    )
    row = answer.rows[0]
    assert tuple(row) == (13, "1.30", "false", "2026-01-01T08:00:00Z", "name 13")
    assert (row["price"], row.keys()) == ("1.30", ["id", "price", "open", "seen", "name"])


@pytest.mark.parametrize(
    ("where", "value", "found"),
    [
        *(("price = :p", "1.3", 1), ("price = :p", "1.305", 0), ("price > :p", "9.801", 1)),
        *(("open = :p", "true", 50), ("open = :p", "0", 50), ("open like :p", "%ru%", 50)),
        *(("seen = :p", "2026-01-01T08:00:00Z", 99), ("seen = :p", "2026-01-01T16:00:00+08:00", 99)),
        *(("seen > :p", "2026-01-01", 99), ("seen like :p", "%T08:%Z", 99), ("date(seen) = :p", "2026-01-01", 99)),
    ],
)
def test_filters_read_values_as_their_columns_hold_them(
    database: DuckDatabase, where: str, value: str, found: int
) -> None:
    assert rows(database, f"select count(*) from kinds where {where}", {"p": value}) == [(found,)]  # noqa: S608


def test_a_value_that_a_column_cannot_hold_is_refused(database: DuckDatabase) -> None:
    with pytest.raises(RefusedError, match="“bad” is not a date and time"):
        rows(database, "select id from kinds where seen > :p0", {"p0": "bad"})


@pytest.mark.parametrize(
    "sql", ["select rowid, id from kinds", "select * from read_text('/etc/passwd')", "select 1; select 2"]
)
def test_no_sql_passes_unread(database: DuckDatabase, sql: str) -> None:
    with pytest.raises(RefusedError):
        rows(database, sql)


def test_the_schema_is_answered_by_the_twin_and_rows_by_duckdb(database: DuckDatabase) -> None:
    assert asyncio.run(database.primary_keys("kinds")) == ["id"]
    assert asyncio.run(database.table_columns("kinds")) == ["id", "price", "open", "seen", "name"]
    assert asyncio.run(database.table_names()) == ["kinds"]
    assert asyncio.run(database.table_counts()) == {"kinds": 100}
    assert rows(database, "select count(*) from kinds") == [(100,)]


def test_nothing_can_be_written(database: DuckDatabase) -> None:
    with pytest.raises(RefusedError, match="read-only"):
        asyncio.run(database.execute_write("insert into kinds (id) values (1000)"))


@pytest.mark.parametrize(
    "sql", ["drop view demo.kinds", "create table x (a int)", "select 1; select 2", "copy (select 1) to 'x.csv'"]
)
def test_the_last_gate_lets_one_select_through(engine: Engine, sql: str) -> None:
    with pytest.raises(UntranslatableError):
        engine.run(engine.cursor(), sql, {})


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_text('/etc/hostname')",
        "select * from read_csv('/etc/passwd')",
        "select * from glob('/etc/*')",
        "select * from 'https://example.org/x.parquet'",
        "copy (select 1) to '/tmp/civicat-escaped.csv'",
        "attach '/tmp/civicat-escaped.db'",
        "install httpfs",
        "load httpfs",
        "set memory_limit='99GB'",
        "reset enable_external_access",
        "create view demo.mine as select 1",
        "drop view demo.kinds",
        "create or replace view demo.kinds as select 1 as id",
        "select * from rows_of_this_test",
    ],
)
def test_even_past_the_gate_duckdb_reaches_nothing_else(engine: Engine, sql: str) -> None:
    rows_of_this_test = pa.table({"a": [1]})  # a Python variable that DuckDB must not see
    assert rows_of_this_test.num_rows == 1
    with pytest.raises(duckdb.Error):
        engine.cursor().execute(sql).fetchall()


def test_the_footer_of_a_file_is_kept_for_every_cursor(engine: Engine) -> None:
    asked = (
        "select current_setting('parquet_metadata_cache'), current_setting('memory_limit'), current_setting('threads')"
    )
    assert engine.cursor().execute(asked).fetchall() == [(True, "953.6 MiB", 2)]


def test_a_query_that_takes_too_long_is_stopped(make_release: Callable[..., Release]) -> None:
    words = pa.array([f"{number % 997}" * 12 for number in range(2_000_000)])
    tables = published([make_release("demo/long", tables={"long": pa.table({"id": range(2_000_000), "word": words})})])
    engine, datasette = Engine(tables), Datasette(settings={"num_sql_threads": 1})
    database = datasette.add_database(DuckDatabase(datasette, engine, "demo", tables), name="demo")

    async def stopped() -> float:
        for _ in range(50):  # on a busy machine the one that watches may come late, and the query be done
            begun = time.perf_counter()
            with suppress(QueryInterrupted):
                await database.execute("select id, word from long order by word limit 101", custom_time_limit=1)
                continue
            return time.perf_counter() - begun
        return pytest.fail("no query was stopped")

    assert asyncio.run(stopped()) < 1
    assert [tuple(row) for row in asyncio.run(database.execute("select count(*) from long"))] == [(2_000_000,)]
    datasette.executor.shutdown()
    database.close()
    engine.close()


def test_a_file_is_in_order_only_where_it_says_so_and_its_groups_follow_each_other(
    make_release: Callable[..., Release],
) -> None:
    def ordered(name: str, key: list[str], **said: object) -> bool:
        return is_ordered(make_release(f"demo/{name}", keys={name: key}, **said).tables[0].paths, key)

    def pairs(*seconds: int) -> pa.Table:
        return pa.table({"a": [1, 1, 1, 2], "b": seconds})

    numbers, turned = pa.table({"id": range(100)}), pa.table({"id": [*range(50, 100), *range(50)]})
    assert ordered("declared", ["id"], tables={"declared": numbers}, row_group_size=50)
    assert not ordered("undeclared", ["id"], tables={"undeclared": numbers}, declare_order=False)
    assert not ordered("overlapping", ["id"], tables={"overlapping": turned}, row_group_size=50)
    assert ordered("touching", ["a", "b"], tables={"touching": pairs(1, 2, 3, 1)}, row_group_size=2)
    assert not ordered("crossing", ["a", "b"], tables={"crossing": pairs(1, 3, 2, 1)}, row_group_size=2)


@pytest.mark.parametrize(("second", "is_in_order"), [([3, 4], True), ([2, 5], False), ([0, 1], False)])
def test_the_parts_of_a_table_are_in_order_only_where_each_follows_the_last(
    make_release: Callable[..., Release],
    second: list[int],
    is_in_order: bool,  # noqa: FBT001 (a parameter of the test)
) -> None:
    first, other = (
        make_release(f"demo/{name}", tables={name: pa.table({"n": n})}).tables[0].path
        for name, n in {"first": [1, 2], "other": second}.items()
    )
    assert is_ordered((first, other), ["n"]) is is_in_order


def places(numbers: Sequence[int]) -> pa.Table:
    """Rows with a point each (none for the second), as publishing stores them: WKB, and a bounding box beside it."""
    points = [None if number == 2 else struct.pack("<BIdd", 1, 1, 121.5, number) for number in numbers]
    boxes = [{"xmin": 121.5, "ymin": float(number)} for number in numbers]
    fields = [
        pa.field("id", pa.int64()),
        pa.field("place", pa.binary(), metadata={GEOMETRY: b"WKB"}),
        pa.field("place_bbox", pa.struct([("xmin", pa.float64()), ("ymin", pa.float64())]), metadata={MADE: b"1"}),
    ]
    column = {"encoding": "WKB", "geometry_types": ["Point"]}
    geo = {"version": "1.1.0", "primary_column": "place", "columns": {"place": column}}
    return pa.table([list(numbers), points, boxes], pa.schema(fields, {"geo": json.dumps(geo)}))


def in_parts(make_release: Callable[..., Release], *tables: pa.Table) -> Release:
    """A release of one table that stands in several files; the first is the release's own."""
    releases = [
        make_release(f"demo/trips-{number}", tables={f"trips-{number}": table}) for number, table in enumerate(tables)
    ]
    whole = replace(releases[0].tables[0], parts=tuple(one.tables[0].parts[0] for one in releases))
    return replace(releases[0], tables=(whole,))


@pytest.fixture
def trips(make_release: Callable[..., Release]) -> Iterator[DuckDatabase]:
    """A table in two parts whose column `place` is geometry, with what publishing added for maps."""
    release = in_parts(make_release, *(places(numbers) for numbers in ((1, 2), (3, 4))))
    engine = Engine(published([release]))
    datasette = Datasette(settings={"num_sql_threads": 2, "sql_time_limit_ms": 3000})
    made = datasette.add_database(DuckDatabase(datasette, engine, "demo", engine.tables), name="demo")
    yield made
    datasette.executor.shutdown()
    made.close()
    engine.close()


def test_every_part_of_a_table_is_read(trips: DuckDatabase) -> None:
    assert rows(trips, "select id from [trips-0] order by id") == [(1,), (2,), (3,), (4,)]
    assert rows(trips, "select count(*) from [trips-0]") == [(4,)]
    assert trips.shapes["trips-0"].ordered
    assert trips.counts == {"trips-0": 4}


def test_geometry_is_shown_and_asked_for_as_geojson(trips: DuckDatabase) -> None:
    point = '{"type":"Point","coordinates":[121.5,3]}'
    assert rows(trips, "select place from [trips-0] where id = :p0", {"p0": "3"}) == [(point,)]
    assert rows(trips, "select id from [trips-0] where place = :p0", {"p0": point}) == [(3,)]
    assert rows(trips, "select id from [trips-0] where place like :p0", {"p0": "%121.5,1]%"}) == [(1,)]
    assert rows(trips, "select id from [trips-0] where place is null") == [(2,)]


def test_what_was_added_for_maps_is_no_column(trips: DuckDatabase) -> None:
    assert list(trips.shapes["trips-0"].columns) == ["id", "place"]
    with pytest.raises(RefusedError, match="no such column: place_bbox"):
        rows(trips, "select place_bbox from [trips-0]")


def test_all_rows_of_geometry_stream_as_geojson(trips: DuckDatabase) -> None:
    reader = trips.reader("select id, place from [trips-0] order by id limit 101", {})
    assert reader.read_all()["place"].to_pylist()[1:3] == [None, '{"type":"Point","coordinates":[121.5,3]}']


def test_a_file_that_is_no_parquet_is_told_by_name_and_left_out(
    release: Release, caplog: pytest.LogCaptureFixture
) -> None:
    release.tables[0].path.write_bytes(b"not Parquet")
    engine = Engine(published([release]))
    assert engine.tables == ()
    assert "kinds.parquet cannot be read" in caplog.text
    engine.close()


def test_foreign_keys_inside_the_department_are_declared(make_release: Callable[..., Release]) -> None:
    reference = {"fields": ["town"], "reference": {"resource": "towns", "fields": ["code"]}}
    release = make_release(
        "demo/places",
        tables={"towns": pa.table({"code": ["a"], "name": ["Aton"]}), "streets": pa.table({"id": [1], "town": ["a"]})},
        foreign_keys={"streets": [reference]},
    )
    engine, datasette = Engine(published([release])), Datasette()
    database = datasette.add_database(DuckDatabase(datasette, engine, "demo", published([release])), name="demo")
    found = asyncio.run(database.foreign_keys_for_table("places_streets"))
    assert found == [{"column": "town", "other_table": "places_towns", "other_column": "code"}]
    assert asyncio.run(datasette.expand_foreign_keys("demo", "places_streets", "town", ["a"])) == {
        ("town", "a"): "Aton"
    }
    datasette.executor.shutdown()
    database.close()
    engine.close()


@pytest.mark.parametrize("folder", ["count=7", "a[1]", "it's a?", "a*"])
def test_a_store_may_lie_in_a_folder_of_any_name(
    make_release: Callable[..., Release], layout: Layout, tmp_path: Path, folder: str
) -> None:
    table = pa.table({"id": [1, 2], "count": [10, 20]})
    made = make_release("demo/counts", tables={"counts": table})
    for other in ("a1", "it's a1"):  # folders that the names would match, were they patterns
        shutil.copytree(layout.store, tmp_path / other / "store")
    (tmp_path / folder).mkdir()
    moved = Layout(layout.store.rename(tmp_path / folder / "store"))
    release = moved.release("demo/counts", made.version)
    assert release is not None
    datasette = Datasette()
    engine = Engine(published([release]))
    database = datasette.add_database(DuckDatabase(datasette, engine, "demo", published([release])), name="demo")
    assert rows(database, "select id, count from counts") == [(1, 10), (2, 20)]
    datasette.executor.shutdown()
    engine.close()

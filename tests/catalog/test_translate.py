"""The closed set of SQL: what gets through, as what, and that nothing else does."""

from __future__ import annotations

import pytest

from civicat.catalog.tables.kinds import Kind
from civicat.catalog.tables.translate import Shape, UntranslatableError, translate, unlimited

TABLES = {
    "t": Shape({"id": Kind.INTEGER, "word": Kind.TEXT, "day": Kind.DATE, "中文列": Kind.TEXT}, ("id",), ordered=True),
    "pair": Shape({"a": Kind.TEXT, "b": Kind.INTEGER, "at": Kind.INSTANT}, ("a", "b"), ordered=False),
}

HOSTILE = [
    "",
    ";",
    "select 1; select 2",
    "select id from t; drop view t",
    "insert into t values (1)",
    "update t set id = 1",
    "delete from t",
    "create table x (a)",
    "attach 'x.db' as x",
    "copy t to 'x.csv'",
    "copy (select id from t) to 'x.csv'",
    "export database 'x'",
    "install httpfs",
    "load httpfs",
    "set memory_limit='99GB'",
    "pragma database_list",
    "call pragma_version()",
    "explain select id from t",
    "prepare x as select 1",
    "vacuum",
    "describe t",
    "show tables",
    "summarize t",
    "values (1)",
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from '/etc/passwd'",
    "select * from glob('/*')",
    "select * from duckdb_settings()",
    "select * from duckdb_views",
    "select * from information_schema.tables",
    "select * from main.t",
    "select * from other.t",
    "select * from t as x",
    "select id from t, t",
    "select id from t join pair on true",
    "select id from t union select 1",
    "select id from t union all select id from t",
    "with x as (select id from t) select * from x",
    "with recursive x as (select 1) select * from x",
    "select current_setting('memory_limit') from t",
    "select getenv('HOME') from t",
    "select version() from t",
    "select repeat('x', 2000000000) from t",
    "select range(1000000000) from t",
    "select count(id) from t",
    "select sum(id) from t",
    "select upper(word) from t",
    "select id + 1 from t",
    "select id from t where word = word || 'x'",
    "select id from t where id = case when 1 then 2 end",
    "select id from t where exists (select 1 from pair)",
    "select id from t where word regexp 'x'",
    "select id from t where id between 1 and 2",
    "select id from t where cast(id as text) = '1'",
    "select id::text from t",
    "select [x for x in range(3)]",
    "select {'a': 1} from t",
    "select distinct id from t",
    "select id from t having count(*) > 1",
    "select row_number() over () from t",
    "select rowid, id from t",
    "select id from t order by rowid limit 1",
    "select nothing from t",
    "select id from nowhere",
    "select id from sqlite_master",
    "select id from t where nothing = :p0",
    "select value as value, count(*) as count from (select id from t) group by value",
    ":p0 in (select value from json_each([t].[word]))",
    "select id from t where :p0 in (select value from json_each([t].[word]))",
    "select id from t where id in (select b from read_csv('x'))",
]


@pytest.mark.parametrize("sql", HOSTILE)
def test_what_is_not_of_the_closed_set_is_refused(sql: str) -> None:
    with pytest.raises(UntranslatableError):
        translate(sql, "demo", TABLES)


def sql_of(sql: str) -> str:
    return translate(sql, "demo", TABLES).sql


def test_tables_are_qualified_and_all_names_are_quoted() -> None:
    assert sql_of("select id, [中文列] from t limit 101") == 'SELECT "id", "中文列" FROM "demo"."t" LIMIT 101'


def test_the_default_page_is_not_sorted_where_the_file_is_in_the_order_of_the_key() -> None:
    assert "ORDER" not in sql_of("select id from t order by id limit 101")
    assert 'ORDER BY "id" DESC' in sql_of("select id from t order by id desc limit 101")


def test_the_default_page_is_sorted_where_the_file_is_not_in_the_order_of_the_key() -> None:
    assert 'ORDER BY "a" NULLS FIRST, "b" NULLS FIRST' in sql_of("select a, b from pair order by a, b limit 101")


def test_every_order_ends_with_the_key() -> None:
    assert 'ORDER BY "word" NULLS FIRST, "id" NULLS FIRST' in sql_of("select id from t order by word limit 101")
    assert 'ORDER BY "b" DESC, "a" NULLS FIRST' in sql_of("select a from pair order by b desc limit 101")


def test_parameters_have_the_kind_of_their_column() -> None:
    found = translate("select id from t where id > :p0 and day = :p1 and word in (:p2) and id like :p3", "demo", TABLES)
    assert found.parameters == {"p0": Kind.INTEGER, "p1": Kind.DATE, "p2": Kind.TEXT, "p3": Kind.LIKE}


def test_parameters_by_position_are_named() -> None:
    found = translate("select id, word from t where id in (?, ?)", "demo", TABLES)
    assert found.parameters == {"p0": Kind.INTEGER, "p1": Kind.INTEGER}


def test_what_is_searched_is_what_is_shown() -> None:
    assert 'CAST("day" AS TEXT) ILIKE $p0' in sql_of("select id from t where day like :p0")
    assert "|| 'Z'" in sql_of("select a from pair where at like :p0")


def test_not_like_stays_negated() -> None:
    assert '"word" NOT ILIKE $p0' in sql_of("select id from t where word not like :p0").replace(
        'NOT "word" ILIKE $p0', '"word" NOT ILIKE $p0'
    )


def test_a_page_without_its_order_and_limit_is_all_rows() -> None:
    page = "select id, word from t where word = :p0 order by word limit 101"
    assert sql_of(unlimited(page)) == 'SELECT "id", "word" FROM "demo"."t" WHERE "word" = $p0'

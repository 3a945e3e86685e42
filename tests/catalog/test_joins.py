"""Which columns join: the rules one by one, and what the index of hashes finds against comparing each with each."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from civicat.catalog.joins.columns import Column, read_columns
from civicat.catalog.joins.finding import JOINS, write
from civicat.catalog.joins.known import Join, Joins
from civicat.catalog.joins.rules import Found, judged, related
from civicat.catalog.joins.statements import on_files, questions
from civicat.catalog.joins.trials import Trials
from civicat.layout import Layout
from civicat.publish.profile import Profiler
from civicat.release import Release, Table
from civicat.sketches import read_sketch

MakeRelease = Callable[..., Release]
PLACES = [f"{letter}{number:03}X" for letter in "ABCD" for number in range(10)]  # forty codes that nothing else is


@pytest.fixture
def publish(make_release: MakeRelease, layout: Layout) -> MakeRelease:
    """A release with the profile that publishing would make of it."""

    def make(dataset: str, tables: Mapping[str, pa.Table], **said: Any) -> Release:  # noqa: ANN401 (as make_release)
        release = make_release(dataset, said.pop("version", "1.0.0"), tables, **said)
        told = [_profiled(table, tables[table.resource.name]) for table in release.tables]
        (release.folder / "profile.json").write_text(json.dumps({"tables": told}), "utf-8")
        found = layout.release(dataset, release.version)
        assert found is not None
        return found

    return make


def _profiled(table: Table, rows: pa.Table) -> dict[str, object]:
    profiler = Profiler(rows.schema, table.resource, table.resource.schema.primary_key)
    profiler.add(rows)
    return profiler.result()


def _names(joins: tuple[Join, ...]) -> list[tuple[str, str, str]]:
    return [(join.why, join.source.dataset, join.target.dataset) for join in joins]


def _column(release: Release, name: str) -> Column:
    return next(column for column in read_columns(release) if column.place.name == name)


def _judged(
    publish: MakeRelease, here: pa.Table, there: pa.Table, name: str = "code", other: str = "code"
) -> Found | None:
    source = publish("one/uses", {"uses": here}, keys={"uses": ["row"]})
    target = publish("two/places", {"places": there}, keys={"places": [other]})
    return judged(_column(source, name), _column(target, other))


def _uses(values: list[Any], name: str = "code") -> pa.Table:
    return pa.table({"row": [f"row {at} of these" for at in range(len(values))], name: values})


def test_codes_found_in_a_key_are_a_join_and_every_value_is_counted(publish: MakeRelease) -> None:
    found = _judged(publish, _uses([*PLACES[:20], "Z999X"] * 2), pa.table({"code": PLACES}))
    assert found == Found(20 / 21, 21, is_exact=True)


@pytest.mark.parametrize(
    ("values", "is_join"),
    [([*PLACES[:8], "Y1X00", "Y2X00"], True), ([*PLACES[:8], "Y1X00", "Y2X00", "Y3X00"], False)],
    ids=["eight of ten", "eight of eleven"],
)
def test_four_of_five_values_must_be_found(publish: MakeRelease, values: list[str], *, is_join: bool) -> None:
    assert (_judged(publish, _uses(values), pa.table({"code": PLACES})) is not None) is is_join


def test_what_names_no_row_is_not_looked_up_in(publish: MakeRelease) -> None:
    source = publish("one/uses", {"uses": _uses(PLACES[:20])}, keys={"uses": ["row"]})
    target = publish("two/visits", {"visits": _uses(PLACES * 2)}, keys={"visits": ["row"]})
    assert judged(_column(source, "code"), _column(target, "code")) is None


@pytest.mark.parametrize(
    ("values", "keys"),
    [
        (list(range(1, 41)), list(range(1, 101))),
        (list(range(100_001, 100_041)), list(range(100_001, 100_101))),
        ([str(one) for one in range(1, 41)], [str(one) for one in range(1, 101)]),
        ([*range(1950, 1990)], [*range(1940, 2024)]),
    ],
    ids=["rows counted on", "the same from further on", "as texts", "years"],
)
def test_numbers_that_count_on_meet_everywhere_and_are_no_joins(
    publish: MakeRelease, values: list[Any], keys: list[Any]
) -> None:
    assert _judged(publish, _uses(values), pa.table({"code": keys})) is None


@pytest.mark.parametrize(("name", "is_join"), [("place_code", True), ("code", False)])
def test_few_values_and_short_codes_need_a_name_that_says_what_they_are(
    publish: MakeRelease, name: str, *, is_join: bool
) -> None:
    """`place_code` is called like the table `places`; `code` is called like everything."""
    assert (_judged(publish, _uses(PLACES[:5], name), pa.table({"code": PLACES}), name) is not None) is is_join


def test_one_kind_of_code_is_one_though_nothing_else_is_called_alike(publish: MakeRelease) -> None:
    said = {"fields": {"a": {"civicat": {"identifier": "uscc"}}, "b": {"civicat": {"identifier": "uscc"}}}}
    one = publish("one/a", {"a": pa.table({"a": PLACES})}, **said)
    other = publish("two/b", {"b": pa.table({"b": PLACES})}, **said)
    assert related(_column(one, "a"), _column(other, "b"))


def test_a_number_and_its_text_meet(publish: MakeRelease) -> None:
    numbers = [110_000 + 137 * at for at in range(30)]
    found = _judged(publish, _uses(numbers), pa.table({"code": [str(one) for one in numbers]}))
    assert found == Found(1.0, 30, is_exact=True)


# ---- the index -------------------------------------------------------------------------------------------------------


def test_what_is_declared_stands_first_and_is_never_guessed_beside_it(
    publish: MakeRelease, layout: Layout, tmp_path: Path
) -> None:
    key = {"fields": ["place"], "reference": {"dataset": "two/places", "resource": "places", "fields": ["code"]}}
    publish("one/uses", {"uses": _uses(PLACES * 2, "place")}, keys={"uses": ["row"]}, across={"uses": [key]})
    publish("two/places", {"places": pa.table({"code": PLACES})})
    publish("three/places", {"places": pa.table({"code": PLACES})})
    write(tmp_path, layout, layout.datasets())
    joins = Joins(tmp_path)
    assert _names(joins.outgoing("one/uses")) == [
        ("declared", "one/uses", "two/places"),
        ("found", "one/uses", "three/places"),
    ]
    assert _names(joins.incoming("two/places")) == [
        ("declared", "one/uses", "two/places"),
        ("found", "three/places", "two/places"),
    ]
    assert (joins.counts[("one", "two")], joins.kinds["declared"], joins.looked_up[0].datasets) == (1, 1, 2)
    joins.close()


def test_one_code_list_is_shared_where_codes_and_labels_are_the_same(
    publish: MakeRelease, layout: Layout, tmp_path: Path
) -> None:
    def listed(*labels: str) -> dict[str, Any]:
        codes = [{"value": code, "label": label} for code, label in zip("AB", labels, strict=True)]
        return {"fields": {"code": {"categories": codes}}, "keys": {"uses": ["row"]}}

    for dataset, labels in {"one/x": ("Air", "Sea"), "two/y": ("Air", "Sea"), "three/z": ("Air", "Rail")}.items():
        publish(dataset, {"uses": _uses(["A", "B", "A"])}, **listed(*labels))
    write(tmp_path, layout, layout.datasets())
    joins = Joins(tmp_path)
    assert _names((*joins.of("one/x"), *joins.of("three/z"))) == [("codes", "one/x", "two/y")]
    joins.close()


def test_an_update_gives_what_a_build_from_nothing_gives(publish: MakeRelease, layout: Layout, tmp_path: Path) -> None:
    before, updated, anew = (tmp_path / name for name in ("before", "updated", "anew"))
    for folder in (before, updated, anew):
        folder.mkdir()
    for dataset in ("one/uses", "two/uses", "gone/uses"):
        publish(dataset, {"uses": _uses(PLACES * 2)}, keys={"uses": ["row"]})
    publish("three/places", {"places": pa.table({"code": PLACES})})
    write(before, layout, layout.datasets())
    held = (before / JOINS).read_bytes()
    (updated / JOINS).hardlink_to(before / JOINS)  # as a build that is made from another has it
    publish("one/uses", {"uses": _uses(["nothing", "of", "that"])}, keys={"uses": ["row"]}, version="1.1.0")
    publish("four/places", {"places": pa.table({"code": PLACES[:35]})})
    write(updated, layout, ["one/uses", "four/places"], ["gone/uses"], before)
    write(anew, layout, [one for one in layout.datasets() if one != "gone/uses"])
    assert _all(updated) == _all(anew) != _all(before)
    assert (before / JOINS).read_bytes() == held


def _all(build: Path) -> list[tuple[object, ...]]:
    db = sqlite3.connect(build / JOINS)
    found = db.execute("select * from joins order by code").fetchall()
    db.close()
    return found


@pytest.mark.parametrize(
    "damage",
    [
        None,
        {"hash": "another", "k": 1024, "values": 1, "data": "AAAA"},
        {"hash": "civicat-text-1", "k": 1024, "values": 1, "data": "not base64!"},
        {"hash": "civicat-text-1", "k": 1024, "values": 1, "data": "AAAA"},
        {"hash": "civicat-text-1", "k": "many", "values": 1, "data": ""},
        {"hash": "civicat-text-1", "k": 1, "values": 2, "data": "AQAAAAAAAAACAAAAAAAAAA=="},
        {"hash": "civicat-text-1", "k": 9, "values": 2, "data": "AgAAAAAAAAABAAAAAAAAAA=="},
        "a text",
    ],
    ids=[
        "no profile",
        "another hash",
        "no base64",
        "cut short",
        "no size",
        "more than its size",
        "no order",
        "no sketch",
    ],
)
def test_a_sketch_that_cannot_be_read_is_left_out(
    publish: MakeRelease, layout: Layout, tmp_path: Path, damage: object
) -> None:
    release = publish("one/uses", {"uses": _uses(PLACES)}, keys={"uses": ["row"]})
    publish("two/places", {"places": pa.table({"code": PLACES})})
    profile = json.loads((release.folder / "profile.json").read_text("utf-8"))
    profile["tables"][0]["columns"][1]["sketch"] = damage
    if damage is None:
        (release.folder / "profile.json").unlink()
    else:
        assert read_sketch({"sketch": damage}) is None
        (release.folder / "profile.json").write_text(json.dumps(profile), "utf-8")
    write(tmp_path, layout, layout.datasets())
    joins = Joins(tmp_path)
    assert joins.of("one/uses") == ()
    joins.close()


@pytest.mark.parametrize("content", [None, b"", b"no database at all"], ids=["none", "empty", "damaged"])
def test_a_build_without_joins_has_none(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / JOINS).write_bytes(content)
    joins = Joins(tmp_path)
    assert (joins.of("one/uses"), dict(joins.counts), joins.looked_up) == ((), {}, ())
    joins.close()


# ---- the SQL ---------------------------------------------------------------------------------------------------------

HOSTILE = ("代码", "a b", 'q"uote', "it's", "v", "rows", "select", "N", "n")


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("why", ["declared", "codes"])
def test_the_sql_runs_whatever_columns_are_called_and_gives_what_the_trial_counted(  # noqa: PLR0913, PLR0917 - fixtures
    publish: MakeRelease, layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, why: str
) -> None:
    numbers = [110_000 + 137 * at for at in range(30)]
    said: dict[str, Any] = {"keys": {"t": ["row"]}}
    if why == "codes":
        codes = [{"value": str(one), "label": "x"} for one in numbers]
        said["fields"] = {name: {"type": "string", "categories": codes}}
    else:
        key = {"fields": [name], "reference": {"dataset": "two/places", "resource": "t", "fields": [name]}}
        said["across"] = {"t": [key]}
    uses = [str(one) for one in [*numbers, *numbers[:5]]]
    here = _uses([*uses, None, "none of these"], name).append_column("a place", pa.array(range(len(uses) + 2)))
    publish("one/uses", {"t": here}, **said)
    if why == "codes":  # many rows of either side have one code
        there = pa.table({name: [*uses[:30]] * 2, "A Place": [f"x{at}" for at in range(60)]})
    else:
        there = pa.table({name: numbers, "A Place": ["x"] * 30})
    publish(
        "two/places", {"t": there}, **{**said, "across": {}, "keys": {"t": ["A Place" if why == "codes" else name]}}
    )
    join, tables = _only_join(layout, tmp_path, "one/uses")
    sql = on_files(join, tables, "https://data.example.org")
    assert join.why == why
    for side, table in zip((join.source, join.target), tables, strict=True):
        file = f"{side.dataset.replace('/', '-')}-t.parquet"
        assert f"-- curl -o {file} https://data.example.org/d/{side.dataset}/1.0.0/t.parquet" in sql
        (tmp_path / file).write_bytes(table.path.read_bytes())
    monkeypatch.chdir(tmp_path)
    answer = duckdb.sql(sql)
    assert answer is not None
    rows = answer.to_arrow_table()
    trial = asyncio.run(Trials().tried(join.code, questions(join, tables)))
    assert trial is not None
    assert rows.num_rows == trial.met == (35 if why == "declared" else 30)
    assert trial.rows == (36 if why == "declared" else 31)
    assert (trial.missing.values, trial.missing.some, trial.unused.values) == (1, ("none of these",), 0)
    assert len(rows.column_names) == len({one.lower() for one in rows.column_names})


def test_a_trial_that_takes_too_long_is_given_up(publish: MakeRelease, layout: Layout, tmp_path: Path) -> None:
    publish("one/uses", {"uses": _uses(PLACES)}, keys={"uses": ["row"]})
    publish("two/places", {"places": pa.table({"code": PLACES})})
    join, tables = _only_join(layout, tmp_path, "one/uses")
    endless = replace(
        questions(join, tables), counts="select count(*), 0 from range(10**6) a, range(10**6) b, range(9) c"
    )
    trials = Trials()
    assert asyncio.run(trials.tried(join.code, endless, seconds=0.1)) is None
    assert asyncio.run(trials.tried(join.code, questions(join, tables))) is not None


def test_a_trial_reads_no_other_file(publish: MakeRelease, layout: Layout, tmp_path: Path) -> None:
    publish("one/uses", {"uses": _uses(PLACES)}, keys={"uses": ["row"]})
    publish("two/places", {"places": pa.table({"code": PLACES})})
    join, tables = _only_join(layout, tmp_path, "one/uses")
    file = str(tables[0].path.parent / "datapackage.json")
    other = f"select count(*), 0 from read_text('{file}')"  # noqa: S608 (no reader's words)
    assert asyncio.run(Trials().tried(join.code, replace(questions(join, tables), counts=other))) is None


def _only_join(layout: Layout, build: Path, dataset: str) -> tuple[Join, tuple[Table, Table]]:
    write(build, layout, layout.datasets())
    joins = Joins(build)
    join = joins.outgoing(dataset)[0]
    joins.close()
    return join, _tables(layout, join)


def _tables(layout: Layout, join: Join) -> tuple[Table, Table]:
    releases = [layout.release(side.dataset) for side in (join.source, join.target)]
    assert releases[0] is not None
    assert releases[1] is not None
    return releases[0].tables[0], releases[1].tables[0]


# ---- keys of several columns -----------------------------------------------------------------------------------------

HOURS = [f"2013-01-01T{hour:02}:00:00Z" for hour in range(10)]


def _weather(stations: Sequence[str], hours: Sequence[str]) -> pa.Table:
    pairs = [(station, _moment(hour)) for station in stations for hour in hours]
    station, hour = (pa.array(values) for values in zip(*pairs, strict=True))
    return pa.table({"station": station, "hour": hour, "rain": [0.5] * len(pairs)})


def _trips(stations: Sequence[str], hours: Sequence[str]) -> pa.Table:
    """A trip of each station in each hour, and one more of the first of all."""
    pairs = [(station, _moment(hour)) for station in stations for hour in hours]
    station, hour = (pa.array(values) for values in zip(*pairs, pairs[0], strict=True))
    return pa.table({"trip": [f"trip {at} of them" for at in range(len(station))], "hour": hour, "station": station})


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _publish_weather(publish: MakeRelease, stations: Sequence[str], hours: Sequence[str]) -> None:
    publish("one/trips", {"trips": _trips(stations, hours)}, keys={"trips": ["trip"]})
    publish("two/weather", {"weather": _weather(PLACES[:4], HOURS)}, keys={"weather": ["station", "hour"]})


def _together(build: Path, dataset: str = "one/trips") -> list[Join]:
    joins = Joins(build)
    found = [join for join in joins.outgoing(dataset) if len(join.source.columns) > 1]
    joins.close()
    return found


def test_a_key_of_several_columns_is_found_by_their_names_types_and_values(
    publish: MakeRelease, layout: Layout, tmp_path: Path
) -> None:
    _publish_weather(publish, PLACES[:4], HOURS[:6])
    write(tmp_path, layout, layout.datasets())
    (join,) = _together(tmp_path)
    assert (join.why, join.source.names, join.target.names) == ("found", ("station", "hour"), ("station", "hour"))
    assert (join.target.dataset, join.share, join.is_one_to_one) == ("two/weather", None, False)


@pytest.mark.parametrize(
    ("stations", "hours"),
    [(PLACES[10:14], HOURS), (PLACES[:4], [hour.replace("2013", "2019") for hour in HOURS])],
    ids=["other stations", "other hours"],
)
def test_several_columns_are_no_join_where_one_of_them_is_not_found(
    publish: MakeRelease, layout: Layout, tmp_path: Path, stations: list[str], hours: list[str]
) -> None:
    _publish_weather(publish, stations, hours)
    write(tmp_path, layout, layout.datasets())
    assert _together(tmp_path) == []


def test_years_and_figures_meet_everywhere_in_pairs_too(publish: MakeRelease, layout: Layout, tmp_path: Path) -> None:
    costs = {"year": [2001, 2001, 2002, 2002], "month": [1, 2, 1, 2], "cost": [5, 6, 7, 8]}
    publish("one/costs", {"costs": pa.table(costs)}, keys={"costs": ["year", "month"]})
    publish("two/taxes", {"taxes": pa.table(costs)}, keys={"taxes": ["year", "month"]})
    write(tmp_path, layout, layout.datasets())
    assert _together(tmp_path, "one/costs") == []


def test_columns_of_one_name_and_two_types_do_not_meet_together(
    publish: MakeRelease, layout: Layout, tmp_path: Path
) -> None:
    trips = _trips(PLACES[:4], HOURS)
    at = trips.column_names.index("hour")
    publish("one/trips", {"trips": trips.set_column(at, "hour", trips["hour"].cast(pa.string()))})
    publish("two/weather", {"weather": _weather(PLACES[:4], HOURS)}, keys={"weather": ["station", "hour"]})
    write(tmp_path, layout, layout.datasets())
    assert _together(tmp_path) == []


def test_keys_of_several_columns_are_found_in_an_update_from_either_side_and_forgotten(
    publish: MakeRelease, layout: Layout, tmp_path: Path
) -> None:
    _publish_weather(publish, PLACES[:4], HOURS)
    for at, changed in enumerate(("one/trips", "two/weather")):
        before, build = tmp_path / f"{at}", tmp_path / f"{at} more"
        before.mkdir()
        build.mkdir()
        write(before, layout, [name for name in layout.datasets() if name != changed])
        assert _together(before) == []
        write(build, layout, [changed], (), before)
        assert len(_together(build)) == 1
        gone = tmp_path / f"{at} gone"
        gone.mkdir()
        write(gone, layout, [], [changed], build)
        assert _together(gone) == []


def test_the_rows_that_meet_on_several_columns_are_counted(
    publish: MakeRelease, layout: Layout, tmp_path: Path
) -> None:
    """Of three stations in ten hours and one row more, all but those of the ninth and tenth hour."""
    publish("one/trips", {"trips": _trips(PLACES[:3], HOURS)}, keys={"trips": ["trip"]})
    publish("two/weather", {"weather": _weather(PLACES[:4], HOURS[:8])}, keys={"weather": ["station", "hour"]})
    write(tmp_path, layout, layout.datasets())
    (join,) = _together(tmp_path)
    tables = _tables(layout, join)
    assert 'ON a."station" = b."station"\n  AND a."hour" = b."hour"' in on_files(join, tables, "http://x")
    trial = asyncio.run(Trials().tried(join.code, questions(join, tables)))
    assert trial is not None
    assert (trial.met, trial.rows, trial.missing.values) == (25, 31, 6)

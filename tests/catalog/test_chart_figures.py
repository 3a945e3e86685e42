"""The figures of a chart: from the profile, or by SQL over the release's files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from civicat.catalog.charts import queries, told
from civicat.catalog.charts.asked import Asked, decoded, encoded, fits
from civicat.catalog.charts.chosen import chosen
from civicat.catalog.charts.columns import Column, columns
from civicat.catalog.charts.plot import Plot, read_plot
from civicat.catalog.charts.profiled import profiled
from civicat.catalog.charts.queries import opened, plotted
from civicat.catalog.files.making import LaterError
from civicat.errors import StoreError
from civicat.release import Release

MakeRelease = Callable[..., Release]
ODD = '路/名 "a".svg'  # a name that an address and SQL must both carry


def drawn(release: Release, kind: str, *names: str, by: str = "") -> tuple[Plot, tuple[Column, ...]]:
    table = release.tables[0]
    known = columns(release, table)
    asked = Asked(kind, table.resource.name, names, by)  # type: ignore[arg-type] # as an address names it
    assert fits(asked, known)
    return plotted(asked, table, known), tuple(one for name in names for one in known if one.name == name)


@pytest.fixture
def counts(make_release: MakeRelease) -> Release:
    """Counts of two places over two months with a gap, and a name that is hard to write."""
    days = [dt.date(2026, 1, 5), dt.date(2026, 1, 20), dt.date(2026, 4, 2), None, dt.date(2026, 6, 1)]
    table = pa.table(
        {
            "id": [1, 2, 3, 4, 5],
            "day": pa.array(days, pa.date32()),
            ODD: ["a", "a", "b", None, "b"],
            "speed": [10, 20, 60, 5, None],
            "cost": [1, 2, 3, 4, 5],
        }
    )
    fields = {
        "speed": {"civicat": {"unit": "km/h"}},
        "cost": {"civicat": {"unit": "USD"}},
        ODD: {"type": "string", "categories": [{"value": "a", "label": "Alley"}, {"value": "b", "label": "Bridge"}]},
    }
    return make_release("demo/traffic", tables={"traffic": table}, fields=fields)


def test_money_is_added_up_and_other_values_are_averaged_unless_the_reader_says_so(counts: Release) -> None:
    cost, _ = drawn(counts, "bars", ODD, "cost")
    speed, _ = drawn(counts, "bars", ODD, "speed")
    meant, _ = drawn(counts, "bars", ODD, "cost", by="mean")
    assert (cost.how, {mark.key: mark.value for mark in cost.marks}) == ("sum", {"a": 3, "b": 8})
    assert (speed.how, {mark.key: mark.value for mark in speed.marks}) == ("mean", {"a": 15, "b": 60})
    assert (meant.how, {mark.key: mark.value for mark in meant.marks}) == ("mean", {"a": 1.5, "b": 4})
    assert (cost.rows, cost.missing) == (5, 1)


def test_a_series_shows_its_gaps_and_says_which_periods_may_not_be_whole(counts: Release) -> None:
    plot, chosen_columns = drawn(counts, "series", "day", "cost")
    assert [(mark.key[:7], mark.value) for mark in plot.marks] == [
        *(("2026-01", 3), ("2026-02", None), ("2026-03", None), ("2026-04", 3), ("2026-05", None), ("2026-06", 5)),
    ]
    assert (plot.grain, plot.how, plot.missing) == ("month", "sum", 1)
    methods = told.methods(plot)
    assert any("5 January 2026 to 1 June 2026" in one.en for one in methods)
    assert any("2026年1月5日" in one.zh for one in methods)
    sentence = told.sentence(plot, chosen_columns)
    assert "3 periods have no value: the line breaks there" in sentence.en
    assert "其中 3 个时段没有数值" in sentence.zh


def test_what_has_no_bar_of_its_own_is_one_grey_bar_with_the_true_average(make_release: MakeRelease) -> None:
    keys = [f"k{place:02}" for place in range(30) for _ in range(2)]
    table = pa.table({"id": list(range(60)), "kind": keys, "depth": [float(place) for place in range(60)]})
    release = make_release(tables={"towns": table})
    plot, _ = drawn(release, "bars", "kind", "depth")
    assert (len(plot.marks), plot.groups) == (20, 10)
    assert plot.rest is not None
    shown = sum((mark.value or 0) * mark.rows for mark in plot.marks)
    assert shown + (plot.rest.value or 0) * plot.rest.rows == pytest.approx(sum(range(60)))


def test_one_row_for_each_group_is_drawn_as_it_is_and_the_highest_first(make_release: MakeRelease) -> None:
    table = pa.table({"state": [f"s{place:02}" for place in range(40)], "rate": [float(place) for place in range(40)]})
    plot, _ = drawn(make_release(tables={"towns": table}), "bars", "state", "rate")
    assert plot.how == "value"
    assert [mark.value for mark in plot.marks[:3]] == [39, 38, 37]
    assert "The 20 with the highest values are drawn" in " ".join(one.en for one in told.methods(plot))


def test_counts_are_not_added_up_over_time(make_release: MakeRelease) -> None:
    table = pa.table({"year": [2000, 2001, 2000, 2001], "sex": ["f", "f", "m", "m"], "people": [10, 20, 30, 40]})
    fields = {"year": {"type": "year"}, "sex": {"categories": [{"value": "f", "label": "F"}, {"value": "m"}]}}
    release = make_release(tables={"towns": table}, fields=fields, keys={"towns": ["year", "sex"]})
    by_sex, _ = drawn(release, "bars", "sex", "people")
    by_year, _ = drawn(release, "series", "year", "people")
    panels, _ = drawn(release, "series", "year", "people", "sex")
    assert (by_sex.how, {mark.key: mark.value for mark in by_sex.marks}) == ("mean", {"f": 15, "m": 35})
    assert (by_year.how, [mark.value for mark in by_year.marks]) == ("sum", [40, 60])
    assert [(mark.panel, mark.key, mark.value) for mark in panels.marks] == [
        *(("f", "2000", 10), ("f", "2001", 20), ("m", "2000", 30), ("m", "2001", 40)),
    ]


def test_every_fifth_year_is_no_gap(make_release: MakeRelease) -> None:
    table = pa.table({"year": [1950, 1955, 1960, 1970], "people": [1, 2, 3, 4]})
    release = make_release(tables={"towns": table}, fields={"year": {"type": "year"}})
    plot, _ = drawn(release, "series", "year", "people")
    assert [(mark.key, mark.value) for mark in plot.marks] == [
        *(("1950", 1), ("1955", 2), ("1960", 3), ("1965", None), ("1970", 4)),
    ]


def test_a_distribution_without_a_profile_counts_what_is_not_finite_as_empty(make_release: MakeRelease) -> None:
    values = [0.5, 1.5, 1.7, 9.0, None, float("nan"), float("inf")]
    plot, _ = drawn(
        make_release(tables={"towns": pa.table({"id": range(7), "depth": values})}), "distribution", "depth"
    )
    assert sum(mark.rows for mark in plot.marks) == 4
    assert (plot.rows, plot.missing) == (7, 3)
    assert plot.marks[0].key == "0.5"


def test_texts_that_are_all_different_are_drawn_by_their_length(make_release: MakeRelease) -> None:
    names = [f"{'x' * (place % 5 + 1)}{place:03}" for place in range(50)]
    table = pa.table({"id": range(50), "name": names})
    plot, shown = drawn(make_release(tables={"towns": table}), "distribution", "name")
    assert plot.how == "length"
    assert [(mark.key, mark.rows) for mark in plot.marks] == [(str(size), 10) for size in range(4, 9)]
    assert "characters long" in told.headline(plot, shown).en


def test_a_column_of_nothing_and_an_empty_table_are_told_and_not_drawn(make_release: MakeRelease) -> None:
    table = pa.table(
        {"id": pa.array([], pa.int64()), "depth": pa.array([], pa.float64()), "day": pa.array([], pa.date32())}
    )
    release = make_release(tables={"towns": table})
    for kind, names in (("distribution", ("depth",)), ("series", ("day", "depth")), ("bars", ("day",))):
        plot, shown = drawn(release, kind, *names)
        assert plot.marks == ()
        assert told.headline(plot, shown).zh == "没有可画的数值"


def test_points_of_one_place_are_one_point_and_places_off_the_earth_are_left_out(make_release: MakeRelease) -> None:
    table = pa.table(
        {
            "id": range(5),
            "lat": [10.0, 10.0, -20.0, 95.0, None],
            "lon": [170.0, 170.0, -170.0, 0.0, 0.0],
            "depth": [1.0, 3.0, 5.0, 7.0, 9.0],
        }
    )
    plot, shown = drawn(make_release(tables={"towns": table}), "map", "depth")
    assert [(mark.x, mark.y, mark.value, mark.rows) for mark in plot.marks] == [(170, 10, 2, 2), (-170, -20, 5, 1)]
    assert plot.missing == 2
    assert "3 of 5 rows are on the map; “Depth” is highest at 20°S 170°W: 5" in told.headline(plot, shown).en


def test_a_crowd_of_points_becomes_cells_and_says_so(
    make_release: MakeRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_MOST_CELLS", 50)
    places = [place / 100 for place in range(2_000)]
    table = pa.table({"id": range(2_000), "lat": places, "lon": places})
    plot, _ = drawn(make_release(tables={"towns": table}), "map")
    assert len(plot.marks) <= 50
    assert sum(mark.rows for mark in plot.marks) == 2_000
    assert any(f"{plot.cell:g}° apart are one point" in one.en for one in told.methods(plot))


def test_the_profile_is_drawn_without_a_look_at_the_data(make_release: MakeRelease) -> None:
    entry = {
        "name": "people",
        "type": "integer",
        "count": 2,
        "missing": 0,
        "distinct": {"value": 2, "exact": True},
        "histogram": {"edges": ["100", "200", "300", "400"], "counts": [1, 0, 1]},
    }
    profile = {"tables": [{"resource": "towns", "rows": 2, "columns": [entry]}]}
    release = make_release(documents={"profile.json": profile})
    column = columns(release, release.tables[0])[1]
    plot = profiled(column, 2)
    assert plot is not None
    assert [(mark.key, mark.until, mark.rows) for mark in plot.marks] == [
        *(("100", "200", 1), ("200", "300", 0), ("300", "400", 1)),
    ]
    assert plot.sql == ""
    assert profiled(replace(column, profile={"histogram": {"edges": ["1"], "counts": [1, 2]}}), 2) is None
    assert profiled(replace(column, profile={"histogram": "damaged"}), 2) is None


def test_a_plot_is_kept_as_it_is(counts: Release) -> None:
    for kind, names in (("bars", (ODD,)), ("series", ("day", "cost")), ("distribution", ("speed",))):
        plot, _ = drawn(counts, kind, *names)
        assert read_plot(plot.to_json()) == plot


def test_the_statement_that_is_told_gives_the_figures_again(counts: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb  # noqa: PLC0415 - as a reader runs it

    plot, _ = drawn(counts, "bars", ODD, "cost")
    monkeypatch.chdir(counts.folder)
    assert {row[0]: row[2] for row in duckdb.connect().execute(plot.sql).fetchall()} == {"a": 3, "b": 8}


def test_charts_are_chosen_by_what_the_columns_are(counts: Release) -> None:
    known = columns(counts, counts.tables[0])
    assert {one.name: one.role for one in known} == {
        "id": "text",
        "day": "date",
        ODD: "code",
        "speed": "quantity",
        "cost": "quantity",
    }
    found = chosen("traffic", known)
    assert [(one.kind, one.columns) for one in found][:2] == [("series", ("day", "speed")), ("series", ("day", "cost"))]
    assert all(fits(one, known) for one in found)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("distribution", ("nothing",)),
        ("distribution", ()),
        ("distribution", ("day", "cost")),
        ("series", ("cost", "day")),
        ("series", ("day",)),
        ("bars", ("cost",)),
        ("bars", (ODD, "day")),
        ("map", ("cost",)),
        ("map", ()),
    ],
)
def test_columns_that_cannot_be_drawn_so_do_not_fit(counts: Release, kind: str, names: tuple[str, ...]) -> None:
    asked = Asked(kind, "traffic", names)  # type: ignore[arg-type] # as an address names it
    assert not fits(asked, columns(counts, counts.tables[0]))


def test_any_name_can_be_a_piece_of_an_address() -> None:
    assert encoded(ODD) == "%E8%B7%AF%2F%E5%90%8D%20%22a%22%2Esvg"
    assert decoded(encoded(ODD)) == ODD


def test_only_the_files_of_the_table_can_be_read(counts: Release, tmp_path: Path) -> None:
    import duckdb  # noqa: PLC0415 - its errors

    other = tmp_path / "other.csv"
    other.write_text("a\n1\n")
    rows = opened(counts.tables[0])
    with pytest.raises(duckdb.PermissionException):
        rows.ask(f"select * from read_csv('{other}')")  # noqa: S608 - our own words
    rows.close()


def test_a_damaged_file_and_a_question_that_takes_too_long_are_told(
    counts: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_LONGEST", 0.0)
    slow = "select sum(sqrt(range)) from range(1000000000000)"
    monkeypatch.setattr(queries.Rows, "ask", lambda rows, _: rows.connection.execute(slow).fetchall())
    with pytest.raises(LaterError):
        drawn(counts, "bars", ODD)
    monkeypatch.undo()
    counts.tables[0].path.chmod(0o600)
    counts.tables[0].path.write_bytes(b"PAR1 damaged PAR1")
    with pytest.raises(StoreError):
        drawn(counts, "bars", ODD)


def test_of_values_that_crowd_the_middle_is_drawn_and_what_lies_beyond_is_counted(make_release: MakeRelease) -> None:
    values = [-900.0, *(place % 40 for place in range(998)), 5000.0]
    release = make_release(tables={"towns": pa.table({"id": range(1_000), "delay": pa.array(values, pa.float64())})})
    plot, shown = drawn(release, "distribution", "delay")
    assert plot.below is not None
    assert plot.above is not None
    assert (plot.below.rows, plot.above.rows, sum(mark.rows for mark in plot.marks)) == (1, 1, 998)
    rows = told.table(plot, shown, "en").rows
    assert (rows[0], rows[-1]) == (("less", "0", "1"), ("40", "and more", "1"))
    assert read_plot(plot.to_json()) == plot

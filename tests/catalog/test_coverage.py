from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from civicat.catalog.facts.coverage import Coverage, coverage, first_day, last_day
from civicat.release import Release

MakeRelease = Callable[..., Release]


def of(make_release: MakeRelease, columns: list[dict[str, Any]], **said: Any) -> Coverage:  # noqa: ANN401 (as make_release)
    """The coverage of a release whose profile holds these columns, all of them texts in the descriptor."""
    names = [str(one["name"]) for one in columns]
    table = pa.table({name: ["a"] for name in names or ["code"]})
    profile = {"tables": [{"resource": "towns", "rows": 1, "columns": columns}]}
    return coverage(make_release(tables={"towns": table}, documents={"profile.json": profile}, **said))


def column(
    name: str, least: str, most: str, meaning: str = "", type_: str = "number", **more: object
) -> dict[str, Any]:
    semantic = {"semantic": {"type": meaning, "declared": False}} if meaning else {}
    return {"name": name, "type": type_, "min": least, "max": most, **semantic, **more}


def degrees(south: str, north: str, west: str, east: str, before: str = "") -> list[dict[str, Any]]:
    return [column(f"{before}lat", south, north, "latitude"), column(f"{before}lon", west, east, "longitude")]


def test_the_steward_has_the_say(make_release: MakeRelease) -> None:
    told = {
        "place": {"title": {"zh": "中国", "en": "China"}, "box": [73, 18, 135, 54]},
        "period": {"begins": "2012-02"},
    }
    columns = [*degrees("1", "2", "3", "4"), column("day", "1999-01-01", "1999-12-31", type_="date")]
    assert of(make_release, columns, civicat=told) == Coverage(
        (73, 18, 135, 54), "2012-02-01", "", box_told=True, time_told=True
    )


def test_a_place_without_a_box_is_found_in_the_columns(make_release: MakeRelease) -> None:
    told = {"place": {"title": {"zh": "某地", "en": "Somewhere"}}}
    found = of(make_release, degrees("1", "2", "3", "4"), civicat=told)
    assert (found.box, found.box_told) == ((3, 1, 4, 2), False)


@pytest.mark.parametrize(
    ("columns", "box"),
    [
        (degrees("7.4", "71.3", "-176.6", "145.6"), (-176.6, 7.4, 145.6, 71.3)),
        ([*degrees("1", "2", "3", "4", "from_"), *degrees("0", "1", "9", "9.5", "to_")], (3, 0, 9.5, 2)),
        ([{"name": "shape", "type": "geometry", "bbox": [1, 2, 3, 4]}, *degrees("50", "51", "60", "61")], (1, 2, 3, 4)),
        ([column("lat", "1", "2", "latitude")], None),  # one without the other
        (degrees("-91", "2", "3", "4"), None),
        (degrees("1", "2", "3", "181"), None),
        (degrees("0", "0", "0", "0"), None),  # nobody filled them in
        (degrees("", "", "", ""), None),  # no value at all
        (degrees("nan", "2", "3", "4"), None),
        ([{"name": "shape", "type": "geometry", "bbox": [1, 2, 3]}], None),
        ([{"name": "shape", "type": "geometry", "bbox": "here"}], None),
        ([column("height", "1", "2"), column("width", "3", "4")], None),
        ([], None),
    ],
)
def test_boxes_in_columns(
    make_release: MakeRelease, columns: list[dict[str, Any]], box: tuple[float, ...] | None
) -> None:
    assert of(make_release, columns).box == box


@pytest.mark.parametrize(
    ("columns", "begins", "ends"),
    [
        ([column("day", "2013-01-02", "2013-12-30", type_="date")], "2013-01-02", "2013-12-30"),
        (
            [column("at", "2018-01-31T01:49:59.65Z", "2018-02-07T01:26:13Z", type_="datetime")],
            "2018-01-31",
            "2018-02-07",
        ),
        ([column("year", "1867", "2011", "year", "integer")], "1867-01-01", "2011-12-31"),
        ([column("month", "2010-02", "2012-02", "date-text", "string")], "2010-02-01", "2012-02-29"),
        (
            [
                column("key", "a", "b", type_="string"),
                column("a", "2013-01-02", "2013-12-30", type_="date"),
                column("b", "2010", "2012", "year", "integer"),
            ],
            "2010-01-01",
            "2013-12-30",
        ),
        ([column("year", "1962", "TQ", "year", "string")], "", ""),  # a text among them sorts last
        ([column("year", "0", "9999", "year", "integer")], "", ""),
        ([column("people", "1950", "2020", "quantity", "integer")], "", ""),
        ([column("day", "", "", type_="date")], "", ""),
        ([column("updated", "2013-01-02", "2013-12-30", type_="date")], "", ""),
        ([column("birth_date", "1913-01-02", "1999-12-30", type_="date")], "", ""),
        ([column("更新时间", "2013-01-02", "2013-12-30", type_="datetime")], "", ""),
        ([column("due_day", "2013-01-02", "2013-12-30", type_="date")], "", ""),
        ([column("residue_day", "2013-01-02", "2013-12-30", type_="date")], "2013-01-02", "2013-12-30"),
    ],
)
def test_times_in_columns(make_release: MakeRelease, columns: list[dict[str, Any]], begins: str, ends: str) -> None:
    found = of(make_release, columns)
    assert (found.begins, found.ends, found.time_told) == (begins, ends, False)


def test_the_title_of_a_column_says_too_that_it_tells_another_time(make_release: MakeRelease) -> None:
    columns = [column("day", "2013-01-02", "2013-12-30", type_="date")]
    assert of(make_release, columns, fields={"day": {"title": "Last changed"}}).begins == ""


def test_times_of_the_key_are_preferred(make_release: MakeRelease) -> None:
    columns = [
        column("day", "2013-01-02", "2013-12-30", type_="date"),
        column("noted", "2010", "2019", "year", "integer"),
    ]
    found = of(make_release, columns, keys={"towns": ["day"]})
    assert (found.begins, found.ends) == ("2013-01-02", "2013-12-30")


@pytest.mark.parametrize(
    ("least", "inner", "begins"),
    [
        ("1900-01-01", ["1999-05-01", "2010-01-01"], "1999-05-01"),  # stands for no day
        ("1900-01-01", ["1900-01-01", "1999-05-01"], "1999-05-01"),
        ("1900-01-01", ["1903-05-01", "1950-01-01"], "1900-01-01"),  # a series that begins there
        ("1970-01-01", [], "1970-01-01"),  # nothing else is known
        ("1901-01-01", ["1999-05-01"], "1901-01-01"),
    ],
)
def test_a_day_that_stands_for_none(make_release: MakeRelease, least: str, inner: list[str], begins: str) -> None:
    quantiles = {"values": {str(at): one for at, one in enumerate(inner)}}
    found = of(make_release, [column("day", least, "2012-06-15", type_="date", quantiles=quantiles)])
    assert (found.begins, found.ends) == (begins, "2012-06-15")


@pytest.mark.parametrize(
    ("days", "ends"),
    [
        (["2006-01-01", "2007-05-01", "2015-12-01"], "2015-12-31"),  # months, written as their first day
        (["2006-01-01", "2007-01-01", "2015-01-01"], "2015-12-31"),  # years
        (["2006-01-01", "2007-05-02", "2015-12-01"], "2015-12-01"),
    ],
)
def test_months_and_years_written_as_days_end_with_their_last(
    make_release: MakeRelease, days: list[str], ends: str
) -> None:
    quantiles = {"values": {"0.5": days[1]}}
    assert of(make_release, [column("month", days[0], days[2], type_="date", quantiles=quantiles)]).ends == ends


@pytest.mark.parametrize(
    "profile", [{}, {"tables": "none"}, {"tables": [3, {"columns": [None, {"name": 1, "type": []}]}]}]
)
def test_a_profile_of_another_shape_tells_nothing(make_release: MakeRelease, profile: dict[str, Any]) -> None:
    assert coverage(make_release(documents={"profile.json": profile})) == Coverage(None, "", "")


def test_a_release_without_a_profile(make_release: MakeRelease) -> None:
    assert coverage(make_release()) == Coverage(None, "", "")


@pytest.mark.parametrize(
    ("when", "first", "last"),
    [
        ("2012", "2012-01-01", "2012-12-31"),
        ("2012-02", "2012-02-01", "2012-02-29"),
        ("2012-02-03", "2012-02-03", "2012-02-03"),
        ("2012-02-03T23:59:59Z", "2012-02-03", "2012-02-03"),
        ("2012-02-30", "", ""),
        ("2012-13", "", ""),
        ("0999", "", ""),
        ("9999-12-31", "", ""),
        ("12", "", ""),
        ("", "", ""),
    ],
)
def test_first_and_last_days(when: str, first: str, last: str) -> None:
    assert (first_day(when), last_day(when)) == (first, last)

"""Every chart that a page leads to opens, whatever the columns hold."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import re
from collections.abc import Callable
from urllib.parse import unquote

import httpx
import pyarrow as pa
import pytest

from civicat.catalog.charts.asked import Asked, fits
from civicat.catalog.charts.columns import columns
from civicat.release import Release

Get = Callable[..., httpx.Response]
MakeRelease = Callable[..., Release]

ROWS = 40
BASE = "/d/demo/all/1.0.0"


def every_kind() -> pa.Table:
    """A column of every kind, synthetic, of forty rows."""
    places = range(ROWS)
    days = [dt.date(2020 + at // 12, at % 12 + 1, 1) for at in places]
    return pa.table(
        {
            "row_number": list(places),
            "day": pa.array(days, pa.date32()),
            "moment": pa.array(
                [dt.datetime(2026, 1, 1, at % 24, at, tzinfo=dt.UTC).replace(tzinfo=None) for at in places],
                pa.timestamp("us"),
            ),
            "clock": pa.array([dt.time(at % 24, at) for at in places], pa.time64("us")),
            "year": [2000 + at % 2 for at in places],
            "month": [at % 12 + 1 for at in places],
            "dep_time": [at * 50 for at in places],
            "flight_no": [at * 7 % 11 for at in places],
            "own_id": [at * 10**15 for at in places],
            "truth": [None if at == 3 else at % 2 == 0 for at in places],
            "kind": ["甲" if at % 3 else "b" for at in places],
            "name": [f"{'x' * (at % 7)}{at}" for at in places],
            "empty": pa.array([None] * ROWS, pa.float64()),
            "empty_text": pa.array([None] * ROWS, pa.string()),
            "one": [5.0] * ROWS,
            "one_text": ["x"] * ROWS,
            "nan": [math.nan] * ROWS,
            "odd": [math.nan, math.inf, -math.inf, 1.0] * (ROWS // 4),
            "huge": [-(2**63) if at else 2**63 - 1 for at in places],
            "vast": [-1.7e308 if at % 2 else 1.7e308 for at in places],
            "tiny": [5e-324 * at for at in places],
            "small": [1e-15 * at for at in places],
            "price": pa.array([decimal.Decimal(at) / 4 for at in places], pa.decimal128(30, 2)),
            "long": pa.array([decimal.Decimal(10**30 + at) for at in places], pa.decimal128(38, 0)),
            "amount": [float(at % 9) for at in places],
        }
    )


FIELDS = {
    "row_number": {"title": "Row number"},
    "year": {"type": "year"},
    "dep_time": {"type": "integer", "civicat": {"unit": "hhmm"}},
    "clock": {"type": "time"},
    "price": {"type": "number", "civicat": {"unit": "USD"}},
    "long": {"type": "integer"},
    "amount": {"type": "number", "civicat": {"unit": "km", "generated": True}},
    **{name: {"type": "number"} for name in ("empty", "one", "nan", "odd", "vast", "tiny", "small")},
}


def links(page: str) -> set[str]:
    return set(re.findall(r'href="(/d/[^"]+/chart/[^"]+)"', page))


@pytest.fixture
def release(make_release: MakeRelease) -> Release:
    return make_release("demo/all", tables={"all": every_kind()}, fields=FIELDS)


@pytest.mark.usefixtures("release")
def test_every_chart_of_a_column_of_every_kind_opens(get: Get) -> None:
    found = links(get(f"{BASE}/charts").text)
    assert f"{BASE}/chart/distribution/all/row_number" in found
    answers = {link: get(link) for link in sorted(found)}
    assert {link: one.status_code for link, one in answers.items() if one.status_code != 200} == {}
    assert not [link for link, one in answers.items() if re.search(r"[ \"](nan|inf)[ \"<h]", one.text)]


@pytest.mark.usefixtures("release")
def test_keys_that_are_whole_numbers_are_drawn_as_numbers(get: Get) -> None:
    page = get(f"{BASE}/chart/distribution/all/row_number").text
    assert "Row number: how its values are spread" in page


@pytest.mark.parametrize(
    ("kind", "names", "by"),
    [
        ("series", ("day", "dep_time"), ""),
        ("bars", ("kind", "dep_time"), "mean"),
        ("series", ("day", "flight_no"), ""),
        ("series", ("day", "own_id"), ""),
        ("bars", ("kind", "row_number"), ""),
        ("bars", ("kind", "month"), ""),
    ],
)
def test_clocks_numbers_and_keys_are_neither_averaged_nor_added_up(
    release: Release, kind: str, names: tuple[str, ...], by: str
) -> None:
    asked = Asked(kind, "all", names, by)  # type: ignore[arg-type] # as an address names it
    assert not fits(asked, columns(release, release.tables[0]))


@pytest.mark.usefixtures("release")
def test_a_page_says_why_a_chart_is_not_drawn_and_which_can_be(get: Get) -> None:
    clock = f"{BASE}/chart/series/all/day/dep_time"
    english, chinese = get(clock), get(clock, accept_language="zh")
    assert english.status_code == chinese.status_code == 404
    assert "is a time of day that is written as a number (hhmm)" in english.text
    assert "是写成数字的钟点（hhmm），不能相加，也不能取平均。" in chinese.text
    assert "These can be drawn:" in english.text
    assert f"{BASE}/chart/distribution/all/dep_time" in links(english.text)
    assert clock not in links(english.text)
    short = f"{BASE}/chart/series/all/year/amount"
    assert "These data have 2 periods: a line needs 3." in get(short).text
    assert "只有 2 个时段，折线至少要有 3 个。" in get(short, accept_language="zh").text
    assert get(short).status_code == get(f"{short}.svg").status_code == 404
    assert short not in links(unquote(get(f"{BASE}/charts").text.split("<details")[0]))


def test_a_total_is_offered_where_it_means_something(get: Get, make_release: MakeRelease) -> None:
    table = pa.table({"id": [1, 2, 3], "kind": ["a", "a", "b"], "share": [1.0, 2.0, 3.0], "length": [1.0, 2.0, 3.0]})
    fields = {"share": {"civicat": {"unit": "%"}}, "length": {"civicat": {"unit": "km"}}}
    make_release(tables={"towns": table}, fields=fields)
    base = "/d/demo/towns/1.0.0/chart/bars/towns/kind"
    assert f"{base}/length?by=sum" in get(f"{base}/length").text
    assert "?by=sum" not in get(f"{base}/share").text
    refused = get(f"{base}/share?by=sum")
    assert refused.status_code == 404
    assert "is in %: a total of such values means nothing" in refused.text

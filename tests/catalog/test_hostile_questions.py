"""What a reader must not stumble over: shared links, long cells, empty places, parameters that would say nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from datetime import date

import httpx
import pyarrow as pa
import pytest

from civicat.catalog.app import CatalogueSite, application, open_site
from civicat.catalog.index.building import build_index
from civicat.layout import Layout
from civicat.release import Release

Get = Callable[..., httpx.Response]
LONG = "长" * 20_000


@pytest.fixture
def get(layout: Layout, make_release: Callable[..., Release]) -> Iterator[Get]:
    """Asks a site with two tables: eight stops with seven texts and a day, and one place with a column `fbclid`."""
    make_release(
        "bus/stops",
        tables={"stops": _stops()},
        fields={
            "code": {
                "title": "code",
                "civicat": {"zh": {"title": "代码"}},
                "example": "x" * 500,
                "constraints": {"pattern": r"\d{6}"},
            }
        },
    )
    make_release("bus/places", tables={"places": pa.table({"id": ["a", "b"], "fbclid": ["1", "2"]})})
    opened: CatalogueSite = open_site(layout, build_index(layout))

    async def ask(path: str, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(app=application(opened))
        async with httpx.AsyncClient(transport=transport, base_url="http://data.example.org") as client:
            return await client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    yield lambda path, **headers: asyncio.run(ask(path, headers))
    opened.close()


def _stops() -> pa.Table:
    codes = [f"11010{number}" for number in range(8)]
    texts = {f"text{place}": [f"v{number % 3}" for number in range(8)] for place in range(7)}
    return pa.table({"code": codes, **texts, "day": [date(2026, 1, 1)] * 8, "note": ["short"] * 7 + [LONG]})


def reading(html: str) -> str:
    """The text of a page, as read."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.partition("<main")[2]))


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("?_labels=on", "“_labels” in the address is not known here."),
        ("?_label=text1", "“_label” in the address is not known here."),
        ("?_shape=array", "“_shape” is for addresses in .json only."),
        ("?_facet_size=5", "“_facet_size” is for addresses in .json only."),
        ("?_facet_date=day", "“_facet_date” is for addresses in .json only."),
        ("?_size=0", "_size must be a whole number from 1 to 1000."),
        ("?text1__date=2020-01-01", "The column “text1” has no dates"),
        ("?from=2020", "This table has no column “from”."),
        ("?" + "&".join(f"_facet=text{place}" for place in range(7)), "One question counts the values of 6 columns"),
        ("/110101?_shape=array", "“_shape” is for addresses in .json only."),
        (".csv?_header=off", "“_header” in the address is not known here."),
        (".csv?_size=5", "“_size” is for addresses in .json only."),
        (".json?_labels=on", "“_labels” in the address is not known here."),
        (".json?_shape=foo", "_shape must be one of: arrays, objects, array, object, arrayfirst."),
        ("/110101.json?_shape=foo", "_shape must be one of"),
        (".json?_json_infinity=x", "_json_infinity must be one of"),
        (".json?_facet_size=abc", "_facet_size must be a whole number from 1 to 200."),
        (".json?_facet_size=201", "_facet_size must be a whole number from 1 to 200."),
        (".json?_facet_date=text1", "The column “text1” has no dates"),
    ],
)
def test_what_would_say_nothing_is_refused_with_the_reason(get: Get, question: str, reason: str) -> None:
    answer = get(f"/bus/stops{question}")
    assert answer.status_code == 400
    assert reason in (answer.json()["error"] if "json" in answer.headers["content-type"] else reading(answer.text))


def test_what_each_format_knows_is_answered(get: Get) -> None:
    assert get("/bus/stops.json?_shape=array&_size=0").json() == []
    assert get("/bus/stops.json?_facet_date=day&_facet_size=2").json()["facet_results"]["day"]["results"]
    assert len(get("/bus/stops.csv?_sort_desc=code&_col=day").text.splitlines()) == 9


def test_a_facet_is_counted_once_however_often_it_is_asked_for(get: Get) -> None:
    asked = "&".join(["_facet=text1"] * 40)
    assert list(get(f"/bus/stops.json?{asked}").json()["facet_results"]) == ["text1"]
    page = get(f"/bus/stops?{asked}").text
    assert page.count('<details class="facet"') == 1
    assert page.count("_facet=text1") < 100


def test_a_filters_csv_leaves_out_what_shapes_the_page(get: Get) -> None:
    page = get("/bus/stops?text1=v1&_size=2&_facet=text2").text
    assert 'href="/bus/stops.csv?text1=v1"' in page
    assert get("/bus/stops.csv?text1=v1").status_code == 200


@pytest.mark.parametrize(
    "shared", ["fbclid=1", "utm_source=x", "gclid=", "from=timeline&isappinstalled=0", "spm=a1.b2", "_ga=1"]
)
def test_what_was_appended_to_a_shared_link_is_passed_over(get: Get, shared: str) -> None:
    page = get(f"/bus/stops?text1=v1&{shared}")
    assert page.status_code == 200
    assert "3 of 8 rows" in reading(page.text)
    assert shared.partition("=")[0] + "=" not in page.text.partition("<main")[2]
    assert get(f"/bus/stops/110101?{shared}").status_code == 200
    assert get(f"/bus/stops.json?{shared}").status_code == 400


def test_a_column_called_like_a_tracking_parameter_is_filtered_by(get: Get) -> None:
    assert "1 of 2 rows" in reading(get("/bus/places?fbclid=1").text)


def test_a_place_without_rows_leads_back_to_the_first(get: Get) -> None:
    page = get("/bus/stops?_next=zzzz").text
    assert "There are no rows after this place." in reading(page)
    assert "This table has no rows." not in page
    assert '<a href="/bus/stops">Back to the first rows</a>' in page


def test_a_long_cell_is_cut_and_says_so(get: Get) -> None:
    table, row = get("/bus/stops").text, get("/bus/stops/110107").text
    assert table.count("长") == 300
    assert "(the first 300 of 20,000 characters; the whole text is in the download)" in reading(table)
    assert row.count("长") == 5_000
    assert "the first 5,000 of 20,000 characters" in reading(row)
    assert 'href="/d/bus/stops/1.0.0/stops.csv"' in row
    assert "x" * 120 + "…" in get("/d/bus/stops").text
    assert "x" * 121 not in get("/d/bus/stops").text
    assert len(get("/bus/stops?_facet=note").text) < 100_000


@pytest.mark.parametrize("path", ["/d", "/d/bus", "/bus", "/about", "/search", "/d/bus/stops", "/bus/stops"])
def test_a_slash_at_the_end_leads_to_the_address_without(get: Get, path: str) -> None:
    answer = get(f"{path}/?q=%E4%BA%BA&x=1")
    assert (answer.status_code, answer.headers["location"]) == (301, f"{path}?q=%E4%BA%BA&x=1")
    assert get(f"{path}/").headers["location"] == path


@pytest.mark.parametrize("path", ["//example.org/", "/\\example.org/", "/~2Fexample.org/"])
def test_a_slash_at_the_end_leads_nowhere_else(get: Get, path: str) -> None:
    assert get(f"http://data.example.org{path}").status_code == 404


def test_a_row_is_called_by_its_key_and_stands_in_its_department(get: Get) -> None:
    chinese = get("/bus/stops/110101", accept_language="zh").text
    assert "stops 数据：代码 110101" in reading(chinese)
    assert "第 110101 行" not in chinese
    assert "已核验" in chinese
    assert '<li><a href="/d/bus">Office of bus</a></li>' in get("/bus/stops/110101").text


def test_a_column_whose_title_is_its_name_is_named_once(get: Get) -> None:
    page = get("/d/bus/stops").text
    assert "<code>code</code></a><br>" not in page
    assert "<code>text1</code></a><br>Text1" in page
    assert "由谁负责" in get("/d/bus/stops", accept_language="zh").text


def test_a_pattern_is_said_to_be_one(get: Get) -> None:
    assert "must match the pattern <code>\\d{6}</code>" in get("/d/bus/stops").text
    assert "须符合格式 <code>\\d{6}</code>" in get("/d/bus/stops", accept_language="zh").text


def test_one_row_is_not_one_rows(get: Get) -> None:
    assert "Row 1 of 1" in reading(get("/bus/places?id=a").text)


def test_control_characters_and_long_searches_do_not_reach_the_page(get: Get) -> None:
    assert "\0" not in get("/search?q=a%00b&theme=%00").text
    page = get("/search?q=" + "人" * 3_000)
    assert "only its first 200 characters were looked for" in reading(page.text)
    assert len(page.content) < 20_000
    assert "only its first" not in get("/search?q=" + "x" * 200).text


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("data.example.org:8001", "http://data.example.org:8001"),
        ("[::1]:8001", "http://[::1]:8001"),
        ('x";rm -rf;"', ""),
        ("a b", ""),
    ],
)
def test_a_host_that_is_none_goes_into_no_line(get: Get, host: str, origin: str) -> None:
    page = get("/d/bus/stops", host=host).text
    assert f"curl -O {origin}/d/bus/stops/1.0.0/stops.csv" in page
    assert "rm -rf" not in page

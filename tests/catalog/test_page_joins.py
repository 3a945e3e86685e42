"""The pages of joins: the catalogue's, a dataset's, and each join's, in both languages, whatever is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import httpx
import pyarrow as pa
import pytest

from civicat.catalog.pages.joins import wrapped
from civicat.publish.profile import Profiler
from civicat.release import Release

Get = Callable[..., httpx.Response]
MakeRelease = Callable[..., Release]
CODES = [f"{letter}{number:03}X" for letter in "ABCD" for number in range(10)]


@pytest.fixture
def joined(make_release: MakeRelease) -> None:
    """Visits (of two departments) to places of a third; of the last five places one department knows nothing."""
    key = {"fields": ["place"], "reference": {"dataset": "works/places", "resource": "places", "fields": ["code"]}}
    places = pa.table({"code": CODES, "name": [f"<b>{code}" for code in CODES], "名称": ["地点"] * 40})
    visits = pa.table({"visit": [f"visit {at} to it" for at in range(80)], "place": CODES * 2})
    strikes = pa.table(
        {"strike": [f"strike {at} at it" for at in range(37)], "place": [*CODES[:35], CODES[0], "Z000X"]}
    )
    _publish(make_release, "works/places", places)
    _publish(make_release, "parks/visits", visits, across={"visits": [key]})
    _publish(make_release, "fire/strikes", strikes)
    _publish(make_release, "fire/alone", pa.table({"year": [2001, 2002], "cost": [3, 4]}))


def _publish(make_release: MakeRelease, dataset: str, table: pa.Table, **said: Any) -> None:  # noqa: ANN401 (as make_release)
    name = dataset.partition("/")[2]
    release = make_release(dataset, "1.0.0", {name: table}, **said)
    profiler = Profiler(table.schema, release.tables[0].resource, release.tables[0].resource.schema.primary_key)
    profiler.add(table)
    (release.folder / "profile.json").write_text(json.dumps({"tables": [profiler.result()]}), "utf-8")


def _address(get: Get, dataset: str) -> str:
    found = re.search(rf"/d/{dataset}/joins/[0-9a-f]{{12}}", get(f"/d/{dataset}/joins").text)
    assert found
    return found[0]


@pytest.mark.usefixtures("joined")
def test_a_dataset_tells_what_it_can_look_up_and_what_can_look_it_up(get: Get) -> None:
    visits, places = get("/d/parks/visits/joins").text, get("/d/works/places/joins").text
    assert "<code>place</code> is found in <code>code</code> of" in visits
    assert "declared by the department" in visits
    assert "all 40 values" in visits
    assert "35 of 36 values" in places
    assert "found by its values" in places
    assert places.index("/d/parks/visits/joins/") < places.index("/d/fire/strikes/joins/")
    chinese = get("/d/works/places/joins", accept_language="zh").text
    assert "什么可以查找它" in chinese
    assert "36 个取值中的 35 个" in chinese


@pytest.mark.usefixtures("joined")
def test_a_join_shows_what_meets_what_does_not_and_sql(get: Get) -> None:
    page = get(_address(get, "fire/strikes"))
    text = unescape(page.text)
    assert page.status_code == httpx.codes.OK
    assert "35 of 36" in text  # values
    assert "36 of 37" in text  # rows
    assert "<code>Z000X</code>" in text
    assert "5 values: <code>" in text
    assert 'b."名称"' in text
    assert "-- curl -O http://data.example.org/d/works/places/1.0.0/places.parquet" in text
    assert "read_parquet('http://data.example.org/d/works/places/1.0.0/places.parquet')" in text
    assert "<b>A000X" not in page.text
    chinese = get(_address(get, "fire/strikes"), accept_language="zh").text
    assert "35 / 36" in chinese
    assert "关联后的前几行" in chinese


@pytest.mark.usefixtures("joined")
def test_the_catalogue_counts_departments_that_meet_and_lists_what_is_looked_up(get: Get) -> None:
    page, chinese = get("/joins").text, get("/joins", accept_language="zh").text
    assert "2 of them join two departments." in page
    assert "其中 2 对跨部门" in chinese
    assert 'href="/joins?from=works&amp;to=fire"' in page
    assert "2 datasets look things up here" in page
    assert page.count('<path class="tie"') == 2
    assert 'role="img"' in page
    assert "/d/fire/strikes/joins/" in get("/joins?from=works&to=fire").text
    assert "No dataset of the one meets a dataset of the other." in get("/joins?from=fire&to=parks").text


@pytest.mark.usefixtures("joined")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_picture_names_every_department_of_the_table_in_full_and_in_no_tooltip(get: Get, language: str) -> None:
    page = get("/joins", accept_language=language).text
    picture = page[page.index('<svg class="net"') : page.index("</svg>", page.index('<svg class="net"'))]
    table = page[page.index('<table class="net"') :]
    rows = re.findall(r'<th scope="row">(.*?)</th>', table)
    names = [unescape(re.sub("<[^>]*>", "", row)) for row in rows]
    assert len(names) == picture.count("<circle") == 3
    said = unescape(picture.partition('aria-label="')[2].partition('"')[0])
    assert all(name in said for name in names)
    assert "<abbr" not in page
    assert " title=" not in table


def test_names_are_parted_between_words_and_chinese_evenly() -> None:
    assert wrapped("National Office of Roads and Bridges") == ["National Office of", "Roads and Bridges"]
    assert wrapped("道路与桥梁和隧道管理中心") == ["道路与桥梁和", "隧道管理中心"]
    assert wrapped("Roads") == ["Roads"]


def test_the_last_name_of_a_full_ring_stays_within_the_picture(get: Get, make_release: MakeRelease) -> None:
    for at in range(13):
        table = pa.table({"code": CODES, "name": [f"{code} {at}" for code in CODES]})
        _publish(make_release, f"office-{at}/places", table)
    page = get("/joins").text
    width, height = map(int, re.findall(r'class="net" viewBox="0 0 (\d+) (\d+)"', page)[0])
    places = re.findall(r'<tspan x="([\d.-]+)" y="([\d.-]+)"', page)
    assert len(places) >= 13
    assert all(150 < float(x) < width - 150 and 12 < float(y) < height - 5 for x, y in places)


@pytest.mark.usefixtures("joined")
def test_without_a_join_the_page_says_why(get: Get) -> None:
    assert "are not taken for joins" in get("/d/fire/alone/joins").text
    assert "不作为关联" in get("/d/fire/alone/joins", accept_language="zh").text


@pytest.mark.usefixtures("joined")
@pytest.mark.parametrize(
    "address",
    [
        "/joins?from=%3Cscript%3E&to=*",
        "/joins?from=works",
        "/joins?to=works&from=",
        "/joins?from=*&to=*",
        "/d/no/such/joins",
        "/d/fire/strikes/joins/000000000000",
        "/d/fire/strikes/joins/..%2f",
    ],
)
def test_whatever_is_asked_is_answered_without_a_script_or_a_fault(get: Get, address: str) -> None:
    answer = get(address)
    assert answer.status_code in {200, 404}
    assert "<script>" not in answer.text
    assert (answer.status_code == httpx.codes.OK) is address.startswith("/joins")


@pytest.mark.usefixtures("joined")
def test_of_a_release_that_is_down_no_row_is_shown(get: Get, retract: Callable[..., None]) -> None:
    address = _address(get, "fire/strikes")
    assert "Z000X" in get(address).text
    retract("fire/strikes", "1.0.0")
    answer = get(address)
    assert answer.status_code in {404, 410}
    assert "Z000X" not in answer.text

"""The pages of charts, their files, and the card of a release."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator

import httpx
import pyarrow as pa
import pytest

from civicat.catalog.charts.asked import encoded
from civicat.catalog.charts.studio import studio
from civicat.layout import Layout
from civicat.release import Release

Get = Callable[..., httpx.Response]
MakeRelease = Callable[..., Release]

BASE = "/d/demo/traffic/1.0.0"
ODD = '路/名 "a".svg'
PNG = b"\x89PNG\r\n"


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    studio().close()


@pytest.fixture
def traffic(make_release: MakeRelease) -> Release:
    """Speeds by road and day, at places."""
    days = [dt.date(2026, month, 1) for month in (1, 2, 3, 4)] * 5
    table = pa.table(
        {
            "id": list(range(20)),
            "day": pa.array(days, pa.date32()),
            ODD: ["甲路", "<b>", "甲路", None] * 5,
            "speed": [float(place) for place in range(20)],
            "lat": [30 + place / 10 for place in range(20)],
            "lon": [110 + place / 10 for place in range(20)],
        }
    )
    fields = {"speed": {"civicat": {"unit": "km/h", "caveats": [{"zh": "只测白天。", "en": "By day only."}]}}}
    return make_release("demo/traffic", tables={"traffic": table}, fields=fields, manifest=True)


@pytest.mark.usefixtures("traffic")
def test_the_page_of_all_charts_leads_to_each_in_both_languages(get: Get) -> None:
    english, chinese = get("/d/demo/traffic/charts"), get(f"{BASE}/charts", accept_language="zh")
    assert english.status_code == chinese.status_code == 200
    assert "The traffic data in charts" in english.text
    assert "traffic 数据：图表" in chinese.text
    assert english.text.count("<h1>") == 1
    links = set(re.findall(rf'<h3><a href="({BASE}/chart/[^"]+)"', english.text))
    assert f"{BASE}/chart/map/traffic/speed" in links
    assert f"{BASE}/chart/series/traffic/day/speed" in links
    assert all(get(link).status_code == 200 for link in links)
    ids = re.findall(r'\bid="([^"]+)"', english.text)
    assert len(ids) == len(set(ids))


@pytest.mark.usefixtures("traffic")
def test_a_chart_says_what_it_shows_how_it_was_made_and_whose_it_is(get: Get) -> None:
    address = f"{BASE}/chart/series/traffic/day/speed"
    english, chinese = get(address).text, get(address, accept_language="zh").text
    assert "<h1>Speed by month, average</h1>" in english
    assert "<h1>speed 列逐月变化（平均）</h1>" in chinese
    for page in (english, chinese):
        assert page.count('role="img"') == 3  # the wordmark, and the chart for wide and for narrow screens
        assert re.search(r"<desc id=\"cw-d\">[^<]*8[^<]*11", page)
        assert '<td class="n">8</td><td class="n">5</td>' in page
        assert f'href="{address}.csv"' in page
        assert "?embed=1&#34;" in page
        assert "date_trunc(" in page
        assert '<time datetime="2026-11-02T08:00:00Z">' in page
        assert 'href="https://example.org/licence"' in page
    assert "By day only." in english
    assert "只测白天。" in chinese
    assert "Counts are estimates." in english
    assert "Computed by DuckDB from the 20 rows of this version." in english
    assert "?by=sum" not in english, "speeds have no total"


@pytest.mark.usefixtures("traffic")
def test_any_name_is_found_and_nothing_of_the_data_is_markup(get: Get) -> None:
    name = encoded(ODD)
    for kind in ("bars", "distribution"):
        answer = get(f"{BASE}/chart/{kind}/traffic/{name}")
        assert answer.status_code == 200
        assert "&lt;b&gt;" in answer.text
        assert "<b>" not in answer.text
        assert '<span lang="zh-Hans">甲路</span>' in answer.text or "甲路" in answer.text
    svg = get(f"{BASE}/chart/bars/traffic/{name}.svg")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert "&lt;b&gt;" in svg.text
    csv = get(f"{BASE}/chart/bars/traffic/{name}/speed.csv").text
    assert csv.splitlines()[0] == "value_of,figure,rows"
    assert "甲路,9,10" in csv


HOPELESS = (
    "chart/distribution/traffic/nothing",
    "chart/distribution/nothing/speed",
    "chart/series/traffic/speed/day",
    "chart/map/traffic/day",
    "chart/distribution/traffic",
    "chart/bars/traffic/a/b/c",
    "chart/distribution/traffic/%00%ff%3Cscript%3E",
    f"chart/distribution/traffic/{'x' * 3_000}",
    "chart/map/traffic/nothing.svg",
)


@pytest.mark.usefixtures("traffic")
def test_what_cannot_be_drawn_is_a_page_of_what_can(get: Get) -> None:
    for piece in HOPELESS:
        english, chinese = get(f"{BASE}/{piece}"), get(f"{BASE}/{piece}", accept_language="zh")
        assert english.status_code == chinese.status_code == 404
        assert "These can be drawn:" in english.text
        assert "以下各列可以画图" in chinese.text
        assert f'href="{BASE}/chart/distribution/traffic/speed"' in english.text
        assert "<script>" not in english.text


@pytest.mark.usefixtures("traffic")
def test_an_unknown_question_is_passed_over(get: Get) -> None:
    for query in ("?by=drop", "?by=mean&by=sum", "?lang=xx", "?embed=2", "?by=%3Cscript%3E"):
        answer = get(f"{BASE}/chart/series/traffic/day/speed{query}")
        assert answer.status_code == 200
        assert "<script>" not in answer.text


@pytest.mark.usefixtures("traffic")
def test_other_releases_and_datasets_are_not_found_in_our_words(get: Get) -> None:
    for path in ("/d/demo/traffic/2.0.0/charts", "/d/demo/nothing/charts", "/d/demo/traffic/01.0.0/charts"):
        assert get(path).status_code == 404
    assert get("/d/demo/traffic/2.0.0/card-en.png").status_code == 404
    assert get(f"{BASE}/chart/pie/traffic/speed").status_code == 404


def test_what_was_taken_down_is_gone_with_its_charts(
    get: Get, make_release: MakeRelease, retract: Callable[..., None], layout: Layout
) -> None:
    make_release("demo/towns", "1.0.0", manifest=True)
    make_release("demo/towns", "1.1.0", manifest=True)
    address = "/d/demo/towns/1.0.0/chart/bars/towns/code/people"
    assert get(address).status_code == 200
    assert get("/d/demo/towns/1.0.0/card-en.png").status_code == 200
    kept = layout.cache / "exports" / "demo" / "towns" / "1.0.0"
    assert list(kept.rglob("*.json"))
    retract("demo/towns", "1.0.0")
    assert not kept.exists()
    for path in (address, f"{address}.svg", "/d/demo/towns/1.0.0/charts", "/d/demo/towns/1.0.0/card-en.png"):
        assert get(path).status_code == 410
    assert get("/d/demo/towns/charts").status_code == 200
    retract("demo/towns", "1.1.0")
    assert get("/d/demo/towns/charts").status_code == 410


@pytest.mark.usefixtures("traffic")
def test_files_speak_the_language_that_is_asked_for_and_are_the_same_each_time(get: Get) -> None:
    address = f"{BASE}/chart/distribution/traffic/speed.svg"
    first, again = get(address), get(address)
    assert first.content == again.content
    assert first.headers["etag"] == again.headers["etag"]
    assert "Speed: how its values are spread" in first.text
    assert "数值的分布" in get(f"{address}?lang=zh").text
    assert "数值的分布" in get(address, accept_language="zh").text
    assert get(address, if_none_match=first.headers["etag"]).status_code == 304
    assert get(address, "HEAD").content == b""
    assert "Public domain" in first.text
    assert "/d/demo/traffic/1.0.0" in first.text


@pytest.mark.usefixtures("traffic")
def test_a_picture_of_a_chart_and_of_the_release(get: Get, layout: Layout) -> None:
    for path in ("chart/map/traffic/speed.png", "card-en.png", "card-zh.png"):
        answer = get(f"{BASE}/{path}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/png"
        assert answer.content.startswith(PNG)
        assert get(f"{BASE}/{path}", if_none_match=answer.headers["etag"]).status_code == 304
    card = get(f"{BASE}/card-zh.png").content
    assert (int.from_bytes(card[16:20]), int.from_bytes(card[20:24])) == (1200, 630)
    studio().close()
    assert get(f"{BASE}/card-zh.png").content == card
    assert studio().process is None, "it was kept"
    assert len(list((layout.cache / "exports").rglob("*.png"))) == 3


@pytest.mark.usefixtures("traffic")
def test_the_page_for_frames_has_the_chart_and_leads_here(get: Get) -> None:
    page = get(f"{BASE}/chart/bars/traffic/{encoded(ODD)}?embed=1").text
    assert '<body class="embed">' in page
    assert 'target="_blank" rel="noopener"' in page
    assert "<header" not in page
    assert page.count("<h1>") == 1


def test_a_column_of_nothing_is_told_and_not_drawn(get: Get, make_release: MakeRelease) -> None:
    table = pa.table({"id": [1, 2], "depth": pa.array([None, None], pa.float64())})
    make_release("demo/empty", tables={"empty": table})
    address = "/d/demo/empty/1.0.0/chart/distribution/empty/depth"
    assert "There is no value to draw." in get(address).text
    assert "没有可画的数值。" in get(address, accept_language="zh").text
    assert get(f"{address}.svg").status_code == 404
    assert get(f"{address}.csv").text == "from,to,rows\n"
    assert get("/d/demo/empty/1.0.0/charts").status_code == 200


def test_a_damaged_file_is_our_fault_and_takes_no_page_down(get: Get, traffic: Release) -> None:
    assert get(f"{BASE}/charts").status_code == 200
    size = traffic.tables[0].path.stat().st_size
    traffic.tables[0].path.write_bytes(b"x" * size)
    assert get(f"{BASE}/chart/bars/traffic/id").status_code == 500
    assert get(f"{BASE}/chart/series/traffic/day/speed").status_code == 200, "it was kept"

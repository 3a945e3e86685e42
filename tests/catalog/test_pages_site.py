"""The pages as the site answers them, on a store of tiny releases."""

import asyncio
import json
from collections.abc import Callable, Iterator

import httpx
import pyarrow as pa
import pytest

from civicat.catalog.app import CatalogueSite, application, open_site
from civicat.catalog.index.building import build_index
from civicat.layout import Layout
from civicat.release import Release

MakeRelease = Callable[..., Release]
Get = Callable[..., httpx.Response]


@pytest.fixture
def get(layout: Layout) -> Iterator[Get]:
    """Asks the site of the store as it is at the first question; takes a path and headers."""
    opened: list[CatalogueSite] = []

    def ask(path: str, **headers: str) -> httpx.Response:
        if not opened:
            opened.append(open_site(layout, build_index(layout)))
        return asyncio.run(_ask(path, headers))

    async def _ask(path: str, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(app=application(opened[0]))
        async with httpx.AsyncClient(transport=transport, base_url="http://data.example.org") as client:
            return await client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    yield ask
    for site in opened:
        site.close()


def test_an_empty_catalogue_says_so(get: Get) -> None:
    answer = get("/")
    assert answer.status_code == 200
    assert "Nothing has been published yet" in answer.text


def test_the_home_page_counts_what_there_is_and_shows_themes_without_data_too(
    get: Get, make_release: MakeRelease
) -> None:
    make_release("demo/towns", "1.0.0")
    make_release("demo/towns", "1.1.0", released="2026-11-03T08:00:00Z")
    page = get("/").text
    assert "1 dataset of 1 department: 2 rows" in page
    assert 'href="/search?theme=population"' in page
    assert 'href="/search?theme=health"' not in page, "a theme without data is no link"
    assert "疫情防控与健康" in page
    assert 'aria-label="2 releases"' in page


def test_text_of_a_descriptor_is_never_markup(get: Get, make_release: MakeRelease) -> None:
    make_release("demo/towns", package={"title": "<script>alert(1)</script>", "description": "a & b <i>c</i>"})
    for path in ("/", "/search", "/d/demo", "/d/demo/towns"):
        page = get(path).text
        assert "<script>" not in page
        assert "alert(1)" in page
    assert "a &amp; b &lt;i&gt;c&lt;/i&gt;" in get("/d/demo/towns").text


def test_an_older_version_says_which_is_the_latest_and_offers_no_table(get: Get, make_release: MakeRelease) -> None:
    make_release("demo/towns", "1.0.0")
    make_release("demo/towns", "1.1.0")
    older, latest = get("/d/demo/towns/1.0.0").text, get("/d/demo/towns").text
    assert 'the latest is <a href="/d/demo/towns">1.1.0</a>' in older
    assert 'href="/demo/towns"' not in older
    assert 'href="/demo/towns"' in latest
    assert "the latest is" not in latest
    assert 'rel="canonical" href="http://data.example.org/d/demo/towns/1.1.0"' in latest


def test_a_page_states_the_address_under_which_the_reader_asked(get: Get, make_release: MakeRelease) -> None:
    make_release("demo/towns", "1.0.0")
    page = get("/d/demo/towns").text
    assert (
        "Office of demo (2026). The towns data. Version 1.0.0. civicat. http://data.example.org/d/demo/towns/1.0.0"
        in page
    )
    assert "curl -O http://data.example.org/d/demo/towns/1.0.0/towns.csv" in page


def test_only_the_newest_versions_are_listed_in_full(get: Get, make_release: MakeRelease) -> None:
    for minor in range(22):
        make_release("demo/towns", f"1.{minor}.0")
    page = get("/d/demo/towns").text
    assert "2 older versions" in page
    assert '<a href="/d/demo/towns/1.0.0">1.0.0</a>' in page


def test_a_key_into_another_department_is_a_link_with_its_title(get: Get, make_release: MakeRelease) -> None:
    make_release("land/states", tables={"states": pa.table({"code": ["CA"]})})
    key = {"fields": ["state"], "reference": {"dataset": "land/states", "resource": "states", "fields": ["code"]}}
    towns = pa.table({"town": ["a"], "state": ["CA"]})
    make_release("demo/towns", tables={"towns": towns}, across={"towns": [key]})
    page = get("/d/demo/towns").text
    assert '<a href="/d/land/states">The states data</a>' in page
    assert "Office of land" in page


@pytest.mark.parametrize(
    "path", ["/d/demo/town", "/d/demo/towns/9.9.9", "/d/demo/towns/01.0", "/d/dmo", "/nowhere/at/all"]
)
def test_what_is_not_there_answers_404_in_the_look_of_the_site(get: Get, make_release: MakeRelease, path: str) -> None:
    make_release("demo/towns")
    answer = get(path)
    assert answer.status_code == 404
    assert 'class="mast"' in answer.text


def test_a_mistyped_name_is_answered_with_the_nearest(get: Get, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    page = get("/d/demo/town").text
    assert 'The nearest name is <a href="/d/demo/towns">The towns data</a>.' in page
    assert "nearest" not in get("/d/something/else").text


def test_a_department_shows_what_is_missing_and_only_the_ways_to_reach_it_that_there_are(
    get: Get, make_release: MakeRelease
) -> None:
    make_release("demo/towns", department={"gaps": [{"zh": "镇界地图", "en": "Maps of the borders"}]})
    page = get("/d/demo").text
    assert "Maps of the borders" in page
    assert 'href="mailto:desk@example.org"' in page
    assert 'href="tel:' not in page
    assert "镇界地图" in get("/d/demo", accept_language="zh").text


def test_nothing_found_says_where_was_looked(get: Get, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    page = get("/search?q=xylophone&theme=population").text
    assert "<h1>No dataset matches “xylophone”</h1>" in page
    assert "Looked in 1 dataset:" in page


def test_signs_alone_are_no_question(get: Get, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    assert "There are no words in this search" in get("/search?q=!!").text


def test_a_result_found_in_the_other_language_shows_the_words_there(get: Get, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    assert '<span lang="zh-Hans">towns <mark>数据</mark></span>' in get("/search?q=数据").text


def test_the_stylesheet_is_there_and_its_address_changes_with_its_content(get: Get) -> None:
    page = get("/").text
    address = page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    assert "?v=" in address
    assert get(address).headers["content-type"].startswith("text/css")


def test_a_remark_of_the_checks_is_shown_in_the_language_of_the_page(get: Get, make_release: MakeRelease) -> None:
    finding = {"civicat": {"message": {"zh": "已跳过 2 个空行。", "en": "2 empty rows were skipped."}}}
    report = {"tasks": [{"place": "data/towns.csv", "stats": {"rows": 2}, "civicat": {"warnings": [finding]}}]}
    (make_release("demo/towns").folder / "report.json").write_text(json.dumps(report), "utf-8")
    assert "<li>2 empty rows were skipped.</li>" in get("/d/demo/towns").text
    assert "<li>已跳过 2 个空行。</li>" in get("/d/demo/towns", accept_language="zh").text

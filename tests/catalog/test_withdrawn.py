"""A release that is taken down answers 410 under every address at once, in a running site, before any new index."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import httpx
import pyarrow as pa
import pytest

from civicat.catalog.index.building import build_index
from civicat.catalog.index.reader import Catalogue
from civicat.catalog.model import Question
from civicat.catalog.search.searching import Search
from civicat.layout import Layout
from civicat.release import Release

Get = Callable[..., httpx.Response]
MakeRelease = Callable[..., Release]
Retract = Callable[..., None]

HOME = "/d/demo/towns/1.1.0"
PAGES = (HOME, "/d/demo/towns/diff/1.0.0/1.1.0", "/demo/towns", "/demo/towns/a")
FILES = (
    *(f"{HOME}/{name}" for name in ("towns.parquet", "towns.csv", "towns-excel.csv", "towns.ndjson", "towns.xlsx")),
    *(
        f"{HOME}/{name}"
        for name in ("towns.arrow", "towns.geojson", "towns.sqlite", "leaflet-zh.pdf", "leaflet-en.pdf")
    ),
    *(f"{HOME}/{name}" for name in ("kit.zip", "citation.txt", "citation.bib", "citation.csl.json", "changes.parquet")),
    *(f"{HOME}/{name}" for name in ("datapackage.json", "report.json", "profile.json", "provenance.json", "never.was")),
    *("/d/demo/towns/diff/1.0.0/1.1.0.json", "/d/demo/towns/diff/1.0.0/1.1.0.parquet"),
    *("/demo/towns.json", "/demo/towns.csv", "/demo/towns/a.json"),
)


@pytest.fixture
def towns(make_release: MakeRelease) -> None:
    """Two versions of one dataset, and another dataset that refers to it."""
    make_release("demo/towns", "1.0.0", manifest=True)
    table = pa.table({"code": ["a", "b"], "name": ["Secretville", "Beta"], "people": [130, 340]})
    make_release("demo/towns", "1.1.0", {"towns": table}, manifest=True)
    town = {"fields": ["town"], "reference": {"dataset": "demo/towns", "resource": "towns", "fields": ["code"]}}
    roads = pa.table({"id": [1, 2], "town": ["a", "b"]})
    make_release("demo/roads", "1.0.0", {"roads": roads}, manifest=True, across={"roads": [town]})


@pytest.mark.usefixtures("towns")
def test_every_address_of_it_is_gone_at_once_also_what_a_cache_holds(get: Get, retract: Retract) -> None:
    before = {address: get(address).status_code for address in (*PAGES, *FILES)}
    assert {address for address, status in before.items() if status != 200} == {
        f"{HOME}/{name}" for name in ("towns.geojson", "changes.parquet", "profile.json", "never.was")
    }
    retract("demo/towns", "1.1.0")
    assert {address: get(address).status_code for address in (*PAGES, *FILES)} == dict.fromkeys(before, 410)
    assert get(f"{HOME}/towns.parquet", method="HEAD").status_code == 410
    assert get(f"{HOME}/towns.parquet", range="bytes=0-3").status_code == 410
    for name in ("tombstone.json", "manifest.json"):
        assert get(f"{HOME}/{name}").status_code == 200


@pytest.mark.usefixtures("towns")
def test_its_page_says_why_by_whom_what_it_was_and_what_to_use_instead(get: Get, retract: Retract) -> None:
    get("/")
    retract("demo/towns", "1.1.0", "<b>holds</b> personal data")
    english, chinese = get(HOME), get(HOME, accept_language="zh")
    assert english.headers["cache-control"] == "public, max-age=10, must-revalidate"
    manifest = get(f"{HOME}/manifest.json").content

    for page, words in (
        (
            english.text,
            ("This version was withdrawn", "&lt;b&gt;holds&lt;/b&gt; personal data", "Office of data", "2 rows"),
        ),
        (chinese.text, ("此版本已撤回", "含有个人信息", "数据局", "2 行", "请改用版本 1.0.0")),
    ):
        for said in (*words, hashlib.sha256(manifest).hexdigest(), 'href="/d/demo/towns/1.0.0"', "tombstone.json"):
            assert said in page


@pytest.mark.usefixtures("towns")
def test_programs_get_the_reason_in_short(get: Get, retract: Retract) -> None:
    get("/")
    retract("demo/towns", "1.1.0")
    text, told = get(f"{HOME}/towns.parquet"), get("/demo/towns.json").json()
    assert text.headers["content-type"].startswith("text/plain")
    assert "demo/towns 1.1.0 was withdrawn" in text.text
    assert "demo/towns 1.1.0 已撤回" in text.text
    assert (told["status"], told["tombstone"]) == (410, f"{HOME}/tombstone.json")
    assert "holds personal data" in told["error"]
    assert "含有个人信息" in told["error_zh"]


@pytest.mark.usefixtures("towns")
def test_the_older_release_takes_its_place(get: Get, layout: Layout, retract: Retract) -> None:
    assert get("/d/demo/towns/latest/towns.csv").headers["location"] == f"{HOME}/towns.csv"
    retract("demo/towns", "1.1.0")
    assert get("/d/demo/towns/latest/towns.csv").headers["location"] == "/d/demo/towns/1.0.0/towns.csv"
    page = get("/d/demo/towns").text
    assert "holds personal data" in page
    assert 'href="/d/demo/towns/1.1.0"' in page
    assert 'rel="canonical" href="http://data.example.org/d/demo/towns/1.0.0"' in page
    build_index(layout)
    assert get("/demo/towns.json").json()["release"]["version"] == "1.0.0"
    card = Catalogue(build_index(layout)).card("demo/towns")
    assert card is not None
    assert (card.version, card.versions) == ("1.0.0", 1)


@pytest.mark.usefixtures("towns")
def test_no_other_page_shows_a_value_of_it(get: Get, retract: Retract) -> None:
    assert "Secretville" in get("/demo/roads").text
    retract("demo/towns", "1.1.0")
    page = get("/demo/roads")
    assert page.status_code == 200
    assert "Secretville" not in page.text
    assert 'href="/demo/towns/a"' not in page.text


@pytest.mark.usefixtures("towns")
def test_a_dataset_of_which_all_is_down_leaves_lists_and_search(get: Get, layout: Layout, retract: Retract) -> None:
    get("/")
    for version in ("1.0.0", "1.1.0"):
        retract("demo/towns", version)
    for address in ("/d/demo/towns", "/d/demo/towns/latest", "/d/demo/towns/latest/towns.csv"):
        assert get(address).status_code == 410, address
    page = get("/d/demo/towns", accept_language="zh").text
    assert "此数据集已撤回" in page
    assert page.count("含有个人信息") == 2
    build = build_index(layout)
    assert [card.id for card in Catalogue(build).cards()] == ["demo/roads"]
    assert [hit.card.id for hit in Search(build).find(Question("towns")).hits] == ["demo/roads"]
    assert (get("/d/demo/towns").status_code, get(HOME).status_code) == (410, 410)


def test_the_only_release_of_the_only_department_leaves_an_empty_catalogue(
    get: Get, layout: Layout, make_release: MakeRelease, retract: Retract
) -> None:
    make_release(manifest=True)
    build_index(layout)
    retract("demo/towns", "1.0.0")
    build = build_index(layout)
    assert (Catalogue(build).totals().datasets, Catalogue(build).departments()) == (0, ())
    assert "Nothing has been published yet" in get("/").text


@pytest.mark.usefixtures("towns")
def test_a_tombstone_that_cannot_be_read_still_takes_down(get: Get, layout: Layout, retract: Retract) -> None:
    get("/")
    retract("demo/towns", "1.1.0")
    file = layout.dataset("demo/towns") / "1.1.0" / "tombstone.json"
    file.chmod(0o600)
    file.write_text("{")
    assert get(f"{HOME}/towns.csv").status_code == 410
    assert get(HOME).status_code == 410
    assert get("/d/demo/towns").status_code == 200


@pytest.mark.usefixtures("towns")
def test_nothing_of_it_stays_in_the_cache_of_comparisons(get: Get, layout: Layout, retract: Retract) -> None:
    assert get("/d/demo/towns/diff/1.0.0/1.1.0.json").status_code == 200
    pairs = layout.cache / "diffs" / "demo" / "towns"
    assert [pair.name for pair in pairs.iterdir()] == ["1.0.0..1.1.0"]
    retract("demo/towns", "1.1.0")
    late = pairs / "1.0.0..1.1.0" / "made-by-a-worker-meanwhile"
    late.mkdir(parents=True, exist_ok=True)
    kept = pairs / "1.0.0..1.0.0"
    kept.mkdir()
    assert get("/d/demo/towns/diff/1.0.0/1.1.0").status_code == 410
    assert list(pairs.iterdir()) == [kept]


@pytest.mark.usefixtures("towns")
def test_the_path_to_the_page_names_the_department(get: Get, retract: Retract) -> None:
    retract("demo/towns", "1.1.0")
    page = get(HOME).text
    crumbs = page[page.index('class="crumbs"') : page.index("</nav>", page.index('class="crumbs"'))]
    assert '<a href="/d/demo">' in crumbs
    assert crumbs.index('href="/d"') < crumbs.index('href="/d/demo"') < crumbs.index('href="/d/demo/towns"')

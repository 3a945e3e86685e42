"""A reader's way through the site in a real browser, with JavaScript and without: nothing may differ."""

import csv
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

pytestmark = [
    pytest.mark.xdist_group("site"),
    pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"]),
]

OpenPage = Callable[..., Page]
EARTHQUAKES = 1707  # of usgs/earthquakes
ROWS = 3218  # of bls/county-unemployment, as its own description says


def search(page: Page, words: str) -> None:
    page.goto("/")
    page.locator("#q").fill(words)
    page.get_by_role("search").get_by_role("button").click()


@pytest.mark.parametrize(
    ("language", "words", "dataset"),
    [
        ("zh", "人口", "un-desa/population"),
        ("en", "人口", "un-desa/population"),
        ("zh", "unemployment", "bls/county-unemployment"),
        ("en", "unemployment", "bls/county-unemployment"),
    ],
)
def test_search_by_a_word_of_either_language_and_open_what_it_finds(
    open_page: OpenPage, language: str, words: str, dataset: str, *, script: bool
) -> None:
    page = open_page(language=language, script=script)
    search(page, words)
    expect(page.locator("#q")).to_have_value(words)
    result = page.locator(f'.results h3 a[href="/d/{dataset}"]')
    title = result.inner_text()
    result.click()
    expect(page).to_have_url(re.compile(rf"/d/{dataset}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_narrow_results_down_and_widen_them_again(open_page: OpenPage, *, script: bool) -> None:
    page = open_page(script=script)
    page.goto("/search")
    everything = page.locator(".results > li").count()
    page.locator("#facets").get_by_role("link", name="Hazards").click()
    expect(page.locator(".results > li")).to_have_count(1)
    page.locator(".chips").get_by_role("link", name="Hazards").click()
    expect(page.locator(".results > li")).to_have_count(everything)


def test_filter_a_table_and_follow_a_key_to_another_department(open_page: OpenPage, *, script: bool) -> None:
    page = open_page(script=script)
    page.goto("/d/bls/county-unemployment")
    page.locator("#main").get_by_role("link", name="Open the table").first.click()
    page.locator('[name="county__contains"]').fill("Imperial")
    page.get_by_role("button", name="Apply").click()
    row = page.locator("table.data tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Imperial County, CA")
    row.locator('a[href^="/us-census/states"]').click()
    expect(page).to_have_url(re.compile(r"/us-census/states"))
    expect(page.locator("#main")).to_contain_text("California")


def test_download_parquet_and_read_it(open_page: OpenPage, tmp_path: Path, *, script: bool) -> None:
    page = open_page(script=script)
    page.goto("/d/bls/county-unemployment")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download Parquet").click()
    file = tmp_path / started.value.suggested_filename
    started.value.save_as(file)
    assert pq.read_table(file).num_rows == ROWS


READERS: Mapping[str, Callable[[Path], int]] = {
    "CSV to open in Excel": lambda file: len(list(csv.reader(file.read_text("utf-8-sig").splitlines()))) - 1,
    "NDJSON": lambda file: len(file.read_text("utf-8").splitlines()),
    "Excel workbook": lambda file: int(openpyxl.load_workbook(file).worksheets[0].max_row) - 1,
    "GeoJSON, for maps": lambda file: len(json.loads(file.read_bytes())["features"]),
    "Arrow": lambda file: int(pa.ipc.open_file(file).read_all().num_rows),
}


def test_download_each_other_format_and_read_it(open_page: OpenPage, tmp_path: Path, *, script: bool) -> None:
    page = open_page(script=script)
    page.goto("/d/usgs/earthquakes")
    page.get_by_text("Other formats").click()
    listed = page.locator("#main details[open] li a")
    titles = listed.all_inner_texts()
    assert len(titles) == len(READERS)
    for title in titles:
        with page.expect_download() as started:
            listed.get_by_text(title, exact=True).click()
        file = tmp_path / started.value.suggested_filename
        started.value.save_as(file)
        read = next(reader for named, reader in READERS.items() if title.startswith(named))
        assert read(file) == EARTHQUAKES, title


def test_from_the_list_of_versions_to_what_changed_and_compare_others(open_page: OpenPage, *, script: bool) -> None:
    page = open_page(script=script)
    page.goto("/d/us-census/states")
    page.get_by_role("link", name="row by row 1.2.0").click()
    expect(page).to_have_url(re.compile(r"/diff/1\.0\.0/1\.2\.0$"))
    expect(page.locator("table ins")).to_have_text(["741896"])
    page.get_by_label("From").select_option("1.2.0")
    page.get_by_label("to version").select_option("1.0.0")
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile(r"/diff/1\.2\.0/1\.0\.0$"))
    expect(page.locator("table ins")).to_have_text(["741894"])


@pytest.mark.parametrize(
    ("language", "heading", "instead"),
    [("en", "This version was withdrawn", "Use version 1.2.0 instead"), ("zh", "此版本已撤回", "请改用版本 1.2.0")],
)
def test_from_a_withdrawn_version_to_the_one_to_use(
    open_page: OpenPage, language: str, heading: str, instead: str, *, script: bool
) -> None:
    page = open_page(language=language, script=script)
    page.goto("/d/us-census/states")
    page.locator("#main").get_by_role("link", name="1.1.0", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.locator("#main")).to_contain_text("a figure of another year")
    page.get_by_role("link", name=instead).click()
    expect(page).to_have_url(re.compile(r"/d/us-census/states/1\.2\.0$"))


def test_the_chosen_language_stays(open_page: OpenPage, *, script: bool) -> None:
    page = open_page(language="en", script=script)
    page.goto("/search?q=state&theme=economy")
    page.get_by_role("link", name="简体中文").click()
    expect(page).to_have_url(re.compile(r"/search\?q=state&theme=economy$"))
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.goto("/bls/county-unemployment")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")

"""A reader's way through the site in a real browser, with JavaScript and without: nothing may differ."""

import re
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

pytestmark = [
    pytest.mark.xdist_group("site"),
    pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"]),
]

OpenPage = Callable[..., Page]
ROWS = 3218  # of bls/county-unemployment, as its own description says


def search(page: Page, words: str) -> None:
    page.goto("/")
    page.get_by_role("searchbox").fill(words)
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
    expect(page.get_by_role("searchbox")).to_have_value(words)
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


def test_the_chosen_language_stays(open_page: OpenPage, *, script: bool) -> None:
    page = open_page(language="en", script=script)
    page.goto("/search?q=state&theme=economy")
    page.get_by_role("link", name="中文").click()
    expect(page).to_have_url(re.compile(r"/search\?q=state&theme=economy$"))
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.goto("/bls/county-unemployment")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")

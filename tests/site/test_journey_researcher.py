"""A researcher's ways through the site in a real browser: find, understand, compare, join, follow, read with ease.

Each in English and in Chinese, with JavaScript and without: nothing may differ but the words.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [
    pytest.mark.xdist_group("site"),
    pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"]),
]

OpenPage = Callable[..., Page]
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])
EARTHQUAKES = 1707  # of usgs/earthquakes
COUNTIES = 3218  # of bls/county-unemployment: each finds its state

SAID: Mapping[str, Mapping[str, str]] = {
    "en": {
        "search": "Search",
        "theme": "Places and population",
        "department": "US Census Bureau",
        "place": "Place",
        "preset": "United States",
        "column": "Column magnitude: Magnitude",
        "chart": "chart magnitude",
        "title": "Magnitude: how its values are spread",
        "table": "The figures as a table",
        "csv": "The figures as CSV",
        "from": "From",
        "compare": "Compare",
        "joins": "1 join",
        "sql": "First rows and SQL",
        "ledger": "The whole ledger of the department",
        "never": "No error was ever found",
        "desk": "US Bureau of Labor Statistics",
        "large": "large",
        "dark": "dark",
    },
    "zh": {
        "search": "搜索",
        "theme": "区划人口",
        "department": "美国人口普查局",
        "place": "地点",
        "preset": "美国",
        "column": "字段 magnitude：震级",
        "chart": "magnitude",
        "title": "震级：数值的分布",
        "table": "图中数值（表格）",
        "csv": "图中数值（CSV",
        "from": "从版本",
        "compare": "比较",
        "joins": "全部 1 个关联",
        "sql": "预览与 SQL",
        "ledger": "该部门的全部台账",
        "never": "从未发现错误",
        "desk": "美国劳工统计局",
        "large": "大字",
        "dark": "深色",
    },
}


def look_for(page: Page, words: str) -> None:
    page.goto("/")
    page.locator("#q").fill(words)
    page.get_by_role("search").get_by_role("button").click()


@LANGUAGES
def test_find_by_the_name_of_a_column(open_page: OpenPage, language: str, *, script: bool) -> None:
    page = open_page(language=language, script=script)
    look_for(page, {"en": "magnitude", "zh": "震级"}[language])
    found = page.locator(".results > li", has=page.locator('h3 a[href="/d/usgs/earthquakes"]'))
    expect(found.locator(".hits")).to_contain_text(SAID[language]["column"])
    expect(found.locator("mark").first).to_be_visible()
    found.locator("h3 a").click()
    expect(page).to_have_url(re.compile(r"/d/usgs/earthquakes$"))


@LANGUAGES
def test_narrow_by_theme_then_department_then_place(open_page: OpenPage, language: str, *, script: bool) -> None:
    said = SAID[language]
    page = open_page(language=language, script=script)
    page.goto("/search")
    for name in ("theme", "department"):
        choice = page.locator("#facets").get_by_role("link", name=re.compile(f"^{said[name]}"))
        promised = int(choice.locator(".n").inner_text())
        choice.click()
        expect(page.locator(".results > li")).to_have_count(promised)
    page.locator("#facets summary", has_text=said["place"]).click()
    page.locator(".presets").get_by_role("link", name=said["preset"], exact=True).click()
    expect(page).to_have_url(re.compile(r"\?theme=population&department=us-census&box=172,18,-66,72$"))
    expect(page.locator('.results h3 a[href="/d/us-census/states"]')).to_be_visible()
    expect(page.locator(".chips li:not(.all)")).to_have_count(3)


@LANGUAGES
def test_from_a_column_to_how_it_is_spread_to_the_figures(
    open_page: OpenPage, tmp_path: Path, language: str, *, script: bool
) -> None:
    said = SAID[language]
    page = open_page(language=language, script=script)
    page.goto("/d/usgs/earthquakes")
    row = page.locator("table.dict tr", has=page.locator("th code", has_text=re.compile("^magnitude$")))
    expect(row.locator("svg.spark")).to_be_visible()
    row.locator('a[href*="/chart/distribution/"]').click()
    expect(page.get_by_role("heading", level=1)).to_have_text(said["title"])
    page.get_by_role("link", name=said["table"]).click()
    shown = [int(one.replace(",", "")) for one in page.locator("table.data td:last-child").all_inner_texts()]
    assert sum(shown) == EARTHQUAKES
    with page.expect_download() as started:
        page.get_by_role("link", name=said["csv"]).click()
    file = tmp_path / started.value.suggested_filename
    started.value.save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        assert [int(one["rows"]) for one in csv.DictReader(stream)] == shown


@LANGUAGES
def test_compare_two_versions_there_and_back(open_page: OpenPage, language: str, *, script: bool) -> None:
    said = SAID[language]
    page = open_page(language=language, script=script)
    page.goto("/d/us-census/states")
    page.locator('#main a[href="/d/us-census/states/diff/1.0.0/1.2.0"]').first.click()
    expect(page.locator("table")).to_contain_text("AK")
    page.locator("#from").select_option("1.2.0")
    page.locator("#to").select_option("1.0.0")
    page.get_by_role("button", name=said["compare"]).click()
    expect(page).to_have_url(re.compile(r"/diff/1\.2\.0/1\.0\.0$"))
    expect(page.locator("table del")).to_have_text("741896")


@LANGUAGES
def test_join_the_data_of_two_departments(open_page: OpenPage, language: str, *, script: bool) -> None:
    said = SAID[language]
    page = open_page(language=language, script=script)
    page.goto("/d/bls/county-unemployment")
    page.get_by_role("link", name=said["joins"], exact=True).click()
    expect(page).to_have_url(re.compile(r"/d/bls/county-unemployment/joins$"))
    page.get_by_role("link", name=re.compile(said["sql"])).click()
    expect(page).to_have_url(re.compile(r"/joins/[0-9a-f]{12}$"))
    expect(page.locator("dl.strip")).to_contain_text(f"{COUNTIES:,}")
    expect(page.locator("table.data tbody tr").first).to_contain_text("AL")
    sql = page.locator('pre[aria-labelledby="remote"]')
    expect(sql).to_contain_text("JOIN")
    expect(sql).to_contain_text("/d/us-census/states/1.2.0/states.parquet")


@LANGUAGES
def test_follow_a_department_to_its_ledger_and_its_calendar(
    open_page: OpenPage, tmp_path: Path, language: str, *, script: bool
) -> None:
    said = SAID[language]
    page = open_page(language=language, script=script)
    page.goto("/d/bls")
    page.get_by_role("link", name=said["ledger"]).click()
    expect(page).to_have_url(re.compile(r"/ledger\?department=bls$"))
    expect(page.locator(".lead")).to_contain_text(said["never"])
    page.locator('nav.main a[href="/calendar"]').click()
    page.locator("#main td").get_by_role("link", name=said["desk"], exact=True).first.click()
    expect(page).to_have_url(re.compile(r"/calendar\?department=bls$"))
    expect(page.locator("#main tbody tr")).to_have_count(2)
    with page.expect_download() as started:
        page.get_by_role("link", name="calendar.ics").click()
    file = tmp_path / "calendar.ics"
    started.value.save_as(file)
    feed = file.read_bytes().decode("utf-8").splitlines()
    assert (feed[0], feed[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert any(line.startswith("NAME:") and said["desk"] in line for line in feed)


@LANGUAGES
def test_choose_large_print_and_dark_and_keep_them(open_page: OpenPage, language: str, *, script: bool) -> None:
    said = SAID[language]
    page = open_page(language=language, script=script, width=320)
    page.goto("/d/usgs/earthquakes")
    for name in ("large", "dark"):
        page.locator(".choice").get_by_role("link", name=said[name], exact=True).click()
        expect(page).to_have_url(re.compile(r"/d/usgs/earthquakes$"))
        expect(page.locator(".choice").get_by_role("link", name=said[name], exact=True)).to_have_attribute(
            "aria-current", "true"
        )
    page.goto("/search?q=earthquake")
    ground, size = page.evaluate(
        "(look => [look.backgroundColor, parseFloat(look.fontSize)])(getComputedStyle(document.body))"
    )
    assert ground.startswith("rgb(15,")
    assert size > 23
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_read_in_traditional_chinese(open_page: OpenPage, *, script: bool) -> None:
    page = open_page(language="zh", script=script)
    page.goto("/")
    page.get_by_role("link", name="繁體中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    page.locator("#q").fill("地震")
    page.get_by_role("search").get_by_role("button").click()
    page.locator('.results h3 a[href="/d/usgs/earthquakes"]').click()
    expect(page.locator("#get")).to_have_text("下載")
    expect(page.locator("h1")).to_contain_text("全球地震")

"""From a dataset to its charts, to one of them, to its figures: with and without JavaScript, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]

CHARTS = "/d/usgs/earthquakes/charts"


@pytest.mark.parametrize(
    ("language", "chart", "figures"),
    [("en", "Magnitude on the map", "The figures as a table"), ("zh", "地图：震级", "图中数值（表格）")],
)
def test_a_reader_goes_from_the_gallery_to_a_chart_and_its_figures(
    open_page: OpenPage, language: str, chart: str, figures: str
) -> None:
    page = open_page(language=language, script=language == "en", width=768)
    page.goto(CHARTS)
    page.get_by_role("link", name=chart, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(chart)
    expect(page.get_by_role("img", name=chart)).to_be_visible()
    page.get_by_role("link", name=figures).click()
    expect(page.get_by_role("table")).to_be_visible()


@pytest.mark.parametrize("width", [320, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_drawing_is_shown_and_nothing_runs_off_the_side(open_page: OpenPage, width: int, scheme: str) -> None:
    page = open_page(width=width, scheme=scheme)
    for address in (CHARTS, "/d/bls/employment/1.0.0/chart/series/jobs/month/jobs/sector"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    shown = [one.is_visible() for one in page.locator("figure.chart svg").all()]
    assert sorted(shown) == [False, True]
    size = page.locator("figure.chart svg:visible text").first.evaluate("one => one.getBoundingClientRect().height")
    assert size >= 11  # CSS pixels: its words stay legible at any width


def test_a_chart_prints_and_shows_in_forced_colours(open_page: OpenPage) -> None:
    page = open_page(width=1440)
    page.goto("/d/usgs/earthquakes/1.0.0/chart/distribution/earthquakes/magnitude")
    bars = page.locator("figure.chart svg:visible .a")
    page.emulate_media(forced_colors="active")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert bars.evaluate("one => getComputedStyle(one).fill") != ground
    page.emulate_media(media="print", forced_colors="none")
    assert bars.is_visible()


def test_files_open_by_themselves(client: httpx.Client, open_page: OpenPage) -> None:
    address = "/d/nbs/divisions/1.0.0/chart/bars/divisions/%E7%BA%A7%E5%88%AB"
    picture = client.get(f"{address}.png?lang=zh")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert "县级" in client.get(f"{address}.csv").text
    page = open_page()
    page.goto(f"{address}.svg")
    bars = page.locator('path[fill="#2f6690"]').first
    assert bars.evaluate("one => getComputedStyle(one).fill") == "rgb(47, 102, 144)", "the policy let its colours be"

"""WCAG 2.2, A and AA, as far as axe-core can tell; and no scrolling sideways."""

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.xdist_group("site")

PHONE, DESK = 320, 1440  # CSS pixels: the narrowest of WCAG 1.4.10, and a desk
PAGES: Mapping[str, str] = {
    "home": "/",
    "search": "/search?q=state",
    "found in Chinese": "/search?q=%E4%BA%BA%E5%8F%A3&theme=population",
    "nothing found": "/search?q=qqqqqq",
    "dataset": "/d/bls/county-unemployment",
    "dataset of two tables": "/d/bls/employment",
    "department": "/d/bls",
    "departments": "/d",
    "about": "/about",
    "table": "/bls/county-unemployment",
    "table in Chinese": "/nbs/townships",
    "not there": "/d/bls/county-employment",
    "dataset of three versions": "/d/us-census/states",
    "withdrawn": "/d/us-census/states/1.1.0",
    "what changed": "/d/us-census/states/diff/1.0.0/1.2.0",
    "keys": "/keys/",
    "design": "/design",
    "no such page": "/state/data.php",
    "a question that cannot be answered": "/bls/county-unemployment?_sort=ratio",
}

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "async tags => (await axe.run(document, {runOnly: tags, resultTypes: ['violations']})).violations"
OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true })"
WIDER = """
const wide = new CSSStyleSheet()
wide.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }')
document.adoptedStyleSheets = [wide]
"""  # WCAG 1.4.12; the site's own policy refuses a style element


def violations(page: Page) -> list[str]:
    page.evaluate(OPEN_ALL)
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(RUN, TAGS)
    return [f"{one['id']}: {node['html'][:160]} ({one['help']})" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_axe_finds_no_violation(open_page: Callable[..., Page], language: str, width: int, scheme: str) -> None:
    page = open_page(language=language, width=width, scheme=scheme)
    found = {}
    for name, address in PAGES.items():
        page.goto(address)
        found[name] = violations(page)
    assert {name: many for name, many in found.items() if many} == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_scrolls_sideways_on_a_phone_also_with_wide_text(open_page: Callable[..., Page], language: str) -> None:
    page = open_page(language=language, width=PHONE)
    for name, address in PAGES.items():
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE, name
        page.evaluate(WIDER)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE, f"{name}, with text spacing"


@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES.keys())
def test_a_page_has_one_heading_of_the_first_rank_and_a_way_past_the_head(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page()
    page.goto(address)
    assert page.locator("h1").count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"

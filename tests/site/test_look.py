"""The look in a real browser: by keyboard, enlarged, in forced colours, without motion, in large print, on paper."""

from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from itertools import pairwise
from typing import Any

import pypdf
import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.xdist_group("site")

OpenPage = Callable[..., Page]

WALKED: Mapping[str, str] = {
    "home": "/",
    "search": "/search?q=state",
    "dataset": "/d/us-census/states",
    "table": "/bls/county-unemployment?_size=5",
}
PAGES: Mapping[str, str] = {
    **WALKED,
    "nothing found": "/search?q=qqqqqq",
    "dataset of two tables": "/d/bls/employment",
    "department": "/d/bls",
    "departments": "/d",
    "about": "/about",
    "design": "/design",
    "not there": "/d/bls/county-employment",
    "withdrawn": "/d/us-census/states/1.1.0",
}
MOST_STOPS = 400  # of the tab key on one page
DESK, PHONE = 1280, 320
LINE = 30  # CSS pixels: side by side, one may stand a little higher

# Where the focus is: what it is on, whether it can be seen, whether something lies over it.
FOCUS = """() => {
  const one = document.activeElement
  if (!one || one === document.body) return null
  const box = one.getBoundingClientRect(), line = one.getClientRects()[0], look = getComputedStyle(one)
  const x = Math.min(Math.max(line.x + line.width / 2, 0), innerWidth - 1), y = line.y + Math.min(line.height / 2, 12)
  const over = document.elementFromPoint(x, y)
  one.dataset.walked = (one.dataset.walked || 0) * 1 + 1
  return {
    name: one.outerHTML.slice(0, 120), top: box.top + scrollY, left: box.left, is_head: !!one.closest('header'),
    times: one.dataset.walked * 1,
    is_marked: look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2,
    is_inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    is_covered: !!over && !one.contains(over) && !over.contains(one) && !over.closest('label')
  }
}"""
LEFT_OUT = """() => [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.dataset.walked && one.type !== 'radio')
  .map(one => one.outerHTML.slice(0, 120))"""
# What is cut off: a box that hides what does not fit into it. `clip` shortens with an ellipsis, `sr` is for readers.
CUT = """() => [...document.querySelectorAll('main *, header *, footer *')]
  .filter(one => /hidden|clip/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1)
  .filter(one => !one.closest('.sr, .clip, svg, .strip') && !['INPUT', 'SELECT'].includes(one.tagName))
  .map(one => one.outerHTML.slice(0, 120))"""
MOVING = """() => [...document.querySelectorAll('*')].filter(one => {
  const look = getComputedStyle(one)
  return look.animationName !== 'none' || look.transitionDuration.split(',').some(part => parseFloat(part) > 0.001)
    || look.scrollBehavior === 'smooth'
}).map(one => one.outerHTML.slice(0, 120))"""
LARGER = """percent => {
  const larger = new CSSStyleSheet()
  larger.replaceSync(`html { font-size: ${percent}% !important }`)
  document.adoptedStyleSheets = [larger]
}"""
WIDTH = "document.documentElement.scrollWidth"
PAPER = "one => one.scrollWidth > one.clientWidth + 1"


@pytest.mark.parametrize("address", WALKED.values(), ids=WALKED.keys())
def test_the_tab_key_reaches_everything_in_its_order_and_shows_where_it_is(open_page: OpenPage, address: str) -> None:
    page = open_page(width=DESK)
    page.goto(address)
    stops = list(walk(page))
    assert len(stops) < MOST_STOPS, "the focus never leaves the page"
    assert [one["name"] for one in stops if one["times"] > 1] == [], "the focus comes back: a trap"
    assert [one["name"] for one in stops if not one["is_marked"]] == [], "it cannot be seen where the focus is"
    assert [one["name"] for one in stops if not one["is_inside"]] == [], "the focus is outside the window"
    assert [one["name"] for one in stops if one["is_covered"]] == [], "something lies over the focus (WCAG 2.4.11)"
    assert page.evaluate(LEFT_OUT) == []


def walk(page: Page) -> Iterator[dict[str, Any]]:
    """Every stop of the tab key, from the first to where the focus leaves the page."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUS)
        if found is None:
            return
        yield found


def test_the_focus_goes_down_the_page(open_page: OpenPage) -> None:
    page = open_page(width=PHONE)
    page.goto("/")
    page.locator("main").focus()
    tops = [one["top"] for one in walk(page)]
    assert len(tops) > 20
    assert [pair for pair in pairwise(tops) if pair[1] < pair[0] - LINE] == []


@pytest.mark.parametrize("width", [PHONE, 768, DESK])
def test_the_head_of_a_page_is_walked_in_the_order_it_is_seen_in(open_page: OpenPage, width: int) -> None:
    page = open_page(width=width)
    page.goto("/about")
    stops = [one for one in walk(page) if one["is_head"]]
    assert len(stops) == 1 + 3 + 6, "the home page, the languages, the main ways"
    lines = [stops[:1]]
    for before, one in pairwise(stops):
        if one["top"] > before["top"] + LINE / 2 and one["left"] <= before["left"]:
            lines.append([])
        lines[-1].append(one)
    assert all(before["top"] < one["top"] + LINE / 2 for before, one in pairwise(stops))
    assert all(before["left"] < one["left"] for line in lines for before, one in pairwise(line))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_text_twice_as_large_loses_nothing_and_does_not_scroll_sideways(open_page: OpenPage, language: str) -> None:
    page = open_page(width=DESK, language=language)
    found = {}
    for name, address in PAGES.items():
        page.goto(address)
        page.evaluate(LARGER, 200)
        found[name] = [*page.evaluate(CUT), *(["scrolls sideways"] if page.evaluate(WIDTH) > DESK else [])]
    assert {name: many for name, many in found.items() if many} == {}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_large_print_is_larger_and_still_fits(open_page: OpenPage, language: str, width: int) -> None:
    page = open_page(width=width, language=language)
    page.goto("/-/style?text=large")
    found = {}
    for name, address in PAGES.items():
        page.goto(address)
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") > 23
        found[name] = [*page.evaluate(CUT), *(["scrolls sideways"] if page.evaluate(WIDTH) > width else [])]
    assert {name: many for name, many in found.items() if many} == {}


@pytest.mark.parametrize(("chosen", "device", "paper"), [("dark", "light", 15), ("light", "dark", 255)])
def test_the_colours_that_were_chosen_win_over_those_of_the_device(
    open_page: OpenPage, chosen: str, device: str, paper: int
) -> None:
    page = open_page(scheme=device)
    page.goto(f"/-/style?theme={chosen}")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor").startswith(f"rgb({paper},")


def test_the_choice_is_made_with_plain_links_and_without_javascript(open_page: OpenPage) -> None:
    page = open_page(script=False)
    page.goto("/d/bls")
    page.get_by_role("link", name="large", exact=True).click()
    assert page.url.endswith("/d/bls")
    assert page.locator("html.large").count() == 1
    page.get_by_role("link", name="usual", exact=True).click()
    assert page.locator("html.large").count() == 0


@pytest.fixture
def forced(open_page: OpenPage) -> Page:
    """A page whose colours are the reader's own (forced colours)."""
    page = open_page(width=DESK)
    page.emulate_media(forced_colors="active")
    return page


VISIBLE = """selector => [...document.querySelectorAll(selector)].filter(one => one.checkVisibility()).map(one => {
  const look = getComputedStyle(one), ground = getComputedStyle(document.body).backgroundColor
  return [look.fill, look.stroke, look.borderTopColor + look.borderTopWidth + look.borderTopStyle, look.backgroundColor]
    .some(seen => seen !== ground && seen !== 'none' && !/rgba\\(0, 0, 0, 0\\)|0px|none/.test(seen))
})"""


@pytest.mark.parametrize(
    ("address", "selector"),
    [
        ("/", ".brand .slip"),
        ("/", ".brand .ink"),
        ("/", ".btn"),
        ("/", "input[type=search]"),
        ("/", ".codex li"),
        ("/", ".pill"),
        ("/d/us-census/states", ".spark path"),
        ("/d/us-census/states", ".note"),
        ("/bls/county-unemployment", ".btn"),
        ("/design", ".slips rect"),
        ("/design", ".swatch rect"),
    ],
)
def test_controls_and_charts_are_seen_in_forced_colours(forced: Page, address: str, selector: str) -> None:
    forced.goto(address)
    seen = forced.evaluate(VISIBLE, selector)
    assert seen, "the page has none of these"
    assert all(seen)


def test_the_focus_is_seen_in_forced_colours(forced: Page) -> None:
    forced.goto("/d/bls")
    stops = list(walk(forced))
    assert stops
    assert [one["name"] for one in stops if not one["is_marked"]] == []


def test_nothing_moves_for_who_does_not_want_it(open_page: OpenPage) -> None:
    page = open_page(width=DESK)
    page.emulate_media(reduced_motion="reduce")
    for name, address in PAGES.items():
        page.goto(address)
        assert page.evaluate(MOVING) == [], name


@pytest.mark.parametrize("language", ["en", "zh"])
def test_on_paper_nothing_is_cut_and_what_cannot_be_pressed_is_left_out(open_page: OpenPage, language: str) -> None:
    page = open_page(width=680, language=language)  # 180 mm: a sheet of A4 within its margins
    page.emulate_media(media="print")
    for name, address in PAGES.items():
        page.goto(address)
        assert page.evaluate(WIDTH) <= 680, name
        assert [one for one in page.locator("table").all() if one.evaluate(PAPER)] == [], name
        assert not page.locator("nav.main, .langs, .foot, form.search").filter(visible=True).count(), name
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") in {
            "rgb(255, 255, 255)",
            "rgba(0, 0, 0, 0)",
        }, name


@pytest.mark.parametrize("address", ["/", "/d/us-census/states"])
def test_a_page_prints_black_on_white_also_in_large_print_and_in_dark(open_page: OpenPage, address: str) -> None:
    page = open_page(scheme="dark")
    page.goto(address)
    usual = page.pdf(prefer_css_page_size=True)
    page.goto("/-/style?theme=dark")
    page.goto(f"/-/style?text=large&back={address}")
    large = page.pdf(prefer_css_page_size=True)
    assert pages_of(large) > pages_of(usual) > 0
    page.emulate_media(media="print")
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == pytest.approx(24, abs=0.1), "18 pt"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize(("language", "told"), [("en", "All columns are in the file:"), ("zh", "全部字段见文件：")])
def test_a_wide_table_is_printed_with_every_row_its_heads_and_word_of_what_does_not_fit(
    open_page: OpenPage, language: str, told: str
) -> None:
    page = open_page(language=language)
    page.goto("/usgs/earthquakes")
    keys = [one.split()[0] for one in page.locator("tbody th").all_inner_texts()]
    sheets = pypdf.PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
    texts = [sheet.extract_text() for sheet in sheets]
    assert len(keys) == 100
    assert [key for key in keys if not any(key in text for text in texts)] == []
    assert 1 < len(sheets) < 6
    assert all(sheet.mediabox.width > sheet.mediabox.height for sheet in sheets), "on its side"
    page.emulate_media(media="print")
    head = page.locator("thead th").first.inner_text().split()[0]
    assert all(head in text for text in texts), "the heads stand on every sheet"
    shown = page.locator("thead th").filter(visible=True).count()
    assert 5 < shown < page.locator("thead th").count()
    assert page.get_by_text(told).is_visible()
    assert f" {shown} " in page.locator(".paper").inner_text()
    assert page.locator(".paper code").inner_text() == "/d/usgs/earthquakes/1.0.0/earthquakes.csv"


def test_a_table_that_fits_stands_upright_on_paper_and_whole(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/us-census/states")
    (sheet, *_) = pypdf.PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert sheet.mediabox.width < sheet.mediabox.height
    assert page.locator(".paper").count() == 0


SHADE = "getComputedStyle(document.querySelector('.scroll')).backgroundImage"


def test_a_box_that_scrolls_shows_a_shade_at_its_edge_but_not_in_forced_colours(open_page: OpenPage) -> None:
    for scheme, rule in (("light", "rgb(204, 212, 208)"), ("dark", "rgb(54, 66, 61)")):
        page = open_page(width=PHONE, scheme=scheme)
        page.goto("/bls/county-unemployment?_size=5")
        assert page.evaluate(SHADE).count(rule) == 2
    page.emulate_media(forced_colors="active")
    assert page.evaluate(SHADE) == "none"


def test_the_dictionary_is_read_on_a_phone_without_going_sideways(open_page: OpenPage) -> None:
    page = open_page(width=PHONE)
    page.goto("/d/us-census/states")
    assert page.locator(".scroll:has(.dict)").evaluate("one => one.scrollWidth <= one.clientWidth")
    assert not page.locator(".dict thead").evaluate("one => one.getBoundingClientRect().height > 2")


LABELLED = """() => {
  const table = document.querySelector('[aria-labelledby=vcap] table')
  const heads = [...table.querySelectorAll('thead th')].map(one => one.textContent)
  for (const row of table.tBodies[0].rows)
    for (const cell of row.cells) if (cell.tagName === 'TD') cell.dataset.label = heads[cell.cellIndex]
}"""


def test_cells_that_name_their_column_stand_one_below_the_other_on_a_phone(open_page: OpenPage) -> None:
    page = open_page(width=PHONE)
    page.goto("/d/us-census/states")
    page.evaluate(LABELLED)
    box = page.locator("[aria-labelledby=vcap]")
    assert box.evaluate("one => one.scrollWidth <= one.clientWidth")
    last = box.locator("tbody tr").first.locator("td").last
    assert last.evaluate("one => getComputedStyle(one, '::before').content") == '"Rows"'


def pages_of(pdf: bytes) -> int:
    return pdf.count(b"/Type /Page\n") or pdf.count(b"/Type /Page ")

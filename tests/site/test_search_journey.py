"""A reader's way through the search in a real browser: narrowing down, nothing found, suggestions by keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.xdist_group("site")

OpenPage = Callable[..., Page]
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])
SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
EARTHQUAKES = '.results h3 a[href="/d/usgs/earthquakes"]'
SAID = {
    "en": {"place": "Place", "west": "West", "box": "Search in this box", "time": "Time covered", "since": "Since"},
    "zh": {"place": "地点", "west": "西", "box": "按此范围搜索", "time": "时间范围", "since": "起"},
}


@SCRIPT
@LANGUAGES
def test_look_for_a_place_and_mend_what_was_mistyped(open_page: OpenPage, language: str, *, script: bool) -> None:
    said = SAID[language]
    page = open_page(language=language, script=script)
    page.goto("/search?theme=hazards")
    page.locator("summary", has_text=said["place"]).click()
    page.get_by_label(said["west"], exact=True).fill("abc")
    page.get_by_role("button", name=said["box"]).click()
    wrong = page.get_by_label(said["west"], exact=True)
    expect(wrong).to_have_value("abc")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_contain_text("abc")
    expect(page.locator(EARTHQUAKES)).to_be_visible()
    wrong.fill("170W")
    page.get_by_role("button", name=said["box"]).click()
    expect(page).to_have_url(re.compile(r"/search\?theme=hazards&box=-170,-90,180,90$"))
    expect(page.get_by_role("alert")).to_have_count(0)


@SCRIPT
def test_a_click_on_the_map_looks_around_the_point(open_page: OpenPage, *, script: bool) -> None:
    page = open_page(script=script)
    page.goto("/search")
    page.locator("summary", has_text="Place").click()
    page.locator(".pick input[type=image]").click(position={"x": 200, "y": 40})
    expect(page).to_have_url(re.compile(r"/search\?box=105,20,135,40$"))


@SCRIPT
@LANGUAGES
def test_from_nothing_found_to_a_desk_that_can_be_asked(open_page: OpenPage, language: str, *, script: bool) -> None:
    page = open_page(language=language, script=script)
    page.goto("/search?q=xylophones+population&theme=hazards")
    heading = {"en": "No dataset matches", "zh": "没有与"}[language]
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    page.locator("#main a[href^='/ask']").click()
    expect(page).to_have_url(re.compile(r"/ask\?q=xylophones\+population$"))
    expect(page.locator("textarea")).to_have_value(re.compile("xylophones population"))
    expect(page.locator(".desks h3").first).to_be_visible()


def test_suggestions_are_chosen_by_keyboard(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/search")
    box = page.get_by_role("search").get_by_role("combobox")
    top = page.evaluate("document.querySelector('main').scrollHeight")
    box.press_sequentially("earthq")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    assert page.evaluate("document.querySelector('main').scrollHeight") == top, "nothing moves"
    page.keyboard.press("ArrowDown")
    chosen = page.locator("[role=option][aria-selected=true]")
    expect(chosen).to_have_count(1)
    expect(box).to_have_attribute("aria-activedescendant", str(chosen.get_attribute("id")))
    page.keyboard.press("ArrowUp")
    expect(box).to_have_value("earthq")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("earthq")
    expect(box).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(options.first).to_be_visible()
    title = page.locator("[role=option]", has_text="dataset").first
    for _ in range(options.count()):
        page.keyboard.press("ArrowDown")
        if title.get_attribute("aria-selected") == "true":
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/d/usgs/earthquakes$"))


def test_a_suggestion_shows_which_letters_it_has_and_a_column_its_code(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/search")
    box = page.get_by_role("search").get_by_role("combobox")
    box.press_sequentially("magnitude_t")
    column = page.locator("[role=option]", has_text="column magnitude_type").first
    expect(column).to_be_visible()
    expect(column.locator(".kind mark")).to_have_text("magnitude_t")
    box.fill("earthq")
    expect(page.locator("[role=option] mark", has_text=re.compile("^earthq$", re.IGNORECASE)).first).to_be_visible()


def test_enter_without_a_choice_searches_for_what_was_typed(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/search?theme=hazards")
    box = page.get_by_role("search").get_by_role("combobox")
    box.press_sequentially("earthq")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=earthq&theme=hazards$"))


def test_keys_of_an_input_method_are_left_alone(open_page: OpenPage) -> None:
    page = open_page(language="zh")
    asked: list[str] = []

    def seen(route: Route) -> None:
        asked.append(route.request.url)
        route.continue_()

    page.route("**/search/suggestions*", seen)
    page.goto("/search")
    box = page.get_by_role("search").get_by_role("combobox")
    box.focus()
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "renk", "selectionStart": 4, "selectionEnd": 4})
    page.wait_for_timeout(500)
    assert asked == [], "nothing is asked while somebody composes"
    box.dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "isComposing": True, "bubbles": True})
    expect(page).to_have_url(re.compile(r"/search$"))
    session.send("Input.insertText", {"text": "人口"})
    expect(page.get_by_role("option").first).to_be_visible()
    assert len(asked) == 1


def test_without_a_network_for_suggestions_the_form_works_all_the_same(open_page: OpenPage) -> None:
    page = open_page()
    page.route("**/search/suggestions*", lambda route: route.abort())
    page.goto("/search")
    box = page.get_by_role("search").get_by_role("combobox")
    box.press_sequentially("earthquake")
    page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    expect(page.locator(EARTHQUAKES)).to_be_visible()

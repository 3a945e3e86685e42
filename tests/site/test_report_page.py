"""The report that leaves the house as one HTML file: opened from disk, in a real browser, without script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from test_accessibility import (  # type: ignore[import-not-found] # on pytest's path, not on mypy's
    DESK,
    PHONE,
    violations,
)

from civicat.layout import Layout
from civicat.text import Language
from civicat.validators import validate
from civicat.validators.reports.page import render_page

pytestmark = pytest.mark.xdist_group("site")

SCHEMA = """
fields:
  - {name: name, type: string, constraints: {required: true}}
  - {name: count, type: integer, constraints: {minimum: 0}}
  - {name: 日期, type: date}
"""
ROWS = "name,count,日期\n,-4,2026-02-22\n" + "Ä" * 300 + ",<script>,二月\nc,1\nd,2,2026-02-23,surplus\n" + "e,x,\n" * 40
OpenReport = Callable[..., Page]


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path) -> OpenReport:
    """Opens a report of bad rows from a file; `width` in CSS pixels."""
    (tmp_path / "counts.csv").write_text(ROWS, "utf-8")
    (tmp_path / "schema.yaml").write_text(SCHEMA, "utf-8")
    report = validate(tmp_path / "counts.csv", tmp_path / "schema.yaml", Layout(tmp_path / "store"))

    def open_one(width: int = DESK, language: Language = "en", scheme: str = "light", at: str = "") -> Page:
        path = tmp_path / f"report.{language}.html"
        path.write_text(render_page(report, language), "utf-8")
        page = browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
        )
        page.goto(f"{path.as_uri()}{at}")
        return page

    return open_one


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_axe_finds_no_violation_in_either_language(
    open_report: OpenReport, language: Language, width: int, scheme: str
) -> None:
    other = {"en": "#zh", "zh": "#en"}[language]
    assert violations(open_report(width, language, scheme)) == []
    assert violations(open_report(width, language, scheme, at=other)) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_scrolls_sideways_on_a_phone(open_report: OpenReport, language: Language) -> None:
    assert open_report(PHONE, language).evaluate("document.documentElement.scrollWidth") <= PHONE


def test_one_language_is_shown_at_a_time_and_stays_when_a_finding_is_followed(open_report: OpenReport) -> None:
    page = open_report()
    assert page.locator("h1:visible").all_inner_texts() == ["Not passed yet: six things to mend"]
    page.get_by_role("link", name="简体").click()
    assert page.locator("h1:visible").all_inner_texts() == ["暂未通过：有六类问题需要改正"]
    page.locator("#zh .todo a").first.click()
    assert page.locator("h1:visible").count() == 1
    assert page.locator("#zh h1").is_visible()
    assert page.evaluate("location.hash").startswith("#zh-")
    page.get_by_role("link", name="English").click()
    assert page.locator("#en h1").is_visible()


def test_it_asks_for_nothing_but_itself(browser: Browser, open_report: OpenReport) -> None:
    asked: list[str] = []
    address = open_report().url
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    assert asked == [address]


def test_on_paper_the_verdict_is_first_and_the_head_of_a_table_is_on_every_page(open_report: OpenReport) -> None:
    page = open_report()
    page.emulate_media(media="print")
    assert page.locator(".langs:visible").count() == 0
    assert page.evaluate("getComputedStyle(document.querySelector('#en thead')).display") == "table-header-group"
    tops = [page.locator(one).first.bounding_box() for one in ("#en h1", "#en .strip", "#en .finding", "#en aside")]
    places = [top["y"] for top in tops if top]
    assert places == sorted(places)
    assert len(places) == 4
    assert page.pdf().startswith(b"%PDF")

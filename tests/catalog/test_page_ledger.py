"""The pollution ledger as a page: of all departments, of one, with life in it and without."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from civicat.catalog.facts.finding_names import finding_remedy
from civicat.catalog.pages import ledger
from civicat.hand_ins import Became, Found, HandedResource, HandIn, record
from civicat.layout import Layout
from civicat.release import Release

Get = Callable[..., httpx.Response]
MakeRelease = Callable[..., Release]


def _hand_in(layout: Layout, day: str, *errors: Found, version: str = "", dataset: str = "demo/towns") -> None:
    became = Became.PUBLISHED if version else Became.REFUSED
    table = HandedResource("towns", 2, errors=errors, mended=(Found("white-space", "", 7),) if version else ())
    record(layout.hand_ins(dataset), HandIn(f"{day}T08:00:00Z", day, became, version, (HandedResource(""), table)))


@pytest.fixture
def life(layout: Layout, make_release: MakeRelease) -> None:
    """Two errors found in January, one mended in February; the other is open. Another department had none."""
    make_release("demo/towns", released="2026-02-04T08:00:00Z")
    make_release("calm/seas", released="2026-01-01T08:00:00Z")
    _hand_in(layout, "2026-01-05", Found("type-error", "people", 3))
    _hand_in(layout, "2026-02-04", version="1.0.0")
    _hand_in(layout, "2026-03-01", Found("primary-key", "", 1))
    _hand_in(layout, "2026-01-01", version="1.0.0", dataset="calm/seas")


@pytest.mark.usefixtures("life")
def test_the_ledger_of_a_department_says_what_was_found_and_mended(get: Get) -> None:
    english, chinese = get("/ledger?department=demo").text, get("/ledger?department=demo", accept_language="zh").text
    assert "3 hand-ins were checked; 2 were not published." in english
    assert "2 things to mend were found: 1 mended, 1 open. Half of them were mended within 30 days." in english
    assert "共核验 3 次提交，其中 2 次未予发布。发现 2 项错误：已改 1 项，待改 1 项。半数在 30 天内改正。" in chinese
    assert "Pollution ledger of Office of demo" in english
    assert "white space around values" in english
    assert "首尾空白" in chinese
    assert english.index("Key empty or stands twice") < english.index("Wrong type"), "open ones first"


@pytest.mark.usefixtures("life")
def test_the_chart_has_its_figures_in_words_and_in_a_table(get: Get) -> None:
    page = get("/ledger?department=demo").text
    chart = re.search(r'<svg viewBox="0 0 \d+ 238".*?</svg>', page, re.DOTALL)
    assert chart is not None
    assert 'role="img"' in chart[0]
    assert "Bars by month from 2026-01 to" in chart[0]
    assert chart[0].count('<rect class="found"') == 2
    assert chart[0].count('<rect class="mended"') == 1
    assert re.search(r'2026-02</time></th><td class="n">0</td><td class="n">1</td>', page)


@pytest.mark.usefixtures("life")
def test_the_ledger_of_all_lists_departments_those_with_open_ones_first(get: Get) -> None:
    page = get("/ledger").text
    assert page.index("/ledger?department=demo") < page.index("/ledger?department=calm")
    assert "4 hand-ins were checked; 2 were not published." in page


@pytest.mark.usefixtures("life")
def test_where_no_error_was_found_it_is_said(get: Get) -> None:
    assert "No error was ever found here: one hand-in, and it passed." in get("/ledger?department=calm").text
    assert "从未发现错误：共 1 次提交，全部通过。" in get("/ledger?department=calm", accept_language="zh").text


@pytest.mark.usefixtures("life")
def test_entries_stand_on_several_pages(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "SIZE", 1)
    assert 'href="/ledger?department=demo&amp;page=2#entries"' in get("/ledger?department=demo").text
    assert "Page 2 of 2" in get("/ledger?department=demo&page=77").text


@pytest.mark.usefixtures("life")
def test_what_was_not_read_is_said(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_READ", 1)
    assert "the 1 datasets released last, of 2" in get("/ledger").text


def test_known_impurities_of_what_is_online_are_named(get: Get, make_release: MakeRelease) -> None:
    found = [{"code": "digits-shortened", "severity": "warning", "place": {"field": "people"}}]
    report = {"valid": True, "civicat": {"findings": [], "resources": [{"name": "towns", "findings": found}]}}
    make_release(documents={"report.json": report})
    assert "Digits shortened: <code>people</code>" in get("/ledger").text
    assert "数字被缩短：<code>people</code>" in get("/ledger", accept_language="zh").text


@pytest.mark.parametrize("asked", ["nobody", "%3Cscript%3E", "%00", "demo%2Ftowns", "x" * 5000])
def test_a_department_that_is_not_there_is_answered_with_a_page(
    get: Get, make_release: MakeRelease, asked: str
) -> None:
    make_release()
    answer = get(f"/ledger?department={asked}")
    assert answer.status_code == 404
    assert "<script>" not in answer.text


def test_words_of_a_record_are_escaped(get: Get, layout: Layout, make_release: MakeRelease) -> None:
    make_release()
    _hand_in(layout, "2026-01-05", Found("<script>alert(1)</script>", "<img src=x>", 1))
    page = get("/ledger").text
    assert "<script>alert" not in page
    assert "<img" not in page


def test_an_entry_says_what_to_do_and_in_which_rows(get: Get, make_release: MakeRelease, layout: Layout) -> None:
    make_release()
    errors = (Found("type-error", "people", 9, (3, 5, 8)),)
    record(
        layout.hand_ins("demo/towns"),
        HandIn("2026-11-03T08:00:00Z", "ab", Became.REFUSED, "", (HandedResource("towns", 9, errors=errors),)),
    )
    english, chinese = get("/ledger").text, get("/ledger", accept_language="zh").text
    assert "Correct these values, or the rule in the descriptor." in english
    assert "请改正这些值，或改正说明中的规则。" in chinese
    assert "row 3, 5, 8" in english
    assert "第 3、5、8 行" in chinese
    assert "Row numbers count the header as row 1." in english


def test_a_known_impurity_leads_to_the_report_of_what_is_online(get: Get, make_release: MakeRelease) -> None:
    found = [{"code": "digits-shortened", "severity": "warning", "place": {"field": "people"}}]
    make_release(
        documents={
            "report.json": {
                "valid": True,
                "civicat": {"findings": [], "resources": [{"name": "towns", "rows": 2, "findings": found}]},
            }
        }
    )
    assert '<a href="/d/demo/towns/1.0.0/report.json">its report' in get("/ledger").text


def test_every_finding_has_a_name_and_a_remedy_in_both_languages() -> None:
    for code in ("type-error", "row-count-drift", "title-missing", "metadata-error", "unheard-of"):
        assert finding_remedy(code).zh
        assert finding_remedy(code).en
    assert finding_remedy("metadata-error").en == "Mend the descriptor."

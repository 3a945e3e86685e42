"""The page of a department and the list of them: promises kept and broken, what would help, page by page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from civicat.catalog.facts.freshness import due
from civicat.catalog.pages import department, departments
from civicat.hand_ins import Became, Found, HandedResource, HandIn, record
from civicat.layout import Layout
from civicat.release import Release

Get = Callable[..., httpx.Response]
MakeRelease = Callable[..., Release]

TOWNS = "demo/towns"


def _ago(days: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def demo(make_release: MakeRelease) -> None:
    """One monthly dataset: a release in time, one that was late, and the next overdue; one that is over."""
    monthly = {"frequency": "monthly"}
    for version, days in (("1.0.0", 200), ("1.1.0", 180), ("1.2.0", 100)):
        make_release(TOWNS, version, released=_ago(days), civicat=monthly)
    gaps = {"gaps": [{"zh": "夜间车流。", "en": "Traffic at night."}]}
    make_release("demo/old", released=_ago(300), civicat={"frequency": "never"}, department=gaps)


@pytest.mark.usefixtures("demo")
def test_the_page_says_what_is_in_time_in_both_languages(get: Get) -> None:
    english, chinese = get("/d/demo").text, get("/d/demo", accept_language="zh-CN").text
    late = (datetime.now(UTC).date() - datetime.fromisoformat(due("monthly", _ago(100))).date()).days
    assert f"{late} days late" in english
    assert f"迟 {late} 天" in chinese
    assert "<strong>0 of 1</strong>" in english
    assert "<strong>0 / 1</strong>" in chinese
    assert "1 of 3 promised releases came in time." in english
    assert "承诺的 3 次发布中，1 次按时。" in chinese
    assert "3 promised: 1 in time, 2 late" in english
    assert "应发布 3 次：按时 1 次，逾期 2 次" in chinese


@pytest.mark.usefixtures("demo")
def test_slips_are_drawn_full_in_time_and_short_when_late(get: Get) -> None:
    slips = re.search(r'<svg class="slips".*?</svg>', get("/d/demo").text, re.DOTALL)
    assert slips is not None
    assert re.findall(r'<rect class="(\w)"', slips[0]) == ["y", "l", "l"]


@pytest.mark.usefixtures("demo")
def test_an_open_error_stands_first_in_what_would_help(get: Get, layout: Layout) -> None:
    errors = (Found("type-error", "people", 2), Found("primary-key", "", 1))
    handed = HandIn(_ago(3), "ab", Became.REFUSED, "", (HandedResource("towns", 2, errors=errors),))
    record(layout.hand_ins(TOWNS), handed)
    english, chinese = get("/d/demo").text, get("/d/demo", accept_language="zh").text
    assert re.search(r"Mend 2 things</a> in <a href=\"/d/demo/towns\">", english)
    assert "改正 2 处错误" in chinese
    assert "<strong>2 open</strong>" in english
    assert "<strong>2 项待改</strong>" in chinese
    assert "Wrong type" in english
    assert "类型不符" in chinese
    assert "<code>people</code>" in english


@pytest.mark.usefixtures("demo")
def test_where_nothing_went_wrong_the_ledger_says_so_and_claims_no_more_than_is_known(get: Get) -> None:
    english, chinese = get("/d/demo").text, get("/d/demo", accept_language="zh").text
    assert "No error is on record here: 4 hand-ins, all passed." in english
    assert "4 were published before hand-ins were recorded" in english
    assert "没有错误记录：共 4 次提交，全部通过。" in chinese


def test_a_department_that_promised_nothing_is_not_late(get: Get, make_release: MakeRelease) -> None:
    make_release(civicat={"frequency": "irregular"})
    page = get("/d/demo").text
    assert "promised no day for any of its datasets" in page
    assert "days late" not in page


def test_many_datasets_stand_on_several_pages(
    get: Get, make_release: MakeRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(department, "SIZE", 1)
    make_release("demo/a", released="2026-01-02T08:00:00Z")
    make_release("demo/b", released="2026-01-01T08:00:00Z")
    first, second = get("/d/demo").text, get("/d/demo?page=2").text
    assert 'href="/d/demo?page=2#sets"' in first
    assert 'href="/d/demo#sets"' in second
    assert "Page 2 of 2" in second
    for asked in ("9999999", "-1", "0", "two", "%00", "2&page=1"):
        assert get(f"/d/demo?page={asked}").status_code == 200


def test_a_department_that_is_not_there_is_answered_with_a_page(get: Get, make_release: MakeRelease) -> None:
    make_release()
    assert get("/d/nobody").status_code == 404


@pytest.mark.usefixtures("demo")
def test_the_list_says_who_is_late_and_sorts(get: Get, make_release: MakeRelease) -> None:
    make_release("alpha/one", released="2999-01-01T08:00:00Z", civicat={"frequency": "yearly"})
    english, chinese = get("/d").text, get("/d", accept_language="zh").text
    assert "2 departments publish here; 1 of them is late with something." in english
    assert "共 2 个部门在此发布；其中 1 个部门有数据逾期。" in chinese
    assert "1 of 1 late" in english
    assert "1 of 1 in time" in english
    assert english.index("/d/alpha") < english.index('"/d/demo"')
    for sort in ("late", "datasets"):
        page = get(f"/d?sort={sort}").text
        assert page.index('"/d/demo"') < page.index('"/d/alpha"')
    assert get("/d?sort=%3Cscript%3E&page=99").status_code == 200


def test_many_departments_stand_on_several_pages(
    get: Get, make_release: MakeRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departments, "SIZE", 1)
    make_release("alpha/one")
    make_release("beta/one")
    assert "/d?sort=datasets&amp;page=2" in get("/d?sort=datasets").text
    assert "Office of beta" in get("/d?page=2").text


@pytest.mark.usefixtures("demo")
def test_what_only_the_publisher_can_mend_is_not_asked_of_the_department(get: Get) -> None:
    english, chinese = get("/d/demo").text, get("/d/demo", accept_language="zh").text
    assert re.search(r"It is signed</th>.*?<td>the publisher’s</td>", english)
    assert re.search(r"有签名</th>.*?<td>发布方</td>", chinese)
    helps = re.search(r'id="help".*?</div>', english, re.DOTALL)
    assert helps is not None
    assert "signed" not in helps[0]
    dataset = get("/d/demo/towns").text
    assert "the publisher, who runs this site, the others." in dataset
    assert "其余由发布方" in get("/d/demo/towns", accept_language="zh").text

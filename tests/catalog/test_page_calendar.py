"""The freshness calendar as a page and as a file that calendars subscribe to."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from civicat.release import Release

Get = Callable[..., httpx.Response]
MakeRelease = Callable[..., Release]


@pytest.fixture
def promised(make_release: MakeRelease) -> None:
    """One that is late, one due in a far year, one without a date."""
    make_release("demo/towns", released="2020-01-01T08:00:00Z", civicat={"frequency": "yearly"})
    make_release("demo/seas", released="2999-01-01T08:00:00Z", civicat={"frequency": "yearly", "themes": ["hazards"]})
    make_release("other/hills", released="2020-01-01T08:00:00Z", civicat={"frequency": "irregular"})


def _datasets(page: str) -> list[str]:
    return re.findall(r'<td class="prose"><a href="/d/([^"]+)"', page)


@pytest.mark.usefixtures("promised")
def test_what_is_late_stands_first_in_both_languages(get: Get) -> None:
    english, chinese = get("/calendar").text, get("/calendar", accept_language="zh").text
    assert _datasets(english) == _datasets(chinese) == ["demo/towns", "demo/seas", "other/hills"]
    assert "1 dataset is late. 1 is in time." in english
    assert "1 个数据集逾期。1 个按时。" in chinese
    assert '<time datetime="2021-01-01">1 January 2021</time>' in english
    assert '<time datetime="2021-01-01">2021年1月1日</time>' in chinese


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("department=demo", ["demo/towns", "demo/seas"]),
        ("theme=hazards", ["demo/seas"]),
        ("state=late", ["demo/towns"]),
        ("state=unscheduled&department=other", ["other/hills"]),
        ("state=%3Cscript%3E", []),
        ("theme=%00&page=-7", []),
        ("page=999999999999999999999", ["demo/towns", "demo/seas", "other/hills"]),
    ],
)
@pytest.mark.usefixtures("promised")
def test_links_filter_by_department_theme_and_state(get: Get, asked: str, expected: list[str]) -> None:
    answer = get(f"/calendar?{asked}")
    assert answer.status_code == 200
    assert _datasets(answer.text) == expected
    assert "<script>" not in answer.text


@pytest.mark.usefixtures("promised")
def test_a_filter_that_finds_nothing_can_be_taken_away(get: Get) -> None:
    page = get("/calendar?department=other&state=late").text
    assert "No dataset is so." in page
    assert 'href="/calendar?department=other"' in page
    assert 'href="/calendar?state=late"' in page


@pytest.mark.parametrize("path", ["/calendar", "/calendar.ics"])
@pytest.mark.usefixtures("promised")
def test_a_department_that_is_not_there_is_answered_with_a_page(get: Get, path: str) -> None:
    assert get(f"{path}?department=nobody").status_code == 404


@pytest.mark.usefixtures("promised")
def test_the_file_has_each_promised_day_in_the_language_that_its_address_names(get: Get) -> None:
    answer = get("/calendar.ics?lang=zh-Hans")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "SUMMARY:应更新：towns 数据" in answer.text
    assert answer.text.count("BEGIN:VEVENT") == 2
    assert "URL:http://data.example.org/d/demo/towns" in answer.text
    english = get("/calendar.ics?lang=en", accept_language="zh").text
    assert "SUMMARY:Due: The towns data" in english
    assert re.findall("UID:.*", english) == re.findall("UID:.*", answer.text)
    assert "SUMMARY:應更新：" in get("/calendar.ics?lang=zh-Hant").text


@pytest.mark.usefixtures("promised")
def test_the_file_of_a_department_is_linked_from_its_calendar(get: Get) -> None:
    page = get("/calendar?department=demo", accept_language="zh").text
    assert 'href="/calendar.ics?department=demo&amp;lang=zh-Hans"' in page
    assert "X-WR-CALNAME:Data due: Office of demo" in get("/calendar.ics?department=demo&lang=en").text
    assert get("/calendar.ics?department=other").text.count("BEGIN:VEVENT") == 0


@pytest.mark.usefixtures("promised")
def test_it_is_called_what_is_due_in_the_title_and_the_link_to_it(get: Get) -> None:
    english, chinese = get("/calendar").text, get("/calendar", accept_language="zh").text
    assert "<h1>What is due</h1>" in english
    assert ">What is due</a>" in english
    assert "New and late" not in english
    assert "<h1>更新日历</h1>" in chinese
    assert ">更新日历</a>" in chinese

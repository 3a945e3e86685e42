import re
from collections.abc import Callable

import httpx
import pytest

from civicat.release import Release

Get = Callable[..., httpx.Response]
MakeRelease = Callable[..., Release]

TASKS = ("/search", "/calendar", "/joins", "/about#use", "/about#verify", "/ledger", "/ask", "/d")


@pytest.mark.parametrize(
    ("language", "find", "late"), [("en", "Find data", "See what is new or late"), ("zh", "找数据", "看新发布和逾期的")]
)
def test_the_home_page_begins_with_what_can_be_done(
    get: Get, make_release: MakeRelease, language: str, find: str, late: str
) -> None:
    make_release("demo/towns")
    page = get("/", accept_language=language).text
    at = [page.index(f'<li><h3><a href="{address}">') for address in TASKS]
    assert at == sorted(at)
    assert page.index('<form class="search big"') < at[0] < page.index('id="new"')
    assert f'<a href="/search">{find}</a>' in page
    assert f'<a href="/calendar">{late}</a>' in page


def test_themes_are_named_in_both_languages_each_marked(get: Get, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    assert (
        '<span>Places and population</span> <span class="alt"><span lang="zh-Hans">区划人口</span></span>'
        in get("/").text
    )
    chinese = get("/", accept_language="zh").text
    assert '<span>区划人口</span> <span class="alt"><span lang="en">Places and population</span></span>' in chinese


def test_what_is_missing_is_shown_with_the_way_to_ask_for_it(get: Get, make_release: MakeRelease) -> None:
    make_release("demo/towns", department={"gaps": [{"zh": "镇界地图", "en": "Maps of the borders"}]})
    page = get("/").text
    assert "Maps of the borders" in page
    assert page.index("Maps of the borders") < page.index('<a href="/ask">Ask for data that is not here</a>')
    assert "镇界地图" in get("/", accept_language="zh").text


@pytest.mark.parametrize(
    ("language", "help_", "design"),
    [("en", "Whom to ask about what", "The design of this site"), ("zh", "什么事问谁", "本站的设计")],
)
def test_help_stands_first_at_the_foot_of_every_page(
    get: Get, make_release: MakeRelease, language: str, help_: str, design: str
) -> None:
    make_release("demo/towns")
    for path in ("/", "/search", "/d", "/d/demo", "/d/demo/towns", "/demo/towns", "/about", "/design", "/nowhere"):
        foot = get(path, accept_language=language).text.partition('<footer class="foot">')[2]
        assert foot.index(f'<a href="/about#help">{help_}</a>') < foot.index(f'<a href="/design">{design}</a>'), path
        assert foot.index("<section>") < foot.index('href="/about#help"') < foot.index("</section>"), path


def test_the_help_says_whom_to_ask_about_what(get: Get) -> None:
    assert '<h2 id="help">Help and contact</h2>' in get("/about").text
    assert '<h2 id="help">帮助与联系</h2>' in get("/about", accept_language="zh").text


def test_the_proof_counts_what_is_late_too(get: Get, make_release: MakeRelease) -> None:
    make_release("demo/towns", civicat={"frequency": "yearly"}, released="2001-01-01T00:00:00Z")
    make_release("demo/roads", civicat={"frequency": "never"}, released="2001-01-01T00:00:00Z")
    link = '<a href="/calendar">What is due, and what is late</a>'
    assert f"<dt>Datasets that are late today</dt><dd><strong>1</strong>{link}" in get("/").text
    assert "<dt>今天逾期的数据集</dt><dd><strong>1</strong>" in get("/", accept_language="zh").text


@pytest.mark.parametrize(
    ("language", "promise"),
    [
        ("en", "Each dataset names its steward, and each department a desk to ask."),
        ("zh", "每个数据集都写明责任人，每个部门都写明询问处。"),
    ],
)
def test_the_home_page_promises_no_more_than_is_stated(
    get: Get, make_release: MakeRelease, language: str, promise: str
) -> None:
    make_release("demo/towns")
    assert promise in get("/", accept_language=language).text


def test_the_command_that_checks_a_release_names_a_file_that_is_there(get: Get, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    file = re.search(r"<code>sha256sum ([a-z.-]+)</code>", get("/about").text)
    assert file
    assert get(f"/d/demo/towns/1.0.0/{file[1]}").status_code == httpx.codes.OK

"""The page that helps to ask for data which is not here."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from civicat.catalog.i18n import Words, read_messages
from civicat.catalog.pages.ask import mail, subject, text_of
from civicat.release import Release

Get = Callable[..., httpx.Response]
MakeRelease = Callable[..., Release]


@pytest.fixture
def offices(make_release: MakeRelease) -> None:
    """Four departments: one with roads that misses bridges, one named for air, and two of something else."""
    make_release("works/roads", department={"gaps": [{"zh": "桥梁清单", "en": "A list of bridges"}]})
    make_release(
        "sky/clouds",
        department={
            "title": {"zh": "空气质量局", "en": "Office of air quality"},
            "contact": {
                "title": {"zh": "窗口", "en": "Desk"},
                "url": "https://example.org/desk",
                "phone": "+1 555 0100",
            },
        },
    )
    make_release("demo/towns")
    make_release("demo2/villages")


def desks(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/d/([a-z0-9]+)">', page)


@pytest.mark.usefixtures("offices")
def test_the_desk_whose_words_are_nearest_comes_first_and_all_are_there(get: Get) -> None:
    assert desks(get("/ask?q=air+quality").text)[0] == "sky"
    assert desks(get("/ask?q=roads").text)[0] == "works"
    assert desks(get("/ask?q=%E7%A9%BA%E6%B0%94").text)[0] == "sky"
    assert sorted(desks(get("/ask").text)) == ["demo", "demo2", "sky", "works"]


def test_a_word_that_is_only_near_another_is_no_department_s(get: Get, make_release: MakeRelease) -> None:
    make_release("demo/asphalt", package={"title": "Asphalt"}, department={"title": {"zh": "甲", "en": "Paving"}})
    assert "These departments have most to do with your words." in get("/ask?q=asphalt").text
    assert "These departments have most to do with your words." not in get("/ask?q=asphlat").text


@pytest.mark.usefixtures("offices")
def test_what_is_known_to_be_missing_is_shown_where_the_words_are_in_it(get: Get) -> None:
    assert "A list of bridges" in get("/ask?q=bridge").text
    assert "桥梁清单" in get("/ask?q=%E6%A1%A5%E6%A2%81", accept_language="zh").text
    assert "A list of bridges" not in get("/ask?q=rivers").text


@pytest.mark.usefixtures("offices")
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("I looked for data on “bridges”", "not through this site", "Nothing that you write is stored")),
        ("zh", ("查找“bridges”", "不经过本站", "本站不保存您写的任何内容")),
    ],
)
def test_the_page_has_a_text_to_send_and_says_where_it_goes(get: Get, language: str, said: tuple[str, ...]) -> None:
    page = unescape(get("/ask?q=bridges", accept_language=language).text)
    assert all(one in page for one in said)


@pytest.mark.usefixtures("offices")
def test_only_a_desk_with_an_address_for_mail_can_be_written_to(get: Get) -> None:
    page = get("/ask?q=bridges").text
    near, _, others = page.partition("<details>")
    assert 'href="mailto:desk@example.org?subject=' in near
    sky = next(one for one in others.split("<li>") if "/d/sky" in one)
    assert "mailto:" not in sky
    assert 'href="tel:+15550100"' in sky


@pytest.mark.parametrize("words", [Words("en"), Words("zh", read_messages())], ids=["en", "zh"])
def test_a_mail_has_the_words_as_they_are_typed(words: Words) -> None:
    letter = text_of('a & "b" <c>', words)
    address = mail("desk@example.org", subject('a & "b" <c>', words), letter)
    parts = urlsplit(address)
    read = parse_qs(parts.query)
    assert (parts.scheme, parts.path) == ("mailto", "desk@example.org")
    assert 'a & "b" <c>' in read["subject"][0]
    assert read["body"][0] == letter.replace("\n", "\r\n")
    assert "&amp;" not in letter


def test_an_address_for_mail_cannot_add_to_the_mail() -> None:
    assert mail("a@b.org?bcc=c@d.org", "s", "t") == "mailto:a@b.org%3Fbcc%3Dc@d.org?subject=s&body=t"
    assert mail("", "s", "t") == ""


def test_a_catalogue_without_departments_still_has_the_page(get: Get) -> None:
    answer = get("/ask?q=bridges")
    assert answer.status_code == 200
    assert desks(answer.text) == []

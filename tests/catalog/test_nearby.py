from collections.abc import Callable

import httpx
import pytest

from civicat.catalog.search.nearby import words_of
from civicat.release import Release

Get = Callable[..., httpx.Response]
MakeRelease = Callable[..., Release]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/d/bls/county-employment", "bls county employment"),
        ("/d/faa/bird-strike/1.0.0/counts.csv", "faa bird strike counts"),
        ("/公园/开放时间", "公园 开放时间"),
        ("/", ""),
        ("/d/1.0.0", ""),
        ("/bird/bird/bird", "bird"),
        ("/<script>alert(1)</script>", "script alert"),
    ],
)
def test_the_words_of_an_address_are_its_names(path: str, words: str) -> None:
    assert words_of(path) == words


def test_a_very_long_address_gives_few_words() -> None:
    assert len(words_of("/" + "word-".join("abcdefgh") * 500).split()) <= 6


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/d/demo/twons", "The nearest name is"),  # letters in another order
        ("/d/dmeo/towns", "The nearest name is"),  # the department mistyped, too
        ("/towns", "You may have meant"),  # another site's address: by its words
        ("/data/towns-2020/export.php", "You may have meant"),
    ],
)
def test_an_address_that_has_nothing_leads_to_what_it_may_have_meant(
    get: Get, make_release: MakeRelease, path: str, expected: str
) -> None:
    make_release("demo/towns")
    answer = get(path)
    assert answer.status_code == 404
    assert expected in answer.text
    assert '<a href="/d/demo/towns">The towns data</a>' in answer.text


@pytest.mark.parametrize(
    ("language", "ask"), [("en", "Ask for the data that you expected here"), ("zh", "申请您想在这里找到的数据")]
)
def test_a_page_that_is_not_there_fills_the_search_and_offers_to_ask(
    get: Get, make_release: MakeRelease, language: str, ask: str
) -> None:
    make_release("demo/towns")
    for path in ("/d/demo/villages", "/demo/villages"):
        page = get(path, accept_language=language).text
        assert 'name="q" type="search" value="villages"' in page
        assert f'<a href="/ask">{ask}</a>' in page


def test_an_address_of_others_is_never_markup(get: Get) -> None:
    page = get("/d/%3Cscript%3Ealert(1)").text
    assert "<script>alert" not in page


def test_what_is_wrong_with_a_question_is_said_before_anything_else(get: Get, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    answer = get("/demo/towns?_sort=peple")
    assert answer.status_code == 400
    assert "Did you mean “people”?" in answer.text
    assert '<a href="/demo/towns">The whole table</a>' in answer.text
    assert "You may have meant" not in answer.text

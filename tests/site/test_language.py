"""The language of a page: the browser's, until the reader chooses; then the choice stays."""

import httpx
import pytest

pytestmark = pytest.mark.xdist_group("site")


@pytest.mark.parametrize(
    ("accept", "tag"),
    [("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"), ("zh-HK,zh;q=0.9", "zh-Hant"), ("en-GB", "en"), ("fr", "en"), ("", "en")],
)
def test_the_page_speaks_the_language_that_the_browser_asks_for_and_says_so(
    client: httpx.Client, accept: str, tag: str
) -> None:
    for page in ("/", "/d/bls", "/bls/county-unemployment"):
        answer = client.get(page, headers={"accept-language": accept})
        assert f'<html lang="{tag}">' in answer.text
        assert answer.headers["content-language"] == tag
        assert {"accept-language", "cookie"} <= {one.strip().lower() for one in answer.headers["vary"].split(",")}


def test_a_choice_goes_back_to_the_page_and_is_kept(server_address: str) -> None:
    with httpx.Client(base_url=server_address, trust_env=False) as reader:
        answer = reader.get("/-/language", params={"to": "zh", "back": "/search?q=a&theme=health"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/search?q=a&theme=health")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert '<html lang="zh-Hans">' in reader.get("/d", headers={"accept-language": "en"}).text


def test_a_reader_of_traditional_chinese_gets_the_words_in_it_and_the_data_as_it_is(client: httpx.Client) -> None:
    hant = {"accept-language": "zh-Hant"}
    page = client.get("/d/nbs/divisions", headers=hant).text
    assert "下載" in page
    assert "下载" not in page
    assert 'lang="zh-Hant" hreflang="zh-Hant" rel="nofollow" aria-current="true">繁體中文' in page
    found = client.get("/search", params={"q": "行政區劃"}, headers=hant).text
    assert "/d/nbs/divisions" in found
    table = client.get("/nbs/townships", params={"_size": "1"}, headers=hant).text
    assert '<span lang="zh-Hans">' in table  # a simplified name of a place in a page of traditional characters


def test_a_language_that_there_is_not_changes_nothing(client: httpx.Client) -> None:
    answer = client.get("/-/language", params={"to": "tlh", "back": "/d"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/d")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "evil.example",
        "/\tx",
        "/人口",
        "/\r\nset-cookie: a=b",
        "",
    ],
)
def test_a_choice_never_leads_away_from_the_site(client: httpx.Client, back: str) -> None:
    answer = client.get("/-/language", params={"to": "zh", "back": back})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.fixture
def server_address(client: httpx.Client) -> str:
    return str(client.base_url)

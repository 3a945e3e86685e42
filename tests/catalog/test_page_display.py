from collections.abc import Callable

import httpx
import pytest

from civicat.catalog.look.appearance import Appearance, appearance

Get = Callable[..., httpx.Response]


def cookies(header: str) -> Appearance:
    return appearance({"headers": [(b"cookie", header.encode("latin-1"))]})


@pytest.mark.parametrize(
    ("header", "text", "theme", "classes"),
    [
        ("", "normal", "auto", ""),
        ("text=large", "large", "auto", "large"),
        ("theme=dark; text=large", "large", "dark", "large dark"),
        ("theme=light", "normal", "light", "light"),
        ("theme=purple; text=<b>", "normal", "auto", ""),
        ("text=large; b\xe4d=x", "large", "auto", "large"),
        ("theme=dark; b[d]=x; =; ;;", "normal", "dark", "dark"),
    ],
)
def test_what_was_chosen_becomes_a_class_and_nothing_else_does(
    header: str, text: str, theme: str, classes: str
) -> None:
    found = cookies(header)
    assert (found.text, found.theme) == (text, theme)
    assert found.classes == classes


def test_the_browser_is_told_which_colours_the_page_has() -> None:
    assert cookies("").schemes == "light dark"
    assert cookies("theme=dark").schemes == "dark"


def test_a_choice_is_kept_in_a_cookie_and_goes_back_to_the_page(get: Get) -> None:
    answer = get("/-/style?text=large&back=/search%3Fq%3Da")
    assert (answer.status_code, answer.headers["location"]) == (303, "/search?q=a")
    cookie = answer.headers["set-cookie"].lower()
    assert "text=large" in cookie
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    page = get("/", cookie="text=large; theme=dark")
    assert '<html lang="en" class="large dark">' in page.text
    assert '<meta name="color-scheme" content="dark">' in page.text
    assert "cookie" in page.headers["vary"].lower()
    assert '<html lang="en">' in get("/").text, "nobody else gets the page of who chose"


def test_what_everybody_has_takes_the_cookie_away(get: Get) -> None:
    assert "max-age=0" in get("/-/style?theme=auto").headers["set-cookie"].lower()


@pytest.mark.parametrize("question", ["", "?text=huge", "?theme=", "?colour=dark"])
def test_what_there_is_not_to_choose_changes_nothing(get: Get, question: str) -> None:
    answer = get(f"/-/style{question}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/%5Cevil.example", "/%0D%0Ax: y"])
def test_a_choice_never_leads_away_from_the_site(get: Get, back: str) -> None:
    assert get(f"/-/style?text=large&back={back}").headers["location"] == "/"


@pytest.mark.parametrize(("language", "words"), [("en", ("large", "as on my device")), ("zh", ("大字", "跟随设备"))])
def test_every_page_offers_the_choice_at_its_foot_and_says_what_is_chosen(
    get: Get, language: str, words: tuple[str, str]
) -> None:
    page = get("/d", accept_language=language, cookie="text=large").text
    large, device = words
    assert f'<a href="/-/style?text=large&amp;back=/d" rel="nofollow" aria-current="true">{large}</a>' in page
    assert f'<a href="/-/style?theme=auto&amp;back=/d" rel="nofollow" aria-current="true">{device}</a>' in page

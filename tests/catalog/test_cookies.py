"""Cookies: the choices of a reader and nothing else, in no time, whatever other sites have left in the browser."""

from collections.abc import Callable

import httpx
import pytest

from civicat.catalog.i18n import CHOICES, COOKIE
from civicat.catalog.look.appearance import appearance
from civicat.catalog.look.cookies import chosen, of_reader
from civicat.release import Release

Get = Callable[..., httpx.Response]
ALLOWED = {COOKIE: CHOICES, "text": ("normal", "large")}


def scope(cookie: bytes) -> dict[str, object]:
    return {"headers": [(b"host", b"civicat.test"), (b"cookie", cookie)]}


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        (b"lang=zh-Hant; text=large", {"lang": "zh-Hant", "text": "large"}),
        (b"a=b;lang=en;c", {"lang": "en"}),
        (b"lang=tlh; text=huge", {}),
        (b'lang="zh-Hans"', {}),
        (b"other=caf\xe9; lang=en", {"lang": "en"}),
        (b'a="' + b"\\" * 60_000 + b'"; lang=en', {"lang": "en"}),
        (b";;=;", {}),
        (b"", {}),
    ],
    ids=["both", "among others", "no choice", "quoted", "no UTF-8", "backslashes", "signs", "none"],
)
def test_only_choices_are_read(cookie: bytes, expected: dict[str, str]) -> None:
    assert chosen(scope(cookie), ALLOWED) == expected


def test_the_site_behind_sees_the_choices_and_no_cookie() -> None:
    seen = of_reader(scope(b"lang=zh-Hant; text=large; theirs=1"), ALLOWED)
    assert [name for name, _ in seen["headers"]] == [b"host"]
    assert chosen(seen, ALLOWED) == {"lang": "zh-Hant", "text": "large"}
    assert appearance(seen).text == "large"


@pytest.mark.parametrize("cookie", ["theirs=1", "lang=zh-Hant; text=large"])
def test_whoever_has_a_cookie_gets_a_page_that_is_kept(
    get: Get, make_release: Callable[..., Release], cookie: str
) -> None:
    make_release("demo/towns")
    first, second = (get("/d/demo/towns", cookie=cookie) for _ in range(2))
    assert (first.status_code, first.headers["etag"]) == (200, second.headers["etag"])
    assert "no-store" not in first.headers["cache-control"]


def test_what_no_page_catches_is_an_answer_in_words(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        raise RuntimeError

    get("/")
    monkeypatch.setattr("civicat.catalog.answers.Answers.__call__", fails)
    answer = get("/d")
    assert (answer.status_code, answer.headers["x-content-type-options"]) == (500, "nosniff")
    assert "本站出错" in answer.text

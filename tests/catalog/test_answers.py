"""Kept answers: each page is made once, for each kind of reader, until something that it hangs on has changed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from civicat.catalog import answers
from civicat.catalog.answers import LONGEST, Answers
from civicat.catalog.site_context import Message, Receive, Scope, Send

HTML = [(b"content-type", b"text/html; charset=utf-8")]


@dataclass
class Site:
    """A tiny ASGI application: counts how often it is asked, and answers as told."""

    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=lambda: list(HTML))
    chunks: tuple[bytes, ...] = (b"page ",)
    asked: int = 0
    slow: asyncio.Event | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        self.asked += 1
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        for chunk in self.chunks:
            if self.slow:
                await self.slow.wait()
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        last = str(self.asked).encode() if scope["method"] != "HEAD" else b""
        await send({"type": "http.response.body", "body": last})


def ask(
    site: Site, *requests: tuple[str, dict[str, str]], stamp: Callable[[str], object] = len
) -> list[httpx.Response]:
    async def all_of_them() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=Answers(site, stamp))
        async with httpx.AsyncClient(transport=transport, base_url="http://civicat.test") as client:
            return [await client.request("GET", path, headers=headers) for path, headers in requests]

    return asyncio.run(all_of_them())


def test_the_second_reader_gets_the_page_that_was_made_for_the_first() -> None:
    site = Site()
    first, second = ask(site, ("/a", {}), ("/a", {}))
    assert (first.text, second.text, site.asked) == ("page 1", "page 1", 1)
    assert first.headers["etag"] == second.headers["etag"]


@pytest.mark.parametrize(
    "other",
    [
        ("/b", {}),
        ("/a?q=1", {}),
        ("/a", {"accept-language": "zh"}),
        ("/a", {"accept-language": "zh-Hant"}),
        ("/a", {"cookie": "lang=zh-Hans"}),
        ("/a", {"cookie": "text=large"}),
        ("/a", {"host": "data.example.org"}),
    ],
    ids=["path", "query", "language", "script", "chosen language", "appearance", "host"],
)
def test_another_page_or_kind_of_reader_gets_an_answer_of_its_own(other: tuple[str, dict[str, str]]) -> None:
    site = Site()
    ask(site, ("/a", {}), other)
    assert site.asked == 2


@pytest.mark.parametrize("host", ["x" * 300, "a b", '"'], ids=["long", "blank", "quote"])
def test_a_host_that_is_none_is_answered_and_forgotten(host: str) -> None:
    site = Site()
    first, second = ask(site, *[("/a", {"host": host})] * 2)
    assert (first.text, second.text) == ("page 1", "page 2")


def test_a_long_path_is_answered_and_forgotten() -> None:
    site = Site()
    ask(site, *[("/" + "a" * 2_001, {})] * 2, ("/" + "a" * 1_999, {}), ("/" + "a" * 1_999, {}))
    assert site.asked == 3


def test_a_cookie_that_changes_no_page_changes_no_answer() -> None:
    site = Site()
    ask(site, ("/a", {}), ("/a", {"cookie": "theirs=1; other=x"}))
    assert site.asked == 1


def test_who_has_the_page_already_is_told_so() -> None:
    site = Site()
    (first,) = ask(site, ("/a", {}))
    etag = first.headers["etag"]
    site = Site()
    same, weak, among, other = ask(
        site,
        *(("/a", {"if-none-match": known}) for known in (etag, f"W/{etag}", f'"x", {etag}', '"x"')),
    )
    assert [one.status_code for one in (same, weak, among, other)] == [304, 304, 304, 200]
    assert (same.content, other.text) == (b"", "page 1")


def test_what_it_hangs_on_is_looked_at_each_time() -> None:
    site, stamps = Site(), iter((1, 1, 2))
    *_, last = ask(site, *[("/a", {})] * 3, stamp=lambda _: next(stamps))
    assert (site.asked, last.text) == (2, "page 2")


def test_an_answer_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "FRESH_SECONDS", -1.0)
    site = Site()
    ask(site, ("/a", {}), ("/a", {}))
    assert site.asked == 2


@pytest.mark.parametrize(
    "site",
    [
        Site(status=404),
        Site(headers=[(b"content-type", b"text/csv")]),
        Site(headers=[*HTML, (b"set-cookie", b"a=b")]),
        Site(headers=[*HTML, (b"etag", b'"of a file"')]),
        Site(headers=[*HTML, (b"cache-control", b"no-store")]),
        Site(chunks=(b"x" * LONGEST,)),
    ],
    ids=["status", "kind", "cookie", "file", "no-store", "large"],
)
def test_what_is_not_one_to_keep_passes_whole_and_unchanged(site: Site) -> None:
    first, second = ask(site, ("/a", {}), ("/a", {}))
    assert (site.asked, first.status_code) == (2, site.status)
    assert first.content == b"".join(site.chunks) + b"1"
    assert second.content == b"".join(site.chunks) + b"2"


def test_a_stream_is_sent_on_while_it_is_made() -> None:
    async def shown() -> list[Message]:
        site = Site(headers=[(b"content-type", b"text/csv")], slow=asyncio.Event())
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        scope: Scope = {
            "type": "http",
            "method": "GET",
            "path": "/a.csv",
            "query_string": b"",
            "headers": [],
            "scheme": "http",
        }
        task = asyncio.create_task(Answers(site, len)(scope, receive, send))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        before = list(sent)
        assert site.slow is not None
        site.slow.set()
        await task
        return before

    assert [one["type"] for one in asyncio.run(shown())] == ["http.response.start"]


def test_readers_who_come_at_once_wait_for_the_first() -> None:
    async def together() -> tuple[int, set[str]]:
        site = Site()
        site.slow = asyncio.Event()
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=Answers(site, len)), base_url="http://civicat.test"
        ) as client:
            many = [asyncio.create_task(client.get("/a")) for _ in range(8)]
            await asyncio.sleep(0.05)
            site.slow.set()
            texts = {(await one).text for one in many}
        return site.asked, texts

    assert asyncio.run(together()) == (1, {"page 1"})


def test_a_head_is_answered_from_what_is_kept_and_keeps_nothing() -> None:
    async def asked() -> tuple[int, list[tuple[int, bytes, str | None]]]:
        site = Site()
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=Answers(site, len)), base_url="http://civicat.test"
        ) as client:
            found = [await client.request(method, "/a") for method in ("HEAD", "GET", "HEAD")]
        return site.asked, [(one.status_code, one.content[-1:], one.headers.get("content-length")) for one in found]

    count, (before, whole, after) = asyncio.run(asked())
    assert count == 2
    assert (before[2], whole[1:], after) == (None, (b"2", "6"), (200, b"", "6"))


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST_BYTES", 3 * answers._OVERHEAD + 300)  # noqa: SLF001 (what an answer weighs at least)
    site = Site(chunks=(b"x" * 9,))
    ask(site, ("/a", {}), ("/b", {}), ("/c", {}), ("/d", {}), ("/a", {}), ("/d", {}))
    assert site.asked == 5  # /a had to go, /d is still there

"""Every address that the site names answers, and the home page is light."""

import re
from collections import deque
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import pytest

pytestmark = pytest.mark.xdist_group("site")

MOST_PAGES = 300
MOST_QUESTIONS = 40  # addresses with a query, of one path: filters and orders have no end
LIGHT_BYTES = 50_000
WITHDRAWN = "/d/us-census/states/1.1.0"
RECORD = (f"{WITHDRAWN}/tombstone.json", f"{WITHDRAWN}/manifest.json")


class Links(HTMLParser):
    """The addresses that a page names: links, stylesheets, icons, forms."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.found: set[str] = set()
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.anchors.add(said.get("id") or "")
        address = said.get("href") or said.get("action")
        if tag in {"a", "link", "form"} and address and not address.startswith(("mailto:", "tel:")):
            self.found.add(urljoin(self.page, address))


def read(client: httpx.Client, address: str) -> tuple[int, Links]:
    """The status of an address, and its links where it is a page; a file is not read to its end."""
    links = Links(address)
    with client.stream("GET", address, follow_redirects=True) as answer:
        if answer.headers.get("content-type", "").startswith("text/html"):
            links.feed(answer.read().decode())
        return answer.status_code, links


def test_every_link_of_the_site_answers(client: httpx.Client) -> None:
    waiting, seen, broken = deque([str(client.base_url)]), {str(client.base_url)}, []
    asked: dict[str, int] = {}
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.popleft()
        status, links = read(client, address)
        path = urlsplit(address).path
        is_gone = path.startswith(WITHDRAWN) and path not in RECORD
        if status != (httpx.codes.GONE if is_gone else httpx.codes.OK):
            broken.append(f"{status} {address}")
        for link in sorted({urldefrag(one).url for one in links.found} - seen):
            parts = urlsplit(link)
            if parts.netloc != client.base_url.netloc.decode():
                continue
            asked[parts.path] = asked.get(parts.path, 0) + bool(parts.query)
            if asked[parts.path] <= MOST_QUESTIONS:
                seen.add(link)
                waiting.append(link)
    assert broken == []
    assert len(seen) > 50, "the crawl did not get anywhere"


@pytest.mark.parametrize("page", ["/", "/about", "/d/bls/employment", "/d/bls"])
def test_every_anchor_that_a_page_links_to_is_there(client: httpx.Client, page: str) -> None:
    links = read(client, str(client.base_url.join(page)))[1]
    for link in links.found:
        address, anchor = urldefrag(link)
        if anchor and address.startswith(str(client.base_url)):
            assert anchor in read(client, address)[1].anchors, link


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_home_page_weighs_less_than_50_kilobytes_with_all_it_loads(client: httpx.Client, language: str) -> None:
    home = client.get("/", headers={"accept-language": language})
    loaded = re.findall(r'(?:src|<link[^>]*?href)="([^"]+)"', home.text)
    assert any("civicat.css" in one for one in loaded)
    assert len(home.content) + sum(len(client.get(one).content) for one in loaded) < LIGHT_BYTES


@pytest.mark.parametrize("page", ["/d/bls", "/about", "/bls/county-unemployment", "/calendar", "/ledger", "/joins"])
def test_only_pages_with_a_search_box_ship_a_script_and_it_is_ours(client: httpx.Client, page: str) -> None:
    assert "<script" not in client.get(page).text
    assert re.findall(r'<script src="([^"?]*)', client.get("/").text) == ["/static/suggest.js"]

"""What pages load: the home page is light, and scripts are few and ours. Every link is followed in test_crawl.py."""

import re

import httpx
import pytest

pytestmark = pytest.mark.xdist_group("site")

LIGHT_BYTES = 50_000


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

"""Every join that the real site shows: its SQL runs over files that were fetched, and gives as many rows as it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import duckdb
import httpx
import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.xdist_group("site")

LINKS = re.compile(r'href="(/d/[a-z0-9/-]+/joins/[0-9a-f]{12})"')
COUNTED = re.compile(r"<dt>(?:Rows that meet|Codes in both)</dt><dd><strong>([\d,]+) of ([\d,]+)</strong>")
VALUES = re.compile(r"<dt>Values that meet</dt><dd><strong>([\d,]+) of ([\d,]+)</strong>")
FILES = re.compile(r'aria-labelledby="local"><code>(.*?)</code>', re.DOTALL)
FETCHED = re.compile(r"-- curl -(?:O|o (\S+)) (\S+)")
# Real joins of the seven datasets that are published here: two across datasets, two within one.
FEWEST = 4


def _joins(client: httpx.Client) -> list[str]:
    """The address of every join, from the pages of all datasets."""
    datasets = set(re.findall(r'href="(/d/[a-z0-9-]+/[a-z0-9-]+)"', client.get("/search").text))
    return sorted({link for one in datasets for link in LINKS.findall(client.get(f"{one}/joins").text)})


def _rows(sql: str) -> int:
    found = duckdb.sql(sql)
    assert found is not None
    return int(found.to_arrow_table().num_rows)


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def test_the_sql_of_every_join_gives_the_rows_that_its_page_counts(
    client: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    addresses = _joins(client)
    assert len(addresses) >= FEWEST
    for address in addresses:
        page = client.get(address).text
        shown, counted = FILES.search(page), COUNTED.search(page)
        assert shown, address
        assert counted, address
        sql = unescape(shown[1])
        for name, file in FETCHED.findall(sql):
            Path(name or file.rpartition("/")[2]).write_bytes(client.get(file).content)
        assert 0 < _rows(sql) <= 100, address
        every = _rows(sql.replace("LIMIT 100;", ""))
        assert every == _number(counted[1]), address
        exact = VALUES.search(page)
        if exact and exact[1] == exact[2] and "Rows that meet" in page:
            assert counted[1] == counted[2], address  # every value is found, so every row is


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_of_joins_fit_a_narrow_screen(open_page: Callable[..., Page], language: str) -> None:
    page = open_page(width=320, language=language)
    for address in ("/joins", "/d/us-census/states/joins", "/d/nbs/townships/joins"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320

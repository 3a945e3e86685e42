"""What changed between two releases, as a page, as JSON and as a table."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat.catalog.pages import changes
from civicat.catalog.pages.changes import difference
from civicat.layout import Layout
from civicat.release import Release

Get = Callable[..., httpx.Response]
MakeRelease = Callable[..., Release]

DIFF = "/d/demo/towns/diff/1.0.0/1.1.0"


@pytest.fixture
def towns(make_release: MakeRelease) -> None:
    """Of three towns one grew, one went, one came."""
    old = pa.table({"code": ["a", "b", "c"], "name": ["甲镇", "<b>", "丙镇"], "people": [120, 340, 5]})
    new = pa.table({"code": ["a", "b", "d"], "name": ["甲镇", "<b>", None], "people": [1120, 340, 7]})
    make_release("demo/towns", "1.0.0", {"towns": old}, manifest=True)
    make_release("demo/towns", "1.1.0", {"towns": new}, manifest=True)


@pytest.mark.usefixtures("towns")
def test_the_page_shows_cells_and_rows_in_both_languages(get: Get) -> None:
    english, chinese = get(DIFF).text, get(DIFF, accept_language="zh").text
    assert "What changed from 1.0.0 to 1.1.0" in english
    assert "1.0.0 到 1.1.0 的变化" in chinese
    for page in (english, chinese):
        assert re.search(r"<del><bdi>120</bdi></del>.*<ins><bdi>1120</bdi></ins>.*\+1,000", page)
        assert '<span lang="zh-Hans">丙镇</span>' in page or "丙镇" in page
        assert f'href="{DIFF}.parquet"' in page
    assert "Rows that were removed" in english
    assert "删去的数据行" in chinese
    assert "(empty)" in english


@pytest.mark.usefixtures("towns")
def test_json_and_parquet_hold_the_same(get: Get) -> None:
    told, answer = get(f"{DIFF}.json").json(), get(f"{DIFF}.parquet")
    assert (told["old"]["version"], told["new"]["version"]) == ("1.0.0", "1.1.0")
    assert [told["tables"][0][kind] for kind in ("added", "removed", "changed")] == [1, 1, 1]
    rows = pq.read_table(io.BytesIO(answer.content)).to_pylist()
    assert sorted((row["kind"], row["key"]) for row in rows) == [
        ("added", '["d"]'),
        ("changed", '["a"]'),
        ("removed", '["c"]'),
    ]
    assert get(f"{DIFF}.parquet", if_none_match=answer.headers["etag"]).status_code == 304
    assert answer.headers["cache-control"] == "public, max-age=10, must-revalidate"


@pytest.mark.usefixtures("towns")
def test_the_form_leads_to_the_page_without_script(get: Get) -> None:
    page = get(DIFF).text
    assert '<form class="sort compare" action="/d/demo/towns/diff">' in page
    assert re.search(r'name="from">.*<option selected>1\.0\.0</option>', page)
    assert get("/d/demo/towns/diff?from=1.1.0&to=1.0.0").headers["location"] == "/d/demo/towns/diff/1.1.0/1.0.0"
    assert get("/d/demo/towns/diff").headers["location"] == DIFF
    assert get("/d/demo/towns/diff?from=//evil.example&to=x").headers["location"] == DIFF


@pytest.mark.usefixtures("towns")
def test_backwards_and_with_itself(get: Get) -> None:
    assert "−1,000" in get("/d/demo/towns/diff/1.1.0/1.0.0").text
    same = "/d/demo/towns/diff/1.1.0/1.1.0"
    assert "The data and its columns are the same in both." in get(same).text
    assert "两个版本的数据与字段相同。" in get(same, accept_language="zh").text


@pytest.mark.usefixtures("towns")
def test_it_is_made_once(get: Get, layout: Layout) -> None:
    get(DIFF)
    files = {file: file.stat().st_ino for file in (layout.cache / "diffs").rglob("*.*") if file.is_file()}
    assert {file.name for file in files} == {"diff.json", "changes.parquet"}
    get(f"{DIFF}.json")
    get(f"{DIFF}.parquet")
    assert {file: file.stat().st_ino for file in files} == files


@pytest.mark.usefixtures("towns")
def test_what_was_made_first_goes_when_there_is_no_room(
    get: Get, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST_BYTES", 1)
    get(DIFF)
    get("/d/demo/towns/diff/1.1.0/1.0.0")
    kept = list((layout.cache / "diffs").glob("*/*/*/*"))
    assert [folder.parent.name for folder in kept] == ["1.1.0..1.0.0"]


@pytest.mark.parametrize("address", ["1.0.0/9.9.9", "9.9.9/1.1.0", "1.0.0", "1.0.0/latest", "1.0.0/1.1.0.csv"])
@pytest.mark.usefixtures("towns")
def test_what_is_not_there_is_404(get: Get, address: str) -> None:
    assert get(f"/d/demo/towns/diff/{address}").status_code == 404


def test_one_release_alone_has_nothing_to_compare(get: Get, make_release: MakeRelease) -> None:
    make_release(manifest=True)
    assert get("/d/demo/towns/diff").status_code == 404
    assert "/diff/" not in get("/d/demo/towns").text


@pytest.mark.usefixtures("towns")
def test_the_list_of_versions_leads_there(get: Get) -> None:
    assert f'href="{DIFF}">row by row<span class="sr"> 1.1.0</span></a>' in get("/d/demo/towns").text


def test_only_the_first_are_shown_and_the_page_says_so(get: Get, make_release: MakeRelease) -> None:
    for version, factor in (("1.0.0", 1), ("1.1.0", 2)):
        table = pa.table({"id": range(1, 151), "of": [number * factor for number in range(1, 151)]})
        make_release("demo/many", version, {"many": table}, manifest=True)
    page = get("/d/demo/many/diff/1.0.0/1.1.0").text
    assert "The first 100 of 150" in page
    assert page.count('<td class="n"><ins>') == 100


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("1", "3.5", "+2.5"),
        ("3", "1", "−2"),
        ("-1", "1000000", "+1,000,001"),
        (None, "1", ""),
        ("x", "1", ""),
        ("nan", "1", ""),
        ("inf", "1", ""),
        ("0.1", "0.3", "+0.2"),
    ],
)
def test_the_difference_of_two_numbers_is_exact(old: str | None, new: str, told: str) -> None:
    assert difference(old, new) == told


@pytest.mark.usefixtures("towns")
def test_the_largest_changes_stand_first_with_what_they_are_held_against(get: Get) -> None:
    english, chinese = get(DIFF).text, get(DIFF, accept_language="zh").text
    assert "Largest changes" in english
    assert re.search(r"<del>120</del> → <ins>1120</ins>.*\(\+1,000; 8\.3 times the value before\)", english)
    assert "变动最大的值" in chinese
    assert "相当于原值的 8.3 倍" in chinese
    assert "The only one" in english
    assert "All 1" not in english
    assert "changes.css" in english

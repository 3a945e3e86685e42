"""The page of a dataset: its summary, how it stands, its dictionary, its versions, its terms; in both languages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import date
from functools import partial

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat.catalog.facts.release_facts import Moved, moved
from civicat.catalog.facts.terms import KNOWN, TERMS, permission
from civicat.catalog.look import chart_links
from civicat.catalog.look.chart_links import card_address, chart_address
from civicat.catalog.look.kept_html import Kept
from civicat.catalog.look.sparks import grouped, share
from civicat.dataset import Licence
from civicat.hand_ins import Became, Found, HandedResource, HandIn, record
from civicat.layout import Layout
from civicat.release import Release
from civicat.text import Text

Get = Callable[..., httpx.Response]
MakeRelease = Callable[..., Release]

USES = [{"zh": "可*比较*各镇。", "en": "Compare *towns*."}]
BIASES = [{"zh": "小镇显示得少。", "en": "Small towns show too little."}]
PLACE = {"title": {"zh": "全国", "en": "The country"}}
MANY = {f"column_{number}": pa.array([number]) for number in range(40)}
CHANGES = pa.table(
    {
        "resource": ["towns"] * 4,
        "key": ['["a"]', '["a"]', '["c"]', '["d"]'],
        "kind": ["changed", "changed", "added", "removed"],
        "column": ["people", "code", "", ""],
        "rows": pa.array([1, 1, 1, 2], pa.int64()),
    }
)


def both(get: Get, path: str = "/d/demo/towns") -> tuple[str, str]:
    """A page in English and in Chinese."""
    pages = get(path), get(path, accept_language="zh")
    assert [one.status_code for one in pages] == [200, 200]
    return pages[0].text, pages[1].text


def words(html: str) -> str:
    """The words of a piece of HTML, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_it_begins_with_what_it_is(get: Get, make_release: MakeRelease) -> None:
    make_release(civicat={"place": PLACE, "period": {"begins": "2012-01", "ends": "2012-12-31"}})
    english, chinese = both(get)
    short = [words(page[page.index('class="short"') : page.index('class="strip')]) for page in (english, chinese)]
    for said in ("Rows of towns.", "2 rows", "2 columns", "The country", "January 2012 to 31 December 2012"):
        assert said in short[0]
    for said in ("towns 的行。", "2 行", "2 个字段", "全国", "2012年1月 至 2012年12月31日"):
        assert said in short[1]
    for page in (english, chinese):
        assert page.index("<h1>") < page.index('class="lead"') < page.index('class="strip') < page.index('id="care"')


@pytest.mark.parametrize(
    ("period", "english", "chinese"),
    [
        ({"begins": 2012}, "since 2012", "2012起"),
        ({"ends": 2012}, "until 2012", "至2012"),
        ({"begins": 2012, "ends": 2012}, "Time covered 2012 ", "2012"),
    ],
)
def test_a_time_that_is_open_or_one_year(
    get: Get, make_release: MakeRelease, period: dict[str, int], english: str, chinese: str
) -> None:
    make_release(civicat={"period": period})
    pages = both(get)
    assert english in words(pages[0])
    assert chinese in words(pages[1]).replace(" ", "")


@pytest.mark.parametrize(
    ("promised", "english", "chinese"),
    [
        (("yearly", "2020-01-01T08:00:00Z"), r"[\d,]+ days late", r"迟 [\d,]+ 天"),
        (("yearly", "2098-01-01T08:00:00Z"), "In time", "按时"),
        (("irregular", "2020-01-01T08:00:00Z"), "No fixed date", "不定期"),
        (("never", "2020-01-01T08:00:00Z"), "No further updates", "不再更新"),
        (("yearly", ""), "No fixed date", "不定期"),
    ],
)
def test_freshness_against_what_was_promised(
    get: Get, make_release: MakeRelease, promised: tuple[str, str], english: str, chinese: str
) -> None:
    make_release(civicat={"frequency": promised[0]}, released=promised[1])
    pages = both(get)
    assert re.search(f"<strong[^>]*>{english}</strong>", pages[0])
    assert re.search(f"<strong[^>]*>{chinese}</strong>", pages[1])


def test_late_says_when_it_was_due_also_on_an_older_version(get: Get, make_release: MakeRelease) -> None:
    make_release(released="2019-01-01T08:00:00Z")
    make_release(version="1.1.0", released="2020-01-01T08:00:00Z")
    for path in ("/d/demo/towns", "/d/demo/towns/1.0.0"):
        english, chinese = both(get, path)
        assert 'was due <time datetime="2021-01-01">1 January 2021</time>' in english
        assert '应于 <time datetime="2021-01-01">2021年1月1日</time>前更新' in chinese


def test_quality_counts_points_and_says_what_is_missing(get: Get, make_release: MakeRelease) -> None:
    make_release(civicat={"uses": USES})
    english, chinese = both(get)
    count = re.search(r"Quality: (\d+) of 14 points", english)
    assert count
    assert f"质量：14 个要点中有 {count[1]} 个" in chinese
    assert f'aria-label="{count[1]} of 14 points held"' in english
    assert english.count('<rect class="x"') == 2 * (14 - int(count[1])), "hollow slips: at the top and in the list"
    listed = english[english.index('id="point-biases"') :].partition("</li>")[0]
    assert "Write them in civicat.biases." in listed
    assert "missing" in listed
    assert "写在 civicat.biases 中。" in chinese
    assert "%" not in words(english[english.index('id="quality"') : english.index('id="prov"')])


def test_uses_and_biases_are_markdown_in_the_language_of_the_page(get: Get, make_release: MakeRelease) -> None:
    make_release(civicat={"uses": USES, "biases": BIASES})
    english, chinese = both(get)
    assert "<li>Compare <em>towns</em>.</li>" in english
    assert "<li>可<em>比较</em>各镇。</li>" in chinese
    assert "Small towns show too little." in english
    assert "小镇显示得少。" in chinese


HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)>[x](javascript:alert(1))"><b>'


def test_what_other_people_write_is_never_html(get: Get, make_release: MakeRelease) -> None:
    said = [{"zh": HOSTILE, "en": HOSTILE}]
    block = {"zh": {"title": "甲", "description": HOSTILE}, "caveats": said}
    make_release(
        fields={"code": {"description": HOSTILE, "example": HOSTILE, "civicat": block}},
        package={"description": HOSTILE},
        civicat={"zh": {"title": HOSTILE, "description": HOSTILE}, "caveats": said, "uses": said, "biases": said},
    )
    for page in both(get):
        assert "<script" not in page
        assert "<img" not in page
        assert 'href="javascript:' not in page
        assert "&lt;script&gt;" in page


def test_a_time_that_nobody_told_is_that_of_the_columns(get: Get, make_release: MakeRelease) -> None:
    days = pa.array([date(2012, 3, 1), date(2012, 5, 2)])
    covered = {"name": "day", "type": "date", "count": 2, "missing": 0, "min": "2012-03-01", "max": "2012-05-02"}
    profile = {"tables": [{"resource": "towns", "rows": 2, "columns": [covered]}]}
    make_release(tables={"towns": pa.table({"day": days})}, documents={"profile.json": profile})
    english, chinese = (words(page) for page in both(get))
    assert "1 March 2012 to 2 May 2012 as its columns say" in english
    assert "2012年3月1日 至 2012年5月2日 据其字段推算" in chinese


def test_machines_are_told_where_and_what_it_is(get: Get, make_release: MakeRelease) -> None:
    make_release(package={"description": "One **bold** [link](https://example.org) & more."})
    english, _ = both(get)
    assert '<link rel="canonical" href="http://data.example.org/d/demo/towns/1.0.0">' in english
    assert '<meta name="description" content="One bold link &amp; more.">' in english
    assert '<meta property="og:description" content="One bold link &amp; more.">' in english
    assert '<meta property="og:title" content="The towns data">' in english
    assert '<meta property="og:url" content="http://data.example.org/d/demo/towns/1.0.0">' in english


def test_charts_are_linked_once_this_site_draws_them(
    get: Get, make_release: MakeRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    column = {"name": "people", "count": 2, "missing": 0, "top": {"values": [{"value": "1", "count": 2}]}}
    profile = {"tables": [{"resource": "towns", "columns": [column]}]}
    make_release("demo/rivers", tables={"towns": pa.table({"people": [1, 1]})}, documents={"profile.json": profile})
    release = make_release(documents={"profile.json": profile})
    monkeypatch.setattr("civicat.catalog.pages.dataset.are_drawn", lambda: False)
    assert "/chart/" not in get("/d/demo/rivers").text
    monkeypatch.setattr("civicat.catalog.pages.dataset.are_drawn", lambda: True)
    english, chinese = both(get)
    assert f'href="{chart_address(release, "towns", "people")}"' in english
    assert chart_address(release, "towns", "code") not in english, "a column without figures has no chart"
    assert f'og:image" content="http://data.example.org{card_address(release, "en")}"' in english
    assert f'og:image" content="http://data.example.org{card_address(release, "zh")}"' in chinese


def test_the_address_of_a_chart_takes_any_name_of_a_column(make_release: MakeRelease) -> None:
    address = chart_address(make_release(), "towns", "人口/a b?")
    assert address == "/d/demo/towns/1.0.0/chart/distribution/towns/%E4%BA%BA%E5%8F%A3%2Fa%20b%3F"
    assert isinstance(chart_links.are_drawn(), bool)


def test_each_column_has_an_anchor_and_a_link_to_it(get: Get, make_release: MakeRelease) -> None:
    make_release(tables={"towns": pa.table({"代码": ["a"], "a b": [1], "a_b": [2]})})
    english, _ = both(get)
    for anchor, link in (
        ("towns.代码", "towns.%E4%BB%A3%E7%A0%81"),
        ("towns.a_b", "towns.a_b"),
        ("towns.a_b_", "towns.a_b_"),
    ):
        assert english.count(f'id="{anchor}"') == 1
        assert f'href="#{link}"' in english


@pytest.mark.parametrize(("columns", "listed"), [(39, False), (40, True)])
def test_a_long_table_has_a_list_of_its_columns(
    get: Get, make_release: MakeRelease, columns: int, *, listed: bool
) -> None:
    make_release(tables={"towns": pa.table(dict(list(MANY.items())[:columns]))})
    english, chinese = both(get)
    assert ("All 40 columns by name" in english) == listed
    assert ("按名称列出全部 40 个字段" in chinese) == listed


def test_a_column_says_how_often_its_values_stand_and_what_they_mean(get: Get, make_release: MakeRelease) -> None:
    column = {
        "name": "code",
        "count": 180,
        "missing": 20,
        "distinct": {"value": 2, "exact": True},
        "top": {"values": [{"value": "a", "count": 100}, {"value": "b", "count": 80}]},
    }
    number = {
        "name": "people",
        "count": 200,
        "missing": 0,
        "min": "0",
        "max": "39250017",
        "mean": 6212345.678,
        "quantiles": {"values": {"0.5": "4436974.5"}},
        "distinct": {"value": 199, "exact": True},
        "histogram": {"edges": ["0", "2", "4"], "counts": [150, 50]},
        "semantic": {"type": "quantity"},
    }
    label = {
        "categories": [{"value": "a", "label": "Alpha"}],
        "civicat": {"zh": {"title": "码", "categories": {"a": "甲"}}},
    }
    profile = {"tables": [{"resource": "towns", "columns": [column, number]}]}
    make_release(documents={"profile.json": profile}, fields={"code": label}, manifest=True)
    english, chinese = (words(page) for page in both(get))
    for said in (
        "20 empty 10.0%",
        "a Alpha 100 · 50.0%",
        "b 80 · 40.0%",
        "0 – 39,250,017",
        "half are up to 4,436,974.5",
        "mean 6,212,346",
    ):
        assert said in english
    for said in ("空 20 10.0%", "a 甲 100 · 50.0%", "半数不超过 4,436,974.5", "平均 6,212,346"):
        assert said in chinese


@pytest.mark.parametrize(
    ("count", "cells", "said"),
    [(1, 3, "33.3%"), (0, 9, "0.0%"), (1, 10_000, "<0.1%"), (1, 1_000, "0.1%"), (3, 3, "100.0%"), (0, 0, "")],
)
def test_a_share_stands_in_hundredths(count: int, cells: int, said: str) -> None:
    assert share(count, cells) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1234567", "1,234,567"),
        ("-1234.50", "-1,234.50"),
        ("0012345", "0012345"),
        ("2013-01-01", "2013-01-01"),
        ("", ""),
    ],
)
def test_only_numbers_are_grouped(written: str, said: str) -> None:
    assert grouped(written) == said


def test_a_column_says_where_it_joins(get: Get, make_release: MakeRelease) -> None:
    make_release("health/areas", tables={"areas": pa.table({"area": ["a", "b"]})})
    key = {"fields": ["code"], "reference": {"dataset": "health/areas", "resource": "areas", "fields": ["area"]}}
    make_release(across={"towns": [key]})
    english, chinese = both(get)
    row = english[english.index('id="towns.code"') :].partition("</th>")[0]
    assert 'found in <a href="/d/health/areas">The areas data</a>' in row
    assert "Office of health" in row
    assert '见于<a href="/d/health/areas">areas 数据</a>' in chinese


def test_rows_that_moved_are_counted_in_the_list_of_versions(get: Get, make_release: MakeRelease) -> None:
    make_release()
    release = make_release(version="1.1.0")
    pq.write_table(CHANGES, release.folder / "changes.parquet")
    assert moved(release) == Moved(added=1, removed=2, changed=1)
    english, chinese = both(get)
    assert "1 / 2 / 1" in english
    assert 'href="/d/demo/towns/diff/1.0.0/1.1.0">row by row' in english
    assert 'href="/d/demo/towns/diff/1.0.0/1.1.0">逐行查看' in chinese


@pytest.mark.parametrize("content", [b"", b"PAR1 nothing PAR1", None])
def test_changes_that_cannot_be_read_are_not_counted(
    get: Get, make_release: MakeRelease, content: bytes | None
) -> None:
    make_release()
    release = make_release(version="1.1.0")
    if content is not None:
        (release.folder / "changes.parquet").write_bytes(content)
    assert moved(release) is None
    assert get("/d/demo/towns").status_code == 200


@pytest.mark.parametrize(
    ("licence", "english", "chinese"),
    [
        ("CC0-1.0", "nothing; naming the source is good manners", "没有要求；注明来源是好习惯"),
        ("CC-BY-4.0", "Name the source and the licence, with a link to it", "注明来源和许可，并附许可的链接"),
        ("ODbL-1.0", "Publish what you make of it under the same licence", "修改后的作品以相同的许可发布"),
        ("other-at", "this site does not know this licence", "本站没有收录此许可的说明"),
    ],
)
def test_the_licence_says_in_words_what_it_allows(
    get: Get, make_release: MakeRelease, licence: str, english: str, chinese: str
) -> None:
    make_release(package={"licenses": [{"name": licence, "path": "https://example.org/l"}]})
    pages = both(get)
    assert english in pages[0]
    assert chinese in pages[1]


def test_every_known_licence_is_cited_and_speaks_both_languages() -> None:
    for name, terms in KNOWN.items():
        assert terms.source.startswith("http"), name
        assert not any(text.missing() for text in (terms.short, *terms.may, *terms.must, *terms.limits)), name
    one, two = (Licence(name, Text(), "") for name in ("CC0-1.0", "CC-BY-4.0"))
    assert permission((one, one)) == KNOWN["CC0-1.0"].short
    assert permission((one, two)) == permission(()) == TERMS


def test_how_it_is_opened_is_said(get: Get, make_release: MakeRelease) -> None:
    make_release(civicat={"opening": "conditional"})
    english, chinese = both(get)
    assert "Open on conditions" in english
    assert "有条件开放" in chinese


def test_a_version_that_cannot_be_read_leaves_the_others(get: Get, make_release: MakeRelease, layout: Layout) -> None:
    make_release()
    make_release(version="1.1.0")
    damaged = make_release(version="1.2.0")
    (damaged.folder / "report.json").write_text("{", "utf-8")
    english, _ = both(get)
    assert "/d/demo/towns/1.1.0" in english
    assert get("/d/demo/towns/1.2.0").status_code == 500
    assert len(layout.versions("demo/towns")) == 3


def test_what_is_kept_of_a_release_is_not_shown_of_another(get: Get, make_release: MakeRelease) -> None:
    """The dictionary is written once for a manifest: the next version, the other language and another name differ."""
    make_release(manifest=True)
    first = both(get)
    make_release(version="1.1.0", manifest=True, fields={"code": {"title": "Shorthand"}})
    assert "Shorthand" not in "".join(first)
    assert "Shorthand" in get("/d/demo/towns").text
    assert "code 的说明" in get("/d/demo/towns", accept_language="zh").text
    assert re.search("code 的[說説]明", get("/d/demo/towns", accept_language="zh-Hant").text)
    assert "Shorthand" not in get("/d/demo/towns/1.0.0").text


async def _written(kept: Kept, *keys: str) -> list[str]:
    asked: list[str] = []

    async def write(key: str) -> str:
        asked.append(key)
        return key * 4

    for key in keys:
        assert await kept.piece(key, partial(write, key)) == key * 4
    return asked


@pytest.mark.parametrize(
    ("most", "asked"),
    [(8, ["a", "b"]), (7, ["a", "b", "a"])],
)
def test_pieces_are_kept_while_there_is_room(most: int, asked: list[str]) -> None:
    assert asyncio.run(_written(Kept(most), "a", "b", "a")) == asked


def test_a_newer_file_that_was_refused_is_told_with_its_ledger(
    get: Get, make_release: MakeRelease, layout: Layout
) -> None:
    make_release()
    errors = (Found("type-error", "people", 3), Found("primary-key", "", 1))
    handed = HandIn("2026-11-15T08:00:00Z", "ab", Became.REFUSED, "", (HandedResource("towns", 2, errors=errors),))
    record(layout.hand_ins("demo/towns"), handed)
    english, chinese = get("/d/demo/towns").text, get("/d/demo/towns", accept_language="zh").text
    note = r'A newer file was handed in on <time datetime="[^"]+">15 November 2026</time> and refused: '
    assert re.search(note + r'<a href="/ledger\?department=demo">2 things to mend</a>', english)
    assert re.search(r'2026年11月15日</time>提交的更新文件未通过核验：<a href="[^"]+">2 项待改', chinese)


def test_it_names_the_seven_checks_and_no_other_number_of_them(get: Get, make_release: MakeRelease) -> None:
    sentence = {
        "zh": "甲局提交了 1 个文件；2 行通过了 civicat 1 的 8 类检查；发布。",
        "en": "2 rows passed 8 kinds of checks.",
    }
    make_release(documents={"provenance.json": {"released": "2026-11-02T08:00:00Z", "sentence": sentence}})
    english, chinese = get("/d/demo/towns").text, get("/d/demo/towns", accept_language="zh").text
    assert "The seven checks that it passed: Bytes, Shape, Types, Keys, Words, Licence, Steward." in english
    assert "通过了七项核验：" in chinese
    assert "2 rows passed the checks." in english
    assert "通过了 civicat 1 的检查；" in chinese


def test_the_contents_name_sections_that_are_there(get: Get, make_release: MakeRelease) -> None:
    make_release()
    page = get("/d/demo/towns").text
    contents = re.search(r'<nav class="contents.*?</nav>', page, re.DOTALL)
    assert contents is not None
    named = re.findall(r'href="#([^"]+)"', contents[0])
    assert {"get", "may", "who", "proof", "versions", "quality", "table-towns"} <= set(named)
    assert all(page.count(f'id="{one}"') == 1 for one in named)
    assert page.index('id="may"') < page.index('id="table-towns"')
    assert 'aria-label="本页内容"' in get("/d/demo/towns", accept_language="zh").text


def test_buttons_name_the_table_where_there_are_several(get: Get, make_release: MakeRelease) -> None:
    big, small = pa.table({"id": [1, 2, 3]}), pa.table({"id": [1]})
    make_release("demo/roads", "1.0.0", {"roads": big, "lanes": small})
    english, chinese = get("/d/demo/roads").text, get("/d/demo/roads", accept_language="zh").text
    buttons = re.search(r'<p class="acts">.*?</p>', english, re.DOTALL)
    assert buttons is not None
    assert "Open the table" not in buttons[0]
    assert re.search(r">Open .*roads.*</a>", buttons[0])
    assert re.search(r"roads.*: download CSV, 3 rows", buttons[0])
    assert "打开“" in chinese

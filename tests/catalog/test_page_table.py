"""The pages of tables and rows: what they say, what they refuse, and that they are whole in both languages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import httpx
import pyarrow as pa
import pytest

from civicat.catalog.index.building import build_index
from civicat.catalog.serve import make
from civicat.layout import Layout
from civicat.release import Release

Get = Callable[..., httpx.Response]


@pytest.fixture
def get(layout: Layout, make_release: Callable[..., Release]) -> Iterator[Get]:
    """Asks the site for an address. It has 250 strikes of two towns' department and the towns of another one."""
    _towns(make_release)
    _strikes(make_release)
    build_index(layout)
    site = make(layout)

    def ask(address: str, language: str = "en", method: str = "GET", **headers: str) -> httpx.Response:
        async def answer() -> httpx.Response:
            transport = httpx.ASGITransport(app=site, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://civicat.test") as client:
                return await client.request(method, address, headers={"accept-language": language, **headers})

        return loop.run_until_complete(answer())

    loop = asyncio.new_event_loop()
    yield ask
    site.close()
    loop.close()


def _towns(make_release: Callable[..., Release]) -> None:
    towns = pa.table(
        {"code": [f"t{number:02}" for number in range(12)], "name": [f"Town {number} 镇" for number in range(12)]}
    )
    make_release("census/towns", tables={"towns": towns})


def _strikes(make_release: Callable[..., Release]) -> None:
    many = range(250)
    table = pa.table(
        {
            "id": pa.array(many, pa.int64()),
            "town": [f"t{number % 12:02}" for number in many],
            "size": [("S", "M", "L")[number % 3] for number in many],
            "night": [number % 4 == 0 for number in many],
            "day": [date(2026, 1, 1 + number % 28) for number in many],
            "cost": pa.array([Decimal(number * 1000) if number % 5 else None for number in many], pa.decimal128(12, 2)),
            "note": [f"<b>note {number}</b> https://example.org" if number % 2 else "" for number in many],
            "value": [number % 7 for number in many],
        }
    )
    sizes = [{"value": "S", "label": "Small"}, {"value": "M", "label": "Medium"}, {"value": "L", "label": "Large"}]
    labels = {"title": "体型", "description": "动物的体型。", "categories": {"S": "小", "M": "中", "L": "大"}}
    make_release(
        "air/strikes",
        version="1.2.0",
        tables={"strikes": table},
        across={
            "strikes": [
                {"fields": ["town"], "reference": {"dataset": "census/towns", "resource": "towns", "fields": ["code"]}}
            ]
        },
        fields={
            "size": {"title": "Size", "categories": sizes, "civicat": {"zh": labels}},
            "cost": {"title": "Cost", "civicat": {"unit": "$", "zh": {"title": "费用", "description": "费用。"}}},
        },
    )


def words(html: str) -> str:
    """The text of a page, as read."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", re.sub(r"<(option|title)[^>]*>.*?</\1>", "", html)))


def test_a_table_says_what_it_is_in_both_languages(get: Get) -> None:
    english, chinese = get("/air/strikes"), get("/air/strikes", "zh-CN")
    assert (english.status_code, chinese.status_code) == (200, 200)
    assert "The strikes data, row by row" in words(english.text)
    assert "strikes 数据：逐行查看" in words(chinese.text)
    assert '<html lang="en">' in english.text
    assert '<html lang="zh-Hans">' in chinese.text
    assert "Version 1.2.0" in words(english.text)
    assert "Counts are estimates." in words(english.text)
    assert "人数为估计值。" in words(chinese.text)


def test_counts_are_exact_and_caption_scope_and_order_are_said(get: Get) -> None:
    page = get("/air/strikes?size=L&_sort_desc=cost").text
    assert "83 of 250 rows" in words(page)
    assert "sorted by Cost, highest first" in words(page)
    assert 'aria-sort="descending"' in page
    assert page.count('<th scope="col"') == 8
    assert page.count('<th scope="row"') == 83
    assert '<caption class="sr" id="cap">' in page


def test_cells_show_units_labels_links_and_empty_ones(get: Get) -> None:
    page = get("/air/strikes?id__in=0,1").text
    assert 'Cost<span class="unit">, $</span>' in page
    assert '<td class="n">1000.00</td>' in page
    assert '<td class="n">249,000.00</td>' in get("/air/strikes?id=249").text
    assert '<td class="n null"><span aria-hidden="true">–</span><span class="sr">empty</span></td>' in page
    assert '<td>Small <span class="soft">S</span></td>' in page
    assert '<a href="/census/towns/t00"><span lang="zh-Hans">Town 0 镇</span> <span class="soft">t00</span></a>' in page
    assert "&lt;b&gt;note 1&lt;/b&gt;" in page
    assert "<b>note" not in page
    assert '<td>小 <span class="soft">S</span></td>' in get("/air/strikes?id__in=0,1", "zh").text


def test_pages_follow_each_other_to_the_last_row(get: Get) -> None:
    address, seen = "/air/strikes?_sort=value&_size=60", []
    while address:
        page = get(address).text
        seen += re.findall(r'<th scope="row"[^>]*><a href="/air/strikes/(\d+)">', page)
        following = re.search(r'href="([^"]+)" rel="next', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == 250
    assert "Next 60 rows" in words(get("/air/strikes?_size=60").text)
    assert "Next 50 rows" in words(get("/air/strikes?_size=200").text)


def test_facets_count_all_rows_of_the_filter_also_on_later_pages(get: Get) -> None:
    first = get("/air/strikes?size=L&_size=20").text
    following = re.search(r'href="([^"]+)" rel="next', first)
    assert following
    later = get(following[1].replace("&amp;", "&")).text
    for page in (first, later):
        assert "In these 83 rows" in words(page)
        assert re.search(
            r'aria-current="true"><span>Large <span class="soft">L</span>.*?<span class="n">83</span>', page
        )


def test_facets_fold_what_they_do_not_show(get: Get) -> None:
    page = get("/air/strikes").text
    assert "6 more 124 rows in all" in words(page)
    assert page.count("/air/strikes?town=t") == 12


def test_chips_and_forms_lead_to_the_same_question(get: Get) -> None:
    page = get("/air/strikes?size=L&day__gte=2026-01-05&_sort=day").text
    assert "Size is Large" in words(page)
    assert "Day from 2026-01-05" in words(page)
    assert 'href="/air/strikes?day__gte=2026-01-05&amp;_sort=day"' in page
    assert '<input type="hidden" name="_sort" value="day">' in page
    assert '<option value="L" selected>Large</option>' in page
    assert re.search(r'name="day__gte" type="date" value="2026-01-05"', page)


def test_a_form_with_empty_fields_asks_only_what_was_filled_in(get: Get) -> None:
    answer = get(
        "/air/strikes?_form=1&size=L&day__gte=&day__lte=&_filter_column=note&_filter_op=contains&_filter_value=x&_next=9"
    )
    assert answer.status_code == 302
    assert answer.headers["location"] == "/air/strikes?size=L&note__contains=x"
    blank = get("/air/strikes?_form=1&_filter_column=cost&_filter_op=isblank&_filter_value=")
    assert blank.headers["location"] == "/air/strikes?cost__isblank=1"
    assert (
        get("/air/strikes?_form=1&_filter_column=&_filter_op=exact&_filter_value=").headers["location"]
        == "/air/strikes"
    )


@pytest.mark.parametrize(
    ("question", "status", "reason"),
    [
        ("day=bad", 400, "“bad” cannot be compared with the column “day”: it must be a date such as 2026-11-02."),
        ("id=abc", 400, "it must be a number"),
        ("cost__gte=1,000", 400, "it must be a number"),
        ("id__in=1,x", 400, "it must be a number"),
        ("id__in=[1", 400, "is not a JSON list"),
        ("day__date=soon", 400, "it must be a date"),
        ("sizee=L", 400, "This table has no column “sizee”. Did you mean “size”?"),
        ("size__contain=L", 400, "There is no filter “contain”. Did you mean “contains”?"),
        ("note__arraycontains=x", 400, "There is no filter “arraycontains”."),
        ("_search=x", 400, "There is no full-text search inside a table."),
        ("_search_note=x", 400, "There is no full-text search inside a table."),
        ("_facet_array=note", 400, "“_facet_array” in the address is not known here."),
        ("_facet=nothing", 400, "This table has no column “nothing”."),
        ("_facet=%7Bx", 400, "This table has no column"),
        ("_sort=rowid", 400, "This table has no column “rowid”."),
        ("rowid=1", 400, "This table has no column “rowid”."),
        ("_sort=id&_sort_desc=id", 400, "Use _sort or _sort_desc, not both."),
        ("_size=5000", 400, "_size must be a whole number from"),
        ("_size=-1", 400, "_size must be a whole number"),
        ("_next=1,2", 400, "is not one of ours"),
        ("_sort=day&_next=1", 400, "is not one of ours"),
        ("_timelimit=x", 400, "not known here"),
        ("_trace=1", 400, "not known here"),
        ("_stream=1", 400, "not known here"),
        ("_where=1%3D1", 403, "would run SQL"),
        ("sql=select+1", 403, "would run SQL"),
        ("_through=%7B%7D", 403, "would run SQL"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_reason(get: Get, question: str, status: int, reason: str) -> None:
    page, data = get(f"/air/strikes?{question}"), get(f"/air/strikes.json?{question}")
    assert (page.status_code, data.status_code) == (status, status)
    assert reason in words(page.text)
    assert reason in data.json()["error"]
    assert data.json()["error_zh"]
    assert "Traceback" not in page.text


def test_json_has_true_and_false_exact_decimals_and_the_version(get: Get) -> None:
    data = get("/air/strikes.json?id__in=0,1&_col=night&_col=cost&_shape=objects").json()
    assert data["rows"] == [{"id": 0, "night": True, "cost": None}, {"id": 1, "night": False, "cost": "1000.00"}]
    assert data["release"] == {"dataset": "air/strikes", "version": "1.2.0"}
    assert data["filtered_table_rows_count"] == 2
    assert get("/air/strikes/4.json?_shape=array").json()[0]["night"] is True
    assert get("/air/strikes.json?night=true").json()["filtered_table_rows_count"] == 63


def test_csv_of_a_filter_has_every_row_of_it(get: Get) -> None:
    answer = get("/air/strikes.csv?size=L")
    lines = answer.text.splitlines()
    assert (
        lines[0] == '"id","town","size","night","day","cost","note","value"'
        or lines[0] == "id,town,size,night,day,cost,note,value"
    )
    assert len(lines) == 84
    assert answer.headers["content-disposition"] == 'attachment; filename="air-strikes-1.2.0-filtered.csv"'
    assert get("/air/strikes.csv?size=X").text.count("\n") == 1
    assert get("/air/strikes.csv?day=bad").status_code == 400
    assert len(get("/air/strikes.csv").text.splitlines()) == 251


def test_a_row_says_what_its_columns_mean_and_who_refers_to_it(get: Get) -> None:
    strike, town = get("/air/strikes/4"), get("/census/towns/t03", "zh")
    assert "The strikes data: Id 4" in words(strike.text)
    assert '<a href="/census/towns/t04">' in strike.text
    assert "What cost says." in words(strike.text)
    assert re.search(r'<a href="/air/strikes\?town__exact=t03">', town.text)
    assert "strikes 表：21 行" in words(town.text)
    assert "21 of 250 rows" in words(get("/air/strikes?town__exact=t03").text)


@pytest.mark.parametrize(
    "address",
    [
        "/air/strikes/9999",
        "/air/strikes/abc",
        "/air/strikes/1,2",
        "/air/nothing",
        "/nobody/strikes",
        "/air/strikes.xml",
        "/x/y/z/w",
    ],
)
def test_what_is_not_there_is_a_page_of_ours(get: Get, address: str) -> None:
    page = get(address)
    assert page.status_code == 404
    assert "Nothing is at this address" in words(page.text)
    assert "此地址没有内容" in words(get(address, "zh").text)


@pytest.mark.parametrize(
    "address",
    [
        *("/-/metadata", "/-/metadata.json", "/-/plugins", "/-/plugins.json", "/-/databases", "/-/databases.json"),
        *(
            "/-/settings",
            "/-/settings.json",
            "/-/config",
            "/-/threads",
            "/-/threads.json",
            "/-/versions",
            "/-/versions.json",
        ),
        *("/-/actor", "/-/actor.json", "/-/auth-token", "/-/logout", "/-/permissions", "/-/messages", "/-/allow-debug"),
        *("/-/patterns", "/-/static/app.css", "/:memory:", "/_memory", "/_internal", "/_internal/databases", "/air.db"),
        *("/_memory.json?sql=select+1", "/air.json", "/air.json?sql=select+1", "/air/strikes.jsono", "/air/strikes.db"),
        *("/sqlite_master/x", "/air/sqlite_master", "/.json", "/index.json", "/air/strikes/1.blob"),
    ],
)
def test_datasettes_own_pages_are_not_there(get: Get, address: str) -> None:
    answer = get(address)
    assert answer.status_code == 404
    for leak in ("sqlite", "python", "/tmp", "datasette", "uvicorn", "duckdb"):  # noqa: S108 (looked for, not used)
        assert leak not in answer.text.lower().replace(address.lower(), "").replace('value="sqlite master"', "")


def test_a_departments_database_page_is_its_own_page(get: Get) -> None:
    assert get("/air").headers["location"] == "/d/air"
    assert get("/air?sql=select+1").status_code == 403
    assert get("/d/air").status_code == 200


def test_the_index_page_is_ours(get: Get) -> None:
    assert get("/").status_code == 200
    assert "datasette" not in get("/").text.lower()


def test_pages_set_no_cookie_and_carry_safe_headers(get: Get) -> None:
    for address in ("/", "/air/strikes", "/air/strikes/1", "/air/strikes.json", "/nothing/here", "/static/table.css"):
        headers = get(address).headers
        assert "set-cookie" not in headers
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers.get_list("referrer-policy") == ["strict-origin-when-cross-origin"]
    assert get("/air/strikes.json").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in get("/air/strikes").headers


def test_pages_need_no_script_and_no_inline_style(get: Get) -> None:
    for address in ("/air/strikes?size=L", "/air/strikes/1", "/air/strikes?day=bad"):
        page = get(address).text
        assert re.findall(r"<script[^>]*>", page) == re.findall(r'<script src="/static/suggest.js[^>]*>', page)
        assert " style=" not in page
        assert not re.search(r"\son\w+=", page)


def test_only_reading_is_answered(get: Get) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert get("/air/strikes", method=method).status_code == 405
    for address in ("/air/strikes", "/air/strikes.json", "/air/strikes.csv", "/air/strikes/1", "/"):
        answer = get(address, method="HEAD")
        assert (answer.status_code, answer.text) == (200, "")


def test_what_fails_inside_is_our_fault_and_shows_nothing_of_it(get: Get, layout: Layout, caplog: Any) -> None:  # noqa: ANN401
    assert get("/").status_code == 200
    for file in layout.releases.glob("air/strikes/*/report.json"):
        file.write_text("not JSON")
    answer = get("/d/air/strikes/1.2.0/strikes.parquet")
    page = get("/d/air/strikes")
    assert answer.status_code == page.status_code == 500
    assert "the fault is ours" in words(page.text)
    assert str(layout.store) not in page.text + answer.text
    assert "cannot be read" in caplog.text


def test_a_reference_of_several_columns_leads_to_its_row(layout: Layout, make_release: Callable[..., Release]) -> None:
    make_release(
        "demo/levels",
        tables={"levels": pa.table({"place": ["p 1", "p/2"], "year": [2020, 2021]})},
        keys={"levels": ["place", "year"]},
    )
    reference = {"dataset": "demo/levels", "resource": "levels", "fields": ["year", "place"]}
    reports = pa.table({"id": [1, 2, 3], "year": [2020, 2021, None], "place": ["p 1", "p/2", "p 1"]})
    across = {"reports": [{"fields": ["year", "place"], "reference": reference}]}
    make_release("other/reports", tables={"reports": reports}, across=across)
    build_index(layout)
    site = make(layout)

    async def ask(address: str) -> str:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=site), base_url="http://civicat.test") as client:
            answer = await client.get(address)
            assert answer.status_code == 200
            return answer.text

    async def both() -> tuple[str, str]:
        return await ask("/other/reports"), await ask("/demo/levels/p~2F2,2021")

    reports_page, level_page = asyncio.run(both())
    assert re.findall(r'<td><a href="(/demo/[^"]+)">', reports_page) == [
        "/demo/levels/p+1,2020",
        "/demo/levels/p~2F2,2021",
    ]
    assert "1 row of Table reports" in words(level_page)
    assert "/other/reports?year__exact=2021&amp;place__exact=p%2F2" in level_page
    site.close()


def test_awkward_names_are_quoted_everywhere(layout: Layout, make_release: Callable[..., Release]) -> None:
    names = ["id", "中文 列", 'a "b" [c]', "x__y", "_hidden", "it's", "value", "count", "<i>"]
    table = pa.table({name: pa.array([1, 2, 2], pa.int64()) if name != "id" else pa.array([1, 2, 3]) for name in names})
    make_release("odd/names", tables={"names": table})
    build_index(layout)
    site = make(layout)

    async def ask(address: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=site, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://civicat.test") as client:
            return await client.get(address)

    async def every() -> None:
        for name in names[1:]:
            asked = f"{quote(name)}__exact=2"
            assert (await ask(f"/odd/names.json?{asked}")).json()["filtered_table_rows_count"] == 2
            page = await ask(f"/odd/names?{asked}&_sort={quote(name)}&_facet={quote(name)}")
            assert "2</strong> of 3 rows" in page.text
            assert "<i>" not in page.text

    asyncio.run(every())
    site.close()

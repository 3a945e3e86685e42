"""Other formats, leaflets, kits, citations: made by what publish hands in, and read back."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat.catalog.files import made_files
from civicat.catalog.files.makers import Makers
from civicat.catalog.files.making import LaterError, Making
from civicat.catalog.index.building import build_index
from civicat.catalog.serve import make
from civicat.layout import Layout
from civicat.release import Release

Get = Callable[..., httpx.Response]
MakeRelease = Callable[..., Release]

HOME = "/d/demo/places/1.0.0"
TABLE = pa.table({"code": ["001", "002"], "longitude": [116.4, 2.35], "latitude": [39.9, None], "word": ["=1+1", "水"]})


@pytest.fixture
def places(make_release: MakeRelease) -> Release:
    """A release with places, whose texts Excel would run and whose codes begin with zeros."""
    return make_release("demo/places", "1.0.0", {"places": TABLE}, manifest=True)


@pytest.mark.usefixtures("places")
def test_each_form_is_read_back(get: Get, tmp_path: Path) -> None:
    excel = get(f"{HOME}/places-excel.csv").content.decode("utf-8-sig")
    assert [row["word"] for row in csv.DictReader(io.StringIO(excel))] == ["'=1+1", "水"]
    lines = get(f"{HOME}/places.ndjson").text.splitlines()
    assert [json.loads(line) for line in lines] == TABLE.to_pylist()
    sheet = openpyxl.load_workbook(io.BytesIO(get(f"{HOME}/places.xlsx").content)).worksheets[0]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["001", "002"]
    shapes = get(f"{HOME}/places.geojson").json()
    assert [one["geometry"] and one["geometry"]["coordinates"] for one in shapes["features"]] == [[116.4, 39.9], None]
    arrow = pa.ipc.open_file(get(f"{HOME}/places.arrow").content).read_all()
    assert arrow.to_pylist() == TABLE.to_pylist()
    (tmp_path / "places.sqlite").write_bytes(get(f"{HOME}/places.sqlite").content)
    database = sqlite3.connect(tmp_path / "places.sqlite")
    assert database.execute("select code, word from places order by code").fetchall() == [
        ("001", "=1+1"),
        ("002", "水"),
    ]
    database.close()


@pytest.mark.usefixtures("places")
def test_what_was_made_is_answered_in_ranges_and_not_sent_twice(get: Get) -> None:
    whole = get(f"{HOME}/places.xlsx")
    assert whole.headers["content-disposition"] == 'attachment; filename="demo-places-1.0.0.xlsx"'
    assert whole.headers["cache-control"] == "public, max-age=10, must-revalidate"
    part = get(f"{HOME}/places.xlsx", range="bytes=2-5")
    assert (part.status_code, part.content) == (206, whole.content[2:6])
    again = get(f"{HOME}/places.xlsx", if_none_match=whole.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    head = get(f"{HOME}/places.xlsx", method="HEAD")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(whole.content)))


@pytest.mark.usefixtures("places")
def test_leaflets_in_both_languages_and_the_kit(get: Get) -> None:
    leaflets = [get(f"{HOME}/leaflet-{language}.pdf") for language in ("zh", "en")]
    assert [one.content[:5] for one in leaflets] == [b"%PDF-"] * 2
    assert leaflets[0].content != leaflets[1].content
    assert get(f"{HOME}/leaflet-en.pdf", if_none_match=leaflets[1].headers["etag"]).status_code == 304
    kit = zipfile.ZipFile(io.BytesIO(get(f"{HOME}/kit.zip").content))
    assert {"index.html", "checksums.txt"} <= set(kit.namelist())


def test_only_the_newest_release_has_a_kit(get: Get, make_release: MakeRelease) -> None:
    for version in ("1.0.0", "1.1.0"):
        make_release("demo/places", version, {"places": TABLE}, manifest=True)
    assert [get(f"/d/demo/places/{version}/kit.zip").status_code for version in ("1.0.0", "1.1.0")] == [404, 200]
    assert "/d/demo/places/1.0.0/kit.zip" not in get(HOME).text
    assert "/d/demo/places/1.1.0/kit.zip" in get("/d/demo/places").text


@pytest.mark.parametrize(
    ("file", "begins"),
    [
        ("citation.txt", "Office of demo (2026)."),
        ("citation.gbt7714.txt", "Office of demo. The places data[DS/OL]."),
        ("citation.bib", "@misc{"),
        ("citation.ris", "TY  - DATA"),
        ("citation.csl.json", "["),
    ],
)
@pytest.mark.usefixtures("places")
def test_citations_name_the_address_of_the_version(get: Get, file: str, begins: str) -> None:
    answer = get(f"{HOME}/{file}")
    assert answer.text.startswith(begins)
    assert f"http://data.example.org{HOME}" in answer.text
    assert f'href="{HOME}/{file}"' in get("/d/demo/places").text


def test_without_a_manifest_there_is_nothing_to_cite_by_hash(get: Get, make_release: MakeRelease) -> None:
    make_release("demo/places", "1.0.0", {"places": TABLE})
    assert get(f"{HOME}/citation.bib").status_code == 404
    page = get("/d/demo/places").text
    assert "citation.bib" not in page
    assert "Office of demo (2026). The places data. Version 1.0.0. civicat." in page


def test_a_table_named_as_another_kind_of_csv_is_itself(get: Get, make_release: MakeRelease) -> None:
    tables = {"a": pa.table({"x": ["=1"]}), "a-excel": pa.table({"x": ["=2"]})}
    make_release("demo/two", "1.0.0", tables)
    assert get("/d/demo/two/1.0.0/a-excel.csv").text == "x\n=2\n"
    assert get("/d/demo/two/1.0.0/a-excel-excel.csv").text == "\ufeffx\n'=2\n"


def test_a_table_without_places_is_not_offered_on_a_map(get: Get, make_release: MakeRelease) -> None:
    make_release()
    assert ".geojson" not in get("/d/demo/towns").text
    answer = get("/d/demo/towns/1.0.0/towns.geojson", accept_language="zh")
    assert answer.status_code == 404
    assert "不能导出为 GeoJSON" in answer.text


@pytest.mark.usefixtures("places")
@pytest.mark.parametrize(("most", "status"), [(8, 200), (7, 413)])  # the table has eight cells
def test_too_much_for_a_workbook_names_the_command(
    get: Get, monkeypatch: pytest.MonkeyPatch, most: int, status: int
) -> None:
    monkeypatch.setattr(made_files, "MOST_CELLS", {"xlsx": most})
    english, chinese = (get(f"{HOME}/places.xlsx", accept_language=language) for language in ("en", "zh"))
    assert english.status_code == chinese.status_code == status
    command = "civicat export demo/places --format xlsx --version 1.0.0"
    assert (command in english.text) == (command in chinese.text) == (status == 413)
    assert (command in get("/d/demo/places").text) == (status == 413)
    assert (f'href="{HOME}/places.xlsx"' in get("/d/demo/places").text) == (status == 200)


@pytest.mark.usefixtures("places")
def test_a_disk_that_cannot_be_written_is_our_fault_and_no_half_file(get: Get, layout: Layout) -> None:
    layout.cache.mkdir(parents=True)
    (layout.cache / "exports").write_text("in the way")
    answer = get(f"{HOME}/places.xlsx")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text


def test_a_table_in_parts_is_a_file_for_each_and_one_csv(get: Get, make_release: MakeRelease) -> None:
    whole = pa.table({"id": range(5)})
    make_release("demo/large", "1.0.0", {"large": whole}, parts={"large": 2}, manifest=True)
    files = [get(f"/d/demo/large/1.0.0/large.000{part}.parquet") for part in (1, 2, 3)]
    assert pa.concat_tables([pq.read_table(io.BytesIO(one.content)) for one in files]).equals(whole)
    assert files[1].headers["content-disposition"] == 'attachment; filename="demo-large-1.0.0.0002.parquet"'
    assert get("/d/demo/large/1.0.0/large.csv").text == "id\n0\n1\n2\n3\n4\n"
    assert get("/d/demo/large/1.0.0/large.0004.parquet").status_code == 404
    refused = get("/d/demo/large/1.0.0/large.parquet")
    assert refused.status_code == 404
    assert "Take large.0001.parquet to large.0003.parquet." in refused.json()["error"]
    page = get("/d/demo/large").text
    assert 'href="/d/demo/large/1.0.0/large.0003.parquet"' in page
    assert "[0001-0003].parquet" in page
    assert "part 3 of 3" in page


def makers_that(work: Callable[[], None]) -> Makers:
    """Makers of which only the leaflet is asked for."""

    def leaflet(*_: object) -> bytes:
        work()
        return b"made"

    def nothing(*_: object) -> None:
        raise AssertionError

    return Makers((), {}, nothing, lambda *_: "Cited.", leaflet, nothing, nothing)  # type: ignore[arg-type] # never called


def test_so_many_are_made_at_once_so_many_wait_and_the_next_is_told_to_come_back() -> None:
    free, running, most = threading.Event(), [], []

    def work() -> int:
        running.append(1)
        most.append(len(running))
        free.wait(10)
        running.pop()
        return 1

    async def ask() -> list[int]:
        making = Making(makers_that(lambda: None), at_once=2, waiting=1)
        asked = [asyncio.create_task(making.make(key, work)) for key in "abc"]
        await asyncio.sleep(0.1)
        with pytest.raises(LaterError) as refused:
            await making.make("d", work)
        assert refused.value.status == 503
        assert "半分钟后再试" in refused.value.reason.zh
        same = asyncio.create_task(making.make("a", work))  # no place of its own: the same work answers both
        await asyncio.sleep(0.05)
        free.set()
        made = await asyncio.gather(*asked, same)
        making.close()
        return made

    assert asyncio.run(ask()) == [1, 1, 1, 1]
    assert max(most) == 2
    assert len(most) == 3


def test_what_takes_long_goes_on_and_is_there_for_who_comes_back() -> None:
    free = threading.Event()

    def work() -> str:
        free.wait(10)
        return "made"

    async def ask() -> str:
        making = Making(makers_that(lambda: None))
        with pytest.raises(LaterError) as refused:
            await making.make("a", work, patience=0.05)
        assert "it goes on being made" in refused.value.reason.en.lower()
        free.set()
        again = await making.make("a", work)
        making.close()
        return again

    assert asyncio.run(ask()) == "made"


@pytest.mark.usefixtures("places")
def test_pages_are_answered_while_files_are_being_made(layout: Layout) -> None:
    build_index(layout)
    free = threading.Event()
    site = make(layout, lambda: makers_that(lambda: assert_set(free)))

    async def ask() -> tuple[int, int]:
        transport = httpx.ASGITransport(app=site)
        async with httpx.AsyncClient(transport=transport, base_url="http://data.example.org") as client:
            leaflets = [asyncio.create_task(client.get(f"{HOME}/leaflet-{one}.pdf")) for one in ("zh", "en")]
            await asyncio.sleep(0.1)
            page = await client.get("/d/demo/places")
            assert not any(one.done() for one in leaflets)
            free.set()
            return page.status_code, (await leaflets[0]).status_code

    assert asyncio.run(ask()) == (200, 200)
    site.close()


def assert_set(event: threading.Event) -> None:
    assert event.wait(10)


@pytest.mark.usefixtures("places")
def test_without_makers_there_is_what_was_published_and_no_more(layout: Layout) -> None:
    site = make(layout)
    build_index(layout)

    async def ask() -> tuple[list[int], str]:
        transport = httpx.ASGITransport(app=site)
        async with httpx.AsyncClient(transport=transport, base_url="http://data.example.org") as client:
            names = ("places.csv", "places.parquet", "places.xlsx", "leaflet-zh.pdf", "kit.zip", "citation.txt")
            found = [await client.get(f"{HOME}/{name}") for name in names]
            found.append(await client.get("/d/demo/places/diff/1.0.0/1.0.0"))
            return [one.status_code for one in found], (await client.get("/d/demo/places")).text

    statuses, page = asyncio.run(ask())
    site.close()
    assert statuses == [200, 200, 404, 404, 404, 404, 404]
    for word in ("places.xlsx", "leaflet", "kit.zip", "citation.txt", "Other formats"):
        assert word not in page

"""One damaged dataset, one slow reader or a read-only store takes nothing else of the site down."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pyarrow as pa
import pytest

from civicat.catalog.app import open_site
from civicat.catalog.files.downloads import FRESH, Exports, Stream
from civicat.catalog.index.building import build_index
from civicat.catalog.index.reader import Catalogue
from civicat.catalog.serve import make
from civicat.layout import Layout
from civicat.release import Release

MakeRelease = Callable[..., Release]
HIDDEN = ("vary", "set-cookie")


def ask(layout: Layout, *addresses: str, **headers: str) -> list[httpx.Response]:
    """The answers of a site that was just started."""

    async def answers() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=site)
        async with httpx.AsyncClient(transport=transport, base_url="http://civicat.test", headers=headers) as client:
            return [await client.get(address) for address in addresses]

    site = make(layout)
    try:
        return asyncio.run(answers())
    finally:
        site.close()


def statuses(layout: Layout, *addresses: str) -> list[int]:
    return [one.status_code for one in ask(layout, *addresses)]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def garble(path: Path) -> None:
    """Damage that leaves the size and the footer as they were."""
    data = path.read_bytes()
    path.write_bytes(data[:4] + b"\xff" * (len(data) // 4) + data[4 + len(data) // 4 :])


def test_a_table_of_more_columns_than_sqlite_has_is_left_out(
    layout: Layout, make_release: MakeRelease, caplog: pytest.LogCaptureFixture
) -> None:
    make_release("demo/wide", tables={"wide": pa.table({f"c{number}": [1] for number in range(5000)})})
    make_release("demo/towns")
    build_index(layout)
    assert statuses(layout, "/", "/demo/towns", "/d/demo/wide", "/demo/wide") == [200, 200, 200, 404]
    assert "/demo/wide: " in caplog.text


@pytest.mark.parametrize("damage", ["{", "[]", None])
@pytest.mark.parametrize("name", ["datapackage.json", "report.json"])
def test_a_release_that_cannot_be_read_is_left_out(
    layout: Layout, make_release: MakeRelease, caplog: pytest.LogCaptureFixture, name: str, damage: str | None
) -> None:
    make_release("demo/towns")
    path = make_release("demo/rivers").folder / name
    path.unlink() if damage is None else path.write_text(damage)
    catalogue = Catalogue(build_index(layout))
    assert [card.id for card in catalogue.cards()] == ["demo/towns"]
    assert statuses(layout, "/", "/demo/towns", "/d/demo/rivers", "/demo/rivers") == [200, 200, 500, 404]
    assert f"{path.parent} 无法读取" in caplog.text


def test_the_newest_release_that_can_be_read_stands_in(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    mended = make_release("demo/towns", "1.1.0").tables[0].path
    whole = mended.read_bytes()
    cut(mended)
    card = Catalogue(build_index(layout)).card("demo/towns")
    assert card is not None
    assert (card.version, card.versions) == ("1.0.0", 1)
    page, table, permanent = ask(layout, "/d/demo/towns", "/demo/towns.json", "/d/demo/towns/1.1.0/towns.parquet")
    assert (page.status_code, table.json()["release"]["version"], permanent.status_code) == (200, "1.0.0", 500)
    mended.write_bytes(whole)
    card = Catalogue(build_index(layout)).card("demo/towns")
    assert card is not None
    assert card.version == "1.1.0"


def test_a_release_that_is_damaged_after_indexing_does_not_keep_the_site_from_starting(
    layout: Layout, make_release: MakeRelease
) -> None:
    make_release("demo/towns")
    rivers = make_release("demo/rivers")
    build_index(layout)
    cut(rivers.tables[0].path)
    assert statuses(layout, "/", "/demo/towns", "/demo/rivers") == [200, 200, 404]


def test_a_build_that_cannot_be_opened_gives_way_to_the_one_before_and_is_tried_again(
    layout: Layout, make_release: MakeRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_release("demo/towns")
    build_index(layout)
    make_release("demo/rivers")
    build = build_index(layout)
    shutil.move(build / "search", layout.store / "search")
    monkeypatch.setattr("civicat.catalog.serve._RETRY", 0.0)

    async def before_and_after() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=site), base_url="http://civicat.test") as client:
            first = [await client.get(address) for address in ("/static/civicat.css", "/demo/towns", "/demo/rivers")]
            shutil.move(layout.store / "search", build / "search")
            return [one.status_code for one in (*first, await client.get("/demo/rivers"))]

    site = make(layout)
    assert asyncio.run(before_and_after()) == [200, 200, 404, 200]
    site.close()


def test_damage_while_serving_is_our_fault_and_not_the_readers(
    layout: Layout, make_release: MakeRelease, caplog: pytest.LogCaptureFixture
) -> None:
    release = make_release("demo/towns", tables={"towns": pa.table({"id": range(5000), "of": range(5000)})})
    build_index(layout)
    garble(release.tables[0].path)
    page, data = ask(layout, "/demo/towns", "/demo/towns.json?of__gt=7")
    assert (page.status_code, data.status_code) == (500, 500)
    assert "the fault is ours" in page.text
    assert "/demo/towns" in caplog.text
    assert statuses(layout, "/demo/towns?nothing=1") == [400]


def test_exports_are_limited_and_places_come_free(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    site = open_site(layout, build_index(layout))
    site.exports = Exports(1)

    async def asked() -> tuple[httpx.Response, list[int]]:
        transport = httpx.ASGITransport(app=site.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://civicat.test") as client:
            assert site.exports.begin()
            busy = await client.get("/demo/towns.csv")
            site.exports.end()
            addresses = ("/demo/towns.csv", "/demo/none.csv", "/d/demo/towns/1.0.0/towns.csv")
            return busy, [(await client.get(address)).status_code for address in addresses]

    busy, later = asyncio.run(asked())
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "30")
    assert busy.json()["title"] == "Too many downloads at once"
    assert (later, site.exports.now) == ([200, 404, 200], 0)
    site.close()


def test_a_reader_who_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("civicat.catalog.files.downloads._STALLED", 0.01)
    exports = Exports(1)

    async def receive() -> dict[str, object]:
        return await asyncio.Future()

    async def send(message: object) -> None:
        if "more_body" in str(message):
            await asyncio.Future()

    assert exports.begin()
    stream = Stream(receive, {}, iter((b"one", b"two"))).ending_with(exports.end)
    asyncio.run(asyncio.wait_for(stream.asgi_send(send), 5))
    assert exports.now == 0


READ_ONLY = """
import sys
from pathlib import Path
from civicat.catalog.index.building import build_index
from civicat.errors import CivicatError
from civicat.layout import Layout
def audit(event, arguments):
    if event == "open" and ".lock" in str(arguments):
        raise OSError(int(sys.argv[2]), "in the test")
sys.addaudithook(audit)
try:
    print(build_index(Layout(Path(sys.argv[1]))).name)
except CivicatError as error:
    print(error.message.zh)
"""


def built_read_only(layout: Layout) -> str:
    command = [sys.executable, "-c", READ_ONLY, str(layout.store), str(errno.EROFS)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 (our own script)


def test_a_read_only_store_serves_the_index_that_it_has(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    told = built_read_only(layout)
    assert "存储为只读" in told
    assert "Errno" not in told
    build = build_index(layout)
    assert built_read_only(layout) == build.name
    make_release("demo/rivers")
    assert built_read_only(layout) == build.name


@pytest.mark.parametrize("name", ["towns.parquet", "towns.csv", "datapackage.json"])
def test_files_of_releases_may_be_kept_and_shared_by_any_cache(
    layout: Layout, make_release: MakeRelease, name: str
) -> None:
    make_release("demo/towns")
    build_index(layout)
    answer, lost = ask(layout, f"/d/demo/towns/1.0.0/{name}", f"/d/demo/towns/9.0.0/{name}", cookie="civicat=zh")
    assert answer.headers["cache-control"] == "public, max-age=10, must-revalidate"
    assert not [name for name in HIDDEN if name in answer.headers]
    assert (lost.status_code, lost.headers["cache-control"]) == (404, FRESH)


def test_what_browsers_and_search_engines_ask_for_unasked(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    build_index(layout)
    icon, robots = ask(layout, "/favicon.ico", "/robots.txt")
    assert (icon.status_code, icon.headers["location"]) == (301, "/static/icon.svg")
    assert robots.text == "User-agent: *\nAllow: /\nDisallow: /*?\n"
    assert robots.headers["content-type"].startswith("text/plain")

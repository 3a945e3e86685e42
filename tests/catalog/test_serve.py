"""The server: builds are swapped under requests, and it starts, refuses and stops in words."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest

from civicat.catalog.index.building import build_index
from civicat.catalog.serve import Swapping, make, serve
from civicat.errors import CivicatError
from civicat.layout import Layout
from civicat.release import Release

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("src", "validators", "publish", "catalog")


def client_of(site: Swapping) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=site), base_url="http://civicat.test")


def numbered(version: int) -> pa.Table:
    """A table that says in each row which release it is of, and by its length too."""
    return pa.table({"id": range(50 + version), "of": [version] * (50 + version)})


def test_a_release_that_is_published_while_serving_appears(
    layout: Layout, make_release: Callable[..., Release]
) -> None:
    make_release("demo/one", tables={"one": numbered(1)})
    build_index(layout)

    async def before_and_after() -> tuple[int, int, int]:
        async with client_of(site) as client:
            before = await client.get("/demo/one.json")
            missing = await client.get("/demo/two")
            make_release("demo/one", version="2.0.0", tables={"one": numbered(2)})
            make_release("demo/two", tables={"two": numbered(1)})
            unseen = await client.get("/demo/one.json")
            build_index(layout)
            after = await client.get("/demo/one.json")
            assert (missing.status_code, (await client.get("/demo/two")).status_code) == (404, 200)
            assert (await client.get("/d/demo/two")).status_code == 200
        return tuple(one.json()["filtered_table_rows_count"] for one in (before, unseen, after))

    site = make(layout)
    assert asyncio.run(before_and_after()) == (51, 51, 52)
    site.close()


def test_no_answer_mixes_two_builds_while_they_are_swapped(
    layout: Layout, make_release: Callable[..., Release]
) -> None:
    make_release("demo/one", version="1.0.0", tables={"one": numbered(0)})
    build_index(layout)
    site, swaps = make(layout), 6

    async def ask(client: httpx.AsyncClient, done: asyncio.Event) -> list[tuple[set[Any], int, str]]:
        answers = []
        while not done.is_set():
            answer = await client.get("/demo/one.json?_size=200&_facet=of&_sort=of")
            assert answer.status_code == 200
            data = answer.json()
            told = {row[1] for row in data["rows"]} | {one["value"] for one in data["facet_results"]["of"]["results"]}
            answers.append((told, data["filtered_table_rows_count"] - 50, data["release"]["version"]))
            await asyncio.sleep(0)  # an answer that is kept takes no time at all: the others want their turn
        return answers

    async def publish(done: asyncio.Event) -> None:
        for version in range(1, swaps + 1):
            await asyncio.to_thread(
                make_release, "demo/one", version=f"1.{version}.0", tables={"one": numbered(version)}
            )
            await asyncio.to_thread(build_index, layout)
            await asyncio.sleep(0.1)
        done.set()

    async def together() -> list[tuple[set[Any], int, str]]:
        done = asyncio.Event()
        async with client_of(site) as client:
            answers = await asyncio.gather(publish(done), *(ask(client, done) for _ in range(6)))
        return [one for many in answers[1:] for one in many or ()]

    answers = asyncio.run(together())
    assert len({version for _, _, version in answers}) > 1
    assert all(told == {count} and version == f"1.{count}.0" for told, count, version in answers)
    assert len(site._held) <= 2  # noqa: SLF001 (old sites are let go)
    site.close()


def test_what_cannot_be_read_leaves_the_build_before_serving(
    layout: Layout, make_release: Callable[..., Release], caplog: pytest.LogCaptureFixture
) -> None:
    make_release("demo/one", tables={"one": numbered(1)})
    build_index(layout)
    site = make(layout)

    async def asked() -> list[int]:
        async with client_of(site) as client:
            first = await client.get("/demo/one.json")
            release = make_release("demo/one", version="2.0.0", tables={"one": numbered(2)})
            build_index(layout)
            release.tables[0].path.write_bytes(b"not Parquet")
            later = [await client.get("/demo/one.json") for _ in range(2)]
            shutil.rmtree(layout.index)
            return [
                one.json()["filtered_table_rows_count"] for one in (first, *later, await client.get("/demo/one.json"))
            ]

    assert asyncio.run(asked()) == [51, 51, 51, 51]
    assert "one.parquet cannot be read" in caplog.text
    site.close()


def test_without_an_index_there_is_a_plain_answer(layout: Layout) -> None:
    async def asked() -> httpx.Response:
        async with client_of(make(layout)) as client:
            return await client.get("/")

    answer = asyncio.run(asked())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "目录正在准备中" in answer.text


def test_serve_says_what_to_do_without_an_index(layout: Layout) -> None:
    with pytest.raises(CivicatError, match=r"has no index yet\. Run civicat index first\.") as told:
        serve(layout, "127.0.0.1", 0)
    assert "请先运行 civicat index" in told.value.message.zh


def test_serve_says_in_a_line_that_the_port_is_in_use(layout: Layout, make_release: Callable[..., Release]) -> None:
    make_release()
    build_index(layout)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CivicatError, match=r"is in use\. Stop what uses it, or choose another with --port\."):
            serve(layout, "127.0.0.1", taken.getsockname()[1])
    with pytest.raises(CivicatError, match=r"Cannot listen on no-such-host\.invalid:1"):
        serve(layout, "no-such-host.invalid", 1)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_server_answers_at_once_and_stops_gracefully(
    layout: Layout, make_release: Callable[..., Release], workers: int
) -> None:
    make_release()
    build_index(layout)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = (
        "from pathlib import Path; from civicat.layout import Layout; from civicat.catalog.serve import serve\n"
        f"if __name__ == '__main__': serve(Layout(Path({str(layout.store)!r})), '127.0.0.1', {port}, {workers})"
    )
    script = layout.store / "serving.py"
    script.write_text(code)
    paths = os.pathsep.join(str(ROOT / floor) for floor in FLOORS)
    command = [sys.executable, str(script)]
    with subprocess.Popen(  # noqa: S603 (our own script)
        command, env={**os.environ, "PYTHONPATH": paths}, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            took = _quickest_answer(f"http://127.0.0.1:{port}")
        finally:
            server.send_signal(signal.SIGTERM)
            _, said = server.communicate(timeout=20)
    assert took < 0.03  # Nagle's delay would add 40 ms to every answer
    assert server.returncode in {0, -signal.SIGTERM}
    assert "Traceback" not in said


def _quickest_answer(address: str) -> float:
    """Seconds for a small answer on a connection that is kept."""
    with httpx.Client(base_url=address) as client:
        until = time.monotonic() + 25
        while time.monotonic() < until:
            try:
                assert client.get("/demo/towns").status_code == 200
                break
            except httpx.TransportError:
                time.sleep(0.2)
        times = []
        for _ in range(15):
            begun = time.perf_counter()
            assert client.get("/static/table.css").headers.get("server") is None
            times.append(time.perf_counter() - begun)
    return min(times)  # a delay would be in each; a busy machine is in some

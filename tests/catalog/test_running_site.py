"""A real server, in one process and in two, from which a release is taken down while it serves."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pyarrow as pa
import pytest

from civicat.catalog.index.building import build_index
from civicat.layout import Layout
from civicat.release import Release

MakeRelease = Callable[..., Release]

HERE = Path(__file__).resolve().parent
FLOORS = ("src", "validators", "publish", "catalog")
HOME = "/d/demo/towns/1.1.0"
FILES = ("towns.parquet", "towns.csv", "towns-excel.csv", "towns.ndjson", "towns.xlsx", "towns.arrow", "towns.sqlite")
MORE = ("citation.bib", "datapackage.json", "report.json", "provenance.json")  # PDF: test_withdrawn.py
ADDRESSES = (
    HOME,
    *(f"{HOME}/{name}" for name in (*FILES, *MORE)),
    *("/demo/towns", "/demo/towns.csv", "/demo/towns.json", "/demo/towns/a", "/demo/towns/a.json"),
    *("/d/demo/towns/diff/1.0.0/1.1.0", "/d/demo/towns/diff/1.0.0/1.1.0.parquet"),
)
PATIENCE_SECONDS = 60

SCRIPT = """
import importlib.util
import sys
from pathlib import Path
from civicat.catalog.serve import serve
from civicat.layout import Layout

def makers():
    spec = importlib.util.spec_from_file_location("handed_in", sys.argv[1])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.makers()

if __name__ == "__main__":
    serve(Layout(Path(sys.argv[2])), "127.0.0.1", int(sys.argv[3]), int(sys.argv[4]), makers=makers)
"""


@pytest.fixture(params=[1, 2], ids=["one process", "two workers"])
def client(request: pytest.FixtureRequest, layout: Layout, make_release: MakeRelease) -> Iterator[httpx.Client]:
    """Asks a server of two releases of one dataset."""
    make_release("demo/towns", "1.0.0", manifest=True)
    table = pa.table({"code": ["a", "b"], "people": [130, 340]})
    make_release("demo/towns", "1.1.0", {"towns": table}, manifest=True)
    build_index(layout)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = layout.store / "serving.py"
    script.write_text(SCRIPT)
    paths = os.pathsep.join(str(HERE.parents[1] / floor) for floor in FLOORS)
    command = [sys.executable, str(script), str(HERE / "conftest.py"), str(layout.store), str(port), str(request.param)]
    with subprocess.Popen(  # noqa: S603 (our own script)
        command, env={**os.environ, "PYTHONPATH": paths}, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=PATIENCE_SECONDS) as opened:
                _wait_until_it_answers(opened)
                yield opened
        finally:
            server.send_signal(signal.SIGTERM)
            _, said = server.communicate(timeout=PATIENCE_SECONDS)
    assert "Traceback" not in said


def _wait_until_it_answers(client: httpx.Client) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            assert client.get("/").status_code == 200
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server does not answer")


def test_taken_down_while_it_serves(client: httpx.Client, retract: Callable[..., None], layout: Layout) -> None:
    for _ in range(2):  # so that either worker knows, holds and has cached it
        assert {address: client.get(address).status_code for address in ADDRESSES} == dict.fromkeys(ADDRESSES, 200)
    retract("demo/towns", "1.1.0")
    for _ in range(4):
        assert {address: client.get(address).status_code for address in ADDRESSES} == dict.fromkeys(ADDRESSES, 410)
    assert client.get("/d/demo/towns/latest").headers["location"] == "/d/demo/towns/1.0.0"
    assert client.get("/d/demo/towns").status_code == 200
    build_index(layout)
    until = time.monotonic() + PATIENCE_SECONDS
    while client.get("/demo/towns.json").status_code == 410 and time.monotonic() < until:
        time.sleep(0.1)  # a worker opens the new build when it is asked for the first time
    assert client.get("/demo/towns.json").json()["release"]["version"] == "1.0.0"


def test_a_download_under_way_ends_when_the_release_is_taken_down(
    client: httpx.Client, retract: Callable[..., None], make_release: MakeRelease
) -> None:
    table = pa.table({"id": range(400_000), "word": [f"value {number * 7919 % 400_000}" for number in range(400_000)]})
    make_release("demo/large", "1.0.0", {"large": table}, manifest=True)
    read: list[int] = []

    def take() -> None:
        with client.stream("GET", "/d/demo/large/1.0.0/large.csv") as answer:
            for chunk in answer.iter_bytes():
                if not read:
                    retract("demo/large", "1.0.0")
                read.append(len(chunk))

    with pytest.raises(httpx.RemoteProtocolError):
        take()
    assert 0 < sum(read) < table.num_rows * len('1,"value 1"\n'), "the whole table was sent"

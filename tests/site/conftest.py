"""The real site: some of the real datasets published to a store of our own, indexed, served by a child process."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
DATASETS = ROOT / "datasets"
# Small ones that show everything: Chinese and English, two tables in one dataset, keys within and across departments.
PUBLISHED = (
    "us-census/states",
    "bls/county-unemployment",
    "bls/employment",
    "nbs/divisions",
    "nbs/townships",
    "usgs/earthquakes",
    "un-desa/population",
)
# One of them has three versions, of which the second is down: its figure of Alaska's people was another one.
RELEASED_AGAIN = "us-census/states"
FIGURES = ("741894", "741895", "741896")
PATIENCE_SECONDS = 120
SLOWEST_MS = 15_000  # what is not on the page by then does not come


@dataclass(frozen=True)
class Server:
    """The running site: its address, and the store it serves."""

    address: str
    store: Path


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the published datasets, made by the command that people use."""
    folder = tmp_path_factory.mktemp("site") / "store"
    _run("publish", *PUBLISHED, store=folder, datasets=DATASETS)
    again = tmp_path_factory.mktemp("again")
    department = RELEASED_AGAIN.partition("/")[0]
    shutil.copytree(DATASETS / department, again / department)
    data = again / RELEASED_AGAIN / "data" / "states.csv"
    for old, new in pairwise(FIGURES):
        data.write_text(data.read_text("utf-8").replace(old, new), "utf-8")
        _run("publish", RELEASED_AGAIN, store=folder, datasets=again)
    said = ("--reason", "a figure of another year", "--authority", "the sample data desk")
    _run("retract", RELEASED_AGAIN, "1.1.0", *said, store=folder, datasets=DATASETS)
    return folder


def _run(*words: str, store: Path, datasets: Path) -> None:
    done = subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-m", "civicat.cli", *words, "--store", str(store)],
        env=os.environ | {"CIVICAT_DATASETS": str(datasets)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def server(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The site on a free port, until the tests are over."""
    port = _free_port()
    log = tmp_path_factory.mktemp("log") / "server.log"
    with log.open("wb") as stream:
        child = subprocess.Popen(  # noqa: S603 (our own command)
            [sys.executable, "-m", "civicat.cli", "serve", "--store", str(store), "--port", str(port)],
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_it_answers(address, child, log)
            yield Server(address, store)
        finally:
            child.terminate()
            child.wait(timeout=PATIENCE_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(address: str, child: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        assert child.poll() is None, log.read_text("utf-8")
        try:
            if httpx.get(address, trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"{address} does not answer: {log.read_text('utf-8')}")


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[httpx.Client]:
    """A client without cookies or preferences."""
    with httpx.Client(base_url=server.address, trust_env=False, timeout=PATIENCE_SECONDS) as opened:
        yield opened


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium. Without one the tests are skipped, but not on CI: there it has to be."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        reason = "no chromium: install it, or name it in CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--no-proxy-server"])
        yield opened
        opened.close()


@pytest.fixture
def open_context(browser: Browser, server: Server) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a browser as a reader has it: `width` in CSS pixels, `language`, `scheme`, `script`."""
    opened: list[BrowserContext] = []

    def open_one(
        width: int = 1440, language: str = "en", scheme: str = "light", *, script: bool = True
    ) -> BrowserContext:
        context = browser.new_context(
            base_url=server.address,
            viewport={"width": width, "height": 900},
            locale={"en": "en-GB", "zh": "zh-CN"}[language],
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=script,
        )
        context.set_default_timeout(SLOWEST_MS)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def open_page(open_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """A page in a browser of its own; takes what `open_context` takes."""
    return lambda **reader: open_context(**reader).new_page()

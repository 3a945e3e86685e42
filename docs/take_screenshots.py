"""Takes the pictures in docs/screenshots/ from a running site: `civicat serve` in one terminal, this in another.

    python docs/take_screenshots.py                 those that are kept: of docs/researchers.md and the README
    python docs/take_screenshots.py /tmp/look       every page, in both languages, at three widths, light and dark
    python docs/take_screenshots.py /tmp/look home  one page, the same ways

The site has all datasets of this repository. CIVICAT_SITE names another address than http://127.0.0.1:8001. Needs
Debian's chromium and a font with Chinese (fonts-noto-cjk).
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

Scheme = Literal["light", "dark"]

SITE = os.environ.get("CIVICAT_SITE", "http://127.0.0.1:8001")
NAMED = "http://data.example.org"  # what the kept pictures call the site: citations hold its address
FOLDER = Path(__file__).parent / "screenshots"
PAGES = {
    "home": "/",
    "search": "/search?q=人口",
    "nothing-found": "/search?q=qqqqqq",
    "dataset": "/d/faa/bird-strikes",
    "department": "/d/noaa",
    "departments": "/d",
    "table": "/usgs/earthquakes",
    "charts": "/d/usgs/earthquakes/charts",
    "chart": "/d/usgs/earthquakes/1.0.0/chart/map/earthquakes/magnitude",
    "calendar": "/calendar",
    "joins": "/joins",
    "joins-of": "/d/faa/bird-strikes/joins",
    "ledger": "/ledger",
    "ask": "/ask",
    "about": "/about",
    "design": "/design",
    "not-there": "/d/faa/bird-strike",
}
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
WIDTHS = (320, 768, 1440)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
COLOURS = 128  # of a picture that is kept: the pages have few, and a picture is a third as large


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that is kept: one screen of a page, from `at` on (a selector) or from its top."""

    name: str
    address: str
    language: str = "en"
    size: tuple[int, int] = (1440, 900)  # CSS pixels
    scheme: Scheme = "light"
    at: str = ""


PHONE = (320, 690)
KEPT = (
    Kept("home", "/", size=(1280, 800)),
    Kept("find", "/search?q=机场", "zh"),
    Kept("nothing-found", "/search?q=疫苗接种", "zh", PHONE),
    Kept("dataset", "/d/faa/bird-strikes"),
    Kept("columns", "/d/usgs/earthquakes", at="section:has(> .scroll > table.dict)"),
    Kept("map", "/d/usgs/earthquakes/1.0.0/chart/map/earthquakes/magnitude", scheme="dark"),
    Kept("series", "/d/nasa/global-temperature/charts", "zh", PHONE, at="h1"),
    Kept("join", "/d/faa/bird-strikes/joins/9c41ac487eaf", "zh"),
    Kept("cite", "/d/faa/bird-strikes", size=(1440, 600), at="#cite"),
)


def take(browser: Browser, names: Iterable[str], language: str, width: int, scheme: Scheme, folder: Path) -> None:  # noqa: PLR0913, PLR0917 (which pages, for which reader, and where to)
    """Pages whole, in one language at one width in one scheme; the name of a picture says what it shows."""
    context = browser.new_context(
        locale=LANGUAGES[language], viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    page = context.new_page()
    for name in names:
        page.goto(SITE + PAGES[name])
        page.screenshot(path=folder / f"{name}-{language}-{width}-{scheme}.png", full_page=True)
    context.close()


def keep(browser: Browser, kept: Kept) -> None:
    """One picture for the documents."""
    width, height = kept.size
    context = browser.new_context(
        locale=LANGUAGES[kept.language], viewport={"width": width, "height": height}, color_scheme=kept.scheme
    )
    page = context.new_page()
    page.goto(NAMED + kept.address)
    if kept.at:
        page.locator(kept.at).first.evaluate("one => one.scrollIntoView()")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{kept.name}.png", optimize=True)
    context.close()


def main(words: list[str]) -> int:
    """What the words of the command ask for: a folder and names of pages; without any what is kept here."""
    with sync_playwright() as playwright:
        known_as = f"--host-resolver-rules=MAP {urlsplit(NAMED).netloc} {urlsplit(SITE).netloc}"
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--no-proxy-server", known_as]
        )
        if not words:
            for kept in KEPT:
                keep(browser, kept)
            return 0
        folder, names = Path(words[0]), words[1:] or list(PAGES)
        folder.mkdir(parents=True, exist_ok=True)
        for language, width, scheme in product(LANGUAGES, WIDTHS, SCHEMES):
            take(browser, names, language, width, scheme, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

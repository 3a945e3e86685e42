"""Takes the pictures in docs/screenshots/ from a running site: `civicat serve` in one terminal, this in another.

    python docs/take_screenshots.py                 those that are kept: every page in three ways, and the README's
    python docs/take_screenshots.py /tmp/look       every page, in both languages, at three widths, light and dark
    python docs/take_screenshots.py /tmp/look home  one page, the same ways

CIVICAT_SITE names another address than http://127.0.0.1:8001. Needs Debian's chromium and a font with Chinese
(fonts-noto-cjk).
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

Scheme = Literal["light", "dark"]

SITE = os.environ.get("CIVICAT_SITE", "http://127.0.0.1:8001")
FOLDER = Path(__file__).parent / "screenshots"
PAGES = {
    "home": "/",
    "search": "/search?q=人口",
    "nothing-found": "/search?q=qqqqqq",
    "dataset": "/d/faa/bird-strikes",
    "department": "/d/noaa",
    "departments": "/d",
    "table": "/usgs/earthquakes",
    "calendar": "/calendar",
    "joins": "/joins",
    "ledger": "/ledger",
    "ask": "/ask",
    "about": "/about",
    "design": "/design",
    "not-there": "/d/faa/bird-strike",
}
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
WIDTHS = (320, 768, 1440)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
KEPT: tuple[tuple[str, int, Scheme], ...] = (("en", 1440, "light"), ("zh", 768, "dark"), ("zh", 320, "light"))


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


def take_home(browser: Browser) -> None:
    """The first screen of the home page, for the README."""
    page = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800}).new_page()
    page.goto(SITE)
    page.screenshot(path=FOLDER / "home.png")


def main(words: list[str]) -> int:
    """What the words of the command ask for: a folder and names of pages; without any what is kept here."""
    folder, names = Path(words[0]) if words else FOLDER, words[1:] or list(PAGES)
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for language, width, scheme in product(LANGUAGES, WIDTHS, SCHEMES) if words else KEPT:
            take(browser, names, language, width, scheme, folder)
        if not words:
            take_home(browser)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

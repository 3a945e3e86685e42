"""Takes the pictures in docs/screenshots/ from a running site: `civicat serve` in one terminal, this in another.

Needs Debian's chromium and a font with Chinese (fonts-noto-cjk).
"""

from __future__ import annotations

import shutil
import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

SITE = "http://127.0.0.1:8001"
FOLDER = Path(__file__).parent / "screenshots"
PAGES = {
    "home": "/",
    "search": "/search?q=人口",
    "dataset": "/d/faa/bird-strikes",
    "department": "/d/noaa",
    "table": "/usgs/earthquakes",
}
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
WIDTHS = (320, 1440)


def take(browser: Browser, language: str, width: int, folder: Path) -> None:
    """Every page whole, in one language at one width; the name of a picture says what it shows."""
    context = browser.new_context(locale=LANGUAGES[language], viewport={"width": width, "height": 900})
    page = context.new_page()
    for name, path in PAGES.items():
        page.goto(SITE + path)
        page.screenshot(path=folder / f"{name}-{language}-{width}.png", full_page=True)
    context.close()


def main() -> int:
    """Every page in both languages at both widths into the folder named (docs/screenshots unless said)."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for language, width in product(LANGUAGES, WIDTHS):
            take(browser, language, width, folder)
        context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
        page = context.new_page()
        page.goto(SITE)
        page.screenshot(path=FOLDER / "home.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())

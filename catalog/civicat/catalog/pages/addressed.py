"""Parts of an address that several pages read and write: a page's number, and a question with what is not blank."""

from __future__ import annotations

from urllib.parse import urlencode

_FIGURES = 6  # of a page's number: a million pages are enough


def page_number(written: str | None) -> int:
    """The number of a page, from 1; whatever is none is the first."""
    digits = (written or "").strip()
    return max(1, int(digits)) if digits.isascii() and digits.isdecimal() and len(digits) <= _FIGURES else 1


def address(path: str, **asked: str | int) -> str:
    """A path with its question, always in the order given; what is blank, 0 or the first page goes without saying."""
    pairs = [(name, value) for name, value in asked.items() if value and (name, value) != ("page", 1)]
    return f"{path}?{urlencode(pairs)}" if pairs else path

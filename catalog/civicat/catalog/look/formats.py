"""Numbers, sizes and dates as a reader of each language writes them (CLDR, through Babel)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from babel.dates import format_date
from babel.numbers import format_compact_decimal, format_decimal

from civicat.text import Language

# English with the day before the month: the site is of no one country, and 2 November cannot be misread.
LOCALES: Mapping[Language, str] = {"zh": "zh_Hans", "en": "en_GB"}
_WIDTHS: Mapping[Language, Literal["short", "long"]] = {"zh": "short", "en": "long"}  # 万 has no longer form
_UNITS = ("B", "kB", "MB", "GB", "TB")  # decimal: 1 kB is 1,000 bytes, as file managers and networks count
_STEP = 1000
_TEN = 10  # from here on a decimal says nothing more
_MILLION = 1_000_000


def number(value: float, language: Language) -> str:
    """A number with its groups: 3,769,193."""
    return format_decimal(value, locale=LOCALES[language])


def roughly(value: int, language: Language) -> str:
    """A large number in words of the language: 3.8 million, 376.9万; below a million it is exact."""
    if value < _MILLION:
        return number(value, language)
    return format_compact_decimal(value, format_type=_WIDTHS[language], fraction_digits=1, locale=LOCALES[language])


def size(value: int, language: Language) -> str:
    """A size in bytes with at most one decimal: 1.2 MB."""
    amount, units = float(value), list(_UNITS)
    while amount >= _STEP and len(units) > 1:
        amount, units = amount / _STEP, units[1:]
    shape = "#,##0" if amount >= _TEN else "#,##0.#"
    return f"{format_decimal(amount, format=shape, locale=LOCALES[language])} {units[0]}"


def date(moment: str, language: Language) -> str:
    """The day of an ISO 8601 moment (UTC): 2 November 2026, 2026年11月2日; empty where there is none."""
    if not moment:
        return ""
    return format_date(datetime.fromisoformat(moment).date(), format="long", locale=LOCALES[language])

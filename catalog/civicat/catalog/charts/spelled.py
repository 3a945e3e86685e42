"""Numbers, days and codes of a chart as a reader of each language writes them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from babel.dates import format_skeleton

from civicat.catalog.charts.columns import Column
from civicat.catalog.charts.drawing import Origin
from civicat.catalog.charts.plot import Grain
from civicat.catalog.look import formats
from civicat.text import Language, Text

_FINE = 3  # significant digits of what was computed
_LARGE = {
    "zh": ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")),
    "en": ((1e12, "tn"), (1e9, "bn"), (1e6, "mn")),  # an m would be read as metres
}
_HUGE = 1e18  # from here on a number is written with a power of ten
_POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_EXACT = 1e9  # from here on a sentence rounds; the table beside it does not
_WIDE = 0x2E80  # signs from here on are as wide as high
_LATIN = 0.56  # of its size: the width of a Latin letter
OPENS, CLOSES = "\ue000", "\ue001"  # signs for private use: what stands between is data, and no words of the house
LONGEST = 40  # characters of a value in a table or sentence


def number(value: float | None, decimals: int | None = None) -> str:
    """A number with its groups and a true minus; so many decimals, else as many as say something."""
    if value is None:
        return ""
    if abs(value) >= _HUGE:
        return _power(value)
    if decimals is None:
        decimals, written = 0, f"{abs(value):,.{_decimals(value)}f}"
        written = written.rstrip("0").rstrip(".") if "." in written else written
    else:
        written = f"{abs(value):,.{decimals}f}"
    return f"−{written}" if value < 0 and any(sign in "123456789" for sign in written) else written


def _power(value: float) -> str:
    """Such as 1.5 × 10²³, which stays on one line."""
    figures, _, power = f"{value:.2e}".partition("e")
    figures = figures.rstrip("0").rstrip(".").replace("-", "−")
    return f"{figures}\u202f×\u202f10{str(int(power)).translate(_POWERS)}"


def _decimals(value: float) -> int:
    if value == int(value) or abs(value) >= 10**_FINE:
        return 0
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    return max(0, min(6, _FINE - whole) if whole else _leading(value))


def _leading(value: float) -> int:
    return min(6, _FINE - 1 - int(f"{value:e}".partition("e")[2]))


def short(value: float, language: Language) -> str:
    """A number for an axis: 1.5mn, 150万."""
    for least, word in _LARGE[language] if abs(value) < _HUGE else ():
        if abs(value) >= least:
            return number(round(value / least, 1)) + word
    return number(value, 0 if value == int(value) else min(4, len(f"{abs(value):.10g}".partition(".")[2])))


def spoken(value: float | None, language: Language) -> str:
    """A number within a sentence."""
    return number(value) if value is None or abs(value) < _EXACT else short(value, language)


@lru_cache(4096)
def moment(written: str, grain: Grain, language: Language) -> str:
    """A period or an edge by how fine it is: 2016, March 2016, 2 March 2016, with the hour."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return written
    if grain == "month":
        return str(format_skeleton("yMMMM", found, locale=formats.LOCALES[language]))
    day = formats.date(written, language)
    return day if grain == "day" or (grain == "second" and not (found.hour or found.minute)) else f"{day} {found:%H:%M}"


def edge(written: str, grain: Grain, language: Language) -> str:
    """A bin's edge."""
    if grain == "year":
        return written[:4] if written[:4].isdecimal() else written
    if grain != "number":
        return moment(written, grain, language)
    try:
        return number(float(written), len(written.partition(".")[2]))
    except ValueError:
        return signed(written)


def code(key: str, column: Column, language: Language) -> str:
    """The label of a code, or the value itself, shortened."""
    said = whole_code(key, column, language)
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"


def whole_code(key: str, column: Column, language: Language) -> str:
    """The same in its full length; a number has a true minus."""
    label = column.field.categories.get(key)
    if label:
        return label.within(language)
    if key in _TRUTH:
        return _TRUTH[key].within(language)
    return signed(key) if column.is_number else key


def signed(written: str) -> str:
    """A number as it is written, with a true minus."""
    return f"−{written[1:]}" if written.startswith("-") else written


def quoted(value: str) -> str:
    """A value of the data within a sentence of the house: where it is Chinese, with the marks that say where it is."""
    return f"{OPENS}{value}{CLOSES}" if any(ord(sign) >= _WIDE for sign in value) else value


def code_origin(key: str, column: Column, language: Language) -> Origin:
    """Whose words `code` says."""
    label = column.field.categories.get(key)
    return label.spoken(language) if label else "" if key in _TRUTH else "data"


_TRUTH = {"true": Text("是（true）", "true"), "false": Text("否（false）", "false")}


def width(words: str, size: float) -> float:
    """About how wide a line of text is."""
    return sum(size if ord(sign) >= _WIDE else size * _LATIN for sign in words)


def fitted(words: str, size: float, room: float) -> str:
    """A line cut to the room that it has, which shows."""
    if width(words, size) <= room:
        return words
    while words and width(words + "…", size) > room:
        words = words[:-1]
    return words + "…"

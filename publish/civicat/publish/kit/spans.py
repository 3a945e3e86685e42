"""What the bars of a histogram stand for, in words: where they begin and end, and how wide one is.

A bar has its lower edge and not its upper one (docs/profile.md): a bar of days ends the day before its upper edge.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from civicat.publish.kit.figures import Bar
from civicat.text import Text

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:T.*)?")
_DAY = 10  # characters of a date; what follows it is the time of day
_LEAST = timedelta(microseconds=1)
_UNITS = {
    604_800: Text("周", "week"),
    86_400: Text("天", "day"),
    3600: Text("小时", "hour"),
    60: Text("分钟", "minute"),
    1: Text("秒", "second"),
}
_YEAR, _MONTH, _SECOND = Text("年", "year"), Text("个月", "month"), _UNITS[1]


def ends(bars: Sequence[Bar], least: str = "", most: str = "") -> tuple[str, str]:
    """Where intervals begin and end: numbers by their edges; what spans several days by its first and last day.

    `least` and `most` are the ends of the values: no day is named on which there is none.
    """
    start, end = _moment(bars[0].value), _moment(bars[-1].until)
    if start is None or end is None or start.date() == (end - _LEAST).date():
        return bars[0].value, bars[-1].until
    first, last = start.date().isoformat(), (end - _LEAST).date().isoformat()
    return max(first, least[:_DAY]), min(last, most[:_DAY] or last)


def interval(bar: Bar) -> tuple[str, str]:
    """The two ends of one bar; its first and last day, which can be the same, where it holds whole days."""
    start, end = _moment(bar.value), _moment(bar.until)
    if start is None or end is None or not (_is_midnight(start) and _is_midnight(end)):
        return bar.value, bar.until
    return start.date().isoformat(), (end - _LEAST).date().isoformat()


def width(bar: Bar, unit: str = "") -> Text:
    """How much one bar spans: 1 day, 3 months, 20 and the unit; blank where its edges do not say."""
    start, end = _moment(bar.value), _moment(bar.until)
    if start is None or end is None:
        amount = f"{_difference(bar)} {unit}".strip() if _difference(bar) else ""
        return Text(amount, amount)
    if start.day == end.day == 1 and _is_midnight(start) and _is_midnight(end):
        months = 12 * (end.year - start.year) + end.month - start.month
        return _counted(months // 12, _YEAR) if months % 12 == 0 else _counted(months, _MONTH)
    seconds = Decimal((end - start) // _LEAST) / 1_000_000
    size, noun = next(((size, noun) for size, noun in _UNITS.items() if seconds % size == 0), (1, _SECOND))
    return _counted(seconds / size, noun)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if _MOMENT.fullmatch(text) else None
    except ValueError:
        return None


def _is_midnight(moment: datetime) -> bool:
    return not (moment.hour or moment.minute or moment.second or moment.microsecond)


def _difference(bar: Bar) -> str:
    try:
        return _plain(Decimal(bar.until) - Decimal(bar.value))
    except InvalidOperation:  # a time of day, an infinity
        return ""


def _plain(number: Decimal) -> str:
    return f"{number.normalize():,f}"


def _counted(number: Decimal | int, noun: Text) -> Text:
    shown = _plain(Decimal(number))
    return Text(f"{shown} {noun.zh}", f"{shown} {noun.en}" if number == 1 else f"{shown} {noun.en}s")

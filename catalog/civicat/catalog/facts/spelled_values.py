"""A value as its readers write it: days and moments, yes and no, a minus sign. What is none of these stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from babel.dates import format_date

from civicat.catalog.look.formats import LOCALES
from civicat.text import Language, Text

_MONTH = re.compile(r"\d{4}-\d{2}")
_DAYS: Mapping[Language, str] = {"zh": "y年M月d日", "en": "d MMMM y"}  # as look/formats.py writes days
_MONTHS: Mapping[Language, str] = {"zh": "y年M月", "en": "MMMM y"}
_TRUTH: Mapping[str, Text] = {"true": Text("是", "yes"), "false": Text("否", "no")}


def spelled(value: str, kind: str) -> Text:
    """A value of a column of this type (Table Schema): 31 January 2018, 2018年1月31日."""
    try:
        return _KINDS[kind](value) if kind in _KINDS else Text(value, value)
    except ValueError:
        return Text(value, value)  # written otherwise than its type says


def _day(value: str) -> Text:
    """A day, a month or a year."""
    if _MONTH.fullmatch(value):
        return _by_language(date.fromisoformat(f"{value}-01"), _MONTHS)
    return _by_language(date.fromisoformat(value), _DAYS)


def _moment(value: str) -> Text:
    """A moment to the second, in UTC where the value says how far it is from there."""
    moment = datetime.fromisoformat(value)
    zone = " UTC" if moment.tzinfo else ""
    moment = moment.astimezone(UTC) if zone else moment
    clock = f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"
    day = _by_language(moment.date(), _DAYS)
    return Text(f"{day.zh} {clock}{zone}", f"{day.en}, {clock}{zone}")


def _by_language(day: date, patterns: Mapping[Language, str]) -> Text:
    def written(language: Language) -> str:
        return format_date(day, patterns[language], locale=LOCALES[language])

    return Text(written("zh"), written("en"))


def _truth(value: str) -> Text:
    return _TRUTH.get(value.lower(), Text(value, value))


def _number(value: str) -> Text:
    signed = f"\N{MINUS SIGN}{value[1:]}" if value.startswith("-") else value
    return Text(signed, signed)


_KINDS: Mapping[str, Callable[[str], Text]] = {
    "date": _day,
    "datetime": _moment,
    "boolean": _truth,
    "integer": _number,
    "number": _number,
}

"""A value as a cell of a workbook shows it: as it stands in the file, never run, never with digits lost."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from dataclasses import dataclass
from decimal import Decimal

LONGEST = 32_767  # characters of a cell (Excel's own limit); of a longer one the beginning is shown
_DIGITS = 15  # figures of a number that Excel keeps
_GENERAL = 11  # figures that Excel shows without being told to; longer numbers become 1.23E+11
_FIRST_YEAR = 1901  # dates before 1900 are none to Excel, and in 1900 it counts a day too many
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.([0-9]+))?")
# What XML cannot hold, and what turns the order of what is read around it: 1000 and 0001 must not look the same.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_RUNS = ("=", "+", "-", "@", "#", "\t", "\r")  # how a text begins that a spreadsheet takes for a formula or a fault


@dataclass(frozen=True, slots=True)
class Shown:
    """What is written: the value, how a number or date is shown, and whether it has to stay text when it is edited."""

    value: str | float | bool | dt.datetime | None
    number_format: str = ""
    is_guarded: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it is written as text, whatever it looks like."""
        return isinstance(self.value, str)


NOTHING = Shown(None)


def shown(value: object) -> Shown:
    """A value of any file as a cell."""
    match value:
        case None | "":
            return NOTHING
        case str():
            return _number(value) or text(value)
        case int() | float() | Decimal():
            return _typed(value)
        case dt.datetime():
            return _dated(value)
        case dict() | list():
            return text(json.dumps(value, ensure_ascii=False, default=str))
        case _:
            return text(str(value))


def text(value: str) -> Shown:
    """A text as a cell: without what no workbook can hold, cut at its limit, kept from being run."""
    whole = value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"
    kept = _UNSHOWABLE.sub("�", whole)
    guarded = kept.startswith(_RUNS) or _NUMBER.fullmatch(kept) is not None
    return Shown(kept, "@" if guarded else "", guarded)


def _number(value: str) -> Shown | None:
    """A text as a number, where the number looks the same and loses nothing; codes with leading zeros stay text."""
    match = _NUMBER.fullmatch(value)
    figures = len(value.lstrip("-").replace(".", ""))
    if match is None or figures > _DIGITS or (value.startswith("-0") and not value.strip("-0.")):
        return None
    if match[1] is not None:
        return Shown(float(value), f"0.{'0' * len(match[1])}")
    return Shown(int(value), "0" if figures > _GENERAL else "")


def _dated(value: dt.datetime) -> Shown:
    """A moment as a date that Excel knows; else, with a time zone or long ago, as its text."""
    if value.tzinfo is not None or value.year < _FIRST_YEAR:
        return text(str(value))
    return Shown(value, "yyyy-mm-dd" if value.time() == dt.time() else "yyyy-mm-dd hh:mm:ss")


def _typed(value: float | Decimal) -> Shown:
    """A number (or a truth) of a file that has them: as it is, or its digits as text where Excel would round it."""
    if isinstance(value, bool):
        return Shown(value)
    if isinstance(value, float):
        return Shown(value) if math.isfinite(value) else text(str(value))
    return _number(str(value)) or text(str(value))

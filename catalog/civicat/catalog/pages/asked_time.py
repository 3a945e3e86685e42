"""A time in a question: from one day to another, each written as a year, a month or a day."""

from __future__ import annotations

import re
from datetime import date
from unicodedata import normalize

_LONGEST = 40  # characters
# 2019, 2019-05, 2019-05-31, with - / . or 年月日 between
_WRITTEN = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2}))?)?[年月日]?", re.ASCII)


def read_day(written: str) -> str | None:
    """A year, month or day as addresses have it (2019, 2019-05, 2019-05-31); None where it is none."""
    found = _WRITTEN.fullmatch(normalize("NFKC", written[:_LONGEST]).replace(" ", ""))
    if found is None:
        return None
    year, month, day = (int(one) if one else None for one in found.groups())
    try:
        date(year or 0, *(1 if one is None else one for one in (month, day)))
    except ValueError:  # a 31 February, a month 13, a month 0, a year 0
        return None
    return "-".join([found[1], *(f"{one:02}" for one in (month, day) if one is not None)])

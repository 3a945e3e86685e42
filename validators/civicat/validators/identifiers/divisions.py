"""The codes of GB/T 2260 since 1980, as python-stdnum keeps them: which code named which place in which years.

Its table is that of the Chinese Wikipedia (中华人民共和国行政区划代码, CC BY-SA): provinces, prefectures and
counties alike. A code without a first year was there in 1980.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from civicat.validators.identifiers.columns_of_text import Bytes, are_digits, numbers
from civicat.validators.identifiers.identifier import Mask

_CODES = 1_000_000  # six digits
# In force since 2021 (the list of the bureau of statistics, datasets/nbs/divisions, has them), and not in the table
# of python-stdnum 2.2: Linping and Qiantang, districts of Hangzhou.
_LEFT_OUT = {"330113": "[2021-]临平区", "330114": "[2021-]钱塘区"}
FIRST_YEAR = 1980
NOW = 9999  # a year after all changes that the table knows
_SPAN = re.compile(r"(?:\[(?P<since>\d*)-(?P<until>\d*)\])?(?P<place>[^,]+)")


@dataclass(frozen=True, slots=True)
class Division:
    """A place that a code named, from a year to a year (None: to this day); in both of them the code is good."""

    place: str
    since: int
    until: int | None

    def covers(self, year: int) -> bool:
        """Whether the code named the place in a year."""
        return self.since <= year and (self.until is None or year <= self.until)


@cache
def divisions() -> Mapping[str, tuple[Division, ...]]:
    """Every code of six digits that ever was, and the places that it named, one after the other."""
    from stdnum import numdb  # noqa: PLC0415 (reading its 7,000 lines takes 20 ms, which no other column should pay)

    told = {
        f"{province}{county}": str(info["county"])
        for _, province, _, _, counties in numdb.get("cn/loc").prefixes
        for _, county, _, info, _ in counties
    }
    return {code: _places(words) for code, words in (_LEFT_OUT | told).items()}


def _places(told: str) -> tuple[Division, ...]:
    """The places of `[-1982]甲县,[1990-]乙县`, the older first."""
    return tuple(
        Division(match["place"], int(match["since"] or FIRST_YEAR), int(match["until"]) if match["until"] else None)
        for match in _SPAN.finditer(told)
    )


@cache
def _table(year: int | None) -> Mask:
    """Which of the million numbers of six digits are codes in a year, or with None at any time."""
    table: Mask = np.zeros(_CODES, dtype=np.bool_)
    good = (code for code, places in divisions().items() if year is None or any(one.covers(year) for one in places))
    table[[int(code) for code in good]] = True
    return table


def are_divisions(codes: Bytes, year: int | None) -> Mask:
    """Which codes begin with the six digits of a division of a year, or with None of any time."""
    digits = are_digits(codes[:, :6])
    return digits & _table(year)[np.where(digits, numbers(codes, 0, 6), 0)]

"""The codes of GB/T 2260 since 1980, as python-stdnum keeps them: which code named which place in which years."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from civicat.validators.identifiers.columns_of_text import Bytes, are_digits, numbers
from civicat.validators.identifiers.identifier import Mask

_CODES = 1_000_000  # six digits
# In force since 2021, and not in the table of python-stdnum 2.2: Linping and Qiantang, districts of Hangzhou.
_LEFT_OUT = {"330113": "临平区", "330114": "钱塘区"}
_SPAN = re.compile(r"(?:\[(?P<since>\d*)-(?P<until>\d*)\])?(?P<place>[^,]+)")


@dataclass(frozen=True, slots=True)
class Division:
    """What a code named last: the place, and the year in which that ended (None: in force)."""

    place: str
    until: int | None


@cache
def divisions() -> Mapping[str, Division]:
    """Every code of six digits that ever was, and what it named last."""
    from stdnum import numdb  # noqa: PLC0415 (reading its 7,000 lines takes 20 ms, which no other column should pay)

    known = {code: Division(place, None) for code, place in _LEFT_OUT.items()}
    return known | {
        f"{province}{county}": _last(told["county"])
        for _, province, _, _, counties in numdb.get("cn/loc").prefixes
        for _, county, _, told, _ in counties
    }


def _last(told: str) -> Division:
    """Of `[-1982]甲县,[1990-]乙县` the part in force, else the one that ended last."""
    parts = [
        Division(match["place"], int(match["until"]) if match["until"] else None) for match in _SPAN.finditer(told)
    ]
    return max(parts, key=lambda one: one.until or _CODES)


@cache
def _table(*, past: bool) -> Mask:
    """Which of the million numbers of six digits are codes: in force, or with `past` at any time."""
    table: Mask = np.zeros(_CODES, dtype=np.bool_)
    table[[int(code) for code, one in divisions().items() if past or one.until is None]] = True
    return table


def are_divisions(codes: Bytes, *, past: bool) -> Mask:
    """Which codes begin with the six digits of a division."""
    digits = are_digits(codes[:, :6])
    return digits & _table(past=past)[np.where(digits, numbers(codes, 0, 6), 0)]

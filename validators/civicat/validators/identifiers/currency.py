"""ISO 4217 codes of currencies in force, from the CLDR data that babel brings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from civicat.text import Text
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.writing import NO_SUCH_CODE, SMALL_LETTERS, listed

_NOT_ISO = frozenset({"CNH"})  # the offshore renminbi of traders
_STILL_LISTED = frozenset({"SVC"})  # CLDR ends it with its last day as tender; ISO has not withdrawn it


@cache
def _spans() -> Mapping[str, int | None]:
    """Each currency that a place has or had: None where one still has it, else the year in which the last ended it."""
    from babel.core import get_global  # noqa: PLC0415 (40 ms)

    ends: dict[str, int | None] = {}
    for tenders in get_global("territory_currencies").values():
        for code, _, until, _ in tenders:
            year = until[0] if until else None
            ends[code] = year if code not in ends else _later(ends[code], year)
    return ends


def _later(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)


@cache
def _current() -> frozenset[str]:
    return frozenset(code for code, end in _spans().items() if end is None) - _NOT_ISO | _STILL_LISTED


@cache
def _past() -> Mapping[str, Text]:
    return {code: _ended(end) for code, end in _spans().items() if end is not None and code not in _STILL_LISTED}


def _ended(year: int) -> Text:
    return Text(f"这种货币 {year} 年已停用", f"this currency ended in {year}")


def _check(text: str) -> Text | None:
    return listed(text, 3, _current(), _past())


CURRENCY = Identifier(
    name="currency",
    title=Text("货币代码", "currency code"),
    description=Text(
        "三个大写字母，限现行货币（取自 CLDR）；已停用的会说明年份。ISO 没有编入的代码（如 CNH）不收。",
        "Three capital letters; currencies in force, as CLDR has them. Of one that ended the message names the "
        "year. Codes that ISO did not assign, such as CNH, are not taken.",
    ),
    standard="ISO 4217",
    valid=("CNY", "USD", "XDR"),
    invalid=(
        ("DEM", _ended(2002)),
        ("RMB", NO_SUCH_CODE),
        ("cny", SMALL_LETTERS),
        ("￥", Text("应为 3 个字母，这里是 1 位", "it must have 3 letters, and has 1")),
    ),
    check=_check,
)

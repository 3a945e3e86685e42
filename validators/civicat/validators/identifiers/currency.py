"""ISO 4217 codes of currencies in force, from the CLDR data that babel brings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from civicat.text import Text
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.writing import NO_SUCH_CODE, SMALL_LETTERS, listed

# Where ISO 4217 (its maintenance agency's lists and amendments) says other than CLDR 48, which babel 2.18 brings:
_NOT_ISO = frozenset({"CNH"})  # the offshore renminbi of traders
_STILL_LISTED = frozenset({"SVC"})  # CLDR ends it with its last day as tender; ISO has not withdrawn it
_NEW = frozenset({"XAD"})  # the Arab Monetary Fund's accounting dinar, amendment 179 of 2025
_TAKEN_FOR = {"RMB": "CNY", "NTD": "TWD"}  # what people write, and what ISO has
_ENDED = {"BGN": 2026}  # the lev, for the euro on 1 January, amendment 180


@cache
def _spans() -> Mapping[str, int | None]:
    """Each currency that a place has or had: None where one still has it, else the year in which the last ended it."""
    from babel.core import get_global  # noqa: PLC0415 (40 ms)

    ends: dict[str, int | None] = {}
    for tenders in get_global("territory_currencies").values():
        for code, _, until, _ in tenders:
            year = until[0] if until else None
            ends[code] = year if code not in ends else _later(ends[code], year)
    kept = dict.fromkeys(_NEW | _STILL_LISTED)
    return {code: end for code, end in (ends | kept | _ENDED).items() if code not in _NOT_ISO}


def _later(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)


@cache
def _current() -> frozenset[str]:
    return frozenset(code for code, end in _spans().items() if end is None)


@cache
def _past() -> Mapping[str, Text]:
    return {code: _ended(end) for code, end in _spans().items() if end is not None} | _instead()


def _instead() -> dict[str, Text]:
    return {code: _write(iso) for code, iso in _TAKEN_FOR.items()}


def _write(code: str) -> Text:
    return Text(f"没有这个代码，请写 {code}", f"there is no such code; write {code}")


def _ended(year: int) -> Text:
    return Text(f"这种货币 {year} 年已停用", f"this currency ended in {year}")


def _check(text: str) -> Text | None:
    return listed(text, 3, _current(), _past())


def _check_ever(text: str) -> Text | None:
    return listed(text, 3, _spans(), _instead())


CURRENCY = Identifier(
    name="currency",
    title=Text("货币代码", "currency code"),
    description=Text(
        "三个大写字母，限现行货币（取自 CLDR，按 ISO 4217 第 180 号修改单补正）；已停用的会说明年份，历史数据请用 "
        "currency-history。ISO 没有编入的代码（如 CNH）不收。",
        "Three capital letters; currencies in force, as CLDR has them, mended by ISO 4217’s amendments up to number "
        "180. Of one that ended the message names the year; tables of the past ask for currency-history. Codes that "
        "ISO did not assign, such as CNH, are not taken.",
    ),
    standard="ISO 4217",
    valid=("CNY", "USD", "XDR"),
    invalid=(
        ("DEM", _ended(2002)),
        ("BGN", _ended(2026)),
        ("RMB", _write("CNY")),
        ("XYZ", NO_SUCH_CODE),
        ("cny", SMALL_LETTERS),
        ("￥", Text("应为 3 个字母，这里是 1 位", "it must have 3 letters, and has 1")),
    ),
    check=_check,
)

CURRENCY_HISTORY = Identifier(
    name="currency-history",
    title=Text("货币代码（含已停用）", "currency code of any year"),
    description=Text(
        "三个大写字母，现行的和已停用的货币都收（取自 CLDR），供历史数据使用。其中少数早年的代码 ISO 4217 未曾编入。"
        "不查它在数据所属的年份是否在用。",
        "Three capital letters; currencies in force and those that ended, as CLDR has them, for tables of the past. A "
        "few old ones among them never were in ISO 4217. Not checked: whether one was in use in the year of its row.",
    ),
    standard="ISO 4217",
    valid=("CNY", "DEM", "BGN"),
    invalid=(("XYZ", NO_SUCH_CODE), ("dem", SMALL_LETTERS)),
    check=_check_ever,
)

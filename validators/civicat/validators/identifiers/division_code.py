"""行政区划代码, the codes of provinces, prefectures and counties (GB/T 2260), those in force and those of the past."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from civicat.text import Text
from civicat.validators.identifiers.columns_of_text import of_width
from civicat.validators.identifiers.divisions import FIRST_YEAR, NOW, Division, are_divisions, divisions
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.writing import DIGITS, SPACE_INSIDE, coded

_LENGTH = 6
_SHORT = {2: "0000", 4: "00"}
_ZONE_DIGIT = "7"  # 71 to 79 at the end: GB/T 2260 leaves these free
_ZONE = Text(
    "GB/T 2260 没有这个代码，71 至 79 结尾的多是统计机构为开发区自编的",
    "GB/T 2260 has no such code; those that end in 71 to 79 are mostly of statistical offices, for development zones",
)
_YEAR = re.compile(r"division-code-(?P<year>19[0-9]{2}|20[0-9]{2})")
_NEVER = Text("GB/T 2260 历年都没有这个代码", "GB/T 2260 never had such a code")


def _check(text: str, year: int | None) -> Text | None:
    whole = text + _SHORT.get(len(text), "")
    if whole != text and whole in divisions():
        return Text(f"应为 6 位，请写作 {whole}", f"it must have 6 digits, {whole}")
    if why := coded(text, _LENGTH, DIGITS):
        return why
    places = divisions().get(text)
    if places is None:
        return _ZONE if text[4] == _ZONE_DIGIT else _NEVER
    return None if year is None or any(one.covers(year) for one in places) else _not_then(places, year)


def _not_then(places: tuple[Division, ...], year: int) -> Text:
    """Which place lost a code before a year, else which one got it later."""
    gone = [one for one in places if one.until is not None and one.until < year]
    if gone:
        last = max(gone, key=lambda one: one.until or NOW)
        return _abolished(last.place, last.until or NOW)
    first = min(places, key=lambda one: one.since)
    return _to_come(first.place, first.since)


def _abolished(place: str, year: int) -> Text:
    return Text(f"这是{place}的代码，{year} 年已停用", f"it named {place}, and has been out of use since {year}")


def _to_come(place: str, year: int) -> Text:
    return Text(f"这是{place}的代码，{year} 年才启用", f"it names {place}, and came into use in {year}")


_CHECKED = Text(
    "6 位数字，省级和地级以 0 补足。按 GB/T 2260 的历年代码（1980 年以来，取自 python-stdnum 所附的中文维基百科"
    "的表）检查。"
    "统计机构自编的开发区代码不在其中，短写的 2 位、4 位代码也不收。",
    "Six digits; those of provinces and prefectures end in zeros. Checked against the codes of GB/T 2260 of every "
    "year since 1980 (the table of the Chinese Wikipedia that comes with python-stdnum). Codes that statistical "
    "offices made for development zones are not among them, and the short forms of 2 and 4 digits are not taken.",
)

DIVISION_CODE = Identifier(
    name="division-code",
    title=Text("行政区划代码", "division code"),
    description=Text(
        f"{_CHECKED.zh}只收现行代码；已撤销的会说明原名和停用年份。要按某一年检查，名称后加上年份，如 "
        "division-code-2010：那一年在用过的代码都收，1980 年起。",
        f"{_CHECKED.en} Only codes in force are good; of one that was abolished the message names the place and "
        "the year. To check against one year, add it to the name, as in division-code-2010: the codes that were in "
        "use at some time in that year are good, from 1980 on.",
    ),
    standard="GB/T 2260",
    valid=("110000", "130100", "110101", "810000"),
    invalid=(
        ("110103", _abolished("崇文区", 2010)),
        ("110199", _NEVER),
        ("990000", _NEVER),
        ("130171", _ZONE),
        ("1101", Text("应为 6 位，请写作 110100", "it must have 6 digits, 110100")),
        ("11010A", Text("第 6 位不能是“A”", "character 6 cannot be “A”")),
    ),
    check=partial(_check, year=NOW),
    telling=True,
    sure=of_width(_LENGTH, partial(are_divisions, year=NOW)),
)

DIVISION_CODE_HISTORY = Identifier(
    name="division-code-history",
    title=Text("行政区划代码（含已撤销）", "division code of any year"),
    description=Text(
        f"{_CHECKED.zh}已撤销的代码也收，供跨年的历史数据使用；不查它在该行所属的年份是否有效（只有一年的数据可用 "
        "division-code-2010 一类）。",
        f"{_CHECKED.en} Codes that were abolished are good too, for tables over many years; whether a code was in "
        "force in the year of its row is not checked (a table of one year can ask for division-code-2010 or the like).",
    ),
    standard="GB/T 2260",
    valid=("110000", "110103", "110221"),
    invalid=(("110199", _NEVER), ("110 103", SPACE_INSIDE)),
    check=partial(_check, year=None),
    sure=of_width(_LENGTH, partial(are_divisions, year=None)),
)


def of_year(name: str) -> Identifier | None:
    """The identifier that takes the codes of one year, as in `division-code-2010`; None for any other name."""
    match = _YEAR.fullmatch(name)
    if match is None or int(match["year"]) < FIRST_YEAR:
        return None
    year = int(match["year"])
    return replace(
        DIVISION_CODE,
        name=name,
        title=Text(f"行政区划代码（{year} 年）", f"division code of {year}"),
        check=partial(_check, year=year),
        sure=of_width(_LENGTH, partial(are_divisions, year=year)),
    )

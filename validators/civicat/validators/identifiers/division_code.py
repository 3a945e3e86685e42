"""行政区划代码, the codes of provinces, prefectures and counties (GB/T 2260), those in force and those of the past."""

from __future__ import annotations

from functools import partial

from civicat.text import Text
from civicat.validators.identifiers.columns_of_text import of_width
from civicat.validators.identifiers.divisions import are_divisions, divisions
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.writing import DIGITS, SPACE_INSIDE, coded

_LENGTH = 6
_SHORT = {2: "0000", 4: "00"}
_ZONE_DIGIT = "7"  # 71 to 79 at the end: GB/T 2260 leaves these free
_ZONE = Text(
    "GB/T 2260 没有这个代码，71 至 79 结尾的多是统计机构为开发区自编的",
    "GB/T 2260 has no such code; those that end in 71 to 79 are mostly of statistical offices, for development zones",
)
_NEVER = Text("从未有过这个代码", "there never was such a code")


def _check(text: str, *, past: bool) -> Text | None:
    whole = text + _SHORT.get(len(text), "")
    if whole != text and whole in divisions():
        return Text(f"应为 6 位，请写作 {whole}", f"it must have 6 digits: write {whole}")
    if why := coded(text, _LENGTH, DIGITS):
        return why
    found = divisions().get(text)
    if found is None:
        return _ZONE if text[4] == _ZONE_DIGIT else _NEVER
    return None if past or found.until is None else _abolished(found.place, found.until)


def _abolished(place: str, year: int) -> Text:
    return Text(f"这是{place}的代码，{year} 年已停用", f"it named {place}, and has been out of use since {year}")


_CHECKED = Text(
    "6 位数字，省级和地级以 0 补足。按 GB/T 2260 的历年代码（1980 年以来，取自 python-stdnum 所附的表）检查。"
    "统计机构自编的开发区代码不在其中，短写的 2 位、4 位代码也不收。",
    "Six digits; those of provinces and prefectures end in zeros. Checked against the codes of GB/T 2260 of every "
    "year since 1980 (the table that comes with python-stdnum). Codes that statistical offices made for "
    "development zones are not among them, and the short forms of 2 and 4 digits are not taken.",
)

DIVISION_CODE = Identifier(
    name="division-code",
    title=Text("行政区划代码", "division code"),
    description=Text(
        f"{_CHECKED.zh}只收现行代码；已撤销的会说明原名和停用年份。",
        f"{_CHECKED.en} Only codes in force are good; of one that was abolished the message names the place and "
        "the year.",
    ),
    standard="GB/T 2260",
    valid=("110000", "130100", "110101", "810000"),
    invalid=(
        ("110103", _abolished("崇文区", 2010)),
        ("110199", _NEVER),
        ("990000", _NEVER),
        ("130171", _ZONE),
        ("1101", Text("应为 6 位，请写作 110100", "it must have 6 digits: write 110100")),
        ("11010A", Text("第 6 位不能是“A”", "character 6 cannot be “A”")),
    ),
    check=partial(_check, past=False),
    telling=True,
    sure=of_width(_LENGTH, partial(are_divisions, past=False)),
)

DIVISION_CODE_HISTORY = Identifier(
    name="division-code-history",
    title=Text("行政区划代码（含已撤销）", "division code of any year"),
    description=Text(
        f"{_CHECKED.zh}已撤销的代码也收，供历史数据使用；不查它在数据所属的年份是否有效。",
        f"{_CHECKED.en} Codes that were abolished are good too, for tables of the past; whether a code was in "
        "force in the year of its row is not checked.",
    ),
    standard="GB/T 2260",
    valid=("110000", "110103", "110221"),
    invalid=(("110199", _NEVER), ("110 103", SPACE_INSIDE)),
    check=partial(_check, past=True),
    sure=of_width(_LENGTH, partial(are_divisions, past=True)),
)

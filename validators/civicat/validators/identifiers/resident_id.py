"""居民身份证号码, the citizen identification number (GB 11643-1999)."""

from __future__ import annotations

import datetime as dt

import numpy as np

from civicat.text import Text
from civicat.validators.identifiers.columns_of_text import Bytes, are_digits, numbers, of_width
from civicat.validators.identifiers.divisions import are_divisions, divisions
from civicat.validators.identifiers.identifier import Identifier, Mask
from civicat.validators.identifiers.writing import DIGITS, ROUNDED, check_digit, coded

_LENGTH = 18
_OLD_LENGTH = 15  # before 1999: no century, no check digit
_ALPHABET = DIGITS | {"X"}
_YEARS = (1800, 2099)
_TAIWAN = "830000"  # residence permits of people from Taiwan; those from Hong Kong and Macao have 810000 and 820000
_FOREIGN = (
    "9"  # the first digit on permits of permanent residence since December 2023 (National Immigration Administration)
)
_PERMIT = Text(
    "以 9 开头的是外国人永久居留身份证号码，不是居民身份证号码",
    "it begins with 9, as the number on a foreigner’s permit of permanent residence does",
)
_CHECK_DIGITS = np.frombuffer(b"10X98765432", np.uint8)  # ISO 7064 MOD 11-2: by the weighted sum of the others
_WEIGHTS = np.array([pow(2, 17 - place, 11) for place in range(17)], dtype=np.float32)
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int32)


def _check(text: str) -> Text | None:
    if len(text) == _OLD_LENGTH and text.isdecimal():
        return Text(
            "这是 15 位的旧号码，应换成 18 位", "it is an old number of 15 digits, to be replaced by the one of 18"
        )
    if why := coded(text, _LENGTH, _ALPHABET):
        return why
    if not text[:-1].isdecimal():
        return Text("X 只能在最后一位", "X can only be its last character")
    return _region(text[:6]) or _birthday(text[6:14]) or _check_digit(text)


def _region(code: str) -> Text | None:
    if code == _TAIWAN or code in divisions():
        return None
    if code.startswith(_FOREIGN):
        return _PERMIT
    return Text(
        f"前 6 位“{code}”从来不是行政区划代码", f"its first six digits, {code}, never were the code of a division"
    )


def _birthday(digits: str) -> Text | None:
    wrong = Text(f"第 7 至 14 位“{digits}”不是一个日期", f"characters 7 to 14, {digits}, are not a date")
    try:
        born = dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return wrong
    return None if _YEARS[0] <= born.year <= _YEARS[1] else wrong


def _check_digit(text: str) -> Text | None:
    from stdnum.cn import ric  # noqa: PLC0415 (only what is not sure pays for it)

    due = ric.calc_check_digit(text)
    return None if due == text[-1] else check_digit(due, text[-1])


def _good(codes: Bytes) -> Mask:
    digits = are_digits(codes[:, :17])
    total = ((codes[:, :17] - np.uint8(ord("0"))).astype(np.float32) @ _WEIGHTS).astype(np.int32)
    proven = codes[:, 17] == _CHECK_DIGITS[total % 11]
    return np.asarray(digits & proven & are_divisions(codes, None) & _are_dates(codes), dtype=np.bool_)


def _are_dates(codes: Bytes) -> Mask:
    year, month, day = numbers(codes, 6, 10), numbers(codes, 10, 12), numbers(codes, 12, 14)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    known = (month >= 1) & (month <= 12)  # noqa: PLR2004 (twelve months)
    days = _MONTH_DAYS[np.where(known, month, 0)] + (leap & (month == 2))  # noqa: PLR2004 (February)
    era = (year >= _YEARS[0]) & (year <= _YEARS[1])
    return np.asarray(known & era & (day >= 1) & (day <= days), dtype=np.bool_)


RESIDENT_ID = Identifier(
    name="resident-id",
    title=Text("居民身份证号码", "resident identity number"),
    description=Text(
        "18 位公民身份号码。检查前 6 位曾是行政区划代码（含已撤销的，人终身用原号），出生日期真实存在，校验码相符。"
        "不查该号码是否存在、出生日期是否在将来，也不查区划与出生年份是否同时有效：1984 年以后才开始编号，"
        "区划改了也常沿用旧代码。示例均为虚构。",
        "The 18 characters of a citizen’s number. Checked: the first six were the code of a division at some time "
        "(people keep their number when a county goes), the date of birth exists, the check digit fits. Not "
        "checked: whether the number was given to anybody, whether the date is in the future, and whether the code "
        "was in force in the year of birth: numbers were first given in 1984, and offices went on with old codes. "
        "The examples are made up.",
    ),
    standard="GB 11643-1999",
    valid=("110101190001010014", "110103190001010017", "810000199001010019"),
    invalid=(
        ("110101190001010015", check_digit("4", "5")),
        (
            "110101190002300014",
            Text("第 7 至 14 位“19000230”不是一个日期", "characters 7 to 14, 19000230, are not a date"),
        ),
        (
            "110199190001010019",
            Text(
                "前 6 位“110199”从来不是行政区划代码", "its first six digits, 110199, never were the code of a division"
            ),
        ),
        ("911156190001010014", _PERMIT),
        (
            "110101000101001",
            Text(
                "这是 15 位的旧号码，应换成 18 位", "it is an old number of 15 digits, to be replaced by the one of 18"
            ),
        ),
        ("1.10101E+17", ROUNDED),
    ),
    check=_check,
    personal=True,
    telling=True,
    sure=of_width(_LENGTH, _good),
)

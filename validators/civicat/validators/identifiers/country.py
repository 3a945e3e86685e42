"""ISO 3166-1 codes of countries and areas, of two and of three letters, from the CLDR data that babel brings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from civicat.text import Text
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.writing import NO_SUCH_CODE, SMALL_LETTERS, listed, write

# What CLDR 48 (in babel 2.18, Unicode licence) knows beside ISO 3166-1: codes reserved or assigned by users, groups of
# countries, tests.
_NOT_ISO = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"])
# Codes of three letters that ISO withdrew; where one became several, CLDR says so itself.
_WITHDRAWN = frozenset(["BUR", "DDR", "FXX", "TMP", "YMD", "ZAR"])
_NO_LONGER = Text("这个代码已停用", "this code has been withdrawn")


@cache
def _alpha2() -> frozenset[str]:
    from babel import Locale  # noqa: PLC0415 (90 ms with the names of one language)

    return frozenset(code for code in map(str, Locale("en").territories) if code.isalpha() and code not in _NOT_ISO)


@cache
def _aliases() -> Mapping[str, list[str]]:
    from babel.core import get_global  # noqa: PLC0415 (as above)

    return dict(get_global("territory_aliases"))


@cache
def _alpha3() -> frozenset[str]:
    return frozenset(code for code, now in _aliases().items() if _is_alpha3(code, now))


def _is_alpha3(code: str, now: list[str]) -> bool:
    return re.fullmatch("[A-Z]{3}", code) is not None and code not in _WITHDRAWN and _one_is_known(now)


def _one_is_known(codes: list[str]) -> bool:
    return len(codes) == 1 and codes[0] in _alpha2()


@cache
def _past() -> Mapping[str, Text]:
    """What to say of codes that have gone, or that people take for codes."""
    others = ((code, now) for code, now in _aliases().items() if code not in _alpha2() | _alpha3())
    return {code: _now(now) for code, now in others if set(now) <= _alpha2()}


def _now(codes: list[str]) -> Text:
    if len(codes) > 1:
        return _NO_LONGER
    (code,) = codes
    return Text(f"这个代码不用或已停用，两个字母的是 {code}", f"this code is not in use; that of two letters is {code}")


@cache
def _other_length() -> Mapping[str, str]:
    """The code of three letters for each of two, and the other way round."""
    pairs = [(code, _aliases()[code][0]) for code in _alpha3()]
    return {one: other for pair in pairs for one, other in (pair, pair[::-1])}


def _check_alpha2(text: str) -> Text | None:
    if text in _alpha3():
        return write(_other_length()[text])
    return listed(text, 2, _alpha2(), _past())


def _check_alpha3(text: str) -> Text | None:
    if text in _alpha2():
        return write(_other_length()[text])
    return listed(text, 3, _alpha3(), _past())


_CHECKED = Text(
    "大写字母，限现行的 249 个代码（取自 CLDR）。EU、XK 等 ISO 没有编入的代码不收。",
    "capital letters; the 249 codes in force, as CLDR has them. Codes that ISO did not assign, such as EU and XK, "
    "are not taken.",
)

COUNTRY = Identifier(
    name="country",
    title=Text("国家和地区代码（两个字母）", "country code of two letters"),
    description=Text(f"两个{_CHECKED.zh}", f"Two {_CHECKED.en}"),
    standard="ISO 3166-1 alpha-2",
    valid=("CN", "HK", "GB"),
    invalid=(
        ("UK", _now(["GB"])),
        ("cn", SMALL_LETTERS),
        ("CHN", write("CN")),
        ("SU", _NO_LONGER),
        ("XK", NO_SUCH_CODE),
    ),
    check=_check_alpha2,
)

COUNTRY_ALPHA3 = Identifier(
    name="country-alpha3",
    title=Text("国家和地区代码（三个字母）", "country code of three letters"),
    description=Text(f"三个{_CHECKED.zh}", f"Three {_CHECKED.en}"),
    standard="ISO 3166-1 alpha-3",
    valid=("CHN", "HKG", "GBR"),
    invalid=(
        ("BUR", _now(["MM"])),
        ("SUN", _NO_LONGER),
        ("CN", write("CHN")),
        ("CHIN", Text("应为 3 个字母，这里是 4 位", "it must have 3 letters, and has 4")),
        ("XXZ", NO_SUCH_CODE),
    ),
    check=_check_alpha3,
)

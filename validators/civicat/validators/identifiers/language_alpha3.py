"""Codes of languages of three letters: ISO 639-2 as a whole, and those of ISO 639-3 that CLDR knows."""

from __future__ import annotations

from functools import cache

from civicat.text import Text
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.writing import NO_SUCH_CODE, in_small_letters, write

_LENGTH = 3
# ISO 639-2 has two codes for these: that of bibliographies, and the one that ISO 639-3 shares (Library of Congress).
_TWICE = (
    "alb sqi, arm hye, baq eus, bur mya, chi zho, cze ces, dut nld, fre fra, geo kat, ger deu, gre ell, ice isl, "
    "mac mkd, mao mri, may msa, per fas, rum ron, slo slk, tib bod, wel cym"
)
_BIBLIOGRAPHIC = dict(pair.split() for pair in _TWICE.split(", "))
_WITHDRAWN = {"mol": "ron", "scc": "srp", "scr": "hrv"}  # Moldavian, and the older ones of Serbian and Croatian
_NOW = {**_BIBLIOGRAPHIC, **_WITHDRAWN}
# Those of ISO 639-2 that CLDR does not name: groups of languages, and uncoded ones.
_GROUPS = (
    "afa alg apa art ath aus bad bat ber bih bnt btk cai cau cel cmc cpe cpf cpp crp cus dra gem him ijo inc ine ira "
    "iro khi kro map mis mkh mno mun myn nai nic nub oto paa phi pra roa sai sal sem sgn sio sit sla smi son ssa tai "
    "tup tut wak wen ypk znd"
)
_OF_CHINA = frozenset({"czo", "zgn"})  # of ISO 639-3, and not in CLDR 48: central Min, Guibian Zhuang


@cache
def _codes() -> frozenset[str]:
    from babel import Locale  # noqa: PLC0415 (90 ms with the names of one language)
    from babel.core import get_global  # noqa: PLC0415 (as above)

    scripts = (str(one).partition("_")[0] for one in get_global("likely_subtags"))
    known = {*map(str, Locale("en").languages), *scripts, *get_global("language_aliases")}
    letters = {code for code in known if len(code) == _LENGTH and code.isalpha()}
    return frozenset(letters | _OF_CHINA | set(_GROUPS.split())) - _NOW.keys()


def _check(text: str) -> Text | None:
    return in_small_letters(text, _LENGTH, _codes(), _NOW)


LANGUAGE_ALPHA3 = Identifier(
    name="language-alpha3",
    title=Text("语言代码（三个字母）", "language code of three letters"),
    description=Text(
        "三个小写字母：ISO 639-2 的全部代码（含语族；书目专用的 20 个代码要写成通用的，如 chi 写作 zho），以及 CLDR "
        "所知的 ISO 639-3 代码，共约 7,500 个。ISO 639-3 中很少用的几百个 CLDR 没有，因而不收；供自用的 qaa 至 qtz "
        "也不收。",
        "Three small letters: all of ISO 639-2, groups of languages too (of the 20 that have a code for bibliographies "
        "the other is taken: zho, not chi), and those of ISO 639-3 that CLDR knows, about 7,500. Some hundreds of rare "
        "ones of ISO 639-3 are not in CLDR and not taken, nor are qaa to qtz, which anybody may use.",
    ),
    standard="ISO 639-2, ISO 639-3",
    valid=("zho", "eng", "yue"),
    invalid=(
        ("chi", write("zho")),
        ("ZHO", write("zho")),
        ("zh", Text("应为 3 个字母，这里是 2 位", "it must have 3 letters, and has 2")),
        ("qaa", NO_SUCH_CODE),
    ),
    check=_check,
)

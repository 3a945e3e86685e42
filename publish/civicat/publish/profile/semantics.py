"""What a column means, from a closed list: told only where the descriptor says so or 95 of 100 values fit.

The list, with what each asks for, stands in docs/profile.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from civicat.dataset import Field
from civicat.publish.profile.rounding import rounded

CLAIMED = 0.95
TYPES: Final = (
    *("identifier", "email", "url", "uuid", "phone", "latitude", "longitude", "year", "currency", "country"),
    *("date-text", "flag", "code", "category", "name", "text", "quantity", "key"),
)
# Columns of these are no prose: nothing is said of their language.
WITHOUT_LANGUAGE = frozenset(
    ("identifier", "email", "url", "uuid", "phone", "year", "currency", "country", "date-text", "flag", "code")
)
FREE_TEXT = 40  # characters on average: longer ones are prose, and no key that another table would have

_FIRST = 50  # values that rule out a pattern before all are matched
_FEWEST = 3  # different codes of a list, else two letters could be anything
_CATEGORIES, _REPEATS = 200, 20  # so many values at most, each so often on average
_LETTERS = 0.5  # of the characters of a name

_DATE = (
    r"\d{4}(?P<a>[-/.])(0?[1-9]|1[0-2])((?P=a)(0?[1-9]|[12]\d|3[01]))?([T ]\d{1,2}:\d{2}.*)?"
    r"|\d{4}年(0?[1-9]|1[0-2])月((0?[1-9]|[12]\d|3[01])日)?"
    r"|(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
    r"|(0?[1-9]|[12]\d|3[01])(?P<b>[-/.])(0?[1-9]|[12]\d|3[01])(?P=b)\d{4}"
)
_PHONE = (
    r"\+(?=[^+]{7,20}$)\d[\d ()-]*\d"  # with the code of a country
    r"|(86)?1[3-9]\d{9}|0\d{2,3}-\d{7,8}(-\d{1,6})?|400-?\d{3}-?\d{4}"  # mainland China
    r"|(\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4}"  # North America
)
_PATTERNS: Final = {
    "email": r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]+",
    "url": r"(?i:https?|ftp)://[^\s/]+\S*",
    "uuid": r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    "phone": _PHONE,
    "date-text": _DATE,
}
_FLAGS: Final = tuple(
    frozenset(one)
    for one in (
        *(("0", "1"), ("y", "n"), ("t", "f"), ("yes", "no"), ("true", "false"), ("on", "off")),
        *(("是", "否"), ("有", "无"), ("真", "假")),
    )
)
_NAMED: Final = {
    "latitude": re.compile(r"(?i)(^|[^a-z])(lat|latitude)([^a-z]|$)|纬度"),
    "longitude": re.compile(r"(?i)(^|[^a-z])(lon|lng|long|longitude)([^a-z]|$)|经度"),
    "year": re.compile(r"(?i)(^|[^a-z])(year|yr)([^a-z]|$)|年份|年度|^年$"),
}
_RANGES: Final = {"latitude": (-90, 90), "longitude": (-180, 180), "year": (1000, 2999)}
_SHORT = re.compile(r"[0-9A-Z._/-]{1,8}")
_CODE = re.compile(r"[0-9A-Za-z]+([-_./][0-9A-Za-z]+)*")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a column when it is judged.

    `texts` are values of a text column, in order of appearance: all different ones where `exact`, with how often each
    occurs in `counts`, else a sample of the cells. `share` says which share of a number column lies in a range.
    """

    field: Field | None
    rows: int
    key: bool = False
    exact: bool = False
    distinct: int = 0
    texts: Sequence[str] = ()
    counts: Sequence[int] = ()
    mean_length: float = 0.0
    share: Callable[[float, float], float] | None = None
    truth: bool = False
    name: str = ""

    def fits(self, matches: Callable[[str], object]) -> float:
        """The share of the cells that match, or of the different values where that is less."""
        first = self.texts[:_FIRST]
        if sum(1 for one in first if matches(one)) < CLAIMED * len(first) / 2:
            return 0.0
        good = [bool(matches(one)) for one in self.texts]
        cells = sum(count for count, fit in zip(self.counts, good, strict=True) if fit) / max(sum(self.counts), 1)
        return min(cells, sum(good) / max(len(good), 1))


_Judge = Callable[[Evidence], tuple[str, float] | None]


def semantic(evidence: Evidence) -> dict[str, object] | None:
    """The semantic type of a column, and the share of its values that fit; None where nothing can be claimed."""
    if not evidence.rows:
        return None
    declared = _declared(evidence)
    if declared:
        return declared
    found = (judge(evidence) for judge in _JUDGES)
    best = next((one for one in found if one is not None and one[1] >= CLAIMED), None)
    if best is None:
        return _by_role(evidence)
    return {"type": best[0], "declared": False, "share": rounded(best[1], 4), **_sampled(evidence)}


def _by_role(evidence: Evidence) -> dict[str, object] | None:
    """What a column is to its table, where its values say nothing."""
    if evidence.key:
        return {"type": "key", "declared": True}
    if evidence.share is not None and evidence.field is not None and evidence.field.unit:
        return {"type": "quantity", "declared": True}
    return None


def _sampled(evidence: Evidence) -> dict[str, object]:
    return {"sampled": len(evidence.texts)} if evidence.texts and not evidence.exact else {}


def _declared(evidence: Evidence) -> dict[str, object] | None:
    """What the descriptor says, and the checks before publication have held the values to."""
    asked = evidence.field
    if asked is None:
        return None
    if asked.identifier:
        return {"type": "identifier", "identifier": asked.identifier, "declared": True}
    if asked.type == "year":
        return {"type": "year", "declared": True}
    if asked.categories:
        return {"type": "category", "declared": True}
    return None


def _pattern(evidence: Evidence) -> tuple[str, float] | None:
    for name, pattern in _PATTERNS.items():
        share = evidence.fits(re.compile(pattern).fullmatch) if evidence.texts else 0.0
        if share >= CLAIMED:
            return name, share
    return None


def _ranged(evidence: Evidence) -> tuple[str, float] | None:
    """Degrees and years: a range alone says nothing, so the column's name must say it too."""
    for name, pattern in _NAMED.items():
        if pattern.search(evidence.name):
            share = _in_range(evidence, *_RANGES[name])
            return (name, share) if share >= CLAIMED else None
    return None


def _in_range(evidence: Evidence, low: int, high: int) -> float:
    if evidence.share is not None:
        return evidence.share(low, high)
    return evidence.fits(lambda text: _is_between(text, low, high)) if evidence.texts else 0.0


def _is_between(text: str, low: int, high: int) -> bool:
    try:
        return low <= float(text) <= high
    except ValueError:
        return False


def _listed(evidence: Evidence) -> tuple[str, float] | None:
    """Codes of ISO 4217 and ISO 3166-1, in capital letters: at least three different ones."""
    different = set(evidence.texts)
    if len(different) < _FEWEST or not evidence.fits(re.compile(r"[A-Z]{2,3}").fullmatch):
        return None
    for name, codes in (("currency", _currencies()), ("country", _alpha2()), ("country", _alpha3())):
        share = evidence.fits(codes.__contains__)
        if share >= CLAIMED:
            return name, share
    return None


def _flag(evidence: Evidence) -> tuple[str, float] | None:
    if evidence.truth:
        return "flag", 1.0
    values = {text.strip().lower() for text in evidence.texts}
    return ("flag", 1.0) if evidence.exact and values in _FLAGS else None


def _code(evidence: Evidence) -> tuple[str, float] | None:
    """Letters and digits without spaces, all of one length, with a digit or in capitals."""
    if not evidence.texts:
        return None
    width = len(evidence.texts[0])
    share = evidence.fits(lambda text: len(text) == width and _CODE.fullmatch(text) and not _is_word(text))
    return ("code", share) if width <= FREE_TEXT else None


def _is_word(text: str) -> bool:
    return text.isalpha() and not text.isupper()


def is_coded(evidence: Evidence) -> bool:
    """Whether texts are short ones of capitals and digits, which are of no language whatever column they are in."""
    return evidence.fits(_SHORT.fullmatch) >= CLAIMED


def _category(evidence: Evidence) -> tuple[str, float] | None:
    few = evidence.exact and evidence.distinct <= min(_CATEGORIES, evidence.rows // _REPEATS)
    return ("category", 1.0) if few and evidence.texts else None


def _words(evidence: Evidence) -> tuple[str, float] | None:
    if not evidence.texts:
        return None
    if evidence.mean_length > FREE_TEXT:
        return "text", 1.0
    return "name", evidence.fits(_is_wordy)


def _is_wordy(text: str) -> bool:
    return sum(map(str.isalpha, text)) >= _LETTERS * max(len(text), 1)


_JUDGES: Final[tuple[_Judge, ...]] = (_flag, _pattern, _ranged, _listed, _code, _category, _words)


@cache
def _currencies() -> frozenset[str]:
    from babel.numbers import list_currencies  # noqa: PLC0415 - 90 ms, and few tables have such a column

    return frozenset(list_currencies())


@cache
def _alpha2() -> frozenset[str]:
    from babel import Locale  # noqa: PLC0415 - as above

    return frozenset(one for one in map(str, Locale("en").territories) if re.fullmatch("[A-Z]{2}", one)) - _NOT_ISO


@cache
def _alpha3() -> frozenset[str]:
    from babel.core import get_global  # noqa: PLC0415 - as above

    aliases = get_global("territory_aliases")
    return frozenset(str(one) for one, now in aliases.items() if re.fullmatch("[A-Z]{3}", str(one)) and len(now) == 1)


# What CLDR lists beside the codes of ISO 3166-1: reserved ones, groups of countries, private use.
_NOT_ISO = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"))

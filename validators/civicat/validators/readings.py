"""How a cell of text could be read: forms that exclude each other, and the types that fit each form.

A column is sorted a form at a time by RE2 over the whole of it; only days of odd layouts and JSON are looked at one by
one, once for each different text. What no form fits can only be text.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.engine.arrays import matches, parts, widths
from civicat.validators.engine.block import Mask
from civicat.validators.engine.kernels.layouts import days, layout_of, read_digits
from civicat.validators.shortened import PATTERN as SHORTENED_PATTERN

# A type as the descriptor writes it: the type, and what else its field says.
Kind: TypeAlias = tuple[tuple[str, object], ...]
Kinds: TypeAlias = frozenset[Kind]
Places: TypeAlias = npt.NDArray[np.intp]

TEXT: Kind = (("type", "string"),)
ANY: Kind = (("type", "any"),)
BOOLEAN: Kind = (("type", "boolean"),)
INTEGER: Kind = (("type", "integer"),)
NUMBER: Kind = (("type", "number"),)
GROUPED: Kind = (*NUMBER, ("groupChar", ","))
COMMA: Kind = (*NUMBER, ("decimalChar", ","), ("groupChar", "."))
DATE: Kind = (("type", "date"),)
COMPACT: Kind = (*DATE, ("format", "%Y%m%d"))
DATETIME: Kind = (("type", "datetime"),)
TIME: Kind = (("type", "time"),)
SECONDS: Kind = (*TIME, ("format", "%H:%M:%S"))
MINUTES: Kind = (*TIME, ("format", "%H:%M"))
MONTH: Kind = (("type", "yearmonth"),)
ARRAY: Kind = (("type", "array"),)
GEOJSON: Kind = (("type", "geojson"),)
OBJECT: Kind = (("type", "object"),)

_SPACES = (" ", "\u00a0", "\u202f", "'", "’")  # what else stands between thousands
_SPACED = {mark: ((*NUMBER, ("groupChar", mark)),) for mark in _SPACES}
_SPACED_COMMA = {mark: ((*NUMBER, ("decimalChar", ","), ("groupChar", mark)),) for mark in _SPACES}
_ALL_SPACED = tuple(one for kinds in _SPACED.values() for one in kinds)
_ALL_SPACED_COMMA = tuple(one for kinds in _SPACED_COMMA.values() for one in kinds)
NUMBERS: tuple[Kind, ...] = (NUMBER, GROUPED, COMMA, *_ALL_SPACED, *_ALL_SPACED_COMMA)

# Signs beside a number that tell what is counted: `bareNumber: false` reads the number without them. A column has one
# and the same throughout: 5 % and £5 are not of one kind, and neither are 5 % and 5.
_SIGN = "sign"  # part of a Kind that no descriptor has
_BEFORE = ("$", "£", "€", "¥", "￥", "US$", "HK$", "USD", "GBP", "EUR", "CNY", "RMB")
_BEHIND = ("%", "％", "‰", "€", "元", "万元", "亿元", "USD", "GBP", "EUR", "CNY", "RMB")
SIGNED: tuple[Kind, ...] = tuple(
    (*kind, ("bareNumber", False), (_SIGN, sign)) for sign in dict.fromkeys((*_BEFORE, *_BEHIND)) for kind in NUMBERS
)

# No types, but what else can be said of a text's form: a code that Excel shortened (4.40524E+17), and a negative as
# accountants write it, (1,234) or -£5, which no reader of numbers takes for one.
SHORTENED: Kind = (("form", "shortened"),)
ACCOUNTED: Kind = (("form", "accounted"),)
ZONED: Kind = (("form", "zoned"),)  # a time with its time zone

# Days as people write them. An order of day and month that the text does not tell is left to the whole column.
_DAYS = (
    *(("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")),
    *(("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y")),
    *(f"{first}{mark}{second}{mark}%Y" for mark in "/-." for first, second in (("%d", "%m"), ("%m", "%d"))),
    *(f"{first}{mark}{second}{mark}%y" for mark in "/-." for first, second in (("%d", "%m"), ("%m", "%d"))),
    *(f"%y{mark}%m{mark}%d" for mark in "/-."),
)
_CLOCKS = ("%H:%M", "%H:%M:%S")
DATES: tuple[Kind, ...] = (DATE, *((*DATE, ("format", one)) for one in _DAYS))
STAMPS: tuple[Kind, ...] = (
    DATETIME,
    *((*DATETIME, ("format", f"{day}{mark}{clock}")) for day in _DAYS for mark in " T" for clock in _CLOCKS),
)
# In order of preference where several fit every cell.
PREFERRED: tuple[Kind, ...] = (
    *(INTEGER, *NUMBERS, *DATES, *STAMPS, TIME, SECONDS, MINUTES, MONTH, COMPACT, ARRAY, GEOJSON, OBJECT, BOOLEAN),
)

_DIGITS = 15  # of a number: what is longer is a code, and no spreadsheet would keep it
_WHOLE = rf"(?:0|[1-9][0-9]{{0,{_DIGITS - 1}}})"
_LONG = rf"[1-9][0-9]{{3,{_DIGITS - 1}}}"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_SHORT_CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]"
_DAY = (
    r"(?:[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}|[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日"
    r"|[0-9]{1,2}[- ][A-Za-z]{3,9}[- ][0-9]{2,4}|[A-Z][a-z]{2,8} [0-9]{1,2}, [0-9]{4})"
)
_SPLIT_STAMP = rf"\A(?P<day>{_DAY})(?P<mark>[T ])(?P<clock>{_SHORT_CLOCK}(?::[0-5][0-9])?)\z"
# What a text must look like for any form to fit it: it spares those that are none the thirty patterns.
_SOME_FORM = r"\A(?:[-0-9.,:/+ '’\x{a0}\x{202f}TZeE年月日]+|[0-9]{1,2}[- ][A-Za-z]{3,9}[- ][0-9: ]+)\z"
_ANY_BEFORE, _ANY_BEHIND = ("|".join(one.replace("$", r"\$") for one in signs) for signs in (_BEFORE, _BEHIND))
_SIGNED_NUMBER = (
    rf"\A(?P<before>{_ANY_BEFORE})?[ \x{{a0}}]?(?P<number>-?[0-9](?:[0-9.,'’ \x{{a0}}\x{{202f}}]*[0-9])?)"
    rf"[ \x{{a0}}]?(?P<behind>{_ANY_BEHIND})?\z"
)
_FIGURES = r"[0-9](?:[0-9., ]*[0-9])?"
_ACCOUNTED = (
    rf"\A(?:(?:{_ANY_BEFORE})? ?\((?:{_ANY_BEFORE})? ?{_FIGURES}(?:{_ANY_BEHIND})?\)|-(?:{_ANY_BEFORE}) ?{_FIGURES})\z"
)
_ISO = layout_of("%Y-%m-%d")
_COMPACT = layout_of("%Y%m%d")
_ZONE = r"(?:Z|:[0-9.]+[+-][0-9]{2}:?[0-9]{2})\z"
_ISO_DAY = 10  # characters of 2026-02-22


class Sorted(NamedTuple):
    """Cells of one form: the types that fit them, and their places among the cells that were sorted."""

    kinds: Kinds
    places: Places


@dataclass(frozen=True, slots=True)
class _Form:
    """Texts that one pattern (RE2, the whole cell) matches. `sort` tells cells apart whose form alone does not."""

    pattern: str
    kinds: Kinds = frozenset()
    sort: Callable[[pa.Array[Any]], list[Sorted]] | None = None

    def sorted(self, texts: pa.Array[Any]) -> list[Sorted]:
        if self.sort is not None:
            return self.sort(texts)
        return [Sorted(self.kinds, np.arange(len(texts)))]


def sort_out(texts: pa.Array[Any], likely: int = 0) -> tuple[list[Sorted], int]:
    """The cells of a column by their form, those that are only text under no type at all; and the most frequent form.

    Args:
        texts: pa.string() without nulls or empty texts.
        likely: the form to try first: what the last piece of the same column answered.
    """
    if not len(texts):
        return [], likely
    whole = np.arange(len(texts))
    lead = _leads(texts)
    found, rest, often = _by_forms(texts, _DIGIT_LED[lead], likely)
    found += _days_with_names(texts, whole[_CAPITAL[lead]], rest)
    found += _structures(texts, whole[_BRACKET[lead]], rest)
    found += _padded(texts, rest) if rest.any() else []
    found += _signed(texts, rest) if rest.any() else []
    left = np.flatnonzero(rest)
    return [*found, *([Sorted(frozenset(), left)] if len(left) else [])], often


def _by_forms(texts: pa.Array[Any], gate: Mask, likely: int) -> tuple[list[Sorted], Mask, int]:
    """What begins like a number, by its form; True for each cell that has none; and the most frequent form."""
    rest = np.ones(len(texts), np.bool_)
    left = _Left(texts, np.arange(len(texts))).kept(gate)
    found: list[Sorted] = []
    counts: Counter[int] = Counter()
    for number in (likely, *(one for one in range(len(_FORMS)) if one != likely)):
        fits = matches(left.texts, _FORMS[number].pattern)
        counts[number] = int(fits.sum())
        if counts[number]:
            some, left = left.kept(fits), left.kept(~fits)
            found += [Sorted(one.kinds, some.places[one.places]) for one in _FORMS[number].sorted(some.texts)]
        if number == likely and len(left.places):  # most texts that begin like a number and are none end here
            left = left.kept(matches(left.texts, _SOME_FORM))
        if not len(left.places):
            break
    found = [one for one in found if one.kinds and len(one.places)]
    for one in found:
        rest[one.places] = False
    return found, rest, counts.most_common(1)[0][0] if counts.total() else likely


@dataclass(frozen=True, slots=True)
class _Left:
    """Cells that no form has taken yet, and their places."""

    texts: pa.Array[Any]
    places: Places

    def kept(self, which: Mask) -> _Left:
        if which.all():
            return self
        return _Left(self.texts.filter(pa.array(which)), self.places[which])


def _days_with_names(texts: pa.Array[Any], places: Places, rest: Mask) -> list[Sorted]:
    """Feb 22, 2026: the only form that begins with a letter."""
    return _of_places(texts, places, rest, lambda some: _matched(some, rf"\A{_DAY}\z", _sort_days))


def _structures(texts: pa.Array[Any], places: Places, rest: Mask) -> list[Sorted]:
    return _of_places(texts, places, rest, lambda some: _by_entry(some, _structure))


def _padded(texts: pa.Array[Any], rest: Mask) -> list[Sorted]:
    """Numbers with blanks around them, which are read without."""
    data, offsets = parts(texts)
    blank = np.zeros(len(texts), np.bool_)
    filled = offsets[1:] > offsets[:-1]
    blank[filled] = _BLANK[data[offsets[:-1][filled]]] | _BLANK[data[offsets[1:][filled] - 1]]
    places = np.flatnonzero(blank & rest)

    def sort(some: pa.Array[Any]) -> list[Sorted]:
        trimmed = pc.ascii_trim_whitespace(some)
        kept = np.flatnonzero(widths(trimmed) > 0)
        inner = trimmed.take(pa.array(kept))
        found, _, _ = _by_forms(inner, _DIGIT_LED[_leads(inner)], 0)
        return [Sorted(one.kinds & _READ_PADDED, kept[one.places]) for one in found if one.kinds & _READ_PADDED]

    return _of_places(texts, places, rest, sort)


def _signed(texts: pa.Array[Any], rest: Mask) -> list[Sorted]:
    """Numbers with a sign beside them that says what is counted, and negatives as accountants write them."""
    places = np.flatnonzero(_SIGN_LED[_leads(texts)] & rest)
    return _of_places(texts, places, rest, _sort_signed)


def _sort_signed(texts: pa.Array[Any]) -> list[Sorted]:
    trimmed = pc.ascii_trim_whitespace(texts)
    accounted = np.flatnonzero(matches(trimmed, _ACCOUNTED))
    fits = np.flatnonzero(matches(trimmed, _SIGNED_NUMBER))
    found = [Sorted(frozenset({ACCOUNTED}), accounted)]
    if not len(fits):
        return found
    split = pc.extract_regex(trimmed.take(pa.array(fits)), _SIGNED_NUMBER)
    before, number, behind = (split.field(name) for name in ("before", "number", "behind"))
    signs = pc.binary_join_element_wise(before, behind, " ")
    inner, _, _ = _by_forms(number, np.ones(len(number), np.bool_), 0)
    for sign in pc.unique(signs).to_pylist():
        places = np.flatnonzero(np.asarray(pc.equal(signs, sign).to_numpy(zero_copy_only=False), np.bool_))
        one = sign.strip()
        if one and " " not in one:
            found += [Sorted(_with_sign(some.kinds, one), fits[np.intersect1d(some.places, places)]) for some in inner]
    return [one for one in found if one.kinds and len(one.places)]


def _with_sign(kinds: Kinds, sign: str) -> Kinds:
    return frozenset((*kind, ("bareNumber", False), (_SIGN, sign)) for kind in kinds if kind in _NUMBERS)


def without_sign(kind: Kind) -> Kind:
    """The type of the number that stands beside the sign."""
    return tuple(one for one in kind if one[0] not in {"bareNumber", _SIGN})


def sign_of(kind: Kind) -> str:
    """The sign beside the numbers of that type; empty where there is none."""
    return str(dict(kind).get(_SIGN, ""))


def as_written(kind: Kind) -> dict[str, object]:
    """A type as a field of a descriptor says it."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in kind if name != _SIGN}


def _of_places(
    texts: pa.Array[Any], places: Places, rest: Mask, sort: Callable[[pa.Array[Any]], list[Sorted]]
) -> list[Sorted]:
    """Sorts some of the cells, and takes those that have a type from the rest."""
    if not len(places):
        return []
    found = [Sorted(one.kinds, places[one.places]) for one in sort(texts.take(pa.array(places))) if one.kinds]
    for one in found:
        rest[one.places] = False
    return found


def _matched(texts: pa.Array[Any], pattern: str, sort: Callable[[pa.Array[Any]], list[Sorted]]) -> list[Sorted]:
    fits = np.flatnonzero(matches(texts, pattern))
    return [Sorted(one.kinds, fits[one.places]) for one in sort(texts.take(pa.array(fits)))] if len(fits) else []


def _by_entry(texts: pa.Array[Any], kinds_of: Callable[[str], Kinds]) -> list[Sorted]:
    """Each different text judged once."""
    coded = texts.dictionary_encode()
    kinds = [kinds_of(text) for text in coded.dictionary.to_pylist()]
    codes = coded.indices.to_numpy()
    different = list(dict.fromkeys(kinds))
    group = np.array([different.index(one) for one in kinds], np.int64)[codes]
    return [Sorted(one, np.flatnonzero(group == number)) for number, one in enumerate(different)]


def _sort_whole(texts: pa.Array[Any]) -> list[Sorted]:
    """Whole numbers; those of eight digits may be days."""
    if (widths(texts) != len("20260222")).any() or _COMPACT is None:
        return [Sorted(_WHOLE_KINDS, np.arange(len(texts)))]
    read = read_digits(_COMPACT, texts, days)
    if read.unsure is None:
        return [Sorted(_WHOLE_KINDS | {COMPACT}, np.arange(len(texts)))]
    return [
        Sorted(_WHOLE_KINDS | {COMPACT}, np.flatnonzero(~read.unsure)),
        Sorted(_WHOLE_KINDS, np.flatnonzero(read.unsure)),
    ]


def _sort_scientific(texts: pa.Array[Any]) -> list[Sorted]:
    short = matches(texts, SHORTENED_PATTERN)
    return [
        Sorted(frozenset({NUMBER, SHORTENED}), np.flatnonzero(short)),
        Sorted(frozenset({NUMBER}), np.flatnonzero(~short)),
    ]


def _sort_iso(texts: pa.Array[Any]) -> list[Sorted]:
    return _on_days(texts, texts, frozenset({DATE, _DAY_KINDS["%Y-%m-%d"]}))


def _sort_iso_stamps(texts: pa.Array[Any]) -> list[Sorted]:
    kinds = frozenset({DATETIME, (*DATETIME, ("format", "%Y-%m-%d %H:%M:%S"))})
    return _on_days(texts, pc.utf8_slice_codeunits(texts, 0, _ISO_DAY), kinds)


def _sort_zones(texts: pa.Array[Any]) -> list[Sorted]:
    zoned = matches(texts, _ZONE)
    (sound,) = _on_days(texts, pc.utf8_slice_codeunits(texts, 0, _ISO_DAY), frozenset({DATETIME}))
    return [
        Sorted(frozenset({DATETIME, ZONED}), sound.places[zoned[sound.places]]),
        Sorted(frozenset({DATETIME}), sound.places[~zoned[sound.places]]),
    ]


def _on_days(texts: pa.Array[Any], iso: pa.Array[Any], kinds: Kinds) -> list[Sorted]:
    """The cells whose day is in the calendar."""
    assert _ISO is not None  # noqa: S101 (its parts have fixed widths)
    unsure = read_digits(_ISO, iso, days).unsure
    places = np.arange(len(texts)) if unsure is None else np.flatnonzero(~unsure)
    return [Sorted(kinds, places)]


def _sort_days(texts: pa.Array[Any]) -> list[Sorted]:
    return _by_entry(texts, _days_of)


def _days_of(text: str) -> Kinds:
    """2026-2-5 is a day, too, but not as the standard writes it."""
    found = frozenset(_DAY_KINDS[one] for one in _layouts(text))
    return found | {DATE} if _DAY_KINDS["%Y-%m-%d"] in found and len(text) == _ISO_DAY else found


def _sort_stamps(texts: pa.Array[Any]) -> list[Sorted]:
    """A day of any layout and a time of day: the days are few, so each is judged once."""
    split = pc.extract_regex(texts, _SPLIT_STAMP)
    day, mark, clock = (split.field(name) for name in ("day", "mark", "clock"))
    seconds = np.asarray(pc.equal(pc.count_substring(clock, ":"), 2).to_numpy(zero_copy_only=False), np.bool_)
    by_t = np.asarray(pc.equal(mark, "T").to_numpy(zero_copy_only=False), np.bool_)
    found = []
    for one in _by_entry(day, lambda text: frozenset(_DAY_KINDS[layout] for layout in _layouts(text))):
        for joint, which_mark in ((" ", ~by_t), ("T", by_t)):
            for pattern, which_clock in (("%H:%M", ~seconds), ("%H:%M:%S", seconds)):
                places = one.places[which_mark[one.places] & which_clock[one.places]]
                kinds = frozenset(
                    (*DATETIME, ("format", f"{dict(kind)['format']}{joint}{pattern}")) for kind in one.kinds
                )
                found.append(Sorted(kinds, places))
    return [one for one in found if len(one.places)]


@lru_cache(maxsize=1 << 16)
def _layouts(text: str) -> tuple[str, ...]:
    """The layouts by which a text is a day of the calendar."""
    return tuple(one for one in _DAYS if _is_day(text, one))


def _is_day(text: str, layout: str) -> bool:
    try:
        dt.datetime.strptime(text, layout)  # noqa: DTZ007 (only whether it can be read)
    except ValueError:
        return False
    return True


def _structure(text: str) -> Kinds:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return frozenset()
    if isinstance(value, list):
        return frozenset({ARRAY})
    return frozenset({OBJECT, GEOJSON} if "coordinates" in value else {OBJECT})


def _leads(texts: pa.Array[Any]) -> npt.NDArray[np.uint8]:
    """The first byte of each text; none is empty."""
    data, offsets = parts(texts)
    leads: npt.NDArray[np.uint8] = data[offsets[:-1]]
    return leads


def _bytes_of(marks: bytes) -> Mask:
    found = np.zeros(256, np.bool_)
    found[list(marks)] = True
    return found


_DIGIT_LED, _CAPITAL = _bytes_of(b"0123456789-.,"), _bytes_of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_BRACKET, _BLANK = _bytes_of(b"[{"), _bytes_of(b" \t")
_SIGN_LED = _bytes_of(b"0123456789-( \t" + b"".join(sign.encode()[:1] for sign in _BEFORE))
_DAY_KINDS: Mapping[str, Kind] = dict(zip(_DAYS, DATES[1:], strict=True))
_POINT_KINDS = frozenset({NUMBER, GROUPED, *_ALL_SPACED})
_COMMA_KINDS = frozenset({COMMA, *_ALL_SPACED_COMMA})
_WHOLE_KINDS = frozenset({INTEGER, *NUMBERS})
_READ_PADDED = frozenset({INTEGER, *NUMBERS})
_NUMBERS = frozenset(NUMBERS)


def _spaced() -> Iterator[_Form]:
    """1 234 567, 1 234.5 and 1 234,5 with each of the marks that stand for the blank."""
    for mark in _SPACES:
        grouped = rf"\A-?[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+"
        yield _Form(rf"{grouped}\z", frozenset({*_SPACED[mark], *_SPACED_COMMA[mark]}))
        yield _Form(rf"{grouped}\.[0-9]+\z", frozenset(_SPACED[mark]))
        yield _Form(rf"{grouped},[0-9]+\z", frozenset(_SPACED_COMMA[mark]))


# They exclude each other, so that any of them may be tried first.
_FORMS: Sequence[_Form] = (
    _Form(rf"\A-?{_WHOLE}\z", sort=_sort_whole),
    _Form(rf"\A-?(?:0?\.[0-9]+|[1-9][0-9]{{0,2}}\.(?:[0-9]{{1,2}}|[0-9]{{4,}})|{_LONG}\.[0-9]+)\z", _POINT_KINDS),
    _Form(r"\A-?[1-9][0-9]{0,2}\.[0-9]{3}\z", _POINT_KINDS | {COMMA}),
    _Form(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z", sort=_sort_iso),
    _Form(
        rf"\A[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} {_CLOCK}\z",
        sort=_sort_iso_stamps,
    ),
    _Form(
        rf"\A[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:T{_CLOCK}(?:\.[0-9]{{1,6}})?(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?"
        rf"| {_CLOCK}(?:\.[0-9]{{1,6}}(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?|Z|[+-][0-9]{{2}}:?[0-9]{{2}}))\z",
        sort=_sort_zones,
    ),
    _Form(rf"\A{_DAY}\z", sort=_sort_days),
    _Form(_SPLIT_STAMP, sort=_sort_stamps),
    _Form(rf"\A{_CLOCK}\z", frozenset({TIME, SECONDS})),
    _Form(r"\A[0-9]:[0-5][0-9]:[0-5][0-9]\z", frozenset({SECONDS})),
    _Form(rf"\A{_SHORT_CLOCK}\z", frozenset({MINUTES})),
    _Form(r"\A[0-9]{4}-(?:0[1-9]|1[0-2])\z", frozenset({MONTH})),
    _Form(r"\A-?[1-9][0-9]{0,2},[0-9]{3}\z", frozenset({GROUPED}) | _COMMA_KINDS),
    _Form(r"\A-?[1-9][0-9]{0,2}(?:(?:,[0-9]{3}){2,}(?:\.[0-9]+)?|,[0-9]{3}\.[0-9]+)\z", frozenset({GROUPED})),
    _Form(rf"\A-?(?:0?,[0-9]+|[1-9][0-9]{{0,2}},(?:[0-9]{{1,2}}|[0-9]{{4,}})|{_LONG},[0-9]+)\z", _COMMA_KINDS),
    _Form(r"\A-?[1-9][0-9]{0,2}(?:(?:\.[0-9]{3}){2,}(?:,[0-9]+)?|\.[0-9]{3},[0-9]+)\z", frozenset({COMMA})),
    _Form(rf"\A-?(?:{_WHOLE}(?:\.[0-9]+)?|\.[0-9]+)[eE][+-]?[0-9]{{1,2}}\z", sort=_sort_scientific),
    *_spaced(),
)

"""The named ways in which a source text may differ from the spelling of its value: civicat.conversion.RULES, applied.

Each rule rewrites the source text, or the spelling, or both, towards each other; the rules of a type are applied in
their order to the texts that still differ. They know nothing of the readers that made the values: what a reader did
beyond them stays unexplained.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from civicat.dataset import Field
from civicat.spelling import spelled
from civicat.validators.engine.arrays import mask, parts
from civicat.validators.engine.block import Mask
from civicat.validators.engine.kernels.layouts import Layout, layout_of

Texts: TypeAlias = "pa.Array[Any]"

_WIDTHS = {"%Y": 4, "%m": 2, "%d": 2, "%H": 2, "%M": 2, "%S": 2}
_ASCII_END, _SPACE, _ZERO = 0x80, 0x20, 0x30
_SIGNS = "-−－"
_UNIT_BEFORE = re.compile(rf"\A\D*?(?=[{_SIGNS}+＋]?[.．,，]?\d)")
_UNIT_AFTER = re.compile(rf"(?<=\d)(?![.,．，]?\Z)(?![{_SIGNS}])\D+\Z")
_DATE_PARTS = re.compile(r"\A(\d{4})([-/.])( ?\d{1,2})\2( ?\d{1,2})(?!\d)")
_OTHER_MARK = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[^0-9T][0-9]{2}:"
_MINUS_ZERO = r"\A-0(\.0+)?\z"
_NARROW = (
    r"\A[0-9]{4}(?:-|/|\.)(?: ?[0-9](?:-|/|\.)|[0-9]{2}(?:-|/|\.) ?[0-9](?:[^0-9]|\z))"  # months and days of one digit
)
_ZERO_BEFORE = r"\1" + "0."  # together they would be the tenth group
_LONG_FRACTION = re.compile(r"(.*:\d\d\.\d{6})\d+(\D.*)?\Z")


class Pairs(NamedTuple):
    """Texts that differ from the spellings of their values, with these values; no nulls."""

    source: Texts
    spelled: Texts
    values: pa.Array[Any]

    def some(self, keep: Mask) -> Pairs:
        """Those that a mask keeps."""
        kept = pa.array(keep)
        return Pairs(*(one.filter(kept) for one in self))


class Rewritten(NamedTuple):
    """Both sides after a rule, and which rows it touched."""

    source: Texts
    spelled: Texts
    touched: Mask


@dataclass(frozen=True, slots=True)
class Step:
    """A rule of civicat.conversion.RULES at work; None where it touches nothing."""

    code: str
    apply: Callable[[Pairs], Rewritten | None]


def steps_for(field: Field, written: Mapping[str, object], stored: pa.DataType) -> Sequence[Step]:
    """The rules for the texts of a column, in their order."""
    if pa.types.is_integer(stored) or pa.types.is_floating(stored) or pa.types.is_decimal(stored):
        return _numbers(written)
    if pa.types.is_boolean(stored):
        return _booleans(written)
    if pa.types.is_date(stored) or pa.types.is_timestamp(stored) or pa.types.is_time(stored):
        return _moments(field)
    return _texts(field, written)


# ---- how a rule is applied -------------------------------------------------------------------------------------------


def _told(pairs: Pairs, source: Texts, spelling: Texts) -> Rewritten | None:
    """Both sides as they are now; what changed is what was touched."""
    touched = np.zeros(len(source), np.bool_)
    if source is not pairs.source:
        touched |= mask(pc.not_equal(source, pairs.source))
    if spelling is not pairs.spelled:
        touched |= mask(pc.not_equal(spelling, pairs.spelled))
    return Rewritten(source, spelling, touched) if touched.any() else None


def _each(code: str, rewrite: Callable[[str, str], str], *, where: str = "") -> Step:
    """A rule for source texts told in Python, for each different pair of texts once; `where` is what it looks for."""

    def apply(pairs: Pairs) -> Rewritten | None:
        rows = pc.match_substring_regex(pairs.source, where) if where else None
        if rows is not None and not pc.any(rows).as_py():
            return None
        if rows is None:
            return _told(pairs, _rewritten(rewrite, pairs.source, pairs.spelled), pairs.spelled)
        some = _rewritten(rewrite, pairs.source.filter(rows), pairs.spelled.filter(rows))
        return _told(pairs, pc.replace_with_mask(pairs.source, rows, some), pairs.spelled)

    return Step(code, apply)


def _rewritten(rewrite: Callable[[str, str], str], source: Texts, spelling: Texts) -> Texts:
    texts, spellings = source.dictionary_encode(), spelling.dictionary_encode()
    count = len(spellings.dictionary)
    codes = texts.indices.to_numpy().astype(np.int64) * count + spellings.indices.to_numpy()
    distinct, places = np.unique(codes, return_inverse=True)
    both = zip(
        texts.dictionary.take(pa.array(distinct // count)).to_pylist(),
        spellings.dictionary.take(pa.array(distinct % count)).to_pylist(),
        strict=True,
    )
    return pa.array([rewrite(*one) for one in both], pa.string()).take(pa.array(places))


def _source(code: str, rewrite: Callable[[str], str], *, where: str = "") -> Step:
    """A rule that does not look at the spelling."""
    return _each(code, lambda text, _: rewrite(text), where=where)


def _column(code: str, rewrite: Callable[[Texts], Texts], *, when: Callable[[Pairs], bool]) -> Step:
    """A rule for all source texts at once."""
    return Step(code, lambda pairs: _told(pairs, rewrite(pairs.source), pairs.spelled) if when(pairs) else None)


def _holds(*characters: str) -> Callable[[Pairs], bool]:
    """Whether any source text has one of these characters."""
    codes = [one.encode() for one in characters if one]
    return lambda pairs: any(one in parts(pairs.source)[0].tobytes() for one in codes)


def _beyond_ascii(pairs: Pairs) -> bool:
    data = parts(pairs.source)[0]
    return bool(len(data)) and bool(data.max() >= _ASCII_END)


def _blank(pairs: Pairs) -> bool:
    data = parts(pairs.source)[0]
    return bool(len(data)) and bool(data.min() <= _SPACE or data.max() >= _ASCII_END)


# ---- numbers ---------------------------------------------------------------------------------------------------------


def _numbers(written: Mapping[str, object]) -> Sequence[Step]:
    group, point = str(written.get("groupChar") or ""), str(written.get("decimalChar", "."))
    bare = bool(written.get("bareNumber", True))
    return [
        _TRIMMED,
        *([] if bare else [_source("unit-sign", _without_unit)]),
        _column("digit-groups", lambda texts: _ungrouped(texts, group), when=_holds(group, "_")),
        *([] if point == "." else [_column("decimal-character", lambda t: _pointed(t, point), when=_holds(point))]),
        *_WIDE,
        Step("leading-plus", _without_plus),
        Step("leading-zeros", _without_zeros),
        Step("bare-point", _with_whole_point),
        Step("trailing-zeros", lambda pairs: _short_decimals(pairs, longer=True)),
        Step("added-zeros", lambda pairs: _short_decimals(pairs, longer=False)),
        _source("minus-zero", lambda text: text.removeprefix("-"), where=_MINUS_ZERO),
        _each("exponent", _same_number),
        _each("rounded", _nearest),
    ]


def _without_unit(text: str) -> str:
    """A number without what stands around it; a sign, brackets or a point that means something stay."""
    before = _UNIT_BEFORE.match(text)
    rest = text[before.end() :] if before else text
    number = _UNIT_AFTER.sub("", rest)
    bracketed = before is not None and before.group().rstrip().endswith("(") and rest[len(number) :].startswith(")")
    return text if bracketed else number


def _ungrouped(texts: Texts, group: str) -> Texts:
    found = pc.replace_substring(texts, group, "") if group else texts
    return pc.replace_substring(found, "_", "")


def _pointed(texts: Texts, point: str) -> Texts:
    return pc.replace_substring(texts, point, ".")


def _plain_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(one, one)) for one in text)


_WIDE = (
    _column("full-width", lambda texts: pc.utf8_normalize(texts, "NFKC"), when=_beyond_ascii),
    _source("other-digits", _plain_digits, where=r"[^\x00-\x7f]"),
)
_TRIMMED = _column("white-space", pc.utf8_trim_whitespace, when=_blank)


def _without_plus(pairs: Pairs) -> Rewritten | None:
    if not _holds("+")(pairs):
        return None
    return _told(pairs, pc.replace_substring_regex(pairs.source, r"\A\+", ""), pairs.spelled)


def _without_zeros(pairs: Pairs) -> Rewritten | None:
    data, offsets = parts(pairs.source)
    filled = offsets[:-1][np.diff(offsets) > 0]
    if not np.isin(data[filled], [_ZERO, ord("-")]).any():
        return None
    return _told(pairs, pc.replace_substring_regex(pairs.source, r"\A(-?)0+([0-9])", r"\1\2"), pairs.spelled)


def _with_whole_point(pairs: Pairs) -> Rewritten | None:
    if not _holds(".")(pairs):
        return None
    data, offsets = parts(pairs.source)
    begins, ends = (one[np.diff(offsets) > 0] for one in (offsets[:-1], offsets[1:]))
    if not np.isin(data[begins], [ord("."), ord("-")]).any() and not (data[ends - 1] == ord(".")).any():
        return None
    full = pc.replace_substring_regex(pairs.source, r"\A(-?)\.", _ZERO_BEFORE)
    return _told(pairs, pc.replace_substring_regex(full, r"\.\z", ""), pairs.spelled)


def _short_decimals(pairs: Pairs, *, longer: bool) -> Rewritten | None:
    """The zeros at the end of decimals: those that the source has more of (`longer`), or those that the spelling has.

    Where one side has more, they are taken off both, so that the rest can be compared.
    """
    if not (_holds(".")(pairs) if longer else _holds(".")(Pairs(pairs.spelled, pairs.source, pairs.values))):
        return None
    source, spelling = _bared(pairs.source), _bared(pairs.spelled)
    more = _lost(pairs.source, source) - _lost(pairs.spelled, spelling)
    touched = more > 0 if longer else more < 0
    if not touched.any():
        return None
    if touched.all():
        return Rewritten(source, spelling, touched)
    rows = pa.array(touched)
    return Rewritten(pc.if_else(rows, source, pairs.source), pc.if_else(rows, spelling, pairs.spelled), touched)


def _lost(before: Texts, after: Texts) -> Any:  # noqa: ANN401 (an array of numpy, of as many bytes)
    return np.diff(parts(before)[1]) - np.diff(parts(after)[1])


def _bared(texts: Texts) -> Texts:
    """Numbers without the zeros at the end of their decimals."""
    pointed = pc.match_substring(texts, ".")
    if pc.any(pc.match_substring_regex(texts, "[eE]")).as_py():
        pointed = pc.and_not(pointed, pc.match_substring_regex(texts, "[eE]"))
    short = pc.ascii_rtrim(pc.ascii_rtrim(texts, "0"), ".")
    return short if pc.all(pointed).as_py() else pc.if_else(pointed, short, texts)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _same_number(source: str, spelling: str) -> str:
    number = _decimal(source)
    same = number is not None and "e" in (source + spelling).lower() and number == _decimal(spelling)
    return spelling if same else source


def _nearest(source: str, spelling: str) -> str:
    """A number that has more digits than a float64 (or a workbook) keeps."""
    number = _decimal(source)
    differs = number is not None and number != _decimal(spelling)
    return spelling if differs and float(source) == float(spelling) else source


# ---- truths ----------------------------------------------------------------------------------------------------------


def _booleans(written: Mapping[str, object]) -> Sequence[Step]:
    true, false = written.get("trueValues"), written.get("falseValues")
    words = {**_each_word(true, "1", "true"), **_each_word(false, "0", "false")}
    return [
        _each("letter-case", lambda text, said: text.lower() if text.lower() == said else text),
        _source("truth-words", lambda text: words.get(text, text)),
    ]


def _each_word(words: object, digit: str, meaning: str) -> dict[str, str]:
    """The words of a list, or of the standard; only those that are spelled otherwise matter."""
    return dict.fromkeys(
        [one for one in words if isinstance(one, str)] if isinstance(words, list) else [digit], meaning
    )


# ---- dates and times -------------------------------------------------------------------------------------------------


def _moments(field: Field) -> Sequence[Step]:
    form = field.format.removeprefix("fmt:")
    if form not in {"default", "any"}:
        layout = layout_of(form)
        fixed = [] if layout is None else [Step("declared-format", lambda pairs: _in_layout(pairs, layout))]
        return [*fixed, _each("declared-format", lambda text, said: _reread(text, form, said))]
    return [
        _TRIMMED,
        *_WIDE,
        _source("padding", _padded, where=_NARROW),
        _source("date-separators", _hyphened, where=r"\A[0-9]{4}[/.]"),
        Step("time-separator", _with_t),
        Step("fraction-zeros", _short_fraction),
        Step("zone-spelling", _with_z),
        Step("time-zone", _at_its_place),
        _source("fraction-cut", _cut_fraction, where=r"\.[0-9]{7}"),
        _each("time-layout", _other_iso),
        *([_each("guessed-format", _guessed)] if form == "any" else []),
    ]


def _in_layout(pairs: Pairs, layout: Layout) -> Rewritten | None:
    """Texts of a layout of fixed widths, put in the order of ISO 8601."""
    fits = np.diff(parts(pairs.source)[1]) == layout.width
    if not fits.any() or (pa.types.is_timestamp(pairs.values.type) and pairs.values.type.tz):
        return None
    rows = pa.array(fits)
    texts = pairs.source.filter(rows).cast(pa.binary())
    known = {name: pc.binary_slice(texts, at, at + _WIDTHS[name]) for name, at in layout.places.items()}
    whole = pc.binary_join_element_wise(*_in_order(known, pairs.values.type), b"")
    # What is no text any more, where a slice cut a character, is equal to none.
    same = np.zeros(len(fits), np.bool_)
    same[fits] = mask(pc.equal(whole, pairs.spelled.filter(rows).cast(pa.binary())))
    return (
        Rewritten(pc.if_else(pa.array(same), pairs.spelled, pairs.source), pairs.spelled, same) if same.any() else None
    )


def _in_order(known: Mapping[str, Any], kind: pa.DataType) -> Sequence[Any]:
    """The parts of a date, a time or a moment with what stands between them; what is not said of the clock is 0."""
    day: list[Any] = [known.get("%Y", b""), b"-", known.get("%m", b""), b"-", known.get("%d", b"")]
    clock: list[Any] = [known.get("%H", b"00"), b":", known.get("%M", b"00"), b":", known.get("%S", b"00")]
    if pa.types.is_date(kind):
        return day
    return clock if pa.types.is_time(kind) else [*day, b"T", *clock]


def _iso(value: dt.date | dt.time) -> str:
    """A date, a time or a moment as civicat.spelling spells it."""
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return _iso(value.astimezone(dt.UTC).replace(tzinfo=None)) + "Z"
    text = value.isoformat()
    return text.rstrip("0") if "." in text else text


def _like(value: dt.datetime, spelling: str) -> str:
    """The part of a moment that the spelling is of: all of it, its day or its clock."""
    if "T" in spelling:
        return _iso(value)
    return _iso(value.timetz() if ":" in spelling else value.date())


def _reread(text: str, form: str, spelling: str) -> str:
    try:
        return _like(dt.datetime.strptime(text, form), spelling)  # noqa: DTZ007 (the format says whether there is a zone)
    except (ValueError, OverflowError):
        return text


def _padded(text: str) -> str:
    return _DATE_PARTS.sub(lambda found: _date_of(found, found[2]), text, count=1)


def _hyphened(text: str) -> str:
    return _DATE_PARTS.sub(lambda found: _date_of(found, "-"), text, count=1)


def _date_of(found: re.Match[str], mark: str) -> str:
    return mark.join((found[1], found[3].strip().zfill(2), found[4].strip().zfill(2)))


def _with_t(pairs: Pairs) -> Rewritten | None:
    if not pa.types.is_timestamp(pairs.values.type):
        return None
    rows = pc.match_substring_regex(pairs.source, _OTHER_MARK)
    if not pc.any(rows).as_py():
        return None
    return _told(pairs, pc.if_else(rows, pc.utf8_replace_slice(pairs.source, 10, 11, "T"), pairs.source), pairs.spelled)


def _short_fraction(pairs: Pairs) -> Rewritten | None:
    if not _holds(".")(pairs):
        return None
    short = pc.replace_substring_regex(pairs.source, r"(:[0-9]{2}\.[0-9]*?)0+(Z|[+-].*)?\z", r"\1\2")
    return _told(pairs, pc.replace_substring_regex(short, r"(:[0-9]{2})\.(Z|[+-].*)?\z", r"\1\2"), pairs.spelled)


def _with_z(pairs: Pairs) -> Rewritten | None:
    if not pa.types.is_timestamp(pairs.values.type) or not pairs.values.type.tz:
        return None
    return _told(pairs, pc.replace_substring_regex(pairs.source, r"(?:[+-]00(?::?00)?|z)\z", "Z"), pairs.spelled)


def _at_its_place(pairs: Pairs) -> Rewritten | None:
    """Moments with an offset: what the clock showed there, computed from the value."""
    if not pa.types.is_timestamp(pairs.values.type) or not pairs.values.type.tz:
        return None
    zones = pc.extract_regex(pairs.source, r"(?P<zone>[+-][0-9]{2}:?[0-9]{2})\z").field("zone").dictionary_encode()
    spelling = pairs.spelled
    for place, zone in enumerate(zones.dictionary.to_pylist()):
        rows = pc.fill_null(pc.equal(zones.indices, place), False)  # noqa: FBT003 (pyarrow takes it by place)
        if zone:
            local = pc.binary_join_element_wise(spelled(_shifted(pairs.values, zone)), zone, "")
            spelling = pc.if_else(rows, local, spelling)
    return _told(pairs, pairs.source, spelling)


def _shifted(values: pa.Array[Any], zone: str) -> pa.Array[Any]:
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    micros = pa.scalar((-minutes if zone[0] == "-" else minutes) * 60_000_000, pa.int64())
    return pc.add(values.cast(pa.timestamp("us", "UTC")).view(pa.int64()), micros).view(pa.timestamp("us"))


def _other_iso(source: str, spelling: str) -> str:
    """Another layout of ISO 8601: without the marks, without seconds, with a comma, or with midnight as 24:00."""
    text, late = (source.replace("T24", "T00", 1), 1) if "T24" in source else (source, 0)
    try:
        if "T" in spelling:
            found = _iso(dt.datetime.fromisoformat(text) + dt.timedelta(days=late))
        else:
            found = _iso(dt.time.fromisoformat(text) if ":" in spelling else dt.date.fromisoformat(text))
    except (ValueError, OverflowError):
        found = source
    return spelling if found == spelling else source


def _cut_fraction(text: str) -> str:
    found = _LONG_FRACTION.match(text)
    return f"{found[1].rstrip('0').rstrip('.')}{found[2] or ''}" if found else text


def _guessed(source: str, spelling: str) -> str:
    """A date or time in no known format: each number of the text stands in the value, and its day in the text."""
    day, _, clock = spelling.partition("T") if "T" in spelling else ("", "", spelling)
    if ":" not in spelling:
        day, clock = spelling, ""
    numbers = {int(one) for one in re.findall("[0-9]+", source)}
    named = bool(re.search("[A-Za-z]{3}", source))
    parts_of = [int(one) for one in day.split("-")] if day else []
    clocks = {int(one) for one in re.findall("[0-9]+", clock)}
    within = {
        *parts_of,
        *(one % 100 for one in parts_of[:1]),
        *clocks,
        *(one % 12 for one in clocks),
        12 * bool(clocks),
    }
    said = not parts_of or (
        bool({parts_of[0], parts_of[0] % 100} & numbers)
        and parts_of[2] in numbers
        and (named or parts_of[1] in numbers)
    )
    known = numbers <= within and said and bool(numbers)
    return spelling if known else source


# ---- structures ------------------------------------------------------------------------------------------------------


def _texts(field: Field, written: Mapping[str, object]) -> Sequence[Step]:
    """The rules of the columns that are kept as text: where the reader wrote a value anew."""
    if field.type == "yearmonth":
        return [_source("white-space", _spaceless), *_WIDE, _source("padding", _year_month)]
    if field.type == "list":
        delimiter = str(written.get("delimiter") or ",")
        return [_each("list-as-json", lambda text, said: _listed(text, said, delimiter))]
    if field.type in {"array", "object", "geojson"}:
        return [
            _each("json-layout", lambda text, said: _same_json(text, said, Decimal)),
            _each("rounded", lambda text, said: _same_json(text, said, float)),
        ]
    return []


def _spaceless(text: str) -> str:
    return "-".join(one.strip() for one in text.split("-"))


def _year_month(text: str) -> str:
    year, mark, month = text.partition("-")
    return f"{year.zfill(4)}{mark}{month.zfill(2)}"


def _listed(source: str, spelling: str, delimiter: str) -> str:
    items, texts = json.loads(spelling), source.split(delimiter)
    same = len(items) == len(texts) and all(map(_is_item, texts, items))
    return spelling if same else source


def _is_item(text: str, item: object) -> bool:
    if isinstance(item, bool):
        return text.lower() in ({"true", "1"} if item else {"false", "0"})
    if isinstance(item, (int, float)):
        return _decimal(text.strip()) == Decimal(repr(item))
    return text == item


def _same_json(source: str, spelling: str, number: Callable[[str], object]) -> str:
    """Whether two texts are the same JSON, names and their order included; numbers are taken as `number` reads them."""
    try:
        same = _structure(source, number) == _structure(spelling, number)
    except (ValueError, ArithmeticError, RecursionError):
        same = False
    return spelling if same else source


def _structure(text: str, number: Callable[[str], object]) -> object:
    def tagged(digits: str) -> tuple[str, object]:
        return ("number", number(digits))  # so that 1 is not true

    return json.loads(text, parse_float=tagged, parse_int=tagged, object_pairs_hook=lambda pairs: ("object", pairs))

"""What the cells of a sheet hold: text, numbers, dates, truths and errors out of what stands in their XML.

Each value is what calamine makes of it, and what openpyxl would (ECMA-376 part 1, 18.18.11); where that is not
certain, the sheet is `Unusual`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain, compress
from typing import Any, Protocol, TypeAlias
from xml.etree import ElementTree as ET

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

# Texts (pa.string(), null where empty), numbers (pa.float64(), null where empty), or cells one by one.
Column: TypeAlias = "pa.Array[Any] | list[object]"
Texts: TypeAlias = Sequence[bytes]

LONG = 10**15  # whole numbers from here on have more digits than the 15 that a workbook keeps
_IN_WORDS = 10**16  # numbers from here on are written as 1.2e+17, by the workbook as by Python: they stay as they are
_HEAD = re.compile(rb'(?: s="([0-9]{1,5})")?(?: t="([A-Za-z]+)")? ?><(v|is><t)( xml:space="preserve")?')
_EMPTY = re.compile(rb't="(?:inlineStr|str)"')  # the kinds of cells that may hold an empty text
_STRING = re.compile(
    rb'<si><t( xml:space="preserve")?>([^<]*)</t>(?:<phoneticPr [^<>]*/>)?</si>|([\s\S]+)'
)  # one that is written in runs of several fonts is left to calamine
_ERRORS = frozenset({b"", b"#DIV/0!", b"#N/A", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!"})
_TRUTHS: Mapping[bytes, object] = {b"1": True, b"0": False, b"": None}
_NUMERIC = b"0123456789.eE+-"
_SPACES = b" \t\r\n"
_CODED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # a character that XML cannot hold: _x000D_
_ENTITY = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));|(&)")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_CHARACTERS = (range(9, 11), range(32, 0xD800), range(0xE000, 0xFFFE), range(0x10000, 0x110000))  # that XML may hold
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# Formats that are surely no dates, and such that surely are: by their numbers (18.8.30) and by their codes.
_NUMBER_FORMATS = frozenset((*range(14), *range(37, 41), 48, 49))
_DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(50, 59)))
_NUMBER_CODE = re.compile(r"General|[^A-Za-z]*(?:E[+-][^A-Za-z]*)?")
_DATE_CODE = re.compile(
    r"(?:\[\$-[0-9A-F]+\])?y{2,4}[^A-Za-z\[\]]*m{1,4}[^A-Za-z\[\]]*d{1,4}[ 日\"\\hms:;@]*", re.IGNORECASE
)
_DAY = 86_400_000  # milliseconds
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 (a workbook knows no time zone)
_FIRST_DAY, _LAST_DAY = 61, 2_958_465  # 1 March 1900, before which Excel counts a day too many, and 9999-12-31


class Unusual(Exception):  # noqa: N818 (no error: another reader takes over)
    """A sheet, or a value in it, that is written in a way that is left to calamine."""


class Related(Protocol):
    """What the sheets of a workbook refer to."""

    @property
    def from_1904(self) -> bool:
        """Whether dates are counted from 1904."""

    def strings(self) -> bytes:
        """The table of texts; empty where there is none."""

    def styles(self) -> ET.Element:
        """The styles of cells."""


class Values:
    """Reads the cells of a workbook's sheets.

    Raises (all methods):
        Unusual: a value is left to calamine.
    """

    def __init__(self, related: Related) -> None:
        self._related = related
        self._ways: dict[bytes, Callable[[Texts], Column]] = {}

    def column(self, kinds: Collection[bytes], heads: Texts, texts: Texts) -> Column:
        """Cells of one column. The head of a cell is what stands in XML before its value; `kinds` are all but b""."""
        if not kinds:
            return nothing(len(texts))
        if b"" in texts and not all(_EMPTY.search(kind) for kind in kinds) and texts.count(b"") != heads.count(b""):
            raise Unusual  # a cell that has an empty value
        if len(kinds) == 1:
            return self._way(*kinds)(texts)
        cells: list[object] = [None] * len(texts)
        for kind in kinds:
            places = [place for place, head in enumerate(heads) if head == kind]
            for place, cell in zip(places, as_list(self._way(kind)([texts[one] for one in places])), strict=True):
                cells[place] = cell
        return cells

    def _way(self, head: bytes) -> Callable[[Texts], Column]:
        if head not in self._ways:
            self._ways[head] = self._found(head)
        return self._ways[head]

    def _found(self, head: bytes) -> Callable[[Texts], Column]:
        known = _HEAD.fullmatch(head)
        if known is None:
            raise Unusual
        style, kind, tag, kept = known.groups()
        if kind == b"inlineStr" and tag != b"v":
            return partial(_texts, keep=bool(kept))
        if tag != b"v" or (kept and kind != b"str"):
            raise Unusual
        ways: Mapping[bytes, Callable[[Texts], Column]] = {
            b"s": self._shared,
            b"str": partial(_texts, keep=True),
            b"b": _truths,
            b"e": _errors,
            b"n": self._dates if style and self._is_date(int(style)) else _numbers,
        }
        if (kind or b"n") not in ways:
            raise Unusual
        return ways[kind or b"n"]

    def _shared(self, texts: Texts) -> Column:
        places = _cast(texts, pa.int32(), b"0123456789")
        try:
            return self._strings.take(places)
        except pa.ArrowIndexError:
            raise Unusual from None

    def _dates(self, texts: Texts) -> Column:
        """Days since the first one, to the nearest millisecond."""
        days = _cast(texts, pa.float64(), _NUMERIC)
        found = days.fill_null(_FIRST_DAY).to_numpy(zero_copy_only=False)
        if len(found) and not (found.min() >= _FIRST_DAY and found.max() < _LAST_DAY):
            raise Unusual
        moments = np.floor(found * _DAY + 0.5).astype("timedelta64[ms]") + np.datetime64(_EPOCH, "us")
        cells: list[object] = moments.tolist()
        return [cell if there else None for cell, there in zip(cells, days.is_valid().to_pylist(), strict=True)]

    @cached_property
    def _strings(self) -> pa.Array[Any]:
        """The table of texts, which cells name by their place in it (18.4)."""
        _, mark, items = self._related.strings().partition(b"<sst ")
        found = _STRING.findall(items, items.find(b">") + 1)
        if not mark or not found or found.pop()[-1].rstrip() != b"</sst>":
            raise Unusual
        if not any(space for space, _, _ in found):
            return _texts([text for _, text, _ in found], keep=False)
        return _texts([text if space else text.strip(_SPACES) for space, text, _ in found], keep=True)

    @cached_property
    def _formats(self) -> Sequence[str | int]:
        """The number format of each style: its code, or the number of one that every program knows (18.8)."""
        root = self._related.styles()
        codes = {one.get("numFmtId", ""): one.get("formatCode", "") for one in root.iter(f"{_MAIN}numFmt")}
        styles = (one.get("numFmtId", "0") for table in root.iter(f"{_MAIN}cellXfs") for one in table)
        return [codes.get(name, int(name) if name.isdecimal() else "") for name in styles]

    def _is_date(self, style: int) -> bool:
        found = self._formats[style] if style < len(self._formats) else ""
        code = found if isinstance(found, str) else ""
        if found in _NUMBER_FORMATS or (code and _NUMBER_CODE.fullmatch(code)):
            return False
        if (found in _DATE_FORMATS or _DATE_CODE.fullmatch(code)) and not self._related.from_1904:
            return True
        raise Unusual


def as_list(column: Column) -> list[object]:
    """Cells as openpyxl would give them: whole numbers are int, empty cells None."""
    if isinstance(column, list):
        return column
    return _numbers_one_by_one(column) if column.type == pa.float64() else column.to_pylist()


def nothing(length: int) -> Column:
    """Empty cells."""
    return pa.nulls(length, pa.string())


def gaps(column: Column) -> npt.NDArray[np.bool_]:
    """Which cells are empty."""
    if isinstance(column, list):
        return np.array([cell is None for cell in column], np.bool_)
    found: npt.NDArray[np.bool_] = column.is_null().to_numpy(zero_copy_only=False)
    return found


def without(column: Column, out: npt.NDArray[np.bool_]) -> Column:
    """The cells of a column but some."""
    if isinstance(column, list):
        return list(compress(column, (~out).tolist()))
    return column.filter(pa.array(~out))


def together(columns: Sequence[Column]) -> Column:
    """Columns one below the other."""
    arrays = [one for one in columns if not isinstance(one, list)]
    kinds = {one.type for one in arrays if one.null_count < len(one)}
    if len(kinds) > 1 or len(arrays) < len(columns):
        return list(chain.from_iterable(map(as_list, columns)))
    kind = kinds.pop() if kinds else pa.string()
    return pa.concat_arrays([one if one.type == kind else pa.nulls(len(one), kind) for one in arrays])


def long_numbers(column: Column) -> Iterator[tuple[int, float]]:
    """The whole numbers of more than 15 digits, each after its place."""
    if not isinstance(column, list):
        if column.type != pa.float64() or not _are_long(column):
            return
        column = column.to_pylist()
    elif not {int, float} & set(map(type, column)):
        return
    for place, cell in enumerate(column):
        if type(cell) in {int, float} and abs(cell) >= LONG and float(cell).is_integer():
            yield place, float(cell)


def _are_long(numbers: pa.Array[Any]) -> bool:
    found = numbers.fill_null(0).to_numpy(zero_copy_only=False)
    return len(found) > 0 and bool(max(found.max(), -found.min()) >= LONG)


def _numbers_one_by_one(column: pa.Array[Any]) -> list[object]:
    numbers = column.fill_null(0.5).to_numpy(zero_copy_only=False)
    whole = (np.floor(numbers) == numbers) & (np.abs(numbers) < _IN_WORDS)
    if whole.all():
        return list(numbers.astype(np.int64).tolist())
    cells: list[object] = column.to_pylist() if column.null_count else numbers.tolist()
    for place in np.flatnonzero(whole).tolist():
        cells[place] = int(numbers[place])
    return cells


def _numbers(texts: Texts) -> Column:
    found = _cast(texts, pa.float64(), _NUMERIC)
    if not np.isfinite(found.fill_null(0).to_numpy(zero_copy_only=False)).all():
        raise Unusual
    return found


def _cast(texts: Texts, target: pa.DataType, known: bytes) -> pa.Array[Any]:
    """Numbers out of texts of these characters; null where the text is empty."""
    if b"".join(texts).translate(None, known):
        raise Unusual
    try:
        return pa.array([text or None for text in texts] if b"" in texts else texts, pa.string()).cast(target)
    except pa.ArrowInvalid:
        raise Unusual from None


def _truths(texts: Texts) -> Column:
    if not set(texts) <= _TRUTHS.keys():
        raise Unusual
    return [_TRUTHS[text] for text in texts]


def _errors(texts: Texts) -> Column:
    if not set(texts) <= _ERRORS:
        raise Unusual
    return _texts(texts, keep=True)


def _texts(texts: Texts, *, keep: bool) -> pa.Array[Any]:
    """Texts; blanks around one are kept only where its XML says so."""
    joined = b"".join(texts)
    if b"\r" in joined:
        raise Unusual
    plain = True
    try:
        found = pa.array(texts, pa.string())
        if not keep and len(joined.translate(None, _SPACES)) != len(joined):
            found, plain = pc.utf8_trim(found, characters=_SPACES.decode()), False
        if b"&" in joined or b"_x" in joined:
            found, plain = pa.array(map(_decoded, found.to_pylist()), pa.string()), False
            if not keep and not found.equals(pc.utf8_trim(found, characters=_SPACES.decode())):
                raise Unusual
    except (UnicodeError, pa.ArrowInvalid):
        raise Unusual from None
    return found if plain and b"" not in texts else pc.if_else(pc.equal(found, ""), None, found)


def _decoded(text: str) -> str:
    """A text without the entities of XML and what Excel writes for characters that XML cannot hold."""
    if "&" in text and _CODED.search(text):
        raise Unusual  # which of both comes first is not certain
    text = _ENTITY.sub(_character, text) if "&" in text else text
    return _CODED.sub(lambda found: chr(int(found[1], 16)), text)


def _character(found: re.Match[str]) -> str:
    name, decimal, hexadecimal, bare = found.groups()
    code = 0 if name or bare else int(decimal or hexadecimal, 10 if decimal else 16)
    if bare or not (name or any(code in some for some in _CHARACTERS)):
        raise Unusual
    return _NAMED[name] if name else chr(code)

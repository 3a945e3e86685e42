"""What a piece of a column holds, counted: made in any thread, then added up in the order of the pieces."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.engine.arrays import as_texts, mask, matches, valid, widths
from civicat.validators.engine.block import Column, Numbers
from civicat.validators.readings import (
    ANY,
    ARRAY,
    BOOLEAN,
    DATE,
    DATETIME,
    GROUPED,
    INTEGER,
    NUMBER,
    NUMBERS,
    OBJECT,
    SECONDS,
    SHORTENED,
    TIME,
    Kinds,
    sort_out,
)
from civicat.validators.shortened import PATTERN, holds_mark

# Words that stand for no value. Marks mean nothing else; of the words, a column of texts may hold some as a value.
MARKS = (
    "-",
    "--",
    "---",
    "–",
    "—",
    "——",
    "..",
    "...",
    "…",
    "……",
    "/",
    "\\",
    "#N/A",
    "N/A",
    "n/a",
    "#NA",
    "NULL",
    "null",
)
WORDS = (
    "NA",
    "na",
    "NaN",
    "nan",
    "Null",
    "None",
    "none",
    "NONE",
    "nil",
    "无",
    "無",
    "不详",
    "不詳",
    "缺",
    "暂无",
    "空",
)
LONGEST_EXAMPLE = 80  # characters of an example; a shorter value is looked for
FEW = 2_000  # different texts up to which all of them are kept, each with its count
_GLANCE = 2_000  # cells that tell whether a column has few different texts
_KEPT = 5  # cells of each form that are kept with their rows
_SAMPLED, _SAMPLE = 200, 5_000  # cells of each piece that are kept, from all over it, and of a whole column

Weights: TypeAlias = npt.NDArray[np.int64]


@dataclass(slots=True)
class Forms:
    """The cells of one form: how many, and the first of them with the numbers of their rows."""

    count: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: Forms) -> None:
        """Adds those of a later piece."""
        self.count += other.count
        self.first += other.first[: _KEPT - len(self.first)]


@dataclass(slots=True)
class Span:
    """The least and the greatest of numbers, and the fewest and the most of their decimals."""

    lowest: float = np.inf
    highest: float = -np.inf
    decimals: tuple[int, int] | None = None

    def add(self, other: Span) -> None:
        """Adds those of other numbers."""
        self.lowest, self.highest = min(self.lowest, other.lowest), max(self.highest, other.highest)
        self.decimals = _span(self.decimals, other.decimals)


@dataclass(slots=True)
class Tally:
    """A column, or a piece of it.

    `forms` counts its values by the types that fit them; `empty` its cells without a text, `missing` the words that
    stand for nothing. `few` counts each different text, None where they are many. `sample` are values from all over the
    column. `lowest` and `highest` span its plain numbers, `decimals` the fewest and the most of their decimals;
    `grouped` does the same for 1,234.5.
    `distinct` is False once a value is known to come twice within a piece.
    """

    rows: int = 0
    empty: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    forms: dict[Kinds, Forms] = field(default_factory=dict)
    few: Counter[str] | None = field(default_factory=Counter)
    sample: list[str] = field(default_factory=list)
    example: str = ""
    typed: int = 0
    lowest: float = np.inf
    highest: float = -np.inf
    decimals: tuple[int, int] | None = None
    grouped: Span = field(default_factory=Span)
    distinct: bool = True
    likely: int = 0
    only_text: bool = False

    @property
    def filled(self) -> int:
        """Cells that hold a value."""
        return sum(one.count for one in self.forms.values())

    def add(self, later: Tally) -> None:
        """Adds what a later piece of the column holds."""
        self.rows += later.rows
        self.empty += later.empty
        self.missing += later.missing
        self.typed += later.typed
        for kinds, forms in later.forms.items():
            self.forms.setdefault(kinds, Forms()).add(forms)
        self.few = _both(self.few, later.few)
        self.sample += later.sample[: _SAMPLE - len(self.sample)]
        self.example = _better(self.example, later.example)
        self.lowest, self.highest = min(self.lowest, later.lowest), max(self.highest, later.highest)
        self.decimals = _span(self.decimals, later.decimals)
        self.grouped.add(later.grouped)
        self.distinct = self.distinct and later.distinct
        self.likely = later.likely

    def count(self, kinds: Kinds, count: int, first: list[tuple[int, str]]) -> None:
        """Counts cells of one form; `first` are the first of them."""
        self.forms.setdefault(kinds, Forms()).add(Forms(count, first))


def tally(column: Column, numbers: Numbers, known: Tally) -> Tally:
    """A piece of a column, whose rows have these numbers; `known` is what its earlier pieces have told so far."""
    if isinstance(column, list):
        return _of_cells(column, numbers, known)
    if not pa.types.is_string(column.type):
        return _of_values(column, numbers)
    found = Tally(rows=len(column), few=None)
    texts, numbers = _filled(column, numbers, found)
    coded = texts.dictionary_encode() if known.few is not None and _has_few(texts) else None
    if coded is not None and len(coded.dictionary) <= FEW:
        _count_few(coded, numbers, found)
    else:
        found.distinct = known.distinct and pc.count_distinct(texts).as_py() == len(texts)
        _count(texts, numbers, found, known, None)
    return found


def _filled(column: pa.Array[Any], numbers: Numbers, found: Tally) -> tuple[pa.Array[Any], Numbers]:
    """The cells that hold a text, and their rows."""
    filled = widths(column) > 0
    found.empty = len(column) - int(filled.sum())
    if not found.empty:
        return column, numbers
    return column.filter(pa.array(filled)), numbers[filled]


def _has_few(texts: pa.Array[Any]) -> bool:
    glance = texts.slice(0, _GLANCE)
    return len(glance.unique()) <= max(len(glance) // 2, min(len(glance), _KEPT * _SAMPLED))


def _count_few(coded: pa.Array[Any], numbers: Numbers, found: Tally) -> None:
    """Each different text once, as often as it stands there."""
    codes = coded.indices.to_numpy()
    entries, first, times = np.unique(codes, return_index=True, return_counts=True)
    texts = coded.dictionary.take(pa.array(entries))
    found.distinct = bool((times == 1).all())
    found.few = Counter(dict(zip(texts.to_pylist(), times.tolist(), strict=True)))
    order = np.argsort(first)  # the first of them first, as they stand in the file
    _count(texts.take(pa.array(order)), numbers[first[order]], found, Tally(), times[order])


def _count(texts: pa.Array[Any], numbers: Numbers, found: Tally, known: Tally, times: Weights | None) -> None:
    texts, numbers, times = _without_missing(texts, numbers, found, times)
    found.sample = texts.take(pa.array(_spread(len(texts)))).to_pylist()
    found.example = _example(texts)
    if known.only_text:
        short = matches(texts, PATTERN) if holds_mark(texts) else np.zeros(len(texts), np.bool_)
        for kinds, places in ((_SHORT, np.flatnonzero(short)), (frozenset(), np.flatnonzero(~short))):
            found.count(kinds, len(places), _first(texts, numbers, places))
        return
    sorted_, found.likely = sort_out(texts, known.likely)
    for kinds, places in sorted_:
        count = len(places) if times is None else int(times[places].sum())
        found.count(kinds, count, _first(texts, numbers, places))
        if NUMBER in kinds:
            _measure(texts if len(places) == len(texts) else texts.take(pa.array(places)), kinds, found)
        elif GROUPED in kinds:
            found.grouped.add(_measured(pc.replace_substring(texts.take(pa.array(places)), ",", "")))


def _without_missing(
    texts: pa.Array[Any], numbers: Numbers, found: Tally, times: Weights | None
) -> tuple[pa.Array[Any], Numbers, Weights | None]:
    """The cells without the words that stand for nothing, which are counted."""
    short = np.flatnonzero(widths(texts) <= _LONGEST_WORD)
    if not len(short):
        return texts, numbers, times
    some = texts if len(short) == len(texts) else texts.take(pa.array(short))
    gone = short[np.flatnonzero(mask(pc.is_in(pc.ascii_trim_whitespace(some), _MISSING)))]
    if not len(gone):
        return texts, numbers, times
    words = texts.take(pa.array(gone)).to_pylist() if times is not None else None
    if words is not None and times is not None:
        found.missing.update(dict(zip(words, times[gone].tolist(), strict=True)))
    else:
        counted = texts.take(pa.array(gone)).value_counts()
        found.missing.update({one["values"]: one["counts"] for one in counted.to_pylist()})
    keep = np.ones(len(texts), np.bool_)
    keep[gone] = False
    return texts.filter(pa.array(keep)), numbers[keep], times if times is None else times[keep]


def _measure(texts: pa.Array[Any], kinds: Kinds, found: Tally) -> None:
    """The span of plain numbers, and their decimals."""
    span = _measured(texts, whole=INTEGER in kinds)
    found.lowest, found.highest = min(found.lowest, span.lowest), max(found.highest, span.highest)
    found.decimals = _span(found.decimals, span.decimals)


def _measured(texts: pa.Array[Any], *, whole: bool = False) -> Span:
    try:
        values = pc.cast(texts, pa.float64())
    except pa.ArrowInvalid:  # with blanks around it
        texts = pc.ascii_trim_whitespace(texts)
        values = pc.cast(texts, pa.float64())
    limits = pc.min_max(values).as_py()
    if whole:
        return Span(limits["min"], limits["max"], (0, 0))
    point = pc.find_substring(texts, ".").to_numpy()
    behind = np.where(point < 0, 0, widths(texts) - point - 1)
    return Span(limits["min"], limits["max"], (int(behind.min()), int(behind.max())))


def _first(texts: pa.Array[Any], numbers: Numbers, places: npt.NDArray[np.intp]) -> list[tuple[int, str]]:
    few = places[:_KEPT]
    return list(zip(numbers[few].tolist(), texts.take(pa.array(few)).to_pylist(), strict=True))


def _example(texts: pa.Array[Any]) -> str:
    """The first value, or the first of them that is short enough to be shown whole."""
    found = ""
    for text in texts.slice(0, _GLANCE).to_pylist():
        found = _better(found, text)
        if found and len(found) <= LONGEST_EXAMPLE:
            break
    return found


def _better(first: str, second: str) -> str:
    return second if not first or len(second) <= LONGEST_EXAMPLE < len(first) else first


def _span(one: tuple[int, int] | None, other: tuple[int, int] | None) -> tuple[int, int] | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one[0], other[0]), max(one[1], other[1])


def _both(one: Counter[str] | None, other: Counter[str] | None) -> Counter[str] | None:
    if one is None or other is None:
        return None
    both = one + other
    return both if len(both) <= FEW else None


def _of_cells(cells: Sequence[object], numbers: Numbers, known: Tally) -> Tally:
    """Cells of a workbook or of JSON: texts as in any other file, the others by their Python types."""
    text = np.fromiter((isinstance(cell, str) for cell in cells), np.bool_, len(cells))
    texts = as_texts([cell for cell in cells if isinstance(cell, str)])
    if texts is None:  # half of a surrogate pair, which is in no file but in JSON
        texts = pa.array([str(cell).encode("utf-8", "replace").decode() for cell in cells if isinstance(cell, str)])
    found = (
        tally(texts, numbers[text], known) if len(texts) else Tally(few=Counter() if known.few is not None else None)
    )
    found.rows = len(cells)
    others = [(int(numbers[place]), cells[place]) for place in np.flatnonzero(~text).tolist()]
    values = [(number, cell) for number, cell in others if cell is not None]
    found.empty += len(others) - len(values)
    _count_typed(values, found)
    return found


def _of_values(column: pa.Array[Any], numbers: Numbers) -> Tally:
    """Values as Parquet stores them."""
    found = Tally(rows=len(column), empty=column.null_count, few=None, distinct=not column.null_count)
    if column.null_count:
        numbers = numbers[valid(column)]
        column = column.drop_null()
    found.typed = len(column)
    if not len(column):
        found.few = Counter()
        return found
    whole = _whole(column)
    for which, otherwise in ((whole, None), (~whole, _other_kinds(column.type))):
        if not which.any():
            continue
        some = column.filter(pa.array(which))
        rows, values = numbers[which][:_KEPT].tolist(), some.slice(0, _KEPT).to_pylist()
        first = [(row, as_text(value)) for row, value in zip(rows, values, strict=True)]
        found.count(otherwise or _kinds_of(values[0]), len(some), first)
    _measure_values(column, found)
    found.distinct = pc.count_distinct(column).as_py() == len(column)
    found.sample = [as_text(one) for one in column.take(pa.array(_spread(len(column)))).to_pylist()]
    found.example = found.sample[0]
    return found


def _whole(column: pa.Array[Any]) -> npt.NDArray[np.bool_]:
    """Which values are of the narrower of two types: whole numbers among floats, days among times."""
    if pa.types.is_floating(column.type):
        return np.asarray(pc.equal(pc.floor(column), column).to_numpy(zero_copy_only=False), np.bool_)
    if pa.types.is_timestamp(column.type):
        return np.asarray(
            pc.equal(pc.floor_temporal(column, unit="day"), column).to_numpy(zero_copy_only=False), np.bool_
        )
    return np.ones(len(column), np.bool_)


def _other_kinds(kind: pa.DataType) -> Kinds:
    return _MOMENT if pa.types.is_timestamp(kind) else frozenset(NUMBERS)


def _measure_values(column: pa.Array[Any], found: Tally) -> None:
    """The span of numbers; floats have as many decimals as they need, which nobody has asked them for."""
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return
    limits = pc.min_max(column).as_py()
    found.lowest, found.highest = float(limits["min"]), float(limits["max"])
    found.decimals = (0, 0) if pa.types.is_integer(column.type) else None


def _spread(length: int) -> npt.NDArray[np.intp]:
    """Places from all over a column."""
    return np.arange(0, length, max(length // _SAMPLED, 1))[:_SAMPLED]


def _size(number: float | Decimal) -> float:
    """A number as a float; a whole one beyond all floats is infinite, as JSON's 1e999 is."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _count_typed(values: list[tuple[int, object]], found: Tally) -> None:
    found.typed = len(values)
    shown = [as_text(cell) for _, cell in values]
    for (number, cell), text in zip(values, shown, strict=True):
        found.count(_kinds_of(cell), 1, [(number, text)])
        if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
            size = _size(cell)
            found.lowest, found.highest = min(found.lowest, size), max(found.highest, size)
            behind = len(text.partition(".")[2]) if "e" not in text else 0
            found.decimals = _span(found.decimals, (behind, behind))
        found.example = _better(found.example, text)
    if shown and found.few is not None:
        found.few = _both(found.few, Counter(shown))
    found.distinct = found.distinct and len(set(shown)) == len(shown)
    found.sample += [shown[place] for place in _spread(len(shown))]


def as_text(cell: object) -> str:
    """A typed cell as a person would write it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, dict | list | bool):
        return json.dumps(cell, ensure_ascii=False, default=str)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT else str(cell)


def _kinds_of(cell: object) -> Kinds:
    if isinstance(cell, float) and cell.is_integer():
        return _WHOLE
    if isinstance(cell, dt.datetime):
        return _MIDNIGHT if cell.time() == dt.time() else _MOMENT
    return next((kinds for kind, kinds in _TYPED if isinstance(cell, kind)), frozenset({ANY}))


_EXACT = 2**53
_SHORT: Kinds = frozenset({NUMBER, SHORTENED})
_WHOLE: Kinds = frozenset({INTEGER, *NUMBERS})
_MIDNIGHT, _MOMENT = frozenset({DATE, DATETIME}), frozenset({DATETIME})
_TYPED: tuple[tuple[type, Kinds], ...] = (  # bool before int, which it is one of
    *((bool, frozenset({BOOLEAN})), (int, _WHOLE), (float, frozenset(NUMBERS)), (Decimal, frozenset(NUMBERS))),
    *((dt.date, _MIDNIGHT), (dt.time, frozenset({TIME, SECONDS})), (dict, frozenset({OBJECT}))),
    (list, frozenset({ARRAY})),
)
_MISSING = pa.array([*MARKS, *WORDS], pa.string())
_LONGEST_WORD = 12  # bytes of the longest of them, and blanks around it

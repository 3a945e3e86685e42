"""What the columns of a file are, from all of its rows: nothing is guessed from a sample, and no date order in silence.

Each column keeps the list of types that every value so far could be; what no value has spoken against in the end is
proven. Where more than one reading is left (01/02/2020), it stays text and the draft asks.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from itertools import zip_longest
from typing import Any

MISSING = (
    "NA",
    "N/A",
    "n/a",
    "NaN",
    "nan",
    "NULL",
    "Null",
    "null",
    "None",
    "-",
    "--",
    "..",
    "…",
    "—",
    "不详",
    "无",
    "缺",
)
LONGEST_EXAMPLE = 80  # characters of an example; a shorter value is looked for
_REMEMBERED = 50_000  # distinct values of a column that are tested once; beyond, each value is tested
_KEYS = 5_000_000  # distinct values up to which a column is followed as a key
_LABELS = 12  # distinct texts up to which a column looks like one of categories
_REPEATED = 3  # times that a category stands in the file, on average
_HEADER_ROWS = 30  # rows that are looked at for the header

# A type as the descriptor writes it: the type, and what else its field says.
Kind = tuple[tuple[str, object], ...]
_TEXT: Kind = (("type", "string"),)

_ORDERS = (("%d", "%m"), ("%m", "%d"))
_TIMES = ("", " %H:%M", " %H:%M:%S")
_NUMERIC_DATES = tuple(
    f"{first}{mark}{second}{mark}{year}" for mark in "/-." for first, second in _ORDERS for year in ("%Y", "%y")
) + tuple(f"%y{mark}%m{mark}%d" for mark in "/-.")
_PLAIN_DATES = (
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y年%m月%d日",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d %B %Y",
    "%d-%b-%y",
    "%b %d, %Y",
    "%B %d, %Y",
)
_MARKED_DATE = re.compile(r"\d{1,4}[/.\-年 ]|[A-Z][a-z]{2}")

# No leading zero (a code), no more digits than 64 bits hold (a code, too).
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,17})", re.ASCII)
_NUMBER = re.compile(r"-?(?:(?:0|[1-9]\d{0,17})(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_GROUPED = re.compile(r"-?(?:[1-9]\d{0,2}(?:,\d{3})+|0|[1-9]\d{0,2})(?:\.\d+)?", re.ASCII)
_COMMA = re.compile(r"-?(?:[1-9]\d{0,2}(?:\.\d{3})+|0|[1-9]\d{0,17})(?:,\d+)?", re.ASCII)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ISO_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_ISO_TIME = re.compile(r"\d{2}:\d{2}:\d{2}", re.ASCII)
_SHORT_TIME = re.compile(r"\d{1,2}:\d{2}", re.ASCII)
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`]+")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)


def _matches(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.fullmatch(text) is not None


def _dated(formats: str, text: str) -> bool:
    try:
        dt.datetime.strptime(text, formats)  # noqa: DTZ007 (only whether it can be read)
    except ValueError:
        return False
    return True


def _iso(pattern: re.Pattern[str], text: str) -> bool:
    if pattern.fullmatch(text) is None:
        return False
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _structure(kind: type, text: str) -> bool:
    try:
        return text[:1] in "[{" and isinstance(json.loads(text), kind)
    except ValueError:
        return False


def _formats() -> dict[Kind, Callable[[str], bool]]:
    dates: dict[Kind, Callable[[str], bool]] = {
        (("type", "date"), ("format", one)): partial(_dated, one) for one in (*_PLAIN_DATES, *_NUMERIC_DATES)
    }
    stamps: dict[Kind, Callable[[str], bool]] = {
        (("type", "datetime"), ("format", f"{one}{time}")): partial(_dated, f"{one}{time}")
        for one in ("%Y-%m-%d", "%Y/%m/%d", *_NUMERIC_DATES)
        for time in _TIMES[1:]
    }
    return {**dates, **stamps}


_DATES: Mapping[Kind, Callable[[str], bool]] = _formats()
# In order of preference: the first type that every value can be is taken, but for dates, where there must be only one.
_TESTS: Mapping[Kind, Callable[[str], bool]] = {
    (("type", "boolean"),): partial(_matches, re.compile("true|false|True|False|TRUE|FALSE")),
    (("type", "integer"),): partial(_matches, _INTEGER),
    (("type", "number"),): partial(_matches, _NUMBER),
    (("type", "number"), ("groupChar", ",")): partial(_matches, _GROUPED),
    (("type", "number"), ("decimalChar", ","), ("groupChar", ".")): partial(_matches, _COMMA),
    (("type", "date"),): partial(_iso, _ISO_DATE),
    (("type", "datetime"),): partial(_iso, _ISO_DATETIME),
    (("type", "time"),): lambda text: _matches(_ISO_TIME, text) and _dated("%H:%M:%S", text),
    (("type", "time"), ("format", "%H:%M")): lambda text: _matches(_SHORT_TIME, text) and _dated("%H:%M", text),
    (("type", "yearmonth"),): partial(_matches, _MONTH),
    **_DATES,
    (("type", "array"),): partial(_structure, list),
    (("type", "geojson"),): lambda text: '"coordinates"' in text and _structure(dict, text),
    (("type", "object"),): partial(_structure, dict),
    (("type", "string"), ("format", "uri")): partial(_matches, _ADDRESS),
    (("type", "string"), ("format", "email")): partial(_matches, _MAIL),
}
_CLASSES: tuple[tuple[type, str], ...] = (  # bool before int, which it is one of
    *((bool, "boolean"), (int, "integer"), (float, "number"), (Decimal, "number"), (dt.date, "date")),
    *((dt.time, "time"), (dict, "object"), (list, "array")),
)
_GROUPED_KIND: Kind = (("type", "number"), ("groupChar", ","))
_COMMA_KIND: Kind = (("type", "number"), ("decimalChar", ","), ("groupChar", "."))


@dataclass(frozen=True, slots=True)
class Inferred:
    """What a column is. `doubt` lists readings that only a human can decide between; `labels` its few texts."""

    name: str
    kind: Kind
    example: str
    missing: tuple[str, ...]
    required: bool
    unique: bool
    decimals: int
    doubt: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """The Table Schema type."""
        return str(dict(self.kind)["type"])

    def to_field(self) -> dict[str, Any]:
        """The field as a Table Schema describes it: how its cells are read, and no rule beyond that."""
        missing = {"missingValues": ["", *self.missing]} if self.missing else {}
        return {"name": self.name, **dict(self.kind), **missing}


@dataclass(slots=True)
class _Column:
    """What the values of one column have left open so far."""

    name: str
    alive: list[Kind] = field(default_factory=lambda: list(_TESTS))
    known: Counter[str] = field(default_factory=Counter)
    typed: set[str] = field(default_factory=set)
    example: str = ""
    empty: bool = False
    filled: int = 0
    decimals: int = 0
    missing: set[str] = field(default_factory=set)
    keys: set[int] | None = field(default_factory=set)
    proofs: set[Kind] = field(default_factory=set)

    def see(self, cell: object) -> None:
        """Takes one cell into account."""
        if cell is None or cell == "":
            self.empty = True
            return
        if not isinstance(cell, str):
            self._see_typed(cell)
            return
        self.filled += 1
        self._follow(cell)
        if cell in self.known:
            self.known[cell] += 1
        else:
            self._test(cell)

    def _test(self, text: str) -> None:
        if len(self.known) < _REMEMBERED:
            self.known[text] = 1
        if text in MISSING:
            self.missing.add(text)
            return
        self._exemplify(text)
        plain = text.strip()
        if self.alive:
            self.alive = [kind for kind in self.alive if _could_be(kind, plain)]
        self.proofs |= _proven_by(plain)
        self.decimals = max(self.decimals, len(plain.partition(".")[2]) if _NUMBER.fullmatch(plain) else 0)

    def _see_typed(self, cell: object) -> None:
        self.filled += 1
        self.typed.add(_type_of(cell))
        text = json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict | list | bool) else str(cell)
        self._follow(text)
        self._exemplify(text)
        self.decimals = max(self.decimals, len(text.partition(".")[2]) if isinstance(cell, float) else 0)

    def _exemplify(self, text: str) -> None:
        """Keeps the first value, or the first of them that is short enough to be shown whole."""
        if not self.example or len(text) <= LONGEST_EXAMPLE < len(self.example):
            self.example = text

    def _follow(self, text: str) -> None:
        """Keeps the column as a key for as long as no value comes twice."""
        if self.keys is not None:
            before = len(self.keys)
            self.keys.add(hash(text))
            if len(self.keys) == before or before >= _KEYS:
                self.keys = None

    def conclude(self) -> Inferred:
        kind, doubt = self._kind()
        texts = kind == _TEXT and not doubt
        stands_for_none = self.missing if not texts and set(self.known) - self.missing else set()
        required = not self.empty and not stands_for_none and self.filled > 0
        return Inferred(
            name=self.name,
            kind=kind,
            example=self.example,
            missing=tuple(sorted(stands_for_none)),
            required=required,
            unique=required and self.keys is not None,
            decimals=self.decimals,
            doubt=doubt,
            labels=self._labels() if texts else (),
        )

    def _kind(self) -> tuple[Kind, tuple[str, ...]]:
        if self.typed:
            return _of_types(self.typed, has_text=bool(self.known)), ()
        if not set(self.known) - self.missing:
            return _TEXT, ()
        for kind in self.alive:
            if kind in _DATES:
                return self._date()
            if kind in {_GROUPED_KIND, _COMMA_KIND} and not self._is_proven(kind):
                return _TEXT, ("1,234 = 1234", "1,234 = 1.234")
            return kind, ()
        return _TEXT, ()

    def _is_proven(self, kind: Kind) -> bool:
        """Whether only one of the two readings of a comma is left, or a value speaks for this one."""
        other = _COMMA_KIND if kind == _GROUPED_KIND else _GROUPED_KIND
        return other not in self.alive or kind in self.proofs

    def _date(self) -> tuple[Kind, tuple[str, ...]]:
        left = [kind for kind in self.alive if kind in _DATES]
        if len({str(dict(kind)["format"]).replace("%B", "%b") for kind in left}) == 1:  # May is both
            return left[0], ()
        return _TEXT, tuple(str(dict(kind)["format"]) for kind in left)

    def _labels(self) -> tuple[str, ...]:
        few = 1 < len(self.known) <= _LABELS and self.filled >= _REPEATED * len(self.known)
        return tuple(sorted(self.known)) if few else ()


def infer(rows: Iterable[Sequence[object]], header_row: int) -> list[Inferred]:
    """The columns of a table, from all of its rows; `header_row` counts from 1."""
    columns: list[_Column] = []
    for number, row in enumerate(rows, 1):
        if number == header_row:
            columns = [_Column(name) for name in _names(row)]
        elif number > header_row and any(cell not in (None, "") for cell in row):
            for column, cell in zip_longest(columns, row[: len(columns)]):  # a ragged row: the check reports it
                column.see(cell)
    return [column.conclude() for column in columns]


def find_header(rows: Sequence[Sequence[object]]) -> int:
    """The row (from 1) that holds the labels: the first that is filled as most rows are. Titles stand above it."""
    filled = [sum(cell not in (None, "") for cell in row) for row in rows[:_HEADER_ROWS]]
    if not any(filled):
        return 1
    times = Counter(count for count in filled if count)
    usual = max(times, key=lambda count: (times[count], count))
    return next(number for number, count in enumerate(filled, 1) if count >= max(1, usual * 0.6))


def _names(labels: Sequence[object]) -> list[str]:
    """A name for each column: its label, numbered where it is empty or taken."""
    names: list[str] = []
    for number, label in enumerate(labels, 1):
        name = wanted = ("" if label is None else str(label).strip()) or f"field{number}"
        suffix = 2
        while name in names:
            name = f"{wanted}{suffix}"
            suffix += 1
        names.append(name)
    return names


def _could_be(kind: Kind, text: str) -> bool:
    if kind in _DATES and _MARKED_DATE.match(text) is None:
        return False
    return _TESTS[kind](text)


def _proven_by(text: str) -> set[Kind]:
    """What a number with a comma settles: 1,234,567 and 1,234.5 group by comma; 1,5 and 1234,567 have decimals."""
    if "," not in text:
        return set()
    if _GROUPED.fullmatch(text) and (text.count(",") > 1 or "." in text):
        return {_GROUPED_KIND}
    return {_COMMA_KIND} if _COMMA.fullmatch(text) and not _GROUPED.fullmatch(text) else set()


def _type_of(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return "integer"
    if isinstance(cell, dt.datetime):
        return "date" if cell.time() == dt.time() else "datetime"
    return next((name for kind, name in _CLASSES if isinstance(cell, kind)), "any")


def _of_types(types: set[str], *, has_text: bool) -> Kind:
    """The one type of cells that came typed (from a workbook, JSON or Parquet); `any` where they are mixed."""
    if has_text:
        return (("type", "any"),)
    if types == {"integer", "number"}:
        return (("type", "number"),)
    if types == {"date", "datetime"}:
        return (("type", "datetime"),)
    return (("type", types.pop()),) if len(types) == 1 else (("type", "any"),)

"""The cells of a sheet that is written as nearly all programs write it, cut from its bytes, many rows at a time.

A pattern takes whole rows, several times as fast as XML is parsed. It has to take all of the sheet: where anything is
written in another way, the sheet is `Unusual`, and calamine reads it (ECMA-376 part 1, 18.3.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from civicat.validators.sheetvalues import (
    Column,
    Unusual,
    Values,
    as_list,
    gaps,
    long_numbers,
    nothing,
    together,
    without,
)

_WIDEST = 256  # columns of a sheet: the pattern names each of them
_BEGIN, _END = b"<sheetData>", b"</sheetData>"
_OTHER_ENCODING = re.compile(rb"encoding=[\"'](?!utf-8[\"'])", re.IGNORECASE)
_PLACE = re.compile(rb'<c r="([A-Z]{1,3})[1-9]')
_ROW = rb'<row r="([1-9][0-9]{0,6})"([^<>/]*)(?:/>|>%b</row>)|([\s\S]+)'
# A cell: what stands between its place and its value (style, type, `<v` or `<is><t`), and the value. \1 is the row.
_CELL = rb'(?:<c r="%b\1"(?:([^<>/]*><(?:v|is><t)(?: xml:space="preserve")?)>([^<]*)(?:</v>|</t></is>)</c>|[^<>/]*/>))?'
_FORMULA = re.compile(rb"<f\b(?:[^<>]*/>|[^<>]*>[^<]*</f>)(?=<v>)")
_MERGE = re.compile(rb'<mergeCell ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})" ?/>')

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Place = tuple[int, int]  # row and column


@dataclass(frozen=True, slots=True)
class Rows:
    """Consecutive rows that hold something: their numbers (from 1, ascending) and their cells by columns."""

    numbers: Numbers
    columns: Sequence[Column]

    def without(self, some: Mask) -> Rows:
        """The rows but some."""
        if not some.any():
            return self
        return Rows(self.numbers[~some], [without(one, some) for one in self.columns])


@dataclass(frozen=True, slots=True)
class SheetData:
    """A sheet, `width` columns wide: that is as far as there is a cell with a value.

    `merges` are the first and the last cell of each merged range, from 0 as calamine has them.
    """

    rows: Sequence[Rows]
    width: int
    merges: Sequence[tuple[Place, Place]]

    @property
    def last(self) -> int:
        """The last row that holds something."""
        return max((int(some.numbers[-1]) for some in self.rows if len(some.numbers)), default=0)

    def __iter__(self) -> Iterator[list[object]]:
        """All rows as lists, to the last one that holds something."""
        last = 0
        for some in self.rows:
            columns = [as_list(one) for one in self._wide(some)]
            for number, cells in zip(some.numbers.tolist(), zip(*columns, strict=True), strict=True):
                yield from (list[object]([None] * self.width) for _ in range(number - last - 1))
                yield list(cells)
                last = number

    def from_row(self, first: int, most: int) -> Iterator[Rows]:
        """The rows from that number on, about as many at a time as are wanted."""
        batch: list[Rows] = []
        for some in self.rows:
            batch.append(some.without(some.numbers < first))
            if sum(len(one.numbers) for one in batch) >= most:
                yield self._together(batch)
                batch = []
        if any(len(one.numbers) for one in batch):
            yield self._together(batch)

    def _together(self, batch: Sequence[Rows]) -> Rows:
        columns = zip(*map(self._wide, batch), strict=True)
        return Rows(np.concatenate([one.numbers for one in batch]), list(map(together, columns)))

    def _wide(self, some: Rows) -> list[Column]:
        """Its columns, as many as the sheet has."""
        short = range(self.width - len(some.columns))
        return [*some.columns[: self.width], *(nothing(len(some.numbers)) for _ in short)]

    def long(self) -> Mapping[Place, float]:
        """The whole numbers of too many digits, by their cells."""
        return {
            (int(some.numbers[place]), at): number
            for some in self.rows
            for at, column in enumerate(some.columns, 1)
            for place, number in long_numbers(column)
        }


@dataclass(slots=True)
class Cutter:
    """Takes the pieces of a sheet's part, each of whole rows, in their order, until one is unusual."""

    values: Values
    corner: Place = (0, 0)  # the last row, and the last column that the pattern has
    _rows: list[Rows] = field(default_factory=list)
    _pattern: re.Pattern[bytes] | None = None
    _quick: re.Pattern[bytes] | None = None  # takes the heads `_kinds` and no others
    _kinds: Sequence[set[bytes]] = ()
    _patterns: int = 20  # that may be made
    _tail: list[bytes] = field(default_factory=list)
    _used: int = 0  # the last column that has a value
    _has_formulas: bool = False
    _unusual: bool = False

    def take(self, window: bytes) -> bool:
        """Takes a piece; whether it holds rows of values and nothing else, none of them an error or hidden."""
        if self._unusual:
            return False
        if self._tail:
            self._tail.append(window)
            return False
        try:
            return self._take(window)
        except Unusual:
            self._unusual, self._rows = True, []
            return False

    def finish(self) -> SheetData | None:
        """The sheet, after its last piece; None where it is unusual."""
        tail = b"".join(self._tail)
        merges = _MERGE.findall(tail)
        if self._unusual or not tail or b"<!" in tail or len(merges) != tail.count(b"<mergeCell "):
            return None
        ranges = [(_place(left, top), _place(right, bottom)) for left, top, right, bottom in merges]
        return SheetData(self._rows, self._used, ranges)

    def _take(self, window: bytes) -> bool:
        rest = window if self._pattern else self._begin(window)
        quiet = rest is window
        while rest:
            taken, left = self._taken(rest)
            quiet = quiet and taken and not left
            rest = self._other_way(left)
        return quiet

    def _begin(self, window: bytes) -> bytes:
        """Takes what stands before the rows."""
        head, mark, rows = window.partition(_BEGIN)
        if not mark or b"<!" in head or _OTHER_ENCODING.search(head):
            raise Unusual
        self._widen(rows)
        return rows

    def _taken(self, rest: bytes) -> tuple[bool, bytes]:
        """Takes rows as far as the pattern does: whether they are quiet, and what it leaves."""
        pattern = self._quick or self._pattern
        assert pattern is not None  # noqa: S101 (it is made in the beginning)
        found = pattern.findall(_FORMULA.sub(b"", rest) if self._has_formulas else rest)
        left: bytes = found[-1][-1]
        rows = found[:-1] if left else found
        return bool(rows) and self._keep(list(zip(*rows, strict=True))) and not self._has_formulas, left

    def _other_way(self, left: bytes) -> bytes:
        """What the pattern leaves, where it can be taken after all: it has formulas, or goes further to the right."""
        if left.startswith(_END):
            self._tail.append(left)
            return b""
        if left and self._quick:
            self._quick = None
        elif left and not self._has_formulas and b"<f" in left:
            self._has_formulas = True
        elif left and not self._widen(left):
            raise Unusual
        return left

    def _widen(self, rest: bytes) -> bool:
        """Has the pattern take as many columns as there are; whether it takes more than before."""
        row, width = self.corner
        further = max((_column(one) for one in set(_PLACE.findall(rest))), default=0)
        if further > _WIDEST:
            raise Unusual
        if self._pattern and further <= width:
            return False
        self.corner = row, max(further, width)
        cells = b"".join(_CELL % _letters(one) for one in range(1, self.corner[1] + 1))
        self._pattern, self._quick = re.compile(_ROW % cells), None
        return True

    def _keep(self, groups: Sequence[Sequence[bytes]]) -> bool:
        """Keeps rows, given as the groups of the pattern; whether they are quiet."""
        numbers = np.array(list(map(int, groups[0])), np.int64)
        if numbers[0] <= self.corner[0] or (np.diff(numbers) <= 0).any():
            raise Unusual
        if self._quick:
            texts = heads = groups[2:-1]
            kinds = self._kinds
        else:
            heads, texts = groups[2:-1:2], groups[3:-1:2]
            kinds = [set(one) - {b""} for one in heads]
            self._learn(kinds)
        cells = zip(kinds, heads, texts, strict=True)
        rows = Rows(numbers, [self.values.column(*one) for one in cells])
        self._rows.append(rows.without(_blank(rows)))
        self.corner = int(numbers[-1]), self.corner[1]
        self._used = max([self._used, *(at for at, kind in enumerate(kinds, 1) if kind)])
        loud = any(b"hidden" in one for one in set(groups[1]))
        return not loud and not any(b't="e"' in one for one in set().union(*kinds))

    def _learn(self, kinds: Sequence[set[bytes]]) -> None:
        """Has the next rows taken by a pattern of the heads that these rows have, which is twice as fast."""
        if self._patterns and all(len(one) <= 1 for one in kinds):
            self._patterns -= 1
            self._kinds = kinds
            cells = (_quick_cell(at, *kind) for at, kind in enumerate(kinds, 1))
            self._quick = re.compile(_ROW % b"".join(cells))


def _quick_cell(column: int, head: bytes = b"") -> bytes:
    """A cell of that head, or an empty one."""
    end, some = (b"</v></c>", b"+") if head.endswith(b"<v") else (b"</t></is></c>", b"*")
    value = rb"%b>([^<]%b)%b" % (re.escape(head), some, end) if head else rb"(?!)()"
    return rb'(?:<c r="%b\1"(?:%b|[^<>/]*/>))?' % (_letters(column), value)


def _blank(rows: Rows) -> Mask:
    """Which rows hold nothing."""
    blank = np.ones(len(rows.numbers), np.bool_)
    for column in rows.columns:
        blank &= gaps(column)
        if not blank.any():
            break
    return blank


def _place(letters: bytes, row: bytes) -> Place:
    return int(row) - 1, _column(letters) - 1


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - ord("@")
    return column


def _letters(column: int) -> bytes:
    letters = b""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = bytes([ord("A") + letter]) + letters
    return letters

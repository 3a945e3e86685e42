"""Regular expressions of a schema over whole columns: which of them RE2 reads just as Python does, and how.

frictionless compiles `^{pattern}$` and asks `match`: so the anchors of `a|b` belong to one branch each (`ab` matches,
and so does `a` with anything after it). RE2 never takes longer than the text is long, whatever the pattern; Python's re
may take for ever. A pattern is translated from Python's own reading of it (its syntax tree), part by part; whatever has
another meaning in RE2, or none, is not translated.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from re import _parser  # type: ignore[attr-defined] # Python's own reading of a pattern; there is no public one
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from civicat.validators.engine.arrays import matches, parts, valid
from civicat.validators.engine.block import Mask

Ranges: TypeAlias = list[tuple[int, int]]
_Row: TypeAlias = tuple[frozenset[int], ...]  # for each byte of a text, what it may be
_Table: TypeAlias = npt.NDArray[np.uint8]

_ASCII = 127
_SURROGATES = range(0xD800, 0xE000)
_MOST_REPEATS = 1000  # RE2's own limit
_MOST_BRANCHES = 8  # branches of fixed width that are looked up: the bits of a byte
_LONGEST_ROW = 64  # bytes of a text that is looked up
CLASSES = frozenset({_parser.LITERAL, _parser.NOT_LITERAL, _parser.ANY, _parser.IN})  # parts that match one character
_REPEATS = frozenset({_parser.MAX_REPEAT, _parser.MIN_REPEAT})  # greedy or not: whether it matches is the same
_CATEGORIES = {
    _parser.CATEGORY_DIGIT: (r"\d", False),
    _parser.CATEGORY_NOT_DIGIT: (r"\d", True),
    _parser.CATEGORY_SPACE: (r"\s", False),
    _parser.CATEGORY_NOT_SPACE: (r"\s", True),
    _parser.CATEGORY_WORD: (r"\w", False),
    _parser.CATEGORY_NOT_WORD: (r"\w", True),
}
_UNREADABLE = (re.error, OverflowError, RecursionError)


class _Untranslatable(Exception):  # noqa: N818 (never leaves this module)
    """A part of a pattern that RE2 does not know or reads in another way."""


def syntax_tree(pattern: str) -> Any:  # noqa: ANN401 (Python's syntax tree of a pattern has no types)
    """Python's reading of a pattern as frictionless compiles it; None where it is no pattern."""
    try:
        return _parser.parse(f"^{pattern}$")
    except _UNREADABLE:
        return None


def matcher(pattern: str) -> Matcher | None:
    """What matches a column against a pattern; None where RE2 cannot be shown to mean what Python means."""
    tree = syntax_tree(pattern)
    if tree is None or tree.state.flags & ~re.UNICODE.value:
        return None
    try:
        fast = rf"\A(?:{_Translation(full=False).sequence(tree, last=True)})"
        matches(pa.array([""]), fast)
    except (_Untranslatable, RecursionError, pa.ArrowInvalid):
        return None
    return Matcher(pattern, fast, _tables(_rows(tree)))


@dataclass(frozen=True)
class Matcher:
    r"""A pattern over whole columns, in time that grows with the text and no faster.

    `fast` reads `\d`, `\w` and `\s` as ASCII, which is a part of what they are in Python; what it does not find is
    looked for once more, with every character that Python takes. `tables` say, for texts of some widths, what each
    byte at each place may be: a bit for each branch of that width.
    """

    pattern: str
    fast: str
    tables: Mapping[int, _Table]

    def column(self, texts: pa.Array[Any]) -> Mask:
        """Which cells of a column of pa.string() match; a null does not."""
        found = self._looked_up(texts)
        if found is None:
            found = matches(texts, self.fast)
        else:
            _add(found, texts, self.fast)
        if not (found | ~valid(texts)).all() and self._full:
            _add(found, texts, self._full)
        return found

    def matches(self, text: str) -> bool:
        """Whether one text matches."""
        try:
            cells = pa.array([text], pa.string())
        except UnicodeEncodeError:  # half of a surrogate pair, which no file in UTF-8 holds
            return False
        return bool(self.column(cells)[0])

    @cached_property
    def exact(self) -> bool:
        """Whether what does not match is certain not to match in Python; else some of it may."""
        return self._full is not None

    @cached_property
    def _full(self) -> str | None:
        """The pattern with every character of its classes: empty where that is `fast`, None where RE2 has no room."""
        full = rf"\A(?:{_Translation(full=True).sequence(syntax_tree(self.pattern), last=True)})"
        if full == self.fast:
            return ""
        try:
            matches(pa.array([""]), full)
        except pa.ArrowInvalid:
            return None
        return full

    def _looked_up(self, texts: pa.Array[Any]) -> Mask | None:
        """By tables of bytes, texts as wide as a branch; None where most are not. Twice as fast as RE2."""
        sizes = np.diff(parts(texts)[1])
        there = valid(texts)
        found = np.zeros(len(texts), np.bool_)
        looked = 0
        for width, table in self.tables.items():
            fitting = there & (sizes == width)
            count = int(fitting.sum())
            if count == len(texts):
                return _fits(parts(texts)[0].reshape(count, width), table)
            data, _ = parts(texts.filter(pa.array(fitting)))
            found[fitting] = _fits(data.reshape(count, width), table)
            looked += count
        return found if 2 * looked > len(texts) else None


def _add(found: Mask, texts: pa.Array[Any], pattern: str) -> None:
    """Looks for a pattern in the texts that are not found yet."""
    left = valid(texts) & ~found
    if left.any():
        found[left] = matches(texts.filter(pa.array(left)), pattern)


def _fits(rows: _Table, table: _Table) -> Mask:
    """Which rows of bytes are those of some branch."""
    branches = np.full(len(rows), 255, np.uint8)
    for place, allowed in enumerate(table):
        branches &= allowed[rows[:, place]]
    fitting: Mask = branches != 0
    return fitting


def _tables(rows: Iterable[_Row]) -> Mapping[int, _Table]:
    """For each width and place, a byte's branches as bits."""
    tables: dict[int, _Table] = {}
    for branch, row in enumerate(rows):
        table = tables.setdefault(len(row), np.zeros((len(row), 256), np.uint8))
        for place, allowed in enumerate(row):
            table[place, list(allowed)] |= np.uint8(1 << branch)
    return tables


@cache
def _members(category: str, *, full: bool) -> tuple[tuple[int, int], ...]:
    """The characters that Python takes for a digit, a space or part of a word, as ranges; in ASCII or all of them."""
    last = sys.maxunicode if full else _ASCII
    found = re.finditer(f"{category}+", "".join(map(chr, range(last + 1))))
    return tuple((one.start(), one.end() - 1) for one in found)


def _complement(ranges: Iterable[tuple[int, int]], last: int) -> Ranges:
    free = []
    begin = 0
    for low, high in sorted(ranges):
        if low > begin:
            free.append((begin, low - 1))
        begin = max(begin, high + 1)
    return [*free, (begin, last)] if begin <= last else free


@dataclass(frozen=True, slots=True)
class _Translation:
    r"""From Python's syntax tree to RE2; `full` with all of Unicode in `\d`, `\w` and `\s`, else with ASCII alone."""

    full: bool

    def sequence(self, tree: Any, *, last: bool) -> str:  # noqa: ANN401 (Python's syntax tree has no types)
        """Parts one after the other; `last` where nothing but the end may follow."""
        found = list(tree)
        ends = [
            last and all(part == (_parser.AT, _parser.AT_END) for part in found[i + 1 :]) for i in range(len(found))
        ]
        return "".join(self._part(*part, last=end) for part, end in zip(found, ends, strict=True))

    def _part(self, operator: Any, argument: Any, *, last: bool) -> str:  # noqa: ANN401 (as above)
        if operator in CLASSES:
            return _as_class(self.ranges(operator, argument))
        if operator is _parser.AT:
            return _anchor(argument, last=last)
        if operator is _parser.BRANCH:
            return f"(?:{'|'.join(self.sequence(one, last=last) for one in argument[1])})"
        if operator is _parser.SUBPATTERN and not argument[1] and not argument[2]:
            return f"(?:{self.sequence(argument[3], last=last)})"
        if operator in _REPEATS:
            return self._repeat(*argument)
        raise _Untranslatable

    def _repeat(self, least: int, most: int, body: Any) -> str:  # noqa: ANN401 (as above)
        unbounded = most is _parser.MAXREPEAT
        if least > _MOST_REPEATS or (not unbounded and most > _MOST_REPEATS):
            raise _Untranslatable
        return f"(?:{self.sequence(body, last=False)}){{{least},{'' if unbounded else most}}}"

    def ranges(self, operator: Any, argument: Any) -> Ranges:  # noqa: ANN401 (as above)
        """The characters of a class. With a category in it and not `full`, those in ASCII alone."""
        return class_ranges(operator, argument, full=self.full)


def class_ranges(operator: Any, argument: Any, *, full: bool) -> Ranges:  # noqa: ANN401 (Python's tree has no types)
    """The characters that a literal, a dot or a class matches."""
    if operator is _parser.LITERAL:
        return [(argument, argument)]
    if operator is _parser.NOT_LITERAL:
        return _complement([(argument, argument)], sys.maxunicode)
    if operator is _parser.ANY:
        return _complement([(ord("\n"), ord("\n"))], sys.maxunicode)
    negated = argument[0][0] is _parser.NEGATE
    members = argument[negated:]
    ascii_only = not full and any(kind is _parser.CATEGORY for kind, _ in members)
    ranges = [one for kind, value in members for one in _member(kind, value, full=full)]
    last = _ASCII if ascii_only else sys.maxunicode
    return _complement(ranges, last) if negated else [(low, min(high, last)) for low, high in ranges if low <= last]


def _member(kind: Any, value: Any, *, full: bool) -> Iterable[tuple[int, int]]:  # noqa: ANN401 (as above)
    if kind is _parser.CATEGORY:
        if value not in _CATEGORIES:
            raise _Untranslatable
        category, negated = _CATEGORIES[value]
        members = _members(category, full=full)
        return _complement(members, sys.maxunicode if full else _ASCII) if negated else members
    return [value] if kind is _parser.RANGE else [(value, value)]


def _as_class(ranges: Ranges) -> str:
    if not ranges:
        return r"[^\x{0}-\x{10FFFF}]"
    if any(low in _SURROGATES or high in _SURROGATES for low, high in ranges):
        raise _Untranslatable
    return "[" + "".join(rf"\x{{{low:X}}}-\x{{{high:X}}}" for low, high in ranges) + "]"


def _anchor(where: Any, *, last: bool) -> str:  # noqa: ANN401 (as above)
    if where in _BEGINNINGS:
        return r"\A"
    if where is _parser.AT_END_STRING:
        return r"\z"
    if where is _parser.AT_END and last:
        return r"(?:\x{A}?\z)"  # in Python, $ matches before a last line feed as well
    raise _Untranslatable


def _rows(tree: Any) -> list[_Row]:  # noqa: ANN401 (as above)
    """The ways to match that have a fixed width in ASCII; none where there is any other."""
    try:
        return _fixed(tree, begins=True, ends=True)
    except _Untranslatable:
        return []


def _fixed(tree: Any, *, begins: bool, ends: bool) -> list[_Row]:  # noqa: ANN401 (as above)
    """The rows of a sequence; `begins` where nothing stands before it, `ends` where nothing follows."""
    rows: list[_Row] = [()]
    found = list(tree)
    for place, (operator, argument) in enumerate(found):
        first = begins and rows == [()]
        last = ends and all(kind is _parser.AT for kind, _ in found[place + 1 :])
        added = _fixed_part(operator, argument, begins=first, ends=last)
        rows = [(*before, *after) for before, after in product(rows, added)]
        if len(rows) > _MOST_BRANCHES or any(len(one) > _LONGEST_ROW for one in rows):
            raise _Untranslatable
    return rows


def _fixed_part(operator: Any, argument: Any, *, begins: bool, ends: bool) -> list[_Row]:  # noqa: ANN401 (as above)
    if operator is _parser.AT and (begins if argument in _BEGINNINGS else ends):
        return [()]
    if operator in CLASSES:
        ranges = class_ranges(operator, argument, full=False)
        return [(frozenset(byte for low, high in ranges for byte in range(low, min(high, _ASCII) + 1)),)]
    if operator is _parser.BRANCH:
        return [row for one in argument[1] for row in _fixed(one, begins=begins, ends=ends)]
    if operator is _parser.SUBPATTERN:
        return _fixed(argument[3], begins=begins, ends=ends)
    if operator in _REPEATS and argument[0] == argument[1] <= _LONGEST_ROW:
        return _fixed(list(argument[2]) * argument[0], begins=False, ends=False)
    raise _Untranslatable


_BEGINNINGS = frozenset({_parser.AT_BEGINNING, _parser.AT_BEGINNING_STRING})

"""What the columns of a table are, from all of its rows: types, missing values, keys, categories.

Two answers for each column. What all of its values fit is certain: a file that nobody has described is checked
against that. What nearly all of very many fit is proposed to a steward, with the few that do not. Where more than one
reading is left (01/02/2020), it stays text and the draft asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, Self, TypeAlias

import numpy as np
import pyarrow as pa

from civicat.validators.engine.arrays import as_texts
from civicat.validators.engine.block import Block, Column, Numbers, Odd
from civicat.validators.engine.keys import KeyWatch
from civicat.validators.engine.tokens import is_blank
from civicat.validators.readings import (
    ACCOUNTED,
    ANY,
    BOOLEAN,
    COMMA,
    COMPACT,
    DATES,
    DATETIME,
    GROUPED,
    INTEGER,
    NUMBER,
    NUMBERS,
    PREFERRED,
    SHORTENED,
    SIGNED,
    STAMPS,
    TEXT,
    ZONED,
    Kind,
    as_written,
    sign_of,
    without_sign,
)
from civicat.validators.shortened import are_codes
from civicat.validators.tails import TAIL, Closing, closing
from civicat.validators.tallies import LONGEST_EXAMPLE, MARKS, Forms, Span, Tally, as_text, tally

MOSTLY = 0.99  # share of the values that a type must fit to be proposed although some do not
MANY = 200  # values from which that share means something
_LABELS = 20  # different texts up to which a column looks like one of categories
_REPEATED = 3  # times that a category stands in the file, on average
_WATCH = 8 << 20  # bytes of a watched key that stay in memory; beyond they are on disk
_BLANK_NAMED = 5  # blank rows that are named
_WATCHED = 24  # columns that are watched as keys at once
_A_CODE = 5  # characters of a text that is a code among whole numbers; shorter ones are slips
_CODE_NAMES = ("number", "code", "reference", "ref", "no.", "编号", "代码", "编码", "号码", "单号")
_YEARS = range(1500, 2101)
_YEAR_NAMES = frozenset({"year", "yr", "年", "年份", "年度", "anno", "année", "annee", "jahr"})
_DAY_NAMES = ("date", "day", "日", "时间", "dt")
_TRUTHS = (
    *(("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("on", "off"), ("oui", "non"), ("ja", "nein")),
    *(("是", "否"), ("有", "无"), ("真", "假"), ("对", "错"), ("√", "×")),
)
_ZONES = ("10:00:00Z", "10:00:00")  # a column of times with a time zone and without one is no moment in time
_STANDARD_TRUTHS = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})

Then: TypeAlias = Callable[[Block], "Look"]


class Order(NamedTuple):
    """A layout of days, and the values that no other order of day and month fits."""

    layout: str
    proof: Forms


@dataclass(frozen=True, slots=True)
class Inferred:
    """What a column is.

    `kind` is the type that is proposed, `certain` the one that every value fits. `missing` are words that stand for no
    value; `perhaps_missing` are words that may (NA is Namibia, too), with their counts. `unfit` are the values that
    `kind` does not fit. `doubt` lists readings that only a human can decide between. `labels` counts the different
    texts of a column that holds few, else it is empty; `few` does so up to some thousand texts. `decimals` are the
    fewest and the most; `lowest` and `highest` span the numbers. `sample` are values from all over the column.
    `shortened` are codes that Excel made numbers of; `accounted` are negatives as accountants write them, where
    all other values are numbers. `orders` are both orders of day and month, where some values prove the one and
    some the other.
    """

    name: str
    kind: Kind
    certain: Kind
    example: str = ""
    missing: tuple[str, ...] = ()
    perhaps_missing: Mapping[str, int] = field(default_factory=dict)
    required: bool = False
    unique: bool = False
    decimals: tuple[int, int] | None = None
    doubt: tuple[str, ...] = ()
    labels: Mapping[str, int] = field(default_factory=dict)
    unfit: Forms = field(default_factory=Forms)
    filled: int = 0
    lowest: float = np.inf
    highest: float = -np.inf
    sample: tuple[str, ...] = ()
    few: Mapping[str, int] | None = None
    typed: bool = False
    shortened: Forms = field(default_factory=Forms)
    accounted: Forms = field(default_factory=Forms)
    orders: tuple[Order, ...] = ()

    @property
    def sign(self) -> str:
        """The sign beside each number (£, %), empty where there is none."""
        return sign_of(self.kind)

    @property
    def type(self) -> str:
        """The Table Schema type that is proposed."""
        return str(dict(self.kind)["type"])

    def to_field(self) -> dict[str, Any]:
        """The field as it is proposed: how its cells are read, and no rule beyond that."""
        return self._field(self.kind, self.missing)

    def to_certain_field(self) -> dict[str, Any]:
        """The field as every cell of the file fits it."""
        return self._field(self.certain, () if self.certain in {TEXT, ANY} else self.missing)

    def _field(self, kind: Kind, missing: tuple[str, ...]) -> dict[str, Any]:
        return {"name": self.name, **as_written(kind), **({"missingValues": ["", *missing]} if missing else {})}


@dataclass(slots=True)
class Widths:
    """Rows that are not as wide as the header: how many, and of the first of them the row and its cells."""

    count: int = 0
    first: list[tuple[int, int]] = field(default_factory=list)

    def add(self, found: Sequence[tuple[int, int]]) -> None:
        """Adds those of the next block."""
        self.count += len(found)
        self.first += found[: _BLANK_NAMED - len(self.first)]


@dataclass(slots=True)
class Rows:
    """What the rows of a table of `width` columns show: how many are blank and the first of those.

    `short` and `long` are rows of another width, each with how many cells it has. `closing` are rows at the end of
    the file that are no data.
    """

    width: int = 0
    blank: int = 0
    first_blank: list[int] = field(default_factory=list)
    short: Widths = field(default_factory=Widths)
    long: Widths = field(default_factory=Widths)
    tail: list[tuple[int, list[object]]] = field(default_factory=list)

    def add(self, odd: Sequence[Odd], tail: Sequence[tuple[int, list[object]]]) -> None:
        """Adds those of the next block."""
        blank = [one.number for one in odd if is_blank(one.cells)]
        self.blank += len(blank)
        self.first_blank += blank[: _BLANK_NAMED - len(self.first_blank)]
        filled = [(one.number, len(one.cells)) for one in odd if not is_blank(one.cells)]
        self.short.add([one for one in filled if one[1] < self.width])
        self.long.add([one for one in filled if one[1] > self.width])
        self.tail = [*self.tail, *tail][-TAIL:]

    @property
    def ragged(self) -> int:
        """How many rows are of another width."""
        return self.short.count + self.long.count

    @property
    def closing(self) -> list[Closing]:
        """The rows at the end that hold totals or a remark, and no data."""
        return [found for number, cells in self.tail if (found := closing(number, cells)) is not None]


class Look(NamedTuple):
    """A block looked at: what each column holds, its cells where it may yet be a key, its odd rows and its last."""

    tallies: list[list[Tally]]
    cells: list[list[tuple[Column, Numbers]]]
    odd: Sequence[Odd] = ()
    tail: Sequence[tuple[int, list[object]]] = ()


class Survey:
    """A pass over the rows of a table, block by block; a context manager.

    `look` may run in any thread, `take` takes what it says in the order of the blocks. `most_rows` is how many rows the
    file can have at most, where that is known.
    """

    def __init__(self, names: Sequence[str], most_rows: float = np.inf) -> None:
        self._names = list(names)
        self._known = [Tally() for _ in names]
        self.rows = Rows(len(self._names))
        self._allowed = (1 - MOSTLY) * most_rows
        self._watches: dict[int, KeyWatch] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._folder = Path(self._open.enter_context(TemporaryDirectory(prefix="civicat-")))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def look(self, block: Block) -> Look:
        """What a block holds."""
        odd = [one for one in block.odd if not is_blank(one.cells)]
        cells = [_pieces(block, odd, place) for place in range(len(self._names))]
        tallies = [
            [tally(column, numbers, known) for column, numbers in pieces]
            for pieces, known in zip(cells, self._known, strict=True)
        ]
        followed = [pieces if known.distinct else [] for pieces, known in zip(cells, self._known, strict=True)]
        return Look(tallies, followed, block.odd, _tail(block, odd))

    def take(self, look: Look) -> None:
        """Adds what a block holds to what the blocks before it held."""
        self.rows.add(look.odd, look.tail)
        for place, known in enumerate(self._known):
            for one in look.tallies[place]:
                known.add(one)
            known.distinct = known.distinct and self._differ(place, known, look.cells[place])
            known.only_text = known.forms.get(frozenset(), _NONE).count > self._allowed

    def columns(self) -> list[Inferred]:
        """The columns, once all blocks were taken."""
        return [
            _conclude(name, known, unique=known.distinct and self._is_unique(place))
            for place, (name, known) in enumerate(zip(self._names, self._known, strict=True))
        ]

    def _differ(self, place: int, known: Tally, pieces: list[tuple[Column, Numbers]]) -> bool:
        """Whether no value of a column seems to have come twice so far."""
        watch = self._watches.get(place)
        if known.empty or known.missing or known.decimals not in _NO_DECIMALS:
            return False
        if watch is None and len(self._watches) >= _WATCHED:
            return False
        if watch is None:
            watch = self._open.enter_context(KeyWatch(self._folder, [pa.string()], memory_bytes=_WATCH))
            self._watches[place] = watch
        for column, numbers in pieces:
            watch.add(numbers, [texts_of(column)])
        if watch.early(1):
            watch.close()
            del self._watches[place]
            return False
        return True

    def _is_unique(self, place: int) -> bool:
        watch = self._watches.get(place)
        return watch is not None and watch.count() == 0


def infer(names: Sequence[str], blocks: Callable[[Then], Iterator[Look]], most_rows: float = np.inf) -> list[Inferred]:
    """The columns of a table. `blocks` gives what a function makes of each of its blocks, in their order."""
    return infer_table(names, blocks, most_rows)[0]


def infer_table(
    names: Sequence[str], blocks: Callable[[Then], Iterator[Look]], most_rows: float = np.inf
) -> tuple[list[Inferred], Rows]:
    """The columns of a table as `infer` tells them, and what its rows show."""
    with Survey(names, most_rows) as survey:
        for look in blocks(survey.look):
            survey.take(look)
        return survey.columns(), survey.rows


def _tail(block: Block, odd: Sequence[Odd]) -> list[tuple[int, list[object]]]:
    """The last rows of a block that hold anything, with their numbers."""
    numbers = block.numbers[-TAIL:].tolist()
    columns = [list(_last(column)) for column in block.columns] if numbers else []
    straight = zip(numbers, map(list, zip(*columns, strict=True)), strict=True)
    others = ((one.number, list(one.cells)) for one in odd[-TAIL:])
    return sorted(chain(straight, others), key=itemgetter(0))[-TAIL:]


def _last(column: Column) -> Sequence[object]:
    if isinstance(column, list):
        return column[-TAIL:]
    cells: list[object] = column[-TAIL:].to_pylist()
    return cells


def _pieces(block: Block, odd: Sequence[Odd], place: int) -> list[tuple[Column, Numbers]]:
    """A column of a block: its cells in rows of the right width, and those that rows of another width have."""
    pieces: list[tuple[Column, Numbers]] = [(block.columns[place], block.numbers)] if len(block.numbers) else []
    if odd:
        cells: list[object] = [one.cells[place] if place < len(one.cells) else None for one in odd]
        pieces.append((cells, np.array([one.number for one in odd], np.int64)))
    return pieces


def texts_of(column: Column) -> Any:  # noqa: ANN401 (an Arrow array of text)
    """A column as pa.string(), its typed cells as a person would write them."""
    if not isinstance(column, list):
        return column if pa.types.is_string(column.type) else column.cast(pa.string())
    texts = [None if cell is None else as_text(cell) for cell in column]
    found = as_texts(texts)
    return found if found is not None else pa.array([one and one.encode("utf-8", "replace").decode() for one in texts])


def _conclude(name: str, known: Tally, *, unique: bool) -> Inferred:
    total = known.filled
    certain, doubt = _certain(name, known)
    kind, unfit = certain, Forms()
    if certain in {TEXT, ANY} and not doubt:
        kind, doubt, unfit = _proposed(known, certain)
        if kind == INTEGER and _are_codes(name, unfit):
            kind, unfit = certain, Forms()
    shortened, span = _shortened(name, known), _span(known, kind)
    if shortened.count and kind == certain and certain in {INTEGER, *NUMBERS} and not known.typed:
        kind = TEXT  # codes of 12 to 15 digits, which are numbers by their looks
    texts = kind in {TEXT, ANY} and not doubt
    missing, perhaps = _missing(known, kind, texts=texts)
    required = not known.empty and not missing and total > 0
    return Inferred(
        name=name,
        kind=kind,
        certain=certain,
        example=_example(known, kind) if unfit.count else known.example,
        missing=missing,
        perhaps_missing=perhaps,
        required=required,
        unique=required and unique,
        decimals=span.decimals,
        doubt=doubt,
        labels=_labels(known, missing) if texts else {},
        unfit=unfit,
        filled=total,
        lowest=span.lowest,
        highest=span.highest,
        sample=tuple(known.sample),
        few=known.few,
        typed=known.typed > 0,
        shortened=shortened,
        accounted=_accounted(known) if texts else Forms(),
        orders=_orders(known) if texts else (),
    )


def _span(known: Tally, kind: Kind) -> Span:
    """The span of a column's numbers; of those that were not measured (1 234,5 or £5), nothing."""
    span = Span(known.lowest, known.highest, known.decimals)
    if kind == GROUPED:
        span.add(known.grouped)
    return Span() if kind in _UNMEASURED else span


def _shortened(name: str, known: Tally) -> Forms:
    """The numbers that Excel made of codes; none where the column seems to hold no codes."""
    found = _of_form(known, SHORTENED)
    gone = {text for _, text in found.first}
    values = known.few if known.few is not None else known.sample
    others = [one for one in values if one not in gone and "E+" not in one]
    return found if found.count and are_codes(name, others) else Forms()


def _accounted(known: Tally) -> Forms:
    """The negatives as accountants write them, where the other values are numbers of one sign or none."""
    found, fits = _of_form(known, ACCOUNTED), _fits(known)
    numbers = max(fits[kind] for kind in (*NUMBERS, *SIGNED))
    return found if found.count and numbers + found.count == known.filled else Forms()


def _orders(known: Tally) -> tuple[Order, ...]:
    """Both orders of day and month, where nearly all values are days of the one or the other, and some of one alone."""
    for kind in (*DATES, *STAMPS):
        layout = str(dict(kind).get("format", ""))
        other = layout.translate(_SWAPPED)
        if layout == other or "%d" not in layout or layout.find("%d") > layout.find("%m"):
            continue
        turned = (*kind[:-1], ("format", other))
        first, second = _only(known, kind, turned), _only(known, turned, kind)
        either = sum(forms.count for kinds, forms in known.forms.items() if kind in kinds or turned in kinds)
        if first.count and second.count and either >= MOSTLY * known.filled:
            return Order(layout, first), Order(other, second)
    return ()


def _only(known: Tally, kind: Kind, other: Kind) -> Forms:
    """The cells that the one type fits and the other does not, the first of them first."""
    found = Forms()
    for kinds, forms in known.forms.items():
        if kind in kinds and other not in kinds:
            found.add(forms)
    return Forms(found.count, sorted(found.first))


def _of_form(known: Tally, form: Kind) -> Forms:
    """The cells of a form, the first of them first."""
    found = Forms()
    for kinds, forms in known.forms.items():
        if form in kinds:
            found.add(forms)
    return Forms(found.count, sorted(found.first))


def _example(known: Tally, kind: Kind) -> str:
    """A value that fits the type that is proposed."""
    fitting = [text for kinds, forms in known.forms.items() for _, text in forms.first if kind in kinds]
    if not fitting and known.few is not None:  # a truth, which has no form of its own
        return known.few.most_common(1)[0][0]
    return next((text for text in fitting if len(text) <= LONGEST_EXAMPLE), "")


def _fits(known: Tally) -> Counter[Kind]:
    """How many values each type fits."""
    fits: Counter[Kind] = Counter()
    for kinds, forms in known.forms.items():
        fits.update(dict.fromkeys(kinds, forms.count))
    return fits


def _certain(name: str, known: Tally) -> tuple[Kind, tuple[str, ...]]:
    """The type that every value fits, and the readings between which only a human can decide."""
    total = known.filled
    otherwise = ANY if known.typed else TEXT
    if not total:
        return TEXT, ()
    if (truths := _truths(known)) is not None:
        return truths, ()
    fits = _fits(known)
    left = [kind for kind in (*PREFERRED, *SIGNED) if fits[kind] == total]
    if not left:
        return otherwise, ()
    doubt = _doubt(left) or (_ZONES if left[0] == DATETIME and 0 < fits[ZONED] < total else ())
    return (TEXT, doubt) if doubt else (_named(name, left, known), ())


def _named(name: str, left: list[Kind], known: Tally) -> Kind:
    """The first type that is left; whole numbers are years or days where the column is called so."""
    plain = name.strip().casefold()
    if left[0] == INTEGER and plain in _YEAR_NAMES and _YEARS[0] <= known.lowest <= known.highest <= _YEARS[-1]:
        return (("type", "year"),)
    if COMPACT in left and not known.typed and any(one in plain for one in _DAY_NAMES):
        return COMPACT
    return _marked(left[0], known)


def _marked(kind: Kind, known: Tally) -> Kind:
    """The type without a mark between thousands where no value has one."""
    pointed = any(kind in kinds and "." in text for kinds, forms in known.forms.items() for _, text in forms.first)
    return kind if without_sign(kind) != COMMA or pointed else tuple(one for one in kind if one[0] != "groupChar")


def _doubt(left: list[Kind]) -> tuple[str, ...]:
    """What only a human can decide: which order of day and month, which mark of thousands."""
    if without_sign(left[0]) == GROUPED and COMMA in map(without_sign, left):
        return ("1,234 = 1234", "1,234 = 1.234")
    if "format" not in dict(left[0]):
        return ()
    layouts = [str(dict(one)["format"]) for one in left if one in DATES or one in STAMPS]
    different = [one for one in layouts if not ("%B" in one and one.replace("%B", "%b") in layouts)]  # May is both
    return tuple(different) if len(different) > 1 else ()


def _proposed(known: Tally, otherwise: Kind) -> tuple[Kind, tuple[str, ...], Forms]:
    """The type that nearly all of many values fit, what is in doubt of it, and the values that it does not fit."""
    if known.filled >= MANY and (mostly := _mostly_truths(known)) is not None:
        return mostly[0], (), mostly[1]
    fits = _fits(known)
    best = max(PREFERRED, key=lambda kind: fits[kind])
    if known.filled < MANY or fits[best] < MOSTLY * known.filled:
        return otherwise, (), Forms()
    doubt = _doubt([kind for kind in PREFERRED if fits[kind] == fits[best]])
    return (TEXT, doubt, Forms()) if doubt else (_marked(best, known), (), _unfit(known, best))


def _are_codes(name: str, unfit: Forms) -> bool:
    """Whether a column of whole numbers with some texts holds codes: RCT0043978 among 43978 is no mistake."""
    codes = sum(len(text) >= _A_CODE and _has(text, str.isdigit) and _has(text, str.isalpha) for _, text in unfit.first)
    return 2 * codes > len(unfit.first) or name.strip().casefold().endswith(_CODE_NAMES)


def _has(text: str, kind: Callable[[str], bool]) -> bool:
    return any(map(kind, text))


def _unfit(known: Tally, kind: Kind) -> Forms:
    unfit = Forms()
    for kinds, forms in known.forms.items():
        if kind not in kinds:
            unfit.add(forms)
    return Forms(unfit.count, sorted(unfit.first))


def _truths(known: Tally) -> Kind | None:
    """A boolean where the column holds two words of which one says yes and the other no, or the standard's own."""
    if known.typed or known.few is None:
        return None
    every = set(known.few)
    return _truths_of(every) or _truths_of(every - set(known.missing))


def _mostly_truths(known: Tally) -> tuple[Kind, Forms] | None:
    """A boolean of the most frequent words, where the others are very few; and those others."""
    if known.typed or known.few is None:
        return None
    counted = Counter({word: count for word, count in known.few.items() if word not in known.missing})
    for size in range(1, 7):  # true, True and TRUE, and as many for false
        words = {word for word, _ in counted.most_common(size)}
        rest = {word: count for word, count in counted.items() if word not in words}
        kind = _truths_of(words) if len(words) > 1 and sum(rest.values()) <= (1 - MOSTLY) * known.filled else None
        if kind is not None:
            return kind, _rows_of(known, rest)
    return None


def _rows_of(known: Tally, words: Mapping[str, int]) -> Forms:
    """Cells that hold one of these words: their rows where they are known."""
    first = sorted(one for forms in known.forms.values() for one in forms.first if one[1] in words)
    seen = {text for _, text in first}
    return Forms(sum(words.values()), [*first, *((0, word) for word in words if word not in seen)])


def _truths_of(words: set[str]) -> Kind | None:
    if words and words <= _STANDARD_TRUTHS:
        return BOOLEAN
    by_case = {word.casefold() for word in words}
    pair = next((pair for pair in _TRUTHS if by_case == set(pair)), None)
    if pair is None:
        return None
    true, false = (tuple(sorted(word for word in words if word.casefold() == one)) for one in pair)
    return (*BOOLEAN, ("trueValues", true), ("falseValues", false))


def _missing(known: Tally, kind: Kind, *, texts: bool) -> tuple[tuple[str, ...], Mapping[str, int]]:
    """The words that stand for no value, and those that may: among texts, only marks are no texts themselves."""
    said = dict(kind).get("falseValues", ())
    meant = set(said) if isinstance(said, tuple) else set()  # 有 and 无
    words = {word: count for word, count in known.missing.items() if word not in meant}
    sure = {word for word in words if known.filled and (not texts or word.strip() in MARKS)}
    return tuple(sorted(sure)), {word: count for word, count in words.items() if word not in sure}


def _labels(known: Tally, missing: Sequence[str]) -> Mapping[str, int]:
    """The different texts where they are few and each stands there many times."""
    if known.few is None or known.typed:
        return {}
    labels = {word: count for word, count in known.few.items() if word not in missing}
    few = 1 < len(labels) <= _LABELS and sum(labels.values()) >= _REPEATED * len(labels)
    return dict(sorted(labels.items())) if few else {}


_UNMEASURED = frozenset({*NUMBERS, *SIGNED} - {NUMBER, GROUPED})
_SWAPPED = str.maketrans("dm", "md")
_NONE = Forms()
_NO_DECIMALS = (None, (0, 0))

"""Source text -> typed value -> text, for each column of a table, while its rows are kept: what came back as it was.

Most texts are proved by their bytes (unchanged.py); the rest are printed and compared, and only those that differ are
put to the named rules (rewrites.py). Cells that came as values have no text: they are compared as values.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from civicat.conversion import RULES, ColumnConversion, Rewrite
from civicat.dataset import Field, Schema
from civicat.spelling import spelled
from civicat.validators.columns import as_text
from civicat.validators.engine.arrays import as_texts, halves, mask, valid
from civicat.validators.engine.block import Column as Cells
from civicat.validators.engine.block import Mask, Numbers
from civicat.validators.engine.expected import Expected
from civicat.validators.engine.rewrites import Pairs, Step, steps_for
from civicat.validators.engine.unchanged import Proof, proof_for, texts_of

_SHOWN = Context(prec=15)  # digits that a workbook shows of a number
_EXACT = 10**15  # decimals of fewer digits are all different as float64
_LONGEST = 120  # characters of an example
_MOST_MISSING = 20  # texts for no value that are listed
_TEXT = pa.string()
_ZEROS = "trailing-zeros"


class Conversions:
    """The columns of a table on their way there and back; `take` is told each batch once."""

    def __init__(self, schema: Schema, stored: Mapping[str, pa.DataType]) -> None:
        expected = Expected(schema)
        self._columns = [
            _Column.of(one, expected.written(one.name), expected.missing_values(one.name), stored[one.name])
            for one in schema.fields
        ]
        self._moments = any(map(pa.types.is_timestamp, stored.values()))

    def take(
        self, sources: Sequence[Cells | None], arrays: Iterable[pa.Array[Any]], types: Callable[[], pa.Schema]
    ) -> None:
        """A batch: for each field its cells as they were read (None: the file has no such column), and its values.

        `types` tells which moments are in UTC by now: while rows come in, they do not say so themselves.
        """
        known = types() if self._moments else None
        for one, source, typed in zip(self._columns, sources, arrays, strict=True):
            moments = known is not None and pa.types.is_timestamp(typed.type)
            one.take(source, _in_zone(typed, known.field(one.name).type) if moments and known is not None else typed)

    def told(self, types: pa.Schema) -> tuple[ColumnConversion, ...]:
        """What became of each column; `types` are those that it is read back with."""
        return tuple(one.told(str(types.field(one.name).type)) for one in self._columns)


@dataclass(slots=True)
class _Column:
    """One column. `seen` counts the cells of each rule, `examples` has the first of each."""

    name: str
    proof: Proof | None
    steps: Sequence[Step]
    only_empty: bool  # whether nothing but an empty cell is a missing value
    cells: int = 0
    missing: int = 0
    identical: int = 0
    native: int = 0
    unexplained: int = 0
    example: tuple[str, str] | None = None
    seen: Counter[str] = field(default_factory=Counter)
    examples: dict[str, tuple[str, str]] = field(default_factory=dict)
    blanks: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, one: Field, written: Mapping[str, object], missing: Sequence[str], stored: pa.DataType) -> _Column:
        """The way of a field; `missing` are its missing values."""
        return cls(one.name, proof_for(one, written, stored), steps_for(one, written, stored), set(missing) == {""})

    def take(self, source: Cells | None, typed: pa.Array[Any]) -> None:
        """Some rows, in their order."""
        self.cells += len(typed)
        if source is None:
            self.missing += len(typed)
        elif isinstance(source, list):
            self._listed(source, typed)
        else:
            self._missed(source, typed)
            self._texts(source, typed)

    def told(self, kind: str) -> ColumnConversion:
        """The column as it is stored with the release."""
        rewrites = [Rewrite(code, self.seen[code], *self.examples[code]) for code in RULES if self.seen[code]]
        return ColumnConversion(
            field=self.name,
            type=kind,
            cells=self.cells,
            missing=self.missing,
            identical=self.identical,
            rewrites=tuple(rewrites),
            unexplained=self.unexplained,
            example=self.example,
            native=self.native,
            missing_texts=tuple(sorted(self.blanks.items(), key=lambda one: (-one[1], one[0]))[:_MOST_MISSING]),
        )

    # ---- no value ------------------------------------------------------------------------------------------------

    def _missed(self, source: pa.Array[Any], typed: pa.Array[Any]) -> None:
        """Counts the cells without a value, and by which texts."""
        gaps = typed.null_count
        self.missing += gaps
        if not gaps:
            return
        if self.only_empty:
            self.blanks[""] += gaps
            return
        for one in pc.value_counts(source.filter(typed.is_null())):
            self.blanks[_short(one["values"].as_py())] += one["counts"].as_py()

    # ---- texts ---------------------------------------------------------------------------------------------------

    def _texts(self, source: pa.Array[Any], typed: pa.Array[Any]) -> None:
        """Texts and their values; those that are null have been counted."""
        self.identical += len(typed) - typed.null_count
        if _is_same(source, typed) or typed.null_count == len(typed):
            return
        rows = np.flatnonzero(valid(typed)) if typed.null_count else None
        verdict = self.proof(texts_of(source, typed, rows)) if self.proof is not None else None
        if verdict is not None:
            self._shortened(source, typed, _among(rows, verdict.zeros))
            rows = _among(rows, verdict.doubtful)
        pairs = _differing(source, typed, rows)
        self.identical -= len(pairs.source)
        if len(pairs.source):
            self._explain(pairs)

    def _shortened(self, source: pa.Array[Any], typed: pa.Array[Any], rows: Numbers) -> None:
        """Counts the texts of which it is proved that only zeros at their end are gone."""
        if len(rows):
            first = int(rows[0])
            self.identical -= len(rows)
            self._note(_ZEROS, len(rows), source[first].as_py(), spelled(typed.slice(first, 1))[0].as_py())

    def _explain(self, pairs: Pairs) -> None:
        """Puts the rules to texts that differ, one after the other, until each is the other side's equal."""
        count = len(pairs.source)
        touched = {step.code: np.zeros(count, np.bool_) for step in self.steps}
        open_rows, now = np.arange(count), pairs
        for step in self.steps:
            found = step.apply(now)
            if found is None:
                continue
            touched[step.code][open_rows[found.touched]] = True
            still = mask(pc.not_equal(found.source, found.spelled))
            now = Pairs(found.source, found.spelled, now.values)
            if not still.all():
                open_rows, now = open_rows[still], now.some(still)
            if not len(open_rows):
                break
        self._count(pairs, touched, open_rows)

    def _count(self, pairs: Pairs, touched: Mapping[str, Mask], left: Any) -> None:  # noqa: ANN401 (rows, of numpy)
        """Counts the cells that are explained, by their rules, and those that are not."""
        for code, rows in touched.items():
            rows[left] = False
            if rows.any():
                first = int(np.argmax(rows))
                self._note(code, int(rows.sum()), pairs.source[first].as_py(), pairs.spelled[first].as_py())
        for row in left[:1].tolist():
            self._unexplained(len(left), pairs.source[row].as_py(), pairs.spelled[row].as_py())

    def _note(self, code: str, cells: int, source: str, spelling: str) -> None:
        self.seen[code] += cells
        self.examples.setdefault(code, (_short(source), _short(spelling)))

    def _unexplained(self, cells: int, source: str, spelling: str) -> None:
        self.unexplained += cells
        self.example = self.example or (_short(source), _short(spelling))

    # ---- values --------------------------------------------------------------------------------------------------

    def _listed(self, cells: list[object], typed: pa.Array[Any]) -> None:
        """Cells of a workbook, JSON or Parquet: texts among them, and values."""
        there = valid(typed)
        self.missing += len(cells) - int(there.sum())
        self.blanks.update(_blank(cell) for cell, held in zip(cells, there.tolist(), strict=True) if not held)
        is_text = np.fromiter((type(cell) is str for cell in cells), np.bool_, len(cells)) & there
        texts = as_texts([cell if told else None for cell, told in zip(cells, is_text.tolist(), strict=True)])
        if texts is not None and is_text.any():
            rows = pa.array(is_text)
            self._texts(texts.filter(rows), typed.filter(rows))
        values = there & ~is_text
        if values.any():
            self._values([cells[row] for row in np.flatnonzero(values).tolist()], typed.filter(pa.array(values)))

    def _values(self, cells: list[object], typed: pa.Array[Any]) -> None:
        """Cells that are no texts, and what the column holds of them."""
        self.native += len(cells)
        if _same_numbers(cells, typed):
            self.identical += len(cells)
            return
        for cell, value in zip(cells, typed.to_pylist(), strict=True):
            rule = _kept(cell, value)
            if rule == "":
                self.identical += 1
            elif rule is None:
                self._unexplained(1, str(cell), as_text(value))
            else:
                self._note(rule, 1, str(cell), as_text(value))


def _among(rows: Numbers | None, some: Numbers) -> Numbers:
    """The rows that a proof names, which counts those that have a value."""
    return some if rows is None else rows[some]


def _differing(source: pa.Array[Any], typed: pa.Array[Any], rows: Numbers | None) -> Pairs:
    """The texts of some rows (None: all) that are not the spelling of their values."""
    if rows is not None:
        source, typed = source.take(pa.array(rows)), typed.take(pa.array(rows))
    spelling = spelled(typed)
    return Pairs(source, spelling, typed).some(mask(pc.not_equal(source, spelling)))


def _in_zone(moments: pa.Array[Any], kind: pa.DataType) -> pa.Array[Any]:
    return moments.view(kind) if kind.tz else moments


def _is_same(source: pa.Array[Any], typed: pa.Array[Any]) -> bool:
    """Whether the values are the texts themselves: the same bytes in the same place."""
    if typed.type != _TEXT:
        return False
    if source is typed:
        return True
    ours, theirs = source.buffers(), typed.buffers()
    if source.offset or typed.offset or not all((*ours[1:], *theirs[1:])):
        return False
    return all(one.address == other.address for one, other in zip(ours[1:], theirs[1:], strict=True))


def _blank(cell: object) -> str:
    return "" if cell is None else _short(str(cell))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _same_numbers(cells: Sequence[object], typed: pa.Array[Any]) -> bool:
    """Whether all are plain numbers that stayed the same; looked at together, for there may be many."""
    if not set(map(type, cells)) <= {int, float}:
        return False
    try:
        numbers = pa.array(cells, pa.float64())
    except pa.ArrowInvalid:  # one that no float64 holds
        return False
    if pa.types.is_floating(typed.type):
        return bool(numbers.equals(typed))
    units, scale = _units(typed)
    if units is None or np.abs(units).max() >= _EXACT:
        return False
    # Both are whole below 2**53 and a power of ten that a float64 holds: the division rounds to the nearest float.
    return bool((units / 10.0**scale == numbers.to_numpy()).all())


def _units(typed: pa.Array[Any]) -> tuple[Numbers | None, int]:
    """Numbers as whole numbers of their last digit, and how many decimals that is; None where int64 holds them not."""
    if pa.types.is_int64(typed.type):
        return typed.to_numpy(), 0
    if not pa.types.is_decimal128(typed.type):
        return None, 0
    low, high = halves(typed)
    return (low if (high == low >> 63).all() else None), typed.type.scale


def _kept(cell: object, value: object) -> str | None:
    """Whether a cell's value stayed the same (""), by which rule it is another, or None where no rule says so."""
    if isinstance(value, str):
        return "written-out" if as_text(cell) == value else None
    if isinstance(value, bool) or isinstance(cell, bool):
        return "" if cell is value else None
    if isinstance(cell, dt.date):
        return _kept_time(cell, value)
    if isinstance(cell, (int, float, Decimal)) and isinstance(value, (int, float, Decimal)):
        return _kept_number(cell, value)
    return "" if cell == value else None


def _kept_time(cell: dt.date, value: object) -> str | None:
    if isinstance(value, dt.datetime) and isinstance(cell, dt.datetime):
        return "" if cell == value else None
    day = cell.date() if isinstance(cell, dt.datetime) else cell
    if day != value:
        return None
    whole = not isinstance(cell, dt.datetime) or cell.time() == dt.time()
    return "" if whole else "fraction-cut"


def _kept_number(cell: float | Decimal, value: float | Decimal) -> str | None:
    told, kept = (Decimal(repr(one)) if isinstance(one, float) else Decimal(one) for one in (cell, value))
    if told == kept:
        return ""
    if _SHOWN.plus(told) == kept:
        return "shown-digits"
    return "rounded" if float(told) == float(kept) else None

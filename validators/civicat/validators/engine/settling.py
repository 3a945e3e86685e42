"""The cells of a column that its kernel was not sure of, judged by frictionless, each different cell once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.columns import Column, Misfit
from civicat.validators.engine.block import Column as Cells
from civicat.validators.engine.block import Mask, Numbers
from civicat.validators.engine.kernels.kernel import CellReader, Judged


@dataclass(frozen=True)
class Settled:
    """A column about which nothing is unsure any more.

    `wrong` are the rows (indices) that frictionless finds something in; `counts` counts its errors by code and rule,
    those of blank rows left out; `misfits` are values that no typed column can hold; `gather` makes `values`.
    """

    wrong: Numbers
    counts: Counter[tuple[str, str]]
    misfits: Sequence[Misfit]
    gather: Callable[[], pa.Array[Any]]

    @cached_property
    def values(self) -> pa.Array[Any]:
        """The values of the column; where it is no key, and nobody wants typed rows, they are never asked for."""
        return self.gather()


_NONE: Numbers = np.empty(0, np.int64)


def settle(judged: Judged, cells: Cells, reader: CellReader | None, column: Column, blank: Mask) -> Settled:
    """Settles a column; `cells` are those that are unsure, in their order. `blank` marks rows that hold nothing.

    Raises:
        RuleBrokenError: a rule of the field cannot be applied.
    """
    if judged.unsure is None or reader is None:
        return Settled(_NONE, Counter(), (), lambda: judged.values)
    rows = np.flatnonzero(judged.unsure)
    codes, distinct = _distinct(cells)
    answers = [reader(cell) for cell in distinct]
    array, misfits = column.convert([value for value, _ in answers])
    broken = np.fromiter((notes is not None for _, notes in answers), np.bool_, len(answers))
    counted = codes[~blank[rows]]
    unsure = pa.array(judged.unsure)
    return Settled(
        gather=lambda: pc.replace_with_mask(judged.values, unsure, array.take(pa.array(codes))),
        wrong=rows[broken[codes]],
        counts=_counts([notes for _, notes in answers], np.bincount(counted, minlength=len(answers))),
        misfits=_misfits(misfits, rows, codes),
    )


def _distinct(cells: Cells) -> tuple[Numbers, list[object]]:
    """For each cell the number of its like, and one cell of each number."""
    if not isinstance(cells, list):
        encoded = cells.dictionary_encode()
        return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()
    places: dict[Hashable, int] = {}
    distinct: list[object] = []
    codes = np.empty(len(cells), np.int64)
    for number, cell in enumerate(cells):
        key = cell if isinstance(cell, str) else _key(cell, number)
        codes[number] = place = places.setdefault(key, len(distinct))
        if place == len(distinct):
            distinct.append(cell)
    return codes, distinct


def _key(cell: object, number: int) -> Hashable:
    """1, 1.0 and True are equal and are not read alike, nor are 0.0 and -0.0; a list is like no other cell."""
    return (type(cell), repr(cell)) if isinstance(cell, Hashable) else (list, number)


def _counts(notes: Sequence[Any], times: Numbers) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for said, number in zip(notes, times.tolist(), strict=True):
        for rule in said or ():
            counts[("type-error", "") if rule == "type" else ("constraint-error", rule)] += number
    return +counts


def _misfits(misfits: Sequence[Misfit], rows: Numbers, codes: Numbers) -> list[Misfit]:
    return [Misfit(int(row), one.code, one.rule) for one in misfits for row in rows[np.flatnonzero(codes == one.place)]]

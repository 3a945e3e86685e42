"""duplicate-row: rows that are the same in every cell, as frictionless writes them out: the values, joined by commas.

Rows are the same where their values are: fingerprints of the columns tell. Only where commas stand in the texts of
several columns may rows be the same though their values differ ("a,b" and "c", "a" and "b,c"): from the first such row
on, rows with a comma are compared by the whole text as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.engine.arrays import mask, parts
from civicat.validators.engine.block import Mask
from civicat.validators.engine.checks.asked import RowKey, as_text
from civicat.validators.engine.checks.theirs import Theirs
from civicat.validators.engine.checks.watch import SAME_IN_PYTHON, Columns, Views
from civicat.validators.engine.keys import KeyWatch
from civicat.validators.engine.problem import Problem
from civicat.validators.engine.rules import Values
from civicat.validators.engine.view import View

_COMMA = ord(",")
_NOTE = 'the same as row at position "%s"'
# Types whose text can be told from Arrow's value: where the texts are equal, so are the values.
_TOLD = frozenset({"string", "integer", "number", "boolean", "date", "datetime", "time", "year"})


@dataclass(frozen=True, slots=True)
class _Either:
    """Rows that are the same by their values or by their text."""

    by_values: KeyWatch
    by_text: KeyWatch

    def early(self, enough: int) -> bool:
        """See Repeating."""
        return self.by_values.early(enough) or self.by_text.early(enough)

    def count(self, values: Callable[[Sequence[int]], Mapping[int, Values]] | None = None) -> int:
        """See Repeating. A row that is the same by both is one."""
        return sum(1 for _ in self.repeats(values))

    def repeats(
        self, values: Callable[[Sequence[int]], Mapping[int, Values]] | None = None
    ) -> Iterator[tuple[int, int]]:
        """See Repeating."""
        pairs = merge(self.by_values.repeats(values), self.by_text.repeats(values), key=itemgetter(0))
        for row, ones in groupby(pairs, key=itemgetter(0)):
            yield row, max(other for _, other in ones)


class Duplicates:
    """The watch of such a check. Which rows are the same is only known at the end: `key` is to be asked then."""

    def __init__(  # noqa: PLR0913, PLR0917 (what is checked, and where fingerprints go)
        self, theirs: Theirs, columns: Columns, types: Sequence[pa.DataType], folder: Path, place: int, again: Views
    ) -> None:
        self._theirs, self._columns, self._place, self._again = theirs, columns, place, again
        self._places = tuple(range(len(columns.names)))
        self._texts = columns.of("string")
        self._told = set(columns.types) <= _TOLD
        self._comma: int | None = None  # the first column that holds one
        self._mixed = not self._told  # whether rows are compared by their text as well
        # The column of one value makes a row of missing values a key too.
        self._by_values = KeyWatch(folder, [*types, pa.int32()] if self._told else [None])
        self._by_text = KeyWatch(folder, [pa.string()])
        self.key = RowKey(self._places, _Either(self._by_values, self._by_text))

    def close(self) -> None:
        """Gives back what lies on disk."""
        self._by_values.close()
        self._by_text.close()

    def see(self, view: View, most: int) -> Mask | None:
        """See Watch."""
        del most
        if self._told:
            self._add_values(view)
        marked = self._marked(view)
        if not self._mixed and self._is_mixed(view):
            self._mixed = True
            self._catch_up(view)
        if self._mixed:
            self._add_texts(view, marked)
        return None

    def row(self, number: int, row: Any, repeats: Mapping[int, int]) -> list[Problem]:  # noqa: ANN401 (frictionless' Row)
        """See Watch."""
        del number
        other = repeats.get(self._place)
        return [] if other is None else [self._theirs.row_problem("duplicate-row", _NOTE % other, row)]

    def end(self, rows: int, again: Views) -> list[Problem]:
        """See Watch."""
        del rows, again
        return []

    def _add_values(self, view: View) -> None:
        length = len(view.block.numbers)
        columns = [self._filled(view, place) for place in self._places]
        skip = np.zeros(length, np.bool_)
        skip[view.apart(self._places)] = True
        self._by_values.add(view.block.numbers, [*columns, pa.array(np.ones(length, np.int32))], skip)
        odd = ((number, self._filled_row(key)) for number, key in view.odd_keys(self._places))
        self._by_values.add_rows([(number, (*key, 1)) for number, key in odd])

    def _filled(self, view: View, place: int) -> pa.Array[Any]:
        """A column in which no value is missing that could be the text "None", as frictionless writes it."""
        typed = view.typed(place)
        return typed.fill_null("None") if typed.null_count and place in self._texts else typed

    def _filled_row(self, key: Values) -> Values:
        return tuple("None" if one is None and place in self._texts else one for place, one in enumerate(key))

    def _marked(self, view: View) -> Mask:
        """The straight rows that have to be compared by their text, where any have."""
        length = len(view.block.numbers)
        if not self._told:
            return np.ones(length, np.bool_)
        found = np.zeros(length, np.bool_)
        for place in self._with_commas(view):
            found |= mask(pc.match_substring(view.typed(place), ","))
        found[view.apart(self._places)] = True
        return found

    def _with_commas(self, view: View) -> list[int]:
        return [place for place in self._texts if (parts(view.typed(place))[0] == _COMMA).any()]

    def _is_mixed(self, view: View) -> bool:
        """Whether there is a comma in a second column, or a value that its column cannot hold."""
        odd = (
            place
            for _, key in view.odd_keys(self._texts)
            for place, one in zip(self._texts, key, strict=True)
            if "," in str(one)
        )
        for place in (*self._with_commas(view), *odd):
            self._comma = place if self._comma is None else self._comma
            if place != self._comma:
                return True
        return bool(view.apart(self._places))

    def _catch_up(self, view: View) -> None:
        """Adds the texts of the rows before a block."""
        first = int(view.numbers().min())
        for before in self._again():
            if int(before.numbers().min()) >= first:
                break
            self._add_texts(before, self._marked(before))

    def _add_texts(self, view: View, marked: Mask) -> None:
        rows = np.flatnonzero(marked)
        single = zip(view.block.numbers[rows].tolist(), self._keys(view, rows.tolist()), strict=True)
        found = sorted((number, as_text(key)) for number, key in (*single, *view.odd_keys(self._places)))
        self._by_text.add_rows([(number, (text,)) for number, text in found])

    def _keys(self, view: View, rows: list[int]) -> list[Values]:
        """The values of some rows: from Arrow where it has them as frictionless has, else read again."""
        here = [place for place in self._places if self._columns.types[place] in SAME_IN_PYTHON]
        if not rows or view.apart(here):
            return view.keys(rows, self._places)
        columns: dict[int, Sequence[object]] = {
            place: view.typed(place).take(pa.array(rows)).to_pylist() for place in here
        }
        others = [place for place in self._places if place not in columns]
        if others:
            columns |= dict(zip(others, zip(*view.keys(rows, others), strict=True), strict=True))
        return list(zip(*(columns[place] for place in self._places), strict=True))

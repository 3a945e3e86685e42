"""Any check, row by row, through frictionless: correct, and as slow as frictionless."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from operator import itemgetter
from typing import Any

from civicat.validators.engine.block import Block, Mask
from civicat.validators.engine.checks.theirs import Theirs
from civicat.validators.engine.checks.watch import Views, nothing
from civicat.validators.engine.problem import Problem
from civicat.validators.engine.view import View

_AT_ONCE = 1024  # rows whose cells are taken out of a block at once


@dataclass(slots=True)
class Through:
    """A check that is handed every row; what it says is kept, since it may not be asked twice."""

    theirs: Theirs
    check: Any  # frictionless' Check, which is loaded late
    _said: dict[int, list[Problem]] = field(default_factory=dict)

    def see(self, view: View, most: int) -> Mask | None:
        """See Watch."""
        mask = nothing(view)
        places = {number: place for place, number in enumerate(view.block.numbers.tolist())}
        for number, cells in records(view.block):
            if problems := self.theirs.of_row(self.check, self.theirs.row(number, cells)):
                self._said[number] = problems
                if number in places:
                    mask[places[number]] = True
                if most and len(self._said) >= most:
                    break
        return mask

    def row(self, number: int, row: Any, repeats: Mapping[int, int]) -> list[Problem]:  # noqa: ANN401 (frictionless' Row)
        """See Watch."""
        del row, repeats
        return self._said.get(number, [])

    def end(self, rows: int, again: Views) -> list[Problem]:
        """See Watch."""
        del again
        return self.theirs.at_end(self.check, rows)


def records(block: Block) -> Iterator[tuple[int, Sequence[object]]]:
    """All records of a block in their order: their numbers and cells."""
    odd = ((one.number, one.cells) for one in block.odd)
    return merge(_straight(block), odd, key=itemgetter(0))


def _straight(block: Block) -> Iterator[tuple[int, Sequence[object]]]:
    numbers = block.numbers.tolist()
    for begin in range(0, len(numbers), _AT_ONCE):
        rows = range(begin, min(begin + _AT_ONCE, len(numbers)))
        yield from zip(numbers[begin : begin + _AT_ONCE], block.cells(list(rows)), strict=True)

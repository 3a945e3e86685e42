"""What reading.py asks of the checks over a table, and what it hears where there are none: nothing heavy is loaded."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from civicat.validators.engine.block import Block, Mask
from civicat.validators.engine.problem import Problem
from civicat.validators.engine.rules import Values
from civicat.validators.engine.view import View


class Repeating(Protocol):
    """What a key is asked for when all its rows are in; as keys.KeyWatch has it."""

    def early(self, enough: int) -> bool:
        """Whether there seem to be `enough` repeats already."""

    def count(self, values: Callable[[Sequence[int]], Mapping[int, Values]] | None = None) -> int:
        """How many rows repeat another."""

    def repeats(
        self, values: Callable[[Sequence[int]], Mapping[int, Values]] | None = None
    ) -> Iterator[tuple[int, int]]:
        """Each row that repeats another, ascending, with the last row before it that is the same."""


@dataclass(frozen=True, slots=True)
class RowKey:
    """What stands for a key in links.repeated: which rows repeat, and what tells two rows apart."""

    places: tuple[int, ...]
    watch: Repeating
    times: int = 1  # how often its check is listed, each of which finds the same

    @staticmethod
    def told(values: Values) -> Values:
        """The text by which frictionless compares rows."""
        return (as_text(values),)

    def count(self, exact: Callable[[Sequence[int]], Mapping[int, Values]], baselines: int) -> int:
        """How many errors its checks find."""
        del baselines
        return self.times * self.watch.count(exact)


def as_text(values: Values) -> str:
    """A row as frictionless writes it out to compare it."""
    return ",".join(map(str, values))


class Checks(Protocol):
    """The checks over one table, as reading.py asks them."""

    keys: Sequence[RowKey]
    hides: bool  # whether an error was found that is not wanted, so that the table is not clean though nothing is told
    baselines: int  # how often what the schema has is told: once more for each time that a checklist names it

    def start(self, head: Sequence[Problem]) -> Sequence[Problem]:
        """What is wrong before the first row; `head` is what is wrong with the header."""

    def see(self, view: View, most: int) -> list[Mask]:
        """The rows of a block that may be wrong; see Watch. Blocks come in their order."""

    def of_row(
        self, number: int, cells: Sequence[object], found: Sequence[Problem], repeats: Mapping[int, int]
    ) -> list[Problem]:
        """What is wrong with a row, of which `found` is what the schema has."""

    def end(self, rows: int, tail: Sequence[Problem]) -> list[Problem]:
        """What is wrong after the last row; `tail` is what the counts and the checksum of the file have."""

    def broken_off(self, last: int, blocks: Generator[Block, None, None]) -> list[Problem]:
        """The same where the file can be read no further than the row `last`; `blocks` are those up to there."""

    def lists(self, code: str) -> bool:
        """Whether errors of this code are wanted."""

    def faults(self) -> list[Problem]:
        """Rules that could not be applied, which frictionless does not tell from wrong rows."""

    def close(self) -> None:
        """Gives back what lies on disk."""


class NoChecks:
    """Where no checklist is given."""

    keys: Sequence[RowKey] = ()
    hides = False
    baselines = 1

    def start(self, head: Sequence[Problem]) -> Sequence[Problem]:
        """See Checks."""
        return head

    def see(self, view: View, most: int) -> list[Mask]:
        """See Checks."""
        del view, most
        return []

    def of_row(
        self, number: int, cells: Sequence[object], found: Sequence[Problem], repeats: Mapping[int, int]
    ) -> list[Problem]:
        """See Checks."""
        del number, cells, repeats
        return list(found)

    def end(self, rows: int, tail: Sequence[Problem]) -> list[Problem]:
        """See Checks."""
        del rows
        return list(tail)

    def broken_off(self, last: int, blocks: Generator[Block, None, None]) -> list[Problem]:
        """See Checks."""
        del last, blocks
        return []

    def lists(self, code: str) -> bool:
        """See Checks."""
        del code
        return True

    def faults(self) -> list[Problem]:
        """See Checks."""
        return []

    def close(self) -> None:
        """See Checks."""

"""Patterns over which Python's re may take for ever, told from their syntax tree, before any text is seen.

Python tries one way to cut a text after the other. The ways are paths through the pattern's automaton: where a
repeated part can be passed in two ways for the same text, their number doubles with each round (EDA in the literature);
where repeats that take the same text follow one another, it grows with a power of the length (IDA). See Weideman et
al., "Analyzing Matching Time Behavior of Backtracking Regular Expression Matchers" (CIAA 2016). Where nothing repeats
without end, as in thirty times `a?`, the ways are counted along the text that has the most of them.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from re import _parser  # type: ignore[attr-defined] # Python's own reading of a pattern; there is no public one
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from civicat.validators.engine.patterns import CLASSES, class_ranges, matcher, syntax_tree

_NEAR = 6  # copies of a part that are counted one by one; with more, it counts as repeated without end
_MOST_STATES = 400  # characters of a pattern that are looked at; a longer pattern counts as running away
_MOST_STEPS = 300_000  # pairs of states that are looked at, likewise
_BEARABLE = 1  # repeats in a row that take the same text: two of them take the square of its length
_MOST_WAYS = 10_000  # ways to cut one text: Python tries about ten thousand in a millisecond, for every such cell
_COUNTED = 100 * _MOST_WAYS  # ways are counted so far; how many more there are does not matter
_ANYTHING = (_parser.ANY, None)
_REPEATS = frozenset({_parser.MAX_REPEAT, _parser.MIN_REPEAT})


class _TooLargeError(Exception):
    """The pattern is too large to be looked at."""


def runs_away(pattern: str) -> bool:
    r"""Whether some text keeps Python busy without end: its time doubles with each character, or grows with its cube.

    `(a+)+`, `(a|a)*`, `(a?){40}` and `\d*\d*\d*x` do; `[a-z]+(-[a-z]+)*` does not, nor does what is no regular
    expression. What RE2 reads as Python does (`patterns.matcher`) may be applied all the same, by RE2.
    """
    tree = syntax_tree(pattern)
    try:
        return tree is not None and any(map(_is_busy, _automata(tree)))
    except (_TooLargeError, RecursionError):
        return True


class _Part(NamedTuple):
    """A part of a pattern: in how many ways it may be empty, and the states that it begins and ends with."""

    empty: int
    first: Counter[int]
    last: Counter[int]


_NOTHING = _Part(empty=1, first=Counter(), last=Counter())


@dataclass(slots=True)
class _Automaton:
    """States are the characters of the pattern; `follow` counts the ways from one to the next (Glushkov's)."""

    classes: list[Any] = field(default_factory=list)
    follow: defaultdict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    inner: list[Any] = field(default_factory=list)  # what is matched for itself: lookahead, atomic groups

    def sequence(self, tree: Any) -> _Part:  # noqa: ANN401 (Python's syntax tree has no types)
        whole = _NOTHING
        for operator, argument in tree:
            whole = self._then(whole, self._part(operator, argument))
        return whole

    def _part(self, operator: Any, argument: Any) -> _Part:  # noqa: ANN401 (as above)
        if operator in CLASSES:
            return self._state(operator, argument)
        if operator is _parser.BRANCH:
            return self._either([self.sequence(one) for one in argument[1]])
        if operator is _parser.SUBPATTERN:
            return self.sequence(argument[3])
        if operator in _REPEATS:
            return self._repeat(*argument)
        return self._apart(operator, argument)

    def _apart(self, operator: Any, argument: Any) -> _Part:  # noqa: ANN401 (as above)
        """References, and what is matched once and for all: no second way of it is tried when the rest does not."""
        if operator in {_parser.ASSERT, _parser.ASSERT_NOT}:
            self.inner.append(argument[1])
        elif operator is _parser.ATOMIC_GROUP:
            self.inner.append(argument)
            return self._state(*_ANYTHING)
        elif operator is _parser.POSSESSIVE_REPEAT:
            self.inner.append(argument[2])
            return self._state(*_ANYTHING)
        elif operator is _parser.GROUPREF:
            return self._state(*_ANYTHING)
        elif operator is _parser.GROUPREF_EXISTS:
            return self._either([self.sequence(one) for one in argument[1:] if one is not None])
        return _NOTHING

    def _state(self, operator: Any, argument: Any) -> _Part:  # noqa: ANN401 (as above)
        self.classes.append((operator, argument))
        if len(self.classes) > _MOST_STATES:
            raise _TooLargeError
        state = Counter({len(self.classes) - 1: 1})
        return _Part(empty=0, first=state, last=state)

    def _repeat(self, least: int, most: int, body: Any) -> _Part:  # noqa: ANN401 (as above)
        once = min(least, 1)
        if most == least <= _MOST_STATES and (least <= _NEAR or _is_chain(body)):
            copies, loose = least, 0
        elif most <= _NEAR:
            copies, loose = least, most - least
        else:
            part = self._loop(self.sequence(body), least)
            return part if once else part._replace(empty=part.empty + 1)
        whole = _NOTHING
        for copy in range(copies + loose):
            part = self.sequence(body)
            whole = self._then(whole, part if copy < copies else part._replace(empty=part.empty + 1))
        return whole

    def _loop(self, part: _Part, least: int) -> _Part:
        """Rounds without end. Python makes the `least` rounds even where a round takes nothing, and tries each so."""
        self._join(part.last, part.first)
        if not part.empty or least <= 1:
            return part
        self._join(part.last, part.first)
        return part._replace(empty=min(part.empty ** min(least, _NEAR * _NEAR), _COUNTED))

    def _then(self, before: _Part, after: _Part) -> _Part:
        self._join(before.last, after.first)
        return _Part(
            empty=min(before.empty * after.empty, _COUNTED),
            first=before.first + _times(after.first, before.empty),
            last=after.last + _times(before.last, after.empty),
        )

    def _join(self, last: Counter[int], first: Counter[int]) -> None:
        for (one, ways), (other, more) in product(last.items(), first.items()):
            self.follow[one][other] = min(self.follow[one][other] + ways * more, _COUNTED)

    @staticmethod
    def _either(ways: list[_Part]) -> _Part:
        first, last = Counter[int](), Counter[int]()
        for one in ways:
            first += one.first
            last += one.last
        return _Part(min(sum(one.empty for one in ways), _COUNTED), first, last)


def _times(states: Counter[int], ways: int) -> Counter[int]:
    return Counter({state: min(count * ways, _COUNTED) for state, count in states.items() if ways})


def _is_chain(body: Any) -> bool:  # noqa: ANN401 (Python's syntax tree has no types)
    """Whether a part has a fixed length, so that copies of it can be told apart."""
    shortest, longest = body.getwidth()
    return bool(shortest == longest)


@dataclass(frozen=True)
class _Machine:
    """An automaton with its characters as bits: two states can take the same character where their bits meet."""

    bits: tuple[int, ...]
    follow: Mapping[int, Counter[int]]
    whole: _Part

    def steps(self, states: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        """Where states that read the same text can be one character on."""
        for after in product(*(self.follow.get(one, ()) for one in states)):
            common = -1
            for one in after:
                common &= self.bits[one]
            if common:
                yield after

    def reached(self, start: tuple[int, ...], inside: tuple[frozenset[int], ...] | None = None) -> set[tuple[int, ...]]:
        """Where states can get to together, in one step or more; each one `inside` its own set."""
        found: set[tuple[int, ...]] = set()
        left = [start]
        while left:
            for after in self.steps(left.pop()):
                if after not in found and (
                    inside is None or all(one in allowed for one, allowed in zip(after, inside, strict=True))
                ):
                    found.add(after)
                    left.append(after)
            if len(found) > _MOST_STEPS:
                raise _TooLargeError
        return found

    @cached_property
    def beyond(self) -> Mapping[int, frozenset[int]]:
        """The states that can be reached from each."""
        return {state: frozenset(after for (after,) in self.reached((state,))) for state in range(len(self.bits))}

    @cached_property
    def rounds(self) -> Mapping[int, frozenset[int]]:
        """For each state that can come back to itself, the states that it passes on the way."""
        return {
            state: frozenset(one for one in after if state in self.beyond[one])
            for state, after in self.beyond.items()
            if state in after
        }


def _automata(tree: Any) -> Iterator[_Machine]:  # noqa: ANN401 (Python's syntax tree has no types)
    """The automaton of a pattern, and those of the parts of it that are matched for themselves."""
    automaton = _Automaton()
    whole = automaton.sequence(tree)
    yield _Machine(_bits(automaton.classes), automaton.follow, whole)
    for one in automaton.inner:
        yield from _automata(one)


def _bits(classes: list[Any]) -> tuple[int, ...]:
    """Each class as bits: one bit for each character at which some class begins or ends, for all up to the next."""
    ranges = [class_ranges(*one, full=False) for one in classes]  # what classes have in common shows in ASCII
    edges = sorted({edge for one in ranges for low, high in one for edge in (low, high + 1) if edge <= sys.maxunicode})
    return tuple(
        sum(1 << number for number, edge in enumerate(edges) if any(low <= edge <= high for low, high in one))
        for one in ranges
    )


def _is_busy(machine: _Machine) -> bool:
    return _ways(machine) > _MOST_WAYS or _doubles(machine) or _powers(machine) > _BEARABLE


def _ways(machine: _Machine) -> float:
    """In how many ways a text leads through a pattern, up to about _COUNTED; the texts are as long as the pattern.

    From the beginning, and from each state where ways part, one text is made: of characters with which most ways go on.
    """
    size = len(machine.bits)
    ends = [machine.whole.empty, *machine.whole.last.values()]
    if not size or max(ends) > _MOST_WAYS:
        return max(ends)
    follow, takes = _matrices(machine)
    ways = np.zeros((size + 1, size), np.float32)  # one row for each text, one column for each state
    ways[0, list(machine.whole.first)] = list(machine.whole.first.values())
    forks = np.flatnonzero((follow @ takes).max(axis=1) > 1)  # the others only hand on what they are given
    ways[forks + 1, forks] = 1
    ways = ways[ways.any(axis=1)]
    most = float(ways.sum(axis=1).max())
    for _ in range(size):
        ways @= follow
        best = (ways @ takes).argmax(axis=1)
        ways *= takes.T[best]
        sums = ways.sum(axis=1)
        ways = ways[sums > 0]
        if not len(ways) or most > _MOST_WAYS:
            break
        most = max(most, float(sums.max()))
    return most


def _matrices(machine: _Machine) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The ways from each state to each (states by states), and which states take a character (states by characters)."""
    size = len(machine.bits)
    follow = np.zeros((size, size), np.float32)
    for state, after in machine.follow.items():
        follow[state, list(after)] = list(after.values())
    width = max(machine.bits).bit_length()
    characters = {tuple(bits >> place & 1 for bits in machine.bits) for place in range(width)}
    return follow, np.array(sorted(characters), np.float32).reshape(len(characters), size).T


def _doubles(machine: _Machine) -> bool:
    """Whether one text leads from a state back to it in two ways (EDA)."""
    for state, round_ in machine.rounds.items():
        if any(ways > 1 and after in round_ for one in round_ for after, ways in machine.follow[one].items()):
            return True
        pairs = machine.reached((state, state), (round_, round_))
        for one, other in pairs:
            if one != other and (state, state) in machine.reached((one, other), (round_, round_)):
                return True
    return False


def _powers(machine: _Machine) -> int:
    """The longest row of repeats each of which can take over, at any point, a text that the one before it takes."""
    rounds = set(machine.rounds.values())
    chains: dict[frozenset[int], int] = {}

    def chain(one: frozenset[int]) -> int:
        if one not in chains:
            chains[one] = 0  # repeats follow one another in one direction
            after = [other for other in rounds if other != one and other & machine.beyond[min(one)]]
            chains[one] = max((chain(other) + _takes_over(machine, one, other) for other in after), default=0)
        return chains[one]

    return max(map(chain, rounds), default=0)


def _takes_over(machine: _Machine, one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether one text leads around in `one`, around in `other`, and from `one` to `other` (IDA)."""
    between = frozenset(state for state in machine.beyond[min(one)] if other & (machine.beyond[state] | {state}))
    return any(
        (begin, end, end) in machine.reached((begin, begin, end), (one, between, other))
        for begin, end in product(one, other)
    )


def is_endless(pattern: str) -> bool:
    """Whether a pattern has to be refused: it runs away in Python, and RE2 may not read it as Python does."""
    if not runs_away(pattern):
        return False
    found = matcher(pattern)
    return found is None or not found.exact

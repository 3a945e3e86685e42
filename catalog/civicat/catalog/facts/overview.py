"""What lists of departments and of due days need of every dataset: read once from a build, which never changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from civicat.catalog.facts.freshness import freshness
from civicat.catalog.index.reader import Catalogue
from civicat.catalog.model import Card, DepartmentCard

_AT_ONCE = 5000  # cards


@dataclass(frozen=True, slots=True)
class Promise:
    """One dataset as the calendar knows it: `day` (ISO 8601) is when its next release is due, blank where never."""

    day: str
    dataset: str
    department: str
    frequency: str
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """Every promise, by day and then by dataset, those without a day last and closed ones at the end.

    `of` has those of each department, `quality` its points held and possible.
    """

    departments: tuple[DepartmentCard, ...]
    promises: tuple[Promise, ...]
    of: Mapping[str, tuple[Promise, ...]]
    quality: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a department keeps its promises on a day: `promised` datasets have a day, `late` of them have passed it.

    `held` of `points` points of quality are held by its datasets together.
    """

    promised: int
    late: int
    held: int
    points: int

    @property
    def in_time(self) -> int:
        """How many datasets are in time."""
        return self.promised - self.late


@lru_cache(maxsize=2)  # builds: the one that serves and the one before
def overview(catalogue: Catalogue) -> Overview:
    """What a build says of its departments and due days."""
    of: dict[str, list[Promise]] = defaultdict(list)
    quality: dict[str, tuple[int, int]] = {}
    for card in _cards(catalogue):
        of[card.department].append(_promise(card))
        quality[card.department] = _added(quality.get(card.department, (0, 0)), card)
    every = (one for many in of.values() for one in many)
    return Overview(
        departments=catalogue.departments(),
        promises=tuple(sorted(every, key=_order)),
        of={code: tuple(many) for code, many in of.items()},
        quality=quality,
    )


def _cards(catalogue: Catalogue) -> Iterator[Card]:
    """Every card, a few at a time: all of them together take a gigabyte where there are a million."""
    for offset in range(0, catalogue.totals().datasets, _AT_ONCE):
        yield from catalogue.cards(limit=_AT_ONCE, offset=offset)


def _promise(card: Card) -> Promise:
    return Promise(card.due, card.id, card.department, card.frequency, card.themes)


def _order(promise: Promise) -> tuple[bool, str, bool, str]:
    return not promise.day, promise.day, promise.frequency == "never", promise.dataset


def _added(before: tuple[int, int], card: Card) -> tuple[int, int]:
    return before[0] + card.held, before[1] + card.points


def standing(seen: Overview, department: str, today: date) -> Standing:
    """How a department stands on a day."""
    return _standing(seen.of.get(department, ()), seen.quality.get(department, (0, 0)), today)


def standing_of(cards: Iterable[Card], today: date) -> Standing:
    """How the department of these datasets, all that it has, stands on a day."""
    many = tuple(cards)
    points = (sum(card.held for card in many), sum(card.points for card in many))
    return _standing(map(_promise, many), points, today)


def _standing(promises: Iterable[Promise], points: tuple[int, int], today: date) -> Standing:
    promised = [one for one in promises if one.day]
    late = sum(freshness(one.frequency, one.day, today).late > 0 for one in promised)
    return Standing(len(promised), late, *points)

"""The freshness calendar: what is late, what is due week by week, and what nobody promised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from civicat.catalog.facts.freshness import LEVELS, Freshness, freshness
from civicat.catalog.facts.overview import Promise

NEAR = 4  # weeks that are told week by week, this one first
WEEKS = 12  # that are told at all; beyond, it is later
SIZE = 100  # datasets of one page


@dataclass(frozen=True, slots=True)
class Day:
    """One dataset of the calendar and how it stands; `left` is the days until it is due, 0 where it is late."""

    promise: Promise
    freshness: Freshness
    left: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Days under one heading: `late`, weeks ahead (`week-0` is this one), `months`, `later` or a level."""

    name: str
    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """One page of the calendar; `counts` has the number of datasets by level before the filter by state."""

    groups: tuple[Group, ...]
    counts: dict[str, int]
    total: int
    page: int
    pages: int


def calendar(promises: Iterable[Promise], today: date, state: str = "", page: int = 1) -> Calendar:
    """The calendar of some promises, in the order of an Overview, on a day.

    What is late longest comes first, what is due next follows. A page that is not there gives the nearest one.
    """
    days = [_day(one, today) for one in promises]
    counts = {level: sum(one.freshness.level == level for one in days) for level in LEVELS}
    wanted = [one for one in days if not state or one.freshness.level == state]
    pages = max(1, -(-len(wanted) // SIZE))
    page = min(max(page, 1), pages)
    shown = wanted[(page - 1) * SIZE : page * SIZE]
    groups = tuple(Group(name, tuple(many)) for name, many in groupby(shown, lambda one: _group(one, today)))
    return Calendar(groups, counts, len(wanted), page, pages)


def _day(promise: Promise, today: date) -> Day:
    seen = freshness(promise.frequency, promise.day, today)
    return Day(promise, seen, max((seen.due - today).days, 0) if seen.due else 0)


def _group(day: Day, today: date) -> str:
    seen = day.freshness
    if seen.due is None or seen.late:
        return seen.level
    ahead = (seen.due - _monday(today)).days // 7
    return f"week-{ahead}" if ahead < NEAR else "months" if ahead < WEEKS else "later"


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())

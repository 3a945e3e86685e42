"""The pollution ledger (数据污染): what was found in what departments handed in, and when it was mended.

An entry is one kind of error in one place: a code in one column of one table. It is open from the hand-in that had it
until the first later one that was read to its end and does not, or was published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from statistics import median

from civicat.catalog.facts.history import KEPT, History
from civicat.hand_ins import Became, Found, HandedResource, HandIn

MONTHS = 24  # that the chart shows, the newest

Key = tuple[str, str, str]  # resource, code, field


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of error in one place; `count` as it was first found, `found` and `mended` are UTC, ISO 8601.

    `mended` is blank while it is open. `times` counts the hand-ins that had it. `rows` are the first rows that had it
    then, the header counted; empty where nobody kept them.
    """

    dataset: str
    resource: str
    code: str
    field: str
    count: int
    found: str
    mended: str = ""
    times: int = 1
    rows: tuple[int, ...] = ()

    @property
    def days(self) -> int | None:
        """From the day on which it was found to that on which it was mended; None while it is open."""
        begin, end = (date.fromisoformat(moment[:10]) if moment else None for moment in (self.found, self.mended))
        return (end - begin).days if begin and end else None


@dataclass(frozen=True, slots=True)
class Month:
    """How many entries were found and mended in a month (`2026-11`)."""

    month: str
    found: int
    mended: int


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that the checks remarked in what is online now: a known impurity of it."""

    dataset: str
    resource: str
    found: Found


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of some datasets. Entries: open first, then those mended last; hand-ins newest first, with dataset.

    `spelled` has what was spelled anew for the departments, by code of conversion.RULES, the most cells first.
    """

    entries: tuple[Entry, ...]
    hand_ins: tuple[tuple[str, HandIn], ...]
    months: tuple[Month, ...]
    remarks: tuple[Remark, ...]
    spelled: tuple[tuple[str, int], ...]

    @property
    def found(self) -> int:
        """How many entries there are."""
        return len(self.entries)

    @property
    def mended(self) -> int:
        """How many of them were mended."""
        return sum(1 for one in self.entries if one.mended)

    @property
    def open(self) -> int:
        """How many are not."""
        return self.found - self.mended

    @property
    def refused(self) -> int:
        """How many hand-ins were not published."""
        return sum(1 for _, one in self.hand_ins if one.result is not Became.PUBLISHED)

    @property
    def unrecorded(self) -> int:
        """How many are releases from before hand-ins were recorded: what came before each of them nobody knows."""
        return sum(1 for _, one in self.hand_ins if not one.inputs)

    @property
    def respelled(self) -> int:
        """The cells that were spelled anew; one that several rules touched counts in each."""
        return sum(cells for _, cells in self.spelled)

    @property
    def most(self) -> int:
        """The most that were found or mended in one month; at least 1."""
        return max((max(one.found, one.mended) for one in self.months), default=0) or 1

    @property
    def median_days(self) -> float | None:
        """The days within which half of what was mended was mended; None where nothing was."""
        days = [one.days for one in self.entries if one.days is not None]
        return median(days) if days else None


def ledger(histories: Iterable[History], today: date) -> Ledger:
    """The ledger of some datasets as it stands on a day."""
    return _reckoned(tuple(histories), today)


@lru_cache(maxsize=64)
def _reckoned(many: tuple[History, ...], today: date) -> Ledger:
    found = [entry for one in many for entry in entries(one)]
    handed = [(one.dataset, hand_in) for one in many for hand_in in one.hand_ins]
    closed = sorted((one for one in found if one.mended), key=lambda one: one.mended, reverse=True)
    still = sorted((one for one in found if not one.mended), key=lambda one: (one.found, one.dataset))
    return Ledger(
        entries=(*still, *closed),
        hand_ins=tuple(sorted(handed, key=lambda one: one[1].when, reverse=True)),
        months=months(found, [one.when for _, one in handed], today),
        remarks=tuple(_remarks(many)),
        spelled=tuple(_spelled(one for _, one in handed).most_common()),
    )


@lru_cache(maxsize=KEPT)
def entries(history: History) -> tuple[Entry, ...]:
    """Every error of a dataset's hand-ins with the time for which it stood; found again, it is another entry."""
    still: dict[Key, Entry] = {}
    mended: list[Entry] = []
    for handed in history.hand_ins:
        had = dict(_errors(handed))
        gone = [key for key in still if key not in had and _tells(handed, key[0])]
        mended += [replace(still.pop(key), mended=handed.when) for key in gone]
        for key, one in had.items():
            before = still.get(key, Entry(history.dataset, *key, one.count, handed.when, times=0, rows=one.rows))
            still[key] = replace(before, times=before.times + 1)
    return (*mended, *still.values())


def _errors(handed: HandIn) -> Iterator[tuple[Key, Found]]:
    for resource in handed.resources:
        for one in resource.errors:
            yield (resource.name, one.code, one.field), one


def _tells(handed: HandIn, resource: str) -> bool:
    """Whether what a hand-in does not have there is mended: it was published, or the table was read to its end."""
    whole = any(one.name == resource and one.complete for one in handed.resources)
    return handed.result is Became.PUBLISHED or whole


def months(found: Iterable[Entry], handed: Iterable[str], today: date) -> tuple[Month, ...]:
    """The months from the first hand-in to today, at most MONTHS of them; the empty ones too. None without a date."""
    many = tuple(found)
    first = min((when[:7] for when in handed if when), default="")
    opened, closed = Counter(one.found[:7] for one in many), Counter(one.mended[:7] for one in many)
    named = _named(first, today) if first else []
    return tuple(Month(month, opened[month], closed[month]) for month in named[-MONTHS:])


def _named(first: str, today: date) -> list[str]:
    begin, end = int(first[:4]) * 12 + int(first[5:7]) - 1, today.year * 12 + today.month - 1
    begin = min(begin, end)  # a clock that was ahead
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(max(begin, end - MONTHS + 1), end + 1)]


def _remarks(many: Iterable[History]) -> Iterator[Remark]:
    for one in many:
        for resource in one.online.resources if one.online else ():
            yield from (Remark(one.dataset, resource.name, found) for found in resource.warnings)


def _spelled(handed: Iterable[HandIn]) -> Counter[str]:
    cells: Counter[str] = Counter()
    for resource in (resource for one in handed for resource in one.resources):
        cells.update(_cells(resource))
    return cells


def _cells(resource: HandedResource) -> dict[str, int]:
    return {one.code: one.count for one in resource.mended}

"""Whether releases came by the day that was promised: each one, and the one that is due now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from civicat.catalog.facts.freshness import due
from civicat.catalog.facts.history import Arrival

SHOWN = 24  # slips of one dataset, the newest

State = Literal["in-time", "late", "unknown"]
SLIPS: Mapping[State, str] = {"in-time": "y", "late": "l", "unknown": "x"}  # how each is drawn


@dataclass(frozen=True, slots=True)
class Coming:
    """One release that was promised: by which day (ISO 8601), and how it came; `late` in days.

    `version` is blank where it has not come yet, and then it is late.
    """

    version: str
    wanted: str
    state: State
    late: int = 0


@dataclass(frozen=True, slots=True)
class Punctuality:
    """The promised releases of a dataset, oldest first, and the day by which the next is due; blank without promise.

    The first release is in none of it: nothing was promised before it.
    """

    comings: tuple[Coming, ...]
    next: str

    @property
    def in_time(self) -> int:
        """How many came by their day."""
        return sum(one.state == "in-time" for one in self.comings)

    @property
    def known(self) -> int:
        """How many are known to have come by their day or not."""
        return sum(one.state != "unknown" for one in self.comings)

    @property
    def overdue(self) -> int:
        """By how many days the next one is late; 0 while it is not."""
        return next((one.late for one in self.comings[-1:] if not one.version), 0)

    @property
    def slips(self) -> str:
        """A letter for each of the newest SHOWN: y in time, l late, x unknown."""
        return "".join(SLIPS[one.state] for one in self.comings[-SHOWN:])


def punctuality(arrivals: Sequence[Arrival], frequency: str, today: date) -> Punctuality:
    """How releases came, oldest first, each held against what the one before it promised.

    `frequency` is what is promised now: it stands in for promises that nobody knows any more. What was taken down
    does not count as having come, unless another release took its place.
    """
    stayed = _stayed(arrivals)
    came = tuple(_came(stayed, frequency))
    wanted = due(stayed[-1].frequency or frequency, stayed[-1].released) if stayed else ""
    late = (today - date.fromisoformat(wanted)).days if wanted else 0
    awaited = (Coming("", wanted, "late", late),) if late > 0 else ()
    return Punctuality((*came, *awaited), wanted)


def _stayed(arrivals: Sequence[Arrival]) -> Sequence[Arrival]:
    """The releases up to the last that is online: what was taken down after it left nothing in its place."""
    last = max((at for at, one in enumerate(arrivals, 1) if not one.is_down), default=0)
    return arrivals[:last]


def _came(arrivals: Iterable[Arrival], frequency: str) -> Iterator[Coming]:
    for before, one in pairwise(arrivals):
        promised = before.frequency or frequency
        wanted = due(promised, before.released)
        if wanted and one.released:
            late = max((date.fromisoformat(one.released[:10]) - date.fromisoformat(wanted)).days, 0)
            yield Coming(one.version, wanted, "late" if late else "in-time", late)
        elif wanted or due(promised, "2000-01-01"):  # it was promised, and its day or the arrival is not known
            yield Coming(one.version, wanted, "unknown")

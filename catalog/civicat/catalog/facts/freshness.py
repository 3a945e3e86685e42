"""How fresh a dataset is, against what its steward promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from civicat.text import Text

LEVELS: Mapping[str, Text] = {
    "in-time": Text("按时", "In time"),
    "late": Text("逾期", "Late"),
    "unscheduled": Text("不定期", "No fixed date"),
    "closed": Text("不再更新", "No further updates"),
}
_DAYS: Mapping[str, int] = {  # from one release to the day by which the next is due, with the longest month
    "realtime": 1,
    "daily": 1,
    "weekly": 7,
    "monthly": 31,
    "quarterly": 92,
    "half-yearly": 184,
    "yearly": 366,
}


@dataclass(frozen=True, slots=True)
class Freshness:
    """How a dataset stands on a day: its level (`LEVELS`), when it is due, and how many days late it is."""

    level: str
    due: date | None
    late: int

    @property
    def words(self) -> Text:
        """The same in a few words."""
        if not self.late:
            return LEVELS[self.level]
        return Text(f"迟 {self.late:,} 天", f"{self.late:,} {'day' if self.late == 1 else 'days'} late")


def due(frequency: str, released: str) -> str:
    """The last day on which the next release is in time (ISO 8601).

    Blank where none is promised, and where the last release bears no date to count from.
    """
    last = _day(released[:10])
    if frequency not in _DAYS or last is None:
        return ""
    try:
        return (last + timedelta(days=_DAYS[frequency])).isoformat()
    except OverflowError:  # a date at the end of the calendar promises nothing
        return ""


def freshness(frequency: str, due_by: str, today: date) -> Freshness:
    """How a dataset stands on a day, by its frequency and the day that `due` told.

    There are no days of grace: the days of `_DAYS` are those of the longest month, quarter and year, so a steward who
    keeps to a day of the month is in time, and whoever reads “late” can reckon it from two dates on the page.
    """
    wanted = _day(due_by)
    if wanted is None:
        return Freshness("closed" if frequency == "never" else "unscheduled", None, 0)
    late = max((today - wanted).days, 0)
    return Freshness("late" if late else "in-time", wanted, late)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None

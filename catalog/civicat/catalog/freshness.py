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


def due(frequency: str, released: str) -> str:
    """The day by which the next release is due (ISO 8601); blank where none is promised or the last is undated."""
    if frequency not in _DAYS or not released:
        return ""
    return (date.fromisoformat(released[:10]) + timedelta(days=_DAYS[frequency])).isoformat()


def freshness(frequency: str, due_by: str, today: date) -> Freshness:
    """How a dataset stands on a day, by its frequency and the day that `due` told."""
    if not due_by:
        return Freshness("closed" if frequency == "never" else "unscheduled", None, 0)
    wanted = date.fromisoformat(due_by)
    late = max((today - wanted).days, 0)
    return Freshness("late" if late else "in-time", wanted, late)

"""How fresh a dataset is: the day it is due, and how many days late it is, in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from civicat.catalog.facts.freshness import LEVELS, Freshness, due, freshness
from civicat.text import Text


@pytest.mark.parametrize(
    ("frequency", "released", "expected"),
    [
        ("daily", "2026-11-02T08:00:00Z", "2026-11-03"),
        ("weekly", "2026-11-02", "2026-11-09"),
        ("monthly", "2026-01-31T00:00:00Z", "2026-03-03"),
        ("quarterly", "2026-11-02T08:00:00Z", "2027-02-02"),
        ("half-yearly", "2026-11-02T08:00:00Z", "2027-05-05"),
        ("yearly", "2024-01-01T08:00:00Z", "2025-01-01"),
        ("irregular", "2026-11-02T08:00:00Z", ""),
        ("never", "2026-11-02T08:00:00Z", ""),
        ("fortnightly", "2026-11-02T08:00:00Z", ""),
        ("daily", "", ""),
        ("daily", "last week", ""),
        ("daily", "2026-02-30T00:00:00Z", ""),
        ("yearly", "9999-12-31T00:00:00Z", ""),
    ],
)
def test_the_day_by_which_the_next_release_is_due(frequency: str, released: str, expected: str) -> None:
    assert due(frequency, released) == expected


@pytest.mark.parametrize(
    ("frequency", "due_by", "today", "expected"),
    [
        ("yearly", "2026-11-23", date(2026, 11, 22), Freshness("in-time", date(2026, 11, 23), 0)),
        ("yearly", "2026-11-23", date(2026, 11, 23), Freshness("in-time", date(2026, 11, 23), 0)),
        ("yearly", "2026-11-23", date(2026, 11, 24), Freshness("late", date(2026, 11, 23), 1)),
        ("yearly", "2027-11-23", date(2026, 11, 24), Freshness("in-time", date(2027, 11, 23), 0)),
        ("irregular", "", date(2026, 11, 24), Freshness("unscheduled", None, 0)),
        ("yearly", "", date(2026, 11, 24), Freshness("unscheduled", None, 0)),
        ("never", "", date(2026, 11, 24), Freshness("closed", None, 0)),
        ("yearly", "soon", date(2026, 11, 24), Freshness("unscheduled", None, 0)),
    ],
)
def test_late_from_the_day_after_it_was_due_without_grace(
    frequency: str, due_by: str, today: date, expected: Freshness
) -> None:
    assert freshness(frequency, due_by, today) == expected


@pytest.mark.parametrize(
    ("late", "said"),
    [
        (1, Text("迟 1 天", "1 day late")),
        (9, Text("迟 9 天", "9 days late")),
        (1200, Text("迟 1,200 天", "1,200 days late")),
    ],
)
def test_late_in_words(late: int, said: Text) -> None:
    assert Freshness("late", date(2026, 11, 1), late).words == said


def test_every_other_level_says_its_name() -> None:
    for level in ("in-time", "unscheduled", "closed"):
        assert Freshness(level, None, 0).words == LEVELS[level]

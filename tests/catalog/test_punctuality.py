"""Releases are held against what was promised before them; both sides of each day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from civicat.catalog.facts.history import Arrival
from civicat.catalog.facts.punctuality import SHOWN, Coming, punctuality

TODAY = date(2026, 3, 1)


def _came(*days: str, frequency: str = "monthly") -> tuple[Arrival, ...]:
    return tuple(Arrival(f"1.{n}.0", f"{day}T08:00:00Z" if day else "", frequency) for n, day in enumerate(days))


@pytest.mark.parametrize(
    ("second", "state", "late"), [("2026-02-01", "in-time", 0), ("2026-02-02", "late", 1), ("2026-01-01", "in-time", 0)]
)
def test_a_release_is_held_against_the_promise_of_the_one_before(second: str, state: str, late: int) -> None:
    way = punctuality(_came("2026-01-01", second), "monthly", TODAY)
    assert way.comings[0] == Coming("1.1.0", "2026-02-01", state, late)  # type: ignore[arg-type]  # a State


@pytest.mark.parametrize(("today", "overdue"), [(date(2026, 2, 1), 0), (date(2026, 2, 2), 1)])
def test_the_one_that_is_awaited_is_late_from_the_day_after(today: date, overdue: int) -> None:
    way = punctuality(_came("2026-01-01"), "monthly", today)
    assert (way.next, way.overdue, way.slips) == ("2026-02-01", overdue, "l" * overdue)


def test_the_first_release_is_neither_in_time_nor_late() -> None:
    way = punctuality(_came("2026-02-20"), "monthly", TODAY)
    assert (way.comings, way.in_time, way.known) == ((), 0, 0)


def test_an_arrival_without_a_date_is_hollow_and_not_counted() -> None:
    way = punctuality(_came("2026-01-01", "", "2026-02-20"), "monthly", TODAY)
    assert (way.slips, way.known) == ("xx", 0)


def test_what_promised_nothing_cannot_be_late() -> None:
    assert punctuality(_came("2020-01-01", "2026-01-01", frequency="never"), "never", TODAY).slips == ""


def test_a_promise_that_changed_counts_from_the_release_that_made_it() -> None:
    arrivals = (*_came("2025-01-01", frequency="yearly"), *_came("2025-12-30", frequency="monthly"))
    way = punctuality(arrivals, "monthly", TODAY)
    assert [one.state for one in way.comings] == ["in-time", "late"]
    assert way.next == "2026-01-30"


def test_of_a_release_that_was_taken_down_the_present_promise_counts() -> None:
    way = punctuality((Arrival("1.0.0", "2026-01-01T08:00:00Z", ""), *_came("2026-02-25")), "monthly", TODAY)
    assert [one.late for one in way.comings] == [24]


def test_only_the_newest_are_drawn() -> None:
    days = [f"20{year:02}-01-01" for year in range(1, 26)]
    way = punctuality(_came("2000-01-01", *days), "weekly", date(2025, 1, 2))
    assert (len(way.comings), len(way.slips), set(way.slips)) == (25, SHOWN, {"l"})


def test_nothing_that_came_is_nothing() -> None:
    assert punctuality((), "monthly", TODAY).next == ""


def test_a_release_that_was_taken_down_has_not_come_unless_another_took_its_place() -> None:
    first, second = _came("2026-01-01", "2026-01-30")
    down = replace(second, frequency="", is_down=True)
    way = punctuality((first, down), "monthly", TODAY)
    assert (way.in_time, way.next, way.overdue, way.slips) == (0, "2026-02-01", 28, "l")
    third = Arrival("1.2.0", "2026-02-20T08:00:00Z", "monthly")
    assert punctuality((first, down, third), "monthly", TODAY).in_time == 2
    assert punctuality((replace(first, is_down=True),), "monthly", TODAY).next == ""

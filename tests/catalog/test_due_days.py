"""The calendar puts what is late first, then the coming weeks one by one; the iCalendar file keeps to RFC 5545."""

from __future__ import annotations

import re
from datetime import date

import pytest

from civicat.catalog.facts.due_days import SIZE, calendar
from civicat.catalog.facts.overview import Promise
from civicat.catalog.files.icalendar import Event, icalendar

TODAY = date(2026, 11, 23)
EVENT = Event(
    "roads/counts", date(2026, 11, 30), "Due", "told", "https://data.example.org/d/x", "2026-10-30T09:00:00Z", 3
)


def _promise(day: str, name: str = "counts", frequency: str = "monthly") -> Promise:
    return Promise(day, f"roads/{name}", "roads", frequency, ("traffic",))


PROMISES = (
    _promise("2026-11-01", "oldest"),
    _promise("2026-11-22", "yesterday"),
    _promise("2026-11-23", "today"),
    _promise("2026-11-30", "next-monday"),
    _promise("2026-12-31", "december"),
    _promise("2027-02-14", "last-day"),
    _promise("2027-02-15", "beyond"),
    _promise("", "irregular", "irregular"),
    _promise("", "over", "never"),
)


def test_days_stand_in_groups_late_ones_first() -> None:
    found = calendar(PROMISES, TODAY)
    assert [(group.name, [day.promise.dataset[6:] for day in group.days]) for group in found.groups] == [
        ("late", ["oldest", "yesterday"]),
        ("week-0", ["today"]),
        ("week-1", ["next-monday"]),
        ("months", ["december", "last-day"]),
        ("later", ["beyond"]),
        ("unscheduled", ["irregular"]),
        ("closed", ["over"]),
    ]
    assert found.counts == {"late": 2, "in-time": 5, "unscheduled": 1, "closed": 1}
    assert [day.left for group in found.groups for day in group.days][:5] == [0, 0, 0, 7, 38]


def test_a_state_filters_and_the_counts_stay() -> None:
    found = calendar(PROMISES, TODAY, "closed")
    assert ([group.name for group in found.groups], found.total, found.counts["late"]) == (["closed"], 1, 2)
    assert calendar(PROMISES, TODAY, "<b>").groups == ()


@pytest.mark.parametrize(("asked", "page", "shown"), [(1, 1, SIZE), (2, 2, 1), (999, 2, 1), (0, 1, SIZE)])
def test_a_page_that_is_not_there_is_the_nearest(asked: int, page: int, shown: int) -> None:
    many = [_promise("2026-12-01", f"d{number}") for number in range(SIZE + 1)]
    found = calendar(many, TODAY, page=asked)
    assert (found.page, found.pages, len(found.groups[0].days)) == (page, 2, shown)


def test_nothing_is_an_empty_calendar() -> None:
    assert calendar((), TODAY).groups == ()


def _lines(content: bytes) -> list[str]:
    """The content lines of a file, unfolded as RFC 5545, 3.1 says."""
    return re.sub(rb"\r\n[ \t]", b"", content).decode().split("\r\n")


def test_an_event_has_what_it_needs_and_nothing_that_changes_from_day_to_day() -> None:
    content = icalendar("Data due", [EVENT])
    lines = _lines(content)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert "DTSTART;VALUE=DATE:20261130" in lines
    assert "DTEND;VALUE=DATE:20261201" in lines
    assert "DTSTAMP:20261030T090000Z" in lines
    assert "SEQUENCE:3" in lines
    assert icalendar("Data due", [EVENT]) == content


def test_the_same_dataset_keeps_its_uid_when_its_day_moves() -> None:
    def uid(event: Event) -> str:
        return next(line for line in _lines(icalendar("x", [event])) if line.startswith("UID:"))

    moved = Event("roads/counts", date(2026, 12, 30), "Other", "", "", "2026-11-30T09:00:00Z", 4)
    assert uid(EVENT) == uid(moved)
    assert uid(EVENT) != uid(Event("roads/bridges", EVENT.day, "", "", "", EVENT.stamp, 0))


@pytest.mark.parametrize("words", ["数" * 200, "a" * 200, "é😀" * 60, "a" * 67, "a" * 68, "字" * 22 + "a", ""])
def test_lines_are_folded_at_75_octets_and_no_character_is_cut(words: str) -> None:
    content = icalendar(words, [EVENT])
    pieces = content.split(b"\r\n")
    assert all(len(piece) <= 75 for piece in pieces)
    assert all(piece.decode() is not None for piece in pieces)
    assert f"X-WR-CALNAME:{words}" in _lines(content)


def test_text_is_escaped_and_cannot_end_its_line() -> None:
    nasty = "one\\two;three,four\r\nEND:VCALENDAR\rx\0\x07y\u2028z"
    lines = _lines(icalendar(nasty, []))
    assert "NAME:one\\\\two\\;three\\,four\\nEND:VCALENDAR\\nxyz" in lines
    assert lines.count("END:VCALENDAR") == 1


def test_a_release_without_a_date_has_a_stamp_all_the_same() -> None:
    undated = Event("roads/counts", EVENT.day, "x", "", "", "", 0)
    assert any(re.fullmatch(r"DTSTAMP:\d{8}T\d{6}Z", line) for line in _lines(icalendar("x", [undated])))

"""Days on which releases are due as an iCalendar file that a steward subscribes to (RFC 5545, RFC 7986)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import NAMESPACE_URL, uuid5

TYPE = "text/calendar; charset=utf-8"
_OCTETS = 75  # of a line without its end (RFC 5545, 3.1)
_NEVER = "19700101"  # the day of what bears no date
_BREAK = b"\r\n"
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True, slots=True)
class Event:
    """A day on which something is due: `stamp` is when we came to know it (UTC, ISO 8601), `sequence` counts changes.

    `subject` names it for good: the event of the same subject moves when its day does.
    """

    subject: str
    day: date
    summary: str
    description: str
    address: str
    stamp: str
    sequence: int


def icalendar(name: str, events: Iterable[Event]) -> bytes:
    """The file: a calendar of a name, whole days that keep nobody busy."""
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//civicat//freshness calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:P1D",
        *(line for event in events for line in _event(event)),
        "END:VCALENDAR",
    )
    return b"".join(map(_folded, lines))


def _event(event: Event) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{uuid5(NAMESPACE_URL, f'urn:civicat:due:{event.subject}')}"
    yield f"DTSTAMP:{_stamp(event)}"
    yield f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"SUMMARY:{_text(event.summary)}"
    yield f"DESCRIPTION:{_text(event.description)}"
    if event.address:
        yield f"URL:{event.address}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _stamp(event: Event) -> str:
    digits = "".join(sign for sign in event.stamp[:19] if sign.isdecimal()) or _NEVER
    return f"{digits[:8]}T{digits[8:].ljust(6, '0')}Z"


def _text(words: str) -> str:
    """Words as a TEXT value (RFC 5545, 3.3.11): no control character but the line break, which is escaped."""
    lines = words.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign == "\n" or sign.isprintable()).translate(_ESCAPED)


def _folded(line: str) -> bytes:
    """A content line in pieces of at most 75 octets, all but the first after a blank; no character is cut."""
    pieces, piece = [], b""
    for sign in line:
        octets = sign.encode("utf-8", "replace")
        if len(piece) + len(octets) > _OCTETS:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return _BREAK.join((*pieces, piece)) + _BREAK

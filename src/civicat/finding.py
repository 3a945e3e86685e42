"""One thing that a check found: a stable code, how grave it is, where it is, what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from civicat.text import Text


class Severity(StrEnum):
    """ERROR keeps a dataset from being published; WARNING does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is: a file as its steward names it, then as far down as is known.

    `row` is the record's number with the header counted (frictionless' rowNumber); `column` counts from 1. In a
    descriptor `key` is the path of the value (`resources[0].schema.fields[2].title`) and `line` its line, from 1.
    """

    file: str
    resource: str = ""
    row: int | None = None
    field: str = ""
    column: int | None = None
    key: str = ""
    line: int | None = None

    def to_descriptor(self) -> dict[str, object]:
        """The place without the file (a report outlives the folder that it was made in); unknown parts are left out."""
        parts = {
            "resource": self.resource,
            "row": self.row,
            "field": self.field,
            "column": self.column,
            "key": self.key,
            "line": self.line,
        }
        return {name: value for name, value in parts.items() if value not in (None, "")}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found at one place.

    `code` is frictionless' error type where the finding is one of its errors, else a code of our own; `rule` narrows
    it: the constraint that was broken, the type that was expected. `found` is the offending text as it stands in the
    file. `descriptor` is the error in frictionless' own shape; it is empty where frictionless has no such error.
    """

    code: str
    severity: Severity
    place: Place
    message: Text
    remedy: Text
    found: str = ""
    descriptor: Mapping[str, object] = field(default_factory=dict)
    rule: str = ""

    def to_descriptor(self) -> dict[str, object]:
        """What it says to people, in both languages; frictionless' own shape of it is `descriptor`."""
        return {
            "code": self.code,
            "rule": self.rule,
            "severity": str(self.severity),
            "place": self.place.to_descriptor(),
            "message": {"zh": self.message.zh, "en": self.message.en},
            "remedy": {"zh": self.remedy.zh, "en": self.remedy.en},
        }


@dataclass(frozen=True, slots=True)
class Cause:
    """Why several findings are there, most likely, and what mends them all at once.

    `field` is the column that it explains, empty where it is the whole file; `codes` are the findings' codes that it
    explains there (all, where there are none).
    """

    code: str
    message: Text
    remedy: Text
    field: str = ""
    codes: frozenset[str] = frozenset()

    def to_descriptor(self) -> dict[str, object]:
        """The cause as a report in JSON holds it."""
        return {
            "code": self.code,
            "field": self.field,
            "message": {"zh": self.message.zh, "en": self.message.en},
            "remedy": {"zh": self.remedy.zh, "en": self.remedy.en},
        }

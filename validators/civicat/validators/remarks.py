"""What a reader of files remarks of its own accord: about the file as a whole, or about a few of its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from civicat.finding import Finding, Place, Severity
from civicat.text import Text
from civicat.validators.messages import quoted, say

_NAMED = 5  # places or names that a message lists; the others are counted


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is remarked, once for a file. `row` and `column` (from 1) are the first place where it is so."""

    code: str
    severity: Severity = Severity.WARNING
    facts: Mapping[str, str | Text] = field(default_factory=dict)
    rule: str = ""
    found: str = ""
    row: int | None = None
    column: int | None = None

    def finding(self, file: str, resource: str) -> Finding:
        """The remark as a finding; `file` is the file as its steward names it."""
        words = say(self.code, self.rule, **self.facts)
        place = Place(file, resource, self.row, column=self.column)
        return Finding(self.code, self.severity, place, words.message, words.remedy, self.found, rule=self.rule)


def listed(names: Sequence[str]) -> Text:
    """The first few names, and how many more there are."""
    few, more = [quoted(name) for name in names[:_NAMED]], len(names) - _NAMED
    return Text(
        "、".join(few) + (f" 等 {len(names)} 处" if more > 0 else ""),
        ", ".join(few) + (f" and {more} more" if more > 0 else ""),
    )

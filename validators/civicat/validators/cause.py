"""The facts that a likely cause is judged by, and how it gets its words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from civicat.dataset import Resource
from civicat.finding import Cause, Finding, Severity
from civicat.report import ResourceReport
from civicat.text import Text
from civicat.validators.messages import CAUSES, say_from

SAMPLES = 3  # places that a cause names
LOOKED_AT = 10_000  # errors that the causes are judged by; more tell the same


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What is known of a file besides its findings.

    `lines` are its first lines as they read, `head` its first records as cells, the header among them; `encoding` is
    what it was read in and `detected` what its bytes look like (both empty where it is no text); `delimiter` is what
    its cells were cut at (empty where it has none).
    """

    resource: Resource
    lines: Sequence[str] = ()
    head: Sequence[Sequence[str]] = ()
    encoding: str = ""
    detected: str = ""
    delimiter: str = ""


@dataclass(frozen=True)
class Evidence:
    """A report and a glimpse of its file, in the ways in which the causes look at them."""

    report: ResourceReport
    glimpse: Glimpse

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns as the schema has them."""
        return tuple(one.name for one in self.glimpse.resource.schema.fields)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The errors that are looked at."""
        errors = (one for one in self.report.findings if one.severity is Severity.ERROR)
        return tuple(islice(errors, LOOKED_AT))

    @property
    def labels(self) -> tuple[str, ...]:
        """The header as it stands in the file."""
        return self.report.labels

    @cached_property
    def rows(self) -> Mapping[int, tuple[str, ...]]:
        """The rows that findings show whole: number -> cells."""
        shown: dict[int, tuple[str, ...]] = {}
        for one in self.findings:
            cells = one.descriptor.get("cells")
            if one.place.row is not None and isinstance(cells, list):
                shown.setdefault(one.place.row, tuple(map(str, cells)))
        return shown

    @cached_property
    def is_whole(self) -> bool:
        """Whether every error is among those that are looked at: no limit was reached."""
        return self.report.limit is None and self.report.errors <= len(self.findings)

    @cached_property
    def last(self) -> int:
        """The number of the last row; blank and surplus ones counted."""
        return max(self.report.rows + 1, *self.rows, 0)

    def of(self, *codes: str) -> Iterator[Finding]:
        """The findings of these codes."""
        return (one for one in self.findings if one.code in codes)

    def many(self, count: int, zh: str, en: str) -> Text:
        """A number of things, `en` in the singular; “at least” where not every error was explained."""
        zh_least, en_least = ("", "") if self.is_whole else ("至少 ", "at least ")
        return Text(f"{zh_least}{count:,} {zh}", f"{en_least}{count:,} {en}{'' if count == 1 else 's'}")


LABELS = frozenset(f"{part}-label" for part in ("extra", "missing", "blank", "duplicate", "incorrect"))


def because(code: str, column: str = "", codes: frozenset[str] = frozenset(), **facts: str | Text) -> Cause:
    """The cause of that code in causes.toml, with the facts put in.

    Raises:
        KeyError: there is no such cause.
    """
    words = say_from(CAUSES, code, field=column, **facts)
    return Cause(code, words.message, words.remedy, column, codes)


def rows_named(rows: Sequence[int]) -> Text:
    """The first of these rows by their numbers, and how many more there are."""
    shown, more = ", ".join(f"{row:,}" for row in rows[:SAMPLES]), len(rows) - SAMPLES
    zh = f"第 {shown.replace(', ', '、')} 行"
    en = f"row {shown}" if len(rows) == 1 else f"rows {shown}"
    return Text(zh, en) if more <= 0 else Text(f"{zh}等 {len(rows):,} 行", f"{en} and {more:,} more")

"""From findings to the cells of a sheet that are marked, and what the comment at each of them says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from civicat.finding import Finding, Severity
from civicat.report import ResourceReport
from civicat.text import Language
from civicat.validators.messages import plain

MOST_IN_ONE = 4  # findings that the comment of one cell tells; a row can break twenty rules
_LONGEST = 1_200  # characters of a comment: what fits a note that is opened


@dataclass(slots=True)
class Mark:
    """A cell that is coloured. `findings` are those that its comment tells; none where another cell of the row does."""

    is_error: bool = False
    findings: list[Finding] = field(default_factory=list)


Marks = Mapping[int, Mapping[int, Mark]]  # by the number of the record, then of the column, both from 1


def marks_of(resource: ResourceReport) -> Marks:
    """The cells that the findings of a resource are about. What concerns no row is said in the summary alone."""
    marks: dict[int, dict[int, Mark]] = {}
    for one in resource.findings:
        if one.place.row is None:
            continue
        row = marks.setdefault(one.place.row, {})
        for number, column in enumerate(columns_of(one, resource.labels)):
            mark = row.setdefault(column, Mark())
            mark.is_error |= one.severity is Severity.ERROR
            if not number:
                mark.findings.append(one)
    return marks


def columns_of(one: Finding, labels: Sequence[str]) -> Sequence[int]:
    """The columns that a finding with a row is about, from 1: its own, those of a key, or the whole row."""
    if one.place.column is not None:
        return (one.place.column,)
    named = [labels.index(name) + 1 for name in one.place.field.split(", ") if name in labels]
    return named or range(1, max(len(labels), 1) + 1)


def comment(findings: Iterable[Finding], language: Language) -> str:
    """What is wrong with a cell and how to mend it, in one language."""
    told = list(findings)
    parts = [_said(one, language) for one in told[:MOST_IN_ONE]]
    if len(told) > MOST_IN_ONE:
        parts.append(f"…… +{len(told) - MOST_IN_ONE}" if language == "zh" else f"... +{len(told) - MOST_IN_ONE}")
    whole = "\n\n".join(parts)
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST - 1]}…"


def _said(one: Finding, language: Language) -> str:
    return f"{plain(one.message.within(language))}\n{plain(one.remedy.within(language))}"

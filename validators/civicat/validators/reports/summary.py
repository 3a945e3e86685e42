"""The first sheet of an annotated workbook as a grid: the verdict, how to use the sheets, each kind of finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from civicat.finding import Finding
from civicat.report import Outcome, Report, ResourceReport
from civicat.text import Language
from civicat.validators.messages import plain, quoted
from civicat.validators.reports.kinds import Because, Causes, Kind, kinds_of, kinds_of_descriptor
from civicat.validators.reports.words import letters, number, word

MOST_KINDS = 1_000  # kinds of one table that are listed: each has a link, and Excel knows 65,530 of them on a sheet
WIDTHS = (6, 18, 20, 46, 9, 13, 46, 24)  # of the columns, in characters
HEADS = ("sheet-number", "sheet-table", "column-plain", "what", "sheet-count", "sheet-first", "todo", "rule")


class Look(Enum):
    """How a cell of the summary looks."""

    TITLE = auto()
    SUBJECT = auto()
    PROSE = auto()
    HEAD = auto()
    BODY = auto()
    LINK = auto()
    STOP = auto()
    CARE = auto()


@dataclass(frozen=True, slots=True)
class Said:
    """A cell of the summary: words or a count, how it looks, and the place in the workbook that it leads to."""

    value: str | int
    look: Look = Look.BODY
    link: str = ""


Line = Sequence[Said]
Link = Callable[[ResourceReport, Finding], tuple[str, str]]  # the words of a place, and where it is in the workbook


def summary(report: Report, remarks: Sequence[str], link: Link, causes: Causes, language: Language) -> Iterator[Line]:
    """The lines of the summary sheet, a blank one as an empty sequence.

    `remarks` say how the sheets were made and what they leave out.
    """
    parts = [(resource, kinds_of(resource, causes.get(resource.name, ()))) for resource in report.resources]
    above = kinds_of_descriptor(report)
    many = sum(kind.is_error for _, kinds in [(None, above), *parts] for kind in kinds)
    yield [Said(_verdict(report, many, language), Look.TITLE)]
    yield [Said(plain(report.subject), Look.SUBJECT)]
    yield [Said(word("sheet-figures", language, rows=report.rows, errors=report.errors), Look.PROSE)]
    yield from ([Said(remark, Look.PROSE)] for remark in remarks)
    yield from ([Said(_why(one, language), Look.PROSE)] for many_causes in causes.values() for one in many_causes)
    yield []
    if many or any(kinds for _, kinds in parts) or above:
        yield [Said(word(head, language).strip(), Look.HEAD) for head in HEADS]
        yield from _table(above, parts, link, language)


def _verdict(report: Report, many: int, language: Language) -> str:
    if report.outcome is not Outcome.FAILED:
        return word(str(report.outcome), language)
    return word("failed-one" if many == 1 else "failed", language, kinds=number(many, language))


def _why(cause: Because, language: Language) -> str:
    colon = "：" if language == "zh" else ": "
    message, remedy = plain(cause.message.within(language)), plain(cause.remedy.within(language))
    return f"{word('likely', language)}{colon}{message} {remedy}"


def _table(
    above: Sequence[Kind], parts: Sequence[tuple[ResourceReport, Sequence[Kind]]], link: Link, language: Language
) -> Iterator[Line]:
    place = 0
    for kind in above:
        place += 1
        yield _line(place, kind, None, link, language)
    for resource, kinds in parts:
        for kind in kinds[:MOST_KINDS]:
            place += 1
            yield _line(place, kind, resource, link, language)
        if rest := kinds[MOST_KINDS:]:
            left_out = word("kinds-left-out", language, kinds=len(rest), count=sum(one.count for one in rest))
            yield [Said(""), Said(quoted(resource.name)), Said(""), Said(left_out)]


def _line(place: int, kind: Kind, resource: ResourceReport | None, link: Link, language: Language) -> Line:
    first = kind.findings[0] if kind.findings else None
    message = plain(first.message.within(language)) if first else word("sheet-unexplained", language)
    remedy = plain(first.remedy.within(language)) if first else ""
    where, target = link(resource, first) if resource and first else (_place(first, language), "")
    if kind.is_of_header and kind.count > 1:
        message = f"{word('header-many', language, count=kind.count)} {message}"
    return [
        Said(place, Look.STOP if kind.is_error else Look.CARE),
        Said(quoted(resource.name) if resource else word("descriptor", language)),
        Said(_column(kind)),
        Said(message),
        Said(kind.count),
        Said(where, Look.LINK if target else Look.BODY, target),
        Said(remedy),
        Said(f"{kind.code} {kind.rule}".strip()),
    ]


def _column(kind: Kind) -> str:
    if kind.column is None or not kind.field:
        return quoted(kind.field)
    return f"{letters(kind.column)} {quoted(kind.field)}"


def _place(first: Finding | None, language: Language) -> str:
    """Where a finding is that no sheet shows: its line, or its key in the descriptor."""
    if first is None or first.place.line is None:
        return quoted(first.place.key) if first else ""
    return word("line-one", language, rows=f"{first.place.line:,}")

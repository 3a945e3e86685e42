"""A piece of a file as a report quotes it: the first places of a finding, with the cells beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from civicat.finding import Finding
from civicat.report import ResourceReport
from civicat.text import Language
from civicat.validators.messages import quoted
from civicat.validators.reports.kinds import Kind
from civicat.validators.reports.words import letters, word
from civicat.validators.wrapping import cells as width_of

SHOWN = 5  # places that are shown of findings of one kind in one column; the rest is counted
MOST_LABELS = 30  # names of columns that are listed where the header is not the one that is expected
_BESIDE = 32  # cells of a terminal that a cell beside the one in question takes: it must not push that out of sight
_LONGEST = 2_000  # characters of a cell that are looked at at all; what is shown is cut further
_WITH_LETTERS = frozenset(("csv", "tsv", "txt", "tab", "xlsx", "xlsm", "xlsb", "xls", "ods"))  # what Excel opens


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it is shown; `is_bad` where it is what the finding is about."""

    text: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """One place of a finding: its row or line (or the key in a descriptor), the cells of the row, what is wrong."""

    row: str
    cells: tuple[Cell, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of the file: the heads of its columns and the first places; `says` where each has its own words."""

    corner: str
    heads: tuple[str, ...]
    spots: tuple[Spot, ...]
    says: bool


def excerpt(kind: Kind, resource: ResourceReport | None, language: Language) -> Excerpt | None:
    """The first places as a piece of the file; None where the finding has only one place and no row."""
    shown = kind.findings[: MOST_LABELS if kind.is_of_header else SHOWN]
    by_row = any(one.place.row is not None for one in shown)
    columns = _columns(kind, resource) if by_row and resource and not kind.is_of_header else ()
    bad = _bad(kind, resource)
    says = _differ(shown, language) or not columns
    if len(kind.findings) == 1 and not columns and not shown[0].place.key:
        return None  # the heading has said it
    return Excerpt(
        corner=word("row" if by_row else "line", language),
        heads=tuple(_head(resource, one) for one in columns) if resource else (),
        spots=tuple(_spot(one, columns, bad, language) for one in shown),
        says=says,
    )


def _columns(kind: Kind, resource: ResourceReport) -> tuple[int, ...]:
    """The columns of an excerpt, from 1: the ones in question, those beside them, and the first, which often names."""
    if not isinstance(kind.findings[0].descriptor.get("cells"), list):
        return ()
    bad = sorted(_bad(kind, resource))
    around = {1, *bad[:3], *((bad[0] - 1, bad[0] + 1) if bad else (2, 3, 4))}
    last = max(len(resource.labels), *bad, 1)
    return tuple(sorted(one for one in around if 0 < one <= last))


def _bad(kind: Kind, resource: ResourceReport | None) -> frozenset[int]:
    """The columns that a finding is about, from 1: a key has several."""
    if kind.column is not None and not kind.is_of_header:
        return frozenset((kind.column,))
    labels = resource.labels if resource else ()
    return frozenset(labels.index(name) + 1 for name in kind.field.split(", ") if name in labels)


def _spot(one: Finding, columns: Sequence[int], bad: frozenset[int], language: Language) -> Spot:
    cells = one.descriptor.get("cells")
    texts: Sequence[object] = cells if isinstance(cells, list) else ()
    at = one.place.row if one.place.row is not None else one.place.line
    return Spot(
        row="" if at is None else f"{at:,}",
        cells=tuple(_cell(texts[n - 1] if n <= len(texts) else "", is_bad=n in bad) for n in columns),
        message=_with_key(one, language),
    )


def _cell(value: object, *, is_bad: bool) -> Cell:
    text = brief(value)
    if is_bad or width_of(text) <= _BESIDE:
        return Cell(text, is_bad)
    kept = sum(width < _BESIDE for width in accumulate(map(width_of, text)))
    return Cell(f"{text[:kept].rstrip('…')}…", is_bad)


def _with_key(one: Finding, language: Language) -> str:
    message, key = one.message.within(language), one.place.key
    colon = "：" if language == "zh" else ": "
    return message if not key or key in message else f"{quoted(key)}{colon}{message}"


def _differ(findings: Sequence[Finding], language: Language) -> bool:
    """Whether the messages tell more than the cells do: without the cell's text they are not all the same."""
    return len({one.message.within(language).replace(f"“{quoted(one.found)}”", "") for one in findings}) > 1


def brief(value: object) -> str:
    """A cell as an excerpt shows it: a megabyte of it would bury the page."""
    return quoted("" if value is None else str(value)[:_LONGEST])


def has_letters(resource: ResourceReport) -> bool:
    """Whether the columns of a table have letters: a spreadsheet opens its file."""
    return resource.path.lower().removesuffix(".gz").rpartition(".")[2] in _WITH_LETTERS


def _head(resource: ResourceReport | None, column: int) -> str:
    label = resource.labels[column - 1] if resource and column <= len(resource.labels) else ""
    letter = letters(column) if resource and has_letters(resource) else ""
    return f"{letter} {brief(label)}".strip()

"""Where the findings of a table are, as a figure: one slip for each column, coloured by its share of rows to mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from civicat.report import ResourceReport
from civicat.text import Language
from civicat.validators.messages import quoted
from civicat.validators.reports.kinds import Kind
from civicat.validators.reports.words import letters, word

MOST_SLIPS = 26  # columns that stand side by side on a page and can still be told apart
_STEP, _HEIGHT = 42, 131  # units of the figure, from slip to slip, and of a slip
_LEAST = 3  # units: one row of a million is still seen


@dataclass(frozen=True, slots=True)
class Slip:
    """One column: where it stands, its letter, and how far up it is red (`stop`) or hollow (`cut`)."""

    x: float
    letter: str
    count: int
    stop: float
    cut: float


@dataclass(frozen=True, slots=True)
class Figure:
    """The slips side by side; `label` says in words what they show."""

    caption: str
    label: str
    width: int
    slips: tuple[Slip, ...]

    @property
    def is_cut(self) -> bool:
        """Whether any column has cells that are not there."""
        return any(slip.cut for slip in self.slips)


def draw(resource: ResourceReport, kinds: Sequence[Kind], language: Language) -> Figure | None:
    """The figure of a resource; None where no finding is in a column, or nothing would be seen."""
    stop, cut = _counts(resource, kinds)
    marked = sorted({*stop, *cut})
    if not marked or not resource.rows or len(resource.labels) < 2:  # noqa: PLR2004 (one column shows nothing)
        return None
    all_columns = len(resource.labels)
    shown = list(range(1, all_columns + 1)) if all_columns <= MOST_SLIPS else marked[:MOST_SLIPS]
    slips = [_slip(place, column, resource.rows, stop, cut) for place, column in enumerate(shown)]
    key = "figure" if len(shown) == all_columns else "figure-some"
    return Figure(
        caption=word(key, language, all=all_columns, shown=len(shown)),
        label=_label(resource, marked[:MOST_SLIPS], stop + cut, language),
        width=_STEP * len(slips),
        slips=tuple(slips),
    )


def _counts(resource: ResourceReport, kinds: Sequence[Kind]) -> tuple[Counter[int], Counter[int]]:
    """How many findings each column has (by its number): cells to mend, and cells that are not there."""
    stop, cut = Counter[int](), Counter[int]()
    for kind in kinds:
        column = kind.column or _named(resource, kind.field)
        if kind.is_error and kind.stage > 1 and column and column <= len(resource.labels):
            (cut if kind.code == "missing-cell" else stop)[column] += kind.count
    return stop, cut


def _named(resource: ResourceReport, field: str) -> int:
    return resource.labels.index(field) + 1 if field in resource.labels else 0


def _slip(place: int, column: int, rows: int, stop: Counter[int], cut: Counter[int]) -> Slip:
    x = _STEP * place + 4
    return Slip(x, letters(column), stop[column] + cut[column], _share(stop[column], rows), _share(cut[column], rows))


def _share(count: int, rows: int) -> float:
    return round(max(min(count / rows, 1) * _HEIGHT, _LEAST), 1) if count else 0


def _label(resource: ResourceReport, columns: Sequence[int], counts: Counter[int], language: Language) -> str:
    listed = (f"{letters(one)} {quoted(resource.labels[one - 1])} {counts[one]:,}" for one in columns)
    comma = "、" if language == "zh" else ", "
    return word("figure-label", language, all=len(resource.labels), listed=comma.join(listed))

"""Frictionless' checks, its rows and its errors: with exact.py the only module that knows frictionless."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from civicat.text import Text
from civicat.validators.engine.checks.checklist import Checklist
from civicat.validators.engine.exact import Opened, frictionless_errors, problem
from civicat.validators.engine.problem import Problem, RuleBrokenError, UnreadableError

if TYPE_CHECKING:
    from frictionless import Check, Error

_CRASHES = Text(
    "checklist 里有一项检查的两处设置都用不了，frictionless 因此中断。请更正这一项。",
    "a check of the checklist has two settings that cannot be applied, on which frictionless breaks off. Correct it.",
)


class Theirs:
    """The checks of a checklist connected to a table, those that can be applied once `start` was asked.

    Raises:
        UnreadableError: frictionless does not take the checklist; the problems say why.
    """

    def __init__(self, checklist: Checklist, opened: Opened) -> None:
        from frictionless import Checklist as TheirChecklist  # noqa: PLC0415 (slow to load: see exact.py)
        from frictionless import errors  # noqa: PLC0415 (as above)
        from frictionless.table.row import create_cell_handlers  # noqa: PLC0415 (as above)

        self._opened = opened
        self._errors = errors
        with applying():
            self._list = TheirChecklist.from_descriptor(checklist.to_descriptor())
            self._handlers = create_cell_handlers(opened.fields)
            self.checks: list[Check] = self._list.connect(opened.table)
            scope = set(self._list.scope)
        kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.DataError)]
        self._dropped = frozenset(one.type for one in kinds) - scope

    def lists(self, code: str) -> bool:
        """Whether errors of this code are wanted (`pickErrors`, `skipErrors`)."""
        return code not in self._dropped

    def is_listed(self, check: Check) -> bool:
        """Whether anything that a check may say is wanted."""
        return any(self.lists(one.type) for one in check.Errors)

    def start(self, head: Sequence[Problem]) -> list[Problem]:
        """What is said before the first row; `head` is what the header has. A check that cannot be applied is out.

        The loop is frictionless' own, which takes checks out of the list that it goes through.

        Raises:
            RuleBrokenError: frictionless breaks off here.
        """
        found = []
        for place, check in enumerate(self.checks):
            for one in head if is_baseline(check) else said(check.validate_start()):
                if one.code == "check-error":
                    self._take_out(place)
                if self.lists(one.code):
                    found.append(one)
        return found

    def row(self, number: int, cells: Sequence[object]) -> Any:  # noqa: ANN401 (frictionless is loaded late)
        """A row as frictionless hands it to its checks: the first of them has had all cells read."""
        from frictionless.table.row import Row  # noqa: PLC0415 (slow to load: see exact.py)

        row = Row(list(cells), handlers=self._handlers, row_number=number)
        with applying():
            _ = row.errors
        return row

    def of_row(self, check: Check, row: Any) -> list[Problem]:  # noqa: ANN401 (as above)
        """What a check says of a row."""
        return said(check.validate_row(row))

    def at_end(self, check: Check, rows: int) -> list[Problem]:
        """What a check says after the last row, of which there are so many."""
        self._opened.table.stats.rows = rows
        return said(check.validate_end())

    def cell_problem(self, code: str, note: str, row: Any, field: str) -> Problem:  # noqa: ANN401 (as above)
        """An error of one cell of a row."""
        return problem(self._kind(code).from_row(row, note=note, field_name=field))

    def row_problem(self, code: str, note: str, row: Any) -> Problem:  # noqa: ANN401 (as above)
        """An error of a row."""
        return problem(self._kind(code).from_row(row, note=note))

    def table_problem(self, code: str, note: str) -> Problem:
        """An error of a table."""
        return problem(self._kind(code)(note=note))

    def written(self, place: int) -> Mapping[str, Any]:
        """The descriptor of an expected field."""
        return dict(self._opened.fields[place].to_descriptor())

    def _kind(self, code: str) -> Any:  # noqa: ANN401 (as above)
        return getattr(self._errors, f"{code.replace('-', ' ').title().replace(' ', '')}Error")

    def _take_out(self, place: int) -> None:
        if place >= len(self.checks):
            raise RuleBrokenError(_CRASHES)
        del self.checks[place]


def is_baseline(check: Check) -> bool:
    """Whether a check is the one that is always made: header, cells and keys, which the engine does itself."""
    return check.type == "baseline"


def said(errors: Iterable[Error]) -> list[Problem]:
    """The errors of a check as problems.

    Raises:
        RuleBrokenError: the check cannot be applied.
    """
    try:
        with applying():
            return [problem(one) for one in errors]
    except UnreadableError as error:  # a check that names a column which the table does not have
        raise RuleBrokenError(_not_applied(error.problems[0].note)) from error


def _not_applied(note: str) -> Text:
    return Text(
        f"checklist 里有一项检查用不了（{note}）。请更正这一项。",
        f"a check of the checklist cannot be applied ({note}). Correct it.",
    )


@contextmanager
def applying() -> Iterator[None]:
    """Around what frictionless does with values: its exceptions become ours, and its warnings are not heard."""
    with frictionless_errors(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield

"""What the engine says of a table: problems, and why it could not go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from civicat.text import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `rule` narrows its code, messages quote its `facts`, `shape` is frictionless' error."""

    code: str
    shape: Callable[[], Mapping[str, object]]
    facts: Mapping[str, str | Text] = field(default_factory=dict)  # ahead of `field`, which hides the function
    rule: str = ""
    note: str = ""
    row: int | None = None
    field: str = ""
    column: int | None = None
    cell: str = ""


class UnreadableError(Exception):
    """frictionless could not go on; `problems` say why, `stats` are what it had counted of the table by then."""

    def __init__(self, problems: Sequence[Problem], stats: Mapping[str, int | str] | None = None) -> None:
        super().__init__()
        self.problems = problems
        self.stats = stats or {}


class RuleBrokenError(Exception):
    """A rule of the descriptor cannot be applied at all: why, and where known the column and the constraint."""

    def __init__(self, reason: Text, field: str = "", constraint: str = "") -> None:
        super().__init__(reason.en)
        self.reason = reason
        self.field = field
        self.constraint = constraint

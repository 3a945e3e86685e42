"""What became of each column's texts when they were typed: the proof that nothing was lost, or what was normalised."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One way in which source texts differ from the spelling of their values, with the first example.

    `rule` is a code (`leading-plus`, `trailing-zeros` ...); `cells` counts the cells that it touched.
    """

    rule: str
    cells: int
    source: str
    spelled: str


@dataclass(frozen=True, slots=True)
class ColumnConversion:
    """One column: source text -> typed value -> text, over every cell.

    `type` is the Arrow type. `cells` = `missing` + `identical` + those that were rewritten + `unexplained`; a cell that
    several rewrites touched counts in each of them. `unexplained` cells came back as another text and no rule says why:
    `example` is the first of them (source, spelled).
    """

    field: str
    type: str
    cells: int
    missing: int
    identical: int
    rewrites: tuple[Rewrite, ...] = ()
    unexplained: int = 0
    example: tuple[str, str] | None = None

    @property
    def lossless(self) -> bool:
        """Whether each cell came back as it was, or differs only in what a rule names."""
        return not self.unexplained

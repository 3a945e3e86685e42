"""How much of a dataset goes onto one page: smaller type first, then less text, always saying what is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass

_END = re.compile(r"[。！？；]|[.!?](?=\s|$)")


@dataclass(frozen=True, slots=True)
class Fit:
    """One step: the size of type as a share of the usual, and the most of each kind of text, in characters or pieces.

    `meaning` and `remark` are the longest description of a column and the longest caveats on one; what is longer is
    left out where no sentence of it ends before. `columns` counts over all tables.
    """

    scale: float
    lead: int
    caveats: int
    caveat: int
    columns: int
    meaning: int
    remark: int
    charts: int
    small: int = 400  # the longest of any other text: a name, a desk, a source


STEPS = (
    Fit(1.08, 900, 99, 600, 60, 240, 400, 2),
    Fit(1.0, 900, 99, 600, 60, 240, 400, 2),
    Fit(0.94, 900, 99, 600, 60, 240, 400, 2),
    Fit(0.9, 900, 99, 600, 60, 120, 400, 2),
    Fit(0.88, 900, 99, 600, 60, 60, 400, 2),
    Fit(0.86, 900, 99, 600, 60, 0, 400, 2),
    Fit(0.86, 900, 99, 600, 60, 0, 120, 2),
    Fit(0.86, 700, 99, 500, 60, 0, 0, 2),
    Fit(0.86, 600, 6, 400, 30, 0, 0, 1),
    Fit(0.84, 500, 4, 300, 24, 0, 0, 1),
    Fit(0.82, 360, 3, 240, 16, 0, 0, 1, small=200),
    Fit(0.82, 260, 3, 160, 10, 0, 0, 0, small=120),
    Fit(0.8, 160, 2, 100, 6, 0, 0, 0, small=60),
)


def cut(text: str, limit: int) -> str:
    """A text of at most `limit` characters: whole, else up to the end of a sentence, else up to a word; then “…”."""
    if len(text) <= limit:
        return text
    ends = [found.end() for found in _END.finditer(text, 0, limit)]
    if ends and ends[-1] > limit // 4:
        return f"{text[: ends[-1]]} …"
    space = text.rfind(" ", limit // 2, limit)
    return f"{text[: space if space > 0 else limit - 1].rstrip()} …"


def sentences(text: str, limit: int) -> str:
    """The sentences that fit `limit` characters, then “…” where there are more; nothing where not even one fits."""
    if len(text) <= limit:
        return text
    ends = [found.end() for found in _END.finditer(text, 0, limit)]
    return f"{text[: ends[-1]]} …" if ends else ""

"""Lines of text as wide as a terminal, broken where Chinese and English may be broken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# What a line is never broken inside: a word with the blanks after it, or one wide character with the marks that must
# not begin a line after it, and those that must not end one before it.
_OPENING, _CLOSING = "“‘（《【「『([", "”’）》】」』)]，。、：；？！…%,.;:?!"
_PIECE = re.compile(
    rf"[{re.escape(_OPENING)}]*(?:[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
    rf"|[^\s\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff“‘（《【「『”’）》】」』，。、：；？！…]+|.)"
    rf"[{re.escape(_CLOSING)}]*\s*"
)
_WIDE = frozenset("FWA")  # A, ambiguous: wide beside Chinese, where it matters; elsewhere a line ends a little early


def wrapped(line: str, width: int) -> list[str]:
    """The line in pieces of at most `width` cells of a terminal, those after the first two cells further in.

    A word that is longer than a line stands on a line of its own, unbroken: paths and commands are copied from there.
    """
    indent = len(line) - len(line.lstrip(" "))
    later = " " * (indent + (0 if indent else 2))
    lines, used = [line[:indent]], indent
    for piece in _pieces(line[indent:]):
        if used + cells(piece.rstrip()) > width and lines[-1].strip():
            lines.append(later)
            used = len(later)
        lines[-1] += piece
        used += cells(piece)
    return [one.rstrip() for one in lines]


def cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    return sum(_cells(one) for one in text)


def _cells(one: str) -> int:
    if unicodedata.combining(one):
        return 0
    return 2 if unicodedata.east_asian_width(one) in _WIDE else 1


def _pieces(text: str) -> Iterator[str]:
    return (match[0] for match in _PIECE.finditer(text))

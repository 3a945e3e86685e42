"""What somebody typed into the search box, as clauses.

    air quality            both words, anywhere, in any order
    "air quality"          the words side by side, in this order (also “air quality”)
    -weather               without this word; -"air quality" without these side by side
    title:earthquake       a word in the title; also column:state, department:bls, and 标题:地震, 字段:州, 部门:统计局

Everything else is no syntax: any other sign only separates words. A quote that is not closed, a minus before a figure
(-5) or inside a word (bird-strike), a name that is none of these before a colon: all are read as plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from civicat.catalog.search import fields
from civicat.catalog.search.tokens import Piece, pieces

LONGEST = 200  # characters of a text that are read, enough for a title pasted whole
_MOST = 16  # pieces that are looked for
DEPARTMENT = "department"
_FIELDS = {
    **dict.fromkeys(("title", "标题", "標題"), fields.TITLE),
    **dict.fromkeys(("column", "字段", "列", "欄位"), fields.COLUMNS),
    **dict.fromkeys(("department", "部门", "部門"), DEPARTMENT),
}
_CLAUSE = re.compile(
    r"(?P<minus>(?<!\S)-(?=[^\W\d_]|[\"“]))?"
    rf"(?:(?P<field>{'|'.join(_FIELDS)})[:：](?=[\w\"“]))?"
    r"(?:[\"“](?P<quoted>[^\"“”]+)[\"”]|(?P<plain>[^\s\"“”]+))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """Pieces that belong together: `field` is where they are looked for, all of them.

    `together` where they stand side by side, `banned` where no dataset may have them. `text` is as it was typed.
    """

    pieces: tuple[Piece, ...]
    text: str = ""
    field: str = fields.ALL
    together: bool = False
    banned: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is plain words, which may be read in more ways than they are written."""
        return self.field == fields.ALL and not self.together and not self.banned


@dataclass(frozen=True, slots=True)
class Typed:
    """The clauses of a text, none where it holds nothing to look for."""

    clauses: tuple[Clause, ...] = ()

    @property
    def free(self) -> tuple[Piece, ...]:
        """The pieces of all plain clauses."""
        return tuple(piece for one in self.clauses if one.is_plain for piece in one.pieces)

    @property
    def plain(self) -> str:
        """The text of all plain clauses."""
        return " ".join(one.text for one in self.clauses if one.is_plain)

    @property
    def bound(self) -> tuple[Clause, ...]:
        """The clauses that are not plain."""
        return tuple(one for one in self.clauses if not one.is_plain)

    @property
    def wanted(self) -> tuple[Piece, ...]:
        """The pieces that a dataset which is found has."""
        return tuple(piece for one in self.clauses if not one.banned for piece in one.pieces)


def read_typed(text: str) -> Typed:
    """What is looked for in a text of any kind and length."""
    text = text[:LONGEST].encode(errors="replace").decode()  # half characters are none, and as long as what they become
    left = list(pieces(text))[:_MOST]
    clauses = []
    for found in _CLAUSE.finditer(text):
        start, end = found.span("quoted" if found["quoted"] is not None else "plain")
        inside = tuple(piece for piece in left if start <= piece.start < end)
        if inside:
            clauses.append(_clause(found, inside))
    return Typed(tuple(clauses))


def _clause(found: re.Match[str], inside: tuple[Piece, ...]) -> Clause:
    return Clause(
        inside,
        found["quoted"] or found["plain"],
        _FIELDS[found["field"].lower()] if found["field"] else fields.ALL,
        together=found["quoted"] is not None,
        banned=found["minus"] is not None,
    )

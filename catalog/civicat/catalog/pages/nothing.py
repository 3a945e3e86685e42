"""Why a search finds nothing: each word by itself, the text with one word less, each filter left out; all counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from civicat.catalog.model import Results
from civicat.catalog.pages.asked import LONGEST, Asked
from civicat.catalog.pages.narrowing import label
from civicat.catalog.search.query import asked as pieces_of
from civicat.text import Text

_MOST_WORDS = 6  # that are counted one by one

Count = Callable[[Asked], int]


@dataclass(frozen=True, slots=True)
class Tried:
    """Another search: what differs, how many datasets it finds, and its address."""

    label: Text
    count: int
    address: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """What was tried: every word alone and texts with one word `fewer`, no filter; `without` each filter; `bare`."""

    words: tuple[Tried, ...]
    fewer: tuple[Tried, ...]
    without: tuple[Tried, ...]
    bare: Tried | None

    @property
    def is_the_filters(self) -> bool:
        """Whether the words find something as soon as no filter stands in the way."""
        return self.bare is not None and self.bare.count > 0


def nothing(asked: Asked, results: Results, count: Count) -> Nothing:
    """Tries what differs least; `count` says how many datasets a search finds."""
    names = tuple(dict.fromkeys("since" if name == "until" else name for name, _ in asked.filters))
    bare = _tried(asked.bare(), Text(), count) if names else None
    alone = words_in(asked.q) if bare is None or not bare.count else ()
    free = Asked()
    return Nothing(
        words=tuple(_tried(free.saying(word), Text(word, word), count) for word in alone) if len(alone) > 1 else (),
        fewer=tuple(_found(_fewer(free, alone), count)),
        without=tuple(_tried(asked.without(name), label(asked, results, name), count) for name in names)
        if len(names) > 1
        else (),
        bare=bare,
    )


def words_in(q: str) -> tuple[str, ...]:
    """The words of a text that are looked for, as they are written."""
    text = q[:LONGEST]
    return tuple(dict.fromkeys(text[piece.start : piece.end] for piece in pieces_of(text)))[:_MOST_WORDS]


def _fewer(free: Asked, words: tuple[str, ...]) -> list[Asked]:
    """The text with one word less, where two at least are left."""
    if len(words) <= 2:  # noqa: PLR2004 (one is left: it is tried by itself)
        return []
    return [free.saying(" ".join(words[:at] + words[at + 1 :])) for at in range(len(words))]


def _found(others: list[Asked], count: Count) -> list[Tried]:
    tried = (_tried(one, Text(one.q, one.q), count) for one in others)
    return [one for one in tried if one.count]


def _tried(other: Asked, said: Text, count: Count) -> Tried:
    return Tried(said, count(other), other.address())

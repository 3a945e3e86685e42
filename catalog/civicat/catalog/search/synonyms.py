"""Other words for what was typed, where that finds nothing: a short list of our own in synonyms.toml, and joined words.

jobless, unemployment; 航班晚点, 航班延误; wendu (温度), 气温. birdstrike, bird strike; deptime, dep time.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from civicat.catalog.search.pinyin import syllables
from civicat.catalog.search.tokens import Kind, Piece, fold

_FILE = Path(__file__).with_name("synonyms.toml")
_LEAST = 3  # letters of each half of a word that is taken apart
_MOST_TEXTS = 24  # other texts that are tried


@cache
def groups() -> tuple[tuple[str, ...], ...]:
    """The words that mean the same, as the list has them."""
    return tuple(map(tuple, tomllib.loads(_FILE.read_text("utf-8"))["groups"]))


def other_words(text: str) -> Iterator[str]:
    """The text with one of its words replaced by another that means the same; the longest words first.

    Those in the script of the text come before the others. A Chinese word may be typed in pinyin.
    """
    folded = fold(text)
    found = [
        (match, word, group)
        for group in groups()
        for word in group
        if (match := _pattern(word).search(folded)) is not None
    ]
    others = dict.fromkeys(
        _replaced(text, match, other)
        for match, word, group in sorted(found, key=lambda one: -len(one[0][0]))
        for other in sorted(group, key=lambda other: _is_han(other) != (_is_han(match[0]) or _is_han(word)))
        if other not in match[0]
    )
    yield from list(others)[:_MOST_TEXTS]


def apart(piece: Piece) -> Iterator[tuple[str, str]]:
    """The halves that a word may have been joined from, the middle first."""
    word = piece.text
    if piece.kind is Kind.WORD:
        ends = range(_LEAST, len(word) - _LEAST + 1)
        yield from ((word[:at], word[at:]) for at in sorted(ends, key=lambda at: abs(2 * at - len(word))))


def _replaced(text: str, match: re.Match[str], other: str) -> str:
    """The text with another word in the place of a match; English is parted from the Chinese around it."""
    before, after = text[: match.start()], text[match.end() :]
    return f"{before}{other}{after}".strip() if _is_han(other) else " ".join(f"{before} {other} {after}".split())


def _is_han(word: str) -> bool:
    return not word.isascii()


@cache
def _pattern(word: str) -> re.Pattern[str]:
    """A word where it stands by itself, English in the plural too; Chinese anywhere, or its pinyin by itself."""
    if not _is_han(word):
        return re.compile(rf"(?<![^\W_]){re.escape(word)}(?:s|es)?(?![^\W_])")
    return re.compile(rf"{re.escape(word)}|\b{''.join(syllables(word))}\b")

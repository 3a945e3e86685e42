"""A near text that does find something, for somebody who mistyped a word.

erthquake, earthquake: the nearest English word. 地镇, 地震: what sounds the same. renkuo, renkou: pinyin with one slip.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from civicat.catalog.index.reader import Catalogue
from civicat.catalog.search import pinyin
from civicat.catalog.search.query import Queries
from civicat.catalog.search.tokens import Kind, Piece, pairs
from civicat.catalog.search.typed import Typed

_LEAST = 4  # letters: a shorter word is one of its own, bus is not bts
_BEGUN = 5  # letters; a word that is no longer must begin as it was typed
_SHORT = 8  # letters; two slips are forgiven in a longer word only: school is not shook, reviewed is not revised
_NEAREST = 20  # words of equal distance among which the most frequent is chosen
_MOST_TRIES = 12  # texts that are counted before nothing is suggested
_PINYIN = range(4, 25)  # letters: less is any two syllables, more is no word


@dataclass(frozen=True, slots=True)
class Near:
    """A text that finds so many datasets; `whole` where it stands for all that was typed."""

    text: str
    count: int
    whole: bool


class Suggestions:
    """Near texts from the words of one build."""

    def __init__(self, catalogue: Catalogue, queries: Queries, words: Callable[[], Mapping[str, int]]) -> None:
        self._catalogue = catalogue
        self._queries = queries
        self._vocabulary = words

    def near(self, typed: Typed, count: Callable[[str], int]) -> Near | None:
        """The first near text that finds something, as `count` says; None without any, or for more than plain words."""
        if typed.bound:
            return None
        mended = [self._mended(piece) for piece in typed.free]
        whole = " ".join(mended) if all(mended) else ""
        for tries, text in enumerate(dict.fromkeys((whole, *self._texts(typed.free, mended)))):
            if tries > _MOST_TRIES:
                break
            if text and (found := count(text)):
                return Near(text, found, text == whole)
        return None

    def _texts(self, free: tuple[Piece, ...], mended: list[str]) -> Iterator[str]:
        """Each word alone, the rarer first; then the known parts of Chinese."""
        yield from sorted(filter(None, mended), key=self._frequency)
        for piece in free:
            if piece.kind is Kind.HAN:
                yield from self._known_parts(piece.text)

    def _mended(self, piece: Piece) -> str:
        """The piece itself where it finds something, or the nearest that does; blank where nothing is near."""
        if piece.kind is Kind.HAN:
            return self._mended_han(piece.text)
        if self._queries.finds(piece):
            return piece.text
        return self._mended_word(piece.text) or self._mended_pinyin(piece.text) if piece.kind is Kind.WORD else ""

    def _mended_word(self, word: str) -> str:
        if len(word) < _LEAST:
            return ""
        slips = 1 if len(word) <= _SHORT else 2
        scorer = DamerauLevenshtein.distance
        found = process.extract(word, self._words.keys(), scorer=scorer, score_cutoff=slips, limit=_NEAREST)
        near = (one for one in found if len(word) > _BEGUN or one[0][0] == word[0])
        return min(near, key=lambda one: (one[1], -self._words[one[0]], one[0]), default=("",))[0]

    def _mended_pinyin(self, word: str) -> str:
        """Pinyin of words that are there, one slip away; of several the one that most datasets have."""
        if len(word) not in _PINYIN or not word.isascii():
            return ""
        read = ((one, reading) for one in sorted(set(_slips(word))) for reading in self._queries.readings(one))
        found = [(self._queries.rarest_sound(reading), one) for one, reading in read]
        return max((one for one in found if one[0]), key=lambda one: one[0], default=(0, ""))[1]

    def _mended_han(self, run: str) -> str:
        """The run with each unknown pair replaced by the known one that sounds the same (地镇: 地震)."""
        for at, pair in enumerate(pairs(run)):
            if not self._queries.known_pair(run[at : at + 2]):
                same = self._catalogue.sounding(("".join(pinyin.syllables(pair)),))
                run = run[:at] + (same[0] if same else run[at : at + 2]) + run[at + 2 :]
        return run

    def _known_parts(self, run: str) -> Iterator[str]:
        """The longest parts of a run whose pairs are all known, longest first."""
        parts = [""]
        for at, pair in enumerate(pairs(run)):
            if not self._queries.known_pair(pair):
                parts.append("")
            else:
                parts[-1] = parts[-1] + run[at + 1] if parts[-1] else pair
        yield from sorted(filter(None, parts), key=len, reverse=True)

    def _frequency(self, text: str) -> int:
        return self._words.get(text, 0)

    @cached_property
    def _words(self) -> Mapping[str, int]:
        return self._vocabulary()


def _slips(word: str) -> Iterator[str]:
    """All words one slip away: a letter too many, two swapped, one wrong, one missing."""
    letters = string.ascii_lowercase
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield from (before + one + after for one in letters)
        if after:
            yield before + after[1:]
            yield from (before + one + after[1:] for one in letters)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]

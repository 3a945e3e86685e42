"""A near text that does find something, for somebody who mistyped a word: erthquake, earthquake; 地镇, 地震."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from civicat.catalog import pinyin
from civicat.catalog.query import Queries
from civicat.catalog.reader import Catalogue
from civicat.catalog.tokens import Kind, Piece, pairs

_SHORT = 7  # letters; two slips are forgiven in a longer word only: school is not shook
_NEAREST = 20  # words of equal distance among which the most frequent is chosen
_MOST_TRIES = 12  # texts that are counted before nothing is suggested


class Suggestions:
    """Near texts from the words of one build."""

    def __init__(self, catalogue: Catalogue, queries: Queries) -> None:
        self._catalogue = catalogue
        self._queries = queries

    def near(self, asked_for: tuple[Piece, ...], count: Callable[[str], int]) -> tuple[str, int] | None:
        """The first near text that finds something, and how many datasets `count` says it finds; None without any."""
        for tries, text in enumerate(dict.fromkeys(self._texts(asked_for))):
            if tries == _MOST_TRIES:
                break
            if found := count(text):
                return text, found
        return None

    def _texts(self, asked_for: tuple[Piece, ...]) -> Iterator[str]:
        """All of it with the unknown words mended; then each word alone, the rarer first."""
        mended = [self._mended(piece) for piece in asked_for]
        if mended and all(mended):
            yield " ".join(mended)
        yield from sorted(filter(None, mended), key=self._frequency)
        for piece in asked_for:
            if piece.kind is Kind.HAN:
                yield from self._parts(piece.text)

    def _mended(self, piece: Piece) -> str:
        """The piece itself where it is known, or the nearest that is; blank where nothing is near."""
        if piece.kind is Kind.HAN:
            return self._mended_han(piece.text)
        if self._queries.known(piece):
            return piece.text
        return self._mended_word(piece.text) if piece.kind is Kind.WORD else ""

    def _mended_word(self, word: str) -> str:
        slips = 1 if len(word) <= _SHORT else 2
        scorer = DamerauLevenshtein.distance
        found = process.extract(word, self._words.keys(), scorer=scorer, score_cutoff=slips, limit=_NEAREST)
        return min(found, key=lambda one: (one[1], -self._words[one[0]], one[0]), default=("",))[0]

    def _mended_han(self, run: str) -> str:
        """The run with each unknown pair replaced by the known one that sounds the same (地镇: 地震)."""
        for at, pair in enumerate(pairs(run)):
            if not self._queries.known_pair(run[at : at + 2]):
                same = self._catalogue.sounding(("".join(pinyin.syllables(pair)),))
                run = run[:at] + (same[0] if same else run[at : at + 2]) + run[at + 2 :]
        return run

    def _parts(self, run: str) -> Iterator[str]:
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
        return self._catalogue.words()

"""How Chinese words sound, so that they are found by pinyin (renkou) and by initials (rk).

Only titles, keywords and names are spelled out: pypinyin takes half the time of the analysis, and initials of whole
descriptions would find everything. pypinyin is loaded by whoever needs it: reading a query does without.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice, pairwise
from typing import Any

from civicat.catalog.search.tokens import Kind, fold, pairs, pieces

SOUND = "_"  # before two syllables: _renkou
INITIALS = "="  # before two initials: =rk
_MANY_SPLITS = 8  # readings of one word that are tried: xian is xian and xi an
_LONGEST = 6  # letters of a syllable: zhuang
_INITIALS_LETTERS = range(2, 9)


def sounds(text: str) -> Iterator[tuple[str, str, str]]:
    """For each two characters side by side: the pair, and the syllable of each (人口, ren, kou)."""
    for run in (piece.text for piece in pieces(text) if piece.kind is Kind.HAN and len(piece.text) > 1):
        said = syllables(run)
        for pair, first, second in zip(pairs(run), said, said[1:], strict=False):
            if first and second:
                yield pair, first, second


def spoken(first: str, second: str) -> tuple[str, str]:
    """The tokens of two syllables: _renkou, =rk."""
    return SOUND + first + second, INITIALS + first[0] + second[0]


def syllables(run: str) -> list[str]:
    """The syllable of each character, read in context (重庆 is chong qing); blank where it has none. ü becomes u."""
    import pypinyin  # noqa: PLC0415  160 ms that a site which only answers queries never pays

    said: list[str] = pypinyin.lazy_pinyin(run, errors=_silent)
    return [one.replace("v", "u") if one.isascii() else "" for one in said]


def _silent(unknown: str) -> Any:  # noqa: ANN401  a text for each character: pypinyin takes it and its types do not know
    return [""] * len(unknown)


def sort_key(text: str) -> str:
    """What a title sorts by: Chinese by sound as in a dictionary, then by character; all else folded."""
    folded = fold(text)
    if folded.isascii():
        return folded
    return "".join(sound + char for char, sound in zip(folded, syllables(folded), strict=False))


def readings(word: str, known: Collection[str]) -> list[tuple[str, ...]]:
    """The ways to read a word as syllables of the index; none where it is no pinyin. At most eight."""
    word = word.replace("v", "u")
    finishing = {len(word)}  # offsets from which the rest of the word can be read: the search below never runs dry
    for start in range(len(word) - 1, -1, -1):
        if any(end in finishing and word[start:end] in known for end in _ends(start)):
            finishing.add(start)
    return list(islice(_readings(word, 0, known, finishing), _MANY_SPLITS)) if 0 in finishing else []


def spelled(reading: tuple[str, ...]) -> list[str]:
    """The tokens of a reading: each two syllables side by side."""
    return [SOUND + first + second for first, second in pairwise(reading)]


def initials(word: str) -> list[str]:
    """The tokens of a word read as initials (kqzl: 空气质量), which follow one another where it stands.

    None where it is too short or too long to be that, or one letter again and again (zzzzzz).
    """
    if len(word) not in _INITIALS_LETTERS or not word.isascii() or len(set(word)) == 1:
        return []
    return [INITIALS + first + second for first, second in pairwise(word)]


def _ends(start: int) -> range:
    return range(start + 1, start + _LONGEST + 1)


def _readings(word: str, start: int, known: Collection[str], finishing: set[int]) -> Iterator[tuple[str, ...]]:
    if start == len(word):
        yield ()
    for end in _ends(start):
        if end in finishing and word[start:end] in known:
            yield from ((word[start:end], *rest) for rest in _readings(word, end, known, finishing))

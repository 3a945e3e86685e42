"""Text in pieces that can be looked up: Han characters in pairs, English stems, numbers.

Folding turns traditional into simplified characters, full width into half, upper into lower case, é into e. It is
strictly one character to one: an offset in the folded text is the same offset in the original, so marks need no map.
The price: 头发 and 发展 fold alike, and characters that would become two (ﬁ, ß) stay as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import pairwise

import opencc
import Stemmer

# CJK ideographs, compatibility ideographs, the planes beyond (rare place names stand there), and 〇 and 々.
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_LETTER = rf"[^\W\d_{_HAN}]"
_MARKS = "\u0300-\u036f"  # combining accents: inside a word, no part of it
_PIECE = re.compile(
    rf"(?P<han>[{_HAN}]+)"
    rf"|(?P<word>(?<![\w.])(?:[a-z]\.){{2,}}(?!\w)|{_LETTER}(?:{_LETTER}|[{_MARKS}])*)(?:'s(?!\w))?"
    r"|(?P<number>\d+(?:\.\d+)?)"
)
_DROPPED = dict.fromkeys((ord("."), *range(0x300, 0x370)))  # the points of U.S. too
_LATIN_WORD = re.compile(r"[a-z]{3,}")  # a shorter word is no help to somebody who mistyped one
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LATIN_END = 0x250  # accents are taken off the Latin letters up to here; other scripts keep theirs
_REMEMBERED = 50_000  # stems; the words of a large catalogue, a few megabytes


class Kind(StrEnum):
    """What a piece of text is made of; the names are those of the groups above."""

    HAN = "han"
    WORD = "word"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of one kind, folded; `start` and `end` are its offsets, in the folded text and in the original alike."""

    kind: Kind
    text: str
    start: int
    end: int


class _Folds(dict[int, str]):
    """A table for str.translate that works out a character when it is first met: nothing to build at start."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_one(chr(code))
        return folded


_FOLDS = _Folds()


def fold(text: str) -> str:
    """The text as it is compared: as long as the original, character by character."""
    return text.translate(_FOLDS)


def pieces(text: str) -> Iterator[Piece]:
    """The runs of a text in order; what is neither letter nor figure separates them."""
    for found in _PIECE.finditer(fold(text)):
        kind = Kind(str(found.lastgroup))
        yield Piece(kind, _bare(found[kind]), found.start(kind), found.end(kind))


def tokens(text: str) -> Iterator[str]:
    """What is written into the index for a text.

    空气质量 gives 空气 气质 质量 量: the last character alone makes searches for one character complete.
    """
    for han, word, number in _PIECE.findall(fold(text)):  # no Piece for each: this is most of the time of a build
        if han:
            yield from pairs(han)
            yield han[-1]
        else:
            yield stem(_bare(word)) if word else number


def term(piece: Piece) -> str:
    """The one token of a word or number."""
    return stem(piece.text) if piece.kind is Kind.WORD else piece.text


def normal(text: str) -> str:
    """The text as one token, alike for all ways to write it: what a title typed as a whole is known by."""
    return " ".join(term(piece) for piece in pieces(text))


def pairs(run: str) -> list[str]:
    """Each two characters that stand side by side; none in a run of one."""
    return [first + second for first, second in pairwise(run)]


@lru_cache(_REMEMBERED)
def stem(word: str) -> str:
    """The English stem of a folded word: flights and flight are one."""
    return str(_stemmer().stemWord(word))


def words(text: str) -> frozenset[str]:
    """The words of a text as they are written, not stemmed: what a near word is chosen from."""
    return frozenset(_LATIN_WORD.findall(fold(text)))


def apart(name: str) -> str:
    """A column's name with the humps of camelCase set apart, so that each part is found: magType, mag Type."""
    parted = _HUMP.sub(" ", name)
    return name if parted == name else f"{name} {parted}"


def _bare(run: str) -> str:
    """A word without combining accents, and U.S. without its points; a number as it is."""
    return run if run.isalnum() or run[0].isdecimal() else run.translate(_DROPPED)


def _fold_one(char: str) -> str:
    if unicodedata.category(char) == "Cs":  # half a character, from a broken address: opencc cannot take it
        return char
    same = unicodedata.normalize("NFKC", char).lower()
    char = same if len(same) == 1 else char
    bare = unicodedata.normalize("NFD", char)[0].lower()
    if ord(char) < _LATIN_END and bare.isascii():
        return bare
    if char == "’":
        return "'"
    simple = str(_simplifier().convert(char))
    return simple if len(simple) == 1 else char


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")

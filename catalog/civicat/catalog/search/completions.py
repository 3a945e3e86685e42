"""What somebody may be typing: titles, departments, themes, columns and words that go on from it.

The last word may be half typed, in English (earthq), in pinyin (renko) or by its initials (rkp); Chinese is looked for
anywhere in a title. Whatever comes before it must be there as well.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from heapq import nlargest
from urllib.parse import urlencode

import tantivy
from tantivy import Occur, Query

from civicat.catalog.index.reader import Catalogue
from civicat.catalog.model import Suggestion
from civicat.catalog.search import fields
from civicat.catalog.search.pinyin import SOUND, spelled
from civicat.catalog.search.query import Queries
from civicat.catalog.search.tokens import Kind, Piece, fold, pieces, stem
from civicat.text import Language, Text
from civicat.vocabulary import THEMES

_LONGEST = 60  # characters that are read: longer ones are no beginning
_MOST = 20
_MOST_PIECES = 8
_ENDINGS = 24  # words that a half word may become
_SOUNDS = 12  # pairs of syllables that half a syllable may become
_LONGEST_SYLLABLE = 6  # letters
_SHORTEST = 2  # letters of a half word that is read as pinyin; characters of Chinese that are no word and a half
_AMONG = 10  # datasets whose columns are looked at
_DEPARTMENTS, _THEMES, _COLUMNS, _WORDS = 2, 1, 2, 3  # of each kind at most


WordCounts = Callable[[], Mapping[str, int]]


class Completions:
    """What goes on from a beginning, in one index."""

    def __init__(
        self,
        index: tantivy.Index,
        catalogue: Catalogue,
        queries: Queries,
        words: WordCounts,
        departments: Mapping[str, Text],
    ) -> None:
        self._searcher = index.searcher()
        self._catalogue = catalogue
        self._queries = queries
        self._words = words
        self._departments = departments

    def of(self, prefix: str, language: Language, size: int) -> tuple[Suggestion, ...]:
        """At most so many: titles first, then departments, themes, columns and words."""
        text = prefix[:_LONGEST]
        typed = tuple(pieces(text))[-_MOST_PIECES:]
        if not typed:
            return ()
        size, folded = min(max(size, 1), _MOST), fold(text).strip()
        others = (
            *self._named(folded, self._departments, "department")[:_DEPARTMENTS],
            *self._named(folded, THEMES, "theme")[:_THEMES],
            *self._columns(typed, folded)[:_COLUMNS],
            *self._words_from(text, typed, language)[:_WORDS],
        )
        titles = self._titles(typed, folded, language, size)
        most_others = max(size // 2, size - len(titles))
        kept = others[:most_others]
        return (*titles[: size - len(kept)], *kept)

    def _titles(self, typed: tuple[Piece, ...], folded: str, language: Language, size: int) -> list[Suggestion]:
        """Titles with all of it, those that begin so first; where there is none, of datasets that have it anywhere."""
        ids = self._found(typed, fields.TITLE, 3 * size) or self._found(typed, fields.ALL, size)
        cards = self._catalogue.cards_of(ids)
        begun = sorted(ids, key=lambda one: not fold(cards[one].title.within(language)).startswith(folded))
        return [Suggestion(cards[one].title, "title", f"/d/{one}") for one in begun[:size]]

    def _named(self, folded: str, labels: Mapping[str, Text], kind: str) -> list[Suggestion]:
        """Departments or themes whose name or code goes on so, from its beginning before from inside."""
        sides = {code: (fold(label.zh), fold(label.en), code) for code, label in labels.items()}
        inside = [code for code, many in sides.items() if any(_has(side, folded) for side in many)]
        inside.sort(key=lambda code: (not any(side.startswith(folded) for side in sides[code]), code))
        address = "/d/{}" if kind == "department" else "/search?theme={}"
        return [Suggestion(labels[code], kind, address.format(code)) for code in inside]

    def _columns(self, typed: tuple[Piece, ...], folded: str) -> list[Suggestion]:
        """Columns of that name, those of most of the datasets that were looked at first."""
        columns = self._catalogue.columns_of(self._found(typed, fields.COLUMNS, _AMONG))
        counts: dict[str, int] = {}
        titles: dict[str, Text] = {}
        for one in (one for many in columns.values() for one in many):
            if any(_has(fold(side), folded) for side in (one.name, one.title.zh, one.title.en)):
                counts[one.name] = counts.get(one.name, 0) + 1
                titles.setdefault(one.name, Text(one.title.zh or one.name, one.title.en or one.name))
        names = sorted(counts, key=lambda name: (-counts[name], name))
        return [Suggestion(titles[name], "column", _search_for_column(name)) for name in names]

    def _words_from(self, text: str, typed: tuple[Piece, ...], language: Language) -> list[Suggestion]:
        """The text with its last word completed, in Chinese where that is pinyin; the most frequent words first.

        Whoever reads Chinese and types whole syllables (ren) means those, and no English word that begins so.
        """
        last, before = typed[-1], text[: typed[-1].start]
        if last.kind is not Kind.WORD or (before and not before[-1].isspace()):  # dep_d is half a name, not two words
            return []
        sounds = [sound[0] for sound in self._sounds(last.text) if len(sound) == 1][:1] if _is_pinyin(last) else []
        heard = self._catalogue.sounding(one.removeprefix(SOUND) for one in sounds)[:_WORDS]
        ends = list(heard) if heard and language == "zh" else [*heard[:1], *self._endings(last.text)]
        return [Suggestion(Text(before + one, before + one), "word") for one in ends if one != last.text]

    def _found(self, typed: tuple[Piece, ...], field: str, size: int) -> list[str]:
        """The ids of datasets that have it in a field."""
        *before, last = typed
        wanted = [self._queries.written(piece, field) for piece in before]
        wanted.append(_either(self._half(last, field)))
        query = Query.boolean_query([(Occur.Must, one) for one in wanted])
        hits = self._searcher.search(query, size, count=False, weight_by_field=fields.NEWNESS).hits
        scored = sorted((-round(score, 4), str(self._searcher.doc(one).get_first(fields.KEY))) for score, one in hits)
        return [one for _, one in scored]

    def _half(self, piece: Piece, field: str) -> Iterator[Query]:
        """What the last piece may become: half a word, or Chinese whose last character begins one."""
        if piece.kind is Kind.WORD:
            yield from self._half_word(piece, field)
            return
        yield self._queries.written(piece, field)
        if piece.kind is Kind.HAN and len(piece.text) > _SHORTEST:
            parts = (replace(piece, text=piece.text[:-1]), replace(piece, text=piece.text[-1]))
            yield _every(self._queries.written(one, field) for one in parts)

    def _half_word(self, word: Piece, field: str) -> Iterator[Query]:
        for token in sorted({stem(word.text), *map(stem, self._endings(word.text))}):
            yield self._queries.term(field, token)
        if field != fields.COLUMNS and _is_pinyin(word):
            for sound in self._sounds(word.text):
                yield _every(self._queries.term(fields.SOUND, one) for one in sound)
            if (first := self._queries.initials(word.text)) is not None:
                yield first

    def _sounds(self, word: str) -> Iterator[list[str]]:
        """The pairs of syllables that half a word of pinyin may become: all but its last syllable is whole."""
        for token, _ in self._beginning(fields.SOUND, SOUND + word, _SOUNDS):
            yield [token]
        for at in range(max(1, len(word) - _LONGEST_SYLLABLE), len(word)):
            for reading in self._queries.readings(word[:at]):
                for token, _ in self._beginning(fields.SOUND, SOUND + reading[-1] + word[at:], 2):
                    yield [*spelled(reading), token]
        for reading in self._queries.readings(word):
            yield spelled(reading)

    def _endings(self, half: str) -> list[str]:
        """English words that begin so, the most frequent first."""
        start = bisect_left(self._in_order, half)
        end = bisect_left(self._in_order, half + chr(0x10FFFF))
        return nlargest(_ENDINGS, self._in_order[start:end], key=lambda word: self._vocabulary[word])

    def _beginning(self, field: str, start: str, most: int) -> list[tuple[str, int]]:
        return self._searcher.terms_with_prefix(field, start, limit=most)

    @cached_property
    def _vocabulary(self) -> Mapping[str, int]:
        return self._words()

    @cached_property
    def _in_order(self) -> list[str]:
        return sorted(self._vocabulary)


def _has(text: str, folded: str) -> bool:
    """Whether a text has the beginning of a word, or any Chinese, of what was typed."""
    at = text.find(folded)
    while at > 0 and folded[0].isascii() and text[at - 1].isascii() and text[at - 1].isalnum():
        at = text.find(folded, at + 1)
    return at >= 0


def _is_pinyin(word: Piece) -> bool:
    """Whether half a word may be half of pinyin: one letter is too little."""
    return word.text.isascii() and len(word.text) >= _SHORTEST


def _search_for_column(name: str) -> str:
    quoted = f'"{name}"' if any(char.isspace() for char in name) else name
    return "/search?" + urlencode({"q": f"column:{quoted}"})


def _every(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, one) for one in queries])


def _either(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, one) for one in queries])

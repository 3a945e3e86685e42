"""From what somebody typed to queries of the index. They are built, never parsed: no character of a text is syntax."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import tantivy
from tantivy import Occur, Query

from civicat.catalog.index.entry import keyword
from civicat.catalog.search import fields
from civicat.catalog.search.pinyin import SOUND, initials, readings, spelled
from civicat.catalog.search.tokens import Kind, Piece, fold, normal, pairs, pieces, term
from civicat.catalog.search.typed import DEPARTMENT, Clause, Typed, read_typed

# Words that tie others together, or that every dataset is: not asked for as long as there are others.
SMALL_WORDS = frozenset(
    (
        *("a", "about", "an", "and", "are", "as", "at", "be", "by", "can", "did", "do", "does", "each", "for", "from"),
        *("has", "have", "how", "i", "in", "is", "it", "its", "many", "me", "much", "my", "of", "on", "or", "our"),
        *("that", "the", "their", "there", "this", "to", "was", "we", "were", "what", "when", "where", "which", "who"),
        *("with", "data", "dataset", "datasets"),
    )
)
_SMALL_HAN = frozenset("的和与及之在")
_GENERIC_HAN = ("数据集", "数据", "资料")
_PHRASE = 10.0  # the boost of a title that has a Han run, or all the words, side by side
_WHOLE = 10_000.0  # the score of a title that is just what was typed: more than any words can reach
_KEYWORD = 30.0  # of a keyword that is: as much as a word in a title and in tags
_HEARD = {fields.ALL: 1.0, **fields.BOOSTS}  # of what pinyin may stand for
_QUARTER, _HALF = 0.25, 0.5  # how much of a text must be found at the least: by character, by word


def asked(text: str) -> tuple[Piece, ...]:
    """The pieces of a text that a dataset which is found has; none where there is nothing to look for."""
    typed = read_typed(text)
    return (*_without_small(typed.free), *(piece for one in typed.bound if not one.banned for piece in one.pieces))


class Queries:
    """Makes queries for one index. `syllables` are those that occur in it."""

    def __init__(self, index: tantivy.Index, syllables: frozenset[str]) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()
        self._syllables = syllables

    def matching(self, typed: Typed) -> Query:
        """What decides which datasets are found: each clause, in any way it can be read; all datasets for no clause."""
        return self._with_bound(typed, self._all_of(_without_small(typed.free)))

    def ranked(self, typed: Typed, heard: tuple[str, ...] = ()) -> Query:
        """The same datasets, those first that have the words in their title, then tags, then columns.

        `heard` are pairs of characters that the words may stand for where they are pinyin.
        """
        better = [*self._exactly(typed.plain, heard)]
        better += [self._boosted(self.term(field, pair), boost) for pair in heard for field, boost in _HEARD.items()]
        better += [query for piece in _without_small(typed.free) for query in self._better(piece)]
        better += [self._boosted(self._side_by_side(typed.free, fields.TITLE), _PHRASE)]
        return Query.boolean_query([(Occur.Must, self.matching(typed)), *((Occur.Should, one) for one in better)])

    def loosely(self, typed: Typed) -> Query:
        """Datasets that have half of the words at the least, of Chinese half of the characters; none for one word."""
        free = _without_small(typed.free)
        parts = [part for piece in free for part in self._parts(piece)]
        if len(parts) < 2:  # noqa: PLR2004  half of one word is none
            return Query.empty_query()
        least = sum(len(piece.text) * _QUARTER if piece.kind is Kind.HAN else _HALF for piece in free)
        some = Query.boolean_query(
            [(Occur.Should, part) for part in parts], minimum_number_should_match=max(1, math.ceil(least))
        )
        better = [(Occur.Should, query) for piece in free for query in self._better(piece)]
        return Query.boolean_query([(Occur.Must, self._with_bound(typed, some)), *better])

    def sounds(self, typed: Typed) -> list[str]:
        """The sounds of two characters side by side (renkou) that the words of a text may stand for."""
        free = _without_small(typed.free)
        spoken = [*self._in_one(free), *(reading for piece in free for reading in self.readings(piece.text))]
        return [one.removeprefix(SOUND) for reading in spoken for one in spelled(reading)]

    def known(self, piece: Piece) -> bool:
        """Whether a word or number occurs in any dataset."""
        return self._is_there(fields.ALL, term(piece))

    def finds(self, piece: Piece) -> bool:
        """Whether a word finds anything by itself, in any way it can be read."""
        if piece.kind is not Kind.WORD or self.known(piece):
            return self.known(piece)
        found: Any = self._searcher.search(self._anyhow(piece), 1)
        return bool(found.count)

    def known_pair(self, pair: str) -> bool:
        """Whether two characters stand side by side in any dataset."""
        return self._is_there(fields.ALL, pair)

    def beside(self, first: str, second: str) -> Query:
        """What has two words one after the other."""
        return self._side_by_side((*pieces(first), *pieces(second)), fields.ALL)

    def initials(self, word: str) -> Query | None:
        """What has a word as the initials of its Chinese, one after the other; None where it can be none.

        Each two syllables stand in the field as their sound and their initials: the next initials are two further on.
        """
        first = initials(word)
        if len(first) < 2:  # noqa: PLR2004  tantivy panics at a phrase of one
            return self._every_term(fields.SOUND, first) if first else None
        steps = [(2 * at, token) for at, token in enumerate(first)]
        return Query.phrase_query(self._schema, fields.SOUND, list[str | tuple[int, str]](steps))

    def rarest_sound(self, reading: tuple[str, ...]) -> int:
        """In how many datasets the rarest two syllables of a reading occur."""
        sounds = spelled(reading)
        if not all(self._is_there(fields.SOUND, one) for one in sounds):
            return 0
        return min(self._searcher.doc_freq(fields.SOUND, one) for one in sounds)

    def readings(self, word: str) -> list[tuple[str, ...]]:
        """The ways to read a word as pinyin of two characters or more."""
        return [reading for reading in readings(word, self._syllables) if len(reading) > 1]

    def term(self, field: str, token: str) -> Query:
        """What has just this token in a field."""
        return Query.term_query(self._schema, field, token, index_option="freq")

    def written(self, piece: Piece, field: str) -> Query:
        """What has a piece in a field, as it is written."""
        if piece.kind is not Kind.HAN:
            return self.term(field, term(piece))
        if len(piece.text) == 1:  # the first of a pair, or the last of its run; a Han character is no syntax of a regex
            return Query.const_score_query(Query.regex_query(self._schema, field, f"{piece.text}.?"), 1.0)
        return self._covering(piece.text, field)

    def _is_there(self, field: str, token: str) -> bool:
        """Whether any dataset has a token: its frequency counts deleted documents until their segment is merged."""
        if not self._searcher.doc_freq(field, token):
            return False
        found: Any = self._searcher.search(Query.const_score_query(self.term(field, token), 1.0), 1)
        return bool(found.count)

    def _exactly(self, plain: str, heard: tuple[str, ...]) -> Iterator[Query]:
        """Titles and names that are just what was typed, then keywords; of pinyin, what it may stand for."""
        for one in sorted({normal(plain), fold(plain.strip()), *heard}):
            yield Query.const_score_query(self.term(fields.EXACT, one), _WHOLE)
        yield Query.const_score_query(self.term(fields.EXACT, keyword(plain)), _KEYWORD)

    def _with_bound(self, typed: Typed, free: Query) -> Query:
        """What a query for the plain words finds, of that what fits every other clause."""
        bound = [(Occur.MustNot if one.banned else Occur.Must, self._bound(one)) for one in typed.bound]
        return Query.boolean_query([(Occur.Must, free), *bound]) if bound else free

    def _bound(self, clause: Clause) -> Query:
        if clause.field == DEPARTMENT:
            code = Query.term_query(self._schema, DEPARTMENT, clause.text.lower(), index_option="basic")
            return _either((code, _every(self.written(piece, fields.TAGS) for piece in clause.pieces)))
        if clause.together and clause.field in fields.PHRASED:
            return self._side_by_side(clause.pieces, clause.field)
        return _every(self.written(piece, clause.field) for piece in clause.pieces)

    def _side_by_side(self, pieces: tuple[Piece, ...], field: str) -> Query:
        """Pieces one after the other, as they stand in the index; tantivy panics at a phrase of one."""
        tokens = _in_order(pieces)
        if len(tokens) > 1:
            return Query.phrase_query(self._schema, field, list[str | tuple[int, str]](tokens))
        return _every(self.written(piece, field) for piece in pieces)

    def _all_of(self, free: tuple[Piece, ...]) -> Query:
        if not free:
            return Query.all_query()
        found = _every(self._anyhow(piece) for piece in free)
        return _either((found, *map(self._sounding, self._in_one(free))))

    def _parts(self, piece: Piece) -> list[Query]:
        """What half of must be found: the pairs of a Han run, a word as it is."""
        if piece.kind is not Kind.HAN or len(piece.text) == 1:
            return [self._anyhow(piece)]
        return [self.term(fields.ALL, pair) for pair in pairs(piece.text) if pair not in _GENERIC_HAN]

    def _anyhow(self, piece: Piece) -> Query:
        """A piece as it is written, or a word read as pinyin, or (where nobody writes it) as initials."""
        ways = [self.written(piece, fields.ALL)]
        if piece.kind is Kind.WORD:
            ways += map(self._sounding, self.readings(piece.text))
            if not self.known(piece) and (said := self.initials(piece.text)) is not None:
                ways.append(said)
        return _either(ways)

    def _in_one(self, free: tuple[Piece, ...]) -> list[tuple[str, ...]]:
        """The text as one reading where all its words are syllables: pinyin, typed with blanks (ren kou)."""
        together = _texts(free)
        return [together] if len(together) > 1 and self._syllables.issuperset(together) else []

    def _covering(self, run: str, field: str) -> Query:
        """Every character of a run, within a pair that is there.

        People write 纽约航班延误 without blanks and mean three words that need not stand side by side: 纽约, 航班 and
        延误 cover it as well as the whole run does. A run of three is covered only by itself.
        """
        sides, small = pairs(run), _small(run)
        near = [sides[max(0, at - 1) : at + 1] for at in range(len(run)) if at not in small]
        alone = {many[0] for many in near if len(many) == 1}
        either = [many for many in near if not alone.intersection(many)]
        one = partial(self.term, field)
        needed = [*map(one, sorted(alone)), *(_either(map(one, many)) for many in either)] or list(map(one, sides))
        return Query.boolean_query(
            [*((Occur.Must, query) for query in needed), *((Occur.Should, one(pair)) for pair in sides)]
        )

    def _better(self, piece: Piece) -> Iterator[Query]:
        for field, boost in fields.BOOSTS.items():
            yield self._boosted(self.written(piece, field), boost)
        if piece.kind is Kind.HAN and len(piece.text) > 2:  # noqa: PLR2004  a run of two has one pair, which is a word
            yield self._boosted(self._side_by_side((piece,), fields.TITLE), _PHRASE)

    def _boosted(self, query: Query, boost: float) -> Query:
        return Query.boost_query(query, boost)

    def _sounding(self, reading: tuple[str, ...]) -> Query:
        """What has the sound; where the characters stand, and how often, is what puts it in order (`heard`)."""
        return Query.const_score_query(self._every_term(fields.SOUND, spelled(reading)), 1.0)

    def _every_term(self, field: str, terms: Iterable[str]) -> Query:
        return _every(self.term(field, one) for one in terms)


def _without_small(free: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The pieces without those that nobody looks for, unless there are no others."""
    return tuple(piece for piece in free if piece.text not in (*SMALL_WORDS, *_GENERIC_HAN)) or free


def _small(run: str) -> set[int]:
    """The places of a Han run that need not be found: particles and words that every dataset is."""
    small = {at for at, char in enumerate(run) if char in _SMALL_HAN}
    for word in _GENERIC_HAN:
        at = run.find(word)
        if at >= 0:
            small.update(range(at, at + len(word)))
    return small if len(small) < len(run) else set()


def _in_order(pieces: tuple[Piece, ...]) -> list[str]:
    """The tokens of pieces that stand side by side; where a run goes on after the last is left open."""
    tokens: list[str] = []
    for piece in pieces:
        tokens += [*pairs(piece.text), piece.text[-1]] if piece.kind is Kind.HAN else [term(piece)]
    ends_in_han = pieces and pieces[-1].kind is Kind.HAN
    return tokens[:-1] if ends_in_han else tokens


def _texts(pieces: tuple[Piece, ...]) -> tuple[str, ...]:
    return tuple(piece.text for piece in pieces)


def _every(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, one) for one in queries])


def _either(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, one) for one in queries])

"""From what somebody typed to queries of the index. They are built, never parsed: no character of a text is syntax."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

import tantivy
from tantivy import Occur, Query

from civicat.catalog import fields
from civicat.catalog.pinyin import SOUND, initials, readings, spelled
from civicat.catalog.tokens import Kind, Piece, pairs, pieces, term

_LONGEST = 200  # characters of a text that are read, enough for a title pasted whole
_MOST = 16  # pieces that are looked for
# Words that tie others together: not asked for as long as there are others.
_SMALL_WORDS = frozenset(
    (
        *("a", "about", "an", "and", "are", "as", "at", "be", "by", "can", "did", "do", "does", "each", "for", "from"),
        *(
            "has",
            "have",
            "how",
            "i",
            "in",
            "is",
            "it",
            "its",
            "many",
            "me",
            "much",
            "my",
            "of",
            "on",
            "or",
            "our",
            "that",
        ),
        *("the", "their", "there", "this", "to", "was", "we", "were", "what", "when", "where", "which", "who", "with"),
    )
)
_SMALL_HAN = frozenset("的和与及之在")
_PHRASE = 10.0  # the boost of a title that has the Han run as a whole


def asked(text: str) -> tuple[Piece, ...]:
    """The pieces of a text that are looked for, all of which must be found; none where there is nothing to look for."""
    found = tuple(pieces(text[:_LONGEST]))[:_MOST]
    return tuple(piece for piece in found if piece.text not in _SMALL_WORDS) or found


class Queries:
    """Makes queries for one index. `syllables` are those that occur in it."""

    def __init__(self, index: tantivy.Index, syllables: frozenset[str]) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()
        self._syllables = syllables

    def matching(self, asked_for: tuple[Piece, ...]) -> Query:
        """What decides which datasets are found: each piece, in any way it can be read; all datasets for no piece."""
        if not asked_for:
            return Query.all_query()
        found = _every(self._anyhow(piece) for piece in asked_for)
        return _either((found, *map(self._sounding, self._in_one(asked_for))))

    def ranked(self, asked_for: tuple[Piece, ...]) -> Query:
        """The same datasets, those first that have the words in their title, then tags, then columns."""
        better = [query for piece in asked_for for query in self._better(piece)]
        return Query.boolean_query([(Occur.Must, self.matching(asked_for)), *((Occur.Should, one) for one in better)])

    def filtered(self, query: Query, filters: Mapping[str, str]) -> Query:
        """Of a query's datasets those that have the chosen value of each facet."""
        chosen = (self._term(facet, value, "basic") for facet, value in filters.items())
        return _every((query, *(Query.const_score_query(one, 0.0) for one in chosen)))

    def sounds(self, asked_for: tuple[Piece, ...]) -> list[str]:
        """The sounds of two characters side by side (renkou) that the words of a text may stand for."""
        spoken = [*self._in_one(asked_for), *(reading for piece in asked_for for reading in self._readings(piece))]
        return [one.removeprefix(SOUND) for reading in spoken for one in spelled(reading)]

    def known(self, piece: Piece) -> bool:
        """Whether a word or number occurs in any dataset."""
        return bool(self._searcher.doc_freq(fields.ALL, term(piece)))

    def known_pair(self, pair: str) -> bool:
        """Whether two characters stand side by side in any dataset."""
        return bool(self._searcher.doc_freq(fields.ALL, pair))

    def _anyhow(self, piece: Piece) -> Query:
        """A piece as it is written, or a word read as pinyin, or (where nobody writes it) as initials."""
        ways = [self._as_written(piece, fields.ALL)]
        ways += map(self._sounding, self._readings(piece))
        if piece.kind is Kind.WORD and not self.known(piece) and (first := initials(piece.text)):
            ways.append(self._every_term(fields.SOUND, first))
        return _either(ways)

    def _readings(self, piece: Piece) -> list[tuple[str, ...]]:
        """The ways to read a word as pinyin of two characters or more."""
        found = readings(piece.text, self._syllables) if piece.kind is Kind.WORD else []
        return [reading for reading in found if len(reading) > 1]

    def _in_one(self, asked_for: tuple[Piece, ...]) -> list[tuple[str, ...]]:
        """The text as one reading where all its words are syllables: pinyin, typed with blanks (ren kou)."""
        together = tuple(piece.text for piece in asked_for)
        return [together] if len(together) > 1 and self._syllables.issuperset(together) else []

    def _as_written(self, piece: Piece, field: str) -> Query:
        if piece.kind is not Kind.HAN:
            return self._term(field, term(piece))
        if len(piece.text) == 1:  # the first of a pair, or the last of its run; a Han character is no syntax of a regex
            return Query.const_score_query(Query.regex_query(self._schema, field, f"{piece.text}.?"), 1.0)
        return self._covering(piece.text, field)

    def _covering(self, run: str, field: str) -> Query:
        """Every character of a run, within a pair that is there.

        People write 纽约航班延误 without blanks and mean three words that need not stand side by side: 纽约, 航班 and
        延误 cover it as well as the whole run does. A run of three is covered only by itself.
        """
        sides = pairs(run)
        near = [sides[max(0, at - 1) : at + 1] for at, char in enumerate(run) if char not in _SMALL_HAN]
        alone = {many[0] for many in near if len(many) == 1}
        either = [many for many in near if not alone.intersection(many)]
        one = partial(self._term, field)
        needed = [*map(one, sorted(alone)), *(_either(map(one, many)) for many in either)] or list(map(one, sides))
        return Query.boolean_query(
            [*((Occur.Must, query) for query in needed), *((Occur.Should, one(pair)) for pair in sides)]
        )

    def _better(self, piece: Piece) -> list[Query]:
        found = [Query.boost_query(self._as_written(piece, field), boost) for field, boost in fields.BOOSTS.items()]
        sides: list[str | tuple[int, str]] = [*pairs(piece.text)] if piece.kind is Kind.HAN else []
        if len(sides) > 1:  # tantivy panics at a phrase of one
            found.append(Query.boost_query(Query.phrase_query(self._schema, fields.TITLE, sides), _PHRASE))
        return found

    def _sounding(self, reading: tuple[str, ...]) -> Query:
        return self._every_term(fields.SOUND, spelled(reading))

    def _every_term(self, field: str, terms: Iterable[str]) -> Query:
        return _every(self._term(field, one) for one in terms)

    def _term(self, field: str, token: str, option: str = "freq") -> Query:
        return Query.term_query(self._schema, field, token, index_option=option)


def _every(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, one) for one in queries])


def _either(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, one) for one in queries])

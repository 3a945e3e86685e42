"""Datasets that are like another: the rare words of its title, tags and columns that they share, and its themes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import tantivy
from tantivy import Occur, Query

from civicat.catalog.index.reader import Catalogue
from civicat.catalog.model import Card
from civicat.catalog.search import fields
from civicat.catalog.search.query import SMALL_WORDS, asked
from civicat.catalog.search.tokens import Kind, apart, pairs, term, tokens
from civicat.text import Text
from civicat.vocabulary import THEMES

_WEIGHTS = {fields.TITLE: 3.0, fields.TAGS: 2.0, fields.COLUMNS: 1.0}
_MOST_WORDS = 24  # that are looked for, those that tell most
_MOST_FOUND = 50_000  # datasets that these words stand in, counted for each: what bounds the time it takes
_FEWEST_WORDS = 4  # however many datasets they stand in
_COMMON = 0.25  # of the datasets: a word of more tells nothing, unless there are very few
_FEW = 8  # datasets in which any word may stand
_THEME = 0.5  # the score of a theme in common: it decides among equals
_SHARED = 2  # words that are in common at the least
_ALIKE = 0.1  # of the score that a dataset has for all of its own words: less is no likeness
_MOST = 50


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a dataset, where it stands, in how many it does, the weight of that field, and how much it tells."""

    field: str
    token: str
    found: int
    weight: float
    told: float


class Similar:
    """Likeness of the datasets of one index."""

    def __init__(self, index: tantivy.Index, catalogue: Catalogue) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()
        self._catalogue = catalogue

    def ids(self, dataset: str, size: int) -> tuple[str, ...]:
        """The ids of the datasets most like one, the most alike first; of equals by their id."""
        readable = dataset.isprintable()  # no half characters, which tantivy cannot take
        itself = self._term(fields.KEY, dataset, "basic") if readable else Query.empty_query()
        found: Any = self._searcher.search(itself, 1)
        card = self._catalogue.card(dataset) if found.hits else None
        words, share = self._words(card, found.hits[0][1]) if card else ([], 0.0)
        if card is None or len(words) < _SHARED:
            return ()
        alike = self._alike(card, words)
        own = self._searcher.search(Query.boolean_query([(Occur.Must, alike), (Occur.Must, _unscored(itself))]), 1)
        least = own.hits[0][0] / share * _ALIKE  # words that it has for itself count against all others
        others = Query.boolean_query([(Occur.Must, alike), (Occur.MustNot, itself)])
        hits = self._searcher.search(others, min(max(size, 1), _MOST)).hits
        scored = ((-round(score, 4), self._id(address)) for score, address in hits if score >= least)
        return tuple(one for _, one in sorted(scored))

    def _alike(self, card: Card, words: list[_Word]) -> Query:
        weighed = [(Occur.Should, Query.boost_query(self._term(one.field, one.token), one.weight)) for one in words]
        shared = Query.boolean_query(weighed, minimum_number_should_match=_SHARED)
        themes = [Query.const_score_query(self._term("theme", one, "basic"), _THEME) for one in card.themes]
        return Query.boolean_query([(Occur.Must, shared), *((Occur.Should, one) for one in themes)])

    def _words(self, card: Card, address: tantivy.DocAddress) -> tuple[list[_Word], float]:
        """The words that tell most of a dataset, as far as others have them, and their share of all that it tells."""
        ranked = sorted(self._counted(self._said(card, address)), key=lambda one: (-one.told, one.field, one.token))
        chosen: list[_Word] = []
        for one in [word for word in ranked if word.found > 1][:_MOST_WORDS]:
            if len(chosen) < _FEWEST_WORDS or sum(word.found for word in chosen) + one.found <= _MOST_FOUND:
                chosen.append(one)
        told = sum(one.told for one in ranked[: 2 * _MOST_WORDS])
        return chosen, sum(one.told for one in chosen) / told if told else 0.0

    def _said(self, card: Card, address: tantivy.DocAddress) -> dict[str, set[str]]:
        """The tokens of title, tags and columns; not the names of its department and themes, which are no likeness."""
        stored = self._searcher.doc(address)
        names = (card.department_title, *(THEMES.get(theme, Text()) for theme in card.themes))
        common = {token for name in names for token in tokens(f"{name.zh}\n{name.en}")} | {card.department}
        said = {name: set(str(stored.get_first(name) or "").split()) for name in (fields.TITLE, fields.TAGS)}
        columns = self._catalogue.columns_of((card.id,))[card.id]
        called = (side for one in columns for side in (one.title.zh, one.title.en, apart(one.name)))
        return {
            fields.TITLE: said[fields.TITLE],
            fields.TAGS: said[fields.TAGS] - common,
            fields.COLUMNS: {token for side in called for token in _telling(side)},
        }

    def _counted(self, said: dict[str, set[str]]) -> Iterator[_Word]:
        most = max(_FEW, int(self._searcher.num_docs * _COMMON))
        for name, many in said.items():
            for token in sorted(many):
                found = self._searcher.doc_freq(name, token) if _tells(token) else 0
                if 0 < found <= most:
                    rarity = math.log(1 + self._searcher.num_docs / found)
                    yield _Word(name, token, found, _WEIGHTS[name], _WEIGHTS[name] * rarity)

    def _term(self, field: str, token: str, option: str = "freq") -> Query:
        return Query.term_query(self._schema, field, token, index_option=option)

    def _id(self, address: tantivy.DocAddress) -> str:
        return str(self._searcher.doc(address).get_first(fields.KEY))


def _telling(text: str) -> Iterator[str]:
    """The tokens of a column's name that say something."""
    for piece in asked(text):
        yield from pairs(piece.text) if piece.kind is Kind.HAN else (term(piece),)


def _tells(token: str) -> bool:
    """Whether a token says anything of what a dataset is about."""
    return len(token) > 1 and not token.isdecimal() and token not in SMALL_WORDS


def _unscored(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)

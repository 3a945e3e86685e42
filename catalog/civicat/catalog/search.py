"""Finds datasets by words, Chinese and English alike, with counts for each filter and the words marked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Order, Query

from civicat.catalog import fields
from civicat.catalog.entry import Column
from civicat.catalog.index import SEARCH
from civicat.catalog.marks import Wanted, marked, snippet
from civicat.catalog.model import Bucket, Card, Hit, Question, Results
from civicat.catalog.query import Queries, asked
from civicat.catalog.reader import Catalogue
from civicat.catalog.suggest import Suggestions
from civicat.errors import StoreError
from civicat.text import LANGUAGES, Language, Text
from civicat.vocabulary import FREQUENCIES, THEMES

_MOST_ON_A_PAGE = 100
_MOST_VALUES = 10_000  # of a facet; departments are the most there can be


class Search:
    """The search of one build. Any thread may ask.

    Raises:
        StoreError: the build is not there or not whole.
    """

    def __init__(self, build: Path) -> None:
        self._catalogue = Catalogue(build)
        index = _open(build / SEARCH)
        self._searcher = index.searcher()
        self._queries = Queries(index, self._catalogue.syllables())
        self._suggestions = Suggestions(self._catalogue, self._queries)
        departments = {one.code: one.title for one in self._catalogue.departments()}
        self._labels: dict[str, Mapping[str, Text]] = dict(
            zip(fields.FACETS, (THEMES, departments, FREQUENCIES, self._catalogue.licences()), strict=True)
        )

    def close(self) -> None:
        """Ends reading."""
        self._catalogue.close()

    def find(self, question: Question) -> Results:
        """One page of the datasets that have every word of a text and every chosen filter.

        A blank text finds all of them, the newest first. A text without a letter or a figure finds none and is not
        `searchable`. A page beyond the last answers the last. `sort` is relevance, released or title; titles sort in
        one language. What is no sort or no value of a filter is no error: the first sort, no dataset.
        """
        text, language, page = question.text, question.language, question.page
        filters = {facet: question.chosen[facet] for facet in fields.FACETS if question.chosen.get(facet)}
        pieces = asked(text)
        searchable = bool(pieces) or not text.strip()
        matching = self._queries.matching(pieces) if searchable else Query.empty_query()
        total = self._count(matching, filters)
        size = min(max(1, question.size), _MOST_ON_A_PAGE)
        pages = max(1, math.ceil(total / size))
        page = min(max(1, page), pages)  # tantivy sets memory aside for all hits before a page, also for none at all
        order = _order(question.sort, language, blank=not pieces)
        ranked = matching if order else self._queries.ranked(pieces)
        ids = self._ids(self._filtered(ranked, filters), order, (page - 1) * size, size)
        return Results(
            total=total,
            hits=self._hits(ids, Wanted.of(pieces, self._catalogue.sounding(self._queries.sounds(pieces)))),
            facets={facet: self._buckets(facet, matching, filters) for facet in fields.FACETS},
            suggestion=self._suggestions.near(pieces, partial(self._count_text, filters)) if not total else None,
            page=page,
            pages=pages,
            searchable=searchable,
        )

    def _filtered(self, query: Query, filters: Mapping[str, str]) -> Query:
        """Of a query's datasets those with the chosen values; none for a value that no dataset can have."""
        if any(code not in self._labels[facet] for facet, code in filters.items()):
            return Query.empty_query()
        return self._queries.filtered(query, filters)

    def _count(self, query: Query, filters: Mapping[str, str]) -> int:
        found: Any = self._searcher.search(self._filtered(query, filters), 1)  # its types leave `count` out
        return int(found.count)

    def _count_text(self, filters: Mapping[str, str], text: str) -> int:
        return self._count(self._queries.matching(asked(text)), filters)

    def _ids(self, query: Query, order: str, offset: int, size: int) -> list[str]:
        by = (order, offset, Order.Asc) if order else (None, offset)
        found = self._searcher.search(query, size, False, *by)  # noqa: FBT003  as tantivy has it
        return [str(self._searcher.doc(address).get_first(fields.KEY)) for _, address in found.hits]

    def _hits(self, ids: list[str], wanted: Wanted) -> tuple[Hit, ...]:
        cards, columns = self._catalogue.cards_of(ids), self._catalogue.columns_of(ids)
        return tuple(_hit(cards[one], columns[one], wanted) for one in ids)

    def _buckets(self, facet: str, query: Query, filters: Mapping[str, str]) -> tuple[Bucket, ...]:
        """The values of a facet under the other filters, the most frequent first; of themes all, in their order."""
        chosen = filters.get(facet, "")
        others = {other: code for other, code in filters.items() if other != facet}
        counts = {**dict.fromkeys(THEMES if facet == "theme" else (), 0), **({chosen: 0} if chosen else {})}
        counts |= self._counts(facet, self._filtered(query, others))
        labels = self._labels[facet]
        codes = counts if facet == "theme" else sorted(counts, key=lambda code: (-counts[code], code))
        return tuple(Bucket(one, labels.get(one) or Text(one, one), counts[one], one == chosen) for one in codes)

    def _counts(self, facet: str, query: Query) -> dict[str, int]:
        asked_for = {facet: {"terms": {"field": facet, "size": _MOST_VALUES}}}
        buckets = self._searcher.aggregate(query, asked_for)[facet]["buckets"]
        return {bucket["key"]: bucket["doc_count"] for bucket in buckets}


def _open(folder: Path) -> tantivy.Index:
    try:
        return tantivy.Index.open(str(folder))
    except ValueError as error:  # so tantivy says that a folder is missing or no index
        raise StoreError(
            Text(
                f"索引 {folder} 无法读取（{error}）。请运行 civicat index。",
                f"The index {folder} cannot be read ({error}). Run civicat index.",
            )
        ) from error


def _order(sort: str, language: Language, *, blank: bool) -> str:
    """The field to sort by; blank for the best match, which is nothing to sort by where no word was typed."""
    orders = {"released": "released", "title": f"title_{language}"}
    return orders.get(sort, "released" if blank else "")


def _hit(card: Card, columns: Iterable[Column], wanted: Wanted) -> Hit:
    return Hit(
        card=card,
        title={language: marked(card.title.within(language), wanted) for language in LANGUAGES},
        snippet={language: snippet(card.description.within(language), wanted) for language in LANGUAGES},
        found_in=tuple((column.name, column.title) for column in _with_words(columns, wanted)),
    )


def _with_words(columns: Iterable[Column], wanted: Wanted) -> list[Column]:
    """The columns that have any of the words, those with most of them first."""
    counted = ((wanted.count(column.tokens), column) for column in columns)
    return [column for _, column in sorted((one for one in counted if one[0]), key=lambda one: -one[0])]

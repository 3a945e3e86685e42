"""Finds datasets by words, place and time, Chinese and English alike, with counts for each filter.

What weighs how much: a title that is just what was typed, then words side by side in a title, then in a title, in tags
(keywords, theme, department), in columns, and in all the rest. Of two that match alike the newer comes first: ten years
weigh a tenth of a score at most. Without words the newest come first, or with a place those that fit it best.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Occur, Order, Query

from civicat.catalog.facts import freshness, quality
from civicat.catalog.facts.distributions import FORMATS
from civicat.catalog.index.building import SEARCH
from civicat.catalog.index.entry import Column
from civicat.catalog.index.reader import Catalogue
from civicat.catalog.model import Bucket, Card, Hit, Question, Results, Suggestion
from civicat.catalog.search import fields
from civicat.catalog.search.completions import Completions
from civicat.catalog.search.filters import FilterMaker, Filters, due_ranges, fit, plain_box
from civicat.catalog.search.marks import Wanted, marked, snippet
from civicat.catalog.search.opening import open_index
from civicat.catalog.search.query import Queries, asked
from civicat.catalog.search.similar import Similar
from civicat.catalog.search.suggest import Suggestions
from civicat.catalog.search.synonyms import apart, other_words
from civicat.catalog.search.tokens import Kind, Piece, pairs, pieces
from civicat.catalog.search.typed import Typed, read_typed
from civicat.text import LANGUAGES, Language, Text
from civicat.vocabulary import FREQUENCIES, OPENINGS, THEMES

_MOST_ON_A_PAGE = 100
_MOST_VALUES = 10_000  # of a facet; departments are the most there can be
_FITTED = 200  # datasets near a place that are put in order by how well they fit it; those after them fit worse
_HEARD = 4  # pairs of characters that a word of pinyin may stand for, the most frequent
_IN_ORDER = frozenset(("theme", "opening", "freshness", "quality"))  # facets whose values have an order of their own


@dataclass(frozen=True, slots=True)
class _Plan:
    """How one page is found: what decides which datasets are found, and what puts them in order.

    `heard` are the pairs of characters that pinyin in the text may stand for.
    """

    typed: Typed
    heard: tuple[str, ...]
    matching: Query
    ranked: Query
    filters: Filters
    question: Question


class Search:
    """The search of one build. Any thread may ask.

    Raises:
        StoreError: the build is not there or not whole.
    """

    def __init__(self, build: Path) -> None:
        self._catalogue = Catalogue(build)
        index, self._links = open_index(build / SEARCH)
        self._searcher = index.searcher()
        self._queries = Queries(index, self._catalogue.syllables())
        words = cache(self._catalogue.words)  # read when they are first asked for, once for both
        self._suggestions = Suggestions(self._catalogue, self._queries, words)
        departments = {one.code: one.title for one in self._catalogue.departments()}
        self._labels: Mapping[str, Mapping[str, Text]] = {
            "theme": THEMES,
            "department": departments,
            "format": FORMATS,
            "frequency": FREQUENCIES,
            "opening": OPENINGS,
            "licence": self._catalogue.licences(),
            "freshness": freshness.LEVELS,
            "quality": quality.LEVELS,
        }
        self._filters = FilterMaker(index.schema, lambda facet, code: code in self._labels[facet])
        self._similar = Similar(index, self._catalogue)
        self._completions = Completions(index, self._catalogue, self._queries, words, departments)

    def close(self) -> None:
        """Ends reading."""
        self._catalogue.close()
        if self._links is not None:
            self._links.cleanup()

    def find(self, question: Question) -> Results:
        """One page of the datasets that have every word of a text and pass every filter (typed.py says what to type).

        A blank text finds all of them. A text without a letter or a figure finds none and is not `searchable`. A page
        beyond the last answers the last. Titles sort in one language. What is no sort is no error: the first sort.

        A text that finds nothing, with or without filters, is tried again with joined words set apart, then with other
        words that mean the same, with its slips mended, at last with half of its words; `relaxed` says so.
        """
        typed = read_typed(question.text)
        searchable = bool(typed.clauses) or not question.text.strip()
        filters = self._filters.filters(question)
        plan = self._plan(typed, filters, question) if searchable else self._nothing(filters, question)
        total, ids, page = self._page(plan)
        suggestion, relaxed = None, ""
        if searchable and typed.clauses and not total:
            plan, relaxed, suggestion = self._again(plan)
            total, ids, page = self._page(plan) if relaxed else (total, ids, page)
        return Results(
            total=total,
            hits=self._hits(ids, Wanted.of(plan.typed.wanted, plan.heard)),
            facets=self._facets(plan),
            suggestion=suggestion,
            page=page,
            pages=_pages(total, _size(question)),
            searchable=searchable,
            relaxed=relaxed,
        )

    def count(self, question: Question) -> int:
        """How many datasets `find` finds for just these words and filters, nothing mended, without looking at any."""
        typed = read_typed(question.text)
        if not typed.clauses and question.text.strip():
            return 0
        return self._count(self._filters.filters(question).of(self._queries.matching(typed)))

    def wanted(self, text: str) -> Wanted:
        """What a text looks for, to be marked: its words, and the characters that they may be the pinyin of."""
        typed = read_typed(text)
        return Wanted.of(typed.wanted, self._catalogue.sounding(self._queries.sounds(typed)))

    def unknown(self, text: str) -> tuple[str, ...]:
        """The parts of a text that no dataset has: words as they are typed, Chinese without what is known of it."""
        return tuple(dict.fromkeys(part for piece in asked(text) for part in self._unknown(piece, text)))

    def with_columns(self, names: Iterable[str], size: int) -> tuple[str, ...]:
        """The ids of datasets that have a column with one of these names or titles, the best match first."""
        some = [(Occur.Should, self._queries.written(piece, fields.COLUMNS)) for one in names for piece in pieces(one)]
        found = self._searcher.search(Query.boolean_query(some), size)
        return tuple(self._id(address) for _, address in found.hits)

    def _unknown(self, piece: Piece, text: str) -> Iterator[str]:
        if piece.kind is not Kind.HAN:
            yield from () if self._queries.finds(piece) else (text[piece.start : piece.end],)
            return
        known = [at for at, pair in enumerate(pairs(piece.text)) if self._queries.known_pair(pair)]
        covered = {at + side for at in known for side in (0, 1)}
        left = "".join(" " if at in covered else char for at, char in enumerate(piece.text))
        yield from (part for part in left.split() if len(part) > 1)

    def similar(self, dataset: str, size: int = 5) -> tuple[Card, ...]:
        """The datasets that are most like one (`department/dataset`), without itself; none where nothing is alike."""
        cards = self._catalogue.cards_of(found := self._similar.ids(dataset, size))
        return tuple(cards[one] for one in found)

    def suggestions(self, prefix: str, language: Language = "zh", size: int = 8) -> tuple[Suggestion, ...]:
        """What somebody may be typing: titles, departments, themes, columns, words. None for what is no text."""
        return self._completions.of(prefix, language, size)

    def _plan(self, typed: Typed, filters: Filters, question: Question) -> _Plan:
        heard = self._catalogue.sounding(self._queries.sounds(typed))
        ranked = self._queries.ranked(typed, heard[:_HEARD])
        return _Plan(typed, heard, self._queries.matching(typed), ranked, filters, question)

    def _nothing(self, filters: Filters, question: Question) -> _Plan:
        return _Plan(Typed(), (), Query.empty_query(), Query.empty_query(), filters, question)

    def _again(self, plan: _Plan) -> tuple[_Plan, str, tuple[str, int] | None]:
        """What to try where nothing was found: how it is called, and the near text. A filter that hides all is none."""
        near = self._suggestions.near(plan.typed, partial(self._count_text, plan.filters))
        if plan.filters.queries and self._count(plan.matching):
            return plan, "", None
        other, how = self._other(plan)
        if how:
            other_plan = self._plan(read_typed(other), plan.filters, plan.question)
            return other_plan, how, (other, self._count_text(plan.filters, other))
        if near and near.whole:
            return self._plan(read_typed(near.text), plan.filters, plan.question), "near", (near.text, near.count)
        some = self._queries.loosely(plan.typed)
        suggestion = (near.text, near.count) if near else None
        if self._count(plan.filters.of(some)):
            return replace(plan, matching=some, ranked=some), "any", suggestion
        return plan, "", suggestion

    def _other(self, plan: _Plan) -> tuple[str, str]:
        """Another text that says the same and finds something, and how it came about: `apart` or `synonym`."""
        if plan.typed.bound:
            return "", ""
        text = plan.typed.plain
        tries = ((self._set_apart(plan.typed), "apart"), *((one, "synonym") for one in other_words(text)))
        return next((one for one in tries if one[0] and self._count_text(plan.filters, one[0])), ("", ""))

    def _set_apart(self, typed: Typed) -> str:
        """The text with each word that nobody writes as the two words, side by side somewhere, that it joins."""
        words = {piece: self._halves(piece) for piece in typed.free if piece.kind is Kind.WORD}
        if not any(words.values()):
            return ""
        return " ".join(words.get(piece) or piece.text for piece in typed.free)

    def _halves(self, piece: Piece) -> str:
        if self._queries.finds(piece):
            return ""
        halves = (pair for pair in apart(piece) if self._count(self._queries.beside(*pair)))
        return " ".join(next(halves, ()))

    def _page(self, plan: _Plan) -> tuple[int, list[str], int]:
        """How many datasets there are, the ids on the page that was asked for, and its number."""
        size, page = _size(plan.question), max(1, plan.question.page)
        if page > 1:  # tantivy sets memory aside for all hits before a page, also for those that are not there
            page = min(page, _pages(self._count(plan.filters.of(plan.matching)), size))
        total, ids = self._ids(plan, (page - 1) * size, size)
        return total, ids, page

    def _count(self, query: Query) -> int:
        found: Any = self._searcher.search(query, 1)  # its types leave `count` out
        return int(found.count)

    def _count_text(self, filters: Filters, text: str) -> int:
        return self._count(filters.of(self._queries.matching(read_typed(text))))

    def _ids(self, plan: _Plan, offset: int, size: int) -> tuple[int, list[str]]:
        """How many datasets there are, and the ids of some of them in the order that was asked for."""
        question, has_words = plan.question, bool(plan.typed.clauses)
        order = _order(question.sort, question.language)
        if not order and not has_words and question.box and (box := plain_box(question.box)):
            return self._fitting(plan, box, offset, size)
        if order or not has_words:
            query = plan.filters.of(plan.matching)
            found: Any = self._searcher.search(
                query, size, order_by_field=order or "released", offset=offset, order=Order.Asc
            )
            return int(found.count), [self._id(address) for _, address in found.hits]
        query = plan.filters.of(plan.ranked)
        found = self._searcher.search(query, size, offset=offset, weight_by_field=fields.NEWNESS)
        ranked = sorted((-round(score, 4), self._id(address)) for score, address in found.hits)
        return int(found.count), [one for _, one in ranked]

    def _fitting(self, plan: _Plan, box: tuple[float, float, float, float], offset: int, size: int) -> tuple[int, Any]:
        """The ids of datasets near a place: those of about its size first, the best by what they have in common."""
        better = [(Occur.Should, one) for one in self._filters.fitting(box)]
        query = Query.boolean_query([(Occur.Must, plan.filters.of(Query.all_query())), *better])
        found: Any = self._searcher.search(query, max(_FITTED, offset + size))
        addresses = [address for _, address in found.hits]
        sides = (self._searcher.fast_field_values(name, addresses[:_FITTED]) for name in fields.SIDES)
        fits: list[float] = [fit(box, one) for one in zip(*sides, strict=True)]
        best = sorted((-by, self._id(address)) for by, address in zip(fits, addresses, strict=False))
        shown = [one for _, one in best][offset : offset + size]
        rest = addresses[max(offset, _FITTED) : offset + size]
        return int(found.count), [*shown, *map(self._id, rest)]

    def _id(self, address: tantivy.DocAddress) -> str:
        return str(self._searcher.doc(address).get_first(fields.KEY))

    def _hits(self, ids: list[str], wanted: Wanted) -> tuple[Hit, ...]:
        cards = self._catalogue.cards_of(ids)
        columns = self._catalogue.columns_of(ids if wanted.han or wanted.terms else ())
        return tuple(_hit(cards[one], columns.get(one, ()), wanted) for one in ids)

    def _facets(self, plan: _Plan) -> Mapping[str, tuple[Bucket, ...]]:
        """The values of each facet under the other filters: one pass for all, and one for each that is chosen."""
        chosen = [facet for facet in fields.FACETS if facet in plan.filters.queries]
        counts = self._counts(plan, [facet for facet in fields.FACETS if facet not in chosen])
        for facet in chosen:
            counts |= self._counts(plan, [facet], but=facet)
        return {facet: self._buckets(facet, counts[facet], plan.question) for facet in fields.FACETS}

    def _counts(self, plan: _Plan, facets: Iterable[str], but: str = "") -> dict[str, dict[str, int]]:
        asked_for = {facet: _aggregation(facet, plan.question.today) for facet in facets}
        found = self._searcher.aggregate(plan.filters.of(plan.matching, but), asked_for) if asked_for else {}
        return {facet: {one["key"]: one["doc_count"] for one in found[facet]["buckets"]} for facet in asked_for}

    def _buckets(self, facet: str, counts: Mapping[str, int], question: Question) -> tuple[Bucket, ...]:
        """The values of a facet, the most frequent first or in their own order; of themes all, of others that occur."""
        labels, chosen = self._labels[facet], question.chosen.get(facet, "")
        there = {code: count for code, count in counts.items() if count}
        every = {**(dict.fromkeys(labels, 0) if facet == "theme" else {}), **({chosen: 0} if chosen else {}), **there}
        places = {code: place for place, code in enumerate(labels)} if facet in _IN_ORDER else {}
        codes = sorted(every, key=lambda code: (places.get(code, len(places)), -every[code], code))
        return tuple(Bucket(one, labels.get(one) or Text(one, one), every[one], one == chosen) for one in codes)


def _aggregation(facet: str, today: str) -> dict[str, Any]:
    """What counts the values of a facet; levels of freshness are reckoned on the day of asking, so never stored."""
    if facet != "freshness":
        return {"terms": {"field": facet, "size": _MOST_VALUES}}
    ranges = [
        {"key": level, **{name: end for name, end in (("from", first), ("to", before)) if end is not None}}
        for level, (first, before) in due_ranges(today).items()
    ]
    return {"range": {"field": fields.DUE, "ranges": ranges}}


def _size(question: Question) -> int:
    return min(max(1, question.size), _MOST_ON_A_PAGE)


def _pages(total: int, size: int) -> int:
    return max(1, math.ceil(total / size))


def _order(sort: str, language: Language) -> str:
    """The field to sort by; blank for the best match."""
    newest = {"released": "released", "newest": "released"}
    return {**newest, "title": f"title_{language}", "quality": "held", "rows": "rows"}.get(sort, "")


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

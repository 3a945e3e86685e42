"""What a question narrows a search down by, as queries: values of facets, a place on the map, a time covered.

What nobody can have (an unknown theme, a box without an inside, a day that no calendar has) finds nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import tantivy
from tantivy import FieldType, Occur, Query

from civicat.catalog.facts.coverage import Box, first_day, last_day
from civicat.catalog.model import Question
from civicat.catalog.search import fields
from civicat.catalog.search.fields import AREA, BEGINS, CLOSED, DUE, EAST, ENDLESS, ENDS, NORTH, SOUTH, WEST

PLACE, TIME = "place", "time"  # beside the facets, what a search is narrowed down by
_HALF, _ROUND, _POLE = 180.0, 360.0, 90.0  # degrees
_SIZES = (math.log(1.5), math.log(4), math.log(16), math.log(64))  # how much larger or smaller a box is than another


@dataclass(frozen=True, slots=True)
class Filters:
    """The queries by what they narrow down by: a facet, `place` or `time`. `levels` are days of freshness."""

    queries: Mapping[str, Query]

    def of(self, query: Query, but: str = "") -> Query:
        """Of a query's datasets those that pass every filter but one; the order of equals does not change."""
        passed = [Query.const_score_query(one, 0.0) for name, one in self.queries.items() if name != but]
        return Query.boolean_query([(Occur.Must, one) for one in (query, *passed)]) if passed else query


class FilterMaker:
    """Makes the filters of one index. `is_value` says whether a facet has a value."""

    def __init__(self, schema: tantivy.Schema, is_value: Callable[[str, str], bool]) -> None:
        self._schema = schema
        self._is_value = is_value

    def filters(self, question: Question) -> Filters:
        """The filters of a question."""
        chosen = {facet: question.chosen[facet] for facet in fields.FACETS if question.chosen.get(facet)}
        queries = {facet: self._facet(facet, code, question) for facet, code in chosen.items()}
        if question.box is not None:
            queries[PLACE] = self._touching(plain_box(question.box))
        if question.begins or question.ends:
            queries[TIME] = self._within(question.begins, question.ends)
        return Filters(queries)

    def fitting(self, box: Box) -> list[Query]:
        """What is about as large as a box, the nearer in size the oftener: those that fit best come among the first."""
        size = fields.area(box)
        return [Query.const_score_query(self._between(AREA, size - one, size + one), 1.0) for one in _SIZES]

    def _facet(self, facet: str, code: str, question: Question) -> Query:
        if not self._is_value(facet, code):
            return Query.empty_query()
        if facet == "freshness":
            return self._days(DUE, *due_ranges(question.today)[code])
        return Query.term_query(self._schema, facet, code, index_option="basic")

    def _touching(self, box: Box | None) -> Query:
        """What has a point in common with a box. Both go from west to east, past 180 degrees where they have to."""
        if box is None:
            return Query.empty_query()
        west, south, east, north = box
        beside = [self._every(self._between(WEST, None, east), self._between(EAST, west, None))]
        beside += [self._between(EAST, west + _ROUND, None)] if west + _ROUND <= _HALF + _ROUND else []
        beside += [self._between(WEST, None, east - _ROUND)] if east >= _HALF else []
        around = Query.boolean_query([(Occur.Should, one) for one in beside])
        return self._every(self._between(SOUTH, None, north), self._between(NORTH, south, None), around)

    def _within(self, begins: str, ends: str) -> Query:
        """What covers any day from one to another; an end that is not said is open."""
        first, last = first_day(begins), last_day(ends)
        if (begins and not first) or (ends and not last) or (first and last and first > last):
            return Query.empty_query()
        known = [self._days(BEGINS, None, date.fromisoformat(last).toordinal() + 1)] if last else []
        known += [self._days(ENDS, date.fromisoformat(first).toordinal(), None)] if first else []
        return self._every(*known)

    def _every(self, *queries: Query) -> Query:
        return Query.boolean_query([(Occur.Must, one) for one in queries])

    def _between(self, field: str, least: float | None, most: float | None) -> Query:
        return Query.range_query(self._schema, field, FieldType.Float, least, most)

    def _days(self, field: str, least: int | None, before: int | None) -> Query:
        last = None if before is None else before - 1
        return Query.range_query(self._schema, field, FieldType.Integer, least, last)


def due_ranges(today: str) -> Mapping[str, tuple[int | None, int | None]]:
    """For each level of freshness on a day (blank for today, UTC): the first due day it has, and the one after."""
    now = (date.fromisoformat(first_day(today)) if first_day(today) else datetime.now(UTC).date()).toordinal()
    return {
        "in-time": (now, ENDLESS),
        "late": (None, now),
        "unscheduled": (ENDLESS, CLOSED),
        "closed": (CLOSED, None),
    }


def plain_box(box: Box) -> Box | None:
    """A box with its west from -180 on and its east no less than its west; None where nothing can be in it.

    Maps that are scrolled around the world more than once tell degrees past 180.
    """
    west, south, east, north = box
    if not all(map(math.isfinite, box)) or south > north or south > _POLE or north < -_POLE:
        return None
    width = _ROUND if east - west >= _ROUND else (east - west) % _ROUND
    start = (west + _HALF) % _ROUND - _HALF if not -_HALF <= west <= _HALF else west
    whole = width >= _ROUND
    return (-_HALF, south, _HALF, north) if whole else (start, south, start + width, north)


def fit(box: Box, other: Box) -> float:
    """How well two boxes fit: the share that both have of what either has, from 0 to 1. Each has west before east."""
    height = min(box[3], other[3]) - max(box[1], other[1])
    width = max(min(box[2], other[2] + by) - max(box[0], other[0] + by) for by in (-_ROUND, 0.0, _ROUND))
    both = max(width, 0.0) * max(height, 0.0)
    sizes = [(one[2] - one[0]) * (one[3] - one[1]) for one in (box, other)]
    either = sizes[0] + sizes[1] - both
    return both / either if either > 0 else float(box == other)

"""The fields of the search index: one list, from which documents are written and queries are made."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date

import tantivy

from civicat.catalog.facts.coverage import Box, first_day
from civicat.catalog.facts.freshness import freshness
from civicat.catalog.facts.quality import level
from civicat.catalog.index.entry import Entry
from civicat.catalog.model import Card

KEY = "id"
ALL = "all"  # decides what matches and what is counted: one posting list for each word, wherever it stands
TITLE = "title"
TAGS = "tags"
COLUMNS = "cols"
EXACT = "exact"  # titles, names and keywords, each as one token
SOUND = "sound"
BOOSTS = {TITLE: 10.0, TAGS: 5.0, COLUMNS: 3.0}  # where a word weighs more than in the rest
PHRASED = (TITLE, ALL, SOUND)  # where words can be asked for side by side, and initials in their order
FACETS = ("theme", "department", "format", "frequency", "opening", "licence", "freshness", "quality")
LISTED = tuple(facet for facet in FACETS if facet != "freshness")  # that one is reckoned from the day it is due
ORDERS = ("released", "title_zh", "title_en", "held", "rows")
DUE, BEGINS, ENDS = "due", "begins", "ends"  # days, as `date.toordinal` counts them
WEST, SOUTH, EAST, NORTH = "west", "south", "east", "north"  # degrees; east past 180 across the antimeridian
SIDES = (WEST, SOUTH, EAST, NORTH)
AREA = "area"  # the logarithm of square degrees
NEWNESS = "newness"  # what a score is weighed by: a century more, and it is half as much again
ENDLESS = 4_000_000  # after every day, as an end that is open, or where nothing is promised
CLOSED = 5_000_000  # where nothing will follow
_BEGINNING = 0
_NEVER_DUE: Mapping[str, int] = {"unscheduled": ENDLESS, "closed": CLOSED}
_ROUND = 360.0
_POINT = 1e-6  # degrees: what a side without length is taken for
_CENTURY = 36_525  # days
_FROM = date(2000, 1, 1)


def schema() -> tantivy.Schema:
    """The fields. Tokens are made by us and parted by blanks; positions are kept where phrases are looked for.

    Title and tags are stored too: what is similar to a dataset is found by its own words.
    """
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(KEY, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(EXACT, tokenizer_name="raw", index_option="basic")
    for name in (ALL, TITLE, TAGS, COLUMNS, SOUND):
        option = "position" if name in PHRASED else "freq"
        builder.add_text_field(name, stored=name in {TITLE, TAGS}, tokenizer_name="whitespace", index_option=option)
    for name in (*LISTED, *ORDERS):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in (DUE, BEGINS, ENDS):
        builder.add_integer_field(name, fast=True)
    for name in (*SIDES, AREA, NEWNESS):
        builder.add_float_field(name, fast=True)
    return builder.build()


def document(entry: Entry) -> dict[str, list[object]]:
    """What the index holds of one dataset: the values of each field."""
    card = entry.card
    single: dict[str, object] = {
        KEY: card.id,
        **entry.tokens,
        **entry.order,
        DUE: _due(card),
        NEWNESS: _newness(card.released),
        **_time(card),
        **_place(card),
    }
    return {
        **{name: [value] for name, value in single.items()},
        EXACT: [*sorted(entry.exact - {"", "#"})],
        **_listed(entry),
    }


def sides(box: Box) -> Box:
    """A box with its east past 180 where it crosses the antimeridian: west is never greater."""
    west, south, east, north = box
    return west, south, east + _ROUND if east < west else east, north


def area(box: Box) -> float:
    """The logarithm of a box's square degrees, that of a point a very small one's."""
    west, south, east, north = sides(box)
    return math.log(max(east - west, _POINT) * max(north - south, _POINT))


def _listed(entry: Entry) -> dict[str, list[object]]:
    card = entry.card
    one = {
        "department": card.department,
        "frequency": card.frequency,
        "opening": card.opening,
        "quality": level(card.held, card.points),
    }
    many = {"theme": card.themes, "format": card.formats, "licence": entry.licences}
    return {
        **{facet: [*codes] for facet, codes in many.items()},
        **{facet: [code] for facet, code in one.items() if code},
    }


def _due(card: Card) -> int:
    """The day by which the next release is due, as a number: the level is reckoned when somebody asks."""
    if card.due:
        return date.fromisoformat(card.due).toordinal()
    return _NEVER_DUE[freshness(card.frequency, "", date.max).level]


def _newness(released: str) -> float:
    """Centuries since 2000; 0 where the day is not known."""
    day = first_day(released[:10])
    return max((date.fromisoformat(day) - _FROM).days, 0) / _CENTURY if day else 0.0


def _time(card: Card) -> dict[str, int]:
    """The first and last day covered; an end that is open lies beyond every day."""
    if not (card.begins or card.ends):
        return {}
    begins, ends = (date.fromisoformat(day).toordinal() if day else None for day in (card.begins, card.ends))
    return {BEGINS: _BEGINNING if begins is None else begins, ENDS: ENDLESS if ends is None else ends}


def _place(card: Card) -> dict[str, float]:
    if card.box is None:
        return {}
    west, south, east, north = sides(card.box)
    return {WEST: west, SOUTH: south, EAST: east, NORTH: north, AREA: area(card.box)}

"""How a search is narrowed down, as its page shows it: filters in force, values to choose, orders, the map."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from civicat.catalog.i18n import Words
from civicat.catalog.model import Bucket, Card, Results
from civicat.catalog.pages.asked import FACETS, Asked, default_sort
from civicat.catalog.pages.asked_place import PRESETS, WORLD, Box, Problem, Rectangle, degrees, rectangles
from civicat.text import Text

OPEN = ("theme", "department")  # facets whose lists are open without a click
MOST = 8  # values of a facet that are shown at once
_FEW = 2  # more of them than that are not worth a list of their own


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force: of which facet, what it says, and the address without it."""

    name: str
    label: Text
    address: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet, and the address that chooses it or lets it go."""

    bucket: Bucket
    address: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A list of values to narrow down by: the most frequent, then the rest."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    rest: tuple[Choice, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class Preset:
    """A well-known place: what it is called, and the address that asks for it; `on` where it is asked for now."""

    label: Text
    address: str
    on: bool


@dataclass(frozen=True, slots=True)
class Map:
    """What is drawn: the box asked for, and the boxes of the datasets shown, of which `placed` have one."""

    asked: tuple[Rectangle, ...]
    found: tuple[Rectangle, ...]
    placed: int
    shown: int

    def said(self, words: Words) -> Markup:
        """What the map shows, in a sentence."""
        if not self.placed:
            return words.gettext("No dataset on this page says where it lies.")
        return words.ngettext(
            "Outlined: the place of the one dataset on this page.",
            "Outlined: the places of %(placed)s of the %(n)s datasets on this page.",
            self.shown,
            placed=self.placed,
        )


def labels(words: Words) -> Mapping[str, str]:
    """What the facets are called, by name."""
    return {
        "theme": words.gettext("Theme"),
        "department": words.gettext("Department"),
        "format": words.gettext("Format"),
        "frequency": words.gettext("Update frequency"),
        "opening": words.gettext("Opening class"),
        "licence": words.gettext("Licence"),
        "freshness": words.gettext("Freshness"),
        "quality": words.gettext("Quality"),
        "box": words.gettext("Place"),
        "since": words.gettext("Time covered"),
        "until": words.gettext("Time covered"),
    }


def sorts(asked: Asked, words: Words) -> tuple[tuple[str, str], ...]:
    """The orders to choose from; without words there is no best match."""
    best = (("relevance", words.gettext("Best match")),) if asked.q else ()
    return (
        *best,
        ("released", words.gettext("Newest")),
        ("title", words.gettext("Title")),
        ("quality", words.gettext("Quality")),
        ("rows", words.gettext("Most rows")),
    )


def sort_in_force(asked: Asked) -> str:
    """The order that the results stand in."""
    return asked.sort or default_sort(asked.q)


def chips(asked: Asked, results: Results) -> tuple[Chip, ...]:
    """The filters in force, place and time with theirs; a value that no dataset has is shown by its code."""
    named = dict.fromkeys("since" if name == "until" else name for name, _ in asked.filters)
    return tuple(Chip(name, label(asked, results, name), asked.without(name).address()) for name in named)


def label(asked: Asked, results: Results, name: str) -> Text:
    """What a filter in force says: the value's name, the place, the time."""
    if name == "box" and asked.box:
        return _place(asked.box)
    if name in {"since", "until"}:
        return _time(asked.begins, asked.ends)
    code = asked.chosen.get(name, "")
    return next((one.label for one in results.facets.get(name, ()) if one.code == code), Text(code, code))


def _place(box: Box) -> Text:
    known = next((one for one, preset in PRESETS if preset == box), None)
    west, south, east, north = box
    across, up = (_between(west, east, "西东", "WE"), _between(south, north, "南北", "SN"))
    return known or Text(f"{across.zh}，{up.zh}", f"{across.en}, {up.en}")


def _between(low: float, high: float, han: str, latin: str) -> Text:
    zh = "至".join(_hemisphere(value, han) for value in (low, high))
    return Text(zh, "–".join(f"{degrees(abs(value))}°{latin[value > 0] if value else ''}" for value in (low, high)))


def _hemisphere(value: float, han: str) -> str:
    kind = "经" if han == "西东" else "纬"
    return f"{han[value > 0]}{kind}{degrees(abs(value))}°" if value else "0°"


def _time(begins: str, ends: str) -> Text:
    if begins and ends:
        return Text(f"{begins} 至 {ends}", f"{begins} to {ends}") if begins != ends else Text(begins, begins)
    return Text(f"{begins} 起", f"from {begins}") if begins else Text(f"至 {ends}", f"until {ends}")


def facets(asked: Asked, results: Results, words: Words) -> tuple[Facet, ...]:
    """The facets that have anything to choose, each value with its address."""
    named = labels(words)
    return tuple(
        _facet(asked, name, named.get(name, name), results.facets[name]) for name in FACETS if results.facets.get(name)
    )


def _facet(asked: Asked, name: str, called: str, buckets: tuple[Bucket, ...]) -> Facet:
    often = set(sorted((one.code for one in buckets if one.count), key=_count_of(buckets))[:MOST])
    choices = tuple(Choice(bucket, asked.toggle(name, bucket.code)) for bucket in buckets)
    shown = tuple(one for one in choices if one.bucket.code in often or one.bucket.chosen)
    rest = tuple(one for one in choices if one not in shown)
    if len(rest) <= _FEW:
        shown, rest = choices, ()
    return Facet(name, called, shown, rest, name in OPEN or any(bucket.chosen for bucket in buckets))


def _count_of(buckets: Iterable[Bucket]) -> Callable[[str], int]:
    """A key that sorts codes by their count, the most frequent first."""
    counts = {bucket.code: -bucket.count for bucket in buckets}
    return counts.__getitem__


def presets(asked: Asked) -> tuple[Preset, ...]:
    """Well-known places to ask for."""
    return tuple(Preset(name, asked.within(box), asked.box == box) for name, box in PRESETS)


def drawn(asked: Asked, cards: Iterable[Card]) -> Map:
    """The map of a page of results: each box once, however many datasets have it."""
    shown = list(cards)
    boxes = [card.box for card in shown if card.box]
    return Map(
        asked=tuple(rectangles(asked.box)) if asked.box and asked.box != WORLD else (),
        found=tuple(one for box in dict.fromkeys(boxes) for one in rectangles(box)),
        placed=len(boxes),
        shown=len(shown),
    )


def told(problem: Problem, words: Words) -> Markup:
    """What is wrong with a value, and what can be written instead."""
    written = words.run(problem.written)
    said: Mapping[str, Callable[[], Markup]] = {
        "west": lambda: words.gettext("West: “%(value)s” is not between -180 and 180 degrees.", value=written),
        "east": lambda: words.gettext("East: “%(value)s” is not between -180 and 180 degrees.", value=written),
        "south": lambda: words.gettext("South: “%(value)s” is not between -90 and 90 degrees.", value=written),
        "north": lambda: words.gettext("North: “%(value)s” is not between -90 and 90 degrees.", value=written),
        "south>north": lambda: words.gettext("South lies north of north: %(value)s.", value=written),
        "box": lambda: words.gettext(
            "Place: “%(value)s” is not four numbers of degrees (west, south, east, north).", value=written
        ),
        "since": lambda: words.gettext("Since: “%(value)s” is no year, month or day.", value=written),
        "until": lambda: words.gettext("Until: “%(value)s” is no year, month or day.", value=written),
        "since>until": lambda: words.gettext("The time ends before it begins: %(value)s.", value=written),
    }
    return said[problem.field]()


def wrong_fields(problems: Iterable[Problem]) -> frozenset[str]:
    """The fields of the form that a problem concerns."""
    return frozenset(one for problem in problems for one in problem.field.replace(">", " ").split())

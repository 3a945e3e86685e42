"""What would help a department's datasets most, from what is wrong with them now: the gravest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

from civicat.catalog.facts.freshness import freshness
from civicat.catalog.facts.ledger import Ledger
from civicat.catalog.facts.quality import Point, quality
from civicat.catalog.model import Card
from civicat.errors import CivicatError
from civicat.layout import Layout
from civicat.release import Version
from civicat.text import Text

MOST_READ = 200  # datasets whose missing points are counted one by one


@dataclass(frozen=True, slots=True)
class Help:
    """One thing to do: mend what keeps a file out, hand in what is late, add what a point of quality lacks.

    `count` is of kinds of errors, of days, or of datasets; `dataset` and `title` are of the one that it is about, and
    `point` is what is lacking.
    """

    kind: Literal["mend", "late", "point"]
    count: int
    dataset: str = ""
    title: Text = field(default_factory=Text)
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Lacking:
    """A point of quality that some datasets lack."""

    point: Point
    datasets: tuple[str, ...]


def lacking(layout: Layout, cards: Iterable[Card]) -> tuple[Lacking, ...]:
    """The points of quality that datasets lack, by how many lack them; of the first MOST_READ that lack any."""
    wanting = [card for card in cards if card.held < card.points][:MOST_READ]
    found: dict[str, tuple[Point, list[str]]] = {}
    for card in wanting:
        for point in _missing(layout.store, card.id, card.version):
            found.setdefault(point.code, (point, []))[1].append(card.id)
    many = (Lacking(point, tuple(datasets)) for point, datasets in found.values())
    return tuple(sorted(many, key=lambda one: -len(one.datasets)))


@lru_cache(maxsize=5000)
def _missing(store: Path, dataset: str, version: str) -> tuple[Point, ...]:
    try:
        release = Layout(store).release(dataset, Version.parse(version))
    except CivicatError:
        return ()  # damaged since it was indexed
    return tuple(one for one in quality(release).points if not one.held) if release else ()


def what_helps(cards: tuple[Card, ...], kept: Ledger, lacks: tuple[Lacking, ...], today: date) -> tuple[Help, ...]:
    """What would help, at most one thing of each kind that is worth the most."""
    first = tuple(_mend(cards, kept))
    others = tuple(card for card in cards if card.id not in {one.dataset for one in first})
    return (*first, *_late(others, today), *_point(lacks))


def _mend(cards: tuple[Card, ...], kept: Ledger) -> Iterator[Help]:
    still = [one.dataset for one in kept.entries if not one.mended]
    if still:
        dataset = max(still, key=lambda one: (still.count(one), one))
        title = next((card.title for card in cards if card.id == dataset), Text())
        yield Help("mend", still.count(dataset), dataset, title)


def _late(cards: tuple[Card, ...], today: date) -> Iterator[Help]:
    late = [(freshness(card.frequency, card.due, today).late, card) for card in cards]
    days, card = max(late, key=lambda one: one[0], default=(0, None))
    if days and card is not None:
        yield Help("late", days, card.id, card.title)


def _point(lacks: tuple[Lacking, ...]) -> Iterator[Help]:
    theirs = [one for one in lacks if one.point.whose == "department"]
    yield from (Help("point", len(one.datasets), point=one.point) for one in theirs[:1])

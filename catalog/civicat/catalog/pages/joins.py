"""Which data fits together, in the whole catalogue, of one dataset, and each join on a page of its own.

/joins                                  departments and how many of their datasets meet; columns that many look up in
/joins?from=DEPARTMENT&to=DEPARTMENT    the joins between two departments
/d/DEPARTMENT/DATASET/joins             what a dataset can look up, and what can look up in it
/d/DEPARTMENT/DATASET/joins/CODE        one join: what meets, what it gains, its first rows, SQL to run
"""

from __future__ import annotations

import asyncio
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

from datasette.utils.asgi import Response

from civicat.catalog.files.downloads import DATASET
from civicat.catalog.joins.known import Join, LookedUp
from civicat.catalog.joins.statements import gained, on_addresses, on_files, operands, questions
from civicat.catalog.joins.trials import Trial
from civicat.catalog.model import Card
from civicat.catalog.pages.rendering import missing, page
from civicat.catalog.site_context import Site, origin, site_of
from civicat.dataset import Field
from civicat.layout import Layout
from civicat.release import Release, Table, Version
from civicat.text import Text

FEW = 5  # shown on the page of a dataset
MOST_DEPARTMENTS = 20  # in the table and the picture; those with the most joins
_CODE = r"(?P<code>[0-9a-f]{12})"
_WIDTH, _ACROSS, _DOWN, _EDGE = 880, 250, 200, 80  # of the picture; its ring from the middle; what is kept for names
_DOTS = 12  # on a ring of this height: of more it grows, or their names would touch
_LABEL, _LINE, _BASE = 18, 17, 5  # from a dot to its name, from line to line, from the middle of a line to its foot
_LETTERS = 21  # of a line; a Chinese character is as wide as two
_NEAR = 0.2  # of the ring: so near its top or bottom a name stands above or below
_WORDS = re.compile(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*")


@dataclass(frozen=True, slots=True)
class Line:
    """One join in a list, as the dataset of the page sees it: `here` and `there` are columns, `other` is there."""

    join: Join
    is_outgoing: bool
    other: Card

    @property
    def here(self) -> tuple[str, ...]:
        """The columns of the dataset whose page it is."""
        return (self.join.source if self.is_outgoing else self.join.target).names

    @property
    def there(self) -> tuple[str, ...]:
        """The columns of the other."""
        return (self.join.target if self.is_outgoing else self.join.source).names

    @property
    def title(self) -> Text:
        """What the other is called: its dataset, or its table where both are of one dataset."""
        return _titles(self.join, self.other, self.other)[1 if self.is_outgoing else 0]


@dataclass(frozen=True, slots=True)
class DatasetJoins:
    """The joins of a dataset. `few` are the first, each of another dataset; `total` counts all, at `address`."""

    card: Card
    address: str
    outgoing: tuple[Line, ...]
    incoming: tuple[Line, ...]
    few: tuple[Line, ...]

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.outgoing) + len(self.incoming)

    @property
    def departments(self) -> int:
        """How many other departments meet in them."""
        return len({line.other.department for line in (*self.outgoing, *self.incoming)} - {self.card.department})


@dataclass(frozen=True, slots=True)
class JoinPage:
    """All that join.html shows. `trial` is None where it took too long; `gains` are columns of the other table."""

    join: Join
    source: Card
    target: Card
    gains: tuple[Field, ...]
    files: str
    addresses: str
    trial: Trial | None

    @property
    def titles(self) -> tuple[Text, Text]:
        """What both sides are called."""
        return _titles(self.join, self.source, self.target)


@dataclass(frozen=True, slots=True)
class Department:
    """One department of the table: how many of its pairs of datasets meet those of each other, in the table's order."""

    code: str
    title: Text
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """One department in the picture; where its name stands, at which end of it that begins, where it grows to.

    `grows` is -1 where the name stands above the dot, 1 below, 0 beside it.
    """

    code: str
    title: Text
    x: float
    y: float
    label_x: float
    anchor: str
    grows: int

    def lettered(self, name: str) -> list[tuple[float, str]]:
        """A name in lines that fit, each with the foot it stands on."""
        lines = wrapped(name)
        height = _LINE * (len(lines) - 1)
        first = {-1: -_LABEL + _BASE - height, 0: _BASE - height / 2, 1: _LABEL + 2 * _BASE}[self.grows]
        return [(round(self.y + first + at * _LINE, 1), line) for at, line in enumerate(lines)]


@dataclass(frozen=True, slots=True)
class Stroke:
    """One line of the picture, as thick as many pairs of datasets meet."""

    path: str
    width: float


@dataclass(frozen=True, slots=True)
class Overview:
    """All that joins.html shows. The picture is `size` wide and high.

    `chosen` are two departments whose joins are `lines`; none are chosen at first.
    """

    departments: tuple[Department, ...]
    dots: tuple[Dot, ...]
    strokes: tuple[Stroke, ...]
    size: tuple[int, int]
    looked_up: tuple[tuple[LookedUp, Card, tuple[Line, ...]], ...]
    kinds: Mapping[str, int]
    pairs: int
    across: int
    left_out: int
    chosen: tuple[Text, ...]
    lines: tuple[Line, ...]


def joins_of(site: Site, card: Card) -> DatasetJoins:
    """The joins of a dataset, for its own page too."""
    found = site.joins
    outgoing = _lines(site, found.outgoing(card.id) if found else (), is_outgoing=True)
    incoming = _lines(site, found.incoming(card.id) if found else (), is_outgoing=False)
    return DatasetJoins(card, f"/d/{card.id}/joins", outgoing, incoming, _few(card, (*outgoing, *incoming)))


def _lines(site: Site, joins: Iterable[Join], *, is_outgoing: bool) -> tuple[Line, ...]:
    """Joins with the card of the other dataset. A shared code list has no direction and is told once."""
    others = [(join, (join.target if is_outgoing else join.source).dataset) for join in joins]
    cards = site.catalogue.cards_of(dict.fromkeys(dataset for _, dataset in others))
    return tuple(Line(join, is_outgoing, cards[dataset]) for join, dataset in others if dataset in cards)


def _titles(join: Join, source: Card, target: Card) -> tuple[Text, Text]:
    """The titles of two datasets; of their tables where they are one."""
    if join.source.dataset == join.target.dataset:
        return join.source.title, join.target.title
    return source.title, target.title


def _few(card: Card, lines: Sequence[Line]) -> tuple[Line, ...]:
    """The first join with each other dataset, other departments first."""
    first: dict[str, Line] = {}
    for line in sorted(lines, key=lambda line: (line.other.department == card.department, line.join.why == "codes")):
        if line.other.id != card.id:
            first.setdefault(line.other.id, line)
    return tuple(first.values())[:FEW]


async def of_dataset(datasette: Any, request: Any) -> Response:  # noqa: ANN401 (Datasette ships no types; so below)
    """What a dataset can be joined with."""
    site = site_of(datasette)
    card = _card(site, request)
    if card is None:
        return await missing(datasette, request, _name(request))
    shown = await asyncio.to_thread(joins_of, site, card)
    return await page(datasette, request, "joins_of.html", section="search", joins=shown)


async def of_join(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    """One join."""
    site = site_of(datasette)
    join = site.joins.join(_name(request), request.url_vars["code"]) if site.joins else None
    cards = [site.catalogue.card(side.dataset) for side in (join.source, join.target)] if join else []
    releases = await asyncio.to_thread(_releases, site.layout, join) if join else None
    if join is None or releases is None or cards[0] is None or cards[1] is None:
        return await missing(datasette, request, f"{_name(request)}/joins")
    tables = releases
    trial = await site.joins.trials.tried(join.code, questions(join, tables)) if site.joins else None
    target = operands(join, tables)[1]
    names = set(gained(target)) if join.why != "codes" else set()
    shown = JoinPage(
        join=join,
        source=cards[0],
        target=cards[1],
        gains=tuple(field for field in target.fields if field.name in names),
        files=on_files(join, tables, origin(request)),
        addresses=on_addresses(join, tables, origin(request)),
        trial=trial,
    )
    return await page(datasette, request, "join.html", section="search", page=shown)


def _name(request: Any) -> str:  # noqa: ANN401
    return f"{request.url_vars['department']}/{request.url_vars['dataset']}"


def _card(site: Site, request: Any) -> Card | None:  # noqa: ANN401
    return site.catalogue.card(_name(request))


def _releases(layout: Layout, join: Join) -> tuple[Table, Table] | None:
    """The tables of both sides, as the index knew them; None where one is not there any more."""
    source, target = (
        _table(layout.release(side.dataset, Version.parse(side.version)), side.resource)
        for side in (join.source, join.target)
    )
    return (source, target) if source is not None and target is not None else None


def _table(release: Release | None, resource: str) -> Table | None:
    tables = release.tables if release else ()
    return next((table for table in tables if table.resource.name == resource), None)


async def overview(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    """The whole catalogue, or two departments of it."""
    site = site_of(datasette)
    asked = [request.args.get(name) or "" for name in ("from", "to")]
    shown = await asyncio.to_thread(_overview, site, asked)
    return await page(datasette, request, "joins.html", section="joins", page=shown)


def _overview(site: Site, asked: Sequence[str]) -> Overview:
    counts = site.joins.counts if site.joins else {}
    order = _most_joined(counts)
    shown = order[:MOST_DEPARTMENTS]
    titles = {one.code: one.title for one in site.catalogue.departments()}
    dots = _dots([(code, titles.get(code, Text(code, code))) for code in shown])
    chosen = tuple(titles[code] for code in asked if code in titles)
    joins = site.joins.between(*asked) if site.joins and len(chosen) == len(asked) else ()
    return Overview(
        departments=tuple(
            Department(dot.code, dot.title, tuple(_count(counts, dot.code, other) for other in shown)) for dot in dots
        ),
        dots=dots,
        strokes=tuple(_strokes(dots, counts)),
        size=(_WIDTH, _height(len(dots))),
        looked_up=_looked_up(site),
        kinds=site.joins.kinds if site.joins else {},
        pairs=sum(counts.values()),
        across=sum(count for (left, right), count in counts.items() if left != right),
        left_out=len(order) - len(shown),
        chosen=chosen if len(chosen) == len(asked) else (),
        lines=_lines(site, joins, is_outgoing=True),
    )


def _most_joined(counts: Mapping[tuple[str, str], int]) -> list[str]:
    found: Counter[str] = Counter()
    for pair, count in counts.items():
        for code in set(pair):
            found[code] += count
    return [code for code, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))]


def _count(counts: Mapping[tuple[str, str], int], one: str, other: str) -> int:
    left, right = sorted((one, other))
    return counts.get((left, right), 0)


def wrapped(name: str) -> list[str]:
    """A name in lines of no more letters than fit, parted between words, or anywhere in Chinese."""
    lines = [""]
    words = _WORDS.findall(name)
    # Chinese is parted evenly: no character stands alone in the last line.
    most = _LETTERS if " " in name else math.ceil(width_of(name) / math.ceil(width_of(name) / _LETTERS) / 2) * 2
    for word in words:
        if lines[-1] and width_of(lines[-1] + word.rstrip()) > most:
            lines.append("")
        lines[-1] += word
    return [line.rstrip() for line in lines]


def width_of(text: str) -> int:
    """How many letters wide a text is."""
    return sum(2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1 for sign in text)


def _height(count: int) -> int:
    return 2 * (_DOWN * max(count, _DOTS) // _DOTS + _EDGE)


def _dots(departments: Sequence[tuple[str, Text]]) -> tuple[Dot, ...]:
    """The departments on a ring, from the top on to the right."""
    found = []
    middle = _height(len(departments)) / 2
    for at, (code, title) in enumerate(departments):
        turn = 2 * math.pi * at / len(departments)
        across, down = math.sin(turn), -math.cos(turn)
        x, y = _WIDTH / 2 + _ACROSS * across, middle + (middle - _EDGE) * down
        is_middle = abs(across) < _NEAR
        anchor = "middle" if is_middle else "start" if across > 0 else "end"
        label_x = x if is_middle else x + math.copysign(_LABEL, across)
        grows = round(down) if is_middle else 0
        found.append(Dot(code, title, round(x, 1), round(y, 1), round(label_x, 1), anchor, grows))
    return tuple(found)


def _strokes(dots: Sequence[Dot], counts: Mapping[tuple[str, str], int]) -> Iterable[Stroke]:
    centre = _WIDTH / 2, _height(len(dots)) / 2
    for left, right in combinations_with_replacement(dots, 2):
        count = _count(counts, left.code, right.code)
        if count and left != right:
            middle = f"{(centre[0] + (left.x + right.x) / 2) / 2:.1f} {(centre[1] + (left.y + right.y) / 2) / 2:.1f}"
            yield Stroke(f"M{left.x} {left.y}Q{middle} {right.x} {right.y}", round(1.5 + 1.5 * math.log2(count), 1))


def _looked_up(site: Site) -> tuple[tuple[LookedUp, Card, tuple[Line, ...]], ...]:
    """The columns that datasets look things up in, with the card of their dataset and a line for each that does."""
    found = []
    for one in site.joins.looked_up if site.joins else ():
        card = site.catalogue.card(one.side.dataset)
        if card is not None:
            found.append((one, card, _lines(site, one.joins, is_outgoing=False)))
    return tuple(found)


ROUTES = (
    (r"^/joins$", overview),
    (rf"{DATASET}/joins$", of_dataset),
    (rf"{DATASET}/joins/{_CODE}$", of_join),
)

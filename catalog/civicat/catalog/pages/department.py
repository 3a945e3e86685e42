"""The page of a department, at `/d/DEPARTMENT`: what it promised, whether it keeps it, and what would help."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from datasette.utils.asgi import Response

from civicat.catalog.facts.department_help import Help, Lacking, lacking, what_helps
from civicat.catalog.facts.finding_names import finding_name, finding_remedy
from civicat.catalog.facts.freshness import LEVELS, Freshness, freshness
from civicat.catalog.facts.history import histories
from civicat.catalog.facts.ledger import Ledger, ledger
from civicat.catalog.facts.overview import Standing, standing_of
from civicat.catalog.facts.punctuality import Punctuality, punctuality
from civicat.catalog.model import Card
from civicat.catalog.pages.addressed import address, page_number
from civicat.catalog.pages.rendering import NAME, missing, page
from civicat.catalog.site_context import site_of
from civicat.layout import Layout
from civicat.vocabulary import FREQUENCIES

SIZE = 50  # datasets of one page
MOST_CARDS = 5000  # datasets that are listed, page by page; the search has the others
MOST_READ = 500  # datasets whose past is read, those released last
OPEN_SHOWN = 5  # entries of the ledger


@dataclass(frozen=True, slots=True)
class Line:
    """One dataset of the department: how fresh it is, and how its releases came."""

    card: Card
    freshness: Freshness
    punctuality: Punctuality


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows: one page of datasets, and what is said of all of them.

    `came` of `known` releases came in time; `read` datasets were looked at for that and for the ledger.
    """

    lines: tuple[Line, ...]
    page: int
    pages: int
    standing: Standing
    came: int
    known: int
    read: int
    ledger: Ledger
    lacks: tuple[Lacking, ...]
    helps: tuple[Help, ...]


def shown(layout: Layout, cards: Sequence[Card], today: date, number: int) -> Shown:
    """What the page of a department with these datasets shows on a day."""
    many = tuple(cards)
    read = histories(layout, (card.id for card in many[:MOST_READ]))
    ways = [
        punctuality(past.arrivals, card.frequency, today) for past, card in zip(read, many[:MOST_READ], strict=True)
    ]
    pages = max(1, -(-len(many) // SIZE))
    number = min(number, pages)
    kept, lacks = ledger(read, today), lacking(layout, many)
    return Shown(
        lines=tuple(_lines(many, ways, today)[(number - 1) * SIZE : number * SIZE]),
        page=number,
        pages=pages,
        standing=standing_of(many, today),
        came=sum(one.in_time for one in ways),
        known=sum(one.known for one in ways),
        read=len(read),
        ledger=kept,
        lacks=lacks,
        helps=what_helps(many, kept, lacks, today),
    )


def _lines(cards: Sequence[Card], ways: Sequence[Punctuality], today: date) -> list[Line]:
    unread = [Punctuality((), card.due) for card in cards[len(ways) :]]
    pairs = zip(cards, (*ways, *unread), strict=True)
    return [Line(card, freshness(card.frequency, card.due, today), way) for card, way in pairs]


async def department(datasette: Any, request: Any) -> Response:  # noqa: ANN401 (Datasette ships no types; so below)
    """What one department has published and promised, what is wrong and missing, and who answers."""
    site = site_of(datasette)
    code = request.url_vars["department"]
    found = site.catalogue.department(code)
    if found is None:
        return await missing(datasette, request, code)
    cards = site.catalogue.cards(department=code, limit=MOST_CARDS)
    number = page_number(request.args.get("page"))
    seen = await asyncio.to_thread(shown, site.layout, cards, datetime.now(UTC).date(), number)
    return await page(
        datasette,
        request,
        "department.html",
        section="departments",
        department=found,
        shown=seen,
        still=[one for one in seen.ledger.entries if not one.mended][:OPEN_SHOWN],
        titles={card.id: card.title for card in cards},
        latest=next(iter(cards), None),
        turn=lambda to: address(f"/d/{code}", page=to),
        levels=LEVELS,
        frequencies=FREQUENCIES,
        finding_name=finding_name,
        finding_remedy=finding_remedy,
    )


ROUTES = ((rf"^/d/(?P<department>{NAME})$", department),)

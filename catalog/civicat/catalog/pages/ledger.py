"""The pollution ledger, at `/ledger` of all departments and at `/ledger?department=CODE` of one."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from datasette.utils.asgi import Response

from civicat.catalog.facts.finding_names import finding_name, finding_remedy, rewrite_name
from civicat.catalog.facts.history import History, histories
from civicat.catalog.facts.ledger import Ledger, ledger
from civicat.catalog.model import Card, DepartmentCard
from civicat.catalog.pages.addressed import address, page_number
from civicat.catalog.pages.rendering import missing, page
from civicat.catalog.site_context import site_of
from civicat.layout import Layout
from civicat.text import Text

MOST_READ = 2000  # datasets whose hand-ins are read, those released last
SIZE = 50  # entries of one page
HAND_INS = 25  # shown, the newest
REMARKS = 50


@dataclass(frozen=True, slots=True)
class Account:
    """One department's own ledger, in the list of all."""

    code: str
    title: Text
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of `read` datasets; `accounts` of all departments, if all are asked for, open ones first."""

    ledger: Ledger
    accounts: tuple[Account, ...]
    read: int
    page: int
    pages: int


def shown(layout: Layout, cards: tuple[Card, ...], today: date, number: int, *, is_whole: bool) -> Shown:
    """The ledger of these datasets on a day; of each department too where `is_whole`."""
    read = histories(layout, (card.id for card in cards))
    kept = ledger(read, today)
    pages = max(1, -(-kept.found // SIZE))
    accounts = tuple(_accounts(cards, read, today)) if is_whole else ()
    return Shown(kept, accounts, len(read), min(number, pages), pages)


def _accounts(cards: tuple[Card, ...], read: Iterable[History], today: date) -> list[Account]:
    of: dict[str, list[History]] = defaultdict(list)
    for one in read:
        of[one.dataset.partition("/")[0]].append(one)
    titles = {card.department: card.department_title for card in cards}
    found = [Account(code, titles[code], ledger(many, today)) for code, many in of.items()]
    return sorted(found, key=lambda one: (-one.ledger.open, -one.ledger.found, one.code))


async def kept_ledger(datasette: Any, request: Any) -> Response:  # noqa: ANN401 (Datasette ships no types)
    """What was found in what departments handed in, and when it was mended."""
    site = site_of(datasette)
    code = request.args.get("department") or ""
    department: DepartmentCard | None = site.catalogue.department(code)
    if code and department is None:
        return await missing(datasette, request, code)
    cards = site.catalogue.cards(department=code, limit=MOST_READ)
    total = department.datasets if department else site.catalogue.totals().datasets
    number = page_number(request.args.get("page"))
    today = datetime.now(UTC).date()
    seen = await asyncio.to_thread(shown, site.layout, cards, today, number, is_whole=not code)
    titles = {card.id: card.title for card in cards}
    return await page(
        datasette,
        request,
        "ledger.html",
        section="departments",
        department=department,
        shown=seen,
        entries=seen.ledger.entries[(seen.page - 1) * SIZE : seen.page * SIZE],
        hand_ins=seen.ledger.hand_ins[:HAND_INS],
        remarks=seen.ledger.remarks[:REMARKS],
        titles=titles,
        versions={card.id: card.version for card in cards},
        total=total,
        turn=lambda to: address("/ledger", department=code, page=to),
        finding_name=finding_name,
        finding_remedy=finding_remedy,
        rewrite_name=rewrite_name,
    )


ROUTES = ((r"^/ledger$", kept_ledger),)

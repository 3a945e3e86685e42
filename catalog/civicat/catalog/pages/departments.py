"""The list of departments, at `/d`: what each has published, whether it is in time, how good it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from datasette.utils.asgi import Response

from civicat.catalog.facts.overview import Overview, Standing, overview, standing
from civicat.catalog.index.reader import Catalogue
from civicat.catalog.model import DepartmentCard
from civicat.catalog.pages.addressed import address, page_number
from civicat.catalog.pages.rendering import page
from civicat.catalog.search import pinyin
from civicat.catalog.site_context import site_of, words_of
from civicat.text import Language

SIZE = 100  # departments of one page


@dataclass(frozen=True, slots=True)
class Line:
    """One department of the list, and how it keeps its promises."""

    card: DepartmentCard
    standing: Standing


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the list, in the order of `sort`; `late` departments have something late."""

    lines: tuple[Line, ...]
    sort: str
    page: int
    pages: int
    total: int
    late: int


_SORTS: Mapping[str, Callable[[Line], object] | None] = {
    "name": None,
    "datasets": lambda one: -one.card.datasets,
    "late": lambda one: -one.standing.late,
    "quality": lambda one: one.standing.points and -one.standing.held / one.standing.points,
}


def listed(seen: Overview, named: Mapping[str, int], today: date, sort: str, number: int) -> Listed:
    """One page of the departments; `named` has the place of each by its name. Equal ones go by name."""
    lines = [Line(card, standing(seen, card.code, today)) for card in seen.departments]
    lines.sort(key=lambda one: named.get(one.card.code, 0))
    key = _SORTS.get(sort)
    if key is not None:
        lines.sort(key=key)  # type: ignore[arg-type]  # numbers, which compare with each other
    pages = max(1, -(-len(lines) // SIZE))
    number = min(number, pages)
    return Listed(
        lines=tuple(lines[(number - 1) * SIZE : number * SIZE]),
        sort=sort if sort in _SORTS else "name",
        page=number,
        pages=pages,
        total=len(lines),
        late=sum(one.standing.late > 0 for one in lines),
    )


@lru_cache(maxsize=4)  # two builds in two languages
def _named(catalogue: Catalogue, language: Language) -> Mapping[str, int]:
    """The place of each department by its name, Chinese names by their sound."""
    order = sorted(catalogue.departments(), key=lambda one: (pinyin.sort_key(one.title.within(language)), one.code))
    return {one.code: place for place, one in enumerate(order)}


async def departments(datasette: Any, request: Any) -> Response:  # noqa: ANN401 (Datasette ships no types)
    """Who publishes here."""
    site = site_of(datasette)
    seen = await asyncio.to_thread(overview, site.catalogue)
    named = await asyncio.to_thread(_named, site.catalogue, words_of(site, request.scope).language)
    sort, number = request.args.get("sort") or "name", page_number(request.args.get("page"))
    found = listed(seen, named, datetime.now(UTC).date(), sort, number)
    return await page(
        datasette,
        request,
        "departments.html",
        section="departments",
        listed=found,
        to=lambda sort="", page=1: address("/d", sort="" if sort == "name" else sort, page=page),
    )


ROUTES = ((r"^/d$", departments),)

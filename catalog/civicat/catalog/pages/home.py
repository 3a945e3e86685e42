"""The home page, at `/`: what there is, what is new, and why it can be believed."""

from __future__ import annotations

import asyncio
from typing import Any

from datasette.utils.asgi import Response

from civicat.catalog.facts.checks import CHECKS
from civicat.catalog.model import Question
from civicat.catalog.pages.rendering import page
from civicat.catalog.site_context import site_of

FRESH = 6  # releases: one screen
GAPS = 6  # of as many departments
LARGEST = 12  # departments
LATE = Question(chosen={"freshness": "late"}, size=1)


async def home(datasette: Any, request: Any) -> Response:  # noqa: ANN401 (Datasette ships no types; so below)
    """What there is, what is new, and why it can be believed."""
    site = site_of(datasette)
    catalogue, late = site.catalogue, await asyncio.to_thread(site.search.find, LATE)
    departments = catalogue.departments()
    return await page(
        datasette,
        request,
        "home.html",
        totals=catalogue.totals(),
        late=late.total,
        checks=[(check.name, check.brief) for check in CHECKS],
        fresh=catalogue.latest(FRESH),
        themes=catalogue.themes(),
        departments=sorted(departments, key=lambda one: -one.datasets)[:LARGEST],
        more_departments=len(departments) > LARGEST,
        gaps=[(one, one.gaps[0]) for one in departments if one.gaps][:GAPS],
    )


ROUTES = ((r"^/$", home),)

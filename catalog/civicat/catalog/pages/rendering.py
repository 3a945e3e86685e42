"""What every page ends with: a template filled in, or the page that says what is not there and what is near."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datasette.utils.asgi import Response
from rapidfuzz import fuzz, process

from civicat.catalog.model import Card
from civicat.catalog.site_context import site_of

NAME = r"[a-z0-9][a-z0-9-]*"  # of a department or dataset, in an address
_NEAR = 60  # of 100: below, two names have little in common


async def page(datasette: Any, request: Any, template: str, *, status: int = 200, **values: object) -> Response:  # noqa: ANN401 (Datasette ships no types; so below)
    """A template as an answer; `values` are what it may use beside the words of `page_vars`."""
    html = await datasette.render_template(template, values, request=request)
    return Response.html(html, status=status)


async def missing(datasette: Any, request: Any, name: str) -> Response:  # noqa: ANN401
    """What there is near an address that has nothing."""
    site = site_of(datasette)
    code = name.partition("/")[0]
    return await page(
        datasette,
        request,
        "missing.html",
        status=404,
        name=name,
        nearest=_nearest(name, {card.id: card for card in site.catalogue.cards()}),
        department=site.catalogue.department(code),
    )


def _nearest(name: str, known: Mapping[str, Card]) -> Card | None:
    found = process.extractOne(name, list(known), scorer=fuzz.ratio, score_cutoff=_NEAR)
    return known[found[0]] if found else None

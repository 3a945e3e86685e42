"""The page of a department, at `/d/DEPARTMENT`."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response

from civicat.catalog.pages.rendering import NAME, missing, page
from civicat.catalog.site_context import site_of


async def department(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    """What one department has published, what is missing, and who answers."""
    catalogue = site_of(datasette).catalogue
    code = request.url_vars["department"]
    found = catalogue.department(code)
    if found is None:
        return await missing(datasette, request, code)
    cards = catalogue.cards(department=code)
    return await page(
        datasette,
        request,
        "department.html",
        section="departments",
        department=found,
        cards=cards,
        latest=next(iter(cards), None),
    )


ROUTES = ((rf"^/d/(?P<department>{NAME})$", department),)

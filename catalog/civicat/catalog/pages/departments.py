"""The list of departments, at `/d`."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response

from civicat.catalog.pages.rendering import page
from civicat.catalog.site_context import site_of


async def departments(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    """Who publishes here."""
    listed = site_of(datasette).catalogue.departments()
    return await page(datasette, request, "departments.html", section="departments", departments=listed)


ROUTES = ((r"^/d$", departments),)

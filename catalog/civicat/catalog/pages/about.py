"""What is checked and why, and how to use the files, at `/about`."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response

from civicat.catalog.facts.checks import CHECKS
from civicat.catalog.pages.rendering import page
from civicat.catalog.site_context import site_of


async def about(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    """What is checked and why, and how to use the files."""
    example = next(iter(site_of(datasette).catalogue.latest(1)), None)
    return await page(datasette, request, "about.html", section="about", checks=CHECKS, example=example)


ROUTES = ((r"^/about$", about),)

"""The design of the site, at `/design`: its tokens with their contrast, its type and spaces, each component live."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response

from civicat.catalog.look.design_tokens import colours, contrasts, read_stylesheet, sizes
from civicat.catalog.pages.rendering import page


async def design(datasette: Any, request: Any) -> Response:  # noqa: ANN401 (Datasette ships no types)
    """The design system, from the stylesheet and the templates that every page is made of."""
    css = read_stylesheet()
    found = colours(css)
    return await page(
        datasette,
        request,
        "design.html",
        section="design",
        colours=found,
        contrasts=contrasts(found),
        type_sizes=sizes(css, "f"),
        spaces=sizes(css, "s"),
    )


ROUTES = ((r"^/design$", design),)

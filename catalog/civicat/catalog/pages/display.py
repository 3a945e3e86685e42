"""The choice of a look, at `/-/style?text=large&back=/…` or `?theme=dark`: kept in a cookie, and back to the page."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response

from civicat.catalog.look.appearance import CHOICES
from civicat.catalog.pages.language import YEAR, is_ours


async def display(request: Any) -> Response:  # noqa: ANN401 (Datasette ships no types)
    """Keeps what was chosen and goes back to the page; what everybody has who chose nothing needs no cookie."""
    back = request.args.get("back") or "/"
    headers = {"Cache-Control": "no-store", "Location": back if is_ours(back) else "/"}
    response = Response.text("", status=303, headers=headers)
    for name, choices in CHOICES.items():
        chosen = request.args.get(name)
        if chosen in choices:
            age = 0 if chosen == choices[0] else YEAR  # seconds; 0 takes the cookie away
            response.set_cookie(name, chosen, max_age=age, path="/", httponly=True, samesite="lax")
    return response


ROUTES = ((r"^/-/style$", display),)

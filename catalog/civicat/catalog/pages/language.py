"""The choice of a language, at `/-/language?to=zh-Hans&back=/…`: kept in a cookie, and back to the page."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response

from civicat.catalog.i18n import CHOICES, COOKIE

YEAR = 365 * 24 * 3600  # seconds


async def language(request: Any) -> Response:  # noqa: ANN401
    """Keeps the choice of a language in a cookie and goes back to the page; only ever to a page of this site."""
    to, back = request.args.get("to") or "", request.args.get("back") or "/"
    headers = {"Cache-Control": "no-store", "Location": back if is_ours(back) else "/"}
    response = Response.text("", status=303, headers=headers)
    if to in CHOICES:
        response.set_cookie(COOKIE, CHOICES[to], max_age=YEAR, path="/", httponly=True, samesite="lax")
    return response


def is_ours(address: str) -> bool:
    """Whether it is a path of this site: two slashes, a backslash and control characters would leave it."""
    return (
        address.startswith("/")
        and not address.startswith(("//", "/\\"))
        and address.isascii()
        and address.isprintable()
    )


ROUTES = ((r"^/-/language$", language),)

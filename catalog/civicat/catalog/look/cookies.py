"""The choices of a reader that are kept in cookies: read plainly, and nothing else of the header.

`http.cookies` takes a time that grows with the square of a quoted value, and other readers of cookies stumble over
bytes that are no UTF-8. Our values are single words of closed lists: a header is cut at its semicolons and compared.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

_CHOSEN = "civicat.cookies"  # in a scope from which the cookies themselves are gone

Scope = Mapping[str, Any]


def chosen(scope: Scope, allowed: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Of the cookies of an ASGI request those that are named in `allowed` and have one of its values."""
    held = scope[_CHOSEN] if _CHOSEN in scope else _cookies(scope)
    return {name: held[name] for name, values in allowed.items() if held.get(name) in values}


def of_reader(scope: Scope, allowed: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """The request without its cookies, and what was chosen by them.

    What else a browser sends along is of no page; Datasette would take its reader for somebody, and read all of it.
    """
    headers = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
    return {**scope, "headers": headers, _CHOSEN: chosen(scope, allowed)}


def _cookies(scope: Scope) -> dict[str, str]:
    header: bytes = dict(scope.get("headers", ())).get(b"cookie", b"")
    pairs = (part.partition(b"=") for part in header.split(b";"))
    return {name.strip().decode("latin-1"): value.strip().decode("latin-1") for name, _, value in pairs}

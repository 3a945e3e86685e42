"""What every page ends with: a template filled in, or the page that says what is not there and what is near."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response

NAME = r"[a-z0-9][a-z0-9-]*"  # of a department or dataset, in an address


async def page(datasette: Any, request: Any, template: str, *, status: int = 200, **values: object) -> Response:  # noqa: ANN401 (Datasette ships no types; so below)
    """A template as an answer; `values` are what it may use beside the words of `page_vars`."""
    html = await datasette.render_template(template, values, request=request)
    return Response.html(html, status=status)


async def missing(datasette: Any, request: Any, name: str) -> Response:  # noqa: ANN401
    """That a department, a dataset or a version is not there, and what is near its address."""
    return await page(datasette, request, "missing.html", status=404, name=name)

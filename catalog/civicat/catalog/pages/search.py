"""The search, at `/search?q=…`: the datasets that match, why each did, and how to narrow them down."""

from __future__ import annotations

import asyncio
from typing import Any

from datasette.utils.asgi import Response

from civicat.catalog.i18n import Words
from civicat.catalog.model import Question, Results
from civicat.catalog.pages.asked import LONGEST, Asked, chips, facets, read_asked, sorts
from civicat.catalog.pages.rendering import page
from civicat.catalog.site_context import Site, site_of, words_of
from civicat.text import Language

PAGE = 20  # datasets on a page of results


async def search(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    """The datasets that match, why each did, and how to narrow them down."""
    site = site_of(datasette)
    asked = read_asked(request.args)
    words = words_of(site, request.scope)
    results = await asyncio.to_thread(_results, site, asked, words.language)
    return await page(
        datasette,
        request,
        "search.html",
        section="search",
        asked=asked,
        longest=LONGEST,
        results=results,
        first=(results.page - 1) * PAGE + 1,
        heading=_heading(words, asked, results),
        facets=facets(asked, results, words),
        chips=chips(asked, results),
        sorts=sorts(asked, words),
        totals=site.catalogue.totals(),
    )


def _results(site: Site, asked: Asked, language: Language) -> Results:
    return site.search.find(
        Question(asked.q, asked.chosen, sort=asked.sort, page=asked.page, size=PAGE, language=language)
    )


def _heading(words: Words, asked: Asked, results: Results) -> str:
    if not asked.q:
        return words.gettext("All datasets") if not asked.filters else words.gettext("Datasets")
    if results.searchable and not results.total:
        return words.gettext("No dataset matches “%(words)s”", words=asked.q)
    return words.gettext("Search results for “%(words)s”", words=asked.q)


ROUTES = ((r"^/search$", search),)

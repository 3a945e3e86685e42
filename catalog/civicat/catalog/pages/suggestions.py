"""What somebody may be typing, at `/search/suggestions?q=…`: for our search box, and for browsers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from datasette.utils.asgi import Response

from civicat.catalog.i18n import Words
from civicat.catalog.model import Suggestion
from civicat.catalog.pages.asked import read_asked
from civicat.catalog.site_context import origin, site_of, words_of

MOST = 8  # suggestions: as many as are read at a glance
_TYPE = "application/x-suggestions+json; charset=utf-8"
_HEADERS = {"vary": "Accept-Language, Cookie", "cache-control": "public, max-age=60", "x-robots-tag": "noindex"}


async def suggestions(datasette: Any, request: Any) -> Response:  # noqa: ANN401 (Datasette ships no types)
    """Suggestions as OpenSearch has them: the text, words, what each is, and the address that each leads to.

    https://github.com/dewitt/opensearch/blob/master/mediawiki/Specifications/OpenSearch/Extensions/Suggestions/1.1/
    """
    site, words, q = site_of(datasette), words_of(site_of(datasette), request.scope), read_asked(request.args).q
    found = await asyncio.to_thread(site.search.suggestions, q, words.language, MOST) if q else ()
    body = json.dumps(_answer(q, found, words, origin(request)), ensure_ascii=False)
    return Response(body, headers=_HEADERS, content_type=_TYPE)


def _answer(q: str, found: Sequence[Suggestion], words: Words, site: str) -> list[object]:
    """The four lists. Addresses are whole, as browsers need them; without a host they are of this site."""
    said = [words.plain(one.words) for one in found]
    kinds = [f"{_kinds(words).get(one.kind, '')} {_code(one)}".strip() for one in found]
    addresses = [site + (one.address or _search(word)) for one, word in zip(found, said, strict=True)]
    return [q, said, kinds, addresses]


def _code(one: Suggestion) -> str:
    """What a column is called in the data, which is what was typed when its title does not show it."""
    q = dict(parse_qsl(urlsplit(one.address).query)).get("q", "") if one.kind == "column" else ""
    return q.removeprefix("column:").strip('"')


def _search(word: str) -> str:
    return f"/search?{urlencode({'q': word})}"


def _kinds(words: Words) -> dict[str, str]:
    """What a suggestion is, by its kind."""
    return {
        "title": words.gettext("dataset"),
        "column": words.gettext("column"),
        "department": words.gettext("department"),
        "theme": words.gettext("theme"),
        "word": words.gettext("search word"),
    }


ROUTES = ((r"^/search/suggestions$", suggestions),)

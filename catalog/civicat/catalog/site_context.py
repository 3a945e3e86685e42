"""What every page has at hand: the store, one build of the index, and the reader's language.

app.py makes the Datasette instance for one build, sets `datasette.civicat = Site(...)`, answers the hook
`extra_template_vars` with `page_vars`, `register_routes` with the ROUTES of each module of pages and `asgi_wrapper`
with `speaking`, takes TEMPLATES as template_dir and mounts STATIC at /static.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

from datasette.utils.asgi import NotFound
from markupsafe import Markup

from civicat.catalog.files.making import Making
from civicat.catalog.i18n import (
    CHOICES,
    COOKIE,
    NAMES,
    TAGS,
    Locale,
    Messages,
    Words,
    choose_locale,
    language,
    read_catalogues,
)
from civicat.catalog.index.reader import Catalogue
from civicat.catalog.joins import Joins
from civicat.catalog.look import formats
from civicat.catalog.look.appearance import appearance
from civicat.catalog.look.cookies import chosen
from civicat.catalog.look.markdown import line, phrase, prose
from civicat.catalog.look.sparks import grouped, share, shortened, spark
from civicat.catalog.model import Hit
from civicat.catalog.search.nearby import nearby
from civicat.catalog.search.searching import Search
from civicat.layout import Layout
from civicat.text import Language, Text

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
_MARK = "<mark>"
_HOST = re.compile(r"[A-Za-z0-9.:\-\[\]]+")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


@cache
def static_address(name: str) -> str:
    """The address of a file under static/, which changes with its content: browsers may keep it for good."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Site:
    """One build of the index and the store it was made from, with the words and the look of the pages.

    `making` makes what is asked for; None where the site has only what was published.
    """

    layout: Layout
    catalogue: Catalogue
    search: Search
    messages: Mapping[Locale, Messages] = field(default_factory=read_catalogues)
    making: Making | None = None
    joins: Joins | None = None


def site_of(datasette: Any) -> Site:  # noqa: ANN401 (Datasette ships no types)
    """The Site of a Datasette instance."""
    return cast("Site", datasette.civicat)


def making_of(datasette: Any) -> Making:  # noqa: ANN401
    """What makes files here.

    Raises:
        NotFound: nothing does.
    """
    making = site_of(datasette).making
    if making is None:
        raise NotFound("nothing is made here")
    return making


def origin(request: Any) -> str:  # noqa: ANN401
    """The site's address as the reader wrote it; blank where that is no host: it goes into lines that people run."""
    return f"{request.scheme}://{request.host}" if _HOST.fullmatch(request.host) else ""


def language_of(scope: Scope) -> Language:
    """The language of the answer to an ASGI request: the cookie, else Accept-Language, else English."""
    return language(locale_of(scope))


def locale_of(scope: Scope) -> Locale:
    """The locale of the answer: its language, and the script where that is Chinese."""
    headers = dict(scope.get("headers", ()))
    cookie = chosen(scope, {COOKIE: CHOICES}).get(COOKIE, "")
    return choose_locale(cookie, headers.get(b"accept-language", b"").decode("latin-1"))


def words_of(site: Site, scope: Scope) -> Words:
    """The words of the answer to a request."""
    locale = locale_of(scope)
    return Words(language(locale), site.messages[locale], is_traditional=locale == "zh-Hant")


def page_vars(site: Site, scope: Scope) -> dict[str, object]:
    """What every template may use: words, formats, and where the page is (`here`: path and query)."""
    words = words_of(site, scope)
    spoken = words.language
    return {
        "lang": spoken,
        "tag": words.tag,
        "_": words.gettext,
        "ngettext": words.ngettext,
        "say": words.say,
        "plain": words.plain,
        "foreign": words.foreign,
        "run": words.run,
        "code": _code,
        "codes": _codes,
        "link": _link,
        "hit_text": partial(_hit_text, words),
        "in_other_language": partial(_in_other_language, words),
        "shows_words": partial(_shows_words, words.language),
        "locales": NAMES,
        "number": partial(formats.number, language=spoken),
        "roughly": lambda value: words.scripted(formats.roughly(value, spoken)),
        "size": partial(formats.size, language=spoken),
        "date": partial(formats.date, language=spoken),
        "spark": partial(spark, words=words, number=partial(formats.number, language=spoken)),
        "shortened": shortened,
        "grouped": grouped,
        "share": share,
        "prose": partial(prose, words),
        "phrase": partial(phrase, words),
        "line": partial(line, words),
        "static": static_address,
        "here": _here(scope),
        "look": appearance(scope),
        "near": partial(nearby, site.catalogue, site.search, scope["path"]),
    }


def _code(words: str) -> Markup:
    return Markup("<code>{}</code>").format(words)


def _codes(many: Iterable[str]) -> Markup:
    return Markup(", ").join(map(_code, many))


def _link(address: str, words: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, words)


def _hit_text(words: Words, found: Mapping[str, str], text: Text) -> Markup:
    """The part of a text in which the words of a search were found (safe HTML, by language), else the text itself."""
    spoken = text.spoken(words.language)
    html = found.get(spoken)
    if not html:
        return words.say(text)
    marked = Markup(words.scripted(html))  # noqa: S704 (Hit holds safe HTML: search.py escapes and adds <mark>)
    return marked if spoken == words.language else Markup('<span lang="{}">{}</span>').format(TAGS[spoken], marked)


def _shows_words(language: Language, hit: Hit) -> bool:
    """Whether the title or the snippet of a result, in one language, has the words that were looked for."""
    return any(_MARK in found.get(language, "") for found in (hit.title, hit.snippet))


def _in_other_language(words: Words, hit: Hit) -> Markup:
    """Where a result has the words in the language that the page does not speak; blank where the page shows them."""
    other: Language = "en" if words.language == "zh" else "zh"
    if _shows_words(words.language, hit):
        return Markup("")
    html = next((found[other] for found in (hit.title, hit.snippet) if _MARK in found.get(other, "")), "")
    return Markup('<span lang="{}">{}</span>').format(TAGS[other], Markup(html)) if html else Markup("")  # noqa: S704 (as above)


def _here(scope: Scope) -> str:
    query = cast("bytes", scope.get("query_string", b"")).decode("latin-1")
    path = cast("bytes", scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    return f"{path}?{query}" if query else path


def speaking(app: Application) -> Application:
    """Wraps the site: every HTML answer names its language and what the choice hung on (RFC 9110, 8.5, 12.5.5)."""

    async def spoken(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, partial(_send, scope, send) if scope["type"] == "http" else send)

    return spoken


async def _send(scope: Scope, send: Send, message: Message) -> None:
    if message["type"] == "http.response.start" and _is_html(message):
        tag = locale_of(scope).encode()
        own = [(b"content-language", tag), (b"vary", b"Accept-Language, Cookie")]
        message = {**message, "headers": [*message.get("headers", ()), *own]}
    await send(message)


def _is_html(message: Message) -> bool:
    return bytes(dict(message.get("headers", ())).get(b"content-type", b"")).startswith(b"text/html")

"""The routes of the pages: each reads the index or a release and hands plain values to one template.

/                                     home
/search?q=…                           search.html
/d  /d/<department>                   departments.html, department.html
/d/<department>/<dataset>[/<version>] dataset.html
/about                                about.html
/-/language?to=zh&back=/…             keeps the choice of a language, and goes back
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from datasette.utils.asgi import Response
from rapidfuzz import fuzz, process

from civicat.catalog.asked import LONGEST, Asked, chips, facets, read_asked, sorts
from civicat.catalog.checks import CHECKS
from civicat.catalog.dataset_page import dataset_page
from civicat.catalog.downloads import DATASET, RELEASE
from civicat.catalog.i18n import COOKIE, Words
from civicat.catalog.model import Card, Results
from civicat.catalog.site_context import Site, language_of, origin, site_of, words_of
from civicat.catalog.withdrawn import WithdrawnError, all_down
from civicat.release import Version
from civicat.text import LANGUAGES, Language

FRESH = 6  # releases on the home page: one screen
GAPS = 6  # of as many departments
LARGEST = 12  # departments on the home page
PAGE = 20  # datasets on a page of results
_YEAR = 365 * 24 * 3600
_NEAR = 60  # of 100: below, two names have little in common


async def home(datasette: Any, request: Any) -> Response:  # noqa: ANN401 (Datasette ships no types; so below)
    """What there is, what is new, and why it can be believed."""
    catalogue = site_of(datasette).catalogue
    departments = catalogue.departments()
    return await _page(
        datasette,
        request,
        "home.html",
        totals=catalogue.totals(),
        checks=[(check.name, check.brief) for check in CHECKS],
        fresh=catalogue.latest(FRESH),
        themes=catalogue.themes(),
        departments=sorted(departments, key=lambda one: -one.datasets)[:LARGEST],
        more_departments=len(departments) > LARGEST,
        gaps=[(one, one.gaps[0]) for one in departments if one.gaps][:GAPS],
    )


async def search(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    """The datasets that match, why each did, and how to narrow them down."""
    site = site_of(datasette)
    asked = read_asked(request.args)
    words = words_of(site, request.scope)
    results = await asyncio.to_thread(_results, site, asked, words.language)
    return await _page(
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
    return site.search.find(asked.q, **asked.chosen, sort=asked.sort, page=asked.page, size=PAGE, language=language)


def _heading(words: Words, asked: Asked, results: Results) -> str:
    if not asked.q:
        return words.gettext("All datasets") if not asked.filters else words.gettext("Datasets")
    if results.searchable and not results.total:
        return words.gettext("No dataset matches “%(words)s”", words=asked.q)
    return words.gettext("Search results for “%(words)s”", words=asked.q)


async def departments(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    """Who publishes here."""
    listed = site_of(datasette).catalogue.departments()
    return await _page(datasette, request, "departments.html", section="departments", departments=listed)


async def department(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    """What one department has published, what is missing, and who answers."""
    catalogue = site_of(datasette).catalogue
    code = request.url_vars["department"]
    found = catalogue.department(code)
    if found is None:
        return await _missing(datasette, request, code)
    cards = catalogue.cards(department=code)
    return await _page(
        datasette,
        request,
        "department.html",
        section="departments",
        department=found,
        cards=cards,
        latest=next(iter(cards), None),
    )


async def dataset(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    """One version of a dataset, the latest unless the address names another.

    Raises:
        WithdrawnError: every release that it ever had is down.
    """
    site = site_of(datasette)
    name = f"{request.url_vars['department']}/{request.url_vars['dataset']}"
    wanted = request.url_vars.get("version")
    version = Version.parse(wanted) if wanted else None
    release = None if wanted and version is None else await asyncio.to_thread(site.layout.release, name, version)
    if release is None:
        down = () if wanted else await asyncio.to_thread(all_down, site.layout, name)
        if down:
            raise WithdrawnError(down)
        return await _missing(datasette, request, f"{name}/{wanted}" if wanted else name)
    language = language_of(request.scope)
    page = await asyncio.to_thread(dataset_page, site, release, origin(request), language)
    return await _page(datasette, request, "dataset.html", section="search", release=release, page=page)


async def without_slash(request: Any) -> Response:  # noqa: ANN401
    """Leads from an address with a slash at its end to the one without."""
    path, query = request.url_vars["path"], request.query_string
    return Response.redirect(f"{path}?{query}" if query else path, status=301)


async def about(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    """What is checked and why, and how to use the files."""
    example = next(iter(site_of(datasette).catalogue.latest(1)), None)
    return await _page(datasette, request, "about.html", section="about", checks=CHECKS, example=example)


async def language(request: Any) -> Response:  # noqa: ANN401
    """Keeps the choice of a language in a cookie and goes back to the page; only ever to a page of this site."""
    to, back = request.args.get("to") or "", request.args.get("back") or "/"
    headers = {"Cache-Control": "no-store", "Location": back if _is_ours(back) else "/"}
    response = Response.text("", status=303, headers=headers)
    if to in LANGUAGES:
        response.set_cookie(COOKIE, to, max_age=_YEAR, path="/", httponly=True, samesite="lax")
    return response


def _is_ours(address: str) -> bool:
    """Whether it is a path of this site: two slashes, a backslash and control characters would leave it."""
    return (
        address.startswith("/")
        and not address.startswith(("//", "/\\"))
        and address.isascii()
        and address.isprintable()
    )


async def _missing(datasette: Any, request: Any, name: str) -> Response:  # noqa: ANN401
    site = site_of(datasette)
    code = name.partition("/")[0]
    return await _page(
        datasette,
        request,
        "missing.html",
        status=404,
        name=name,
        nearest=_nearest(name, {card.id: card for card in site.catalogue.cards()}),
        department=site.catalogue.department(code),
    )


def _nearest(name: str, known: Mapping[str, Card]) -> Card | None:
    found = process.extractOne(name, list(known), scorer=fuzz.ratio, score_cutoff=_NEAR)
    return known[found[0]] if found else None


async def _page(datasette: Any, request: Any, template: str, *, status: int = 200, **values: object) -> Response:  # noqa: ANN401
    html = await datasette.render_template(template, values, request=request)
    return Response.html(html, status=status)


_NAME = r"[a-z0-9][a-z0-9-]*"
ROUTES = (
    (r"^/$", home),
    (r"^/search$", search),
    (r"^/d$", departments),
    (rf"^/d/(?P<department>{_NAME})$", department),
    (rf"{DATASET}$", dataset),
    (rf"{RELEASE}$", dataset),
    (r"^/about$", about),
    (r"^/-/language$", language),
)
SLASH = rf"^(?P<path>/{_NAME}(/[A-Za-z0-9~][A-Za-z0-9~,._-]*)*)/$"

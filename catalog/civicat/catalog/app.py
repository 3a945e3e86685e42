"""The site for one build of the index: a Datasette with a closed list of routes, our pages, and databases over Parquet.

One instance serves one build and never changes: serve.py makes the next one for the next build.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from datasette.app import Datasette, wrap_view
from datasette.utils.asgi import Base400, Forbidden, NotFound, Response
from datasette.views.base import DatasetteError

from civicat.catalog import pages
from civicat.catalog.facts import withdrawn
from civicat.catalog.facts.withdrawn import GONE, WithdrawnError
from civicat.catalog.files import downloads, made_files, pointers
from civicat.catalog.files.making import RETRY_AFTER, LaterError, Making
from civicat.catalog.index.reader import Catalogue
from civicat.catalog.joins import Joins
from civicat.catalog.pages.row import RowPage
from civicat.catalog.pages.table import TablePage
from civicat.catalog.search.searching import Search
from civicat.catalog.site_context import STATIC, TEMPLATES, Application, Receive, Site, page_vars, speaking
from civicat.catalog.tables.departments_open import Departments
from civicat.catalog.tables.duck import DuckDatabase, RefusedError
from civicat.catalog.tables.refusals import RefusalError
from civicat.catalog.tables.tables import Tables, table_address
from civicat.errors import CivicatError
from civicat.layout import Layout
from civicat.release import Version
from civicat.text import Text

log = logging.getLogger(__name__)

SETTINGS = {
    "default_page_size": 100,
    "max_returned_rows": 1000,
    "sql_time_limit_ms": 3000,
    "facet_time_limit_ms": 700,
    "num_sql_threads": 4,
    "suggest_facets": False,  # its SQL breaks on a column called `value`, and nobody asked for it
    "default_allow_sql": False,
    "allow_download": False,
    "allow_csv_stream": False,  # Datasette's goes on after the client has left; ours stands in downloads.py
    "default_cache_ttl": 5,  # seconds: a new release shows at once
}
_EXPORTS = 16  # tables made into CSV at once: each holds rows in memory for as long as its reader is slow
_ROBOTS = "User-agent: *\nAllow: /\nDisallow: /*?\n"  # each table has endless pages of questions
_STATIC = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".js": "text/javascript; charset=utf-8"}
_NAME = r"[a-z0-9][a-z0-9-]*"
_TABLE = r"[a-z0-9][a-z0-9_-]*"
SLASH = rf"^(?P<path>/{_NAME}(/[A-Za-z0-9~][A-Za-z0-9~,._-]*)*)/$"

# What went wrong, by HTTP status: the heading of the page and what to do.
_SAID: dict[int, tuple[Text, Text]] = {
    400: (
        Text("这样的查询无法回答", "This question cannot be answered"),
        Text("请检查地址，或从数据表的第一页开始。", "Check the address, or begin at the first page of the table."),
    ),
    403: (
        Text("此处不对外开放", "This is not open to the public"),
        Text("已发布的数据都可在目录中找到。", "All published data is in the catalogue."),
    ),
    404: (
        Text("此地址没有内容", "Nothing is at this address"),
        Text(
            "地址可能有误，或该行、该表尚未发布。",
            "The address may be mistyped, or the row or table was never published.",
        ),
    ),
    405: (Text("此地址只供阅读", "This address can only be read"), Text("请用 GET 打开。", "Open it with GET.")),
    413: (
        Text("数据量太大", "Too much at once"),
        Text("请缩小筛选范围，或下载整个文件。", "Narrow the filter down, or download the whole file."),
    ),
    429: (
        Text("当前查询较多", "Many people are asking at once"),
        Text("请 20 秒后再试。", "Try again in 20 seconds."),
    ),
    500: (
        Text("本站出错，未能生成此页", "This page could not be made: the fault is ours"),
        Text(
            "此事由我们处理，与您无关。请稍后再试。", "That is ours to settle, not yours. Try again in a few minutes."
        ),
    ),
    503: (
        Text("计算时间过长，已停止", "This took too long and was stopped"),
        Text("请缩小筛选范围，或下载整个文件。", "Narrow the filter down, or download the whole file."),
    ),
}

_BUSY = (
    Text("下载的人太多", "Too many downloads at once"),
    Text("请半分钟后再试，或下载 Parquet 文件。", "Try again in half a minute, or download the Parquet file."),
)


class CatalogueSite(Datasette):  # type: ignore[misc] # Datasette ships no types
    """Datasette with our routes only: what is not listed in `_routes` is not there."""

    def __init__(self, site: Site, tables: Tables) -> None:
        # Datasette's own constructor builds its routes and its client, so these come first.
        self.civicat = site
        self.exports = downloads.Exports(_EXPORTS)
        super().__init__(settings=SETTINGS, template_dir=str(TEMPLATES))
        self.tables = tables
        self.databases = Departments(self, tables)  # not `_memory` and `_internal`, whose pages we do not have

    def get_database(self, name: str | None = None, route: str | None = None) -> DuckDatabase:
        """The tables of a department. Datasette would look for its route among all that are open.

        Raises:
            KeyError: there is none.
        """
        return self.databases[route or name or ""]

    def _routes(self) -> list[tuple[re.Pattern[str], Callable[..., Awaitable[Any]]]]:
        ours = (pages.ROUTES, pointers.ROUTES, downloads.ROUTES, made_files.ROUTES)
        views = [(regex, wrap_view(view, self)) for routes in ours for regex, view in routes]
        views += [
            (SLASH, wrap_view(without_slash, self)),  # after the addresses that are meant to end in one
            (rf"{downloads.RELEASE}/.*$", _nowhere),  # of a release that is down nothing else answers either
            (r"^/static/(?P<name>[a-z-]+\.(css|svg|js))$", wrap_view(static, self)),
            (r"^/favicon\.ico$", wrap_view(favicon, self)),
            (r"^/robots\.txt$", wrap_view(robots, self)),
            (rf"^/(?P<database>{_NAME})$", wrap_view(to_department, self)),
            (rf"^/(?P<database>{_NAME})/(?P<table>{_TABLE})(\.(?P<format>json|csv))?$", TablePage.as_view(self)),
            (
                rf"^/(?P<database>{_NAME})/(?P<table>{_TABLE})/(?P<pks>[^/]+?)(\.(?P<format>json))?$",
                RowPage.as_view(self),
            ),
            (r"", _nowhere),
        ]
        return [(re.compile(regex), partial(_guarded, self, view)) for regex, view in views]

    async def refresh_schemas(self) -> None:
        """Does nothing, for a build never changes. Datasette would ask every database before every page."""

    async def permission_allowed(
        self,
        actor: object,
        action: str,
        resource: object = None,
        default: bool | None = False,  # noqa: FBT001, FBT002
    ) -> bool:
        """Everybody may look at what is published; nobody may do anything else."""
        del actor, resource, default
        return action in {"view-instance", "view-database", "view-table"}

    async def render_template(
        self,
        templates: Any,  # noqa: ANN401 (Datasette ships no types; so below)
        context: Any = None,  # noqa: ANN401
        request: Any = None,  # noqa: ANN401
        view_name: str | None = None,
    ) -> str:
        """A template with the words and formats of the reader's language."""
        own = page_vars(self.civicat, request.scope) if request else {}
        return str(await super().render_template(templates, {**(context or {}), **own}, request, view_name))

    def close(self) -> None:
        """Ends the threads and frees DuckDB's memory and the index. Nobody may ask this instance any more."""
        self.executor.shutdown(wait=False, cancel_futures=True)
        self.databases.close()
        self.civicat.search.close()
        if self.civicat.joins is not None:
            self.civicat.joins.close()
        self.civicat.catalogue.close()


async def static(request: Any, receive: Receive) -> downloads.Stream:  # noqa: ANN401
    """A stylesheet or picture of ours. The stylesheet's address changes with its content.

    Raises:
        NotFound: there is none of that name.
    """
    path = STATIC / request.url_vars["name"]
    if not path.is_file():
        raise NotFound(path.name)
    tag = hashlib.sha256(path.read_bytes()).hexdigest()
    headers = {"content-type": _STATIC[path.suffix], "etag": f'"{tag}"', "cache-control": "public, max-age=86400"}
    return downloads.file_stream(request.scope, receive, path, path.stat().st_size, headers)


async def without_slash(request: Any) -> Response:  # noqa: ANN401
    """Leads from an address with a slash at its end to the one without."""
    path, query = request.url_vars["path"], request.query_string
    return Response.redirect(f"{path}?{query}" if query else path, status=301)


async def favicon() -> Response:
    """What browsers ask for unasked: our picture."""
    return Response.redirect("/static/icon.svg", status=301)


async def robots() -> Response:
    """Search engines may read every page but the questions of tables."""
    return Response.text(_ROBOTS)


async def to_department(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    """A database's page of Datasette is the page of the department.

    Raises:
        NotFound: no department of that code has published anything.
    """
    code = request.url_vars["database"]
    if code not in datasette.databases:
        raise NotFound(code)
    if request.args.get("sql"):
        raise RefusalError(403, *_SAID[403])
    return Response.redirect(f"/d/{code}", status=301)


async def _nowhere(request: Any, send: Any) -> None:  # noqa: ANN401
    del send
    raise NotFound(request.path)


async def _guarded(site: CatalogueSite, view: Any, request: Any, send: Any) -> Any:  # noqa: ANN401
    """A view's answer, or a page in our own words for whatever it raises. Datasette's own would show a traceback."""
    try:
        _refuse_withdrawn(site, request)
        department = request.url_vars.get("database")
        if department in site.databases and not site.databases.is_open(department):
            await asyncio.to_thread(site.databases.__getitem__, department)  # it takes a while: others go on
        return await (_export(site, view, request, send) if _is_export(request) else view(request, send))
    except Exception as error:  # noqa: BLE001 - the edge of the site: whatever it is, the reader gets a page
        return await _answer_to(site, request, error)


async def _answer_to(site: CatalogueSite, request: Any, error: Exception) -> Response:  # noqa: ANN401
    try:
        _refuse_withdrawn(site, request)  # it may have been taken down while the view was at work: then that is why
    except WithdrawnError as found:
        error = found
    match error:
        case WithdrawnError():
            return await _gone(site, request, error)
        case RefusalError():
            answer = await error_page(site, request, error.status, error.heading, error.reason)
            if isinstance(error, LaterError):
                answer.headers["retry-after"] = str(RETRY_AFTER)
            return answer
        case NotFound() | Forbidden() | Base400() | DatasetteError():
            status, reason = _told(error)
            return await error_page(site, request, status, _SAID[status][0], reason)
        case CivicatError():
            log.error("%s: %s %s", request.path, error.message.zh, error.message.en)
        case _:
            log.error("%s", request.path, exc_info=error)
    return await error_page(site, request, 500, *_SAID[500])


def _refuse_withdrawn(site: CatalogueSite, request: Any) -> None:  # noqa: ANN401
    """Looks on the disk whether the release that an address is of was taken down. Only its record is handed out.

    Raises:
        WithdrawnError: it was.
    """
    asked = request.url_vars
    if "record" in asked:
        return
    layout = site.civicat.layout
    if "dataset" in asked:
        versions = (Version.parse(asked[one]) for one in ("version", "old", "new") if asked.get(one))
        withdrawn.refuse(layout, f"{asked['department']}/{asked['dataset']}", *versions)
    elif "table" in asked:
        dataset, version = site.tables.shown(asked["database"], asked["table"])
        if version is not None:
            withdrawn.refuse(layout, dataset, version)


async def _gone(site: CatalogueSite, request: Any, error: WithdrawnError) -> Response:  # noqa: ANN401
    """What was taken down and why: a page, or in short where a file was asked for."""
    headers = {"cache-control": downloads.FRESH}
    await asyncio.to_thread(withdrawn.forget, site.civicat.layout, error.tombstones[0].dataset)
    if request.path.endswith(".json"):
        return Response.json(withdrawn.as_json(error), status=GONE, headers=headers)
    if downloads.is_of_a_release(request.path) or request.path.endswith((".csv", ".parquet")):
        said = withdrawn.told(error)
        return Response.text(f"{said.en}\n{said.zh}\n", status=GONE, headers=headers)
    page = await asyncio.to_thread(withdrawn.shown, site.civicat.layout, error)
    html = await site.render_template("withdrawn.html", {"section": "search", "page": page}, request=request)
    return Response.html(html, status=GONE, headers=headers)


def _is_export(request: Any) -> bool:  # noqa: ANN401
    return bool(request.method == "GET" and request.path.endswith(".csv"))


async def _export(site: CatalogueSite, view: Any, request: Any, send: Any) -> Any:  # noqa: ANN401
    """A view that answers with a table as CSV, or a page that says to come back where too many are being made."""
    if not site.exports.begin():
        busy = await error_page(site, request, 503, *_BUSY)
        busy.headers["retry-after"] = "30"
        return busy
    with ExitStack() as undo:
        undo.callback(site.exports.end)
        answer = await view(request, send)
        if isinstance(answer, downloads.Stream):
            undo.pop_all()
            return answer.ending_with(site.exports.end)
    return answer


def _told(error: Exception) -> tuple[int, Text]:
    """The status and the reason of one of Datasette's errors."""
    cause = error.__context__
    if isinstance(error, DatasetteError) and error.title == "SQL Interrupted":
        return 503, _SAID[503][1]
    if isinstance(cause, RefusedError):
        log.warning("refused: %s", cause)
        return 400, _SAID[400][1]
    status = (
        404 if isinstance(error, NotFound) else 403 if isinstance(error, Forbidden) else getattr(error, "status", 400)
    )
    return (status, _SAID[status][1]) if status in _SAID else (400, _SAID[400][1])


async def error_page(site: CatalogueSite, request: Any, status: int, heading: Text, reason: Text) -> Response:  # noqa: ANN401
    """What is wrong and what to do, as a page, or as JSON where JSON was asked for."""
    if request.path.endswith((".json", ".csv", ".parquet")):  # other files are asked for from pages
        said = {"ok": False, "status": status, "title": heading.en, "error": reason.en}
        return Response.json(said | {"title_zh": heading.zh, "error_zh": reason.zh}, status=status)
    context = {"status": status, "heading": heading, "reason": reason, "elsewhere": _elsewhere(site, request.path)}
    html = await site.render_template([f"{status}.html", "error.html"], context, request)
    return Response.html(html, status=status)


def _elsewhere(site: CatalogueSite, path: str) -> list[tuple[str, Text]]:
    """The nearest things that are there, from the narrowest: the table, the department."""
    department, _, rest = path.lstrip("/").partition("/")
    table = site.tables.find(department, rest.partition("/")[0].partition(".")[0])
    found = site.civicat.catalogue.department(department)
    near = [(table_address(table), Text("整个数据表", "The whole table"))] if table else []
    return near + ([(f"/d/{department}", found.title)] if found else [])


def open_site(layout: Layout, build: Path, making: Making | None = None) -> CatalogueSite:
    """The site of one build of the index: its pages, and the tables of the releases that it lists.

    `making` makes other formats, leaflets and comparisons; without one their addresses are not there.

    Tables are opened when they are asked for; one that cannot be read is not there, and the log says so.

    Raises:
        CivicatError: the build cannot be read.
    """
    readable = layout.readable()
    with ExitStack() as undo:
        catalogue = Catalogue(build)
        undo.callback(catalogue.close)
        search = Search(build)
        undo.callback(search.close)
        joins = Joins(build)
        undo.callback(joins.close)
        tables = Tables(readable, catalogue)
        made = CatalogueSite(Site(readable, catalogue, search, making=making, joins=joins), tables)
        undo.pop_all()
    return made


def application(site: CatalogueSite) -> Application:
    """The site as an ASGI application."""
    return speaking(site.app())

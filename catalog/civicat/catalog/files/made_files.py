"""What is made of a release when somebody asks for it: other formats, the leaflet, the offline kit, citations.

/d/<department>/<dataset>/<version>/<resource><suffix>          -excel.csv, .ndjson, .xlsx, .geojson, .arrow
/d/<department>/<dataset>/<version>/<dataset>.sqlite            and what else is made of a whole release
/d/<department>/<dataset>/<version>/leaflet-zh.pdf | leaflet-en.pdf | kit.zip
/d/<department>/<dataset>/<version>/citation.txt | .bib | .ris | .csl.json | .gbt7714.txt
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from datasette.utils.asgi import NotFound

from civicat.catalog.facts.distributions import MOST_CELLS, cells
from civicat.catalog.facts.withdrawn import is_down
from civicat.catalog.files.downloads import (
    NAME,
    RELEASE,
    Stream,
    bytes_stream,
    csv,
    file_stream,
    headers_of,
    release_of,
)
from civicat.catalog.files.makers import Form
from civicat.catalog.files.making import Making
from civicat.catalog.site_context import Receive, making_of, origin, site_of
from civicat.catalog.tables.refusals import RefusalError
from civicat.errors import CivicatError
from civicat.layout import MANIFEST, Layout
from civicat.release import Release, Table
from civicat.text import Language, Text

OWN = "csv"  # the site writes it while it sends it, so that nobody waits
KIT = "kit.zip"
# By style: what the address ends with, and what it is.
CITATIONS: Mapping[str, tuple[str, str]] = {
    "plain": ("citation.txt", "text/plain; charset=utf-8"),
    "gbt7714": ("citation.gbt7714.txt", "text/plain; charset=utf-8"),
    "bibtex": ("citation.bib", "application/x-bibtex; charset=utf-8"),
    "ris": ("citation.ris", "application/x-research-info-systems; charset=utf-8"),
    "csl": ("citation.csl.json", "application/vnd.citationstyles.csl+json"),
}
_TOO_LARGE = 413


def is_too_large(form: Form, tables: tuple[Table, ...]) -> bool:
    """Whether the site does not make a form of so much."""
    return cells(tables) > MOST_CELLS.get(form.name, cells(tables))


def manifest_of(release: Release) -> str:
    """The sha256 of a release's manifest in hex; blank where it has none."""
    try:
        return hashlib.sha256((release.folder / MANIFEST).read_bytes()).hexdigest()
    except OSError:
        return ""


async def csv_of(datasette: Any, request: Any, receive: Receive) -> Stream:  # noqa: ANN401 (Datasette ships no types; so below)
    """A table as CSV; where no table is called so, another kind of CSV whose name ends so."""
    release = await release_of(datasette, request)
    is_table = any(table.resource.name == request.url_vars["resource"] for table in release.tables)
    return await (csv if is_table else made)(datasette, request, receive)


async def made(datasette: Any, request: Any, receive: Receive) -> Stream:  # noqa: ANN401
    """A release in another form, made where it is not in the cache.

    Raises:
        NotFound: there is no such form or table, or nothing makes it here.
        RefusalError: it is too large for the site, or cannot be had in this form.
        LaterError: too much is being made, or it takes long.
    """
    making, release = making_of(datasette), await release_of(datasette, request)
    form, table = _asked(making, release, request.url_vars["made"])
    tables = (table,) if table else release.tables
    if is_too_large(form, tables):
        raise _too_large(form, release)
    layout = site_of(datasette).layout
    path = await _export(making, layout, release, form, table.resource.name if table else None)
    size = path.stat().st_size
    headers = headers_of(release, path.name, form.media_type, f"{path.parent.name}-{size:x}")
    return file_stream(request.scope, receive, path, size, headers).unless(partial(is_down, layout, release))


def export_key(release: Release, form: Form, resource: str | None) -> tuple[object, ...]:
    """What an export is remembered under: where it lies."""
    return (release.dataset.id, release.version, release.inputs, form.name, resource)


async def _export(making: Making, layout: Layout, release: Release, form: Form, resource: str | None) -> Path:
    key = export_key(release, form, resource)
    known = making.known(key)
    if isinstance(known, Path) and known.is_file() and not known.is_symlink():
        return known
    try:
        path = await making.make(key, partial(making.makers.export, layout, release, form.name, resource))
    except CivicatError as error:
        if type(error) is not CivicatError or is_down(layout, release):
            raise  # the store's own fault, or nobody's
        raise RefusalError(404, Text("这个格式无法提供", "This format cannot be had"), error.message) from error
    making.remember(key, path)
    return path


def _asked(making: Making, release: Release, file: str) -> tuple[Form, Table | None]:
    """The form that a file's name means, and of which table; None for the whole release."""
    for form in making.makers.forms:
        name = file.removesuffix(form.suffix)
        if form.name == OWN or name == file:
            continue
        if form.whole and name == release.dataset.name:
            return form, None
        table = next((one for one in release.tables if one.resource.name == name), None)
        if table is not None and not form.whole:
            return form, table
    raise NotFound(f"{release.dataset.id} has no {file}")


def _too_large(form: Form, release: Release) -> RefusalError:
    command = f"civicat export {release.dataset.id} --format {form.name} --version {release.version}"
    return RefusalError(
        _TOO_LARGE,
        Text(f"数据太多，本站不生成 {form.title.zh}", f"Too much data for {form.title.en} on this site"),
        Text(
            f"请下载 Parquet、CSV 或 NDJSON，大小不限；也可以在自己的电脑上运行 {command}。",
            f"Take Parquet, CSV or NDJSON, which have no limit; or make it on your own machine: {command}",
        ),
    )


async def leaflet(datasette: Any, request: Any, receive: Receive) -> Stream:  # noqa: ANN401
    """The page of A4 on a release, in Chinese or in English. It names the address under which it was asked for."""
    making, release = making_of(datasette), await release_of(datasette, request)
    language: Language = request.url_vars["language"]
    address = f"{origin(request)}/d/{release.dataset.id}/{release.version}"
    key = ("leaflet", release.dataset.id, release.version, manifest_of(release), language, address)
    known = making.known(key)
    made_now = partial(making.makers.leaflet, release, language, address)
    body = known if isinstance(known, bytes) else await making.make(key, made_now)
    making.remember(key, body)
    name = f"{release.department.code}-{release.dataset.name}-{release.version}-{language}.pdf"
    return bytes_stream(request.scope, receive, body, headers_of(release, name, "application/pdf"))


async def kit(datasette: Any, request: Any, receive: Receive) -> Stream:  # noqa: ANN401
    """The offline kit of a dataset: its newest release in a zip that opens from disk.

    It is kept beside the exports, so that it goes with them when the release is taken down. No address stands in it:
    one file serves all, and whoever asks first must not choose what it says.

    Raises:
        NotFound: the release is not the newest.
    """
    making, release = making_of(datasette), await release_of(datasette, request)
    layout = site_of(datasette).layout
    path = await making.make(("kit", release.dataset.id, release.version), partial(_kit, making, layout, release))
    if path is None:
        raise NotFound(f"{release.dataset.id} {release.version} is not the newest release")
    size = path.stat().st_size
    name = f"{release.department.code}-{release.dataset.name}-{release.version}-kit.zip"
    headers = headers_of(release, name, "application/zip", f"{path.parent.name}-{size:x}")
    return file_stream(request.scope, receive, path, size, headers).unless(partial(is_down, layout, release))


def _kit(making: Making, layout: Layout, release: Release) -> Path | None:
    newest = layout.release(release.dataset.id)
    if newest is None or newest.version != release.version:
        return None
    digest = hashlib.sha256(f"kit 2 {manifest_of(release) or release.inputs}".encode()).hexdigest()
    path = layout.cache / "exports" / release.dataset.id / str(release.version) / digest / KIT
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=layout.cache) as folder:
            making.makers.kit(layout, release.dataset.id, Path(folder) / KIT)
            (Path(folder) / KIT).rename(path)
    if is_down(layout, release):  # since it was begun: whoever took it down has swept the cache before
        path.unlink(missing_ok=True)
        return None
    return path


async def citation(datasette: Any, request: Any, receive: Receive) -> Stream:  # noqa: ANN401
    """How the release is cited, in one style, in the dataset's own language.

    Raises:
        NotFound: nothing is known of that style, or the release has no manifest to cite.
    """
    making, release = making_of(datasette), await release_of(datasette, request)
    style = next((one for one, (file, _) in CITATIONS.items() if file == request.url_vars["citation"]), "")
    manifest = manifest_of(release)
    if style not in making.makers.styles or not manifest:
        raise NotFound(f"{release.dataset.id} {release.version}: {style}")
    address = f"{origin(request)}/d/{release.dataset.id}/{release.version}"
    words = making.makers.cite(release, style, manifest, address, None)
    file, kind = CITATIONS[style]
    name = f"{release.department.code}-{release.dataset.name}-{release.version}-{file}"
    return bytes_stream(request.scope, receive, f"{words.rstrip()}\n".encode(), headers_of(release, name, kind))


_CITED = "|".join(re.escape(file) for file, _ in CITATIONS.values())
ROUTES = (
    (rf"{RELEASE}/(?P<citation>{_CITED})$", citation),
    (rf"{RELEASE}/leaflet-(?P<language>zh|en)\.pdf$", leaflet),
    (rf"{RELEASE}/{re.escape(KIT)}$", kit),
    (rf"{RELEASE}/(?P<made>(?P<resource>{NAME})\.csv)$", csv_of),
    (rf"{RELEASE}/(?P<made>[a-z0-9][a-z0-9-]*\.[a-z]+)$", made),
)

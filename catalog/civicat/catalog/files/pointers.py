"""Addresses that lead on or tell of the store: the latest release, the public keys.

/d/<department>/<dataset>/latest[/<file>]     to the newest release, which may be another one tomorrow
/keys/  /keys/<key id>.pem                    whose signatures releases may bear
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

from datasette.utils.asgi import NotFound, Response

from civicat.catalog.facts.withdrawn import WithdrawnError, all_down
from civicat.catalog.files.downloads import DATASET, FRESH, Stream, bytes_stream
from civicat.catalog.site_context import Receive, site_of

_KEY = re.compile(r"[0-9a-f]{16,64}")


async def latest(datasette: Any, request: Any) -> Response:  # noqa: ANN401 (Datasette ships no types; so below)
    """Leads to the same file of the newest release.

    Raises:
        NotFound: there is no such dataset.
        WithdrawnError: all of its releases are down.
    """
    asked, layout = request.url_vars, site_of(datasette).layout
    name = f"{asked['department']}/{asked['dataset']}"
    release = await asyncio.to_thread(layout.release, name)
    if release is None:
        down = await asyncio.to_thread(all_down, layout, name)
        raise WithdrawnError(down) if down else NotFound(name)
    query = f"?{request.query_string}" if request.query_string else ""
    address = f"/d/{name}/{release.version}{asked['rest'] or ''}{query}"
    return Response.text("", status=302, headers={"Location": address, "Cache-Control": FRESH})


async def keys(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    """The public keys that this store trusts."""
    found = await asyncio.to_thread(known_keys, site_of(datasette).layout.keys)
    html = await datasette.render_template("keys.html", {"section": "about", "keys": found}, request=request)
    return Response.html(html)


def known_keys(folder: Path) -> list[tuple[str, str]]:
    """The id of each key and its file, by id."""
    files = sorted(folder.glob("*.pem")) if folder.is_dir() else []
    return [(file.stem, file.read_text("ascii", errors="replace")) for file in files if _KEY.fullmatch(file.stem)]


async def key(datasette: Any, request: Any, receive: Receive) -> Stream:  # noqa: ANN401
    """One public key, as PEM.

    Raises:
        NotFound: there is none of that id.
    """
    name = request.url_vars["key"]
    found = dict(await asyncio.to_thread(known_keys, site_of(datasette).layout.keys))
    if name not in found:
        raise NotFound(name)
    headers = {
        "content-type": "application/x-pem-file",
        "content-disposition": f'inline; filename="{name}.pem"',
        "cache-control": FRESH,
    }
    return bytes_stream(request.scope, receive, found[name].encode(), headers)


async def keys_folder() -> Response:
    """The list of keys stands in a folder."""
    return Response.redirect("/keys/", status=301)


ROUTES = (
    (rf"{DATASET}/latest(?P<rest>/[^?]*)?$", latest),
    (r"^/keys$", keys_folder),
    (r"^/keys/$", keys),
    (r"^/keys/(?P<key>[0-9a-f]+)\.pem$", key),
)

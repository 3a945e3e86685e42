"""The figures and pictures of charts, made once for a release and kept in the store's cache, which may be dropped.

They lie among the exports, so that they go when the release is taken down and when the cache is trimmed:
cache/exports/<department>/<dataset>/<version>/charts-<digest>/<name>
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from civicat.catalog.charts.asked import Asked
from civicat.catalog.charts.columns import Column, pair
from civicat.catalog.charts.plot import Mark, Plot, read_plot
from civicat.catalog.charts.profiled import profiled
from civicat.catalog.charts.queries import plotted
from civicat.catalog.charts.shapes import is_of_points
from civicat.catalog.charts.studio import studio
from civicat.catalog.facts.withdrawn import is_down
from civicat.catalog.files.made_files import manifest_of
from civicat.layout import Layout
from civicat.release import Release, Table

_FORM = "3"  # raised when a chart of the same release would be another
_MOST_KEPT = 2_000  # files of one release: columns times columns may be many
_MOST_BYTES = 4_000_000  # of one file


def figured(layout: Layout, release: Release, table: Table, asked: Asked, found: tuple[Column, ...]) -> Plot:
    """The figures of a chart: from the profile where it has them, else as they were kept, else computed and kept.

    Raises:
        StoreError: the release cannot be read.
        UndrawableError, LaterError: of the child process.
    """
    plot = at_once(layout, release, table, asked, found)
    if plot is None:
        plot = _computed(table, asked, found)
        _keep(layout, release, _name(asked), plot.to_json())
    return plot


def at_once(layout: Layout, release: Release, table: Table, asked: Asked, found: tuple[Column, ...]) -> Plot | None:
    """The figures of a chart where they are had without a look at the data."""
    if asked.kind == "distribution":
        column = next(one for one in found if one.name == asked.columns[0])
        plot = profiled(column, table.rows)
        if plot is not None:
            return plot
    kept = _kept(layout, release, _name(asked))
    with suppress(ValueError, TypeError, LookupError, AttributeError):
        return read_plot(kept) if kept else None
    return None  # it is of another hand: it is made again


def _computed(table: Table, asked: Asked, found: tuple[Column, ...]) -> Plot:
    shape = next((one for one in found if one.role == "shape"), None)
    if asked.kind == "map" and shape is not None and not pair(found) and not is_of_points(table.paths, shape.name):
        return _outlined(table, asked, shape)
    return plotted(asked, table, found)


def _outlined(table: Table, asked: Asked, shape: Column) -> Plot:
    request = {
        "task": "shapes",
        "files": [str(path.resolve()) for path in table.paths],
        "column": shape.name,
        "value": next(iter(asked.columns), ""),
    }
    told = json.loads(studio().ask(request))
    marks = tuple(
        Mark("", value, 1, x=x, y=y, rings=tuple(tuple((a, b) for a, b in ring) for ring in rings))
        for rings, value, x, y in told["marks"]
    )
    return Plot("shapes", "value", marks, table.rows, table.rows - len(marks))


def pictured(layout: Layout, release: Release, name: str, svg: Callable[[], str], scale: float) -> bytes:
    """The PNG of an SVG of a release, kept under a name; as `Studio.picture`."""
    written = svg()
    name = f"{name}-{hashlib.sha256(written.encode()).hexdigest()[:16]}.png"
    picture = _kept(layout, release, name)
    if not picture:
        picture = studio().picture(written, scale)
        _keep(layout, release, name, picture)
    return picture


def _name(asked: Asked) -> str:
    said = f"{asked.path}/{asked.by}"
    return f"{asked.kind}-{hashlib.sha256(said.encode()).hexdigest()[:24]}.json"


def _folder(layout: Layout, release: Release) -> Path:
    digest = hashlib.sha256(f"charts {_FORM} {manifest_of(release) or release.inputs}".encode()).hexdigest()
    return layout.cache / "exports" / release.dataset.id / str(release.version) / f"charts-{digest[:32]}"


def _kept(layout: Layout, release: Release, name: str) -> bytes:
    path = _folder(layout, release) / name
    try:
        return b"" if path.is_symlink() else path.read_bytes()
    except OSError:
        return b""


def _keep(layout: Layout, release: Release, name: str, content: bytes) -> None:
    """Keeps a file, whole or not at all; a cache that cannot be written to only makes the site slower."""
    folder = _folder(layout, release)
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if len(content) > _MOST_BYTES or sum(1 for _ in folder.iterdir()) >= _MOST_KEPT:
            return
        with tempfile.TemporaryDirectory(prefix=".making-", dir=layout.cache) as half:
            (Path(half) / name).write_bytes(content)
            (Path(half) / name).rename(folder / name)
        if is_down(layout, release):  # since it was begun: whoever took it down has swept the cache before
            (folder / name).unlink(missing_ok=True)

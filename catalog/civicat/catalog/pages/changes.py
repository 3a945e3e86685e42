"""What changed between two releases: a page, JSON, and a table of every changed cell. Made once, kept in the cache.

/d/<department>/<dataset>/diff?from=1.0.0&to=1.1.0      leads to the next
/d/<department>/<dataset>/diff/1.0.0/1.1.0[.json | .parquet]

cache/diffs/<department>/<dataset>/<old>..<new>/<digest>/diff.json and changes.parquet; the digest is of both manifests.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import Any, cast

import pyarrow.compute as pc
import pyarrow.parquet as pq
from datasette.utils.asgi import NotFound, Response

from civicat.catalog.facts.largest_changes import Move, largest, widths
from civicat.catalog.facts.withdrawn import DIFFS, forget, read_json, refuse
from civicat.catalog.files.downloads import (
    DATASET,
    FRESH,
    JSON,
    PARQUET,
    VERSION,
    Stream,
    bytes_stream,
    file_stream,
)
from civicat.catalog.files.made_files import manifest_of
from civicat.catalog.files.making import Making
from civicat.catalog.site_context import Receive, making_of, site_of
from civicat.dataset import Field
from civicat.layout import CHANGES, Layout
from civicat.release import Release, Version
from civicat.text import Text

MOST_BYTES = 2 * 1024**3  # of all that is kept; what was made first goes
CELLS = 100  # shown of a table; the JSON has as many, the Parquet file all
ROWS = 25
MEASURED = 50_000  # changed cells of which the largest are sought; of more, those that are listed
COLUMNS = 8  # of rows that came or went
_MADE = "diff.json"
_REVISION = "2"  # raised when the same two releases give other bytes
_NUMBERS = frozenset({"integer", "number"})

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One changed cell: the values of its row's key, its column, what it held; `difference` where both are numbers."""

    key: tuple[str, ...]
    column: Text
    old: str | None
    new: str | None
    difference: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that came or went: the columns that are shown, and each row's values with how often it is there."""

    kind: str
    total: int
    columns: tuple[Text, ...]
    left_out: int
    rows: tuple[tuple[int, tuple[str | None, ...]], ...]

    @property
    def shown(self) -> int:
        """How many rows these are."""
        return sum(count for count, _ in self.rows)


@dataclass(frozen=True, slots=True)
class Largest:
    """One of the changes that went furthest, with the words for its column and its unit (blank where it has none)."""

    move: Move
    column: Text
    unit: str
    difference: str
    times: str


@dataclass(frozen=True, slots=True)
class Part:
    """One table of both releases. `cells` are the first of `changes["cells"]`, `rows` those that came and that went.

    `largest` are the numbers that changed most, for the spread of their column (facts/largest_changes.py).
    """

    title: Text
    changes: Values
    key: tuple[Text, ...]
    cells: tuple[Cell, ...]
    rows: tuple[Rows, ...]
    largest: tuple[Largest, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether no row differs."""
        return not any(self.changes[kind] for kind in ("added", "removed", "changed"))


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """All that changes.html shows. `schema` is changes of columns and tables: how grave each is, and in words.

    `descriptions` is the same of the licence, the rules and the words.
    """

    old: Release
    new: Release
    address: str
    summary: Text
    schema: tuple[tuple[str, Text], ...]
    descriptions: tuple[tuple[str, Text], ...]
    parts: tuple[Part, ...]
    versions: tuple[str, ...]
    size: int

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not self.schema and not self.descriptions and all(part.is_same for part in self.parts)

    def total(self, kind: str) -> int:
        """The sum of a count over all tables."""
        return sum(part.changes[kind] for part in self.parts)

    def rows(self, side: str) -> int:
        """The rows of the tables that both have, before (`old`) or now (`new`)."""
        return sum(part.changes["rows"][side] for part in self.parts)


async def choose(datasette: Any, request: Any) -> Response:  # noqa: ANN401 (Datasette ships no types; so below)
    """Leads from the form with two versions to their page; without them, to the last two.

    Raises:
        NotFound: there are not two releases.
    """
    making_of(datasette)
    asked, layout = request.url_vars, site_of(datasette).layout
    name = f"{asked['department']}/{asked['dataset']}"
    versions = layout.versions(name)
    if len(versions) < 2:  # noqa: PLR2004 (two are compared)
        raise NotFound(f"{name} has no two releases")
    old, new = (Version.parse(request.args.get(one) or "") for one in ("from", "to"))
    address = f"/d/{name}/diff/{old or versions[-2]}/{new or versions[-1]}"
    return Response.text("", status=302, headers={"Location": address, "Cache-Control": FRESH})


async def changes(datasette: Any, request: Any, receive: Receive) -> Response | Stream:  # noqa: ANN401
    """What changed, as a page, as JSON or as a table.

    Raises:
        NotFound: one of the releases is not there.
        WithdrawnError: one of them is down.
        LaterError: too much is being made, or it takes long.
    """
    making, layout = making_of(datasette), site_of(datasette).layout
    asked = request.url_vars
    name, both = f"{asked['department']}/{asked['dataset']}", tuple(Version.parse(asked[one]) for one in ("old", "new"))
    old, new = (layout.release(name, version) if version else None for version in both)
    if old is None or new is None:
        raise NotFound(f"{name} {asked['old']} {asked['new']}")
    folder = await making.make(
        ("diff", name, *both, *_manifests(old, new)), partial(_compared, making, layout, old, new)
    )
    down = partial(_is_down, layout, old, new)
    file = f"{name.replace('/', '-')}-{old.version}-{new.version}-changes"
    if asked["format"] == ".parquet":
        size = (folder / CHANGES).stat().st_size
        headers = _headers(f'attachment; filename="{file}.parquet"', PARQUET) | {"etag": f'"{folder.name}-{size:x}"'}
        return file_stream(request.scope, receive, folder / CHANGES, size, headers).unless(down)
    if asked["format"] == ".json":
        body = (folder / _MADE).read_bytes()
        return bytes_stream(request.scope, receive, body, _headers(f'inline; filename="{file}.json"', JSON))
    page = _page(layout, old, new, folder)
    html = await datasette.render_template("changes.html", {"section": "search", "page": page}, request=request)
    return Response.html(html)


def _headers(disposition: str, kind: str) -> dict[str, str]:
    return {"content-type": kind, "content-disposition": disposition, "cache-control": FRESH}


def _manifests(old: Release, new: Release) -> tuple[str, str]:
    return manifest_of(old) or old.inputs, manifest_of(new) or new.inputs


def _is_down(layout: Layout, old: Release, new: Release) -> bool:
    return any(one.version not in layout.versions(one.dataset.id) for one in (old, new))


def _compared(making: Making, layout: Layout, old: Release, new: Release) -> Path:
    """The folder with what differs, made where it is not in the cache: whole, or not at all.

    Raises:
        WithdrawnError: one of the releases was taken down meanwhile; nothing of it is left here.
    """
    kept = layout.cache / DIFFS / old.dataset.id
    digest = hashlib.sha256("\n".join((_REVISION, *_manifests(old, new))).encode()).hexdigest()[:32]
    folder = kept / f"{old.version}..{new.version}" / digest
    if not (folder / _MADE).exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=kept) as scratch:
            made = Path(scratch) / "made"
            made.mkdir()
            found = making.makers.compare(old, new, made)
            (made / _MADE).write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
            with suppress(OSError):  # another worker was first: its folder holds the same
                made.rename(folder)
        _trim(layout.cache / DIFFS, folder)
    forget(layout, old.dataset.id)
    refuse(layout, old.dataset.id, old.version, new.version)
    return folder


def _trim(cache: Path, made: Path) -> None:
    """Removes what was made first until the rest fits."""
    with suppress(OSError):  # another worker may trim too
        every = (folder for folder in cache.glob("*/*/*..*/*") if not folder.parent.name.startswith("."))
        folders = sorted(every, key=lambda folder: folder.stat().st_mtime_ns)
        sizes = {folder: sum(file.stat().st_size for file in folder.iterdir()) for folder in folders}
        over = sum(sizes.values()) - MOST_BYTES
        for folder in (one for one in folders if one != made):
            if over <= 0:
                return
            over -= sizes[folder]
            shutil.rmtree(folder, ignore_errors=True)


# ---- the page --------------------------------------------------------------------------------------------------------


def _page(layout: Layout, old: Release, new: Release, folder: Path) -> ChangesPage:
    found = read_json(folder / _MADE)
    retyped = _retyped(found["schema"])
    return ChangesPage(
        old=old,
        new=new,
        address=f"/d/{new.dataset.id}/diff/{old.version}/{new.version}",
        summary=_text(found["summary"]),
        schema=_changes(found["schema"]),
        descriptions=_changes(found.get("descriptions", ())),
        parts=tuple(_part(old, new, table, retyped, folder) for table in _all(found["tables"])),
        versions=tuple(str(one) for one in reversed(layout.versions(new.dataset.id))),
        size=(folder / CHANGES).stat().st_size,
    )


def _changes(many: object) -> tuple[tuple[str, Text], ...]:
    return tuple((str(one["level"]), _text(one["text"])) for one in _all(many))


def _retyped(schema: object) -> frozenset[tuple[str, str]]:
    """The columns, each with its table, of which old and new numbers are not of one kind."""
    kinds = ("unit-changed", "field-retyped")
    return frozenset((str(one["table"]), str(one["field"])) for one in _all(schema) if one["kind"] in kinds)


def _all(many: object) -> list[Values]:
    return cast("list[Values]", many)


def _text(both: object) -> Text:
    said = cast("Mapping[str, str]", both)
    return Text(said["zh"], said["en"])


def _part(old: Release, new: Release, table: Values, retyped: frozenset[tuple[str, str]], folder: Path) -> Part:
    resource = new.dataset.resource(table["resource"])
    fields = {field.name: field for field in resource.schema.fields} if resource else {}
    titles = {name: field.title or Text(name, name) for name, field in fields.items()}
    alike = {name: field for name, field in fields.items() if (table["table"], name) not in retyped}
    numbers = {name for name, field in alike.items() if field.type in _NUMBERS}
    listed = [one for one in _all(table["changes"]) if one["kind"] == "changed"][:CELLS]
    return Part(
        title=(resource.title if resource else Text()) or Text(table["table"], table["table"]),
        changes=table,
        key=tuple(titles.get(name, Text(name, name)) for name in table["key"]),
        cells=tuple(_cell(one, titles, numbers) for one in listed),
        rows=tuple(_rows(table, kind, titles) for kind in ("added", "removed") if table[kind]),
        largest=tuple(_largest(_moves(old, table, numbers, folder), fields)) if table["changed"] and numbers else (),
    )


def _moves(old: Release, table: Values, numbers: set[str], folder: Path) -> tuple[Move, ...]:
    """The numbers of a table that changed most."""
    found = _changed_cells(folder / CHANGES, str(table["resource"])) or [
        (one.get("key", ()), one["column"], one["old"], one["new"])
        for one in _all(table["changes"])
        if one["kind"] == "changed"
    ]
    cells = ((tuple(map(str, key)), name, was, now) for key, name, was, now in found if name in numbers)
    return largest(cells, widths(old, str(table["resource"])))


def _changed_cells(file: Path, resource: str) -> list[tuple[Sequence[object], str, str, str]]:
    """The changed cells of a table: key, column, old, new; none where they are too many to look at for a page."""
    if pq.read_metadata(file).num_rows > MEASURED:
        return []
    cells = pq.read_table(file, columns=["resource", "kind", "key", "column", "old", "new"])
    own = cells.filter(pc.and_(pc.equal(cells["resource"], resource), pc.equal(cells["kind"], "changed")))
    return [(_key(one["key"]), one["column"], one["old"], one["new"]) for one in own.to_pylist()]


def _key(written: str | None) -> Sequence[object]:
    found = json.loads(written or "[]")
    return found if isinstance(found, list) else ()


def _largest(moves: Iterable[Move], fields: Mapping[str, Field]) -> Iterator[Largest]:
    for move in moves:
        field = fields[move.column]
        unit = "" if field.unit == "1" else field.unit
        title = field.title or Text(move.column, move.column)
        yield Largest(move, title, unit, difference(move.old, move.new), f"{move.times:,.1f}")


def _cell(change: Values, titles: Mapping[str, Text], numbers: set[str]) -> Cell:
    name, old, new = change["column"], change["old"], change["new"]
    return Cell(
        key=tuple("" if one is None else str(one) for one in change.get("key", ())),
        column=titles.get(name, Text(name, name)),
        old=old,
        new=new,
        difference=difference(old, new) if name in numbers else "",
    )


def difference(old: str | None, new: str | None) -> str:
    """The difference of two numbers with its sign; blank where one of them is none."""
    try:
        found = Decimal(new or "") - Decimal(old or "")
    except InvalidOperation:
        return ""
    return f"{found:+,f}".replace("-", "\N{MINUS SIGN}") if found.is_finite() else ""


def _rows(table: Values, kind: str, titles: Mapping[str, Text]) -> Rows:
    listed = [one for one in _all(table["changes"]) if one["kind"] == kind][:ROWS]
    names = list(_key_first(listed, table["key"]))
    shown = names[:COLUMNS]
    return Rows(
        kind=kind,
        total=table[kind],
        columns=tuple(titles.get(name, Text(name, name)) for name in shown),
        left_out=len(names) - len(shown),
        rows=tuple((int(one.get("rows", 1)), tuple(one["row"].get(name) for name in shown)) for one in listed),
    )


def _key_first(listed: Sequence[Values], key: Sequence[str]) -> Iterator[str]:
    names = list(listed[0]["row"]) if listed else []
    yield from (name for name in key if name in names)
    yield from (name for name in names if name not in key)


ROUTES = (
    (rf"{DATASET}/diff$", choose),
    (rf"{DATASET}/diff/(?P<old>{VERSION})/(?P<new>{VERSION})(?P<format>\.json|\.parquet)?$", changes),
)

"""What a release's own files say of it: its proof, where it comes from, what typing did, the figures of its columns.

Each file may miss or hold less than expected: what is not there is not shown, and never guessed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from civicat.catalog.withdrawn import read_json
from civicat.layout import CONVERSION, MANIFEST, PROFILE, PROVENANCE, SIGNATURE
from civicat.release import Release
from civicat.text import Text

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Proof:
    """The sha256 of the manifest in hex, and the id of the key that signed it; blank where it is not signed."""

    manifest: str
    key: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of a table's texts: how many columns, and what is told of those that were not all left as written.

    `lossless` says that nothing was lost in any of them. `told` has the column's name and the sentence on it.
    """

    columns: int
    lossless: bool
    told: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a picture: what it stands for, and how many rows."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a column holds. `distinct` is None where that is not known, `about` where it is an estimate.

    `bars` are intervals from edge to edge where `edges` is not empty, else none. `top` are the most frequent values.
    """

    count: int
    missing: int
    distinct: int | None
    about: bool
    least: str
    most: str
    top: tuple[Bar, ...]
    bars: tuple[int, ...]
    edges: tuple[str, ...]


def proof(release: Release) -> Proof | None:
    """What proves a release; None where it has no manifest."""
    try:
        content = (release.folder / MANIFEST).read_bytes()
        key = json.loads(content).get("key", "")
    except (OSError, ValueError, AttributeError):
        return None
    signed = isinstance(key, str) and (release.folder / SIGNATURE).is_file()
    return Proof(hashlib.sha256(content).hexdigest(), key if signed else "")


def provenance(release: Release) -> Text:
    """Who handed in what, when, and what was made of it, in a sentence."""
    return _both(read_json(release.folder / PROVENANCE).get("sentence"))


def conversions(release: Release) -> dict[str, Conversion]:
    """What became of the texts of each table, by the name of its resource."""
    resources = _mappings(read_json(release.folder / CONVERSION).get("resources"))
    return {str(one.get("name", "")): _conversion(one) for one in resources}


def _conversion(resource: Values) -> Conversion:
    fields = _mappings(resource.get("fields"))
    told = [one for one in fields if one.get("rewrites") or one.get("unexplained") or not one.get("lossless", True)]
    return Conversion(
        columns=len(fields),
        lossless=resource.get("lossless") is True,
        told=tuple((str(one.get("name", "")), _both(one.get("sentence"))) for one in told),
    )


def figures(release: Release) -> dict[str, dict[str, Figures]]:
    """The figures of each column, by the names of its resource and of the column."""
    profile = read_json(release.folder / PROFILE)
    tables = _mappings(profile.get("tables"))
    return {str(table.get("resource", "")): dict(_columns(table)) for table in tables}


def _columns(table: Values) -> Iterator[tuple[str, Figures]]:
    for column in _mappings(table.get("columns")):
        yield str(column.get("name", "")), _figures(column)


def _figures(column: Values) -> Figures:
    distinct, top, histogram = (_mapping(column.get(name)) for name in ("distinct", "top", "histogram"))
    bars, edges = _list(histogram.get("counts")), _list(histogram.get("edges"))
    fits = len(edges) == len(bars) + 1
    return Figures(
        count=_whole(column.get("count")),
        missing=_whole(column.get("missing")),
        distinct=_whole(distinct["value"]) if isinstance(distinct.get("value"), int) else None,
        about=distinct.get("exact") is False,
        least=_spelled(column.get("min")),
        most=_spelled(column.get("max")),
        top=tuple(Bar(_spelled(one.get("value")), _whole(one.get("count"))) for one in _mappings(top.get("values"))),
        bars=tuple(map(_whole, bars)) if fits else (),
        edges=tuple(map(_spelled, edges)) if fits else (),
    )


def _both(value: object) -> Text:
    said = _mapping(value)
    return Text(_spelled(said.get("zh")), _spelled(said.get("en")))


def _mapping(value: object) -> Values:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _mappings(value: object) -> list[Values]:
    return [one for one in _list(value) if isinstance(one, dict)]


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _spelled(value: object) -> str:
    return value if isinstance(value, str) else ""

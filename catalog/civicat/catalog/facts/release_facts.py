"""What a release's own files say of it: its proof, where it comes from, what typing did, the figures of its columns.

Each file may miss or hold less than expected: what is not there is not shown, and never guessed.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from civicat.catalog.facts.withdrawn import read_json
from civicat.layout import CHANGES, CONVERSION, MANIFEST, PROFILE, PROVENANCE, SIGNATURE
from civicat.mapping import mapping, mappings, spelled, whole
from civicat.release import Release
from civicat.text import Text

Values = Mapping[str, object]

_QUANTITIES = frozenset(("quantity",))  # docs/profile.md: a number with a unit
_KINDS_ZH, _KINDS_EN = re.compile(r" ?\d+ 类检查"), re.compile(r"\d+ kinds? of checks")
_THOUSAND = 1000
_MOST_CHANGES = 4 * 1024**2  # bytes of changes.parquet that are counted for a page: about a million cells


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
    `mean` and `median` are those of a quantity, blank for what is only written in digits, such as years and codes.
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
    mean: str = ""
    median: str = ""

    @property
    def cells(self) -> int:
        """All cells of the column, empty ones too."""
        return self.count + self.missing


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks read of one file as it was handed in: size in bytes, rows without the header."""

    name: str
    place: str
    rows: int
    columns: int
    bytes: int
    sha256: str
    errors: int


@dataclass(frozen=True, slots=True)
class Moved:
    """How many rows came, went and changed since the version before; exact, as changes.parquet has them."""

    added: int
    removed: int
    changed: int


def proof(release: Release) -> Proof | None:
    """What proves a release; None where it has no manifest."""
    return proof_in(release.folder)


def proof_in(folder: Path) -> Proof | None:
    """The same of the release in a folder, which need not be read for it."""
    try:
        content = (folder / MANIFEST).read_bytes()
        key = json.loads(content).get("key", "")
    except (OSError, ValueError, AttributeError):
        return None
    signed = isinstance(key, str) and (folder / SIGNATURE).is_file()
    return Proof(hashlib.sha256(content).hexdigest(), key if signed else "")


def provenance(release: Release) -> Text:
    """Who handed in what, when, and what was made of it, in a sentence.

    It counts the kinds of checks that ran, finer than the seven of `checks.py`: that number is left out.
    """
    said = _both(read_json(release.folder / PROVENANCE).get("sentence"))
    return Text(_KINDS_ZH.sub("检查", said.zh), _KINDS_EN.sub("the checks", said.en))


def conversions(release: Release) -> dict[str, Conversion]:
    """What became of the texts of each table, by the name of its resource."""
    resources = mappings(read_json(release.folder / CONVERSION).get("resources"))
    return {str(one.get("name", "")): _conversion(one) for one in resources}


def _conversion(resource: Values) -> Conversion:
    fields = mappings(resource.get("fields"))
    told = [one for one in fields if one.get("rewrites") or one.get("unexplained") or not one.get("lossless", True)]
    return Conversion(
        columns=len(fields),
        lossless=resource.get("lossless") is True,
        told=tuple((str(one.get("name", "")), _both(one.get("sentence"))) for one in told),
    )


def figures(release: Release) -> dict[str, dict[str, Figures]]:
    """The figures of each column, by the names of its resource and of the column."""
    profile = read_json(release.folder / PROFILE)
    tables = mappings(profile.get("tables"))
    return {str(table.get("resource", "")): dict(_columns(table)) for table in tables}


def _columns(table: Values) -> Iterator[tuple[str, Figures]]:
    for column in mappings(table.get("columns")):
        yield str(column.get("name", "")), _figures(column)


def _figures(column: Values) -> Figures:
    distinct, top, histogram = (mapping(column.get(name)) for name in ("distinct", "top", "histogram"))
    bars, edges = _list(histogram.get("counts")), _list(histogram.get("edges"))
    fits = len(edges) == len(bars) + 1
    return Figures(
        count=whole(column.get("count")),
        missing=whole(column.get("missing")),
        distinct=whole(distinct["value"]) if isinstance(distinct.get("value"), int) else None,
        about=distinct.get("exact") is False,
        least=spelled(column.get("min")),
        most=spelled(column.get("max")),
        top=tuple(Bar(spelled(one.get("value")), whole(one.get("count"))) for one in mappings(top.get("values"))),
        bars=tuple(map(whole, bars)) if fits else (),
        edges=tuple(map(spelled, edges)) if fits else (),
        **_middle(column),
    )


def _middle(column: Values) -> dict[str, str]:
    """The mean and the median of a column of quantities, as plain numbers."""
    if mapping(column.get("semantic")).get("type") not in _QUANTITIES:
        return {}
    mean, quantiles = column.get("mean"), mapping(mapping(column.get("quantiles")).get("values"))
    return {"mean": _short(mean), "median": spelled(quantiles.get("0.5"))}


def _short(value: object) -> str:
    """A number with the figures that say something: whole above a thousand, else four."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return ""
    return f"{value:.0f}" if abs(value) >= _THOUSAND else f"{value:.4g}"


def checked(release: Release) -> tuple[Checked, ...]:
    """The files that the checks read, one for each table: two tables may be two sheets of one file."""
    return tuple(map(_checked, mappings(release.report.get("tasks"))))


def _checked(task: Values) -> Checked:
    stats = mapping(task.get("stats"))
    return Checked(
        name=spelled(task.get("name")),
        place=spelled(task.get("place")),
        rows=whole(stats.get("rows")),
        columns=whole(stats.get("fields")),
        bytes=whole(stats.get("bytes")),
        sha256=spelled(stats.get("sha256")),
        errors=whole(stats.get("errors")),
    )


def remarks(release: Release) -> tuple[Text, ...]:
    """What the checks remarked, in both languages, of the dataset and then of each file (`Finding.to_descriptor`)."""
    return tuple(_remarks(release.report))


def _remarks(report: Values) -> Iterator[Text]:
    for part in (report, *mappings(report.get("tasks"))):
        for finding in mappings(mapping(part.get("civicat")).get("warnings")):
            yield _both(mapping(finding.get("civicat")).get("message"))


def moved(release: Release) -> Moved | None:
    """How many rows differ from the version before; None where nobody wrote that down, or it is too much to count."""
    file = release.folder / CHANGES
    try:
        if file.stat().st_size > _MOST_CHANGES:
            return None
        changes = pq.read_table(file, columns=["resource", "key", "kind", "rows"])
    except (OSError, pa.ArrowException):
        return None
    return Moved(_rows(changes, "added"), _rows(changes, "removed"), _changed(changes))


def _rows(changes: pa.Table, kind: str) -> int:
    found = changes.filter(pc.equal(changes["kind"], kind))
    return int(pc.sum(found["rows"]).as_py() or 0)


def _changed(changes: pa.Table) -> int:
    """Rows of which a cell changed: each cell has a line of its own."""
    found = changes.filter(pc.equal(changes["kind"], "changed"))
    return int(found.group_by(["resource", "key"]).aggregate([]).num_rows)


def _both(value: object) -> Text:
    said = mapping(value)
    return Text(spelled(said.get("zh")), spelled(said.get("en")))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []

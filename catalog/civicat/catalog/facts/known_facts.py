"""All that the files of a release say, read once: a release never changes, and its manifest says that it did not.

What is kept is known by the place of the release and by its manifest, so another store or another release is never
mistaken for it. A release without a manifest is read each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from civicat.catalog.facts import release_facts
from civicat.catalog.facts.coverage import Coverage, coverage
from civicat.catalog.facts.dictionary import Column, columns
from civicat.catalog.facts.quality import Quality, quality
from civicat.catalog.facts.release_facts import Checked, Conversion, Figures, Moved, Proof
from civicat.layout import Layout
from civicat.release import Release, Version
from civicat.text import Text

_FACTS = 256  # releases: some 10 MB
_LINES = 8_192  # of lists of versions


@dataclass(frozen=True, slots=True)
class Facts:
    """One release, and what it says of itself. Mappings are by the name of the resource, `figures` then by column."""

    release: Release
    columns: Mapping[str, tuple[Column, ...]]
    figures: Mapping[str, Mapping[str, Figures]]
    conversions: Mapping[str, Conversion]
    provenance: Text
    checked: tuple[Checked, ...]
    remarks: tuple[Text, ...]
    quality: Quality
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Line:
    """One release in a list of versions; `moved` is None where nobody counted its rows."""

    released: str
    rows: int
    change: Text
    moved: Moved | None


class _GoneError(Exception):
    """It was taken down while it was read."""


def facts(layout: Layout, dataset: str, version: Version) -> Facts | None:
    """What is known of a release; None where there is none.

    Raises:
        StoreError: the release is there and cannot be read.
    """
    known = _proof(layout, dataset, version)
    read = _facts if known else _facts.__wrapped__
    try:
        return read(layout, dataset, version, known)
    except _GoneError:
        return None


def line(layout: Layout, dataset: str, version: Version) -> Line | None:
    """The same for a list of versions.

    Raises:
        StoreError: the release is there and cannot be read.
    """
    known = _proof(layout, dataset, version)
    read = _line if known else _line.__wrapped__
    try:
        return read(layout, dataset, version, known)
    except _GoneError:
        return None


def _proof(layout: Layout, dataset: str, version: Version) -> Proof | None:
    return release_facts.proof_in(layout.dataset(dataset) / str(version))


@lru_cache(_FACTS)
def _facts(layout: Layout, dataset: str, version: Version, known: Proof | None) -> Facts:
    del known  # what it is kept under
    release = _release(layout, dataset, version)
    schemas = {table.resource.name: table.resource.schema for table in release.tables}
    return Facts(
        release=release,
        columns={name: columns(schema, name) for name, schema in schemas.items()},
        figures=release_facts.figures(release),
        conversions=release_facts.conversions(release),
        provenance=release_facts.provenance(release),
        checked=release_facts.checked(release),
        remarks=release_facts.remarks(release),
        quality=quality(release),
        coverage=coverage(release),
    )


@lru_cache(_LINES)
def _line(layout: Layout, dataset: str, version: Version, known: Proof | None) -> Line:
    del known
    release = _release(layout, dataset, version)
    return Line(release.released, release.rows, release.change, release_facts.moved(release))


def _release(layout: Layout, dataset: str, version: Version) -> Release:
    release = layout.release(dataset, version)
    if release is None:
        raise _GoneError
    return release

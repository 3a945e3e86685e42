"""Where everything lies in a store, which is one folder.

releases/<department>/<dataset>/<version>/datapackage.json, <resource>.parquet, report.json, provenance.json
index/CURRENT -> <build>, index/<build>/catalog.db and search/
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from civicat.errors import StoreError
from civicat.release import Release, Version, read_release
from civicat.text import Text

DESCRIPTOR = "datapackage.json"
REPORT = "report.json"
PROVENANCE = "provenance.json"


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one store. Reading never takes a lock: a release is there whole, or it is not there."""

    store: Path

    @property
    def releases(self) -> Path:
        """The folder of all releases."""
        return self.store / "releases"

    @property
    def index(self) -> Path:
        """The folder of the index's builds."""
        return self.store / "index"

    def dataset(self, dataset: str) -> Path:
        """The folder of one dataset's releases, by `department/dataset`."""
        return self.releases / dataset

    def versions(self, dataset: str) -> list[Version]:
        """The versions of a dataset, oldest first; none where it was never published."""
        folder = self.dataset(dataset)
        names = (child.name for child in folder.iterdir() if child.is_dir()) if folder.is_dir() else ()
        return sorted(version for version in map(Version.parse, names) if version is not None)

    def datasets(self) -> Iterator[str]:
        """Every dataset that has a release, as `department/dataset`, in order."""
        for folder in sorted(self.releases.glob("*/*")):
            name = f"{folder.parent.name}/{folder.name}"
            if self.versions(name):
                yield name

    def release(self, dataset: str, version: Version | None = None) -> Release | None:
        """One release of a dataset, the latest unless a version is named; None where there is none.

        Raises:
            StoreError: the release is there and cannot be read.
        """
        versions = self.versions(dataset)
        if not versions or (version is not None and version not in versions):
            return None
        return read(self.dataset(dataset) / str(version or versions[-1]))

    def latest(self) -> Iterator[Release]:
        """The latest release of every dataset."""
        for name in self.datasets():
            release = self.release(name)
            if release is not None:
                yield release


def read(folder: Path) -> Release:
    """The release in a folder.

    Raises:
        StoreError: it cannot be read.
    """
    return read_release(folder, *(_json(folder / name) for name in (DESCRIPTOR, REPORT, PROVENANCE)))


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise StoreError(
            Text(
                f"{path} 无法读取（{error}）。请运行 civicat verify。",
                f"{path} cannot be read ({error}). Run civicat verify.",
            )
        ) from error
    if not isinstance(value, dict):
        raise StoreError(Text(f"{path} 不是一组键值。", f"{path} does not hold a mapping."))
    return value

"""Where everything lies in a store, which is one folder.

releases/<department>/<dataset>/<version>/   one release:
    <resource>.parquet                          a table; a large one in parts: <resource>.0001.parquet ...
    datapackage.json, report.json               what it is, and what the checks found
    profile.json, conversion.json               what each column holds, and what typing changed in its texts
    changes.parquet                             the cells that differ from the version before
    provenance.json                             who, when, from what, with which tools
    manifest.json, manifest.sig                 the sha256 of each file and of the manifest before; its signature
  of one that was taken down only tombstone.json, manifest.* and provenance.json are left
keys/<key id>.pem                            the public keys that releases may be signed with
index/CURRENT -> <build>, index/<build>/catalog.db and search/
hand-ins/<department>/<dataset>.jsonl        what was handed in, checked, published or refused; lines are only added
cache/                                       exports, made when they are asked for; safe to drop
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from civicat.errors import CivicatError, StoreError
from civicat.release import Part, Release, Tombstone, Version, read_release, read_tombstone
from civicat.text import Text

DESCRIPTOR = "datapackage.json"
REPORT = "report.json"
PROVENANCE = "provenance.json"
PROFILE = "profile.json"
CONVERSION = "conversion.json"
CHANGES = "changes.parquet"
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
TOMBSTONE = "tombstone.json"
TOMBSTONE_SIGNATURE = "tombstone.sig"
# What a damaged descriptor leads to: our own words, or a value of another kind than everything after expects.
_DAMAGE = (CivicatError, ValueError, TypeError, LookupError, AttributeError, RecursionError)

log = logging.getLogger("civicat")


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

    @property
    def keys(self) -> Path:
        """The folder of the public keys."""
        return self.store / "keys"

    @property
    def cache(self) -> Path:
        """The folder of what can be made again at any time."""
        return self.store / "cache"

    def hand_ins(self, dataset: str) -> Path:
        """The file in which one dataset's hand-ins are recorded, by `department/dataset` (hand_ins.py)."""
        return self.store / "hand-ins" / f"{dataset}.jsonl"

    def dataset(self, dataset: str) -> Path:
        """The folder of one dataset's releases, by `department/dataset`."""
        return self.releases / dataset

    def numbers(self, dataset: str) -> list[Version]:
        """Every version that a dataset ever had, oldest first, those that were taken down too."""
        folder = self.dataset(dataset)
        names = (child.name for child in folder.iterdir() if child.is_dir()) if folder.is_dir() else ()
        return sorted(version for version in map(Version.parse, names) if version is not None)

    def versions(self, dataset: str) -> list[Version]:
        """The versions of a dataset that are handed out, oldest first; none where it was never published."""
        folder = self.dataset(dataset)
        return [one for one in self.numbers(dataset) if not (folder / str(one) / TOMBSTONE).exists()]

    def tombstone(self, dataset: str, version: Version) -> Tombstone | None:
        """What is left of a release that was taken down; None where there is none.

        Raises:
            StoreError: it is there and cannot be read.
        """
        file = self.dataset(dataset) / str(version) / TOMBSTONE
        return read_tombstone(_json(file), str(file)) if file.exists() else None

    def tombstones(self, dataset: str) -> list[Tombstone]:
        """Those of a dataset, oldest first.

        Raises:
            StoreError: one cannot be read.
        """
        found = (self.tombstone(dataset, version) for version in self.numbers(dataset))
        return [tombstone for tombstone in found if tombstone is not None]

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
        try:
            return read(self.dataset(dataset) / str(version or versions[-1]))
        except StoreError:
            if self.versions(dataset) == versions:
                raise
            return self.release(dataset, version)  # it was taken down while it was read

    def latest(self) -> Iterator[Release]:
        """The newest release of every dataset that can be read; a line in the log names what cannot."""
        readable = self.readable()
        for name in self.datasets():
            release = readable.newest(name)
            if release is not None:
                yield release

    def readable(self) -> Readable:
        """The same store as readers are shown it, without the releases that cannot be read."""
        return Readable(self.store)


class Readable(Layout):
    """A store without the releases that cannot be read: one that is damaged takes no other down with it."""

    __slots__ = ()

    def versions(self, dataset: str) -> list[Version]:
        """The versions of a dataset that can be read, oldest first."""
        folder = self.dataset(dataset)
        return [one for one in super().versions(dataset) if _whole(folder / str(one)) is not None]

    def release(self, dataset: str, version: Version | None = None) -> Release | None:
        """One release, the newest that can be read unless a version is named; None where there is none.

        Raises:
            StoreError: the version that was named is there and cannot be read, or there are some and none can.
        """
        if version is not None:
            return read(self.dataset(dataset) / str(version)) if version in super().versions(dataset) else None
        found = self.newest(dataset)
        if found is None and super().versions(dataset):
            raise _no_version(self.dataset(dataset))
        return found

    def newest(self, dataset: str, until: Version | None = None) -> Release | None:
        """The newest release of a dataset that can be read, of those up to a version; None where there is none."""
        folder = self.dataset(dataset)
        versions = [one for one in super().versions(dataset) if until is None or one <= until]
        found = (_whole(folder / str(one)) for one in reversed(versions))
        return next((release for release in found if release is not None), None)


def _no_version(folder: Path) -> StoreError:
    return StoreError(
        Text(
            f"{folder} 的各版本均无法读取。请运行 civicat verify。",
            f"{folder} cannot be read in any version. Run civicat verify.",
        )
    )


def _whole(folder: Path) -> Release | None:
    """The release in a folder; None, and a line in the log, where it cannot be read or a file of it is cut short."""
    try:
        release = read(folder)
        for part in (part for table in release.tables for part in table.parts):
            _check_size(part)
    except _DAMAGE as error:
        _tell(f"{folder} 无法读取，已略过；it cannot be read and is left out: {error}")
        return None
    return release


def _check_size(part: Part) -> None:
    size = part.path.stat().st_size if part.path.is_file() else 0
    if size != (part.bytes or size) or not size:
        raise StoreError(
            Text(
                f"{part.path} 无法读取：应为 {part.bytes} 字节，实为 {size} 字节。请运行 civicat verify。",
                f"{part.path} cannot be read: {size} bytes instead of {part.bytes}. Run civicat verify.",
            )
        )


@lru_cache(maxsize=1024)
def _tell(line: str) -> None:
    """Once in the life of a process: pages read the same folder again and again."""
    log.warning("%s", line)


def read(folder: Path) -> Release:
    """The release in a folder.

    Raises:
        StoreError: it cannot be read.
    """
    return read_release(folder, *(_json(folder / name) for name in (DESCRIPTOR, REPORT, PROVENANCE)))


def manifest_digest(release: Release) -> str:
    """The sha256 of a release's manifest, in hex: what names its content for good; blank where it has no manifest."""
    try:
        return hashlib.sha256((release.folder / MANIFEST).read_bytes()).hexdigest()
    except OSError:
        return ""


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

"""The whole catalogue as one tar, streamed: unpacked it is a store, on which `civicat index`, serve and verify work.

catalogue.json     every dataset with its words, each release with its hashes, and the versions that were left out
keys/              the public keys
releases/          the latest release of every dataset, or every version; and what is left of those that were taken down

The chain of manifests leads from a release to one that was left out: `verify` takes catalogue.json's word for that, of
the very manifest that it lists, and says so. Nowhere but in a dump is there such a file.

Names stand in order, owners are nobody, and each time is SOURCE_DATE_EPOCH, or that of the newest release: the same
releases give the same bytes.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, cast

from civicat.errors import CivicatError, StoreError
from civicat.layout import MANIFEST, Layout
from civicat.publish.clock import now
from civicat.publish.exports.reasons import unwritable
from civicat.publish.hashed import Hashed
from civicat.publish.inputs import sha256
from civicat.publish.jsontext import encode
from civicat.release import Release, Tombstone, Version
from civicat.text import Text

CATALOGUE = "catalogue.json"
FORMAT = "civicat-catalogue-1"
_READ_ONLY = 0o444
_PART = ".part"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Dumped:
    """A dump: its file, sha256 in hex, size in bytes, and how many datasets and releases are in it."""

    path: Path
    sha256: str
    bytes: int
    datasets: int
    releases: int


def dump(layout: Layout, target: Path, *, everything: bool = False, progress: Progress | None = None) -> Dumped:
    """Writes the latest release of every dataset, or with `everything` every version, to a new tar; and all tombstones.

    `progress` is told how many bytes are written, and of how many.

    Raises:
        CivicatError: the target is there already, or there is nothing to dump.
        StoreError: it cannot be written, or the store cannot be read or changed meanwhile. Nothing half is left.
    """
    if target.exists():
        raise _there_already(target)
    chosen = _chosen(layout, everything=everything)
    if not chosen:
        raise _nothing(layout)
    part = target.with_name(target.name + _PART)
    try:
        with part.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            hashed = Hashed(file)
            try:
                file.truncate(0)  # what a killed run left
                _write(layout, chosen, hashed, progress or _unheard)
                file.flush()
                part.rename(target)
            finally:
                part.unlink(missing_ok=True)
    except BlockingIOError as error:
        raise _there_already(part) from error
    except OSError as error:
        raise unwritable(target.name, error) from error
    return Dumped(target, hashed.sha256, hashed.bytes, len(chosen), sum(map(len, chosen.values())))


def _unheard(done: int, of: int) -> None:
    """Where nobody wants to know."""


def _chosen(layout: Layout, *, everything: bool) -> dict[str, list[Version]]:
    """The versions of each dataset that go in, in order."""
    folders = sorted(folder for folder in layout.releases.glob("*/*") if folder.is_dir())
    names = (f"{folder.parent.name}/{folder.name}" for folder in folders)
    found = {name: layout.numbers(name) if everything else _latest_and_down(layout, name) for name in names}
    return {name: versions for name, versions in found.items() if versions}


def _latest_and_down(layout: Layout, name: str) -> list[Version]:
    """The newest version, and those that were taken down: a copy has to say so too."""
    older = set(layout.versions(name)[:-1])
    return [version for version in layout.numbers(name) if version not in older]


def left_out(layout: Layout, dataset: str) -> tuple[frozenset[Version], Mapping[Version, str]]:
    """Of a store that was unpacked from a dump, the versions of a dataset that were left out of it.

    Then what was in it: the sha256 of each version's manifest, in hex. Both are empty of any other store.
    """
    file = layout.store / CATALOGUE
    try:
        stamp = file.stat()
    except OSError:
        return frozenset(), {}
    listed = _listed(file, stamp.st_mtime_ns, stamp.st_size).get(dataset, {})
    try:
        versions = map(Version.parse, listed.get("left_out", ()))
        manifests = {Version.parse(one["version"]): str(one["manifest"]) for one in listed.get("releases", ())}
    except (AttributeError, LookupError, TypeError):  # it vouches for nothing then
        return frozenset(), {}
    return (
        frozenset(version for version in versions if version),
        {version: digest for version, digest in manifests.items() if version},
    )


@lru_cache(maxsize=1)
def _listed(file: Path, _changed: int, _size: int) -> dict[str, Any]:
    """What catalogue.json says of each dataset; nothing where it is none of ours. Read once as long as it stays."""
    try:
        words = json.loads(file.read_bytes())
        return {one["dataset"]: one for one in words["datasets"]} if words["format"] == FORMAT else {}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return {}


def catalogue(layout: Layout) -> bytes:
    """What catalogue.json says in a dump of all that a store holds.

    Raises:
        CivicatError: a release cannot be read.
    """
    return encode(_catalogue(layout, _chosen(layout, everything=True))[0])


def _write(layout: Layout, chosen: dict[str, list[Version]], hashed: Hashed, progress: Progress) -> None:
    words, newest = _catalogue(layout, chosen)
    files = list(_files(layout, chosen))
    of = sum(_size(file) for file in files)
    done = 0
    with tarfile.open(fileobj=cast("IO[bytes]", hashed), mode="w|", format=tarfile.PAX_FORMAT) as tar:
        content = encode(words)
        tar.addfile(_entry(CATALOGUE, len(content), newest), io.BytesIO(content))
        for file in files:
            done += _add(tar, layout, file, newest)
            progress(done, of)


def _add(tar: tarfile.TarFile, layout: Layout, file: Path, moment: int) -> int:
    """Adds a file as it is while it is open, and answers its size in bytes."""
    try:
        source = file.open("rb")
    except FileNotFoundError as error:
        raise _gone(file) from error
    with source:
        size = os.fstat(source.fileno()).st_size
        tar.addfile(_entry(file.relative_to(layout.store).as_posix(), size, moment), source)
    return size


def _entry(name: str, size: int, moment: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, moment, _READ_ONLY
    return entry


def _files(layout: Layout, chosen: dict[str, list[Version]]) -> Iterator[Path]:
    yield from sorted(layout.keys.glob("*.pem"))
    for name, versions in chosen.items():
        for version in versions:
            yield from sorted(file for file in (layout.dataset(name) / str(version)).iterdir() if file.is_file())


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError as error:
        raise _gone(file) from error


def _catalogue(layout: Layout, chosen: dict[str, list[Version]]) -> tuple[dict[str, object], int]:
    """What catalogue.json says, and the time of every file: seconds since 1970."""
    datasets = []
    moments = []
    for name, versions in chosen.items():
        releases = []
        for version in versions:
            found = layout.tombstone(name, version) or layout.release(name, version)
            if found is None:
                raise _gone(layout.dataset(name) / str(version))
            releases.append(_told(layout, found))
            moments.append(found.retracted if isinstance(found, Tombstone) else found.released)
        missing = sorted((left_out(layout, name)[0] | set(layout.numbers(name))) - set(versions))
        listed = {"releases": releases, "left_out": [str(version) for version in missing]}
        datasets.append({"dataset": name, **_words(layout, name), **listed})
    return {"format": FORMAT, "datasets": datasets}, _moment(max(moments))


def _moment(newest: str) -> int:
    if "SOURCE_DATE_EPOCH" in os.environ:
        return int(now().timestamp())
    return int(datetime.fromisoformat(newest).timestamp()) if newest else 0


def _words(layout: Layout, name: str) -> dict[str, object]:
    """Title, department and licences of a dataset, as its latest release says; nothing where all were taken down."""
    release = layout.release(name)
    if release is None:
        return {}
    dataset, department = release.dataset, release.department
    return {
        "title": dataset.title.to_descriptor(),
        "department": {"code": department.code, "title": department.title.to_descriptor(), "url": department.url},
        "licences": [
            {"name": one.name, "title": one.title.to_descriptor(), "path": one.path} for one in dataset.licences
        ],
    }


def _told(layout: Layout, found: Release | Tombstone) -> dict[str, object]:
    if isinstance(found, Tombstone):
        return {
            "version": str(found.version),
            "released": found.released,
            "retracted": found.retracted,
            "title": found.title.to_descriptor(),
            "reason": found.reason.to_descriptor(),
            "authority": found.authority.to_descriptor(),
            "manifest": found.manifest,
        }
    parts = (part for table in found.tables for part in table.parts)
    manifest = layout.dataset(found.dataset.id) / str(found.version) / MANIFEST
    return {
        "version": str(found.version),
        "released": found.released,
        "title": found.dataset.title.to_descriptor(),
        "change": found.change.to_descriptor(),
        "manifest": sha256(manifest) if manifest.exists() else "",
        "files": [{"path": part.path.name, "bytes": part.bytes, "sha256": part.sha256} for part in parts],
    }


def _gone(file: Path) -> StoreError:
    return StoreError(
        Text(f"{file} 在打包时被移走（可能已撤回）。", f"{file} was taken away meanwhile (its release may be down)."),
        Text("请再运行一次。", "Run it again."),
    )


def _there_already(target: Path) -> CivicatError:
    return CivicatError(
        Text(f"{target} 已经存在。", f"{target} is there already."), Text("请换一个文件名。", "Name another file.")
    )


def _nothing(layout: Layout) -> CivicatError:
    return CivicatError(
        Text(f"{layout.store} 中没有已发布的版本。", f"There is no release in {layout.store}."),
        Text("请先运行 civicat publish。", "Run civicat publish first."),
    )

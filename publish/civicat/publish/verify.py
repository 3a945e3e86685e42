"""Every release hashed again and compared with its manifest. It takes no lock: a read-only disk will do."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from civicat.errors import SourceError
from civicat.layout import DESCRIPTOR, PROVENANCE, REPORT, Layout
from civicat.publish.inputs import sha256
from civicat.publish.jsontext import sha256_of
from civicat.publish.provenance import vouched
from civicat.release import Version
from civicat.text import Text


@dataclass(frozen=True, slots=True)
class Verified:
    """A release that is as it was published: how many files, and their bytes together."""

    dataset: str
    version: Version
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Damaged:
    """A file of a release that is not as it was published, with what is wrong in a line."""

    dataset: str
    version: Version
    file: str
    message: Text


_MISSING = Text("缺失。请从备份恢复。", "is missing. Restore it from a backup.")
_EXTRA = Text("不属于这个版本。请移出该目录。", "does not belong to this release. Take it out of its folder.")
_CHANGED = Text("与发布时不同。请从备份恢复。", "is not as it was published. Restore it from a backup.")


def verify(layout: Layout) -> Iterator[Verified | Damaged]:
    """One Verified for each release that is whole, else one Damaged for each file that is not; in the store's order."""
    releases = [(name, version) for name in layout.datasets() for version in layout.versions(name)]
    # Threads suffice: hashing lets the others run, and two of them read 3 GB a second.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(lambda one: list(_check(layout, *one)), releases):
            yield from result


def _check(layout: Layout, dataset: str, version: Version) -> Iterator[Verified | Damaged]:
    folder = layout.dataset(dataset) / str(version)
    wrong = _wrong(folder)
    for name, what in sorted(wrong.items()):
        yield Damaged(dataset, version, name, _told(dataset, version, name, what))
    if not wrong:
        files = list(folder.iterdir())
        yield Verified(dataset, version, len(files), sum(file.stat().st_size for file in files))


def _wrong(folder: Path) -> dict[str, Text]:
    """What is wrong with each file of a release that is not as it was published."""
    own = vouched(_content(folder / PROVENANCE)) or {}
    tables = _tables(_content(folder / DESCRIPTOR), own.get(DESCRIPTOR, ""))
    expected = {DESCRIPTOR: "", REPORT: "", PROVENANCE: "", **own, **tables}
    present = {child.name for child in folder.iterdir()}
    changed = [name for name in expected.keys() & present if not _as_published(folder / name, expected[name])]
    # A manifest that has changed names no tables, and then none can be told to be one too many.
    extra = present - expected.keys() if tables else ()
    return (
        dict.fromkeys(expected.keys() - present, _MISSING)
        | dict.fromkeys(extra, _EXTRA)
        | dict.fromkeys(changed, _CHANGED)
    )


def _told(dataset: str, version: Version, name: str, what: Text) -> Text:
    return Text(
        f"{dataset} {version}：文件 {name} {what.zh}",
        f"{dataset} {version}: the file {name} {what.en}",
    )


def _tables(manifest: bytes, expected: str) -> dict[str, str]:
    """The sha256 of each table's file as the manifest says; none if its own sha256 is not the expected one."""
    if expected and sha256_of(manifest) != expected:
        return {}
    try:
        resources = json.loads(manifest)["resources"]
        return {str(one["path"]): str(one["hash"]).removeprefix("sha256:") for one in resources}
    except (ValueError, KeyError, TypeError):
        return {}


def _as_published(file: Path, expected: str) -> bool:
    if file.name == PROVENANCE:
        return vouched(_content(file)) is not None
    try:
        # A manifest or report that a lost provenance.json no longer vouches for is reported with that file.
        return sha256(file) == expected or not expected
    except SourceError:
        return False


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""

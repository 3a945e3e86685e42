"""What each dataset's releases looked like when a build was made from them, so that the next finds what changed.

A release that comes or goes touches the folder of its dataset (a rename), so the time of that folder is enough for
whoever knows which datasets he wrote himself. A file that was mended in place touches no folder: only a look at every
file finds it.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from civicat.layout import Layout
from civicat.release import Version

_SETTLED = 2_000_000_000  # nanoseconds: two changes within the tick of a file system's clock leave the same time


@dataclass(frozen=True, slots=True)
class Source:
    """One dataset: the time of its folder (ns; 0 where it may be touched again within the tick), and all its files.

    `files` is a digest of the name, size and time of every file of every version.
    """

    seen: int
    files: bytes


Sources = Mapping[str, Source]


def look(layout: Layout, before: Sources, changed: Collection[str] | None) -> dict[str, Source]:
    """Every dataset of a store that has any file, as it is now, in order, as `department/dataset`.

    `before` is how they were. Where `changed` names datasets, of every other one only the time of its folder is
    looked at; None has every file looked at.
    """
    settled = time.time_ns() - _SETTLED
    found = ((name, _source(folder, before.get(name), name, changed, settled)) for name, folder in _folders(layout))
    return {name: source for name, source in found if source.files}


def differing(before: Sources, now: Sources) -> list[str]:
    """The datasets that came, went or changed, in order. What a look took over unseen is the same object."""
    names = before.keys() | now.keys()
    unlike = [name for name in names if before.get(name) is not now.get(name)]
    return sorted((name for name in unlike if _files(before, name) != _files(now, name)), key=_parts)


def _parts(name: str) -> list[str]:
    return name.split("/")


def _files(sources: Sources, name: str) -> bytes:
    return sources[name].files if name in sources else b""


def _source(
    folder: os.DirEntry[str], known: Source | None, name: str, changed: Collection[str] | None, settled: int
) -> Source:
    seen = folder.stat().st_mtime_ns
    if changed is not None and known is not None and known.seen == seen and name not in changed:
        return known
    return Source(seen if seen < settled else 0, _digest(folder.path))


def _folders(layout: Layout) -> Iterator[tuple[str, os.DirEntry[str]]]:
    for department in _children(str(layout.releases)):
        for dataset in _children(department.path):
            yield f"{department.name}/{dataset.name}", dataset


def _children(folder: str) -> list[os.DirEntry[str]]:
    """The folders in a folder, by name; none where it is gone."""
    with suppress(FileNotFoundError), os.scandir(folder) as found:
        return sorted((one for one in found if one.is_dir()), key=lambda one: one.name)
    return []


def _digest(dataset: str) -> bytes:
    """Of every file of every version its name, size and time; empty where there is no version."""
    versions = [one for one in _children(dataset) if Version.parse(one.name) is not None]
    lines = [f"{version.name} {line}" for version in versions for line in _states(version.path)]
    return (
        hashlib.blake2b("\n".join(lines).encode("utf-8", "surrogateescape"), digest_size=12).digest() if lines else b""
    )


def _states(version: str) -> list[str]:
    with suppress(FileNotFoundError), os.scandir(version) as found:
        return sorted(
            f"{one.name} {(state := one.stat()).st_size} {state.st_mtime_ns}" for one in found if one.is_file()
        )
    return []

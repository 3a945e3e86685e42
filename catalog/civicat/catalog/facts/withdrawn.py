"""Releases that were taken down: every address of theirs answers 410, at once and in every worker.

Whether one is down is read from the disk at each request, never from an index or a cache.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from civicat.errors import CivicatError
from civicat.layout import MANIFEST, SIGNATURE, TOMBSTONE, TOMBSTONE_SIGNATURE, Layout
from civicat.release import Release, Tombstone, Version
from civicat.text import Text

RECORD = (TOMBSTONE, TOMBSTONE_SIGNATURE, MANIFEST, SIGNATURE)  # what is still handed out of such a release
GONE = 410
DIFFS = "diffs"  # in the store's cache: <department>/<dataset>/<old>..<new>/
_DAMAGED = (CivicatError, ValueError, TypeError, LookupError, AttributeError, OSError)


class WithdrawnError(Exception):
    """What was asked for was taken down: one release, or all that a dataset ever had."""

    def __init__(self, tombstones: tuple[Tombstone, ...]) -> None:
        super().__init__(f"{tombstones[0].dataset} {tombstones[0].version} was taken down")
        self.tombstones = tombstones


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """All that withdrawn.html shows. `days` is how long the release was online; None where that is not known.

    `department` is the name of its department; blank where nothing of it is online any more.
    """

    tombstones: tuple[Tombstone, ...]
    title: Text
    instead: str
    others: tuple[tuple[str, bool], ...]
    days: int | None
    department: Text

    @property
    def tombstone(self) -> Tombstone:
        """The release that was asked for; the newest where the whole dataset is down."""
        return self.tombstones[0]


def is_down(layout: Layout, release: Release) -> bool:
    """Whether a release that was read before has been taken down since."""
    return (layout.dataset(release.dataset.id) / str(release.version) / TOMBSTONE).exists()


def taken_down(layout: Layout, dataset: str, version: Version) -> Tombstone | None:
    """What stays of a release that is down; None where it is not. One that cannot be read still means that it is."""
    try:
        return layout.tombstone(dataset, version)
    except _DAMAGED:
        return Tombstone(dataset, version, Text(), Text(), Text(), "", "", 0, "", "", ())


def all_down(layout: Layout, dataset: str) -> tuple[Tombstone, ...]:
    """The tombstones of a dataset, newest first."""
    found = (taken_down(layout, dataset, version) for version in reversed(layout.numbers(dataset)))
    return tuple(tombstone for tombstone in found if tombstone is not None)


def refuse(layout: Layout, dataset: str, *versions: Version | None) -> None:
    """Lets nobody on to what was taken down.

    Raises:
        WithdrawnError: one of the versions is down.
    """
    for version in versions:
        tombstone = taken_down(layout, dataset, version) if version else None
        if tombstone is not None:
            raise WithdrawnError((tombstone,))


def shown(layout: Layout, error: WithdrawnError) -> Withdrawn:
    """The page of what was taken down."""
    first = error.tombstones[0]
    online = layout.versions(first.dataset)[::-1]
    every = layout.numbers(first.dataset)[::-1]
    return Withdrawn(
        tombstones=error.tombstones,
        title=first.title or Text(first.dataset, first.dataset),
        instead=str(online[0]) if online else "",
        others=tuple((str(one), one in online) for one in every),
        days=_days(first),
        department=_department(layout, first.dataset.partition("/")[0]),
    )


def _department(layout: Layout, code: str) -> Text:
    """The name of a department, as something of it that is online says; blank where nothing is."""
    readable = layout.readable()
    with suppress(OSError):
        for folder in sorted((layout.releases / code).iterdir()):
            with suppress(CivicatError):
                release = readable.newest(f"{code}/{folder.name}")
                if release is not None:
                    return release.department.title
    return Text()


def _days(tombstone: Tombstone) -> int | None:
    try:
        online = datetime.fromisoformat(tombstone.retracted) - datetime.fromisoformat(tombstone.released)
    except (ValueError, TypeError):
        return None
    return max(0, online.days)


def told(error: WithdrawnError) -> Text:
    """The reason in a line or two, for programs."""
    one = error.tombstones[0]
    reason, authority = one.reason, one.authority
    return Text(
        f"{one.dataset} {one.version} 已撤回（{one.retracted[:10]}，{authority.within('zh')}）：{reason.within('zh')}",
        f"{one.dataset} {one.version} was withdrawn ({one.retracted[:10]}, {authority.within('en')}): "
        f"{reason.within('en')}",
    )


def as_json(error: WithdrawnError) -> dict[str, object]:
    """The same as JSON, in the shape of the site's other refusals."""
    said, one = told(error), error.tombstones[0]
    record = f"/d/{one.dataset}/{one.version}/{TOMBSTONE}"
    return {"ok": False, "status": GONE, "error": said.en, "error_zh": said.zh, "tombstone": record}


def forget(layout: Layout, dataset: str) -> None:
    """Removes the comparisons of a dataset from the cache in which one of the versions is down."""
    pairs = list(_pairs(layout.cache / DIFFS / dataset))
    gone = {str(one.version) for one in all_down(layout, dataset)} if pairs else set()
    for pair in pairs:
        if gone & set(pair.name.split("..")):
            shutil.rmtree(pair, ignore_errors=True)


def _pairs(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from [pair for pair in folder.iterdir() if pair.is_dir()]


def read_json(path: Path) -> Mapping[str, object]:
    """A JSON file of a release; nothing where it is not there or holds no mapping: all but the first three may miss."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}

"""What a dataset's own files tell of its past: when each release came, and what was found in each hand-in.

Read from the store when somebody asks, and kept until one of the files changes: the index has none of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from civicat.catalog.facts.withdrawn import read_json
from civicat.finding import Severity
from civicat.hand_ins import Became, Found, HandedResource, HandIn, is_moment, read
from civicat.layout import DESCRIPTOR, PROVENANCE, REPORT, TOMBSTONE, Layout
from civicat.mapping import mappings

MOST_RELEASES = 100  # of a dataset, the newest
KEPT = 5000  # datasets whose past is held at a time

Mark = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One release as it came: `released` (UTC, ISO 8601; blank where nobody knows), `frequency` as it promised then.

    `is_down` says that it was taken down since; what it promised is blank then.
    """

    version: str
    released: str
    frequency: str
    is_down: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """The past of a dataset, oldest first. `online` is the hand-in that is online now, None where nothing is.

    One is itself alone, until a file changes: what is reckoned from it can be kept by it.
    """

    dataset: str
    arrivals: tuple[Arrival, ...] = ()
    hand_ins: tuple[HandIn, ...] = ()
    online: HandIn | None = None

    @property
    def refused(self) -> HandIn | None:
        """The newest hand-in, where it was refused and something older is online; None where it was not."""
        newest = self.hand_ins[-1] if self.hand_ins else None
        is_refused = newest is not None and newest.result is Became.REFUSED
        return newest if is_refused and self.online is not None else None


def histories(layout: Layout, datasets: Iterable[str]) -> tuple[History, ...]:
    """The past of some datasets, by `department/dataset`, in their order."""
    return tuple(history(layout, dataset) for dataset in datasets)


def history(layout: Layout, dataset: str) -> History:
    """The past of one dataset; what cannot be read is left out."""
    return _kept(layout.store, dataset, _mark(layout.hand_ins(dataset)), _mark(layout.dataset(dataset)))


def _mark(path: Path) -> Mark:
    """What changes with a file, or with the names in a folder."""
    try:
        state = path.stat()
    except OSError:
        return (0, 0)
    return (state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=KEPT)
def _kept(store: Path, dataset: str, _record: Mark, _releases: Mark) -> History:
    layout = Layout(store)
    recorded = read(layout.hand_ins(dataset))
    folders = [layout.dataset(dataset) / str(one) for one in layout.numbers(dataset)[-MOST_RELEASES:]]
    arrivals = tuple(map(_arrival, folders))
    known = {one.version for one in recorded}
    pairs = zip(folders, arrivals, strict=True)
    before = [_unrecorded(folder, one) for folder, one in pairs if one.version not in known]
    hand_ins = tuple(sorted((*before, *recorded), key=lambda one: one.when))  # stable: those of one second as recorded
    newest = next((one.name for one in reversed(folders) if not (one / TOMBSTONE).exists()), "")
    online = next((one for one in reversed(hand_ins) if newest and one.version == newest), None)
    return History(dataset, arrivals, hand_ins, online)


def _arrival(folder: Path) -> Arrival:
    released = read_json(folder / PROVENANCE).get("released") or read_json(folder / TOMBSTONE).get("released")
    block = read_json(folder / DESCRIPTOR).get("civicat")
    frequency = block.get("frequency") if isinstance(block, dict) else ""
    is_down = (folder / TOMBSTONE).exists()
    return Arrival(folder.name, _moment(released), frequency if isinstance(frequency, str) else "", is_down)


def _moment(written: object) -> str:
    """A time as releases write it; blank where it is none."""
    return written if isinstance(written, str) and is_moment(written) else ""


def _unrecorded(folder: Path, arrival: Arrival) -> HandIn:
    """A release from before hand-ins were recorded: it had no errors, or it would be no release."""
    block = read_json(folder / REPORT).get("civicat")
    told = block if isinstance(block, dict) else {}
    resources = [HandedResource("", warnings=_warnings(told)), *map(_resource, mappings(told.get("resources")))]
    return HandIn(arrival.released, "", Became.PUBLISHED, arrival.version, tuple(resources))


def _resource(told: Mapping[str, object]) -> HandedResource:
    name, rows = told.get("name"), told.get("rows")
    return HandedResource(
        name if isinstance(name, str) else "", rows if isinstance(rows, int) else 0, warnings=_warnings(told)
    )


def _warnings(told: Mapping[str, object]) -> tuple[Found, ...]:
    counts: dict[tuple[str, str], int] = {}
    for key in _remarked(told):
        counts[key] = counts.get(key, 0) + 1
    return tuple(Found(code, field, count) for (code, field), count in sorted(counts.items()))


def _remarked(told: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for one in mappings(told.get("findings")):
        place = one.get("place")
        field = place.get("field") if isinstance(place, dict) else ""
        if one.get("severity") == Severity.WARNING:
            yield str(one.get("code", "")), str(field or "")

"""How long joins take to be found where a catalogue has 100,000 datasets, what they keep, how many are found.

Synthetic: each dataset has ten sketched columns, as real ones have, of which five may be joined on (the others are
quantities, dates, years and are left out before anything is indexed) and one names rows; sizes are drawn evenly on a
logarithmic scale from 3 to 100,000 values, and one column in five takes its values from one of the keys. The sketches
are random hashes: nothing is published, and no profile is read while joins are looked for, which is timed by itself.
Seconds are of the processor. Figures go to bench/results/joins.json.
"""

from __future__ import annotations

import base64
import json
import resource
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from civicat.catalog.joins.columns import Column, Place
from civicat.catalog.joins.finding import Finder
from civicat.catalog.joins.rules import judged
from civicat.dataset import ForeignKey
from civicat.sketches import HASH, KEPT, Sketch, read_sketch
from civicat.text import Text

DATASETS = 100_000
JOINABLE = 5
TAKEN = 0.2  # of the columns look something up
LARGEST = 5.0  # powers of ten
UPDATES = 10
_EVERY = 2**64 - 1

Taken = tuple[str, str, list[Column], list[tuple[str, ForeignKey]]]


def size_of(number: int) -> int:
    """How many different values the key of a dataset has."""
    return int(10 ** np.random.default_rng((number, 0)).uniform(np.log10(3), LARGEST))


def key_of(number: int) -> Sketch:
    """The sketch of the key of a dataset."""
    return _random(np.random.default_rng((number, 1)), size_of(number))


def _random(random: np.random.Generator, size: int) -> Sketch:
    """A sketch of so many values: of many, the smallest of as many hashes as there would be."""
    if size < KEPT:
        return Sketch(np.unique(random.integers(0, _EVERY, size, np.uint64, endpoint=True)))
    places = np.cumsum(random.exponential(_EVERY / size, KEPT))
    return Sketch(np.unique(places[places < _EVERY * 0.999].astype(np.uint64)))


def _some(random: np.random.Generator, whole: Sketch, size: int, share: float) -> Sketch:
    """A column of values that are drawn from another: as its sketch would be, as far as that of the other is known."""
    kept = whole.hashes[random.random(len(whole.hashes)) < share]
    if whole.is_complete:
        return Sketch(kept)
    more = _random(random, max(1, int(size * share) - len(kept))).hashes
    return Sketch(np.unique(np.concatenate([kept, more[more > whole.hashes[-1]]]))[:KEPT])


@lru_cache(5_000)
def sketch_of(number: int, at: int) -> Sketch:
    """The sketch of one column of a dataset: 0 is its key."""
    if at == 0:
        return key_of(number)
    random = np.random.default_rng((number, at, 2))
    if random.random() > TAKEN:
        return _random(random, int(10 ** random.uniform(np.log10(3), LARGEST)))
    other = looked_up(number, at)
    return _some(random, key_of(other), size_of(other), 10 ** random.uniform(-1, 0))


def looked_up(number: int, at: int) -> int:
    """The dataset whose key a column takes its values from: some are wanted by many, as lists of states are."""
    random = np.random.default_rng((number, at, 3))
    return int(DATASETS * random.random() ** 3)


def is_taken(number: int, at: int) -> bool:
    """Whether a column takes its values from another's key."""
    return bool(np.random.default_rng((number, at, 2)).random() <= TAKEN)


def dataset(number: int) -> Taken:
    """One synthetic dataset, as `Finder.take_in` takes it."""
    name = f"department-{number % 80}/dataset-{number}"
    columns = [_column(name, number, at) for at in range(JOINABLE)]
    return name, "1.0.0", columns, []


def _column(name: str, number: int, at: int) -> Column:
    sketch = sketch_of(number, at)
    distinct = len(sketch.hashes) if sketch.is_complete else round(KEPT * _EVERY / int(sketch.hashes[-1]))
    title = Text("合成字段", "A synthetic column")
    return Column(
        place=Place(name, "rows", f"column_{at}"),
        title=title,
        table=f"rows-{number}",
        table_title=title,
        kind="text",
        meaning="code",
        count=distinct if at == 0 else 10 * distinct,
        distinct=distinct,
        is_key=at == 0,
        shortest=8,
        longest=8,
        words=frozenset(("synthetic",)),
        sketch=sketch,
    )


class Drawing:
    """Draws the datasets and counts the seconds that it takes, which are not those of what is measured."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def datasets(self, many: int) -> Iterator[Taken]:
        """So many of them."""
        for number in range(many):
            begun = time.process_time()
            drawn = dataset(number)
            self.seconds += time.process_time() - begun
            yield drawn

    def sketch(self, place: Place, version: str) -> Sketch:
        """The sketch of a column, as it was drawn before."""
        del version
        begun = time.process_time()
        drawn = sketch_of(int(place.dataset.rpartition("-")[2]), int(place.name.rpartition("_")[2]))
        self.seconds += time.process_time() - begun
        return drawn


def _timed_profile() -> float:
    """Milliseconds to read the ten sketches of one profile.json."""
    told = [{"name": str(at), "sketch": _random(np.random.default_rng(at), 10**5).to_descriptor()} for at in range(10)]
    text, begun = json.dumps({"columns": told}), time.process_time()
    for _ in range(100):
        assert all(read_sketch(column) for column in json.loads(text)["columns"])  # noqa: S101 (a benchmark)
    assert HASH in text  # noqa: S101
    assert base64.b64decode(told[0]["sketch"]["data"])  # type: ignore[index] # noqa: S101
    return (time.process_time() - begun) * 10


def _recall(db: sqlite3.Connection, many: int) -> tuple[int, int]:
    """Of a sample of columns drawn from a key: of how many both sketches tell a join, and how many are found."""
    rows = db.execute("select source_dataset, source_fields, target_dataset from joins").fetchall()
    found = {(row[0], json.loads(row[1])[0], row[2]) for row in rows}
    wanted = set()
    for number in range(0, many, max(1, many // 2_000)):
        for at in range(1, JOINABLE):
            other = looked_up(number, at)
            if is_taken(number, at) and other < many and other != number:
                source, target = _column(dataset_name(number), number, at), _column(dataset_name(other), other, 0)
                if judged(source, target):
                    wanted.add((source.place.dataset, source.place.name, target.place.dataset))
    return len(wanted), len(wanted & found)


def dataset_name(number: int) -> str:
    """The id of a synthetic dataset."""
    return f"department-{number % 80}/dataset-{number}"


def main(many: int) -> None:
    """Builds, updates, and writes the figures."""
    with TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder) / "joins.db")) as db:
        db.row_factory = sqlite3.Row
        db.execute("pragma journal_mode = off")
        db.execute("pragma synchronous = off")
        begun, drawing = time.process_time(), Drawing()
        finder = Finder(db, drawing.sketch)
        finder.take_in(drawing.datasets(many))
        indexed, drawn = time.process_time(), drawing.seconds
        finder.find(update=False)
        db.commit()
        ended, sketches = time.process_time(), drawing.seconds - drawn
        wanted, found = _recall(db, many)
        updates = []
        for number in range(UPDATES):
            again, at = Finder(db, drawing.sketch), time.process_time()
            again.take_in([dataset(number * (many // UPDATES))])
            again.find(update=True)
            db.commit()
            updates.append(time.process_time() - at)
        copied = time.process_time()
        (Path(folder) / "copy.db").write_bytes((Path(folder) / "joins.db").read_bytes())
        figures = {
            "datasets": many,
            "columns that may be joined on": many * JOINABLE,
            "take in, s": round(indexed - begun - drawn, 1),
            "find, s": round(ended - indexed - sketches, 1),
            "read one profile of ten sketches, ms": round(_timed_profile(), 2),
            "joins.db, MB": round((Path(folder) / "joins.db").stat().st_size / 1e6),
            "joins": db.execute("select count(*) from joins").fetchone()[0],
            "peak memory, MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
            "update of one dataset, median s": round(sorted(updates)[UPDATES // 2], 3),
            "update of one dataset, slowest s": round(max(updates), 3),
            "copy of joins.db, s": round(time.process_time() - copied, 3),
            "joins that both sketches tell, of a sample": wanted,
            "of these found": found,
        }
    print(json.dumps(figures, indent=1))  # noqa: T201 (a benchmark)
    (Path(__file__).parent / "results" / "joins.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdecimal() else DATASETS)

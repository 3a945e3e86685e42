"""Random tables, held against frictionless until the time is out: `python fuzz.py 600` for ten minutes.

Every trial is told by its seed. A trial that differs is printed with its seed, its descriptor and its files; the exit
status is then 1.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import fuzzing_bytes
import fuzzing_cells
import fuzzing_plain
import fuzzing_reports
from fuzzing_reports import Handed
from sameness import Difference, compared, ours, theirs

from civicat.validators.engine import cells, cutting, keys, pieces, reading, tokens
from civicat.validators.engine.keys import KeyWatch
from civicat.validators.engine.plain import is_plain

_COUNTED = {f"/tasks/0/stats/{name}" for name in ("md5", "sha256", "bytes", "fields")}
# Sizes at which a table of a hundred rows takes several pieces, passes and files.
_SMALL: Mapping[ModuleType, Mapping[str, int]] = {
    pieces: {"_FIRST": 64, "_WIDENED": 2, "_MOST": 7, "_SEARCHED": 16},
    cutting: {"SIZE": 200, "_LEAST": 1},
    tokens: {"_NEAR": 16},
    cells: {"_ROWS": 5},
    reading: {"_AT_ONCE": 3, "_AT_HAND": 200},
    keys: {"_FIRST_ASKED": 2, "_MOST_ASKED": 5, "_GROWTH": 2},
}
_SHOWN = 5  # differences of a trial that are printed
# Errors that frictionless has no word for: they are counted beside its own.
_BEYOND = frozenset({"range-error", "offset-error", "scale-error", "text-error", "unclosed-quote", "record-too-long"})


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trials: reports that were compared, errors in them, and how often frictionless crashed."""

    reports: int = 0
    errors: int = 0
    crashed: int = 0

    def __add__(self, other: Tried) -> Tried:
        return Tried(self.reports + other.reports, self.errors + other.errors, self.crashed + other.crashed)


class DifferentError(AssertionError):
    """A trial whose outcomes are not the same; its words hold all that is needed to see it again."""


def try_bytes(seed: int, folder: Path) -> Tried:
    """A file near delimited text, read in some dialect."""
    chance = random.Random(seed)  # noqa: S311 (nothing secret)
    content, table = fuzzing_bytes.file_near(chance), fuzzing_bytes.table_near(chance)
    package = {"name": "x", "resources": [table]}
    return _tried(seed, Handed(package, {table["path"]: content}, chance.choice((1000, 1000, 0, 1, 3))), folder)


def try_package(seed: int, folder: Path) -> Tried:
    """A package with random rules."""
    return _tried(seed, fuzzing_reports.package_near(random.Random(seed)), folder)  # noqa: S311 (nothing secret)


def try_counts(seed: int, folder: Path) -> Tried:
    """The same with three errors listed and all counted: as many as frictionless lists without a limit."""
    handed = fuzzing_reports.package_near(random.Random(seed))  # noqa: S311 (nothing secret)
    _write(handed.files, folder)
    their = theirs(folder, handed.package, 0)
    own = ours(folder, handed.package, 3, count_all=True)
    if their.refusal or own.refusal or own.broken or own.contradictory or their.report["errors"]:
        return Tried(1, 0, bool(their.refusal))
    listed = [error["type"] for task in their.report["tasks"] for error in task["errors"]]
    wanted = {code: listed.count(code) for code in listed}
    counted = {code: times for code, times in own.counts.items() if code not in _BEYOND}
    if counted != wanted:
        raise _different(seed, handed, [Difference("counts", counted, wanted)])
    return Tried(1, len(listed), 0)


def try_pieces(seed: int, folder: Path) -> Tried:
    """A package as above, read in pieces of some rows, asked for again by a few and kept on disk."""
    with _small():
        return (try_bytes, try_package, try_counts)[seed % 3](seed, folder)


@contextmanager
def _small() -> Iterator[None]:
    defaults = KeyWatch.__init__.__kwdefaults__ or {}
    before = [(module, name, getattr(module, name)) for module, sizes in _SMALL.items() for name in sizes]
    memory = defaults["memory_bytes"]
    try:
        for module, sizes in _SMALL.items():
            for name, size in sizes.items():
                setattr(module, name, size)
        defaults["memory_bytes"] = 200
        yield
    finally:
        for module, name, size in before:
            setattr(module, name, size)
        defaults["memory_bytes"] = memory


def try_cells(seed: int, _folder: Path) -> Tried:
    """A field and cells near what it reads."""
    count = fuzzing_cells.compare_at_random(seed)
    return Tried(1, count.refused, 0)


def try_descriptor(seed: int, _folder: Path) -> Tried:
    """A descriptor near a plain one: frictionless must have nothing to say of what we call plain."""
    package = fuzzing_plain.descriptor_near(random.Random(seed))  # noqa: S311 (nothing secret)
    said = fuzzing_plain.complaints(package) if is_plain(package) else ()
    if said:
        raise DifferentError(f"seed {seed}: frictionless says {said} of the plain {json.dumps(package)}")
    return Tried(1, 0, 0)


TRIALS: Mapping[str, Callable[[int, Path], Tried]] = {
    "bytes": try_bytes,
    "packages": try_package,
    "counts": try_counts,
    "pieces": try_pieces,
    "cells": try_cells,
    "descriptors": try_descriptor,
}


def tried(kind: str, first: int, seconds: float) -> Tried:
    """Trials of one kind, from seed `first` on, until the time is out.

    Raises:
        DifferentError: a trial differs.
    """
    total, end = Tried(), time.monotonic() + seconds
    with TemporaryDirectory(prefix="civicat-fuzz-") as folder:
        for seed in _until(first, end):
            total += TRIALS[kind](seed, Path(folder))
    return total


def _until(first: int, end: float) -> Iterator[int]:
    while time.monotonic() < end:
        yield first
        first += 1


def _tried(seed: int, handed: Handed, folder: Path) -> Tried:
    _write(handed.files, folder)
    their, found = compared(folder, handed.package, handed.limit)
    if differing := [one for one in found if not _is_by_design(one, handed)]:
        raise _different(seed, handed, differing)
    return Tried(1, their.errors, bool(their.refusal))


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _is_by_design(one: Difference, handed: Handed) -> bool:
    """We take a file with NUL among its first bytes for a workbook that was misnamed, and say so.

    Of a table whose foreign key leads to one that cannot be opened we do not tell how far frictionless had read it. A
    schema that contradicts itself is blamed and not the cells; test_contradictions.py holds it to what is certain.
    """
    if one.where == "schema":
        return True
    if one.where == "refusal":
        return "is a binary file" in one.ours
    tables = handed.package["resources"]
    return len(tables) > 1 and "foreignKeys" in tables[0]["schema"] and one.where in _COUNTED


def _different(seed: int, handed: Handed, found: list[Difference]) -> DifferentError:
    places = "\n".join(f"  {one.where}: {one.ours!r} is not {one.theirs!r}" for one in found[:_SHOWN])
    package = json.dumps(handed.package, ensure_ascii=False)
    return DifferentError(f"seed {seed}, limit {handed.limit}\n{places}\n{package}\n{dict(handed.files)}")


def main(arguments: list[str]) -> int:
    """Every kind in turn, a different stretch of seeds each time."""
    seconds = float(arguments[0]) if arguments else 600.0
    begin, totals, status = int(time.time()), dict[str, Any](), 0
    kinds = arguments[1:] or list(TRIALS)
    for number, kind in enumerate(kinds):
        try:
            totals[kind] = tried(kind, begin * 1000 + number, seconds / len(kinds))
        except AssertionError as error:
            status = 1
            print(f"{kind}: {error}", flush=True)  # noqa: T201 (what a person who fuzzes reads)
    print(*(f"{kind}: {total}" for kind, total in totals.items()), sep="\n")  # noqa: T201
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

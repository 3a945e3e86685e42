"""How long it takes to publish, against DuckDB's plain COPY of the same rows, by size, and again with 1 % changed.

Whole processes, so imports and start-up count; medians; both sides in turn within one run, each into a fresh store. Our
side checks every cell, proves the conversion lossless, profiles, writes Parquet at its best, hashes, signs and seals;
the COPY of the other side does none of this. The table is synthetic (made.py). Figures go to
bench/results/publish.json.

    python bench/bench_publish.py            everything
    python bench/bench_publish.py sorted     one case
    python bench/bench_publish.py quick      a tenth of the rows, once: to see that it works
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.made import SCHEMA, make
from bench.processes import BIN, Run, run
from bench.releasing import DATASET, KEY, STORE

from civicat.layout import MANIFEST, Layout
from civicat.publish import Damaged, verify
from civicat.publish.manifest import manifest
from civicat.release import Version

RESULTS = Path(__file__).parent / "results" / "publish.json"
_MANY = 1_000_000
_SCALES = {"amount": 2, "lon": 6, "lat": 6}
_EXAMPLES = {"date": "2026-11-23", "datetime": "2026-11-23T08:00:00Z", "boolean": "true"}
_SITE = "https://example.org"
DEPARTMENT = {
    "code": "bench",
    "title": {"zh": "测速", "en": "Bench"},
    "description": {"zh": "合成数据。", "en": "Synthetic."},
    "url": _SITE,
    "contact": {"title": {"zh": "台", "en": "Desk"}, "url": _SITE},
}
Measured = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the dataset and its stores lie, how many rows a million is, and how often each side is run."""

    folder: Path
    rows: int
    times: int


@dataclass(frozen=True, slots=True)
class Side:
    """One command; `fresh` says that its store is emptied before each run."""

    command: Sequence[str]
    fresh: bool = True


_KEYED = ("env", f"CIVICAT_SIGNING_KEY_FILE={KEY}")


def _script(work: str) -> Side:
    return Side((*_KEYED, sys.executable, str(Path(__file__).parent / "releasing.py"), work))


COMMAND = Side((*_KEYED, str(BIN / "civicat"), "publish", "bench/registry"))
PUBLISHED, COPIED, IN_ORDER = _script("published"), _script("copied"), _script("copied-in-order")


def first(bench: Bench, *, shuffled: bool) -> Measured:
    """The first release of a table, against the COPY of the same rows in the same order."""
    _hand_in(bench.folder, bench.rows, shuffled=shuffled)
    peer = IN_ORDER if shuffled else COPIED
    ours, without, theirs = _medians([COMMAND, PUBLISHED, peer], bench.folder, bench.times)
    return {
        "publish": ours.to_json(),
        "publish without the index": without.to_json(),
        "copy": theirs.to_json(),
        "times copy": round(ours.wall / theirs.wall, 2),
        "times copy without the index": round(without.wall / theirs.wall, 2),
        "times copy, cpu": round(ours.cpu / theirs.cpu, 2),
    }


def again(bench: Bench) -> Measured:
    """The second release, with other amounts in 1 % of the rows: all of it, and without telling what changed."""
    _hand_in(bench.folder, bench.rows, shuffled=False)
    data = bench.folder / DATASET / "data" / "registry.csv"
    _run(PUBLISHED, bench.folder)
    _apart("change", f"Path({str(data)!r})")
    kept = bench.folder / "kept"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(bench.folder / STORE, kept)
    seconds, fresh = [], []
    for _ in range(bench.times):
        fresh.append(_run(PUBLISHED, bench.folder))
        _empty(bench.folder)
        shutil.copytree(kept, bench.folder / STORE)
        seconds.append(run(PUBLISHED.command, bench.folder))
    second, alone = _median(seconds), _median(fresh)
    return {
        "second release": second.to_json(),
        "same rows as a first release": alone.to_json(),
        "comparing": round(second.wall - alone.wall, 3),
    }


def by_size(bench: Bench) -> Measured:
    """1, 5 and 20 million rows: wall time, and greatest memory."""
    found = {}
    for times in (1, 5, 20):
        _hand_in(bench.folder, times * bench.rows, shuffled=False)
        (one,) = _medians([COMMAND], bench.folder, 1 if times > 1 else bench.times)
        data = bench.folder / DATASET / "data" / "registry.csv"
        found[f"{times * bench.rows:,}"] = {
            **one.to_json(),
            "bytes": data.stat().st_size,
            "wall per million rows": round(one.wall / (times * bench.rows / 1e6), 3),
            "cpu per million rows": round(one.cpu / (times * bench.rows / 1e6), 3),
        }
        data.unlink()
    return found


def verified(bench: Bench) -> Measured:
    """The sha256 of eight files of 64 MB, by `verify` and by hashlib alone, both with two threads in this process."""
    release = bench.folder / "verified" / "releases" / DATASET.relative_to("datasets") / "1.0.0"
    release.mkdir(parents=True)
    for number in range(1, 9):
        (release / f"registry.{number:04}.parquet").write_bytes(os.urandom(max(bench.rows * 64, 1)))
    told = manifest(release, dataset="bench/registry", version=Version(1, 0, 0), released="", inputs="", previous=None)
    (release / MANIFEST).write_bytes(told)
    sides: Mapping[str, Callable[[], None]] = {
        "verify": lambda: _verify(Layout(bench.folder / "verified")),
        "hashlib": lambda: _hash(release),
    }
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(2 * bench.times + 1):
        for name, work in sides.items():
            begun = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - begun)
    ours, theirs = (statistics.median(seconds[name][1:]) for name in sides)
    megabytes = sum(file.stat().st_size for file in release.iterdir()) / 1e6
    found = {f"{name}, MB a second": round(megabytes / one) for name, one in (("verify", ours), ("hashlib", theirs))}
    return {**found, "of hashlib": round(theirs / ours, 3)}


def _verify(layout: Layout) -> None:
    (found,) = verify(layout)
    if isinstance(found, Damaged):
        raise TypeError(found.message.en)


def _hash(folder: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(_hash_file, sorted(folder.iterdir())))


def _hash_file(file: Path) -> str:
    with file.open("rb", buffering=0) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


CASES: Mapping[str, Callable[[Bench], Measured]] = {
    "sorted": lambda bench: first(bench, shuffled=False),
    "shuffled": lambda bench: first(bench, shuffled=True),
    "second release": again,
    "verify": verified,
    "by size": by_size,
}


def _medians(sides: Sequence[Side], folder: Path, times: int) -> list[Run]:
    """The medians of several commands, run in turn so that noise hits all alike; once before, uncounted."""
    if times > 1:
        for side in sides:
            _run(side, folder)
    runs = [[_run(side, folder) for side in sides] for _ in range(times)]
    return [_median(each) for each in zip(*runs, strict=True)]


def _run(side: Side, folder: Path) -> Run:
    if side.fresh:
        _empty(folder)
    os.sync()  # or the kernel writes out what one side left while the other one runs
    return run(side.command, folder)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder / STORE, ignore_errors=True)
    (folder / "copy.parquet").unlink(missing_ok=True)


def _median(runs: Sequence[Run]) -> Run:
    return Run(*(statistics.median(getattr(one, name) for one in runs) for name in ("wall", "cpu", "memory")))


def _hand_in(folder: Path, rows: int, *, shuffled: bool) -> None:
    """The dataset's folder; in a process of its own: one that is started by a large one counts as large."""
    _apart("hand_in", f"Path({str(folder)!r}), {rows}, shuffled={shuffled}")


def _apart(function: str, arguments: str) -> None:
    call = f"from pathlib import Path; from bench.bench_publish import {function}; {function}({arguments})"
    subprocess.run([sys.executable, "-c", call], check=True, cwd=Path(__file__).parents[1])  # noqa: S603 - our own


def hand_in(folder: Path, rows: int, *, shuffled: bool) -> None:
    """A department with one dataset: the synthetic registry, and the departments that it refers to."""
    home = folder / DATASET
    make(home / "data", "registry", rows, shuffled=shuffled)
    (home / "README.md").write_text("Synthetic.\n", "utf-8")
    for path, content in {home.parent / "department.yaml": DEPARTMENT, home / "datapackage.yaml": _package()}.items():
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")


def change(data: Path) -> None:
    """Other amounts in every hundredth row."""
    lines = data.read_text("utf-8").splitlines(keepends=True)
    place = lines[0].split(",").index("amount")
    for number in range(1, len(lines), 100):
        cells = lines[number].split(",")
        cells[place] = "12.25" if cells[place] != "12.25" else "12.75"
        lines[number] = ",".join(cells)
    data.write_text("".join(lines), "utf-8")


def _package() -> Measured:
    fields = [_field(one) for one in SCHEMA["fields"]]
    codes = {"fields": [_field({"name": "dept_id", "type": "string"})], "primaryKey": ["dept_id"]}
    return {
        "name": "registry",
        **_told("Synthetic registry"),
        "licenses": [{"name": "CC0-1.0", "title": "Public domain", "path": _SITE}],
        "sources": [{"title": "Made up", "path": _SITE}],
        "contributors": [{"title": "Desk", "roles": ["steward"], "path": _SITE}],
        "resources": [
            _resource("registry", "registry.csv", SCHEMA | {"fields": fields}),
            _resource("dept", "dept.csv", codes),
        ],
        "civicat": {
            "language": "en",
            "zh": {"title": "合成数据", "description": "合成数据。"},
            "themes": ["economy"],
            "frequency": "never",
            "caveats": [{"zh": "合成数据。", "en": "Synthetic."}],
        },
    }


def _told(what: str) -> Measured:
    return {"title": what, "description": f"{what}, for measuring."}


def _resource(name: str, file: str, schema: Measured) -> Measured:
    ours = {"zh": {"title": "合成数据", "description": "合成数据。"}}
    plain = {"encoding": "utf-8", "dialect": {"delimiter": ","}}
    return {"name": name, "path": f"data/{file}", **_told(name), **plain, "schema": schema, "civicat": ours}


def _field(field: Measured) -> Measured:
    name, is_number = field["name"], field["type"] in {"integer", "number"}
    ours: Measured = {"zh": {"title": "合成数据", "description": "合成数据。"}}
    ours |= {"unit": "1"} if is_number else {}
    ours |= {"scale": _SCALES[name]} if name in _SCALES else {}
    return {**field, **_told(name), "example": _EXAMPLES.get(field["type"], "1"), "civicat": ours}


def _machine() -> Measured:
    packages = {name: version(name) for name in ("civicat", "pyarrow", "numpy", "duckdb")}
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    model = next((one.partition(":")[2].strip() for one in lines if one.startswith("model name")), "")
    cores = len(os.sched_getaffinity(0))
    return {"processor": model, "cores": cores, "python": platform.python_version(), **packages}


def main(rows: int = _MANY, times: int = 5, only: Sequence[str] = ()) -> None:
    """Measures the cases (all, or only those named) and writes what was found."""
    found: Measured = json.loads(RESULTS.read_text("utf-8")) if RESULTS.is_file() and only else {}
    with TemporaryDirectory(prefix="civicat-bench-") as folder:
        bench = Bench(Path(folder), rows, times)
        run((str(BIN / "civicat"), "new-key", KEY), bench.folder)
        found |= {"synthetic": True, "rows": rows, "machine": _machine()}
        for name in only or CASES:
            found[name] = CASES[name](bench)
            found["runs"] = {**found.get("runs", {}), name: times}  # a case may be measured again by itself
            print(name, json.dumps(found[name]), flush=True)  # noqa: T201 - a benchmark says how far it is
    if rows >= _MANY:  # a quick run is no measurement
        RESULTS.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["quick"]:
        main(_MANY // 10, 1, sys.argv[2:])
    else:
        main(only=sys.argv[1:])

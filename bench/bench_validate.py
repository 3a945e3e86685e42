"""How fast civicat checks a table, against frictionless, against DuckDB's unchecked conversion, and by size.

Whole processes, so imports and start-up count; medians; both sides in turn within one run. The table is synthetic
(made.py). frictionless takes most of the time: on two cores all of it runs for about twenty minutes. Figures go to
bench/results/validate.json, and into docs/performance.md.

    python -m bench            everything
    python bench/bench_validate.py quick     a tenth of the rows, once: to see that it works
"""

from __future__ import annotations

import csv
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.made import FIELDS
from bench.performance import write_page
from bench.processes import BIN, Run, median

RESULTS = Path(__file__).parent / "results" / "validate.json"
_ANY_END = (0, 1)  # a file with errors ends with 1
Measured = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the tables lie, how many rows a million is, and how often each side is run."""

    folder: Path
    rows: int
    times: int

    def ours(self, package: str, *options: str) -> tuple[Sequence[str], Sequence[int]]:
        """`civicat validate`."""
        return (str(BIN / "civicat"), "validate", package, *options), _ANY_END

    def theirs(self, package: str, *options: str) -> tuple[Sequence[str], Sequence[int]]:
        """`frictionless validate`."""
        return (str(BIN / "frictionless"), "validate", package, *options), _ANY_END

    def convert(self, how: str) -> tuple[Sequence[str], Sequence[int]]:
        """Typed Parquet of the clean table: `checked` by us, or `copied` by DuckDB."""
        script = Path(__file__).parent / "convert.py"
        return (sys.executable, str(script), how, "clean.json", f"{how}.parquet"), (0,)


def clean(bench: Bench) -> Measured:
    """A clean table: validate against frictionless."""
    ours = median([bench.ours("clean.json")], bench.folder, bench.times)
    theirs = median([bench.theirs("clean.json")], bench.folder, max(1, bench.times // 3))
    return _against(ours[0], theirs[0])


def convert(bench: Bench) -> Measured:
    """A clean table: validate and write typed Parquet, against DuckDB's COPY that checks nothing."""
    return _against(*median([bench.convert("checked"), bench.convert("copied")], bench.folder, bench.times))


def all_explained(bench: Bench) -> Measured:
    """0.1 % of the cells wrong, every error explained."""
    ours = median([bench.ours("few.json", "--limit-errors", "0", "--format", "json")], bench.folder, bench.times)
    limit = ("--limit-errors", "1000000", "--json")  # its command line knows no 0
    theirs = median([bench.theirs("few.json", *limit)], bench.folder, max(1, bench.times // 3))
    return _against(ours[0], theirs[0])


def hopeless(bench: Bench) -> Measured:
    """30 % of the cells wrong, the usual limit of 1,000 errors."""
    return _against(*median([bench.ours("many.json"), bench.theirs("many.json")], bench.folder, bench.times))


def counted(bench: Bench) -> Measured:
    """30 % of the cells wrong, all errors counted: against our own clean run."""
    return _against(
        *median([bench.ours("many.json", "--count-all"), bench.ours("clean.json")], bench.folder, bench.times)
    )


def workbook(bench: Bench) -> Measured:
    """A workbook of 100,000 x 12."""
    _apart("bench.bench_validate", "make_workbook", f"{str(bench.folder)!r}, {bench.rows // 10}")
    ours = median([bench.ours("sheet.json")], bench.folder, bench.times)
    theirs = median([bench.theirs("sheet.json")], bench.folder, max(1, bench.times // 3))
    return _against(ours[0], theirs[0])


def start_up(bench: Bench) -> Measured:
    """A file of two rows."""
    (bench.folder / "small.csv").write_text("day,count\n2026-02-21,12\n2026-02-22,7\n", "utf-8")
    return _against(*median([bench.ours("small.csv"), bench.theirs("small.csv")], bench.folder, 3 * bench.times))


def by_size(bench: Bench) -> Measured:
    """1, 5 and 20 million rows: wall time, and greatest memory."""
    found = {}
    for times in (1, 5, 20):
        _make(bench.folder, "sized", times * bench.rows)
        (one,) = median([bench.ours("sized.json")], bench.folder, 1 if times > 1 else bench.times)
        found[f"{times * bench.rows:,}"] = {
            **one.to_json(),
            "bytes": (bench.folder / "sized.csv").stat().st_size,
            "wall per million rows": round(one.wall / (times * bench.rows / 1e6), 3),
        }
        (bench.folder / "sized.csv").unlink()
    return found


CASES: dict[str, Callable[[Bench], Measured]] = {
    "clean": clean,
    "convert": convert,
    "all explained": all_explained,
    "hopeless": hopeless,
    "counted": counted,
    "workbook": workbook,
    "start-up": start_up,
    "by size": by_size,
}


def _make(folder: Path, name: str, rows: int, faults: float = 0.0) -> None:
    """In a process of its own: one that is started by a large process is counted as large until it has begun."""
    _apart("bench.made", "make", f"Path({str(folder)!r}), {name!r}, {rows}, {faults}")
    os.sync()  # or the kernel writes it out while the first of the two sides runs


def _apart(module: str, function: str, arguments: str) -> None:
    call = f"from pathlib import Path; from {module} import {function}; {function}({arguments})"
    subprocess.run([sys.executable, "-c", call], check=True, cwd=Path(__file__).parents[1])  # noqa: S603 (our own)


def _against(ours: Run, theirs: Run) -> Measured:
    return {
        "ours": ours.to_json(),
        "theirs": theirs.to_json(),
        "times faster": round(theirs.wall / ours.wall, 2),
        "times faster, cpu": round(theirs.cpu / ours.cpu, 2),
    }


def make_workbook(folder: str, rows: int) -> None:
    """The first rows of clean.csv as a workbook and its package, without the times, which a sheet holds otherwise."""
    from openpyxl import Workbook  # noqa: PLC0415 (only here)

    fields = [one for one in FIELDS if one["name"] != "updated_at"]
    numbers = {
        one["name"]: float if one["type"] == "number" else int for one in fields if one["type"] in {"integer", "number"}
    }
    book = Workbook()  # not write-only: that leaves out the sheet's size, without which frictionless misreads the rows
    sheet = book.worksheets[0]
    sheet.append([one["name"] for one in fields])
    with (Path(folder) / "clean.csv").open(encoding="utf-8", newline="") as file:
        for _, row in zip(range(rows), csv.DictReader(file), strict=False):
            sheet.append([_typed(row[one["name"]], numbers.get(one["name"])) for one in fields])
    book.save(Path(folder) / "sheet.xlsx")
    main = {"name": "sheet", "type": "table", "path": "sheet.xlsx", "schema": {"fields": fields}}
    (Path(folder) / "sheet.json").write_text(json.dumps({"name": "bench", "resources": [main]}), "utf-8")


def _typed(text: str, kind: Callable[[str], float] | None) -> object:
    return None if not text else kind(text) if kind else text


def _machine() -> dict[str, object]:
    packages = ("civicat", "frictionless", "pyarrow", "numpy", "duckdb", "python-calamine")
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    model = next((one.partition(":")[2].strip() for one in lines if one.startswith("model name")), "")
    return {
        "processor": model or platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def main(rows: int = 1_000_000, times: int = 5, only: Sequence[str] = ()) -> None:
    """Measures the cases (all, or only those named) and writes what was found."""
    found: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.is_file() and only else {}
    with TemporaryDirectory(prefix="civicat-bench-") as folder:
        bench = Bench(Path(folder), rows, times)
        for name, faults in (("clean", 0.0), ("few", 0.001), ("many", 0.3)):
            _make(bench.folder, name, rows, faults)
        found |= {"rows": rows, "machine": _machine()}
        for name in only or CASES:
            found[name] = CASES[name](bench)
            found["runs"] = {**found.get("runs", {}), name: times}  # a case may be measured again by itself
            print(name, json.dumps(found[name]), flush=True)  # noqa: T201 (a benchmark says how far it is)
    if rows < 1_000_000:  # noqa: PLR2004 (a quick run is no measurement)
        return
    RESULTS.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
    write_page(found)


if __name__ == "__main__":
    if sys.argv[1:2] == ["quick"]:
        main(100_000, 1)
    else:
        main(only=sys.argv[1:])

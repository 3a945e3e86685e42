"""Pages a second, kept and made anew, and memory under load: `civicat serve --workers 2` over five samples.

The load comes from wrk, a process of its own on the same two cores. A page is made anew for every host that it is asked
for by, so hosts that count up ask for pages that nobody has kept. Beside it, in the same run: plain Datasette over
SQLite, its page of a table of the same rows, which has no store of answers. Needs Debian's wrk.

Memory is watched for BENCH_MINUTES (1 unless set; the results say how long).
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import ProxyHandler, Request, build_opener

import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results" / "pages.json"
DATASETS = ("us-census/states", "bls/county-unemployment", "usgs/earthquakes", "nbs/divisions", "bts/airlines")
PAGES = {
    "home": "/",
    "search": "/search?q=state",
    "search in Chinese": "/search?q=%E4%BA%BA%E5%8F%A3",
    "dataset": "/d/bls/county-unemployment",
}
TABLE = "bls/county-unemployment"
RUNS, SECONDS, CONNECTIONS = 3, 5, 16
MINUTES = float(os.environ.get("BENCH_MINUTES", "1"))
ANEW = """
local asked = math.random(1000000) * 1000
request = function()
  asked = asked + 1
  wrk.headers["Host"] = "h" .. asked .. ".example"
  return wrk.format("GET")
end
"""
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_FAILED = re.compile(r"Non-2xx or 3xx responses: (\d+)")


def load(address: str, folder: Path, *, anew: bool = False, seconds: float = SECONDS) -> float:
    """Requests a second that are answered with 200.

    Raises:
        RuntimeError: one was answered otherwise.
    """
    script = folder / "anew.lua"
    script.write_text(ANEW, "utf-8")
    command = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{max(1, round(seconds))}s",
        *(["-s", str(script)] if anew else []),
        address,
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 (our own command)
    if _FAILED.search(said):
        raise RuntimeError(said)
    found = _RATE.search(said)
    if found is None:
        raise RuntimeError(said)
    return float(found[1])


def median_rate(address: str, folder: Path, *, anew: bool = False) -> float:
    """The median of several runs."""
    return round(statistics.median(load(address, folder, anew=anew) for _ in range(RUNS)), 1)


@contextmanager
def serving(command: Sequence[str], port: int, folder: Path) -> Iterator[int]:
    """A server, from its first answer to its end; its process id."""
    with (folder / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)  # noqa: S603 (our own commands)
        try:
            _wait(port)
            yield process.pid
        finally:
            process.terminate()
            process.wait()


def _wait(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    fetched(f"http://127.0.0.1:{port}/")


def fetched(address: str) -> int:
    """Bytes of an answer."""
    return len(build_opener(ProxyHandler({})).open(Request(address)).read())  # noqa: S310 (our own server)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def memory(pid: int) -> float:
    """MB of a process and of all that it started, what they share counted once."""
    return sum(_own(one) for one in (pid, *_children(pid))) / 1e3


def _own(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))


def _children(pid: int) -> list[int]:
    direct = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    return [each for one in direct for each in (one, *_children(one))]


def watched(address: str, pid: int, folder: Path) -> dict[str, object]:
    """MB after each of twelve equal parts of the time, under pages kept and made anew by turns."""
    part, seen = MINUTES * 60 / 12, []
    paths = list(PAGES.values())
    for turn in range(12):
        load(address + paths[turn % len(paths)], folder, anew=turn % 2 == 0, seconds=max(1.0, part))
        seen.append(round(memory(pid), 1))
    return {"minutes": MINUTES, "megabytes": seen}


def sqlite_copy(store: Path, file: Path) -> None:
    """The table of the comparison as plain Datasette would have it."""
    (parquet,) = (store / "releases" / TABLE).glob("*/county-unemployment.parquet")
    table = pq.read_table(parquet)
    with sqlite3.connect(file) as database:
        names = ", ".join(f'"{name}"' for name in table.column_names)
        database.execute(f"create table data ({names})")
        rows = (tuple(map(_plain, row.values())) for row in table.to_pylist())
        database.executemany(f"insert into data values ({', '.join('?' * table.num_columns)})", rows)  # noqa: S608


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str | None) else str(value)


def measure(folder: Path) -> dict[str, object]:
    """All figures."""
    store, command = folder / "store", [sys.executable, "-m", "civicat.cli"]
    subprocess.run(  # noqa: S603 (our own command)
        [*command, "publish", *DATASETS, "--store", str(store)],
        check=True,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"CIVICAT_DATASETS": str(ROOT / "datasets")},
    )
    sqlite_copy(store, folder / "plain.db")
    ours, theirs = free_port(), free_port()
    peer = [sys.executable, "-m", "datasette", "serve", str(folder / "plain.db"), "--port", str(theirs)]
    with serving(
        [*command, "serve", "--store", str(store), "--port", str(ours), "--workers", "2"], ours, folder
    ) as pid:
        address = f"http://127.0.0.1:{ours}"
        pages = {
            name: {
                "bytes": fetched(address + path),
                "kept": median_rate(address + path, folder),
                "made_anew": median_rate(address + path, folder, anew=True),
            }
            for name, path in PAGES.items()
        }
        under_load = watched(address, pid, folder)
    with serving(peer, theirs, folder):
        plain = median_rate(f"http://127.0.0.1:{theirs}/plain/data?_size=20", folder)
    return {
        "requests_a_second": pages,
        "plain_datasette_table_of_20_rows_one_process": plain,
        "memory_under_load": under_load,
        "connections": CONNECTIONS,
        "runs": RUNS,
        "seconds_each": SECONDS,
    }


def main() -> None:
    """Writes the figures with the machine they were taken on."""
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing. Type: apt-get install wrk")
    with TemporaryDirectory() as folder:
        figures = measure(Path(folder))
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[1]}
    RESULTS.write_text(
        json.dumps({"date": datetime.now(UTC).date().isoformat(), "machine": machine, **figures}, indent=1) + "\n",
        "utf-8",
    )


if __name__ == "__main__":
    main()

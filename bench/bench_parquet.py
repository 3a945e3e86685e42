"""How small our Parquet is, how fast a row is found in it by its key, and how long it takes to write.

Against the zstd defaults of DuckDB and pyarrow, on the same rows in the same order. Writing begins with Arrow in
memory on all sides, with threads as each has them; sealing (fsync) is within ours, as are the hash and the profile of
encodings. Lookups run through DuckDB on two threads, its cache of footers on, with random keys; medians. The table is
synthetic (made.py); where the flights of ../shared/data are at hand, they are measured too. Figures go to
bench/results/parquet.json.

    python bench/bench_parquet.py quick      a tenth of the rows, once: to see that it works
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from bench.made import SCHEMA

from civicat.dataset import Resource, read_dataset
from civicat.publish import parquet
from civicat.publish.tables import Ordered

RESULTS = Path(__file__).parent / "results" / "parquet.json"
FLIGHTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "us-open-data" / "flights-3m.parquet"
_TYPED = """
select id::bigint as id, uscc, name, district, dept_id, headcount::bigint as headcount,
    amount::decimal(9, 2) as amount, lon::decimal(9, 6) as lon, lat::decimal(9, 6) as lat,
    registered::date as registered, updated_at::timestamptz as updated_at, active::bool as active, note
from read_csv(?, all_varchar = true) order by id
"""
_MOST_OF_SIZE, _MOST_OF_LOOKUP = 1.05, 0.5  # of the better default
Measured = dict[str, Any]
Write = Callable[[Path, pa.Table], None]


@dataclass(frozen=True, slots=True)
class Case:
    """A table sorted by `key`, and for each column that rows are looked up by, some of its values."""

    resource: Resource
    table: pa.Table
    key: str
    wanted: Mapping[str, list[object]]


def made_up(folder: Path, rows: int, lookups: int) -> Case:
    """The synthetic registry: found by its key, and by a unique code that it is not sorted by."""
    call = f"from pathlib import Path; from bench.made import make; make(Path({str(folder)!r}), 'clean', {rows})"
    subprocess.run([sys.executable, "-c", call], check=True, cwd=Path(__file__).parents[1])  # noqa: S603 (our own)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        table = connection.sql(_TYPED, params=[str(folder / "clean.csv")]).to_arrow_table()
    table = table.cast(pa.schema([field.with_type(_utc(field.type)) for field in table.schema]))
    some = table.take(random.Random(1).sample(range(rows), lookups))  # noqa: S311 (any rows will do)
    wanted = {name: some[name].to_pylist() for name in ("id", "uscc")}
    return Case(_resource({**SCHEMA, "foreignKeys": []}), table, "id", wanted)


def flights(lookups: int) -> Case:
    """Three million real flights in the order of the file, numbered as publishing numbers a table without a key."""
    table = pq.read_table(FLIGHTS)
    table = table.add_column(0, "row_number", pa.array(range(1, table.num_rows + 1), pa.int64()))
    some = table.take(random.Random(1).sample(range(table.num_rows), lookups))  # noqa: S311 (any rows will do)
    fields = [{"name": name} for name in table.column_names]
    wanted = {name: some[name].to_pylist() for name in ("row_number", "date")}
    return Case(_resource({"fields": fields, "primaryKey": ["row_number"]}), table, "row_number", wanted)


def _utc(kind: pa.DataType) -> pa.DataType:
    return pa.timestamp("us", "UTC") if pa.types.is_timestamp(kind) and kind.tz else kind


def _resource(schema: Mapping[str, object]) -> Resource:
    resource = {"name": "table", "path": "table.csv", "schema": schema}
    return read_dataset({"name": "bench", "resources": [resource]}, "datapackage.yaml", "", Path()).resources[0]


def _ours(case: Case) -> Write:
    def write(folder: Path, table: pa.Table) -> None:
        ordered = Ordered(case.resource, table.schema, table.num_rows, lambda: iter(table.to_batches()), (case.key,))
        parquet.write(folder, ordered, table.schema)

    return write


def _duckdb(folder: Path, table: pa.Table) -> None:
    with duckdb.connect(config={"threads": "2"}) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.register("rows", table)
        connection.execute(f"copy rows to '{folder / 'table.parquet'}' (format parquet, compression zstd)")


def _pyarrow(folder: Path, table: pa.Table) -> None:
    pq.write_table(table, folder / "table.parquet", compression="zstd")


def measured(case: Case, place: Path, times: int) -> Measured:
    """Seconds to write, bytes, and milliseconds of a lookup by each column, for each side; the three in turn."""
    sides: dict[str, Write] = {"ours": _ours(case), "duckdb": _duckdb, "pyarrow": _pyarrow}
    found: dict[str, Measured] = {side: {"write": []} for side in sides}
    files = {}
    for number in range(times):
        for side, write in sides.items():
            folder = place / f"{side}-{number}"
            folder.mkdir(parents=True)
            begun = time.perf_counter()
            write(folder, case.table)
            found[side]["write"].append(time.perf_counter() - begun)
            files[side] = folder / "table.parquet"
    for side, file in files.items():
        found[side] |= {"write": round(statistics.median(found[side]["write"]), 3), "bytes": file.stat().st_size}
    for name, values in case.wanted.items():
        for side, milliseconds in _lookups(files, name, values).items():
            found[side][f"lookup {name}"] = milliseconds
    return found | {"of the best default": _shares(found)}


def _lookups(files: Mapping[str, Path], name: str, values: list[object]) -> dict[str, float]:
    taken: dict[str, list[float]] = {side: [] for side in files}
    with duckdb.connect(config={"threads": "2"}) as connection:
        connection.execute("set timezone = 'UTC'; set parquet_metadata_cache = true")
        for value in values:
            for side, file in files.items():
                begun = time.perf_counter()
                query = f"select * from read_parquet('{file}') where \"{name}\" = ?"  # noqa: S608 (our own)
                connection.execute(query, [value]).fetchnumpy()
                taken[side].append(time.perf_counter() - begun)
    return {side: round(statistics.median(seconds) * 1000, 2) for side, seconds in taken.items()}


def _shares(found: Mapping[str, Measured]) -> dict[str, float]:
    return {
        what: round(value / min(found["duckdb"][what], found["pyarrow"][what]), 3)
        for what, value in found["ours"].items()
    }


def _bars(found: Measured, key: str) -> dict[str, bool]:
    """Whether the bars are met: size, and lookup by the key."""
    shares = found["of the best default"]
    return {"size": shares["bytes"] <= _MOST_OF_SIZE, "lookup": shares[f"lookup {key}"] <= _MOST_OF_LOOKUP}


def main(rows: int = 1_000_000, times: int = 5, lookups: int = 60) -> None:
    """Measures both tables and writes what was found."""
    packages = {name: version(name) for name in ("pyarrow", "duckdb")}
    found: Measured = {"rows": rows, "times": times, "cores": len(os.sched_getaffinity(0)), **packages}
    with TemporaryDirectory(prefix="civicat-bench-") as folder:
        cases = {"made": made_up(Path(folder), rows, lookups)}
        if FLIGHTS.is_file():
            cases["flights"] = flights(lookups)
        for name, case in cases.items():
            one = measured(case, Path(folder) / name, times)
            found[name] = one | {"rows": case.table.num_rows, "bars met": _bars(one, case.key)}
            print(name, json.dumps(found[name]), flush=True)  # noqa: T201 (a benchmark says how far it is)
    if rows >= 1_000_000:  # noqa: PLR2004 (a quick run is no measurement)
        RESULTS.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["quick"]:
        main(100_000, 1, 5)
    else:
        main()

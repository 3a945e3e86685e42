"""What it takes to compare two releases, against the time it takes to read both (DuckDB, the greatest of every column).

Whole processes, so imports and start-up count; medians; both sides in turn within one run. The releases are synthetic
(made.py): a million rows of thirteen columns, sorted by their key; in the second 1 % of the rows have another amount,
0.5 % are gone and 0.5 % are new. Larger ones are the same rows again and again, under other keys. Figures go to
bench/results/diff.json.

    python bench/bench_diff.py              1 and 20 million rows
    python bench/bench_diff.py quick        a tenth of the rows, once: to see that it works
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from bench.made import FIELDS, make
from bench.processes import median

RESULTS = Path(__file__).parent / "results" / "diff.json"
GROUP_ROWS = 50_000
TYPES = {
    "id": pa.int64(),
    "headcount": pa.int64(),
    "amount": pa.decimal128(18, 2),
    "active": pa.bool_(),
    "lon": pa.decimal128(18, 6),
    "lat": pa.decimal128(18, 6),
    "registered": pa.date32(),
    "updated_at": pa.timestamp("us", "UTC"),
}
DEPARTMENT = {
    "code": "bench",
    "title": {"zh": "测速", "en": "Bench"},
    "description": {"zh": "合成数据。", "en": "Synthetic."},
    "url": "https://example.org",
    "contact": {"title": {"zh": "台", "en": "Desk"}, "url": "https://example.org"},
}


@dataclass(frozen=True, slots=True)
class Case:
    """Two releases: how many millions of rows (of `unit` rows each), and whether the rows have a key."""

    name: str
    millions: int
    keyed: bool = True


CASES = (Case("keyed", 1), Case("without-key", 1, keyed=False), Case("keyed-20", 20))


def typed(folder: Path, rows: int) -> pa.Table:
    """The synthetic table, sorted by its key."""
    make(folder, "made", rows)
    kinds = {field["name"]: TYPES.get(field["name"], pa.string()) for field in FIELDS}
    options = pacsv.ConvertOptions(column_types=kinds, strings_can_be_null=True)
    return pacsv.read_csv(folder / "made.csv", convert_options=options).sort_by("id").combine_chunks()


def changed(table: pa.Table) -> pa.Table:
    """The table with 1 % of the amounts corrected, 0.5 % of the rows gone, and as many new ones at the end."""
    random = np.random.default_rng(11)
    rows = table.num_rows
    order = random.permutation(rows)
    corrected, gone = order[: rows // 100], np.sort(order[rows // 100 : rows // 100 + rows // 200])
    mask = np.zeros(rows, bool)
    mask[corrected] = True
    other = pa.array([f"{value}.25" for value in range(len(corrected))]).cast(TYPES["amount"])
    amount = pc.replace_with_mask(table["amount"].combine_chunks(), pa.array(mask), other)
    table = table.set_column(table.column_names.index("amount"), "amount", amount)
    new = table.slice(0, len(gone))
    new = new.set_column(0, "id", pc.add(new["id"], rows))
    return pa.concat_tables([table.take(pa.array(np.setdiff1d(np.arange(rows), gone))), new]).combine_chunks()


def repeated(table: pa.Table, times: int, step: int) -> Iterator[pa.Table]:
    """The rows again and again, each time under keys that are `step` greater."""
    for number in range(times):
        yield table.set_column(0, "id", pc.add(table["id"], number * step))


def write(folder: Path, name: str, tables: Iterator[pa.Table], *, keyed: bool) -> None:
    """A release of Parquet with the settings of publishing, as far as they matter here, and its descriptor."""
    home = folder / name
    home.mkdir(parents=True)
    writer, rows = None, 0
    for table in tables:
        writer = writer or _writer(home / "made.parquet", table.schema)
        writer.write_table(table, row_group_size=GROUP_ROWS)
        rows += table.num_rows
    if writer is not None:
        writer.close()
    fields = [dict(field) for field in FIELDS]
    if not keyed:
        fields[0] |= {"civicat": {"generated": True}}
    schema = {"fields": fields, "primaryKey": ["id"]}
    resource = {"name": "made", "path": "made.parquet", "rows": rows, "bytes": 1, "hash": "sha256:0", "schema": schema}
    ours = {"release": {"department": DEPARTMENT, "version": name, "inputs": "0" * 64}}
    descriptor = {"name": "made", "title": "Synthetic", "resources": [resource], "civicat": ours}
    for file, content in {"datapackage": descriptor, "report": {}, "provenance": {}}.items():
        (home / f"{file}.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    few = ["district", "dept_id"]
    numbers = [field.name for field in schema if not pa.types.is_string(field.type) and field.name != "active"]
    texts = [field.name for field in schema if pa.types.is_string(field.type) and field.name not in few]
    encodings = dict.fromkeys(numbers, "DELTA_BINARY_PACKED") | dict.fromkeys(texts, "DELTA_LENGTH_BYTE_ARRAY")
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=3,
        use_dictionary=few,
        column_encoding=encodings,
        store_decimal_as_integer=True,
        write_page_checksum=True,
    )


def write_both(folder: Path, unit: int, millions: int, *, keyed: bool) -> None:
    """The two releases of a case."""
    old = typed(folder, unit)
    for name, table in (("1.0.0", old), ("1.1.0", changed(old))):
        write(folder, name, repeated(table, millions, 2 * unit), keyed=keyed)


def measure(folder: Path, case: Case, unit: int, times: int) -> dict[str, Any]:
    """The figures of one case: both processes, how many times as long ours takes, and what it found."""
    # In a process of its own: the greatest memory of a process counts that of the one which started it.
    made = [sys.executable, __file__, "make", str(folder), str(unit), str(case.millions), str(int(case.keyed))]
    subprocess.run(made, check=True)  # noqa: S603 - ourselves
    script = str(Path(__file__).parent / "compare.py")
    commands = [((sys.executable, script, work, str(folder)), (0,)) for work in ("compare", "read")]
    ours, reading = median(commands, folder, times)
    changes = folder / "scratch/diff.parquet"
    return {
        "rows": unit * case.millions,
        "compare": ours.to_json(),
        "read_both": reading.to_json(),
        "times_reading": round(ours.wall / reading.wall, 2),
        "times_reading_cpu": round(ours.cpu / reading.cpu, 2),
        "changes_rows": pq.read_metadata(changes).num_rows,
        "changes_bytes": changes.stat().st_size,
    }


def _machine() -> dict[str, Any]:
    packages = {name: version(name) for name in ("duckdb", "pyarrow")}
    return {"python": platform.python_version(), "cores": os.cpu_count(), **packages}


def main(arguments: Sequence[str]) -> None:
    """All cases, or the releases of one."""
    if arguments[:1] == ["make"]:
        unit, millions, keyed = map(int, arguments[2:])
        write_both(Path(arguments[1]), unit, millions, keyed=bool(keyed))
        return
    quick = arguments == ["quick"]
    unit, times = (100_000, 1) if quick else (1_000_000, 5)
    figures: dict[str, Any] = {"synthetic": True, "machine": _machine()}
    with TemporaryDirectory() as folder:
        for case in CASES:
            figures[case.name] = measure(Path(folder) / case.name, case, unit, 2 if case.millions > 1 else times)
    text = json.dumps(figures, ensure_ascii=False, indent=1)
    if quick:
        sys.stdout.write(text + "\n")
    else:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

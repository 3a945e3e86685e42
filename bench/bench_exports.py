"""What it takes to make each export form, against other tools that write the like of it, and how memory grows.

Whole processes, so imports and start-up count; medians; both sides in turn within one run. The rows are synthetic
(made.py): a million of thirteen columns, sorted by their key; larger tables are the same rows again under other keys,
a file for each million. Workbooks are compared at a tenth of the rows, as the peer is slow. Figures go to
bench/results/exports.json.

    python bench/bench_exports.py              1 and 5 million rows
    python bench/bench_exports.py once         each of them once, on a machine that is busy: for memory and ratios
    python bench/bench_exports.py quick        a twentieth of the rows, once: to see that it works
    python bench/bench_exports.py one WHAT FOLDER    one process of it
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

RESULTS = Path(__file__).parent / "results" / "exports.json"
_GROUP_ROWS = 50_000
_DEPARTMENT = {"code": "bench", "title": {"zh": "测速", "en": "Bench"}, "contact": {"url": "https://example.org"}}
_FORMS = ("csv", "csv-excel", "ndjson", "geojson", "sqlite", "arrow", "xlsx")
_PEERS = {
    "csv": "DuckDB COPY",
    "csv-excel": "pandas to_csv",
    "ndjson": "DuckDB COPY",
    "sqlite": "pandas to_sql",
    "arrow": "Polars sink_ipc",
    "xlsx": "openpyxl write_only",
}


@dataclass(frozen=True, slots=True)
class _Sizes:
    """How many rows: of the comparison, of the workbooks, and how many times the first in the largest table."""

    rows: int = 1_000_000
    workbook: int = 100_000
    times: int = 5
    runs: int = 3


# Every import of weight stands in the function that needs it: a process must not pay for what another one does, and
# the system counts the memory of the process that starts others (this one) as theirs.
def _prepare(folder: Path, sizes: _Sizes) -> None:
    """The stores that are exported: `one` table, the same `many` times, and as many rows as go into a `sheet`."""
    table = _typed(folder, sizes.rows)
    _store(folder / "one", table, 1)
    _store(folder / "many", table, sizes.times)
    _store(folder / "sheet", table.slice(0, sizes.workbook), 1)


def _typed(folder: Path, rows: int) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415 - as said above
    import pyarrow.csv as pacsv  # noqa: PLC0415 - as above
    from bench.made import FIELDS, make  # noqa: PLC0415 - as above

    make(folder, "made", rows)
    typed = {
        "id": pa.int64(),
        "headcount": pa.int64(),
        "amount": pa.decimal128(18, 2),
        "active": pa.bool_(),
        "lon": pa.decimal128(18, 6),
        "lat": pa.decimal128(18, 6),
        "registered": pa.date32(),
        "updated_at": pa.timestamp("us", "UTC"),
    }
    kinds = {field["name"]: typed.get(field["name"], pa.string()) for field in FIELDS}
    options = pacsv.ConvertOptions(column_types=kinds, strings_can_be_null=True)
    return pacsv.read_csv(folder / "made.csv", convert_options=options).sort_by("id").combine_chunks()


def _store(store: Path, table: pa.Table, times: int) -> None:
    """A store with one release of the table, `times` over in as many files."""
    import pyarrow.compute as pc  # noqa: PLC0415 - as above
    import pyarrow.parquet as pq  # noqa: PLC0415 - as above

    folder = store / "releases/bench/made/1.0.0"
    folder.mkdir(parents=True)
    parts = []
    for number in range(times):
        path = folder / f"made.{number + 1:04}.parquet"
        shifted = table.set_column(0, "id", pc.add(table["id"], number * table.num_rows))
        pq.write_table(shifted, path, row_group_size=_GROUP_ROWS, compression="zstd", write_page_checksum=True)
        parts.append({"path": path.name, "rows": table.num_rows, "bytes": path.stat().st_size, "hash": "sha256:0"})
    _describe(folder, parts)


def _describe(folder: Path, parts: list[dict[str, Any]]) -> None:
    from bench.made import FIELDS  # noqa: PLC0415 - as above

    fields = [{"name": field["name"], "type": field["type"]} for field in FIELDS]
    schema = {"fields": fields, "primaryKey": ["id"]}
    resource = {"name": "made", "path": parts[0]["path"], "schema": schema, "civicat": {"parts": parts}}
    ours = {"release": {"department": _DEPARTMENT, "version": "1.0.0", "inputs": "0" * 64}}
    descriptor = {"name": "made", "title": "Synthetic", "resources": [resource], "civicat": ours}
    provenance = {"released": "2026-11-23T00:00:00Z"}
    for name, content in {"datapackage": descriptor, "report": {}, "provenance": provenance}.items():
        (folder / f"{name}.json").write_text(json.dumps(content), "utf-8")


def _parquet(store: Path) -> Path:
    return store / "releases/bench/made/1.0.0/made.0001.parquet"


def _ours(form: str) -> Callable[[Path], None]:
    def make(store: Path) -> None:
        from civicat.layout import Layout  # noqa: PLC0415 - the peers must not pay for it
        from civicat.publish.exports import export, forget  # noqa: PLC0415 - as above

        layout = Layout(store)
        release = layout.release("bench/made")
        if release is None:
            raise LookupError(store)
        export(layout, release, form)
        forget(layout, release.dataset.id, release.version)

    return make


def _duckdb(suffix: str, options: str) -> Callable[[Path], None]:
    def make(store: Path) -> None:
        import duckdb  # noqa: PLC0415 - as above

        target = store / f"peer.{suffix}"
        query = f"copy (from '{_parquet(store)}') to '{target}' ({options})"
        duckdb.connect().execute(query)
        target.unlink()

    return make


def _pandas_csv(store: Path) -> None:
    import pandas as pd  # noqa: PLC0415 - as above

    pd.read_parquet(_parquet(store), dtype_backend="pyarrow").to_csv(
        store / "peer.csv", index=False, encoding="utf-8-sig"
    )


def _pandas_sql(store: Path) -> None:
    import sqlite3  # noqa: PLC0415 - as above
    from contextlib import closing  # noqa: PLC0415 - as above

    import pandas as pd  # noqa: PLC0415 - as above

    (store / "peer.sqlite").unlink(missing_ok=True)
    frame = pd.read_parquet(_parquet(store))
    exact = {name: frame[name].astype(str) for name in ("amount", "lon", "lat")}  # sqlite3 takes no decimals
    with closing(sqlite3.connect(store / "peer.sqlite")) as connection:
        frame.assign(**exact).to_sql("made", connection, index=False, chunksize=_GROUP_ROWS)


def _polars_arrow(store: Path) -> None:
    import polars  # noqa: ICN001, PLC0415 - as above

    polars.scan_parquet(_parquet(store)).sink_ipc(store / "peer.arrow", compression="zstd")


def _openpyxl(store: Path) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415 - as above
    from openpyxl import Workbook  # noqa: PLC0415 - as above

    book = Workbook(write_only=True)
    sheet = book.create_sheet("made")
    with pq.ParquetFile(_parquet(store), pre_buffer=False) as file:
        sheet.append(file.schema_arrow.names)
        for batch in file.iter_batches(8_192):
            columns = (column.to_pylist() for column in batch.columns)
            for row in zip(*columns, strict=True):
                sheet.append([cell.replace(tzinfo=None) if hasattr(cell, "tzinfo") else cell for cell in row])
    book.save(store / "peer.xlsx")


_WORK: Mapping[str, Callable[[Path], None]] = {
    **{f"ours {form}": _ours(form) for form in _FORMS},
    "theirs csv": _duckdb("csv", "header"),
    "theirs csv-excel": _pandas_csv,
    "theirs ndjson": _duckdb("json", "format json"),
    "theirs sqlite": _pandas_sql,
    "theirs arrow": _polars_arrow,
    "theirs xlsx": _openpyxl,
}


def _measure(folder: Path, sizes: _Sizes) -> dict[str, Any]:
    subprocess.run((sys.executable, __file__, "prepare", str(folder), json.dumps(asdict(sizes))), check=True)  # noqa: S603 - ours
    small, large, sheet = (folder / name for name in ("one", "many", "sheet"))
    found = {form: _compared(form, sheet if form == "xlsx" else small, folder, sizes) for form in _FORMS}
    for form in _FORMS:
        one, many = _runs([(f"ours {form}", small), (f"ours {form}", large)], folder, 1)
        found[form] |= {
            "MB at 1 times": round(one.memory, 1),
            f"MB at {sizes.times} times": round(many.memory, 1),
            f"wall at {sizes.times} times": round(many.wall / one.wall, 2),
        }
    return found


def _compared(form: str, store: Path, folder: Path, sizes: _Sizes) -> dict[str, Any]:
    rows = sizes.workbook if form == "xlsx" else sizes.rows
    sides = [f"ours {form}", *([f"theirs {form}"] if form in _PEERS else [])]
    ours, *theirs = _runs([(side, store) for side in sides], folder, sizes.runs)
    told = {"rows": rows, "rows per second": round(rows / ours.wall), "ours": ours.to_json()}
    for one in theirs:
        told |= {"peer": _PEERS[form], "theirs": one.to_json(), "times faster": round(one.wall / ours.wall, 2)}
    return told


def _runs(work: list[tuple[str, Path]], folder: Path, times: int) -> list[Any]:
    from bench.processes import median  # noqa: PLC0415 - as above

    commands = [((sys.executable, __file__, "one", what, str(store)), (0,)) for what, store in work]
    return median(commands, folder, times)


def _bench(sizes: _Sizes, *, write: bool) -> None:
    begin = os.getloadavg()[0]
    with TemporaryDirectory() as folder:
        found = _measure(Path(folder), sizes)
    tools = {name: version(name) for name in ("pyarrow", "duckdb", "pandas", "polars", "openpyxl", "rustpy-xlsxwriter")}
    machine = {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count(), "load": begin, **tools}
    text = json.dumps({"machine": machine, "runs": sizes.runs, "forms": found}, indent=2) + "\n"
    if write:
        RESULTS.write_text(text, "utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    if sys.argv[1:2] == ["one"]:
        _WORK[sys.argv[2]](Path(sys.argv[3]))
    elif sys.argv[1:2] == ["prepare"]:
        _prepare(Path(sys.argv[2]), _Sizes(**json.loads(sys.argv[3])))
    elif sys.argv[1:2] == ["quick"]:
        _bench(_Sizes(50_000, 5_000, 5, 1), write=False)
    else:
        _bench(_Sizes(runs=1) if sys.argv[1:2] == ["once"] else _Sizes(), write=True)

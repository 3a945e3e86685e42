"""A package's first table as typed Parquet: `checked` by civicat before it is written, or `copied` unchecked by DuckDB.

The same types in both, zstd, no order imposed. Used by bench_validate.py: python convert.py checked|copied PACKAGE OUT
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

_TYPES = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMPTZ",
    "boolean": "BOOLEAN",
    "string": "VARCHAR",
}


def checked(package: Path, target: Path) -> None:
    """Every check, then the typed rows."""
    import pyarrow.parquet as pq  # noqa: PLC0415 (each side pays for its own imports only)

    from civicat.layout import Layout  # noqa: PLC0415 (as above)
    from civicat.validators import check, open_path  # noqa: PLC0415 (as above)

    dataset, department, profile = open_path(package)
    with check(dataset, Layout(target.parent / "store"), department=department, profile=profile) as result:
        table = result.tables[0]
        with pq.ParquetWriter(target, table.schema, compression="zstd", use_dictionary=["district", "dept_id"]) as file:
            for batch in table.batches():
                file.write_batch(batch)


def copied(package: Path, target: Path) -> None:
    """DuckDB's COPY of the same columns as the same types."""
    import duckdb  # noqa: PLC0415 (as above)

    resource = json.loads(package.read_text("utf-8"))["resources"][0]
    columns = ", ".join(f"'{one['name']}': '{_TYPES[one['type']]}'" for one in resource["schema"]["fields"])
    source = package.parent / resource["path"]
    rows = f"SELECT * FROM read_csv('{source}', header = true, columns = {{{columns}}})"  # noqa: S608 (names of our own)
    duckdb.sql(f"COPY ({rows}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


if __name__ == "__main__":
    {"checked": checked, "copied": copied}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))

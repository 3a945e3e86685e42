"""One process of bench_diff.py: `compare` or `read FOLDER`: compares its two releases, or reads all columns of both."""

from __future__ import annotations

import sys
from pathlib import Path

VERSIONS = ("1.0.0", "1.1.0")


def compare_both(folder: Path) -> None:
    """The diff of two releases, into a file."""
    from civicat.layout import read  # noqa: PLC0415 - the other process must not pay for these imports
    from civicat.publish.diff import compare  # noqa: PLC0415 - as above

    old, new = (read(folder / version) for version in VERSIONS)
    compare(old, new, folder / "scratch")


def read_both(folder: Path) -> None:
    """The greatest value of every column of both releases, by DuckDB."""
    import duckdb  # noqa: PLC0415 - as above

    connection = duckdb.connect()
    for version in VERSIONS:
        rows = f"select max(columns(*)) from '{folder}/{version}/made.parquet'"  # noqa: S608 - our own folder
        connection.execute(f"create or replace temp table greatest as {rows}")


_WORK = {"compare": compare_both, "read": read_both}

if __name__ == "__main__":
    _WORK[sys.argv[1]](Path(sys.argv[2]))

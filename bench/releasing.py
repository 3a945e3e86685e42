"""One process of bench_publish.py: `published`, `copied` or `copied-in-order`, in a folder that holds the dataset.

`published` is `civicat publish` without the index; the copies are DuckDB's, of the same columns as the same types,
nothing checked, to a file that is not sealed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

DATASET = Path("datasets/bench/registry")
STORE = Path("store")
KEY = "key.pem"
_TYPES = {"integer": "BIGINT", "date": "DATE", "datetime": "TIMESTAMPTZ", "boolean": "BOOLEAN", "string": "VARCHAR"}


def published() -> None:
    """The command, but for its last step."""
    from civicat import cli, pipeline  # noqa: PLC0415 - each process pays for its own imports only

    vars(pipeline)["index"] = lambda _layout: None
    sys.argv = ["civicat", "publish", "bench/registry"]
    cli.run()


def copied(order: str = "") -> None:
    """DuckDB's COPY of the dataset's first table, as it comes or in an order."""
    import duckdb  # noqa: PLC0415 - as above

    resource = json.loads((DATASET / "datapackage.yaml").read_text("utf-8"))["resources"][0]
    columns = ", ".join(f"'{one['name']}': '{_kind(one)}'" for one in resource["schema"]["fields"])
    source = DATASET / resource["path"]
    rows = f"SELECT * FROM read_csv('{source}', header = true, columns = {{{columns}}}){order}"  # noqa: S608 - our own
    duckdb.sql(f"COPY ({rows}) TO 'copy.parquet' (FORMAT parquet, COMPRESSION zstd)")


def copied_in_order() -> None:
    """The same, sorted by the key."""
    copied(" ORDER BY id")


def _kind(field: dict[str, Any]) -> str:
    return _TYPES.get(field["type"]) or f"DECIMAL(18, {field['civicat']['scale']})"


_WORK = {"published": published, "copied": copied, "copied-in-order": copied_in_order}

if __name__ == "__main__":
    _WORK[sys.argv[1]]()

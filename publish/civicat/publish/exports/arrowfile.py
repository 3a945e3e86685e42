"""Arrow IPC: the table as Arrow holds it in memory, with the words of its columns, compressed with zstd."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from civicat.publish.exports import rows
from civicat.publish.exports.form import Content, Form
from civicat.text import Text

_BATCH_ROWS = 50_000  # the batches of the file; small ones compress worse
_LEVEL = 3


def _make(content: Content, target: Path) -> None:
    schema = rows.stored_schema(content.table)
    options = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", _LEVEL), use_threads=False)
    with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_file(sink, schema, options=options) as writer:
        for batch in rows.batches(content.table, rows=_BATCH_ROWS):
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))


ARROW = Form(
    name="arrow",
    suffix=".arrow",
    media_type="application/vnd.apache.arrow.file",
    title=Text("Arrow IPC（供程序读取）", "Arrow IPC, for programs"),
    make=_make,
)

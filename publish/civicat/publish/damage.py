"""Which part of a file is not as it was published, as far as the file itself can tell.

Each page of a table's Parquet file has a checksum, so a value that changed is found in its row group and column. JSON
has none: it can only be told where it stops being JSON.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from civicat.publish.manifest import Entry
from civicat.text import Text

_MAGIC = b"PAR1"
_PARTS_TOLD = 3
_NUMBERED = re.compile(r"(\.[0-9]{4})?\.parquet$")
# What pyarrow raises on pages and footers that are not what they were; a size that was made up can be beyond memory.
_UNREADABLE = (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError)


def differing(file: Path, entry: Entry) -> Text:
    """The part of a file that differs from what was published under `entry`; blank where only the whole is known."""
    size = file.stat().st_size
    if size != entry.bytes:
        return _cut(file, size, entry)
    if entry.path.endswith(".parquet"):
        return _of_parquet(file, resource(entry.path))
    return _of_json(file) if entry.path.endswith(".json") else Text()


def rows(file: Path) -> int | None:
    """How many rows a Parquet file says that it has; None where it is none."""
    try:
        return int(pq.read_metadata(file).num_rows)
    except _UNREADABLE:
        return None


def shown(name: str) -> str:
    """A name as it can stand in a line: what cannot be printed is escaped."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in name)


def resource(path: str) -> str:
    """The name of the resource that a Parquet file of a release holds, or a part of it."""
    return _NUMBERED.sub("", path)


def _cut(file: Path, size: int, entry: Entry) -> Text:
    """A file of another size; a Parquet file without its end is none any more."""
    sizes = Text(f"应为 {entry.bytes} 字节，实为 {size} 字节", f"{size} bytes instead of {entry.bytes}")
    if not entry.path.endswith(".parquet") or _is_parquet(file):
        return sizes
    return Text(f"{sizes.zh}，已不是 Parquet 文件", f"{sizes.en}, and it is no Parquet file any more")


def _is_parquet(file: Path) -> bool:
    with file.open("rb") as stream:
        start = stream.read(len(_MAGIC))
        stream.seek(-min(len(_MAGIC), file.stat().st_size), os.SEEK_END)
        return start == stream.read() == _MAGIC


def _of_parquet(file: Path, table: str) -> Text:
    if not _is_parquet(file):
        return Text("首尾的 PAR1 标记，已不是 Parquet 文件", "its PAR1 marks: it is no Parquet file any more")
    try:
        with pq.ParquetFile(file, page_checksum_verification=True, pre_buffer=False) as opened:
            parts = list(_unreadable(opened))
    except _UNREADABLE:
        return Text("文件尾（表的结构）", "its footer, which says how the table is built")
    if not parts:
        return Text(
            "文件尾或元数据；所有数据页的校验均成立", "its footer or metadata; every page of its data still holds"
        )
    told = parts[:_PARTS_TOLD]
    more = len(parts) - len(told)
    zh = f"；另有 {more} 处" if more else ""
    en = f"; and {more} more" if more else ""
    return Text(
        f"数据表 {table}，" + "；".join(part.zh for part in told) + zh,
        f"table {table}, " + "; ".join(part.en for part in told) + en,
    )


def _unreadable(file: pq.ParquetFile) -> Iterator[Text]:
    """Every row group and column that cannot be read, with its rows counted from 1 in this file."""
    first = 1
    for group in range(file.metadata.num_row_groups):
        rows = file.metadata.row_group(group).num_rows
        for column in range(file.metadata.num_columns):
            if not _is_readable(file, group, column):
                name = shown(file.metadata.schema.column(column).path)
                last = first + rows - 1
                yield Text(
                    f"行组 {group + 1}（第 {first:,} 至 {last:,} 行），字段 {name}",
                    f"row group {group + 1} (rows {first:,} to {last:,}), column {name}",
                )
        first += rows


def _is_readable(file: pq.ParquetFile, group: int, column: int) -> bool:
    reader: Any = file.reader  # by number: a column's name can be that of another and a dot
    try:
        reader.read_row_group(group, column_indices=[column], use_threads=False)
    except _UNREADABLE:
        return False
    return True


def _of_json(file: Path) -> Text:
    try:
        json.loads(file.read_bytes())
    except json.JSONDecodeError as error:
        return Text(
            f"第 {error.lineno} 行第 {error.colno} 列起已不是 JSON",
            f"no JSON from line {error.lineno}, column {error.colno} on",
        )
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return Text(f"第 {line} 行不是 UTF-8", f"line {line} is no UTF-8")
    except (ValueError, RecursionError):
        return Text("已不是 JSON", "it is no JSON any more")
    return Text()

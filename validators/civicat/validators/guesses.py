"""What a table is taken for that nobody has described: as frictionless does, by its name and its first 100 rows.

The verdict on such a file is frictionless' own, so its columns are inferred by frictionless itself, from the records
that it would look at. `civicat describe` looks at the whole file instead (inference.py), and proposes more.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from civicat.dataset import Dataset
from civicat.errors import SourceError
from civicat.text import Text
from civicat.validators.delimited import cells, separator
from civicat.validators.engine.exact import Tables
from civicat.validators.engine.faults import RecordError
from civicat.validators.engine.opening import first_records, start
from civicat.validators.engine.pieces import RECORD_LIMIT
from civicat.validators.engine.problem import RuleBrokenError, UnreadableError
from civicat.validators.formats import DELIMITED, Source

LOOKED_AT = 100  # records that the types are taken from, the header among them
WIDEST = 3_000  # columns whose types are guessed, which takes frictionless about 3 seconds
# Of which both sides make a table. What frictionless reads only with libraries of its own (xls, ods, JSON, Parquet), or
# makes no table of (GeoJSON), is described from all of its rows.
SHARED = DELIMITED | {"xlsx"}

_PLAIN = re.compile(r"[a-z0-9._]+(?:-[a-z0-9._]+)*")  # names that stay as they are
_DROPPED = r"[^-a-z0-9._/]"  # as frictionless asks of its library
_NAMELESS = "name"
_PACKED = frozenset({"zip", "gz", "bz2", "xz"})


def name_of(file: str) -> str:
    """The name that frictionless gives to the table in a file; of two suffixes of what is packed neither stays.

    Source: frictionless 5.21, `Detector.detect_resource`.
    """
    stem = PurePath(file).stem
    name = (stem if _PLAIN.fullmatch(stem) else _slug(stem)) or _NAMELESS
    is_packed = PurePath(file).suffix.lstrip(".").lower() in _PACKED and PurePath(stem).suffix
    return PurePath(name).stem if is_packed else name


def guessed_schema(dataset: Dataset, source: Source) -> Mapping[str, Any]:
    """The Table Schema that frictionless infers; without fields where it cannot open the table: the check says why.

    Raises:
        CivicatError: a file is damaged.
    """
    try:
        head = None if source.cells is None else first_records(iter(source.cells()))[0]
        if len(labels := _first(source, head)) > WIDEST:
            return _widely(source, labels)
        opened = start(source, Tables(dataset, [source]), head, plain=False).opened
    except (UnreadableError, RuleBrokenError, RecordError, UnicodeError):
        return {"fields": []}
    return dict(opened.table.schema.to_descriptor()) if opened else {"fields": []}


def _first(source: Source, head: Sequence[Sequence[object]] | None) -> Sequence[object]:
    """The first record of a table; of delimited text only where its first line is long enough to be that wide."""
    if head is not None:
        return head[0] if head else ()
    with source.path.open(encoding=source.encoding, newline="", errors="replace") as file:
        length = len(file.readline(RECORD_LIMIT))
    if not WIDEST < length < RECORD_LIMIT:
        return ()
    try:
        return next(cells(source.path, source.encoding, separator(source.path, source.encoding)), [])
    except csv.Error:  # the check says so
        return ()


def _widely(source: Source, labels: Sequence[object]) -> Mapping[str, Any]:
    """The schema of a very wide table: frictionless takes minutes to guess at its columns, and to tell its faults.

    Delimited text is taken for text, and a sheet for what all of its rows fit.

    Raises:
        SourceError: the labels are no names, so that its words would be needed.
    """
    path = source.handed_in
    names = [one.strip() if isinstance(one, str) else "" for one in labels]
    if names != list(labels) or not all(names) or len(set(names)) < len(names):
        raise SourceError(
            Text(
                f"{path} 有 {len(names)} 列，列名有空白或重复，不像一张表。",
                f"{path} has {len(names):,} columns, and some names of them are blank or repeated: hardly a table.",
            ),
            Text(
                "请检查分隔符和标题行，或把多出的列改成行。",
                "Look at the separator and the header, or turn columns into rows.",
            ),
        )
    if source.format in DELIMITED:
        return {"fields": [{"name": one, "type": "string"} for one in names]}
    from civicat.validators.sketches import sketched  # noqa: PLC0415 (few tables are that wide)

    described = {"name": source.resource.name, "format": source.format, "dialect": source.resource.dialect}
    return {"fields": [one.to_certain_field() for one in sketched(source.path, described).columns()]}


def _slug(text: str) -> str:
    from slugify.slugify import slugify  # noqa: PLC0415 (it writes 省份 in letters, and loads the table for that)

    return str(slugify(text, regex_pattern=_DROPPED))

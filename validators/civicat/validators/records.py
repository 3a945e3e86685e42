"""Files of records with named values: GeoJSON, JSON, lines of JSON, Parquet. Each becomes a header and rows.

The header is the declared fields, then every name that occurs and is not declared: nothing is dropped unseen. A name
that a record does not have is an empty cell, which is what it means in these formats.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.parquet as pq

from civicat.errors import SourceError
from civicat.text import Text

Record = Mapping[str, Any]
_BATCH = 4096  # rows of a Parquet file that are unfolded at a time


def read_geojson(path: Path, declared: Sequence[str], encoding: str) -> Iterator[list[Any]]:
    """One row for each feature: its properties, `geometry`, and its `id` where that is declared.

    Raises:
        SourceError: not JSON, or no FeatureCollection.
    """
    document = _load(path, encoding)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise _unsuitable(path, Text("一个 FeatureCollection", "a FeatureCollection"))
    return _table([_feature(one, declared) for one in features], declared)


def read_json(path: Path, declared: Sequence[str], encoding: str) -> Iterator[list[Any]]:
    """One row for each object of the array.

    Raises:
        SourceError: not JSON, or no array of objects.
    """
    document = _load(path, encoding)
    if isinstance(document, list) and document and all(isinstance(one, list) for one in document):
        return iter(document)
    if not isinstance(document, list) or not all(isinstance(one, dict) for one in document):
        raise _unsuitable(path, Text("由对象组成的数组", "an array of objects"))
    return _table(document, declared)


def read_ndjson(path: Path, declared: Sequence[str], encoding: str) -> Iterator[list[Any]]:
    """One row for each line that holds an object.

    Raises:
        SourceError: a line is not a JSON object.
    """
    names = _names(_lines(path, encoding), declared)
    yield list(names)
    for record in _lines(path, encoding):
        yield [record.get(name) for name in names]


def read_parquet(path: Path, declared: Sequence[str], encoding: str) -> Iterator[list[Any]]:
    """One row for each row of the file.

    Raises:
        SourceError: the file is damaged.
    """
    del declared, encoding  # the file has its own header and no text encoding
    try:
        with pq.ParquetFile(path) as file:
            yield list(file.schema_arrow.names)
            for batch in file.iter_batches(_BATCH):
                yield from (list(row) for row in zip(*(column.to_pylist() for column in batch.columns), strict=True))
    except (pa.ArrowException, OSError) as error:
        raise SourceError(
            Text(
                f"{path} 不是可读的 Parquet 文件（{error}）。",
                f"{path} is not a Parquet file that can be read ({error}).",
            )
        ) from error


READERS: Mapping[str, Callable[[Path, Sequence[str], str], Iterator[list[Any]]]] = {
    "geojson": read_geojson,
    "json": read_json,
    "ndjson": read_ndjson,
    "jsonl": read_ndjson,
    "parquet": read_parquet,
}


def _feature(feature: Record, declared: Sequence[str]) -> Record:
    properties = feature.get("properties") or {}
    own = {"id": feature.get("id")} if "id" in declared and "id" not in properties else {}
    geometry = {} if "geometry" in properties else {"geometry": _shape(feature.get("geometry"))}
    return {**own, **properties, **geometry}


def _shape(geometry: object) -> str | None:
    """A geometry as compact JSON, which is how it is kept and how a message quotes it."""
    return None if geometry is None else json.dumps(geometry, ensure_ascii=False, separators=(",", ":"))


def _table(records: Sequence[Record], declared: Sequence[str]) -> Iterator[list[Any]]:
    names = _names(records, declared)
    if names:
        yield list(names)
    yield from ([record.get(name) for name in names] for record in records)


def _names(records: Iterable[Record], declared: Sequence[str]) -> tuple[str, ...]:
    names = dict.fromkeys(declared)
    for record in records:
        names.update(dict.fromkeys(record))
    return tuple(names)


def _lines(path: Path, encoding: str) -> Iterator[Record]:
    with path.open(encoding=encoding) as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _object(path, line, number)


def _object(path: Path, line: str, number: int) -> Record:
    value = _parse(path, line, number)
    if not isinstance(value, dict):
        raise _unsuitable(path, Text(f"第 {number} 行是一个对象", f"an object on line {number}"))
    return value


def _load(path: Path, encoding: str) -> object:
    return _parse(path, path.read_text(encoding=encoding), 1)


def _parse(path: Path, text: str, first_line: int) -> object:
    try:
        return json.loads(text, parse_constant=lambda word: _refuse_constant(path, word))
    except json.JSONDecodeError as error:
        line = first_line + error.lineno - 1
        raise SourceError(
            Text(
                f"{path}，第 {line} 行：不是有效的 JSON（{error.msg}）。请重新导出。",
                f"{path}, line {line}: this is not JSON ({error.msg}). Export the file again.",
            )
        ) from error
    except RecursionError as error:
        raise _unsuitable(path, Text("层次不太深的 JSON", "JSON that is not nested too deeply")) from error


def _refuse_constant(path: Path, word: str) -> NoReturn:
    raise _unsuitable(path, Text(f"有效的 JSON（其中不得有 {word}）", f"valid JSON, which knows no {word}"))


def _unsuitable(path: Path, expected: Text) -> SourceError:
    return SourceError(Text(f"{path}：这里应为{expected.zh}。", f"{path}: this must be {expected.en}."))

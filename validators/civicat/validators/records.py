"""Files of records with named values: GeoJSON, JSON, lines of JSON, Parquet. Each becomes a header and rows.

The header is the declared fields, then every name that occurs and is not declared: nothing is dropped unseen. A name
that a record does not have is an empty cell, which is what it means in these formats. A text is read twice, first for
its names and then for its rows, so that memory stays bounded whatever its size.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from civicat.errors import SourceError
from civicat.text import Text
from civicat.validators.jsontext import (
    DuplicateNameError,
    Pairs,
    Reader,
    decoder,
    duplicate,
    too_long,
    unique,
    unsuitable,
    wrong,
)
from civicat.validators.messages import of_file, plain

Record = Mapping[str, Any]
_BATCH = 4096  # rows of a Parquet file that are unfolded at a time
_LONGEST = 256 << 20  # characters of one line
_COLLECTION = Text("一个 FeatureCollection", "a FeatureCollection")
_OBJECTS = Text("由对象组成的数组", "an array of objects")
MOST_NAMES = 20_000  # columns: more than any workbook has
_FLAT = 2  # numbers of a position that frictionless' schema of GeoJSON knows; RFC 7946 (3.1.1) allows a height


def read_geojson(path: Path, declared: Sequence[str], encoding: str) -> Iterator[list[Any]]:
    """One row for each feature: its properties, `geometry`, and its `id` where that is declared.

    Raises:
        SourceError: not JSON, or no FeatureCollection.
    """
    return _table(path, lambda pairs: (_feature(one, declared) for one in _features(path, encoding, pairs)), declared)


def read_json(path: Path, declared: Sequence[str], encoding: str) -> Iterator[list[Any]]:
    """One row for each object of the array; or for each array of it, the header first.

    Raises:
        SourceError: not JSON, or no array of objects.
    """
    return _rows(path, lambda pairs: _elements(path, encoding, pairs), declared, lambda _: unsuitable(path, _OBJECTS))


def read_ndjson(path: Path, declared: Sequence[str], encoding: str) -> Iterator[list[Any]]:
    """One row for each line that holds an object; or an array, the header first.

    Raises:
        SourceError: a line is not a JSON object.
    """
    return _rows(
        path,
        lambda pairs: _lines(path, encoding, pairs),
        declared,
        lambda number: unsuitable(path, Text(f"第 {number} 行是一个对象", f"an object on line {number}")),
    )


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
                yield from (list(row) for row in zip(*map(_cells, batch.columns), strict=True))
    except (pa.ArrowException, OSError, UnicodeError) as error:  # the last: text that is no UTF-8
        why = of_file(str(error))
        raise SourceError(
            Text(
                f"{path} 不是可读的 Parquet 文件（{why.zh}）。",
                f"{path} is not a Parquet file that can be read ({why.en}).",
            ),
            note=str(error),
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


def flat(shape: object) -> object:
    """A GeoJSON value without heights: every position of it has two numbers. What is no position stays as it is."""
    if isinstance(shape, dict):
        return {name: flat(value) for name, value in shape.items()}
    if not isinstance(shape, list):
        return shape
    numbers = all(isinstance(one, int | float) for one in shape)
    return shape[:_FLAT] if numbers and len(shape) == _FLAT + 1 else [flat(one) for one in shape]


def _features(path: Path, encoding: str, pairs: Pairs) -> Iterator[Record]:
    with Reader(path, encoding, pairs) as reader:
        found = False
        if reader.next() != "{":
            raise unsuitable(path, _COLLECTION)
        for name in reader.names():
            if name != "features" or reader.next() != "[":
                reader.value()
                continue
            found = True
            for feature in reader.elements():
                if not isinstance(feature, dict):
                    raise unsuitable(path, _COLLECTION)
                yield feature
        reader.end()
    if not found:
        raise unsuitable(path, _COLLECTION)


def _elements(path: Path, encoding: str, pairs: Pairs) -> Iterator[tuple[int, Any]]:
    """The elements of a JSON array, numbered."""
    with Reader(path, encoding, pairs) as reader:
        if reader.next() not in {"[", ""}:
            raise _no_array(path, reader.value())  # which says where it is no JSON at all
        yield from enumerate(reader.elements(), 1)
        reader.end()


def _no_array(path: Path, value: object) -> SourceError:
    """The refusal of JSON that is something else: a Table Schema may have been taken for the data."""
    if not (isinstance(value, dict) and isinstance(value.get("fields"), list)):
        return unsuitable(path, _OBJECTS)
    name = plain(str(path))
    return SourceError(
        Text(f"{name} 不是数据，像是表结构（Table Schema）。", f"{name} is no data: this looks like a Table Schema."),
        Text(
            f"请运行：civicat validate 数据文件 --schema {name}",
            f"Run: civicat validate FILE --schema {name}",
        ),
    )


def _lines(path: Path, encoding: str, pairs: Pairs) -> Iterator[tuple[int, Any]]:
    """The values of lines of JSON, with the number of their line."""
    decode = decoder(path, pairs).decode
    with path.open(encoding=encoding) as file:
        for number, line in enumerate(iter(lambda: file.readline(_LONGEST), ""), 1):
            if len(line) == _LONGEST:
                raise unsuitable(path, Text("每行不太长的 JSON", "JSON of which no line is too long"))
            if line.strip():
                yield number, _value(path, number, line, decode)


def _value(path: Path, number: int, line: str, decode: Callable[[str], Any]) -> Any:  # noqa: ANN401 (any JSON value)
    try:
        return decode(line)
    except DuplicateNameError as error:
        raise duplicate(path, number, error.name) from error
    except json.JSONDecodeError as error:
        raise wrong(path, number, error.msg) from error
    except ValueError as error:  # a number of thousands of digits
        raise too_long(path, number) from error
    except RecursionError as error:
        raise unsuitable(path, Text("层次不太深的 JSON", "JSON that is not nested too deeply")) from error


def _rows(
    path: Path,
    values: Callable[[Pairs], Iterator[tuple[int, Any]]],
    declared: Sequence[str],
    refusal: Callable[[int], SourceError],
) -> Iterator[list[Any]]:
    """Rows of arrays as they are, or of objects as a table. The first value says which; the others are of its kind."""
    kind = next((list if isinstance(value, list) else dict for _, value in values(unique)), dict)

    def checked(pairs: Pairs) -> Iterator[Any]:
        for number, value in values(pairs):
            if not isinstance(value, kind):
                raise refusal(number)
            yield value

    yield from checked(unique) if kind is list else _table(path, checked, declared)


def _table(path: Path, records: Callable[[Pairs], Iterable[Record]], declared: Sequence[str]) -> Iterator[list[Any]]:
    """The header and the rows of objects, which are read twice: strictly for their names, then for their values."""
    names = dict.fromkeys(declared)
    for record in records(unique):
        if not names.keys() >= record.keys():
            names.update(dict.fromkeys(record))
            if len(names) > MOST_NAMES:
                raise _crowded(path, len(names))
    if names:
        yield list(names)
    yield from ([record.get(name) for name in names] for record in records(None))


def _crowded(path: Path, count: int) -> SourceError:
    return SourceError(
        Text(
            f"{path} 的各项里有 {count} 个以上不同的名称，每个名称是一列，不像一张表。",
            f"{path} has {count:,} different names in its objects or more, and each is a column: hardly a table.",
        ),
        Text(
            "若名称其实是数据（如编号），请改写成一列的值。",
            "Where names are data, such as identifiers, make them values of a column.",
        ),
    )


def _cells(column: pa.Array[Any]) -> list[Any]:
    """A column as Python values that a schema can judge; what Python has no value for is text."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    for fits, unfolded in _CELLS:
        if fits(column.type):
            return unfolded(column)
    return _python(column)


def _python(column: pa.Array[Any]) -> list[Any]:
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError):  # a date beyond the year 9999
        return list(pc.cast(column, pa.string()).to_pylist())


def _times(column: pa.Array[Any]) -> list[Any]:
    """Times of nanoseconds as those of microseconds, which is what Python has; as text where that would cut them."""
    kind = column.type
    coarse = pa.time64("us") if pa.types.is_time64(kind) else pa.timestamp("us", getattr(kind, "tz", None))
    try:
        return _python(pc.cast(column, coarse))
    except pa.ArrowInvalid:
        return list(pc.cast(column, pa.string()).to_pylist())


def _durations(column: pa.Array[Any]) -> list[Any]:
    """Durations as ISO 8601 writes them, in seconds."""
    spans = pc.cast(column, pa.duration("us"), safe=False).to_pylist()
    return [
        None if one is None else f"PT{one / dt.timedelta(seconds=1):.6f}".rstrip("0").rstrip(".") + "S" for one in spans
    ]


def _bytes(column: pa.Array[Any]) -> list[Any]:
    """Bytes as text where they are that, else in base64."""
    return [None if one is None else _text(one) for one in column.to_pylist()]


def _text(cell: bytes) -> str:
    try:
        return cell.decode()
    except UnicodeDecodeError:
        return base64.b64encode(cell).decode()


def _maps(column: pa.Array[Any]) -> list[Any]:
    return [None if one is None else {str(name): value for name, value in one} for one in column.to_pylist()]


_BINARY = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
_CELLS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array[Any]], list[Any]]], ...] = (
    (lambda kind: pa.types.is_timestamp(kind) or pa.types.is_time64(kind), _times),
    (pa.types.is_duration, _durations),
    (lambda kind: any(is_it(kind) for is_it in _BINARY), _bytes),
    (pa.types.is_map, _maps),
    (pa.types.is_float16, lambda column: pc.cast(column, pa.float32()).to_pylist()),
    (pa.types.is_dictionary, lambda column: _cells(column.dictionary_decode())),
    (pa.types.is_interval, lambda column: [None if one is None else str(one) for one in column.to_pylist()]),
)

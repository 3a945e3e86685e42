"""Which files civicat checks, and how each of them is read: by frictionless itself, or turned into cells first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from civicat.dataset import Dataset, Resource
from civicat.errors import SourceError
from civicat.text import Text
from civicat.validators import encodings
from civicat.validators.archives import PACKED, Unpacked, how_packed, told_as
from civicat.validators.delimited import record_at, separator
from civicat.validators.encodings import Damage
from civicat.validators.places import existing
from civicat.validators.remarks import Remark

if TYPE_CHECKING:  # each reader is loaded with the first file that needs it
    from civicat.validators.workbooks import Workbook

Cells = Iterator[list[Any]]

DELIMITED = frozenset({"csv", "tsv"})
WORKBOOKS = frozenset({"xlsx", "xlsm", "xlsb", "xls", "ods"})
BINARY = WORKBOOKS | {"parquet"}
RECORDS = frozenset({"geojson", "json", "jsonl", "ndjson", "parquet"})  # those of records.READERS
KNOWN = tuple(sorted(DELIMITED | WORKBOOKS | RECORDS))

# What a suffix means; a file that is handed in by itself has no other word on its format.
SUFFIXES: Mapping[str, str] = {**{name: name for name in KNOWN}, "txt": "csv", "tab": "tsv"}


@dataclass(frozen=True)
class Source:
    """A resource's file, found and looked at. `format` is empty where it is no table that we know.

    `encoding` is empty where the file is not text. `cells` reads the file as rows of cells, the header first; it is
    None where the engine cuts the file's bytes itself. `path` is what is read, `handed_in` what was handed in,
    which is another where it is packed (`packed` says how): its bytes and its checksum are what a report gives, as in
    frictionless.
    """

    resource: Resource
    path: Path
    format: str
    encoding: str
    cells: Callable[[], Cells] | None
    handed_in: Path
    packed: str = ""
    known_sound: bool = False  # whether the file was found whole when its encoding was looked for
    workbook: Workbook | None = None
    unpacked: Unpacked | None = None  # what keeps the unpacked file while anybody may read it

    @cached_property
    def damage(self) -> Damage | None:
        """Where the file cannot be read in its encoding: one pass over the file, made when it is first asked for."""
        return None if not self.encoding or self.known_sound else encodings.damage(self.path, self.encoding)

    def remarks(self, *, has_zeros: bool = True) -> tuple[Remark, ...]:
        """What is odd about the file as a whole; ask once its rows were read, and it costs next to nothing.

        `has_zeros` says whether zero bytes may be in it, which are then looked for.

        Raises:
            SourceError: the file cannot be read.
        """
        if self.workbook is not None:
            return self.workbook.remarks()
        zeros = _zeros(self) if has_zeros and self.format in DELIMITED else ()
        return (*zeros, *(_doubt(self) if self.resource.encoding and self.encoding else ()))

    def damage_facts(self) -> Mapping[str, str]:
        """What the message of a damage quotes: the encoding, line, byte (from 0), the bytes, record and column.

        The record and the column are those of a delimited file, 0 in others; `likely` is a better encoding or empty.
        """
        damage = self.damage
        if damage is None:
            return {}
        row, column = self.damage_place()
        return {
            "encoding": self.encoding,
            "line": str(damage.line),
            "byte": str(damage.offset),
            "bytes": damage.bad[:1].hex().upper(),
            "record": str(row),
            "number": str(column),
        }

    def damage_place(self) -> tuple[int, int]:
        """The record (the header counted) and the column of the damage, both from 1; 0 where that is not known."""
        if self.damage is None or self.format not in DELIMITED:
            return 0, 0
        return record_at(self.path, self.encoding, self.damage.offset, _delimiter(self))


def find_source(dataset: Dataset, resource: Resource) -> Source:
    """The file of a resource, unpacked where it is packed.

    Raises:
        SourceError: it is not there, leads out of the folder, is not what its format says, or cannot be unpacked.
        DescriptorError: its encoding has a name that nobody knows.
    """
    _refuse_parts(resource)
    path = existing(dataset.folder, resource.path)
    packed = how_packed(resource.path, str(resource.descriptor.get("compression") or ""))
    if resource.format not in {*KNOWN, *PACKED}:
        return Source(resource, path, "", "", None, path)
    if not packed:
        return _looked_at(Source(resource, path, resource.format, "", None, path), dataset)
    inner = Unpacked(path, packed, str(resource.descriptor.get("innerpath") or ""))
    kind = SUFFIXES.get(inner.path.suffix.lstrip(".").lower(), "") if resource.format in PACKED else resource.format
    with told_as(inner.path, path):
        return _looked_at(Source(resource, inner.path, kind, "", None, path, packed, unpacked=inner), dataset)


def _looked_at(source: Source, dataset: Dataset) -> Source:
    """The source with its encoding and its reader."""
    if not source.format:
        return source
    if source.format in WORKBOOKS:
        from civicat.validators.workbooks import Workbook  # noqa: PLC0415 (see above)

        book = Workbook(source.path, source.resource.dialect, _missing(source.resource))
        return replace(source, workbook=book, cells=partial(_rows, book, source.unpacked))
    if source.format in BINARY:
        return replace(source, cells=_reader(source, ""))
    encoding, sound = _encoding(source, dataset)
    return replace(source, encoding=encoding, known_sound=sound, cells=_reader(source, encoding))


def _encoding(source: Source, dataset: Dataset) -> tuple[str, bool]:
    """The encoding of a text file, and whether it is known to be sound to its end."""
    if not source.resource.encoding:
        found = encodings.examine(source.path)
        return found.encoding, found.damage is None
    name = encodings.declared(source.resource.encoding, f"{dataset.folder}, {source.resource.name}")
    encodings.refuse_binary(source.path, name)
    return encodings.with_mark(source.path, name), False


def _reader(source: Source, encoding: str) -> Callable[[], Cells] | None:
    if source.format in DELIMITED:
        return None
    from civicat.validators.records import READERS  # noqa: PLC0415 (see above)

    declared = tuple(field.name for field in source.resource.schema.fields)
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    return partial(_records, source, READERS[source.format], declared, encoding)


def _records(
    source: Source, read: Callable[[Path, Sequence[str], str], Cells], declared: Sequence[str], encoding: str
) -> Cells:
    """The rows of records; as long as somebody reads them, the source is held, and so the file that was unpacked."""
    with told_as(source.path, source.handed_in):
        yield from read(source.path, declared, encoding)


def _rows(book: Workbook, unpacked: Unpacked | None) -> Cells:
    """The rows of a sheet; the file that was unpacked is held as above."""
    yield from book.rows()
    del unpacked


def _missing(resource: Resource) -> frozenset[str]:
    """The texts that stand for no value, in any column."""
    schema = resource.schema.descriptor
    levels = (schema, *(one for one in _list(schema.get("fields")) if isinstance(one, dict)))
    listed = (one for level in levels for one in _list(level.get("missingValues")))
    return frozenset(str(one.get("value", "")) if isinstance(one, dict) else str(one) for one in listed)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _delimiter(source: Source) -> str:
    below = source.resource.dialect.get("csv")
    declared = {**(below if isinstance(below, dict) else {}), **source.resource.dialect}.get("delimiter")
    if isinstance(declared, str) and len(declared) == 1:
        return declared
    return "\t" if source.format == "tsv" else separator(source.path, source.encoding)


def _zeros(source: Source) -> Iterator[Remark]:
    """Zero bytes in a text: they are read as characters, which nobody sees. In UTF-16 every letter has some."""
    if source.encoding.startswith(("utf-16", "utf-32")) or (found := encodings.zeros(source.path)) is None:
        return
    row, column = record_at(source.path, source.encoding, found.first, _delimiter(source))
    count = Text(f"{found.count} 个", f"{found.count:,} of them" if found.count > 1 else "one")
    facts = {"byte": Text(str(found.first), f"{found.first:,}"), "count": count}
    yield Remark("zero-bytes", facts=facts, row=row or None, column=column or None)


def _doubt(source: Source) -> Iterator[Remark]:
    """An encoding that was declared and makes nonsense of the text."""
    if (doubt := encodings.doubt(source.path, source.encoding)) is not None:
        facts = {"encoding": source.encoding, "likely": doubt.likely, "garbled": doubt.garbled, "better": doubt.better}
        yield Remark("encoding-doubtful", facts=facts)


def _refuse_parts(resource: Resource) -> None:
    """A table in several files would be checked in part, and called checked."""
    paths = resource.descriptor.get("path")
    if (isinstance(paths, list) and len(paths) > 1) or resource.descriptor.get("extrapaths"):
        raise SourceError(
            Text(
                f"资源“{resource.name}”由几个文件组成，civicat 每张表只查一个文件。",
                f"Resource {resource.name} lies in several files, and civicat checks one for each table.",
            ),
            Text("请合并成一个。", "Join them."),
        )

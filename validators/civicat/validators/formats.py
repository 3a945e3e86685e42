"""Which files civicat checks, and how each of them is read: by frictionless itself, or turned into cells first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from civicat.dataset import Dataset, Resource
from civicat.errors import SourceError
from civicat.text import Text
from civicat.validators import encodings
from civicat.validators.encodings import Damage
from civicat.validators.places import existing
from civicat.validators.records import READERS
from civicat.validators.workbooks import read_sheet

Cells = Iterator[list[Any]]

DELIMITED = frozenset({"csv", "tsv"})
WORKBOOKS = frozenset({"xlsx", "xlsm", "xlsb", "xls", "ods"})
BINARY = WORKBOOKS | {"parquet"}
KNOWN = tuple(sorted(DELIMITED | WORKBOOKS | set(READERS)))

# What a suffix means; a file that is handed in by itself has no other word on its format.
SUFFIXES: Mapping[str, str] = {**{name: name for name in KNOWN}, "txt": "csv", "tab": "tsv"}


@dataclass(frozen=True, slots=True)
class Source:
    """A resource's file, found and looked at. `format` is empty where it is no table that we know.

    `encoding` is empty where the file is not text; `damage` is where the file cannot be read in it. `cells` reads the
    file as rows of cells, the header first; it is None where frictionless reads the file itself.
    """

    resource: Resource
    path: Path
    format: str
    encoding: str
    damage: Damage | None
    cells: Callable[[], Cells] | None


def find_source(dataset: Dataset, resource: Resource) -> Source:
    """The file of a resource.

    Raises:
        SourceError: it is not there, leads out of the folder, or is not what its format says.
        DescriptorError: its encoding has a name that nobody knows.
    """
    _refuse_parts(resource)
    path = existing(dataset.folder, resource.path)
    if resource.format not in KNOWN:
        return Source(resource, path, "", "", None, None)
    if resource.format in BINARY:
        return Source(resource, path, resource.format, "", None, _reader(resource, path, ""))
    if resource.encoding:
        encoding = encodings.declared(resource.encoding, f"{dataset.folder}, {resource.name}")
        encodings.refuse_binary(path, encoding)
    else:
        encoding = encodings.detect(path)
    damage = encodings.damage(path, encoding)
    return Source(resource, path, resource.format, encoding, damage, _reader(resource, path, encoding))


def _refuse_parts(resource: Resource) -> None:
    """A table in several files would be checked in part, and called checked."""
    paths = resource.descriptor.get("path")
    if (isinstance(paths, list) and len(paths) > 1) or resource.descriptor.get("extrapaths"):
        raise SourceError(
            Text(
                f"资源“{resource.name}”由几个文件组成，civicat 每张表只查一个文件。请合并成一个。",
                f"Resource {resource.name} lies in several files, and civicat checks one for each table. Join them.",
            )
        )


def _reader(resource: Resource, path: Path, encoding: str) -> Callable[[], Cells] | None:
    if resource.format in DELIMITED:
        return None
    if resource.format in WORKBOOKS:
        return partial(read_sheet, path, resource.dialect)
    declared = tuple(field.name for field in resource.schema.fields)
    return partial(READERS[resource.format], path, declared, "utf-8-sig" if encoding == "utf-8" else encoding)

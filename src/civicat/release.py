"""A published release: immutable, complete in itself, known by department, dataset and version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from civicat.dataset import Dataset, Department, Resource, read_dataset, read_department
from civicat.mapping import Block
from civicat.text import Text


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version `major.minor.patch`: columns changed so that readers break, data changed, only words changed."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """A version from its text, or None where the text is none."""
        parts = text.split(".")
        if len(parts) != len(cls.__slots__) or not all(part.isascii() and part.isdecimal() for part in parts):
            return None
        return cls(*(int(part) for part in parts))


@dataclass(frozen=True, slots=True)
class Table:
    """One resource of a release as a Parquet file: `path` on disk, size in bytes, sha256 in hex, number of rows."""

    resource: Resource
    name: str
    path: Path
    bytes: int
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a dataset, and `change`, what is new in it since the version before.

    `inputs` is the sha256 of what was handed in; `released` is UTC, ISO 8601, to the second.
    """

    dataset: Dataset
    department: Department
    version: Version
    folder: Path
    tables: tuple[Table, ...]
    inputs: str
    released: str
    report: Mapping[str, object]
    change: Text = field(default_factory=Text)

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)


def read_release(
    folder: Path,
    descriptor: Mapping[str, object],
    report: Mapping[str, object],
    provenance: Mapping[str, object],
) -> Release:
    """A Release from the parsed JSON files of its folder.

    Raises:
        DescriptorError: the release's own descriptor cannot be read.
    """
    file = f"{folder}/datapackage.json"
    block = Block(descriptor, file).block("civicat").block("release")
    block.only(("department", "version", "change", "inputs"))
    department = read_department(block.block("department").values, file)
    dataset = read_dataset(descriptor, file, department.code, folder)
    version = Version.parse(block.needed("version"))
    if version is None:
        raise block.unknown(block.needed("version"), ("1.0.0",))
    return Release(
        dataset=dataset,
        department=department,
        version=version,
        folder=folder,
        tables=tuple(_table(dataset, resource, folder) for resource in dataset.resources),
        inputs=block.needed("inputs"),
        released=str(provenance.get("released", "")),
        report=report,
        change=block.both("change"),
    )


def _table(dataset: Dataset, resource: Resource, folder: Path) -> Table:
    block = Block(resource.descriptor, f"{folder}/datapackage.json", resource.name)
    return Table(
        resource=resource,
        name=dataset.table(resource),
        path=folder / resource.path,
        bytes=block.get("bytes", int, 0),
        sha256=block.text("hash").removeprefix("sha256:"),
        rows=block.get("rows", int, 0),
    )

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
    """The number of a release, of three parts or four; each is greater than those before it.

    Semantic: `major.minor.patch`: readers break, the data changed, only words changed. Calendar: `year.month.day`, and
    `again` counts on from 1 where a day has more than one (docs/decisions/0006).
    """

    major: int
    minor: int
    patch: int
    again: int = 0

    def __str__(self) -> str:
        whole = f"{self.major}.{self.minor}.{self.patch}"
        return f"{whole}.{self.again}" if self.again else whole

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """A version from its text, or None where the text is none; each version has one spelling."""
        parts = text.split(".")
        if len(parts) not in {3, 4} or not all(part.isascii() and part.isdecimal() for part in parts):
            return None
        version = cls(*(int(part) for part in parts))
        return version if str(version) == text else None


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file of a table: `path` on disk, size in bytes, sha256 in hex, number of rows."""

    path: Path
    bytes: int
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Table:
    """One resource of a release as Parquet files: one, or several in order where the table is large."""

    resource: Resource
    name: str
    parts: tuple[Part, ...]

    @property
    def path(self) -> Path:
        """The file on disk of a table in one part; the first of several."""
        return self.parts[0].path

    @property
    def sha256(self) -> str:
        """That of the only part, in hex; the first of several."""
        return self.parts[0].sha256

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files on disk, in the order of their rows."""
        return tuple(part.path for part in self.parts)

    @property
    def bytes(self) -> int:
        """The size of all parts."""
        return sum(part.bytes for part in self.parts)

    @property
    def rows(self) -> int:
        """The rows of all parts."""
        return sum(part.rows for part in self.parts)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What stays of a release that was taken down: why, by whose authority, when (UTC, ISO 8601, to the second).

    `manifest` is the sha256 of its manifest, in hex; `inputs` that of what had been handed in, `data` those of its data
    files alone. `released` is when it had been published, `rows` how many rows it had.
    """

    dataset: str
    version: Version
    title: Text
    reason: Text
    authority: Text
    retracted: str
    released: str
    rows: int
    manifest: str
    inputs: str
    data: tuple[str, ...]


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
    parts = block.block("civicat").blocks("parts")
    found = tuple(_part(part, folder, part.needed("path")) for part in parts)
    return Table(resource, dataset.table(resource), found or (_part(block, folder, resource.path),))


def _part(block: Block, folder: Path, path: str) -> Part:
    digest = block.text("hash").removeprefix("sha256:")
    return Part(folder / path, block.get("bytes", int, 0), digest, block.get("rows", int, 0))


def read_tombstone(values: Mapping[str, object], file: str) -> Tombstone:
    """A Tombstone from the parsed JSON of its file.

    Raises:
        DescriptorError: it cannot be read as one.
    """
    block = Block(values, file)
    version = Version.parse(block.needed("version"))
    if version is None:
        raise block.unknown(block.needed("version"), ("1.0.0",))
    return Tombstone(
        dataset=block.needed("dataset"),
        version=version,
        title=block.both("title"),
        reason=block.both("reason"),
        authority=block.both("authority"),
        retracted=block.needed("retracted"),
        released=block.text("released"),
        rows=block.get("rows", int, 0),
        manifest=block.needed("manifest"),
        inputs=block.text("inputs"),
        data=block.texts("data"),
    )

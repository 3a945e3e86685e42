"""What differs between two releases, as frozen values. The cells themselves lie in a file: they may be millions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from civicat.dataset import Field
from civicat.publish.schema_changes import SchemaChange
from civicat.publish.word_changes import DescriptionChange
from civicat.release import Version
from civicat.text import Text

Kind = Literal["added", "removed", "changed"]
# The types of fields that are a part of a row's date.
DATED = frozenset({"date", "datetime", "year", "yearmonth"})
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two releases: its version, the sha256 of its inputs and of its manifest, both in hex.

    `manifest` is empty while a release is being made: its manifest is written last.
    """

    version: Version
    inputs: str
    manifest: str


@dataclass(frozen=True, slots=True)
class Span:
    """The least and the greatest value of a key's column over the rows of a kind, spelled; empty if one is missing."""

    column: str
    first: str
    last: str

    @property
    def is_one(self) -> bool:
        """Whether all those rows have the same value."""
        return bool(self.first) and self.first == self.last


@dataclass(frozen=True, slots=True)
class TableDiff:
    """What differs in one table that both releases have.

    `key` is empty where rows have no key and were compared as a multiset. `changed` are rows, `cells` what differs in
    them, `by_column` the same by the newer name of the column; `emptied` and `filled` are those of them that hold no
    value now, and that held none before. `fields` are those of the second release, then those that only the first has.
    `shared` are the columns of the key in which all changed rows are the same, their date for one; `ranged` is the
    date of the key whose range they are told with, blank where they share one or have none. `peers` are the rows of
    both releases that are the same in what is shared, and lie within that range.
    """

    table: str
    resource: str
    title: Text
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    before: int
    after: int
    added: int
    removed: int
    changed: int
    cells: int
    by_column: Mapping[str, int]
    spans: Mapping[Kind, tuple[Span, ...]]
    shared: tuple[str, ...]
    peers: int
    ranged: str
    emptied: Mapping[str, int]
    filled: Mapping[str, int]

    @property
    def is_same(self) -> bool:
        """Whether no row differs."""
        return not (self.added or self.removed or self.changed)

    def field(self, name: str) -> Field | None:
        """The field of that name, if there is one."""
        return next((one for one in self.fields if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Diff:
    """Two releases of one dataset, and what differs. `changes` is the file with every row and cell (changes.py)."""

    dataset: str
    title: Text
    old: Side
    new: Side
    schema: tuple[SchemaChange, ...]
    tables: tuple[TableDiff, ...]
    changes: Path
    descriptions: tuple[DescriptionChange, ...]

    @property
    def is_same(self) -> bool:
        """Whether neither schema nor rows differ; words may."""
        return not self.schema and all(table.is_same for table in self.tables)

    @property
    def is_forwards(self) -> bool:
        """Whether the second release is the younger one, so that a value may be called a correction."""
        return self.old.version <= self.new.version

    def is_restated(self, table: TableDiff, name: str) -> bool:
        """Whether a column is in another unit or of another type, so that its values are not to be set off."""
        kinds = {"unit-changed", "field-retyped"}
        return any((one.table, one.field) == (table.table, name) and one.kind in kinds for one in self.schema)

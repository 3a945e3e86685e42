"""What an export form is: its name, and a function that makes a file of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from civicat.release import Release, Table
from civicat.text import Text


@dataclass(frozen=True, slots=True)
class Content:
    """What goes into one export: the tables of a release, or one of them. `search` asks for full-text search.

    `manifest` is the sha256 of the release's manifest, in hex.
    """

    release: Release
    tables: tuple[Table, ...]
    manifest: str
    search: bool = False

    @property
    def table(self) -> Table:
        """The only table, of a form that is made of one."""
        return self.tables[0]


@dataclass(frozen=True, slots=True)
class Form:
    """One form: `make` writes the content to a new file, reading batch by batch, and may not leave anything beside it.

    `suffix` ends the file's name. A form is made of one resource, or of a release where it is not `per_resource`.
    `notes` says what in it is not as in the release, blank where nothing is. `revision` goes up when the same content
    gives other bytes.

    `make` raises OSError where the file cannot be written or a table cannot be read, CivicatError where the content
    cannot be had in this form at all.
    """

    name: str
    suffix: str
    media_type: str
    title: Text
    make: Callable[[Content, Path], None]
    notes: Text = field(default_factory=Text)
    per_resource: bool = True
    searchable: bool = False
    revision: int = 1

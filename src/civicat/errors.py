"""The one exception tree. Each says in a line what could not be done and what to do; only cli.py prints and exits.

CivicatError             it could not be checked or done (exit status 2)
├── DescriptorError      a department.yaml, datapackage.yaml or schema that cannot be read as one
├── SourceError          data that cannot be opened: missing, corrupt, outside the dataset folder, not a file
├── StoreError           the store: a release that is not there or not whole, a folder that cannot be written
└── NotThereYetError     a command that the contract names and this version does not have
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self, TypeAlias

from civicat.text import Text

# What frictionless calls it where it cannot read something: the type of its error.
Kind: TypeAlias = Literal[
    "error",
    "source-error",
    "scheme-error",
    "format-error",
    "encoding-error",
    "compression-error",
    "metadata-error",
    "package-error",
    "resource-error",
    "schema-error",
    "checklist-error",
]


class CivicatError(Exception):
    """Something could not be checked or done: `what`, and `remedy` says what to do about it.

    `message` is both in one line. `kind` and `note` are frictionless' type and words for it, which a report in JSON
    bears; where no note is given it is what we say ourselves.
    """

    usual: ClassVar[Kind] = "error"

    def __init__(self, what: Text, remedy: Text | None = None, *, kind: Kind | None = None, note: str = "") -> None:
        self.what, self.remedy = what, remedy or Text()
        self.message = _joined(self.what, self.remedy)
        super().__init__(self.message.en or self.message.zh)
        self.kind: Kind = kind or self.usual
        self.note = note or what.en

    def renamed(self, old: str, new: str) -> Self:
        """The same of another name: what was unpacked into a folder of ours is told by the file that was handed in."""
        what = Text(self.what.zh.replace(old, new), self.what.en.replace(old, new))
        return type(self)(what, self.remedy, kind=self.kind, note=self.note.replace(old, new))


def _joined(what: Text, remedy: Text) -> Text:
    return Text(f"{what.zh}{remedy.zh}", f"{what.en} {remedy.en}".strip())


class DescriptorError(CivicatError):
    """A descriptor that cannot be read: bad YAML, an unknown key, a value of the wrong kind."""

    usual = "metadata-error"


class SourceError(CivicatError):
    """Data that cannot be opened or read at all."""

    usual = "source-error"


class StoreError(CivicatError):
    """The store cannot be read or written, or a release in it is not whole."""


class NotThereYetError(CivicatError):
    """A command that is part of the contract and not of this version."""

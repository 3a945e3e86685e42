"""The one exception tree. Each says in a line what could not be done and what to do; only cli.py prints and exits.

CivicatError             it could not be checked or done (exit status 2)
├── DescriptorError      a department.yaml, datapackage.yaml or schema that cannot be read as one
├── SourceError          data that cannot be opened: missing, corrupt, outside the dataset folder, not a file
├── StoreError           the store: a release that is not there or not whole, a folder that cannot be written
└── NotThereYetError     a command that the contract names and this version does not have
"""

from __future__ import annotations

from civicat.text import Text


class CivicatError(Exception):
    """Something could not be checked or done. `message` is one line in both languages."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en or message.zh)
        self.message = message


class DescriptorError(CivicatError):
    """A descriptor that cannot be read: bad YAML, an unknown key, a value of the wrong kind."""


class SourceError(CivicatError):
    """Data that cannot be opened or read at all."""


class StoreError(CivicatError):
    """The store cannot be read or written, or a release in it is not whole."""


class NotThereYetError(CivicatError):
    """A command that is part of the contract and not of this version."""

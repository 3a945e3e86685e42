"""What ends the reading of a table: bytes that are no text, a record that has no end, a record that csv refuses.

No exceptions of civicat's tree: whoever reads the table makes a finding of each, after the records before it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False)
class RecordError(Exception):
    """The table cannot be read beyond the record before `number` (from 1, the header counted)."""

    number: int


@dataclass(eq=False)
class BadBytesError(RecordError):
    """Bytes that the encoding cannot read, in record `number`: `offset` of the first in the file, the codec's words."""

    offset: int
    note: str


@dataclass(eq=False)
class LongRecordError(RecordError):
    """Record `number` has no end within `size` bytes: a quote that is not closed, or no line breaks at all."""

    size: int


@dataclass(eq=False)
class CrowdedRecordError(RecordError):
    """Record `number` has more cells than any table has columns: `size` of them."""

    size: int


@dataclass(eq=False)
class CsvRecordError(RecordError):
    """Python's csv refuses record `number`, in these words."""

    note: str

"""What a kernel is asked for: one field, its constraints, and how to turn to frictionless about its cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from civicat.dataset import Field
from civicat.validators.columns import Column
from civicat.validators.engine.kernels.kernel import CellReader

_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


@dataclass(frozen=True)
class Asked:
    """One field. `written` is its descriptor as it stands in the schema, None where it is not known.

    `loaded` gives frictionless' reader, which takes frictionless half a second to load: only for cells that need it.
    """

    field: Field
    missing: frozenset[str]
    loaded: Callable[[], CellReader]
    column: Column
    written: Mapping[str, object] | None
    from_workbook: bool

    @cached_property
    def reader(self) -> CellReader:
        """Frictionless' own reader of a cell. What it raises is the fault of a rule, and passes through."""
        return self.loaded()

    @property
    def stored(self) -> pa.DataType:
        """The type of the column."""
        return self.column.stored

    @property
    def format(self) -> str:
        """The field's format, without the mark that version 1 of the standard once had before it."""
        return self.field.format.replace("fmt:", "") if self.field.format.startswith("fmt:") else self.field.format

    @property
    def constraints(self) -> Mapping[str, object]:
        """What the field's values have to hold, but for `unique`; what is null or only says `required` is left out."""
        return {
            name: value
            for name, value in self.field.constraints.items()
            if value is not None and name not in {"required", "unique"}
        }

    @property
    def required(self) -> bool:
        """Whether a missing value is wrong."""
        return bool(self.field.constraints.get("required"))

    @property
    def only_limits(self) -> bool:
        """Whether there are no constraints but limits."""
        return set(self.constraints) <= set(_LIMITS)

    def has(self, *keys: str) -> bool:
        """Whether one of these keys stands in the descriptor, or may stand there."""
        return self.written is None or any(key in self.written for key in keys)

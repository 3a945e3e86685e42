"""truncated-value: texts and whole numbers that end where many programs cut off."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.engine.arrays import mask, widths
from civicat.validators.engine.block import Mask
from civicat.validators.engine.checks.theirs import Theirs
from civicat.validators.engine.checks.watch import Columns, Rowwise, Watch, nothing
from civicat.validators.engine.view import View

# frictionless 5.21, checks/cell/truncated_value.py; 2**64, its largest, is beyond the type and looked at anyway.
_LENGTH = 255  # characters
_LIMITS = pa.array([2**63 - 1, 2**32 - 1, 2**31 - 1, 2**21, 2**16 - 1, 2**15 - 1], pa.int64())
# Types whose values are neither texts nor whole numbers, or too small for a limit: a truth, a year of four digits.
_NEVER = frozenset(
    {
        *("number", "boolean", "date", "datetime", "time", "year", "yearmonth", "duration", "geopoint", "geojson"),
        *("array", "object", "list"),
    }
)


def watch(theirs: Theirs, check: object, columns: Columns) -> Watch | None:
    """The watch of such a check; None where a column may hold texts as well as numbers."""
    texts, numbers = columns.of("string"), columns.of("integer")
    if not set(columns.types) <= {"string", "integer", *_NEVER}:
        return None

    def marks(view: View) -> Mask:
        found = nothing(view)
        for place in texts:
            typed = view.typed(place)
            if len(typed) and widths(typed).max() >= _LENGTH:
                found |= mask(pc.equal(pc.utf8_length(typed), _LENGTH))
        for place in numbers:
            found |= mask(pc.is_in(view.typed(place), value_set=_LIMITS))
        found[view.apart([*texts, *numbers])] = True
        return found

    return Rowwise(theirs, check, marks)

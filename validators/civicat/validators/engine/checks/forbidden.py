"""forbidden-value: values that must not stand in a column."""

from __future__ import annotations

from civicat.validators.engine.block import Mask
from civicat.validators.engine.checks.equals import COMPARED, may_equal
from civicat.validators.engine.checks.theirs import Theirs
from civicat.validators.engine.checks.watch import Columns, Rowwise, Watch
from civicat.validators.engine.view import View


def watch(theirs: Theirs, check: object, columns: Columns) -> Watch | None:
    """The watch of such a check; None where the column's values are of a type that Arrow does not compare."""
    values = list(getattr(check, "values", ()))
    place = columns.place(getattr(check, "field_name", ""))
    if place is None or columns.types[place] not in COMPARED:
        return None

    def marks(view: View) -> Mask:
        return may_equal(view, place, values)

    return Rowwise(theirs, check, marks)

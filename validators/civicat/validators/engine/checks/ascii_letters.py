"""ascii-value: texts of ASCII characters only."""

from __future__ import annotations

import pyarrow.compute as pc

from civicat.validators.engine.arrays import mask, parts, valid
from civicat.validators.engine.block import Mask
from civicat.validators.engine.checks.theirs import Theirs
from civicat.validators.engine.checks.watch import Columns, Rowwise, Watch, nothing
from civicat.validators.engine.view import View

_BEYOND = 128  # the first byte that is no ASCII


def watch(theirs: Theirs, check: object, columns: Columns) -> Watch | None:
    """The watch of such a check."""
    places = columns.of("string")

    def marks(view: View) -> Mask:
        found = nothing(view)
        for place in places:
            typed = view.typed(place)
            data = parts(typed)[0]
            if len(data) and data.max() >= _BEYOND:
                found |= valid(typed) & ~mask(pc.string_is_ascii(typed))
        found[view.apart(places)] = True
        return found

    return Rowwise(theirs, check, marks)

"""Which cells of a column may equal one of some values, as Python compares them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow.compute as pc

from civicat.validators.engine.arrays import mask
from civicat.validators.engine.block import Mask
from civicat.validators.engine.hashing import settle
from civicat.validators.engine.view import View, nulls

# Types whose values Arrow holds so that no two that Python calls equal are kept apart.
COMPARED = frozenset({"string", "integer", "number", "boolean", "date", "datetime", "time", "year"})


def may_equal(view: View, place: int, wanted: Sequence[Any]) -> Mask:
    """The rows whose value may be among `wanted`; every one that is, and those that the column's type cannot hold."""
    typed = view.typed(place)
    listed = settle(list(wanted), typed.type).values.drop_null()
    found = mask(pc.is_in(typed, value_set=listed))
    if any(one is None for one in wanted):
        found |= nulls(typed)
    if apart := view.apart([place]):
        found = found.copy()
        found[apart] = True
    return found

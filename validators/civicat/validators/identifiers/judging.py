"""A column against an identifier: which rows are wrong and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from civicat.text import Text
from civicat.validators.identifiers.columns_of_text import texts
from civicat.validators.identifiers.identifier import Identifier, Mask

_GLANCE = 100  # rows that speak against most kinds before a whole column is read


def wrong(identifier: Identifier, values: pa.Array[Any]) -> Mapping[int, Text]:
    """The rows (from 0, ascending) whose value is not a good one, and why; a null passes, a number is its digits.

    The column is judged at once where the identifier can; what is left is judged once for each distinct value.
    """
    left = np.flatnonzero(_unsure(identifier, values))
    if not len(left):
        return {}
    rest = texts(values.take(pa.array(left))).dictionary_encode()
    whys = [identifier.check(str(value)) for value in rest.dictionary.to_pylist()]
    found = zip(left.tolist(), rest.indices.to_pylist(), strict=True)
    return {row: why for row, code in found if (why := whys[code]) is not None}


def _unsure(identifier: Identifier, values: pa.Array[Any]) -> Mask:
    there: Mask = np.asarray(pc.is_valid(values).to_numpy(zero_copy_only=False), dtype=np.bool_)
    return there if identifier.sure is None else there & ~identifier.sure(values)


def fitting(identifiers: Iterable[Identifier], values: pa.Array[Any]) -> tuple[Identifier, ...]:
    """The telling identifiers that every value of a column is good for; none for a column without values.

    A few values may fit by chance: it is for the caller to ask for enough of them.
    """
    present = values.drop_null()
    if not len(present):
        return ()
    first = present.slice(0, _GLANCE)
    glanced = [one for one in identifiers if one.telling and not wrong(one, first)]
    return tuple(one for one in glanced if not wrong(one, present))

"""One kernel for each field: a way of reading its whole column at once, by its type; frictionless for what is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from civicat.dataset import Field
from civicat.validators.columns import column
from civicat.validators.engine.kernels.asked import Asked
from civicat.validators.engine.kernels.booleans import booleans
from civicat.validators.engine.kernels.exactly import Exactly
from civicat.validators.engine.kernels.fast import Fast, Way
from civicat.validators.engine.kernels.kernel import CellReader, Kernel
from civicat.validators.engine.kernels.moments import moments
from civicat.validators.engine.kernels.numbers import integers, numbers
from civicat.validators.engine.kernels.places import points
from civicat.validators.engine.kernels.texts import texts
from civicat.validators.engine.kernels.times import clocks, dates, years

# The types that have a fast way. Of a field whose constraints or format a way does not know, it makes nothing.
_WAYS: Mapping[str, Callable[[Asked], Way | None]] = {
    "any": texts,
    "boolean": booleans,
    "date": dates,
    "datetime": moments,
    "geopoint": points,
    "integer": integers,
    "number": numbers,
    "string": texts,
    "time": clocks,
    "year": years,
}


def kernel_for(
    field: Field,
    missing: Sequence[str],
    reader: Callable[[], CellReader],
    *,
    from_workbook: bool,
    written: Mapping[str, object] | None = None,
) -> Kernel:
    """The kernel of a field.

    Args:
        field: the field.
        missing: its missing values, those of the schema where it has none of its own.
        reader: gives frictionless' own reader of its cells; called when the first cell needs it.
        from_workbook: whether numbers are taken with the digits that Excel shows.
        written: its descriptor as it stands in the schema (decimalChar, trueValues ...). Without it, numbers and
            booleans are left to frictionless, once for each different text.
    """
    asked = Asked(field, frozenset(missing), reader, column(field, from_workbook=from_workbook), written, from_workbook)
    found = _WAYS.get(field.type)
    way = found(asked) if found else None
    return Fast(asked, way or _exactly(asked))


def _exactly(asked: Asked) -> Way:
    exactly = Exactly(asked)
    return Way(exactly.texts, settled=True, first=exactly.first if asked.field.type == "datetime" else None)

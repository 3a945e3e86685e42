"""date, time of day and year: by Arrow where they are ISO 8601, by their digits where every part has its width."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.engine.arrays import Read, either, marked, valid, without
from civicat.validators.engine.kernels.asked import Asked
from civicat.validators.engine.kernels.fast import Objects, Texts, Way
from civicat.validators.engine.kernels.layouts import DAY, SECOND, Layout, always, clock, days, layout_of, read_digits
from civicat.validators.engine.kernels.limits import Limits, whole_limits

Limit: TypeAlias = Callable[[object], "int | None"]

_FIRST_DAY = (dt.date.min - dt.date(1970, 1, 1)).days  # Arrow counts days from 1970 and knows years that Python has not
_LAST_DAY = (dt.date.max - dt.date(1970, 1, 1)).days
_LAST_YEAR = 9999
_YEAR = Layout(4, {"%Y": 0}, {})


def _way(asked: Asked, texts: Texts, kinds: Mapping[type, Objects], limit: Limit | None = None) -> Way | None:
    """A way whose values are whole numbers beneath; its limits are read as its cells are, or by `limit`."""

    def as_cell(value: object) -> int | None:
        if not isinstance(value, str):
            return None
        read = texts(pa.array([value], pa.string()))
        return None if read.unsure is not None else beneath(read.values)[0].as_py()

    limits = whole_limits(asked.constraints, limit or as_cell)
    if limits is None or not asked.only_limits:
        return None

    def checked(read: Read) -> Read:
        return Read(read.values, either(read.unsure, limits.broken(beneath(read.values))))

    return Way(
        texts=lambda cells: checked(texts(cells)),
        kinds={kind: _then(checked, way) for kind, way in kinds.items()},
    )


def _then(checked: Callable[[Read], Read], way: Objects) -> Objects:
    return lambda cells: checked(way(cells))


def beneath(values: pa.Array[Any]) -> pa.Array[Any]:
    """The whole numbers that dates and times are."""
    if pa.types.is_integer(values.type):
        return values
    return values.view(pa.int32() if pa.types.is_date(values.type) else pa.int64())


def dates(asked: Asked) -> Way | None:
    """The way of a date."""
    layout = layout_of("%Y-%m-%d" if asked.format == "default" else asked.format)
    if layout is None or not layout.day or layout.clock:
        return None

    def by_digits(texts: pa.Array[Any]) -> Read:
        read = read_digits(layout, texts, days)
        return Read(read.values.cast(pa.int32()).view(pa.date32()), read.unsure)

    texts = _iso_dates(by_digits) if asked.format == "default" else by_digits
    return _way(asked, texts, {dt.datetime: _midnights, dt.date: lambda cells: Read(pa.array(cells, pa.date32()))})


def _iso_dates(otherwise: Texts) -> Texts:
    def texts(cells: pa.Array[Any]) -> Read:
        try:
            values = pc.cast(cells, pa.date32())
        except pa.ArrowInvalid:
            return otherwise(cells)
        return Read(values) if Limits(_FIRST_DAY, _LAST_DAY).broken(beneath(values)) is None else otherwise(cells)

    return texts


def all_naive(cells: list[object]) -> bool:
    """Whether no time of them carries an offset."""
    return {getattr(cell, "tzinfo", None) for cell in cells} == {None}


def _midnights(cells: list[object]) -> Read:
    """Dates out of a workbook's times; of those at another hour frictionless says that they are none."""
    if not all_naive(cells):
        return none_of(cells, pa.date32())
    moments = pa.array(cells, pa.timestamp("us"))
    beneath = moments.view(pa.int64()).fill_null(0).to_numpy()
    values = pa.array((beneath // DAY).astype(np.int32), mask=~valid(moments)).view(pa.date32())
    return Read(values, marked(beneath % DAY >= SECOND))  # frictionless does not look at microseconds


def none_of(cells: list[object], stored: pa.DataType) -> Read:
    """No cell read, all of them unsure but None."""
    return Read(pa.nulls(len(cells), stored), np.fromiter((cell is not None for cell in cells), np.bool_, len(cells)))


def clocks(asked: Asked) -> Way | None:
    """The way of a time of day, without an offset."""
    layout = layout_of("%H:%M:%S" if asked.format == "default" else asked.format)
    if layout is None or not layout.clock or "%Y" in layout.places or "%m" in layout.places or "%d" in layout.places:
        return None

    def texts(cells: pa.Array[Any]) -> Read:
        read = read_digits(layout, cells, lambda found: (clock(found), always(found)))
        return Read(read.values.view(pa.time64("us")), read.unsure)

    def objects(cells: list[object]) -> Read:
        return Read(pa.array(cells, pa.time64("us"))) if all_naive(cells) else none_of(cells, pa.time64("us"))

    return _way(asked, texts, {dt.time: objects})


def years(asked: Asked) -> Way | None:
    """The way of a year of four digits."""

    def texts(cells: pa.Array[Any]) -> Read:
        read = read_digits(_YEAR, cells, lambda found: (found["%Y"].astype(np.int64), always(found)))
        return Read(read.values.cast(pa.int32()), read.unsure)

    return _way(asked, texts, {int: _whole_years}, _year)


def _year(limit: object) -> int | None:
    if isinstance(limit, str):
        return int(limit) if re.fullmatch(r"[0-9]{4}", limit) else None
    return limit if isinstance(limit, int) and not isinstance(limit, bool) and 0 <= limit <= _LAST_YEAR else None


def _whole_years(cells: list[object]) -> Read:
    try:
        numbers = pa.array(cells, pa.int64())
    except (OverflowError, pa.ArrowInvalid):
        return none_of(cells, pa.int32())
    wrong = Limits(0, _LAST_YEAR).broken(numbers)
    return Read(without(numbers, wrong).cast(pa.int32()), wrong)

"""geopoint: `121.47, 31.23`, kept as it is written."""

from __future__ import annotations

import pyarrow as pa

from civicat.validators.engine.arrays import Read, marked, matches, valid
from civicat.validators.engine.kernels.asked import Asked
from civicat.validators.engine.kernels.fast import Way

_LONGITUDE = r"-?(?:180(?:\.0{1,30})?|(?:1[0-7][0-9]|[0-9]{1,2})(?:\.[0-9]{1,30})?)"
_LATITUDE = r"-?(?:90(?:\.0{1,30})?|[0-8]?[0-9](?:\.[0-9]{1,30})?)"
_POINT = rf"\A {{0,9}}{_LONGITUDE} {{0,9}}, {{0,9}}{_LATITUDE} {{0,9}}\z"


def points(asked: Asked) -> Way | None:
    """The way of a geopoint in the default format, longitude first."""
    if asked.format != "default" or asked.constraints:
        return None

    def texts(cells: pa.Array[str]) -> Read:
        return Read(cells, marked(valid(cells) & ~matches(cells, _POINT)))

    return Way(texts=texts)

"""Longitudes and latitudes in decimal degrees: WGS84 (or CGCS2000), and GCJ-02, the shifted grid of Chinese maps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from civicat.text import Text
from civicat.validators.identifiers.columns_of_text import of_form, texts
from civicat.validators.identifiers.identifier import Identifier, Mask, Sure
from civicat.validators.identifiers.writing import like, matching

_FORM = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_DUE = Text("116.3913 或 39.9075（十进制度数）", "116.3913 or 39.9075 (decimal degrees)")
_SWAPPED = {
    "longitude": Text("看来是纬度，经纬度可能写反了", "it looks like a latitude, so the two may be swapped"),
    "latitude": Text("看来是经度，经纬度可能写反了", "it looks like a longitude, so the two may be swapped"),
}


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The degrees that one axis may have, ends included, and those of the other axis."""

    axis: str
    least: float
    most: float
    other: tuple[float, float]


# GCJ-02 is defined for China alone, and its algorithm is not published. Public code that converts to it shifts nothing
# outside of this rectangle, in all the projects that were looked at; so beyond it WGS84 is the name for the figures.
_CHINA_LONGITUDE, _CHINA_LATITUDE = (72.004, 137.8347), (0.8293, 55.8271)
_LONGITUDE = _Bounds("longitude", -180, 180, (-90, 90))
_LATITUDE = _Bounds("latitude", -90, 90, (-180, 180))
_LONGITUDE_GCJ02 = _Bounds("longitude", *_CHINA_LONGITUDE, _CHINA_LATITUDE)
_LATITUDE_GCJ02 = _Bounds("latitude", *_CHINA_LATITUDE, _CHINA_LONGITUDE)


def _check(bounds: _Bounds, text: str) -> Text | None:
    if why := matching(text, _FORM, _DUE):
        return why
    degrees = float(text)
    if bounds.least <= degrees <= bounds.most:
        return None
    return _SWAPPED[bounds.axis] if bounds.other[0] <= degrees <= bounds.other[1] else _outside(bounds)


def _outside(bounds: _Bounds) -> Text:
    return Text(
        f"应在 {bounds.least} 至 {bounds.most} 度之间", f"it must be from {bounds.least} to {bounds.most} degrees"
    )


def _sure(bounds: _Bounds) -> Sure:
    written = of_form(r"-?[0-9]{1,3}(?:\.[0-9]{1,15})?")

    def sure(values: pa.Array[Any]) -> Mask:
        numeric = pa.types.is_floating(values.type) or pa.types.is_integer(values.type)
        readable = np.ones(len(values), dtype=np.bool_) if numeric else written(values)
        column = values if numeric else texts(values).filter(pa.array(readable))
        degrees = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        readable[readable] = (degrees >= bounds.least) & (degrees <= bounds.most)  # a null is NaN, and in no bounds
        return readable

    return sure


def _wgs84(axis: Text, side: Text, swapped: Text) -> Text:
    return Text(
        f"WGS84（与 CGCS2000 相差很小）的{axis.zh}，十进制度数，{side.zh}。检查是否在界内。{swapped.zh}",
        f"The {axis.en} in WGS84 (CGCS2000 differs very little), in decimal degrees, {side.en} positive. Checked: "
        f"the bounds. {swapped.en}",
    )


def _gcj02(axis: Text, bounds: _Bounds) -> Text:
    return Text(
        f"GCJ-02（国内地图所用的加偏坐标）的{axis.zh}，十进制度数。检查是否在包住中国的矩形之内（{bounds.least} 至 "
        f"{bounds.most} 度）；"
        "落在另一轴界内的，提示经纬度可能写反。从数值本身看不出是 WGS84 还是 GCJ-02。",
        f"The {axis.en} in GCJ-02 (the shifted grid of maps made in China), in decimal degrees. Checked: the "
        f"rectangle around China ({bounds.least} to {bounds.most} degrees); a value in the bounds of the other "
        f"axis is said to look swapped. The "
        "figures alone do not show whether they are WGS84 or GCJ-02.",
    )


LONGITUDE = Identifier(
    name="longitude",
    title=Text("经度（WGS84）", "longitude (WGS84)"),
    description=_wgs84(
        Text("经度", "longitude"),
        Text("东经为正", "east"),
        Text(
            "纬度的值也都在经度界内，所以经纬度写反要在纬度一列才看得出。",
            "Every latitude is in them too, so a swapped pair shows in the column of latitudes alone.",
        ),
    ),
    standard="WGS84 (EPSG:4326)",
    valid=("116.3913", "-74.006", "180"),
    invalid=(
        ("180.0001", _outside(_LONGITUDE)),
        ("116°23′29″", like(_DUE)),
        ("116.3913,39.9075", like(_DUE)),
    ),
    check=partial(_check, _LONGITUDE),
    sure=_sure(_LONGITUDE),
)

LATITUDE = Identifier(
    name="latitude",
    title=Text("纬度（WGS84）", "latitude (WGS84)"),
    description=_wgs84(
        Text("纬度", "latitude"),
        Text("北纬为正", "north"),
        Text("界外的值若像经度，提示可能写反。", "A value that could be a longitude is said to look swapped."),
    ),
    standard="WGS84 (EPSG:4326)",
    valid=("39.9075", "-33.8688", "90"),
    invalid=(
        ("90.0001", _SWAPPED["latitude"]),
        ("116.3913", _SWAPPED["latitude"]),
        ("190", _outside(_LATITUDE)),
        ("39,9075", like(_DUE)),
    ),
    check=partial(_check, _LATITUDE),
    sure=_sure(_LATITUDE),
)

LONGITUDE_GCJ02 = Identifier(
    name="longitude-gcj02",
    title=Text("经度（GCJ-02）", "longitude (GCJ-02)"),
    description=_gcj02(Text("经度", "longitude"), _LONGITUDE_GCJ02),
    standard="GCJ-02",
    valid=("116.3976", "72.004", "137.8347"),
    invalid=(
        ("39.9088", _SWAPPED["longitude"]),
        ("72.003", _outside(_LONGITUDE_GCJ02)),
        ("0", _outside(_LONGITUDE_GCJ02)),
    ),
    check=partial(_check, _LONGITUDE_GCJ02),
    sure=_sure(_LONGITUDE_GCJ02),
)

LATITUDE_GCJ02 = Identifier(
    name="latitude-gcj02",
    title=Text("纬度（GCJ-02）", "latitude (GCJ-02)"),
    description=_gcj02(Text("纬度", "latitude"), _LATITUDE_GCJ02),
    standard="GCJ-02",
    valid=("39.9088", "0.8293", "55.8271"),
    invalid=(
        ("116.3976", _SWAPPED["latitude"]),
        ("55.83", _outside(_LATITUDE_GCJ02)),
        ("0", _outside(_LATITUDE_GCJ02)),
    ),
    check=partial(_check, _LATITUDE_GCJ02),
    sure=_sure(_LATITUDE_GCJ02),
)

"""Columns of which little is told: truths, geometries, and whatever has no figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from civicat.publish.profile.rounding import figure
from civicat.publish.profile.semantics import Evidence, semantic

# Simple Features, as WKB numbers them: the thousands say which coordinates there are beside x and y.
_KINDS = (
    *("Geometry", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"),
    "GeometryCollection",
)
_HEAD = 5  # bytes: the order of bytes, and the kind in four
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


class TruthColumn:
    """How many are true and how many false."""

    def __init__(self) -> None:
        self.count = 0
        self._true = 0

    def add(self, values: pa.Array[Any]) -> None:
        """Takes in the next block."""
        self.count += len(values) - values.null_count
        self._true += values.true_count

    def figures(self, evidence: Evidence) -> dict[str, object]:
        """What profile.json says of it."""
        counts = {"true": self._true, "false": self.count - self._true}
        there = sorted(((name, count) for name, count in counts.items() if count), key=lambda one: (-one[1], one[0]))
        told: dict[str, object] = {"distinct": {"value": len(there), "exact": True}}
        if there:
            told |= {"min": min(name for name, _ in there), "max": max(name for name, _ in there)}
            told |= {"mean": figure(self._true / self.count)}
            told |= {"top": {"exact": True, "values": [{"value": name, "count": count} for name, count in there]}}
        meant = semantic(evidence)
        return told | ({"semantic": meant} if meant and there else {})


class ShapeColumn:
    """Kinds of the geometries in WKB, and the box around them all where a column of boxes stands beside them."""

    def __init__(self) -> None:
        self.count = 0
        self._kinds = np.zeros(len(_KINDS), np.int64)
        self._box: list[float] | None = None

    def add(self, values: pa.Array[Any]) -> None:
        """Takes in the next block."""
        there = values.drop_null()
        self.count += len(there)
        if len(there) and pa.types.is_binary(there.type):
            self._kinds += _kinds(there)

    def cover(self, boxes: pa.Array[Any]) -> None:
        """Takes in the boxes of the next block: a struct of xmin, ymin, xmax and ymax."""
        ends = [pc.min_max(boxes.field(corner)).as_py() for corner in _CORNERS]
        low, high = [one["min"] for one in ends[:2]], [one["max"] for one in ends[2:]]
        if None in (*low, *high):
            return
        last = self._box or [*low, *high]
        self._box = [*map(min, low, last[:2]), *map(max, high, last[2:])]

    def figures(self, evidence: Evidence) -> dict[str, object]:  # noqa: ARG002 - as every kind of column
        """What profile.json says of it."""
        kinds = {name: int(count) for name, count in zip(_KINDS, self._kinds, strict=True) if count}
        box = [figure(one) for one in self._box] if self._box else None
        return {**({"bbox": box} if box else {}), **({"kinds": kinds} if kinds else {})}


class OtherColumn:
    """How many values there are, and nothing else."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, values: pa.Array[Any]) -> None:
        """Takes in the next block."""
        self.count += len(values) - values.null_count

    def figures(self, evidence: Evidence) -> dict[str, object]:  # noqa: ARG002 - as every kind of column
        """Nothing."""
        return {}


def covers(of: pa.DataType) -> bool:
    """Whether a column holds boxes around the geometries of another, as GeoParquet 1.1 has them."""
    return pa.types.is_struct(of) and all(of.get_field_index(corner) >= 0 for corner in _CORNERS)


def _kinds(shapes: pa.Array[Any]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """How many there are of each kind; what is no WKB counts as Geometry."""
    offsets = np.frombuffer(shapes.buffers()[1], np.int32)[shapes.offset : shapes.offset + len(shapes) + 1]
    data = np.frombuffer(shapes.buffers()[2] or b"", np.uint8)
    starts = offsets[:-1][np.diff(offsets) >= _HEAD].astype(np.int64)
    little = data[starts] == 1
    low = data[starts + np.where(little, 1, 4)].astype(np.int64)
    high = data[starts + np.where(little, 2, 3)].astype(np.int64)
    number = (low + 256 * high) % 1000
    number[number >= len(_KINDS)] = 0
    counts = np.bincount(number, minlength=len(_KINDS))
    counts[0] += len(shapes) - len(starts)
    return counts

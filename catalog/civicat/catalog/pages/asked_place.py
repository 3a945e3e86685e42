"""A place in a question: a box of degrees, as somebody writes it in an address, in a form, or by a click on the map."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from unicodedata import normalize

from civicat.text import Text

Box = tuple[float, float, float, float]  # west, south, east, north in degrees; west over east crosses 180°
SIDES = ("west", "south", "east", "north")
WORLD: Box = (-180.0, -90.0, 180.0, 90.0)
_EDGES = dict(zip(SIDES, WORLD, strict=True))
_LIMITS = {"west": 180, "south": 90, "east": 180, "north": 90}
_PLACES = 4  # decimals of a degree: about 11 metres
_LONGEST = 40  # characters of a side; of all four together four times as many
_DEGREES = re.compile(r"([+-]?)(\d{1,3}(?:[.,]\d{1,15})?)°?([NSEW]?)", re.IGNORECASE | re.ASCII)
_MINUS = str.maketrans("−–—", "---")

MAP = (240, 120)  # CSS pixels of the map, whatever the screen: the server reckons a click with them
CLICK = (30, 20)  # degrees of the box around a click, across and up

# Well-known places, in whole degrees rounded outward.
PRESETS: tuple[tuple[Text, Box], ...] = (
    # 73°40′ to 135°02′30″ E, 3°52′ to 53°33′ N: the national geography as the State Council's site states it.
    (Text("中国", "China"), (73.0, 3.0, 136.0, 54.0)),
    # 172°27′ E (Attu Island) to 66°57′ W, 18°55′ (Ka Lae) to 71°23′ N: the fifty states, U.S. Geological Survey.
    (Text("美国", "United States"), (172.0, 18.0, -66.0, 72.0)),
    (Text("全世界", "Whole world"), WORLD),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """A value that could not be read: its field, and what stood there. `field` `box` is all four sides together."""

    field: str
    written: str


@dataclass(frozen=True, slots=True)
class Place:
    """What was read: a box, or None; what stands in the form's fields; and what could not be read."""

    box: Box | None = None
    written: Mapping[str, str] | None = None
    problems: tuple[Problem, ...] = ()


def read_place(values: Mapping[str, str]) -> Place:
    """The place in a question's values: four sides, of which a blank one is the world's edge; a click; or `box`."""
    sides = {side: values.get(side, "")[:_LONGEST] for side in SIDES}
    if any(sides.values()):
        return _from_sides(sides)
    clicked = _from_click(values.get("at.x", ""), values.get("at.y", ""))
    if clicked is not None:
        return _place(clicked)
    joined = values.get("box", "")[: 4 * _LONGEST]
    return _from_joined(joined) if joined else Place()


def _from_joined(joined: str) -> Place:
    parts = joined.split(",")
    if len(parts) != len(SIDES) or not all(parts):
        return Place(problems=(Problem("box", joined),))
    return _from_sides(dict(zip(SIDES, parts, strict=True)))


def _from_sides(sides: Mapping[str, str]) -> Place:
    degrees = {side: _degrees(side, value) if value else _EDGES[side] for side, value in sides.items()}
    problems = tuple(Problem(side, sides[side]) for side, value in degrees.items() if value is None)
    read = [value for value in degrees.values() if value is not None]
    if problems:
        return Place(written=sides, problems=problems)
    west, south, east, north = read
    if south > north:
        return Place(written=sides, problems=(Problem("south>north", f"{sides['south']} > {sides['north']}"),))
    return _place((west, south, east, north))


def _place(box: Box) -> Place:
    return Place(box, dict(zip(SIDES, map(degrees, box), strict=True)))


def _degrees(side: str, written: str) -> float | None:
    """Degrees as people write them (−74, 74°W, 39,9N), None where they are none or beyond the pole or 180°."""
    found = _DEGREES.fullmatch(normalize("NFKC", written).translate(_MINUS).replace(" ", ""))
    if found is None:
        return None
    sign, figures, direction = found[1], found[2].replace(",", "."), found[3].upper()
    allowed = "" if not direction else "WE" if side in {"west", "east"} else "NS"
    if direction and (sign or direction not in allowed):
        return None
    value = round(float(figures), _PLACES) * (-1 if sign == "-" or direction in {"W", "S"} else 1)
    return value if abs(value) <= _LIMITS[side] else None


def _from_click(across: str, down: str) -> Box | None:
    """The box around a point of the map, moved to lie within the poles; it may cross 180°."""
    if not (_is_pixel(across) and _is_pixel(down)):
        return None
    (width, height), (wide, high) = MAP, CLICK
    longitude = min(int(across), width) / width * 360 - 180
    latitude = 90 - min(int(down), height) / height * 180
    south = max(-90.0, min(latitude - high / 2, 90.0 - high))
    return (_around(longitude - wide / 2), south, _around(longitude + wide / 2), south + high)


def _is_pixel(written: str) -> bool:
    return written.isdecimal() and written.isascii() and len(written) <= 5  # noqa: PLR2004 (no screen is as broad)


def _around(longitude: float) -> float:
    """A longitude from -180 up to 180."""
    return (longitude + 180) % 360 - 180


def degrees(value: float) -> str:
    """Degrees as an address has them: 116.4, -74."""
    return f"{round(value, _PLACES) + 0.0:.{_PLACES}f}".rstrip("0").rstrip(".")  # + 0.0: -0 is 0


def written_box(box: Box) -> str:
    """A box as an address has it: 73,3,136,54."""
    return ",".join(map(degrees, box))


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A box as it is drawn: CSS pixels from the left and the top of the map."""

    x: float
    y: float
    width: float
    height: float


def rectangles(box: Box) -> Iterator[Rectangle]:
    """A box on the map, in plate carrée: two rectangles where it crosses 180°. A point still shows."""
    west, south, east, north = box
    spans = ((west, east),) if west <= east else ((west, 180.0), (-180.0, east))
    across, down = MAP[0] / 360, MAP[1] / 180
    for left, right in spans:
        yield Rectangle(
            round((left + 180) * across, 1),
            round((90 - north) * down, 1),
            max(round((right - left) * across, 1), 1.0),
            max(round((north - south) * down, 1), 1.0),
        )

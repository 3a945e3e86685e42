"""Points and shapes on a graticule: a cylindrical projection that keeps areas, true at the middle of what is shown.

There are no coasts and no borders: no map of anybody else's is asked for, and none is drawn that could be wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from civicat.catalog.charts.columns import Column
from civicat.catalog.charts.drawing import SIZE, Drawing, Label, Path, at, rule
from civicat.catalog.charts.plot import Mark, Plot, Ring
from civicat.catalog.charts.scales import class_of, classes, inside, widest_gap
from civicat.catalog.charts.spelled import short, width
from civicat.catalog.charts.units import with_unit
from civicat.text import Language, Text

CLASSES = 5
_DIAMETERS = (3.5, 4.5, 6.0, 8.0, 10.5)  # of a point by its class, in pixels: size says the same as the shade
_CROWD, _SMALL = 1_500, 0.65  # points from which on each is drawn so much smaller
_RIM = 1.6  # pixels of the outline of all points together
_SHAPE = (0.32, 0.95)  # height of a map by its width, at least and at most
_LEFT, _FOOT = 44, 22  # for the degrees
_STEEPEST = 84.0  # degrees: nearer to a pole this projection presses all into a line
_MARGIN = 0.04
_NO_VALUE = Text("空", "empty")


@dataclass(frozen=True, slots=True)
class Frame:
    """Where degrees lie on paper. `cut` is the meridian of the left edge's side of the world."""

    west: float
    east: float
    south: float
    north: float
    cut: float
    left: float
    top: float
    scale: float
    true: float

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Degrees east and north as pixels."""
        return self.on_paper(_turned(x, self.cut), y)

    def on_paper(self, x: float, y: float) -> tuple[float, float]:
        """The same of degrees east that go on beyond 180, as those of the frame do."""
        return (
            self.left + (x - self.west) * math.cos(self.true) * self.scale,
            self.top + (_raised(self.north, self.true) - _raised(y, self.true)) * self.scale,
        )


def _turned(x: float, cut: float) -> float:
    return x + 360.0 if x < cut else x - 360.0 if x > cut + 360.0 else x


def _raised(y: float, true: float) -> float:
    return math.degrees(math.sin(math.radians(min(90.0, max(-90.0, y))))) / math.cos(true)


def mapped(plot: Plot, value: Column | None, language: Language, wide: int) -> Drawing:
    """The map of a plot and the legend of its classes under it."""
    frame, tall = _frame(plot.marks, wide)
    bounds = classes([mark.value for mark in plot.marks if mark.value is not None], CLASSES)
    grid, labels = _graticule(frame, wide, tall)
    drawn = _shapes(plot.marks, frame, bounds) if plot.shape == "shapes" else _points(plot.marks, frame, bounds)
    legend, words, high = _legend(plot, bounds, value, language, wide, tall + _FOOT + 24)
    return Drawing(wide, high, (*grid, *drawn, *legend), (*labels, *words))


def _frame(marks: Sequence[Mark], wide: int) -> tuple[Frame, float]:
    """The frame around all marks, a little larger; and the height of the map in pixels."""
    spots = [(x, y) for mark in marks for x, y in (_corners(mark) if mark.rings else ((mark.x, mark.y),))]
    cut = widest_gap([x for x, _ in spots])
    across = [_turned(x, cut) for x, _ in spots]
    up = [y for _, y in spots]
    span = max(max(across) - min(across), max(up) - min(up), 0.02)
    margin = span * _MARGIN
    west, east = max(min(across) - margin, cut - margin), max(across) + margin
    south, north = max(min(up) - margin, -90.0), min(max(up) + margin, 90.0)
    true = math.radians(min(60.0, max(-60.0, (south + north) / 2)))
    room = wide - _LEFT - 2
    scale = room / ((east - west) * math.cos(true))
    tall = (_raised(north, true) - _raised(south, true)) * scale
    if tall > room * _SHAPE[1]:
        scale *= room * _SHAPE[1] / tall
    tall = (_raised(north, true) - _raised(south, true)) * scale
    used = (east - west) * math.cos(true) * scale
    left = _LEFT + (room - used) / 2
    return Frame(west, east, south, north, cut, left, 4.0, scale, true), tall


def _corners(mark: Mark) -> list[tuple[float, float]]:
    return [spot for ring in mark.rings for spot in ring]


def _graticule(frame: Frame, wide: int, tall: float) -> tuple[list[Path], list[Label]]:
    right, base = frame.on_paper(frame.east, frame.south)
    lines, labels = [], []
    for x in inside(frame.west, frame.east, 6):
        at_x = frame.on_paper(x, frame.south)[0]
        lines.append(rule(at_x, frame.top, at_x, base))
        if frame.left + 14 <= at_x <= wide - 16:
            labels.append(Label(at_x, base + 16, _degrees((x + 180) % 360 - 180, "E", "W"), "", "middle"))
    last = math.inf
    for y in inside(frame.south, frame.north, 5):
        at_y = frame.on_paper(frame.west, y)[1]
        lines.append(rule(frame.left, at_y, right, at_y))
        if abs(at_y - last) > SIZE:
            labels.append(Label(frame.left - 6, at_y + 4, _degrees(y, "N", "S"), "", "end"))
            last = at_y
    frame_d = f"M{at(frame.left)} {at(frame.top)}H{at(right)}V{at(base)}H{at(frame.left)}z"
    del tall
    return [Path("gl", "".join(lines)), Path("frame", frame_d)], labels


def _degrees(value: float, positive: str, negative: str) -> str:
    side = "" if not round(value, 6) or round(abs(value), 6) == 180 else positive if value > 0 else negative  # noqa: PLR2004
    return f"{abs(round(value, 4)):g}°{side}"


def _points(marks: Sequence[Mark], frame: Frame, bounds: Sequence[float]) -> list[Path]:
    """All points of a class in one path; the rims of all lie under all, so that a crowd stays one shape."""
    drawn: dict[int, list[str]] = {}
    for mark in marks:
        x, y = frame.place(mark.x, mark.y)
        drawn.setdefault(_class(mark, bounds), []).append(f"M{at(x)} {at(y)}h0")
    ordered = sorted((place, "".join(dict.fromkeys(spots))) for place, spots in drawn.items())
    size = _SMALL if len(marks) > _CROWD and _first(bounds) else 1.0
    rims = [Path("rim", d, _diameter(place, bounds) * size + _RIM * size) for place, d in ordered]
    dots = [Path(f"dots k{max(place, 0)}", d, _diameter(place, bounds) * size) for place, d in ordered]
    return [*rims, *dots]


def _class(mark: Mark, bounds: Sequence[float]) -> int:
    return -1 if mark.value is None else class_of(mark.value, bounds) + _first(bounds)


def _first(bounds: Sequence[float]) -> int:
    """The shade of the lowest class: a map of one class is drawn in the middle shade."""
    return 3 if len(bounds) < 2 or bounds[0] == bounds[-1] else 0  # noqa: PLR2004


def _diameter(place: int, bounds: Sequence[float]) -> float:
    return _DIAMETERS[1] if _first(bounds) else _DIAMETERS[max(place, 0)]


def _shapes(marks: Sequence[Mark], frame: Frame, bounds: Sequence[float]) -> list[Path]:
    drawn: dict[str, list[str]] = {}
    for mark in marks:
        place = _class(mark, bounds)
        css = "area o" if place < 0 else f"area k{place}"
        drawn.setdefault(css, []).extend(_outline(ring, frame) for ring in mark.rings)
    return [Path(css, "".join(pieces)) for css, pieces in sorted(drawn.items())]


def _outline(ring: Ring, frame: Frame) -> str:
    spots = dict.fromkeys(" ".join(map(at, frame.place(x, y))) for x, y in ring)
    return f"M{'L'.join(spots)}z"


def _legend(  # noqa: PLR0913, PLR0917 - what it explains, and where it stands
    plot: Plot, bounds: Sequence[float], value: Column | None, language: Language, wide: int, top: float
) -> tuple[list[Path], list[Label], float]:
    """Each class in words beside its mark; and where the drawing ends."""
    if not bounds or bounds[0] == bounds[-1]:
        return [], [], top - 18
    title = value.title.within(language) if value else Text("行数", "Rows").within(language)
    title = with_unit(title, value.unit if value else "", language)
    labels = [Label(0, top, title, "k", origin=value.title.spoken(language) if value else "")]
    paths: list[Path] = []
    x, y = width(title, SIZE) + 18, top
    for place, words in enumerate(_spans(bounds, language)):
        long = width(words, SIZE) + 34
        if x + long > wide and x > 0:
            x, y = 0.0, y + 22
        if plot.shape == "shapes":
            paths.append(Path(f"area k{place}", f"M{at(x)} {at(y - 11)}h16v13h-16z"))
        else:
            dot = f"M{at(x + 7)} {at(y - 4)}h0"
            paths += [
                Path("rim", dot, _DIAMETERS[place] + _RIM),
                Path(f"dots k{place}", dot, _DIAMETERS[place]),
            ]
        labels.append(Label(x + 20, y, words))
        x += long
    return paths, labels, y + 10


def _spans(bounds: Sequence[float], language: Language) -> list[str]:
    join = " 至 " if language == "zh" else " to "
    return [f"{short(low, language)}{join}{short(high, language)}" for low, high in pairwise(bounds)]

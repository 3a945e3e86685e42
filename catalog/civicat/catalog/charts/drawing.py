"""A chart as it is drawn: paths and labels with a class each, and no colours. The style says how they look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WIDE, NARROW = 720, 340  # CSS pixels: two drawings of one chart, so that its words stay legible on a telephone
SIZE = 13  # of a label, CSS pixels
Anchor = Literal["start", "middle", "end"]
Origin = Literal["", "data", "zh", "en"]  # whose words: of the house, a value of the data, a descriptor's in a language


@dataclass(frozen=True, slots=True)
class Path:
    """Lines or areas of one class, as SVG writes them. `thick` is the width of dots in pixels; 0: the style has it."""

    css: str
    d: str
    thick: float = 0.0


@dataclass(frozen=True, slots=True)
class Label:
    """Words at a point, on their base line. `lang` is their language where it is not that of the page (BCP 47)."""

    x: float
    y: float
    words: str
    css: str = ""
    anchor: Anchor = "start"
    origin: Origin = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of a chart, in the order in which it is painted."""

    width: int
    height: float
    paths: tuple[Path, ...]
    labels: tuple[Label, ...]


def at(value: float) -> str:
    """A coordinate: to a tenth of a pixel, without zeros at its end."""
    return f"{value:.1f}".removesuffix(".0") if round(value, 1) else "0"


def box(x: float, y: float, width: float, height: float) -> str:
    """A rectangle as a piece of a path."""
    return f"M{at(x)} {at(y)}h{at(width)}v{at(height)}h{at(-width)}z"


def rule(x: float, y: float, to_x: float, to_y: float) -> str:
    """A straight line as a piece of a path."""
    return f"M{at(x)} {at(y)}L{at(to_x)} {at(to_y)}"

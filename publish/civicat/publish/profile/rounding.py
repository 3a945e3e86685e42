"""Figures that are told: rounded, so that the last bits of a sum are not part of a release."""

from __future__ import annotations

import math

_DIGITS = 10


def figure(number: float) -> float | None:
    """A number to ten significant digits; None where there is none."""
    return float(f"{number:.{_DIGITS}g}") + 0.0 if math.isfinite(number) else None


def rounded(share: float, places: int) -> float:
    """A share to so many decimals."""
    return round(float(share), places) + 0.0

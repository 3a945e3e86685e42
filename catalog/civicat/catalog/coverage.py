"""What a release covers on the map and in time: what its steward says, else what its columns hold."""

from __future__ import annotations

from dataclasses import dataclass

from civicat.release import Release

Box = tuple[float, float, float, float]  # west, south, east, north in degrees


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is covered; None and blank where nobody knows. `begins` and `ends` are days (ISO 8601).

    `told` says whether the steward says so, or it was found in the columns: of the box, of the time.
    """

    box: Box | None
    begins: str
    ends: str
    box_told: bool = False
    time_told: bool = False


def coverage(release: Release) -> Coverage:
    """What a release covers."""
    dataset = release.dataset
    box = dataset.place.box if dataset.place else None
    period = dataset.period
    return Coverage(
        box, period.begins if period else "", period.ends if period else "", box is not None, period is not None
    )

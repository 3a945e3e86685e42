"""The quality of a release, point by point: what is there for whoever uses it, what is missing, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from civicat.release import Release
from civicat.text import Text

LEVELS: Mapping[str, Text] = {
    "full": Text("全部要点", "Every point"),
    "most": Text("多数要点", "Most points"),
    "some": Text("部分要点", "Some points"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One point: `held` or missing; `what` says what it is, `todo` what its steward can do about it.

    `missing` names what it is missing of, such as columns.
    """

    code: str
    name: Text
    what: Text
    held: bool
    todo: Text
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quality:
    """The points of a release, in their order."""

    points: tuple[Point, ...]

    @property
    def held(self) -> int:
        """How many of the points are held."""
        return sum(point.held for point in self.points)


def quality(release: Release) -> Quality:
    """The points of a release; only what its own files say is looked at."""
    del release
    return Quality(())


def level(held: int, points: int) -> str:
    """The level of a number of points held (`LEVELS`); blank where nothing is counted."""
    if not points:
        return ""
    return "full" if held == points else "most" if held * 4 >= points * 3 else "some"

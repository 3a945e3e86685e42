"""What profile.json says of each column, as far as a picture needs it. What is not there is left out, never guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: the value, or the interval from one edge to the next, and how many rows it stands for."""

    value: str
    count: int
    until: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """One column: `count` cells that are filled, `missing` ones that are not, and what the filled ones hold.

    `distinct` is None where it is not known; `top` are the most frequent values, `histogram` bars in order of value.
    """

    count: int
    missing: int
    distinct: int | None
    least: str
    most: str
    top: tuple[Bar, ...]
    histogram: tuple[Bar, ...]

    @property
    def rows(self) -> int:
        """All cells of the column."""
        return self.count + self.missing


def figures(profile: Mapping[str, object], resource: str) -> dict[str, Figures]:
    """The columns of one resource by name; none where the profile does not hold it."""
    tables = (one for one in _mappings(profile.get("tables")) if one.get("resource") == resource)
    columns = _mappings(next(tables, {}).get("columns"))
    return {str(one.get("name", "")): _read(one) for one in columns}


def _mappings(many: object) -> list[Mapping[str, object]]:
    return [one for one in many if isinstance(one, Mapping)] if isinstance(many, list) else []


def _read(column: Mapping[str, object]) -> Figures:
    distinct, top = column.get("distinct"), column.get("top")
    return Figures(
        count=_whole(column.get("count")) or 0,
        missing=_whole(column.get("missing")) or 0,
        distinct=_whole(distinct.get("value")) if isinstance(distinct, Mapping) else None,
        least=_text(column.get("min")),
        most=_text(column.get("max")),
        top=tuple(_top(top.get("values"))) if isinstance(top, Mapping) else (),
        histogram=tuple(_histogram(column.get("histogram"))),
    )


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: object) -> str:
    """What a profile spells as text; anything else is not for a page."""
    return value if isinstance(value, str) else ""


def _top(many: object) -> Iterator[Bar]:
    for one in _mappings(many):
        count = _whole(one.get("count"))
        if count is not None and isinstance(one.get("value"), str):
            yield Bar(_text(one["value"]), count)


def _histogram(found: object) -> Iterator[Bar]:
    """Counts between edges, of which there is one more than counts."""
    if not isinstance(found, Mapping):
        return
    edges, counts = found.get("edges"), found.get("counts")
    if isinstance(edges, list) and isinstance(counts, list) and len(edges) == len(counts) + 1:
        for start, end, count in zip(edges, edges[1:], counts, strict=False):
            yield Bar(_text(start), _whole(count) or 0, _text(end))

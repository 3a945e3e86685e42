"""Which chart of a release is meant, and its address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, unquote

from civicat.catalog.charts.columns import Column, pair

Kind = Literal["distribution", "series", "bars", "map"]
KINDS: tuple[Kind, ...] = ("distribution", "series", "bars", "map")
By = Literal["", "sum", "mean"]
BYS: tuple[By, ...] = ("", "sum", "mean")
MOST_PANELS = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """A chart of one table: of `columns` by name, which mean what its kind says.

    distribution  the column
    series        the date, the value, and a category for small multiples
    bars          the category, and a value
    map           a value, or nothing
    """

    kind: Kind
    resource: str
    columns: tuple[str, ...] = ()
    by: By = ""

    @property
    def path(self) -> str:
        """The address below that of the release: chart/bars/counts/road%2FA."""
        return "/".join(("chart", self.kind, self.resource, *map(encoded, self.columns)))


def encoded(name: str) -> str:
    """A column's name as one piece of an address. Its dots too: what ends in .svg is another form of the chart."""
    return quote(name, safe="").replace(".", "%2E")


def decoded(piece: str) -> str:
    """The name that a piece of an address stands for."""
    return unquote(piece, errors="replace")


def fits(asked: Asked, found: tuple[Column, ...]) -> bool:
    """Whether a table has these columns, and they can be drawn so."""
    chosen = [next((one for one in found if one.name == name), None) for name in asked.columns]
    if any(one is None for one in chosen):
        return False
    roles = [one.role for one in chosen if one is not None]
    return _FITS[asked.kind](roles, found)


def _distribution(roles: Sequence[str], found: tuple[Column, ...]) -> bool:
    del found
    return len(roles) == 1 and roles[0] not in {"shape", "point"}


def _series(roles: Sequence[str], found: tuple[Column, ...]) -> bool:
    del found
    return list(roles) in (["date", "quantity"], ["date", "quantity", "code"])


def _bars(roles: Sequence[str], found: tuple[Column, ...]) -> bool:
    del found
    return len(roles) in {1, 2} and roles[0] in {"code", "text", "date"} and list(roles[1:]) in ([], ["quantity"])


def _map(roles: Sequence[str], found: tuple[Column, ...]) -> bool:
    has_places = pair(found) is not None or any(one.role in {"shape", "point"} for one in found)
    return has_places and list(roles) in ([], ["quantity"])


_FITS: Mapping[Kind, Callable[[Sequence[str], tuple[Column, ...]], bool]] = {
    "distribution": _distribution,
    "series": _series,
    "bars": _bars,
    "map": _map,
}

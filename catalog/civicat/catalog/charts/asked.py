"""Which chart of a release is meant, and its address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, unquote

from civicat.catalog.charts.columns import Column, pair
from civicat.catalog.charts.plot import Plot
from civicat.catalog.charts.units import can_be_added
from civicat.text import Text

Kind = Literal["distribution", "series", "bars", "map"]
KINDS: tuple[Kind, ...] = ("distribution", "series", "bars", "map")
By = Literal["", "sum", "mean"]
BYS: tuple[By, ...] = ("", "sum", "mean")
MOST_PANELS = 12
FEWEST_PERIODS = 3  # of a line: two points say first and last, and a sentence says that better


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
    return _FITS[asked.kind](roles, found) and not refused(asked, found)


def refused(asked: Asked, found: tuple[Column, ...]) -> Text:
    """Why columns that a table has cannot be drawn so; blank where nothing of what they mean is against it."""
    if asked.kind == "distribution":
        return Text()
    values = [one for name in asked.columns for one in found if one.name == name and one.role == "quantity"]
    return next((said for one in values if (said := _no_amount(one, asked.by))), Text())


def _no_amount(column: Column, by: By) -> Text:
    name, unit = column.title, column.unit
    if column.is_clock:
        return Text(
            f"“{name.within('zh')}”是写成数字的钟点（{unit}），不能相加，也不能取平均。",
            f"“{name.within('en')}” is a time of day that is written as a number ({unit}): "
            "it can be neither averaged nor added up.",
        )
    if column.names_only:
        return Text(
            f"“{name.within('zh')}”的数字只用来指称（编号、主键或日期的一部分），不能相加，也不能取平均。",
            f"The numbers of “{name.within('en')}” only name something (a number, a key, a part of a date): "
            "they can be neither averaged nor added up.",
        )
    if by == "sum" and not can_be_added(column.field.unit):
        return Text(
            f"“{name.within('zh')}”的单位是 {unit}，数值相加没有意义；可以取平均。",
            f"“{name.within('en')}” is in {unit}: a total of such values means nothing. An average can be drawn.",
        )
    return Text()


def too_short(asked: Asked, plot: Plot) -> Text:
    """Why a line is not drawn of so few periods; blank where there are enough, or none at all."""
    periods = len({mark.key for mark in plot.marks if mark.value is not None})
    if asked.kind != "series" or not periods or periods >= FEWEST_PERIODS:
        return Text()
    return Text(
        f"这些数据只有 {periods} 个时段，折线至少要有 {FEWEST_PERIODS} 个。",
        f"These data have {periods} {'period' if periods == 1 else 'periods'}: a line needs {FEWEST_PERIODS}.",
    )


def has_periods(date: Column) -> bool:
    """Whether a column of dates may have enough periods for a line, as far as its profile tells."""
    return date.distinct is None or date.distinct >= FEWEST_PERIODS


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

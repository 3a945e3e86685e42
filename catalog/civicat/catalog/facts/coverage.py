"""What a release covers on the map and in time: what its steward says, else what its columns hold.

On the map: the box around its geometries, or else around its columns of latitude and longitude. Data on both sides of
the antimeridian has a box around the world: two ends of a column cannot tell more.

In time: from the first to the last moment in the columns of each table that tell when something was: dates, moments
and years. Those of the primary key are preferred. What tells when a row was written or changed, or when somebody was
born, is not the time of the data; nor is a day that stands for none (1900-01-01), where nothing else is near it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from civicat.catalog.facts.withdrawn import read_json
from civicat.dataset import Period, Resource
from civicat.layout import PROFILE
from civicat.mapping import mappings
from civicat.release import Release

Box = tuple[float, float, float, float]  # west, south, east, north in degrees
Values = Mapping[str, object]

_ROUND = ((-180.0, 180.0), (-90.0, 90.0), (-180.0, 180.0), (-90.0, 90.0))
_NOWHERE = (0.0, 0.0, 0.0, 0.0)  # where columns that nobody filled in point to
_WHEN = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ].*)?)?)?")
_YEARS = range(1000, 2201)  # projections go to 2100 and a little beyond; 9999 is no year
_PLACEHOLDERS = frozenset(("1000-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01"))
_NEAR = 3653  # days: a day that may stand for none does mean itself where others are within ten years of it
_DAY = 10  # characters: 2012-08-31
_FEW = 2  # days that fall on the first of a month by chance
_DATES = frozenset(("date", "datetime"))
_YEAR_LIKE = frozenset(("year", "date-text"))  # what texts and whole numbers are found to mean
_OTHER_TIME = re.compile(  # when a row was kept, or a person or thing began: in a column's name or title
    r"(?<![a-z])(?:updat|modif|creat|chang|edited|insert|import|load|download|retriev|publish|releas|expir|valid|due(?![a-z])"
    r"|birth|born|dob(?![a-z])|founded|establish)|更新|修改|变更|创建|录入|入库|导入|下载|发布|有效|到期|截止|出生|成立"
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is covered; None and blank where nobody knows. `begins` and `ends` are the first and last day (ISO 8601).

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
    told = dataset.place.box if dataset.place else None
    tables = () if told and dataset.period else tuple(_tables(release))
    begins, ends = _told_days(dataset.period) if dataset.period else _days(tables)
    return Coverage(told or _box(tables), begins, ends, told is not None, dataset.period is not None)


def first_day(when: str) -> str:
    """The first day of a year, a month or a day (ISO 8601); blank where it is none of these."""
    return _bound(when, last=False)


def last_day(when: str) -> str:
    """The last day of a year, a month or a day (ISO 8601); blank where it is none of these."""
    return _bound(when, last=True)


@dataclass(frozen=True, slots=True)
class _Table:
    """The figures of one table's columns, by name, and what the descriptor says of it."""

    columns: Mapping[str, Values]
    resource: Resource | None


def _tables(release: Release) -> Iterator[_Table]:
    for told in mappings(read_json(release.folder / PROFILE).get("tables")):
        columns = {str(one.get("name", "")): one for one in mappings(told.get("columns"))}
        yield _Table(columns, release.dataset.resource(str(told.get("resource", ""))))


def _box(tables: Iterable[_Table]) -> Box | None:
    """The box around everything: the geometries of all tables, or where there are none, their pairs of degrees."""
    many = tuple(tables)
    found = [box for table in many for box in map(_geometry, table.columns.values()) if box]
    found = found or [box for table in many for box in _pairs(table) if box]
    if not found:
        return None
    west, south, east, north = zip(*found, strict=True)
    return min(west), min(south), max(east), max(north)


def _geometry(column: Values) -> Box | None:
    corners = column.get("bbox")
    return _plausible(corners) if isinstance(corners, list) else None


def _pairs(table: _Table) -> Iterator[Box | None]:
    """The boxes of a table's pairs of columns, in their order: latitude and longitude, from and to."""
    by = {kind: [one for one in table.columns.values() if _means(one) == kind] for kind in ("latitude", "longitude")}
    for latitude, longitude in zip(by["latitude"], by["longitude"], strict=False):  # one without the other is no place
        (south, north), (west, east) = ((one.get("min"), one.get("max")) for one in (latitude, longitude))
        yield _plausible([west, south, east, north])


def _plausible(corners: list[object]) -> Box | None:
    """Four degrees as a box; None where they are not within their bounds, or nobody filled them in."""
    try:
        west, south, east, north = (float(str(one)) for one in corners)
    except ValueError:
        return None
    box = west, south, east, north
    inside = all(low <= one <= high for one, (low, high) in zip(box, _ROUND, strict=True))
    return box if inside and box != _NOWHERE and south <= north else None


def _told_days(period: Period) -> tuple[str, str]:
    return first_day(period.begins), last_day(period.ends)


def _days(tables: Iterable[_Table]) -> tuple[str, str]:
    found = [days for table in tables for days in _times(table)]
    return min((begins for begins, _ in found), default=""), max((ends for _, ends in found), default="")


def _times(table: _Table) -> list[tuple[str, str]]:
    """The first and last day of each column that tells when: those of the primary key, or where it has none, all."""
    found = {name: days for name, one in table.columns.items() if (days := _ends(one)) and _is_own(name, table)}
    key = table.resource.schema.primary_key if table.resource else ()
    return [days for name, days in found.items() if name in key] or list(found.values())


def _is_own(name: str, table: _Table) -> bool:
    """Whether a column's name and title do not say that it tells the time of something else."""
    field = table.resource.schema.field(name) if table.resource else None
    called = (name, field.title.zh, field.title.en) if field else (name,)
    return not any(_OTHER_TIME.search(one.lower()) for one in called)


def _ends(column: Values) -> tuple[str, str] | None:
    """The first and last day in a column of dates, moments or years; None for any other."""
    if str(column.get("type")) not in _DATES and _means(column) not in _YEAR_LIKE:
        return None
    quantiles = column.get("quantiles")
    values = quantiles.get("values") if isinstance(quantiles, dict) else None
    inner = list(values.values()) if isinstance(values, dict) else []
    first, *middle, last = (str(one) for one in (column.get("min", ""), *inner, column.get("max", "")))
    begins, ends = _real(first_day(first), list(map(first_day, middle))), last_day(_meant((first, *middle, last)))
    return (begins, ends) if begins and ends else None


def _meant(days: tuple[str, ...]) -> str:
    """The last of some days; where all are the first of a month or of a year, that month or year is meant."""
    for first in ("-01-01", "-01"):
        if len(days) > _FEW and all(len(day) == _DAY and day.endswith(first) for day in days):
            return days[-1].removesuffix(first)
    return days[-1]


def _real(day: str, inner: list[str]) -> str:
    """The first day of a column; the next one known where that one only stands for none."""
    later = next((one for one in inner if one and one != day), "")
    if day not in _PLACEHOLDERS or not later:
        return day
    far = (date.fromisoformat(later) - date.fromisoformat(day)).days > _NEAR
    return later if far else day


def _means(column: Values) -> str:
    semantic = column.get("semantic")
    return str(semantic.get("type", "")) if isinstance(semantic, dict) else ""


def _bound(when: str, *, last: bool) -> str:
    found = _WHEN.fullmatch(when)
    if not found or int(found[1]) not in _YEARS:
        return ""
    year, month = int(found[1]), int(found[2] or (12 if last else 1))
    try:
        return date(year, month, int(found[3] or (monthrange(year, month)[1] if last else 1))).isoformat()
    except ValueError:  # a month or a day that no calendar has
        return ""

"""The columns of a table as a chart sees them: what each is for, and the figures that its profile has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from civicat.catalog.charts.units import is_clock
from civicat.catalog.facts.withdrawn import read_json
from civicat.dataset import Field
from civicat.layout import PROFILE
from civicat.mapping import mappings
from civicat.release import Release, Table
from civicat.text import Text

Role = Literal["quantity", "code", "date", "text", "latitude", "longitude", "point", "shape"]
Values = Mapping[str, object]

_DATES = frozenset({"date", "datetime", "year", "yearmonth"})
_NUMBERS = frozenset({"integer", "number"})
_CODES = frozenset({"category", "flag", "country", "currency"})
_NAMES = frozenset({"identifier", "key", "code"})
_LATITUDES = frozenset({"latitude", "lat", "纬度"})
_LONGITUDES = frozenset({"longitude", "lon", "lng", "经度"})
_NUMBERED_EN, _NUMBERED_ZH = (" code", " number", " id"), ("代码", "编号", "号码", "航班号")
_PARTS = frozenset({"month", "day", "hour", "minute", "weekday", "quarter", "week", "月", "日", "时", "分", "季度"})
_MONEY = frozenset({"USD", "CNY", "EUR", "GBP", "JPY", "HKD", "TWD", "元", "万元", "亿元"})
# What a whole number without a unit is where a word of its name says so: a name of something, or a part of a date.
_ONLY_NAMES = frozenset(
    {"id", "code", "no", "nr", "number", "zip", "zipcode", "postcode", "fips", "geoid", "key", "line", "row"}
)
_DATE_PARTS = frozenset({*_PARTS, "year", "yr", "weekday", "dow", "年", "星期"})
_COUNTS = frozenset(
    {"count", "counts", "total", "amount", "population", "people", "persons", "数量", "人数", "人口", "次数", "金额"}
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `profile` is its entry in profile.json as it stands there; empty where there is none.

    `is_key` says that it is the whole primary key, `in_key` that it is a part of it.
    """

    field: Field
    role: Role
    in_key: bool
    is_key: bool
    profile: Values

    @property
    def name(self) -> str:
        """As the table has it."""
        return self.field.name

    @property
    def title(self) -> Text:
        """What it is called; its name where it has no title."""
        return self.field.title or Text(self.name, self.name)

    @property
    def unit(self) -> str:
        """Its unit, blank for none and for plain numbers."""
        return "" if self.field.unit == "1" else self.field.unit

    @property
    def is_money(self) -> bool:
        """Whether its unit is one of money."""
        return self.field.unit in _MONEY

    @property
    def says_count(self) -> bool:
        """Whether its name says that its values are counted or added up."""
        return bool(_COUNTS & {self.name, *self.name.lower().replace("-", "_").split("_")})

    @property
    def is_clock(self) -> bool:
        """Whether its values are readings of the clock that are written as numbers."""
        return is_clock(self.field.unit)

    @property
    def is_whole(self) -> bool:
        """Whether its values are whole numbers."""
        return self.field.type == "integer"

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.field.type in _NUMBERS

    @property
    def names_only(self) -> bool:
        """Whether its numbers name something, or are parts of a date: no average of them means anything."""
        last = self.name.lower().replace("-", "_").split("_")[-1]
        is_plain = self.is_whole and not self.unit
        return self.in_key or (is_plain and last in _ONLY_NAMES) or (self.is_whole and last in _DATE_PARTS)

    @property
    def is_amount(self) -> bool:
        """Whether its values can be averaged."""
        return self.role == "quantity" and not self.is_clock and not self.names_only

    @property
    def distinct(self) -> int | None:
        """How many different values; None where that is not known."""
        told = self.profile.get("distinct")
        value = told.get("value") if isinstance(told, dict) else None
        return value if isinstance(value, int) else None


def columns(release: Release, table: Table) -> tuple[Column, ...]:
    """The columns of a table, in its order."""
    told, key = _profiles(release, table.resource.name), table.resource.schema.primary_key
    foreign = {name for one in table.resource.schema.foreign_keys for name in one.fields}
    return tuple(
        Column(
            field,
            _role(field, told.get(field.name, {}), alone=(field.name,) == key, foreign=field.name in foreign),
            field.name in key,
            (field.name,) == key,
            told.get(field.name, {}),
        )
        for field in table.resource.schema.fields
    )


def _profiles(release: Release, resource: str) -> dict[str, Values]:
    tables = read_json(release.folder / PROFILE).get("tables")
    found = next((one for one in mappings(tables) if one.get("resource") == resource), {})
    return {str(one.get("name", "")): one for one in mappings(found.get("columns"))}


def _role(field: Field, profile: Values, *, alone: bool, foreign: bool) -> Role:
    meaning = profile.get("semantic")
    kind = str(meaning.get("type", "")) if isinstance(meaning, dict) else ""
    is_number = field.type in _NUMBERS
    names_only = alone or foreign or kind in _NAMES or _is_number_of_something(field)
    known: tuple[tuple[bool, Role], ...] = (
        (field.type == "geojson", "shape"),
        (field.type == "geopoint", "point"),
        (is_number and (kind == "latitude" or field.name.lower() in _LATITUDES), "latitude"),
        (is_number and (kind == "longitude" or field.name.lower() in _LONGITUDES), "longitude"),
        (field.type in _DATES or kind == "year", "date"),
        (bool(field.categories or field.constraints.get("enum")) or kind in _CODES, "code"),
        (field.type == "boolean" or (field.type == "integer" and field.name.lower() in _PARTS), "code"),
        (is_number and not names_only, "quantity"),
    )
    return next((role for is_so, role in known if is_so), "text")


def _is_number_of_something(field: Field) -> bool:
    """Whether a whole number only names what it is of: no average of codes means anything."""
    ends = field.title.en.lower().endswith(_NUMBERED_EN) or field.title.zh.endswith(_NUMBERED_ZH)
    return field.type == "integer" and field.unit in {"", "1"} and ends


def pair(found: tuple[Column, ...]) -> tuple[Column, Column] | None:
    """The columns of longitude and latitude, where a table has one of each."""
    east, north = ([one for one in found if one.role == role] for role in ("longitude", "latitude"))
    return (east[0], north[0]) if len(east) == len(north) == 1 else None

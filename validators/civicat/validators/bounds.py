"""How far a new version may drift from the release that is online: the closed block `civicat: {bounds: ...}`.

A bound that the descriptor states keeps a version beyond it from being published; where none is stated the usual one
holds, and going beyond it is only told. docs/drift.md says it to stewards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from civicat.dataset import Dataset, Resource
from civicat.finding import Severity
from civicat.mapping import Block
from civicat.text import Text
from civicat.validators.measures import POSSIBLE, Look


class Limit(StrEnum):
    """What has a bound, by its keys in the descriptor."""

    ROWS_DOWN = "rows.down"
    ROWS_UP = "rows.up"
    FILL_DOWN = "fill.down"
    FILL_UP = "fill.up"
    CATEGORIES_GONE = "categories.gone"
    CATEGORIES_NEW = "categories.new"
    CATEGORIES_SHARE = "categories.share"
    MAGNITUDE_DOWN = "magnitude.down"
    MAGNITUDE_UP = "magnitude.up"

    @property
    def part(self) -> str:
        """The block that it stands in."""
        return self.value.partition(".")[0]

    @property
    def name_in_part(self) -> str:
        """Its key in that block."""
        return self.value.partition(".")[2]


class Move(StrEnum):
    """What the latest date of a column must do from one version to the next."""

    MUST_ADVANCE = "must-advance"
    MAY_STAY = "may-stay"
    MAY_GO_BACK = "may-go-back"


@dataclass(frozen=True, slots=True)
class Unit:
    """How an amount is written in the descriptor, and said to people."""

    written: re.Pattern[str]
    example: str
    form: str
    said: Text


def _unit(mark: str, example: str, form: str, said: Text) -> Unit:
    return Unit(re.compile(rf"([0-9]{{1,9}}(?:\.[0-9]{{1,6}})?){mark}"), example, form, said)


PERCENT = _unit(" ?%", "10%", "{}%", Text("{}%", "{}%"))
POINTS = _unit(" points?", "5 points", "{} points", Text("{} 个百分点", "{} points"))
TIMES = _unit(" times", "10 times", "{} times", Text("{} 倍", "{} times"))
COUNT = Unit(re.compile(r"([0-9]{1,9})"), "3", "{}", Text("{} 个", "{}"))

UNITS: Mapping[Limit, Unit] = {
    **dict.fromkeys((Limit.ROWS_DOWN, Limit.ROWS_UP), PERCENT),
    **dict.fromkeys((Limit.FILL_DOWN, Limit.FILL_UP, Limit.CATEGORIES_SHARE), POINTS),
    **dict.fromkeys((Limit.CATEGORIES_GONE, Limit.CATEGORIES_NEW), COUNT),
    **dict.fromkeys((Limit.MAGNITUDE_DOWN, Limit.MAGNITUDE_UP), TIMES),
}
# What is told where nothing is stated: wide enough that a usual update passes without a word. A table that loses a
# tenth of its rows was often cut short; one that doubles was often handed in twice.
USUAL: Mapping[Limit, Fraction] = {
    Limit.ROWS_DOWN: Fraction(10),
    Limit.ROWS_UP: Fraction(100),
    Limit.FILL_DOWN: Fraction(5),
    Limit.FILL_UP: Fraction(20),
    Limit.CATEGORIES_GONE: Fraction(0),
    Limit.CATEGORIES_NEW: Fraction(0),
    Limit.CATEGORIES_SHARE: Fraction(20),
    Limit.MAGNITUDE_DOWN: Fraction(10),
    Limit.MAGNITUDE_UP: Fraction(10),
}
_OF_A_FIELD = ("fill", *(look.value for look in Look))
_OF_A_TABLE = ("severity", "columns", "rows", "fill", "categories", "magnitude", "fields")


@dataclass(frozen=True, slots=True)
class Bound:
    """How far one thing may go, and how grave it is beyond. `key` is where the descriptor states it; else empty."""

    limit: Limit
    most: Fraction
    severity: Severity
    key: str = ""

    def said(self, file: str) -> Text:
        """The bound as a message tells it; `file` is the descriptor's name."""
        amount = said(self.limit, str(_plain(self.most)))
        zh, en = (amount.zh, amount.en) if self.most else ("零", "none")
        if self.key:
            return Text(f"{file} 所允许的是{_spaced(zh)}", f"{file} allows {en}")
        return Text(f"通常不超过{_spaced(zh)}" if self.most else "通常没有", f"the usual bound is {en}")


@dataclass(frozen=True, slots=True)
class LatestBound:
    """What the latest date of a column must do, and how grave it is if not."""

    move: Move
    severity: Severity
    key: str = ""


@dataclass(frozen=True, slots=True)
class TableBounds:
    """The bounds of one resource: `columns` says how grave it is when a column is gone, new or retyped.

    `fields` and `latest` hold what is stated for single columns.
    """

    columns: Severity
    columns_key: str
    limits: Mapping[Limit, Bound]
    fields: Mapping[str, Mapping[Limit, Bound]] = field(default_factory=dict)
    latest: Mapping[str, LatestBound] = field(default_factory=dict)

    def bound(self, limit: Limit, column: str = "") -> Bound:
        """The bound of the column where it has one of its own, else that of the table."""
        return self.fields.get(column, {}).get(limit) or self.limits[limit]

    def of_latest(self, column: str) -> LatestBound:
        """What the latest date of a column must do."""
        return self.latest.get(column) or LatestBound(Move.MAY_STAY, Severity.WARNING)

    def looks(self) -> dict[str, frozenset[Look]]:
        """What the bounds of single columns ask to look at."""
        parts = {name: {limit.part for limit in limits} for name, limits in self.fields.items()}
        latest = {name: {Look.LATEST.value} for name in self.latest}
        names = dict.fromkeys((*parts, *latest))
        return {
            name: frozenset(look for look in Look if look in {*parts.get(name, ()), *latest.get(name, ())})
            for name in names
        }


def read_bounds(dataset: Dataset, file: str) -> dict[str, TableBounds]:
    """The bounds of each resource of a dataset, by its name; `file` is its descriptor, named in errors.

    Raises:
        DescriptorError: an unknown key, resource or column, or an amount that is not written with its unit.
    """
    block = Block(dataset.descriptor, file).block("civicat").block("bounds")
    block.only([one.name for one in dataset.resources])
    return {one.name: _table(block.block(one.name), one) for one in dataset.resources}


def said(limit: Limit, amount: str) -> Text:
    """An amount with its unit, for people."""
    form = UNITS[limit].said
    return Text(form.zh.format(amount), form.en.format(amount))


def written(limit: Limit, amount: Fraction) -> str:
    """An amount as the descriptor writes it."""
    return UNITS[limit].form.format(_plain(amount))


def _plain(amount: Fraction) -> int | float:
    return int(amount) if amount.denominator == 1 else float(amount)


def _spaced(zh: str) -> str:
    """A gap between Han and a figure."""
    return f" {zh}" if zh[:1].isascii() else zh


def _table(block: Block, resource: Resource) -> TableBounds:
    block.only(_OF_A_TABLE)
    severity = Severity(_choice(block, "severity", [one.value for one in Severity], Severity.ERROR))
    usual = {limit: Bound(limit, most, Severity.WARNING) for limit, most in USUAL.items()}
    below = block.block("fields")
    below.only([one.name for one in resource.schema.fields])
    columns = {name: _field(below.block(name), resource, name, severity) for name in below.values}
    latest = {name: one for name, (_, one) in columns.items() if one is not None}
    fixed = _choice(block, "columns", ["fixed", "open"], "open") == "fixed"
    return TableBounds(
        columns=severity if fixed else Severity.WARNING,
        columns_key=f"{block.at}.columns" if fixed else "",
        limits={**usual, **_limits(block, severity)},
        fields={name: limits for name, (limits, _) in columns.items()},
        latest=latest,
    )


def _field(
    block: Block, resource: Resource, name: str, severity: Severity
) -> tuple[dict[Limit, Bound], LatestBound | None]:
    block.only(_OF_A_FIELD)
    one = resource.schema.field(name)
    for look in Look:
        if look.value in block.values and (one is None or one.type not in POSSIBLE[look]):
            raise _not_for(block, look, one.type if one else "")
    latest = None
    if Look.LATEST in block.values:
        move = _choice(block, Look.LATEST, [move.value for move in Move], Move.MAY_STAY)
        latest = LatestBound(Move(move), severity, f"{block.at}.{Look.LATEST}")
    return _limits(block, severity), latest


def _limits(block: Block, severity: Severity) -> dict[Limit, Bound]:
    return {
        one.limit: one for part in dict.fromkeys(limit.part for limit in Limit) for one in _part(block, part, severity)
    }


def _part(above: Block, part: str, severity: Severity) -> Iterator[Bound]:
    block = above.block(part)
    known = {limit.name_in_part: limit for limit in Limit if limit.part == part}
    block.only(known)
    for key, limit in known.items():
        if key in block.values:
            yield Bound(limit, _amount(block, key, UNITS[limit]), severity, f"{block.at}.{key}")


def _amount(block: Block, key: str, unit: Unit) -> Fraction:
    value = block.values[key]
    match = unit.written.fullmatch(str(value)) if isinstance(value, (str, int)) else None
    if match is None or isinstance(value, bool):
        raise block.wrong(
            Text(f"“{value}”不是这里的写法。请写成 {unit.example} 的样子。",
                 f"“{value}” is not how this is written. Write it like {unit.example}."),
            key,
        )  # fmt: skip
    return Fraction(match[1])


def _choice(block: Block, key: str, known: list[str], default: str) -> str:
    chosen = block.text(key, default)
    if chosen not in known:
        raise block.unknown(chosen, known)
    return chosen


def _not_for(block: Block, look: Look, kind: str) -> Exception:
    types = sorted(POSSIBLE[look])
    return block.wrong(
        Text(
            f"{kind} 类型的列不看 {look}，只有 {'、'.join(types)} 类型的列才看。请删去这一项。",
            f"a column of type {kind} is not looked at for {look}; columns of {', '.join(types)} are. Take it out.",
        ),
        look,
    )

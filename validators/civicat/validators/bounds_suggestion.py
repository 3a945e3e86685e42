"""Bounds to paste into a descriptor, each derived from what the releases of a dataset have done so far.

What was seen between one version and the next is doubled and rounded up; a margin is the least that is suggested. Where
there is one release only there is nothing to derive from: the usual bounds, which are told and keep nothing back.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from civicat.errors import StoreError
from civicat.layout import Layout
from civicat.release import Release, Table
from civicat.text import Text
from civicat.validators.bounds import (
    COUNT,
    PERCENT,
    POINTS,
    TIMES,
    UNITS,
    USUAL,
    Limit,
    Move,
    TableBounds,
    Unit,
    read_bounds,
    written,
)
from civicat.validators.changes import changes, unchanged
from civicat.validators.drift import kept_categories
from civicat.validators.measures import Look, TableMeasure, looks_of, measure_released

DOUBLED = 2  # what was seen, times this, is what is suggested
ENOUGH = 3  # updates, all of which advanced the latest date, before it is suggested that the next one must
# The least that is suggested, however little was seen: no update is quite like the last.
_MARGINS: Mapping[Unit, Fraction] = {PERCENT: Fraction(5), POINTS: Fraction(2), COUNT: Fraction(0), TIMES: Fraction(2)}
_PARTS: Mapping[str, Text] = {
    "rows": Text("行数", "Rows"),
    "fill": Text("有值的行所占的比例", "Share of rows with a value"),
    "categories": Text("类别", "Categories"),
    "magnitude": Text("数的大小（平均，不计正负号）", "Size of the numbers (mean, signs left out)"),
}
_PLAIN_KEY = re.compile(r"[^\W\d]\w*")
_NO_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


@dataclass(frozen=True, slots=True)
class _Seen:
    """The largest change of one kind: how large, and between which versions."""

    size: Fraction
    between: str


@dataclass(frozen=True, slots=True)
class _History:
    """One table over all its releases: the last measures, and what changed from version to version.

    `updates` is how many times its data changed, and not its words alone; `moves` says how far the latest date of each
    column went each time.
    """

    name: str
    last: TableMeasure
    updates: int
    same_columns: bool
    seen: Mapping[tuple[Limit, str], _Seen]
    moves: Mapping[str, Sequence[int]]


def suggest_bounds(layout: Layout, dataset: str) -> str:
    """The YAML of `bounds` for a dataset, by `department/dataset`: to paste under the descriptor's own `civicat:`.

    Raises:
        StoreError: the dataset has no release, or one cannot be read.
    """
    found = [layout.release(dataset, version) for version in layout.versions(dataset)]
    releases = [release for release in found if release is not None]
    if not releases:
        raise StoreError(
            Text(
                f"“{dataset}”尚无版本，无从得出界限。请先发布。",
                f"“{dataset}” has no release, so there is nothing to derive bounds from. Publish it first.",
            )
        )
    histories = [_history(releases, one.name) for one in releases[-1].dataset.resources]
    lines = [*_head(releases), "  bounds:", *(line for one in histories for line in _table(one))]
    return "\n".join(lines) + "\n"


def _history(releases: Sequence[Release], name: str) -> _History:
    last = releases[-1]
    stated = read_bounds(last.dataset, str(last.folder))[name]
    tables = [(str(one.version), table) for one in releases for table in one.tables if table.resource.name == name]
    measured = [(version, _measure(table, tables[-1][1], stated)) for version, table in tables]
    measures = [measured[0], *(new for old, new in pairwise(measured) if not unchanged(old[1], new[1]))]
    columns = {tuple(one.name for one in table.resource.schema.fields) for _, table in tables}
    return _History(name, measures[-1][1], len(measures) - 1, len(columns) == 1, _largest(measures), _moves(measures))


def _measure(table: Table, last: Table, stated: TableBounds) -> TableMeasure:
    looks = stated.looks()
    measure = measure_released(table, looks_of(last.resource, looks))
    names = {one.name for one in table.resource.schema.fields if not one.generated}
    kept = {name: one for name, one in measure.columns.items() if name in names}
    return kept_categories(TableMeasure(measure.rows, kept), last.resource, looks)


def _largest(measures: Sequence[tuple[str, TableMeasure]]) -> dict[tuple[Limit, str], _Seen]:
    seen: dict[tuple[Limit, str], _Seen] = {}
    for (old, was), (new, now) in pairwise(measures):
        for change in changes(was, now):
            if not math.isinf(change.size):  # all became 0, or all are different: that is no measure of what is usual
                one = _Seen(Fraction(change.size), f"{old} → {new}")
                key = (change.limit, change.column)
                seen[key] = max(seen.get(key, one), one, key=lambda this: this.size)
    return seen


def _moves(measures: Sequence[tuple[str, TableMeasure]]) -> dict[str, list[int]]:
    """How far the latest date of each column moved at each update; columns that always had one."""
    dates = {
        name: [one.columns[name].latest if name in one.columns else None for _, one in measures]
        for name in measures[-1][1].columns
    }
    return {
        name: [after.order - before.order for before, after in pairwise(many) if before and after]
        for name, many in dates.items()
        if None not in many
    }


def _head(releases: Sequence[Release]) -> Iterator[str]:
    first, last = _dated(releases[0]), _dated(releases[-1])
    dataset = releases[-1].dataset.id
    if len(releases) == 1:
        yield f"  # {dataset} 只有 {last.zh} 一个版本，还无从得出界限：以下为通常的界限，超出时只提示。"
        yield f"  # {dataset} has one release, {last.en}: nothing to derive from yet."
        yield "  # These are the usual bounds; what goes beyond them is told and published all the same."
        return
    yield f"  # 由 {dataset} 的 {len(releases)} 个版本得出：{first.zh}至 {last.zh}。"
    yield "  # 所见最大变化加倍、进位；另有最小余量。"
    yield f"  # Derived from {len(releases)} releases of {dataset}: {first.en} to {last.en}."
    yield "  # The largest change that was seen is doubled and rounded up; a margin is the least."


def _dated(release: Release) -> Text:
    day = release.released[:10]
    return Text(f"{release.version}（{day}）", f"{release.version} ({day})")


def _table(one: _History) -> Iterator[str]:
    yield f"    {_key(one.name)}:"
    if not one.updates:
        yield from _of_one_release(one)
        return
    yield "      # 超出即不发布；改为 warning 则只提示。"
    yield "      # Beyond a bound nothing is published; with `warning` it is only told."
    yield "      severity: error"
    yield from _columns(one)
    for part in _PARTS:
        if _concerns(one, part):
            yield from _part(one, part)
    yield from _fields(one)


def _of_one_release(one: _History) -> Iterator[str]:
    yield "      # 数据尚未更新过，无从得出。The data has not been updated yet: nothing to derive from."
    yield "      severity: warning"
    for part in _PARTS:
        if _concerns(one, part):
            yield f"      {part}: {_inline({limit: USUAL[limit] for limit in _limits(part)})}"


def _columns(one: _History) -> Iterator[str]:
    if one.same_columns:
        yield "      # 各版本的列都相同。All releases have the same columns."
        yield "      columns: fixed"
    else:
        yield "      # 各版本的列不尽相同。The columns were not the same in all releases."
        yield "      columns: open"


def _concerns(one: _History, part: str) -> bool:
    """Whether the table has anything that the part bounds."""
    columns = one.last.columns.values()
    if part == Look.CATEGORIES:
        return any(column.categories is not None for column in columns)
    return part != Look.MAGNITUDE or any(column.magnitude is not None for column in columns)


def _part(one: _History, part: str) -> Iterator[str]:
    """The bounds of the table: of its rows as seen, of its columns the margins; columns that moved more come below."""
    bounds = {limit: _suggested(limit, one.seen.get((limit, ""))) for limit in _limits(part)}
    said = _rows_said(one) if part == "rows" else _margin_said(one, part)
    yield f"      # {_PARTS[part].zh}：{said.zh}。"
    yield f"      # {_PARTS[part].en}: {said.en}."
    yield f"      {part}: {_inline(bounds)}"


def _rows_said(one: _History) -> Text:
    return _seen_text(one, "rows", "") or Text("从未变化", "they never changed")


def _margin_said(one: _History, part: str) -> Text:
    more = sum(1 for name in one.last.columns if _wider(one, part, name))
    if more:
        return Text(
            f"最小余量；其中 {more} 列变化更大，见下", f"the margin; columns that moved more are below ({more})"
        )
    return Text("最小余量，各列的变化都在其半数以内", "the margin; no column moved more than half of it")


def _fields(one: _History) -> Iterator[str]:
    lines: list[str] = []
    for name in one.last.columns:
        below = [line for part in _PARTS for line in _field_part(one, part, name)]
        below += _latest(one, name)
        if below:
            lines += [f"        {_key(name)}:", *below]
    if lines:
        yield "      fields:"
        yield from lines


def _field_part(one: _History, part: str, name: str) -> Iterator[str]:
    if wider := _wider(one, part, name):
        seen = _seen_text(one, part, name)
        yield f"          # {_PARTS[part].zh}：{seen.zh}。"
        yield f"          # {_PARTS[part].en}: {seen.en}."
        yield f"          {part}: {_inline(wider)}"


def _wider(one: _History, part: str, name: str) -> dict[Limit, Fraction]:
    """The bounds of a column that moved by more than the margin covers."""
    seen = {limit: one.seen[limit, name] for limit in _limits(part) if (limit, name) in one.seen}
    return {
        limit: _suggested(limit, largest)
        for limit, largest in seen.items()
        if _suggested(limit, largest) > _MARGINS[UNITS[limit]]
    }


def _latest(one: _History, name: str) -> Iterator[str]:
    moves = one.moves.get(name, ())
    if any(move < 0 for move in moves):
        yield "          # 最晚的日期曾经倒退。The latest date has gone back before."
        yield f"          latest: {Move.MAY_GO_BACK}"
    elif len(moves) >= ENOUGH and all(move > 0 for move in moves):
        yield f"          # 最晚的日期在 {len(moves)} 次更新中每次都有推进。"
        yield f"          # The latest date advanced in each of {len(moves)} updates."
        yield f"          latest: {Move.MUST_ADVANCE}"


def _suggested(limit: Limit, seen: _Seen | None) -> Fraction:
    least = _MARGINS[UNITS[limit]]
    return least if seen is None else max(least, Fraction(math.ceil(DOUBLED * seen.size)))


_SAID: Mapping[Limit, Text] = {
    Limit.ROWS_DOWN: Text("减少最多 {}", "fell by {} at most"),
    Limit.ROWS_UP: Text("增加最多 {}", "rose by {} at most"),
    Limit.FILL_DOWN: Text("下降最多 {}", "fell by {} at most"),
    Limit.FILL_UP: Text("上升最多 {}", "rose by {} at most"),
    Limit.CATEGORIES_GONE: Text("一次最多少了 {} 个", "{} gone at a time at most"),
    Limit.CATEGORIES_NEW: Text("一次最多多了 {} 个", "{} new at a time at most"),
    Limit.CATEGORIES_SHARE: Text("占比变动最多 {}", "a share moved by {} at most"),
    Limit.MAGNITUDE_DOWN: Text("变小最多 {}", "{} smaller at most"),
    Limit.MAGNITUDE_UP: Text("变大最多 {}", "{} larger at most"),
}


def _seen_text(one: _History, part: str, name: str) -> Text:
    """What was seen, and between which versions."""
    told = []
    for limit in _limits(part):
        seen = one.seen.get((limit, name))
        if seen is not None and seen.size:
            size, unit = _figure(seen.size), UNITS[limit]
            told.append(
                Text(
                    f"{_SAID[limit].zh.format(size if unit is COUNT else unit.said.zh.format(size))}（{seen.between}）",
                    f"{_SAID[limit].en.format(unit.said.en.format(size))} ({seen.between})",
                )
            )
    return Text("，".join(text.zh for text in told), ", ".join(text.en for text in told))


def _figure(size: Fraction) -> str:
    """Rounded up at the second decimal, so that what was seen is never above what is said."""
    return f"{math.ceil(100 * size) / 100:g}"


def _limits(part: str) -> list[Limit]:
    return [limit for limit in Limit if limit.part == part]


def _inline(bounds: Mapping[Limit, Fraction]) -> str:
    return "{" + ", ".join(f"{limit.name_in_part}: {written(limit, most)}" for limit, most in bounds.items()) + "}"


def _key(name: str) -> str:
    """A key as YAML writes it: in quotes where it could be read as anything but a text."""
    plain = _PLAIN_KEY.fullmatch(name.replace("-", "_")) and name.lower() not in _NO_TEXT
    return name if plain else json.dumps(name, ensure_ascii=False)

"""Drift: how the tables that were just checked differ from the release that is online, beyond their bounds.

A version may be right in every cell and still be the wrong file: half of an export, last year's, a column that nobody
filled in. Each finding says what was, what is, what the bound is and what to do. docs/drift.md says it to stewards.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from civicat.dataset import Dataset, Resource
from civicat.finding import Finding, Place, Severity
from civicat.layout import Layout
from civicat.release import Release, Table
from civicat.text import Text
from civicat.validators.bounds import Bound, Limit, Move, TableBounds, read_bounds, said
from civicat.validators.changes import Change, amount, changes, unchanged
from civicat.validators.descriptors import NAMES, find_descriptor
from civicat.validators.measures import (
    MOST_CATEGORIES,
    MOST_VALUES,
    ROWS_A_CATEGORY,
    ColumnMeasure,
    Look,
    Rows,
    TableMeasure,
    is_declared,
    looks_of,
    measure_checked,
    measure_released,
)
from civicat.validators.messages import say

FEW_ROWS = 5  # a change of fewer is not told unless a bound is stated: in a small table each row is many percent

# The code of each crossed limit, and the rule that narrows it.
_CODES: Mapping[Limit, tuple[str, str]] = {
    Limit.ROWS_DOWN: ("row-count-drift", "down"),
    Limit.ROWS_UP: ("row-count-drift", "up"),
    Limit.FILL_DOWN: ("fill-rate-drift", "down"),
    Limit.FILL_UP: ("fill-rate-drift", "up"),
    Limit.CATEGORIES_GONE: ("category-gone", ""),
    Limit.CATEGORIES_NEW: ("category-new", ""),
    Limit.CATEGORIES_SHARE: ("category-share-drift", ""),
    Limit.MAGNITUDE_DOWN: ("magnitude-drift", "down"),
    Limit.MAGNITUDE_UP: ("magnitude-drift", "up"),
}
CODES = (
    *("resource-gone", "resource-new", "column-gone", "column-new", "column-retyped"),
    *dict.fromkeys(code for code, _ in _CODES.values()),
    "latest-date-drift",
)
# All became 0, and more values than are counted: an amount without a figure has words of its own.
_ENDLESS = {Limit.MAGNITUDE_DOWN: "zero", Limit.CATEGORIES_NEW: "many"}
_NOT_TOLD_IF_FEW = frozenset({"rows", "fill"}) | {Limit.CATEGORIES_SHARE.value}


@dataclass(frozen=True, slots=True)
class _Online:
    """The release that is online, and the descriptor of the dataset to come, as messages name it."""

    release: Release
    dataset: Dataset
    descriptor: str

    @property
    def since(self) -> Text:
        version, day = self.release.version, self.release.released[:10]
        return Text(f"版本 {version}（{day}）", f"version {version} ({day})")


@dataclass(frozen=True, slots=True)
class _Pair:
    """One resource in the release that is online and in the version to come."""

    online: _Online
    before: Resource
    resource: Resource
    was: TableMeasure
    now: TableMeasure
    bounds: TableBounds

    def finding(
        self, code: str, rule: str, severity: Severity, column: str, facts: Mapping[str, str | Text]
    ) -> Finding:
        """The finding, at its column of the file."""
        place = Place(str(self.online.dataset.folder / self.resource.path), self.resource.name, field=column)
        return _finding(code, rule, severity, place, {"field": column, "since": self.online.since, **facts})


def compare(dataset: Dataset, tables: Sequence[Rows], layout: Layout) -> list[Finding]:
    """What drifted since the latest release of a dataset; nothing where there is none.

    `tables` are those that have passed their checks, with all rows that the release to come will hold: a resource with
    errors is compared when it is mended.

    Raises:
        DescriptorError: a bound cannot be read.
        StoreError: the release is there and cannot be read.
    """
    path = find_descriptor(dataset.folder)
    bounds = read_bounds(dataset, str(path or dataset.folder))
    release = layout.release(dataset.id) if dataset.department else None
    if release is None:
        return []
    online = _Online(release, dataset, path.name if path else NAMES[0])
    findings = list(_resources(online))
    old = {table.resource.name: table for table in release.tables}
    for table in tables:
        name = table.resource.name
        if name in old:
            pair = _pair(online, old[name], table, bounds[name])
            findings += [finding for look in _LOOKS for finding in look(pair)]
    return findings


def kept_categories(measure: TableMeasure, resource: Resource, stated: Mapping[str, frozenset[Look]]) -> TableMeasure:
    """A measure with the categories of those columns alone that hold some.

    These are the columns whose values the descriptor lists, or has bounds for, and those with few values that repeat.
    """
    columns = {}
    for name, one in measure.columns.items():
        field = resource.schema.field(name)
        declared = (field is not None and is_declared(field)) or Look.CATEGORIES in stated.get(name, ())
        keeps = one.categories is not None and (declared or _repeat(one))
        columns[name] = one if keeps else dataclasses.replace(one, categories=None)
    return TableMeasure(measure.rows, columns)


def _repeat(one: ColumnMeasure) -> bool:
    count = len(one.categories or ())
    return count <= MOST_CATEGORIES and one.filled >= count * ROWS_A_CATEGORY


def _pair(online: _Online, before: Table, table: Rows, bounds: TableBounds) -> _Pair:
    stated = bounds.looks()
    looks = looks_of(table.resource, stated)
    was = kept_categories(measure_released(before, looks), table.resource, stated)
    counted = {name for name, one in was.columns.items() if one.categories is not None}
    narrowed = {name: what if name in counted else what - {Look.CATEGORIES} for name, what in looks.items()}
    return _Pair(online, before.resource, table.resource, was, measure_checked(table, narrowed), bounds)


def _resources(online: _Online) -> Iterator[Finding]:
    """Resources that came or went: told, as the descriptor that lists them is the statement."""
    old = [one.name for one in online.release.dataset.resources]
    new = [one.name for one in online.dataset.resources]
    file = online.dataset.folder / online.descriptor
    for code, names in (
        ("resource-gone", [name for name in old if name not in new]),
        ("resource-new", [name for name in new if name not in old]),
    ):
        for name in names:
            facts: dict[str, str | Text] = {"name": name, "since": online.since, "then": _NOTHING}
            yield _finding(code, "", Severity.WARNING, Place(str(file), name), facts)


def _columns(pair: _Pair) -> Iterator[Finding]:
    old = [one.name for one in pair.before.schema.fields if not one.generated]
    new = [one.name for one in pair.resource.schema.fields]
    for name in old:
        if name not in new:
            yield _of_columns(pair, "column-gone", name)
    for name in new:
        if name not in old:
            yield _of_columns(pair, "column-new", name)
        elif (kinds := _retyped(pair, name)) is not None:
            yield _of_columns(pair, "column-retyped", name, {"was": kinds[0], "now": kinds[1]})


def _of_columns(pair: _Pair, code: str, name: str, facts: Mapping[str, str | Text] = {}) -> Finding:
    facts = {**facts, "then": _then(pair, pair.bounds.columns_key, "open")}
    return pair.finding(code, "", pair.bounds.columns, name, facts)


def _retyped(pair: _Pair, name: str) -> tuple[str, str] | None:
    """The types before and now: those of the schema, or of the stored column where the schema's are the same."""
    fields = [one.field(name) for one in (pair.before.schema, pair.resource.schema)]
    types = [one.type if one else "" for one in fields]
    stored = [one.columns[name].kind for one in (pair.was, pair.now)]
    for was, now in (types, stored):
        if was != now:
            return was, now
    return None


def _amounts(pair: _Pair) -> Iterator[Finding]:
    for change in changes(pair.was, pair.now):
        bound = pair.bounds.bound(change.limit, change.column)
        if change.size > bound.most and not (_is_few(change) and not bound.key):
            yield _beyond(pair, change, bound)


def _is_few(change: Change) -> bool:
    return change.rows < FEW_ROWS and bool({change.limit.part, change.limit.value} & _NOT_TOLD_IF_FEW)


def _beyond(pair: _Pair, change: Change, bound: Bound) -> Finding:
    code, rule = _CODES[change.limit]
    facts: dict[str, str | Text] = {**change.facts, "bound": bound.said(pair.online.descriptor)}
    facts["then"] = _then(pair, bound.key)
    if math.isinf(change.size):
        rule = _ENDLESS[change.limit]
        facts["most"] = f"{MOST_VALUES:,}"
    else:
        facts["change"] = said(change.limit, amount(change.size, bound.most))
    return pair.finding(code, rule, bound.severity, change.column, facts)


def _latest(pair: _Pair) -> Iterator[Finding]:
    """A latest date that went back is an older file; one that stays where it must advance is the same file again."""
    for name, one in pair.now.columns.items():
        was = pair.was.columns[name].latest if name in pair.was.columns else None
        bound = pair.bounds.of_latest(name)
        if was is None or one.latest is None or bound.move is Move.MAY_GO_BACK or _retyped(pair, name):
            continue
        facts: dict[str, str | Text] = {"was": was.shown, "now": one.latest.shown}
        if one.latest.order < was.order:
            facts["then"] = _then(pair, bound.key, Move.MAY_GO_BACK)
            yield pair.finding("latest-date-drift", "back", bound.severity, name, facts)
        elif one.latest.order == was.order and bound.move is Move.MUST_ADVANCE and not unchanged(pair.was, pair.now):
            facts["then"] = _then(pair, bound.key, Move.MAY_STAY)
            yield pair.finding("latest-date-drift", "same", bound.severity, name, facts)


_LOOKS = (_columns, _amounts, _latest)
_NOTHING = Text("若属实，无需处理。", "If it is meant so, nothing to do.")


def _then(pair: _Pair, key: str, value: str = "") -> Text:
    """What to do when the change is meant: change what the descriptor states, where all can see it."""
    if not key:
        return _NOTHING
    file = pair.online.descriptor
    if value:
        return Text(
            f"若属实，请在 {file} 中把 {key} 改为 {value}。", f"If it is meant so, set {key} to {value} in {file}."
        )
    return Text(f"若属实，请放宽 {file} 中的 {key}。", f"If it is meant so, widen {key} in {file}.")


def _finding(code: str, rule: str, severity: Severity, place: Place, facts: Mapping[str, str | Text]) -> Finding:
    words = say(code, rule, **facts)
    return Finding(code, severity, place, words.message, words.remedy, rule=rule)

"""Rows that join those of the release online: whether they may, and what the release to come will hold.

`submission: append` and `upsert` keep rows that are online. Checked are the keys: one that is appended must be new, and
no unique value may stand twice in what the release will hold. Of the rows handed in only fingerprints of their keys are
kept while they go by; then the key columns online are read once, of a table of any size in bounded memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from civicat.dataset import Dataset, Resource
from civicat.finding import Finding, Place, Severity
from civicat.joining import (
    APPEND,
    REPLACE,
    Blank,
    Joined,
    joined_batch,
    joined_files,
    joint_schema,
    obstacles,
    online_table,
    own_key,
    sources,
    wider,
)
from civicat.layout import Layout
from civicat.release import Release, Table
from civicat.text import Text
from civicat.validators.columns import Column
from civicat.validators.engine.block import Numbers
from civicat.validators.engine.keys import KeyWatch, Nulls
from civicat.validators.engine.problem import Problem
from civicat.validators.engine.reading import Batch, Reading
from civicat.validators.engine.rules import unique_keys
from civicat.validators.measures import Rows
from civicat.validators.messages import say
from civicat.validators.released import released_batches, released_schema

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Watched:
    """A key that may stand only once in the release to come; `rule` is empty for the primary key.

    Its columns by name, their places among the fields (from 0), their types, and what they are called online.
    """

    names: tuple[str, ...]
    places: tuple[int, ...]
    types: tuple[pa.DataType, ...]
    online: tuple[str, ...]
    rule: str
    watch: KeyWatch


@dataclass(frozen=True, slots=True)
class Hits:
    """The rows handed in whose key is online: the first ones by number, and how many they are in all."""

    watched: Watched
    rows: Sequence[int]
    count: int


@dataclass(slots=True)
class Joining:
    """One resource while its rows go by, and the table online that they join.

    `joined` tells of the same file where it was joined already: then no row of it is added again. `reread` tells of it
    where it was read another way then: an upsert corrects those rows, but to append them again would double them.
    `replaced` marks the rows online that give way to rows of the same key.
    """

    resource: Resource
    table: Table
    online: Release
    stored: pa.Schema
    joined: Joined | None
    reread: Joined | None
    watched: Sequence[Watched]
    replaced: Mask = field(init=False)
    last: int = 0
    filled: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.replaced = np.zeros(self.table.rows, np.bool_)

    def take(self, batch: Batch) -> None:
        """Notes the keys of a batch, and which columns hold times (an empty one is taken for any kind of time)."""
        if not len(batch.numbers):
            return
        self.last = max(self.last, int(batch.numbers.max()))
        for one in self.watched:
            one.watch.add(batch.numbers, [batch.arrays[place] for place in one.places])
        for place, one_field in enumerate(self.resource.schema.fields):
            if one_field.type == "datetime" and one_field.name not in self.filled:
                array = batch.arrays[place]
                if array.null_count < len(array):
                    self.filled.add(one_field.name)

    def conclude(self, limit: int) -> list[Hits]:
        """The keys that are online already, each up to `limit` rows (0: all). To be asked once.

        Raises:
            StoreError: the release online cannot be read.
        """
        found = [self._hits(one, limit) for one in self.watched]
        return [one for one in found if one.count]

    def _hits(self, one: Watched, limit: int) -> Hits:
        rows, count = np.zeros(0, np.int64), 0
        for told in self._told(one):
            count += len(told)
            rows = np.sort(np.concatenate([rows, told]))[: limit or None]
        return Hits(one, rows.tolist(), count)

    def _told(self, one: Watched) -> Iterator[Numbers]:
        """The rows handed in that may not hold their key; an upsert's own key and values of replaced rows may."""
        for rows, places in self._met(one):
            if one.rule:
                yield rows[~self.replaced[places]]
                continue
            self.replaced[places] = True
            if self.resource.submission == APPEND:
                yield rows

    def _met(self, one: Watched) -> Iterator[tuple[Numbers, Numbers]]:
        """The rows handed in, by number, and the rows online, by place from 0, that hold the same key."""
        first = place = self.last + 1
        for batch in released_batches(self.table, one.online):
            columns = [_as(batch.column(name), kind) for name, kind in zip(one.online, one.types, strict=True)]
            one.watch.add(np.arange(place, place + batch.num_rows), columns)
            place += batch.num_rows
        for later, before in one.watch.linked():
            both = (before < first) & (later >= first)
            yield before[both], later[both] - first

    def obstacles(self, types: pa.Schema, place: Place) -> list[Finding]:
        """What keeps the rows from joining those online at all; `types` are those of the columns handed in."""
        found = obstacles(self.resource, types, self.table.resource, self.stored, self._blank)
        if not found and self.reread is not None and self.resource.submission == APPEND:
            facts = {"version": str(self.reread.version)}
            return [_finding("file-published", "reread", Severity.ERROR, place, facts)]
        return [
            _finding(
                *("cannot-join", one.rule, Severity.ERROR, Place(place.file, place.resource, field=one.field)),
                {"field": one.field, "was": one.was, "now": one.now, "since": self.since},
            )
            for one in found
        ]

    def remark(self, place: Place) -> list[Finding]:
        """Says of a file that was joined with an older version that it is not joined again."""
        if self.joined is None or self.joined.newest:
            return []
        facts: dict[str, str | Text] = {"version": str(self.joined.version)}
        return [_finding("file-published", "", Severity.WARNING, place, facts)]

    @property
    def _blank(self) -> Blank:
        return Blank(self._is_blank, self._is_blank_online)

    def _is_blank(self, name: str) -> bool:
        one = self.resource.schema.field(name)
        return one is not None and one.type == "datetime" and name not in self.filled

    def _is_blank_online(self, name: str) -> bool:
        batches = released_batches(self.table, [name])
        return all(batch.column(name).null_count == batch.num_rows for batch in batches)

    @property
    def since(self) -> Text:
        """The release online, as messages name it."""
        version, day = self.online.version, self.online.released[:10]
        return Text(f"版本 {version}（{day}）", f"version {version} ({day})")

    def problems(self, hits: Hits, reading: Reading) -> list[Problem]:
        """The rows of a key that is online already, with their cells as they stand in the file."""
        names = hits.watched.names
        places = [reading.place(name) for name in names]
        cells = reading.cells(hits.rows)
        facts: dict[str, str | Text] = {"key": ", ".join(names), "since": self.since}
        return [
            Problem(
                code="key-published",
                shape=dict,
                facts=facts,
                rule=hits.watched.rule,
                row=row,
                field=", ".join(names),
                column=places[0] + 1 if len(places) == 1 else None,
                cell=", ".join(str(cells[row][at]) for at in places if 0 <= at < len(cells[row])),
            )
            for row in hits.rows
        ]

    def grown(self, table: Rows) -> Rows:
        """What the release to come will hold of a checked table."""
        columns = sources(self.resource, self.table.resource)
        schema = joint_schema(table.schema, self.stored, columns, self._blank)
        kept = self.table.rows - int(np.count_nonzero(self.replaced))
        added = 0 if self.joined else table.rows

        def batches() -> Iterator[pa.RecordBatch]:
            first = 0
            for batch in released_batches(self.table, list(columns.values())):
                stays = pa.array(~self.replaced[first : first + batch.num_rows])
                first += batch.num_rows
                yield joined_batch(batch, schema, columns).filter(stays)
            if added:
                yield from (batch.cast(schema) for batch in table.batches())

        return _Grown(table.resource, schema, kept + added, batches)


@dataclass(frozen=True, slots=True)
class _Grown:
    """A table with all rows of the release to come, of which the rows handed in are a part."""

    resource: Resource
    schema: pa.Schema
    rows: int
    batches: Callable[[], Iterator[pa.RecordBatch]]


class Joins:
    """The release online that the rows of a dataset join; a context manager, open while the dataset is checked."""

    def __init__(self, online: Release, layout: Layout, folder: Path) -> None:
        self._online, self._layout, self._folder = online, layout, folder
        self._begun: dict[str, Joining] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def begin(self, resource: Resource, columns: Mapping[str, Column], handed_in: Path) -> Joining | None:
        """A resource whose rows are about to be read; None where they join none.

        Raises:
            StoreError: a release cannot be read.
        """
        table = online_table(self._online, resource)
        if table is None:
            return None
        known = joined_files(self._layout, self._online, resource.name).get(_sha256(handed_in))
        joined = known if known is not None and known.is_read_so(resource) else None
        reread = known if joined is None else None
        stored = released_schema(table)
        # Of an append of the same file one finding is enough: each of its keys is online.
        is_watched = known is None or (reread is not None and resource.submission != APPEND)
        watched = tuple(self._watched(resource, columns, table.resource, stored)) if is_watched else ()
        begun = Joining(resource, table, self._online, stored, joined, reread, watched)
        self._begun[resource.name] = begun
        return begun

    def grown(self, table: Rows) -> Rows:
        """What the release to come will hold of a table that has passed its checks."""
        begun = self._begun.get(table.resource.name)
        return table if begun is None else begun.grown(table)

    def rows_online(self, resource: Resource, names: Sequence[str]) -> Iterator[Sequence[pa.Array[Any]]]:
        """The rows online that a resource joins, in these of its columns: what a foreign key finds there besides.

        Raises:
            StoreError: the release cannot be read.
        """
        table = online_table(self._online, resource)
        if table is None:
            return
        columns = sources(resource, table.resource)
        wanted = [columns[name] for name in names if name in columns]
        if len(wanted) == len(names):
            for batch in released_batches(table, wanted):
                yield [batch.column(name) for name in wanted]

    def _watched(
        self, resource: Resource, columns: Mapping[str, Column], before: Resource, stored: pa.Schema
    ) -> Iterator[Watched]:
        from_online = sources(resource, before)
        fields = list(columns)
        for names, rule in _keys(resource):
            types = tuple(columns[name].stored for name in names)
            online = tuple(from_online[name] for name in names if name in from_online)
            if len(online) == len(names) and all(
                _is_alike(kind, stored.field(name).type) for kind, name in zip(types, online, strict=True)
            ):
                nulls = Nulls.ANY if rule else Nulls.ALL
                watch = self._stack.enter_context(KeyWatch(self._folder, types, nulls=nulls))
                yield Watched(names, tuple(fields.index(name) for name in names), types, online, rule, watch)


def joins(dataset: Dataset, layout: Layout, folder: Path) -> Joins | None:
    """The release online that rows of a dataset join; None where all of them are replaced, or none is online.

    Raises:
        StoreError: the release online cannot be read.
    """
    if not dataset.department or all(one.submission == REPLACE for one in dataset.resources):
        return None
    online = layout.release(dataset.id)
    return None if online is None else Joins(online, layout, folder)


def _keys(resource: Resource) -> Iterator[tuple[tuple[str, ...], str]]:
    """The primary key, then each other key that is unique, and the rule of its finding."""
    schema = resource.schema
    primary = own_key(resource)
    if primary:
        yield primary, ""
    names = [one.name for one in schema.fields]
    single = [(one.name,) for one in schema.fields if one.constraints.get("unique")]
    listed = [tuple(names[place] for place in places) for places in unique_keys(schema, names)]
    for key in dict.fromkeys((*single, *listed)):
        if key != primary:
            yield key, "unique"


def _is_alike(kind: pa.DataType, stored: pa.DataType) -> bool:
    """Whether values online can be compared with those handed in; times online may have a zone, and ours have not."""
    both_times = pa.types.is_timestamp(kind) and pa.types.is_timestamp(stored)
    return both_times or wider(kind, stored) is not None


def _as(column: pa.Array[Any], kind: pa.DataType) -> pa.Array[Any]:
    return column if column.type == kind else column.cast(kind)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _finding(code: str, rule: str, severity: Severity, place: Place, facts: Mapping[str, str | Text]) -> Finding:
    words = say(code, rule, **facts)
    return Finding(code, severity, place, words.message, words.remedy, rule=rule)

"""What the values of columns show together with others: keys of two columns, and references into published releases.

Both are looked for in what is known already and confirmed by one more pass over the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from civicat.errors import StoreError
from civicat.layout import Layout
from civicat.release import Release, Table
from civicat.validators.engine.arrays import mask, widths
from civicat.validators.engine.block import Block
from civicat.validators.engine.foreign import Lookup
from civicat.validators.engine.keys import KeyWatch
from civicat.validators.inference import Inferred, texts_of
from civicat.validators.released import opened, released_batches
from civicat.validators.sketches import Sketch

_ENOUGH = (
    5  # different values that are not all in somebody's key by chance; those of a column called alike may be fewer
)
_ENOUGH_ALIKE = 2
_LONGEST_KEY = 2_000_000  # rows of a table whose key is read
_READ = 10_000_000  # keys that are read in all
_SAME = 0.8  # share of the columns that another table must have too to be taken for the same one
_PAIRED = 12  # columns of which pairs are tried
_PAIRS = 3  # pairs that are confirmed
_ROWS = 20  # rows from which a pair that is different in each is no accident
_MEMORY = 16 << 20  # bytes of a watched pair that stay in memory


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column whose values are all found in a published key: `values` different ones among `keys`.

    Where the column holds very many, `values` is how many cells were looked up.
    """

    field: str
    dataset: str
    resource: str
    key: str
    values: int
    keys: int

    def to_descriptor(self) -> dict[str, Any]:
        """The foreign key as a descriptor writes it (civicat.foreignKeys)."""
        reference = {"dataset": self.dataset, "resource": self.resource, "fields": [self.key]}
        return {"fields": [self.field], "reference": reference}


@dataclass(frozen=True, slots=True)
class _Key:
    """A column of a published table that tells its rows apart."""

    release: Release
    table: Table
    field: str
    alike: bool

    @property
    def dataset(self) -> str:
        return self.release.dataset.id


def find_references(drawn: Sketch, columns: Sequence[Inferred], layout: Layout) -> list[Candidate]:
    """References of columns into the latest releases: one for each column, that of the most likely name first.

    Nothing is read of a key whose type or span speaks against it. A release that cannot be read is passed over.
    """
    found: list[Candidate] = []
    budget = _READ
    releases = [one for one in layout.latest() if not _is_same(one, drawn)]
    for column in columns:
        for key in _keys(column, releases):
            if key.table.rows > budget:
                continue
            candidate, read = _looked_up(drawn, columns, column, key)
            budget -= read
            if candidate is not None:
                found.append(candidate)
                break
    return found


def find_pair(drawn: Sketch, columns: Sequence[Inferred]) -> tuple[str, str] | None:
    """Two columns that tell the rows apart together: looked for in the first rows, and held against all of them."""
    places = [
        place
        for place, one in enumerate(columns)
        if one.required and not one.doubt and one.type not in {"number", "boolean", "geojson", "object", "array", "any"}
    ][:_PAIRED]
    first = next(iter(drawn.blocks(lambda block: block)), None)
    if first is None or len(first.numbers) < _ROWS or len(places) < 2:  # noqa: PLR2004 (a pair)
        return None
    codes = {place: _codes(first, place) for place in places}
    pairs = (pair for pair in combinations(places, 2) if _differ(codes[pair[0]], codes[pair[1]]))
    confirmed = (pair for pair in islice(pairs, _PAIRS) if _tells_apart(drawn, pair))
    one = next(confirmed, None)
    return None if one is None else (columns[one[0]].name, columns[one[1]].name)


def _is_same(release: Release, drawn: Sketch) -> bool:
    """Whether a release seems to be an earlier version of the file itself."""
    own = set(drawn.names)
    theirs = [{one.name for one in table.resource.schema.fields} for table in release.tables]
    return any(len(own & one) >= _SAME * max(len(own | one), 1) for one in theirs)


def _keys(column: Inferred, releases: Sequence[Release]) -> list[_Key]:
    """The keys that the values of a column may be found in, those of a like name first."""
    if column.type not in {"string", "integer"} or column.doubt or not column.sample:
        return []
    different = len(column.few) if column.few is not None else len(set(column.sample))
    keys = [one for release in releases for one in _keys_of(release, column)]
    enough = [one for one in keys if different >= (_ENOUGH_ALIKE if one.alike else _ENOUGH)]
    # Small numbers are in every key of small numbers: of those only one that is called alike says something.
    likely = [one for one in enough if one.alike or column.type == "string"]
    return sorted(likely, key=lambda one: (not one.alike, one.table.rows, one.dataset, one.field))


def _keys_of(release: Release, column: Inferred) -> Iterator[_Key]:
    for table in release.tables:
        schema = table.resource.schema
        single = schema.primary_key if len(schema.primary_key) == 1 else ()
        for one in schema.fields:
            tells_apart = one.name in single or bool(one.constraints.get("unique"))
            if tells_apart and one.type == column.type and table.rows <= _LONGEST_KEY:
                yield _Key(release, table, one.name, _are_alike(column.name, one.name, release, table))


def _are_alike(name: str, key: str, release: Release, table: Table) -> bool:
    """Whether a column is called like a key or like what the key tells apart: state or state_code, of states' code."""
    own = _plain(name)
    things = {_plain(release.dataset.name), _plain(table.resource.name)}
    stems = {stem for thing in things for stem in (thing, thing.removesuffix("s"), thing.removesuffix("es")) if stem}
    if own == _plain(key):
        return own not in {"id", "code", "name", "编号", "代码", "名称"} or own in stems
    return own in stems or any(own in {stem + _plain(key), stem + "id", stem + "code"} for stem in stems)


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def _looked_up(drawn: Sketch, columns: Sequence[Inferred], column: Inferred, key: _Key) -> tuple[Candidate | None, int]:
    """The reference, where every value is found; and how many keys were read."""
    gone = set(column.missing)
    known = [one for one in (column.few if column.few is not None else column.sample) if one not in gone]
    if not known or not _spans(key, known):
        return None, 0
    keys = _read(key)
    if keys is None or not pc.all(pc.is_in(pa.array(sorted(set(known))), keys)).as_py():
        return None, key.table.rows
    values = len(known)
    if column.few is None:
        values = _in_all_rows(drawn, columns.index(column), gone, keys)
    found = Candidate(column.name, key.dataset, key.table.resource.name, key.field, values, len(keys))
    return (found if values else None), key.table.rows


def _spans(key: _Key, values: Sequence[str]) -> bool:
    """Whether the values lie between the least and the greatest key, as the file's statistics have them."""
    try:
        groups = list(_statistics(key))
    except (StoreError, IndexError):
        return False
    if not groups or any(one is None or not one.has_min_max for one in groups):
        return True
    low, high = min(one.min for one in groups), max(one.max for one in groups)
    if isinstance(low, int):
        return all(low <= int(value) <= high for value in values if value.lstrip("-").isdigit())
    if not isinstance(low, str):
        return True
    return low <= min(values) and max(values) <= high


def _statistics(key: _Key) -> Iterator[Any]:
    """Those of a key in each row group of each file; None where there are none."""
    with opened(key.table) as files:
        for file in files:
            columns = file.metadata.schema  # of leaves: a bounding box has four
            place = [columns.column(n).path for n in range(file.metadata.num_columns)].index(key.field)
            for number in range(file.num_row_groups):
                yield file.metadata.row_group(number).column(place).statistics


def _read(key: _Key) -> pa.Array[Any] | None:
    """The keys, as text; None where the release cannot be read."""
    try:
        columns = [pc.cast(batch.column(key.field), pa.string()) for batch in released_batches(key.table, [key.field])]
    except (StoreError, pa.ArrowException, KeyError):
        return None
    return pa.chunked_array(columns, pa.string()).combine_chunks().unique().drop_null()


def _in_all_rows(drawn: Sketch, place: int, gone: set[str], keys: pa.Array[Any]) -> int:
    """How many cells of a column are keys; 0 where one is not."""
    lookup = Lookup([pa.string()])
    lookup.add([keys])
    len(lookup)  # sorts it, before several threads look into it
    words = pa.array(sorted(gone), pa.string())

    def look(block: Block) -> int:
        texts = texts_of(block.columns[place]).fill_null("")
        texts = texts.filter(pa.array((widths(texts) > 0) & ~mask(pc.is_in(texts, words))))
        return -1 if lookup.missing([texts]).any() else len(texts)

    total = 0
    for count in drawn.blocks(look):
        if count < 0:
            return 0
        total += count
    return total


def _codes(block: Block, place: int) -> np.ndarray[Any, Any]:
    codes: np.ndarray[Any, Any] = texts_of(block.columns[place]).fill_null("").dictionary_encode().indices.to_numpy()
    return codes.astype(np.int64)


def _differ(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> bool:
    both = one * (int(other.max()) + 1) + other
    return len(np.unique(both)) == len(both)


def _tells_apart(drawn: Sketch, pair: tuple[int, int]) -> bool:
    with (
        TemporaryDirectory(prefix="civicat-") as folder,
        KeyWatch(Path(folder), [pa.string(), pa.string()], memory_bytes=_MEMORY) as watch,
    ):
        for block in drawn.blocks(lambda block: block):
            watch.add(block.numbers, [texts_of(block.columns[place]) for place in pair])
            if block.odd or watch.early(1):
                return False
        return watch.count() == 0

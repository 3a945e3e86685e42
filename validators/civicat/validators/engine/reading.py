"""The pass over one resource: blocks in, batches of typed values out, and the problems in frictionless' own order.

The problems of a row are known when its block is judged, except for one kind: that its key stands in another row. So
the rows that repeat a key are found at the end, read once more, and their problems put where they belong.
"""

from __future__ import annotations

import csv
import dataclasses
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from heapq import merge
from itertools import islice, takewhile
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeAlias

import numpy as np
import pyarrow as pa

from civicat.dataset import ForeignKey, Resource
from civicat.validators.columns import Misfit, column
from civicat.validators.engine.assembly import Known, assemble, values
from civicat.validators.engine.block import Block, Mask, Numbers
from civicat.validators.engine.block import Column as Cells
from civicat.validators.engine.broken import AT_ONCE, Reach, reach
from civicat.validators.engine.checks.asked import Checks, NoChecks, RowKey
from civicat.validators.engine.checks.checklist import Checklist
from civicat.validators.engine.cutter import Cutter
from civicat.validators.engine.digests import Digests
from civicat.validators.engine.exact import Tables, error_shape
from civicat.validators.engine.expected import Expected
from civicat.validators.engine.faults import (
    BadBytesError,
    CrowdedRecordError,
    CsvRecordError,
    LongRecordError,
    RecordError,
)
from civicat.validators.engine.foreign import Lookup
from civicat.validators.engine.kernels import kernel_for
from civicat.validators.engine.kernels.kernel import Judged, Kernel
from civicat.validators.engine.keys import KeyWatch, Nulls
from civicat.validators.engine.links import ExactKeys, Followed, Key, as_told, gather, repeated
from civicat.validators.engine.opening import start
from civicat.validators.engine.problem import Problem, UnreadableError
from civicat.validators.engine.rules import ABSENT, Foreign, Values, rules, unique_keys
from civicat.validators.engine.settling import Settled, settle
from civicat.validators.engine.view import Readers, Sight, View, cells_of, everywhere, judge, listed
from civicat.validators.formats import WORKBOOKS, Source

Kind: TypeAlias = tuple[str, str, str]  # code, rule, field
Beside: TypeAlias = Callable[[Resource, Sequence[str]], Iterable[Sequence["pa.Array[Any]"]]]

_AT_ONCE = 1024  # rows whose cells are taken out of a block at once
_AT_HAND = 1 << 24  # characters of records that are kept between two passes over them
# Types whose values Arrow holds as frictionless compares them, or so that equal ones can be told apart afterwards ...
_COMPARED = frozenset({"string", "integer", "number", "boolean", "date", "datetime", "time", "year"})
# ... and those that are looked up elsewhere by their Arrow values; a number is one of them where it has a scale.
_LOOKED_UP = frozenset({"string", "integer", "boolean", "date", "year"})


@dataclass(frozen=True, slots=True)
class Terms:
    """How a resource is read. `limit` is how many errors are listed (0: all), as frictionless has it.

    `count_all` goes on counting where the limit is reached, without listing; `plain` says that the descriptor is one
    that frictionless takes without a word; `folder` is where keys are spilled; `follows` says whether its
    foreign keys are followed; `checklist` asks for more checks, and which errors are wanted; `beside` gives the rows
    online that those of a resource join, in some of its columns, which a foreign key finds besides; `texts` says that
    the texts of numbers are wanted beside their values.
    """

    limit: int
    count_all: bool
    plain: bool
    folder: Path
    follows: bool = True
    checklist: Checklist = field(default_factory=Checklist)
    beside: Beside | None = None
    texts: bool = False


class Suspect(NamedTuple):
    """A record in which something may be wrong."""

    number: int
    cells: Sequence[object]
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class Typed(Sequence["pa.Array[Any]"]):
    """The typed columns of a batch, each made when it is asked for: where nobody keeps the rows, few are."""

    length: int
    of: Callable[[int], pa.Array[Any]]

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, place: Any) -> Any:  # noqa: ANN401 (as Sequence has it: a number or a slice)
        return self.of(range(self.length)[place])


class Batch(NamedTuple):
    """Typed rows: one array for each declared field; `own` are values that no typed column can hold.

    `sources` are the cells that the arrays were made of, None for a field that the file does not have.
    """

    numbers: Numbers
    arrays: Sequence[pa.Array[Any]]
    own: Sequence[Problem]
    sources: Sequence[Cells | None] = ()


@dataclass(slots=True)
class _Found:
    """The errors so far: of the header, then of each row that has any; `stopped` is the row at which the limit lay."""

    limit: int
    head: Sequence[Problem] = ()
    rows: dict[int, list[Problem]] = field(default_factory=dict)
    listed: int = 0
    stopped: int | None = None
    end: int = sys.maxsize  # the last row that frictionless would have read

    @property
    def is_full(self) -> bool:
        """Whether the limit is reached."""
        return self.stopped is not None

    def add(self, number: int, problems: list[Problem]) -> None:
        """Lists the errors of a row; what comes after the limit is not asked for."""
        if problems:
            self.rows[number] = problems
            self.listed += len(problems)
        if self.limit and len(self.head) + self.listed >= self.limit:
            self.stopped = number


class Reading:
    """One pass over one resource; a context manager. Iterate over it for batches; the errors are complete after that.

    `labels` is the header as it stands; `errors` are those that are listed, in frictionless' order; `counts` counts
    all of them; `rows` are the records read, `stopped` is the row at which the limit lay (None: it was not reached).

    Raises (on entering and on iterating):
        UnreadableError, RecordError: it cannot be read, or not to its end.
        RuleBrokenError: a rule cannot be applied.
        CivicatError: a file is damaged.
    """

    def __init__(self, source: Source, tables: Tables, terms: Terms, digests: Digests) -> None:
        self._source, self._tables, self._terms, self._digests = source, tables, terms, digests
        self._cutter = Cutter(source, (lambda _: None) if source.packed else digests.update)
        self._found = _Found(terms.limit)
        self._stack = ExitStack()
        self._checks: Checks = NoChecks()
        self._numbers: list[Numbers] = []
        self._at_hand: dict[int, Sequence[object]] = {}
        self.counts: Counter[Kind] = Counter()
        self.errors: Sequence[Problem] = ()
        self.labels: tuple[str, ...] = ()
        self.own: list[Problem] = []
        self.rows = 0
        self.last = 0
        self.unproved = False
        self._reach: Reach | None = None
        self.stopped: int | None = None

    def __enter__(self) -> Self:
        schema = self._source.resource.schema
        try:
            begun = self._start = start(self._source, self._tables, self._cutter.head, plain=self._is_plain)
        except UnreadableError as error:
            raise UnreadableError([self._located(one) for one in error.problems], error.stats) from None
        self.labels, self._found.head = begun.labels, begun.head
        self.errors = begun.head
        self._readers = Readers(begun.readers)
        self._expected = Expected(schema)
        self._kernels = [self._kernel(place, name) for place, name in enumerate(begun.names)]
        self._columns = [kernel.column for kernel in self._kernels]
        self._rules = rules(schema, begun.names, same_case=begun.same_case)
        self._keys = [self._key(columns) for columns in self._rules.keys]
        self._unique_keys = [self._key(columns, Nulls.ANY) for columns in unique_keys(schema, begun.names)]
        self._foreign = self._followed(begun.names)
        self._rules = dataclasses.replace(self._rules, foreign=tuple(_looked_up(*one) for one in self._foreign))
        self._begin_checks()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def __iter__(self) -> Iterator[Batch]:
        fault = None
        try:
            with closing(self.views()) as views:
                for view in views:
                    yield self._batch(view)
                    if self._is_enough():
                        break
        except RecordError as error:
            fault = error
        if fault is None:
            self._conclude()
            self._finish()
        else:
            self._break_off(fault)

    # ---- before the first block ------------------------------------------------------------------------------------

    def _kernel(self, place: int, name: str) -> Kernel:
        return kernel_for(
            self._expected.field(name),
            self._expected.missing_values(name),
            lambda: self._readers[place],
            from_workbook=self._source.format in WORKBOOKS,
            written=self._expected.written(name),
        )

    def _key(self, places: tuple[int, ...], nulls: Nulls = Nulls.ALL) -> Key:
        typed = tuple(self._columns[place].field.type in _COMPARED for place in places)
        types = [self._columns[place].stored if fits else None for place, fits in zip(places, typed, strict=True)]
        return Key(places, typed, self._stack.enter_context(KeyWatch(self._terms.folder, types, nulls=nulls)))

    @property
    def _is_plain(self) -> bool:
        return self._terms.plain and not self._terms.checklist  # frictionless' checks ask for its table

    def _begin_checks(self) -> None:
        if self._terms.checklist and self._start.opened is not None:
            from civicat.validators.engine.checks.running import begin  # noqa: PLC0415 (few tables have a checklist)

            types = [one.stored for one in self._columns]
            folder, keys = self._terms.folder, len(self._keys)
            self._checks = begin(self._terms.checklist, self._start.opened, types, folder, keys, self._views_again)
            self._stack.callback(self._checks.close)
            self._found.head = self.errors = self._checks.start(self._found.head)

    def place(self, name: str) -> int:
        """The place of a field among the columns, or ABSENT."""
        return self._rules.names.index(name) if name in self._rules.names else ABSENT

    def _is_looked_up(self, place: int) -> bool:
        if place == ABSENT:
            return False
        one = self._columns[place].field
        return one.type in _LOOKED_UP or (one.type == "number" and one.scale is not None)

    def _followed(self, names: Sequence[str]) -> list[tuple[ForeignKey, Followed]]:
        """The foreign keys inside the dataset whose columns are all there, each with what it refers to."""
        keys = self._source.resource.schema.foreign_keys if self._terms.follows else ()
        inside = [one for one in keys if not one.dataset and set(one.fields) <= set(names)]
        return [(one, self._follow(one, [list(names).index(name) for name in one.fields])) for one in inside]

    def _follow(self, key: ForeignKey, places: Sequence[int]) -> Followed:
        source = self._tables.source(key.resource or self._source.resource.name) or self._source
        terms = dataclasses.replace(self._terms, follows=False, checklist=Checklist(), texts=False)
        with Reading(source, self._tables, terms, Digests()) as other:
            there = [other.place(name) for name in key.reference]
            typed = [
                self._is_looked_up(place) and other._is_looked_up(at) for place, at in zip(places, there, strict=True)
            ]
            types = [other._columns[at].stored if fits else None for at, fits in zip(there, typed, strict=True)]
            lookup = Lookup(types)
            gather(lookup, other.views(), there, typed)
        for columns in self._terms.beside(source.resource, key.reference) if self._terms.beside else ():
            lookup.add([as_told(column, kind) for column, kind in zip(columns, types, strict=True)])
        return Followed(tuple(places), tuple(typed), lookup)

    # ---- one block -------------------------------------------------------------------------------------------------

    def _judge(self, block: Block) -> Sight:
        """Runs beside the reading of the next block: kernels only, and nothing that is shared."""
        return Sight(block, [self._judged(place, one) for place, one in enumerate(block.columns)])

    def _judged(self, place: int, cells: Cells) -> Judged | None:
        """What a kernel says; None for times while it is open whether they have offsets: blocks in turn say it."""
        one = self._columns[place]
        return None if one.field.type == "datetime" and one.aware is None else judge(self._kernels[place], cells)

    def views(self) -> Generator[View, None, None]:
        """The blocks of the table, judged and settled."""
        wanted = [None if self._terms.texts else kernel.wanted for kernel in self._kernels]
        with closing(self._cutter.blocks(self._start, wanted, self._judge)) as sights:
            for sight in sights:
                yield self._view(sight)

    def _view(self, sight: Sight) -> View:
        block = sight.block
        judged = [one or judge(self._kernels[place], block.columns[place]) for place, one in enumerate(sight.judged)]
        blank = everywhere([one.missing for one in judged], len(block.numbers))
        settled = [self._settled(block, place, one, blank) for place, one in enumerate(judged)]
        return View(block, settled, blank, self._readers)

    def _settled(self, block: Block, place: int, one: Judged, blank: Mask) -> Settled:
        cells = [] if one.unsure is None else cells_of(block, place, np.flatnonzero(one.unsure))
        return settle(one, cells, self._readers[place] if len(cells) else None, self._columns[place], blank)

    def _batch(self, view: View) -> Batch:
        for key in (*self._keys, *self._unique_keys):
            key.add(view)
        empty = view.empty(self._rules.primary) if self._rules.primary else None
        lost = [followed.lost(view) for _, followed in self._foreign]
        marked = self._checks.see(view, 0 if self._terms.count_all else self._found.limit)
        if not self._found.is_full:
            self._explain(view, empty, lost, marked)
        if self._terms.count_all:
            for _ in range(self._checks.baselines):
                self._count(view, empty, lost)
            self._count_checks(view, marked)
        numbers = view.numbers()
        self.rows += len(numbers)
        self.last = int(numbers.max()) if len(numbers) else self.last
        self.unproved = not getattr(view.block, "proved", True)
        if self._start.leaves_out:
            self._numbers.append(numbers)
        return Batch(view.block.numbers, self._declared(view), self._own(view), self._sources(view.block))

    def _explain(self, view: View, empty: Mask | None, lost: Sequence[Mask], marked: Sequence[Mask]) -> None:
        """Lists the errors of a block, row by row, up to the limit."""
        suspects = view.suspects([one for one in (empty, *lost, *marked) if one is not None])
        if self._found.limit and len(self._found.head) >= self._found.limit:
            suspects = np.arange(min(1, len(view.block.numbers)))  # frictionless stops after a row, whatever it is
        odd = (Suspect(one.number, one.cells) for one in view.block.odd)
        for suspect in merge(self._suspects(view, suspects, empty, lost), odd, key=lambda one: one.number):
            if self._found.is_full:
                return
            self._found.add(suspect.number, self._assembled(suspect, {}))

    def _assembled(self, suspect: Suspect, repeats: Mapping[int, int]) -> list[Problem]:
        """All that is wrong with a row: by the schema, then by each check."""
        number, cells, known = suspect
        found = assemble(self._rules, self._readers, number, cells, repeats, known)
        return self._checks.of_row(number, cells, found, repeats)

    def _suspects(self, view: View, rows: Numbers, empty: Mask | None, lost: Sequence[Mask]) -> Iterator[Suspect]:
        """Some rows of a block, with what is known of them; of a blank one every cell is looked at."""
        wrong = view.wrong()
        for row, record in zip(rows.tolist(), self._rows(view.block, rows), strict=True):
            keyless = empty is not None and bool(empty[row])
            known = Known(wrong.get(row, ()), keyless, [bool(mask[row]) for mask in lost])
            yield Suspect(*record, None if view.blank[row] else known)

    def _rows(self, block: Block, rows: Numbers) -> Iterator[tuple[int, Sequence[object]]]:
        for begin in range(0, len(rows), _AT_ONCE):
            some = rows[begin : begin + _AT_ONCE]
            yield from zip(block.numbers[some].tolist(), block.cells(some.tolist()), strict=True)

    def _count(self, view: View, empty: Mask | None, lost: Sequence[Mask]) -> None:
        """Counts the errors of a block without listing them."""
        for place, one in enumerate(view.settled):
            for (code, rule), times in one.counts.items():
                self.counts[code, rule, self._rules.names[place]] += times
        self.counts["blank-row", "", ""] += int(view.blank.sum())
        self.counts["primary-key", "empty", ""] += int(empty.sum()) if empty is not None else 0
        for (key, _), mask in zip(self._foreign, lost, strict=True):
            self.counts["foreign-key", "", ", ".join(key.fields)] += int(mask.sum())
        for odd in view.block.odd:
            self.counts.update(map(_kind, assemble(self._rules, self._readers, odd.number, odd.cells, {})))

    def _count_checks(self, view: View, marked: Sequence[Mask]) -> None:
        """Counts what the checks find in a block."""
        rows = np.flatnonzero(~everywhere([~one for one in marked], len(view.block.numbers)))
        odd = ((one.number, one.cells) for one in view.block.odd)
        for number, cells in (*self._rows(view.block, rows), *odd):
            self.counts.update(map(_kind, self._checks.of_row(number, cells, (), {})))

    def _declared(self, view: View) -> Typed:
        """The values of the declared fields, in their order; all null for one that the file does not have."""
        places = {name: place for place, name in enumerate(self._rules.names)}
        fields, length = self._source.resource.schema.fields, len(view.block.numbers)

        def of(number: int) -> pa.Array[Any]:
            one = fields[number]
            known = one.name in places
            return view.typed(places[one.name]) if known else pa.nulls(length, column(one, from_workbook=False).stored)

        return Typed(len(fields), of)

    def _sources(self, block: Block) -> list[Cells | None]:
        """The cells of the declared fields, in their order."""
        columns = dict(zip(self._rules.names, block.columns, strict=True))
        return [columns.get(one.name) for one in self._source.resource.schema.fields]

    def _own(self, view: View) -> list[Problem]:
        """Values that frictionless takes and no typed column can hold."""
        return [
            self._misfit(view, place, misfit)
            for place, settled in enumerate(view.settled)
            for misfit in settled.misfits
        ]

    def _misfit(self, view: View, place: int, misfit: Misfit) -> Problem:
        (cell,) = listed(cells_of(view.block, place, np.array([misfit.place])))
        return Problem(
            code=misfit.code,
            shape=dict,
            rule=misfit.rule,
            note=f'type is "{self._columns[place].stored}"',
            row=int(view.block.numbers[misfit.place]),
            field=self._rules.names[place],
            column=place + 1,
            cell=str(cell),
        )

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong so far, as far as can be known before the end."""
        return not self._found.head and not self._found.rows and not self._checks.hides

    @property
    def types(self) -> pa.Schema:
        """The types that the declared fields are read back with, now that all values have been seen."""
        seen = {one.field.name: one for one in self._columns}
        declared = [column(one, from_workbook=False) for one in self._source.resource.schema.fields]
        return pa.schema([(one.field.name, seen.get(one.field.name, one).final) for one in declared])

    def stats(self) -> dict[str, int | str]:
        """What frictionless counts of the file: its bytes, and its checksums where it came to the end."""
        if self.stopped is not None and self._start.cut is not None and not self._source.packed:
            self._reach = reach(self._source, self._start, self.stopped)
        if self._reach is None or self._reach.ended:
            self._digests.complete(self._source.handed_in)
            return {**self._digests.digests(), "bytes": self._digests.size}
        return {"bytes": self._reach.bytes}

    @property
    def dialect(self) -> csv.Dialect | None:
        """How the cells of a delimited file are cut."""
        return self._start.cut

    # ---- after the last block --------------------------------------------------------------------------------------

    def _is_enough(self) -> bool:
        """Whether the limit is reached; repeated keys are looked at while rows come in, where they seem to be many."""
        if self._terms.count_all or not self._found.limit:
            return False
        if self._found.stopped is None and any(key.watch.early(self._found.limit) for key in self._all_keys):
            self._conclude()
            return self.stopped is not None
        return self._found.stopped is not None

    def _finish(self) -> None:
        """What shows only at the end: a checksum, a size, a count that is not as declared."""
        if self.stopped is None:
            self.own += self._repeated_unique_keys()
        if self.stopped is None or self._terms.count_all:
            counted = self._start.tail(self._digests.digests(), self._digests.size, self.rows)
            tail = self._checks.end(self.rows, counted)
            self.errors = [*self.errors, *tail] if self.stopped is None else self.errors
            self.counts.update(map(_kind, tail))

    def _repeated_unique_keys(self) -> list[Problem]:
        """Rows that repeat one of the schema's unique keys: as many as are listed of errors."""
        found = []
        for key in self._unique_keys:
            repeats = dict(islice(key.watch.repeats(self._exact_keys(key)), self._found.limit or None))
            cells = self._cells(list(repeats))
            names = ", ".join(self._rules.names[place] for place in key.places)
            for number, other in repeats.items():
                written = ", ".join(str(cells[number][place]) for place in key.places if place < len(cells[number]))
                facts = {"other": str(other), "key": names}
                found.append(Problem("unique-key", dict, facts, row=number, field=names, cell=written))
        return found

    def _views_again(self) -> Iterator[View]:
        with closing(self._cutter.again(self._start)) as blocks:
            yield from map(self._view, map(self._judge, blocks))

    @property
    def hides(self) -> bool:
        """Whether an error was found that the checklist does not want listed."""
        return self._checks.hides

    @property
    def faults(self) -> list[Problem]:
        """Checks that could not be made as they were meant, which frictionless does not say."""
        return self._checks.faults()

    def _break_off(self, fault: RecordError) -> None:
        """Ends where the file can be read no further, as frictionless does; or says why on our own account."""
        self.unproved = False  # whether a quote is open at the end is nobody's question here
        if isinstance(fault, BadBytesError):
            self._found.end, problem = self._bad_bytes(fault)
        else:
            problem = unreadable(fault)
            self._reach = reach(self._source, self._start) if isinstance(fault, CsvRecordError) else None
        self._conclude()
        if self.stopped is None:
            if problem.code == "record-too-long":
                self.own.append(problem)
            else:
                self.errors = [*self.errors, problem]
            self.counts[_kind(problem)] += 1
            tail = self._checks.broken_off(self._found.end, self._cutter.again(self._start))
            self.errors = [*self.errors, *tail]
            self.counts.update(map(_kind, tail))

    def _bad_bytes(self, fault: BadBytesError) -> tuple[int, Problem]:
        met = self._reach = reach(self._source, self._start)
        if met.last < AT_ONCE:
            self._refused_at_once()
        shape = partial(error_shape, "encoding-error", met.note)
        return met.last, self._located(Problem("encoding-error", shape, note=met.note, row=fault.number))

    def _refused_at_once(self) -> None:
        """Has frictionless open the table: it gives up before the first row."""
        try:
            self._tables.opened(self._source.resource, None)
        except UnreadableError as error:
            raise UnreadableError([self._located(one) for one in error.problems], error.stats) from None

    def _located(self, problem: Problem) -> Problem:
        """The problem, with the place of the bytes that are no text."""
        facts = self._source.damage_facts() if problem.code == "encoding-error" else {}
        if not facts:
            return problem
        row = int(facts["record"])
        return dataclasses.replace(problem, facts=facts, rule="record" if row else "byte", row=row or None)

    def _conclude(self) -> None:
        """Puts the errors of rows that repeat a key where they belong, and cuts the list at the limit."""
        limit = self._found.limit
        rows = {**self._found.rows, **self._repeating()}
        rows = {number: problems for number, problems in rows.items() if number <= self._found.end}
        errors, self.stopped = list(self._found.head), self._found.stopped
        for number in sorted(rows):
            errors += rows[number]
            if limit and len(errors) >= limit:
                self.stopped = number
                break
        self.errors = errors if self.stopped is None else errors[: limit or None]
        self._conclude_counts()

    def _repeating(self) -> dict[int, list[Problem]]:
        """The errors of the rows that repeat a key; as many rows as can be listed."""
        end = min(self._found.end, self._found.stopped or self._found.end)
        found = takewhile(lambda one: one[0] <= end, repeated(self._all_keys, self._exact_keys))
        told = (one for one in found if one[0] in self._found.rows or self._lists_any(one[1]))
        repeats = dict(islice(told, self._found.limit or None))
        cells = self._cells(list(repeats))
        return {number: self._assembled(Suspect(number, cells[number]), places) for number, places in repeats.items()}

    def _lists_any(self, places: Iterable[int]) -> bool:
        return any(self._checks.lists(self._repeat_code(place)) for place in places)

    @property
    def _all_keys(self) -> list[Key | RowKey]:
        """The keys of the schema, then whole rows, where a check asks for those that are the same."""
        return [*self._keys, *self._checks.keys]

    def _repeat_code(self, place: int) -> str:
        if place >= len(self._keys):
            return "duplicate-row"
        return "unique-error" if place < len(self._rules.unique) else "primary-key"

    def _exact_keys(self, key: Key | RowKey) -> ExactKeys:
        def exact(numbers: Sequence[int]) -> Mapping[int, Values]:
            cells = self._cells(numbers)
            return {number: key.told(values(self._readers, cells[number], key.places)) for number in numbers}

        return exact

    def cells(self, numbers: Sequence[int]) -> Mapping[int, Sequence[object]]:
        """The cells of some records as they stand in the file, once all have been read."""
        return self._cells(sorted(set(numbers)))

    def _cells(self, numbers: Sequence[int]) -> dict[int, Sequence[object]]:
        """The cells of some records, from another pass over the file for those that are not at hand."""
        asked = [number for number in numbers if number not in self._at_hand]
        found = self._cutter.records(self._start, asked) if asked else {}
        cells = {number: found[number] if number in found else self._at_hand[number] for number in numbers}
        if sum(map(_length, cells.values())) <= _AT_HAND:  # what tells repeats apart is listed soon after
            self._at_hand = cells
        return cells

    def _conclude_counts(self) -> None:
        if not self._terms.count_all:
            self.counts = Counter(map(_kind, self.errors))
            if self.stopped is not None or self._found.end != sys.maxsize:
                self.rows = self._rows_until(self.stopped or self._found.end)
            return
        for place, key in enumerate(self._all_keys):
            field_name = self._rules.names[key.places[0]] if place < len(self._rules.unique) else ""
            times = key.count(self._exact_keys(key), self._checks.baselines)
            self.counts[self._repeat_code(place), "", field_name] += times
        self.counts.update(map(_kind, self._found.head))
        self.counts = Counter({kind: times for kind, times in (+self.counts).items() if self._checks.lists(kind[0])})

    def _rows_until(self, number: int) -> int:
        if self._start.leaves_out:
            return sum(int((numbers <= number).sum()) for numbers in self._numbers)
        return number - self._start.first + 1


def unreadable(fault: RecordError) -> Problem:
    """Why a table cannot be read beyond a record, as a problem."""
    if isinstance(fault, CsvRecordError):
        shape = partial(error_shape, "source-error", fault.note)
        return Problem("source-error", shape, note=fault.note, row=fault.number)
    if isinstance(fault, CrowdedRecordError):
        return Problem("record-too-long", dict, {"size": f"{fault.size:,}"}, rule="cells", row=fault.number)
    size = f"{fault.size:,}" if isinstance(fault, LongRecordError) else ""
    return Problem("record-too-long", dict, {"size": size}, row=fault.number)


def _length(cells: Sequence[object]) -> int:
    return sum(len(str(cell)) for cell in cells)


def _kind(problem: Problem) -> Kind:
    return (problem.code, problem.rule, problem.field)


def _looked_up(key: ForeignKey, followed: Followed) -> Foreign:
    return Foreign(followed.places, key.resource, key.reference, followed.holds())

"""One resource from its file to a report and typed rows. The engine behind it (rows.py) can be replaced."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from civicat.dataset import Resource
from civicat.finding import Finding, Place, Severity
from civicat.layout import Layout
from civicat.report import ResourceReport, Tally
from civicat.text import Text
from civicat.validators.columns import Column, Misfit, column, runs_away
from civicat.validators.delimited import refuse_delimiter, unclosed_quote
from civicat.validators.encodings import chunks
from civicat.validators.explain import Explainer
from civicat.validators.formats import DELIMITED, KNOWN, WORKBOOKS, Source
from civicat.validators.messages import say
from civicat.validators.references import Reference, find_references
from civicat.validators.rows import Problem, Reading, Row, RuleBrokenError, Tables, UnreadableError
from civicat.validators.shapes import cell_shape, encoding_shape, source_shape
from civicat.validators.spool import CheckedTable, Spool

BATCH_ROWS = 10_000  # rows that are in memory at a time
LIMIT_ERRORS = 1000  # errors of a resource that are explained one by one, as frictionless has it; all are counted
_RUNS_AWAY = Text(
    "它反复匹配长短不定的内容，遇到某些值会没完没了地查下去。请改写，例如把 (a+)+ 写成 a+。",
    "it repeats what has no fixed length, and some values would keep it busy for ever. Write a+ rather than (a+)+.",
)


@dataclass(slots=True)
class _Notes:
    """Collects what is wrong: explains each up to the limit (0: no limit), counts all."""

    explainer: Explainer
    limit: int
    findings: list[Finding] = field(default_factory=list)
    tallies: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            rule = self.explainer.rule(problem)
            if not self.limit or len(self.findings) < self.limit:
                self.findings.append(self.explainer.finding(problem))
            self.tallies[problem.code, rule, problem.field] += 1

    def counts(self) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for (code, _, _), count in self.tallies.items():
            counts[code] += count
        return dict(counts)


@dataclass(slots=True)
class _Pass:
    """One pass over a resource: what is known so far."""

    source: Source
    notes: _Notes
    warnings: list[Finding] = field(default_factory=list)
    labels: tuple[str, ...] = ()
    rows: int = 0
    last: int = 1  # number of the last row read, the header counted
    complete: bool = True

    def report(self, sha256: str, size: int) -> ResourceReport:
        resource = self.source.resource
        return ResourceReport(
            name=resource.name,
            path=resource.path,
            labels=self.labels,
            rows=self.rows,
            bytes=size,
            sha256=sha256,
            findings=(*self.notes.findings, *self.warnings),
            counts=self.notes.counts(),
            complete=self.complete,
            tallies=tuple(Tally(*kind, count) for kind, count in self.notes.tallies.items()),
        )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the checks of all resources of a dataset share.

    `package` is the dataset as the engine sees it, None where the descriptor is too faulty to read any row by it;
    `layout` is where other datasets are looked up, `folder` where typed rows are kept; `limit` is how many errors of a
    resource are explained (0: all).
    """

    package: Tables | None
    layout: Layout
    folder: Path
    limit: int


def check_table(
    source: Source, explainer: Explainer, around: Surroundings
) -> tuple[ResourceReport, CheckedTable | None]:
    """Checks one resource. The table is None where anything is wrong.

    Raises:
        DescriptorError: the delimiter that is declared can separate nothing.
        SourceError: the file is damaged.
        StoreError: a release that it refers to cannot be read.
    """
    this = _Pass(source, _Notes(explainer, around.limit))
    sha256, size = _digest(source.path)
    table = None
    if not source.format:
        this.complete = False
        this.warnings.append(_note(this, "not-a-table", format=_suffix(source), known=", ".join(KNOWN)))
    elif source.damage is not None:
        this.notes.add([_damage(source)])
    elif around.package is None:
        this.complete = False
    else:
        table = _read(this, around.package, around, (sha256, size))
    return this.report(sha256, size), table


def _read(this: _Pass, package: Tables, around: Surroundings, digest: tuple[str, int]) -> CheckedTable | None:
    resource = this.source.resource
    columns = {one.name: column(one, from_workbook=this.source.format in WORKBOOKS) for one in resource.schema.fields}
    place = Place(this.notes.explainer.file, resource.name)
    references, unfollowed = find_references(resource, columns, around.layout, place)
    for finding in unfollowed:
        _unfollowed(this, finding)
    spool = Spool(around.folder / f"{resource.name}.arrow", list(columns), [one.stored for one in columns.values()])
    _refuse_delimiter(this)
    try:
        _refuse_patterns(resource)
        with Reading(package, resource) as reading:
            this.labels = reading.labels
            this.notes.add(reading.head)
            for batch in _batches(reading):
                _take(this, batch, list(columns.values()), references, spool)
            this.notes.add(reading.tail(*digest))
            this.notes.add(_unclosed(this, reading))
    except UnreadableError as error:
        this.notes.add(error.problems)
        this.complete = False
    except RuleBrokenError as error:
        this.complete = False
        this.warnings.append(_rule_broken(this, error))
    return _finish(this, spool, columns)


def _refuse_delimiter(this: _Pass) -> None:
    dialect = this.source.resource.dialect
    below = dialect.get("csv")
    for level in (dialect, below if isinstance(below, dict) else {}):
        if "delimiter" in level and this.source.format in DELIMITED:
            refuse_delimiter(level["delimiter"], f"{this.notes.explainer.rules.en}, {this.source.resource.name}")


def _refuse_patterns(resource: Resource) -> None:
    """Raises RuleBrokenError where a pattern could take for ever: no cell could stop it."""
    for one in resource.schema.fields:
        if runs_away(str(one.constraints.get("pattern", ""))):
            raise RuleBrokenError(_RUNS_AWAY, one.name, "pattern")


def _rule_broken(this: _Pass, error: RuleBrokenError) -> Finding:
    explainer = this.notes.explainer
    one = this.source.resource.schema.field(error.field)
    limit = str(one.constraints.get(error.constraint, "")) if one else ""
    facts: dict[str, str | Text] = {
        "field": error.field,
        "constraint": error.constraint,
        "limit": limit,
        "note": error.reason,
    }
    words = say("rule-broken", "constraint" if error.constraint else "", **facts)
    place = Place(explainer.file, this.source.resource.name, field=error.field)
    return Finding("rule-broken", Severity.WARNING, place, words.message, words.remedy, rule=error.constraint)


def _unclosed(this: _Pass, reading: Reading) -> list[Problem]:
    """A quote that is open when the file ends: frictionless takes all that follows it for one cell."""
    source = this.source
    line = unclosed_quote(source.path, source.encoding, reading.dialect) if source.format in DELIMITED else 0
    if not line:
        return []
    note = f"a quote that opens in the record at line {line} is never closed"
    return [Problem("unclosed-quote", lambda: source_shape(note), note=note, row=this.last, facts={"line": str(line)})]


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    stream = iter(rows)
    while batch := list(islice(stream, BATCH_ROWS)):
        yield batch


def _take(this: _Pass, batch: list[Row], columns: list[Column], references: list[Reference], spool: Spool) -> None:
    """Notes what is wrong with a batch of rows, row by row, and keeps its values where nothing is wrong so far."""
    this.rows += len(batch)
    this.last = batch[-1].number
    arrays, own = _convert(batch, columns)
    for number, row in enumerate(batch):
        if row.problems:
            this.notes.add(row.problems)
        if number in own:
            this.notes.add(own[number])
        for reference in references:
            if (problem := reference.problem(row)) is not None:
                this.notes.add([problem])
    if this.notes.tallies or not this.complete:
        spool.drop()
    spool.write(arrays)


def _convert(batch: list[Row], columns: list[Column]) -> tuple[list[pa.Array[Any]], dict[int, list[Problem]]]:
    arrays, problems = [], dict[int, list[Problem]]()
    values: Sequence[Sequence[object]] = list(zip(*(row.values for row in batch), strict=True))
    for number, (one, cells) in enumerate(zip(columns, values, strict=True), 1):
        array, misfits = one.convert(cells)
        arrays.append(array)
        for misfit in misfits:
            problems.setdefault(misfit.place, []).append(_misfit(misfit, batch[misfit.place], one, number))
    return arrays, problems


def _misfit(misfit: Misfit, row: Row, one: Column, number: int) -> Problem:
    value = row.values[number - 1]
    note = f'type is "{one.stored}"'
    return Problem(
        code=misfit.code,
        shape=lambda: cell_shape(note, row.cells, row.number, one.field.name, number),
        rule=misfit.rule,
        note=note,
        row=row.number,
        field=one.field.name,
        column=number,
        cell=str(value),
    )


def _finish(this: _Pass, spool: Spool, columns: dict[str, Column]) -> CheckedTable | None:
    if this.labels and not this.rows and not this.notes.tallies and this.complete:
        this.warnings.append(_note(this, "no-rows"))
    if this.notes.tallies or not this.complete:
        spool.drop()
        return None
    spool.close()
    schema = pa.schema([(name, one.final) for name, one in columns.items()])
    return CheckedTable(this.source.resource, schema, this.rows, spool.path)


def _unfollowed(this: _Pass, finding: Finding) -> None:
    """A reference that cannot be followed: an error of the descriptor counts, one that must wait is only said."""
    if finding.severity is Severity.ERROR:
        this.notes.findings.append(finding)
        this.notes.tallies[finding.code, "", finding.place.field] += 1
    else:
        this.complete = False
        this.warnings.append(finding)


def _note(this: _Pass, code: str, **facts: str) -> Finding:
    words = say(code, **facts)
    place = Place(this.notes.explainer.file, this.source.resource.name)
    return Finding(code, Severity.WARNING, place, words.message, words.remedy)


def _damage(source: Source) -> Problem:
    damage = source.damage
    note, line = (damage.note, damage.line) if damage else ("", 0)
    facts = {"encoding": source.encoding, "line": str(line)}
    return Problem("encoding-error", lambda: encoding_shape(note), rule="line", note=note, row=line, facts=facts)


def _suffix(source: Source) -> str:
    return source.resource.format or source.path.suffix or source.path.name


def _digest(path: Path) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    for chunk in chunks(path):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size

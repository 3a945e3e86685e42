"""One resource from its file to a report and typed rows, by way of the engine."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge
from itertools import accumulate
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from civicat.dataset import Resource
from civicat.finding import Finding, Place, Severity
from civicat.layout import Layout
from civicat.report import ResourceReport, Tally
from civicat.text import Text
from civicat.validators.columns import Column, column
from civicat.validators.delimited import refuse_delimiter, unclosed_quote
from civicat.validators.encodings import chunks
from civicat.validators.engine.backtracking import is_endless
from civicat.validators.engine.checks.checklist import Checklist
from civicat.validators.engine.digests import Digests
from civicat.validators.engine.exact import Tables
from civicat.validators.engine.faults import RecordError
from civicat.validators.engine.problem import Problem, RuleBrokenError, UnreadableError
from civicat.validators.engine.reading import Batch, Reading, Terms, unreadable
from civicat.validators.explain import Explainer
from civicat.validators.formats import DELIMITED, KNOWN, WORKBOOKS, Source
from civicat.validators.messages import say
from civicat.validators.shortened import ShortenedNumbers
from civicat.validators.spool import CheckedTable, Spool

if TYPE_CHECKING:
    from civicat.validators.engine.roundtrip import Conversions
    from civicat.validators.identifiers.asking import Asked
    from civicat.validators.joining import Joining, Joins
    from civicat.validators.references import Reference

LIMIT_ERRORS = 1000  # errors of a resource that are listed, as frictionless has it
_RUNS_AWAY = Text(
    "它反复匹配长短不定的内容，遇到某些值会没完没了地查下去。请改写，例如把 (a+)+ 写成 a+。",
    "it repeats what has no fixed length, and some values would keep it busy for ever. Write a+ rather than (a+)+.",
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the checks of all resources of a dataset share.

    `tables` is the dataset as the engine sees it, None where the descriptor is too faulty to read any row by it, and
    `plain` says that frictionless takes it without a word; `layout` is where other datasets are looked up, `folder`
    where typed rows are kept; `limit` is how many errors of a resource are listed (0: all), and `count_all` goes on
    counting where that is reached; `progress` is told how many bytes have been read; `checklist` is asked of every
    resource, after its own checks; `digests` asks for the checksums of the files, and
    `tables_wanted` for the typed rows and `conversion` for the proof that typing them lost nothing; `joins` is the
    release online where rows join those in it.
    """

    tables: Tables | None
    plain: bool
    layout: Layout
    folder: Path
    limit: int
    count_all: bool = False
    progress: Callable[[int], None] | None = None
    checklist: Checklist = field(default_factory=Checklist)
    digests: bool = True
    tables_wanted: bool = True
    conversion: bool = True
    joins: Joins | None = None


@dataclass(slots=True)
class _Pass:
    """One pass over a resource: what is known so far. `own` are errors that frictionless has no word for."""

    source: Source
    explainer: Explainer
    limit: int
    own: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    errors: Sequence[Problem] = ()
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    labels: tuple[str, ...] = ()
    rows: int = 0
    stopped: int | None = None
    complete: bool = True
    hides: bool = False  # whether the checklist keeps an error from being listed
    stats: Mapping[str, int | str] = field(default_factory=dict)
    types: pa.Schema = field(default_factory=lambda: pa.schema([]))
    conversions: Conversions | None = None

    def add(self, problems: Iterable[Problem]) -> None:
        """Notes errors of our own: explains each up to the limit (0: no limit), counts all."""
        for problem in problems:
            if not self.limit or len(self.own) < self.limit:
                self.own.append(self.explainer.finding(problem))
            self.counts[problem.code, self.explainer.rule(problem), problem.field] += 1

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong so far."""
        return not self.errors and not self.counts and not self.own and self.complete and not self.hides


def check_table(
    source: Source, explainer: Explainer, around: Surroundings
) -> tuple[ResourceReport, CheckedTable | None]:
    """Checks one resource. The table is None where anything is wrong.

    Raises:
        DescriptorError: the delimiter that is declared can separate nothing, or there is no identifier of that name.
        SourceError: the file is damaged.
        StoreError: a release that it refers to cannot be read.
    """
    this = _Pass(source, explainer, around.limit)
    digests = Digests(around.progress, wanted=around.digests or "hash" in source.resource.descriptor)
    if source.packed or source.format not in DELIMITED:  # of the others the engine hears the bytes as it reads them
        _hear(source, digests)
    table = None
    if not source.format:
        this.complete = False
        this.warnings.append(_note(this, "not-a-table", format=_suffix(source), known=", ".join(KNOWN)))
    elif source.format not in DELIMITED and source.damage is not None:
        this.errors = [_damage(source)]
    elif around.tables is None:
        this.complete = False
        _hear(source, digests)
    else:
        table = _read(this, around.tables, around, digests)
    return _report(this, digests), table


def _hear(source: Source, digests: Digests) -> None:
    if not digests.size:
        for chunk in chunks(source.handed_in):
            digests.update(chunk)


def _read(this: _Pass, tables: Tables, around: Surroundings, digests: Digests) -> CheckedTable | None:
    resource = this.source.resource
    columns = {one.name: column(one, from_workbook=this.source.format in WORKBOOKS) for one in resource.schema.fields}
    shortened = ShortenedNumbers(resource)
    beyond: list[Reference | Asked] = [*_references(this, columns, around.layout), *_identifiers(this)]
    joining = around.joins.begin(resource, columns, this.source.handed_in) if around.joins else None
    spool = Spool(around.folder / f"{resource.name}.arrow", list(columns), [one.stored for one in columns.values()])
    if not around.tables_wanted:
        spool.drop()
    elif around.conversion:
        this.conversions = _conversions(resource, columns)
    _refuse_delimiter(this)
    checklist = around.checklist.after(own_checks(resource, this.explainer.rules.en))
    beside = around.joins.rows_online if around.joins else None
    terms = Terms(around.limit, around.count_all, around.plain, around.folder, checklist=checklist, beside=beside)
    terms = replace(terms, texts=this.conversions is not None)
    try:
        _refuse_patterns(resource)
        with Reading(this.source, tables, terms, digests) as reading:
            this.labels = reading.labels
            for batch in reading:
                _take(this, batch, reading, beyond, spool)
                if joining is not None:
                    joining.take(batch)
                shortened.look(batch.numbers, batch.arrays)
            _conclude(this, reading)
            if joining is not None:
                _join(this, joining, reading)
        this.warnings += shortened.findings(Place(this.explainer.file, resource.name))
        _remark(this, digests)
    except UnreadableError as error:
        _hear(this.source, digests)
        this.errors, this.complete = error.problems, False
        heard: dict[str, int | str] = {}
        if this.source.cells is not None:
            heard = {**digests.digests(), "bytes": digests.size}
        this.stats = {**heard, **error.stats}
    except RecordError as fault:
        this.add([unreadable(fault)])
        this.complete = False
    except RuleBrokenError as error:
        this.complete = False
        this.warnings.append(_rule_broken(this, error))
    return _finish(this, spool)


def _conversions(resource: Resource, columns: Mapping[str, Column]) -> Conversions:
    from civicat.validators.engine.roundtrip import Conversions  # noqa: PLC0415 (who only checks need not pay for it)

    return Conversions(resource.schema, {name: one.stored for name, one in columns.items()})


def own_checks(resource: Resource, file: str) -> Sequence[Mapping[str, object]]:
    """The checks that a resource asks for in its descriptor; `file` is named in errors.

    Raises:
        DescriptorError: a check or a parameter is not known or missing.
    """
    ours = resource.descriptor.get("civicat")
    if not isinstance(ours, dict) or "checks" not in ours:
        return ()
    from civicat.validators.checklists import read_checks  # noqa: PLC0415 (most tables have none)

    return read_checks(resource, file)


def _references(this: _Pass, columns: Mapping[str, Column], layout: Layout) -> list[Reference]:
    """The references into other datasets; those that cannot be followed are noted."""
    resource = this.source.resource
    if not any(key.dataset for key in resource.schema.foreign_keys):
        return []
    from civicat.validators.references import find_references  # noqa: PLC0415 (most tables have none)

    found, unfollowed = find_references(resource, columns, layout, Place(this.explainer.file, resource.name))
    for finding in unfollowed:
        _unfollowed(this, finding)
    return found


def _identifiers(this: _Pass) -> list[Asked]:
    """The identifiers that columns are asked to hold; those that name persons are noted."""
    resource = this.source.resource
    if not any(one.identifier for one in resource.schema.fields):
        return []
    from civicat.validators.identifiers.asking import asked, personal_data  # noqa: PLC0415 (most tables have none)

    found = asked(resource, f"{this.explainer.rules.en}, {resource.name}")
    this.warnings += personal_data(found, Place(this.explainer.file, resource.name))
    return list(found)


def _take(this: _Pass, batch: Batch, reading: Reading, beyond: Sequence[Reference | Asked], spool: Spool) -> None:
    """Notes what is wrong with a batch beyond frictionless, and keeps its values where nothing is wrong so far."""
    this.rows = reading.rows
    this.add(batch.own)
    for one in beyond:
        this.add(one.problems(batch))
    if this.is_clean and reading.is_clean:
        spool.write(batch.arrays)
        if this.conversions is not None and spool.kept:
            this.conversions.take(batch.sources, batch.arrays, lambda: reading.types)
    else:
        spool.drop()


def _join(this: _Pass, joining: Joining, reading: Reading) -> None:
    """Notes what keeps the rows from joining those of the release online."""
    place = Place(this.explainer.file, this.source.resource.name)
    for finding in joining.obstacles(this.types, place):
        _unfollowed(this, finding)
    for hits in joining.conclude(this.limit):
        problems = joining.problems(hits, reading)
        this.add(problems)
        this.counts[problems[0].code, problems[0].rule, problems[0].field] += hits.count - len(problems)
    this.warnings += joining.remark(place)


def _remark(this: _Pass, digests: Digests) -> None:
    """What is odd about the file as a whole: a hidden sheet, an encoding that makes nonsense of the text."""
    for remark in this.source.remarks(has_zeros=digests.has_zeros or bool(this.source.packed)):
        finding = remark.finding(this.explainer.file, this.source.resource.name)
        if finding.severity is Severity.WARNING:
            this.warnings.append(finding)
        else:
            this.own.append(finding)
            this.counts[finding.code, finding.rule, finding.place.field] += 1


def _conclude(this: _Pass, reading: Reading) -> None:
    this.errors = reading.errors
    this.rows, this.stopped, this.types = reading.rows, reading.stopped, reading.types
    this.stats = {**reading.stats(), "fields": len(this.source.resource.schema.fields)}
    for kind, count in reading.counts.items():
        problem = Problem(kind[0], dict, rule=kind[1], field=kind[2])
        this.counts[kind[0], this.explainer.rule(problem), kind[2]] += count
    this.add(reading.own)
    this.hides = reading.hides
    this.warnings += [replace(this.explainer.finding(one), severity=Severity.WARNING) for one in reading.faults]
    if reading.unproved:
        this.add(_unclosed(this, reading))


def _report(this: _Pass, digests: Digests) -> ResourceReport:
    resource = this.source.resource
    findings = [this.explainer.finding(problem) for problem in this.errors]
    if not this.counts and findings:
        this.counts = Counter((one.code, one.rule, one.place.field) for one in findings)
    counts: Counter[str] = Counter()
    for (code, _, _), count in this.counts.items():
        counts[code] += count
    return ResourceReport(
        name=resource.name,
        path=resource.path,
        place=_place(this.source),
        labels=this.labels,
        rows=this.rows,
        bytes=digests.size,
        sha256=digests.digests()["sha256"] if digests.size == this.source.handed_in.stat().st_size else "",
        findings=(*_by_row(findings, this.own), *this.warnings),
        counts=dict(counts),
        complete=this.complete,
        tallies=tuple(Tally(*kind, count) for kind, count in this.counts.items()),
        stopped=this.stopped,
        limit=None if this.stopped is None else this.limit,
        stats=_stats(this),
    )


def _place(source: Source) -> str:
    """Where frictionless says that the table is: of an archive, with the member that it read."""
    resource = source.resource
    place = resource.place or resource.path
    if source.packed != "zip":
        return place
    return f"{place} -> {resource.descriptor.get('innerpath') or source.path.name}"


def _by_row(theirs: Sequence[Finding], own: Sequence[Finding]) -> list[Finding]:
    """Frictionless' errors in their order, and each of our own after those of its row and of the rows before."""
    rows = accumulate((one.place.row or 0 for one in theirs), max)
    keyed = [(row, 0, one) for row, one in zip(rows, theirs, strict=True)]
    ours = sorted(((one.place.row or sys.maxsize, 1, one) for one in own), key=itemgetter(0))
    return [one for _, _, one in merge(keyed, ours, key=itemgetter(0, 1))]


def _stats(this: _Pass) -> dict[str, int | str]:
    """What frictionless counts; it leaves out what is nothing."""
    return {name: value for name, value in {**this.stats, "rows": this.rows}.items() if value}


def _refuse_delimiter(this: _Pass) -> None:
    dialect = this.source.resource.dialect
    below = dialect.get("csv")
    for level in (dialect, below if isinstance(below, dict) else {}):
        if "delimiter" in level and this.source.format in DELIMITED:
            refuse_delimiter(level["delimiter"], f"{this.explainer.rules.en}, {this.source.resource.name}")


def _refuse_patterns(resource: Resource) -> None:
    """Raises RuleBrokenError where a pattern could take for ever: no cell could stop it."""
    for one in resource.schema.fields:
        if is_endless(str(one.constraints.get("pattern", ""))):
            raise RuleBrokenError(_RUNS_AWAY, one.name, "pattern")


def _rule_broken(this: _Pass, error: RuleBrokenError) -> Finding:
    one = this.source.resource.schema.field(error.field)
    limit = str(one.constraints.get(error.constraint, "")) if one else ""
    facts: dict[str, str | Text] = {
        "field": error.field,
        "constraint": error.constraint,
        "limit": limit,
        "note": error.reason,
    }
    words = say("rule-broken", "constraint" if error.constraint else "", **facts)
    place = Place(this.explainer.file, this.source.resource.name, field=error.field)
    return Finding("rule-broken", Severity.WARNING, place, words.message, words.remedy, rule=error.constraint)


def _unclosed(this: _Pass, reading: Reading) -> list[Problem]:
    """A quote that is open when the file ends: frictionless takes all that follows it for one cell."""
    source = this.source
    line = unclosed_quote(source.path, source.encoding, reading.dialect) if reading.dialect else 0
    if not line:
        return []
    note = f"a quote that opens in the record at line {line} is never closed"
    return [Problem("unclosed-quote", dict, note=note, row=reading.last, facts={"line": str(line)})]


def _finish(this: _Pass, spool: Spool) -> CheckedTable | None:
    if this.labels and not this.rows and this.is_clean:
        this.warnings.append(_note(this, "no-rows"))
    if not this.is_clean:
        spool.drop()
    if not spool.kept:
        return None
    spool.close()
    conversion = this.conversions.told(this.types) if this.conversions is not None else ()
    return CheckedTable(this.source.resource, this.types, this.rows, spool.path, conversion)


def _unfollowed(this: _Pass, finding: Finding) -> None:
    """What cannot be followed or joined: an error of the descriptor counts, one that must wait is only said."""
    if finding.severity is Severity.ERROR:
        this.own.append(finding)
        this.counts[finding.code, finding.rule, finding.place.field] += 1
    else:
        this.complete = False
        this.warnings.append(finding)


def _note(this: _Pass, code: str, **facts: str) -> Finding:
    words = say(code, **facts)
    place = Place(this.explainer.file, this.source.resource.name)
    return Finding(code, Severity.WARNING, place, words.message, words.remedy)


def _damage(source: Source) -> Problem:
    """Bytes of a JSON file that its encoding cannot read."""
    damage = source.damage
    note, line = (damage.note, damage.line) if damage else ("", 0)
    return Problem("encoding-error", dict, rule="byte", note=note, row=line, facts=source.damage_facts())


def _suffix(source: Source) -> str:
    return source.resource.format or source.path.suffix or source.path.name

"""A dataset -> its report and its typed tables. Every check is finished before the tables can be had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from civicat.dataset import Dataset, Department, Resource
from civicat.finding import Finding, Place, Severity
from civicat.joining import REPLACE
from civicat.layout import Layout
from civicat.report import Report, ResourceReport
from civicat.text import Text
from civicat.validators.descriptor_faults import contradicted, refused, with_lines
from civicat.validators.descriptors import DEPARTMENT, find_descriptor, load
from civicat.validators.engine.checks.checklist import Checklist
from civicat.validators.engine.exact import Tables
from civicat.validators.engine.plain import is_plain
from civicat.validators.engine.problem import RuleBrokenError, UnreadableError
from civicat.validators.explain import Explainer
from civicat.validators.formats import Source, find_source
from civicat.validators.messages import say
from civicat.validators.spool import CheckedTable
from civicat.validators.table import LIMIT_ERRORS, Surroundings, check_table, own_checks

if TYPE_CHECKING:
    from civicat.validators.joining import Joins
    from civicat.validators.measures import Rows


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks of a dataset found, and its typed tables: none of a resource with an error."""

    report: Report
    tables: tuple[CheckedTable, ...]


@contextmanager
def check(  # noqa: PLR0913 (each is named by who asks for it)
    dataset: Dataset,
    layout: Layout,
    *,
    department: Department | None = None,
    profile: bool = True,
    limit_errors: int = LIMIT_ERRORS,
    count_all: bool = False,
    progress: Callable[[int], None] | None = None,
    checklist: Checklist | None = None,
    digests: bool = True,
    tables: bool = True,
    conversion: bool = True,
) -> Iterator[Checked]:
    """Checks a dataset; the tables are there as long as the context is open.

    `profile` asks for the house profile; `limit_errors` is how many errors of a resource are listed (0: all), and
    `count_all` goes on counting where that is reached; `progress` is told how many bytes have been read;
    `checklist` is asked of every resource; `digests` and `tables` say whether anybody wants the checksums of the files
    and the typed tables (which drift is told by, too); `conversion` asks, with the tables, for the proof that typing
    them lost nothing.

    Raises:
        SourceError: a file is missing, damaged, outside the folder or not what its format says.
        DescriptorError: a descriptor cannot be read.
        StoreError: a release that is referred to cannot be read.
    """
    _refuse_bounds(dataset)  # before the files are read, not after
    for resource in dataset.resources:
        own_checks(resource, str(find_descriptor(dataset.folder) or dataset.folder))
    sources = [find_source(dataset, resource) for resource in dataset.resources]
    findings = _profile(dataset, department) if profile else []
    plain = is_plain(dataset.descriptor)
    seen, faults = _open(dataset, sources, plain=plain)
    findings += faults
    with TemporaryDirectory(prefix="civicat-") as folder, ExitStack() as held:
        for source in sources:
            if source.unpacked is not None:
                held.callback(source.unpacked.close)
        asked = checklist or Checklist()
        joins = _joins(dataset, layout, Path(folder), held)
        around = Surroundings(
            seen,
            plain,
            layout,
            Path(folder),
            limit_errors,
            count_all,
            progress,
            asked,
            digests,
            tables,
            conversion,
            joins=joins,
        )
        results = [_table(source, _explainer(dataset, source.resource), around) for source in sources]
        typed = tuple(table for _, table in results if table is not None)
        findings += _drift(dataset, [joins.grown(table) for table in typed] if joins else typed, layout)
        yield Checked(_report(dataset, findings, [one for one, _ in results]), typed)


def _report(dataset: Dataset, findings: Sequence[Finding], tables: Sequence[ResourceReport]) -> Report:
    """The report; of a file by itself frictionless tells the faults of its schema as errors of the one table."""
    if not findings or not any(one.place for one in dataset.resources):
        return Report(dataset.id, tuple(findings), tuple(tables))
    (table,) = tables
    counts = Counter(one.code for one in findings if one.severity is Severity.ERROR)
    told = replace(table, findings=(*findings, *table.findings), counts=counts + Counter(table.counts))
    return Report(dataset.id, (), (told,))


def _table(source: Source, explainer: Explainer, around: Surroundings) -> tuple[ResourceReport, CheckedTable | None]:
    """One resource with the likely causes of what was found in it; of a clean one they are not asked for."""
    report, table = check_table(source, explainer, around)
    if not report.findings:
        return report, table
    from civicat.validators.causes import glimpse, likely_causes  # noqa: PLC0415 (a clean file need not pay for it)

    return replace(report, causes=likely_causes(report, glimpse(source, report))), table


def _refuse_bounds(dataset: Dataset) -> None:
    """Raises DescriptorError where the bounds of a dataset cannot be read."""
    ours = dataset.descriptor.get("civicat")
    if isinstance(ours, dict) and "bounds" in ours:
        from civicat.validators.bounds import read_bounds  # noqa: PLC0415 (few datasets have any)

        read_bounds(dataset, str(find_descriptor(dataset.folder) or dataset.folder))


def _joins(dataset: Dataset, layout: Layout, folder: Path, held: ExitStack) -> Joins | None:
    """The release online that rows of the dataset join, where some do."""
    if all(one.submission == REPLACE for one in dataset.resources):
        return None
    from civicat.validators.joining import joins  # noqa: PLC0415 (most datasets are handed in whole)

    found = joins(dataset, layout, folder)
    return None if found is None else held.enter_context(found)


def _drift(dataset: Dataset, tables: Sequence[Rows], layout: Layout) -> list[Finding]:
    """What the tables of the release to come change in the last one, where there is one."""
    if not dataset.department or not layout.versions(dataset.id):
        return []
    from civicat.validators.drift import compare  # noqa: PLC0415 (a file by itself was never released)

    return compare(dataset, tables, layout)


def _profile(dataset: Dataset, department: Department | None) -> list[Finding]:
    from civicat.validators import house  # noqa: PLC0415 (a file by itself is held to no profile)

    path = find_descriptor(dataset.folder)
    findings = house.check_dataset(dataset, load(path), str(path)) if path is not None else []
    if department is not None:
        above = dataset.folder.parent / DEPARTMENT
        findings += house.check_department(department, load(above), str(above))
    return findings


def _open(dataset: Dataset, sources: Sequence[Source], *, plain: bool) -> tuple[Tables | None, list[Finding]]:
    """The dataset as the engine sees it, or None and why no row can be judged by its descriptor.

    Either frictionless refuses it, or what it says of some column cannot hold.
    """
    tables = Tables(dataset, [source for source in sources if source.format])
    try:
        if not plain:
            tables.load()
    except UnreadableError as error:
        return None, with_lines(list(refused(dataset, error.problems)))
    except RuleBrokenError as error:
        words, place = say("metadata-error", note=str(error)), Place(dataset.file)
        return None, [Finding("metadata-error", Severity.ERROR, place, words.message, words.remedy)]
    faults = with_lines(list(contradicted(dataset, sources, tables, plain=plain)))
    return (None if faults else tables), faults


def _explainer(dataset: Dataset, resource: Resource) -> Explainer:
    descriptor = Path(resource.schema.file) if resource.schema.file else find_descriptor(dataset.folder)
    descriptor = None if resource.guessed else descriptor
    rules = Text(descriptor.name, descriptor.name) if descriptor else Text("表结构", "the schema")
    return Explainer(resource, str(dataset.folder / resource.path), rules)

"""A dataset -> its report and its typed tables. Every check is finished before the tables can be had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from civicat.dataset import Dataset, Department, Resource
from civicat.finding import Finding, Place, Severity
from civicat.layout import Layout
from civicat.report import Report
from civicat.text import Text
from civicat.validators import house
from civicat.validators.descriptors import DEPARTMENT, find_descriptor, load
from civicat.validators.explain import Explainer
from civicat.validators.formats import Source, find_source
from civicat.validators.messages import say
from civicat.validators.rows import Problem, RuleBrokenError, Tables, UnreadableError, open_package
from civicat.validators.shapes import descriptor_shape
from civicat.validators.spool import CheckedTable
from civicat.validators.table import LIMIT_ERRORS, Surroundings, check_table


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks of a dataset found, and its typed tables: none of a resource with an error."""

    report: Report
    tables: tuple[CheckedTable, ...]


@contextmanager
def check(
    dataset: Dataset,
    layout: Layout,
    *,
    department: Department | None = None,
    profile: bool = True,
    limit_errors: int = LIMIT_ERRORS,
) -> Iterator[Checked]:
    """Checks a dataset; the tables are there as long as the context is open.

    `profile` asks for the house profile; `limit_errors` is how many errors of a resource are explained (0: all).

    Raises:
        SourceError: a file is missing, damaged, outside the folder or not what its format says.
        DescriptorError: a descriptor cannot be read.
        StoreError: a release that is referred to cannot be read.
    """
    sources = [find_source(dataset, resource) for resource in dataset.resources]
    findings = _profile(dataset, department) if profile else []
    package, faults = _open(dataset, sources)
    findings += faults
    with TemporaryDirectory(prefix="civicat-") as folder:
        around = Surroundings(package, layout, Path(folder), limit_errors)
        results = [check_table(source, _explainer(dataset, source.resource), around) for source in sources]
        report = Report(dataset.id, tuple(findings), tuple(one for one, _ in results))
        yield Checked(report, tuple(table for _, table in results if table is not None))


def _profile(dataset: Dataset, department: Department | None) -> list[Finding]:
    path = find_descriptor(dataset.folder)
    findings = house.check_dataset(dataset, load(path), str(path)) if path is not None else []
    if department is not None:
        above = dataset.folder.parent / DEPARTMENT
        findings += house.check_department(department, load(above), str(above))
    return findings


def _open(dataset: Dataset, sources: Sequence[Source]) -> tuple[Tables | None, list[Finding]]:
    """The dataset as the engine sees it, or None and why the engine refuses its descriptor."""
    place = Place(str(find_descriptor(dataset.folder) or dataset.folder))
    try:
        return open_package(dataset, [source for source in sources if source.format]), []
    except UnreadableError as error:
        return None, [_fault(problem, place) for problem in error.problems]
    except RuleBrokenError as error:
        words = say("metadata-error", note=str(error))
        shape = descriptor_shape(words.message.en, str(error))
        return None, [Finding("metadata-error", Severity.ERROR, place, words.message, words.remedy, descriptor=shape)]


def _fault(problem: Problem, place: Place) -> Finding:
    words = say(problem.code, note=problem.note)
    return Finding(
        problem.code, Severity.ERROR, place, words.message, words.remedy, descriptor=problem.shape(), rule=problem.rule
    )


def _explainer(dataset: Dataset, resource: Resource) -> Explainer:
    descriptor = find_descriptor(dataset.folder)
    rules = Text(descriptor.name, descriptor.name) if descriptor else Text("表结构", "the schema")
    return Explainer(resource, str(dataset.folder / resource.path), rules)

"""The pipeline, told as a story: read what a department hands in, check all of it, publish it, index it.

Its order is the guarantee: every check of a dataset is finished before anything of it is published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from civicat import publish, validators
from civicat.catalog.index import build_index
from civicat.errors import CivicatError
from civicat.layout import Layout
from civicat.release import Release
from civicat.report import Outcome, Report


@dataclass(frozen=True, slots=True)
class Published:
    """A dataset that is online now. `new` says whether this run published it or found it unchanged."""

    dataset: str
    release: Release
    new: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A dataset that was not published, with the reason: a report that is not passed, and what stays online."""

    dataset: str
    report: Report
    online: Release | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A dataset whose sample file is not on this machine yet (`make samples` unpacks it)."""

    dataset: str
    missing: Path
    online: Release | None


@dataclass(frozen=True, slots=True)
class Stopped:
    """A dataset that could not be read, checked or written at all."""

    dataset: str
    error: CivicatError


Result = Published | Refused | LeftOut | Stopped


def publish_all(
    datasets: Path, names: Sequence[str], layout: Layout, begin: Callable[[str], None] = lambda _name: None
) -> Iterator[Result]:
    """Checks and publishes the named datasets (all of them where none is named), referenced ones first.

    `begin` is told the name of each dataset when its turn comes.
    """
    for folder in validators.in_order(datasets, names):
        name = f"{folder.parent.name}/{folder.name}"
        begin(name)
        try:
            yield publish_one(folder, layout)
        except CivicatError as error:
            yield Stopped(name, error)


def publish_one(folder: Path, layout: Layout) -> Result:
    """One dataset, from the folder that was handed in to a release that is online, or to the reason why not.

    Raises:
        CivicatError: it could not be read, checked or written.
    """
    submission = validators.read_submission(folder)
    dataset, department = submission.dataset, submission.department
    online = layout.release(dataset.id)
    if submission.missing_sample is not None:
        return LeftOut(dataset.id, submission.missing_sample, online)
    inputs = publish.digest(submission.files)
    if online is not None and online.inputs == inputs:
        return Published(dataset.id, online, new=False)
    with validators.check(dataset, layout, department=department) as checked:
        if checked.report.outcome is not Outcome.PASSED:
            return Refused(dataset.id, checked.report, online)
        release = publish.publish(dataset, department, checked.report, checked.tables, inputs, layout)
    return Published(dataset.id, release, new=True)


def index(layout: Layout) -> Path:
    """Rebuilds the index from the releases beside the one that serves, swaps them, and answers the new folder."""
    return build_index(layout)

"""The pipeline, told as a story: read what a department hands in, check all of it, publish it, index it.

Its order is the guarantee: every check of a dataset is finished before anything of it is published.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from civicat import publish, validators
from civicat.catalog.index.building import build_index
from civicat.dataset import Dataset
from civicat.errors import CivicatError
from civicat.hand_ins import Became, HandIn, record, summed
from civicat.layout import Layout
from civicat.publish.clock import moment, now
from civicat.release import Release, Tombstone, Version
from civicat.report import Outcome, Report
from civicat.text import Text

if TYPE_CHECKING:
    from civicat.publish.signing import Signer
    from civicat.validators.checking import Checked


@dataclass(frozen=True, slots=True)
class Published:
    """A dataset that is online now. `new` says whether this run published it or found it unchanged.

    `report` is that of its checks, where they ran: it may hold warnings.
    """

    dataset: str
    release: Release
    new: bool
    report: Report | None = None


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


@dataclass(frozen=True, slots=True)
class TakenDown:
    """A dataset whose files are those of a release that was taken down: they are not published again by themselves."""

    dataset: str
    tombstone: Tombstone
    online: Release | None


Result = Published | Refused | LeftOut | Stopped | TakenDown


def publish_all(  # noqa: PLR0913 - what to publish, where to, signed by whom
    datasets: Path,
    names: Sequence[str],
    layout: Layout,
    begin: Callable[[str], None] = lambda _name: None,
    *,
    signer: Signer | None = None,
    again: bool = False,
) -> Iterator[Result]:
    """Checks and publishes the named datasets (all of them where none is named), referenced ones first.

    `begin` is told the name of each dataset when its turn comes. `signer` signs the releases. `again` publishes also
    what was taken down.
    """
    for folder in validators.in_order(datasets, names):
        name = f"{folder.parent.name}/{folder.name}"
        begin(name)
        try:
            yield publish_one(folder, layout, signer=signer, again=again)
        except CivicatError as error:
            yield Stopped(name, error)


def publish_one(folder: Path, layout: Layout, *, signer: Signer | None = None, again: bool = False) -> Result:
    """One dataset, from the folder that was handed in to a release that is online, or to the reason why not.

    Raises:
        CivicatError: it could not be read, checked or written.
    """
    submission = validators.read_submission(folder)
    dataset, department = submission.dataset, submission.department
    online = layout.release(dataset.id)
    if submission.missing_sample is not None:
        return LeftOut(dataset.id, submission.missing_sample, online)
    # Of a first release nobody need know beforehand what is handed in: the checks hash the files as they read them.
    inputs = publish.digest(submission.files) if layout.numbers(dataset.id) else ""
    if online is not None and online.inputs == inputs:
        return Published(dataset.id, online, new=False)
    tombstone = None if again else publish.taken_down(layout, dataset, inputs)
    if tombstone is not None:
        return TakenDown(dataset.id, tombstone, online)
    with validators.check(dataset, layout, department=department) as checked:
        known = {dataset.folder / one.path: one.sha256 for one in checked.report.resources}
        if checked.report.outcome is not Outcome.PASSED:
            with suppress(CivicatError):  # a file went away, the clock is set wrong: refused all the same
                inputs = inputs or publish.digest(submission.files, known)
                _record(layout, dataset, checked, inputs, moment(now()))
            return Refused(dataset.id, checked.report, online)
        inputs = inputs or publish.digest(submission.files, known)
        release = publish.publish(
            dataset, department, checked.report, checked.tables, inputs, layout, signer, again=again
        )
        _record(layout, dataset, checked, inputs, release.released, release)
    return Published(dataset.id, release, new=True, report=checked.report)


def _record(  # noqa: PLR0913, PLR0917 - what was handed in, and what became of it
    layout: Layout, dataset: Dataset, checked: Checked, inputs: str, when: str, release: Release | None = None
) -> None:
    """Writes down what became of a hand-in; where that cannot be written, a warning in the log says so."""
    refused = Became.REFUSED if checked.report.outcome is Outcome.FAILED else Became.UNCHECKED
    resources = summed(
        checked.report,
        {one.name: [field.name for field in one.schema.fields] for one in dataset.resources},
        {one.resource.name: one.conversion for one in checked.tables} if release else {},
    )
    version = str(release.version) if release else ""
    handed = HandIn(when, inputs, Became.PUBLISHED if release else refused, version, resources)
    record(layout.hand_ins(dataset.id), handed)


def retract(  # noqa: PLR0913, PLR0917 - what is taken down, why, and who says so
    layout: Layout,
    dataset: str,
    version: Version,
    reason: Text,
    authority: Text,
    signer: Signer | None = None,
    *,
    with_later: bool = False,
) -> Tombstone:
    """Takes a release down in every form, and off the pages; `with_later` those too that hold its rows.

    Raises:
        CivicatError: it cannot be taken down; nothing has changed.
    """
    tombstone = publish.retract(layout, dataset, version, reason, authority, signer, with_later=with_later)
    build_index(layout, anew=True)  # an update would keep its words on the disk, unread
    return tombstone


def index(layout: Layout, changed: Collection[str] | None = None, *, anew: bool = False) -> Path:
    """Builds the index beside the one that serves, swaps them, and answers the new folder.

    Of the datasets that are named as changed every file is looked at, of the others their folder; of all of them every
    file where none is named. What is as it was is taken from the build before, unless `anew` asks for all.
    """
    return build_index(layout, changed, anew=anew)

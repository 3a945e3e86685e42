"""Publishing, told as a story: an immutable folder that is complete in itself, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from civicat.dataset import Dataset, Department, read_dataset
from civicat.errors import CivicatError, StoreError
from civicat.joining import joined_before
from civicat.layout import CHANGES, CONVERSION, DESCRIPTOR, PROFILE, PROVENANCE, REPORT, Layout, read
from civicat.publish import descriptor, diff, manifest, staging
from civicat.publish import transformations as steps
from civicat.publish.clock import moment, now
from civicat.publish.conversions import conversion_texts
from civicat.publish.geometry import encoded
from civicat.publish.jsontext import encode, sha256_of
from civicat.publish.merging import Merged, merged
from civicat.publish.numbering import Numbered, following
from civicat.publish.provenance import provenance
from civicat.publish.retract import finish, taken_down
from civicat.publish.signing import check_trust, publish_key
from civicat.publish.tables import Ordered, TypedTable, in_order
from civicat.publish.transformations import Transformation
from civicat.publish.writing import Written, write
from civicat.release import Release, Tombstone, Version, read_release
from civicat.report import Outcome, Report
from civicat.shapes import is_geometry
from civicat.text import Text

if TYPE_CHECKING:
    from civicat.publish.signing import Signer


@dataclass(frozen=True, slots=True)
class _Submission:
    """What is published: the dataset as it was handed in, what its checks found, and its typed tables."""

    dataset: Dataset
    department: Department
    report: Report
    tables: Sequence[TypedTable]
    inputs: str


@dataclass(frozen=True, slots=True)
class _Before:
    """What the release joins: the store, the release online, and the highest number that was ever given."""

    layout: Layout
    online: Release | None
    last: Version | None


def publish(  # noqa: PLR0913, PLR0917 - what a release is made of, in the order of the pipeline
    dataset: Dataset,
    department: Department,
    report: Report,
    tables: Sequence[TypedTable],
    inputs: str,
    layout: Layout,
    signer: Signer | None = None,
    *,
    again: bool = True,
) -> Release:
    """Publishes checked tables as the next version, or answers the release online where `inputs` are the same.

    `tables` stand in the order of the dataset's resources, `inputs` is what `digest` said of the files handed in.
    `signer` signs the manifest. Unless `again`, what was taken down is refused.

    Raises:
        CivicatError: the report is not a passed one, or a resource has no table.
        StoreError: the store cannot be read or written, or the key is not a trusted one; the releases are as they were.
    """
    _only_passed(dataset, report)
    _only_complete(dataset, tables)
    folder = layout.dataset(dataset.id)
    with staging.staging(folder) as stage:
        finish(layout, dataset.id)
        online = layout.release(dataset.id)  # read under the lock: another publisher may just have finished
        if online is not None and online.inputs == inputs:
            return online
        if not again and (down := taken_down(layout, dataset, inputs, _data(report))) is not None:
            raise _taken_down_meanwhile(down)
        before = _Before(layout, online, max(layout.numbers(dataset.id), default=None))
        check_trust(layout, signer, folder / str(before.last) if before.last else None)
        submission = _Submission(dataset, department, report, tables, inputs)
        version = _write(stage, submission, before, signer, now())
        staging.commit(stage, str(version))
    return read(folder / str(version))


def _write(stage: Path, this: _Submission, before: _Before, signer: Signer | None, time: datetime) -> Version:
    """All files of a release, the manifest last, so that whatever it names is there."""
    scratch = stage.with_name(staging.SCRATCH)
    online = before.online
    joined = merged(this.tables, online, joined_before(before.layout, online, this.report, this.dataset.resources))
    shaped = [encoded(in_order(table, scratch)) for table in joined]
    ordered = [one.table for one in shaped]
    joined = [one.with_shapes(made) for one, made in zip(joined, shaped, strict=True)]
    form = descriptor.release_form(this.dataset, ordered)
    released = read_dataset(form, f"{stage}/{DESCRIPTOR}", this.department.code, stage)
    numbered = following(online, before.last, form, released, this.department, ordered, time.date())

    written = write(stage, ordered, released, this.department, numbered.version)
    said = _Descriptor(form, numbered, this, written)
    summary = _compare(online, read_release(stage, said.with_change(Text()), {}, {}), scratch, stage / CHANGES)
    texts = {
        DESCRIPTOR: encode(said.with_change(numbered.told(summary))),
        REPORT: encode(this.report.to_descriptor()),
        PROFILE: encode(written.profile),
        CONVERSION: encode(conversion_texts(joined)),
    }
    digests = {part.path.name: part.sha256 for part in written.parts}
    texts[PROVENANCE] = provenance(
        this.dataset,
        this.department,
        this.report,
        version=numbered.version,
        transformations=tuple(_steps(joined, ordered, online)),
        files=digests | {name: sha256_of(content) for name, content in texts.items()},
        online=online.version if online else None,
        down=taken_down(before.layout, this.dataset, this.inputs, _data(this.report)),
        time=time,
    )
    for name, content in texts.items():
        staging.write(stage / name, content)
    _seal(stage, this, before.layout, written, numbered.version, signer, time)
    return numbered.version


@dataclass(frozen=True, slots=True)
class _Descriptor:
    """The datapackage.json to be, but for the sentence on what changed."""

    form: descriptor.Descriptor
    numbered: Numbered
    this: _Submission
    written: Written

    def with_change(self, change: Text) -> descriptor.Descriptor:
        """It with that sentence."""
        version, this = self.numbered.version, self.this
        numbered = descriptor.with_version(self.form, version, change, this.department, this.inputs)
        return descriptor.with_files(numbered, self.written.files)


def _compare(online: Release | None, staged: Release, scratch: Path, target: Path) -> Text | None:
    """Writes the cells that differ from the release before, and answers a sentence on them; nothing for the first."""
    if online is None:
        return None
    found = diff.compare(online, staged, scratch)
    diff.write_changes(found, target)
    staging.seal(target)
    return diff.summary(found)


def _steps(joined: Sequence[Merged], ordered: Sequence[Ordered], online: Release | None) -> Iterator[Transformation]:
    """What became of each table's rows between the file that was handed in and the release."""
    for merge, table in zip(joined, ordered, strict=True):
        resource = table.resource
        if merge.taken and resource.encoding and resource.encoding.lower() not in {"utf-8", "utf8"}:
            yield steps.decoded(resource.name, resource.encoding)
        if merge.taken:
            yield steps.typed(resource.name, len(merge.schema))
        yield from steps.normalised(resource.name, merge.conversion)
        if online is not None:
            yield steps.joined(
                resource.name,
                resource.submission,
                submitted=merge.submitted,
                kept=merge.kept,
                replaced=merge.replaced,
            )
        if table.numbered:
            yield steps.numbered(resource.name, table.key[0], table.rows)
        else:
            yield steps.sorted_by(resource.name, table.key)
        yield from (steps.geometry(resource.name, column.name) for column in table.schema if is_geometry(column))


def _seal(  # noqa: PLR0913, PLR0917 - what the manifest says, and who signs it
    stage: Path,
    this: _Submission,
    layout: Layout,
    written: Written,
    version: Version,
    signer: Signer | None,
    time: datetime,
) -> None:
    content = manifest.manifest(
        stage,
        dataset=this.dataset.id,
        version=version,
        released=moment(time),
        inputs=this.inputs,
        previous=manifest.previous(layout, this.dataset.id),
        key=signer.key_id if signer else "",
        rows={part.path.name: part.rows for part in written.parts},
        known={part.path.name: part for part in written.parts},
    )
    if signer is not None:
        publish_key(layout, signer)
    manifest.seal(stage, content, signer)


def _data(report: Report) -> frozenset[str]:
    return frozenset(one.sha256 for one in report.resources)


def _taken_down_meanwhile(down: Tombstone) -> StoreError:
    """While the files were checked: had it been before, they would not have been."""
    name, reason = f"{down.dataset} {down.version}", down.reason
    return StoreError(
        Text(
            f"{name} 刚刚撤回（{reason.within('zh')}），所提交的是同样的数据，不再发布。",
            f"{name} was taken down a moment ago ({reason.within('en')}), and this is the same data: "
            "it is not published.",
        )
    )


def _only_passed(dataset: Dataset, report: Report) -> None:
    if report.outcome is not Outcome.PASSED:
        raise CivicatError(
            Text(
                f"{dataset.id} 未通过检查（{report.outcome}），不能发布。",
                f"{dataset.id} has not passed its checks ({report.outcome}): it is not published.",
            )
        )


def _only_complete(dataset: Dataset, tables: Sequence[TypedTable]) -> None:
    handed_in, checked = ([one.name for one in many] for many in (dataset.resources, [t.resource for t in tables]))
    if handed_in != checked:
        raise CivicatError(
            Text(
                f"{dataset.id} 应有数据表 {'、'.join(handed_in)}，实有 {'、'.join(checked) or '无'}，不能发布。",
                f"{dataset.id} has the tables {', '.join(handed_in)}, checked are {', '.join(checked) or 'none'}: "
                "it is not published.",
            )
        )

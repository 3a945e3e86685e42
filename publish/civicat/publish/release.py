"""Publishing, told as a story: an immutable folder that is complete in itself, or nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from civicat.dataset import Dataset, Department, read_dataset
from civicat.errors import CivicatError
from civicat.layout import DESCRIPTOR, PROVENANCE, REPORT, Layout, read
from civicat.publish import descriptor, parquet, staging
from civicat.publish.inputs import sha256
from civicat.publish.jsontext import encode
from civicat.publish.metadata import described
from civicat.publish.provenance import provenance
from civicat.publish.tables import Ordered, TypedTable, in_order
from civicat.publish.versions import following
from civicat.release import Release
from civicat.report import Outcome, Report
from civicat.text import Text


def publish(  # noqa: PLR0913, PLR0917 - what a release is made of, in the order of the pipeline
    dataset: Dataset,
    department: Department,
    report: Report,
    tables: Sequence[TypedTable],
    inputs: str,
    layout: Layout,
) -> Release:
    """Publishes checked tables as the next version, or answers the release online where `inputs` are the same.

    `tables` stand in the order of the dataset's resources, `inputs` is what `digest` said of the files handed in.

    Raises:
        CivicatError: the report is not a passed one, or a resource has no table.
        StoreError: the store cannot be read or written; the releases there are as they were.
    """
    _only_passed(dataset, report)
    _only_complete(dataset, tables)
    folder = layout.dataset(dataset.id)
    with staging.staging(folder) as stage:
        online = layout.release(dataset.id)  # read under the lock: another publisher may just have finished
        if online is not None and online.inputs == inputs:
            return online
        ordered = [in_order(table, folder / staging.SCRATCH) for table in tables]
        form = descriptor.release_form(dataset, ordered)
        released = read_dataset(form, f"{folder}/{DESCRIPTOR}", department.code, folder)
        version, change = following(online, form, released, department, ordered)
        files = {
            one.name: _write_table(stage, table, described(table.schema, released, department, one, version))
            for table, one in zip(ordered, released.resources, strict=True)
        }
        numbered = descriptor.with_version(form, version, change, department, inputs)
        _write_texts(stage, descriptor.with_files(numbered, files), report)
        staging.commit(stage, str(version))
    return read(folder / str(version))


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


def _write_table(folder: Path, table: Ordered, schema: pa.Schema) -> descriptor.File:
    path = folder / descriptor.file_name(table.resource.name)
    rows = parquet.write(path, table, schema)
    staging.seal(path)
    return descriptor.File(path.stat().st_size, sha256(path), rows)


def _write_texts(folder: Path, released: descriptor.Descriptor, report: Report) -> None:
    """The three JSON files; the manifest comes last, so that whatever it names is there."""
    files = {REPORT: encode(report.to_descriptor()), DESCRIPTOR: encode(released)}
    staging.write(folder / REPORT, files[REPORT])
    staging.write(folder / PROVENANCE, provenance(report, files))
    staging.write(folder / DESCRIPTOR, files[DESCRIPTOR])

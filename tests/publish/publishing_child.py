"""Publishes what a folder holds, in a process of its own that a test may kill.

It is called with FOLDER STORE INPUTS. The folder holds department.json, datapackage.json and, for each resource,
<resource>.arrow.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from civicat import publish
from civicat.dataset import Resource, read_dataset, read_department
from civicat.layout import Layout
from civicat.report import Report


@dataclass(frozen=True)
class Prepared:
    """A typed table out of an Arrow file."""

    resource: Resource
    table: pa.Table

    @property
    def schema(self) -> pa.Schema:
        return self.table.schema

    @property
    def rows(self) -> int:
        return int(self.table.num_rows)

    def batches(self) -> Iterator[pa.RecordBatch]:
        return iter(self.table.to_batches())


def main(folder: Path, store: Path, inputs: str) -> None:
    """Publishes the folder, and says which version is online then."""
    department = read_department(json.loads((folder / "department.json").read_bytes()), "department.json")
    package = json.loads((folder / "datapackage.json").read_bytes())
    dataset = read_dataset(package, "datapackage.json", department.code, folder)
    tables = [Prepared(one, pa.ipc.open_file(folder / f"{one.name}.arrow").read_all()) for one in dataset.resources]
    release = publish.publish(dataset, department, Report(dataset.id, (), ()), tables, inputs, Layout(store))
    sys.stdout.write(f"online: {release.version}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])

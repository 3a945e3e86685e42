"""A tiny department whose dataset has a keyed table and a table without a key, published from prepared Arrow tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from civicat import publish
from civicat.conversion import ColumnConversion
from civicat.dataset import Dataset, Department, Resource, read_dataset, read_department
from civicat.finding import Finding, Place, Severity
from civicat.layout import Layout
from civicat.publish.signing import Signer
from civicat.release import Release
from civicat.report import Outcome, Report, ResourceReport
from civicat.text import Text

DEPARTMENT = {
    "code": "transport",
    "title": {"zh": "交通局", "en": "Transport office"},
    "description": {"zh": "管理道路。", "en": "Looks after roads."},
    "url": "https://transport.example.org",
    "contact": {"title": {"zh": "数据台", "en": "Data desk"}, "email": "data@example.org"},
}


def _field(name: str, kind: str, title: str, civicat: dict[str, Any] | None = None, **more: object) -> dict[str, Any]:
    ours = {"zh": {"title": f"{title}（中）", "description": f"{title}的说明。"}, **(civicat or {})}
    return {"name": name, "type": kind, "title": title, "description": f"What {title} is.", **more, "civicat": ours}


PACKAGE: dict[str, Any] = {
    "name": "counters",
    "title": "Cycle counters",
    "description": "Bicycles counted.",
    "created": datetime(2026, 2, 22, tzinfo=UTC),
    "licenses": [{"name": "CC0-1.0", "title": "Public domain", "path": "https://example.org/cc0"}],
    "sources": [{"title": "Counters in the road", "path": "https://example.org/counters"}],
    "resources": [
        {
            "name": "counters",
            "path": "data/counters.csv",
            "encoding": "gb18030",
            "dialect": {"delimiter": ";"},
            "title": "Counters",
            "description": "Where they stand.",
            "schema": {
                "fields": [
                    _field("编号", "integer", "Number", example="1", civicat={"unit": "1"}),
                    _field("name.en", "string", "Name", example="Bridge"),
                    _field("share", "number", "Share", example="1", decimalChar=",", civicat={"unit": "%", "scale": 2}),
                    _field("length", "number", "Length", example="1.5", civicat={"unit": "m"}),
                    _field("open", "boolean", "Open", example="ja", trueValues=["ja"], falseValues=["nein"]),
                    _field("since", "date", "Since", example="1/2/2020", format="%d/%m/%Y"),
                    _field("seen", "datetime", "Seen", example="2020-02-01T00:00:00Z"),
                ],
                "primaryKey": ["编号"],
                "missingValues": ["", "-"],
            },
        },
        {
            "name": "notes",
            "path": "data/notes.csv",
            "title": "Notes",
            "description": "What was said.",
            "schema": {"fields": [_field("note", "string", "Note", example="quiet")]},
        },
    ],
    "civicat": {
        "language": "en",
        "zh": {"title": "自行车计数器", "description": "自行车数量。"},
        "themes": ["traffic"],
        "frequency": "monthly",
        "caveats": [{"zh": "雨天少。", "en": "Fewer in rain."}],
    },
}

COUNTERS = pa.schema(
    [
        ("编号", pa.int64()),
        ("name.en", pa.string()),
        ("share", pa.decimal128(9, 2)),
        ("length", pa.float64()),
        ("open", pa.bool_()),
        ("since", pa.date32()),
        ("seen", pa.timestamp("us", tz="UTC")),
    ]
)
NOTES = pa.schema([("note", pa.string())])


@dataclass(frozen=True)
class Rows:
    """A typed table out of memory, in batches of `batch` rows."""

    resource: Resource
    table: pa.Table
    batch: int = 1000

    @property
    def schema(self) -> pa.Schema:
        return self.table.schema

    @property
    def rows(self) -> int:
        return int(self.table.num_rows)

    @property
    def conversion(self) -> tuple[ColumnConversion, ...]:
        """Nothing was typed here: each cell is as it came."""
        rows = self.table.num_rows
        return tuple(
            ColumnConversion(field.name, str(field.type), rows, column.null_count, rows - column.null_count)
            for field, column in zip(self.table.schema, self.table.columns, strict=True)
        )

    def batches(self) -> Iterator[pa.RecordBatch]:
        return iter(self.table.to_batches(self.batch))


def counters(numbers: Iterable[int], name: str = "桥") -> pa.Table:
    """A row for each number; every seventh cell of a column that may be empty is empty."""

    def cell(number: int, value: object) -> object:
        return value if number % 7 else None

    moment = datetime(2020, 2, 1, 3, 4, 5, 678_901, UTC)
    rows = [
        {
            "编号": number,
            "name.en": cell(number, f"{name}{number}"),
            "share": cell(number, Decimal(number) / 4),
            "length": cell(number, number / 3),
            "open": cell(number, number % 2 == 0),
            "since": cell(number, date(2020, 1, 1 + number % 28)),
            "seen": cell(number, moment.replace(second=number % 60)),
        }
        for number in numbers
    ]
    return pa.Table.from_pylist(rows, COUNTERS)


@dataclass(frozen=True)
class Desk:
    """Hands in the dataset again and again: with other rows, other words, into one store or another."""

    layout: Layout
    folder: Path

    @staticmethod
    def package() -> dict[str, Any]:
        """A copy of the descriptor, to be changed at will."""
        return deepcopy(PACKAGE)

    @staticmethod
    def counters(numbers: Iterable[int], name: str = "桥") -> pa.Table:
        return counters(numbers, name)

    @staticmethod
    def notes(*texts: str | None) -> pa.Table:
        return pa.table({"note": pa.array(texts, pa.string())}, NOTES)

    @staticmethod
    def rows(table: pa.Table, key: Iterable[str] = (), batch: int = 1000) -> Rows:
        """A typed table of text fields named as the columns are."""
        fields = [{"name": name, "type": "any", "title": name, "description": name} for name in table.schema.names]
        resource = {"name": "counters", "path": "data.csv", "schema": {"fields": fields, "primaryKey": list(key)}}
        dataset = read_dataset({"name": "counters", "resources": [resource]}, "datapackage.yaml", "", Path())
        return Rows(dataset.resources[0], table, batch)

    def dataset(self, package: dict[str, Any] | None = None) -> Dataset:
        return read_dataset(package or PACKAGE, "datapackage.yaml", "transport", self.folder)

    @staticmethod
    def department(**changed: object) -> Department:
        return read_department({**DEPARTMENT, **changed}, "department.yaml")

    @staticmethod
    def report(dataset: Dataset, outcome: Outcome = Outcome.PASSED) -> Report:
        findings = (Finding("x", Severity.ERROR, Place("x"), Text("x"), Text("x")),) * (outcome is Outcome.FAILED)
        resources = tuple(
            ResourceReport(one.name, one.path, ("a",), 1, 10, "0" * 64, (), {}, complete=outcome is Outcome.PASSED)
            for one in dataset.resources
        )
        return Report(dataset.id, findings, resources)

    def publish(
        self,
        inputs: str = "a",
        tables: Iterable[pa.Table] = (),
        package: dict[str, Any] | None = None,
        batch: int = 1000,
        signer: Signer | None = None,
    ) -> Release:
        dataset = self.dataset(package)
        data = tuple(tables) or (counters(range(1, 51)), self.notes("静", None, ""))
        rows = [Rows(resource, table, batch) for resource, table in zip(dataset.resources, data, strict=True)]
        return publish.publish(dataset, self.department(), self.report(dataset), rows, inputs, self.layout, signer)

    @property
    def releases(self) -> Path:
        """The folder of the dataset's releases."""
        return self.layout.dataset("transport/counters")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Layout(tmp_path / "store"), tmp_path / "datasets/transport/counters")


@pytest.fixture
def another_desk(tmp_path: Path) -> Desk:
    """The same desk in another place, with a store of its own."""
    return Desk(Layout(tmp_path / "elsewhere/store"), tmp_path / "elsewhere/datasets/transport/counters")

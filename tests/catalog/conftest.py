"""A store with tiny releases, written by hand as `civicat.release` reads them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat.layout import Layout
from civicat.release import Release, Version

TYPES: Mapping[str, Callable[[pa.DataType], bool]] = {
    "integer": pa.types.is_integer,
    "boolean": pa.types.is_boolean,
    "date": pa.types.is_date,
    "datetime": pa.types.is_timestamp,
    "time": pa.types.is_time,
    "string": pa.types.is_string,
}


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """An empty store."""
    return Layout(tmp_path / "store")


@pytest.fixture
def make_release(layout: Layout) -> Callable[..., Release]:
    """Writes a release: `tables` by resource name (one of two towns unless given), and what is said of them.

    `fields={"column": {...}}` adds to a field's descriptor, `keys={"resource": [...]}` names primary keys (the first
    column unless given), `foreign_keys={"resource": [...]}` and `across={"resource": [...]}` add foreign keys inside
    the dataset and into others, `package={...}` and `civicat={...}` add to the descriptor and its civicat block,
    `released` is UTC, ISO 8601. Files are sorted as given and say so (`sorting_columns`) unless `declare_order=False`.
    """

    def make(
        dataset: str = "demo/towns",
        version: str = "1.0.0",
        tables: Mapping[str, pa.Table] | None = None,
        **said: Any,  # noqa: ANN401 (the descriptor's own keys)
    ) -> Release:
        department, name = dataset.split("/")
        tables = tables or {name: pa.table({"code": ["a", "b"], "people": [120, 340]})}
        folder = layout.dataset(dataset) / version
        folder.mkdir(parents=True)
        resources = [_resource(folder, one, table, said) for one, table in tables.items()]
        _write(folder / "datapackage.json", _package(department, name, version, resources, said))
        _write(
            folder / "report.json", {"valid": True, "stats": {"errors": 0}, "tasks": [], "errors": [], "warnings": []}
        )
        _write(folder / "provenance.json", {"released": said.get("released", "2026-11-02T08:00:00Z")})
        release = layout.release(dataset, Version.parse(version))
        assert release is not None
        return release

    return make


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")


def _package(
    department: str, name: str, version: str, resources: list[dict[str, Any]], said: dict[str, Any]
) -> dict[str, Any]:
    block = {
        "language": "en",
        "zh": {"title": f"{name} 数据", "description": f"关于 {name} 的数据。", "keywords": []},
        "themes": ["population"],
        "frequency": "yearly",
        "caveats": [{"zh": "人数为估计值。", "en": "Counts are estimates."}],
        "release": {"department": _department(department, said), "version": version, "inputs": f"inputs-{version}"},
    }
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": name,
        "title": f"The {name} data",
        "description": f"Data about {name}.",
        "keywords": ["sample"],
        "licenses": [{"name": "CC0-1.0", "title": "Public domain", "path": "https://example.org/licence"}],
        "sources": [{"title": "A source", "path": "https://example.org/source"}],
        "contributors": [{"title": "Data desk", "roles": ["steward"], "email": "desk@example.org"}],
        "resources": resources,
    }
    return {**package, **said.get("package", {}), "civicat": {**block, **said.get("civicat", {})}}


def _department(code: str, said: dict[str, Any]) -> dict[str, Any]:
    written = {
        "code": code,
        "title": {"zh": f"{code} 局", "en": f"Office of {code}"},
        "description": {"zh": "发布数据。", "en": "Publishes data."},
        "url": "https://example.org",
        "contact": {"title": {"zh": "数据窗口", "en": "Data desk"}, "email": "desk@example.org"},
    }
    return {**written, **said.get("department", {})}


def _resource(folder: Path, name: str, table: pa.Table, said: dict[str, Any]) -> dict[str, Any]:
    key = said.get("keys", {}).get(name, [table.column_names[0]])
    order = [pq.SortingColumn(table.column_names.index(one)) for one in key]
    path = folder / f"{name}.parquet"
    pq.write_table(
        table,
        path,
        compression="zstd",
        store_decimal_as_integer=True,
        row_group_size=said.get("row_group_size", 51_200),
        sorting_columns=order if said.get("declare_order", True) else None,
    )
    return {
        "name": name,
        "path": path.name,
        "format": "parquet",
        "title": f"Table {name}",
        "description": f"Rows of {name}.",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}",
        "rows": table.num_rows,
        "schema": {
            "fields": [_field(one, said.get("fields", {}).get(one.name, {})) for one in table.schema],
            "primaryKey": key,
            "foreignKeys": said.get("foreign_keys", {}).get(name, []),
        },
        "civicat": {
            "zh": {"title": f"{name} 表", "description": f"{name} 的行。"},
            "foreignKeys": said.get("across", {}).get(name, []),
        },
    }


def _field(field: pa.Field[Any], said: dict[str, Any]) -> dict[str, Any]:
    kind = next((kind for kind, matches in TYPES.items() if matches(field.type)), "number")
    title = field.name.replace("_", " ").capitalize()
    written = {
        "name": field.name,
        "type": kind,
        "title": title,
        "description": f"What {field.name} says.",
        "example": "1",
    }
    block = {"zh": {"title": f"{field.name} 列", "description": f"{field.name} 的说明。"}}
    return {**written, **said, "civicat": {**block, **said.get("civicat", {})}}

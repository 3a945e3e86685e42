"""A store with tiny releases, written by hand as `civicat.release` reads them."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat import publish
from civicat.catalog.index.building import build_index
from civicat.catalog.serve import Swapping, make
from civicat.cli.making import makers
from civicat.layout import Layout
from civicat.publish.manifest import manifest
from civicat.release import Release, Version
from civicat.text import Text

TYPES: Mapping[str, Callable[[pa.DataType], bool]] = {
    "integer": pa.types.is_integer,
    "boolean": pa.types.is_boolean,
    "date": pa.types.is_date,
    "datetime": pa.types.is_timestamp,
    "time": pa.types.is_time,
    "string": pa.types.is_string,
}


def down(layout: Layout, dataset: str, version: str, reason: str = "holds personal data") -> None:
    """Takes a release down, as the command does."""
    number = Version.parse(version)
    assert number is not None
    publish.retract(layout, dataset, number, Text("含有个人信息", reason), Text("数据局", "Office of data"))


Get = Callable[..., httpx.Response]


@pytest.fixture
def get(layout: Layout) -> Iterator[Get]:
    """Asks the running site of the store, which makes files; it is opened at the first question.

    Takes a path, the method, and headers with `_` for `-`.
    """
    opened: list[Swapping] = []
    loop = asyncio.new_event_loop()

    def ask(path: str, method: str = "GET", **headers: str) -> httpx.Response:
        if not opened:
            build_index(layout)
            opened.append(make(layout, makers))
        return loop.run_until_complete(_ask(opened[0], method, path, headers))

    yield ask
    for site in opened:
        site.close()
    loop.close()


async def _ask(site: Swapping, method: str, path: str, headers: Mapping[str, str]) -> httpx.Response:
    transport = httpx.ASGITransport(app=site, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://data.example.org") as client:
        written = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.request(method, path, headers=written)


@pytest.fixture
def retract(layout: Layout) -> Callable[..., None]:
    """Takes a release down: dataset, version, and the reason in English."""
    return lambda dataset, version, *reason: down(layout, dataset, version, *reason)


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
    `documents={"profile.json": {...}}` writes more files, `manifest=True` at last the manifest, `parts={"resource": 2}`
    cuts a table into files of so many rows. `released` is UTC, ISO 8601. Files are sorted as given and say so
    (`sorting_columns`) unless `declare_order=False`.
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
        released = said.get("released", "2026-11-02T08:00:00Z")
        _write(folder / "provenance.json", {"released": released})
        for file, content in said.get("documents", {}).items():
            _write(folder / file, content)
        if said.get("manifest"):
            _write_manifest(folder, dataset, version, released)
        release = layout.release(dataset, Version.parse(version))
        assert release is not None
        return release

    return make


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")


def _write_manifest(folder: Path, dataset: str, version: str, released: str) -> None:
    number = Version.parse(version)
    assert number is not None
    inputs = hashlib.sha256(version.encode()).hexdigest()
    content = manifest(folder, dataset=dataset, version=number, released=released, inputs=inputs, previous=None)
    (folder / "manifest.json").write_bytes(content)


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
    rows = said.get("parts", {}).get(name, table.num_rows or 1)
    slices = [table.slice(at, rows) for at in range(0, table.num_rows or 1, rows)]
    names = [f"{name}.parquet"] if len(slices) == 1 else [f"{name}.{at + 1:04}.parquet" for at in range(len(slices))]
    for file, piece in zip(names, slices, strict=True):
        pq.write_table(
            piece,
            folder / file,
            compression="zstd",
            store_decimal_as_integer=True,
            row_group_size=said.get("row_group_size", 51_200),
            sorting_columns=order if said.get("declare_order", True) else None,
        )
    parts = [_part(folder / file, piece) for file, piece in zip(names, slices, strict=True)]
    several = {"parts": parts} if len(parts) > 1 else {}
    return {
        "name": name,
        "format": "parquet",
        "title": f"Table {name}",
        "description": f"Rows of {name}.",
        **parts[0],
        **({"path": names} if several else {}),
        "schema": {
            "fields": [_field(one, said.get("fields", {}).get(one.name, {})) for one in table.schema],
            "primaryKey": key,
            "foreignKeys": said.get("foreign_keys", {}).get(name, []),
        },
        "civicat": {
            "zh": {"title": f"{name} 表", "description": f"{name} 的行。"},
            "foreignKeys": said.get("across", {}).get(name, []),
            **several,
        },
    }


def _part(path: Path, table: pa.Table) -> dict[str, Any]:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return {"path": path.name, "bytes": len(content), "hash": f"sha256:{digest}", "rows": table.num_rows}


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

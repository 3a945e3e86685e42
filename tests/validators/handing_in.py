"""What the tests hand in: descriptors that are whole by the house profile, unless a test takes something away."""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = Any  # whatever a descriptor may hold

DEPARTMENT = {
    "code": "transport",
    "title": {"zh": "交通局", "en": "Transport"},
    "description": {"zh": "道路与车辆。", "en": "Roads and vehicles."},
    "url": "https://example.org",
    "contact": {"title": {"zh": "服务台", "en": "Desk"}, "url": "https://example.org/desk"},
}


def field(name: str, kind: str = "string", **more: Json) -> dict[str, Any]:
    """A column that says all that the profile asks for."""
    ours = {"zh": {"title": name, "description": "说明"}, **more.pop("civicat", {})}
    if kind in {"integer", "number"}:
        ours = {"unit": "1", **ours}
    examples = {"integer": "1", "number": "1", "date": "2026-02-22", "boolean": "true", "time": "08:00:00"}
    example = examples.get(kind, "a")
    return {"name": name, "type": kind, "title": name, "description": "What it is.", "example": example, **more,
            "civicat": ours}  # fmt: skip


def resource(name: str, path: str, fields: list[dict[str, Any]], **more: Json) -> dict[str, Any]:
    """A resource that says all that the profile asks for; `schema` and `civicat` are added to."""
    schema = {"fields": fields, **more.pop("schema", {})}
    ours = {"zh": {"title": "表", "description": "说明"}, **more.pop("civicat", {})}
    return {"name": name, "path": path, "title": "Table", "description": "A table.", **more, "schema": schema,
            "civicat": ours}  # fmt: skip


def package(name: str, resources: list[dict[str, Any]], **more: Json) -> dict[str, Any]:
    """A datapackage.yaml that says all that the profile asks for."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": name,
        "title": "Counts",
        "description": "Counts of bicycles.",
        "licenses": [{"name": "CC0-1.0", "title": "CC0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}],
        "sources": [{"title": "Counters", "path": "https://example.org/counters"}],
        "contributors": [{"title": "Desk", "roles": ["steward"], "path": "https://example.org/desk"}],
        "resources": resources,
        "civicat": {
            "zh": {"title": "计数", "description": "自行车计数。"},
            "themes": ["traffic"],
            "frequency": "daily",
            "caveats": [{"zh": "不含行人。", "en": "Pedestrians are not counted."}],
        },
        **more,
    }

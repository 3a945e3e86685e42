"""A department's folder as the tests hand it in, whole by the house profile unless a test takes something away."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from handing_in import DEPARTMENT, Json, package, resource

from civicat.layout import Layout
from civicat.report import Report
from civicat.validators import check, read_submission


@pytest.fixture
def hand_in(tmp_path: Path) -> Callable[..., Path]:
    """Writes a dataset folder of the department `transport` and answers it."""

    def write(descriptor: Mapping[str, Any], files: Mapping[str, str | bytes]) -> Path:
        folder = tmp_path / "datasets" / "transport" / str(descriptor["name"])
        folder.mkdir(parents=True)
        (folder.parent / "department.yaml").write_text(json.dumps(DEPARTMENT), "utf-8")
        (folder / "datapackage.yaml").write_text(json.dumps(descriptor), "utf-8")  # JSON is YAML
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return write


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """An empty store."""
    return Layout(tmp_path / "store")


@pytest.fixture
def check_csv(hand_in: Callable[..., Path], layout: Layout) -> Callable[..., Report]:
    """Checks one CSV text against columns, and answers the report."""

    def run(
        content: str | bytes, *fields: dict[str, Any], limit_errors: int = 1000, count_all: bool = False, **more: Json
    ) -> Report:
        one = resource("counts", "counts.csv", list(fields), **more)
        folder = hand_in(package("counts", [one]), {"counts.csv": content})
        with check(read_submission(folder).dataset, layout, limit_errors=limit_errors, count_all=count_all) as checked:
            return checked.report

    return run

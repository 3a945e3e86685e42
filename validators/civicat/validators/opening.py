"""A path that somebody names on the command line: a data file, a descriptor, or a dataset folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from civicat.dataset import Dataset, Department, Resource, read_dataset
from civicat.errors import DescriptorError
from civicat.layout import Layout
from civicat.report import Report
from civicat.text import Text
from civicat.validators.checking import check
from civicat.validators.descriptors import (
    DEPARTMENT,
    find_descriptor,
    load,
    load_dataset,
    load_department,
    no_descriptor,
    same_names,
)
from civicat.validators.formats import DELIMITED, find_source
from civicat.validators.places import readable, resolved
from civicat.validators.table import LIMIT_ERRORS

_DESCRIPTORS = frozenset({".json", ".yaml", ".yml"})
_USUAL = {"quoteChar": '"', "skipInitialSpace": False}  # of a dialect, what need not be said: RFC 4180 has it so


def validate(path: Path, schema: Path | None, layout: Layout, limit_errors: int = LIMIT_ERRORS) -> Report:
    """Checks what a path names: a data file (against a schema, or what it seems to be), a descriptor, or a folder.

    Raises:
        CivicatError: it could not be read or checked; the message says why.
    """
    dataset, department, profile = open_path(path, schema)
    with check(dataset, layout, department=department, profile=profile, limit_errors=limit_errors) as checked:
        return checked.report


def open_path(path: Path, schema: Path | None = None) -> tuple[Dataset, Department | None, bool]:
    """What a path names, as a dataset; its department where it has one; and whether the house profile applies to it.

    Raises:
        SourceError: the file is not there, or no format that is known.
        DescriptorError: the descriptor or the schema cannot be read.
    """
    resolved(path)  # what is no path at all is refused before the system is asked about it
    if path.is_dir():
        return _dataset(find_descriptor(path) or no_descriptor(path))
    readable(path)
    if path.suffix.lower() in _DESCRIPTORS and _is_package(path):
        return _dataset(path)
    return read_dataset(describe_file(path, schema), str(path), "", _home(path).parent), None, False


def describe_file(path: Path, schema: Path | None = None) -> dict[str, Any]:
    """A package descriptor for one data file: how it is written, and its columns (from the schema, or inferred).

    Raises:
        SourceError: the file is no format that is known, or cannot be read.
        DescriptorError: the schema cannot be read.
    """
    home = _home(path)
    from civicat.validators.sketches import sketch  # noqa: PLC0415 (what is described need not be guessed at)

    with sketch(readable(home)) as drawn:
        resource = _plainly(drawn.resource)
        columns = (
            dict(load(schema).values) if schema else {"fields": [one.to_certain_field() for one in drawn.columns()]}
        )
    if schema and not isinstance(columns.get("fields"), list):
        raise DescriptorError(
            Text(f"{schema} 不是表结构：没有 fields。", f"{schema} is no Table Schema: it has no fields.")
        )
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": resource["name"],
        "resources": [{**resource, "schema": columns}],
    }


def _plainly(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The resource without what is as usual in its dialect."""
    dialect = {name: value for name, value in resource.get("dialect", {}).items() if _USUAL.get(name) != value}
    return {**resource, **({"dialect": dialect} if dialect else {})}


_PARTS = 3  # department/dataset/datapackage.yaml


def _dataset(path: Path) -> tuple[Dataset, Department | None, bool]:
    if len(path.parts) < _PARTS or ".." in path.parts:
        path = path.resolve()  # from inside the folder its own path does not say whose it is
    above = path.parent.parent / DEPARTMENT
    department = load_department(above) if above.is_file() else None
    dataset = load_dataset(path, department.code if department else "")
    if department is not None:
        same_names(path, dataset, department)
    profile = department is not None or "civicat" in dataset.descriptor
    if not profile and not dataset.resources:
        raise DescriptorError(
            Text(f"{path} 不是数据包：没有 resources。", f"{path} is no data package: it lists no resources.")
        )
    return (dataset if profile else _with_columns(dataset, path)), department, profile


def _with_columns(dataset: Dataset, path: Path) -> Dataset:
    """A package of others, with the columns of each resource that does not say what they are."""
    resources = [
        dict(one.descriptor) if one.schema.fields else {**one.descriptor, "schema": _columns(dataset, one)}
        for one in dataset.resources
    ]
    return read_dataset({**dataset.descriptor, "resources": resources}, str(path), "", dataset.folder)


def _columns(dataset: Dataset, resource: Resource) -> dict[str, Any]:
    source = find_source(dataset, resource)
    if not source.format or source.damage is not None or resource.dialect.get("header") is False:
        return {"fields": []}  # frictionless names columns without a header
    from civicat.validators.dialects import dialect_of  # noqa: PLC0415 (as above)
    from civicat.validators.sketches import sketched  # noqa: PLC0415 (as above)

    guessed = dialect_of(source.path, source.encoding, source.format) if source.format in DELIMITED else {}
    dialect = {**guessed, **source.resource.dialect}
    described = {"name": resource.name, "format": source.format, "encoding": source.encoding, "dialect": dialect}
    return {"fields": [one.to_certain_field() for one in sketched(source.path, described).columns()]}


def _is_package(path: Path) -> bool:
    """Whether a JSON or YAML file is a descriptor; else it is data, or nothing that we know."""
    if path.suffix.lower() == ".json" and not path.name.startswith("datapackage"):
        try:
            return "resources" in load(path).values
        except DescriptorError:
            return False
    return True


def _home(path: Path) -> Path:
    """The file itself where the path is a symbolic link: a file that is named outright may lie anywhere."""
    return path.resolve() if path.is_symlink() else path

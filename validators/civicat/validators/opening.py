"""A path that somebody names on the command line: a data file, a descriptor, or a dataset folder."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from civicat.dataset import Dataset, Department, Resource, read_dataset
from civicat.errors import DescriptorError, SourceError
from civicat.layout import Layout
from civicat.report import Report
from civicat.text import Text
from civicat.validators import delimited, encodings
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
from civicat.validators.formats import BINARY, DELIMITED, KNOWN, SUFFIXES, Cells, find_source
from civicat.validators.inference import Inferred, find_header, infer
from civicat.validators.places import readable, resolved
from civicat.validators.table import LIMIT_ERRORS

_DESCRIPTORS = frozenset({".json", ".yaml", ".yml"})
_FIRST_WORDS = 1000  # bytes of a JSON file that tell what it is
_LOOKED_AT = 30  # rows that are read to find the header


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
    resource = draft_resource(_home(path))
    columns = (
        dict(load(schema).values) if schema else {"fields": [one.to_field() for one in columns_of(path, resource)]}
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


def draft_resource(path: Path) -> dict[str, Any]:
    """How a data file is written: format, encoding, what separates the cells, where the header is.

    Raises:
        SourceError: the file is no format that is known, or cannot be read.
    """
    readable(path)
    suffix = path.suffix.lstrip(".").lower()
    if suffix not in SUFFIXES:
        raise SourceError(
            Text(
                f"{path}：civicat 不认识这种格式。可用：{'、'.join(KNOWN)}。",
                f"{path}: civicat does not know this format. It reads {', '.join(KNOWN)}.",
            )
        )
    kind = "geojson" if SUFFIXES[suffix] == "json" and _is_geojson(path) else SUFFIXES[suffix]
    resource: dict[str, Any] = {"name": slug(path.stem), "path": path.name, "format": kind}
    if kind not in BINARY:
        resource["encoding"] = encodings.detect(path)
    if kind in DELIMITED:
        resource["dialect"] = {"delimiter": delimited.separator(path, resource["encoding"])}
    header = find_header(list(islice(_cells(path, resource), _LOOKED_AT)))
    if kind in DELIMITED or header > 1:
        resource.setdefault("dialect", {})["headerRows"] = [header]
    return resource


def columns_of(path: Path, resource: Mapping[str, Any]) -> list[Inferred]:
    """The columns of a data file that `draft_resource` described."""
    header = resource.get("dialect", {}).get("headerRows", [1])
    try:
        return infer(_cells(_home(path), resource), header[0])
    except UnicodeDecodeError:
        return []  # damaged: the check says where


def slug(text: str) -> str:
    """A name of lower-case letters, digits and hyphens; `data` where nothing is left."""
    kept = "".join(one if one.isascii() and one.isalnum() else "-" for one in text.lower())
    return "-".join(part for part in kept.split("-") if part) or "data"


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
    mark = delimited.separator(source.path, source.encoding) if source.format in DELIMITED else ","
    dialect = {"delimiter": mark, **resource.dialect}
    described = {"format": source.format, "encoding": source.encoding, "dialect": dialect}
    return {"fields": [one.to_field() for one in columns_of(source.path, described)]}


def _cells(path: Path, resource: Mapping[str, Any]) -> Cells:
    """The rows of a file, by our own readers."""
    if resource["format"] in DELIMITED:
        return delimited.cells(path, resource["encoding"], resource["dialect"]["delimiter"])
    alone = {**resource, "path": path.name}
    dataset = read_dataset({"name": "", "resources": [alone]}, str(path), "", path.parent)
    source = find_source(dataset, dataset.resources[0])
    return source.cells() if source.cells is not None else iter(())


def _is_package(path: Path) -> bool:
    """Whether a JSON or YAML file is a descriptor; else it is data, or nothing that we know."""
    if path.suffix.lower() == ".json" and not path.name.startswith("datapackage"):
        try:
            return "resources" in load(path).values
        except DescriptorError:
            return False
    return True


def _is_geojson(path: Path) -> bool:
    """Many GeoJSON files bear the suffix of JSON; their first words say what they are."""
    with path.open("rb") as file:
        return b'"FeatureCollection"' in file.read(_FIRST_WORDS)


def _home(path: Path) -> Path:
    """The file itself where the path is a symbolic link: a file that is named outright may lie anywhere."""
    return path.resolve() if path.is_symlink() else path

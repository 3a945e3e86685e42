"""A path that somebody names on the command line: a data file, a descriptor, or a dataset folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from civicat.dataset import Dataset, Department, Resource, read_dataset
from civicat.errors import DescriptorError, SourceError
from civicat.layout import Layout
from civicat.report import Report
from civicat.text import Text
from civicat.validators.archives import PACKED, unnamed
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
from civicat.validators.formats import SUFFIXES, find_source
from civicat.validators.guesses import SHARED, guessed_schema, name_of
from civicat.validators.places import readable, resolved
from civicat.validators.table import LIMIT_ERRORS

_DESCRIPTORS = frozenset({".json", ".yaml", ".yml"})
_SECOND = "https://datapackage.org/profiles/2.0/"
_USUAL = {"quoteChar": '"', "skipInitialSpace": False}  # of a dialect, what need not be said: RFC 4180 has it so


def validate(path: Path, schema: Path | None, layout: Layout, limit_errors: int = LIMIT_ERRORS) -> Report:
    """Checks what a path names: a data file (against a schema, or what it seems to be), a descriptor, or a folder.

    Raises:
        CivicatError: it could not be read or checked; the message says why.
    """
    dataset, department, profile = open_path(path, schema)
    with check(
        dataset, layout, department=department, profile=profile, limit_errors=limit_errors, conversion=False
    ) as checked:
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
    return _alone(path, schema), None, False


def _alone(path: Path, schema: Path | None) -> Dataset:
    """A data file as a dataset of one resource: what frictionless makes of it, where both sides make a table of it.

    Raises:
        SourceError: the file is no format that is known, or cannot be read.
        DescriptorError: the schema cannot be read.
    """
    given = _given(schema) if schema else None
    named = _named(path)
    if given is None or "format" not in named:  # what is packed tells its format only when it is unpacked
        dataset = _of_file(path, named)
        source = find_source(dataset, dataset.resources[0])
        named = {**named, "format": source.format, **({"encoding": source.encoding} if source.encoding else {})}
    if not named["format"]:
        raise _packed_unknown(path)
    if named["format"] not in SHARED:
        return _drawn(path, named, given, schema)
    if given is None:
        return _of_file(path, {**named, "schema": guessed_schema(dataset, source)}, guessed=True)
    return _of_file(path, {**named, "schema": given}, schema)


def _named(path: Path) -> dict[str, Any]:
    """The resource of a file as its name tells it; without a format where that is packed."""
    suffix = path.suffix.lstrip(".").lower()
    kind = {} if suffix in PACKED else {"format": SUFFIXES.get(suffix, suffix)}
    return {"name": name_of(path.name), "path": _home(path).name, **kind}


def _packed_unknown(path: Path) -> SourceError:
    if path.suffix.lower() == ".gz" and not Path(path.stem).suffix:
        return unnamed(path)
    from civicat.validators.sketches import unknown_format  # noqa: PLC0415 (few files are refused)

    return unknown_format(path)


def _given(schema: Path) -> dict[str, Any]:
    """The schema that a file is to be checked against."""
    columns = dict(load(schema).values)
    if not isinstance(columns.get("fields"), list):
        raise DescriptorError(
            Text(f"{schema} 不是表结构：没有 fields。", f"{schema} is no Table Schema: it has no fields.")
        )
    return columns


def _of_file(path: Path, resource: Mapping[str, Any], schema: Path | None = None, *, guessed: bool = False) -> Dataset:
    """A dataset of one resource, of the version of the standard that its schema says: 1 unless it says 2."""
    columns = resource.get("schema", {})
    second = str(columns.get("$schema", "")).startswith(_SECOND)
    version = {"$schema": f"{_SECOND}datapackage.json"} if second else {}
    descriptor = {**version, "name": resource["name"], "resources": [resource]}
    files = {0: str(schema)} if schema else {}
    dataset = read_dataset(descriptor, str(path), "", _home(path).parent, files)
    one = replace(dataset.resources[0], place=str(path), guessed=guessed)
    return replace(dataset, resources=(one,))


def _drawn(path: Path, named: Mapping[str, Any], given: Mapping[str, Any] | None, schema: Path | None) -> Dataset:
    """A file that frictionless makes no table of, as our own readers see it: its columns are what all its rows fit."""
    from civicat.validators.sketches import sketch  # noqa: PLC0415 (most files are not of these formats)

    with sketch(readable(_home(path))) as drawn:
        columns = given or {"fields": [one.to_certain_field() for one in drawn.columns()]}
        return _of_file(path, {**_plainly(drawn.resource), "name": named["name"], "schema": columns}, schema)


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
    unsaid = [not one.schema.fields for one in dataset.resources]
    if not any(unsaid):
        return dataset
    resources = [
        {**one.descriptor, "schema": _columns(dataset, one)} if wanting else dict(one.descriptor)
        for one, wanting in zip(dataset.resources, unsaid, strict=True)
    ]
    files = {number: one.schema.file for number, one in enumerate(dataset.resources) if one.schema.file}
    whole = read_dataset({**dataset.descriptor, "resources": resources}, str(path), "", dataset.folder, files)
    named = (replace(one, guessed=wanting) for one, wanting in zip(whole.resources, unsaid, strict=True))
    return replace(whole, resources=tuple(named))


def _columns(dataset: Dataset, resource: Resource) -> Mapping[str, Any]:
    """The columns of a resource: what frictionless takes them for; of other formats, what all rows fit."""
    source = find_source(dataset, resource)
    if source.format in SHARED:
        return guessed_schema(dataset, source)
    if not source.format or source.damage is not None:
        return {"fields": []}
    from civicat.validators.sketches import sketched  # noqa: PLC0415 (as above)

    described = {"name": resource.name, "format": source.format, "encoding": source.encoding}
    drawn = sketched(source.path, {**described, "dialect": source.resource.dialect})
    return {"fields": [one.to_certain_field() for one in drawn.columns()]}


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

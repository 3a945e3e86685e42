"""A tiny file for each finding and each likely cause: what docs/findings.md shows, and what a test runs.

They are in examples.toml and cause_examples.toml; each is made into a whole dataset, and checked as any other.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from civicat.finding import Cause, Finding
from civicat.layout import Layout
from civicat.report import Report
from civicat.validators.checking import check
from civicat.validators.messages import catalogue, written
from civicat.validators.opening import open_path
from civicat.validators.submission import read_submission

EXAMPLES, CAUSE_EXAMPLES = "examples.toml", "cause_examples.toml"
_DEPARTMENT: Mapping[str, Any] = {
    "code": "transport",
    "title": {"zh": "交通局", "en": "Transport"},
    "description": {"zh": "道路与车辆。", "en": "Roads and vehicles."},
    "url": "https://example.org",
    "contact": {"title": {"zh": "服务台", "en": "Desk"}, "url": "https://example.org/desk"},
}
_DATASET: Mapping[str, Any] = {
    "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
    "name": "example",
    "title": "Cycle counts",
    "description": "How many bicycles passed.",
    "licenses": [{"name": "CC0-1.0", "title": "CC0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}],
    "sources": [{"title": "Counters", "path": "https://example.org/counters"}],
    "contributors": [{"title": "Desk", "roles": ["steward"], "path": "https://example.org/desk"}],
}
_OURS: Mapping[str, Any] = {
    "zh": {"title": "骑行计数", "description": "经过的自行车数。"},
    "themes": ["traffic"],
    "frequency": "daily",
    "caveats": [{"zh": "不含行人。", "en": "Pedestrians are not counted."}],
}
_TEXTS: Mapping[str, Any] = {"title": "Title", "description": "What it is."}
_CHINESE: Mapping[str, Any] = {"zh": {"title": "标题", "description": "说明。"}}
_EXAMPLES = {"boolean": "true", "date": "2026-02-22", "datetime": "2026-02-22T08:00:00Z", "time": "08:00:00",
             "year": "2026", "yearmonth": "2026-02", "geopoint": "116.39, 39.91", "duration": "P1D",
             "geojson": '{"type": "Point", "coordinates": [116, 39]}', "array": "[]", "object": "{}"}  # fmt: skip
_SHARED = {"rule-broken": "constraint"}  # codes whose rules, whichever they are, share one entry


@dataclass(frozen=True, slots=True)
class Example:
    """One file that raises the finding `key` (`code` or `code.rule`), and what the descriptor says of it.

    `columns` are fields with what matters alone; `resource`, `dataset`, `civicat` and `department` are put over parts
    that are in order by themselves; an empty value takes a key away.
    """

    key: str
    columns: tuple[Mapping[str, Any], ...]
    file: str
    name: str = "data.csv"
    encoding: str = "utf-8"
    resource: Mapping[str, Any] = field(default_factory=dict)
    dataset: Mapping[str, Any] = field(default_factory=dict)
    civicat: Mapping[str, Any] = field(default_factory=dict)
    department: Mapping[str, Any] = field(default_factory=dict)
    alone: bool = False  # whether it is a file by itself, which nobody has described

    @property
    def code(self) -> str:
        """The code of the finding."""
        return self.key.partition(".")[0]


@cache
def examples(name: str = EXAMPLES) -> Mapping[str, Example]:
    """Every example of a file by the key of what it raises."""
    return {one.key: one for one in _read(tomllib.loads(written(name)))}


def _read(entries: Mapping[str, Any]) -> Iterator[Example]:
    for code, entry in entries.items():
        own = {name: value for name, value in entry.items() if name in Example.__slots__}
        if own:
            yield _example(code, own)
        for rule in entry.keys() - own.keys():
            yield _example(f"{code}.{rule}", entry[rule])


def _example(key: str, entry: Mapping[str, Any]) -> Example:
    columns = tuple(entry.get("columns", ({"name": "a"},)))
    return Example(**{"key": key, "file": "a\nx\n", **entry, "columns": columns})


def hand_in(example: Example, datasets: Path) -> Path:
    """Writes the example as a dataset of the department `transport`, and answers its folder."""
    folder = datasets / "transport" / "example"
    folder.mkdir(parents=True)
    (folder.parent / "department.yaml").write_text(json.dumps(_over(_DEPARTMENT, example.department)), "utf-8")
    (folder / "datapackage.yaml").write_text(json.dumps(descriptor(example)), "utf-8")  # JSON is YAML
    (folder / example.name).write_bytes(example.file.encode(example.encoding))
    return folder


def descriptor(example: Example) -> dict[str, Any]:
    """The whole datapackage.yaml of an example."""
    resource = {"name": "example", "path": example.name, **_TEXTS, "civicat": _CHINESE}
    schema = {"fields": [_field(one) for one in example.columns], **example.resource.get("schema", {})}
    table = _over({**resource, "schema": schema}, {**example.resource, "schema": schema})
    dataset = {**_DATASET, "civicat": _over(_OURS, example.civicat), "resources": [table]}
    return _over(dataset, example.dataset)


def _field(column: Mapping[str, Any]) -> dict[str, Any]:
    kind = column.get("type", "string")
    whole = {"type": kind, **_TEXTS, "example": _EXAMPLES.get(kind, "1")}
    unit = {"unit": "1"} if kind in {"integer", "number"} else {}
    return _over(whole, {**column, "civicat": _over({**_CHINESE, **unit}, column.get("civicat", {}))})


def _over(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**base, **changes}.items() if value not in ("", [])}


def raised(example: Example, home: Path) -> Finding | None:
    """Checks an example in the empty folder `home`: the finding that it is there to raise, if it is raised.

    Raises:
        CivicatError: it could not be checked.
    """
    return next((one for one in _checked(example, home).all_findings() if key_of(one) == example.key), None)


def caused(example: Example, home: Path) -> Cause | None:
    """Checks an example in the empty folder `home`: the likely cause that it is there to show, if it is said.

    Raises:
        CivicatError: it could not be checked.
    """
    return next((one for one in _checked(example, home).resources[0].causes if one.code == example.key), None)


def _checked(example: Example, home: Path) -> Report:
    if example.alone:
        (home / example.name).write_bytes(example.file.encode(example.encoding))
        with chdir(home):  # its words name the file as it was named
            dataset, _, profile = open_path(Path(example.name))
            with check(dataset, Layout(home / "store"), profile=profile) as checked:
                return checked.report
    handed_in = read_submission(hand_in(example, home / "datasets"))
    with check(handed_in.dataset, Layout(home / "store"), department=handed_in.department) as checked:
        return checked.report


def key_of(finding: Finding) -> str:
    """The entry of the catalogue that a finding's words are from."""
    rules = (finding.rule, _SHARED.get(finding.code)) if finding.rule else ()
    return next((key for rule in rules if (key := f"{finding.code}.{rule}") in catalogue()), finding.code)

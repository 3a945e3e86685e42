"""Reads checklists: a file in frictionless' own form, or the `checks` of a resource's civicat block."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from civicat.dataset import Resource
from civicat.errors import DescriptorError
from civicat.mapping import Block
from civicat.text import Text
from civicat.validators.descriptors import load
from civicat.validators.engine.checks.checklist import ABOUT, KNOWN, Checklist

_KEYS = ("name", "type", "title", "description", "checks", "pickErrors", "skipErrors")
_SLIP = 0.75  # how like a known key one must be to be a slip of the pen
_YAML = frozenset({".yaml", ".yml"})
# What frictionless 5.21 tells errors apart by: its tags, and the types of its errors. A test holds this against it.
_TAGS = ("#table", "#header", "#label", "#row", "#cell", "#file")
_TYPES = (
    *("ascii-value", "blank-header", "blank-label", "blank-row", "byte-count", "catalog-error", "cell-error"),
    *("check-error", "checklist-error", "compression-error", "constraint-error", "control-error", "data-error"),
    *("dataset-error", "detector-error", "deviated-cell", "deviated-value", "dialect-error", "duplicate-label"),
    *("duplicate-row", "encoding-error", "error", "extra-cell", "extra-label", "field-count", "field-error"),
    *("file-error", "forbidden-value", "foreign-key", "format-error", "hash-count", "header-error"),
    *("incorrect-label", "inquiry-error", "inquiry-task-error", "label-error", "metadata-error", "missing-cell"),
    *("missing-label", "package-error", "pipeline-error", "primary-key", "report-error", "report-task-error"),
    *("required-value", "resource-error", "row-constraint", "row-count", "row-error", "schema-error", "scheme-error"),
    *("sequential-value", "source-error", "stats-error", "step-error", "table-dimensions", "table-error"),
    *("truncated-value", "type-error", "unique-error", "unmatched-header"),
)
ERRORS = (*_TAGS, *_TYPES)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_HOLDS: Mapping[str, tuple[Callable[[Any], bool], Text]] = {
    "text": (lambda value: isinstance(value, str), Text("文字", "text")),
    "number": (_is_number, Text("数字", "a number")),
    "list": (lambda value: isinstance(value, list), Text("列表", "a list")),
}


def read_checklist(path: Path) -> Checklist:
    """The checklist in a JSON or YAML file, as frictionless writes them. Keys that it would pass over pass here too.

    Raises:
        DescriptorError: the file cannot be read, or a check in it is not known or lacks a parameter.
    """
    load(path)  # what it says of a file is better than what a plain reader says
    block = Block(_as_frictionless_reads_it(path), str(path), closed=False)
    _no_slip(block, _KEYS)
    checks = tuple(_check(one) for one in block.blocks("checks"))
    return Checklist(checks, _codes(block, "pickErrors"), _codes(block, "skipErrors"))


def read_checks(resource: Resource, file: str) -> tuple[Mapping[str, Any], ...]:
    """The checks that a descriptor asks for on a resource; `file` is named in errors.

    Raises:
        DescriptorError: a check or a parameter is not known or missing.
    """
    ours = Block(resource.descriptor, f"{file}, {resource.name}").block("civicat")
    return tuple(_check(one) for one in ours.blocks("checks"))


def _check(block: Block) -> Mapping[str, Any]:
    kind = _kind(block)
    takes = KNOWN[kind]
    known = ("type", *ABOUT, *takes.kinds)
    if block.closed:
        block.only(known)
    else:
        _no_slip(block, known)
    for key in takes.needed:
        if key not in block.values:
            raise block.wrong(Text(f"{kind} 缺少“{key}”。请补上。", f"{kind} needs “{key}”. Add it."))
    for key in takes.kinds.keys() & block.values.keys():
        holds, words = _HOLDS[takes.kinds[key]]
        value: Any = block.values[key]
        if not holds(value):
            raise block.wrong(
                Text(f"这里应为{words.zh}，实为 {value!r}。", f"this must be {words.en}, it is {value!r}."), key
            )
    return block.values


def _kind(block: Block) -> str:
    kind = block.needed("type")
    if kind not in KNOWN:
        near = get_close_matches(kind, KNOWN, n=1, cutoff=0.5)
        zh = f"您是指“{near[0]}”吗？" if near else f"可用：{'、'.join(KNOWN)}。"
        en = f"Did you mean “{near[0]}”?" if near else f"Known: {', '.join(KNOWN)}."
        raise block.wrong(Text(f"没有“{kind}”这种检查。{zh}", f"there is no check “{kind}”. {en}"), "type")
    return kind


def _no_slip(block: Block, known: Sequence[str]) -> None:
    """Refuses a key that is nearly a known one: frictionless passes over it, and the check is not what was meant."""
    for key in block.values:
        if key not in known and get_close_matches(str(key), known, n=1, cutoff=_SLIP):
            raise block.unknown(str(key), known)


def _codes(block: Block, key: str) -> tuple[str, ...]:
    """Types and tags of errors, each of which frictionless knows: of any other it says nothing, and picks none.

    Raises:
        DescriptorError: one is not known, and a file full of errors would pass.
    """
    value = block.values.get(key)
    codes = block.texts(key) if isinstance(value, list) or value is None else _no_list(block, key, value)
    for one in codes:
        if one not in ERRORS:
            raise _no_error(block, key, one)
    return codes


def _no_error(block: Block, key: str, code: str) -> DescriptorError:
    near = get_close_matches(code, ERRORS, n=1)
    zh = f"您是指“{near[0]}”吗？" if near else f"可用各类错误的名称（例如 type-error），或标签：{'、'.join(_TAGS)}。"
    en = f"Did you mean “{near[0]}”?" if near else f"Name types, such as type-error, or tags: {', '.join(_TAGS)}."
    return block.wrong(Text(f"没有“{code}”这类错误。{zh}", f"there is no error “{code}”. {en}"), key)


def _no_list(block: Block, key: str, value: object) -> tuple[str, ...]:
    raise block.wrong(
        Text(f"这里应为一列文字，实为 {value!r}。", f"this must be a list of texts, it is {value!r}."), key
    )


def _as_frictionless_reads_it(path: Path) -> dict[str, Any]:
    """The values of a file, of which YAML 1.1 makes more than texts: `no` is false, 2024-01-05 is a date."""
    text = path.read_text(encoding="utf-8-sig")
    found: dict[str, Any] = yaml.safe_load(text) if path.suffix in _YAML else json.loads(text)
    return found

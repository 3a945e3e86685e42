"""A column's rules in the words of its readers: type, unit, and what its cells may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from civicat.catalog.facts.spelled_values import spelled
from civicat.dataset import Field, Schema
from civicat.text import Text
from civicat.vocabulary import CODE, TYPES

_FORMATS: Mapping[tuple[str, str], Text] = {
    ("string", "email"): Text("电子邮箱", "e-mail address"),
    ("string", "uri"): Text("网址", "web address"),
    ("string", "uuid"): Text("UUID", "UUID"),
    ("string", "binary"): Text("二进制（base64）", "binary (base64)"),
}
_LONGEST_EXAMPLE = 120  # characters
_NO_QUANTITY = frozenset(("hhmm",))  # 517 is 5:17
_BARE = frozenset(("", "1"))  # units of what may be no quantity
_PARTS = frozenset(("year", "quarter", "month", "week", "weekday", "day", "hour", "minute", "second"))  # of a time
_NUMBERED = re.compile(r"\b(?:code|number|no\.|id)$|(?:代码|编码|编号|号码|航班号)$", re.IGNORECASE)  # titles
_BLANK = re.compile(r"\s+")
NO_UNIT = Text("无单位", "no unit")

_RULES: Mapping[str, Callable[[object], Text]] = {
    "required": lambda _: Text("不得为空", "never empty"),
    "unique": lambda _: Text("不得重复", "no value twice"),
    "minimum": lambda least: Text(f"不小于 {least}", f"at least {least}"),
    "maximum": lambda most: Text(f"不大于 {most}", f"at most {most}"),
    "exclusiveMinimum": lambda least: Text(f"大于 {least}", f"more than {least}"),
    "exclusiveMaximum": lambda most: Text(f"小于 {most}", f"less than {most}"),
    "minLength": lambda least: Text(f"不少于 {least} 个字符", _characters(least, "or more")),
    "maxLength": lambda most: Text(f"不多于 {most} 个字符", _characters(most, "or fewer")),
}

_BOUNDS = frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"))


def _characters(count: object, bound: str) -> str:
    return f"{count} {'character' if count == 1 else 'characters'} {bound}"


@dataclass(frozen=True, slots=True)
class Column:
    """One row of the data dictionary. `unit` is empty where none is stated; `pattern` is a regular expression.

    `example` is the field's own, its beginning where that is long. `anchor` is where it stands on its page.
    `averages` says whether a mean tells something: not of keys, codes and
    numbers that name something, nor of a time of day or a part of a date written as a number.
    """

    field: Field
    type: Text
    unit: Text | str
    rules: tuple[Text, ...]
    pattern: str
    example: str
    codes: tuple[tuple[str, Text], ...]
    is_key: bool
    anchor: str = ""
    averages: bool = True


def columns(schema: Schema, resource: str = "") -> tuple[Column, ...]:
    """The data dictionary of a table, column by column."""
    anchors = _anchors(resource, schema)
    return tuple(_column(field, schema, anchors[field.name]) for field in schema.fields)


def _anchors(resource: str, schema: Schema) -> dict[str, str]:
    """Where each column stands: `resource.column`; an anchor has no blanks, and no other has the same."""
    found: dict[str, str] = {}
    for field in schema.fields:
        anchor = f"{resource}.{_BLANK.sub('_', field.name)}"
        while anchor in found.values():
            anchor += "_"
        found[field.name] = anchor
    return found


def _column(field: Field, schema: Schema, anchor: str) -> Column:
    looked_up = {name for key in schema.foreign_keys for name in key.fields}
    return Column(
        field=field,
        type=_type(field),
        unit=_unit(field),
        rules=tuple(_rules(field)),
        pattern=str(field.constraints.get("pattern", "")),
        example=_beginning(field.example),
        codes=_codes(field),
        is_key=field.name in schema.primary_key,
        anchor=anchor,
        averages=_is_quantity(field) and field.name not in looked_up.union(schema.primary_key),
    )


def _is_quantity(field: Field) -> bool:
    """Whether a column's numbers can be added up: what they are called, their unit and their labels tell."""
    is_code = bool(field.categories or field.constraints.get("enum") or field.identifier)
    if is_code or field.unit in _NO_QUANTITY or field.name.lower() in _PARTS:
        return False
    names = (field.title.en.strip(), field.title.zh.strip())
    return field.unit not in _BARE or not any(map(_NUMBERED.search, names))


def _beginning(example: str) -> str:
    return example if len(example) <= _LONGEST_EXAMPLE else f"{example[:_LONGEST_EXAMPLE]}…"


def _type(field: Field) -> Text:
    if field.categories or field.constraints.get("enum"):
        return CODE
    return _FORMATS.get((field.type, field.format)) or TYPES.get(field.type, Text(field.type, field.type))


def _unit(field: Field) -> Text | str:
    return NO_UNIT if field.unit == "1" else field.unit


def _rules(field: Field) -> Iterator[Text]:
    if {"minimum", "maximum"} <= set(field.constraints):
        least, most = (spelled(str(field.constraints[one]), field.type) for one in ("minimum", "maximum"))
        yield Text(f"{least.zh} 至 {most.zh}", f"{least.en} to {most.en}")
    for name, value in field.constraints.items():
        if name in _RULES and value is not False and not _is_told(name, field):
            yield _rule(name, value, field.type)
    if field.scale:
        decimals = "1 decimal" if field.scale == 1 else f"{field.scale} decimals"
        yield Text(f"至多 {field.scale} 位小数，精确保存", f"at most {decimals}, kept exactly")


def _rule(name: str, value: object, kind: str) -> Text:
    if name not in _BOUNDS:
        return _RULES[name](value)
    said = spelled(str(value), kind)
    return Text(_RULES[name](said.zh).zh, _RULES[name](said.en).en)


def _is_told(name: str, field: Field) -> bool:
    """Whether "a to b" has said it already."""
    return name in {"minimum", "maximum"} and {"minimum", "maximum"} <= set(field.constraints)


def _codes(field: Field) -> tuple[tuple[str, Text], ...]:
    listed = field.constraints.get("enum")
    values = [str(value) for value in listed] if isinstance(listed, list) else list(field.categories)
    return tuple((value, field.categories.get(value, Text())) for value in values)

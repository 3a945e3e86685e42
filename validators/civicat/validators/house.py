"""The house profile: what a dataset must say about itself before it is published (docs/descriptor.md).

Each rule is a row of a table: its code in the message catalogue, and what finds the places where it is broken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from civicat.dataset import Dataset, Department, Field, Resource
from civicat.finding import Finding, Place, Severity
from civicat.text import Text
from civicat.validators.descriptors import Document
from civicat.validators.messages import say
from civicat.vocabulary import FREQUENCIES, THEMES

_LANGUAGES = {"zh": Text("中文", "Chinese"), "en": Text("英文", "English")}
_NUMBERS = frozenset({"integer", "number"})
_TODO = re.compile(r"(?<![A-Za-z])TODO(?![A-Za-z])")  # also right after a Chinese character
# Where a descriptor holds a web address, and where a mail address: the pages make links of them.
_WEB_KEYS = re.compile(
    r"(?:(?:resources\[\d+\]\.)?(?:homepage|image|(?:licenses|sources)\[\d+\]\.path)"
    r"|contributors\[\d+\]\.path|url|contact\.url)(?:[.\[].*)?"
)
_MAIL_KEYS = re.compile(r"(?:(?:resources\[\d+\]\.)?sources\[\d+\]|contributors\[\d+\]|contact)\.email(?:[.\[].*)?")
_WEB = re.compile(r"https?://[^\s/\"<>][^\s\"<>]*", re.IGNORECASE)
_MAIL = re.compile(r"[^\s@\"<>]+@[^\s@\"<>]+")
MOST_COLUMNS = 1000  # SQLite allows 2,000 in a table, and the pages of a table must stay readable

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Gap:
    """One place where a rule is broken: the key path in the descriptor, and what the message says of it."""

    key: str
    facts: dict[str, str | Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """One rule: its code, and what finds the gaps."""

    code: str
    gaps: Callable[[Subject], Iterator[Gap]]


def check_dataset(dataset: Dataset, document: Document, file: str) -> list[Finding]:
    """Where a dataset breaks the profile. `file` is its descriptor as the steward names it."""
    return [_finding(rule.code, gap, document, file) for rule in DATASET_RULES for gap in rule.gaps(dataset)]


def check_department(department: Department, document: Document, file: str) -> list[Finding]:
    """Where a department breaks the profile."""
    return [_finding(rule.code, gap, document, file) for rule in DEPARTMENT_RULES for gap in rule.gaps(department)]


def _finding(code: str, gap: Gap, document: Document, file: str) -> Finding:
    words = say(code, "", **gap.facts)
    place = Place(file, key=gap.key, line=document.line(gap.key))
    return Finding(code, Severity.ERROR, place, words.message, words.remedy)


@dataclass(frozen=True, slots=True)
class _Part:
    """A dataset, resource or column: how messages call it, where it stands, and its texts."""

    what: Text
    key: str
    title: Text
    description: Text
    caveats: tuple[Text, ...]


def _parts(dataset: Dataset) -> Iterator[_Part]:
    whole = Text("数据集", "The dataset")
    yield _Part(whole, "", dataset.title, dataset.description, dataset.caveats)
    for key, resource in _resources(dataset):
        what = Text(f"资源“{resource.name}”", f"Resource {resource.name}")
        yield _Part(what, key, resource.title, resource.description, resource.caveats)
    for key, one in _fields(dataset):
        yield _Part(_column(one), key, one.title, one.description, one.caveats)


def _resources(dataset: Dataset) -> Iterator[tuple[str, Resource]]:
    yield from ((f"resources[{number}]", one) for number, one in enumerate(dataset.resources))


def _fields(dataset: Dataset) -> Iterator[tuple[str, Field]]:
    for key, resource in _resources(dataset):
        for number, one in enumerate(resource.schema.fields):
            yield f"{key}.schema.fields[{number}]", one


def _column(one: Field) -> Text:
    return Text(f"“{one.name}”一列", f"Column {one.name}")


def _titles(dataset: Dataset) -> Iterator[Gap]:
    for part in _parts(dataset):
        yield from _blank(part, part.title, "title")


def _descriptions(dataset: Dataset) -> Iterator[Gap]:
    for part in _parts(dataset):
        yield from _blank(part, part.description, "description")


def _blank(part: _Part, text: Text, name: str) -> Iterator[Gap]:
    for language in text.missing():
        yield Gap(_below(part.key, name), {"what": part.what, "language": _LANGUAGES[language]})


def _caveats_in_one_language(dataset: Dataset) -> Iterator[Gap]:
    for part in _parts(dataset):
        for number, caveat in enumerate(part.caveats):
            for language in caveat.missing():
                key = _below(part.key, f"civicat.caveats[{number}]")
                yield Gap(key, {"what": part.what, "language": _LANGUAGES[language]})


def _units(dataset: Dataset) -> Iterator[Gap]:
    """A whole number that is part of a key, or that stands for a category, is a code: it has no unit."""
    for key, resource in _resources(dataset):
        schema = resource.schema
        codes = {*schema.primary_key, *(name for one in schema.foreign_keys for name in one.fields)}
        for number, one in enumerate(schema.fields):
            is_code = one.type == "integer" and (one.name in codes or bool(one.categories))
            if one.type in _NUMBERS and not one.unit and not is_code:
                yield Gap(f"{key}.schema.fields[{number}]", {"what": _column(one)})


def _examples(dataset: Dataset) -> Iterator[Gap]:
    yield from (Gap(key, {"what": _column(one)}) for key, one in _fields(dataset) if not one.example.strip())


def _licence(dataset: Dataset) -> Iterator[Gap]:
    if not any((one.name or one.title) and one.path for one in dataset.licences):
        yield Gap("licenses")


def _source(dataset: Dataset) -> Iterator[Gap]:
    if not any(one.title for one in dataset.sources):
        yield Gap("sources")


def _steward(dataset: Dataset) -> Iterator[Gap]:
    steward = dataset.steward
    if steward is None or not steward.title or not (steward.email or steward.path):
        yield Gap("contributors")


def _theme(dataset: Dataset) -> Iterator[Gap]:
    if not dataset.themes:
        yield Gap("civicat.themes", {"known": ", ".join(THEMES)})


def _frequency(dataset: Dataset) -> Iterator[Gap]:
    if not dataset.frequency:
        yield Gap("civicat.frequency", {"known": ", ".join(FREQUENCIES)})


def _caveat(dataset: Dataset) -> Iterator[Gap]:
    if not dataset.caveats:
        yield Gap("civicat.caveats")


def _resource(dataset: Dataset) -> Iterator[Gap]:
    if not dataset.resources:
        yield Gap("resources")


def _schema(dataset: Dataset) -> Iterator[Gap]:
    for key, resource in _resources(dataset):
        if not resource.schema.fields:
            what = Text(f"资源“{resource.name}”", f"Resource {resource.name}")
            yield Gap(f"{key}.schema", {"what": what})


def _too_many_columns(dataset: Dataset) -> Iterator[Gap]:
    for key, resource in _resources(dataset):
        if (count := len(resource.schema.fields)) > MOST_COLUMNS:
            facts = {"name": resource.name, "count": f"{count:,}", "limit": f"{MOST_COLUMNS:,}"}
            yield Gap(f"{key}.schema.fields", {**facts})


def _columns_alike(dataset: Dataset) -> Iterator[Gap]:
    """Databases take A and a for the same column."""
    for key, resource in _resources(dataset):
        first: dict[str, str] = {}
        for number, one in enumerate(resource.schema.fields):
            other = first.setdefault(one.name.lower(), one.name)
            if other != one.name:  # the very same name twice is refused by the standard
                yield Gap(f"{key}.schema.fields[{number}].name", {"field": one.name, "other": other})


def _web_addresses(subject: Dataset | Department) -> Iterator[Gap]:
    yield from _unlike(subject, _WEB_KEYS, _WEB)


def _mail_addresses(subject: Dataset | Department) -> Iterator[Gap]:
    yield from _unlike(subject, _MAIL_KEYS, _MAIL)


def _unlike(subject: Dataset | Department, keys: re.Pattern[str], due: re.Pattern[str]) -> Iterator[Gap]:
    """Where a value is not as its key asks for; a TODO is said elsewhere."""
    for key, text in _strings(subject.descriptor, ""):
        if keys.fullmatch(key) and text and not due.fullmatch(text) and not _TODO.search(text):
            yield Gap(key, {"key": key, "cell": text})


def _todos(subject: Dataset | Department) -> Iterator[Gap]:
    for key, text in _strings(subject.descriptor, ""):
        if _TODO.search(text):
            yield Gap(key, {"key": key, "cell": text})


def _strings(value: object, at: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield at, value
        case Mapping():
            for key, below in value.items():
                yield from _strings(below, _below(at, str(key)))
        case list():
            for number, below in enumerate(value):
                yield from _strings(below, f"{at}[{number}]")


def _department_titles(department: Department) -> Iterator[Gap]:
    for language in department.title.missing():
        yield Gap("title", {"what": _DEPARTMENT, "language": _LANGUAGES[language]})


def _department_descriptions(department: Department) -> Iterator[Gap]:
    for language in department.description.missing():
        yield Gap("description", {"what": _DEPARTMENT, "language": _LANGUAGES[language]})


def _contact(department: Department) -> Iterator[Gap]:
    contact = department.contact
    if not contact.title or not (contact.url or contact.email or contact.phone):
        yield Gap("contact")


def _below(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


_DEPARTMENT = Text("部门", "The department")

DATASET_RULES: tuple[Rule[Dataset], ...] = (
    Rule("title-missing", _titles),
    Rule("description-missing", _descriptions),
    Rule("resource-missing", _resource),
    Rule("schema-missing", _schema),
    Rule("unit-missing", _units),
    Rule("example-missing", _examples),
    Rule("licence-missing", _licence),
    Rule("source-missing", _source),
    Rule("steward-missing", _steward),
    Rule("theme-missing", _theme),
    Rule("frequency-missing", _frequency),
    Rule("caveat-missing", _caveat),
    Rule("caveat-untranslated", _caveats_in_one_language),
    Rule("too-many-columns", _too_many_columns),
    Rule("columns-alike", _columns_alike),
    Rule("address-wrong", _web_addresses),
    Rule("email-wrong", _mail_addresses),
    Rule("todo-left", _todos),
)
DEPARTMENT_RULES: tuple[Rule[Department], ...] = (
    Rule("title-missing", _department_titles),
    Rule("description-missing", _department_descriptions),
    Rule("contact-missing", _contact),
    Rule("address-wrong", _web_addresses),
    Rule("email-wrong", _mail_addresses),
    Rule("todo-left", _todos),
)

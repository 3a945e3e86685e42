"""What is wrong with a descriptor, as findings that name the file it stands in, the place in it, and what to do.

Two sorts: what frictionless refuses, and schemas that contradict themselves, which frictionless takes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from civicat.dataset import TYPES, Dataset, Field, Resource
from civicat.finding import Finding, Place, Severity
from civicat.text import Text
from civicat.validators.contradictions import Contradiction, Read, contradictions, nearest, read_plainly
from civicat.validators.descriptors import Document, load
from civicat.validators.engine.exact import Tables, error_shape, frictionless_errors
from civicat.validators.engine.problem import Problem, RuleBrokenError
from civicat.validators.formats import BINARY, Source
from civicat.validators.messages import say

_Facts: TypeAlias = Mapping[str, str | Text]
_KEYS = frozenset({"column", "reference"})  # contradictions of a table's keys, not of a column


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place within a schema that a problem may be about, and what its message quotes."""

    key: str
    facts: _Facts
    field: str = ""
    column: int | None = None


def contradicted(dataset: Dataset, sources: Sequence[Source], tables: Tables, *, plain: bool) -> Iterator[Finding]:
    """Where the schemas of a dataset contradict themselves; `plain` says that frictionless takes them without a word.

    Raises:
        UnreadableError: frictionless refuses the descriptor.
    """
    for source in sources:
        if source.format:
            resource = source.resource
            typed = source.format in BINARY
            for one in contradictions(
                resource, dataset.resources, _readers(resource, tables, plain=plain), typed=typed
            ):
                yield _contradiction(dataset, resource, one)


def _readers(resource: Resource, tables: Tables, *, plain: bool) -> Callable[[int], Read]:
    """What reads the values in the rules of each column: our own readers where that is safe, else frictionless'."""

    def plainly(number: int) -> Read:
        return read_plainly(resource.schema.fields[number])

    def as_they_do(number: int) -> Read:
        with frictionless_errors():
            theirs = tables.package.get_table_resource(resource.name).schema.fields
            if [one.name for one in theirs] != [one.name for one in resource.schema.fields]:
                raise RuleBrokenError(Text())  # two tables of one name
            read = theirs[number].create_value_reader()

        def reader(value: object) -> object:
            with frictionless_errors():
                return read(value)

        return reader

    return plainly if plain else as_they_do


def _contradiction(dataset: Dataset, resource: Resource, one: Contradiction) -> Finding:
    place, rules = _place(dataset, resource, one.key, one.field, one.column), _rules(dataset, resource)
    words = say("schema-contradiction", one.rule, resource=resource.name, field=one.field, rules=rules, **one.facts)
    code = "schema-error" if one.rule in _KEYS else "field-error"  # what it is to who reads frictionless' part alone
    shape = error_shape(code, words.message.en)
    return Finding(
        "schema-contradiction", Severity.ERROR, place, words.message, words.remedy, descriptor=shape, rule=one.rule
    )


def refused(dataset: Dataset, problems: Sequence[Problem]) -> Iterator[Finding]:
    """What frictionless says of a descriptor that it refuses, each at its place where that is known."""
    before = Counter[tuple[str, str]]()
    for problem in problems:
        known = list(_spots(dataset, problem))
        number = before[problem.code, problem.note]  # it says the same of each column with the same fault, in order
        before[problem.code, problem.note] += 1
        yield _located(dataset, problem, *known[number]) if number < len(known) else _unlocated(dataset, problem)


def _unlocated(dataset: Dataset, problem: Problem) -> Finding:
    words = say(problem.code, note=problem.note)
    place = Place(_only_file(dataset, problem.code))
    return Finding(
        problem.code, Severity.ERROR, place, words.message, words.remedy, descriptor=problem.shape(), rule=problem.rule
    )


def _only_file(dataset: Dataset, code: str) -> str:
    """The file that a fault stands in: a schema's own, where there is but one and the fault is a schema's."""
    files = {one.schema.file or dataset.file for one in dataset.resources}
    return files.pop() if len(files) == 1 and code in {"schema-error", "field-error"} else dataset.file


def _located(dataset: Dataset, problem: Problem, resource: Resource, rule: str, spot: _Spot) -> Finding:
    rules = _rules(dataset, resource)
    words = say(problem.code, rule, resource=resource.name, field=spot.field, rules=rules, **spot.facts)
    place = _place(dataset, resource, spot.key, spot.field, spot.column)
    return Finding(
        problem.code, Severity.ERROR, place, words.message, words.remedy, descriptor=problem.shape(), rule=rule
    )


def _spots(dataset: Dataset, problem: Problem) -> Iterator[tuple[Resource, str, _Spot]]:
    for code, rule, pattern, look in _LOOKS:
        if code == problem.code and (match := pattern.fullmatch(problem.note)):
            for resource in dataset.resources:
                for spot in look(resource, match):
                    yield resource, rule, spot


# ------------------------------------------------------------------------------------ where frictionless' words lead to


def _of_type(resource: Resource, match: re.Match[str]) -> Iterator[_Spot]:
    kind = match["kind"]
    for number, one in enumerate(resource.schema.fields):
        if one.type == kind:
            yield _in_field(number, one, "type", {"type": kind, "nearest": nearest(kind, TYPES)})


def _of_rule(resource: Resource, match: re.Match[str]) -> Iterator[_Spot]:
    for number, one in enumerate(resource.schema.fields):
        if one.type == match["kind"] and match["key"] in one.constraints:
            yield _in_field(number, one, f"constraints.{match['key']}", {"one": match["key"], "type": one.type})


def _of_example(resource: Resource, match: re.Match[str]) -> Iterator[_Spot]:
    for number, one in enumerate(resource.schema.fields):
        if one.name == match["field"] and one.example == match["cell"]:
            yield _in_field(number, one, "example", {"cell": one.example, "type": one.type})


def _of_value(resource: Resource, match: re.Match[str]) -> Iterator[_Spot]:
    for number, one in enumerate(resource.schema.fields):
        found: object = _written(resource, number)
        for name in match["key"].split("/"):
            found = found.get(name) if isinstance(found, dict) else None
        if str(found) == match["cell"]:
            key = match["key"].replace("/", ".")
            yield _in_field(number, one, key, {"one": key, "cell": match["cell"], "type": match["kind"]})


def _of_names(resource: Resource, _match: re.Match[str]) -> Iterator[_Spot]:
    names = [one.name for one in resource.schema.fields]
    for number, name in enumerate(names):
        if name in names[:number]:
            first = Text(f"第 {names.index(name) + 1} 列", f"column {names.index(name) + 1}")
            yield _Spot(f"fields[{number}].name", {"first": first, "number": str(number + 1)}, name, number + 1)
            return  # frictionless says it once a schema


def _of_primary_key(resource: Resource, _match: re.Match[str]) -> Iterator[_Spot]:
    known = [one.name for one in resource.schema.fields]
    for name in resource.schema.primary_key:
        if name not in known:
            yield _Spot("primaryKey", {"name": name, "one": "primaryKey", "nearest": nearest(name, known)})


def _of_foreign_key(resource: Resource, _match: re.Match[str]) -> Iterator[_Spot]:
    known = [one.name for one in resource.schema.fields]
    for number, key in enumerate(resource.schema.foreign_keys):
        for name in key.fields:
            if name not in known and not key.dataset:
                facts: dict[str, str | Text] = {"name": name, "one": "foreignKeys", "nearest": nearest(name, known)}
                yield _Spot(f"foreignKeys[{number}].fields", facts)


_LOOKS: tuple[tuple[str, str, re.Pattern[str], Callable[[Resource, re.Match[str]], Iterator[_Spot]]], ...] = tuple(
    (code, rule, re.compile(pattern, re.DOTALL), look)
    for code, rule, pattern, look in (
        ("field-error", "type", r'field type "(?P<kind>.*)" is not supported', _of_type),
        ("field-error", "rule", r'constraint "(?P<key>\w+)" is not supported by type "(?P<kind>\w+)"', _of_rule),
        ("field-error", "example", r'example value "(?P<cell>.*)" for field "(?P<field>.*)" is not valid', _of_example),
        (
            "field-error",
            "value",
            r"'?(?P<cell>.*?)'? is not of type '(?P<kind>\w+)' at property '(?P<key>[^']*)'",
            _of_value,
        ),
        ("schema-error", "names", "names of the fields are not unique", _of_names),
        ("schema-error", "column", 'primary key ".*" does not match the fields ".*"', _of_primary_key),
        ("schema-error", "column", 'foreign key ".*" does not match the fields ".*"', _of_foreign_key),
    )
)


def _in_field(number: int, one: Field, key: str, facts: _Facts) -> _Spot:
    return _Spot(f"fields[{number}].{key}", facts, one.name, number + 1)


def _written(resource: Resource, number: int) -> object:
    listed = resource.schema.descriptor.get("fields")
    return listed[number] if isinstance(listed, list) and number < len(listed) else None


# ------------------------------------------------------------------------------------------------------ where it stands


def _rules(dataset: Dataset, resource: Resource) -> str:
    """The name of the file that sets the rules of a table."""
    return Path(resource.schema.file or dataset.file).name


def _place(dataset: Dataset, resource: Resource, key: str, field: str, column: int | None) -> Place:
    file = resource.schema.file or dataset.file
    whole = key if resource.schema.file else f"resources[{dataset.resources.index(resource)}].schema.{key}"
    return Place(file, resource.name, field=field, column=column, key=whole)


def with_lines(findings: Sequence[Finding]) -> list[Finding]:
    """The findings with the line of each in its file, where that is YAML; of JSON lines are not kept."""
    files = {one.place.file for one in findings if one.place.file.endswith((".yaml", ".yml"))}
    read = {file: load(Path(file)) for file in files if Path(file).is_file()}
    return [_with_line(one, read.get(one.place.file)) for one in findings]


def _with_line(one: Finding, document: Document | None) -> Finding:
    line = document.line(one.place.key) if document is not None and one.place.key else None
    return replace(one, place=replace(one.place, line=line))

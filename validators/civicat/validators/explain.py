"""From a problem that the engine found to a finding that people understand: where, what, and what to do."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from civicat.dataset import Field, Resource
from civicat.finding import Finding, Place, Severity
from civicat.text import Text
from civicat.validators.engine.problem import Problem
from civicat.validators.messages import quoted, say

# A format is shown by an example: 2024-01-05 says more than %Y-%m-%d. Where the year does not come first, a day that
# is no month tells the two apart.
_EXAMPLE = dt.datetime(2024, 1, 5, 8, 30, tzinfo=dt.UTC)
_PLAIN_EXAMPLE = _EXAMPLE.replace(day=25)
_DEFAULTS = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%dT%H:%M:%SZ", "time": "%H:%M:%S"}
_LISTED = 12  # values of an enum that a message lists

# Formats that have words of their own: what a cell should look like differs from that of the type's other formats.
_FORMATTED: Mapping[str, frozenset[str]] = {
    "string": frozenset({"email", "uri", "uuid", "wkt", "binary"}),
    "geojson": frozenset({"topojson"}),
}
_SHAPED = {"array": "geopoint-array", "object": "geopoint-object"}  # a geopoint's formats, which are names of types too

# What frictionless says in a note, as facts: its own words are English. `sort` narrows the code; `at` is a row.
_COUNTED = re.compile(r'expected is "(?P<expected>.*)" and actual is "(?P<actual>.*)"')
_NOTES: Mapping[str, tuple[re.Pattern[str], ...]] = {
    **dict.fromkeys(("hash-count", "byte-count", "field-count", "row-count"), (_COUNTED,)),
    "duplicate-row": (re.compile(r'the same as row at position "(?P<other>\d+)"'),),
    "row-constraint": (re.compile(r'the row constraint to conform is "(?P<formula>.*)"'),),
    "forbidden-value": (re.compile(r'forbidden values are "\[?(?P<limit>.*?)\]?"'),),
    "deviated-value": (
        re.compile(
            r'value "(?P<cell>.*)" in row at position "(?P<at>\d+)" and field "(?P<field>.*)" is deviated '
            r'"\[(?P<least>.*), (?P<most>.*)\]"'
        ),
        re.compile(r'(?P<sort>calculation) issue "(?P<note>.*)"'),
    ),
    "deviated-cell": (
        re.compile(r'cell at row "(?P<at>\d+)" and field "(?P<field>.*)" has deviated size'),
        re.compile(r'(?P<sort>calculation) issue "(?P<note>.*)"'),
    ),
    "required-value": (
        re.compile(r'The value "(?P<cell>.*)" is required to be present in field "(?P<field>.*?)" in .*'),
    ),
    "table-dimensions": (
        re.compile(r"number of (?P<what>fields|rows) is (?P<actual>\d+), the (?P<sort>\w+) is (?P<expected>\d+)"),
    ),
    "check-error": (
        re.compile(r'(?P<check>.*) check requires field "(?P<field>.*)" to be (?P<sort>numeric)'),
        re.compile(r'(?P<check>.*) check requires (?P<sort>field) "(?P<field>.*)"(?: to exist)?'),
    ),
}
# Where nobody has said what the columns are called, no label is the one that is due: what is due is frictionless' own.
_OF_LABELS = frozenset({"blank-label", "duplicate-label", "incorrect-label"})
_OF_COUNTS = {
    "field-count": Text("{} 列", "{} column"),
    "row-count": Text("{} 行数据", "{} row of data|{} rows of data"),
    "byte-count": Text("{} 字节", "{} byte"),
}
_ZEROS = Text("开头的 0 可能丢了，应为“{}”。", " Zeros at its beginning seem to be lost: “{}” would do.")
_UNTOLD = "…"  # a fact that a note of frictionless did not hold


@dataclass(frozen=True)
class Explainer:
    """Explains the problems of a resource: `file` is its file as the steward names it, `rules` what sets the rules."""

    resource: Resource
    file: str
    rules: Text

    def finding(self, problem: Problem) -> Finding:
        """The finding for a problem."""
        rule = self.rule(problem)
        words = say(problem.code, rule, **self._facts(problem, rule))
        return Finding(
            code=problem.code,
            severity=Severity.ERROR,
            place=self._place(problem, rule),
            message=words.message,
            remedy=words.remedy,
            found=_cell(problem),
            descriptor=problem.shape(),
            rule=rule,
        )

    def rule(self, problem: Problem) -> str:
        """What narrows a problem's code: the constraint that is broken, the type that is due, the sort of check."""
        if problem.code == "primary-key" and problem.rule == "empty" and self._has_text(problem):
            return "unreadable"
        if self._is_undeclared(problem):
            return "guessed"
        if problem.code in _NOTES and not problem.rule:
            told = noted(problem.code, problem.note)
            return "-".join(told[part] for part in ("what", "sort") if part in told)
        if problem.code != "type-error":
            return problem.rule
        one = self._fields.get(problem.field)
        return "" if one is None else _expected(one)

    def _place(self, problem: Problem, rule: str) -> Place:
        if rule == "byte":  # bytes that cannot be read: there are lines, and no rows yet
            return Place(self.file, self.resource.name, line=problem.row)
        row = problem.row if problem.row is not None else _number(noted(problem.code, problem.note).get("at", ""))
        name = "" if self._is_undeclared(problem) else problem.field
        return Place(self.file, self.resource.name, row, name, problem.column)

    def _is_undeclared(self, problem: Problem) -> bool:
        return self.resource.guessed and problem.code in _OF_LABELS

    @cached_property
    def _fields(self) -> Mapping[str, Field]:
        return {one.name: one for one in self.resource.schema.fields}

    def _facts(self, problem: Problem, rule: str) -> dict[str, str | Text]:
        one = self._fields.get(problem.field)
        facts: dict[str, str | Text] = {
            "cell": _cell(problem),
            "field": problem.field,
            "number": str(problem.column or ""),
            "note": problem.note,
            "rules": self.rules,
            "constraint": rule,
            "key": ", ".join(self.resource.schema.primary_key),
            "type": one.type if one else "",
            "format": _written(one),
            "limit": _limit(one, rule),
            **problem.facts,
            **{name: _UNTOLD for pattern in _NOTES.get(problem.code, ()) for name in pattern.groupindex},
        }
        facts |= {"cell": _cell(problem), "field": problem.field, **noted(problem.code, problem.note)}
        if isinstance(byte := facts.get("byte"), str):  # an offset in the file: English sets its thousands apart
            facts["byte"] = Text(byte, f"{int(byte):,}")
        if problem.code in _OF_COUNTS and isinstance(actual := facts.get("actual"), str):
            facts["actual"] = _things(problem.code, actual)
        if isinstance(check := facts.get("check"), str):  # a check is named as a checklist names it
            facts["check"] = check.replace(" ", "-")
        if rule == "pattern":
            facts["zeros"] = self._zeros(problem)
        if problem.code == "foreign-key":
            facts["key"] = problem.field
        if problem.code == "primary-key":
            facts["cell"] = ", ".join(self._keys(problem))
        return facts

    def _zeros(self, problem: Problem) -> Text:
        """Says that zeros were lost where the cell obeys the pattern with them; nothing elsewhere."""
        from civicat.validators.cell_causes import Column, with_zeros  # noqa: PLC0415 (few tables break a pattern)

        one = self._fields.get(problem.field)
        whole = with_zeros(problem.cell, Column(one)) if one else None
        return Text(_ZEROS.zh.format(whole), _ZEROS.en.format(whole)) if whole else Text()

    def _has_text(self, problem: Problem) -> bool:
        """Whether a primary key that has no value is text of the wrong type, and not empty."""
        missing = self.resource.schema.descriptor.get("missingValues")
        empty = {str(one) for one in missing} if isinstance(missing, list) else {""}
        return any(cell.strip() and cell not in empty for cell in self._keys(problem))

    def _keys(self, problem: Problem) -> list[str]:
        """The cells of the primary key, which frictionless does not single out."""
        names = [one.name for one in self.resource.schema.fields]
        cells = problem.shape().get("cells")
        places = [names.index(name) for name in self.resource.schema.primary_key if name in names]
        return [str(cells[at]) for at in places if at < len(cells)] if isinstance(cells, list) else []


def _cell(problem: Problem) -> str:
    """The cell as it stands in the file: of an empty one in a workbook, frictionless says “None”."""
    if problem.cell != "None" or problem.column is None:
        return problem.cell
    cells = problem.shape().get("cells")
    beside = cells[problem.column - 1 : problem.column] if isinstance(cells, list) else []
    return "" if beside == [""] else problem.cell


def noted(code: str, note: str) -> Mapping[str, str]:
    """What a note of frictionless holds, by name; nothing where it is not of the form that we know."""
    for pattern in _NOTES.get(code, ()):
        if match := pattern.fullmatch(note):
            return {name: fact for name, fact in match.groupdict().items() if fact is not None}
    return {}


def _things(code: str, number: str) -> Text:
    """A number of columns, rows or bytes, in the singular where it is one."""
    words = _OF_COUNTS[code]
    one, _, many = words.en.partition("|")
    return Text(words.zh.format(number), (one if number == "1" else many or f"{one}s").format(number))


def _number(text: str) -> int | None:
    return int(text) if text else None


def _expected(one: Field) -> str:
    """The type of a column, or the format of it that has words of its own."""
    if one.type == "geopoint":
        return _SHAPED.get(one.format, one.type)
    return one.format if one.format in _FORMATTED.get(one.type, ()) else one.type


def _limit(one: Field | None, rule: str) -> str | Text:
    if one is None:
        return ""
    limit = one.constraints.get(rule, one.scale)
    if not isinstance(limit, list):
        return str(limit)
    listed = [quoted(value) for value in limit[:_LISTED]]
    more = len(limit) - len(listed)
    return Text(
        "、".join(listed) + (f" 等 {len(limit)} 个" if more else ""),
        ", ".join(listed) + (f" and {more} more" if more else ""),
    )


def _written(one: Field | None) -> str:
    """A date or time as its column wants it written."""
    pattern = "" if one is None or one.type not in _DEFAULTS else one.format
    pattern = _DEFAULTS[one.type] if one is not None and pattern in {"default", "any"} else pattern
    return (_EXAMPLE if pattern.startswith("%Y") else _PLAIN_EXAMPLE).strftime(pattern)

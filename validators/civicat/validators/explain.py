"""From a problem that the engine found to a finding that people understand: where, what, and what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from civicat.dataset import Field, Resource
from civicat.finding import Finding, Place, Severity
from civicat.text import Text
from civicat.validators.messages import quoted, say
from civicat.validators.rows import Problem

# A format is shown by an example: 2024-01-05 says more than %Y-%m-%d. Where the year does not come first, a day that
# is no month tells the two apart.
_EXAMPLE = dt.datetime(2024, 1, 5, 8, 30, tzinfo=dt.UTC)
_PLAIN_EXAMPLE = _EXAMPLE.replace(day=25)
_DEFAULTS = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%dT%H:%M:%SZ", "time": "%H:%M:%S"}
_FORMATTED = frozenset({"email", "uri", "uuid"})
_LISTED = 12  # values of an enum that a message lists


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
        place = self._place(problem, rule)
        return Finding(
            code=problem.code,
            severity=Severity.ERROR,
            place=place,
            message=words.message,
            remedy=words.remedy,
            found=problem.cell,
            descriptor=problem.shape(),
            rule=rule,
        )

    def rule(self, problem: Problem) -> str:
        """What narrows a problem's code: the constraint that is broken, or the type that is expected."""
        if problem.code == "primary-key" and problem.rule == "empty" and self._has_text(problem):
            return "unreadable"
        if problem.code != "type-error":
            return problem.rule
        one = self._fields.get(problem.field)
        if one is None:
            return ""
        return one.format if one.format in _FORMATTED else one.type

    def _place(self, problem: Problem, rule: str) -> Place:
        if rule == "line":  # bytes that cannot be read: there are lines, and no rows yet
            return Place(self.file, self.resource.name, line=problem.row)
        return Place(self.file, self.resource.name, problem.row, problem.field, problem.column)

    @cached_property
    def _fields(self) -> Mapping[str, Field]:
        return {one.name: one for one in self.resource.schema.fields}

    def _facts(self, problem: Problem, rule: str) -> dict[str, str | Text]:
        one = self._fields.get(problem.field)
        facts: dict[str, str | Text] = {
            "cell": problem.cell,
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
        }
        if problem.code == "foreign-key":
            facts["key"] = problem.field
        if problem.code == "primary-key":
            facts["cell"] = ", ".join(self._keys(problem))
        return facts

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

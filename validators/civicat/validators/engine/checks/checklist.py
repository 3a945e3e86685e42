"""Which checks are asked for and which errors are wanted of them; what frictionless' checks are called and take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Checklist:
    """Checks in their order, each as frictionless' descriptor has it; `pick` and `skip` are codes or tags of errors."""

    checks: tuple[Mapping[str, Any], ...] = ()
    pick: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.checks or self.pick or self.skip)

    def after(self, checks: Sequence[Mapping[str, Any]]) -> Checklist:
        """The same list with other checks before its own."""
        return Checklist((*checks, *self.checks), self.pick, self.skip)

    def to_descriptor(self) -> dict[str, Any]:
        """The list as frictionless writes it."""
        checks = [dict(one) for one in self.checks]
        lists = {"checks": checks, "pickErrors": list(self.pick), "skipErrors": list(self.skip)}
        return {key: value for key, value in lists.items() if value}


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a check takes beside its type: the kind of each parameter (`text`, `number`, `list`), and which it needs."""

    kinds: Mapping[str, str]
    needed: tuple[str, ...] = ()


_NUMBERS = ("numRows", "minRows", "maxRows", "numFields", "minFields", "maxFields")
# frictionless 5.21, by the profiles of its checks; a test holds this against it.
KNOWN: Mapping[str, Parameters] = {
    "ascii-value": Parameters({}),
    "baseline": Parameters({}),
    "deviated-cell": Parameters({"interval": "number", "ignoreFields": "list"}),
    "deviated-value": Parameters({"fieldName": "text", "interval": "number", "average": "text"}, ("fieldName",)),
    "duplicate-row": Parameters({}),
    "forbidden-value": Parameters({"fieldName": "text", "values": "list"}, ("fieldName", "values")),
    "required-value": Parameters({"fieldName": "text", "values": "list"}, ("fieldName", "values")),
    "row-constraint": Parameters({"formula": "text"}, ("formula",)),
    "sequential-value": Parameters({"fieldName": "text"}, ("fieldName",)),
    "table-dimensions": Parameters(dict.fromkeys(_NUMBERS, "number")),
    "truncated-value": Parameters({}),
}
ABOUT = ("name", "title", "description")  # what any check may say of itself

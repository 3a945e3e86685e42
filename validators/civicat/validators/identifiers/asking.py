"""Which columns of a resource ask for an identifier, and what is said of them and of their cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

import pyarrow as pa

from civicat.dataset import Resource
from civicat.errors import DescriptorError
from civicat.finding import Finding, Place, Severity
from civicat.text import Text
from civicat.validators.engine.problem import Problem
from civicat.validators.engine.reading import Batch
from civicat.validators.identifiers.columns_of_text import texts
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.judging import wrong
from civicat.validators.identifiers.mending import mended
from civicat.validators.messages import say


@dataclass(frozen=True, slots=True)
class Asked:
    """A column that asks for an identifier: its place among the fields (from 0) and its name."""

    place: int
    field: str
    identifier: Identifier

    def problems(self, batch: Batch) -> list[Problem]:
        """The cells of a batch that are not good ones, in the order of their rows. A cell without a value passes."""
        values = batch.arrays[self.place]
        found = wrong(self.identifier, values)
        cells = [str(cell) for cell in texts(values.take(pa.array(found, pa.int64()))).to_pylist()]
        whys = dict(zip(cells, found.values(), strict=True))
        facts = {cell: self._facts(mended(self.identifier, cell, why)) for cell, why in whys.items()}
        numbers = (int(batch.numbers[row]) for row in found)
        return [self._problem(row, cell, whys[cell], facts[cell]) for row, cell in zip(numbers, cells, strict=True)]

    def _problem(self, row: int, cell: str, why: Text, facts: Mapping[str, str | Text]) -> Problem:
        return Problem(
            code="identifier-error",
            shape=dict,
            facts=facts,
            rule=self.identifier.name,
            note=f'identifier "{self.identifier.name}": {why.en}',
            row=row,
            field=self.field,
            column=self.place + 1,
            cell=cell,
        )

    def _facts(self, why: Text) -> Mapping[str, str | Text]:
        return {"identifier": self.identifier.title, "name": self.identifier.name, "why": why}


def asked(resource: Resource, file: str) -> tuple[Asked, ...]:
    """The columns that ask for an identifier; `file` is named in errors.

    Raises:
        DescriptorError: there is no identifier of that name.
    """
    fields = enumerate(resource.schema.fields)
    return tuple(
        Asked(place, one.name, _find(one.identifier, one.name, file)) for place, one in fields if one.identifier
    )


def _find(name: str, field: str, file: str) -> Identifier:
    from civicat.validators.identifiers.registry import REGISTRY, find  # noqa: PLC0415 (thirty modules, only where one is asked)

    if found := find(name):
        return found
    near = get_close_matches(name, REGISTRY, n=1)
    zh = f"您是指“{near[0]}”吗？" if near else f"可用：{'、'.join(REGISTRY)}。"
    en = f"Did you mean “{near[0]}”?" if near else f"Known: {', '.join(REGISTRY)}."
    raise DescriptorError(
        Text(
            f"{file}：“{field}”一列的 identifier“{name}”不存在。{zh}",
            f"{file}: column {field} asks for the identifier “{name}”, which there is not. {en}",
        )
    )


def personal_data(columns: Iterable[Asked], place: Place) -> list[Finding]:
    """A warning for each column that holds data on persons; `place` is the resource's."""
    return [_warning(one, place) for one in columns if one.identifier.personal]


def _warning(one: Asked, place: Place) -> Finding:
    words = say("personal-data", field=one.field, identifier=one.identifier.title)
    there = replace(place, field=one.field, column=one.place + 1)
    return Finding("personal-data", Severity.WARNING, there, words.message, words.remedy, rule=one.identifier.name)

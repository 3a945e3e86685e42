"""The digest of how a file is read: another one wherever cells become other values, the same for words alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from civicat.dataset import Resource, read_dataset
from civicat.source_reading import kept_reading, reading, readings

NUMBER: dict[str, Any] = {"name": "n", "type": "number"}


def resource(*fields: dict[str, Any], missing: object = None, **more: object) -> Resource:
    schema = {"fields": list(fields or (NUMBER,)), **({} if missing is None else {"missingValues": missing})}
    one = {"name": "counts", "path": "counts.csv", "schema": schema, **more}
    return read_dataset({"name": "counts", "resources": [one]}, "datapackage.yaml", "", Path()).resources[0]


PLAIN = resource()


@pytest.mark.parametrize(
    "other",
    [
        resource(format="tsv"),
        resource(encoding="gb18030"),
        resource(dialect={"delimiter": ";"}),
        resource(dialect={"excel": {"sheet": 2}}),
        resource(path="counts.zip", format="csv", innerpath="b.csv"),
        resource(missing=["", "-"]),
        resource({**NUMBER, "missingValues": ["-"]}),
        resource({**NUMBER, "type": "string"}),
        resource({**NUMBER, "decimalChar": ","}),
        resource({**NUMBER, "groupChar": ","}),
        resource({**NUMBER, "bareNumber": False}),
        resource({**NUMBER, "trueValues": ["y"]}),
        resource({**NUMBER, "falseValues": ["n"]}),
        resource({**NUMBER, "format": "x"}),
        resource({**NUMBER, "delimiter": ";"}),
        resource({**NUMBER, "name": "m"}),
        resource(NUMBER, {"name": "m", "type": "string"}),
    ],
)
def test_what_makes_other_values_is_another_reading(other: Resource) -> None:
    assert reading(other) != reading(PLAIN)


@pytest.mark.parametrize(
    "other",
    [
        resource(title="Counts", civicat={"submission": "append"}),
        resource(path="data/Counts.CSV"),
        resource(format="csv", encoding="UTF-8"),
        resource(encoding="utf8", dialect={}),
        resource(missing=[""]),
        resource(missing=[{"value": "", "label": "none"}]),
        resource({**NUMBER, "format": "default", "decimalChar": ".", "bareNumber": True, "example": "1"}),
        resource({**NUMBER, "constraints": {"minimum": 1}, "civicat": {"unit": "m", "scale": 2}}),
    ],
)
def test_words_and_rules_and_what_holds_anyway_are_none(other: Resource) -> None:
    assert reading(other) == reading(PLAIN)


def test_missing_values_of_a_field_count_before_those_of_the_schema_in_any_order() -> None:
    own = resource({**NUMBER, "missingValues": ["-", "NA"]}, missing=["x"])
    assert reading(own) == reading(resource(missing=["NA", "-"]))


def test_a_renamed_column_is_read_as_before() -> None:
    renamed = resource({**NUMBER, "name": "m", "civicat": {"renamed": "n"}})
    assert reading(renamed) != reading(PLAIN)
    assert readings(renamed) == {reading(renamed), reading(PLAIN)}
    assert readings(PLAIN) == {reading(PLAIN)}


def test_a_release_keeps_it_or_does_not() -> None:
    assert kept_reading(resource(civicat={"read": "00ff"})) == "00ff"
    assert kept_reading(PLAIN) == ""

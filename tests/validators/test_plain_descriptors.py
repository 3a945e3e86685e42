"""Of a plain descriptor frictionless says nothing: each example in it is a value of its column's type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import fuzzing_plain
import pytest

from civicat.validators.engine.plain import is_plain


def package(**field: object) -> Mapping[str, Any]:
    return {"resources": [{"name": "a", "path": "a.csv", "schema": {"fields": [{"name": "a", **field}]}}]}


@pytest.mark.parametrize(
    ("kind", "example"),
    [
        ("string", "名 1"),
        ("string", ""),
        ("integer", "-12"),
        ("integer", "007"),
        ("number", "-1.50"),
        ("date", "2024-02-29"),
        ("datetime", "2026-11-23T08:00:00Z"),
        ("datetime", "2026-11-23T08:00:00"),
        ("boolean", "true"),
        ("boolean", "false"),
        ("year", "2026"),
    ],
)
def test_a_column_with_an_example_of_its_type_is_plain(kind: str, example: str) -> None:
    descriptor = package(type=kind, example=example)

    assert is_plain(descriptor)
    assert fuzzing_plain.complaints(descriptor) == []


@pytest.mark.parametrize(
    ("kind", "example"),
    [
        ("integer", "1.5"),
        ("integer", "a"),
        ("number", "1,5"),
        ("date", "2023-02-29"),
        ("date", "1/5/2021"),
        ("datetime", "2026-11-23"),
        ("datetime", "2026-11-31T08:00:00Z"),
        ("boolean", "yes"),
        ("year", "26"),
    ],
)
def test_an_example_that_frictionless_refuses_is_left_to_it(kind: str, example: str) -> None:
    descriptor = package(type=kind, example=example)

    assert not is_plain(descriptor)
    assert len(fuzzing_plain.complaints(descriptor)) == 1


def test_every_odd_example_that_is_plain_is_one_that_frictionless_takes() -> None:
    odd = [package(type=kind, example=one) for kind in fuzzing_plain.TYPES for one in fuzzing_plain.EXAMPLES]

    assert [fuzzing_plain.complaints(one) for one in odd if is_plain(one)] == [[]] * sum(map(is_plain, odd))


@pytest.mark.parametrize("example", [1, True, None, ["a"]])
def test_an_example_that_is_no_text_is_not_plain(example: object) -> None:
    assert not is_plain(package(type="string", example=example))

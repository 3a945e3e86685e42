"""No kernel ever takes a cell that frictionless does not, nor reads another value: random fields, random cells."""

from __future__ import annotations

import os
import time
from itertools import count

import pytest
from fuzzing_cells import TYPES, Count, compare_at_random, compare_objects, compare_texts

_SECONDS = float(os.environ.get("CIVICAT_FUZZ_SECONDS", "8"))


def test_kernels_and_frictionless_agree_about_random_cells() -> None:
    begun = time.monotonic()
    total = Count()
    for seed in count(int(begun) if "CIVICAT_FUZZ_SECONDS" in os.environ else 0):
        try:
            total += compare_at_random(seed)
        except AssertionError as error:
            pytest.fail(f"compare_at_random({seed}): {error}")
        if time.monotonic() - begun > _SECONDS:
            break
    if "CIVICAT_FUZZ_SECONDS" in os.environ:
        print(f"\n{total.cells} cells, {total.refused} refused, {total.doubted} doubted in vain")  # noqa: T201 (a long run)
    assert total.cells > 1000
    assert total.refused < total.cells


# Each was once taken, read differently or crashed on, by a kernel or by the first sketch of one.
@pytest.mark.parametrize(
    ("descriptor", "missing", "cells"),
    [
        ({"type": "integer"}, [""], ["0x1F", "1_000", "１２", "+5", " 5", "--5", "9223372036854775808"]),
        ({"type": "number"}, [""], ["1e-99999999999999999999", "1e400", "nan", "inf", "0x10", "-1e-400"]),
        ({"type": "number", "constraints": {"minimum": 100}}, [""], ["99.99999999999999999", "100", "100.000"]),
        ({"type": "number", "bareNumber": False}, [""], [".5", "5.", "-.5", "￥5", "５5", "12%"]),
        ({"type": "number", "civicat": {"scale": 2}}, [""], ["1.005", "1.50", "1" * 37, "1.500", ".5", "1e2"]),
        ({"type": "date"}, [""], ["-001-01-01", "0000-01-01", "2021-1-5", "2021-02-29", " 2021-01-05"]),
        ({"type": "datetime"}, [""], ["2021-01-05T10:00+08:00", "2021-01-05T10:00:00+08:00", "2021-01-05T10:00Z"]),
        ({"type": "datetime"}, [""], ["2021-01-05 10:00:00", "2021-01-05T10:00:00Z", "2021-01-05T24:00:00"]),
        ({"type": "datetime"}, [""], ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"]),
        ({"type": "datetime", "format": "%Y-%m-%dT%H:%M:%SZ"}, [""], ["2024-06-15t10:25:22z", "2024-06-15T10:25:22Z"]),
        ({"type": "time"}, [""], ["24:00:00", "10:00", "10:00:00Z", "10:00:00.5", "10:00:60"]),
        ({"type": "string", "constraints": {"pattern": "a|b"}}, [""], ["axx", "xb", "b", "b\n", "ab"]),
        ({"type": "string", "constraints": {"pattern": r"\d+"}}, [""], ["٣", "12", "12\n", "x"]),
        ({"type": "year"}, [""], ["-001", "+202", " 202", "2_02", "２０２１", "10000"]),
        ({"type": "integer", "constraints": {"required": True}}, ["-999", ""], ["-999", "", "5", "-0999"]),
        ({"type": "boolean"}, ["-"], ["", "-", "tRue", " true", "1"]),
    ],
)
def test_cells_that_were_once_read_wrongly(descriptor: dict[str, object], missing: list[str], cells: list[str]) -> None:
    compared = compare_texts({"name": "a", **descriptor}, missing, [cells, cells[::-1], *([one] for one in cells)])
    assert compared.doubted == 0


@pytest.mark.parametrize("kind", TYPES)
def test_a_column_without_a_cell_and_one_without_a_value_are_read(kind: str) -> None:
    compared = compare_texts({"name": "a", "type": kind}, [""], [[], ["", ""], []])
    compared += compare_objects({"name": "a", "type": kind}, [""], [[], [None, None, ""], []])
    assert compared.refused == 0

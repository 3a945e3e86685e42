"""What kernels read, what they leave to frictionless, and that a clean column never has them load it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from fuzzing_cells import TYPES, field_of, reader_of

from civicat.validators.engine.kernels import kernel_for
from civicat.validators.engine.kernels.kernel import CellReader, Judged, Kernel


def _never() -> CellReader:
    pytest.fail("frictionless was loaded for a column that is plain to read")


def _kernel(kind: str, *, missing: Sequence[str] = ("",), from_workbook: bool = False, **more: object) -> Kernel:
    """A kernel that fails the test when it turns to frictionless."""
    descriptor = {"name": "a", "type": kind, **more}
    return kernel_for(field_of(descriptor), missing, _never, from_workbook=from_workbook, written=descriptor)


def _asking(kind: str, *, missing: Sequence[str] = ("",), **more: object) -> Kernel:
    """A kernel that may turn to frictionless."""
    descriptor = {"name": "a", "type": kind, **more}
    reader = reader_of(descriptor, missing)
    return kernel_for(field_of(descriptor), missing, lambda: reader, from_workbook=False, written=descriptor)


def _texts(*cells: str) -> pa.Array[Any]:
    return pa.array(cells, pa.string())


def _unsure(judged: Judged) -> list[bool]:
    return [False] * len(judged.values) if judged.unsure is None else judged.unsure.tolist()


@pytest.mark.parametrize(
    ("kind", "more", "cells", "values"),
    [
        ("integer", {"constraints": {"minimum": 1, "exclusiveMaximum": 10}}, ["1", "", "009"], [1, None, 9]),
        ("integer", {}, [" 5", "+5", "-5"], [5, 5, -5]),
        ("number", {"constraints": {"minimum": 0, "maximum": 100}}, ["0", "100.00", "", ".5"], [0.0, 100.0, None, 0.5]),
        ("number", {"civicat": {"scale": 2}}, ["1.5", "", "-0.25"], [Decimal("1.50"), None, Decimal("-0.25")]),
        ("number", {"decimalChar": ",", "groupChar": "."}, ["1.234,5", "", "-7"], [1234.5, None, -7.0]),
        ("number", {"groupChar": " "}, ["1 234.5", "9"], [1234.5, 9.0]),
        ("boolean", {}, ["true", "0", "", "FALSE"], [True, False, None, False]),
        ("boolean", {"trueValues": ["是"], "falseValues": ["否"]}, ["是", "否", ""], [True, False, None]),
        ("date", {}, ["2020-02-29", "", "0001-01-01"], [dt.date(2020, 2, 29), None, dt.date(1, 1, 1)]),
        ("date", {"format": "%d/%m/%Y"}, ["29/02/2020", ""], [dt.date(2020, 2, 29), None]),
        ("date", {"format": "%Y%m%d"}, ["20201231", "19000228"], [dt.date(2020, 12, 31), dt.date(1900, 2, 28)]),
        ("date", {"format": "%Y年%m月%d日"}, ["2020年12月31日"], [dt.date(2020, 12, 31)]),
        ("time", {}, ["10:25:22", "", "00:00:00"], [dt.time(10, 25, 22), None, dt.time()]),
        ("year", {"constraints": {"minimum": 1990}}, ["2021", ""], [2021, None]),
        ("geopoint", {}, ["116.4, 39.9", "", "-180,90.0"], ["116.4, 39.9", None, "-180,90.0"]),
        ("string", {"constraints": {"minLength": 2, "maxLength": 3}}, ["一二", "", "abc"], ["一二", None, "abc"]),
        ("string", {"constraints": {"enum": ["甲", "乙"]}}, ["甲", "", "乙"], ["甲", None, "乙"]),
        ("string", {"constraints": {"pattern": r"D\d{3}"}}, ["D123", "", "D000"], ["D123", None, "D000"]),
        (
            "string",
            {"format": "uuid"},
            ["2bc1c94f-0deb-43e9-92a1-4775189ec9f8"],
            ["2bc1c94f-0deb-43e9-92a1-4775189ec9f8"],
        ),
        ("string", {"format": "email"}, ["a.b@example.org", ""], ["a.b@example.org", None]),
        ("any", {}, ["x", ""], ["x", None]),
    ],
)
def test_a_clean_column_is_read_without_frictionless(
    kind: str, more: dict[str, Any], cells: list[str], values: list[object]
) -> None:
    judged = _kernel(kind, **more).from_text(_texts(*cells))
    assert judged.unsure is None
    assert judged.values.to_pylist() == values
    assert judged.missing.tolist() == [value is None for value in values]


@pytest.mark.parametrize(
    ("kind", "more", "cells", "wrong"),
    [
        ("integer", {"constraints": {"minimum": 1}}, ["0", "1", "x"], [True, False, True]),
        ("number", {"constraints": {"exclusiveMaximum": 100}}, ["100", "99.99", "100.0"], [True, False, True]),
        ("number", {"civicat": {"scale": 2}}, ["1.005", "1.00", "NaN"], [True, False, True]),
        ("number", {"civicat": {"scale": 2}, "constraints": {"maximum": 1.5}}, ["1.51", "1.50"], [True, False]),
        ("boolean", {}, ["yes", "1"], [True, False]),
        ("date", {"constraints": {"maximum": "2030-12-31"}}, ["2031-01-01", "2030-12-31", "x"], [True, False, True]),
        ("time", {"constraints": {"minimum": "10:00:00"}}, ["09:59:59", "10:00:00"], [True, False]),
        ("year", {"constraints": {"maximum": 2030}}, ["2031", "2030", "30"], [True, False, True]),
        ("string", {"constraints": {"maxLength": 2}}, ["一二三", "一二"], [True, False]),
        ("string", {"constraints": {"required": True}}, ["", "x"], [True, False]),
        ("string", {"constraints": {"enum": ["甲"]}}, ["乙", "甲"], [True, False]),
        ("geopoint", {}, ["181,0", "180,0"], [True, False]),
        ("object", {"constraints": {"minLength": 1}}, ["{}", '{"a": 1}'], [True, False]),
        ("list", {"itemType": "integer"}, ["1,x", "1,2"], [True, False]),
    ],
)
def test_what_breaks_a_rule_is_unsure_and_has_no_value(
    kind: str, more: dict[str, Any], cells: list[str], wrong: list[bool]
) -> None:
    judged = _asking(kind, **more).from_text(_texts(*cells))
    assert _unsure(judged) == wrong
    assert [value is None for value in judged.values.to_pylist()] == wrong


def test_what_is_odd_but_right_is_read_by_frictionless() -> None:
    judged = _asking("integer").from_text(_texts("1_000", "１２", "x", "7"))
    assert judged.values.to_pylist() == [1000, 12, None, 7]
    assert _unsure(judged) == [False, False, True, False]


def test_missing_values_are_those_that_are_told_and_no_others() -> None:
    judged = _kernel("integer", missing=("-", "NA", "-999")).from_text(_texts("-", "5", "NA", "-999"))
    assert judged.missing.tolist() == [True, False, True, True]
    assert judged.values.to_pylist() == [None, 5, None, None]
    assert _unsure(_asking("integer", missing=("-",)).from_text(_texts("", "-"))) == [True, False]
    assert _asking("string", missing=()).from_text(_texts("")).values.to_pylist() == [""]


def test_without_the_descriptor_numbers_and_booleans_are_left_to_frictionless() -> None:
    descriptor = {"name": "a", "type": "number", "decimalChar": ","}
    reader = reader_of(descriptor, [""])
    kernel = kernel_for(field_of(descriptor), [""], lambda: reader, from_workbook=False)
    judged = kernel.from_text(_texts("1,5", "1.5"))
    assert judged.values.to_pylist() == [1.5, None]
    assert kernel.wanted is None


@pytest.mark.parametrize(
    ("kind", "more", "wanted"),
    [
        ("integer", {}, pa.int64()),
        ("number", {"civicat": {"scale": 2}}, pa.decimal128(38, 2)),
        ("number", {}, None),  # 1e-99999999999999999999 would be 0, and frictionless does not read it
        ("number", {"civicat": {"scale": 2}, "decimalChar": ","}, None),
        ("boolean", {}, None),  # blanks around a word would pass
        ("date", {}, None),  # likewise
        ("datetime", {}, None),  # a moment without seconds would pass
        ("string", {}, None),
    ],
)
def test_the_tokenizer_may_convert_what_it_reads_as_frictionless_does(
    kind: str, more: dict[str, Any], wanted: pa.DataType | None
) -> None:
    assert _kernel(kind, **more).wanted == wanted
    assert _kernel(kind, missing=("", "0"), **more).wanted is None


def test_a_converted_column_is_checked_and_its_empty_cells_are_missing() -> None:
    kernel = _kernel("integer", constraints={"minimum": 1, "required": True})
    judged = kernel.from_read(pa.array([5, 0, None], pa.int64()))
    assert judged.values.to_pylist() == [5, None, None]
    assert judged.missing.tolist() == [False, False, True]
    assert _unsure(judged) == [False, True, True]


@pytest.mark.parametrize(
    ("first", "other", "final"),
    [
        ("2024-06-15T10:25:22Z", "2024-06-15T10:25:22", pa.timestamp("us", "UTC")),
        ("2024-06-15T10:25:22", "2024-06-15T10:25:22+08:00", pa.timestamp("us")),
    ],
)
def test_the_first_moment_says_whether_a_column_carries_offsets(first: str, other: str, final: pa.DataType) -> None:
    kernel = _asking("datetime")
    assert _unsure(kernel.from_text(_texts("", "x", first, other))) == [False, True, False, True]
    assert kernel.column.final == final
    assert _unsure(kernel.from_text(_texts(other, first))) == [True, False]


def test_moments_with_offsets_are_kept_in_utc() -> None:
    judged = _kernel("datetime").from_text(_texts("2024-06-15T08:00:00+08:00", "2024-06-15 00:00:01.5Z"))
    assert judged.values.to_pylist() == [dt.datetime(2024, 6, 15), dt.datetime(2024, 6, 15, 0, 0, 1, 500_000)]  # noqa: DTZ001 (as they are stored)


@pytest.mark.parametrize(("number", "digits"), [("9" * 16 + ".00", 18), ("9" * 17 + ".00", 38), ("-1" + "0" * 16, 38)])
def test_the_column_is_as_wide_as_its_longest_decimal(number: str, digits: int) -> None:
    kernel = _kernel("number", civicat={"scale": 2})
    assert kernel.from_text(_texts("1.50", number)).unsure is None
    assert kernel.column.final == pa.decimal128(digits, 2)


_NOON = dt.datetime(2021, 1, 5, 12)  # noqa: DTZ001 (workbooks know no offsets)
_MIDNIGHT = _NOON.replace(hour=0)


@pytest.mark.parametrize(
    ("kind", "more", "cells", "values"),
    [
        ("integer", {}, [1, None, 2.0, "3", ""], [1, None, 2, 3, None]),
        ("number", {}, [1, 2.5, None, "3.5"], [1.0, 2.5, None, 3.5]),
        ("number", {"civicat": {"scale": 2}}, [1, 2.5, None, "3.5"], ["1.00", "2.50", None, "3.50"]),
        ("boolean", {}, [True, None, "false"], [True, None, False]),
        (
            "date",
            {},
            [_MIDNIGHT, None, _MIDNIGHT.date(), "2021-01-06"],
            ["2021-01-05", None, "2021-01-05", "2021-01-06"],
        ),
        ("datetime", {}, [_NOON, None, "2021-01-05T12:00:00"], [_NOON, None, _NOON]),
        ("time", {}, [dt.time(10), None, "10:00:00"], [dt.time(10), None, dt.time(10)]),
        ("year", {}, [2021, None, "2022"], [2021, None, 2022]),
        ("string", {}, ["x", None, ""], ["x", None, None]),
    ],
)
def test_cells_of_a_workbook_are_read_by_their_types(
    kind: str, more: dict[str, Any], cells: list[object], values: list[object]
) -> None:
    judged = _kernel(kind, from_workbook=True, **more).from_objects(cells)
    assert judged.unsure is None
    assert [str(value) for value in judged.values.to_pylist()] == [str(value) for value in values]
    assert judged.missing.tolist() == [value is None for value in values]


@pytest.mark.parametrize(
    ("kind", "cells", "wrong"),
    [
        ("integer", [1.5, True, 2**63, 1], [True, True, True, False]),
        ("number", [float("inf"), True, 1.5], [True, True, False]),
        ("date", [_NOON, _MIDNIGHT, _MIDNIGHT.replace(tzinfo=dt.UTC)], [True, False, False]),
        ("string", [1, 1.5, "x"], [True, True, False]),
        ("year", [2021, 10_000, True, 2021.0], [False, True, True, True]),
        ("boolean", [1, True], [True, False]),
        ("array", [[1, 2], {"a": 1}, "[1]"], [False, True, False]),
    ],
)
def test_cells_of_a_workbook_that_frictionless_refuses_are_unsure(
    kind: str, cells: list[object], wrong: list[bool]
) -> None:
    assert _unsure(_asking(kind).from_objects(cells)) == wrong


def test_reading_a_list_does_not_change_the_cell() -> None:
    cell: list[object] = ["1", "2"]
    judged = _asking("array", arrayItem={"type": "integer"}).from_objects([cell])
    assert judged.values.to_pylist() == ["[1,2]"]
    assert cell == ["1", "2"]


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_has_a_kernel_of_its_column(kind: str) -> None:
    kernel = _kernel(kind)
    assert kernel.stored == kernel.column.stored
    assert kernel.from_text(_texts()).values.type == kernel.stored

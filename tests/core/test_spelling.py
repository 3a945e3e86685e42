"""How values are spelled, at the ends of what each kind holds."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from civicat.spelling import spelled


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.000001, "0.000001"),
        (0.00000123, "0.00000123"),
        (0.00001, "0.00001"),
        (0.000099999, "0.000099999"),
        (0.0001, "0.0001"),
        (0.0000009999999, "9.999999e-07"),
        (1e-7, "1e-07"),
        (-5e-324, "-5e-324"),
        (123456789012.5, "123456789012.5"),
        (1e15, "1000000000000000"),
        (9999999999999998.0, "9999999999999998"),
        (1e16, "1e+16"),
        (1.5e16, "1.5e+16"),
        (0.1, "0.1"),
        (-0.0, "-0"),
    ],
)
def test_a_floating_number_is_as_short_as_it_reads_back(number: float, text: str) -> None:
    alone, among = spelled(pa.array([number])), spelled(pa.array([1e300, number, 0.5]))
    assert (alone.to_pylist(), among[1].as_py()) == ([text], text)
    assert float(text) == number


def _micros(year: int, *, last: bool) -> int:
    """The last microsecond of a year, or the first one of the year after."""
    days = (dt.date(year, 12, 31) - dt.date(1970, 1, 1)).days + 1
    return days * 86_400_000_000 - last


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (_micros(9999, last=True), "9999-12-31T23:59:59.999999Z"),
        (_micros(9999, last=False), "10000-01-01T00:00:00Z"),
        (_micros(9999, last=False) + 28_799_000_000, "10000-01-01T07:59:59Z"),
        ((dt.date.min - dt.date(1970, 1, 1)).days * 86_400_000_000, "0001-01-01T00:00:00Z"),
        (-62_167_219_200_000_000, "0000-01-01T00:00:00Z"),
        (-62_167_219_200_000_001, "-0001-12-31T23:59:59.999999Z"),
    ],
)
def test_a_moment_of_any_year_is_a_whole_one(micros: int, text: str) -> None:
    column = pa.array([micros, None, 0], pa.int64()).view(pa.timestamp("us", "UTC"))
    assert spelled(column).to_pylist()[:2] == [text, None]
    assert spelled(column)[2].as_py().removesuffix("Z").rstrip("0").rstrip(".") == "1970-01-01T00:00:"
    assert spelled(column.view(pa.timestamp("us")))[0].as_py() == text.removesuffix("Z")


def test_no_moments_are_none() -> None:
    assert spelled(pa.array([None], pa.timestamp("us"))).to_pylist() == [None]
    assert spelled(pa.array([], pa.timestamp("us", "UTC"))).to_pylist() == []

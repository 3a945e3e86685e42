"""What the bars of a histogram stand for: the last day that is named is one of the data, and a bar says its width."""

from __future__ import annotations

from itertools import pairwise

import pytest

from civicat.publish.kit.figures import Bar
from civicat.publish.kit.pictures import histogram_chart
from civicat.publish.kit.spans import ends, interval, width


def bars(*edges: str) -> list[Bar]:
    return [Bar(start, 1, end) for start, end in pairwise(edges)]


@pytest.mark.parametrize(
    ("edges", "least", "most", "shown"),
    [
        (("2020-03-02", "2020-03-03", "2020-03-05"), "2020-03-02", "2020-03-04", ("2020-03-02", "2020-03-04")),
        (("2020-02-01", "2020-03-01", "2020-04-01"), "2020-02-24", "2020-03-04", ("2020-02-24", "2020-03-04")),
        (("2020-02-01", "2020-03-01", "2020-04-01"), "", "", ("2020-02-01", "2020-03-31")),
        (
            ("2020-03-01T00:00:00Z", "2020-03-03T00:00:00Z", "2020-03-05T00:00:00Z"),
            *("2020-03-01T04:00:00Z", "2020-03-04T23:59:59Z"),
            ("2020-03-01", "2020-03-04"),
        ),
        (
            ("2020-03-01T12:00:00Z", "2020-03-02T00:00:00Z", "2020-03-02T12:00:00Z"),
            *("", ""),
            ("2020-03-01", "2020-03-02"),
        ),
        (
            ("2020-03-01T00:00:00Z", "2020-03-01T12:00:00Z", "2020-03-02T00:00:00Z"),
            *("2020-03-01T04:00:00Z", "2020-03-01T23:59:59Z"),
            ("2020-03-01T00:00:00Z", "2020-03-02T00:00:00Z"),
        ),
        (("0", "20", "40"), "3", "39", ("0", "40")),
        (("12000-01-01", "12000-01-02", "12000-01-03"), "", "", ("12000-01-01", "12000-01-03")),
        (("2020-13-01", "2020-13-02", "2020-13-03"), "", "", ("2020-13-01", "2020-13-03")),
    ],
)
def test_where_bars_begin_and_end(edges: tuple[str, ...], least: str, most: str, shown: tuple[str, str]) -> None:
    assert ends(bars(*edges), least, most) == shown


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("2020-03-04", "2020-03-05", ("2020-03-04", "2020-03-04")),
        ("2020-03-02", "2020-03-09", ("2020-03-02", "2020-03-08")),
        ("2020-03-04T00:00:00Z", "2020-03-04T06:00:00Z", ("2020-03-04T00:00:00Z", "2020-03-04T06:00:00Z")),
        ("0", "20", ("0", "20")),
    ],
)
def test_where_one_bar_begins_and_ends(start: str, end: str, shown: tuple[str, str]) -> None:
    assert interval(Bar(start, 1, end)) == shown


@pytest.mark.parametrize(
    ("start", "end", "unit", "zh", "en"),
    [
        ("2020-03-04", "2020-03-05", "", "1 天", "1 day"),
        ("2020-03-04", "2020-03-06", "", "2 天", "2 days"),
        ("2020-03-02", "2020-03-09", "", "1 周", "1 week"),
        ("2020-02-01", "2020-03-01", "", "1 个月", "1 month"),
        ("2020-01-01", "2020-04-01", "", "3 个月", "3 months"),
        ("2020-01-01", "2021-01-01", "", "1 年", "1 year"),
        ("1990-01-01", "2000-01-01", "", "10 年", "10 years"),
        ("2020-03-01T00:00:00Z", "2020-03-01T06:00:00Z", "", "6 小时", "6 hours"),
        ("2020-03-01T00:00:00Z", "2020-03-02T00:00:00Z", "", "1 天", "1 day"),
        ("2020-03-01T00:00:00Z", "2020-03-01T00:00:00.500000Z", "", "0.5 秒", "0.5 seconds"),
        ("0", "20", "km", "20 km", "20 km"),
        ("-0.5", "0", "", "0.5", "0.5"),
        ("1E+3", "3000", "", "2,000", "2,000"),
        ("12:00:00", "13:00:00", "", "", ""),
    ],
)
def test_how_wide_a_bar_is(start: str, end: str, unit: str, zh: str, en: str) -> None:
    found = width(Bar(start, 1, end), unit)

    assert (found.zh, found.en) == (zh, en)


def test_the_axis_of_a_chart_ends_with_the_data() -> None:
    drawn = histogram_chart(
        bars("2020-03-02", "2020-03-03", "2020-03-04", "2020-03-05"), "x", "2020-03-02", "2020-03-04"
    )

    assert ">2020-03-04</text>" in drawn
    assert "2020-03-05" not in drawn

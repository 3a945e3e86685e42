"""Round numbers for axes and classes."""

from __future__ import annotations

import pytest

from civicat.catalog.charts.scales import class_of, classes, inside, step, ticks, widest_gap
from civicat.catalog.charts.spelled import fitted, moment, number, short, width


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 100, (0, 20, 40, 60, 80, 100)), (-0.48, 1.17, (-0.5, 0, 0.5, 1.0, 1.5)), (0, 0, (0, 1)), (3, 3, (3, 4))],
)
def test_ticks_are_round_and_hold_the_whole_span(low: float, high: float, expected: tuple[float, ...]) -> None:
    assert ticks(low, high) == expected


def test_a_step_is_one_two_or_five_times_a_power_of_ten() -> None:
    assert [step(span, 20) for span in (100, 41, 39, 0.7)] == [5, 5, 2, 0.05]
    assert step(0, 20) == step(float("inf"), 20) == 1
    assert inside(0.3, 2.1, 4) == (0.5, 1, 1.5, 2)


def test_classes_are_even_where_values_are_spread_and_by_rank_where_they_crowd() -> None:
    assert classes(list(range(101))) == (0, 20, 40, 60, 80, 100)
    crowded = classes([*(place / 10 for place in range(100)), 1_000_000.0])
    assert crowded[0] == 0
    assert crowded[-1] == 1_000_000
    assert classes([7, 7]) == (7, 7)
    assert classes([]) == ()


def test_a_class_has_its_lower_bound_and_the_last_has_both() -> None:
    bounds = (0, 20, 40)
    assert [class_of(value, bounds) for value in (0, 19.9, 20, 40)] == [0, 0, 1, 1]


def test_a_map_across_the_date_line_is_cut_open_where_it_is_empty() -> None:
    assert widest_gap([170, 175, -175, -170]) == 0 - 360
    assert widest_gap([-10, 30]) == -180
    assert widest_gap([-179, -60, 0, 60, 120, 179]) == -180
    assert widest_gap([]) == -180


def test_numbers_have_groups_a_true_minus_and_no_idle_zeros() -> None:
    assert [number(one) for one in (1234567.0, -0.17, 6.4, 0.0, 1234.5678, -0.0)] == [
        *("1,234,567", "−0.17", "6.4", "0", "1,235", "0")
    ]
    assert number(0.5, 2) == "0.50"
    assert number(None) == ""
    assert [short(2_500_000, "en"), short(2_500_000, "zh"), short(-20_000, "zh"), short(0.05, "en")] == [
        *("2.5mn", "250万", "−2万", "0.05")
    ]


def test_periods_are_written_as_each_language_does() -> None:
    assert [moment("2018-02-07", grain, "en") for grain in ("day", "month")] == ["7 February 2018", "February 2018"]
    assert [moment("2018-02-07", grain, "zh") for grain in ("day", "month")] == ["2018年2月7日", "2018年2月"]
    assert moment("2018-02-07T12:30:00Z", "second", "en") == "7 February 2018 12:30"
    assert moment("TQ", "day", "en") == "TQ"


def test_words_are_cut_to_their_room_and_that_shows() -> None:
    assert fitted("Department of the Treasury", 13, 60).endswith("…")
    assert fitted("县级", 13, 60) == "县级"
    assert width("县级", 13) == 26

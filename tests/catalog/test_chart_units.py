"""Units beside figures and on axes."""

from __future__ import annotations

import pytest

from civicat.catalog.charts.units import can_be_added, is_clock, measured, with_unit


@pytest.mark.parametrize(
    ("unit", "english", "chinese"),
    [
        ("M", "magnitude\u202f6.4", "震级\u202f6.4"),
        ("Mw", "magnitude\u202f6.4 (Mw)", "震级\u202f6.4（Mw）"),
        ("km", "6.4\u202fkm", "6.4\u202fkm"),
        ("%", "6.4%", "6.4%"),
        ("1e-5", "6.4\u202fper 100,000", "每十万\u202f6.4"),
        ("", "6.4", "6.4"),
        ("furlong", "6.4\u202ffurlong", "6.4\u202ffurlong"),
    ],
)
def test_a_figure_stands_with_its_unit_as_it_is_said(unit: str, english: str, chinese: str) -> None:
    assert (measured("6.4", unit, "en"), measured("6.4", unit, "zh")) == (english, chinese)


def test_an_axis_explains_its_unit_and_says_no_word_twice() -> None:
    assert with_unit("Depth", "km", "en") == "Depth (km, kilometres)"
    assert with_unit("深度", "km", "zh") == "深度（km，千米）"
    assert with_unit("Magnitude", "M", "en") == "Magnitude"
    assert with_unit("震级", "M", "zh") == "震级"
    assert with_unit("Murder", "1e-5", "en") == "Murder (per 100,000)"
    assert with_unit("Kind", "", "en") == "Kind"


def test_levels_and_rates_are_not_added_up_and_the_clock_is_no_amount() -> None:
    assert all(map(can_be_added, ("USD", "km", "min", "kg", "")))
    assert not any(map(can_be_added, ("%", "°C", "M", "km/h", "hPa", "hhmm", "1e-5")))
    assert is_clock("hhmm")
    assert not is_clock("h")

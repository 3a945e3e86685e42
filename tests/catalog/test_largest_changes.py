"""The largest changes are those that went furthest for the spread of their column."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from civicat.catalog.facts.largest_changes import SHOWN, largest, widths
from civicat.release import Release

WIDTHS = {"rate": Decimal("2.5"), "people": Decimal(100_000)}


def test_a_jump_is_told_by_how_often_it_is_as_wide_as_the_middle_half() -> None:
    cells = [(("CA",), "people", "500000", "501000"), (("AR",), "rate", "17.5", "99.0")]
    found = largest(cells, WIDTHS)
    assert [(one.key, one.column, str(one.times), one.is_spread) for one in found] == [
        (("AR",), "rate", "32.6", True),
        (("CA",), "people", "0.01", True),
    ]


def test_without_a_width_the_value_before_measures_and_what_is_no_number_does_not_count() -> None:
    found = largest([(("a",), "x", "4", "10"), (("b",), "x", "0", "10"), (("c",), "x", "", "10")], {})
    assert [(one.key, one.times, one.is_spread) for one in found] == [(("a",), Decimal("1.5"), False)]


def test_few_are_shown() -> None:
    assert len(largest([((str(n),), "rate", "1", str(n)) for n in range(2, 12)], WIDTHS)) == SHOWN


def test_widths_are_those_of_the_profile(make_release: Callable[..., Release]) -> None:
    quartiles = {"exact": True, "values": {"0.25": "10", "0.75": "30.5"}}
    columns = [{"name": "people", "quantiles": quartiles}, {"name": "name"}, {"name": "flat", "quantiles": 3}]
    release = make_release(documents={"profile.json": {"tables": [{"resource": "towns", "columns": columns}]}})
    assert widths(release, "towns") == {"people": Decimal("20.5")}
    assert widths(release, "other") == {}

"""Random packages, for some seconds: the whole report is frictionless', and the counts are those of its own list."""

from __future__ import annotations

import pytest
from fuzz import tried
from test_fuzz_structure import SECONDS

pytestmark = pytest.mark.filterwarnings("ignore")  # dateutil's, on time zones that it guesses at


@pytest.mark.parametrize("first", [0, 1_000_000, 2_000_000])
def test_any_rules_are_reported_as_frictionless_does(first: int) -> None:
    total = tried("packages", first, SECONDS)
    assert total.reports > 0
    assert total.errors > 0


def test_counting_all_counts_what_frictionless_would_list() -> None:
    assert tried("counts", 0, SECONDS).errors > 0


def test_frictionless_has_nothing_to_say_of_a_plain_descriptor() -> None:
    assert tried("descriptors", 0, SECONDS).reports > 0

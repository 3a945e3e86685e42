"""Random bytes near delimited text, for some seconds: the whole report is frictionless', in any dialect."""

from __future__ import annotations

import os

import pytest
from fuzz import tried

SECONDS = float(os.environ.get("CIVICAT_FUZZ_SECONDS", "3"))  # of each of the four
pytestmark = pytest.mark.filterwarnings("ignore")  # dateutil's, on time zones that it guesses at


@pytest.mark.parametrize("first", [0, 1_000_000, 2_000_000, 3_000_000])
def test_any_bytes_are_reported_as_frictionless_does(first: int) -> None:
    total = tried("bytes", first, SECONDS)
    assert total.reports > 0
    assert total.errors > 0

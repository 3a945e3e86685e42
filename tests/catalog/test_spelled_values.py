"""Values are written as readers of both languages write them."""

from __future__ import annotations

import pytest

from civicat.catalog.facts.spelled_values import spelled
from civicat.text import Text


@pytest.mark.parametrize(
    ("value", "kind", "zh", "en"),
    [
        ("2018-01-31", "date", "2018年1月31日", "31 January 2018"),
        ("2000-01", "date", "2000年1月", "January 2000"),
        ("2018-01-31T09:05:00Z", "datetime", "2018年1月31日 09:05 UTC", "31 January 2018, 09:05 UTC"),
        ("2018-01-31 09:05:07", "datetime", "2018年1月31日 09:05:07", "31 January 2018, 09:05:07"),
        ("true", "boolean", "是", "yes"),
        ("False", "boolean", "否", "no"),
        ("-1.5", "number", "−1.5", "−1.5"),
        ("-1.5", "string", "-1.5", "-1.5"),
        ("31/01/2018", "date", "31/01/2018", "31/01/2018"),
        ("2018", "year", "2018", "2018"),
        ("2012", "date", "2012", "2012"),
    ],
)
def test_a_value_is_written_in_both_languages(value: str, kind: str, zh: str, en: str) -> None:
    assert spelled(value, kind) == Text(zh, en)

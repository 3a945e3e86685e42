import pytest

from civicat.catalog.look.formats import date, number, roughly, size
from civicat.text import Language


@pytest.mark.parametrize(
    ("value", "language", "expected"),
    [
        (999_999, "en", "999,999"),
        (1_000_000, "en", "1 million"),
        (3_769_193, "en", "3.8 million"),
        (3_769_193, "zh", "376.9万"),
        (999_999, "zh", "999,999"),
    ],
)
def test_a_number_is_rounded_only_from_a_million(value: int, language: Language, expected: str) -> None:
    assert roughly(value, language) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0 B"), (999, "999 B"), (1_000, "1 kB"), (1_234_567, "1.2 MB"), (65_000, "65 kB"), (2_390_000_000, "2.4 GB")],
)
def test_sizes_are_decimal_with_at_most_one_decimal(value: int, expected: str) -> None:
    assert size(value, "en") == size(value, "zh") == expected


def test_dates_are_written_as_each_language_writes_them() -> None:
    assert date("2026-11-02T23:59:59Z", "en") == "2 November 2026"
    assert date("2026-11-02T23:59:59Z", "zh") == "2026年11月2日"
    assert date("", "en") == ""


def test_numbers_are_grouped() -> None:
    assert number(3769193, "en") == number(3769193, "zh") == "3,769,193"

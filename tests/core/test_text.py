"""A text in two languages: neither is a subtitle of the other."""

from __future__ import annotations

import pytest

from civicat.text import Language, Text


@pytest.mark.parametrize(
    ("text", "language", "words", "spoken"),
    [
        (Text("数", "count"), "zh", "数", "zh"),
        (Text("数", "count"), "en", "count", "en"),
        (Text("", "count"), "zh", "count", "en"),
        (Text("数", ""), "en", "数", "zh"),
        (Text(), "en", "", "en"),
    ],
)
def test_the_other_language_stands_in_and_says_so(text: Text, language: Language, words: str, spoken: str) -> None:
    assert (text.within(language), text.spoken(language)) == (words, spoken)


def test_what_is_blank_is_missing() -> None:
    assert Text("数", " ").missing() == ("en",)
    assert Text().missing() == ("zh", "en")
    assert Text("数", "count").missing() == ()


def test_a_text_is_there_as_soon_as_one_side_is() -> None:
    assert Text("数")
    assert not Text()

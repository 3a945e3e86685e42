from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicat.catalog.search.tokens import Kind, apart, fold, normal, pieces, tokens, words


@settings(deadline=None)  # the first example loads the tables
@given(st.text())
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_folding_keeps_every_offset_for_each_character_of_the_first_planes() -> None:
    every = "".join(map(chr, range(0x32400)))
    assert [char for char in every if len(fold(char)) != 1] == []


@settings(deadline=None)  # the first example loads the tables
@given(st.text())
def test_a_piece_stands_in_the_original_where_it_says(text: str) -> None:
    for piece in pieces(text):
        bare = "".join(char for char in fold(text[piece.start : piece.end]) if unicodedata.combining(char) == 0)
        assert piece.text == bare or piece.kind is Kind.WORD


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("臺灣圖書館", "台湾图书馆"),
        ("ＡＢＣ１２", "abc12"),
        ("Élan naïve ǒ", "elan naive o"),
        ("O’Brien", "o'brien"),
        ("ß ﬁ", "ß ﬁ"),
        ("\ud800", "\ud800"),
        ("𨧀", "𬭊"),
    ],
)
def test_folding(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("空气质量", ["空气", "气质", "质量", "量"]),
        ("空氣", ["空气", "气"]),
        ("水", ["水"]),
        ("水\n库", ["水", "库"]),
        ("Flights, schools", ["flight", "school"]),
        ("dep_delay", ["dep", "delay"]),
        ("PM2.5", ["pm", "2.5"]),
        ("COVID-19", ["covid", "19"]),
        ("U.S. states, the U.K.", ["us", "state", "the", "uk"]),
        ("plan B. A new one", ["plan", "b", "a", "new", "one"]),
        ("data.a.b.csv 1.5", ["data", "a", "b", "csv", "1.5"]),
        ("2015年人口", ["2015", "年人", "人口", "口"]),
        ("cafe\u0301 café", ["cafe", "cafe"]),
        ("the city's parks", ["the", "citi", "park"]),
        ("l'eau", ["l", "eau"]),
        ("𠮷野", ["𠮷野", "野"]),
        ("😀 \0 ()*:\"'", []),
        ("", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert list(tokens(text)) == expected


def test_words_are_kept_as_written_for_suggestions() -> None:
    assert words("Earthquakes of magnitude, 地震 PM2.5") == {"earthquakes", "magnitude"}


@pytest.mark.parametrize(
    ("name", "parted"), [("magType", "magType mag Type"), ("dep_delay", "dep_delay"), ("ID", "ID")]
)
def test_humps_are_set_apart(name: str, parted: str) -> None:
    assert apart(name) == parted


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("Flights from New York, 2013", "flight from new york 2013"),
        ("  the CITY’S “parks” ", "the citi park"),
        ("臺北市：空氣", "台北市 空气"),
        ("😀", ""),
    ],
)
def test_texts_that_are_written_alike_are_one(text: str, one: str) -> None:
    assert normal(text) == one

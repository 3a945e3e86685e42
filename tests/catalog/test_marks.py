from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicat.catalog.search.marks import Wanted, marked, snippet
from civicat.catalog.search.tokens import pieces


def wanted(query: str) -> Wanted:
    return Wanted.of(tuple(pieces(query)))


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("臺北空氣品質監測", "空气监测", "臺北<mark>空氣</mark>品質<mark>監測</mark>"),
        ("空气质量", "空氣質量", "<mark>空气质量</mark>"),
        ("水库与用水", "水", "<mark>水</mark>库与用<mark>水</mark>"),
        ("Flights of one flight.", "flight", "<mark>Flights</mark> of one <mark>flight</mark>."),
        ("ＦＬＩＧＨＴＳ", "flights", "<mark>ＦＬＩＧＨＴＳ</mark>"),
        ("dep_delay", "delay", "dep_<mark>delay</mark>"),
        ("Café, cafe\u0301", "cafe", "<mark>Café</mark>, <mark>cafe\u0301</mark>"),
        ("a < b & c", "b", "a &lt; <mark>b</mark> &amp; c"),
        ("none", "", "none"),
    ],
)
def test_marks(text: str, query: str, expected: str) -> None:
    assert marked(text, wanted(query)) == expected


@pytest.mark.parametrize("query", ["script", "alert", "1", "img", "lt", "amp", "mark", "<mark>"])
@pytest.mark.parametrize("text", ['<script>alert(1)</script>&lt;img src=x onerror="alert(1)">', "</mark><mark>'"])
def test_hostile_text_stays_text(text: str, query: str) -> None:
    found = marked(text, wanted(query))
    assert html.unescape(re.sub("</?mark>", "", found)) == text
    assert set(re.findall("<[^>]*>", found)) <= {"<mark>", "</mark>"}
    assert found.count("<mark>") == found.count("</mark>")


@settings(deadline=None)  # the first example loads the tables
@given(st.text(alphabet="水庫ab é<>&\"'1 ", max_size=400), st.text(alphabet="水库ab1 ", max_size=4))
def test_a_snippet_is_a_part_of_its_text(text: str, query: str) -> None:
    shown = snippet(text, wanted(query))
    part = html.unescape(re.sub("</?mark>", "", shown)).removeprefix("…").removesuffix("…")
    assert part in text
    assert len(part) <= 180


def test_a_long_text_is_cut_around_the_first_words_found() -> None:
    assert "<mark>空氣</mark>" in snippet("数据" * 300 + "空氣" + "统计" * 300, wanted("空气"))
    assert snippet("数据" * 300 + "空氣", wanted("空气")).endswith("<mark>空氣</mark>")


def test_a_cut_falls_between_words() -> None:
    shown = snippet("alphabet " * 60 + "found " + "alphabet " * 60, wanted("found"))
    assert {word.strip("…") for word in shown.split()} - {""} == {"alphabet", "<mark>found</mark>"}
    assert shown.startswith("…")
    assert shown.endswith("alphabet…")


def test_the_beginning_is_shown_where_nothing_was_found() -> None:
    assert snippet("word " * 100, wanted("zzz")).startswith("word word")


def test_words_in_the_tokens_of_a_column() -> None:
    column = " dep delay 出发 发延 延误 误 "
    assert wanted("delay").count(column) == 1
    assert wanted("delays 延误").count(column) == 2
    assert wanted("误").count(column) == wanted("延").count(column) == 1
    assert wanted("del 误点").count(column) == 0

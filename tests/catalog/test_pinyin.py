from __future__ import annotations

import time

import pytest

from civicat.catalog.search.pinyin import initials, readings, sort_key, sounds, spelled, syllables

KNOWN = frozenset({"xi", "an", "xian", "ren", "kou", "nu", "a", "na"})


def test_each_pair_is_spelled_in_its_context() -> None:
    assert list(sounds("重庆 census 人口")) == [("重庆", "chong", "qing"), ("人口", "ren", "kou")]


def test_a_character_without_a_sound_joins_no_pair() -> None:
    assert list(sounds("𠮷野")) == []


def test_u_umlaut_is_written_as_people_type_it() -> None:
    assert syllables("女") == ["nu"]
    assert readings("nvren", KNOWN) == readings("nuren", KNOWN) == [("nu", "ren")]


@pytest.mark.parametrize(
    ("word", "expected"),
    [("renkou", {("ren", "kou")}), ("xian", {("xi", "an"), ("xian",)}), ("population", set()), ("renk", set())],
)
def test_readings(word: str, expected: set[tuple[str, ...]]) -> None:
    assert set(readings(word, KNOWN)) == expected


def test_a_word_with_countless_readings_costs_no_time() -> None:
    before = time.process_time()
    assert len(readings("xian" * 50, KNOWN)) == 8
    assert readings("xian" * 50 + "z", KNOWN) == []
    assert time.process_time() - before < 0.5


def test_tokens_of_a_reading_and_of_initials() -> None:
    assert spelled(("kong", "qi", "zhi")) == ["_kongqi", "_qizhi"]
    assert initials("kqzl") == ["=kq", "=qz", "=zl"]
    assert initials("k") == initials("verylongword") == []


def test_titles_sort_by_sound() -> None:
    assert sorted(["重庆", "北京", "Air", "安徽"], key=sort_key) == ["Air", "安徽", "北京", "重庆"]

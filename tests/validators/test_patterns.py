"""Which patterns RE2 reads as Python does, and which of the others could keep Python busy for ever."""

from __future__ import annotations

import re
import time

import pyarrow as pa
import pytest

from civicat.validators.engine.backtracking import is_endless, runs_away
from civicat.validators.engine.patterns import matcher

_CODE = r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}|9[0-9A-HJ-NPQRTUWXY]{17}"
_TEXTS = [
    *("a", "b", "ab", "ba", "axx", "xb", "a\n", "b\n", "a\n\n", "\n", "", "5", "٣", "D123", "D１23", "D12", "D1234"),
    *("一二", "aaaa!", "x y", "x_y", "é", "🚲", "A-1-2", "A-", "90QUQD04MED19LCM7F", "9OQUQD04MED19LCM7F", "aa", "aab"),
]
_READ = [
    *(
        r"D\d{3}",
        "a|b",
        "^a$",
        "a|b|",
        _CODE,
        r"\w+",
        r"\W+",
        r"[^\d]+",
        r"[^\W\d]+",
        r"[一-龥]+",
        ".{2,40}",
        r"\S+\s?\S*",
    ),
    *(
        r"a\Z",
        "(a|ab)(c|b)?",
        r".*\n?",
        "[a-c]{2}|[^x]{3}",
        "",
        r"[\w-]{3}",
        r"a{2}$|^b",
        "a^b",
        "(?:a$|b)",
        "[é🚲]",
        r"a\.?",
    ),
    *("a+?b??", "(?P<x>a)b", r"\d", r"\D\d*", r"\s", r"(\d|x)\Z", "^^a$$", "a{0}b", "(|a)b"),
]


@pytest.mark.parametrize("pattern", _READ)
def test_a_pattern_that_re2_reads_matches_what_python_matches(pattern: str) -> None:
    found = matcher(pattern)
    assert found is not None
    assert found.exact
    wanted = [re.compile(f"^{pattern}$").match(text) is not None for text in _TEXTS]
    assert found.column(pa.array(_TEXTS)).tolist() == wanted
    assert [found.matches(text) for text in _TEXTS] == wanted


@pytest.mark.parametrize("text", _TEXTS)
def test_a_column_of_texts_of_one_width_is_looked_up_and_says_the_same(text: str) -> None:
    for pattern in _READ:
        found = matcher(pattern)
        assert found is not None
        wanted = re.compile(f"^{pattern}$").match(text) is not None
        assert found.column(pa.array([None, text, text])).tolist() == [False, wanted, wanted], pattern


@pytest.mark.parametrize(
    "pattern",
    [r"\bx", r"(a)\1", "(?=a)a", "(?<!a)b", "(?i:a)", "(?i)a", "[", "a$b", "a*+", "(?>a)", "a{1001}", "a(?#x"],
)
def test_what_means_something_else_in_re2_or_nothing_is_left_to_python(pattern: str) -> None:
    assert matcher(pattern) is None


def test_half_a_character_matches_nothing() -> None:
    found = matcher(".")
    assert found is not None
    assert not found.matches("\ud800")


@pytest.mark.parametrize(
    "pattern",
    [
        *("(a+)+$", "(a|a)+", "(a|aa)+", r"(?:\d{1,3})+x", "(.*)*", "(a*)*", r"(\d+)+x", r"(\w+\s?)*", "(-(a+)+)*"),
        *(r"\d*\d*\d*x", "x(y(b+){9})?", r"(?=(a+)+b)c", r"(?!(a|aa)+b)c", "(a|b|ab)*c", r"([a-z]+\.?)+@", r"(a+)+\1"),
    ],
)
def test_a_pattern_that_could_take_python_for_ever_runs_away(pattern: str) -> None:
    assert runs_away(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "a+",
            "[A-Z]+(-[0-9]+)*",
            r"(\d+,)*\d+",
            r"\d{2}(\d{2}){0,2}",
            r"(\d{3})+",
            "(ab|cd)+",
            r"([^;]+;)*",
            ".*x.*",
        ),
        *(r"(?=.*\d)(?=.*[a-z]).{8,}", r"(?!.*--)[a-z-]+", "([0-9]{8}){8}", r"(\d{1,3}\.){3}\d{1,3}", "(?>(a+))+", "["),
        *(_CODE, r"[1-9]\d{5}(18|19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx]", "(?i)(a+)+"),
    ],
)
def test_a_pattern_that_cuts_a_text_in_few_ways_does_not(pattern: str) -> None:
    assert not runs_away(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        *("(a?){40}", "(?:a?){30}a{30}", "a?" * 30 + "a" * 30, "(?:a?){25}a{25}", "(a|a){40}", "(|){40}x", "x(|){500}"),
        *("(ab)?" * 30 + "(ab){30}", "((a?){6}){6}", "(a?b?){20}", "(a{0,2}){9}", "(?:a?){12,}", "(a?){7}"),
        "|".join(f"w{one}" for one in range(20)) + "|c" + "a?" * 30,
    ],
)
def test_so_does_a_pattern_of_many_parts_that_may_be_there_or_not(pattern: str) -> None:
    assert runs_away(pattern)
    assert not is_endless(pattern)  # RE2 reads it as Python does
    assert is_endless(rf"(?=.){pattern}")


@pytest.mark.parametrize(
    "pattern",
    [
        *("a?b?c?", "(a?){6}", "a?" * 12, "(ab?){40}", "(a?){0,40}", "[0-9]{390}", "(a|a){13}"),
        *(r"(\d{1,3},){0,3}\d{1,3}", r"[+-]?\d*\.?\d+", r"\d{5}(-\d{4})?", r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"),
        *(r"\d{1,4}-?\d{1,4}-?\d{1,4}-?\d{1,9}", r"\+?(\d{1,3}[ -]?)?\(?\d{2,4}\)?[ -]?\d{3,4}[ -]?\d{3,4}"),
    ],
)
def test_a_pattern_of_few_such_parts_does_not(pattern: str) -> None:
    assert not runs_away(pattern)


def test_where_ways_are_too_many_begins_at_ten_thousand() -> None:
    assert not runs_away("(a|a){14}")  # 8,192 ways to its last character
    assert runs_away("(a|a){15}")


def test_what_re2_has_no_room_for_has_to_be_refused() -> None:
    assert matcher("((a?){100}){100}") is None
    assert is_endless("((a?){100}){100}")


def test_only_what_runs_away_and_is_not_for_re2_has_to_be_refused() -> None:
    assert not is_endless("(a+)+$")
    assert not is_endless(r"\S+@\S+\.\S+")
    assert is_endless(r"\b(a+)+$")
    assert not is_endless(r"\ba+$")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)+", "(a*)*b", r"(\w+\s?)*", r"a*a*a*a*x", "(a?){40}"])
def test_the_cell_that_would_keep_python_busy_is_judged_at_once(pattern: str) -> None:
    found = matcher(pattern)
    assert found is not None
    begun = time.monotonic()
    assert not found.matches("a" * 50_000 + "!")
    assert time.monotonic() - begun < 5

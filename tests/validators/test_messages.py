"""The catalogue of words: every code that can be raised has them, in both languages, and they say what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from frictionless import Error

from civicat.text import Text
from civicat.validators import house
from civicat.validators.messages import CAUSES, LONGEST_QUOTE, catalogue, quoted, say

SOURCES = Path(house.__file__).parent
# Only groups of errors: none is ever raised. (`error` itself is, where a part of frictionless is not installed.)
ABSTRACT = {f"{part}-error" for part in ("data", "file", "table", "header", "label", "row", "cell")}
THEIRS = {one.type for one in Error.list_children(root=True)} - ABSTRACT


def named_in_sources() -> set[str]:
    """Every text of the sources that could be a code."""
    texts = (path.read_text("utf-8") for path in sorted(SOURCES.rglob("*.py")))
    return {code for text in texts for code in re.findall(r'"([a-z]+(?:-[a-z]+)+)"', text)}


@pytest.mark.parametrize("code", sorted(THEIRS))
def test_every_error_of_frictionless_has_words(code: str) -> None:
    assert code in catalogue()


def test_every_other_code_is_one_that_our_sources_name() -> None:
    ours = {key.partition(".")[0] for key in catalogue()} - THEIRS
    assert ours <= named_in_sources()
    assert not ours & ABSTRACT


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_an_entry_is_whole_in_both_languages(key: str) -> None:
    words = catalogue()[key]
    for text in (words.message, words.remedy):
        assert text.missing() == ()
        facts = [set(re.findall(r"(?<!\{)\{(\w+)\}", side)) for side in (text.zh, text.en)]
        assert facts[0] == facts[1], "both languages quote the same facts"
        assert text.en.endswith((".", "}")) or "{note}" in text.en
        assert not re.search(r"invalid|oops|please|row in position|at position", text.en, re.IGNORECASE)
        assert not re.search(r"敬请|谅解|相关|非法|无效|[一-鿿] ?[,;:?!]|[,;:?!] ?[一-鿿]", text.zh), (
            "full-width punctuation"
        )


def test_every_code_that_the_sources_name_is_in_the_catalogue() -> None:
    named = named_in_sources() - ABSTRACT - set(catalogue(CAUSES))  # shapes, which are no codes; likely causes
    ends = ("-error", "-missing", "-unknown", "-unavailable", "-left", "-drift", "-gone", "-new")
    assert {code for code in named if code.endswith(ends)} <= set(catalogue())


@pytest.mark.parametrize(
    ("code", "note", "zh", "en"),
    [
        (
            "encoding-error",
            "'utf-8' codec can't decode byte 0xd6 in position 7: invalid start byte",
            "第 7 个字节",
            "byte 7",
        ),
        ("source-error", "field larger than field limit (131072)", "超过 131072 个字符", "more than 131072 characters"),
        ("scheme-error", "[Errno 2] No such file or directory: 'x'", "没有这个文件", "there is no such file"),
        ("compression-error", "something else", "something else", "something else"),
        ("schema-error", "something else", "只给出英文说明", "something else"),
        ("check-error", "something else", "只给出英文说明", "something else"),
    ],
)
def test_what_frictionless_says_of_files_and_descriptors_is_said_in_both_languages(
    code: str, note: str, zh: str, en: str
) -> None:
    words = say(code, note=note)
    assert zh in words.message.zh
    assert en in words.message.en


def test_facts_are_put_in_and_braces_of_a_cell_stay() -> None:
    assert say("type-error", "integer", cell="{x}").message.en == "“{x}” is not a whole number."


@pytest.mark.parametrize(
    ("cell", "shown"),
    [(" a", "␣a"), ("a \u00a0", "a␣"), ("a\u200b", "a␣"), ("a b", "a b"), ("张 三", "张 三"), ("", ""), (" ", " ")],
)
def test_blanks_around_a_cell_are_shown(cell: str, shown: str) -> None:
    words = say("type-error", "integer", cell=cell).message
    assert words.en == f"“{shown}” is not a whole number."
    assert words.zh == f"“{shown}”不是整数。"


@pytest.mark.parametrize(
    ("rules", "zh"), [("表结构", "小于 0，即表结构规定的"), ("d.yaml", "小于 0，即 d.yaml 规定的")]
)
def test_no_blank_stands_between_chinese_words(rules: str, zh: str) -> None:
    assert zh in say("constraint-error", "minimum", cell="-4", limit="0", rules=Text(rules, rules)).message.zh
    assert "“张 三”" in say("constraint-error", "minimum", cell="张 三", limit="0", rules="").message.zh


def test_a_rule_without_words_of_its_own_takes_those_of_its_code() -> None:
    assert say("scale-error", "nothing", cell="1.234", limit="2", rules="r").message.en.startswith(
        "“1.234” has more than"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", "a b"),
        ("  ", "  "),
        ("\x1b[31mred\x07", "�[31mred�"),
        ("a\u202eb\u2066c\u200b\ufeff", "a�b�c��"),
        ("\ud800half", "�half"),
        ("\u2028\u2029", "��"),
        ("السعر", "السعر"),
        ("x" * 1_000_000, "x" * (LONGEST_QUOTE - 1) + "…"),
        ("x" * LONGEST_QUOTE, "x" * LONGEST_QUOTE),
        ("x" * (LONGEST_QUOTE + 1), "x" * (LONGEST_QUOTE - 1) + "…"),
    ],
)
def test_a_quote_stays_on_one_line_and_short(text: str, shown: str) -> None:
    assert quoted(text) == shown

"""The catalogue of words: every code that can be raised has them, in both languages, and they say what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from frictionless import Error
from handing_in import field, package, resource

from civicat.finding import Finding
from civicat.layout import Layout
from civicat.text import Text
from civicat.validators import check, house, read_submission
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


Found = Callable[..., Finding]


@pytest.fixture
def first(hand_in: Callable[..., Path], layout: Layout) -> Found:
    """Checks one file against one column `s`, and answers the first finding."""

    def run(content: str | bytes, column: dict[str, Any], file: str = "t.csv", **more: str) -> Finding:
        folder = hand_in(package("t", [resource("t", file, [column], **more)]), {file: content})
        with check(read_submission(folder).dataset, layout) as checked:
            return checked.report.all_findings()[0]

    return run


def test_a_byte_is_counted_from_the_start_of_the_file(first: Found) -> None:
    found = first(b"s\n" + b"abc\n" * 19_445 + b"b\xff\n", field("s"), encoding="utf-8")
    assert found.message.en == (
        "Row 19447, column 1 holds a byte that makes no sense in utf-8, the encoding of this file: 0xFF, in line 19447 "
        "of the text. It is byte 77,783 of the file, counted from 0."
    )
    assert found.message.zh == (
        "第 19447 行第 1 列有不合 utf-8 编码的字节 0xFF，在文本第 19447 行，即文件第 77783 字节（从 0 数）。"
    )


def test_a_byte_of_a_file_without_rows_is_counted_from_its_start_too(first: Found) -> None:
    content = b"[" + b" " * 1000 + b'{"s": "\xff"}]'
    found = first(content, field("s"), "t.json", encoding="utf-8")
    assert found.message.en.endswith("0xFF. It is byte 1,008 of the file, counted from 0.")
    assert found.message.zh.endswith("0xFF，即文件第 1008 字节（从 0 数）。")


@pytest.mark.parametrize(
    ("cell", "zeros"), [("10101", "010101"), ("101", "000101"), ("1", ""), ("ab", ""), ("1010101", ""), ("1-101", "")]
)
def test_zeros_are_looked_for_only_where_they_mend_the_cell(cell: str, zeros: str, first: Found) -> None:
    found = first(f"s\n{cell}\n", field("s", constraints={"pattern": "0[0-9]{5}"}))
    zh = f"开头的 0 可能丢了，应为“{zeros}”。" if zeros else ""
    en = f" Zeros at its beginning seem to be lost: “{zeros}” would do." if zeros else ""
    assert found.remedy.zh == f"请按规定的写法更正，可参照这一列的其他值。{zh}"
    assert found.remedy.en == f"Write it in the form that is set; other values of this column may show how.{en}"


ZONED = "2021-01-05T10:00:00Z"


@pytest.mark.parametrize(
    ("kind", "limit", "cell", "zh", "en"),
    [
        ("datetime", ZONED, "2021-01-06T10:00:00", "例如一个带时区，一个不带", "one may have a time zone"),
    ],
)
def test_why_a_limit_cannot_be_applied(  # noqa: PLR0913, PLR0917 (a table's columns)
    kind: str, limit: object, cell: str, zh: str, en: str, first: Found
) -> None:
    column = field("s", kind, constraints={"minimum": limit}) | ({"example": ZONED} if kind == "datetime" else {})
    found = first(f"s\n{cell}\n", column)
    assert (found.code, found.rule) == ("rule-broken", "minimum")
    assert zh in found.message.zh
    assert en in found.message.en
    assert ("time zone" in found.message.en) is (kind == "datetime")

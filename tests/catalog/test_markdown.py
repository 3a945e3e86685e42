"""Descriptions are CommonMark, written by people whom nobody here knows: what they mean is kept, what harms is not."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from civicat.catalog.i18n import Words
from civicat.catalog.look.markdown import LONGEST, bare, block, inline, line, phrase, prose
from civicat.text import Text

ELEMENTS = {"p", "strong", "em", "a", "ul", "ol", "li", "code", "pre", "blockquote", "br", "bdi", "div", "span"}
ATTRIBUTES = {"href", "rel", "class", "start", "lang", "dir"}
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><iframe src="//evil.example">',
    "[x](javascript:alert(1))",
    "[x]( JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](//evil.example)",
    "[x](../../admin)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    '[x](https://a.example "onmouseover=alert(1)")',
    '[x](https://a.example/"onmouseover="alert(1))',
    "`<b>`<b>",
    "```\n</code></pre><script>\n```",
    "<div><p><b>never closed",
    "<!-- never closed",
    "[" * 3000,
    "[](" * 2000,
    "![" * 2000,
    "*_" * 3000,
    "> " * 3000,
    "- " * 3000,
    "\\" * 3001,
    "[x](http://[::1)",
    "\x00\x08",
)


class Elements(HTMLParser):
    """What a browser would make of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("written", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("read", [block, inline], ids=["block", "inline"])
def test_nothing_hostile_becomes_html(written: str, read: object) -> None:
    html = (block if read is block else inline)(written)
    parsed = Elements(html)
    assert parsed.open == []
    for tag, attributes in parsed.found:
        assert tag in ELEMENTS
        assert set(attributes) <= ATTRIBUTES
        assert (attributes.get("href") or "https:").startswith(("http:", "https:", "mailto:"))
        assert tag != "a" or attributes["rel"] == "nofollow"


@pytest.mark.parametrize("written", HOSTILE, ids=range(len(HOSTILE)))
def test_plain_words_are_one_line_of_text(written: str) -> None:
    said = bare(written)
    assert len(said) <= 300
    assert "\n" not in said


def test_what_is_meant_is_kept() -> None:
    assert block("One **bold** word.\n\n- a\n- b") == (
        "<p>One <strong>bold</strong> word.</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>"
    )
    assert block("See [the site](https://a.example/?x=1&y=2).") == (
        '<p>See <a href="https://a.example/?x=1&amp;y=2" rel="nofollow">the site</a>.</p>'
    )
    assert inline("<https://a.example>") == '<a href="https://a.example" rel="nofollow">https://a.example</a>'
    assert inline("mail [us](mailto:a@b.example)") == 'mail <a href="mailto:a@b.example" rel="nofollow">us</a>'


def test_headings_and_rules_are_none_of_the_page() -> None:
    assert block("# Title\n\ntext\n\n---") == "<p><strong>Title</strong></p>\n<p>text</p>"
    assert block("Title\n===") == "<p><strong>Title</strong></p>"


def test_pictures_become_their_words() -> None:
    assert inline("![a chart](https://a.example/x.png)") == "a chart"


@pytest.mark.parametrize(
    "written", ["2013 had 5% & more < 7", "a line.", "截至 2023 年，共 3,351 个。", "5 > 3", "it’s “so”"]
)
def test_a_line_without_marks_reads_the_same_either_way(written: str) -> None:
    """The short way around the reader gives what the reader gives."""
    plain = block(written)
    assert block(f"{written}\n") == plain
    assert Elements(plain).found == [("p", {})]


def test_blank_is_nothing() -> None:
    assert [block(""), inline(""), bare(""), block("  \n ")] == ["", "", "", ""]


def test_a_very_long_text_ends_early() -> None:
    assert len(block("a" * LONGEST)) == LONGEST + len("<p></p>")
    assert block("a" * (LONGEST + 1)).endswith("a…</p>")
    assert bare("字" * 301) == "字" * 299 + "…"
    assert bare("字" * 300) == "字" * 300


def test_signs_that_show_nothing_or_turn_the_text_are_gone() -> None:
    assert inline("a\u202eb\u2066c\u200bd\ufeffe") == "abcde"
    assert inline("می\u200cخواهم") == "می\u200cخواهم", "Persian is not written without its joiner"


def test_plain_words_have_no_marks() -> None:
    assert bare("# Title\n\nOne **bold** [link](https://a.example).\n\n- a\n- b") == "Title One bold link. a b"


def test_each_text_is_marked_with_the_language_it_is_in() -> None:
    english, chinese = Words("en"), Words("zh")
    both = Text("数据*说明*", "A *note*")
    assert prose(english, both) == "<p>A <em>note</em></p>"
    assert prose(chinese, both) == "<p>数据<em>说明</em></p>"
    assert prose(english, Text("只有中文")) == '<div lang="zh-Hans"><p>只有中文</p></div>'
    assert phrase(chinese, Text(en="English only")) == '<span lang="en">English only</span>'
    assert line(chinese, both) == "数据说明"


def test_traditional_readers_get_traditional_characters() -> None:
    assert phrase(Words("zh", is_traditional=True), Text("数据")) == "數據"


def test_what_is_written_from_the_right_is_kept_apart() -> None:
    assert phrase(Words("en"), Text(en="שלום [x](https://a.example)")) == (
        '<bdi dir="auto">שלום <a href="https://a.example" rel="nofollow">x</a></bdi>'
    )
    assert prose(Words("en"), Text(en="שלום")) == '<div dir="auto"><p>שלום</p></div>'

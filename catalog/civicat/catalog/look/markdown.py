"""Descriptions as safe HTML: CommonMark, as Data Package v2 has them, written by people whom nobody here knows.

HTML in them is shown as the text that it is. Links lead to http, https and mailto only, and pass on no standing;
pictures become the words that stand for them, headings a bold line, since the page has its own. Long texts end early.

Source: CommonMark 0.31 through markdown-it-py; Unicode TR9 (directions) and TR36 (hidden signs).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from civicat.catalog.i18n import TAGS, Words
from civicat.text import Language, Text

LONGEST = 6_000  # characters that are read: three pages
_PLAIN = 300  # characters of a description where one line is wanted
_SCHEMES = frozenset(("http", "https", "mailto"))
_REMEMBERED = 4_000  # texts: columns, their caveats and descriptions on the pages that are read most
# Signs that turn the direction of what follows, and signs that show nothing. The joiners U+200C and U+200D stay:
# Persian, Hindi and many emoji are not written without them.
_HIDDEN = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u061c\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# A line without any of these is the same in CommonMark as it is in HTML, so it need not be parsed.
_MARKS = re.compile(r"[\\`*_\[\]<&!\n]")
_BLOCK = re.compile(r"\s*(?:[#>+=~|-]|\d{1,9}[.)])|\s{4}")
_BLANK = re.compile(r"\s+")
_FROM_RIGHT = frozenset(("R", "AL", "AN"))


def _is_safe(address: str) -> bool:
    try:
        return urlsplit(address.strip()).scheme.lower() in _SCHEMES
    except ValueError:  # such as a bracket without its other half
        return False


class _Reader(MarkdownIt):
    """CommonMark without HTML, with our own idea of which links are safe and of what is drawn."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})
        for name, draw in _DRAWN.items():
            self.add_render_rule(name, draw)

    def validateLink(self, url: str) -> bool:  # noqa: N802 (markdown-it-py asks it by this name)
        return _is_safe(url)


def _link(_: object, tokens: Sequence[Token], at: int, *__: object) -> str:
    return str(Markup('<a href="{}" rel="nofollow">').format(tokens[at].attrGet("href") or ""))


def _image(_: object, tokens: Sequence[Token], at: int, *__: object) -> str:
    return str(escape(tokens[at].content))


def _verbatim(_: object, tokens: Sequence[Token], at: int, *__: object) -> str:
    return str(Markup('<pre class="wrapped"><code>{}</code></pre>\n').format(tokens[at].content))


_DRAWN: Mapping[str, Callable[..., str]] = {
    "link_open": _link,
    "image": _image,
    "heading_open": lambda *_: "<p><strong>",
    "heading_close": lambda *_: "</strong></p>\n",
    "hr": lambda *_: "",
    "fence": _verbatim,
    "code_block": _verbatim,
}
_READER = _Reader()


@lru_cache(_REMEMBERED)
def block(words: str) -> Markup:
    """A description as paragraphs and lists: safe HTML."""
    kept = _kept(words)
    if not _MARKS.search(kept) and not _BLOCK.match(kept):
        return Markup("<p>{}</p>").format(kept.strip()) if kept.strip() else Markup("")
    return Markup(_READER.render(kept).strip())  # noqa: S704 (HTML is off, and each rule that we set escapes)


@lru_cache(_REMEMBERED)
def inline(words: str) -> Markup:
    """A description inside a line, such as a caveat in its list: safe HTML without blocks."""
    kept = _BLANK.sub(" ", _kept(words)).strip()
    if not _MARKS.search(kept):
        return escape(kept)
    return Markup(_READER.renderInline(kept))  # noqa: S704 (as above)


@lru_cache(_REMEMBERED)
def bare(words: str, longest: int = _PLAIN) -> str:
    """The words of a description without any marks, in one line: for lists, attributes and machines."""
    kept = _kept(words)
    said = " ".join(_texts(_READER.parse(kept))) if _MARKS.search(kept) or _BLOCK.match(kept) else kept
    line = _BLANK.sub(" ", said).strip()
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def _texts(tokens: Iterable[Token]) -> Iterator[str]:
    """What the blocks of a text say, one by one."""
    for token in tokens:
        if token.type == "inline":
            yield "".join(_spelled(one) for one in token.children or ())
        elif token.type in {"fence", "code_block"}:
            yield token.content


def _spelled(token: Token) -> str:
    return " " if token.type in {"softbreak", "hardbreak"} else token.content


def _kept(words: str) -> str:
    kept = _HIDDEN.sub("", words)
    return kept if len(kept) <= LONGEST else f"{kept[:LONGEST]}…"


def prose(words: Words, text: Text) -> Markup:
    """A description in the page's language as paragraphs and lists, marked where it is in the other one."""
    return _told(words, text, block(_within(words, text)), "div")


def phrase(words: Words, text: Text) -> Markup:
    """The same inside a line."""
    return _told(words, text, inline(_within(words, text)), "span")


def line(words: Words, text: Text) -> str:
    """The same as plain words in one line, for attributes and lists."""
    return bare(_within(words, text))


def _within(words: Words, text: Text) -> str:
    said = text.within(words.language)
    return words.scripted(said) if text.spoken(words.language) == "zh" else said


def _told(words: Words, text: Text, html: Markup, element: str) -> Markup:
    """HTML with its language, where that is not the page's; kept apart where any of it is written from the right."""
    spoken: Language = text.spoken(words.language)
    tag = Markup("") if spoken == words.language else Markup(' lang="{}"').format(TAGS[spoken])
    turned = Markup(' dir="auto"') if _is_turned(html) else Markup("")
    if not tag and not turned:
        return html
    name = "bdi" if turned and element == "span" else element
    return Markup("<{}{}{}>{}</{}>").format(Markup(name), tag, turned, html, Markup(name))  # noqa: S704 (our own names)


def _is_turned(html: str) -> bool:
    return not html.isascii() and any(unicodedata.bidirectional(sign) in _FROM_RIGHT for sign in html)

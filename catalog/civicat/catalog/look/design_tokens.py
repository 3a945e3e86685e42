"""The tokens of the design system, read out of civicat.css: colours with their contrast, sizes of type, spaces.

The stylesheet is the one place where a token stands; /design shows what is read here, and the tests hold each pair of
colours to what WCAG 2.2 asks of it (1.4.3: text 4.5 to 1; 1.4.11: what is drawn 3 to 1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from civicat.text import Text

STYLESHEET = Path(__file__).parents[1] / "static" / "civicat.css"
TEXT, DRAWN = 4.5, 3.0  # the least contrast, to 1
_LIGHT, _DARK = ":root {", ":root:not(.light) {"  # how the two blocks of colours begin
CHOSEN_DARK = ":root.dark {"  # the dark ones once more, for who chose them
_COLOUR = re.compile(r"--([a-z0-9]+(?:-[a-z]+)?): (#(?:[0-9a-f]{3}){1,2});")
_SIZE = re.compile(r"--([fs]\d): ([^;]+);")
_REM = re.compile(r"([\d.]*\d)rem")
_NEARLY_BLACK = 0.04045  # of a channel, 0 to 1: up to there the scale of sRGB is a straight line
_PIXELS = 16  # in a rem, where the reader's browser is as it came

MEANINGS: Mapping[str, Text] = {
    "paper": Text("页面底色", "the page"),
    "wash": Text("浅底：页脚、备注", "panels, the footer"),
    "wash2": Text("深一些的底：简片、标签", "slips, labels"),
    "ink": Text("正文", "speaks: text"),
    "ink2": Text("次要文字", "speaks more softly"),
    "rule": Text("细线，仅作装饰", "hairlines, for the eye only"),
    "edge": Text("表单边框、空心简片", "borders of controls, hollow slips"),
    "link": Text("链接：通往别处", "goes somewhere"),
    "seen": Text("看过的链接", "has been visited"),
    "proof": Text("已证实，不作他用", "has been proven, nothing else"),
    "proof-wash": Text("已证实的底色", "ground of what is proven"),
    "care": Text("请留意", "asks for care"),
    "care-wash": Text("须留意之处的底色", "ground of a caveat"),
    "stop": Text("未通过、已撤回", "was refused or withdrawn"),
    "stop-wash": Text("未通过的底色", "ground of a refusal"),
    "c1": Text("图中的数据", "the series of a chart"),
    "c2": Text("图中的重点、迟到", "what a chart points out; late"),
    "c0": Text("图中的其余部分", "the rest of a chart"),
    "mark": Text("搜到的词", "words that were looked for"),
    "focus": Text("键盘焦点的外圈", "the ring of keyboard focus"),
}


@dataclass(frozen=True, slots=True)
class Colour:
    """One colour in both schemes, as `#rrggbb` or `#rgb`, and what it means."""

    name: str
    light: str
    dark: str
    meaning: Text


@dataclass(frozen=True, slots=True)
class Pair:
    """One colour upon another: where, and the least contrast that is needed there, in one scheme or in both."""

    front: str
    ground: str
    use: Text
    needed: float = TEXT
    schemes: tuple[str, ...] = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Contrast:
    """The contrast of a pair, to 1, by scheme: those in which the pair is seen."""

    pair: Pair
    ratios: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Size:
    """A size of type or a space: its name, its least and its most in CSS pixels (it may follow the window's width)."""

    name: str
    least: float
    most: float


PAIRS = (
    Pair("ink", "paper", Text("正文", "text")),
    Pair("ink", "wash", Text("浅底上的文字", "text on panels")),
    Pair("ink", "wash2", Text("简片上的文字", "text on slips")),
    Pair("ink2", "paper", Text("次要文字", "secondary text")),
    Pair("ink2", "wash", Text("次要文字，页脚", "secondary text, the footer")),
    Pair("ink2", "wash2", Text("简片上的次要文字", "secondary text on slips")),
    Pair("link", "paper", Text("链接", "links")),
    Pair("link", "wash", Text("链接，页脚", "links, the footer")),
    Pair("link", "care-wash", Text("须知中的链接", "links in a caveat")),
    Pair("link", "stop-wash", Text("未通过说明中的链接", "links in a refusal")),
    Pair("link", "proof-wash", Text("已证实说明中的链接", "links in what is proven")),
    Pair("seen", "paper", Text("看过的链接", "visited links")),
    Pair("proof", "paper", Text("已证实", "proven")),
    Pair("proof", "proof-wash", Text("标签：已核验", "pill: checked")),
    Pair("care", "care-wash", Text("标签：请留意", "pill: care")),
    Pair("stop", "paper", Text("旧值", "the old value")),
    Pair("stop", "stop-wash", Text("标签：未通过", "pill: refused")),
    Pair("ink", "mark", Text("搜到的词", "words that were looked for")),
    Pair("ink", "care-wash", Text("须知", "text of a caveat")),
    Pair("ink", "stop-wash", Text("未通过的说明", "text of a refusal")),
    Pair("ink", "proof-wash", Text("已证实的说明", "text of what is proven")),
    Pair("paper", "ink", Text("按钮", "buttons")),
    Pair("edge", "paper", Text("表单边框、空心简片", "borders of controls, hollow slips"), DRAWN),
    Pair("proof", "wash2", Text("简片上的绳", "the cord on slips"), DRAWN),
    Pair("c1", "paper", Text("图中的数据", "the series of a chart"), DRAWN),
    Pair("c2", "paper", Text("图中的重点、迟到", "what a chart points out; late"), DRAWN),
    Pair("c0", "paper", Text("图中的其余部分", "the rest of a chart"), DRAWN),
    # The one that shows: the line on its ring where the page is light, the ring itself where it is dark.
    Pair("focus", "ink", Text("键盘焦点：线与外圈", "keyboard focus: the line on its ring"), DRAWN, ("light",)),
    Pair("focus", "paper", Text("键盘焦点：外圈", "keyboard focus: the ring"), DRAWN, ("dark",)),
)


def read_stylesheet() -> str:
    """The stylesheet that holds the tokens."""
    return STYLESHEET.read_text("utf-8")


def colours(css: str) -> tuple[Colour, ...]:
    """The colours in the order of the stylesheet.

    Raises:
        KeyError: one has no dark side or no meaning.
    """
    light, dark = colours_of(css, _LIGHT), colours_of(css, _DARK)
    return tuple(Colour(name, value, dark[name], MEANINGS[name]) for name, value in light.items())


def colours_of(css: str, beginning: str) -> Mapping[str, str]:
    """The colours of one block of the stylesheet by name."""
    return dict(_COLOUR.findall(css.partition(beginning)[2].partition("}")[0]))


def contrasts(found: tuple[Colour, ...]) -> tuple[Contrast, ...]:
    """Every pair of colours that stand upon each other, with its contrast."""
    sides = {"light": {one.name: one.light for one in found}, "dark": {one.name: one.dark for one in found}}
    return tuple(Contrast(pair, {one: _ratio(pair, sides[one]) for one in pair.schemes}) for pair in PAIRS)


def _ratio(pair: Pair, values: Mapping[str, str]) -> float:
    return contrast(values[pair.front], values[pair.ground])


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    red, green, blue = map(_linear, _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[float, float, float]:
    digits = colour.removeprefix("#")
    full = digits if len(digits) > len("rgb") else "".join(one * 2 for one in digits)
    red, green, blue = (int(full[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _NEARLY_BLACK else ((channel + 0.055) / 1.055) ** 2.4


def sizes(css: str, kind: str) -> tuple[Size, ...]:
    """The sizes of type (`f`) or the spaces (`s`) in the order of the stylesheet."""
    root = css.partition(_LIGHT)[2].partition("}")[0]
    return tuple(_size(name, value) for name, value in _SIZE.findall(root) if name.startswith(kind))


def _size(name: str, written: str) -> Size:
    """A token's size: one length, or clamp() from the least to the most."""
    lengths = [float(one) * _PIXELS for one in _REM.findall(written)]
    return Size(name, lengths[0], lengths[-1])

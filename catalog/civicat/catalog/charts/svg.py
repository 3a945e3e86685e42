"""A drawing as SVG: within a page, or alone as a file. The same drawing gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from civicat.catalog.charts.drawing import Drawing, Label, at
from civicat.catalog.charts.spelled import width
from civicat.catalog.i18n import TAGS
from civicat.text import Language

_TEMPLATES = Path(__file__).parents[1] / "templates"
# How each class looks in a file that stands alone: as attributes, which every program reads and no policy forbids.
_RAMP = ("#c9dcea", "#94bad8", "#5c93bf", "#2f6690", "#123a5a")
_STYLES: Mapping[str, str] = {
    "": 'fill="#4c5953" font-size="13"',
    "soft": 'fill="#4c5953" font-size="13"',
    "k": 'fill="#15201b" font-size="13" font-weight="600"',
    "head": 'fill="#15201b" font-size="19" font-weight="700"',
    "lead": 'fill="#15201b" font-size="14"',
    "foot": 'fill="#4c5953" font-size="11.5"',
    "a": 'fill="#2f6690"',
    "z": 'fill="#81908a"',
    "o": 'fill="#fff" stroke="#6d7a74"',
    "cut": 'fill="none" stroke="#81908a" stroke-width="2"',
    "gl": 'fill="none" stroke="#ccd4d0"',
    "frame": 'fill="none" stroke="#6d7a74"',
    "base": 'fill="none" stroke="#15201b"',
    "hair": 'fill="none" stroke="#6d7a74" stroke-dasharray="4 3"',
    "line": 'fill="none" stroke="#2f6690" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"',
    "ring": 'fill="#fff" stroke="#2f6690" stroke-width="1.5"',
    "dots": 'fill="none" stroke="#2f6690" stroke-linecap="round"',
    "rim": 'fill="none" stroke="#15201b" stroke-linecap="round"',
    "area o": 'fill="#fff" stroke="#6d7a74" stroke-width=".6"',
    **{f"dots k{place}": f'fill="none" stroke="{one}" stroke-linecap="round"' for place, one in enumerate(_RAMP)},
    **{f"area k{place}": f'fill="{one}" stroke="#15201b" stroke-width=".5"' for place, one in enumerate(_RAMP)},
}
_MARGIN = 24
_HEAD, _LEAD, _FOOT = (19, 26), (14, 20), (11.5, 17)  # size and leading of the words around a chart, in pixels
# Sans serif faces by name: what draws the PNG would else take a serif one for Chinese.
FONTS = {
    "en": "'Noto Sans','Liberation Sans',Arial,'DejaVu Sans','Noto Sans CJK SC','Source Han Sans SC',sans-serif",
    "zh": "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei','Noto Sans',sans-serif",
}


@dataclass(frozen=True, slots=True)
class Words:
    """The words around a chart in one language: its title, what it shows, the whole sentence, and where it is from."""

    language: Language
    title: str
    headline: str
    told: str
    source: tuple[str, ...] = ()


@cache
def templates() -> Environment:
    """The SVG templates. They speak no language and know no page."""
    made = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made.globals["number"] = at
    return made


def inline(shown: Drawing, words: Words, name: str, css: str = "") -> Markup:
    """A chart within a page; `name` makes its ids its own."""
    svg = templates().get_template("charts/inline.svg")
    return Markup(svg.render(shown=shown, look=_named, id=name, css=css, title=words.title, told=words.told))  # noqa: S704 (the template escapes)


def _named(css: str) -> Markup:
    return Markup(' class="{}"').format(css) if css else Markup("")


def styled(css: str) -> Markup:
    """A class as attributes."""
    return Markup(f" {_STYLES[css]}")  # noqa: S704 (our own words alone)


def alone(shown: Drawing, words: Words) -> str:
    """A chart as a file of its own, light, with its title above and its source below."""
    wide = shown.width + 2 * _MARGIN
    heads, top = _lines((("head", words.title, _HEAD), ("lead", words.headline, _LEAD)), _MARGIN + 14.0, shown.width)
    base = top + 8 + shown.height + 16
    feet, end = _lines(tuple(("foot", one, _FOOT) for one in words.source), base, shown.width)
    return str(
        templates()
        .get_template("charts/alone.svg")
        .render(
            shown=shown,
            look=styled,
            width=wide,
            height=end + 2,
            top=top,
            margin=_MARGIN,
            heads=heads,
            feet=feet,
            title=words.title,
            told=words.told,
            tag=TAGS[words.language],
            fonts=FONTS[words.language],
        )
    )


def _lines(
    said: tuple[tuple[str, str, tuple[float, float]], ...], top: float, room: float
) -> tuple[list[Label], float]:
    """Words as lines of text from a height on, and the height after them."""
    found, y = [], top
    for css, words, (size, leading) in said:
        for line in broken(words, size, room):
            found.append(Label(_MARGIN, y, line, css))
            y += leading
    return found, y


def broken(words: str, size: float, room: float) -> list[str]:
    """Words in lines that fit a width: broken at spaces, and between Han characters."""
    lines, line = [], ""
    for piece in _pieces(words):
        if line and width(line + piece.rstrip(), size) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _is_counted(piece: str, *, wide: bool) -> bool:
    """Whether a number and its space come before a Han character, as in 2 月."""
    return wide and piece.endswith(" ") and piece[-2:-1].isdecimal()


def _pieces(words: str) -> list[str]:
    """What must stay together: a word with its space, a Han character with the punctuation after it."""
    pieces: list[str] = []
    for sign in words:
        wide = sign >= "\u2e80"
        glued = pieces and (pieces[-1][-1] in "（“《" or _is_counted(pieces[-1], wide=wide))
        stays = (
            sign in "，。；：、）”》"
            or glued
            or (pieces and not wide and pieces[-1][-1] != " " and pieces[-1][-1] < "\u2e80")
        )
        if pieces and stays:
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces

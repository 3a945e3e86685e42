"""Pictures of columns as SVG: a small one for a row of a dictionary, a chart for a page. Bars start at zero.

Each says in words what it shows. Colours are attributes, so that paper shows them; a stylesheet may say otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from civicat.publish.kit.figures import Bar, Figures
from civicat.publish.kit.spans import ends, interval, width
from civicat.text import Language, Text

_SERIES, _EMPTY, _INK, _SOFT, _RULE = "#2f6690", "#6d7a74", "#15201b", "#4c5953", "#ccd4d0"
_MOST_BARS = 24
_FONTS = "Liberation Sans, Noto Sans, DejaVu Sans, Noto Sans CJK SC, sans-serif"
_SPARK = (140, 30)  # its size in CSS pixels
_WIDEST = 20  # of a bar in a small picture: two values are no slabs
_WIDE = 240  # the width of a chart, in its own units
_ROW, _LABEL, _FIGURE = 16, 92, 50  # of a chart of values: a row's height; room for the label, and for the count
_TALL, _AXIS = 78, 24  # of a histogram: the bars' height, and room for the figures below
_LETTERS = 15  # of a label, counted in Latin ones; a Chinese character takes two


@dataclass(frozen=True, slots=True)
class _Picture:
    """What is drawn: bars in order, whether each is an interval, and how many cells are empty.

    `least` and `most` are the ends of the values.
    """

    bars: tuple[Bar, ...]
    interval: bool
    missing: int
    least: str = ""
    most: str = ""


def spark(figures: Figures | None, language: Language, call: Callable[[str], str] = str) -> Markup:
    """A small picture of one column, hollow where cells are empty; nothing where the profile has nothing to draw."""
    picture = _drawn(figures)
    if figures is None or picture is None:
        return Markup("")
    width, height = _SPARK
    counts = [bar.count for bar in picture.bars] + [picture.missing] * bool(picture.missing)
    step, most = min(width / len(counts), _WIDEST), max(counts)
    bars = Markup("").join(
        _bar(place * step, height, step - min(2.0, step / 4), count / most * (height - 2), count, hollow)
        for place, (count, hollow) in enumerate(_hollow_last(counts, picture.missing))
    )
    return Markup(
        '<svg class="v spark" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{label}">'
        '{bars}<path class="hair" stroke="{rule}" d="M0 {base}H{w}"/></svg>'
    ).format(w=width, h=height + 2, label=_label(picture, language, call), bars=bars, rule=_EMPTY, base=height + 0.5)


def _hollow_last(counts: Sequence[int], missing: int) -> list[tuple[int, bool]]:
    return [(count, bool(missing) and place == len(counts) - 1) for place, count in enumerate(counts)]


def _bar(x: float, base: float, width: float, height: float, count: int, hollow: bool) -> Markup:  # noqa: FBT001, PLR0913, PLR0917 - where it stands and how it looks
    tall = max(height, 1.0) if count else 0.0  # a few of very many still show
    if hollow:
        return Markup(
            '<rect class="o" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="none" stroke="{}"/>'
        ).format(x + 0.5, base - tall + 0.5, max(width - 1, 0.5), max(tall - 1, 0.5), _EMPTY)
    return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}"/>').format(
        x, base - tall, width, tall, _SERIES
    )


def _drawn(figures: Figures | None) -> _Picture | None:
    """Intervals where the column has them, else its most frequent values where some value occurs more than once."""
    if figures is None or not figures.count:
        return None
    if len(figures.histogram) > 1:
        bars, of = fewer(figures.histogram), figures
        return _Picture(bars, interval=True, missing=of.missing, least=of.least, most=of.most)
    if figures.top and figures.top[0].count > 1:
        return _Picture(figures.top[:_MOST_BARS], interval=False, missing=figures.missing)
    return None


def fewer(bars: tuple[Bar, ...]) -> tuple[Bar, ...]:
    """At most as many bars as can be told apart: neighbours are added up."""
    size = -(-len(bars) // _MOST_BARS)
    groups = [bars[at : at + size] for at in range(0, len(bars), size)]
    return tuple(Bar(one[0].value, sum(bar.count for bar in one), one[-1].until) for one in groups)


def _label(picture: _Picture, language: Language, call: Callable[[str], str]) -> str:
    empty = (
        Text(f"；{picture.missing:,} 格为空（空心）", f"; {picture.missing:,} empty (hollow)")
        if picture.missing
        else Text()
    )
    if picture.interval:
        words = _distribution(picture)
    else:
        named = [(call(bar.value), bar.count) for bar in picture.bars[:3]]
        words = Text(
            "最常见：" + "、".join(f"{value} {count:,}" for value, count in named),
            "Most frequent: " + ", ".join(f"{value} {count:,}" for value, count in named),
        )
    return f"{words.within(language)}{empty.within(language)}"


def _distribution(picture: _Picture) -> Text:
    first, last = ends(picture.bars, picture.least, picture.most)
    most, one = max(picture.bars, key=lambda bar: bar.count), width(picture.bars[0])
    low, high = interval(most)
    where = Text(low, f"on {low}") if low == high else Text(f"{low} 到 {high}", f"from {low} to {high}")
    each = Text(f"，每条 {one.zh}", f", one bar is {one.en}") if one else Text()
    return Text(
        f"从 {first} 到 {last} 的分布{each.zh}，最多的一段 {where.zh}：{most.count:,} 行",
        f"Distribution from {first} to {last}{each.en}; most, {most.count:,} rows, {where.en}",
    )


def values_chart(bars: Sequence[Bar], label: str, call: Callable[[str], str]) -> Markup:
    """Bars lying, one for each value, with its name and its count."""
    most = max(bar.count for bar in bars)
    room = _WIDE - _LABEL - _FIGURE
    rows = Markup("").join(_row(place, bar, bar.count / most * room, call(bar.value)) for place, bar in enumerate(bars))
    return _chart(_ROW * len(bars), label, rows)


def _row(place: int, bar: Bar, length: float, name: str) -> Markup:
    top, shown = place * _ROW, length if bar.count else 0
    return Markup(
        '<text x="{lx}" y="{ty}" text-anchor="end" font-size="9.5" fill="{soft}">{name}</text>'
        '<rect x="{x}" y="{y}" width="{w:.1f}" height="12" fill="{series}"/>'
        '<text class="k" x="{kx:.1f}" y="{ty}" font-size="9.5" font-weight="600" fill="{ink}">{count}</text>'
    ).format(
        lx=_LABEL - 6,
        ty=top + 12,
        soft=_SOFT,
        name=_clipped(name),
        x=_LABEL,
        y=top + 2,
        w=max(shown, 1.0 if bar.count else 0.0),
        series=_SERIES,
        kx=_LABEL + shown + 5,
        ink=_INK,
        count=f"{bar.count:,}",
    )


def _clipped(name: str) -> str:
    """A label as long as its room: the whole value stands in the data, and the three dots say that it goes on."""
    room = _LETTERS
    kept: list[str] = []
    for letter in name:
        room -= 2 if ord(letter) > 0x2E80 else 1  # noqa: PLR2004 - where the East Asian scripts begin
        if room < 0:
            return "".join(kept).rstrip() + "…"
        kept.append(letter)
    return name


def histogram_chart(bars: Sequence[Bar], label: str, least: str = "", most_of_all: str = "") -> Markup:
    """Bars standing, one for each interval, with the largest count and where they begin and end.

    `least` and `most_of_all` are the ends of the values.
    """
    few = fewer(tuple(bars))
    most, step, base = max(bar.count for bar in few), _WIDE / len(few), _TALL + 14
    standing = Markup("").join(
        _bar(place * step, base, step - min(2.0, step / 5), bar.count / most * _TALL, bar.count, hollow=False)
        for place, bar in enumerate(few)
    )
    first, last = ends(few, least, most_of_all)
    peak = max(range(len(few)), key=lambda place: few[place].count)
    middle = min(max(peak * step + step / 2, 20), _WIDE - 20)
    marks = Markup(
        '<path class="base" stroke="{ink}" d="M0 {base}H{wide}"/>'
        '<text class="k" x="{middle:.1f}" y="10" text-anchor="middle" font-size="9.5" font-weight="600" '
        'fill="{ink}">{most}</text>'
        '<text x="0" y="{low}" font-size="9.5" fill="{soft}">{first}</text>'
        '<text x="{wide}" y="{low}" text-anchor="end" font-size="9.5" fill="{soft}">{last}</text>'
    ).format(
        ink=_INK,
        base=base + 0.5,
        wide=_WIDE,
        middle=middle,
        most=f"{most:,}",
        low=base + 14,
        soft=_SOFT,
        first=first,
        last=last,
    )
    return _chart(base + _AXIS - 8, label, standing + marks)


def _chart(height: float, label: str, inside: Markup) -> Markup:
    return Markup(
        '<svg class="v chart" viewBox="0 0 {} {}" role="img" font-family="{}"><title>{}</title>{}</svg>'
    ).format(_WIDE, height, _FONTS, label, inside)

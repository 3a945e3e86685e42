"""A small picture of a column for its row of the dictionary: bars from zero, and the same in words."""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup

from civicat.catalog.facts.release_facts import Figures
from civicat.catalog.i18n import Words
from civicat.text import Text

_WIDTH, _HEIGHT = 140, 30  # CSS pixels
_WIDEST = 24  # of a bar
_LONGEST = 40  # characters of a value in words
_LEAST = 0.1  # hundredths
_COARSE, _FEW = 10, 32  # whole numbers in an interval, and in all, where one more or less shows
_CROWDED = 0.9  # of all values in one interval: the label says so
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"(-?)(0|[1-9]\d{0,17})(\.\d+)?", re.ASCII)

Number = Callable[[int], str]


def spark(figures: Figures, words: Words, number: Number) -> Markup:
    """The distribution of a column as SVG; nothing where its profile has none to draw.

    Bars are intervals where the column has an order, else its most frequent values and a pale bar of all the others;
    cells that are empty are a hollow bar at the end.
    """
    is_of_intervals = len(figures.bars) > 1
    counts = figures.bars if is_of_intervals else tuple(bar.count for bar in figures.top)
    if not counts or max(counts) <= 1 or (is_of_intervals and _is_uneven(figures)):
        return Markup("")
    hollow, others = figures.missing, 0 if is_of_intervals else _others(figures)
    highest, many = max((*counts, hollow, others)), len(counts) + bool(hollow) + bool(others)
    step = min(_WIDTH / many, _WIDEST)
    filled = "".join(_bar(place * step, step, count / highest) for place, count in enumerate(counts) if count)
    pale = _bar(len(counts) * step, step, others / highest) if others else ""
    empty = _bar((many - 1) * step, step, hollow / highest) if hollow else ""
    return Markup(
        '<svg class="spark" viewBox="0 0 {width} {height}" role="img" aria-label="{label}"><path d="{filled}"/>'
        '{pale}{empty}<path class="hair" d="M0 {base}H{width}"/></svg>'
    ).format(
        width=_WIDTH,
        height=_HEIGHT + 1,
        label=words.plain(_words(figures, number)),
        filled=filled,
        pale=Markup('<path class="rest" opacity=".4" d="{}"/>').format(pale) if pale else "",
        empty=Markup('<path class="hollow" d="{}"/>').format(empty) if empty else "",
        base=_HEIGHT + 0.5,
    )


def _others(figures: Figures) -> int:
    """The rows of a column whose values are not among its most frequent ones."""
    return max(0, figures.count - sum(bar.count for bar in figures.top))


def _is_uneven(figures: Figures) -> bool:
    """Whether intervals of a few whole numbers hold some more and some fewer of them: their bars would mislead."""
    written = (figures.least, figures.most, *figures.edges)
    if not all(_WHOLE.fullmatch(one) for one in written):
        return False
    least, most, *edges = map(int, written)
    width = edges[1] - edges[0]
    return 1 < width <= _COARSE and most - least < _FEW and (least != edges[0] or most + 1 != edges[-1])


def _bar(left: float, step: float, part: float) -> str:
    """One bar as a piece of a path: a few among very many still show."""
    tall = _short(max(1.0, part * _HEIGHT))
    return f"M{_short(left)} {_HEIGHT}v-{tall}h{_short(step - min(1.5, step / 4))}v{tall}z"


def _short(number: float) -> str:
    """A tenth of a pixel is enough, and a page has thousands of these."""
    return f"{number:.1f}".removesuffix(".0")


def _words(figures: Figures, number: Number) -> Text:
    said = _intervals(figures, number) if len(figures.bars) > 1 else _values(figures, number)
    if not figures.missing:
        return said
    missing = number(figures.missing)
    return Text(f"{said.zh}；空 {missing}（空心）", f"{said.en}; {missing} empty (hollow bar)")


def _intervals(figures: Figures, number: Number) -> Text:
    place = figures.bars.index(max(figures.bars))
    first, last, low, high = (_signed(figures.edges[at]) for at in (0, -1, place, place + 1))
    most, part = number(figures.bars[place]), figures.bars[place] / sum(figures.bars)
    crowd = Text(f"，占 {100 * part:.0f}%", f", {100 * part:.0f}% of all values") if part >= _CROWDED else Text()
    return Text(
        f"从 {first} 到 {last} 的分布；{low} 到 {high} 最多，{most} 行{crowd.zh}",
        f"Distribution from {first} to {last}; most from {low} to {high}: {most}{crowd.en}",
    )


def _signed(written: str) -> str:
    """A number with a true minus."""
    return f"−{written[1:]}" if _NUMBER.fullmatch(written) and written.startswith("-") else written


def _values(figures: Figures, number: Number) -> Text:
    named = [f"{shortened(_signed(bar.label))} {number(bar.count)}" for bar in figures.top[:3]]
    many = number(others) if (others := _others(figures)) else ""
    rest = Text(f"；未列出的其他值 {many}（浅色）", f"; all values without a bar {many} (pale bar)") if many else Text()
    return Text(f"最常见：{'、'.join(named)}{rest.zh}", f"Most frequent: {', '.join(named)}{rest.en}")


def shortened(value: str) -> str:
    """The beginning of a value."""
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"


def share(count: int, cells: int) -> str:
    """A part of all cells in hundredths, which stands beside the count; blank where there are no cells."""
    if not cells:
        return ""
    hundredths = 100 * count / cells
    return f"{hundredths:.1f}%" if not 0 < hundredths < _LEAST else f"<{_LEAST}%"


def grouped(value: str) -> str:
    """A number with its groups, as both languages write them: 39,250,017.5; anything else as it is."""
    found = _NUMBER.fullmatch(value)
    return f"{found[1]}{int(found[2]):,}{found[3] or ''}" if found else value

"""How the figures of a chart lie on paper: distributions, bars, series. Bars begin at zero; labels stand at the marks.

Hollow is what is empty, grey is the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from civicat.catalog.charts.columns import Column
from civicat.catalog.charts.drawing import NARROW, SIZE, Anchor, Drawing, Label, Origin, Path, at, box, rule
from civicat.catalog.charts.maps import mapped
from civicat.catalog.charts.plot import Mark, Plot
from civicat.catalog.charts.scales import ticks
from civicat.catalog.charts.spelled import (
    code,
    code_origin,
    edge,
    fitted,
    moment,
    number,
    short,
    whole_code,
    width,
)
from civicat.catalog.charts.svg import broken
from civicat.catalog.charts.units import with_unit
from civicat.text import Language, Text

_TALL = {False: 300, True: 240}  # pixels of a chart with an axis: wide, narrow
_TOP = 26  # above the highest mark, for its label
_FOOT = 42  # below the base line: the axis and what it counts
_ROW = 26  # of a horizontal bar
_LINE = 15  # of a label that takes several lines
_MOST_LINES = 3
_MOST_LYING = 12  # bars of whole numbers in their order that lie under each other; more stand side by side
_DOTS = 40  # points of a line up to which each is marked
_EMPTY = Text("空", "empty")
_REST = Text("其余", "the rest")


@dataclass(frozen=True, slots=True)
class Scene:
    """What a layout needs beside the plot: the columns, the reader's language, the width in pixels."""

    columns: tuple[Column, ...]
    language: Language
    width: int

    @property
    def is_narrow(self) -> bool:
        """Whether it is drawn for a telephone."""
        return self.width <= NARROW


def drawn(plot: Plot, scene: Scene) -> Drawing:
    """A plot on paper. It has a mark at least."""
    return _LAYOUTS[plot.shape](plot, scene)


def _histogram(plot: Plot, scene: Scene) -> Drawing:
    tall = _TALL[scene.is_narrow]
    base, counts = tall - _FOOT, [mark.rows for mark in plot.marks]
    scale = ticks(0, max(*counts, min(plot.missing, 2 * max(counts)), 1), 4)
    left = 10 + max(width(short(one, scene.language), SIZE) for one in scale)
    hollow = 46 if plot.missing else 0
    before, after = (_BESIDE if mark else 0 for mark in (plot.below, plot.above))
    zero, left = left, left + before
    per = (scene.width - left - after - hollow - 6) / len(counts)
    up = (base - _TOP) / scale[-1]
    gap = min(1.5, per / 6)
    bars = "".join(
        box(left + place * per + gap / 2, base - max(1, count * up), per - gap, max(1, count * up))
        for place, count in enumerate(counts)
        if count
    )
    paths = [*_grid(scale, up, zero, scene.width, base), Path("a", bars)]
    labels = [*_scale_labels(scale, up, zero, base, scene.language)]
    peak = counts.index(max(counts))
    over = (left + (peak + 0.5) * per, base - counts[peak] * up)
    labels.append(_over(*over, number(counts[peak]), (left, scene.width - hollow - after)))
    labels += _edges(plot, scene, left, per, base)
    for mark, x, sign in (
        (plot.below, zero + 4, "<"),
        (plot.above, left + per * len(counts) + 14, "≥"),
    ):
        if mark:
            high = min(max(1.0, mark.rows * up), base - _TOP)
            paths.append(Path("z", box(x, base - high, 24, high)))
            labels.append(Label(x + 12, base - high - 6, number(mark.rows), "k", "middle"))
            bound = mark.until if sign == "<" else mark.key
            words = f"{sign}{_short_edge(bound, plot, scene.language)}"
            labels.append(Label(x + 12, base + 17, words, "", "middle"))
    if plot.missing:
        high = min(max(1.0, plot.missing * up), base - _TOP)
        x = scene.width - hollow + 8
        is_cut = plot.missing > scale[-1]  # it goes on above the paper, so it has no upper edge
        side = f"M{at(x)} {at(base)}V{at(base - high)}M{at(x + 24)} {at(base)}V{at(base - high)}"
        paths.append(Path("o", side if is_cut else box(x, base - high, 24, high)))
        labels.append(Label(x + 12, base - high - 6, number(plot.missing), "k", "middle"))
        labels.append(Label(x + 12, base + 17, _EMPTY.within(scene.language), "", "middle"))
    paths.append(Path("base", rule(zero, base, scene.width, base)))
    said = _EVERY[plot.how].within(scene.language)
    labels.append(Label(0, 12, said, "soft"))
    origin = scene.columns[0].title.spoken(scene.language)
    labels.append(Label(left, tall - 4, fitted(_axis(plot, scene), SIZE, scene.width - left), "soft", origin=origin))
    return Drawing(scene.width, tall, tuple(paths), tuple(labels))


_BESIDE = 48  # pixels of a grey bar for what lies beyond the others
_EVERY = {"count": Text("行数", "Rows"), "length": Text("行数", "Rows")}


def _axis(plot: Plot, scene: Scene) -> str:
    column = scene.columns[0]
    title = column.title.within(scene.language)
    if plot.how == "length":
        return f"{title}：字符数" if scene.language == "zh" else f"{title}: characters"
    return with_unit(title, column.unit, scene.language)


def _edges(plot: Plot, scene: Scene, left: float, per: float, base: float) -> list[Label]:
    """The edges of bins that have room for their words."""
    if _is_one_by_one(plot):
        return _under([mark.key for mark in plot.marks], left, per, base)
    keys = [*(mark.key for mark in plot.marks), plot.marks[-1].until]
    words = [_short_edge(key, plot, scene.language) for key in keys]
    every = max(1, -(-int(max(width(one, SIZE) for one in words) + 14) // max(1, int(per))))
    found = []
    for place in range(0, len(words), every):
        x = left + place * per
        anchor: Anchor = "start" if place == 0 else "middle"
        end = left + per * len(plot.marks) + (0 if plot.above else 12)
        if (place or not plot.below) and x + width(words[place], SIZE) / 2 <= end:
            found.append(Label(x, base + 17, words[place], "", anchor))
    return found


def _is_one_by_one(plot: Plot) -> bool:
    """Whether each bar is of one whole number."""
    if plot.grain != "number" or plot.below or plot.above:
        return False
    ends = [(mark.key, mark.until) for mark in plot.marks]
    return all(_is_whole(low) and _is_whole(high) and int(high) - int(low) == 1 for low, high in ends)


def _is_whole(written: str) -> bool:
    return written.removeprefix("-").isdecimal() and len(written) < 16  # noqa: PLR2004 (digits that floats keep)


def _under(keys: Sequence[str], left: float, per: float, base: float) -> list[Label]:
    """Whole numbers under the middle of their bars, as many as have room."""
    words = [number(float(key)) for key in keys]
    every = max(1, -(-int(max(width(one, SIZE) for one in words) + 8) // max(1, int(per))))
    return [
        Label(left + (place + 0.5) * per, base + 17, words[place], "", "middle")
        for place in range(0, len(words), every)
    ]


def _short_edge(key: str, plot: Plot, language: Language) -> str:
    """An edge in few letters: 1.5m; of times the day in digits."""
    if plot.grain == "number":
        try:
            return short(float(key), language)
        except ValueError:
            return key
    if plot.grain in {"second", "hour"}:
        return f"{key[5:10]} {key[11:13]}h" if key[11:13] not in {"00", ""} else key[5:10]
    return key[:7] if plot.grain == "month" else edge(key, plot.grain, language) if plot.grain == "year" else key[:10]


def _grid(scale: Sequence[float], up: float, left: float, right: float, base: float) -> list[Path]:
    lines = "".join(rule(left, base - (one - scale[0]) * up, right, base - (one - scale[0]) * up) for one in scale[1:])
    return [Path("gl", lines)]


def _scale_labels(scale: Sequence[float], up: float, left: float, base: float, language: Language) -> list[Label]:
    return [Label(left - 6, base - (one - scale[0]) * up + 4, short(one, language), "", "end") for one in scale]


def _over(x: float, y: float, words: str, within: tuple[float, float]) -> Label:
    """A figure over a mark, kept between the axis and the end of the paper."""
    half = width(words, SIZE) / 2
    return Label(min(max(x, within[0] + half + 4), within[1] - half), y - 7, words, "k", "middle")


def _are_parts(plot: Plot, scene: Scene) -> bool:
    """Whether bars are of many whole numbers in their order, such as the days of a month: they stand side by side."""
    keys = [mark.key for mark in plot.marks]
    return (
        len(keys) > _MOST_LYING
        and scene.columns[0].is_whole
        and not plot.rest
        and all(_is_whole(key) and key not in scene.columns[0].field.categories for key in keys)
        and all((mark.value or 0.0) >= 0 for mark in plot.marks)
    )


def _standing(plot: Plot, scene: Scene) -> Drawing:
    tall = _TALL[scene.is_narrow]
    base, values = tall - _FOOT, [mark.value or 0.0 for mark in plot.marks]
    empty = plot.missing if plot.how == "count" else 0
    scale = ticks(0, max(*values, min(empty, 2 * max(values))) or 1.0, 4)
    left = 10 + max(width(short(one, scene.language), SIZE) for one in scale)
    hollow = 46 if empty else 0
    per, up = (scene.width - left - hollow - 6) / len(values), (base - _TOP) / scale[-1]
    bars = "".join(
        box(left + place * per + 0.75, base - max(1, one * up), per - 1.5, max(1, one * up))
        for place, one in enumerate(values)
        if one
    )
    peak = values.index(max(values))
    over = (left + (peak + 0.5) * per, base - values[peak] * up)
    head, foot = scene.columns[-1] if len(scene.columns) > 1 else None, scene.columns[0]
    said = with_unit(head.title.within(scene.language), head.unit, scene.language) if head else ""
    labels = [
        *_scale_labels(scale, up, left, base, scene.language),
        _over(*over, _figure(values[peak], scene), (left, scene.width - hollow)),
        *_under([mark.key for mark in plot.marks], left, per, base),
        Label(
            0,
            12,
            said or _ROWS.within(scene.language),
            "soft",
            origin=head.title.spoken(scene.language) if head else "",
        ),
        Label(left, tall - 4, _axis(plot, scene), "soft", origin=foot.title.spoken(scene.language)),
    ]
    paths = [*_grid(scale, up, left, scene.width, base), Path("a", bars)]
    if empty:
        high, x = min(max(1.0, empty * up), base - _TOP), scene.width - hollow + 8
        is_cut = empty > scale[-1]  # it goes on above the paper, so it has no upper edge
        side = f"M{at(x)} {at(base)}V{at(base - high)}M{at(x + 24)} {at(base)}V{at(base - high)}"
        paths.append(Path("o", side if is_cut else box(x, base - high, 24, high)))
        labels.append(Label(x + 12, base - high - 6, number(empty), "k", "middle"))
        labels.append(Label(x + 12, base + 17, _EMPTY.within(scene.language), "", "middle"))
    paths.append(Path("base", rule(left, base, scene.width, base)))
    return Drawing(scene.width, tall, tuple(paths), tuple(labels))


def _bars(plot: Plot, scene: Scene) -> Drawing:
    if _are_parts(plot, scene):
        return _standing(plot, scene)
    rows = [(_named(mark, scene), mark.value, "a") for mark in plot.marks]
    origins: list[Origin] = [code_origin(mark.key, scene.columns[0], scene.language) for mark in plot.marks]
    if plot.rest:
        rows.append((f"{_REST.within(scene.language)} ({number(plot.groups)})", plot.rest.value, "z"))
    if plot.missing and plot.how == "count":
        rows.append((_EMPTY.within(scene.language), float(plot.missing), "o"))
    values = [value or 0.0 for _, value, css in rows if css == "a" or not (plot.is_cut and css == "z")]
    low, high = min(*values, 0.0), max(*values, 0.0)
    written = [_figure(value, scene) for _, value, _ in rows]
    room = max(width(one, SIZE) for one in written) + 10
    below = room if low < 0 else 0.0
    wanted = max(width(words, SIZE) for words, _, _ in rows) + 12
    left = min(wanted, scene.width * (0.46 if scene.is_narrow else 0.4)) + below
    per = (scene.width - left - (room if high > 0 else 4)) / ((high - low) or 1)
    zero = left - low * per
    paths: dict[str, str] = {}
    labels = []
    y = 4.0
    for place, ((words, value, css), figure) in enumerate(zip(rows, written, strict=True)):
        long = min(max((value or 0.0), low), high) * per
        if css == "z" and plot.is_cut:  # it goes on beyond the paper, so it has no end
            paths["cut"] = f"M{at(zero + long)} {at(y)}H{at(zero)}M{at(zero + long)} {at(y + _ROW - 8)}H{at(zero)}"
        elif value:
            paths[css] = paths.get(css, "") + box(min(zero, zero + long), y, max(1, abs(long)), _ROW - 8)
        told = _lines(words, left - below - 12)
        origin = origins[place] if place < len(origins) else ""
        labels += [
            Label(left - below - 10, y + 13.5 + _LINE * line, one, "", "end", origin) for line, one in enumerate(told)
        ]
        outside = zero + long + 6 if long >= 0 else zero + long - 6
        labels.append(Label(outside, y + 13.5, figure, "k", "start" if long >= 0 else "end"))
        y += _ROW + _LINE * (len(told) - 1)
    tall = y - 2
    lines = [Path(css, d) for css, d in paths.items()]
    return Drawing(scene.width, tall, (*lines, Path("base", rule(zero, 0, zero, tall))), tuple(labels))


def _lines(words: str, room: float) -> list[str]:
    """A label in the lines that it takes; the last of too many is cut, which shows."""
    lines = broken(words, SIZE, room)
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], " ".join(lines[_MOST_LINES - 1 :])]
    return [fitted(one, SIZE, room) for one in lines]


def _named(mark: Mark, scene: Scene) -> str:
    """The label of a code, and the code behind it."""
    said = whole_code(mark.key, scene.columns[0], scene.language)
    return f"{said} {mark.key}" if said != mark.key and mark.key not in said and not scene.is_narrow else said


def _figure(value: float | None, scene: Scene) -> str:
    if value is None:
        return _EMPTY.within(scene.language)
    return number(value) if abs(value) < 1e7 else short(value, scene.language)  # noqa: PLR2004 (as wide as it may be)


def _series(plot: Plot, scene: Scene) -> Drawing:
    panels = [(name, tuple(marks)) for name, marks in groupby(plot.marks, key=lambda mark: mark.panel)]
    values = [mark.value for mark in plot.marks if mark.value is not None] or [0.0]
    from_zero = plot.how in {"count", "sum"}
    low, high = (min(*values, 0.0), max(*values, 0.0)) if from_zero else (min(values), max(values))
    keys = sorted({mark.key for mark in plot.marks})
    scale = ticks(low, high, 4)
    if len(panels) == 1:
        size = (scene.width, _TALL[scene.is_narrow])
        return Drawing(*size, *_line(plot, scene, panels[0], keys, scale, (0, 0, *size)))
    across = 1 if scene.is_narrow else 3 if len(panels) > 4 else 2  # noqa: PLR2004
    wide, tall = scene.width / across, 170
    paths: list[Path] = []
    labels: list[Label] = []
    for place, panel in enumerate(panels):
        corner = (place % across * wide, place // across * tall, wide - (14 if across > 1 else 0), tall - 8)
        more, words = _line(plot, scene, panel, keys, scale, corner)
        paths += more
        labels += words
    return Drawing(scene.width, -(-len(panels) // across) * tall, tuple(paths), tuple(labels))


def _line(  # noqa: PLR0913, PLR0917 - a line, its scales, and where it lies
    plot: Plot,
    scene: Scene,
    panel: tuple[str, tuple[Mark, ...]],
    keys: Sequence[str],
    scale: Sequence[float],
    corner: tuple[float, float, float, float],
) -> tuple[tuple[Path, ...], tuple[Label, ...]]:
    """One line with its axes in the rectangle `corner` (x, y, width, height)."""
    x0, y0, wide, tall = corner
    name, marks = panel
    left = x0 + 10 + max(width(short(one, scene.language), SIZE) for one in scale)
    right, base = x0 + wide - 12, y0 + tall - 26
    top = y0 + _TOP + (12 if name else 8)
    up, per = (base - top) / (scale[-1] - scale[0]), (right - left) / max(1, len(keys) - 1)
    places = {key: left + place * per for place, key in enumerate(keys)}
    spots = [(places[mark.key], base - (mark.value - scale[0]) * up, mark) for mark in marks if mark.value is not None]
    paths = [*_grid(scale, up, left, right, base)]
    if scale[0] < 0 < scale[-1]:
        paths.append(Path("hair", rule(left, base + scale[0] * up, right, base + scale[0] * up)))
    paths.append(Path("base", rule(left, base, right, base)))
    paths.append(Path("line", _strokes(marks, places, base, scale[0], up)))
    if len(spots) <= _DOTS:
        paths.append(Path("dots", "".join(f"M{at(x)} {at(y)}h0" for x, y, _ in spots), 5))
    partial = [(x, y) for x, y, mark in spots if plot.ends and mark.key in {keys[0], keys[-1]} and plot.how != "value"]
    paths.append(Path("ring", "".join(_ring(x, y) for x, y in partial)))
    labels = [*_scale_labels(scale, up, left, base, scene.language)]
    labels += _told_points(spots, (left, right, base), scene, lowest=not name)
    labels += _periods(plot, keys, places, base, scene)
    unit = scene.columns[1].unit if len(scene.columns) > 1 else ""
    if name:
        words = fitted(code(name, scene.columns[2], scene.language), SIZE, wide)
        origin = code_origin(name, scene.columns[2], scene.language)
        labels.append(Label(x0, y0 + 13, words, "k", origin=origin))
    else:
        title = (
            scene.columns[1].title.within(scene.language) if len(scene.columns) > 1 else _ROWS.within(scene.language)
        )
        words = fitted(with_unit(title, unit, scene.language), SIZE, scene.width)
        origin = scene.columns[1].title.spoken(scene.language) if len(scene.columns) > 1 else ""
        labels.append(Label(0, 12, words, "soft", origin=origin))
    return tuple(one for one in paths if one.d), tuple(labels)


_ROWS = Text("行数", "Rows")


def _strokes(marks: Sequence[Mark], places: Mapping[str, float], base: float, low: float, up: float) -> str:
    """The line, which is broken where there is no value; a value alone between two gaps is a dot."""
    pieces, pen = [], "M"
    for place, mark in enumerate(marks):
        if mark.value is None:
            pen = "M"
            continue
        alone = pen == "M" and (place + 1 == len(marks) or marks[place + 1].value is None)
        pieces.append(f"{pen}{at(places[mark.key])} {at(base - (mark.value - low) * up)}{'h.1' if alone else ''}")
        pen = "L"
    return "".join(pieces)


def _ring(x: float, y: float) -> str:
    return f"M{at(x - 4)} {at(y)}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z"


def _told_points(
    spots: list[tuple[float, float, Mark]], within: tuple[float, float, float], scene: Scene, *, lowest: bool
) -> list[Label]:
    """The highest value, the last and the lowest, written at their points unless they are too near each other."""
    if not spots:
        return []
    left, right, base = within
    best = max(spots, key=lambda one: one[2].value or 0.0)
    least = min(spots, key=lambda one: one[2].value or 0.0)
    labels: list[Label] = []
    taken: list[tuple[float, float]] = []
    for x, y, mark in (best, spots[-1], *([least] if lowest else [])):
        words = _figure_short(mark.value, scene.language)
        half = width(words, SIZE) / 2
        spot = min(max(x, left + half), right + 10 - half)
        if all(abs(spot - other) > half * 2 + 8 for other, _ in taken):
            below = mark is least[2] and mark is not best[2]
            if below and y + 20 > base:
                continue
            labels.append(Label(spot, y + (18 if below else -8), words, "k", "middle"))
            taken.append((spot, y))
    return labels


def _figure_short(value: float | None, language: Language) -> str:
    return "" if value is None else number(value) if abs(value) < 1e6 else short(value, language)  # noqa: PLR2004


def _periods(plot: Plot, keys: Sequence[str], places: Mapping[str, float], base: float, scene: Scene) -> list[Label]:
    """As many periods under the line as have room, the first and the last among them."""
    words = [_short_period(key, plot, scene.language) for key in keys]
    room = max(width(one, SIZE) for one in words) + 16
    span = places[keys[-1]] - places[keys[0]]
    many = max(1, min(len(keys) - 1, int(span // room), 8))
    chosen = sorted({round(place * (len(keys) - 1) / many) for place in range(many + 1)})
    ends: Mapping[int, Anchor] = {0: "start", len(keys) - 1: "end"} if len(keys) > 1 else {}
    labels = [Label(places[keys[one]], base + 17, words[one], "", ends.get(one, "middle")) for one in chosen]
    return _apart(labels)


def _apart(labels: list[Label]) -> list[Label]:
    """Labels on one line without those that would touch the one before or the last."""
    kept: list[Label] = []
    for label in [*labels[:-1][:1], labels[-1], *labels[1:-1]] if len(labels) > 1 else labels:
        left, right = _extent(label)
        if all(right + 8 < _extent(other)[0] or left - 8 > _extent(other)[1] for other in kept):
            kept.append(label)
    return sorted(kept, key=lambda one: one.x)


def _extent(label: Label) -> tuple[float, float]:
    long = width(label.words, SIZE)
    left = label.x - {"start": 0.0, "middle": long / 2, "end": long}[label.anchor]
    return left, left + long


def _short_period(key: str, plot: Plot, language: Language) -> str:
    if plot.grain == "year":
        return key[:4]
    return (
        key[:7] if plot.grain == "month" else key[5:10] if plot.grain == "day" else moment(key, "hour", language)[-5:]
    )


def _map(plot: Plot, scene: Scene) -> Drawing:
    value = next((one for one in scene.columns if one.role == "quantity"), None)
    return mapped(plot, value, scene.language, scene.width)


_LAYOUTS: Mapping[str, Callable[[Plot, Scene], Drawing]] = {
    "histogram": _histogram,
    "bars": _bars,
    "series": _series,
    "points": _map,
    "shapes": _map,
}

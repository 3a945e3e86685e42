"""How figures lie on paper, and the SVG that is made of them."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from civicat.catalog.charts.columns import Column
from civicat.catalog.charts.drawing import NARROW, WIDE, Drawing
from civicat.catalog.charts.layouts import Scene, drawn
from civicat.catalog.charts.plot import Mark, Plot
from civicat.catalog.charts.svg import Words, alone, broken, inline
from civicat.dataset import Field
from civicat.text import Language, Text

NAME = Column(
    Field("kind", "string", "default", Text("类别", "Kind"), Text(), "", "", None, {}, {}, (), generated=False),
    "code",
    in_key=False,
    is_key=False,
    profile={},
)
DEPTH = replace(
    NAME,
    field=replace(NAME.field, name="depth", type="number", title=Text("深度", "Depth"), unit="km"),
    role="quantity",
)
BARS = Plot("bars", "sum", (Mark("<a>", 50.0, 5), Mark("b", -25.0, 5)), 12, 2, rest=Mark("", 5.0, 1), groups=3)
HISTOGRAM = Plot(
    "histogram",
    "count",
    (Mark("0", 4.0, 4, "5"), Mark("5", 0.0, 0, "10"), Mark("10", 1.0, 1, "15")),
    1_005,
    1_000,
    "number",
)
POINTS = Plot("points", "mean", (Mark("", 1.0, 1, x=170.0, y=10.0), Mark("", 9.0, 1, x=-170.0, y=-10.0)), 2, 0)
SQUARE = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0))
SHAPES = Plot("shapes", "value", (Mark("", 1.0, 1, rings=(SQUARE,)), Mark("", None, 1, rings=(SQUARE,))), 2, 0)
MONTHS = tuple(Mark(f"2026-{month:02}-01", None if month == 3 else float(month), 1) for month in range(1, 7))
SERIES = Plot("series", "mean", MONTHS, 6, 0, "month", ends=("2026-01-10", "2026-06-03"))
ALL = {
    "bars": (BARS, (NAME, DEPTH)),
    "histogram": (HISTOGRAM, (DEPTH,)),
    "series": (SERIES, (NAME, DEPTH)),
    "points": (POINTS, (DEPTH,)),
    "shapes": (SHAPES, (DEPTH,)),
}
AROUND = Words("en", 'A "title" <b>', "It says <i>", "All of it & more", ("Office · data", "CC0"))


def on_paper(kind: str, width: int = WIDE, language: Language = "en") -> Drawing:
    plot, shown = ALL[kind]
    return drawn(plot, Scene(shown, language, width))


def path(drawing: Drawing, css: str) -> str:
    return next(one.d for one in drawing.paths if one.css == css)


@pytest.mark.parametrize("kind", sorted(ALL))
@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_stays_on_its_paper_and_is_the_same_each_time(kind: str, width: int, language: Language) -> None:
    drawing = on_paper(kind, width, language)
    assert drawing == on_paper(kind, width, language)
    assert all(-1 <= one.x <= width + 1 and 0 <= one.y <= drawing.height + 1 for one in drawing.labels)
    assert alone(drawing, AROUND) == alone(on_paper(kind, width, language), AROUND)


def test_bars_begin_at_zero_and_go_both_ways() -> None:
    drawing = on_paper("bars")
    zero = float(re.findall(r"M([\d.]+) 0L", path(drawing, "base"))[0])
    bars = [(float(x), float(w)) for x, w in re.findall(r"M([\d.]+) [\d.]+h([\d.]+)", path(drawing, "a"))]
    (up_x, up_w), (down_x, down_w) = bars
    assert up_x == pytest.approx(zero, abs=0.1)
    assert down_x + down_w == pytest.approx(zero, abs=0.1)
    assert up_w == pytest.approx(2 * down_w, abs=0.2)
    assert [one.words for one in drawing.labels if one.css == "k"] == ["50", "−25", "5"]
    assert "the rest (3)" in [one.words for one in drawing.labels]
    assert path(drawing, "z")


def test_empty_cells_are_a_hollow_bar_that_is_cut_where_it_would_hide_the_rest() -> None:
    whole = drawn(replace(HISTOGRAM, missing=3), Scene((DEPTH,), "en", WIDE))
    assert path(whole, "o").endswith("z")
    assert not path(on_paper("histogram"), "o").endswith("z")
    assert "1,000" in [one.words for one in on_paper("histogram").labels]


def test_a_line_breaks_where_there_is_no_value_and_rings_mark_what_may_not_be_whole() -> None:
    drawing = on_paper("series")
    assert path(drawing, "line").count("M") == 2
    assert path(drawing, "ring").count("z") == 2
    assert "Depth (km, kilometres)" in [one.words for one in drawing.labels]
    assert "深度（km，千米）" in [one.words for one in on_paper("series", language="zh").labels]


def test_small_multiples_share_their_scale() -> None:
    panels = tuple(
        Mark(f"{year}", float(year - 1999) * size, 1, panel=name)
        for name, size in (("a", 1), ("b", 10))
        for year in (2000, 2001)
    )
    drawing = drawn(Plot("series", "value", panels, 4, 0, "year"), Scene((NAME, DEPTH, NAME), "en", WIDE))
    tops = [one.words for one in drawing.labels if one.words == "20"]
    assert len(tops) >= 2
    assert {"a", "b"} <= {one.words for one in drawing.labels}


def test_points_either_side_of_the_date_line_stand_together() -> None:
    drawing = on_paper("points")
    spots = [float(x) for one in drawing.paths if one.css.startswith("dots k") for x in re.findall(r"M([\d.]+)", one.d)]
    assert abs(spots[0] - spots[1]) < WIDE
    labels = [one.words for one in drawing.labels]
    assert "180°" in labels
    assert any(words.startswith("1 to ") for words in labels)


def test_shapes_without_a_value_are_hollow() -> None:
    assert path(on_paper("shapes"), "area o")
    assert [one.css for one in on_paper("shapes").paths if one.css.startswith("area k")]


@pytest.mark.parametrize("kind", sorted(ALL))
def test_a_file_is_xml_without_styles_scripts_or_addresses_and_names_its_fonts(kind: str) -> None:
    svg = alone(on_paper(kind), AROUND)
    root = ET.fromstring(svg)  # noqa: S314 - our own
    assert root.findtext("{http://www.w3.org/2000/svg}title") == 'A "title" <b>'
    assert root.findtext("{http://www.w3.org/2000/svg}desc") == "All of it & more"
    assert "Noto Sans CJK SC" in root.attrib["font-family"]
    assert not re.search(r"<style|<script|href|class=|NaN|inf", svg)
    assert "CC0" in svg


def test_within_a_page_it_has_one_label_and_ids_of_its_own() -> None:
    svg = inline(on_paper("bars"), AROUND, "c1", "wide")
    assert 'role="img" aria-labelledby="c1-t c1-d"' in svg
    assert 'id="c1-t"' in svg
    assert "&lt;a&gt;" in svg
    assert "<a>" not in svg
    assert svg.count("aria-label") == 1
    assert "style=" not in svg


def test_titles_break_at_spaces_and_between_han_and_never_before_a_full_stop() -> None:
    assert broken("one two three", 10, 45) == ["one two", "three"]
    assert broken("全球气温变化。", 10, 60) == ["全球气温变", "化。"]
    assert broken("", 10, 50) == []

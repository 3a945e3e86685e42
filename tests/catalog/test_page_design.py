import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from civicat import catalog
from civicat.catalog.look.design_tokens import (
    CHOSEN_DARK,
    DRAWN,
    MEANINGS,
    PAIRS,
    TEXT,
    Contrast,
    colours,
    colours_of,
    contrast,
    contrasts,
    read_stylesheet,
    sizes,
)

Get = Callable[..., httpx.Response]

CSS = read_stylesheet()
TEMPLATES = Path(catalog.__file__).parent / "templates"
MACRO = re.compile(r"{% macro (\w+)")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("#000", "#fff", 21.0), ("#ffffff", "#fff", 1.0), ("#777777", "#ffffff", 4.48), ("#f00", "#ffffff", 4.0)],
)
def test_the_contrast_of_two_colours_is_that_of_wcag_and_the_order_does_not_matter(
    one: str, other: str, expected: float
) -> None:
    assert contrast(one, other) == pytest.approx(expected, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize("found", contrasts(colours(CSS)), ids=lambda one: f"{one.pair.front}-{one.pair.ground}")
def test_each_pair_of_colours_has_the_contrast_that_it_needs_in_light_and_in_dark(found: Contrast) -> None:
    assert found.pair.needed in {TEXT, DRAWN}
    assert found.ratios
    assert min(found.ratios.values()) >= found.pair.needed, found


def test_every_colour_that_speaks_is_in_a_pair() -> None:
    assert MEANINGS.keys() - {name for pair in PAIRS for name in (pair.front, pair.ground)} == {"rule"}


def test_the_dark_colours_that_a_reader_chooses_are_those_of_a_dark_device() -> None:
    device = {one.name: one.dark for one in colours(CSS)}
    assert colours_of(CSS, CHOSEN_DARK) == device


def test_tokens_are_read_from_the_stylesheet_so_a_change_of_it_shows() -> None:
    changed = CSS.replace("--ink: #15201b", "--ink: #aabbcc").replace("--f3: 1.0625rem", "--f3: 2rem")
    assert {one.name: one.light for one in colours(changed)}["ink"] == "#aabbcc"
    assert [one.least for one in sizes(changed, "f") if one.name == "f3"] == [32]


def test_type_grows_from_one_step_to_the_next_and_so_do_spaces() -> None:
    for kind, count in (("f", 7), ("s", 8)):
        steps = [one.most for one in sizes(CSS, kind)]
        assert len(steps) == count
        assert steps == sorted(set(steps))


@pytest.mark.parametrize(
    ("language", "colour", "slip"), [("en", "Contrast, to 1", "Slips"), ("zh", "对比度（比 1）", "简片")]
)
def test_the_page_shows_the_tokens_with_their_contrast_and_every_component_with_its_markup(
    get: Get, language: str, colour: str, slip: str
) -> None:
    page = get("/design", accept_language=language).text
    assert colour in page
    assert f"<h3>{slip} <code>slips_of</code></h3>" in page
    for one in colours(CSS):
        assert f"<code>--{one.name}</code>" in page
        assert f'fill="{one.light}"' in page
        assert f'fill="{one.dark}"' in page
    assert "&lt;span class=&#34;pill ok&#34;&gt;" in page, "the markup of a component, to be read"
    assert '<span class="pill ok">' in page, "the component itself"


def test_no_component_is_left_out(get: Get) -> None:
    page = get("/design").text
    shown = {
        name.strip() for found in re.findall(r"<h3>[^<]* <code>([^<]*)</code></h3>", page) for name in found.split(",")
    }
    macros = set(MACRO.findall((TEMPLATES / "components.html").read_text("utf-8")))
    assert macros - shown == set()


def test_no_id_stands_twice_on_the_page(get: Get) -> None:
    ids = re.findall(r' id="([^"]+)"', get("/design").text)
    assert sorted({one for one in ids if ids.count(one) > 1}) == []

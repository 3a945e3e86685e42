"""What a steward says of a dataset as a whole: its opening, what it is good for, biases, place and time."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import yaml

from civicat.dataset import Dataset, Period, Place, read_dataset
from civicat.errors import DescriptorError
from civicat.publish.jsontext import plain
from civicat.text import Text

WORLD = (-180.0, -90.0, 180.0, 90.0)
SAID = [{"zh": "比较各县。", "en": "Compare counties."}]


def read(**civicat: Any) -> Dataset:  # noqa: ANN401 (the block as it is written)
    return read_dataset({"name": "q", "civicat": civicat}, "d.yaml", "usgs", Path("d"))


def refused(**civicat: Any) -> Text:  # noqa: ANN401 (as above)
    with pytest.raises(DescriptorError) as caught:
        read(**civicat)
    return caught.value.message


def test_what_is_not_said_is_blank() -> None:
    dataset = read()
    assert (dataset.opening, dataset.uses, dataset.biases, dataset.place, dataset.period) == (
        "open",
        (),
        (),
        None,
        None,
    )


def test_what_is_said_stands_in_both_languages() -> None:
    dataset = read(opening="conditional", uses=SAID, biases=[*SAID, *SAID])
    said = Text("比较各县。", "Compare counties.")
    assert (dataset.opening, dataset.uses, dataset.biases) == ("conditional", (said,), (said, said))


def test_an_opening_that_there_is_not_names_those_there_are() -> None:
    said = refused(opening="opn")
    assert "d.yaml" in said.zh
    assert "“opn”" in said.en
    assert "open" in said.en
    assert "open" in said.zh


@pytest.mark.parametrize("key", ["uses", "biases"])
def test_uses_and_biases_are_lists_of_both_languages(key: str) -> None:
    assert "d.yaml" in refused(**{key: "all"}).en
    assert "d.yaml" in refused(**{key: [{"fr": "tout"}]}).zh


@pytest.mark.parametrize(
    "box",
    [
        [-180, -90, 180, 90],
        [73.5, 18.1, 134.8, 53.6],
        [170, -50, -170, -30],
        [0, 10, 0, 10],
    ],
)
def test_a_box_is_four_degrees_also_across_the_antimeridian(box: list[float]) -> None:
    assert read(place={"box": box}).place == Place(Text(), (box[0], box[1], box[2], box[3]))


@pytest.mark.parametrize(
    "box",
    [
        [-180.1, -90, 180, 90],
        [-180, -90, 180.1, 90],
        [-180, -90.1, 180, 90],
        [-180, -90, 180, 90.1],
        [0, 20, 1, 10],
        [0, 0, 1],
        [0, 0, 1, 1, 1],
        [0, 0, "1", 1],
        [0, 0, True, 1],
        [0, 0, 1, 1, "x"],
        [0, 0, math.nan, 1],
        [0, 0, math.inf, 1],
        "0, 0, 1, 1",
        None,
    ],
)
def test_what_is_no_box_is_refused_with_an_example(box: object) -> None:
    said = refused(place={"box": box})
    assert "civicat.place.box" in said.en
    assert "is no box" in said.en
    assert "[73.5, 18.1, 134.8, 53.6]" in said.zh


def test_a_place_has_a_name_and_no_other_keys() -> None:
    named = {"zh": "全国", "en": "The country"}
    assert read(place={"title": named}).place == Place(Text("全国", "The country"), None)
    assert read(place={"title": named, "box": list(WORLD)}).place == Place(Text("全国", "The country"), WORLD)
    assert "Did you mean “box”?" in refused(place={"boxx": []}).en
    assert "您是指“box”吗？" in refused(place={"boxx": []}).zh


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ({"begins": "2012", "ends": "2012"}, Period("2012", "2012")),
        ({"begins": "2012-01", "ends": "2012-12-31"}, Period("2012-01", "2012-12-31")),
        ({"begins": "2012-06-30", "ends": "2012"}, Period("2012-06-30", "2012")),
        ({"begins": "2012", "ends": "2012-01"}, Period("2012", "2012-01")),
        ({"begins": "2012-02-29"}, Period("2012-02-29", "")),
        ({"ends": "0001"}, Period("", "0001")),
        ({}, Period()),
        ({"begins": 2012, "ends": None}, Period("2012", "")),
    ],
)
def test_a_period_is_of_years_months_or_days_and_may_be_open(period: dict[str, object], expected: Period) -> None:
    assert read(period=period).period == expected


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("begins", "2012-13"),
        ("begins", "2011-02-29"),
        ("ends", "2012-00"),
        ("ends", "12"),
        ("ends", "0000"),
        ("begins", "2012-1"),
        ("begins", "2012-01-01T00:00:00Z"),
        ("begins", "last year"),
        ("ends", 20121),
    ],
)
def test_what_is_no_day_is_refused_with_examples(key: str, written: object) -> None:
    said = refused(period={key: written})
    assert f"civicat.period.{key}" in said.en
    assert "is no year, month or day" in said.en
    assert "2012-08-31" in said.zh


@pytest.mark.parametrize(
    ("begins", "ends"), [("2013", "2012"), ("2012-02", "2012-01"), ("2012-02-01", "2012-01"), ("2013-01-01", "2012")]
)
def test_a_period_that_ends_before_it_begins_is_refused(begins: str, ends: str) -> None:
    said = refused(period={"begins": begins, "ends": ends})
    assert "it ends before it begins" in said.en
    assert "结束早于开始" in said.zh


WRITTEN = """
place: {title: {zh: 全国, en: The country}, box: [73.5, 18, 134.8, 53.6]}
period: {begins: 2012-01-31, ends: 2013}
"""


def test_a_date_and_a_year_of_yaml_are_read_as_they_are_written() -> None:
    assert read(**yaml.safe_load(WRITTEN)).period == Period("2012-01-31", "2013")


def test_what_publishing_writes_of_them_is_read_again() -> None:
    """A release holds the descriptor as JSON, in which a date is a text and a year may be a number."""
    held = json.loads(json.dumps(plain(yaml.safe_load(WRITTEN))))
    dataset = read(**held)
    assert dataset.period == Period("2012-01-31", "2013")
    assert dataset.place == Place(Text("全国", "The country"), (73.5, 18.0, 134.8, 53.6))


def test_half_a_character_is_refused_with_its_place() -> None:
    """JSON may spell one, and no file can hold it."""
    words = {"name": "towns", "title": "Towns of w\ud800", "civicat": {}}
    with pytest.raises(DescriptorError) as refused:
        read_dataset(words, "datapackage.json", "demo", Path("towns"))
    assert "half a character stands after" in refused.value.message.en
    assert "Towns of w" in refused.value.message.en
    assert "半个字符" in refused.value.message.zh

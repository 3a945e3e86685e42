from typing import Any

import pytest

from civicat.catalog.facts.dictionary import NO_UNIT, Column, columns
from civicat.dataset import Field, Schema
from civicat.text import Text
from civicat.vocabulary import CODE


def column(**said: Any) -> Column:  # noqa: ANN401 (any value of a Field)
    values: dict[str, Any] = {
        "name": "people",
        "type": "integer",
        "format": "default",
        "title": Text("人数", "People"),
        "description": Text("", ""),
        "example": "1",
        "unit": "",
        "scale": None,
        "constraints": {},
        "categories": {},
        "caveats": (),
        "generated": False,
    }
    return columns(Schema((Field(**values | said),), ("people",), (), {}))[0]


@pytest.mark.parametrize(
    ("constraints", "expected"),
    [
        ({"minimum": 0}, ["at least 0"]),
        ({"maximum": 9}, ["at most 9"]),
        ({"minimum": -180, "maximum": 180}, ["−180 to 180"]),
        ({"required": True, "minimum": 0, "maximum": 9}, ["0 to 9", "never empty"]),
        ({"required": False}, []),
        ({"unique": True, "maxLength": 3}, ["no value twice", "3 characters or fewer"]),
    ],
)
def test_constraints_are_said_in_words(constraints: dict[str, object], expected: list[str]) -> None:
    assert [rule.en for rule in column(constraints=constraints).rules] == expected


def test_a_pattern_stands_by_itself() -> None:
    found = column(type="string", constraints={"pattern": "[A-Z]{2}"})
    assert (found.pattern, found.rules) == ("[A-Z]{2}", ())


def test_a_column_with_labels_is_a_code_and_shows_them() -> None:
    found = column(type="string", categories={"A": Text("自动", "Automatic")})
    assert found.type == CODE
    assert found.codes == (("A", Text("自动", "Automatic")),)


def test_an_enum_without_labels_shows_its_values() -> None:
    assert column(type="string", constraints={"enum": ["N", "S"]}).codes == (("N", Text()), ("S", Text()))


def test_decimals_are_told() -> None:
    assert [rule.en for rule in column(type="number", scale=2).rules] == ["at most 2 decimals, kept exactly"]


def test_a_unit_of_one_is_no_unit() -> None:
    assert column(unit="1").unit == NO_UNIT
    assert column(unit="km").unit == "km"


def test_a_type_that_we_have_no_word_for_is_shown_as_it_is() -> None:
    assert column(type="quaternion").type == Text("quaternion", "quaternion")


def test_the_key_is_marked() -> None:
    assert column().is_key
    assert not column(name="other").is_key


@pytest.mark.parametrize(
    ("said", "averages"),
    [
        ({"name": "jobs", "unit": "1"}, True),
        ({"name": "month", "unit": "1"}, False),
        ({"name": "dep_time", "unit": "hhmm"}, False),
        ({"name": "agency", "unit": "1", "title": Text("财政部机构代码", "Treasury agency code")}, False),
        ({"name": "flight", "unit": "1", "title": Text("航班号", "Flight number")}, False),
        ({"name": "level", "unit": "1", "categories": {"1": Text("甲", "first")}}, False),
        ({"name": "depth", "unit": "km"}, True),
    ],
)
def test_a_mean_is_told_of_quantities_alone(said: dict[str, Any], *, averages: bool) -> None:
    assert column(**said).averages is averages


def test_days_in_rules_are_written_out() -> None:
    found = column(type="date", constraints={"minimum": "2006-01-01", "maximum": "2015-12-01"}).rules
    assert found == (Text("2006年1月1日 至 2015年12月1日", "1 January 2006 to 1 December 2015"),)

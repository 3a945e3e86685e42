"""The block `civicat: {bounds: ...}`: what it takes, what it refuses, and what is suggested for it from releases."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from handing_in import field, package, resource

from civicat import pipeline
from civicat.dataset import Dataset, read_dataset
from civicat.errors import DescriptorError, StoreError
from civicat.finding import Severity
from civicat.layout import Layout
from civicat.validators.bounds import UNITS, USUAL, LatestBound, Limit, Move, read_bounds
from civicat.validators.bounds_suggestion import suggest_bounds
from civicat.validators.measures import Look

FIELDS = [field("day", "date"), field("bridge"), field("passed", "integer"), field("length", "number")]
START = date(2026, 1, 1)


def with_bounds(bounds: Mapping[str, Any]) -> Dataset:
    """A dataset of one resource `counts` whose descriptor has these bounds."""
    descriptor = package("counts", [resource("counts", "counts.csv", FIELDS)])
    whole = read_dataset(descriptor, "datapackage.yaml", "transport", Path("counts"))
    ours = {**descriptor["civicat"], "bounds": bounds}
    return replaced(whole, {**descriptor, "civicat": ours})


def replaced(dataset: Dataset, descriptor: Mapping[str, Any]) -> Dataset:
    parts = {name: getattr(dataset, name) for name in Dataset.__slots__}
    return Dataset(**{**parts, "descriptor": descriptor})


def refused(bounds: Mapping[str, Any]) -> DescriptorError:
    with pytest.raises(DescriptorError) as caught:
        read_bounds(with_bounds(bounds), "datapackage.yaml")
    return caught.value


def test_every_limit_has_a_unit_and_a_usual_bound() -> None:
    assert set(Limit) == set(UNITS) == set(USUAL)


def test_what_is_not_stated_is_as_usual_and_only_told() -> None:
    bounds = read_bounds(with_bounds({}), "datapackage.yaml")["counts"]

    assert {limit: bounds.bound(limit).most for limit in Limit} == dict(USUAL)
    assert {bounds.bound(limit).severity for limit in Limit} == {Severity.WARNING}
    assert bounds.columns is Severity.WARNING
    assert bounds.of_latest("day") == LatestBound(Move.MAY_STAY, Severity.WARNING)
    assert bounds.looks() == {}


def test_what_is_stated_is_an_error_beyond_it_and_each_bound_stands_alone() -> None:
    stated = {
        "columns": "fixed",
        "rows": {"down": "2.5%"},
        "fill": {"up": "1 point"},
        "fields": {
            "bridge": {"categories": {"new": 3}, "fill": {"up": "7 points"}},
            "passed": {"magnitude": {"up": "2 times"}},
            "day": {"latest": "must-advance"},
        },
    }
    bounds = read_bounds(with_bounds({"counts": stated}), "datapackage.yaml")["counts"]

    down, up = bounds.bound(Limit.ROWS_DOWN), bounds.bound(Limit.ROWS_UP)
    assert (down.most, down.severity, down.key) == (Fraction(5, 2), Severity.ERROR, "civicat.bounds.counts.rows.down")
    assert (up.most, up.severity, up.key) == (USUAL[Limit.ROWS_UP], Severity.WARNING, "")
    assert bounds.bound(Limit.FILL_UP, "day").most == 1
    own = bounds.bound(Limit.FILL_UP, "bridge")
    assert (own.most, own.key) == (Fraction(7), "civicat.bounds.counts.fields.bridge.fill.up")
    assert bounds.of_latest("day") == LatestBound(
        Move.MUST_ADVANCE, Severity.ERROR, "civicat.bounds.counts.fields.day.latest"
    )
    assert bounds.columns is Severity.ERROR
    assert bounds.looks() == {
        "bridge": frozenset({Look.CATEGORIES}),
        "passed": frozenset({Look.MAGNITUDE}),
        "day": frozenset({Look.LATEST}),
    }


def test_severity_makes_stated_bounds_only_tell() -> None:
    stated = {
        "severity": "warning",
        "columns": "fixed",
        "rows": {"down": "2%"},
        "fields": {"day": {"fill": {"up": "1 point"}}},
    }
    bounds = read_bounds(with_bounds({"counts": stated}), "datapackage.yaml")["counts"]

    assert bounds.columns is Severity.WARNING
    assert bounds.bound(Limit.ROWS_DOWN).severity is Severity.WARNING
    assert bounds.bound(Limit.FILL_UP, "day").severity is Severity.WARNING


@pytest.mark.parametrize(
    ("bounds", "zh", "en"),
    [
        (
            {"count": {}},
            "datapackage.yaml，civicat.bounds：没有“count”这一项。您是指“counts”吗？",
            "datapackage.yaml, civicat.bounds: “count” is not known here. Did you mean “counts”?",
        ),
        (
            {"counts": {"row": {}}},
            "datapackage.yaml，civicat.bounds.counts：没有“row”这一项。您是指“rows”吗？",
            "datapackage.yaml, civicat.bounds.counts: “row” is not known here. Did you mean “rows”?",
        ),
        (
            {"counts": {"rows": {"dwn": "1%"}}},
            "datapackage.yaml，civicat.bounds.counts.rows：没有“dwn”这一项。您是指“down”吗？",
            "datapackage.yaml, civicat.bounds.counts.rows: “dwn” is not known here. Did you mean “down”?",
        ),
        (
            {"counts": {"fields": {"bridges": {}}}},
            "datapackage.yaml，civicat.bounds.counts.fields：没有“bridges”这一项。您是指“bridge”吗？",
            "datapackage.yaml, civicat.bounds.counts.fields: “bridges” is not known here. Did you mean “bridge”?",
        ),
        (
            {"counts": {"fields": {"day": {"lates": "may-stay"}}}},
            "datapackage.yaml，civicat.bounds.counts.fields.day：没有“lates”这一项。您是指“latest”吗？",
            "datapackage.yaml, civicat.bounds.counts.fields.day: “lates” is not known here. Did you mean “latest”?",
        ),
        (
            {"counts": {"fields": {"day": {"latest": "stay"}}}},
            "datapackage.yaml，civicat.bounds.counts.fields.day：没有“stay”这一项。您是指“may-stay”吗？",
            "datapackage.yaml, civicat.bounds.counts.fields.day: “stay” is not known here. Did you mean “may-stay”?",
        ),
        (
            {"counts": {"severity": "errors"}},
            "datapackage.yaml，civicat.bounds.counts：没有“errors”这一项。您是指“error”吗？",
            "datapackage.yaml, civicat.bounds.counts: “errors” is not known here. Did you mean “error”?",
        ),
        (
            {"counts": {"columns": "fixd"}},
            "datapackage.yaml，civicat.bounds.counts：没有“fixd”这一项。您是指“fixed”吗？",
            "datapackage.yaml, civicat.bounds.counts: “fixd” is not known here. Did you mean “fixed”?",
        ),
        (
            {"counts": {"rows": {"down": 10}}},
            "datapackage.yaml，civicat.bounds.counts.rows.down：“10”不是这里的写法。请写成 10% 的样子。",
            "datapackage.yaml, civicat.bounds.counts.rows.down: “10” is not how this is written. Write it like 10%.",
        ),
    ],
)
def test_what_is_not_known_is_refused_with_the_nearest_that_is(bounds: Mapping[str, Any], zh: str, en: str) -> None:
    error = refused(bounds)

    assert error.message.zh == zh
    assert error.message.en == en


def test_a_column_is_only_bounded_in_what_its_type_has() -> None:
    error = refused({"counts": {"fields": {"passed": {"latest": "may-stay"}}}})

    assert error.message.zh == (
        "datapackage.yaml，civicat.bounds.counts.fields.passed.latest：integer 类型的列不看 latest，"
        "只有 date、datetime、year 类型的列才看。请删去这一项。"
    )
    assert error.message.en == (
        "datapackage.yaml, civicat.bounds.counts.fields.passed.latest: a column of type integer is not looked at for "
        "latest; columns of date, datetime, year are. Take it out."
    )


_NO_PERCENTAGES: list[Any] = ["10", "ten%", "-1%", "１%", "1e2%", "1234567890%", 0.1, True, None, []]


@pytest.mark.parametrize(
    "part",
    [
        *({"rows": {"down": value}} for value in _NO_PERCENTAGES),
        *({"fill": {"up": value}} for value in ("5%", 5, "5 point s", "points")),
        *({"categories": {"gone": value}} for value in (1.5, "1 point", True, -1)),
        *({"magnitude": {"up": value}} for value in ("2", 2, "2x")),
        {"rows": "10%"},
        {"fields": []},
        {"fields": {"length": {"categories": {"new": 1}}}},
        {"fields": {"bridge": {"magnitude": {"up": "2 times"}}}},
        {"fields": {"bridge": {"rows": {"up": "2%"}}}},
    ],
)
def test_an_amount_without_its_unit_or_in_the_wrong_place_is_refused(part: Mapping[str, Any]) -> None:
    assert "civicat.bounds.counts" in refused({"counts": part}).message.en


@pytest.mark.parametrize("written", ["0%", "10%", "10 %", "12.5%", "999999999%", "0.000001%"])
def test_percentages_as_people_write_them(written: str) -> None:
    bounds = read_bounds(with_bounds({"counts": {"rows": {"down": written}}}), "datapackage.yaml")

    assert bounds["counts"].bound(Limit.ROWS_DOWN).most == Fraction(written.rstrip("% "))


Rows = list[tuple[str, str, str, str]]


def rows(count: int, first: int = 0) -> Rows:
    """Synthetic counts: two bridges by turns, one row a day, 100 bicycles, a length of 2.5."""
    return [(str(START + timedelta(days=first + number)), "AB"[number % 2], "100", "2.5") for number in range(count)]


@pytest.fixture
def publish(hand_in: Callable[..., Path], layout: Layout) -> Callable[..., None]:
    """Publishes the next version of `transport/counts`."""
    folder = hand_in(package("counts", [resource("counts", "counts.csv", FIELDS)]), {"counts.csv": ""})

    def one(lines: Rows, **more: Any) -> None:  # noqa: ANN401 - whatever a descriptor may hold
        names = [str(one["name"]) for one in FIELDS]
        (folder / "counts.csv").write_text("\n".join(",".join(line) for line in (names, *lines)) + "\n", "utf-8")
        descriptor = package("counts", [resource("counts", "counts.csv", FIELDS)], **more)
        (folder / "datapackage.yaml").write_text(json.dumps(descriptor), "utf-8")
        assert isinstance(pipeline.publish_one(folder, layout), pipeline.Published)

    return one


def pasted(text: str) -> dict[str, Any]:
    """The suggestion as a descriptor holds it, once pasted under `civicat:`."""
    values = yaml.safe_load("civicat:\n" + text)
    read_bounds(with_bounds(values["civicat"]["bounds"]), "datapackage.yaml")
    return dict(values["civicat"]["bounds"]["counts"])


def test_nothing_is_suggested_without_a_release(layout: Layout) -> None:
    with pytest.raises(StoreError) as caught:
        suggest_bounds(layout, "transport/counts")

    assert caught.value.message.en == (
        "“transport/counts” has no release, so there is nothing to derive bounds from. Publish it first."
    )
    assert caught.value.message.zh == "“transport/counts”尚无版本，无从得出界限。请先发布。"


def test_from_one_release_the_usual_bounds_come_and_say_so(publish: Callable[..., None], layout: Layout) -> None:
    publish(rows(100))

    text = suggest_bounds(layout, "transport/counts")

    assert "# transport/counts has one release, 1.0.0 (" in text
    assert "还无从得出界限：以下为通常的界限，超出时只提示。" in text
    assert pasted(text) == {
        "severity": "warning",
        "rows": {"down": "10%", "up": "100%"},
        "fill": {"down": "5 points", "up": "20 points"},
        "categories": {"gone": 0, "new": 0, "share": "20 points"},
        "magnitude": {"down": "10 times", "up": "10 times"},
    }


def test_what_was_seen_is_doubled_and_rounded_up_and_says_between_which_versions(
    publish: Callable[..., None], layout: Layout
) -> None:
    publish(rows(100))
    publish(rows(110, 1))
    publish(rows(105, 9))
    publish(rows(140, 9))

    text = suggest_bounds(layout, "transport/counts")

    found = pasted(text)
    assert found["severity"] == "error"
    assert found["columns"] == "fixed"
    assert found["rows"] == {"down": "10%", "up": "67%"}  # 5 of 110 and 35 of 105, doubled
    assert found["fields"] == {"day": {"latest": "must-advance"}}
    assert "# Rows: fell by 4.55% at most (1.1.0 → 1.2.0), rose by 33.34% at most (1.2.0 → 1.3.0)." in text
    assert "# 行数：减少最多 4.55%（1.1.0 → 1.2.0），增加最多 33.34%（1.2.0 → 1.3.0）。" in text
    assert "# Derived from 4 releases of transport/counts: 1.0.0 (" in text
    assert "# The latest date advanced in each of 3 updates." in text


@pytest.mark.parametrize(("updates", "expected"), [(2, None), (3, {"day": {"latest": "must-advance"}})])
def test_three_updates_in_a_row_make_a_habit(
    publish: Callable[..., None], layout: Layout, updates: int, expected: dict[str, Any] | None
) -> None:
    for number in range(updates + 1):
        publish(rows(100, number))

    assert pasted(suggest_bounds(layout, "transport/counts")).get("fields") == expected


def test_a_column_that_moves_more_than_the_margin_gets_bounds_of_its_own(
    publish: Callable[..., None], layout: Layout
) -> None:
    publish(rows(100))
    many = rows(100)
    publish([(day, "A" if number < 4 else bridge, "500", "") if number < 3 else (day, bridge, "500", length)
             for number, (day, bridge, passed, length) in enumerate(many)])  # fmt: skip

    text = suggest_bounds(layout, "transport/counts")

    found = pasted(text)
    assert found["rows"] == {"down": "5%", "up": "5%"}
    assert "# Rows: they never changed." in text
    assert "# 行数：从未变化。" in text
    assert found["fill"] == {"down": "2 points", "up": "2 points"}
    assert found["fields"]["length"] == {"fill": {"down": "6 points"}}
    assert found["fields"]["passed"] == {"magnitude": {"up": "10 times"}}
    assert "# Share of rows with a value: fell by 3 points at most (1.0.0 → 1.1.0)." in text
    assert "# 数的大小（平均，不计正负号）：变大最多 5 倍（1.0.0 → 1.1.0）。" in text


def test_a_change_of_words_is_no_update(publish: Callable[..., None], layout: Layout) -> None:
    publish(rows(100))
    publish(rows(100), title="Counts, in other words")

    text = suggest_bounds(layout, "transport/counts")

    assert pasted(text)["severity"] == "warning"
    assert "The data has not been updated yet: nothing to derive from." in text


def test_dates_that_went_back_may_do_so_again(publish: Callable[..., None], layout: Layout) -> None:
    publish(rows(100, 1))
    publish(rows(100, 0))

    assert pasted(suggest_bounds(layout, "transport/counts"))["fields"] == {"day": {"latest": "may-go-back"}}


def test_what_is_suggested_holds_for_all_that_was_published(publish: Callable[..., None], layout: Layout) -> None:
    """Twice what was seen: no update that the releases have would have been refused."""
    for count in (100, 109, 98, 103):
        publish(rows(count, count % 7))

    found = pasted(suggest_bounds(layout, "transport/counts"))

    assert Fraction(found["rows"]["down"].rstrip("%")) >= Fraction(100 * 11, 109)
    assert Fraction(found["rows"]["up"].rstrip("%")) >= 9


def test_a_name_that_yaml_would_misread_is_put_in_quotes(hand_in: Callable[..., Path], layout: Layout) -> None:
    names = ["2020", "no", "a: b", "日期"]
    many = [field(name, "date") for name in names]
    one = resource("counts", "counts.csv", many)
    content = ["2026-01-02", "2026-01-01"]
    folder = hand_in(package("counts", [one]), {"counts.csv": ""})
    for day in content:
        (folder / "counts.csv").write_text(",".join(names) + "\n" + ",".join([day] * 4) + "\n", "utf-8")
        assert isinstance(pipeline.publish_one(folder, layout), pipeline.Published)

    values = yaml.safe_load("civicat:\n" + suggest_bounds(layout, "transport/counts"))

    assert list(values["civicat"]["bounds"]["counts"]["fields"]) == names

"""What a diff tells of what is no row: the licence, words, rules, names and keys, either way round."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from civicat.publish import diff
from civicat.release import Release
from civicat.text import Text

if TYPE_CHECKING:
    from tests.publish.conftest import Desk

Package = dict[str, Any]


def _first(package: Package) -> dict[str, Any]:
    field: dict[str, Any] = package["resources"][0]["schema"]["fields"][0]
    return field


def _two(desk: Desk, package: Package) -> tuple[Release, Release]:
    return desk.publish("a"), desk.publish("b", package=package)


def test_a_release_of_words_alone_shows_each_with_old_and_new(desk: Desk, tmp_path: Path) -> None:
    package = desk.package()
    package["licenses"] = [{"name": "CC-BY-NC-4.0"}]
    package["civicat"]["frequency"] = "daily"
    package["resources"][0]["title"] = "Counting posts"
    _first(package)["constraints"] = {"required": True}
    _first(package)["categories"] = [{"value": 1, "label": "one"}]
    found = diff.compare(*_two(desk, package), tmp_path / "scratch")

    told = diff.to_descriptor(found)["descriptions"]
    listed = [(one["kind"], one["where"], one["rule"], one["old"]["en"], one["new"]["en"]) for one in told]
    assert ("licence", "", "", "CC0-1.0", "CC-BY-NC-4.0") in listed
    assert ("rule", "counters.编号", "required", "", "true") in listed
    assert ("categories", "counters.编号", "", "", "1: one") in listed
    assert ("title", "counters", "", "Counters", "Counting posts") in listed
    assert ("frequency", "", "", "monthly", "daily") in listed
    assert len(listed) == 5
    assert told[0]["level"] == "major"
    assert {one["level"] for one in told[1:]} == {"patch"}

    lines = diff.text(found, "en")
    assert lines[1] == (
        "The licence changed from CC0-1.0 to CC-BY-NC-4.0. The data and its structure are the same in both. "
        "1 rule, 1 list of categories, 1 title and 1 frequency changed."
    )
    assert "  major  Licence: CC0-1.0 → CC-BY-NC-4.0" in lines
    assert "  patch  Rule “required” of counters.编号: none → true" in lines
    assert "  细微  counters.编号，规则“required”：无 → true" in diff.text(found, "zh")
    page = diff.page(found, "zh")
    assert "许可：CC0-1.0 → CC-BY-NC-4.0" in page
    assert "Title of counters: Counters → Counting posts" in page


def test_a_translation_that_alone_changed_is_shown_in_its_language(desk: Desk, tmp_path: Path) -> None:
    package = desk.package()
    package["civicat"]["zh"]["title"] = "单车计数器"
    found = diff.compare(*_two(desk, package), tmp_path / "scratch")
    assert [one.text for one in found.descriptions] == [
        Text("标题：自行车计数器 → 单车计数器", "Title: 自行车计数器 → 单车计数器")
    ]


def test_a_diff_that_runs_backwards_knows_the_new_name(desk: Desk, tmp_path: Path) -> None:
    package = desk.package()
    counters = desk.counters(range(1, 7))
    package["resources"][0]["schema"]["fields"][6]["name"] = "last_seen"
    package["resources"][0]["schema"]["fields"][6]["civicat"]["renamed"] = "seen"
    old = desk.publish("a", (counters, desk.notes("静")))
    new = desk.publish("b", (counters.rename_columns({"seen": "last_seen"}), desk.notes("静")), package)

    there, back = diff.compare(old, new, tmp_path / "there"), diff.compare(new, old, tmp_path / "back")

    assert [(one.kind, one.old, one.new) for one in there.schema] == [("field-renamed", "seen", "last_seen")]
    assert [(one.kind, one.old, one.new) for one in back.schema] == [("field-renamed", "last_seen", "seen")]
    assert not there.descriptions
    assert not back.descriptions


def test_no_difference_is_taken_and_nothing_is_corrected_across_units(desk: Desk, tmp_path: Path) -> None:
    package = desk.package()
    for resource in (package["resources"][0],):
        resource["schema"]["fields"][3]["civicat"]["unit"] = "km"
    counters = desk.counters([1, 2])
    shorter = counters.set_column(3, "length", [[0.001, 0.002]])
    old = desk.publish("a", (counters, desk.notes("静")))
    found = diff.compare(old, desk.publish("b", (shorter, desk.notes("静")), package), tmp_path / "scratch")
    page = diff.page(found, "en")
    assert page.count("<ins>") == 4  # two cells in two languages
    assert "\N{MINUS SIGN}0" not in page


def test_the_page_names_the_command_that_makes_the_full_list(desk: Desk, tmp_path: Path) -> None:
    found = diff.compare(*_two(desk, {**desk.package(), "description": "Counted."}), tmp_path / "scratch")
    page = diff.page(found, "en")
    assert "civicat diff transport/counters 1.0.0 1.0.1 --format parquet --output changes.parquet" in page
    assert "newer release" not in page


def test_rows_of_a_removed_column_bear_its_title(desk: Desk, tmp_path: Path) -> None:
    package = desk.package()
    package["resources"][0]["schema"]["fields"].pop()
    counters = desk.counters([1, 2])
    old = desk.publish("a", (counters, desk.notes("静")))
    new = desk.publish("b", (counters.slice(1).drop_columns("seen"), desk.notes("静")), package)
    page = diff.page(diff.compare(old, new, tmp_path / "scratch"), "en")
    assert "<bdi>Seen</bdi> <code><bdi>seen</bdi></code>" in page

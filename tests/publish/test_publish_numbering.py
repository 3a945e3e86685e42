from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from civicat import publish
from civicat.errors import DescriptorError
from civicat.publish import numbering
from civicat.release import Version
from civicat.text import Text

if TYPE_CHECKING:
    from tests.publish.conftest import Desk

Package = dict[str, Any]


def _fields(package: Package) -> list[dict[str, Any]]:
    fields: list[dict[str, Any]] = package["resources"][0]["schema"]["fields"]
    return fields


def _described(package: Package) -> None:
    package["description"] = "Bicycles, counted."


def _another_unit(package: Package) -> None:
    _fields(package)[3]["civicat"]["unit"] = "km"


def _another_type(package: Package) -> None:
    _fields(package)[1]["type"] = "any"


def _another_key(package: Package) -> None:
    package["resources"][0]["schema"]["primaryKey"] = ["编号", "length"]


def _without_key(package: Package) -> None:
    del package["resources"][0]["schema"]["primaryKey"]


def _without_notes(package: Package) -> None:
    del package["resources"][1]


@pytest.mark.parametrize(
    ("change", "version", "told"),
    [
        (_described, "1.0.1", Text("1 处说明有改动。数据未变。", "1 description changed. The data did not change.")),
        (
            _another_unit,
            "2.0.0",
            Text("counters 字段换了单位：length 由 m 改为 km。", "Other units in counters: length: m → km."),
        ),
        (
            _another_type,
            "2.0.0",
            Text(
                "counters 字段换了类型：name.en 由 string 改为 any。",
                "New types in counters: name.en: string → any.",
            ),
        ),
        (
            _another_key,
            "2.0.0",
            Text(
                "counters 换了主键：原为 编号，现为 编号、length。",
                "The primary key of counters was 编号, it is 编号, length.",
            ),
        ),
        (_without_notes, "2.0.0", Text("删去数据表 counters_notes。", "The table counters_notes is gone.")),
    ],
)
def test_what_changes_in_the_descriptor_decides_the_version(
    desk: Desk, change: Callable[[Package], None], version: str, told: Text
) -> None:
    package = desk.package()
    tables = (desk.counters(range(1, 7)), desk.notes("静"))
    desk.publish("a", tables)
    change(package)

    release = desk.publish("b", tables[: len(package["resources"])], package)

    assert (str(release.version), release.change) == (version, told)


def test_new_rows_are_a_minor_version(desk: Desk) -> None:
    desk.publish("a", (desk.counters(range(1, 7)), desk.notes("静")))

    release = desk.publish("b", (desk.counters(range(1, 8)), desk.notes("静")))

    assert str(release.version) == "1.1.0"
    assert release.change.en.startswith("Counters: 1 row was added")


def test_one_other_cell_is_a_minor_version(desk: Desk) -> None:
    desk.publish("a", (desk.counters(range(1, 7)), desk.notes("静", None)))

    release = desk.publish("b", (desk.counters(range(1, 7)), desk.notes("静", "")))

    assert (str(release.version), release.change.en) == ("1.1.0", "Notes: 1 row was added; 1 row was removed.")


def test_a_cell_that_changes_in_the_second_row_group_is_seen(desk: Desk) -> None:
    package = desk.package()
    del package["resources"][0]
    texts = ["静"] * 60_000
    desk.publish("a", (desk.notes(*texts),), package)

    release = desk.publish("b", (desk.notes(*texts[:-1], "闹"),), package)

    assert str(release.version) == "1.1.0"


def test_the_same_rows_in_another_source_order_are_no_new_data(desk: Desk) -> None:
    desk.publish("a", (desk.counters(range(1, 7)), desk.notes("静")))

    release = desk.publish("b", (desk.counters(reversed(range(1, 7))), desk.notes("静")))

    assert str(release.version) == "1.0.1"
    assert release.change.en == "What was handed in changed; the data and its description did not."


def test_a_new_column_and_a_new_table_are_a_minor_version(desk: Desk) -> None:
    package = desk.package()
    del package["resources"][1]
    _fields(package).pop()
    counters = desk.counters(range(1, 7))
    desk.publish("a", (counters.drop_columns("seen"),), package)

    release = desk.publish("b", (counters, desk.notes("静")))

    assert str(release.version) == "1.1.0"
    assert release.change.en == "New table: counters_notes. New columns in counters: seen."


def test_a_renamed_column_is_one_gone_and_one_new(desk: Desk) -> None:
    package = desk.package()
    counters = desk.counters(range(1, 7))
    desk.publish("a", (counters, desk.notes("静")))
    _fields(package)[6]["name"] = "last_seen"

    release = desk.publish("b", (counters.rename_columns({"seen": "last_seen"}), desk.notes("静")), package)

    assert str(release.version) == "2.0.0"
    assert release.change.en == "Columns gone from counters: seen. New columns in counters: last_seen."


def test_columns_in_another_order_are_a_minor_version(desk: Desk) -> None:
    package = desk.package()
    counters = desk.counters(range(1, 7))
    desk.publish("a", (counters, desk.notes("静")))
    _fields(package).reverse()

    release = desk.publish("b", (counters.select(counters.column_names[::-1]), desk.notes("静")), package)

    assert str(release.version) == "1.1.0"
    assert release.change.zh == "counters 的字段换了次序。"


@pytest.mark.parametrize(
    ("kind", "version"),
    [(pa.decimal128(18, 2), "1.0.1"), (pa.decimal128(9, 1), "2.0.0"), (pa.float64(), "2.0.0")],
    ids=["more digits", "another scale", "no longer exact"],
)
def test_a_decimal_is_what_its_scale_says(desk: Desk, kind: pa.DataType, version: str) -> None:
    counters = desk.counters([4, 8])
    shares = counters["share"].cast(kind, safe=False)
    desk.publish("a", (counters, desk.notes("静")))

    release = desk.publish("b", (counters.set_column(2, "share", shares), desk.notes("静")))

    assert str(release.version) == version


@pytest.mark.parametrize(("old", "new"), [(18, 38), (38, 18)])
def test_another_value_is_seen_where_a_decimal_has_got_more_or_fewer_digits(desk: Desk, old: int, new: int) -> None:
    counters = desk.counters([4, 8])

    def with_share(value: str, digits: int) -> pa.Table:
        shares = pa.array([Decimal(value), None], pa.decimal128(digits, 2))
        return counters.set_column(2, "share", shares)

    values = {18: "1.25", 38: f"{10**30}.25"}
    desk.publish("a", (with_share(values[old], old), desk.notes("静")))

    assert str(desk.publish("b", (with_share(values[new], new), desk.notes("静"))).version) == "1.1.0"


def test_a_table_that_loses_its_key_is_a_major_version(desk: Desk) -> None:
    package = desk.package()
    desk.publish("a")
    _without_key(package)

    release = desk.publish("b", package=package)

    assert str(release.version) == "2.0.0"
    assert release.tables[0].resource.schema.primary_key == ("row_number",)


def test_the_departments_own_words_count_as_words(desk: Desk) -> None:
    desk.publish()
    dataset = desk.dataset()
    rows = [desk.rows(desk.counters(range(1, 51)), ["编号"]), desk.rows(desk.notes("静", None, ""))]
    tables = [type(one)(resource, one.table) for one, resource in zip(rows, dataset.resources, strict=True)]
    renamed = desk.department(title={"zh": "交通委", "en": "Transport"})

    release = publish.publish(dataset, renamed, desk.report(dataset), tables, "b", desk.layout)

    assert (str(release.version), release.change.zh) == ("1.0.1", "1 项部门信息有改动。数据未变。")


def _calendar(desk: Desk) -> Package:
    package = desk.package()
    package["civicat"]["versioning"] = "calendar"
    return package


def _on(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp())))


def test_a_calendar_version_is_the_day_and_counts_on_within_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    package = _calendar(desk)
    found = []
    for inputs, day in (("a", "2026-02-03"), ("b", "2026-02-03"), ("c", "2026-02-03"), ("d", "2026-11-23")):
        _on(monkeypatch, day)
        tables = (desk.counters(range(ord(inputs))), desk.notes("静"))
        found.append(str(desk.publish(inputs, tables, package).version))

    assert found == ["2026.2.3", "2026.2.3.1", "2026.2.3.2", "2026.11.23"]
    assert [str(one) for one in desk.layout.versions("transport/counters")] == found


def test_a_clock_that_goes_back_does_not_turn_the_versions_round(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    package = _calendar(desk)
    _on(monkeypatch, "2026-11-23")
    desk.publish("a", package=package)
    _on(monkeypatch, "2026-11-22")

    release = desk.publish("b", (desk.counters(range(3)), desk.notes("静")), package)

    assert str(release.version) == "2026.11.23.1"
    assert desk.layout.release("transport/counters") == release


def test_a_breaking_change_says_so_first_in_a_calendar_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    package = _calendar(desk)
    _on(monkeypatch, "2026-11-22")
    desk.publish("a", package=package)
    _on(monkeypatch, "2026-11-23")
    _another_unit(package)

    release = desk.publish("b", package=package)

    assert (str(release.version), release.change.en) == ("2026.11.23", "Other units in counters: length: m → km.")


def test_the_scheme_may_change_and_the_numbers_go_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _on(monkeypatch, "2026-11-23")
    desk.publish("a")
    assert str(desk.publish("b", package=_calendar(desk)).version) == "2026.11.23"

    assert str(desk.publish("c").version) == "2027.0.0"


def test_a_day_that_was_taken_down_is_no_number_to_count_on_from(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _on(monkeypatch, "2026-11-23")
    desk.publish("a", package=_calendar(desk))
    _take_down(desk, Version(2026, 11, 23))

    assert [str(desk.publish(inputs).version) for inputs in "bc"] == ["2027.0.0", "2027.0.1"]


def test_a_day_after_the_release_online_was_taken_down(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _on(monkeypatch, "2026-11-23")
    desk.publish("a")
    desk.publish("b", package=_calendar(desk))
    _take_down(desk, Version(2026, 11, 23))

    assert str(desk.publish("c").version) == "2027.0.0"


@pytest.mark.parametrize(
    ("last", "following"),
    [
        ("1.12.31", "1.13.0"),
        ("1899.1.1", "1899.2.0"),
        ("1900.1.1", "1901.0.0"),
        ("2026.12.31", "2027.0.0"),
        ("2026.0.31", "2026.1.0"),
        ("2026.13.1", "2026.14.0"),
        ("2026.1.0", "2026.2.0"),
        ("2026.1.32", "2026.2.0"),
        ("2027.0.0.1", "2028.0.0"),
    ],
)
def test_what_looks_like_a_day_is_one_where_nothing_is_online_that_says_so(
    desk: Desk, last: str, following: str
) -> None:
    day = date(2026, 11, 23)

    numbered = numbering.following(None, Version.parse(last), {}, desk.dataset(), desk.department(), (), day)

    assert str(numbered.version) == following


def _take_down(desk: Desk, version: Version) -> None:
    words = Text("数据有误", "The data is wrong"), Text("数据台", "Data desk")
    publish.retract(desk.layout, "transport/counters", version, *words)


def test_another_scheme_is_refused_with_the_known_ones(desk: Desk) -> None:
    package = desk.package()
    package["civicat"]["versioning"] = "calender"

    with pytest.raises(DescriptorError) as caught:
        desk.dataset(package)
    assert caught.value.message == Text(
        "datapackage.yaml，civicat：没有“calender”这一项。您是指“calendar”吗？",
        "datapackage.yaml, civicat: “calender” is not known here. Did you mean “calendar”?",
    )


def test_a_column_that_says_what_it_was_called_is_renamed(desk: Desk) -> None:
    package = desk.package()
    counters = desk.counters(range(1, 7))
    desk.publish("a", (counters, desk.notes("静")))
    _fields(package)[6]["name"] = "last_seen"
    _fields(package)[6]["civicat"]["renamed"] = "seen"

    release = desk.publish("b", (counters.rename_columns({"seen": "last_seen"}), desk.notes("静")), package)

    assert (str(release.version), release.change) == (
        "2.0.0",
        Text("counters 字段改名：seen → last_seen。", "Columns renamed in counters: seen → last_seen."),
    )


@pytest.mark.parametrize("text", ["1.0", "1.0.0.0.0", "1.0.x", "01.0.0", "2026.02.03", "1.0.0.0", "１.0.0", ""])
def test_a_version_has_one_spelling(text: str) -> None:
    assert Version.parse(text) is None


def test_versions_are_in_the_order_of_their_numbers() -> None:
    texts = ["1.0.0", "1.9.0", "1.10.0", "2026.2.3", "2026.2.3.1", "2026.2.3.10", "2026.11.1"]

    assert [str(one) for one in sorted(Version.parse(text) for text in reversed(texts))] == texts  # type: ignore[type-var] # each is one


def test_all_changes_of_a_kind_in_a_table_are_one_sentence(desk: Desk) -> None:
    package = desk.package()
    desk.publish("a", package=package)
    for field in (_fields(package)[1], _fields(package)[3]):
        field["type"] = "any"
        field["civicat"] = {**field.get("civicat", {}), "unit": "km"}

    told = desk.publish("b", package=package).change

    assert told == Text(
        "counters 字段换了类型：name.en 由 string 改为 any、length 由 number 改为 any。"
        "counters 字段换了单位：name.en 由 无 改为 km、length 由 m 改为 km。",
        "New types in counters: name.en: string → any, length: number → any. "
        "Other units in counters: name.en: none → km, length: m → km.",
    )


_NAN = float("nan")


@pytest.mark.parametrize(
    ("before", "now", "version"),
    [
        ([_NAN, 1.0, None, 0.0], [_NAN, 1.0, None, -0.0], "1.0.1"),
        ([_NAN, 1.0, None, 0.0], [1.0, _NAN, None, 0.0], "1.1.0"),
        ([_NAN, 1.0, None, 0.0], [None, 1.0, None, 0.0], "1.1.0"),
        ([_NAN, 1.0, None, 0.0], [0.0, 1.0, None, 0.0], "1.1.0"),
        ([_NAN, 1.0, None, 0.0], [_NAN, 2.0, None, 0.0], "1.1.0"),
        ([_NAN, 1.0, None, 0.0], [_NAN, 1.0, 0.0, 0.0], "1.1.0"),
    ],
    ids=["same", "moved", "missing", "zero", "another-number", "no-longer-missing"],
)
def test_a_value_that_is_not_a_number_is_the_same_as_another(
    desk: Desk, before: list[float | None], now: list[float | None], version: str
) -> None:
    package = desk.package()
    del package["resources"][0]
    package["resources"][0]["schema"]["fields"] = [
        {"name": "length", "type": "number", "title": "Length", "description": "How long."}
    ]
    tables = [pa.table({"length": pa.array(values, pa.float64())}) for values in (before, now)]
    desk.publish("a", tables[:1], package)

    assert str(desk.publish("b", tables[1:], package).version) == version


def _another_licence(package: Package) -> None:
    package["licenses"] = [{"name": "CC-BY-NC-4.0", "title": "No trade", "path": "https://example.org/nc"}]


def _rules_and_titles(package: Package) -> None:
    for field in _fields(package)[:3]:
        field["title"] += "!"
    _fields(package)[0]["constraints"] = {"minimum": 1}


def _read_otherwise(package: Package) -> None:
    package["resources"][0]["schema"]["missingValues"] = ["", "?"]


@pytest.mark.parametrize(
    ("change", "version", "told"),
    [
        (
            _another_licence,
            "2.0.0",
            Text(
                "许可由 CC0-1.0 改为 CC-BY-NC-4.0。数据未变。",
                "The licence changed from CC0-1.0 to CC-BY-NC-4.0. The data did not change.",
            ),
        ),
        (
            _rules_and_titles,
            "1.0.1",
            Text("1 条规则、3 处标题有改动。数据未变。", "1 rule and 3 titles changed. The data did not change."),
        ),
        (
            _read_otherwise,
            "1.0.1",
            Text("改了文件的读法。数据未变。", "How the file is read changed. The data did not change."),
        ),
    ],
)
def test_licence_words_rules_and_reading_are_told(
    desk: Desk, change: Callable[[Package], None], version: str, told: Text
) -> None:
    package = desk.package()
    desk.publish("a")
    change(package)

    release = desk.publish("b", package=package)

    assert (str(release.version), release.change) == (version, told)


def test_a_licence_is_told_before_new_rows(desk: Desk) -> None:
    package = desk.package()
    desk.publish("a", (desk.counters(range(1, 7)), desk.notes("静")))
    _another_licence(package)
    _rules_and_titles(package)

    release = desk.publish("b", (desk.counters(range(1, 8)), desk.notes("静")), package)

    assert str(release.version) == "2.0.0"
    assert release.change.en == (
        "The licence changed from CC0-1.0 to CC-BY-NC-4.0. Counters: 1 row was added. 1 rule and 3 titles changed."
    )


def test_another_scheme_stands_in_the_sentence_first(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _on(monkeypatch, "2026-11-23")
    desk.publish("a")
    there = desk.publish("b", package=_calendar(desk))
    package = desk.package()
    _another_unit(package)
    back = desk.publish("c", package=package)

    assert there.change == Text(
        "版本号改按日期编，不再按改动的程度。数据未变。",
        "Versions are now numbered by date, no longer by how much changed. The data did not change.",
    )
    assert (str(back.version), back.change.en) == (
        "2027.0.0",
        "Versions are now numbered by how much changed, no longer by date. Other units in counters: length: m → km.",
    )


def test_the_major_number_after_a_day_that_was_taken_down_has_its_reason(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _on(monkeypatch, "2026-11-23")
    desk.publish("a")
    desk.publish("b", package=_calendar(desk))
    _take_down(desk, Version(2026, 11, 23))

    release = desk.publish("c", (desk.counters(range(3)), desk.notes("静")))

    assert release.change.zh.startswith("上一个版本号 2026.11.23 是日期，因此主版本号加一。")
    assert release.change.en.startswith("The last number, 2026.11.23, was a date: hence a new major number.")


def test_a_key_that_is_gone_is_told_without_the_numbers_that_publishing_adds(desk: Desk) -> None:
    package = desk.package()
    first = desk.publish("a", package=package)
    _without_key(package)
    gone = desk.publish("b", package=package)
    back = desk.publish("c")

    assert str(first.version) == "1.0.0"
    assert gone.change.en.startswith("counters has no key any more; it was 编号.")
    assert gone.change.zh.startswith("counters 不再有主键，原为 编号。")
    assert back.change.en.startswith("counters has a primary key now: 编号.")
    assert "row_number" not in gone.change.en + back.change.en


def test_a_unit_that_is_gone_is_told_with_what_it_was(desk: Desk) -> None:
    package = desk.package()
    desk.publish("a", package=package)
    del _fields(package)[3]["civicat"]["unit"]

    assert desk.publish("b", package=package).change == Text(
        "counters 字段换了单位：length 由 m 改为 无。", "Other units in counters: length: m → none."
    )


def test_more_decimals_are_a_minor_version(desk: Desk) -> None:
    counters = desk.counters([4, 8])
    more = counters.set_column(2, "share", counters["share"].cast(pa.decimal128(12, 3)))
    desk.publish("a", (counters, desk.notes("静")))

    release = desk.publish("b", (more, desk.notes("静")))

    assert (str(release.version), release.change.en) == (
        "1.1.0",
        "More decimals in counters: share: number (decimal(2)) → number (decimal(3)).",
    )

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from civicat import publish
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
        (_described, "1.0.1", Text("只修改了说明，数据未变。", "Only the description changed, not the data.")),
        (_another_unit, "2.0.0", Text("counters 字段换了单位：length。", "New units in counters: length.")),
        (_another_type, "2.0.0", Text("counters 字段换了类型：name.en。", "New types in counters: name.en.")),
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
    assert release.change == Text("counters 数据更新：7 行，原 6 行。", "New data in counters: 7 rows, 6 before.")


def test_one_other_cell_is_a_minor_version(desk: Desk) -> None:
    desk.publish("a", (desk.counters(range(1, 7)), desk.notes("静", None)))

    release = desk.publish("b", (desk.counters(range(1, 7)), desk.notes("静", "")))

    assert (str(release.version), release.change.en) == ("1.1.0", "New data in counters_notes: 2 rows.")


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
    assert release.change.en == "The files handed in changed; the data and its description did not."


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

    assert (str(release.version), release.change.zh) == ("1.0.1", "只修改了说明，数据未变。")


def test_versions_are_listed_from_the_first(desk: Desk) -> None:
    assert publish.versions(desk.layout, "transport/counters") == []

    published = [desk.publish(inputs, (desk.counters(range(n)), desk.notes("静"))) for n, inputs in enumerate("abc")]

    assert publish.versions(desk.layout, "transport/counters") == published
    assert [(str(one.version), one.rows) for one in published] == [("1.0.0", 1), ("1.1.0", 2), ("1.2.0", 3)]

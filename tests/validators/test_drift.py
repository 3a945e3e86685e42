"""Drift against real releases: a small table is published, changed, and checked again, on both sides of each bound."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from handing_in import Json, field, package, resource

from civicat import pipeline
from civicat.dataset import Dataset
from civicat.errors import DescriptorError, StoreError
from civicat.finding import Finding, Severity
from civicat.layout import Layout
from civicat.report import Report
from civicat.validators import check, drift, read_submission, render
from civicat.validators.messages import catalogue

Row = tuple[str, str, str, str]
FIELDS = (field("day", "date"), field("bridge"), field("passed", "integer"), field("note"))
START = date(2026, 1, 1)


def rows(count: int = 200) -> list[Row]:
    """Synthetic counts: two bridges by turns, a day later each time, 100 bicycles, a note that is always there."""
    return [
        (str(START + timedelta(days=number // 2)), "AB"[number % 2], "100", f"note {number}") for number in range(count)
    ]


def csv(lines: Iterable[Sequence[str]], names: Sequence[str] = ("day", "bridge", "passed", "note")) -> str:
    return "\n".join(",".join(line) for line in (names, *lines)) + "\n"


@dataclass(frozen=True)
class Desk:
    """A dataset folder and its store: what is handed in is published, or compared with what is online."""

    folder: Path
    layout: Layout

    def hand_in(
        self, content: str, fields: Sequence[dict[str, Any]] = FIELDS, bounds: Json = None, **more: Json
    ) -> None:
        whole = package("counts", [resource("counts", "counts.csv", list(fields), **more)])
        if bounds is not None:
            whole["civicat"]["bounds"] = {"counts": bounds}
        (self.folder / "datapackage.yaml").write_text(json.dumps(whole), "utf-8")
        (self.folder / "counts.csv").write_text(content, "utf-8")

    def publish(self, content: str, fields: Sequence[dict[str, Any]] = FIELDS, **more: Json) -> None:
        self.hand_in(content, fields, **more)
        result = pipeline.publish_one(self.folder, self.layout)
        assert isinstance(result, pipeline.Published), result

    def compare(self, bounds: Mapping[str, Any] | None = None) -> list[Finding]:
        """What drifted, by the bounds of the table `counts`."""
        dataset = read_submission(self.folder).dataset
        with check(dataset, self.layout) as checked:
            assert checked.tables, checked.report
            return drift.compare(_bounded(dataset, bounds), checked.tables, self.layout)


def _bounded(dataset: Dataset, bounds: Mapping[str, Any] | None) -> Dataset:
    ours: dict[str, Any] = dict(dataset.descriptor["civicat"])  # type: ignore[call-overload] # it is a mapping
    return dataclasses.replace(
        dataset, descriptor={**dataset.descriptor, "civicat": {**ours, "bounds": {"counts": bounds or {}}}}
    )


@pytest.fixture
def desk(hand_in: Callable[..., Path], layout: Layout) -> Desk:
    folder = hand_in(package("counts", [resource("counts", "counts.csv", list(FIELDS))]), {"counts.csv": ""})
    return Desk(folder, layout)


def with_cells(many: list[Row], column: int, cells: Mapping[int, str]) -> list[Row]:
    """The rows with some cells of a column changed."""
    changed = [list(row) for row in many]
    for number, cell in cells.items():
        changed[number][column] = cell
    return [(a, b, c, d) for a, b, c, d in changed]


def kinds(findings: Iterable[Finding]) -> list[tuple[str, str, str]]:
    return [(one.code, one.rule, one.place.field) for one in findings]


def test_without_a_release_nothing_drifted(desk: Desk) -> None:
    desk.hand_in(csv(rows()))

    assert desk.compare() == []


def test_the_same_data_did_not_drift(desk: Desk) -> None:
    desk.publish(csv(rows()))

    assert desk.compare({"fields": {"day": {"latest": "must-advance"}}, "columns": "fixed"}) == []


def test_a_dataset_of_nobodys_has_no_release(desk: Desk) -> None:
    desk.publish(csv(rows()))
    desk.hand_in(csv(rows(20)))
    dataset = dataclasses.replace(read_submission(desk.folder).dataset, department="")

    with check(dataset, desk.layout) as checked:
        assert drift.compare(dataset, checked.tables, desk.layout) == []


@pytest.mark.parametrize(
    ("count", "bounds", "severity"),
    [
        (180, {}, None),
        (179, {}, Severity.WARNING),
        (400, {}, None),
        (401, {}, Severity.WARNING),
        (193, {"rows": {"down": "3.5%"}}, None),
        (192, {"rows": {"down": "3.5%"}}, Severity.ERROR),
        (199, {"rows": {"down": "0%"}}, Severity.ERROR),
        (201, {"rows": {"down": "0%"}}, None),
        (210, {"rows": {"up": "5%"}}, None),
        (211, {"rows": {"up": "5%"}}, Severity.ERROR),
        (211, {"rows": {"up": "5%"}, "severity": "warning"}, Severity.WARNING),
        (100, {"rows": {"down": "50%"}}, None),
    ],
)
def test_rows_beyond_the_bound(desk: Desk, count: int, bounds: dict[str, Any], severity: Severity | None) -> None:
    desk.publish(csv(rows()))
    # Synthetic rows that keep the last day and the shares as they are, so that only their number drifts.
    many = [*rows(400), *rows(2)] if count > 400 else rows(400)
    desk.hand_in(csv([*many[: count - 1], ("2026-12-31", *many[count - 1][1:])]))

    findings = [one for one in desk.compare(bounds) if one.code == "row-count-drift"]

    assert [one.severity for one in findings] == ([severity] if severity else [])
    assert all(one.rule == ("down" if count < 200 else "up") for one in findings)


def test_a_table_of_a_few_rows_may_gain_and_lose_some_unless_a_bound_is_stated(desk: Desk) -> None:
    desk.publish(csv(rows(8)))
    desk.hand_in(csv(rows(8)[4:]))
    assert desk.compare() == []
    assert kinds(desk.compare({"rows": {"down": "10%"}})) == [("row-count-drift", "down", "")]

    desk.hand_in(csv(rows(8)[5:]))
    assert kinds(desk.compare()) == [("row-count-drift", "down", "")]


def test_a_finding_says_what_was_what_is_the_bound_and_what_to_do(desk: Desk) -> None:
    desk.publish(csv(rows()))
    day = desk.layout.release("transport/counts").released[:10]  # type: ignore[union-attr] # it was just published
    desk.hand_in(csv([*rows(149), rows()[-1]]))

    (told,) = desk.compare()
    (refused,) = desk.compare({"rows": {"down": "20%"}})

    assert (
        told.message.en == f"There are 150 rows, and 200 in version 1.0.0 ({day}): 25% fewer; the usual bound is 10%."
    )
    assert told.message.zh == f"现有 150 行，版本 1.0.0（{day}）有 200 行：少了 25%，通常不超过 10%。"
    assert told.remedy.en.endswith("no part left out. If it is meant so, nothing to do.")
    assert told.remedy.zh.endswith("若属实，无需处理。")
    assert refused.message.en.endswith(": 25% fewer; datapackage.yaml allows 20%.")
    assert refused.message.zh.endswith("：少了 25%，datapackage.yaml 所允许的是 20%。")
    assert refused.remedy.en.endswith("If it is meant so, widen civicat.bounds.counts.rows.down in datapackage.yaml.")
    assert refused.remedy.zh.endswith("若属实，请放宽 datapackage.yaml 中的 civicat.bounds.counts.rows.down。")
    assert refused.place.to_descriptor() == {"resource": "counts"}
    assert refused.place.file.endswith("counts.csv")
    assert not refused.descriptor, "frictionless has no such error"


@pytest.mark.parametrize(
    ("empty", "bounds", "severity"),
    [
        (10, {}, None),
        (11, {}, Severity.WARNING),
        (4, {"fill": {"down": "2 points"}}, None),
        (5, {"fill": {"down": "2 points"}}, Severity.ERROR),
        (5, {"fill": {"down": "2 points"}, "fields": {"note": {"fill": {"down": "2.5 points"}}}}, None),
        (6, {"fields": {"note": {"fill": {"down": "2.5 points"}}}}, Severity.ERROR),
        (6, {"fields": {"bridge": {"fill": {"down": "0 points"}}}}, None),
    ],
)
def test_a_column_that_loses_values(desk: Desk, empty: int, bounds: dict[str, Any], severity: Severity | None) -> None:
    desk.publish(csv(rows()))
    desk.hand_in(csv(with_cells(rows(), 3, dict.fromkeys(range(empty), ""))))

    findings = desk.compare(bounds)

    assert kinds(findings) == ([("fill-rate-drift", "down", "note")] if severity else [])
    assert all(one.severity is severity for one in findings)


def test_a_fill_rate_is_told_with_its_counts(desk: Desk) -> None:
    desk.publish(csv(rows()))
    day = desk.layout.release("transport/counts").released[:10]  # type: ignore[union-attr] # it was just published
    desk.hand_in(csv(with_cells(rows(), 3, dict.fromkeys(range(50), ""))))

    (finding,) = desk.compare()

    assert finding.message.en == (
        f"Column note is filled in 75% (150 of 200) of the rows, and in 100% (200 of 200) of version 1.0.0 ({day}): "
        "25 points down; the usual bound is 5 points."
    )
    assert finding.message.zh == (
        f"“note”一列有值的行现占 75%（200 行中的 150 行），版本 1.0.0（{day}）里占 100%（200 行中的 200 行）："
        "下降 25 个百分点，通常不超过 5 个百分点。"
    )


@pytest.mark.parametrize(("filled", "told"), [(140, False), (141, True)])
def test_a_column_that_suddenly_fills_may_hold_what_stands_for_missing(desk: Desk, filled: int, *, told: bool) -> None:
    desk.publish(csv(with_cells(rows(), 3, dict.fromkeys(range(100), ""))))
    desk.hand_in(csv(with_cells(rows(), 3, {number: "" if number < 200 - filled else "-" for number in range(100)})))

    findings = desk.compare()

    assert kinds(findings) == ([("fill-rate-drift", "up", "note")] if told else [])
    if told:
        assert "20.5 points up; the usual bound is 20 points." in findings[0].message.en
        assert "上升 20.5 个百分点，通常不超过 20 个百分点。" in findings[0].message.zh
        assert "belongs in missingValues" in findings[0].remedy.en
        assert "须列入 missingValues" in findings[0].remedy.zh


def test_a_category_that_is_gone_and_one_that_is_new(desk: Desk) -> None:
    desk.publish(csv(rows()))
    day = desk.layout.release("transport/counts").released[:10]  # type: ignore[union-attr] # it was just published
    desk.hand_in(csv(with_cells(rows(), 1, dict.fromkeys(range(1, 200, 2), "C"))))

    gone, new = desk.compare()

    assert (gone.code, new.code) == ("category-gone", "category-new")
    assert {gone.severity, new.severity} == {Severity.WARNING}
    assert gone.message.en == (
        f"Column bridge no longer holds “B”, which 100 rows of version 1.0.0 ({day}) do: "
        "1 gone; the usual bound is none."
    )
    assert gone.message.zh == f"“bridge”一列不再有 “B”（版本 1.0.0（{day}）里有 100 行）：少了 1 个，通常没有。"
    assert new.message.en == (
        f"Column bridge holds “C” in 100 rows, which version 1.0.0 ({day}) does not: 1 new; the usual bound is none."
    )
    assert new.message.zh == f"“bridge”一列出现 “C”（100 行），版本 1.0.0（{day}）里没有：多了 1 个，通常没有。"


@pytest.mark.parametrize(
    ("bounds", "codes"),
    [
        ({"categories": {"new": 1}}, []),
        ({"categories": {"new": 0}}, [("category-new", Severity.ERROR)]),
        ({"fields": {"bridge": {"categories": {"new": 1}}}, "categories": {"new": 0}}, []),
    ],
)
def test_new_categories_as_many_as_are_allowed(
    desk: Desk, bounds: dict[str, Any], codes: list[tuple[str, Severity]]
) -> None:
    desk.publish(csv(rows()))
    desk.hand_in(csv(with_cells(rows(), 1, {0: "C"})))

    assert [(one.code, one.severity) for one in desk.compare(bounds)] == codes


@pytest.mark.parametrize(
    ("moved", "bounds", "told"),
    [
        (40, {}, False),
        (41, {}, True),
        (10, {"categories": {"share": "5 points"}}, False),
        (11, {"categories": {"share": "5 points"}}, True),
    ],
)
def test_the_share_of_a_category(desk: Desk, moved: int, bounds: dict[str, Any], *, told: bool) -> None:
    desk.publish(csv(rows()))
    desk.hand_in(csv(with_cells(rows(), 1, dict.fromkeys(range(1, 2 * moved, 2), "A"))))

    findings = desk.compare(bounds)

    assert kinds(findings) == ([("category-share-drift", "", "bridge")] if told else [])


def test_the_share_that_moved_is_told_with_its_counts(desk: Desk) -> None:
    desk.publish(csv(rows()))
    day = desk.layout.release("transport/counts").released[:10]  # type: ignore[union-attr] # it was just published
    desk.hand_in(csv(with_cells(rows(), 1, dict.fromkeys(range(1, 100, 2), "A"))))

    (finding,) = desk.compare()

    assert finding.message.en == (
        "In column bridge, “A” stands in 75% (150 of 200) of the filled rows, and in 50% (100 of 200) of "
        f"version 1.0.0 ({day}): 25 points apart; the usual bound is 20 points."
    )
    assert finding.message.zh == (
        "“bridge”一列中，“A”现占 75%（200 行中的 150 行），"
        f"版本 1.0.0（{day}）里占 50%（200 行中的 100 行）：相差 25 个百分点，通常不超过 20 个百分点。"
    )


def test_texts_that_repeat_little_are_no_categories(desk: Desk) -> None:
    """Ten rows for each value make categories; fewer do not, unless the descriptor lists or bounds them."""
    names = [f"bridge {number % 20}" for number in range(199)]
    desk.publish(csv(with_cells(rows(199), 1, dict(enumerate(names)))))
    desk.hand_in(csv(with_cells(rows(199), 1, dict(enumerate([*names[:-1], "other"])))))
    assert desk.compare() == []
    assert kinds(desk.compare({"fields": {"bridge": {"categories": {"new": 0}}}})) == [("category-new", "", "bridge")]


def test_texts_that_repeat_enough_are_categories(desk: Desk) -> None:
    names = [f"bridge {number % 20}" for number in range(200)]
    desk.publish(csv(with_cells(rows(), 1, dict(enumerate(names)))))
    desk.hand_in(csv(with_cells(rows(), 1, dict(enumerate([*names[:-1], "other"])))))

    assert kinds(desk.compare()) == [("category-new", "", "bridge")]


def test_listed_values_are_categories_however_few_rows_they_have(desk: Desk) -> None:
    listed = field("passed", "integer", constraints={"enum": [1, 2, 3]})
    desk.publish("passed\n1\n2\n", [listed])
    desk.hand_in("passed\n1\n3\n", [listed])

    assert kinds(desk.compare()) == [("category-gone", "", "passed"), ("category-new", "", "passed")]


@pytest.mark.parametrize(("values", "rule"), [(1_000, ""), (1_001, "many")])
def test_categories_that_became_free_text(desk: Desk, values: int, rule: str) -> None:
    many = [f"remark {number}" for number in range(values)]
    desk.publish(csv(rows()))
    desk.hand_in(csv(with_cells(rows(values), 1, dict(enumerate(many)))))

    findings = [one for one in desk.compare({"rows": {"up": "1000%"}}) if one.code == "category-new"]

    assert kinds(findings) == [("category-new", rule, "bridge")]
    if rule:
        assert "holds more than 1,000 different values" in findings[0].message.en
        assert "现有 1,000 个以上不同的值" in findings[0].message.zh
    else:
        assert " and 995 more in 1,000 rows" in findings[0].message.en
        assert "等 1,000 个" in findings[0].message.zh


@pytest.mark.parametrize(
    ("value", "bounds", "rule"),
    [
        ("1000", {}, ""),
        ("1001", {}, "up"),
        ("10", {}, ""),
        ("9", {}, "down"),
        ("0", {}, "zero"),
        ("-100", {}, ""),
        ("200", {"magnitude": {"up": "2 times"}}, ""),
        ("201", {"magnitude": {"up": "2 times"}}, "up"),
        ("40", {"fields": {"passed": {"magnitude": {"down": "2.5 times"}}}}, ""),
        ("39", {"fields": {"passed": {"magnitude": {"down": "2.5 times"}}}}, "down"),
    ],
)
def test_numbers_of_another_size(desk: Desk, value: str, bounds: dict[str, Any], rule: str) -> None:
    desk.publish(csv(rows()))
    desk.hand_in(csv(with_cells(rows(), 2, dict.fromkeys(range(200), value))))

    findings = desk.compare(bounds)

    assert kinds(findings) == ([("magnitude-drift", rule, "passed")] if rule else [])
    assert all((one.severity is Severity.ERROR) is bool(bounds) for one in findings)


def test_a_unit_that_slipped_is_told(desk: Desk) -> None:
    desk.publish(csv(rows()))
    day = desk.layout.release("transport/counts").released[:10]  # type: ignore[union-attr] # it was just published
    desk.hand_in(csv(with_cells(rows(), 2, dict.fromkeys(range(200), "100000"))))
    (larger,) = desk.compare()
    desk.hand_in(csv(with_cells(rows(), 2, dict.fromkeys(range(200), "4"))))
    (smaller,) = desk.compare()
    desk.hand_in(csv(with_cells(rows(), 2, dict.fromkeys(range(200), "0"))))
    (zero,) = desk.compare()

    was, before = f"and 100 in version 1.0.0 ({day})", f"版本 1.0.0（{day}）里为 100"
    head, tail = "The numbers of column passed are", "the usual bound is 10 times."
    assert larger.message.en == f"{head} 100,000 on average (signs left out), {was}: 1,000 times larger; {tail}"
    assert larger.message.zh == (
        f"“passed”一列的数平均为 100,000（不计正负号），{before}：大了，相差 1,000 倍，通常不超过 10 倍。"
    )
    assert smaller.message.en == f"{head} 4 on average (signs left out), {was}: 25 times smaller; {tail}"
    assert (
        smaller.message.zh == f"“passed”一列的数平均为 4（不计正负号），{before}：小了，相差 25 倍，通常不超过 10 倍。"
    )
    assert zero.message.en.startswith("All numbers of column passed are 0 now, where they are 100 on average in ")
    assert zero.message.zh.startswith("“passed”一列的数现在全是 0，")


@pytest.mark.parametrize(("value", "said"), [("1" + "0" * 300, "1e+298 times"), ("0.0000001", "1e+09 times")])
def test_numbers_beyond_all_measure_are_told_in_short(desk: Desk, value: str, said: str) -> None:
    many = (field("passed", "number"),)
    desk.publish("\n".join(["passed", *["100"] * 20]), many)
    desk.hand_in("\n".join(["passed", *[value] * 20]), many)

    (finding,) = desk.compare()

    assert said.replace("1e+09", "1,000,000,000") in finding.message.en


@pytest.mark.parametrize(
    ("last", "latest", "rule"),
    [
        ("2026-04-09", "may-stay", "back"),
        ("2026-04-10", "may-stay", ""),
        ("2026-04-10", "must-advance", "same"),
        ("2026-04-11", "must-advance", ""),
        ("2026-04-09", "must-advance", "back"),
        ("2026-01-02", "may-go-back", ""),
        ("2026-04-09", "", "back"),
        ("2026-04-10", "", ""),
    ],
)
def test_the_latest_date(desk: Desk, last: str, latest: str, rule: str) -> None:
    desk.publish(csv(rows()))
    cut = {number: min(row[0], last) for number, row in enumerate(rows())}
    desk.hand_in(csv(with_cells(with_cells(rows(), 0, {**cut, 0: last}), 2, {0: "101"})))

    findings = desk.compare({"fields": {"day": {"latest": latest}}} if latest else {})

    assert kinds(findings) == ([("latest-date-drift", rule, "day")] if rule else [])
    assert all((one.severity is Severity.ERROR) is bool(latest) for one in findings)


def test_a_stale_file_is_told(desk: Desk) -> None:
    desk.publish(csv(rows()))
    day = desk.layout.release("transport/counts").released[:10]  # type: ignore[union-attr] # it was just published
    desk.hand_in(csv(with_cells(rows(), 2, {0: "101"})))
    (same,) = desk.compare({"fields": {"day": {"latest": "must-advance"}}})
    desk.hand_in(csv(rows(190)))
    (back,) = desk.compare()

    assert same.message.en == (
        f"The latest value of column day is still 2026-04-10, as in version 1.0.0 ({day}), "
        "and the descriptor says that it must advance."
    )
    assert same.message.zh == f"“day”一列最晚仍为 2026-04-10，与版本 1.0.0（{day}）相同，而描述文件要求它必须推进。"
    assert same.remedy.en.endswith("set civicat.bounds.counts.fields.day.latest to may-stay in datapackage.yaml.")
    assert back.message.en == (
        f"The latest value of column day is 2026-04-05, earlier than the 2026-04-10 of version 1.0.0 ({day})."
    )
    assert back.message.zh == f"“day”一列最晚为 2026-04-05，比版本 1.0.0（{day}）里的 2026-04-10 还早。"


def test_columns_that_are_gone_new_and_retyped(desk: Desk) -> None:
    desk.publish(csv(rows()))
    day = desk.layout.release("transport/counts").released[:10]  # type: ignore[union-attr] # it was just published
    fields = (field("day", "date"), field("bridge"), field("passed", "number"), field("remark"))
    desk.hand_in(csv(rows(), ("day", "bridge", "passed", "remark")), fields)

    told = desk.compare()
    refused = desk.compare({"columns": "fixed"})
    warned = desk.compare({"columns": "fixed", "severity": "warning"})

    assert kinds(told) == [("column-gone", "", "note"), ("column-retyped", "", "passed"), ("column-new", "", "remark")]
    assert {one.severity for one in told} == {Severity.WARNING} == {one.severity for one in warned}
    assert {one.severity for one in refused} == {Severity.ERROR}
    assert kinds(told) == kinds(refused) == kinds(warned) == kinds(desk.compare({"columns": "open"}))
    gone, retyped, new = told
    assert gone.message.en.startswith(f"Column note is gone: version 1.0.0 ({day}) has it. The next version will be")
    assert gone.message.zh.startswith(f"“note”一列不见了：版本 1.0.0（{day}）里有。下一个版本将是大版本")
    assert gone.remedy.en.endswith("If it is meant so, nothing to do.")
    assert new.message.en == f"Column remark is new: version 1.0.0 ({day}) does not have it."
    assert new.message.zh == f"“remark”一列是新的：版本 1.0.0（{day}）里没有。"
    assert retyped.message.en.startswith("Column passed is of type number now; it is integer in version 1.0.0")
    assert retyped.message.zh.startswith("“passed”一列的类型现为 number，版本 1.0.0")
    assert refused[0].remedy.en.endswith(
        "If it is meant so, set civicat.bounds.counts.columns to open in datapackage.yaml."
    )
    assert refused[0].remedy.zh.endswith("若属实，请在 datapackage.yaml 中把 civicat.bounds.counts.columns 改为 open。")


def test_another_scale_is_another_type(desk: Desk) -> None:
    desk.publish("passed\n1.5\n", [field("passed", "number", civicat={"scale": 1})])
    desk.hand_in("passed\n1.5\n", [field("passed", "number", civicat={"scale": 2})])

    (finding,) = desk.compare()

    assert finding.message.en.startswith("Column passed is of type decimal(2) now; it is decimal(1) in ")


def test_the_row_number_that_publishing_adds_is_no_column_of_theirs(desk: Desk) -> None:
    desk.publish(csv(rows()))
    release = desk.layout.release("transport/counts")
    assert release is not None
    assert release.tables[0].resource.schema.fields[0].generated
    desk.hand_in(csv(with_cells(rows(), 2, {0: "101"})))

    assert desk.compare() == []


def test_numbers_that_identify_have_no_size(desk: Desk) -> None:
    keyed = [field("code", "integer"), field("passed", "integer")]
    desk.publish("code,passed\n1,5\n2,5\n", keyed, schema={"primaryKey": ["code"]})
    desk.hand_in("code,passed\n1001,5\n1002,5\n", keyed, schema={"primaryKey": ["code"]})

    assert desk.compare() == []
    stated = {"fields": {"code": {"magnitude": {"up": "2 times"}}}}
    assert kinds(desk.compare(stated)) == [("magnitude-drift", "up", "code")]


def test_resources_that_are_gone_and_new(desk: Desk) -> None:
    desk.publish(csv(rows()))
    one = resource("bridges", "counts.csv", list(FIELDS))
    (desk.folder / "datapackage.yaml").write_text(json.dumps(package("counts", [one])), "utf-8")
    dataset = read_submission(desk.folder).dataset

    with check(dataset, desk.layout) as checked:
        gone, new = drift.compare(dataset, checked.tables, desk.layout)

    assert (gone.code, gone.place.resource, gone.severity) == ("resource-gone", "counts", Severity.WARNING)
    assert (new.code, new.place.resource, new.severity) == ("resource-new", "bridges", Severity.WARNING)
    assert gone.message.en.startswith("Resource counts is gone: version 1.0.0 (")
    assert gone.message.zh.startswith("资源“counts”不见了：版本 1.0.0（")
    assert new.message.en.startswith("Resource bridges is new: version 1.0.0 (")
    assert new.message.zh.startswith("资源“bridges”是新的：版本 1.0.0（")


def test_it_is_the_latest_release_that_is_compared_with(desk: Desk) -> None:
    desk.publish(csv(rows(100)))
    desk.publish(csv(rows(200)))
    desk.hand_in(csv([*rows(99), rows()[-1]]))

    (finding,) = desk.compare()

    assert "200 in version 1.1.0 (" in finding.message.en


def test_an_empty_table_before_or_after_is_no_division_by_zero(desk: Desk) -> None:
    desk.publish(csv([]))
    desk.hand_in(csv(rows()))
    assert desk.compare() == []

    desk.publish(csv(rows()))
    desk.hand_in(csv([]))
    assert kinds(desk.compare()) == [("row-count-drift", "down", "")]


def test_a_damaged_release_is_an_error_of_the_store(desk: Desk) -> None:
    desk.publish(csv(rows()))
    release = desk.layout.release("transport/counts")
    assert release is not None
    path = release.tables[0].path
    path.parent.chmod(0o755)
    path.chmod(0o644)
    path.write_bytes(b"PAR1 and no more")

    desk.hand_in(csv(rows(20)))
    with pytest.raises(StoreError) as caught:
        desk.compare()

    assert caught.value.message.en.endswith("Run civicat verify.")
    assert caught.value.message.zh.endswith("请运行 civicat verify。")


def test_columns_of_every_type_are_compared(desk: Desk) -> None:
    fields = (
        field("flag", "boolean"),
        field("at", "datetime", example="2026-02-22T08:00:00Z"),
        field("local", "datetime", example="2026-02-22T08:00:00"),
        field("year", "year", example="2026"),
        field("price", "number", civicat={"scale": 2}),
        field("hour", "time"),
        field("shape", "object", example="{}"),
    )
    head = ",".join(str(one["name"]) for one in fields)
    line = '{},2026-02-{}T08:00:00Z,2026-02-{}T08:00:00,{},{},08:00:00,"{{}}"'
    before = [line.format("false" if number else "true", 22, 22, 2026, "1.25") for number in range(40)]
    after = [line.format("false", 21, 21, 2025, "1250.00")] * 40
    desk.publish("\n".join([head, *before]), fields)
    desk.hand_in("\n".join([head, *after]), fields)

    findings = desk.compare()

    assert kinds(findings) == [
        ("category-gone", "", "flag"),
        ("magnitude-drift", "up", "price"),
        *(("latest-date-drift", "back", name) for name in ("at", "local", "year")),
    ]
    assert "is 2026-02-21 08:00:00Z, earlier than the 2026-02-22 08:00:00Z of " in findings[2].message.en
    assert "is 2026-02-21 08:00:00, earlier than the 2026-02-22 08:00:00 of " in findings[3].message.en
    assert "is 2025, earlier than the 2026 of " in findings[4].message.en


def test_findings_read_well_in_a_terminal(desk: Desk) -> None:
    desk.publish(csv(rows()))
    desk.hand_in(csv([*rows(149), rows()[-1]]))
    report = Report("transport/counts", tuple(desk.compare({"rows": {"down": "20%"}})), ())

    lines = render(report, "en")

    assert lines[0].endswith("counts.csv")
    assert lines[1].startswith("  There are 150 rows, and 200 in version 1.0.0 (")
    assert lines[-1] == "transport/counts: to be mended (0 rows, 1 finding)"


def test_every_code_of_drift_has_its_words() -> None:
    assert set(drift.CODES) <= set(catalogue())


def test_a_stated_bound_keeps_a_version_from_being_published_until_it_is_widened(desk: Desk) -> None:
    desk.publish(csv(rows()))
    fewer = csv([*rows(149), rows()[-1]])
    desk.hand_in(fewer, bounds={"rows": {"down": "20%"}})
    refused = pipeline.publish_one(desk.folder, desk.layout)
    assert isinstance(refused, pipeline.Refused)
    assert kinds(refused.report.findings) == [("row-count-drift", "down", "")]

    desk.hand_in(fewer, bounds={"rows": {"down": "25%"}})
    assert isinstance(pipeline.publish_one(desk.folder, desk.layout), pipeline.Published)
    release = desk.layout.release("transport/counts")
    assert release is not None
    assert release.dataset.descriptor["civicat"]["bounds"] == {"counts": {"rows": {"down": "25%"}}}  # type: ignore[index] # a mapping


def test_a_usual_bound_is_told_and_keeps_nothing_back(desk: Desk) -> None:
    desk.publish(csv(rows()))
    desk.hand_in(csv([*rows(149), rows()[-1]]))

    result = pipeline.publish_one(desk.folder, desk.layout)

    assert isinstance(result, pipeline.Published)
    told = result.release.report["civicat"]
    assert "row-count-drift" in json.dumps(told)


def test_a_bound_that_cannot_be_read_is_refused_before_anything_is_published(desk: Desk) -> None:
    desk.hand_in(csv(rows()), bounds={"rows": {"down": 10}})

    with pytest.raises(DescriptorError):
        pipeline.publish_one(desk.folder, desk.layout)

    assert desk.layout.versions("transport/counts") == []

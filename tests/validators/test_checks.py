"""Checklists: frictionless' own checks, errors in frictionless' order and words; what its files say and ours refuse."""

from __future__ import annotations

import json
import random
import statistics
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import frictionless
import pytest
from frictionless import Check
from frictionless import checks as theirs

from civicat.dataset import Dataset, read_dataset
from civicat.errors import DescriptorError
from civicat.finding import Finding
from civicat.layout import Layout
from civicat.report import Outcome, Report
from civicat.validators import check
from civicat.validators.checklists import ERRORS, read_checklist, read_checks
from civicat.validators.engine import cutting
from civicat.validators.engine.checks.checklist import ABOUT, KNOWN, Checklist
from civicat.validators.engine.checks.deviated_values import Moments, decimal_root, float_root

FIXTURES = Path(__file__).resolve().parents[2] / "../shared/data/frictionless-fixtures/data"
Json = dict[str, Any]

STAFF = {
    "fields": [
        {"name": "id", "type": "integer"},
        {"name": "name", "type": "string"},
        {"name": "salary", "type": "number"},
        {"name": "day", "type": "date"},
    ],
    "primaryKey": ["id"],
}
ROWS = "".join(
    f"{number},{'né' if number == 4 else 'bob'},{number * 100},2024-01-0{number % 9 + 1}\n" for number in range(1, 20)
)
STAFF_CSV = (
    f"id,name,salary,day\n{ROWS}20,bob,99999999,2024-01-01\n5,bob,500,2024-01-06\nx,bob\n\n,,,\n32767,{'x' * 255},1,\n"
)
EVERY: list[Json] = [
    {"type": "table-dimensions", "minRows": 30, "maxFields": 3},
    {"type": "ascii-value"},
    {"type": "forbidden-value", "fieldName": "salary", "values": [300, "x", None]},
    {"type": "required-value", "fieldName": "name", "values": ["zed"]},
    {"type": "duplicate-row"},
    {"type": "sequential-value", "fieldName": "id"},
    {"type": "deviated-value", "fieldName": "salary"},
    {"type": "row-constraint", "formula": "salary < 1500"},
    {"type": "truncated-value"},
    {"type": "deviated-cell"},
]


def _ours(folder: Path, name: str, schema: Json, checklist: Checklist, limit: int) -> Report:
    with check(
        _one(folder, name, schema), _store(folder), profile=False, limit_errors=limit, checklist=checklist
    ) as one:
        return one.report


def _one(folder: Path, name: str, schema: Json) -> Dataset:
    resource = {"name": "x", "path": name, "schema": schema, "encoding": "utf-8", "dialect": {"delimiter": ","}}
    return read_dataset({"name": "x", "resources": [resource]}, name, "", folder)


def _store(folder: Path) -> Layout:
    return Layout(folder / "store")


def _theirs(folder: Path, name: str, schema: Json, checklist: Checklist, limit: int) -> list[Json]:
    descriptor = {"name": "x", "path": name, "schema": schema, "encoding": "utf-8", "dialect": {"delimiter": ","}}
    resource = frictionless.Resource.from_descriptor(descriptor, basepath=str(folder))
    made = frictionless.Checklist.from_descriptor(checklist.to_descriptor())
    return [error.to_descriptor() for error in resource.validate(made, limit_errors=limit).tasks[0].errors]


def _listed(report: Report) -> list[Json]:
    tasks: Any = report.to_descriptor()["tasks"]
    return list(tasks[0]["errors"])


def _staff(folder: Path, *checks: Json, text: str = STAFF_CSV) -> Report:
    (folder / "staff.csv").write_text(text, "utf-8")
    return _ours(folder, "staff.csv", STAFF, Checklist(checks), 1000)


def _found(report: Report, code: str) -> list[Finding]:
    return [one for one in report.resources[0].findings if one.code == code]


# ---- the same as frictionless --------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0, 3, 1000])
@pytest.mark.parametrize("skip", [(), ("#cell",), ("duplicate-row", "primary-key", "table-dimensions")])
@pytest.mark.parametrize("pick", [(), ("#row",), ("deviated-value", "type-error")])
def test_all_checks_together_are_told_in_frictionless_order(
    tmp_path: Path, limit: int, skip: tuple[str, ...], pick: tuple[str, ...]
) -> None:
    (tmp_path / "staff.csv").write_text(STAFF_CSV, "utf-8")
    checklist = Checklist(tuple(EVERY), pick, skip)
    expected = _theirs(tmp_path, "staff.csv", STAFF, checklist, limit)
    assert _listed(_ours(tmp_path, "staff.csv", STAFF, checklist, limit)) == expected


@pytest.mark.skipif(not FIXTURES.is_dir(), reason="frictionless' fixtures in ../shared/data are not here")
@pytest.mark.parametrize(
    "name", ["table.csv", "invalid.csv", "countries.csv", "table-limits.csv", "duplicate-rows.csv"]
)
@pytest.mark.parametrize("limit", [0, 3, 1000])
def test_fixtures_with_every_check_on_their_first_column(name: str, limit: int) -> None:
    if not (FIXTURES / name).is_file():
        pytest.skip(f"{name} is not among the fixtures")
    inferred: Any = frictionless.resources.TableResource.from_descriptor(
        {"name": "x", "path": name}, basepath=str(FIXTURES)
    )
    inferred.infer()
    schema = inferred.schema.to_descriptor()
    first = schema["fields"][0]["name"]
    checks = [{**one, "fieldName": first} if "fieldName" in one else one for one in EVERY]
    checklist = Checklist(tuple(checks))
    expected = _theirs(FIXTURES, name, schema, checklist, limit)
    assert _listed(_ours(FIXTURES, name, schema, checklist, limit)) == expected


@pytest.mark.parametrize(
    "checks",
    [
        # the same text, other values: a comma shifts from one column into the next
        [{"type": "duplicate-row"}],
        [{"type": "sequential-value", "fieldName": "salary"}, {"type": "sequential-value", "fieldName": "day"}],
        [{"type": "deviated-value", "fieldName": "salary", "average": "median", "interval": 1}],
        [{"type": "deviated-value", "fieldName": "salary", "average": "mode", "interval": 1}],
        [{"type": "deviated-value", "fieldName": "id", "interval": 1}],
        [
            {"type": "deviated-value", "fieldName": "salary", "interval": 1.5}
        ],  # a Decimal times a float: frictionless fails
        [{"type": "deviated-cell", "interval": 0, "ignoreFields": ["day"]}],
        [{"type": "baseline"}, {"type": "ascii-value"}],
        [{"type": "forbidden-value", "fieldName": "nope", "values": []}, {"type": "ascii-value"}],
        [{"type": "required-value", "fieldName": "salary", "values": [300.0, 0.1, None]}],
        [{"type": "table-dimensions", "numRows": 24, "numFields": 4, "maxRows": 3, "minFields": 5}],
    ],
)
@pytest.mark.parametrize("limit", [0, 3])
def test_one_check_at_a_time(tmp_path: Path, checks: list[Json], limit: int) -> None:
    more = [
        '"a","b,c",1,2024-01-01',
        '7,"b,c,1",1.0,2024-01-01',
        f"7,{'y' * 6000},1.00,2024-01-01",
        '7,"b,c,1",1.0,2024-01-01',
    ]
    text = STAFF_CSV + "\n".join(more)
    (tmp_path / "staff.csv").write_text(text, "utf-8")
    schema = {"fields": STAFF["fields"]}
    checklist = Checklist(tuple(checks))
    expected = _theirs(tmp_path, "staff.csv", schema, checklist, limit)
    assert _listed(_ours(tmp_path, "staff.csv", schema, checklist, limit)) == expected


def test_rows_are_the_same_where_frictionless_writes_them_alike(tmp_path: Path) -> None:
    schema = {"fields": [{"name": name, "type": "string"} for name in ("a", "b")]}
    rows = ['"x,y",z', 'x,"y,z"', "None,z", ",z", '"x,y",z', "q,r", "q,r,extra", "q", "q,None", ",", ","]
    (tmp_path / "t.csv").write_text("a,b\n" + "\n".join(rows) + "\n", "utf-8")
    checklist = Checklist(({"type": "duplicate-row"},))
    expected = _theirs(tmp_path, "t.csv", schema, checklist, 0)
    assert [one["note"] for one in expected if one["type"] == "duplicate-row"] == [
        *('the same as row at position "2"', 'the same as row at position "4"', 'the same as row at position "3"'),
        *('the same as row at position "7"', 'the same as row at position "9"', 'the same as row at position "11"'),
    ]
    assert _listed(_ours(tmp_path, "t.csv", schema, checklist, 0)) == expected


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("size", [cutting.SIZE, 120])
def test_any_checklist_on_any_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, size: int) -> None:
    monkeypatch.setattr(cutting, "SIZE", size)  # small pieces: many blocks of few rows
    monkeypatch.setattr(cutting, "_LEAST", 1)
    chance = random.Random(seed)  # noqa: S311 (no secret)
    schema, text = _table(chance)
    (tmp_path / "t.csv").write_text(text, "utf-8")
    names = [one["name"] for one in schema["fields"]]
    checks = tuple(_check(chance, names) for _ in range(chance.randrange(1, 5)))
    checklist = Checklist(
        checks, (), tuple(chance.sample(["#cell", "blank-row", "duplicate-row"], chance.randrange(2)))
    )
    limit = chance.choice([0, 1, 3, 1000])
    expected = _theirs(tmp_path, "t.csv", schema, checklist, limit)
    assert _listed(_ours(tmp_path, "t.csv", schema, checklist, limit)) == expected


_UNIQUE = {"name": "u", "type": "string", "constraints": {"unique": True}}
_BESIDE = [{"name": "b", "type": "integer"}, {"name": "c", "type": "integer", "constraints": {"unique": True}}]
_KEYED = {"primaryKey": ["u"], "foreignKeys": [{"fields": ["c"], "reference": {"resource": "", "fields": ["c"]}}]}


@pytest.mark.parametrize("limit", [0, 1, 2])
@pytest.mark.parametrize(
    ("schema", "checks", "pick", "skip"),
    [
        ({"fields": [_UNIQUE, *_BESIDE]}, (), (), ("unique-error",)),
        ({"fields": [_UNIQUE, *_BESIDE]}, (), ("type-error",), ()),
        ({"fields": [_UNIQUE, *_BESIDE]}, ({"type": "duplicate-row"},), (), ("unique-error",)),
        ({"fields": [{"name": "u", "type": "string"}, *_BESIDE], **_KEYED}, (), (), ("primary-key",)),
    ],
)
def test_a_repeat_that_is_not_listed_orders_the_other_errors_of_its_row(  # noqa: PLR0913, PLR0917 (a table's columns)
    tmp_path: Path, schema: Json, checks: tuple[Json, ...], pick: tuple[str, ...], skip: tuple[str, ...], limit: int
) -> None:
    (tmp_path / "t.csv").write_text("u,b,c\na,1,1\na,x,y\n", "utf-8")
    checklist = Checklist(checks, pick, skip)
    assert _listed(_ours(tmp_path, "t.csv", schema, checklist, limit)) == _theirs(
        tmp_path, "t.csv", schema, checklist, limit
    )


_CELLS = {
    "integer": ["1", "2", "3", "-1", "0", "65535", "bad", ""],
    "string": ["a", "b", "a,b", "b,a", "None", "中", "", "x" * 255, "y" * 6000],
    "number": ["1", "1.0", "1.50", "-3", "0.1", "1e3", "NaN", "", "123456789012345678.12"],
    "date": ["2024-01-05", "2024-02-01", "", "bad"],
    "boolean": ["true", "false", "True", ""],
    "any": ["a", "1", "65535", ""],
}


def _table(chance: random.Random) -> tuple[Json, str]:
    kinds = chance.sample(sorted(_CELLS), chance.randrange(1, 5))
    rows: list[list[str]] = []
    for _ in range(chance.choice([0, 1, 5, 40])):
        row = [chance.choice(_CELLS[kind]) for kind in kinds]
        rows.append(chance.choice([row, row, row, row[:-1], [*row, "extra"], [], chance.choice(rows or [row])]))
    fields = [{"name": kind, "type": kind} for kind in kinds]
    schema = {"fields": fields, **({"primaryKey": kinds[:1]} if chance.random() < 0.3 else {})}
    lines = [kinds, *rows]
    return schema, "".join(",".join(f'"{cell}"' if "," in cell else cell for cell in row) + "\n" for row in lines)


def _check(chance: random.Random, names: Sequence[str]) -> Json:
    kind = chance.choice(sorted(KNOWN))
    values = chance.sample([1, 2, -1, 1.5, True, None, "a", "a,b", "None", 65535, 10**19], chance.randrange(3))
    given: Json = {
        "fieldName": chance.choice(names),
        "values": values[:1] if kind == "required-value" else values,  # frictionless tells several in no order
        "interval": chance.choice([0, 1, 2, 1.5]),
        "average": chance.choice(["mean", "mean", "median", "mode"]),
        "ignoreFields": [chance.choice(names)],
        "formula": chance.choice([f"{names[0]} == {names[-1]}", f"{names[0]} > 1", "nope == None", "1 +"]),
        **{key: chance.choice([0, 3, 40]) for key in KNOWN["table-dimensions"].kinds},
    }
    takes = KNOWN[kind]
    kept = [key for key in takes.kinds if key in takes.needed or chance.random() < 0.6]
    return {"type": kind, **{key: given[key] for key in kept}}


def test_a_file_that_breaks_off_is_judged_as_far_as_frictionless_reads_it(tmp_path: Path) -> None:
    rows = "".join(f"{number},bob,{number % 7},2024-01-01\n" for number in range(1, 4000))
    (tmp_path / "staff.csv").write_bytes(
        f"id,name,salary,day\n{rows}".encode() + b"4000,\xff\xfe,1,2024-01-01\n5,,9999,\n"
    )
    checklist = Checklist(
        (
            {"type": "table-dimensions", "minRows": 9000},
            {"type": "deviated-value", "fieldName": "salary", "interval": 1},
            {"type": "required-value", "fieldName": "salary", "values": [9999]},
        )
    )
    expected = _theirs(tmp_path, "staff.csv", STAFF, checklist, 0)
    assert {one["type"] for one in expected} == {
        "encoding-error",
        "table-dimensions",
        "deviated-value",
        "required-value",
    }
    assert _listed(_ours(tmp_path, "staff.csv", STAFF, checklist, 0)) == expected


def test_counting_all_counts_what_is_beyond_the_limit(tmp_path: Path) -> None:
    (tmp_path / "staff.csv").write_text(STAFF_CSV, "utf-8")
    every = Checklist(tuple(EVERY))
    dataset = _one(tmp_path, "staff.csv", STAFF)
    with check(dataset, _store(tmp_path), profile=False, limit_errors=2, count_all=True, checklist=every) as checked:
        report = checked.report
    expected = Counter(one["type"] for one in _theirs(tmp_path, "staff.csv", STAFF, every, 0))
    assert len(_listed(report)) == 2
    assert report.resources[0].counts == expected


@pytest.mark.parametrize("decimals", [False, True])
def test_the_mean_and_the_deviation_are_those_of_pythons_statistics(decimals: bool) -> None:  # noqa: FBT001 (pytest's)
    chance = random.Random(1)  # noqa: S311 (no secret)
    for _ in range(200):
        scale = chance.choice([0, 2, 9]) if decimals else 0
        units = [chance.randrange(-(10 ** chance.choice([1, 5, 18])), 10**18) for _ in range(chance.randrange(2, 30))]
        values: list[Any] = [Decimal(one).scaleb(-scale) for one in units] if decimals else units
        moments = Moments()
        moments.add_values(values)
        deviation, mean = statistics.stdev(values), statistics.mean(values)
        assert moments.bounds(3, decimals=decimals) == (mean - deviation * 3, mean + deviation * 3)


def test_roots_are_rounded_right() -> None:
    assert float_root(Fraction(2)) == 2**0.5
    assert float_root(Fraction(0)) == 0
    assert float_root(Fraction(9, 10**40)) == 3e-20
    assert decimal_root(Fraction(2)) == Decimal("1.414213562373095048801688724")


# ---- what is said ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check_", "code", "zh", "en"),
    [
        (EVERY[0], "table-dimensions", "表有 4 列，最多 3。", "The table has 4 columns; 3 is the most."),
        (
            EVERY[2],
            "forbidden-value",
            "“300”不许出现在“salary”一列；不许用的有：300, 'x', None。",
            "“300” must not stand in column salary. Not allowed are: 300, 'x', None.",
        ),
        (
            EVERY[3],
            "required-value",
            "“name”一列至少要有一行是“zed”，而一行也没有。",
            "Column name must hold “zed” in at least one row, and no row does.",
        ),
        (EVERY[4], "duplicate-row", "这一行与第 6 行完全相同。", "This row is the same as row 6 in every cell."),
        (
            {"type": "sequential-value", "fieldName": "salary"},
            "sequential-value",
            "“salary”一列应逐行加 1，而“200”没有接上。",
            "Column salary counts up by one from row to row, and “200” does not follow the row above.",
        ),
        (EVERY[7], "row-constraint", "这一行不合规则：salary < 1500。", "This row breaks a rule: salary < 1500."),
    ],
)
def test_a_finding_speaks_both_languages(tmp_path: Path, check_: Json, code: str, zh: str, en: str) -> None:
    first = _found(_staff(tmp_path, check_), code)[0]
    assert (first.message.zh, first.message.en) == (zh, en)


@pytest.mark.parametrize(
    ("check_", "code", "row"),
    [(EVERY[1], "ascii-value", 5), (EVERY[6], "deviated-value", 21), (EVERY[8], "truncated-value", 26)],
)
def test_a_finding_stands_at_its_row(tmp_path: Path, check_: Json, code: str, row: int) -> None:
    assert [one.place.row for one in _found(_staff(tmp_path, check_), code)][:1] == [row]


def test_a_formula_with_an_unknown_name_is_its_authors_error(tmp_path: Path) -> None:
    report = _staff(tmp_path, {"type": "row-constraint", "formula": "salry > 10"})
    (broken,) = _found(report, "rule-broken")
    assert broken.message.zh.startswith("规则“salry > 10”用不了：表里没有“salry”这一列。您是指“salary”吗？")
    assert broken.message.en.startswith(
        "The rule “salry > 10” cannot be applied: the table has no column “salry”. Did you mean “salary”?"
    )
    assert len(_found(report, "row-constraint")) == 25  # frictionless takes every row for wrong


def test_so_is_one_with_an_unknown_function(tmp_path: Path) -> None:
    (broken,) = _found(_staff(tmp_path, {"type": "row-constraint", "formula": "sum(salary) > 1"}), "rule-broken")
    assert "用不了：规则里没有“sum”这个函数，可用的只有：rand、randint、int、float、str" in broken.message.zh
    assert "there is no function “sum”; there is only rand, randint, int, float, str" in broken.message.en
    assert "None" not in broken.remedy.zh + broken.remedy.en  # blanks have nothing to do with it


def test_a_function_that_there_is_may_be_called(tmp_path: Path) -> None:
    text = "id,name,salary,day\n1,a,5,\n"
    report = _staff(tmp_path, {"type": "row-constraint", "formula": "int(salary) > 1 and name.strip()"}, text=text)
    assert report.outcome is Outcome.PASSED


def test_so_is_one_that_is_no_expression(tmp_path: Path) -> None:
    (broken,) = _found(_staff(tmp_path, {"type": "row-constraint", "formula": "salary >"}), "rule-broken")
    assert "它不是有效的表达式" in broken.message.zh
    assert "it is no expression" in broken.message.en


def test_a_formula_that_forgets_empty_cells_is_told_with_the_first_row(tmp_path: Path) -> None:
    text = "id,name,salary,day\n1,a,5,\n2,b,,\n3,c,,\n"
    report = _staff(tmp_path, {"type": "row-constraint", "formula": "salary > 1"}, text=text)
    (broken,) = _found(report, "rule-broken")
    assert broken.place.row == 3
    assert broken.message.zh.startswith("规则“salary > 1”有 2 行算不出结果，这是第一行：计算时出错")
    assert broken.message.en.startswith(
        "The rule “salary > 1” cannot be worked out in 2 rows, of which this is the first:"
    )


def test_a_formula_that_holds_everywhere_is_not_mentioned(tmp_path: Path) -> None:
    text = "id,name,salary,day\n1,a,5,\n2,b,,\n"
    report = _staff(tmp_path, {"type": "row-constraint", "formula": "salary == None or salary > 1"}, text=text)
    assert report.outcome is Outcome.PASSED
    assert not report.all_findings()


def test_where_frictionless_breaks_off_the_check_is_named_as_broken(tmp_path: Path) -> None:
    report = _staff(tmp_path, {"type": "deviated-value", "fieldName": "nope", "average": "nope"})
    (broken,) = _found(report, "rule-broken")
    assert "frictionless 因此中断" in broken.message.zh
    assert "on which frictionless breaks off" in broken.message.en
    assert report.outcome is Outcome.UNCHECKED


def test_a_table_whose_errors_are_skipped_is_not_clean(tmp_path: Path) -> None:
    (tmp_path / "staff.csv").write_text("id,name,salary,day\n1,a,bad,\n", "utf-8")
    dataset = _one(tmp_path, "staff.csv", STAFF)
    skipping = Checklist((), (), ("type-error",))
    with check(dataset, _store(tmp_path), profile=False, checklist=skipping) as checked:
        assert checked.report.outcome is Outcome.PASSED
        assert not checked.tables


# ---- how checklists are written ------------------------------------------------------------------------------------


def test_the_checks_are_those_of_frictionless() -> None:
    classes: Json = {one.type: one for one in vars(theirs).values() if isinstance(one, type) and issubclass(one, Check)}
    assert set(KNOWN) == set(classes)
    kinds = {"string": "text", "number": "number", "array": "list"}
    for name, takes in KNOWN.items():
        profile = classes[name].metadata_ensure_profile()
        own = {key: kinds[one["type"]] for key, one in profile["properties"].items() if key not in {"type", *ABOUT}}
        assert dict(takes.kinds) == own
        assert set(takes.needed) == set(profile["required"]) - {"type"}


def test_every_check_and_parameter_is_documented_in_both_languages() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/checks.md").read_text("utf-8")
    for half in page.split("\n## ")[1:]:
        named = [f"`{word}`" for name, takes in KNOWN.items() for word in (name, *takes.kinds)]
        assert [word for word in named if word not in half] == []


def _errors(kind: type[frictionless.Error] = frictionless.Error) -> set[type[frictionless.Error]]:
    return {kind}.union(*(_errors(one) for one in kind.__subclasses__()))


def test_the_errors_that_are_known_are_those_of_frictionless() -> None:
    known = [one for one in _errors() if one.__module__.startswith("frictionless.")]
    assert {one.type for one in known} | {tag for one in known for tag in one.tags} == set(ERRORS)
    assert len(set(ERRORS)) == len(ERRORS)


@pytest.mark.parametrize("code", ["type-error", "#row"])
def test_types_and_tags_of_errors_may_be_picked(code: str, tmp_path: Path) -> None:
    path = tmp_path / "checklist.json"
    path.write_text(json.dumps({"pickErrors": [code], "skipErrors": [code]}), "utf-8")
    assert read_checklist(path) == Checklist((), (code,), (code,))


def test_a_file_of_frictionless_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "checklist.yaml"
    path.write_text(
        "name: main\nowner: desk\nskipErrors: [type-error]\nchecks:\n"
        "  - {type: forbidden-value, fieldName: day, values: [2024-01-06], remark: none}\n  - {type: ascii-value}\n",
        "utf-8",
    )
    checklist = read_checklist(path)
    made = frictionless.Checklist.from_descriptor(str(path))
    (tmp_path / "staff.csv").write_text(STAFF_CSV, "utf-8")
    descriptor = {"name": "x", "path": "staff.csv", "schema": STAFF, "encoding": "utf-8", "dialect": {"delimiter": ","}}
    resource = frictionless.Resource.from_descriptor(descriptor, basepath=str(tmp_path))
    expected = [error.to_descriptor() for error in resource.validate(made).tasks[0].errors]
    assert "forbidden-value" in {one["type"] for one in expected}
    assert _listed(_ours(tmp_path, "staff.csv", STAFF, checklist, 1000)) == expected


@pytest.mark.parametrize(
    ("written", "zh", "en"),
    [
        ({"checks": [{"type": "table-dimension"}]}, "您是指“table-dimensions”吗？", "Did you mean “table-dimensions”?"),
        ({"checks": [{"type": "nothing"}]}, "可用：ascii-value", "Known: ascii-value"),
        ({"checks": [{"type": "table-dimensions", "minRow": 1}]}, "您是指“minRows”吗？", "Did you mean “minRows”?"),
        (
            {"checks": [{"type": "sequential-value", "field_name": "id"}]},
            "您是指“fieldName”吗？",
            "Did you mean “fieldName”?",
        ),
        (
            {"checks": [{"type": "sequential-value"}]},
            "sequential-value 缺少“fieldName”",
            "sequential-value needs “fieldName”",
        ),
        ({"checks": [{"type": "table-dimensions", "minRows": "1"}]}, "这里应为数字", "this must be a number"),
        ({"checks": [{"type": "table-dimensions", "minRows": True}]}, "这里应为数字", "this must be a number"),
        (
            {"checks": [{"type": "required-value", "fieldName": "a", "values": "x"}]},
            "这里应为列表",
            "this must be a list",
        ),
        ({"skipError": ["type-error"]}, "您是指“skipErrors”吗？", "Did you mean “skipErrors”?"),
        ({"skipErrors": "type-error"}, "这里应为一列文字", "this must be a list of texts"),
        (
            {"pickErrors": ["type-eror"]},
            "没有“type-eror”这类错误。您是指“type-error”吗？",
            "Did you mean “type-error”?",
        ),
        ({"skipErrors": ["type-error", "#cel"]}, "您是指“#cell”吗？", "no error “#cel”. Did you mean “#cell”?"),
        ({"pickErrors": ["zzz"]}, "或标签：#table、", "or tags: #table,"),
        ({"pickErrors": [""]}, "没有“”这类错误", "there is no error “”."),
    ],
)
def test_a_slip_in_a_file_is_refused_with_what_was_meant(tmp_path: Path, written: Json, zh: str, en: str) -> None:
    path = tmp_path / "checklist.json"
    path.write_text(json.dumps(written), "utf-8")
    with pytest.raises(DescriptorError) as refused:
        read_checklist(path)
    assert zh in refused.value.message.zh
    assert en in refused.value.message.en


def _with_checks(folder: Path, *checks: Json) -> Dataset:
    resource = {"name": "staff", "path": "staff.csv", "schema": STAFF, "civicat": {"checks": list(checks)}}
    resource |= {"encoding": "utf-8", "dialect": {"delimiter": ","}}
    return read_dataset({"name": "staff", "resources": [resource], "civicat": {}}, "datapackage.yaml", "", folder)


def test_a_descriptor_asks_for_checks_of_a_resource(tmp_path: Path) -> None:
    (tmp_path / "staff.csv").write_text(STAFF_CSV, "utf-8")
    dataset = _with_checks(tmp_path, {"type": "table-dimensions", "minRows": 30})
    file = Checklist(({"type": "table-dimensions", "maxRows": 3},))
    with check(dataset, _store(tmp_path), profile=False, checklist=file) as checked:
        found = [one["note"] for one in _listed(checked.report) if one["type"] == "table-dimensions"]
    assert found == ["number of rows is 25, the minimum is 30", "number of rows is 25, the maximum is 3"]


def test_its_block_is_closed(tmp_path: Path) -> None:
    dataset = _with_checks(tmp_path, {"type": "table-dimensions", "remark": "none"})
    with pytest.raises(DescriptorError) as refused:
        read_checks(dataset.resources[0], "datapackage.yaml")
    assert "datapackage.yaml, staff, civicat.checks[0]" in refused.value.message.en
    assert "没有“remark”这一项" in refused.value.message.zh
    with pytest.raises(DescriptorError), check(dataset, _store(tmp_path), profile=False):
        pass  # told before a file is read: there is none

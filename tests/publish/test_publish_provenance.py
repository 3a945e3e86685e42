"""Provenance reads as plain JSON and, expanded by its own context, as PROV-O."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from civicat.conversion import ColumnConversion, Rewrite
from civicat.errors import CivicatError
from civicat.finding import Finding, Place, Severity
from civicat.publish import transformations
from civicat.publish.checks_run import checks_run
from civicat.publish.provenance import provenance
from civicat.publish.transformations import Transformation, altered, normalised
from civicat.release import Tombstone, Version
from civicat.report import Report
from civicat.text import Text

if TYPE_CHECKING:
    from tests.publish.conftest import Desk

PROV = "http://www.w3.org/ns/prov#"
BASE = "urn:civicat:transport/counters:1.0.0"
FIRST = Version(1, 0, 0)
KEYWORDS = {"@id", "@type", "@included"}


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795435200")  # 2026-11-23T12:00:00Z


def made(desk: Desk, *steps: Transformation, **more: object) -> dict[str, Any]:
    dataset = desk.dataset()
    options: dict[str, Any] = {"version": FIRST, "transformations": steps, **more}
    found = json.loads(provenance(dataset, desk.department(), desk.report(dataset), **options))
    assert isinstance(found, dict)
    return found


def merged(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for key, value in pairs:
        whole[key] = whole[key] + value if key == "@included" and key in whole else value
    return whole


def _expanded(name: str, raw: object, context: dict[str, Any]) -> tuple[str, object]:
    term = context[name]
    address, kind = (term, "") if isinstance(term, str) else (term["@id"], term.get("@type", ""))
    key = address if address in KEYWORDS else _address(address, context)
    many: list[Any] = raw if isinstance(raw, list) else [raw]
    if key == "@id":
        return key, _resolved(str(raw), context)
    if key == "@type":
        return key, [_address(one, context) for one in many]
    if kind == "@id":
        return key, [_resolved(one, context) for one in many]
    return key, {"@type": kind, "@value": raw} if kind else _nested(raw, term, context)


def _nested(raw: object, term: str | dict[str, Any], context: dict[str, Any]) -> object:
    """Words in two languages, nodes within a node, or a plain value."""
    if isinstance(raw, dict):
        assert isinstance(term, dict)
        assert (term["@container"], set(raw)) == ("@language", {"zh", "en"})
        return [{"@language": language, "@value": words} for language, words in raw.items()]
    return [graph(one, context) for one in raw] if isinstance(raw, list) else raw


def graph(node: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    return merged([_expanded(name, raw, context) for name, raw in node.items() if name != "@context"])


def _address(text: str, context: dict[str, Any]) -> str:
    prefix, _, rest = text.partition(":")
    return context[prefix] + rest if prefix in context and isinstance(context[prefix], str) else text


def _resolved(text: str, context: dict[str, Any]) -> str:
    return text if ":" in text else context["@base"] + text


def test_it_reads_as_plain_json(desk: Desk) -> None:
    found = made(desk)

    assert found["released"] == "2026-11-23T12:00:00Z"
    assert set(found["tools"]) == {"civicat", "duckdb", "frictionless", "pyarrow", "python"}
    assert found["inputs"] == [
        {"path": "data/counters.csv", "bytes": 10, "sha256": "0" * 64},
        {"path": "data/notes.csv", "bytes": 10, "sha256": "0" * 64},
    ]


def test_two_sheets_of_one_workbook_are_one_file(desk: Desk) -> None:
    dataset = desk.dataset()
    report = desk.report(dataset)
    sheets = tuple(replace(one, path="data/both.xlsx") for one in report.resources)

    found = json.loads(provenance(dataset, desk.department(), Report(report.subject, (), sheets), version=FIRST))

    assert [one["path"] for one in found["inputs"]] == ["data/both.xlsx"]
    assert "handed in 1 file (10 B)" in found["sentence"]["en"]
    assert "提交了 1 个文件（10 B）" in found["sentence"]["zh"]


def test_the_sentence(desk: Desk) -> None:
    conversion = ColumnConversion("编号", "int64", 50, 0, 38, (Rewrite("leading-plus", 12, "+4", "4"),))
    found = made(desk, *normalised("counters", [conversion]))

    tool = found["tools"]["civicat"]
    assert found["sentence"] == {
        "zh": f"交通局提交了 2 个文件（20 B）；2 行通过了 civicat {tool} 的 5 类检查；"
        "除正号（12 格）外，数据未作改动；2026 年 11 月 23 日发布为 1.0.0 版。",
        "en": f"The Transport office handed in 2 files (20 B); 2 rows passed 5 kinds of checks with civicat {tool}; "
        "nothing was altered but leading plus signs (12 cells); published on 23 November 2026 as version 1.0.0.",
    }


def test_only_publishing_has_a_time_for_nobody_knows_when_the_files_came_in(desk: Desk) -> None:
    timed = {one["id"]: one["time"] for one in made(desk)["activities"] if "time" in one}

    assert timed == {"#publishing": "2026-11-23T12:00:00Z"}


def test_an_office_that_is_called_the_is_not_called_it_twice(desk: Desk) -> None:
    dataset, department = desk.dataset(), desk.department(title={"zh": "局", "en": "The Office of Roads"})

    found = json.loads(provenance(dataset, department, desk.report(dataset), version=FIRST))

    assert found["sentence"]["en"].startswith("The Office of Roads handed in 2 files")


@pytest.mark.parametrize(
    ("submission", "submitted", "kept", "replaced", "zh", "en"),
    [
        (
            "append",
            3,
            11,
            0,
            "3 行追加到线上的 11 行之后，共 14 行",
            "3 rows were added to the 11 online, 14 rows in all",
        ),
        ("append", 1, 0, 0, "1 行追加到线上的 0 行之后，共 1 行", "1 row was added to the 0 online, 1 row in all"),
        ("append", 0, 11, 0, "各行已在线上的 11 行之中", "the rows were among the 11 online already"),
        (
            *("upsert", 5, 9, 2, "2 行取代线上的旧行，新增 3 行，线上另外 9 行保留，共 14 行"),
            "2 rows took the place of old ones online, 3 added and 9 kept as they were, 14 rows in all",
        ),
    ],
)
def test_rows_that_joined_those_online_are_said_so(  # noqa: PLR0913, PLR0917 - one case
    desk: Desk, submission: str, submitted: int, kept: int, replaced: int, zh: str, en: str
) -> None:
    step = transformations.joined("counters", submission, submitted=submitted, kept=kept, replaced=replaced)

    found = made(desk, step)["sentence"]

    assert f"；数据未作任何改动；{zh}；2026 年 11 月 23 日发布为" in found["zh"]
    assert f"; nothing was altered; {en}; published on " in found["en"]


def test_of_several_tables_the_one_that_rows_joined_is_named(desk: Desk) -> None:
    steps = (
        transformations.joined("counters", "append", submitted=3, kept=11),
        transformations.joined("notes", "replace", submitted=2, kept=0),
    )

    found = made(desk, *steps)["sentence"]

    assert "; in “counters” 3 rows were added to the 11 online, 14 rows in all; published" in found["en"]
    assert "；“counters”表：3 行追加到线上的 11 行之后，共 14 行；2026" in found["zh"]
    assert "notes" not in found["en"] + found["zh"]


def test_a_release_that_is_put_back_says_so(desk: Desk) -> None:
    words = Text("x", "x")
    options: dict[str, Any] = {"manifest": "0" * 64, "inputs": "", "data": (), "released": "", "rows": 1}
    down = Tombstone("transport/counters", Version(0, 9, 0), words, words, words, "2026-03-01T08:00:00Z", **options)

    found = made(desk, down=down)

    assert "；同样的数据曾为 0.9.0 版，2026 年 3 月 1 日撤回，现再次发布；" in found["sentence"]["zh"]
    assert (
        "; the same data had been version 0.9.0, taken down on 1 March 2026, and is put back; "
        in found["sentence"]["en"]
    )
    assert graph(found, found["@context"])["urn:civicat:terms:putsBack"] == ["urn:civicat:transport/counters:0.9.0"]
    assert "putsBack" not in made(desk)


def test_only_columns_that_are_stored_as_wkb_are_told_as_such(desk: Desk) -> None:
    package = desk.package()
    package["resources"][1]["schema"]["fields"][0] |= {"type": "geojson"}
    point = '{"type":"Point","coordinates":[1.5,2.5]}'

    release = desk.publish(tables=[desk.counters(range(3)), desk.notes(point)], package=package)

    told = json.loads((release.folder / "provenance.json").read_bytes())["activities"]
    steps = [step for one in told for step in one.get("transformations", []) if step["code"] == "geometry"]
    assert [(step["resource"], step["label"]["en"]) for step in steps] == [
        ("notes", "the shapes of “note” written as WKB")
    ]


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        *((0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9_949, "9.9 kB"), (9_950, "10 kB"), (999_499, "999 kB")),
        *((999_500, "1.0 MB"), (1_234_567, "1.2 MB"), (999_500_000, "1.0 GB"), (12_345_678_901, "12 GB")),
    ],
)
def test_sizes_are_said_in_steps_of_a_thousand(desk: Desk, size: int, shown: str) -> None:
    dataset = desk.dataset()
    one = replace(desk.report(dataset).resources[0], bytes=size)

    found = json.loads(provenance(dataset, desk.department(), Report("x", (), (one,)), version=FIRST))

    assert f"handed in 1 file ({shown}); 1 row passed" in found["sentence"]["en"]


def test_expanded_it_is_prov_o(desk: Desk) -> None:
    plain = made(desk, files={"counters.parquet": "a" * 64, "report.json": "b" * 64}, online=Version(0, 9, 0))
    context = plain["@context"]
    assert all(value == 1.1 or isinstance(value, str | dict) for value in context.values()), "no address to fetch"

    root = graph(plain, context)

    assert root["@id"] == BASE
    assert root["@type"] == [f"{PROV}Entity"]
    assert root[f"{PROV}generatedAtTime"] == {"@type": "xsd:dateTime", "@value": "2026-11-23T12:00:00Z"}
    assert root[f"{PROV}wasRevisionOf"] == ["urn:civicat:transport/counters:0.9.0"]
    nodes = {one["@id"].removeprefix(BASE): one for one in root["@included"]}
    assert [name for name, one in nodes.items() if f"{PROV}Activity" in one["@type"]] == [
        *("#handing-in", "#checking", "#converting", "#arranging", "#publishing")
    ]
    agents = {"#department", "#steward", "#civicat"}
    assert {name for name, one in nodes.items() if f"{PROV}Agent" in one["@type"]} == agents
    assert nodes["#steward"][f"{PROV}actedOnBehalfOf"] == [f"{BASE}#department"]
    assert nodes["#publishing"][f"{PROV}generated"] == [BASE, f"{BASE}#counters.parquet", f"{BASE}#report"]
    assert nodes["#report"]["urn:civicat:terms:sha256"] == "b" * 64
    assert nodes["#input-2"]["http://www.w3.org/ns/dcat#byteSize"]["@value"] == 10


def test_whatever_is_named_is_described(desk: Desk) -> None:
    plain = made(desk, files={"counters.parquet": "a" * 64})
    root = graph(plain, plain["@context"])
    described = {BASE, *(one["@id"] for one in root["@included"])}

    for node in [root, *root["@included"]]:
        for key in ("used", "generated", "wasInformedBy", "wasAssociatedWith", "wasGeneratedBy", "wasAttributedTo"):
            assert set(node.get(f"{PROV}{key}", [])) <= described, node["@id"]


def test_every_key_stands_in_the_context(desk: Desk) -> None:
    step = transformations.sorted_by("counters", ["编号"])
    plain = made(desk, step, files={"report.json": "b" * 64}, online=FIRST)

    graph({**plain, "@context": {}}, plain["@context"])  # an unknown key is a KeyError

    with pytest.raises(KeyError):
        graph({"nobody-knows": 1}, plain["@context"])


def test_each_kind_of_check_says_what_it_found(desk: Desk) -> None:
    dataset = desk.dataset()
    report = desk.report(dataset)
    warning = Finding("caveat-untranslated", Severity.WARNING, Place("x"), Text("x", "x"), Text("x", "x"))
    counted = replace(report.resources[0], counts={"type-error": 3, "blank-row": 1})
    checks = checks_run(dataset, Report("x", (warning,), (counted,)), None)

    assert {one.code: (one.errors, one.warnings) for one in checks} == {
        "descriptor": (0, 0),
        "profile": (0, 1),
        "structure": (1, 0),
        "types": (3, 0),
        "keys": (0, 0),
    }
    assert all(one.label.zh and one.label.en for one in checks)


def test_only_checks_that_had_something_to_do_are_named(desk: Desk) -> None:
    package = desk.package()
    numbers, name = package["resources"][0]["schema"]["fields"][:2]
    numbers["constraints"] = {"minimum": 1}
    name["civicat"]["identifier"] = "uscc"
    package["resources"][0]["schema"]["foreignKeys"] = [
        {"fields": ["name.en"], "reference": {"resource": "notes", "fields": ["note"]}}
    ]
    dataset = desk.dataset(package)

    codes = [one.code for one in checks_run(dataset, desk.report(dataset), FIRST)]

    assert codes == [
        *("descriptor", "profile", "structure", "types", "constraints", "identifiers", "keys", "references", "drift")
    ]


def test_transformations_stand_with_the_step_that_they_belong_to(desk: Desk) -> None:
    steps = (
        transformations.decoded("counters", "gb18030"),
        transformations.typed("counters", 7),
        transformations.geometry("counters", "shape"),
        transformations.joined("counters", "upsert", submitted=10, kept=40, replaced=4),
        transformations.sorted_by("counters", ["编号"]),
        transformations.numbered("notes", "row_number", 3),
    )
    activities = {one["id"]: one for one in made(desk, *steps)["activities"]}

    converting, arranging = activities["#converting"], activities["#arranging"]
    assert [one["code"] for one in converting["transformations"]] == ["decoded", "typed", "geometry"]
    assert [one["code"] for one in arranging["transformations"]] == ["upserted", "sorted", "numbered"]
    assert arranging["transformations"][0] == {
        "code": "upserted",
        "resource": "counters",
        "label": {
            "zh": "10 行按主键并入：替换 4 行，新增 6 行，保留 40 行",
            "en": "10 rows joined by key: 4 in place of old ones, 6 new, 40 kept",
        },
        "counts": {"submitted": 10, "kept": 40, "replaced": 4},
    }
    assert arranging["transformations"][1]["label"] == {"zh": "按主键 编号 排序", "en": "sorted by the key 编号"}


def conversion(unexplained: int = 0, **cells: int) -> ColumnConversion:
    """A column in which so many cells came under each rule."""
    rewrites = tuple(Rewrite(rule.replace("_", "-"), number, "x", "y") for rule, number in cells.items())
    return ColumnConversion("a", "int64", 9, 0, 0, rewrites, unexplained)


def test_what_was_altered_is_said_the_grave_first_then_the_most_frequent() -> None:
    steps = [
        *normalised("counters", [conversion(leading_plus=1), conversion(1, trailing_zeros=2000, rounded=3)]),
        *normalised("notes", [conversion(leading_plus=1)]),
    ]

    assert altered(steps) == Text(
        "除位数过多、只留最近值的数字（3 格）、没有规则说明的改变（1 格）、小数末尾的零（2,000 格）、正号（2 格）外，"
        "数据未作改动",
        "nothing was altered but numbers of too many digits, of which the nearest was kept (3 cells), changes that no "
        "rule explains (1 cell), zeros at the end of decimals (2,000 cells) and leading plus signs (2 cells)",
    )


@pytest.mark.parametrize(
    ("rules", "end"),
    [
        (("exponent", "padding", "minus_zero", "white_space"), " and white space around values (1 cell)"),
        (("exponent", "padding", "minus_zero", "white_space", "zone_spelling"), " and 1 other spelling (1 cell)"),
        (
            ("exponent", "padding", "minus_zero", "white_space", "zone_spelling", "bare_point"),
            " and 2 other spellings (2 cells)",
        ),
    ],
)
def test_a_sentence_names_four_ways_and_counts_the_others(rules: tuple[str, ...], end: str) -> None:
    steps = normalised("counters", [conversion(**dict.fromkeys(rules, 1))])

    assert altered(steps).en.endswith(end)
    assert steps[0].counts == {rule.replace("_", "-"): 1 for rule in sorted(rules)}


def test_nothing_altered_is_said_so() -> None:
    clean = ColumnConversion("a", "int64", 9, 0, 9)

    assert normalised("counters", [clean]) == ()
    assert altered([transformations.typed("counters", 1)]) == Text("数据未作任何改动", "nothing was altered")


def test_the_same_again_gives_the_same_bytes(desk: Desk, another_desk: Desk) -> None:
    files = [
        provenance(one.dataset(), one.department(), one.report(one.dataset()), version=FIRST)
        for one in (desk, another_desk)
    ]

    assert files[0] == files[1]


def test_the_time_comes_from_the_clock_unless_it_is_set(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(CivicatError) as caught:
        made(desk)
    assert caught.value.message.en == "SOURCE_DATE_EPOCH must be a number of seconds, it is “yesterday”."
    assert caught.value.message.zh == "SOURCE_DATE_EPOCH 应为秒数，实为“yesterday”。"

    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert made(desk)["released"] > "2026-11-22T"

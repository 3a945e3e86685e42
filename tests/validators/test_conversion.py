"""The lossless-conversion proof: each column's texts there and back, what was normalised, and what was lost."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from handing_in import Json, package, resource

from civicat.conversion import RULES, ColumnConversion, Rewrite
from civicat.layout import Layout
from civicat.report import Outcome
from civicat.validators import check, read_submission

Converted: TypeAlias = Callable[..., Sequence[ColumnConversion]]


@pytest.fixture
def converted(hand_in: Callable[..., Path], layout: Layout) -> Converted:
    """The conversion of a table of some columns; `name` is its file, which must be clean."""

    def run(
        content: str | bytes, *fields: dict[str, Any], name: str = "a.csv", **more: Json
    ) -> Sequence[ColumnConversion]:
        folder = hand_in(package("counts", [resource("counts", name, list(fields), **more)]), {name: content})
        with check(read_submission(folder).dataset, layout, profile=False) as checked:
            assert checked.report.outcome is Outcome.PASSED, [
                one.message for one in checked.report.resources[0].findings
            ]
            (table,) = checked.tables
            for one in table.conversion:
                assert one.cells == table.rows
                touched = [rewrite.cells for rewrite in one.rewrites]
                assert max(touched, default=0) <= one.rewritten <= sum(touched)
            return table.conversion

    return run


def field(name: str, kind: str = "string", **more: Json) -> dict[str, Any]:
    """A column without an example, which would have to be of its format."""
    return {"name": name, "type": kind, **more}


def lines(*cells: str, label: str = "a") -> str:
    """A CSV file of one column."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([[label], *([cell] for cell in cells)])
    return text.getvalue()


NUMBER, WHOLE, SCALED = field("a", "number"), field("a", "integer"), field("a", "number", civicat={"scale": 2})
DAY, MOMENT, CLOCK, TRUTH = (field("a", kind) for kind in ("date", "datetime", "time", "boolean"))
ANY_DAY = field("a", "date", format="any")
ANY_MOMENT = field("a", "datetime", format="any")

# rule, column, text, and the spelling of its value
EXAMPLES: Sequence[tuple[str, Mapping[str, Any], str, str]] = [
    ("white-space", NUMBER, " 1.5 ", "1.5"),
    ("white-space", WHOLE, "\u00a012", "12"),
    ("white-space", WHOLE, "\x1c12\x85", "12"),
    ("unit-sign", field("a", "integer", bareNumber=False), "约 12 人", "12"),
    ("unit-sign", field("a", "number", bareNumber=False), "$-1.5%", "-1.5"),
    ("digit-groups", field("a", "number", groupChar=","), "1,234.5", "1234.5"),
    ("digit-groups", WHOLE, "1_000", "1000"),
    ("decimal-character", field("a", "number", decimalChar=","), "1,5", "1.5"),
    ("full-width", NUMBER, "１２.５", "12.5"),
    ("full-width", WHOLE, "１２", "12"),
    ("full-width", DAY, "２０２１-01-05", "2021-01-05"),
    ("other-digits", WHOLE, "١٢", "12"),
    ("leading-plus", NUMBER, "+1.5", "1.5"),
    ("leading-plus", WHOLE, "+5", "5"),
    ("leading-zeros", NUMBER, "001.5", "1.5"),
    ("leading-zeros", WHOLE, "-007", "-7"),
    ("leading-zeros", field("a", "year"), "0987", "987"),
    ("bare-point", NUMBER, "-.5", "-0.5"),
    ("bare-point", NUMBER, "5.", "5"),
    ("trailing-zeros", NUMBER, "1.50", "1.5"),
    ("trailing-zeros", NUMBER, "100.00", "100"),
    ("trailing-zeros", SCALED, "1.500", "1.50"),
    ("added-zeros", SCALED, "1.5", "1.50"),
    ("added-zeros", SCALED, "1", "1.00"),
    ("minus-zero", WHOLE, "-0", "0"),
    ("minus-zero", SCALED, "-0.00", "0.00"),
    ("exponent", NUMBER, "1e3", "1000"),
    ("exponent", NUMBER, "0.00000012", "1.2e-07"),
    ("exponent", field("a", "number", civicat={"scale": 0}), "15E1", "150"),
    ("rounded", NUMBER, "0.1234567890123456789", "0.12345678901234568"),
    ("rounded", NUMBER, "9007199254740993", "9007199254740992"),
    ("letter-case", TRUTH, "TRUE", "true"),
    ("letter-case", TRUTH, "False", "false"),
    ("truth-words", TRUTH, "1", "true"),
    ("truth-words", field("a", "boolean", trueValues=["是"], falseValues=["否"]), "否", "false"),
    ("declared-format", field("a", "date", format="%d/%m/%Y"), "05/01/2021", "2021-01-05"),
    ("declared-format", field("a", "date", format="%d/%m/%Y"), "5/1/2021", "2021-01-05"),
    ("declared-format", field("a", "date", format="%Y年%m月%d日"), "2021年01月05日", "2021-01-05"),
    ("declared-format", field("a", "date", format="%Y年%m月%d日"), "2021年1月5日", "2021-01-05"),
    ("declared-format", field("a", "time", format="%H:%M"), "08:30", "08:30:00"),
    ("declared-format", field("a", "datetime", format="%Y/%m/%d %H:%M"), "2021/01/05 08:30", "2021-01-05T08:30:00"),
    ("declared-format", field("a", "datetime", format="%d.%m.%y %H%z"), "05.01.21 08+0800", "2021-01-05T00:00:00Z"),
    ("padding", DAY, "2021-1-5", "2021-01-05"),
    ("padding", field("a", "yearmonth"), "2021-1", "2021-01"),
    ("date-separators", ANY_DAY, "2021/01/05", "2021-01-05"),
    ("time-separator", MOMENT, "2021-01-05 08:30:00", "2021-01-05T08:30:00"),
    ("fraction-zeros", MOMENT, "2021-01-05T08:30:00.500", "2021-01-05T08:30:00.5"),
    ("fraction-zeros", CLOCK, "08:30:00.000", "08:30:00"),
    ("fraction-cut", MOMENT, "2021-01-05T08:30:00.1234567", "2021-01-05T08:30:00.123456"),
    ("zone-spelling", MOMENT, "2021-01-05T08:30:00+00:00", "2021-01-05T08:30:00Z"),
    ("time-zone", MOMENT, "2021-01-05T08:30:00+08:00", "2021-01-05T00:30:00Z"),
    ("time-zone", MOMENT, "2021-01-05T08:30:00-0330", "2021-01-05T12:00:00Z"),
    ("time-layout", MOMENT, "2021-01-05T24:00:00", "2021-01-06T00:00:00"),
    ("time-layout", MOMENT, "2021-01-05T08:30:00,5", "2021-01-05T08:30:00.5"),
    ("guessed-format", ANY_DAY, "5 Jan 2021", "2021-01-05"),
    ("guessed-format", ANY_MOMENT, "5 January 2021 8:30pm", "2021-01-05T20:30:00"),
    ("json-layout", field("a", "object"), '{ "n": 1.50, "m": [true] }', '{"n":1.5,"m":[true]}'),
    ("rounded", field("a", "array"), "[0.1234567890123456789]", "[0.12345678901234568]"),
    ("list-as-json", field("a", "list"), "a,b", '["a","b"]'),
    ("list-as-json", field("a", "list", itemType="number"), "1.0,2", "[1.0,2.0]"),
]


@pytest.mark.parametrize(("rule", "column", "text", "spelled"), EXAMPLES, ids=[f"{r}: {t}" for r, _, t, _ in EXAMPLES])
def test_a_rule_names_what_it_changed(
    converted: Converted, rule: str, column: Mapping[str, Any], text: str, spelled: str
) -> None:
    (one,) = converted(lines(text), dict(column))
    assert one.rewrites == (Rewrite(rule, 1, text, spelled),)
    assert (one.cells, one.identical, one.rewritten, one.unexplained) == (1, 0, 1, 0)
    assert one.lossless is not RULES[rule].loses


def test_every_rule_has_an_example_and_words_in_both_languages() -> None:
    of_values = {"shown-digits", "written-out"}  # below: they need a workbook or JSON
    assert {rule for rule, *_ in EXAMPLES} | of_values == set(RULES)
    assert all(one.words.zh and one.words.en for one in RULES.values())
    assert {one.code for one in RULES.values() if one.loses} == {"rounded", "fraction-cut"}


def test_the_page_lists_the_rules_in_their_order() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "conversion.md").read_text("utf-8")
    rows = [row.split(" | ") for row in page.splitlines() if row.startswith("| `")]
    told = [(code.strip("| `"), zh, en, "a loss" in last) for code, zh, en, _, _, last in rows]
    assert told == [(one.code, one.words.zh, one.words.en, one.loses) for one in RULES.values()]
    shown = {rule: (text, spelled) for rule, _, text, spelled in reversed(EXAMPLES)}
    for (code, *_), (_, _, _, text, spelled, _) in zip(told, rows, strict=True):
        if code in shown:
            assert (text.strip("`"), spelled.strip("`")) == shown[code]


CLEAN = [
    (WHOLE, ["0", "-5", "10", "99", "100", "-100", "9223372036854775807", "-9223372036854775808", "987654321"]),
    (NUMBER, ["0", "-5", "0.5", "-0.5", "100", "1200", "1.05", "0.0001", "123456789012345", "1e+16", "-0"]),
    (SCALED, ["0.00", "-0.50", "10.00", "123456789.10", "-7.25"]),
    (DAY, ["0001-01-01", "1970-01-01", "2021-12-31", "9999-12-31"]),
    (MOMENT, ["2021-01-05T23:59:59", "2021-01-05T08:30:00.5", "1970-01-01T00:00:00.000001"]),
    (MOMENT, ["2021-01-05T23:59:59Z", "2021-01-05T08:30:00.25Z"]),
    (CLOCK, ["00:00:00", "23:59:59", "08:30:00.5"]),
    (TRUTH, ["true", "false"]),
    (field("a", "year"), ["2020", "1000", "9999"]),
    (field("a"), ["１２", " a ", "+5", "0,50", "①", "a\r\nb", "x" * 500]),
    (field("a", "geopoint"), ["121.470, 31.2", "1,2"]),
    (field("a", "duration"), ["P1Y", "PT0S"]),
    (field("a", "geojson"), ['{"type":"Point","coordinates":[1,2]}']),
]


@pytest.mark.parametrize(("column", "texts"), CLEAN, ids=[f"{c['type']} {t[0]}" for c, t in CLEAN])
def test_clean_texts_come_back_as_they_were(
    converted: Converted, column: Mapping[str, Any], texts: Sequence[str]
) -> None:
    (one,) = converted(lines(*texts), dict(column))
    assert (one.cells, one.missing, one.identical, one.rewrites) == (len(texts), 0, len(texts), ())
    assert one.lossless


def test_a_cell_that_several_rules_touch_counts_in_each(converted: Converted) -> None:
    (one,) = converted(lines("1.5", " +１,234.50", "7.0"), field("a", "number", groupChar=","))
    assert one.identical == 1
    assert one.rewritten == 2
    assert [(rewrite.rule, rewrite.cells) for rewrite in one.rewrites] == [
        ("white-space", 1),
        ("digit-groups", 1),
        ("full-width", 1),
        ("leading-plus", 1),
        ("trailing-zeros", 2),
    ]
    assert one.lossless


# What frictionless reads otherwise than it is written: the value is there, and the text is another.
LOST = [
    (field("a", "number", bareNumber=False), "$.50", "50"),  # the point is taken off with the sign
    (field("a", "number", bareNumber=False), "−5 元", "5"),
    (field("a", "number", bareNumber=False), "(5)", "5"),
    (field("a", "integer", bareNumber=False), "5-", "5"),
    (ANY_DAY, "2021-01-05 08:30", "2021-01-05"),
    (ANY_DAY, "05/06", None),  # the year is this year's
    (field("a", "object"), '{"n":1,"n":2}', '{"n":2}'),
]


@pytest.mark.parametrize(("column", "text", "spelled"), LOST, ids=[text for _, text, _ in LOST])
def test_what_no_rule_explains_is_kept_with_its_first_example(
    converted: Converted, column: Mapping[str, Any], text: str, spelled: str | None
) -> None:
    (one,) = converted(lines(text, text), dict(column))
    assert (one.identical, one.rewrites, one.unexplained) == (0, (), 2)
    assert one.example is not None
    assert one.example[0] == text
    assert one.example[1] == spelled or spelled is None
    assert not one.lossless


def test_decimals_that_are_shorter_than_their_scale(converted: Converted) -> None:
    (one,) = converted(lines(".50", "5", "-2", "7.00"), SCALED)
    assert (one.identical, one.rewritten) == (1, 3)
    assert [(rewrite.rule, rewrite.cells) for rewrite in one.rewrites] == [("bare-point", 1), ("added-zeros", 2)]


def test_missing_values_are_counted_by_their_texts(converted: Converted) -> None:
    columns = [field("a", "integer"), field("b", "integer", missingValues=["-99"])]
    schema = {"missingValues": ["", "NA", "-"]}
    numbers, own = converted("a,b\n1,-99\nNA,1\n-,2\nNA,3\n,4\n", *columns, schema=schema)
    assert (numbers.cells, numbers.missing, numbers.identical) == (5, 4, 1)
    assert numbers.missing_texts == (("NA", 2), ("", 1), ("-", 1))
    assert (own.missing, own.identical, own.missing_texts) == (1, 4, (("-99", 1),))


@pytest.mark.parametrize("column", [WHOLE, NUMBER, SCALED, DAY, MOMENT, TRUTH, field("a")], ids=lambda one: one["type"])
def test_a_column_without_a_value(converted: Converted, column: Mapping[str, Any]) -> None:
    (one, _) = converted("a,b\n,x\n,x\n", dict(column), field("b"))
    assert (one.cells, one.missing, one.identical, one.missing_texts) == (2, 2, 0, (("", 2),))
    assert one.lossless


def test_a_column_that_the_file_does_not_have(converted: Converted) -> None:
    one, other = converted("a\n1\n", field("a"), field("b"), schema={"fieldsMatch": "superset"})
    assert (one.cells, one.identical) == (1, 1)
    assert (other.cells, other.missing, other.missing_texts) == (1, 1, ())


def test_gaps_between_texts_that_differ(converted: Converted) -> None:
    cells = ["1.50", "", "+2", "", "", "3", "0.50", ""]
    one, _ = converted("a,b\n" + "".join(f"{cell},x\n" for cell in cells), NUMBER, field("b"))
    assert (one.cells, one.missing, one.identical, one.rewritten) == (8, 4, 1, 3)
    assert {(rewrite.rule, rewrite.cells, rewrite.source) for rewrite in one.rewrites} == {
        ("trailing-zeros", 2, "1.50"),
        ("leading-plus", 1, "+2"),
    }


def test_the_type_is_that_of_the_released_column(converted: Converted) -> None:
    columns = [field("a", "number", civicat={"scale": 1}), field("b", "datetime"), field("c", "integer")]
    found = converted("a,b,c\n1.5,2021-01-05T00:00:00Z,1\n", *columns)
    assert [one.type for one in found] == ["decimal128(18, 1)", "timestamp[us, tz=UTC]", "int64"]


def test_another_encoding_is_no_loss(converted: Converted) -> None:
    (one,) = converted("城\n北京\n１２\n".encode("gb18030"), field("城"), encoding="gb18030")
    assert (one.identical, one.lossless) == (2, True)


def test_cells_that_csv_reads_one_by_one(converted: Converted) -> None:
    text = 'a,b\n"1.50","x\ny"\n+2,"""q"""\n 3,"' + "\\" + '"\n'
    numbers, texts = converted(text, NUMBER, field("b"))
    assert [(one.rule, one.cells) for one in numbers.rewrites] == [
        ("white-space", 1),
        ("leading-plus", 1),
        ("trailing-zeros", 1),
    ]
    assert texts.identical == 3


def test_a_long_example_is_cut(converted: Converted) -> None:
    text = "[" + ", ".join(str(number) for number in range(100)) + "]"
    (one,) = converted(lines(text), field("a", "array"))
    (rewrite,) = one.rewrites
    assert rewrite.rule == "json-layout"
    assert (len(rewrite.source), rewrite.source[-1]) == (120, "…")


MIDNIGHT = dt.datetime(2021, 1, 5)  # noqa: DTZ001 (as a workbook has it)


def workbook(*rows: Sequence[Json]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_workbook_brings_values_and_texts(converted: Converted) -> None:
    columns = [field("a", "integer"), field("b", "date"), field("c", "number", civicat={"scale": 8}), field("d")]
    rows: list[list[Json]] = [
        ["a", "b", "c", "d"],
        [1, MIDNIGHT, 1234567.1234567891, "x"],
        ["+2", "2021-01-06", 0.5, None],
    ]
    whole, day, scaled, words = converted(workbook(*rows), *columns, name="a.xlsx")
    assert (whole.native, whole.identical, whole.rewrites) == (1, 1, (Rewrite("leading-plus", 1, "+2", "2"),))
    assert (day.native, day.identical) == (1, 2)
    assert (scaled.native, scaled.identical) == (2, 1)
    assert scaled.rewrites == (Rewrite("shown-digits", 1, "1234567.123456789", "1234567.12345679"),)
    assert scaled.lossless
    assert (words.missing, words.identical, words.missing_texts) == (1, 1, (("", 1),))


def test_json_brings_values_and_structures(converted: Converted) -> None:
    rows = [{"a": 1, "b": {"x": [1, 2]}, "c": "007"}, {"a": 2.5, "b": None, "c": "8.0"}]
    columns = [field("a", "number"), field("b", "object"), field("c", "number")]
    number, shape, text = converted(json.dumps(rows), *columns, name="a.json")
    assert (number.native, number.identical, number.lossless) == (2, 2, True)
    assert shape.rewrites == (Rewrite("written-out", 1, "{'x': [1, 2]}", '{"x":[1,2]}'),)
    assert shape.missing == 1
    assert [one.rule for one in text.rewrites] == ["leading-zeros", "trailing-zeros"]


def test_geojson_geometry_stays_a_text(converted: Converted) -> None:
    feature = {"type": "Feature", "properties": {"n": 1}, "geometry": {"type": "Point", "coordinates": [1.50, 2]}}
    whole = json.dumps({"type": "FeatureCollection", "features": [feature]})
    shape, number = converted(whole, field("geometry", "geojson"), field("n", "integer"), name="a.geojson")
    assert (shape.identical, shape.native) == (1, 0)
    assert (number.identical, number.native) == (1, 1)


def test_parquet_brings_values(converted: Converted) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": [1, None], "b": ["x", "y"], "c": [dt.date(2021, 1, 5), None]}), buffer)
    whole, text, day = converted(
        buffer.getvalue(), field("a", "integer"), field("b"), field("c", "date"), name="a.parquet"
    )
    assert (whole.native, whole.identical, whole.missing) == (1, 1, 1)
    assert (text.native, text.identical) == (0, 2)
    assert (day.native, day.identical, day.missing) == (1, 1, 1)


OURS = Path(__file__).resolve().parents[2] / "datasets"
REAL = {
    "cdc/marriages-divorces": {"added-zeros": 27},
    "nasa/global-temperature": {"added-zeros": 8},
    "usgs/earthquakes": {"fraction-zeros": 1747},
    "usgs/habitat": {},
}


@pytest.mark.parametrize("name", REAL)
def test_datasets_of_ours_lose_nothing(name: str, layout: Layout) -> None:
    submission = read_submission(OURS / name)
    if submission.missing_sample is not None:
        pytest.skip(f"{name}: its sample file is not on this machine (make samples)")
    rules: Counter[str] = Counter()
    with check(submission.dataset, layout, profile=False) as checked:
        for table in checked.tables:
            assert len(table.conversion) == len(table.schema)
            for one in table.conversion:
                assert (one.cells, one.unexplained, one.lossless) == (table.rows, 0, True)
                rules.update({rewrite.rule: rewrite.cells for rewrite in one.rewrites})
    assert rules == REAL[name]


def test_nobody_asked(hand_in: Callable[..., Path], layout: Layout) -> None:
    folder = hand_in(package("counts", [resource("counts", "a.csv", [WHOLE])]), {"a.csv": "a\n1\n"})
    dataset = read_submission(folder).dataset
    with check(dataset, layout, conversion=False) as checked:
        assert checked.tables[0].conversion == ()
    with check(dataset, layout, tables=False) as checked:
        assert checked.tables == ()

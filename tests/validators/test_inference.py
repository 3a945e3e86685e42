"""What a column is, from all of its values: proven, or asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from civicat.validators.engine.cells import blocks_of_cells
from civicat.validators.headers import find_header, find_headers, joined, names_of
from civicat.validators.inference import Inferred, infer

MIDNIGHT = dt.datetime.fromisoformat("2026-02-22T00:00:00")  # a workbook knows no time zone
MORNING = MIDNIGHT.replace(hour=8)


def columns(names: list[str], rows: Sequence[Sequence[object]]) -> list[Inferred]:
    return infer(names, lambda look: map(look, blocks_of_cells(rows, 1, len(names))))


def column(*values: object) -> Inferred:
    (one,) = columns(["label"], [[value] for value in values])
    return one


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["0", "-12", "340"], {"type": "integer"}),
        (["1", "2.5", "-.5", "1e-3"], {"type": "number"}),
        (["01", "02"], {"type": "string"}),
        (["1", "02"], {"type": "string"}),
        (["1e99", "1E-5"], {"type": "number"}),
        (["1e100", "1"], {"type": "string"}),
        (["+8613800000000"], {"type": "string"}),
        (["12345678901234567890"], {"type": "string"}),
        (["1", "x"], {"type": "string"}),
        (["1_000"], {"type": "string"}),
        (["１２"], {"type": "string"}),
        (["1,234,567", "12"], {"type": "number", "groupChar": ","}),
        (["1,234.50", "999"], {"type": "number", "groupChar": ","}),
        (["1,5", "2,25"], {"type": "number", "decimalChar": ","}),
        (["1 234,5", "12"], {"type": "number", "decimalChar": ",", "groupChar": " "}),
        (["1\u202f234", "1\u202f234.5"], {"type": "number", "groupChar": "\u202f"}),
        ([" 12 ", "7"], {"type": "integer"}),
        (["-0"], {"type": "integer"}),
        (["123456789012345"], {"type": "integer"}),
        (["1234567890123456"], {"type": "string"}),
        (["1.234,5"], {"type": "number", "decimalChar": ",", "groupChar": "."}),
        (["true", "FALSE"], {"type": "boolean"}),
        (["2026-02-22", "2024-02-29"], {"type": "date"}),
        (["2026-02-30"], {"type": "string"}),
        (["2026/2/22"], {"type": "date", "format": "%Y/%m/%d"}),
        (["2026-2-5", "2026-02-22"], {"type": "date", "format": "%Y-%m-%d"}),
        (["20260222", "20240229"], {"type": "integer"}),
        (["2026年2月22日"], {"type": "date", "format": "%Y年%m月%d日"}),
        (["01/02/2020", "13/02/2020"], {"type": "date", "format": "%d/%m/%Y"}),
        (["01/02/2020", "01/13/2020"], {"type": "date", "format": "%m/%d/%Y"}),
        (["13/01/20", "01/31/20"], {"type": "string"}),
        (["31/12/99"], {"type": "date", "format": "%d/%m/%y"}),
        (["05-May-2020"], {"type": "date", "format": "%d-%b-%Y"}),
        (["May 5, 2020"], {"type": "date", "format": "%b %d, %Y"}),
        (["2026-02-22T08:00:00Z", "2026-02-22T08:00:00.5+08:00"], {"type": "datetime"}),
        (["2026-02-22 08:00"], {"type": "datetime", "format": "%Y-%m-%d %H:%M"}),
        (["22/02/2026 08:00"], {"type": "datetime", "format": "%d/%m/%Y %H:%M"}),
        (["08:00:00"], {"type": "time"}),
        (["8:00", "23:59"], {"type": "time", "format": "%H:%M"}),
        (["2026-02", "2026-12"], {"type": "yearmonth"}),
        (["2026-13"], {"type": "string"}),
        (["[1, 2]"], {"type": "array"}),
        (['{"a": 1}'], {"type": "object"}),
        (['{"type":"Point","coordinates":[1,2]}'], {"type": "geojson"}),
        (["https://example.org/a", "http://b.cn"], {"type": "string"}),
        (["yes", "No", "NO"], {"type": "boolean", "trueValues": ("yes",), "falseValues": ("NO", "No")}),
        (["是", "否"], {"type": "boolean", "trueValues": ("是",), "falseValues": ("否",)}),
        (["有", "无"], {"type": "boolean", "trueValues": ("有",), "falseValues": ("无",)}),
        (["yes", "yes"], {"type": "string"}),
        (["1", "0"], {"type": "integer"}),
        ([1, "-", 2], {"type": "integer"}),
        ([MIDNIGHT], {"type": "date"}),
        ([MIDNIGHT, MORNING], {"type": "datetime"}),
        ([1, 2.5], {"type": "number"}),
        ([1, 2], {"type": "integer"}),
        ([1, "x"], {"type": "any"}),
        ([], {"type": "string"}),
    ],
)
def test_the_type_is_what_every_value_can_be(values: list[object], kind: dict[str, str]) -> None:
    assert dict(column(*values).kind) == kind


@pytest.mark.parametrize(
    ("values", "doubt"),
    [
        (["01/02/2020", "03/04/2020"], ("%d/%m/%Y", "%m/%d/%Y")),
        (["01/02/2020 08:00"], ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M")),
        (["01.02.03"], ("%d.%m.%y", "%m.%d.%y", "%y.%m.%d")),
        (["1,234", "5,678"], ("1,234 = 1234", "1,234 = 1.234")),
    ],
)
def test_an_order_that_no_value_settles_stays_text_and_is_asked(values: list[str], doubt: tuple[str, ...]) -> None:
    one = column(*values)
    assert (one.type, one.doubt) == ("string", doubt)


def test_the_last_of_many_values_settles_it() -> None:
    days = [f"{1 + day % 12:02}/{1 + day % 12:02}/2020" for day in range(100_000)]
    assert column(*days).doubt
    assert dict(column(*days, "13/01/2020").kind)["format"] == "%d/%m/%Y"


def test_words_for_a_missing_value_are_missing_only_where_the_rest_is_no_text() -> None:
    numbers, texts = column("1", "NA", "", "2"), column("NA", "FR")
    assert (numbers.type, numbers.missing, numbers.required) == ("integer", ("NA",), False)
    assert (texts.type, texts.missing, texts.required) == ("string", (), True)


def test_a_mark_stands_for_nothing_among_texts_as_well_and_a_word_is_told() -> None:
    one = column("x", "-", "N/A", "NA", "无", "y")
    assert one.missing == ("-", "N/A")
    assert one.perhaps_missing == {"NA": 1, "无": 1}


def test_a_key_is_in_every_row_and_never_twice() -> None:
    assert column("a", "b").unique
    assert not column("a", "a").unique
    assert not column("a", "-").unique
    first, second = columns(["a", "b"], [["1", "x"], ["2", ""]])
    assert (first.unique, second.unique) == (True, False)


@pytest.mark.parametrize(("last", "repeats"), [("20000", 0), ("19999", 1), ("0", 1)])
def test_a_key_is_followed_through_all_blocks(last: str, repeats: int) -> None:
    assert column(*map(str, range(20_000)), last).unique is (repeats == 0)


def test_few_texts_that_repeat_look_like_categories() -> None:
    assert column(*"ABABAB").labels == {"A": 3, "B": 3}
    assert column(*"ABCDE").labels == {}
    assert len(column(*(f"x{number % 20}" for number in range(60))).labels) == 20
    assert column(*(f"x{number % 21}" for number in range(63))).labels == {}


def test_a_short_row_has_empty_cells() -> None:
    first, second = columns(["a", "b"], [["1", "2"], ["3"]])
    assert (first.required, second.required) == (True, False)


def test_a_blank_row_says_nothing_of_a_column() -> None:
    first, second = columns(["a", "b"], [["1", "2"], ["", ""], ["3", "4"]])
    assert (first.required, second.required) == (True, True)


def test_labels_become_names_that_differ() -> None:
    assert names_of([" a ", "", "a", None]) == ["a", "field2", "a2", "field4"]


@pytest.mark.parametrize(("wrong", "proposed"), [(2, "integer"), (3, "string")])
def test_a_type_that_99_of_100_values_fit_is_proposed_and_never_certain(wrong: int, proposed: str) -> None:
    one = column(*["7"] * (200 - wrong), *["x"] * wrong)
    assert (one.type, one.to_certain_field()["type"]) == (proposed, "string")
    assert one.unfit.count == (wrong if proposed == "integer" else 0)
    if proposed == "integer":
        assert one.unfit.first[0] == (199, "x")


def test_few_values_are_all_to_fit() -> None:
    assert column(*["7"] * 199, "x").type == "integer"
    assert column(*["7"] * 198, "x").type == "string"


@pytest.mark.parametrize(("odd", "proposed"), [("x12", "integer"), ("x1234", "string"), ("various", "integer")])
def test_codes_among_whole_numbers_make_a_column_of_codes(odd: str, proposed: str) -> None:
    assert column(*map(str, range(400)), odd).type == proposed
    (named,) = columns(["Transaction Number"], [[str(n)] for n in range(400)] + [["various"]])
    assert named.type == "string"


def test_dirt_among_days_leaves_their_order_in_doubt() -> None:
    ambiguous = ["01/02/2020"] * 400
    assert column(*ambiguous, "unknown").doubt == ("%d/%m/%Y", "%m/%d/%Y")
    settled = column(*ambiguous, "13/02/2020", "unknown")
    assert dict(settled.kind)["format"] == "%d/%m/%Y"
    assert settled.unfit.first == [(402, "unknown")]


def test_dirt_among_truths_and_among_the_numbers_of_a_workbook() -> None:
    assert column(*["true", "false"] * 200, "yes").type == "boolean"
    typed = column(*[1.5] * 300, "x")
    assert (typed.type, typed.to_certain_field()["type"]) == ("number", "any")


def test_decimals_and_span_are_those_of_the_file() -> None:
    one = column("1.50", "-2.25", "10.00")
    assert (one.decimals, one.lowest, one.highest) == ((2, 2), -2.25, 10)
    assert column("1.5", "2").decimals == (0, 1)


def test_decimals_and_span_of_numbers_with_thousands() -> None:
    one = column("12.50", "1,234.567", "-1,000,000.1")
    assert (one.decimals, one.lowest, one.highest) == ((1, 3), -1_000_000.1, 1234.567)
    comma = column("12,50", "1.234,5")  # measured by nobody: said by nobody
    assert (comma.decimals, comma.lowest) == (None, float("inf"))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["2020-01-01T15:00:00Z", "2020-01-01T15:00:00+08:00"], "datetime"),
        (["2020-01-01T15:00:00", "2020-01-01 15:00:00"], "datetime"),
        (["2020-01-01T15:00:00Z", "2020-01-01T15:00:00"], "string"),
        (["2020-01-01 15:00:00", "2020-01-01T15:00:00.5-0800"], "string"),
    ],
)
def test_times_with_and_without_a_zone_are_of_two_kinds(values: list[str], kind: str) -> None:
    one = column(*values)
    assert (one.type, one.doubt) == (kind, ("10:00:00Z", "10:00:00") if kind == "string" else ())


def test_whole_numbers_are_years_or_days_where_the_column_is_called_so() -> None:
    year, day, size = columns(["年份", "日期", "size"], [["2020", "20200131", "2020"], ["2021", "20200229", "2021"]])
    assert [dict(one.kind) for one in (year, day, size)] == [
        {"type": "year"},
        {"type": "date", "format": "%Y%m%d"},
        {"type": "integer"},
    ]


@pytest.mark.parametrize(
    ("rows", "headers", "labels"),
    [
        ([["地区", "人口", ""], ["", "男", "女"], ["甲", "1", "2"]], [1], ["地区", "人口", ""]),
        ([["x", "人口", ""], ["地区", "男", "女"], ["甲", "1", "2"]], [2], ["地区", "男", "女"]),
        ([["size", "mean", ""], ["size", "a", "b"], ["1", "2", "3"]], [2], ["size", "a", "b"]),
        ([["2020", "2020", "2021"], ["男", "女", "男"], ["1", "2", "3"]], [1, 2], ["2020 男", "2020 女", "2021 男"]),
        ([["a", "b"], ["x", "y"], ["1", "2"]], [1], ["a", "b"]),
        ([["a", "a"], ["x", "y"], ["z", "w"]], [1], ["a", "a"]),
    ],
)
def test_a_second_row_of_labels_counts_where_each_column_gets_a_name(
    rows: list[list[str]], headers: list[int], labels: list[str]
) -> None:
    assert find_headers(rows) == headers
    assert joined(rows, headers) == labels


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ([["a", "b"], ["1", "2"]], 1),
        ([["Title"], [], ["a", "b"], ["1", "2"], ["3", "4"]], 3),
        ([["Title", "", ""], ["a", "b", "c"], ["1", "2", "3"]], 2),
        ([["a", "b", "c"], ["1", "", ""], ["2", "", ""]], 1),
        ([["a"], ["1"]], 1),
        ([], 1),
        ([["", ""]], 1),
    ],
)
def test_the_header_is_the_first_row_that_is_filled_as_the_others_are(rows: list[list[str]], header: int) -> None:
    assert find_header(rows) == header

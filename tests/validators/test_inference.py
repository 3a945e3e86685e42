"""What a column is, from all of its values: proven, or asked."""

from __future__ import annotations

import pytest

from civicat.validators.inference import Inferred, find_header, infer


def column(*values: object) -> Inferred:
    (one,) = infer([["label"], *([value] for value in values)], 1)
    return one


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["0", "-12", "340"], {"type": "integer"}),
        (["1", "2.5", "-.5", "1e-3"], {"type": "number"}),
        (["01", "02"], {"type": "string"}),
        (["1", "02"], {"type": "string"}),
        (["+8613800000000"], {"type": "string"}),
        (["12345678901234567890"], {"type": "string"}),
        (["1", "x"], {"type": "string"}),
        (["1_000"], {"type": "string"}),
        (["１２"], {"type": "string"}),
        (["1,234,567", "12"], {"type": "number", "groupChar": ","}),
        (["1,234.50", "999"], {"type": "number", "groupChar": ","}),
        (["1,5", "2,25"], {"type": "number", "decimalChar": ",", "groupChar": "."}),
        (["1.234,5"], {"type": "number", "decimalChar": ",", "groupChar": "."}),
        (["true", "FALSE"], {"type": "boolean"}),
        (["2026-02-22", "2024-02-29"], {"type": "date"}),
        (["2026-02-30"], {"type": "string"}),
        (["2026/2/22"], {"type": "date", "format": "%Y/%m/%d"}),
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
        (["https://example.org/a", "http://b.cn"], {"type": "string", "format": "uri"}),
        (["a@example.org"], {"type": "string", "format": "email"}),
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


def test_a_key_is_in_every_row_and_never_twice() -> None:
    assert column("a", "b").unique
    assert not column("a", "a").unique
    first, second = infer([["a", "b"], ["1", "x"], ["2", ""]], 1)
    assert (first.unique, second.unique) == (True, False)


def test_few_texts_that_repeat_look_like_categories() -> None:
    assert column(*"ABABAB").labels == ("A", "B")
    assert column(*"ABCDE").labels == ()


def test_a_short_row_has_empty_cells() -> None:
    first, second = infer([["a", "b"], ["1", "2"], ["3"]], 1)
    assert (first.required, second.required) == (True, False)


def test_labels_become_names_that_differ() -> None:
    assert [one.name for one in infer([[" a ", "", "a", None]], 1)] == ["a", "field2", "a2", "field4"]


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

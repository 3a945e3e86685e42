"""In which language a column is written and what it means: told where 95 of 100 values say so, and never else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from civicat.dataset import read_dataset
from civicat.publish.profile import Profiler
from civicat.publish.profile.language import language
from civicat.publish.profile.profiler import BLOCK_ROWS
from civicat.publish.profile.semantics import TYPES

ROOT = Path(__file__).resolve().parents[2]


def column(values: pa.Array[Any] | list[Any], name: str = "x", *, key: bool = False, **field: object) -> dict[str, Any]:
    table = pa.table({name: values})
    schema = {"fields": [{"name": name, "type": "any", **field}]}
    package = {"name": "x", "resources": [{"name": "x", "path": "x.csv", "schema": schema}]}
    resource = read_dataset(package, "x", "", Path()).resources[0]
    profiler = Profiler(table.schema, resource, (name,) if key else ())
    profiler.add(table)
    columns: Any = profiler.result()["columns"]
    found: dict[str, Any] = columns[0]
    return found


def meaning(values: pa.Array[Any] | list[Any], name: str = "x", **field: Any) -> str | None:  # noqa: ANN401 - of a field
    found: dict[str, Any] | None = column(values, name, **field).get("semantic")
    return None if found is None else str(found["type"])


@pytest.mark.parametrize(
    ("texts", "main"),
    [
        (["市政府公开数据", "教育局"], "zh"),
        (["北京 Beijing 市", "北京地铁站"], "mixed"),
        (["数据开放平台目录 A", "教育卫生"], "zh"),
        (["Bicycles counted", "in the rain"], "en"),
        (["L'été à la préfecture", "école"], "other"),
        (["Straßenverkehrsamt", "Öffentlicher Verkehr"], "other"),
        (["Москва", "Казань"], "other"),
        (["東京都のデータ", "ひらがな"], "other"),
        (["𠮷野"], "zh"),
    ],
    ids=range(9),
)
def test_a_language_is_told_by_its_letters(texts: list[str], main: str) -> None:
    found = language(texts)
    assert found is not None
    assert found["main"] == main
    shares = [found[name] for name in ("zh", "en", "other")]
    assert sum(float(str(share)) for share in shares) == pytest.approx(1, abs=2e-4)


def test_no_letters_have_no_language() -> None:
    assert language(["123", "，。", ""]) is None
    assert "language" not in column(["12-34", "5 6"])


@pytest.mark.parametrize("texts", [["EWR", "JFK", "LGA"], ["9E", "AA", "B6"], ["a@b.org", "c@d.org"]])
def test_codes_have_no_language(texts: list[str]) -> None:
    assert "language" not in column(texts * 20)


GOOD = {
    "email": ["a@example.org", "数据@例子.中国", "b.c@example.co.uk"],
    "url": ["https://example.org/a?b=1", "http://例子.中国", "ftp://example.org"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174001"],
    "phone": ["13800138000", "010-62345678", "+44 20 7946 0958", "(212) 555-0123", "400-123-4567"],
    "date-text": ["2026-11-23", "2026/1/5", "2026年3月4日", "20260101", "23.11.2026", "2026-11", "2026-11-23T08:00"],
    "currency": ["CNY", "EUR", "USD"],
    "country": ["CN", "FR", "US", "GB"],
    "code": ["D001", "D002", "E777"],
    "name": ["北京市海淀区中关村", "Bridge Street", "O'Neil & Sons"],
    "text": ["The counter was out of service for eleven days in March.", "雨天" * 30],
    "flag": ["是", "否", "否"],
}


@pytest.mark.parametrize("kind", GOOD)
def test_patterns_are_found(kind: str) -> None:
    found = column(GOOD[kind])
    assert found["semantic"] == {"type": kind, "declared": False, "share": 1.0}


def test_codes_of_three_letters_are_countries_too() -> None:
    assert meaning(["CHN", "FRA", "USA", "GBR"]) == "country"


@pytest.mark.parametrize(
    "texts",
    [
        ["CA", "DE"],  # two only: as well states of America
        ["AL", "AZ", "CA", "NY", "TX", "WA", "OH", "OR"],
        ["EWR", "JFK", "LGA"],
    ],
    ids=range(3),
)
def test_few_letters_are_codes_and_no_countries(texts: list[str]) -> None:
    assert meaning(texts) == "code"


@pytest.mark.parametrize(("wrong", "kind"), [(5, "email"), (6, None)])
def test_nothing_is_claimed_under_95_of_100(wrong: int, kind: str | None) -> None:
    texts = [f"user{number}@example.org" for number in range(100 - wrong)] + [f"#{number}" for number in range(wrong)]
    found = column(texts).get("semantic")
    assert (found or {}).get("type") == kind
    if found:
        assert found["share"] == 0.95


def test_one_frequent_value_does_not_make_a_type() -> None:
    assert meaning(["a@example.org"] * 990 + [f"someone {number}" for number in range(10)]) != "email"


@pytest.mark.parametrize(("different", "kind"), [(5, "category"), (6, "name")])
def test_a_category_repeats_twenty_times_on_average(different: int, kind: str) -> None:
    places = ["Anna Street", "Berta Road", "Cäsar Lane", "Dora Way", "Emil Close", "Fritz Hill"][:different]
    assert meaning([places[number % different] for number in range(100)]) == kind


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("lat", [39.9, -90.0, 90.0], "latitude"),
        ("纬度", [39.9, 40.1], "latitude"),
        ("lat", [39.9, 90.1], None),
        ("plates", [39.9, 40.1], None),
        ("stop_lon", [116.4, -180.0], "longitude"),
        ("经度", [116.4], "longitude"),
        ("year", [1999, 2026], "year"),
        ("fiscal_year", ["1999", "2026"], "year"),
        ("年份", [1999, 2026], "year"),
        ("年龄", [1999, 2026], None),
        ("year", [1, 2], None),
        ("headcount", [1999, 2026], None),
    ],
)
def test_degrees_and_years_need_a_name_and_a_range(name: str, values: list[Any], kind: str | None) -> None:
    assert meaning(values, name) == kind


def test_degrees_are_judged_in_decimals_and_among_many() -> None:
    count = BLOCK_ROWS + 30_000
    exact = pa.array(range(count)).cast(pa.decimal128(21, 0)).cast(pa.decimal128(27, 6)).cast(pa.decimal128(18, 6))
    assert meaning(exact.slice(0, 91), "lat") == "latitude"
    assert meaning(exact.slice(0, 100), "lat") is None
    assert meaning(pa.array([number / count * 90 for number in range(2 * count)]), "lat") is None
    assert meaning(pa.array([number / count * 90 for number in range(count)]), "lat") == "latitude"


def test_numbers_of_zero_and_one_are_a_flag() -> None:
    assert meaning([0, 1, 1]) == "flag"
    assert meaning([1, 1]) is None
    assert meaning([1, 2]) is None
    assert meaning([True, False]) == "flag"


def test_what_the_descriptor_says_is_taken() -> None:
    declared = column(["91350211M000100Y43"], civicat={"identifier": "uscc"})["semantic"]
    assert declared == {"type": "identifier", "identifier": "uscc", "declared": True}
    assert column([2020], type="year")["semantic"] == {"type": "year", "declared": True}
    assert column(["A"], categories=[{"value": "A", "label": "One"}])["semantic"]["type"] == "category"
    assert column([3.5], civicat={"unit": "km"})["semantic"] == {"type": "quantity", "declared": True}
    assert column([3, 7], key=True, civicat={"unit": "1"})["semantic"] == {"type": "key", "declared": True}


def test_a_sample_says_so() -> None:
    many = pa.array([f"user{number}@example.org" for number in range(2 * BLOCK_ROWS)])
    found = column(many)["semantic"]
    assert (found["type"], found["share"]) == ("email", 1.0)
    assert 0 < found["sampled"] < 5_000


@pytest.mark.parametrize(
    "text", ["+" + "1" * 20_000 + "x", "a@" + "." * 20_000, "1" * 20_000, "https://" + "a" * 20_000]
)
def test_no_pattern_is_slow_on_strange_texts(text: str) -> None:
    assert column([text + str(number) for number in range(50)])["count"] == 50


def test_each_type_is_described() -> None:
    page = (ROOT / "docs/profile.md").read_text("utf-8")
    assert [kind for kind in TYPES if f"| `{kind}` |" not in page] == []

"""What a clerk is told of a code: what is wrong with this one, and how it must be written where that is certain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from handing_in import field, package, resource

from civicat.dataset import Resource, read_dataset
from civicat.finding import Finding
from civicat.text import Text
from civicat.validators.engine.reading import Batch
from civicat.validators.explain import Explainer
from civicat.validators.identifiers import REGISTRY
from civicat.validators.identifiers.asking import asked
from civicat.validators.identifiers.mending import mended

PLAIN = Text("甲", "x")
INSIDE = Text(
    "第 9 至 17 位（组织机构代码）自己的校验码也不符，请先查这一段",
    "The organisation code in it (characters 9 to 17) fails its own check too, so look there first",
)


def handed_in(*fields: dict[str, Any]) -> Resource:
    descriptor = package("counts", [resource("counts", "counts.csv", list(fields))])
    return read_dataset(descriptor, "datapackage.yaml", "transport", Path("counts")).resources[0]


def told(name: str, *cells: str) -> list[Finding]:
    table = handed_in(field("code", civicat={"identifier": name}))
    (one,) = asked(table, "datapackage.yaml")
    problems = one.problems(Batch(np.arange(2, 2 + len(cells)), [pa.array(cells)], ()))
    explainer = Explainer(table, "counts.csv", Text("规则", "rules"))
    return [explainer.finding(problem) for problem in problems]


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        (
            "uscc",
            "12100000400000624E",
            "按其余各位，校验码应为“D”，这里是“E”；某一位写错了，或两位写反了",
            "its other characters ask for the check digit “D”, not “E”; a character is wrong, or two are swapped",
        ),
        (
            "uscc",
            "12100000400001624D",
            f"按其余各位，校验码应为“L”，这里是“D”；某一位写错了，或两位写反了。{INSIDE.zh}",
            (
                "its other characters ask for the check digit “L”, not “D”; a character is wrong, or two are swapped. "
                f"{INSIDE.en}"
            ),
        ),
        (
            "iban",
            "DE98370400440532013000",
            "按其余各位，校验码应为“89”，这里是“98”；某一位写错了，或两位写反了",
            "its other characters ask for the check digits “89”, not “98”; a character is wrong, or two are swapped",
        ),
        (
            "isbn",
            "9787020002208",
            "按其余各位，校验码应为“7”，这里是“8”；某一位写错了，或两位写反了",
            "its other characters ask for the check digit “7”, not “8”; a character is wrong, or two are swapped",
        ),
        (
            "isbn",
            "7-02-000220-1",
            "按其余各位，校验码应为“X”，这里是“1”；某一位写错了，或两位写反了",
            "its other characters ask for the check digit “X”, not “1”; a character is wrong, or two are swapped",
        ),
        (
            "orcid",
            "0000-0002-1825-009X",
            "按其余各位，校验码应为“7”，这里是“X”；某一位写错了，或两位写反了",
            "its other characters ask for the check digit “7”, not “X”; a character is wrong, or two are swapped",
        ),
        ("lei", "506700GE1G29325QX3AB", "最后两位应为数字", "its last two characters must be digits"),
        (
            "resident-id",
            "911156190001010014",
            "以 9 开头的是外国人永久居留身份证号码，不是居民身份证号码",
            "it begins with 9, as the number on a foreigner’s permit of permanent residence does",
        ),
        ("language-alpha3", "scr", "请写 hrv", "write hrv"),
        ("country", "CHN", "请写 CN", "write CN"),
        ("country-alpha3", "GB", "请写 GBR", "write GBR"),
        ("currency", "RMB", "没有这个代码，请写 CNY", "there is no such code; write CNY"),
        ("currency-history", "NTD", "没有这个代码，请写 TWD", "there is no such code; write TWD"),
        ("plate-cn", "京a·12345", "请去掉中间的点或连字符", "leave out the dot or hyphen inside it"),
        ("currency", "BGN", "这种货币 2026 年已停用", "this currency ended in 2026"),
    ],
)
def test_a_reason_is_that_of_this_value(name: str, value: str, zh: str, en: str) -> None:
    assert REGISTRY[name].check(value) == Text(zh, en)


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        (
            "uscc",
            "１２１０００００４０００００６２４Ｄ",
            "12100000400000624D",
        ),
        ("uscc", " 12100000400000624d", "12100000400000624D"),
        ("uscc", "1210 0000 4000 0062 4D", "12100000400000624D"),
        ("uscc", "12100000400000624D\u200b", "12100000400000624D"),
        ("uscc", "12100000-40000062-4D", "12100000400000624D"),
        ("resident-id", "11010519491231002x", "11010519491231002X"),
        ("plate-cn", "京a·12345", "京A12345"),
        ("iban", "de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("mobile-cn", "138-0000-0000", "13800000000"),
        ("mobile-cn", "+86 138 0000 0000", "13800000000"),
        ("mobile-cn", "008613800000000", "13800000000"),
        ("landline-cn", "(010)12345678", "010-12345678"),
        ("landline-cn", "+86 10 1234 5678", "010-12345678"),
        ("landline-cn", "075520000000", "0755-20000000"),
        ("phone-cn", "86-755-2000 0000", "0755-20000000"),
        ("phone-cn", "138 0000 0000", "13800000000"),
        ("doi", "https://doi.org/10.1038/171737a0", "10.1038/171737a0"),
        ("country", "cn ", "CN"),
        ("email", "name＠example.org", "name@example.org"),
        ("isbn", "978 7 02 000220 7", "9787020002207"),
    ],
)
def test_what_is_only_written_otherwise_is_written_out(name: str, value: str, good: str) -> None:
    why = REGISTRY[name].check(value)
    assert why is not None
    words = mended(REGISTRY[name], value, why)
    assert words == Text(f"{why.zh}。请写成“{good}”", f"{why.en}. Write “{good}”")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("uscc", "12100000400000624E"),
        ("uscc", "12100000400000624e"),
        ("uscc", "1210000040000062"),
        ("uscc", ""),
        ("latitude", "116.3913"),
        ("latitude", "39,9075"),
        ("resident-id", "1.10101E+17"),
        ("country", "Zhongguo"),
        ("phone-cn", "8612000000000"),
        ("phone-cn", "86"),
        ("landline-cn", "12345678"),
        ("doi", "https://doi.org/10.1038"),
    ],
)
def test_nothing_is_guessed(name: str, value: str) -> None:
    assert mended(REGISTRY[name], value, PLAIN) == PLAIN


def test_a_finding_says_how_to_write_it() -> None:
    first, second = told("uscc", "12100000400000624D", "12100000400000624d", "12100000400000624d")
    assert (first.place.row, second.place.row) == (3, 4)
    assert first.message == second.message
    assert first.message == Text(
        "“12100000400000624d”不是合格的统一社会信用代码：字母应大写。请写成“12100000400000624D”。",
        "“12100000400000624d” is not a good unified social credit code: its letters must be capitals. Write "
        "“12100000400000624D”.",
    )


def test_a_year_is_named_in_a_finding() -> None:
    (found,) = told("division-code-2016", "110228", "110118")
    assert found.rule == "division-code-2016"
    assert found.message == Text(
        "“110228”不是合格的行政区划代码（2016 年）：这是密云县的代码，2015 年已停用。",
        "“110228” is not a good division code of 2016: it named 密云县, and has been out of use since 2015.",
    )

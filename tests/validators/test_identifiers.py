"""Identifiers: each holds its own examples, judges a column as it judges a cell, and says why in both languages."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from handing_in import field, package, resource
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from civicat.dataset import Resource, read_dataset
from civicat.errors import DescriptorError
from civicat.finding import Place, Severity
from civicat.text import Text
from civicat.validators.engine.reading import Batch
from civicat.validators.explain import Explainer
from civicat.validators.identifiers import REGISTRY, Identifier, fitting, wrong
from civicat.validators.identifiers.asking import asked, personal_data
from civicat.validators.identifiers.divisions import Division, divisions
from civicat.validators.identifiers.listing import listing
from civicat.validators.identifiers.registry import find

ROOT = Path(__file__).resolve().parents[2]
ALL = list(REGISTRY.values())
VALID = [(one, value) for one in ALL for value in one.valid]
INVALID = [(one, value, why) for one in ALL for value, why in one.invalid]
USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def why(name: str, value: str) -> Text | None:
    return REGISTRY[name].check(value)


# ------------------------------------------------------------------------------------------------- the registry itself


@pytest.mark.parametrize(("one", "value"), VALID, ids=lambda part: getattr(part, "name", part))
def test_a_good_example_is_good(one: Identifier, value: str) -> None:
    assert one.check(value) is None
    assert wrong(one, pa.array([value])) == {}


@pytest.mark.parametrize(("one", "value", "due"), INVALID, ids=lambda part: getattr(part, "name", ""))
def test_a_wrong_example_is_wrong_for_its_reason(one: Identifier, value: str, due: Text) -> None:
    assert one.check(value) == due
    assert wrong(one, pa.array([None, value, one.valid[0]])) == {1: due}


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_an_identifier_speaks_both_languages(one: Identifier) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one.name)
    assert one.title.missing() == one.description.missing() == ()
    assert one.standard
    assert one.valid
    for _, reason in one.invalid:
        assert reason.missing() == ()
        assert not reason.zh.endswith("。")
        assert not reason.en.endswith(".")


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
@pytest.mark.parametrize("mend", [" {}", "{} ", "{}\u200b", "{}\n"], ids=["before", "after", "unseen", "newline"])
def test_nothing_stands_around_a_value(one: Identifier, mend: str) -> None:
    value = mend.format(one.valid[0])
    assert one.check(value) is not None
    assert list(wrong(one, pa.array([value]))) == [0]


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
@pytest.mark.parametrize("text", ["", " ", "\x00", "é", "中", "１", "-", "NaN", "1e5", "0" * 10_000])
def test_whatever_a_cell_holds_is_judged(one: Identifier, text: str) -> None:
    found = one.check(text)
    assert (found is None) == (wrong(one, pa.array([text])) == {})


def test_the_document_is_what_the_registry_says() -> None:
    words = (ROOT / "docs" / "identifiers.md").read_text("utf-8")
    assert words == listing(ALL), "write listing(REGISTRY.values()) into docs/identifiers.md"


def test_the_document_shows_every_name_and_example() -> None:
    words = listing(ALL)
    for one in ALL:
        assert f"## {one.name}\n" in words
        assert all(f"`{value}`" in words for value in (*one.valid, *(value for value, _ in one.invalid)))


def test_the_registry_alone_brings_no_library_of_numbers() -> None:
    script = (
        "import sys; import civicat.validators.identifiers.asking, civicat.validators.identifiers.registry;"
        "print(sorted({'stdnum', 'phonenumbers', 'babel', 'frictionless'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 (our own words)
    assert told.stdout == "[]\n"


# ---------------------------------------------------------------------------------------------- a column and its cells


def test_a_column_is_judged_whatever_holds_its_values() -> None:
    one = REGISTRY["division-code"]
    assert list(wrong(one, pa.array([110000, None, 110199], pa.int64()))) == [2]
    assert list(wrong(one, pa.array(["x", "110000", "110199", "110101"]).slice(1))) == [1]
    assert list(wrong(one, pa.array(["110000", "110199", None, "110199"]).dictionary_encode())) == [1, 3]
    assert list(wrong(one, pa.array(["110199", "110000"], pa.large_string()))) == [0]
    assert wrong(one, pa.array([], pa.string())) == wrong(one, pa.array([None, None], pa.string())) == {}
    latitude = REGISTRY["latitude"]
    assert list(wrong(latitude, pa.array([90.0, 90.5, None, float("nan")]))) == [1, 3]
    assert list(wrong(latitude, pa.array([Decimal("39.90"), Decimal("116.39")]))) == [1]
    assert list(wrong(latitude, pa.array([-91, -90, None], pa.int64()))) == [0]


def test_a_value_is_judged_once_however_often_it_stands() -> None:
    seen = []
    one = Identifier(
        *("x", Text("甲", "x"), Text("甲", "x"), "none", (), ()),
        check=lambda text: seen.append(text) or (Text("错", "wrong") if text == "b" else None),  # type: ignore[func-returns-value] # append answers None
    )
    assert list(wrong(one, pa.array(["a", "b", "a", None, "b", "b"]))) == [1, 4, 5]
    assert seen == ["a", "b"]


near = st.sampled_from(VALID).flatmap(
    lambda pair: st.tuples(
        st.just(pair[0]),
        st.lists(
            st.tuples(st.integers(0, 40), st.sampled_from("0123456789AIOXZabxz-. ·/@:中é１")), min_size=0, max_size=3
        ).map(lambda changes: _changed(pair[1], changes)),
    )
)


def _changed(text: str, changes: list[tuple[int, str]]) -> str:
    for at, one in changes:
        text = text[: at % (len(text) + 1)] + one + text[at % (len(text) + 1) + at % 2 :]
    return text


@settings(max_examples=300, deadline=None)
@given(near)
def test_what_a_column_is_sure_of_is_good_one_by_one(case: tuple[Identifier, str]) -> None:
    one, text = case
    assert (wrong(one, pa.array([text])) == {}) == (one.check(text) is None)


def test_fitting_names_what_a_column_shows() -> None:
    found = {
        "uscc": ["12100000400000624D", None, "914403001922038216"],
        "division-code": ["110000", "130100", "110101"],
        "isbn": ["978-7-02-000220-7"],
        "email": ["name@example.org"],
    }
    for name, values in found.items():
        assert [one.name for one in fitting(ALL, pa.array(values))] == [name]
    assert fitting(ALL, pa.array(["12100000400000624D", "none"])) == ()
    assert fitting(ALL, pa.array([None], pa.string())) == ()
    late = ["110000"] * 150 + ["110199"]
    assert fitting(ALL, pa.array(late)) == ()


# ------------------------------------------------------------------------------------------------------- one by one


@given(
    st.text(USCC_LETTERS, min_size=9, max_size=9),
    st.sampled_from("123456789ANY"),
    st.text("0123456789", min_size=7, max_size=7),
)
def test_a_uscc_has_the_check_digit_of_the_standard(tail: str, authority: str, head: str) -> None:
    number = f"{authority}{head}{tail}"
    number += uscc.calc_check_digit(number)
    assert why("uscc", number) is None
    assert wrong(REGISTRY["uscc"], pa.array([number])) == {}
    other = number[:-1] + USCC_LETTERS[(USCC_LETTERS.index(number[-1]) + 1) % 31]
    words = wrong(REGISTRY["uscc"], pa.array([other]))[0]
    assert words.zh.startswith(f"按其余各位，校验码应为“{number[-1]}”，这里是“{other[-1]}”；")
    assert words.en.startswith(f"its other characters ask for the check digit “{number[-1]}”, not “{other[-1]}”; ")


@pytest.mark.parametrize("name", ["uscc", "resident-id"])
def test_one_wrong_character_and_two_swapped_ones_are_found(name: str) -> None:
    good = REGISTRY[name].valid[0]
    letters = USCC_LETTERS if name == "uscc" else "0123456789"
    slips = {good[:at] + one + good[at + 1 :] for at in range(len(good)) for one in letters}
    slips |= {good[:at] + good[at + 1] + good[at] + good[at + 2 :] for at in range(len(good) - 1)}
    slips.discard(good)
    assert len(wrong(REGISTRY[name], pa.array(sorted(slips)))) == len(slips)


def test_a_uscc_says_what_its_parts_must_be() -> None:
    assert why("uscc", "A2100000400000624D") is not None
    assert why("uscc", "B2100000400000624D") == Text(
        "第 1 位“B”不是登记管理部门的代码", "no registration authority has the code “B”"
    )
    assert why("uscc", "12A00000400000624D") == Text(
        "第 3 至 8 位应为登记机关的行政区划，全是数字", "characters 3 to 8, the place of registration, must be digits"
    )
    assert why("uscc", "N2110101MF0000000Y") is None, "agriculture: stdnum does not take it"


def resident(head: str) -> str:
    return head + ric.calc_check_digit(head + "0")


@pytest.mark.parametrize(
    ("head", "good"),
    [
        ("11010120000229001", True),
        ("11010119000229001", False),
        ("11010119960229001", True),
        ("11010119970229001", False),
        ("11010119900431001", False),
        ("11010119900430001", True),
        ("11010119901301001", False),
        ("11010119900001001", False),
        ("11010119900100001", False),
        ("11010118000101001", True),
        ("11010117991231001", False),
        ("11010120991231001", True),
        ("11010121000101001", False),
        ("83000019900101001", True),
        ("84000019900101001", False),
        ("11022119500101001", True),  # the county's code is younger than the person: numbers were given in the 1980s
    ],
)
def test_a_resident_has_a_real_date_and_place(head: str, *, good: bool) -> None:
    number = resident(head)
    assert (why("resident-id", number) is None) is good
    assert (wrong(REGISTRY["resident-id"], pa.array([number])) == {}) is good


def test_a_division_that_was_abolished_is_told_from_one_that_never_was() -> None:
    assert why("division-code", "110103") == Text(
        "这是崇文区的代码，2010 年已停用", "it named 崇文区, and has been out of use since 2010"
    )
    assert why("division-code", "110104") == Text(
        "这是宣武区的代码，2010 年已停用", "it named 宣武区, and has been out of use since 2010"
    )
    assert why("division-code", "110198") == Text("GB/T 2260 历年都没有这个代码", "GB/T 2260 never had such a code")
    assert why("division-code-history", "110103") is None
    assert why("division-code-history", "110198") == Text(
        "GB/T 2260 历年都没有这个代码", "GB/T 2260 never had such a code"
    )


@pytest.mark.parametrize(("short", "whole"), [("11", "110000"), ("1301", "130100")])
def test_a_short_division_code_is_told_its_zeros(short: str, whole: str) -> None:
    assert why("division-code", short) == Text(f"应为 6 位，请写作 {whole}", f"it must have 6 digits, {whole}")
    assert why("division-code", "99") == Text("应为 6 位，这里是 2 位", "it must have 6 characters, and has 2")


def test_a_code_that_came_back_is_in_force() -> None:
    assert divisions()["120110"] == (Division("东郊区", 1980, 1991), Division("东丽区", 1992, None))
    assert divisions()["110111"] == (Division("房山区", 1986, None),)
    assert why("division-code", "120110") is None
    ends = [one.until for places in divisions().values() for one in places if one.until is not None]
    assert all(1980 <= end <= 2100 for end in ends)


@pytest.mark.parametrize(
    ("name", "code", "due"),
    [
        ("division-code-2009", "110103", None),
        ("division-code-2010", "110103", None),  # in the year of the change the old codes are good, and the new ones
        (
            "division-code-2011",
            "110103",
            Text("这是崇文区的代码，2010 年已停用", "it named 崇文区, and has been out of use since 2010"),
        ),
        (
            "division-code-2014",
            "110118",
            Text("这是密云区的代码，2015 年才启用", "it names 密云区, and came into use in 2015"),
        ),
        ("division-code-2015", "110118", None),
        ("division-code-2015", "110228", None),
        (
            "division-code-2016",
            "110228",
            Text("这是密云县的代码，2015 年已停用", "it named 密云县, and has been out of use since 2015"),
        ),
        (
            "division-code-1996",
            "500000",
            Text("这是重庆市的代码，1997 年才启用", "it names 重庆市, and came into use in 1997"),
        ),
        ("division-code-1997", "500000", None),
        ("division-code-1988", "460000", None),
        ("division-code-1980", "110000", None),
        ("division-code-2010", "110199", Text("GB/T 2260 历年都没有这个代码", "GB/T 2260 never had such a code")),
    ],
)
def test_a_year_has_its_own_codes(name: str, code: str, due: Text | None) -> None:
    (one,) = asked(handed_in(field("code", civicat={"identifier": name})), "datapackage.yaml")
    assert one.identifier.check(code) == due
    assert wrong(one.identifier, pa.array([code])) == ({} if due is None else {0: due})


@pytest.mark.parametrize(
    "name", ["division-code-1979", "division-code-2100", "division-code-10", "division-code-20100"]
)
def test_a_year_out_of_the_table_is_no_kind(name: str) -> None:
    with pytest.raises(DescriptorError):
        asked(handed_in(field("code", civicat={"identifier": name})), "datapackage.yaml")


def test_every_division_agrees_in_a_column_and_alone() -> None:
    codes = [f"{number:06}" for number in range(100_000, 160_000)]
    for name in ("division-code", "division-code-history"):
        found = wrong(REGISTRY[name], pa.array(codes))
        assert set(found) == {row for row, code in enumerate(codes) if why(name, code) is not None}


def test_the_divisions_that_the_statistics_bureau_published_are_known() -> None:
    path = ROOT / "datasets" / "nbs" / "divisions" / "data" / "divisions.csv"
    with path.open(encoding="gb18030", newline="") as file:
        rows = list(csv.reader(file))[1:]
    codes = [row[0].ljust(6, "0") for row in rows]
    found = [codes[row] for row in wrong(REGISTRY["division-code-history"], pa.array(codes))]
    zones = [code for code in found if code[4] == "7"]
    assert len(zones) == 124, "development zones, which the statisticians gave codes of their own"
    assert set(found) - set(zones) == {"460321", "460322", "460323", "620201", "632857"}, "as above, other places"
    assert "330113" not in found
    assert [codes[row] for row in wrong(find("division-code-2023") or REGISTRY["uscc"], pa.array(codes))] == found
    assert "540481" in [codes[row] for row in wrong(find("division-code-2022") or REGISTRY["uscc"], pa.array(codes))]


@pytest.mark.parametrize(("name", "count"), [("country", 249), ("country-alpha3", 249), ("language", 183)])
def test_a_list_is_as_long_as_the_standard_has_it(name: str, count: int) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz" if name == "language" else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    codes = [a + b for a in letters for b in letters]
    if name == "country-alpha3":
        codes = [a + b for a in codes for b in letters]
    assert len(codes) - len(wrong(REGISTRY[name], pa.array(codes))) == count


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("longitude", "180", True),
        ("longitude", "-180", True),
        ("longitude", "-180.01", False),
        ("latitude", "-90", True),
        ("latitude", "-90.01", False),
        ("longitude-gcj02", "72.0039", False),
        ("longitude-gcj02", "137.8348", False),
        ("latitude-gcj02", "0.8292", False),
        ("latitude-gcj02", "55.8272", False),
        ("latitude", "inf", False),
        ("latitude", "+1.5e1", True),
        ("postcode-cn", "830000", True),
        ("postcode-cn", "900000", False),
        ("postcode-cn", "999078", True),
        ("postcode-cn", "999079", False),
        ("postcode-cn", "860000", True),
        ("postcode-cn", "870000", False),
        ("postcode-cn", "820000", False),
        ("postcode-cn", "140000", False),
        ("postcode-cn", "150000", True),
        ("postcode-cn", "000000", False),
        ("plate-cn", "沪22478领", True),
        ("plate-cn", "沪A1234领", True),
        ("plate-cn", "沪2247领", False),
        ("plate-cn", "使224578", True),
        ("plate-cn", "22457使", False),
        ("plate-cn", "京AK12345", True),
        ("plate-cn", "京AL12345", False),
        ("plate-cn", "京A12345K", True),
        ("plate-cn", "京A1234AD", False),
        ("currency", "XAD", True),
        ("currency", "BGN", False),
        ("currency-history", "BGN", True),
        ("currency-history", "CNH", False),
        ("language-alpha3", "sit", True),
        ("language-alpha3", "bca", True),
        ("language-alpha3", "cmn", True),
        ("language-alpha3", "qtz", False),
        ("language-alpha3", "scr", False),
        ("iban", "NO9386011117947", True),
        ("iban", "NO9386011117948", False),
        ("lei", "0000000000000000AB72", True),
        ("lei", "00000000000000000052", False),
        ("currency", "SVC", True),
        ("currency", "CNH", False),
        ("isbn", "7-02-000220-X", True),
        ("isbn", "702000220X", True),
        ("isbn", "978-7020002207", False),
        ("doi", "10.123/x", False),
        ("doi", "10.1234/x", True),
        ("email", f"{'a' * 64}@example.org", True),
        ("email", f"{'a' * 65}@example.org", False),
        ("email", "a..b@example.org", False),
        ("email", "a@example.123", False),
        ("url", "http://localhost:8001/d", True),
        ("url", "https://", False),
        ("url", "https://example.org:99999x/", False),
        ("plate-cn", "京AD1234D", False),
        ("plate-cn", "京AO1234", False),
        ("plate-cn", "京O12345", True),
        ("plate-cn", "港A12345", False),
        ("landline-cn", "021-61234567", True),
        ("landline-cn", "021-6123456", False),
        ("phone-cn", "021-61234567", True),
        ("phone-cn", "23800000000", False),
        ("lei", "506700GE1G29325QX363", True),
        ("lei", "506700ge1g29325qx363", False),
    ],
)
def test_both_sides_of_a_bound(name: str, value: str, *, good: bool) -> None:
    assert (why(name, value) is None) is good
    assert (wrong(REGISTRY[name], pa.array([value])) == {}) is good


def test_a_number_that_lost_its_digits_or_its_zero_is_told_why() -> None:
    for name in ("uscc", "resident-id", "isbn", "iban", "mobile-cn"):
        assert why(name, "4.40301E+17") == Text(
            "这是表格软件改写成的科学记数，后面的数字已经丢失",
            "a spreadsheet wrote it as a rounded number, and its last digits are lost",
        )
    found = wrong(REGISTRY["postcode-cn"], pa.array([10010, 100826]))
    assert list(found) == [0]
    assert "0" in found[0].en


# ---------------------------------------------------------------------------------------------- what a descriptor asks


def handed_in(*fields: dict[str, Any]) -> Resource:
    descriptor = package("counts", [resource("counts", "counts.csv", list(fields))])
    return read_dataset(descriptor, "datapackage.yaml", "transport", Path("counts")).resources[0]


def test_a_field_asks_by_name() -> None:
    columns = asked(handed_in(field("name"), field("code", civicat={"identifier": "uscc"})), "datapackage.yaml")
    assert [(one.place, one.field, one.identifier.name) for one in columns] == [(1, "code", "uscc")]


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("usc", "您是指“uscc”吗？", "Did you mean “uscc”?"),
        ("统一", f"可用：{'、'.join(REGISTRY)}。", f"Known: {', '.join(REGISTRY)}."),
    ],
)
def test_a_name_that_there_is_not_is_refused_with_the_nearest(name: str, zh: str, en: str) -> None:
    with pytest.raises(DescriptorError) as caught:
        asked(handed_in(field("code", civicat={"identifier": name})), "datapackage.yaml")
    assert caught.value.message == Text(
        f"datapackage.yaml：“code”一列的 identifier“{name}”不存在。{zh}",
        f"datapackage.yaml: column code asks for the identifier “{name}”, which there is not. {en}",
    )


def test_an_identifier_is_a_text() -> None:
    with pytest.raises(DescriptorError):
        handed_in(field("code", civicat={"identifier": 1}))


def test_data_on_persons_is_warned_of() -> None:
    columns = asked(
        handed_in(field("code", civicat={"identifier": "uscc"}), field("id", civicat={"identifier": "resident-id"})),
        "datapackage.yaml",
    )
    (warning,) = personal_data(columns, Place("counts.csv", "counts"))
    assert (warning.code, warning.severity, warning.rule) == ("personal-data", Severity.WARNING, "resident-id")
    assert warning.place == Place("counts.csv", "counts", field="id", column=2)
    assert warning.message == Text(
        "“id”一列是居民身份证号码，属于或可能属于个人信息。",
        "Column id holds an identifier of persons, or one that may be: resident identity number.",
    )
    assert warning.remedy.zh.startswith("法律要求公开或本人同意的，才能发布")
    assert warning.remedy.en.startswith("Publish it only where a law asks for it or each person has agreed")


def test_a_finding_names_the_identifier_the_cell_and_the_reason() -> None:
    table = handed_in(field("name"), field("code", "integer", civicat={"identifier": "division-code"}))
    (one,) = asked(table, "datapackage.yaml")
    arrays = [pa.array(["a", "b", "c"]), pa.array([110000, None, 110103])]
    (problem,) = one.problems(Batch(np.array([2, 3, 7]), arrays, ()))
    finding = Explainer(table, "counts.csv", Text("规则", "rules")).finding(problem)
    assert (finding.code, finding.rule, finding.found) == ("identifier-error", "division-code", "110103")
    assert finding.severity is Severity.ERROR
    assert finding.place == Place("counts.csv", "counts", 7, "code", 2)
    assert finding.message == Text(
        "“110103”不是合格的行政区划代码：这是崇文区的代码，2010 年已停用。",
        "“110103” is not a good division code: it named 崇文区, and has been out of use since 2010.",
    )
    assert finding.remedy == Text(
        "请对照原始记录更正这一格；若这一列不是行政区划代码，请从描述文件中删去 identifier: division-code。",
        "Correct the cell from the original record. If the column is no division code, take identifier: "
        "division-code out of the descriptor.",
    )


def test_a_batch_without_a_wrong_cell_has_no_problem() -> None:
    (one,) = asked(handed_in(field("code", civicat={"identifier": "uscc"})), "datapackage.yaml")
    assert one.problems(Batch(np.array([2, 3]), [pa.array(["12100000400000624D", None])], ())) == []

"""A column of codes is judged as each of its values is, good ones and near misses, kind by kind."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import ean, iban, isbn, issn
from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_11_2, mod_97_10

from civicat.validators.identifiers import REGISTRY, wrong
from civicat.validators.identifiers.divisions import divisions
from civicat.validators.identifiers.iban import _structures

DIGITS = "0123456789"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
KINDS = {"n": DIGITS, "a": CAPITALS, "c": DIGITS + CAPITALS}


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=length, max_size=length)


def hyphenated(code: str, cuts: list[int]) -> str:
    for cut in sorted(cuts, reverse=True):
        code = f"{code[:cut]}-{code[cut:]}"
    return code


def short_book(head: str) -> str:
    return head + next(last for last in f"{DIGITS}X" if isbn.is_valid(head + last))


def account(country: str, body: str) -> str:
    return country + iban.calc_check_digits(f"{country}00{body}") + body


def accounts() -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(_structures())).flatmap(accounts_of)


def accounts_of(country: str) -> st.SearchStrategy[str]:
    body = st.tuples(*(st.sampled_from(KINDS[kind]) for kind in _structures()[country][4:]))
    return body.map("".join).map(lambda words: account(country, words))


long_books = st.tuples(st.sampled_from(["978", "979"]), digits(9)).map("".join)
born = st.dates(dt.date(1800, 1, 1), dt.date(2099, 12, 31)).map(lambda day: f"{day:%Y%m%d}")
GOOD: dict[str, st.SearchStrategy[str]] = {
    "uscc": st.tuples(st.sampled_from("123456789ANY"), digits(7), st.text(USCC, min_size=9, max_size=9))
    .map("".join)
    .map(lambda head: head + uscc.calc_check_digit(head)),
    "resident-id": st.tuples(st.sampled_from(sorted(divisions())), born, digits(3))
    .map("".join)
    .map(lambda head: head + ric.calc_check_digit(head + "0")),
    "isbn": st.one_of(
        long_books.map(lambda head: head + ean.calc_check_digit(head)),
        digits(9).map(short_book),
        st.tuples(digits(9), st.integers(2, 5)).map(lambda two: hyphenated(short_book(two[0]), [1, two[1], 9])),
        st.tuples(long_books, st.integers(5, 8)).map(
            lambda two: hyphenated(two[0] + ean.calc_check_digit(two[0]), [3, 4, two[1], 12])
        ),
    ),
    "issn": digits(7).map(lambda head: hyphenated(head + issn.calc_check_digit(head), [4])),
    "orcid": digits(15).map(lambda head: hyphenated(head + mod_11_2.calc_check_digit(head), [4, 8, 12])),
    "lei": st.text(DIGITS + CAPITALS, min_size=18, max_size=18).map(lambda h: h + mod_97_10.calc_check_digits(h)),
    "iban": accounts(),
    "landline-cn": st.tuples(st.sampled_from(["010", "021", "0755", "0311", "0998"]), digits(7), digits(1)).map(
        lambda three: f"{three[0]}-{three[1]}{three[2] * (len(three[0]) == 3)}"
    ),
}
OWN_CHECK = {"BE", "ES", "ME", "NO"}  # countries whose accounts have a check digit of their own


def slipped(case: tuple[str, list[tuple[int, str]], bool]) -> str:
    """A code with some characters replaced, and perhaps the last one gone."""
    code, slips, short = case
    for at, one in slips:
        code = code[: at % len(code)] + one + code[at % len(code) + 1 :]
    return code[:-1] if short else code


def near(good: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    slips = st.lists(st.tuples(st.integers(0, 40), st.sampled_from("01789AIXZabx- １é")), max_size=2)
    return st.tuples(good, slips, st.integers(0, 9).map(lambda one: one == 0)).map(slipped)


@pytest.mark.parametrize("name", GOOD)
def test_a_column_finds_what_its_values_are_one_by_one(name: str) -> None:
    one = REGISTRY[name]

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.one_of(st.none(), GOOD[name], near(GOOD[name])), min_size=1, max_size=30))
    def agree(values: list[str | None]) -> None:
        due = {row: why for row, value in enumerate(values) if value is not None and (why := one.check(value))}
        for column in (pa.array(values, pa.string()), pa.array(["x", *values], pa.string()).slice(1)):
            assert wrong(one, column) == due
            if one.sure is not None:
                assert not set(one.sure(column).nonzero()[0].tolist()) & due.keys()

    agree()


@pytest.mark.parametrize("name", [one for one in GOOD if one not in {"iban", "landline-cn"}])
def test_a_good_column_is_never_judged_one_by_one(name: str) -> None:
    one = REGISTRY[name]
    assert one.sure is not None

    @settings(max_examples=40, deadline=None)
    @given(GOOD[name])
    def is_sure(value: str) -> None:
        assert one.check(value) is None
        assert one.sure is not None
        assert one.sure(pa.array([value])).all()

    is_sure()


@settings(max_examples=150, deadline=None)
@given(accounts())
def test_the_accounts_of_a_country_are_as_swift_has_them(value: str) -> None:
    one = REGISTRY["iban"]
    assert one.sure is not None
    assert (one.check(value) is None) is iban.is_valid(value)
    assert one.sure(pa.array([value])).all() == (value[:2] not in OWN_CHECK)


def test_every_slip_and_swap_in_a_column_is_found() -> None:
    for name, letters in [("isbn", DIGITS), ("issn", DIGITS), ("orcid", DIGITS), ("lei", DIGITS), ("iban", DIGITS)]:
        good = REGISTRY[name].valid[1 if name == "isbn" else 0]
        places = [at for at, one in enumerate(good) if one in letters]
        slips = {good[:at] + one + good[at + 1 :] for at in places for one in letters} - {good}
        assert len(wrong(REGISTRY[name], pa.array(sorted(slips)))) == len(slips)

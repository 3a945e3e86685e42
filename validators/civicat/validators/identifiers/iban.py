"""IBAN, the international bank account number (ISO 13616-1), by SWIFT's registry as python-stdnum has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from civicat.text import Text
from civicat.validators.identifiers.check_digits import remainders_97
from civicat.validators.identifiers.columns_of_text import Bytes, of_widths
from civicat.validators.identifiers.identifier import Identifier, Mask, Sure
from civicat.validators.identifiers.writing import SMALL_LETTERS, SPACE_INSIDE, check_digit, matching

_FORM = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}")
_DUE = Text("DE89370400440532013000", "DE89370400440532013000")
_PART = re.compile(r"(?P<length>[1-9][0-9]*)!(?P<kind>[nac])")
_HEAD = "aann"  # country, check digits; what follows is the country's own
_DIGIT, _CAPITAL = 1, 2
_KINDS = {"n": _DIGIT, "a": _CAPITAL, "c": _DIGIT | _CAPITAL}  # digits, capitals, both
_KIND_OF = np.zeros(256, dtype=np.uint8)  # byte -> which of them it is
_KIND_OF[ord("0") : ord("9") + 1] = _DIGIT
_KIND_OF[ord("A") : ord("Z") + 1] = _CAPITAL
_NATIONAL = Text(
    "账号内部的校验码不符，某一位写错了",
    "a check digit inside its account number does not fit, so a character is wrong",
)


@cache
def _structures() -> Mapping[str, str]:
    """For each country that uses IBAN the kind of each character, as in `aannnnnnnnccc`."""
    from stdnum import numdb  # noqa: PLC0415 (only columns of such numbers pay for it)

    told = {country: str(info["bban"]) for _, country, _, info, _ in numdb.get("iban").prefixes}
    return {
        country: _HEAD + "".join(match["kind"] * int(match["length"]) for match in _PART.finditer(bban))
        for country, bban in told.items()
    }


@cache
def _has_own_check(country: str) -> bool:
    """Whether stdnum knows a check digit inside the account numbers of a country."""
    from stdnum.util import get_cc_module  # noqa: PLC0415 (as above)

    return get_cc_module(country.lower(), "iban") is not None


def _check(text: str) -> Text | None:
    if not _FORM.fullmatch(text) and _FORM.fullmatch(text.upper()):
        return SMALL_LETTERS
    return matching(text, _FORM, _DUE) or _structure(text) or _digits(text) or _national(text)


def _structure(text: str) -> Text | None:
    country = text[:2]
    if (due := _structures().get(country)) is None:
        return Text(f"没有以“{country}”开头的 IBAN", f"no IBAN begins with {country}")
    if len(text) != len(due):
        return Text(
            f"{country} 的 IBAN 应为 {len(due)} 位，这里是 {len(text)} 位",
            f"an IBAN of {country} has {len(due)} characters, and this one {len(text)}",
        )
    place = next((place for place, kind in enumerate(due) if not _KIND_OF[ord(text[place])] & _KINDS[kind]), None)
    return None if place is None else _unlike(text[place], place + 1, country)


def _unlike(one: str, place: int, country: str) -> Text:
    return Text(
        f"{country} 的 IBAN 第 {place} 位不能是“{one}”", f"character {place} of an IBAN of {country} cannot be “{one}”"
    )


def _digits(text: str) -> Text | None:
    from stdnum.iso7064 import mod_97_10  # noqa: PLC0415 (as above)

    if mod_97_10.checksum(text[4:] + text[:4]) == 1:
        return None
    return check_digit(mod_97_10.calc_check_digits(text[4:] + text[:2]), text[2:4])


def _national(text: str) -> Text | None:
    if not _has_own_check(text[:2]):
        return None
    from stdnum import iban  # noqa: PLC0415 (as above)

    return None if iban.is_valid(text) else _NATIONAL


def _sure(values: pa.Array[Any]) -> Mask:
    return _by_length()(values)


@cache
def _by_length() -> Sure:
    """The countries by the length of their numbers, as a judge of a column."""
    lengths = sorted({len(one) for one in _structures().values()})
    return of_widths(dict.fromkeys(lengths, _good))


def _good(codes: Bytes) -> Mask:
    """Those of known countries without a check of their own."""
    countries, allowed = _allowed(codes.shape[1])
    if not len(countries):
        return np.zeros(len(codes), dtype=np.bool_)
    country = codes[:, 0].astype(np.int32) * 256 + codes[:, 1]
    at = np.searchsorted(countries, country).clip(max=len(countries) - 1)
    known = (countries[at] == country) & ((_KIND_OF[codes] & allowed[at]) != 0).all(axis=1)
    return np.asarray(known & (remainders_97(np.roll(codes, -len(_HEAD), axis=1)) == 1), dtype=np.bool_)


@cache
def _allowed(length: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """The countries whose numbers have a length, as their two bytes ascending, and what each character may be."""
    found = sorted(
        (one, kinds) for one, kinds in _structures().items() if len(kinds) == length and not _has_own_check(one)
    )
    countries = np.array([ord(one[0]) * 256 + ord(one[1]) for one, _ in found], dtype=np.int32)
    allowed = np.array([[_KINDS[kind] for kind in kinds] for _, kinds in found], dtype=np.uint8)
    return countries, allowed


IBAN = Identifier(
    name="iban",
    title=Text("国际银行账号（IBAN）", "IBAN"),
    description=Text(
        "大写字母和数字，不写空格（电子格式）。检查国家、该国账号的构成和校验码。不查账户是否存在。中国不用 IBAN。",
        "Capital letters and digits, without spaces (the electronic form). Checked: the country, the structure of "
        "its account numbers, the check digits. Not checked: whether there is such an account. China does not use "
        "IBAN.",
    ),
    standard="ISO 13616-1",
    valid=("DE89370400440532013000", "GB29NWBK60161331926819"),
    invalid=(
        ("DE89370400440532013001", check_digit("62", "89")),
        ("DE89 3704 0044 0532 0130 00", SPACE_INSIDE),
        ("de89370400440532013000", SMALL_LETTERS),
        ("XX46370400440532013000", Text("没有以“XX”开头的 IBAN", "no IBAN begins with XX")),
        (
            "DE8937040044053201300",
            Text("DE 的 IBAN 应为 22 位，这里是 21 位", "an IBAN of DE has 22 characters, and this one 21"),
        ),
        ("GB29NWBK6016133192681A", _unlike("A", 22, "GB")),
        ("ES6421000418450200051333", _NATIONAL),
    ),
    check=_check,
    personal=True,
    telling=True,
    sure=_sure,
)

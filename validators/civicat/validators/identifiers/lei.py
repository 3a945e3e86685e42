"""LEI, the legal entity identifier (ISO 17442-1)."""

from __future__ import annotations

import string

import numpy as np

from civicat.text import Text
from civicat.validators.identifiers.check_digits import remainders_97
from civicat.validators.identifiers.columns_of_text import Bytes, are_capitals_or_digits, are_digits, of_width
from civicat.validators.identifiers.identifier import Identifier, Mask
from civicat.validators.identifiers.standard_numbers import refused
from civicat.validators.identifiers.writing import check_digit, coded

_LENGTH = 20
_ALPHABET = frozenset(string.digits + string.ascii_uppercase)
_CHECKED = slice(_LENGTH - 2, _LENGTH)


def _check(text: str) -> Text | None:
    if why := coded(text, _LENGTH, _ALPHABET):
        return why
    if not text[_CHECKED].isdecimal():
        return Text("最后两位应为数字", "its last two characters must be digits")
    from stdnum import lei  # noqa: PLC0415 (only columns of such numbers pay for it)

    return refused(lei.validate, text, _digits)


def _digits(text: str) -> tuple[str, str]:
    from stdnum.iso7064 import mod_97_10  # noqa: PLC0415 (as above)

    return mod_97_10.calc_check_digits(text[:-2]), text[_CHECKED]


def _good(codes: Bytes) -> Mask:
    written = are_capitals_or_digits(codes) & are_digits(codes[:, _CHECKED])
    return np.asarray(written & (remainders_97(codes) == 1), dtype=np.bool_)


LEI = Identifier(
    name="lei",
    title=Text("全球法人识别编码（LEI）", "LEI"),
    description=Text(
        "20 位大写字母和数字。检查位数和校验码。不查是否已赋给某个法人。",
        "20 capital letters and digits. Checked: the length and the check digits. Not checked: whether it was ever "
        "given to anybody.",
    ),
    standard="ISO 17442-1",
    valid=("506700GE1G29325QX363", "5493001KJTIIGC8Y1R12"),
    invalid=(
        ("506700GE1G29325QX364", check_digit("63", "64")),
        ("506700GE1G29325QX36", Text("应为 20 位，这里是 19 位", "it must have 20 characters, and has 19")),
    ),
    check=_check,
    telling=True,
    sure=of_width(_LENGTH, _good),
)

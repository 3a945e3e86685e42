"""LEI, the legal entity identifier (ISO 17442-1)."""

from __future__ import annotations

import string

from civicat.text import Text
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.standard_numbers import refused
from civicat.validators.identifiers.writing import CHECK_DIGIT, coded

_LENGTH = 20
_ALPHABET = frozenset(string.digits + string.ascii_uppercase)


def _check(text: str) -> Text | None:
    if why := coded(text, _LENGTH, _ALPHABET):
        return why
    from stdnum import lei  # noqa: PLC0415 (only columns of such numbers pay for it)

    return refused(lei.validate, text)


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
        ("506700GE1G29325QX364", CHECK_DIGIT),
        ("506700GE1G29325QX36", Text("应为 20 位，这里是 19 位", "it must have 20 characters, and has 19")),
    ),
    check=_check,
    telling=True,
)

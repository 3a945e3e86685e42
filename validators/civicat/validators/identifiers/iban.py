"""IBAN, the international bank account number (ISO 13616-1)."""

from __future__ import annotations

import re

from civicat.text import Text
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.standard_numbers import PART, refused
from civicat.validators.identifiers.writing import CHECK_DIGIT, SMALL_LETTERS, SPACE_INSIDE, matching

_FORM = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{1,30}", re.ASCII)
_DUE = Text("DE89370400440532013000", "DE89370400440532013000")


def _check(text: str) -> Text | None:
    if not _FORM.fullmatch(text) and _FORM.fullmatch(text.upper()):
        return SMALL_LETTERS
    if why := matching(text, _FORM, _DUE):
        return why
    from stdnum import iban  # noqa: PLC0415 (only columns of such numbers pay for it)

    return refused(iban.validate, text)


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
        ("DE89370400440532013001", CHECK_DIGIT),
        ("DE89 3704 0044 0532 0130 00", SPACE_INSIDE),
        ("de89370400440532013000", SMALL_LETTERS),
        ("XX46370400440532013000", PART),
    ),
    check=_check,
    personal=True,
    telling=True,
)

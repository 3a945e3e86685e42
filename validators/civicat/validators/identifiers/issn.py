"""ISSN, the number of a periodical (ISO 3297)."""

from __future__ import annotations

import re

from civicat.text import Text
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.standard_numbers import refused
from civicat.validators.identifiers.writing import CHECK_DIGIT, like, matching

_FORM = re.compile(r"\d{4}-\d{3}[\dX]", re.ASCII)
_DUE = Text("0028-0836", "0028-0836")


def _check(text: str) -> Text | None:
    if why := matching(text, _FORM, _DUE):
        return why
    from stdnum import issn  # noqa: PLC0415 (only columns of such numbers pay for it)

    return refused(issn.validate, text)


ISSN = Identifier(
    name="issn",
    title=Text("国际标准连续出版物号（ISSN）", "ISSN"),
    description=Text(
        "四位、连字符、四位，最后一位可为大写 X。检查写法和校验码。不查是否真有这种刊物。",
        "Four characters, a hyphen, four characters; the last may be a capital X. Checked: the form and the check "
        "digit. Not checked: whether there is such a periodical.",
    ),
    standard="ISO 3297",
    valid=("0028-0836", "1476-4687"),
    invalid=(
        ("0028-0837", CHECK_DIGIT),
        ("00280836", like(_DUE)),
    ),
    check=_check,
    telling=True,
)

"""ISSN, the number of a periodical (ISO 3297)."""

from __future__ import annotations

import re

import numpy as np

from civicat.text import Text
from civicat.validators.identifiers.check_digits import are_weighed
from civicat.validators.identifiers.columns_of_text import Bytes, of_width
from civicat.validators.identifiers.identifier import Identifier, Mask
from civicat.validators.identifiers.standard_numbers import refused
from civicat.validators.identifiers.writing import check_digit, like, matching

_FORM = re.compile(r"\d{4}-\d{3}[\dX]", re.ASCII)
_DUE = Text("0028-0836", "0028-0836")
_WIDTH, _HYPHEN = 9, 4
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 1)  # ISO 3297: the weighted sum is a multiple of 11


def _check(text: str) -> Text | None:
    if why := matching(text, _FORM, _DUE):
        return why
    from stdnum import issn  # noqa: PLC0415 (only columns of such numbers pay for it)

    return refused(issn.validate, text, lambda text: (issn.calc_check_digit(text[:-1].replace("-", "")), text[-1]))


def _good(codes: Bytes) -> Mask:
    hyphen = codes[:, _HYPHEN] == ord("-")
    return np.asarray(hyphen & are_weighed(np.delete(codes, _HYPHEN, axis=1), _WEIGHTS, 11), dtype=np.bool_)


ISSN = Identifier(
    name="issn",
    title=Text("国际标准连续出版物号（ISSN）", "ISSN"),
    description=Text(
        "四位、连字符、四位，最后一位可为大写 X。检查写法和校验码。不查是否真有这种刊物。",
        "Four characters, a hyphen, four characters; the last may be a capital X. Checked: the form and the check "
        "digit. Not checked: whether there is such a periodical.",
    ),
    standard="ISO 3297",
    valid=("0028-0836", "1476-4687", "2434-561X"),
    invalid=(
        ("0028-0837", check_digit("6", "7")),
        ("00280836", like(_DUE)),
    ),
    check=_check,
    telling=True,
    sure=of_width(_WIDTH, _good),
)

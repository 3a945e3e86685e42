"""ORCID iD, the number that a researcher takes for himself or herself (a part of ISO 27729, ISNI)."""

from __future__ import annotations

import re

import numpy as np

from civicat.text import Text
from civicat.validators.identifiers.check_digits import are_weighed
from civicat.validators.identifiers.columns_of_text import Bytes, of_width
from civicat.validators.identifiers.identifier import Identifier, Mask
from civicat.validators.identifiers.standard_numbers import refused
from civicat.validators.identifiers.writing import check_digit, like, matching

_FORM = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", re.ASCII)
_DUE = Text("0000-0002-1825-0097", "0000-0002-1825-0097")
_WIDTH, _HYPHENS = 19, [4, 9, 14]
_WEIGHTS = [pow(2, 15 - place, 11) for place in range(16)]  # ISO 7064 MOD 11-2: the weighted sum leaves 1


def _check(text: str) -> Text | None:
    if why := matching(text, _FORM, _DUE):
        return why
    from stdnum import isni  # noqa: PLC0415 (only columns of such numbers pay for it)

    return refused(isni.validate, text, _digits)


def _digits(text: str) -> tuple[str, str]:
    from stdnum.iso7064 import mod_11_2  # noqa: PLC0415 (as above)

    return mod_11_2.calc_check_digit(text[:-1].replace("-", "")), text[-1]


def _good(codes: Bytes) -> Mask:
    hyphens = (codes[:, _HYPHENS] == ord("-")).all(axis=1)
    good = are_weighed(np.delete(codes, _HYPHENS, axis=1), _WEIGHTS, 11, due=1)
    return np.asarray(hyphens & good, dtype=np.bool_)


ORCID = Identifier(
    name="orcid",
    title=Text("研究者标识（ORCID iD）", "ORCID iD"),
    description=Text(
        "四组四位，以连字符相连，前面不写网址。检查写法和校验码。不查是否有人登记。示例是 ORCID 公布的虚构人物。",
        "Four groups of four characters with hyphens, without the address in front. Checked: the form and the "
        "check digit. Not checked: whether anybody registered it. The example is the fictitious person that ORCID "
        "publishes.",
    ),
    standard="ISO 27729; ORCID",
    valid=("0000-0002-1825-0097",),
    invalid=(
        ("0000-0002-1825-0098", check_digit("7", "8")),
        ("https://orcid.org/0000-0002-1825-0097", like(_DUE)),
        ("0000000218250097", like(_DUE)),
    ),
    check=_check,
    personal=True,
    telling=True,
    sure=of_width(_WIDTH, _good),
)

"""ORCID iD, the number that a researcher takes for himself or herself (a part of ISO 27729, ISNI)."""

from __future__ import annotations

import re

from civicat.text import Text
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.standard_numbers import refused
from civicat.validators.identifiers.writing import CHECK_DIGIT, like, matching

_FORM = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", re.ASCII)
_DUE = Text("0000-0002-1825-0097", "0000-0002-1825-0097")


def _check(text: str) -> Text | None:
    if why := matching(text, _FORM, _DUE):
        return why
    from stdnum import isni  # noqa: PLC0415 (only columns of such numbers pay for it)

    return refused(isni.validate, text)


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
        ("0000-0002-1825-0098", CHECK_DIGIT),
        ("https://orcid.org/0000-0002-1825-0097", like(_DUE)),
        ("0000000218250097", like(_DUE)),
    ),
    check=_check,
    personal=True,
    telling=True,
)

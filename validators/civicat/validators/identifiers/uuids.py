"""UUID, the universally unique identifier (RFC 9562)."""

from __future__ import annotations

import re

from civicat.text import Text
from civicat.validators.identifiers.columns_of_text import of_form
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.writing import like, matching

_PATTERN = r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
_FORM = re.compile(_PATTERN)
_DUE = Text("123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000")


def _check(text: str) -> Text | None:
    return matching(text, _FORM, _DUE)


UUID = Identifier(
    name="uuid",
    title=Text("通用唯一识别码（UUID）", "UUID"),
    description=Text(
        "32 位十六进制数字，分 8、4、4、4、12 位五组，以连字符相连。检查写法。不查版本位。",
        "32 hexadecimal digits in groups of 8, 4, 4, 4 and 12 with hyphens. Checked: the form. Not checked: the "
        "version in it.",
    ),
    standard="RFC 9562",
    valid=("123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000000"),
    invalid=(
        ("123e4567e89b12d3a456426614174000", like(_DUE)),
        ("{123e4567-e89b-12d3-a456-426614174000}", like(_DUE)),
        ("123e4567-e89b-12d3-a456-42661417400g", like(_DUE)),
    ),
    check=_check,
    telling=True,
    sure=of_form(_PATTERN),
)

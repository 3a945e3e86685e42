"""固定电话, landlines of mainland China with their area code, by the numbering plan that phonenumbers keeps."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from civicat.text import Text
from civicat.validators.identifiers.columns_of_text import of_form, texts
from civicat.validators.identifiers.identifier import Identifier, Mask
from civicat.validators.identifiers.telephones import landline_pattern, rewritten
from civicat.validators.identifiers.writing import like, matching

# Area codes of three digits (010, 02x) have subscriber numbers of eight; the others four digits and seven or eight.
_PATTERN = "0(?:10|2[0-9]|[3-9][0-9]{2})-[0-9]{7,8}"
_FORM = re.compile(_PATTERN)
_written = of_form(_PATTERN)
_DUE = Text("010-12345678：区号、连字符、号码", "010-12345678: area code, hyphen, number")
_UNASSIGNED = Text("没有这样的区号或号码", "there is no such area code, or no such number in it")


def check_landline(text: str) -> Text | None:
    """Why a text is not a landline of mainland China, written as area code, hyphen and number."""
    if why := matching(text, _FORM, _DUE):
        return why
    return None if re.fullmatch(landline_pattern(), text[1:].replace("-", "")) else _UNASSIGNED


def sure_landline(values: pa.Array[Any]) -> Mask:
    """Which rows are landlines."""
    column = texts(values)
    written = _written(column)
    bare = pc.replace_substring(column.filter(pa.array(written)), "-", "")
    written[written] = of_form(f"0(?:{landline_pattern()})")(bare)
    return written


LANDLINE_CN = Identifier(
    name="landline-cn",
    title=Text("固定电话（中国内地）", "landline of mainland China"),
    description=Text(
        "区号、一个连字符、号码，不带 +86、括号和分机号。检查区号和号码的位数（以 phonenumbers 为准）。不收 400、"
        "95 开头的服务号码。示例均为虚构。",
        "Area code, one hyphen, number; without +86, brackets and extension. Checked: the area code and the length "
        "of the number, as phonenumbers has them. Service numbers (400, 95…) are not taken. The examples are made up.",
    ),
    standard="phonenumbers (libphonenumber), CN",
    valid=("010-12345678", "0755-20000000"),
    invalid=(
        ("01012345678", like(_DUE)),
        ("(010)12345678", like(_DUE)),
        ("0101-1234567", like(_DUE)),
        ("010-1234567", _UNASSIGNED),
    ),
    check=check_landline,
    sure=sure_landline,
    rewrite=rewritten,
)

"""手机号码, mobile telephone numbers of mainland China, by the numbering plan that phonenumbers keeps."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa

from civicat.text import Text
from civicat.validators.identifiers.columns_of_text import of_form
from civicat.validators.identifiers.identifier import Identifier, Mask
from civicat.validators.identifiers.telephones import mobile_pattern, rewritten
from civicat.validators.identifiers.writing import DIGITS, SPACE_INSIDE, coded

_LENGTH = 11
_PREFIXED = re.compile(r"(?:\+|00)?86[ -]?(?=1\d)", re.ASCII)
_BARE = Text("请只写 11 位数字，不带国家代码 86", "write its 11 digits alone, without the country’s 86")
_UNASSIGNED = Text("没有这样的手机号段", "no mobile number begins like this")


def check_mobile(text: str) -> Text | None:
    """Why a text is not a mobile number of mainland China, written as its 11 digits."""
    if _PREFIXED.match(text):
        return _BARE
    if why := coded(text, _LENGTH, DIGITS):
        return why
    return None if re.fullmatch(mobile_pattern(), text) else _UNASSIGNED


def sure_mobile(values: pa.Array[Any]) -> Mask:
    """Which rows are mobile numbers."""
    return of_form(mobile_pattern())(values)


MOBILE_CN = Identifier(
    name="mobile-cn",
    title=Text("手机号码（中国内地）", "mobile number of mainland China"),
    description=Text(
        "11 位数字，不带 +86、空格和连字符。检查位数和已分配的号段（以 phonenumbers 为准）。不查是否有人在用。"
        "示例均为虚构。",
        "11 digits, without +86, spaces or hyphens. Checked: the length and the ranges that are assigned, as "
        "phonenumbers has them. Not checked: whether anybody has the number. The examples are made up.",
    ),
    standard="phonenumbers (libphonenumber), CN",
    valid=("13800000000", "13123456789"),
    invalid=(
        ("12000000000", _UNASSIGNED),
        ("1380000000", Text("应为 11 位，这里是 10 位", "it must have 11 characters, and has 10")),
        ("+8613800000000", _BARE),
        ("138 0000 0000", SPACE_INSIDE),
    ),
    check=check_mobile,
    personal=True,
    telling=True,
    sure=sure_mobile,
    rewrite=rewritten,
)

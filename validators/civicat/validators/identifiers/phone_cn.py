"""联系电话, a mobile number or a landline of mainland China: what columns of telephone numbers mostly hold."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from civicat.text import Text
from civicat.validators.identifiers.identifier import Identifier, Mask
from civicat.validators.identifiers.landline_cn import check_landline, sure_landline
from civicat.validators.identifiers.mobile_cn import check_mobile, sure_mobile
from civicat.validators.identifiers.telephones import rewritten


def _check(text: str) -> Text | None:
    return check_landline(text) if text.startswith("0") else check_mobile(text)


def _sure(values: pa.Array[Any]) -> Mask:
    return sure_mobile(values) | sure_landline(values)


PHONE_CN = Identifier(
    name="phone-cn",
    title=Text("电话号码（中国内地）", "telephone number of mainland China"),
    description=Text(
        "手机号码（11 位数字）或固定电话（区号、连字符、号码）；规则同 mobile-cn 和 landline-cn。示例均为虚构。",
        "A mobile number (11 digits) or a landline (area code, hyphen, number), by the rules of mobile-cn and "
        "landline-cn. The examples are made up.",
    ),
    standard="phonenumbers (libphonenumber), CN",
    valid=("13800000000", "010-12345678"),
    invalid=(
        ("12000000000", Text("没有这样的手机号段", "no mobile number begins like this")),
        ("010-1234567", Text("没有这样的区号或号码", "there is no such area code, or no such number in it")),
    ),
    check=_check,
    personal=True,
    sure=_sure,
    rewrite=rewritten,
)

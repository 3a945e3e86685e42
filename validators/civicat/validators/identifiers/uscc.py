"""统一社会信用代码, the unified social credit code of legal persons and other organisations (GB 32100-2015)."""

from __future__ import annotations

from operator import mul

import numpy as np

from civicat.text import Text
from civicat.validators.identifiers.columns_of_text import Bytes, of_width
from civicat.validators.identifiers.identifier import Identifier, Mask
from civicat.validators.identifiers.writing import CHECK_DIGIT, SMALL_LETTERS, SPACE_AROUND, coded

_LENGTH = 18
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z
_CHARACTERS = frozenset(_ALPHABET)
_AUTHORITIES = "123456789ANY"  # 登记管理部门: the first character; A is the armed forces, N agriculture, Y all others
_REGION = slice(2, 8)
_MODULUS = len(_ALPHABET)
_VALUE_OF = {one: value for value, one in enumerate(_ALPHABET)}
_WEIGHTS = (*(pow(3, place, _MODULUS) for place in range(_LENGTH - 1)), 1)  # the weighted sum is a multiple of 31
_VALUES = np.full(256, 255, dtype=np.uint8)  # byte -> its value; 255 for what the alphabet does not have
_VALUES[np.frombuffer(_ALPHABET.encode(), np.uint8)] = np.arange(_MODULUS)
_AUTHORITY = np.zeros(256, dtype=np.bool_)
_AUTHORITY[np.frombuffer(_AUTHORITIES.encode(), np.uint8)] = True


def _check(text: str) -> Text | None:
    if why := coded(text, _LENGTH, _CHARACTERS):
        return why
    if text[0] not in _AUTHORITIES:
        return Text(f"第 1 位“{text[0]}”不是登记管理部门的代码", f"no registration authority has the code “{text[0]}”")
    if not text[_REGION].isdigit():
        return Text(
            "第 3 至 8 位应为登记机关的行政区划，全是数字",
            "characters 3 to 8, the place of registration, must be digits",
        )
    total = sum(map(mul, map(_VALUE_OF.__getitem__, text), _WEIGHTS))
    return CHECK_DIGIT if total % _MODULUS else None


def _good(codes: Bytes) -> Mask:
    values = _VALUES[codes]
    due = (values < _MODULUS).all(axis=1) & (values[:, _REGION] < 10).all(axis=1)  # noqa: PLR2004 (ten digits)
    total = values.astype(np.float32) @ np.array(_WEIGHTS, dtype=np.float32)  # small whole numbers: exact in float32
    return np.asarray(due & _AUTHORITY[codes[:, 0]] & (total % _MODULUS == 0), dtype=np.bool_)


USCC = Identifier(
    name="uscc",
    title=Text("统一社会信用代码", "unified social credit code"),
    description=Text(
        "法人和其他组织的 18 位代码。检查字符、登记管理部门、行政区划各位是否为数字，以及校验码。"
        "不查该代码是否已经赋给某个单位，也不查第 3 至 8 位是否为现行区划（登记机关可用开发区代码）。",
        "18 characters that name a legal person or another organisation of China. Checked: the alphabet, the "
        "registration authority, digits where the place stands, and the check digit. Not checked: whether it was "
        "ever given to anybody, and whether the place is a division in force (authorities use codes of development "
        "zones too).",
    ),
    standard="GB 32100-2015",
    valid=("12100000400000624D", "914403001922038216", "9144030071526726XG"),
    invalid=(
        ("12100000400000624E", CHECK_DIGIT),
        ("12100000400000642D", CHECK_DIGIT),
        ("12100000400000624d", SMALL_LETTERS),
        ("1210000040000624D", Text("应为 18 位，这里是 17 位", "it must have 18 characters, and has 17")),
        ("1210000O400000624D", Text("第 8 位不能是“O”", "character 8 cannot be “O”")),
        (" 12100000400000624D", SPACE_AROUND),
    ),
    check=_check,
    telling=True,
    sure=of_width(_LENGTH, _good),
)

"""统一社会信用代码, the unified social credit code of legal persons and other organisations (GB 32100-2015)."""

from __future__ import annotations

from operator import mul

import numpy as np

from civicat.text import Text
from civicat.validators.identifiers.columns_of_text import Bytes, of_width
from civicat.validators.identifiers.identifier import Identifier, Mask
from civicat.validators.identifiers.writing import SMALL_LETTERS, SPACE_AROUND, check_digit, coded

_LENGTH = 18
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z
_CHARACTERS = frozenset(_ALPHABET)
# 登记管理部门, the first character, by GB 32100-2015 with its amendments: 1 机构编制, 2 外交, 3 司法行政, 4 文化,
# 5 民政, 6 旅游, 7 宗教, 8 工会, 9 工商, A 中央军委, N 农业, Y 其他. The second character, the kind of organisation, is
# not judged: the amendments add to its list.
_AUTHORITIES = "123456789ANY"
_REGION = slice(2, 8)
# GB 32100 takes these nine from GB 11714, whose last one is a check digit. It only serves to say where a slip is: the
# code's own check digit finds every single slip and every swap of two neighbours, and it could not be established that
# each of the many offices that give codes keeps to GB 11714 (all of some 70 published codes of 1, 5 and 9 do).
_ORGANISATION = slice(8, 17)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
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
    due = _due(text)
    return None if due == text[-1] else _wrong_digit(due, text)


def _due(text: str) -> str:
    """The last character, from the others."""
    total = sum(map(mul, map(_VALUE_OF.__getitem__, text[:-1]), _WEIGHTS))
    return _ALPHABET[-total % _MODULUS]


def _wrong_digit(due: str, text: str) -> Text:
    why = check_digit(due, text[-1])
    if _holds_organisation(text[_ORGANISATION]):
        return why
    return Text(
        f"{why.zh}。第 9 至 17 位（组织机构代码）自己的校验码也不符，请先查这一段",
        f"{why.en}. The organisation code in it (characters 9 to 17) fails its own check too, so look there first",
    )


def _holds_organisation(code: str) -> bool:
    """Whether the nine characters of an organisation code have the check digit of GB 11714."""
    total = sum(weight * int(one, 36) for one, weight in zip(code, _ORGANISATION_WEIGHTS, strict=False))
    return "0123456789X"[-total % 11] == code[-1]


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
        "不查该代码是否已经赋给某个单位、机构类别（第 2 位，标准的修改单会增加），也不查第 3 至 8 位是否为现行区划"
        "（登记机关可用开发区代码）。第 9 至 17 位组织机构代码（GB 11714）自己的校验码只用来提示错在哪一段。"
        "后两个示例为虚构。",
        "18 characters that name a legal person or another organisation of China. Checked: the alphabet, the "
        "registration authority, digits where the place stands, and the check digit. Not checked: whether it was "
        "ever given to anybody, the kind of organisation (character 2: amendments of the standard add to it), and "
        "whether the place is a division in force (authorities use codes of development zones too). The check "
        "digit of the organisation code inside (characters 9 to 17, GB 11714) only serves to say where a slip is. "
        "The second and third example are made up.",
    ),
    standard="GB 32100-2015",
    valid=("12100000400000624D", "911101011234567889", "92110101MA0000007P"),
    invalid=(
        ("12100000400000624E", check_digit("D", "E")),
        ("12100000400000642D", _wrong_digit(_due("12100000400000642D"), "12100000400000642D")),
        ("12100000400000624d", SMALL_LETTERS),
        ("1210000040000624D", Text("应为 18 位，这里是 17 位", "it must have 18 characters, and has 17")),
        ("1210000O400000624D", Text("第 8 位不能是“O”", "character 8 cannot be “O”")),
        (" 12100000400000624D", SPACE_AROUND),
    ),
    check=_check,
    telling=True,
    sure=of_width(_LENGTH, _good),
)

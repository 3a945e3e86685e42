"""邮政编码, the postcodes of China: six digits, of which the first two say the province."""

from __future__ import annotations

from civicat.text import Text
from civicat.validators.identifiers.columns_of_text import of_form
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.writing import DIGITS, coded

_LENGTH = 6
_SPECIAL = ("999077", "999078")  # Hong Kong and Macao, which have no postcodes of their own
# The first two digits of China Post's areas, as public lists have them: 01-02 Inner Mongolia, 03-04 Shanxi, 05-07
# Hebei, 10 Beijing, 11-12 Liaoning, 13 Jilin, 15-16 Heilongjiang, 20 Shanghai ... 81 Qinghai, 83-84 Xinjiang,
# 85-86 Tibet. 00 was kept for Taiwan and is not used; 14 and 82 were never given to a province.
_RANGES = (
    *((1, 7), (10, 13), (15, 16), (20, 27), (30, 36), (40, 47), (51, 57), (61, 67), (71, 75)),
    *((81, 81), (83, 86)),
)
_PROVINCES = frozenset(f"{number:02}" for first, last in _RANGES for number in range(first, last + 1))
_ZERO_LOST = Text(
    "只有 5 位，开头的 0 可能被表格软件删去了，请把这一列存成文本",
    "it has five digits; a spreadsheet may have dropped the 0 in front; keep the column as text",
)


def _check(text: str) -> Text | None:
    if len(text) == _LENGTH - 1 and text.isdecimal() and f"0{text[0]}" in _PROVINCES:
        return _ZERO_LOST
    if why := coded(text, _LENGTH, DIGITS):
        return why
    if text[:2] in _PROVINCES or text in _SPECIAL:
        return None
    return Text(f"没有以 {text[:2]} 开头的邮政编码", f"no postcode begins with {text[:2]}")


POSTCODE_CN = Identifier(
    name="postcode-cn",
    title=Text("邮政编码（中国）", "postcode of China"),
    description=Text(
        "6 位数字，前两位是省份。检查位数和前两位；999077（香港）和 999078（澳门）也收。不查是否真有这个投递局。",
        "Six digits, of which the first two say the province. Checked: the length and those two; 999077 (Hong "
        "Kong) and 999078 (Macao) are good. Not checked: whether there is such a delivery office.",
    ),
    standard="中国邮政 China Post",
    valid=("100826", "010010", "999077"),
    invalid=(
        ("10010", _ZERO_LOST),
        ("990000", Text("没有以 99 开头的邮政编码", "no postcode begins with 99")),
        ("1008260", Text("应为 6 位，这里是 7 位", "it must have 6 characters, and has 7")),
    ),
    check=_check,
    sure=of_form(rf"(?:{'|'.join(sorted(_PROVINCES))})[0-9]{{4}}"),
)

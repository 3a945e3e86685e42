"""ISBN, the number of a book (ISO 2108): of 13 digits, and of 10 for books before 2007."""

from __future__ import annotations

import re

import numpy as np

from civicat.text import Text
from civicat.validators.identifiers.columns_of_text import Bytes, are_digits, numbers, of_width
from civicat.validators.identifiers.identifier import Identifier, Mask
from civicat.validators.identifiers.standard_numbers import refused
from civicat.validators.identifiers.writing import CHECK_DIGIT, ROUNDED, SPACE_INSIDE, like, matching

# With hyphens there are five parts, or four before 2007; where they stand depends on a list of publishers that grows.
_FORM = re.compile(
    r"\d{9}[\dX]|97[89]\d{10}|(?=.{13}\Z)\d{1,5}-\d{1,7}-\d{1,7}-[\dX]|(?=.{17}\Z)97[89]-\d{1,5}-\d{1,7}-\d{1,7}-\d",
    re.ASCII,
)
_DUE = Text("978-7-02-000220-7 或 9787020002207", "978-7-02-000220-7 or 9787020002207")


def _check(text: str) -> Text | None:
    if why := matching(text, _FORM, _DUE):
        return why
    from stdnum import isbn  # noqa: PLC0415 (only columns of such numbers pay for it)

    return refused(isbn.validate, text)


def _good(codes: Bytes) -> Mask:
    """Those of 13 digits without hyphens: the digits weigh 1 and 3 in turn, and their sum is a multiple of ten."""
    total = (codes - np.uint8(ord("0"))).astype(np.float32) @ np.array([1, 3] * 6 + [1], dtype=np.float32)
    book = np.isin(numbers(codes, 0, 3), (978, 979))
    return np.asarray(are_digits(codes) & book & (total.astype(np.int32) % 10 == 0), dtype=np.bool_)


ISBN = Identifier(
    name="isbn",
    title=Text("国际标准书号（ISBN）", "ISBN"),
    description=Text(
        "13 位或 2007 年以前的 10 位，连字符可有可无，前面不写“ISBN”。检查位数和校验码。不查是否真有这本书，"
        "也不查连字符的位置。",
        "13 digits, or 10 for books before 2007, with or without hyphens, and no “ISBN” in front. Checked: length "
        "and check digit. Not checked: whether there is such a book, and where the hyphens stand.",
    ),
    standard="ISO 2108",
    valid=("978-7-02-000220-7", "9787020002207", "0-306-40615-2"),
    invalid=(
        ("978-7-02-000220-8", CHECK_DIGIT),
        ("ISBN978-7-02-000220-7", like(_DUE)),
        ("978 7 02 000220 7", SPACE_INSIDE),
        ("977-7-02-000220-7", like(_DUE)),
        (
            "9.787E+12",
            ROUNDED,
        ),
    ),
    check=_check,
    telling=True,
    sure=of_width(13, _good),
)

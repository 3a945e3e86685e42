"""ISBN, the number of a book (ISO 2108): of 13 digits, and of 10 for books before 2007."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from civicat.text import Text
from civicat.validators.identifiers.check_digits import are_weighed
from civicat.validators.identifiers.columns_of_text import Bytes, numbers, of_form, of_widths, texts
from civicat.validators.identifiers.identifier import Identifier, Mask
from civicat.validators.identifiers.standard_numbers import refused
from civicat.validators.identifiers.writing import ROUNDED, SPACE_INSIDE, check_digit, like, matching

# With hyphens there are five parts, or four before 2007; where they stand depends on a list of publishers that grows.
_PARTS = r"[0-9]{1,5}-[0-9]{1,7}-[0-9]{1,7}"
_FORM = re.compile(
    rf"[0-9]{{9}}[0-9X]|97[89][0-9]{{10}}|(?=.{{13}}\Z){_PARTS}-[0-9X]|(?=.{{17}}\Z)97[89]-{_PARTS}-[0-9]"
)
_HYPHENATED = of_form(rf"(?:97[89]-)?{_PARTS}-[0-9X]")
_DUE = Text("978-7-02-000220-7 或 9787020002207", "978-7-02-000220-7 or 9787020002207")
_SHORT, _LONG = 10, 13
_BOOKS = (978, 979)
_WEIGHTS_SHORT = tuple(range(_SHORT, 0, -1))  # ISO 2108: the weighted sum is a multiple of 11
_WEIGHTS_LONG = (*[1, 3] * 6, 1)  # and here of 10
_HYPHENS = {_SHORT: 3, _LONG: 4}  # how many each of them has, where it has any


def _check(text: str) -> Text | None:
    if why := matching(text, _FORM, _DUE):
        return why
    from stdnum import isbn  # noqa: PLC0415 (only columns of such numbers pay for it)

    return refused(isbn.validate, text, _digits)


def _digits(text: str) -> tuple[str, str]:
    from stdnum import ean  # noqa: PLC0415 (as above)

    bare = text[:-1].replace("-", "")
    if len(bare) == _LONG - 1:
        return ean.calc_check_digit(bare), text[-1]
    rest = -sum(weight * int(one) for weight, one in zip(_WEIGHTS_SHORT, bare, strict=False)) % 11
    return "0123456789X"[rest], text[-1]


def _good_short(codes: Bytes) -> Mask:
    return are_weighed(codes, _WEIGHTS_SHORT, 11)


def _good_long(codes: Bytes) -> Mask:
    return np.asarray(are_weighed(codes, _WEIGHTS_LONG, 10) & np.isin(numbers(codes, 0, 3), _BOOKS), dtype=np.bool_)


_proven = of_widths({_SHORT: _good_short, _LONG: _good_long})


def _sure(values: pa.Array[Any]) -> Mask:
    column = texts(values)
    good = _proven(column)
    rest = np.flatnonzero(~good)
    if len(rest):
        good[rest] = _hyphenated(column.take(pa.array(rest)))
    return good


def _hyphenated(column: pa.Array[Any]) -> Mask:
    """Those with hyphens, the right number of them for the digits that are left without."""
    bare = pc.replace_substring(column, "-", "")
    digits = pc.fill_null(pc.binary_length(bare), 0).to_numpy(zero_copy_only=False)
    hyphens = pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False) - digits
    due = np.select([digits == width for width in _HYPHENS], list(_HYPHENS.values()), default=-1)
    return np.asarray(_HYPHENATED(column) & (hyphens == due) & _proven(bare), dtype=np.bool_)


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
        ("978-7-02-000220-8", check_digit("7", "8")),
        ("0-306-40615-X", check_digit("2", "X")),
        ("ISBN978-7-02-000220-7", like(_DUE)),
        ("978 7 02 000220 7", SPACE_INSIDE),
        ("977-7-02-000220-7", like(_DUE)),
        ("9.787E+12", ROUNDED),
    ),
    check=_check,
    telling=True,
    sure=_sure,
)

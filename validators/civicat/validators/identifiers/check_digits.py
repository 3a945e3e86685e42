"""Check digits of a whole column at once, over the bytes of codes that are all of one width.

The single value is judged by python-stdnum; these say the same of many, and a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from civicat.validators.identifiers.columns_of_text import Bytes
from civicat.validators.identifiers.identifier import Mask

_TEN = 10  # what an X stands for, as a check digit alone
_NO_DIGIT = 255
_DIGITS = np.full(256, _NO_DIGIT, dtype=np.uint8)  # byte -> its value
_DIGITS[np.frombuffer(b"0123456789X", np.uint8)] = np.arange(11)
# ISO 7064 MOD 97-10 reads a letter as two digits, A as 10 and Z as 35.
_ALPHANUMERIC = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES = np.zeros(256, dtype=np.int32)
_VALUES[np.frombuffer(_ALPHANUMERIC, np.uint8)] = np.arange(len(_ALPHANUMERIC))
_SHIFTS = np.where(_VALUES < _TEN, 10, 100).astype(np.int32)


def are_weighed(codes: Bytes, weights: Sequence[int], modulus: int, due: int = 0) -> Mask:
    """Which codes are digits, with an X for ten in the last place alone, whose weighted sum leaves `due`."""
    values = _DIGITS[codes]
    written = (values[:, :-1] < _TEN).all(axis=1) & (values[:, -1] <= min(_TEN, modulus - 1))
    total = values.astype(np.float32) @ np.array(weights, dtype=np.float32)  # small whole numbers: exact in float32
    return np.asarray(written & (total % modulus == due), dtype=np.bool_)


def remainders_97(codes: Bytes) -> npt.NDArray[np.int32]:
    """What codes of digits and capitals leave when divided by 97, letters read as two digits; 1 where they are good."""
    rest = np.zeros(len(codes), dtype=np.int32)
    for place in range(codes.shape[1]):
        one = codes[:, place]
        rest = (rest * _SHIFTS[one] + _VALUES[one]) % 97
    return rest

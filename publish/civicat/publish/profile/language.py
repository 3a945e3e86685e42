"""In which script a column is written: shares of the letters in a sample of its texts.

It is a matter of letters, not of words: "en" means Latin letters without accents, "zh" means Han characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from civicat.publish.profile.rounding import rounded

_HAN: Final = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x323B0))
_LATIN: Final = ((0x41, 0x5B), (0x61, 0x7B))
# Where a language of neither has its letters: Latin with accents to Korean, but no signs, marks or full-width forms.
_OTHERS: Final = ((0xC0, 0xD7), (0xD8, 0xF7), (0xF8, 0x2000), (0x2C00, 0x2E00), (0x3041, 0x3100), (0xA000, 0xD7B0))

_MOSTLY = 0.8  # a name in Chinese may hold a word in Latin letters
_PLAINLY = 0.98  # French has about 4 letters of 100 with accents, German 2
_PART = 0.1


def language(texts: Sequence[str]) -> dict[str, object] | None:
    """The shares of Han (zh), plain Latin (en) and other letters, and `main`: zh, en, mixed or other.

    None where there is no letter.
    """
    points = np.frombuffer("".join(texts).encode("utf-32-le", "replace"), np.uint32)
    han, latin, others = (sum(_within(points, *one) for one in many) for many in (_HAN, _LATIN, _OTHERS))
    letters = han + latin + others
    if not letters:
        return None
    shares = {"zh": han / letters, "en": latin / letters, "other": others / letters}
    return {"main": _main(shares), **{name: rounded(share, 4) for name, share in shares.items()}, "sampled": len(texts)}


def _within(points: np.ndarray[tuple[int], np.dtype[np.uint32]], low: int, high: int) -> int:
    return int(np.count_nonzero((points >= low) & (points < high)))


def _main(shares: dict[str, float]) -> str:
    if shares["zh"] >= _MOSTLY:
        return "zh"
    if shares["en"] >= _PLAINLY:
        return "en"
    return "mixed" if min(shares["zh"], shares["en"]) >= _PART else "other"
